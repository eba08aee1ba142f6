//! Crews for the routes of a schedule.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{Drawn, Prepared};
use crate::compile::EXPERT;
use crate::crews::{self, Crews, Earlier, Rules, Shortage, Task};
use crate::draw::stream;
use crate::frame::Applicant;
use crate::roster::Inspector;
use crate::routing::problem::Problem;
use crate::routing::schedule::Schedule;
use crate::settings::ScheduleSettings;

/// What each route of a schedule asks of its crew.
#[must_use]
pub fn tasks<'a>(visits: &'a [Applicant], problem: &'a Problem, schedule: &'a Schedule) -> Vec<Task<'a>> {
    let applicants: BTreeMap<&str, &Applicant> = visits.iter().map(|a| (a.code.as_str(), a)).collect();
    let experts: BTreeMap<&str, bool> =
        problem.visits.iter().map(|v| (v.id.as_str(), v.skills.iter().any(|s| s == EXPERT))).collect();
    let bases: BTreeMap<&str, &str> =
        problem.teams.iter().map(|t| (t.id.as_str(), problem.bases[t.base].as_str())).collect();
    let task = |route: &'a crate::routing::schedule::RouteLine| Task {
        day: route.day,
        team: &route.team,
        base: bases.get(route.team.as_str()).copied().unwrap_or(""),
        expert: route.visits.iter().any(|v| experts.get(v.id.as_str()) == Some(&true)),
        visits: route
            .visits
            .iter()
            .filter_map(|v| applicants.get(v.id.as_str()))
            .map(|a| (a.code, a.county.as_str()))
            .collect(),
    };
    schedule.routes.iter().map(task).collect()
}

/// Draws the crews of a schedule. Where an earlier plan had much the same route, its crew stays as long as it may.
#[must_use]
pub fn crews(
    drawn: &Drawn,
    prepared: &Prepared,
    problem: &Problem,
    schedule: &Schedule,
) -> (Crews, Vec<Shortage>) {
    let key = stream::Key::of(&drawn.record.draw, &drawn.record.seed);
    let tasks = tasks(&prepared.visits, problem, schedule);
    let before = prepared.standing.as_ref().map_or(&[][..], |standing| &standing.before);
    let earlier = Earlier { before, kept: &kept(prepared, &tasks) };
    let rules = rules(&prepared.settings);
    crews::assign(&key.salt(stream::CREWS), &tasks, &prepared.roster.inspectors, rules, earlier)
}

/// For each route the crew that stays: that of the earlier plan's route of that day with which it shares the most visits,
/// at least half of its own, if all of the crew may still go. Each earlier crew stays with one route at most.
#[must_use]
pub fn kept(prepared: &Prepared, tasks: &[Task<'_>]) -> Vec<Option<Vec<String>>> {
    let Some(standing) = &prepared.standing else { return Vec::new() };
    let rules = rules(&prepared.settings);
    let inspectors: BTreeMap<&str, &Inspector> =
        prepared.roster.inspectors.iter().map(|i| (i.id.as_str(), i)).collect();
    let may = |task: &Task<'_>, ids: &[String]| {
        let crew: Option<Vec<&Inspector>> = ids.iter().map(|id| inspectors.get(id.as_str()).copied()).collect();
        crew.is_some_and(|crew| {
            let complete = crew.len() >= rules.crew && (!task.expert || crew.iter().any(|i| i.expert));
            complete && crew.iter().all(|i| rules.bar(i, task).is_none())
        })
    };
    let mut pairs: Vec<(Reverse<usize>, usize, usize)> = Vec::new();
    for (route, task) in tasks.iter().enumerate() {
        for (earlier, (day, codes, crew)) in standing.crews.iter().enumerate() {
            let shared = task.visits.iter().filter(|(code, _)| codes.contains(code)).count();
            if *day == task.day && 2 * shared >= task.visits.len() && may(task, crew) {
                pairs.push((Reverse(shared), route, earlier));
            }
        }
    }
    pairs.sort_unstable();
    let mut kept = vec![None; tasks.len()];
    let mut taken = BTreeSet::new();
    for (_, route, earlier) in pairs {
        if kept[route].is_none() && taken.insert(earlier) {
            kept[route] = Some(standing.crews[earlier].2.clone());
        }
    }
    kept
}

/// What the plan asks of every crew.
#[must_use]
pub fn rules(settings: &ScheduleSettings) -> Rules {
    Rules { crew: settings.crew, cross_county: settings.cross_county }
}
