//! What the solver learns from days on which no crew could go.
//!
//! Routes are planned for interchangeable teams, so routes of one base and day can each be possible and together find no
//! crews: too many of its inspectors are away, recused, or of a visited county. Then a visit is kept off that day or away
//! from some of the base's teams (`learn`), the problem is solved again, and so on; what that leaves is moved visit by
//! visit (`relocate`). Each such restriction is recorded with the routes that made it necessary, so that anyone can check
//! that they had no crews.

mod learn;
mod lineup;
mod relocate;
mod words;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Drawn, PlanError, Prepared, crews, problem_json, solve};
use crate::crews::{Crews, Shortage};
use crate::routing::problem::{Problem, ProblemFile};
use crate::routing::schedule::Schedule;
use crate::routing::solve::{Settings as SolveSettings, Watch};
use crate::travel::Matrix;
use learn::learn;
pub use words::shortage_lines;

/// File of a dossier; only where there are any.
pub const FILE: &str = "restrictions.json";
/// Name of the format.
const FORMAT: &str = "hecha-restrictions/1";
/// Short searches without a proof while restrictions are gathered, and whole ones.
const MOST_SKETCHES: usize = 200;
const MOST_ROUNDS: usize = 6;
/// How often visits are moved one by one and all is solved again.
const MOST_MOVES: usize = 3;

/// One visit kept off a day, or away from teams on all days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restriction {
    /// The visit's credit code.
    pub visit: String,
    /// The base whose inspectors did not suffice.
    pub base: String,
    /// The day on which they did not.
    pub day: NaiveDate,
    /// The teams of the base that the visit is kept away from on all days; none: it is kept off that day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<String>,
    /// The routes that together found no crews, as credit codes.
    pub routes: Vec<Vec<String>>,
}

/// `restrictions.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RestrictionsFile {
    format: String,
    restrictions: Vec<Restriction>,
}

/// Reads `restrictions.json`.
///
/// # Errors
/// The parser's words.
pub fn from_json(bytes: &[u8]) -> Result<Vec<Restriction>, String> {
    let file: RestrictionsFile = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    if file.format == FORMAT { Ok(file.restrictions) } else { Err("format".to_owned()) }
}

/// `restrictions.json`.
///
/// # Panics
/// Never: string keys only.
#[must_use]
pub fn to_json(restrictions: &[Restriction]) -> String {
    let file = RestrictionsFile { format: FORMAT.to_owned(), restrictions: restrictions.to_vec() };
    serde_json::to_string_pretty(&file).expect("string keys") + "\n"
}

/// Puts restrictions into a compiled problem.
pub(super) fn apply(file: &mut ProblemFile, restrictions: &[Restriction]) {
    for visit in &mut file.visits {
        for restriction in restrictions.iter().filter(|r| r.visit == visit.id) {
            if restriction.teams.is_empty() && !visit.days_off.contains(&restriction.day) {
                visit.days_off.push(restriction.day);
            }
            for team in &restriction.teams {
                if file.teams.iter().any(|t| t.id == *team) && !visit.avoid.contains(team) {
                    visit.avoid.push(team.clone());
                }
            }
        }
        visit.days_off.sort_unstable();
    }
}

/// A schedule with its crews.
#[derive(Debug, Clone)]
pub struct Manned {
    /// `problem.json`.
    pub problem_json: Vec<u8>,
    /// The same, read.
    pub problem: Problem,
    /// The schedule.
    pub schedule: Schedule,
    /// Its crews.
    pub crews: Crews,
    /// Routes for which nothing helped.
    pub shortages: Vec<Shortage>,
}

impl Manned {
    /// Visits that nobody makes: those left out, and those of routes without a crew.
    fn unvisited(&self) -> usize {
        let routes = self.schedule.routes.iter().zip(&self.crews.routes);
        let unmanned = routes.filter(|(_, crew)| crew.inspectors.is_empty());
        self.schedule.unscheduled.len() + unmanned.map(|(route, _)| route.visits.len()).sum::<usize>()
    }
}

/// Solves the plan's problem so that every route finds a crew, and records in `prepared` what had to be restricted. Where
/// restrictions only leave out more visits than would have had no crew, it is as if they had not been tried.
///
/// # Errors
/// [`PlanError`] where the problem cannot be compiled.
pub fn man(
    drawn: &Drawn,
    prepared: &mut Prepared,
    travel: &Matrix,
    settings: &SolveSettings,
    watch: &dyn Watch,
) -> Result<Manned, PlanError> {
    let (mut best, mut made) = (round(drawn, prepared, travel, settings, watch)?, prepared.restrictions.clone());
    if prepared.standing.is_some() && !best.shortages.is_empty() {
        // A revision is to move few visits, and soon.
        let mended = relocate::relocate(drawn, prepared, travel, settings, watch, best)?;
        if mended.shortages.is_empty() {
            return Ok(mended);
        }
        (best, made) = (mended, prepared.restrictions.clone());
    }
    let mut again = !best.shortages.is_empty() && learn(prepared, &best);
    for rounds in 2..=MOST_ROUNDS {
        if !again {
            break;
        }
        let sketch = SolveSettings { effort: 0, prove: false, ..settings.clone() };
        for _ in 0..MOST_SKETCHES {
            let manned = round(drawn, prepared, travel, &sketch, watch)?;
            if manned.shortages.is_empty() || !learn(prepared, &manned) {
                break;
            }
        }
        let manned = round(drawn, prepared, travel, settings, watch)?;
        let before = prepared.restrictions.clone();
        again = rounds < MOST_ROUNDS && !manned.shortages.is_empty() && learn(prepared, &manned);
        if manned.unvisited() <= best.unvisited() {
            (best, made) = (manned, before);
        }
    }
    let worth = |manned: &Manned| (manned.unvisited(), manned.schedule.cost.total);
    prepared.restrictions.clone_from(&made);
    let mut open = best.clone();
    for _ in 0..MOST_MOVES {
        if open.shortages.is_empty() {
            break;
        }
        let moved = relocate::relocate(drawn, prepared, travel, settings, watch, open)?;
        // What moving visit by visit costs, a search that knows all of it may save.
        let again = round(drawn, prepared, travel, settings, watch)?;
        open = again.clone();
        for manned in [moved, again] {
            if worth(&manned) < worth(&best) {
                (best, made) = (manned, prepared.restrictions.clone());
            }
        }
    }
    prepared.restrictions = made;
    Ok(best)
}

fn round(
    drawn: &Drawn,
    prepared: &Prepared,
    travel: &Matrix,
    settings: &SolveSettings,
    watch: &dyn Watch,
) -> Result<Manned, PlanError> {
    let problem_json = problem_json(drawn, prepared, travel)?;
    let problem = Problem::from_json(&problem_json)?;
    let schedule = solve(&problem, settings, watch);
    let (crews, shortages) = crews(drawn, prepared, &problem, &schedule);
    Ok(Manned { problem_json, problem, schedule, crews, shortages })
}
