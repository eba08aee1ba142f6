//! One replay of a plan.
//!
//! - Days pass one after another. A team leaves its base when the shift starts and takes its visits in order.
//! - Some mornings a team is absent: none of its visits of the day is made.
//! - An enterprise that has withdrawn is passed by on its day. A reserve takes its place in the sample, like it in place,
//!   length, hours and deadline, and is due like a visit that did not fit.
//! - Before each drive the team looks whether the visit can be expected to end in time, and the team to be back by the end of
//!   the shift, as planned times have it; else it goes on to the next. What it finds closed on arrival is not made either.
//!   A visit once begun is finished, however long it takes; afterwards the team goes on from there and then.
//! - In the evening what was not made is put at the end of the earliest later team-day that may and can take it by planned
//!   times: those due first come first, teams in the order of the problem, days up to the deadline, then up to
//!   [`BUFFER`] working days beyond it. Nobody knows yet who will be absent. Where no team-day can take it, it stays undone.
//! - Beyond a visit's deadline its days off are not known, and none are assumed; beyond the last day of the problem a team
//!   that ever works does.
//!
//! Visits that the plan left out are never made.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rand::Rng;

use super::{BUFFER, CERTAIN, Rates};
use crate::draw::stream::{Key, SIMULATION};
use crate::routing::Seconds;
use crate::routing::check::{earliest, in_time};
use crate::routing::problem::Problem;
use crate::routing::schedule::Schedule;

/// Working days by which a visit is late; `None`: not made.
pub(super) type Late = Option<usize>;

/// Tries of a visit that have a luck of their own; later ones have the last one's.
const TRIES: usize = 4;

/// What all replays of a plan share.
pub(super) struct Ground<'a> {
    problem: &'a Problem,
    rates: Rates,
    /// Visits by deadline, ascending.
    pub(super) due: Vec<(NaiveDate, Vec<usize>)>,
    /// For each visit the day of its deadline, from 0; −1 where that is before the first.
    last_day: Vec<i64>,
    /// Visits by day and team, the days after the last included.
    planned: Vec<Vec<usize>>,
    days: usize,
}

/// What one run draws: 32 bits each, whatever the rates are.
struct Luck {
    /// By day and team.
    absent: Vec<u32>,
    /// By visit.
    withdrawn: Vec<u32>,
    /// By visit and try.
    tries: Vec<[Try; TRIES]>,
}

#[derive(Debug, Clone, Copy)]
struct Try {
    drive: u32,
    overruns: u32,
    by: u32,
}

/// A run as it goes.
struct Run<'a> {
    ground: &'a Ground<'a>,
    luck: Luck,
    lists: Vec<Vec<usize>>,
    tried: Vec<usize>,
    late: Vec<Late>,
}

/// Whether something of a chance in millionths happens.
fn happens(luck: u32, chance: u32) -> bool {
    (u64::from(luck) * u64::from(CERTAIN)) >> 32 < u64::from(chance)
}

impl<'a> Ground<'a> {
    pub(super) fn new(
        problem: &'a Problem,
        schedule: &Schedule,
        over: &dyn Fn(&str) -> bool,
        rates: Rates,
    ) -> Self {
        let days = problem.days.len() + BUFFER;
        let teams = problem.teams.len();
        let visit: BTreeMap<&str, usize> = problem.visits.iter().map(|v| v.id.as_str()).zip(0..).collect();
        let team: BTreeMap<&str, usize> = problem.teams.iter().map(|t| t.id.as_str()).zip(0..).collect();
        let mut planned = vec![Vec::new(); days * teams];
        for route in &schedule.routes {
            let day = problem.days.binary_search(&route.day);
            if let (Ok(day), Some(team)) = (day, team.get(route.team.as_str())) {
                planned[day * teams + team] = route
                    .visits
                    .iter()
                    .filter(|line| !over(&line.id))
                    .filter_map(|line| visit.get(line.id.as_str()).copied())
                    .collect();
            }
        }
        let mut due: BTreeMap<NaiveDate, Vec<usize>> = BTreeMap::new();
        let mut last_day = Vec::new();
        for (at, visit) in problem.visits.iter().enumerate() {
            if let Some(deadline) = visit.deadline.or(problem.days.last().copied()) {
                if !over(&visit.id) {
                    due.entry(deadline).or_default().push(at);
                }
                last_day.push(problem.days.partition_point(|day| *day <= deadline) as i64 - 1);
            }
        }
        Self { problem, rates, due: due.into_iter().collect(), last_day, planned, days }
    }

    /// By how many working days each visit is late in a run.
    pub(super) fn replay(&self, key: Key, run: u32) -> Vec<Late> {
        let visits = self.problem.visits.len();
        let mut run = Run {
            ground: self,
            luck: self.luck(key, run),
            lists: self.planned.clone(),
            tried: vec![0; visits],
            late: vec![None; visits],
        };
        for day in 0..self.days {
            run.day(day);
        }
        run.late
    }

    fn luck(&self, key: Key, run: u32) -> Luck {
        let mut generator = key.part(SIMULATION, run);
        let mut draw = || generator.next_u32();
        let absent = (0..self.planned.len()).map(|_| draw()).collect();
        let withdrawn = (0..self.problem.visits.len()).map(|_| draw()).collect();
        let mut one = || Try { drive: draw(), overruns: draw(), by: draw() };
        let tries = (0..self.problem.visits.len()).map(|_| std::array::from_fn(|_| one())).collect();
        Luck { absent, withdrawn, tries }
    }

    /// How long a drive takes: its time, more or less by up to a share.
    fn drive(&self, planned: Seconds, luck: u32) -> Seconds {
        let swing =
            i128::from(planned) * i128::from(self.rates.travel) * (2 * i128::from(luck) - i128::from(u32::MAX));
        planned + (swing / (i128::from(CERTAIN) * i128::from(u32::MAX))) as Seconds
    }

    /// How long a visit takes beyond its time.
    fn overrun(&self, luck: Try) -> Seconds {
        if self.rates.overrun_by == 0 || !happens(luck.overruns, self.rates.overrun) {
            return 0;
        }
        1 + ((i128::from(self.rates.overrun_by) * i128::from(luck.by)) >> 32) as Seconds
    }

    /// Whether a team may make a visit that did not take place when it should.
    fn may_take(&self, visit: usize, team: usize, day: usize) -> bool {
        let (v, t) = (&self.problem.visits[visit], &self.problem.teams[team]);
        let works = t.works.get(day).copied().unwrap_or_else(|| t.works.contains(&true));
        let open = day as i64 > self.last_day[visit] || v.open.get(day).copied().unwrap_or(true);
        works && open && self.problem.suits(visit, team)
    }
}

impl Run<'_> {
    fn day(&mut self, day: usize) {
        let teams = self.ground.problem.teams.len();
        let mut pending = Vec::new();
        for team in 0..teams {
            let list = std::mem::take(&mut self.lists[day * teams + team]);
            if happens(self.luck.absent[day * teams + team], self.ground.rates.absence) {
                pending.extend(list);
            } else {
                self.tour(team, day, &list, &mut pending);
            }
        }
        pending.sort_unstable_by_key(|visit| (self.ground.last_day[*visit], *visit));
        for visit in pending {
            self.put_off(visit, day + 1);
        }
    }

    /// A team's day.
    fn tour(&mut self, team: usize, day: usize, list: &[usize], pending: &mut Vec<usize>) {
        let ground = self.ground;
        let problem = ground.problem;
        let base = problem.teams[team].base;
        let (mut node, mut clock) = (base, problem.shift.start);
        for visit in list.iter().copied() {
            let first = self.tried[visit] == 0;
            let luck = self.luck.tries[visit][self.tried[visit].min(TRIES - 1)];
            self.tried[visit] += 1;
            if first && happens(self.luck.withdrawn[visit], ground.rates.withdrawal) {
                pending.push(visit);
                continue;
            }
            let (here, service) = (problem.node(visit), problem.visits[visit].service);
            let leg = problem.travel(node, here);
            let in_time = earliest(problem, visit, clock + leg)
                .is_some_and(|start| start + service + problem.travel(here, base) <= problem.shift.end);
            if !in_time {
                pending.push(visit);
                continue;
            }
            clock += ground.drive(leg, luck.drive);
            node = here;
            match earliest(problem, visit, clock) {
                Some(start) => {
                    clock = start + service + ground.overrun(luck);
                    self.late[visit] = Some((day as i64 - ground.last_day[visit]).max(0) as usize);
                }
                None => pending.push(visit),
            }
        }
    }

    /// Puts a visit at the end of the earliest team-day that can take it.
    fn put_off(&mut self, visit: usize, from: usize) {
        let ground = self.ground;
        let teams = ground.problem.teams.len();
        let to = (ground.last_day[visit] + BUFFER as i64 + 1).clamp(0, ground.days as i64) as usize;
        for (day, team) in (from..to).flat_map(|day| (0..teams).map(move |team| (day, team))) {
            if !ground.may_take(visit, team, day) {
                continue;
            }
            let list = &mut self.lists[day * teams + team];
            list.push(visit);
            if in_time(ground.problem, team, list) {
                return;
            }
            list.pop();
        }
    }
}
