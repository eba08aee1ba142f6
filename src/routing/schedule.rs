//! `schedule.json`, `hecha-schedule/1`: routes with times (contract, section 6).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::certificate::Tree;
use super::{Cost, Seconds};

/// Name of the format.
pub const FORMAT: &str = "hecha-schedule/1";

/// A schedule as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// [`FORMAT`].
    pub format: String,
    /// SHA-256 of the problem file's bytes.
    pub problem_sha256: String,
    /// Sorted by day, then by the team's id, byte by byte.
    pub routes: Vec<RouteLine>,
    /// In the order of the problem.
    pub unscheduled: Vec<Unscheduled>,
    /// What it costs.
    pub cost: CostLine,
    /// How far from optimal it can be at most, with the proof; null where none was computed.
    pub bound: Option<Bound>,
    /// How it was made.
    pub run: Run,
}

/// One team on one day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteLine {
    /// Team id.
    pub team: String,
    /// Day.
    #[serde(deserialize_with = "super::json::day")]
    pub day: NaiveDate,
    /// Leaving the base, seconds from midnight: first start − travel.
    pub depart: Seconds,
    /// Back at the base.
    #[serde(rename = "return")]
    pub back: Seconds,
    /// Travel in all, seconds.
    pub travel: Seconds,
    /// In the order of the route.
    pub visits: Vec<VisitLine>,
}

/// A visit in a route; waiting is on site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisitLine {
    /// Visit id.
    pub id: String,
    /// Previous end + travel.
    pub arrive: Seconds,
    /// Start of the service.
    pub start: Seconds,
    /// Its end.
    pub end: Seconds,
}

/// A visit that stands in no route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unscheduled {
    /// Visit id.
    pub id: String,
    /// Why.
    pub reason: Reason,
}

/// Why a visit stands in no route: the first of these that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No team may make it: skills, `avoid`, `max_visits` 0.
    NoTeam,
    /// No such team works on a day on which it is possible.
    NoDay,
    /// Its service fits into no window within the shift and beside lunch, whatever the travel.
    NoWindow,
    /// It fits, but not with the travel from and to the base.
    Unreachable,
    /// It could be made alone, but not together with the others, or only at a higher cost than leaving it out.
    Capacity,
}

/// What a schedule costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CostLine {
    /// Routes.
    pub team_days: i64,
    /// Visits left out.
    pub unscheduled: i64,
    /// Travel, seconds.
    pub travel: Seconds,
    /// Prices of change.
    pub change: Cost,
    /// The objective.
    pub total: Cost,
}

/// A lower bound with its proof (contract, section 7).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// No schedule costs less.
    pub value: Cost,
    /// ⌈(total − value) / total × 10⁶⌉, 0 if total = 0.
    pub gap: i64,
    /// The multipliers.
    #[serde(serialize_with = "in_one_line")]
    pub tree: Tree,
}

/// A tree is deep: indented, it would be blanks for the greater part.
fn in_one_line<S: serde::Serializer>(tree: &Tree, to: S) -> Result<S::Ok, S::Error> {
    let text = serde_json::value::to_raw_value(tree).map_err(serde::ser::Error::custom)?;
    text.serialize(to)
}

impl Bound {
    /// The bound that `tree` proves; a schedule of cost `total` shows that no more can be.
    #[must_use]
    pub fn new(value: Cost, total: Cost, tree: Tree) -> Self {
        debug_assert!(value <= total || value == Cost::MAX, "a bound of {value} above a schedule of {total}");
        let value = value.min(total);
        Self { value, gap: gap(value, total), tree }
    }
}

/// ⌈(total − value) / total × 10⁶⌉, 0 if total = 0.
#[must_use]
pub fn gap(value: Cost, total: Cost) -> i64 {
    if total == 0 {
        return 0;
    }
    let (over, total) = ((i128::from(total) - i128::from(value)) * 1_000_000, i128::from(total));
    i64::try_from(over.div_euclid(total) + i128::from(over.rem_euclid(total) > 0)).unwrap_or(i64::MAX)
}

/// How a schedule was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Seed of the search.
    pub seed: String,
    /// Effort, on the scale of `--effort`.
    pub effort: u32,
    /// Version of the program.
    pub version: String,
    /// Why the search ended early, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Stopped>,
}

/// Why a search ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopped {
    /// The time limit was reached.
    TimeLimit,
    /// A person stopped it.
    Interrupted,
}

impl Schedule {
    /// Pretty-printed JSON with a final line break.
    ///
    /// # Panics
    /// Never: a schedule has string keys only.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("string keys") + "\n"
    }

    /// Reads `schedule.json`; the error names the path of the field.
    ///
    /// # Errors
    /// [`ProblemError`](super::problem::ProblemError).
    pub fn from_json(bytes: &[u8]) -> Result<Self, super::problem::ProblemError> {
        use super::problem::{ProblemError, ProblemFault};
        let schedule: Self = super::json::read(bytes)?;
        if schedule.format != FORMAT {
            return Err(ProblemError {
                path: "format".to_owned(),
                what: ProblemFault::Format(FORMAT, schedule.format),
            });
        }
        Ok(schedule)
    }
}
