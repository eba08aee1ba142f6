//! Whether routes stand on the days that `placement` prefers.

use std::collections::{BTreeMap, BTreeSet};

use super::rules::{allows, change_price};
use super::{Fault, Violation};
use crate::routing::problem::{Placement, Problem};
use crate::routing::schedule::Schedule;

/// Routes that could move, alone and at the same cost, to a day that `placement` prefers: an earlier one, or one with at
/// least two routes fewer.
#[must_use]
pub fn misplaced(problem: &Problem, schedule: &Schedule) -> Vec<Violation> {
    let taken: BTreeSet<_> = schedule.routes.iter().map(|r| (r.day, r.team.as_str())).collect();
    let load: Vec<usize> =
        problem.days.iter().map(|day| schedule.routes.iter().filter(|r| r.day == *day).count()).collect();
    let visit_index: BTreeMap<&str, usize> =
        problem.visits.iter().enumerate().map(|(at, visit)| (visit.id.as_str(), at)).collect();
    let mut out = Vec::new();
    for (at, route) in schedule.routes.iter().enumerate() {
        let visits: Vec<usize> =
            route.visits.iter().filter_map(|line| visit_index.get(line.id.as_str()).copied()).collect();
        let Some(own) = problem.teams.iter().position(|t| t.id == route.team) else { continue };
        let price =
            |team, day| visits.iter().map(|v| i128::from(change_price(problem, *v, team, day))).sum::<i128>();
        let Some(own_day) = problem.days.iter().position(|d| *d == route.day) else { continue };
        let better = |day: usize| match problem.placement {
            Placement::Early => day < own_day,
            Placement::Spread => load[day] + 1 < load[own_day],
        };
        let found = (0..problem.days.len()).filter(|day| better(*day)).find_map(|day| {
            (0..problem.teams.len())
                .filter(|team| problem.teams[*team].base == problem.teams[own].base)
                .filter(|team| problem.teams[*team].works[day] && visits.len() <= problem.teams[*team].max_visits)
                .filter(|team| visits.iter().all(|v| allows(problem, *v, *team, day)))
                .filter(|team| price(*team, day) == price(own, own_day))
                .find(|team| !taken.contains(&(problem.days[day], problem.teams[*team].id.as_str())))
                .map(|team| (team, day))
        });
        if let Some((team, day)) = found {
            let what = Fault::Misplaced(problem.teams[team].id.clone(), problem.days[day].to_string());
            out.push(Violation { place: format!("routes[{at}]"), what });
        }
    }
    out
}
