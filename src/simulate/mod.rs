//! How likely a plan holds: it is replayed many times with overruns, slow roads, absences and withdrawals.
//!
//! A Monte Carlo estimate (Law 2015, "Simulation Modeling and Analysis", chapters 1 and 9), with the rules of one replay in
//! `replay`. What it says is only as good as the rates, which are the bureau's own guesses. Chances and times are whole
//! numbers, and run r draws from a part of the stream that is its own: the same key, rates and plan give the same counts on
//! any number of threads and on any machine. Every run draws the same numbers whatever the rates are (common random numbers,
//! ibid., section 11.2), so that two rates can be compared.

mod plot;
mod replay;
#[cfg(test)]
mod tests;

use std::thread;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use plot::plot;
use replay::{Ground, Late};

use crate::draw::stream::Key;
use crate::routing::Seconds;
use crate::routing::problem::Problem;
use crate::routing::schedule::Schedule;
use crate::text::{Lang, Say, both};

/// Working days after a deadline that are looked at.
pub const BUFFER: usize = 5;
/// Runs where none are asked for.
pub const DEFAULT_RUNS: u32 = 1000;
/// Most runs.
pub const MAX_RUNS: u32 = 1_000_000;
/// A chance of one, in millionths.
pub const CERTAIN: u32 = 1_000_000;

/// What can go wrong and how often. Shares and chances in millionths, at most [`CERTAIN`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rates {
    /// Chance that a visit takes longer than planned.
    pub overrun: u32,
    /// How much longer at most; every second from 1 to this is equally likely.
    pub overrun_by: Seconds,
    /// A drive takes longer or shorter by up to this share of its time, every share between being equally likely.
    pub travel: u32,
    /// Chance that a team cannot go out on a day.
    pub absence: u32,
    /// Chance that an enterprise withdraws or cannot be checked before its visit.
    pub withdrawal: u32,
}

impl Rates {
    /// Nothing ever goes wrong.
    pub const NONE: Self = Self { overrun: 0, overrun_by: 0, travel: 0, absence: 0, withdrawal: 0 };
}

impl Default for Rates {
    /// Guesses for a bureau that has none of its own: a visit in five takes up to half an hour longer, drives differ by up
    /// to a fifth, a team in fifty stays at home, an enterprise in thirty-three withdraws.
    fn default() -> Self {
        Self { overrun: 200_000, overrun_by: 1800, travel: 200_000, absence: 20_000, withdrawal: 30_000 }
    }
}

/// What came of the runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Runs.
    pub runs: u32,
    /// What was assumed.
    pub rates: Rates,
    /// One for each deadline, ascending.
    pub deadlines: Vec<DeadlineLine>,
    /// Runs in which all visits were made by their deadlines; then with 1 to [`BUFFER`] working days more.
    pub on_time: Vec<u32>,
    /// Runs by the number of visits that were not made even with [`BUFFER`] days more, ascending.
    pub undone: Vec<Tally>,
}

/// What came of the visits of one deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadlineLine {
    /// Last day, inclusive.
    pub deadline: NaiveDate,
    /// Visits due by it, those without a place in the plan included.
    pub visits: usize,
    /// Runs in which all of them were made by it; then with 1 to [`BUFFER`] working days more, be it that the deadline is
    /// later or that the plan starts earlier.
    pub on_time: Vec<u32>,
    /// Runs by the number of visits not made by the deadline, ascending.
    pub missed: Vec<Tally>,
}

/// So many runs in which something came so often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How often.
    pub count: usize,
    /// Runs.
    pub runs: u32,
}

/// Counts that can be added in any order.
#[derive(Debug, Clone)]
struct Counts {
    /// By deadline, then all together: runs by working days late of the last visit.
    worst: Vec<[u32; BUFFER + 1]>,
    /// By deadline, then all together: runs by the number of visits missed, or undone.
    missed: Vec<Vec<u32>>,
}

impl Counts {
    fn none(ground: &Ground<'_>) -> Self {
        let sizes = ground.due.iter().map(|(_, visits)| visits.len());
        let all = ground.due.iter().map(|(_, visits)| visits.len()).sum();
        let missed: Vec<Vec<u32>> = sizes.chain([all]).map(|visits| vec![0; visits + 1]).collect();
        Self { worst: vec![[0; BUFFER + 1]; missed.len()], missed }
    }

    fn add(&mut self, ground: &Ground<'_>, late: &[Late]) {
        let together = ground.due.len();
        let (mut worst_of_all, mut undone) = (Some(0), 0);
        for (at, (_, visits)) in ground.due.iter().enumerate() {
            let worst =
                visits.iter().map(|v| late[*v]).try_fold(0, |worst, days| days.map(|days| worst.max(days)));
            if let Some(days) = worst {
                self.worst[at][days] += 1;
            }
            worst_of_all = worst_of_all.zip(worst).map(|(a, b)| a.max(b));
            self.missed[at][visits.iter().filter(|v| late[**v] != Some(0)).count()] += 1;
            undone += visits.iter().filter(|v| late[**v].is_none()).count();
        }
        if let Some(days) = worst_of_all {
            self.worst[together][days] += 1;
        }
        self.missed[together][undone] += 1;
    }

    fn join(&mut self, other: &Self) {
        let counts = |counts: &mut [u32], more: &[u32]| counts.iter_mut().zip(more).for_each(|(a, b)| *a += b);
        self.worst.iter_mut().zip(&other.worst).for_each(|(a, b)| counts(a, b));
        self.missed.iter_mut().zip(&other.missed).for_each(|(a, b)| counts(a, b));
    }

    fn on_time(&self, at: usize) -> Vec<u32> {
        (0..=BUFFER).map(|days| self.worst[at][..=days].iter().sum()).collect()
    }

    fn tally(&self, at: usize) -> Vec<Tally> {
        let tallies = self.missed[at].iter().enumerate().map(|(count, runs)| Tally { count, runs: *runs });
        tallies.filter(|tally| tally.runs > 0).collect()
    }
}

/// Replays `schedule`, which is feasible for `problem`, in 1 to [`MAX_RUNS`] runs on so many threads. Visits that are `over`
/// by their id drop out.
#[must_use]
pub fn simulate(
    problem: &Problem,
    schedule: &Schedule,
    over: &dyn Fn(&str) -> bool,
    rates: Rates,
    key: Key,
    runs: u32,
    threads: usize,
) -> Outcome {
    let ground = Ground::new(problem, schedule, over, rates);
    let runs = runs.clamp(1, MAX_RUNS);
    let threads = threads.clamp(1, runs as usize) as u32;
    let share = |thread: u32| {
        let mut counts = Counts::none(&ground);
        for run in (thread..runs).step_by(threads as usize) {
            counts.add(&ground, &ground.replay(key, run));
        }
        counts
    };
    let mut counts = Counts::none(&ground);
    thread::scope(|scope| {
        let share = &share;
        let others: Vec<_> = (1..threads).map(|thread| scope.spawn(move || share(thread))).collect();
        counts.join(&share(0));
        for other in others {
            match other.join() {
                Ok(more) => counts.join(&more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    let deadlines = ground.due.iter().enumerate().map(|(at, (deadline, visits))| DeadlineLine {
        deadline: *deadline,
        visits: visits.len(),
        on_time: counts.on_time(at),
        missed: counts.tally(at),
    });
    let deadlines: Vec<DeadlineLine> = deadlines.collect();
    let together = deadlines.len();
    Outcome { runs, rates, deadlines, on_time: counts.on_time(together), undone: counts.tally(together) }
}

/// So many runs of all, per cent with one decimal; 100 % and 0 % only where it is all or none.
#[must_use]
pub fn percent(part: u32, all: u32) -> String {
    let (part, all) = (u64::from(part), u64::from(all.max(1)));
    let tenths = match (part * 1000 + all / 2) / all {
        1000 if part < all => 999,
        0 if part > 0 => 1,
        tenths => tenths,
    };
    format!("{}.{}%", tenths / 10, tenths % 10)
}

impl Say for Outcome {
    fn say(&self, lang: Lang) -> String {
        let runs = self.runs;
        if self.on_time[0] == runs {
            return both!(
                lang,
                "按设定参数模拟{runs}次，均能按期完成",
                "all visits were made in time in each of {runs} runs under the given rates"
            );
        }
        let mut lines = Vec::new();
        for line in &self.deadlines {
            let DeadlineLine { deadline, visits, on_time, .. } = line;
            let chance = percent(on_time[0], runs);
            let with: Vec<String> = (1..)
                .zip(&on_time[1..])
                .map(|(days, count)| {
                    let chance = percent(*count, runs);
                    both!(lang, "{days}日{chance}", "{days}: {chance}")
                })
                .collect();
            let with = with.join(lang.pick("、", ", "));
            lines.push(both!(
                lang,
                "{deadline}截止的{visits}家全部按期完成的概率为{chance}；如多留工作日：{with}",
                "all {visits} visits due by {deadline} are made in time with a probability of {chance}; with more working days, {with}"
            ));
        }
        let chance = percent(self.on_time[0], runs);
        lines.push(both!(
            lang,
            "全部截止日均不延误的概率为{chance}（按设定的比率模拟{runs}次；比率是估计，结果仅供安排余量参考）",
            "every deadline holds with a probability of {chance} ({runs} runs under the given rates, which are guesses: a guide to slack, no promise)"
        ));
        lines.join("\n")
    }
}
