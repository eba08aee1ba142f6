//! `hecha solve`: routes alone.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use super::args::SolveArgs;
use super::console::{self, Console};
use super::plan::threads;
use super::watch::Clock;
use super::{Answer, Refusal};
use crate::dossier::folder::{self, FolderError};
use crate::inputs::read_file;
use crate::plan;
use crate::routing::problem::{Problem, ProblemError};
use crate::routing::schedule::{self, Bound, CostLine, Schedule};
use crate::routing::solve::{DEFAULT_EFFORT, MAX_EFFORT, Settings};
use crate::text::{Lang, Say, both};

/// A file of a problem or schedule that cannot be used.
pub(super) struct InFile(String, ProblemError);

impl InFile {
    /// Reads a file and understands it.
    pub(super) fn read<T>(
        path: &Path,
        parse: impl FnOnce(&[u8]) -> Result<T, ProblemError>,
    ) -> Result<T, Refusal> {
        let bytes = read_file(path).map_err(|e| Box::new(e) as Refusal)?;
        parse(&bytes).map_err(|e| Box::new(Self(path.display().to_string(), e)) as Refusal)
    }
}

impl Say for InFile {
    fn say(&self, lang: Lang) -> String {
        let (file, why) = (&self.0, self.1.say(lang));
        both!(lang, "{file}：{why}", "{file}: {why}")
    }
}

/// A time limit that is no number of seconds.
struct BadLimit(f64);

impl Say for BadLimit {
    fn say(&self, lang: Lang) -> String {
        let limit = self.0;
        both!(
            lang,
            "--time-limit {limit} 应为不小于0的秒数",
            "--time-limit {limit}: expected a number of seconds, 0 or more"
        )
    }
}

/// What came of it, for machines.
#[derive(Serialize)]
struct Solved<'a> {
    bound: Option<&'a Bound>,
    cost: CostLine,
    out: &'a Path,
}

/// Says how many visits no schedule can hold, where the bound shows that there are any.
pub(super) fn say_must_stay_out(problem: &Problem, schedule: &Schedule, console: Console) {
    let must = schedule.bound.as_ref().map_or(0, |bound| problem.must_stay_out(bound.value));
    if must > 0 {
        console.line(&both!(
            console.lang,
            "已证明：至少有{must}家无论如何排不进",
            "it is proven that at least {must} visits must stay out of any schedule"
        ));
    }
}

pub(super) fn run(args: &SolveArgs, console: Console) -> Result<Answer, Refusal> {
    let limit = match args.time_limit {
        Some(seconds) => {
            Some(Duration::try_from_secs_f64(seconds).map_err(|_| Box::new(BadLimit(seconds)) as Refusal)?)
        }
        None => None,
    };
    if let Some(out) = &args.out
        && fs::canonicalize(out).is_ok_and(|out| fs::canonicalize(&args.problem).is_ok_and(|p| p == out))
    {
        return Err(Box::new(FolderError::HoldsInputs(out.clone(), args.problem.clone())));
    }
    if let Some(out) = &args.out {
        folder::check_file(out, &format!("{{\n  \"format\": \"{}\"", schedule::FORMAT))
            .map_err(|e| Box::new(e) as Refusal)?;
    }
    // The clock starts before reading: the limit is for all of it.
    let clock = Clock::start(limit, console.bar(console.lang.pick("排程", "schedule")), console.lang);
    let problem = InFile::read(&args.problem, Problem::from_json)?;
    // Whoever gives a time wants it used.
    let effort = args.effort.unwrap_or(if limit.is_some() { MAX_EFFORT } else { DEFAULT_EFFORT });
    let settings = Settings { seed: args.seed.clone(), effort, threads: threads(args.threads), prove: effort > 0 };
    let schedule = plan::solve(&problem, &settings, &clock);
    clock.finish();
    plan::referee(&problem, &schedule).map_err(|e| Box::new(e) as Refusal)?;
    let text = schedule.to_json();
    match &args.out {
        Some(path) => {
            folder::write_file(path, text.as_bytes()).map_err(|e| Box::new(e) as Refusal)?;
            let cost = schedule.cost;
            let (total, days, left) = (cost.total, cost.team_days, cost.unscheduled);
            let minutes = (cost.travel + 59) / 60;
            console.line(&both!(
                console.lang,
                "成本 {total}：{days}个组日，行车{minutes}分钟，未安排{left}家",
                "cost {total}: {days} team-days, {minutes} min of travel, {left} left out"
            ));
            say_must_stay_out(&problem, &schedule, console);
            console.result(&Solved { bound: schedule.bound.as_ref(), cost, out: path });
        }
        None => {
            console::put(text.as_bytes());
        }
    }
    Ok(if schedule.unscheduled.is_empty() { Answer::Yes } else { Answer::No })
}
