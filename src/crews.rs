//! Crews by lot (contract, section 5): who goes on each route.
//!
//! Routes are planned for interchangeable teams of a base. Each inspector has a ticket for each route, a hash that nobody
//! can choose. Routes are taken in order of day and team; each takes, of those who may go, the one with the fewest days
//! served, then the fewest days with those already chosen, then the lowest ticket, as long as the later routes of the
//! day still find their crews. That is what backtracking to the next choice in that order finds, and a bipartite
//! matching tells for each choice whether it would have to be taken back.

mod fairness;
mod lot;
mod rules;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use fairness::{Spread, spreads};
pub use lot::{Earlier, Shortage, assign};
pub use rules::{Bar, Rules, Task};

/// Name of the format.
pub const FORMAT: &str = "hecha-crews/1";

/// `crews.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crews {
    /// [`FORMAT`].
    pub format: String,
    /// Salt of stream 2, 64 lower-case hex digits.
    pub salt: String,
    /// One line a route, in the order of the schedule.
    pub routes: Vec<CrewLine>,
}

/// The crew of one route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrewLine {
    /// Day.
    pub day: NaiveDate,
    /// Team id.
    pub team: String,
    /// Ids of the inspectors, in the order in which the lot took them; none if the route admits no crew.
    pub inspectors: Vec<String>,
}

impl Crews {
    /// Reads `crews.json`.
    ///
    /// # Errors
    /// The parser's words.
    pub fn from_json(bytes: &[u8]) -> Result<Self, String> {
        let crews: Self = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        if crews.format == FORMAT {
            Ok(crews)
        } else {
            Err(format!("format {}", crate::text::excerpt(&crews.format, 40)))
        }
    }

    /// As it is written.
    ///
    /// # Panics
    /// Never: string keys only.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("string keys") + "\n"
    }
}
