//! Why the plan does not fit, and what would make it fit: `diagnosis.json`, `hecha-diagnosis/1`.
//!
//! What can be derived from problem and schedule alone stands apart from what a search found. For each visit left out,
//! [`binding`] says which conditions keep it out. [`seek`] looks for the smallest cure, which is more team-days, or an
//! earlier start, or where neither does alone, both: it applies one to the problem, schedules again, and counts a cure only
//! if everything fits. The schedule found is part of the document, so that the referee can show that the cure works. That less is not enough is
//! only what a search did not find, and is never said otherwise.

pub mod binding;
pub mod cure;
mod seek;
mod words;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{PlanError, Planned};
use crate::routing::problem::Problem;
use crate::routing::schedule::{Reason, Schedule};
use crate::text::Lang;
use binding::Binds;
pub use seek::seek;

/// Name of the format.
pub const FORMAT: &str = "hecha-diagnosis/1";
/// Name of the file in the dossier.
pub const FILE: &str = "diagnosis.json";

/// Why a plan does not fit, and what would make it fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diagnosis {
    /// [`FORMAT`].
    pub format: String,
    /// SHA-256 of the problem file's bytes.
    pub problem_sha256: String,
    /// The first day of the plan.
    pub first_day: NaiveDate,
    /// In the order of the schedule.
    pub left_out: Vec<LeftOut>,
    /// What would make everything fit that any of these cures can make fit.
    pub cures: Cures,
    /// How the cures were looked for.
    pub search: Search,
}

/// One visit that stands in no route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Visit id.
    pub id: String,
    /// Name of the enterprise.
    pub name: String,
    /// As in the schedule.
    pub reason: Reason,
    /// Last possible day.
    pub last_day: Option<NaiveDate>,
    /// The team-days on which it could be made if it were the only visit.
    pub team_days: TeamDayCount,
    /// The conditions that keep it out.
    pub binds: Binds,
    /// The kinds of cure that can help at all; empty: impossible by itself.
    pub curable_by: Vec<Kind>,
}

/// Team-days that would do for a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamDayCount {
    /// All of them.
    pub admissible: usize,
    /// Those on which the team has a route already.
    pub used: usize,
}

/// A kind of cure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// More team-days.
    TeamDays,
    /// An earlier first day.
    Earlier,
}

/// The cures that were found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cures {
    /// More team-days; null where none was found.
    pub team_days: Option<TeamDays>,
    /// An earlier first day; null where none was found.
    pub earlier: Option<Earlier>,
    /// Both together; looked for only where neither makes everything fit that both can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub both: Option<Both>,
}

/// More team-days, each an extra team on one day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamDays {
    /// How many.
    pub n: usize,
    /// Inspectors of a team.
    pub crew: usize,
    /// Each of them, in the order of the extra teams.
    pub days: Vec<ExtraDay>,
    /// Whether one less would do.
    pub one_less: OneLess,
    /// A schedule with them.
    pub schedule: Schedule,
}

/// One extra team on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtraDay {
    /// Where it starts and ends.
    pub base: String,
    /// The day in the schedule.
    pub day: NaiveDate,
    /// The last working day on which its visits could be made instead.
    pub by: NaiveDate,
    /// Whether an expert must be among them.
    pub expert: bool,
    /// How many visits it makes.
    pub visits: usize,
}

/// An earlier first day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Earlier {
    /// By how many working days.
    pub workdays: usize,
    /// The first day.
    pub first_day: NaiveDate,
    /// Whether one less would do.
    pub one_less: OneLess,
    /// A schedule with it.
    pub schedule: Schedule,
}

/// An earlier first day and more team-days together: the fewest working days earlier, then the fewest team-days, with the
/// fewest extra teams a base and day that suffice at all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Both {
    /// By how many working days.
    pub workdays: usize,
    /// The first day.
    pub first_day: NaiveDate,
    /// How many team-days more.
    pub n: usize,
    /// Inspectors of a team.
    pub crew: usize,
    /// Each of them, in the order of the extra teams.
    pub days: Vec<ExtraDay>,
    /// Whether one working day less would do, with as many extra teams everywhere.
    pub one_workday_less: OneLess,
    /// Whether one team-day less would do.
    pub one_team_day_less: OneLess,
    /// A schedule with both.
    pub schedule: Schedule,
}

/// Whether a cure smaller by one would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OneLess {
    /// No schedule was found with it, at this effort. That is no proof that there is none.
    NotFound {
        /// On the scale of `--effort`.
        effort: u32,
        /// In how many ways it was tried: without the one team-day, without the other.
        ways: usize,
    },
    /// It was not tried: a person stopped the search.
    NotTried,
}

/// How the cures were looked for. Work is counted, so that the result depends neither on the clock nor on threads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// Effort of the first, coarse looks, on the scale of `--effort`.
    pub effort: u32,
    /// How often the problem was scheduled again.
    pub schedules: usize,
    /// The most extra teams a base and day that were tried.
    pub most_extra_teams: usize,
    /// The most working days by which the start was tried earlier.
    pub most_workdays_earlier: usize,
    /// The most extra teams a base and day that were tried together with an earlier start; absent where that was not tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_extra_teams_with_earlier: Option<usize>,
    /// The earliest first day that the notice allows.
    pub application_opens: NaiveDate,
    /// Whether a person or the limit of work ended it before it was done.
    pub cut_short: bool,
}

impl Diagnosis {
    /// Pretty-printed JSON with a final line break.
    ///
    /// # Panics
    /// Never: the document has string keys only.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("string keys") + "\n"
    }

    /// The lines that tell a clerk what to do.
    #[must_use]
    pub fn lines(&self, lang: Lang) -> Vec<String> {
        words::lines(self, lang)
    }

    /// Whether a visit that no single cure helps has its date in a schedule with both.
    #[must_use]
    pub fn helped_by_both(&self, line: &LeftOut) -> bool {
        let left = |cure: &Both| cure.schedule.unscheduled.iter().any(|out| out.id == line.id);
        self.cures.both.as_ref().is_some_and(|cure| !left(cure))
    }

    /// The visits that a cure of this kind cannot help, in the order of the schedule.
    pub fn beyond(&self, kind: Kind) -> impl Iterator<Item = &LeftOut> {
        self.left_out.iter().filter(move |line| !line.curable_by.contains(&kind))
    }
}

/// What can be said of each visit left out, from problem and schedule alone.
///
/// # Errors
/// [`PlanError`] if the problem cannot be read or compiled again.
pub fn left_out(planned: &Planned<'_>) -> Result<Vec<LeftOut>, PlanError> {
    let problem = Problem::from_json(planned.problem_json)?;
    let most_teams = cure::with_a_team_everywhere(planned, planned.problem_json)?;
    let earliest = match cure::earlier_starts(planned).first() {
        Some(day) => Some(cure::starting(planned, *day)?),
        None => None,
    };
    let names = |id: &str| {
        let visit = planned.prepared.visits.iter().find(|visit| visit.code.as_str() == id);
        visit.map_or(String::new(), |visit| visit.name.clone())
    };
    let mut bench = binding::Bench::new(&problem, planned.schedule);
    let lines = planned.schedule.unscheduled.iter().filter_map(|line| {
        let visit = problem.visits.iter().position(|v| v.id == line.id)?;
        let mut curable_by = Vec::new();
        if binding::possible_alone(&most_teams, visit) {
            curable_by.push(Kind::TeamDays);
        }
        if earliest.as_ref().is_some_and(|problem| binding::possible_alone(problem, visit)) {
            curable_by.push(Kind::Earlier);
        }
        Some(LeftOut {
            id: line.id.clone(),
            name: names(&line.id),
            reason: line.reason,
            last_day: problem.visits[visit].deadline,
            team_days: bench.team_days(visit),
            binds: bench.binds(visit, line.reason),
            curable_by,
        })
    });
    Ok(lines.collect())
}
