//! The immutable problem, `hecha-problem/1`: days, teams, visits, travel, costs (contract, section 6). The file's own shape
//! stands in `file`, reading and checking it in `read`, what can be wrong in `fault`.
//!
//! Objective, to be minimised:
//! `team_day · routes + travel · Σ travel seconds + unscheduled · visits left out + Σ prices of change`.

mod fault;
mod file;
mod read;

use chrono::NaiveDate;

use super::{Cost, Seconds};
pub use fault::{ProblemError, ProblemFault};
pub use file::{BaseFile, CostFile, Placement, PlannedFile, ProblemFile, SpanFile, TeamFile, VisitFile};

/// Name of the format.
pub const FORMAT: &str = "hecha-problem/1";
/// Most visits, teams, days or bases of a problem.
pub const MAX_ITEMS: usize = 10_000;
/// Most teams times days.
pub const MAX_SLOTS: usize = 1 << 20;
/// A team, with days and skills as indices.
#[derive(Debug, Clone)]
pub struct Team {
    /// Id.
    pub id: String,
    /// Index of its base.
    pub base: usize,
    /// Skill ids, as given.
    pub skills: Vec<String>,
    /// For each day whether it works.
    pub works: Vec<bool>,
    /// Most visits of a route.
    pub max_visits: usize,
}

/// A visit, with days and teams as indices.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Id.
    pub id: String,
    /// For display only.
    pub tier: Option<i64>,
    /// Seconds on site.
    pub service: Seconds,
    /// Last possible day.
    pub deadline: Option<NaiveDate>,
    /// For each day whether it is neither off nor after the deadline.
    pub open: Vec<bool>,
    /// Windows as given; empty: any time.
    pub windows: Vec<(Seconds, Seconds)>,
    /// Skill ids needed.
    pub skills: Vec<String>,
    /// Indices of teams that must not come, ascending.
    pub avoid: Vec<usize>,
    /// Where an earlier plan had it.
    pub planned: Option<Planned>,
    /// Whether it must stay there.
    pub pinned: bool,
}

/// An earlier plan's place of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// Index of the day; `None`: a day outside the problem, so every day differs.
    pub day: Option<usize>,
    /// Index of the team.
    pub team: usize,
    /// Cost of another day.
    pub price_day: Cost,
    /// Cost of another team.
    pub price_team: Cost,
}

/// A validated problem.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Name for people.
    pub name: Option<String>,
    /// Ascending.
    pub days: Vec<NaiveDate>,
    /// Shift of every team.
    pub shift: SpanFile,
    /// Lunch break of every team.
    pub lunch: Option<SpanFile>,
    /// Base ids.
    pub bases: Vec<String>,
    /// Teams in the order of the file.
    pub teams: Vec<Team>,
    /// Visits in the order of the file.
    pub visits: Vec<Visit>,
    /// Coefficients of the objective.
    pub cost: CostFile,
    /// Which of equally good days.
    pub placement: Placement,
    /// SHA-256 of the file's bytes.
    pub sha256: String,
    /// Row-major, bases first, then visits.
    travel: Vec<u32>,
    nodes: usize,
}

impl Problem {
    /// The problem of some of the visits alone.
    pub(crate) fn part(&self, visits: &[usize]) -> Self {
        let nodes: Vec<usize> =
            (0..self.bases.len()).chain(visits.iter().map(|visit| self.node(*visit))).collect();
        let leg = |from: usize, to: usize| self.travel[from * self.nodes + to];
        Self {
            name: self.name.clone(),
            days: self.days.clone(),
            bases: self.bases.clone(),
            teams: self.teams.clone(),
            visits: visits.iter().map(|visit| self.visits[*visit].clone()).collect(),
            cost: self.cost.clone(),
            sha256: self.sha256.clone(),
            travel: nodes.iter().flat_map(|from| nodes.iter().map(move |to| leg(*from, *to))).collect(),
            nodes: nodes.len(),
            ..*self
        }
    }

    /// The same where travel costs nothing.
    pub(crate) fn without_travel(&self) -> Self {
        Self { cost: CostFile { travel: 0, ..self.cost.clone() }, ..self.clone() }
    }

    /// A cost that no schedule exceeds.
    pub(crate) fn worst_cost(&self) -> i128 {
        let n = self.visits.len() as i128;
        let longest = i128::from(self.travel.iter().copied().max().unwrap_or(0));
        // No schedule has more routes than visits, nor more than two legs a visit.
        n * i128::from(self.cost.team_day)
            + 2 * n * longest * i128::from(self.cost.travel)
            + n * i128::from(self.cost.unscheduled)
            + self.all_prices()
    }

    /// What all prices of change come to.
    fn all_prices(&self) -> i128 {
        let planned = self.visits.iter().filter_map(|visit| visit.planned);
        planned.map(|planned| i128::from(planned.price_day) + i128::from(planned.price_team)).sum()
    }

    /// How many visits must stay out of every schedule if none costs less than `bound`: the largest k for which `bound` is
    /// more than it could cost to leave out k − 1 visits, fill every slot with the dearest route and pay every price of
    /// change.
    #[must_use]
    pub fn must_stay_out(&self, bound: Cost) -> usize {
        let slots: usize = self.teams.iter().map(|team| team.works.iter().filter(|works| **works).count()).sum();
        let shift = self.shift.end - self.shift.start;
        let route = i128::from(self.cost.team_day) + i128::from(self.cost.travel) * i128::from(shift);
        let beyond = i128::from(bound) - slots as i128 * route - self.all_prices();
        if beyond <= 0 || self.cost.unscheduled == 0 {
            return 0;
        }
        let k = (beyond - 1) / i128::from(self.cost.unscheduled) + 1;
        usize::try_from(k).unwrap_or(usize::MAX).min(self.visits.len())
    }

    /// Travel between nodes, seconds; bases first, then visits.
    #[must_use]
    pub fn travel(&self, from: usize, to: usize) -> Seconds {
        Seconds::from(self.travel[from * self.nodes + to])
    }

    /// Travel from a node to every one, seconds.
    pub(crate) fn travel_from(&self, node: usize) -> &[u32] {
        &self.travel[node * self.nodes..][..self.nodes]
    }

    /// The node of a visit.
    #[must_use]
    pub fn node(&self, visit: usize) -> usize {
        self.bases.len() + visit
    }

    /// Whether a team may ever make a visit: skills, `avoid`, `max_visits`.
    #[must_use]
    pub fn suits(&self, visit: usize, team: usize) -> bool {
        let (v, t) = (&self.visits[visit], &self.teams[team]);
        t.max_visits > 0 && v.skills.iter().all(|s| t.skills.contains(s)) && v.avoid.binary_search(&team).is_err()
    }

    /// Whether a visit may stand in a route of a team on a day, timing aside.
    #[must_use]
    pub fn allows(&self, visit: usize, team: usize, day: usize) -> bool {
        let v = &self.visits[visit];
        self.teams[team].works[day]
            && v.open[day]
            && self.suits(visit, team)
            && (!v.pinned || v.planned.is_some_and(|p| p.day == Some(day) && p.team == team))
    }

    /// Price of change of a visit in a route of a team on a day.
    #[must_use]
    pub fn change_price(&self, visit: usize, team: usize, day: usize) -> Cost {
        self.visits[visit].planned.map_or(0, |p| {
            (if p.day == Some(day) { 0 } else { p.price_day }) + (if p.team == team { 0 } else { p.price_team })
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn example() -> Value {
        json!({"format":FORMAT,"days":["2022-03-08","2022-03-07"],"shift":{"start":0,"end":100},
            "bases":[{"id":"B"}],"teams":[{"id":"T","base":"B"}],
            "visits":[{"id":"V","service":10,"avoid":[],"deadline":"2022-03-07"}],
            "travel":[[0,1],[1,0]],"cost":{"team_day":5,"travel":1}})
    }

    fn read(value: &Value) -> Result<Problem, ProblemError> {
        Problem::from_json(value.to_string().as_bytes())
    }

    #[test]
    fn what_may_be_left_out_may_be_left_out() {
        let problem = read(&example()).unwrap();
        assert_eq!(problem.cost.unscheduled, 10_000_000);
        assert_eq!(problem.days[0].to_string(), "2022-03-07");
        assert!(problem.allows(0, 0, 0) && !problem.allows(0, 0, 1));
        assert_eq!(problem.teams[0].max_visits, usize::MAX);
    }

    #[test]
    fn what_changes_cost_is_no_visit_left_out() {
        let mut file = example();
        let dearest = 2 * (5 + 100);
        assert_eq!(read(&file).unwrap().must_stay_out(dearest), 0);
        assert_eq!(read(&file).unwrap().must_stay_out(dearest + 1), 1);
        file["visits"][0]["planned"] = json!({"day":"2022-03-08","team":"T","price_day":40,"price_team":2});
        assert_eq!(read(&file).unwrap().must_stay_out(dearest + 42), 0);
        assert_eq!(read(&file).unwrap().must_stay_out(dearest + 43), 1);
    }

    #[test]
    fn a_malformed_field_is_named_by_its_path() {
        for (pointer, value, path) in [
            ("/visits/0/service", json!("x"), "visits[0].service"),
            ("/visits/0/service", json!(-1), "visits[0].service"),
            ("/visits/0/avoid", json!(["T", "Z"]), "visits[0].avoid[1]"),
            ("/visits/0/deadline", json!("2022-02-30"), "visits[0].deadline"),
            ("/teams/0/base", json!("Z"), "teams[0].base"),
            ("/shift", json!([0, 50]), "shift"),
            ("/bases/0", json!(["B"]), "bases[0]"),
            ("/cost", json!([5, 1]), "cost"),
            ("/days/0", json!("2022-3-7"), "days[0]"),
            ("/days/0", json!("2022-03-07 "), "days[0]"),
            ("/travel/1", json!([1]), "travel[1]"),
            ("/travel/1/0", json!(-5), "travel[1][0]"),
            ("/shift", json!({"start": 5, "end": 5}), "shift"),
            ("/days", json!(["2022-03-07", "2022-03-07"]), "days"),
            ("/cost/team_day", json!(1.5), "cost.team_day"),
            ("/cost/unscheduled", json!(9_007_199_254_740_992_i64), "cost.unscheduled"),
            ("/format", json!("x"), "format"),
            ("/visits/0/pinned", json!(true), "visits[0].pinned"),
            ("/bases/0/colour", json!("red"), "bases[0].colour"),
        ] {
            let mut file = example();
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            match file.pointer_mut(parent).unwrap() {
                Value::Object(map) => {
                    map.insert(key.to_owned(), value);
                }
                Value::Array(list) => list[key.parse::<usize>().unwrap()] = value,
                _ => unreachable!(),
            }
            assert_eq!(read(&file).unwrap_err().path, path, "{pointer}");
        }
        assert!(Problem::from_json(b"[1").is_err());
    }
}
