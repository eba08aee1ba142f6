//! The immutable problem, `hecha-problem/1`: days, teams, visits, travel, costs (contract, section 6).
//!
//! Objective, to be minimised:
//! `team_day · routes + travel · Σ travel seconds + unscheduled · visits left out + Σ prices of change`.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Cost, Seconds};
use crate::text::{Lang, Say, both, display_in_english, excerpt};

/// Name of the format.
pub const FORMAT: &str = "hecha-problem/1";
/// Most visits, teams, days or bases of a problem.
pub const MAX_ITEMS: usize = 10_000;
/// Most teams times days.
pub const MAX_SLOTS: usize = 1 << 20;
/// Latest time and longest travel, seconds (about three years).
const MAX_SECONDS: i64 = 100_000_000;
/// Largest cost coefficient: integers up to here survive every JSON reader.
const MAX_COST: i64 = (1 << 53) - 1;
/// Price of a visit left out where the file says none.
const DEFAULT_UNSCHEDULED: i64 = 10_000_000;

/// `problem.json` as it stands in the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProblemFile {
    /// [`FORMAT`].
    pub format: String,
    /// Name for people; the draw id where `plan` wrote the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Days on which visits can take place.
    pub days: Vec<NaiveDate>,
    /// Routes leave the base not before its start and are back by its end.
    pub shift: SpanFile,
    /// No service meets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lunch: Option<SpanFile>,
    /// Where teams start and end.
    pub bases: Vec<BaseFile>,
    /// Teams.
    pub teams: Vec<TeamFile>,
    /// Visits.
    pub visits: Vec<VisitFile>,
    /// Whole seconds, bases first, then visits; need be neither symmetric nor obey the triangle inequality.
    pub travel: Vec<Vec<i64>>,
    /// Coefficients of the objective.
    pub cost: CostFile,
    /// Which of equally good days.
    #[serde(default)]
    pub placement: Placement,
}

/// Seconds from midnight, start before end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpanFile {
    /// First second.
    pub start: Seconds,
    /// End.
    pub end: Seconds,
}

/// A base.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseFile {
    /// Unique among bases.
    pub id: String,
    /// Degrees, for display only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lon: Option<f64>,
    /// Degrees, for display only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lat: Option<f64>,
}

/// A team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamFile {
    /// Unique among teams.
    pub id: String,
    /// Id of its base.
    pub base: String,
    /// What it can do beside plain visits.
    #[serde(default)]
    pub skills: Vec<String>,
    /// Days on which it does not work.
    #[serde(default)]
    pub days_off: Vec<NaiveDate>,
    /// Most visits of a route.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_visits: Option<u32>,
}

/// A visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisitFile {
    /// Unique among visits.
    pub id: String,
    /// Degrees, for display only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lon: Option<f64>,
    /// Degrees, for display only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lat: Option<f64>,
    /// For display only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<i64>,
    /// Seconds on site.
    pub service: Seconds,
    /// Last possible day, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<NaiveDate>,
    /// Days on which it is impossible.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days_off: Vec<NaiveDate>,
    /// The service lies inside one of them; none: any time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<(Seconds, Seconds)>,
    /// Skills the team must have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<String>,
    /// Teams that must not come.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub avoid: Vec<String>,
    /// Where an earlier plan had it, and what changing that costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<PlannedFile>,
    /// Whether it must stay as planned.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
}

/// An earlier plan's place of a visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedFile {
    /// Day.
    pub day: NaiveDate,
    /// Team id.
    pub team: String,
    /// Cost of another day.
    pub price_day: Cost,
    /// Cost of another team.
    pub price_team: Cost,
}

/// Coefficients of the objective.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CostFile {
    /// Of a route.
    pub team_day: Cost,
    /// Of a second's travel.
    pub travel: Cost,
    /// Of a visit left out.
    #[serde(default = "default_unscheduled")]
    pub unscheduled: Cost,
}

fn default_unscheduled() -> Cost {
    DEFAULT_UNSCHEDULED
}

/// Which of equally good days the routes take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Placement {
    /// As early as possible.
    #[default]
    Early,
    /// Evenly over the days.
    Spread,
}

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

/// A malformed problem: the path of the field and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemError {
    /// Such as `visits[3].service`.
    pub path: String,
    /// What is wrong.
    pub what: ProblemFault,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemFault {
    /// Not JSON, a wrong type, a missing or unknown field: the parser's words.
    Json(String),
    /// Not [`FORMAT`]: what it is.
    Format(String),
    /// More items than [`MAX_ITEMS`].
    TooMany(usize),
    /// More teams times days than [`MAX_SLOTS`].
    TooManySlots(usize, usize),
    /// An id that occurs twice.
    Twice(String),
    /// An id that nothing has.
    Unknown(String),
    /// A number outside its range: the number, from, to.
    Range(i64, i64, i64),
    /// End before start.
    Reversed(i64, i64),
    /// A list of the wrong length: expected, found.
    Length(usize, usize),
    /// `pinned` without `planned`.
    PinnedUnplanned,
    /// Costs so large that sums overflow.
    Overflow,
}

impl Say for ProblemError {
    fn say(&self, lang: Lang) -> String {
        let path = &self.path;
        let what = match &self.what {
            ProblemFault::Json(why) => both!(lang, "格式不符（{why}）", "{why}"),
            ProblemFault::Format(found) => {
                let found = excerpt(found, 40);
                both!(lang, "格式应为“{FORMAT}”，现为“{found}”", "expected \"{FORMAT}\", found \"{found}\"")
            }
            ProblemFault::TooMany(n) => {
                both!(lang, "共{n}项，超过上限{MAX_ITEMS}", "{n} items, more than {MAX_ITEMS}")
            }
            ProblemFault::TooManySlots(teams, days) => both!(
                lang,
                "{teams}个小组×{days}天，超过上限{MAX_SLOTS}个组日",
                "{teams} teams × {days} days is more than {MAX_SLOTS} team-days"
            ),
            ProblemFault::Twice(id) => {
                let id = excerpt(id, 40);
                both!(lang, "“{id}”重复出现", "\"{id}\" occurs twice")
            }
            ProblemFault::Unknown(id) => {
                let id = excerpt(id, 40);
                both!(lang, "没有“{id}”", "there is no \"{id}\"")
            }
            ProblemFault::Range(n, from, to) => {
                both!(lang, "{n}超出范围{from}至{to}", "{n} is outside {from} to {to}")
            }
            ProblemFault::Reversed(from, to) => {
                both!(lang, "结束{to}早于开始{from}", "the end {to} is before the start {from}")
            }
            ProblemFault::Length(expected, found) => {
                both!(lang, "应有{expected}项，现有{found}项", "expected {expected} items, found {found}")
            }
            ProblemFault::PinnedUnplanned => {
                both!(lang, "固定的核查必须给出planned", "a pinned visit needs \"planned\"")
            }
            ProblemFault::Overflow => {
                both!(lang, "成本过大，合计会溢出", "costs so large that their sum overflows")
            }
        };
        both!(lang, "{path}：{what}", "{path}: {what}")
    }
}
display_in_english!(ProblemError);
impl std::error::Error for ProblemError {}

fn fault<T>(path: impl Into<String>, what: ProblemFault) -> Result<T, ProblemError> {
    Err(ProblemError { path: path.into(), what })
}

fn in_range(path: impl Fn() -> String, n: i64, from: i64, to: i64) -> Result<(), ProblemError> {
    if (from..=to).contains(&n) { Ok(()) } else { fault(path(), ProblemFault::Range(n, from, to)) }
}

fn span(path: &str, span: SpanFile) -> Result<(), ProblemError> {
    in_range(|| format!("{path}.start"), span.start, 0, MAX_SECONDS)?;
    in_range(|| format!("{path}.end"), span.end, 0, MAX_SECONDS)?;
    if span.start >= span.end { fault(path, ProblemFault::Reversed(span.start, span.end)) } else { Ok(()) }
}

/// Refuses an id that occurs twice; the result finds the index of an id.
fn index<'a>(
    list: &str,
    ids: impl Iterator<Item = &'a str>,
) -> Result<std::collections::HashMap<&'a str, usize>, ProblemError> {
    let mut out = std::collections::HashMap::new();
    for (at, id) in ids.enumerate() {
        if out.insert(id, at).is_some() {
            return fault(format!("{list}[{at}].id"), ProblemFault::Twice(id.to_owned()));
        }
    }
    Ok(out)
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

    /// Reads and checks `problem.json`.
    ///
    /// # Errors
    /// [`ProblemError`] with the path of the first field that is wrong.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ProblemError> {
        let body = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let mut deserializer = serde_json::Deserializer::from_slice(body);
        let file: ProblemFile = serde_path_to_error::deserialize(&mut deserializer).map_err(|e| {
            let path = e.path().to_string();
            ProblemError { path, what: ProblemFault::Json(e.into_inner().to_string()) }
        })?;
        deserializer
            .end()
            .map_err(|e| ProblemError { path: ".".to_owned(), what: ProblemFault::Json(e.to_string()) })?;
        let mut problem = Self::new(file)?;
        problem.sha256 = crate::digest::sha256_hex(bytes);
        Ok(problem)
    }

    /// Checks a problem; `sha256` stays empty.
    ///
    /// # Errors
    /// [`ProblemError`] with the path of the first field that is wrong.
    pub fn new(file: ProblemFile) -> Result<Self, ProblemError> {
        if file.format != FORMAT {
            return fault("format", ProblemFault::Format(file.format));
        }
        for (list, n) in [
            ("days", file.days.len()),
            ("bases", file.bases.len()),
            ("teams", file.teams.len()),
            ("visits", file.visits.len()),
        ] {
            if n > MAX_ITEMS {
                return fault(list, ProblemFault::TooMany(n));
            }
        }
        if file.teams.len() * file.days.len() > MAX_SLOTS {
            return fault("teams", ProblemFault::TooManySlots(file.teams.len(), file.days.len()));
        }
        let mut days = file.days.clone();
        days.sort_unstable();
        if let Some(pair) = days.windows(2).find(|pair| pair[0] == pair[1]) {
            return fault("days", ProblemFault::Twice(pair[0].to_string()));
        }
        span("shift", file.shift)?;
        if let Some(lunch) = file.lunch {
            span("lunch", lunch)?;
        }
        for (name, value, least) in [
            ("team_day", file.cost.team_day, 0),
            ("travel", file.cost.travel, 0),
            ("unscheduled", file.cost.unscheduled, 0),
        ] {
            in_range(|| format!("cost.{name}"), value, least, MAX_COST)?;
        }
        let base_index = index("bases", file.bases.iter().map(|b| b.id.as_str()))?;
        let team_index = index("teams", file.teams.iter().map(|t| t.id.as_str()))?;
        index("visits", file.visits.iter().map(|v| v.id.as_str()))?;

        let mut teams = Vec::with_capacity(file.teams.len());
        for (at, team) in file.teams.iter().enumerate() {
            let Some(base) = base_index.get(team.base.as_str()) else {
                return fault(format!("teams[{at}].base"), ProblemFault::Unknown(team.base.clone()));
            };
            teams.push(Team {
                id: team.id.clone(),
                base: *base,
                skills: team.skills.clone(),
                works: days.iter().map(|day| !team.days_off.contains(day)).collect(),
                max_visits: team.max_visits.map_or(usize::MAX, |n| n as usize),
            });
        }
        let mut visits = Vec::with_capacity(file.visits.len());
        for (at, visit) in file.visits.iter().enumerate() {
            visits.push(Self::visit(at, visit, &days, &team_index)?);
        }
        let nodes = file.bases.len() + file.visits.len();
        let travel = matrix(&file.travel, nodes)?;
        let problem = Self {
            name: file.name,
            days,
            shift: file.shift,
            lunch: file.lunch,
            bases: file.bases.into_iter().map(|b| b.id).collect(),
            teams,
            visits,
            cost: file.cost,
            placement: file.placement,
            sha256: String::new(),
            travel,
            nodes,
        };
        problem.check_sums()?;
        Ok(problem)
    }

    fn visit(
        at: usize,
        visit: &VisitFile,
        days: &[NaiveDate],
        team_index: &std::collections::HashMap<&str, usize>,
    ) -> Result<Visit, ProblemError> {
        let path = |field: &str| format!("visits[{at}].{field}");
        in_range(|| path("service"), visit.service, 0, MAX_SECONDS)?;
        for (w, (from, to)) in visit.windows.iter().enumerate() {
            in_range(|| path(&format!("windows[{w}][0]")), *from, 0, MAX_SECONDS)?;
            in_range(|| path(&format!("windows[{w}][1]")), *to, 0, MAX_SECONDS)?;
            if from > to {
                return fault(path(&format!("windows[{w}]")), ProblemFault::Reversed(*from, *to));
            }
        }
        let team = |field: &str, id: &String| {
            team_index
                .get(id.as_str())
                .copied()
                .ok_or_else(|| ProblemError { path: path(field), what: ProblemFault::Unknown(id.clone()) })
        };
        let mut avoid = Vec::with_capacity(visit.avoid.len());
        for (a, id) in visit.avoid.iter().enumerate() {
            avoid.push(team(&format!("avoid[{a}]"), id)?);
        }
        avoid.sort_unstable();
        avoid.dedup();
        let planned = match &visit.planned {
            None if visit.pinned => return fault(path("pinned"), ProblemFault::PinnedUnplanned),
            None => None,
            Some(planned) => {
                in_range(|| path("planned.price_day"), planned.price_day, 0, MAX_COST)?;
                in_range(|| path("planned.price_team"), planned.price_team, 0, MAX_COST)?;
                Some(Planned {
                    day: days.iter().position(|day| *day == planned.day),
                    team: team("planned.team", &planned.team)?,
                    price_day: planned.price_day,
                    price_team: planned.price_team,
                })
            }
        };
        Ok(Visit {
            id: visit.id.clone(),
            tier: visit.tier,
            service: visit.service,
            deadline: visit.deadline,
            open: days
                .iter()
                .map(|day| !visit.days_off.contains(day) && visit.deadline.is_none_or(|last| *day <= last))
                .collect(),
            windows: visit.windows.clone(),
            skills: visit.skills.clone(),
            avoid,
            planned,
            pinned: visit.pinned,
        })
    }

    /// Whether every possible cost stays within what a 64-bit sum can hold.
    fn check_sums(&self) -> Result<(), ProblemError> {
        if self.worst_cost() > i128::from(i64::MAX / 8) { fault("cost", ProblemFault::Overflow) } else { Ok(()) }
    }

    /// A cost that no schedule exceeds.
    pub(crate) fn worst_cost(&self) -> i128 {
        let n = self.visits.len() as i128;
        let longest = i128::from(self.travel.iter().copied().max().unwrap_or(0));
        let prices: i128 = self
            .visits
            .iter()
            .filter_map(|v| v.planned)
            .map(|p| i128::from(p.price_day) + i128::from(p.price_team))
            .sum();
        // No schedule has more routes than visits, nor more than two legs a visit.
        n * i128::from(self.cost.team_day)
            + 2 * n * longest * i128::from(self.cost.travel)
            + n * i128::from(self.cost.unscheduled)
            + prices
    }

    /// How many visits must stay out of every schedule if none costs less than `bound`: the largest k for which `bound` is
    /// more than leaving out k − 1 visits and filling every slot with the dearest route could cost (contract, section 7).
    #[must_use]
    pub fn must_stay_out(&self, bound: Cost) -> usize {
        let slots: usize = self.teams.iter().map(|team| team.works.iter().filter(|works| **works).count()).sum();
        let shift = self.shift.end - self.shift.start;
        let route = i128::from(self.cost.team_day) + i128::from(self.cost.travel) * i128::from(shift);
        let beyond = i128::from(bound) - slots as i128 * route;
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

fn matrix(rows: &[Vec<i64>], nodes: usize) -> Result<Vec<u32>, ProblemError> {
    if rows.len() != nodes {
        return fault("travel", ProblemFault::Length(nodes, rows.len()));
    }
    let mut out = Vec::with_capacity(nodes * nodes);
    for (r, row) in rows.iter().enumerate() {
        if row.len() != nodes {
            return fault(format!("travel[{r}]"), ProblemFault::Length(nodes, row.len()));
        }
        for (c, seconds) in row.iter().enumerate() {
            in_range(|| format!("travel[{r}][{c}]"), *seconds, 0, MAX_SECONDS)?;
            out.push(*seconds as u32);
        }
    }
    Ok(out)
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
    fn a_malformed_field_is_named_by_its_path() {
        for (pointer, value, path) in [
            ("/visits/0/service", json!("x"), "visits[0].service"),
            ("/visits/0/service", json!(-1), "visits[0].service"),
            ("/visits/0/avoid", json!(["T", "Z"]), "visits[0].avoid[1]"),
            ("/visits/0/deadline", json!("2022-02-30"), "visits[0].deadline"),
            ("/teams/0/base", json!("Z"), "teams[0].base"),
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
