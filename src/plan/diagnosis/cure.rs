//! A cure applied to the problem: more teams, an earlier start, or both. Nothing is searched here.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{ExtraDay, binding};
use crate::compile::{self, EXPERT};
use crate::plan::{PlanError, Planned, file_bytes, problem_file, problem_under};
use crate::routing::problem::{Problem, TeamFile};
use crate::routing::schedule::RouteLine;
use crate::settings::ScheduleSettings;

/// The id of the nth extra team. The teams of a plan are called by their base, a hyphen and a number, so none has it.
#[must_use]
pub fn extra_id(n: usize) -> String {
    format!("extra {n}")
}

/// An extra team: where, with an expert or not, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtraTeam {
    /// Id of its base.
    pub base: String,
    /// Whether it has an expert.
    pub expert: bool,
    /// The days on which it works.
    pub days: Vec<NaiveDate>,
}

impl From<&ExtraDay> for ExtraTeam {
    fn from(day: &ExtraDay) -> Self {
        Self { base: day.base.clone(), expert: day.expert, days: vec![day.day] }
    }
}

/// A problem with extra teams, numbered from 1 in their order. `ground` are the bytes of the plan's problem, or of one that
/// starts earlier.
///
/// An extra team has the standing of its base: where nobody of a base may check an enterprise, an extra team from there
/// may not either.
///
/// # Errors
/// [`PlanError`] if the problem cannot be read or would be too large.
pub fn with_teams(planned: &Planned<'_>, ground: &[u8], extra: &[ExtraTeam]) -> Result<Problem, PlanError> {
    let settings = &planned.prepared.settings;
    let mut file = problem_file(ground)?;
    for (n, team) in (1..).zip(extra) {
        file.teams.push(TeamFile {
            id: extra_id(n),
            base: team.base.clone(),
            skills: if team.expert { vec![EXPERT.to_owned()] } else { Vec::new() },
            days_off: file.days.iter().filter(|day| !team.days.contains(day)).copied().collect(),
            max_visits: settings.max_visits,
        });
    }
    for (visit, applicant) in file.visits.iter_mut().zip(&planned.prepared.visits) {
        let closed: Vec<&str> = compile::closed_bases(&planned.prepared.roster, settings, applicant).collect();
        let barred = (1..).zip(extra).filter(|(_, team)| closed.contains(&team.base.as_str()));
        visit.avoid.extend(barred.map(|(n, _)| extra_id(n)));
    }
    file.cost.unscheduled = compile::price_of_leaving_out(settings, file.teams.len() * file.days.len());
    Ok(Problem::from_json(&file_bytes(&file))?)
}

/// What an extra team's route says of the team-day that it needs; `None` for a route that the problem does not know.
#[must_use]
pub fn extra_day(problem: &Problem, route: &RouteLine) -> Option<ExtraDay> {
    let team = problem.teams.iter().find(|team| team.id == route.team)?;
    let visits = route
        .visits
        .iter()
        .map(|line| problem.visits.iter().find(|visit| visit.id == line.id))
        .collect::<Option<Vec<_>>>()?;
    let last = (0..problem.days.len()).rfind(|day| visits.iter().all(|visit| visit.open[*day]))?;
    Some(ExtraDay {
        base: problem.bases[team.base].clone(),
        day: route.day,
        by: problem.days[last],
        expert: visits.iter().any(|visit| !visit.skills.is_empty()),
        visits: visits.len(),
    })
}

/// The problem with an extra team at every base on every day, with an expert.
pub(super) fn with_a_team_everywhere(planned: &Planned<'_>, ground: &[u8]) -> Result<Problem, PlanError> {
    with_teams(planned, ground, &everywhere(ground, 1)?)
}

/// `each` extra teams at every base on every day, with an expert.
pub(super) fn everywhere(ground: &[u8], each: usize) -> Result<Vec<ExtraTeam>, PlanError> {
    let file = problem_file(ground)?;
    let team = |base: &str| ExtraTeam { base: base.to_owned(), expert: true, days: file.days.clone() };
    Ok(file.bases.iter().flat_map(|base| vec![team(&base.id); each]).collect())
}

/// The working days before the plan's first day on which it could start instead, ascending. An application must have been
/// possible before it can be checked.
#[must_use]
pub fn earlier_starts(planned: &Planned<'_>) -> Vec<NaiveDate> {
    let opens = planned.drawn.read.notice.application_opens;
    let first = planned.prepared.settings.first_day;
    let mut days = planned.prepared.calendar.workdays(opens, first).unwrap_or_default();
    days.retain(|day| *day < first);
    days
}

/// The bytes of the problem with another first day.
///
/// # Errors
/// [`PlanError`] if it cannot be compiled.
pub fn ground(planned: &Planned<'_>, first_day: NaiveDate) -> Result<Vec<u8>, PlanError> {
    let settings = ScheduleSettings { first_day, ..planned.prepared.settings.clone() };
    problem_under(planned.drawn, planned.prepared, planned.travel, &settings)
}

/// The problem with another first day.
///
/// # Errors
/// [`PlanError`] if it cannot be compiled.
pub fn starting(planned: &Planned<'_>, first_day: NaiveDate) -> Result<Problem, PlanError> {
    Ok(Problem::from_json(&ground(planned, first_day)?)?)
}

/// Ids of the visits left out that could be made, each as the only one, with extra teams everywhere and the earliest start.
///
/// # Errors
/// [`PlanError`] if a problem cannot be compiled.
pub fn helped_by_both(planned: &Planned<'_>) -> Result<BTreeSet<String>, PlanError> {
    let ground = match earlier_starts(planned).first() {
        Some(day) => ground(planned, *day)?,
        None => planned.problem_json.to_vec(),
    };
    let problem = with_a_team_everywhere(planned, &ground)?;
    let left_out: BTreeSet<&str> = planned.schedule.unscheduled.iter().map(|line| line.id.as_str()).collect();
    let helped = (0..problem.visits.len())
        .filter(|visit| left_out.contains(problem.visits[*visit].id.as_str()))
        .filter(|visit| binding::possible_alone(&problem, *visit))
        .map(|visit| problem.visits[visit].id.clone());
    Ok(helped.collect())
}
