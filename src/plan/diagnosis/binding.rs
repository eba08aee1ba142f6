//! Which conditions keep a visit out of a schedule.
//!
//! Each condition is lifted for that visit alone, and all other visits stay where they are: if there is room then, the
//! condition binds. Nothing is searched, so anyone who has problem and schedule comes to the same result.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::TeamDayCount;
use crate::routing::check::{admits, in_time};
use crate::routing::problem::Problem;
use crate::routing::schedule::{Reason, Schedule};

/// A condition that keeps a visit out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bind {
    /// The last possible day: on a free day after it there is room.
    Deadline,
    /// Only teams with an expert may come.
    Experts,
    /// Days on which the enterprise cannot receive anybody.
    VisitDaysOff,
    /// Days on which inspectors are away.
    TeamDaysOff,
    /// Hours at which the enterprise can receive somebody.
    Hours,
    /// Recusal, or inspectors of the enterprise's own county.
    Recusal,
    /// The most visits of a team's day.
    MaxVisits,
    /// The length of the working day; told only of visits that are impossible by themselves.
    Shift,
}

const SINGLE: [Bind; 7] = [
    Bind::Deadline,
    Bind::Experts,
    Bind::VisitDaysOff,
    Bind::TeamDaysOff,
    Bind::Hours,
    Bind::Recusal,
    Bind::MaxVisits,
];

/// The conditions that keep a visit out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binds {
    /// To lift any one of them would make room.
    AnyOf(Vec<Bind>),
    /// To lift one is not enough; these two together would do. Empty: no two do.
    AllOf(Vec<Bind>),
}

impl Binds {
    /// All that are named.
    #[must_use]
    pub fn list(&self) -> &[Bind] {
        match self {
            Self::AnyOf(list) | Self::AllOf(list) => list,
        }
    }
}

/// Whether the visit could be made if it were the only one.
#[must_use]
pub fn possible_alone(problem: &Problem, visit: usize) -> bool {
    let days = 0..problem.days.len();
    (0..problem.teams.len()).any(|team| days.clone().any(|day| admits(problem, team, day, &[visit])))
}

/// One team's visits of one day.
#[derive(Debug, Clone)]
struct Route {
    team: usize,
    day: usize,
    visits: Vec<usize>,
}

/// A schedule on which conditions can be lifted.
#[derive(Debug, Clone)]
pub struct Bench {
    /// The problem, changed while a condition is lifted and restored after.
    problem: Problem,
    routes: Vec<Route>,
    /// Team-days with a route.
    taken: BTreeSet<(usize, usize)>,
    /// For each base, the most teams that work on one day.
    most_teams: Vec<usize>,
}

impl Bench {
    /// Lays out a schedule. Routes of unknown teams, days or visits are left out: the referee names them.
    #[must_use]
    pub fn new(problem: &Problem, schedule: &Schedule) -> Self {
        let route = |line: &crate::routing::schedule::RouteLine| {
            let team = problem.teams.iter().position(|t| t.id == line.team)?;
            let day = problem.days.binary_search(&line.day).ok()?;
            let visits = line.visits.iter().map(|v| problem.visits.iter().position(|w| w.id == v.id));
            Some(Route { team, day, visits: visits.collect::<Option<_>>()? })
        };
        let routes: Vec<Route> = schedule.routes.iter().filter_map(route).collect();
        let most_teams = (0..problem.bases.len())
            .map(|base| (0..problem.days.len()).map(|day| working(problem, base, day).count()).max().unwrap_or(0))
            .collect();
        Self {
            problem: problem.clone(),
            taken: routes.iter().map(|r| (r.team, r.day)).collect(),
            routes,
            most_teams,
        }
    }

    /// How many team-days would do for the visit if it were the only one, and how many of them have a route.
    #[must_use]
    pub fn team_days(&self, visit: usize) -> TeamDayCount {
        let mut count = TeamDayCount { admissible: 0, used: 0 };
        for team in 0..self.problem.teams.len() {
            for day in 0..self.problem.days.len() {
                if admits(&self.problem, team, day, &[visit]) {
                    count.admissible += 1;
                    count.used += usize::from(self.taken.contains(&(team, day)));
                }
            }
        }
        count
    }

    /// The conditions that keep a visit out: beside the others where it is possible alone, by itself where it is not.
    #[must_use]
    pub fn binds(&mut self, visit: usize, reason: Reason) -> Binds {
        let alone = reason != Reason::Capacity;
        let mut list = SINGLE.to_vec();
        if alone {
            list.push(Bind::Shift);
        }
        let single: Vec<Bind> = list.iter().copied().filter(|bind| self.without(visit, &[*bind], alone)).collect();
        if !single.is_empty() {
            return Binds::AnyOf(single);
        }
        for (at, first) in list.iter().enumerate() {
            for second in &list[at + 1..] {
                if self.without(visit, &[*first, *second], alone) {
                    return Binds::AllOf(vec![*first, *second]);
                }
            }
        }
        Binds::AllOf(Vec::new())
    }

    /// Whether there is room for the visit if these conditions did not hold.
    fn without(&mut self, visit: usize, lifted: &[Bind], alone: bool) -> bool {
        let has = |bind| lifted.contains(&bind);
        let whole = self.problem.visits[visit].clone();
        let (shift, most) =
            (self.problem.shift, self.problem.teams.iter().map(|t| t.max_visits).collect::<Vec<_>>());
        let changed = &mut self.problem.visits[visit];
        if has(Bind::Experts) {
            changed.skills.clear();
        }
        if has(Bind::VisitDaysOff) {
            changed.open =
                self.problem.days.iter().map(|day| changed.deadline.is_none_or(|last| *day <= last)).collect();
        }
        if has(Bind::Hours) {
            changed.windows.clear();
        }
        if has(Bind::Recusal) {
            changed.avoid.clear();
        }
        if has(Bind::Shift) {
            self.problem.shift.start = 0;
            self.problem.shift.end = 24 * 3600;
        }
        if has(Bind::MaxVisits) {
            self.problem.teams.iter_mut().for_each(|team| team.max_visits = usize::MAX);
        }
        let room = self.room(visit, alone)
            || (has(Bind::Deadline) && self.on_a_free_day(visit))
            || (has(Bind::TeamDaysOff) && self.with_all_at_work(visit, alone));
        self.problem.visits[visit] = whole;
        self.problem.shift = shift;
        self.problem.teams.iter_mut().zip(most).for_each(|(team, most)| team.max_visits = most);
        room
    }

    /// Whether the visit fits into an idle team-day or a route.
    fn room(&self, visit: usize, alone: bool) -> bool {
        let problem = &self.problem;
        let idle = (0..problem.teams.len()).any(|team| {
            (0..problem.days.len())
                .any(|day| (alone || !self.taken.contains(&(team, day))) && admits(problem, team, day, &[visit]))
        });
        idle || (!alone
            && self.routes.iter().any(|route| {
                (0..=route.visits.len()).any(|at| {
                    let mut visits = route.visits.clone();
                    visits.insert(at, visit);
                    admits(problem, route.team, route.day, &visits)
                })
            }))
    }

    /// Whether some team could make it on a day on which nothing else is to be done.
    fn on_a_free_day(&self, visit: usize) -> bool {
        let problem = &self.problem;
        (0..problem.teams.len()).any(|team| problem.suits(visit, team) && in_time(problem, team, &[visit]))
    }

    /// Whether there is room if nobody were away: a base then has all its teams every day, and those with an expert
    /// stand in for idle ones without.
    fn with_all_at_work(&self, visit: usize, alone: bool) -> bool {
        let problem = &self.problem;
        (0..problem.days.len()).filter(|day| problem.visits[visit].open[*day]).any(|day| {
            (0..problem.teams.len()).any(|team| {
                let crew = &problem.teams[team];
                let at_work = || working(problem, crew.base, day);
                let missing = at_work().count() < self.most_teams[crew.base];
                let idle = || alone || at_work().any(|other| !self.taken.contains(&(other, day)));
                let replaces = !problem.visits[visit].skills.is_empty() && idle();
                !crew.works[day]
                    && (missing || replaces)
                    && problem.suits(visit, team)
                    && in_time(problem, team, &[visit])
            })
        })
    }
}

/// The teams of a base that work on a day.
fn working(problem: &Problem, base: usize, day: usize) -> impl Iterator<Item = usize> {
    (0..problem.teams.len()).filter(move |team| {
        let team = &problem.teams[*team];
        team.base == base && team.works[day]
    })
}
