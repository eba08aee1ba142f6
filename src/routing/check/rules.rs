//! The rules a route is judged by, as the referee reads contract section 6: hours, who may come and when, prices of change.

use super::Fault;
use crate::routing::problem::Problem;
use crate::routing::{Cost, Seconds};

/// The earliest start at or after `reached` with the service inside one window, outside lunch and within the shift.
pub(crate) fn earliest(problem: &Problem, visit: usize, reached: Seconds) -> Option<Seconds> {
    let v = &problem.visits[visit];
    let shift = problem.shift;
    let whole_day = [(shift.start, shift.end)];
    let windows = if v.windows.is_empty() { &whole_day[..] } else { &v.windows[..] };
    windows
        .iter()
        .filter_map(|(from, to)| {
            let mut start = reached.max(*from).max(shift.start);
            if let Some(lunch) = problem.lunch
                && start < lunch.end
                && start + v.service > lunch.start
            {
                start = lunch.end;
            }
            (start + v.service <= (*to).min(shift.end)).then_some(start)
        })
        .min()
}

/// Whether a team could make these visits, in this order, on a day: what [`super::check`] would say of such a route.
#[must_use]
pub fn admits(problem: &Problem, team: usize, day: usize, visits: &[usize]) -> bool {
    visits.iter().all(|visit| allows(problem, *visit, team, day)) && in_time(problem, team, visits)
}

/// Whether the hours of some day suffice a team for these visits, in this order, whoever may come and when.
#[must_use]
pub fn in_time(problem: &Problem, team: usize, visits: &[usize]) -> bool {
    let crew = &problem.teams[team];
    let (mut node, mut clock) = (crew.base, problem.shift.start);
    for visit in visits {
        let here = problem.node(*visit);
        let Some(start) = earliest(problem, *visit, clock + problem.travel(node, here)) else { return false };
        clock = start + problem.visits[*visit].service;
        node = here;
    }
    visits.len() <= crew.max_visits && clock + problem.travel(node, crew.base) <= problem.shift.end
}

/// Whether a visit may stand in a route of a team on a day, whatever the time.
pub(super) fn allows(problem: &Problem, visit: usize, team: usize, day: usize) -> bool {
    problem.teams[team].works[day] && misfits(problem, visit, team, day).is_empty()
}

/// What speaks against a visit on a day with a team: day, deadline, skills, `avoid`, pin.
pub(super) fn misfits(problem: &Problem, visit: usize, team: usize, day: usize) -> Vec<Fault> {
    let (v, t) = (&problem.visits[visit], &problem.teams[team]);
    let mut out = Vec::new();
    if v.deadline.is_some_and(|last| problem.days[day] > last) {
        out.push(Fault::Late(v.id.clone()));
    } else if !v.open[day] {
        out.push(Fault::VisitOff(v.id.clone()));
    }
    if let Some(skill) = v.skills.iter().find(|s| !t.skills.contains(s)) {
        out.push(Fault::Skill(v.id.clone(), skill.clone()));
    }
    if v.avoid.contains(&team) {
        out.push(Fault::Avoided(v.id.clone()));
    }
    if v.pinned && v.planned.is_none_or(|p| p.day != Some(day) || p.team != team) {
        out.push(Fault::Pinned(v.id.clone()));
    }
    out
}

/// What it costs that a visit does not stand where it was planned.
pub(super) fn change_price(problem: &Problem, visit: usize, team: usize, day: usize) -> Cost {
    let Some(planned) = problem.visits[visit].planned else { return 0 };
    let of_day = if planned.day == Some(day) { 0 } else { planned.price_day };
    let of_team = if planned.team == team { 0 } else { planned.price_team };
    of_day + of_team
}
