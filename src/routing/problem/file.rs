//! `problem.json` as it stands in the file (contract, section 6).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::routing::{Cost, Seconds, json};

/// Price of a visit left out where the file says none.
const DEFAULT_UNSCHEDULED: i64 = 10_000_000;

/// `problem.json` as it stands in the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProblemFile {
    /// [`FORMAT`](super::FORMAT).
    pub format: String,
    /// Name for people; the draw id where `plan` wrote the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Days on which visits can take place.
    #[serde(deserialize_with = "json::days")]
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
    #[serde(default, deserialize_with = "json::days")]
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
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "json::day_or_none")]
    pub deadline: Option<NaiveDate>,
    /// Days on which it is impossible.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "json::days")]
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
    #[serde(deserialize_with = "json::day")]
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
