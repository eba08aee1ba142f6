//! Writing down: routes are placed on teams and days, times and sums are computed.

use super::Settings;
use crate::routing::Cost;
use crate::routing::Seconds;
use crate::routing::certificate::Tree;
use crate::routing::placement;
use crate::routing::problem::Problem;
use crate::routing::route::{Route, Timing};
use crate::routing::schedule::{
    self, Bound, CostLine, Reason, RouteLine, Run, Schedule, Stopped, Unscheduled, VisitLine,
};
use crate::routing::search::Untimed;
use crate::routing::slots::{SlotSet, Slots};

/// Places the routes, computes times and sums.
pub(super) fn write_down(
    problem: &Problem,
    settings: &Settings,
    timing: &Timing<'_>,
    slots: &Slots<'_>,
    (mut found, bound): (Untimed, Option<(Cost, Tree)>),
    stopped: Option<Stopped>,
) -> Schedule {
    let placed = placement::place_sorted(slots, &mut found.routes, |(route, _)| route, problem.placement);
    let mut routes: Vec<(usize, &Route)> = match &placed {
        Some(at) => at.iter().copied().zip(found.routes.iter().map(|(r, _)| r)).collect(),
        None => found.routes.iter().map(|(r, slot)| (*slot, r)).collect(),
    };
    let order = |slot: usize| {
        let (day, team) = slots.day_team(slot);
        (day, &problem.teams[team].id)
    };
    routes.sort_by(|a, b| order(a.0).cmp(&order(b.0)));

    let mut cost =
        CostLine { team_days: routes.len() as i64, unscheduled: found.absent.len() as i64, ..CostLine::default() };
    let lines = routes
        .iter()
        .map(|(slot, route)| {
            let (day, team) = slots.day_team(*slot);
            cost.travel += route.travel;
            cost.change += slots.route_price(&route.visits, *slot);
            route_line(problem, timing, route, team, day)
        })
        .collect();
    cost.total = problem.cost.team_day * cost.team_days
        + problem.cost.travel * cost.travel
        + problem.cost.unscheduled * cost.unscheduled
        + cost.change;
    debug_assert!(cost.total <= found.cost);
    Schedule {
        format: schedule::FORMAT.to_owned(),
        problem_sha256: problem.sha256.clone(),
        routes: lines,
        unscheduled: found
            .absent
            .iter()
            .map(|visit| Unscheduled {
                id: problem.visits[*visit as usize].id.clone(),
                reason: reason(timing, slots, *visit as usize),
            })
            .collect(),
        cost,
        bound: bound.map(|(value, tree)| Bound::new(value, cost.total, tree)),
        run: Run {
            seed: settings.seed.clone(),
            effort: settings.effort,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            stopped,
        },
    }
}

fn route_line(problem: &Problem, timing: &Timing<'_>, route: &Route, team: usize, day: usize) -> RouteLine {
    let mut visits: Vec<VisitLine> = Vec::with_capacity(route.visits.len());
    let (mut node, mut clock): (usize, Option<Seconds>) = (route.base, None);
    let mut depart = problem.shift.start;
    for (visit, start) in route.visits.iter().zip(route.starts(timing)) {
        let visit = *visit as usize;
        let here = problem.node(visit);
        let leg = problem.travel(node, here);
        if clock.is_none() {
            depart = start - leg;
        }
        let arrive = clock.map_or(start, |clock| clock + leg);
        let end = start + problem.visits[visit].service;
        visits.push(VisitLine { id: problem.visits[visit].id.clone(), arrive, start, end });
        (node, clock) = (here, Some(end));
    }
    RouteLine {
        team: problem.teams[team].id.clone(),
        day: problem.days[day],
        depart,
        back: clock.unwrap_or(depart) + problem.travel(node, route.base),
        travel: route.travel,
        visits,
    }
}

/// Why a visit stands in no route, as far as the solver knows.
fn reason(timing: &Timing<'_>, slots: &Slots<'_>, visit: usize) -> Reason {
    let problem = timing.problem;
    let v = &problem.visits[visit];
    let pinned_to = v.planned.filter(|_| v.pinned).map(|p| p.team);
    if !(0..problem.teams.len()).any(|t| problem.suits(visit, t) && pinned_to.is_none_or(|p| p == t)) {
        return Reason::NoTeam;
    }
    if slots.of_visit[visit].iter().next().is_none() {
        return Reason::NoDay;
    }
    if !timing.has_start(visit) {
        return Reason::NoWindow;
    }
    let alone = |base: usize| {
        let usable = SlotSet::common([&slots.of_visit[visit], &slots.of_base[base]]).next().is_some();
        usable && Route::new(timing, base, vec![visit as u32]).is_some()
    };
    if (0..problem.bases.len()).any(alone) { Reason::Capacity } else { Reason::Unreachable }
}
