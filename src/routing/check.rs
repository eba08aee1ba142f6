//! The referee: feasibility and cost of a schedule from problem and schedule alone.
//!
//! It replays every route leg by leg by the rules of contract section 6, with timing and prices of its own, and names every
//! violation. It trusts nothing that the schedule states: times, sums and reasons are computed again. The rules stand in
//! `rules`, the words for a breach of them in `fault`, what `placement` asks for in `misplaced`.

mod fault;
mod misplaced;
mod rules;

use std::collections::BTreeMap;

use super::Cost;
use super::problem::Problem;
use super::schedule::{CostLine, Reason, RouteLine, Schedule};
pub use fault::{Fault, Violation};
pub use misplaced::misplaced;
pub(crate) use rules::earliest;
pub use rules::{admits, in_time};
use rules::{change_price, misfits};

/// Everything that is wrong with `schedule`; empty if it is feasible and costs what it says.
#[must_use]
pub fn check(problem: &Problem, schedule: &Schedule) -> Vec<Violation> {
    let mut referee = Referee {
        problem,
        day_index: problem.days.iter().enumerate().map(|(at, day)| (day.to_string(), at)).collect(),
        team_index: problem.teams.iter().enumerate().map(|(at, team)| (team.id.as_str(), at)).collect(),
        visit_index: problem.visits.iter().enumerate().map(|(at, visit)| (visit.id.as_str(), at)).collect(),
        seen: vec![0; problem.visits.len()],
        cost: CostLine::default(),
        found: Vec::new(),
    };
    if schedule.problem_sha256 != problem.sha256 {
        referee.add("problem_sha256", Fault::ProblemDigest);
    }
    // Whoever stands in a wrong route is not missing.
    for line in schedule.routes.iter().flat_map(|route| &route.visits) {
        if let Some(visit) = referee.visit_index.get(line.id.as_str()) {
            referee.seen[*visit] += 1;
        }
    }
    let mut before: Option<(usize, &str)> = None;
    for (at, route) in schedule.routes.iter().enumerate() {
        let place = format!("routes[{at}]");
        let Some((day, team)) = referee.slot(&place, route) else { continue };
        let order = (day, route.team.as_str());
        match before {
            Some(last) if last == order => referee.add(&place, Fault::SecondRoute),
            Some(last) if last > order => {
                let again = schedule.routes[..at].iter().any(|r| r.team == route.team && r.day == route.day);
                referee.add(&place, if again { Fault::SecondRoute } else { Fault::Order });
            }
            _ => {}
        }
        before = Some(order);
        referee.route(&place, route, day, team);
    }
    referee.left_out(schedule);
    referee.sums(&schedule.cost);
    referee.found
}

struct Referee<'a> {
    problem: &'a Problem,
    day_index: BTreeMap<String, usize>,
    team_index: BTreeMap<&'a str, usize>,
    visit_index: BTreeMap<&'a str, usize>,
    /// How often each visit stands in a route or in `unscheduled`.
    seen: Vec<u32>,
    cost: CostLine,
    found: Vec<Violation>,
}

impl Referee<'_> {
    fn add(&mut self, place: &str, what: Fault) {
        self.found.push(Violation { place: place.to_owned(), what });
    }

    fn differs(&mut self, place: &str, field: &str, stated: i64, computed: i64) {
        if stated != computed {
            self.add(place, Fault::Differs(field.to_owned(), stated, computed));
        }
    }

    fn slot(&mut self, place: &str, route: &RouteLine) -> Option<(usize, usize)> {
        let day = self.day_index.get(&route.day.to_string()).copied();
        let team = self.team_index.get(route.team.as_str()).copied();
        if day.is_none() {
            self.add(place, Fault::UnknownDay(route.day.to_string()));
        }
        if team.is_none() {
            self.add(place, Fault::UnknownTeam(route.team.clone()));
        }
        day.zip(team)
    }

    fn route(&mut self, place: &str, route: &RouteLine, day: usize, team: usize) {
        let problem = self.problem;
        let crew = &problem.teams[team];
        if !crew.works[day] {
            self.add(place, Fault::TeamOff);
        }
        if route.visits.is_empty() {
            self.add(place, Fault::EmptyRoute);
        }
        if route.visits.len() > crew.max_visits {
            self.add(place, Fault::TooManyVisits(route.visits.len(), crew.max_visits));
        }
        self.cost.team_days += 1;
        let mut node = crew.base;
        let mut clock = problem.shift.start;
        let mut travel = 0;
        for (position, line) in route.visits.iter().enumerate() {
            let Some(visit) = self.visit_index.get(line.id.as_str()).copied() else {
                self.add(place, Fault::UnknownVisit(line.id.clone()));
                return;
            };
            for what in misfits(problem, visit, team, day) {
                self.add(place, what);
            }
            self.cost.change = self.cost.change.saturating_add(change_price(problem, visit, team, day));
            let here = problem.bases.len() + visit;
            let leg = problem.travel(node, here);
            travel += leg;
            let reached = clock + leg;
            let Some(start) = earliest(problem, visit, reached) else {
                self.add(place, Fault::NoTime(line.id.clone()));
                return;
            };
            let end = start + problem.visits[visit].service;
            let arrive = if position == 0 { start } else { reached };
            if position == 0 {
                self.differs(place, "depart", route.depart, start - leg);
            }
            for (field, stated, computed) in
                [("arrive", line.arrive, arrive), ("start", line.start, start), ("end", line.end, end)]
            {
                self.differs(place, &format!("visits[{position}].{field}"), stated, computed);
            }
            clock = end;
            node = here;
        }
        if !route.visits.is_empty() {
            let leg = problem.travel(node, crew.base);
            travel += leg;
            let back = clock + leg;
            if back > problem.shift.end {
                self.add(place, Fault::BackLate(back));
            }
            self.differs(place, "return", route.back, back);
        }
        self.differs(place, "travel", route.travel, travel);
        self.cost.travel += travel;
    }

    fn left_out(&mut self, schedule: &Schedule) {
        for (at, line) in schedule.unscheduled.iter().enumerate() {
            let place = format!("unscheduled[{at}]");
            let Some(visit) = self.visit_index.get(line.id.as_str()).copied() else {
                self.add(&place, Fault::UnknownVisit(line.id.clone()));
                continue;
            };
            self.seen[visit] += 1;
            self.cost.unscheduled += 1;
            let reason = self.reason(visit);
            if reason != line.reason {
                self.add(&place, Fault::Reason(line.reason, reason));
            }
        }
        for visit in 0..self.seen.len() {
            let id = self.problem.visits[visit].id.clone();
            match self.seen[visit] {
                1 => {}
                0 => self.add(&id, Fault::Missing),
                _ => self.add(&id, Fault::Twice),
            }
        }
    }

    /// Why a visit could not be made even alone, or [`Reason::Capacity`].
    fn reason(&self, visit: usize) -> Reason {
        let problem = self.problem;
        let v = &problem.visits[visit];
        let suits = |team: &usize| {
            let t = &problem.teams[*team];
            t.max_visits > 0
                && v.skills.iter().all(|s| t.skills.contains(s))
                && !v.avoid.contains(team)
                && (!v.pinned || v.planned.is_some_and(|p| p.team == *team))
        };
        let teams: Vec<usize> = (0..problem.teams.len()).filter(suits).collect();
        if teams.is_empty() {
            return Reason::NoTeam;
        }
        let works = |team: &&usize| {
            (0..problem.days.len()).any(|day| {
                problem.teams[**team].works[day]
                    && v.open[day]
                    && (!v.pinned || v.planned.is_some_and(|p| p.day == Some(day)))
            })
        };
        let teams: Vec<usize> = teams.iter().filter(works).copied().collect();
        if teams.is_empty() {
            return Reason::NoDay;
        }
        if earliest(problem, visit, problem.shift.start).is_none() {
            return Reason::NoWindow;
        }
        let node = problem.bases.len() + visit;
        let reachable = |team: &usize| {
            let base = problem.teams[*team].base;
            earliest(problem, visit, problem.shift.start + problem.travel(base, node))
                .is_some_and(|start| start + v.service + problem.travel(node, base) <= problem.shift.end)
        };
        if teams.iter().any(reachable) { Reason::Capacity } else { Reason::Unreachable }
    }

    fn sums(&mut self, stated: &CostLine) {
        let coefficients = &self.problem.cost;
        // A file may repeat lines until sums leave 64 bits; such a sum is no feasible schedule's and equals none stated.
        let times = |coefficient: Cost, count: i64| i128::from(coefficient) * i128::from(count);
        let total = times(coefficients.team_day, self.cost.team_days)
            + times(coefficients.travel, self.cost.travel)
            + times(coefficients.unscheduled, self.cost.unscheduled)
            + i128::from(self.cost.change);
        let total = Cost::try_from(total).unwrap_or(Cost::MAX);
        let computed = CostLine { total, ..self.cost };
        for (field, stated, computed) in [
            ("team_days", stated.team_days, computed.team_days),
            ("unscheduled", stated.unscheduled, computed.unscheduled),
            ("travel", stated.travel, computed.travel),
            ("change", stated.change, computed.change),
            ("total", stated.total, computed.total),
        ] {
            self.differs("cost", field, stated, computed);
        }
    }
}
