//! The referee: feasibility and cost of a schedule from problem and schedule alone.
//!
//! It replays every route leg by leg by the rules of contract section 6, with timing and prices of its own, and names every
//! violation. It trusts nothing that the schedule states: times, sums and reasons are computed again.

use std::collections::{BTreeMap, BTreeSet};

use super::problem::{Placement, Problem};
use super::schedule::{CostLine, Reason, RouteLine, Schedule};
use super::{Cost, Seconds};
use crate::text::{Lang, Say, both};

/// One thing that is wrong with a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where: `routes[3]`, a visit's id, `cost`.
    pub place: String,
    /// What.
    pub what: Fault,
}

/// The kinds of violations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Made for another problem file.
    ProblemDigest,
    /// A team that the problem does not have.
    UnknownTeam(String),
    /// A day that the problem does not have.
    UnknownDay(String),
    /// A visit that the problem does not have.
    UnknownVisit(String),
    /// A route without visits.
    EmptyRoute,
    /// A second route of the team that day.
    SecondRoute,
    /// Routes are not sorted by day and team.
    Order,
    /// The team does not work that day.
    TeamOff,
    /// The visit is impossible that day.
    VisitOff(String),
    /// The day is after the visit's deadline.
    Late(String),
    /// The team lacks a skill.
    Skill(String, String),
    /// The visit avoids the team.
    Avoided(String),
    /// More visits than the team may make.
    TooManyVisits(usize, usize),
    /// The visit fits no window, shift and lunch considered, at the time it is reached.
    NoTime(String),
    /// Back after the end of the shift.
    BackLate(Seconds),
    /// A stated time or sum differs: field, stated, computed.
    Differs(String, i64, i64),
    /// Stands twice.
    Twice,
    /// Stands nowhere.
    Missing,
    /// Pinned, but not on its planned day with its planned team.
    Pinned(String),
    /// Could stand on a better day with a team that is idle then: team and day.
    Misplaced(String, String),
    /// Listed as left out for another reason than the computed one.
    Reason(Reason, Reason),
}

impl Say for Violation {
    fn say(&self, lang: Lang) -> String {
        let place = &self.place;
        let what = match &self.what {
            Fault::ProblemDigest => {
                both!(lang, "不是为这份问题文件排的", "was made for another problem file")
            }
            Fault::UnknownTeam(id) => both!(lang, "没有小组“{id}”", "there is no team \"{id}\""),
            Fault::UnknownDay(day) => both!(lang, "{day}不在可核查日期内", "{day} is not among the days"),
            Fault::UnknownVisit(id) => both!(lang, "没有核查对象“{id}”", "there is no visit \"{id}\""),
            Fault::EmptyRoute => both!(lang, "路线为空", "the route is empty"),
            Fault::SecondRoute => both!(lang, "同一小组一天有两条路线", "a second route of the team that day"),
            Fault::Order => both!(lang, "路线未按日期、小组排序", "routes are not sorted by day and team"),
            Fault::TeamOff => both!(lang, "该小组当天不出勤", "the team does not work that day"),
            Fault::VisitOff(id) => both!(lang, "{id}当天不便接待", "visit {id} is impossible that day"),
            Fault::Late(id) => both!(lang, "{id}安排在截止日之后", "visit {id} is after its deadline"),
            Fault::Skill(id, skill) => {
                both!(lang, "{id}需要“{skill}”，该小组没有", "visit {id} needs \"{skill}\", which the team lacks")
            }
            Fault::Avoided(id) => both!(lang, "{id}须回避该小组", "visit {id} avoids the team"),
            Fault::TooManyVisits(n, most) => {
                both!(lang, "一天{n}家，超过上限{most}家", "{n} visits, more than {most}")
            }
            Fault::NoTime(id) => {
                both!(lang, "{id}到达后已没有可用时段", "visit {id} fits no window when it is reached")
            }
            Fault::BackLate(t) => {
                let t = crate::table::clean::clock(*t);
                both!(lang, "{t}才返回，晚于下班时间", "back at {t}, after the shift")
            }
            Fault::Differs(field, stated, computed) => {
                both!(
                    lang,
                    "{field}写为{stated}，重算为{computed}",
                    "{field} is stated as {stated}, computed as {computed}"
                )
            }
            Fault::Twice => both!(lang, "重复出现", "stands twice"),
            Fault::Missing => {
                both!(lang, "既未排入路线也未列为未安排", "stands neither in a route nor in unscheduled")
            }
            Fault::Pinned(id) => {
                both!(
                    lang,
                    "{id}已固定，却不在原定日期和小组",
                    "visit {id} is pinned but not on its planned day and team"
                )
            }
            Fault::Misplaced(team, day) => both!(
                lang,
                "可以改排在更合适的{day}，由当天空闲的{team}承担，成本不变",
                "could stand on {day}, a better day, with {team}, which is idle then, at the same cost"
            ),
            Fault::Reason(stated, computed) => {
                // As the file has it.
                let word = |reason: &Reason| serde_json::to_string(reason).unwrap_or_default();
                let (stated, computed) = (word(stated), word(computed));
                both!(
                    lang,
                    "未安排的原因写为{stated}，重算为{computed}",
                    "left out for {stated}, computed {computed}"
                )
            }
        };
        both!(lang, "{place}：{what}", "{place}: {what}")
    }
}

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
        let price = |team, day| visits.iter().map(|v| change_price(problem, *v, team, day)).sum::<Cost>();
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

/// Whether a team could make these visits, in this order, on a day: what [`check`] would say of such a route.
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
fn allows(problem: &Problem, visit: usize, team: usize, day: usize) -> bool {
    problem.teams[team].works[day] && misfits(problem, visit, team, day).is_empty()
}

/// What speaks against a visit on a day with a team: day, deadline, skills, `avoid`, pin.
fn misfits(problem: &Problem, visit: usize, team: usize, day: usize) -> Vec<Fault> {
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
fn change_price(problem: &Problem, visit: usize, team: usize, day: usize) -> Cost {
    let Some(planned) = problem.visits[visit].planned else { return 0 };
    let of_day = if planned.day == Some(day) { 0 } else { planned.price_day };
    let of_team = if planned.team == team { 0 } else { planned.price_team };
    of_day + of_team
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
            self.cost.change += change_price(problem, visit, team, day);
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
        let total: Cost = coefficients.team_day * self.cost.team_days
            + coefficients.travel * self.cost.travel
            + coefficients.unscheduled * self.cost.unscheduled
            + self.cost.change;
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
