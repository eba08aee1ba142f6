//! The draw, `hecha-draw/1`: recomputable by anyone, for ever, with common tools (contract, section 4).
//!
//! Seed and draw id → key → salt; each enterprise's ticket is SHA-256(salt ‖ code); within a stratum the lowest tickets
//! are selected. Tickets are permanent random numbers (Ohlsson 1995, "Coordination of samples using permanent random
//! numbers"): adding or removing an applicant changes nobody else's ticket.

pub mod coverage;
mod rate;
mod record;
pub mod seal;
mod seed;
mod strata;
pub mod stream;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use rate::{Rate, RateError};
pub use record::{
    ChangeLine, DrawnLine, ExcludedLine, FileLine, FrameLine, Heading, ReserveLine, SampleRecord, StratumLine,
};
pub use seed::{DrawId, Seed, SeedError};
pub use strata::{Stratum, reserves, size};

use crate::digest::hex;
use crate::frame::{CreditCode, Exclusion, Frame};
use crate::text::{Lang, Say, both, display_in_english};

/// Where rate and coverage must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// In the city as a whole: strata are the stars.
    City,
    /// In every county: strata are county × star.
    County,
}

/// The rules of sampling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Share of each stratum's applicants to check.
    pub rate: Rate,
    /// Where it must hold.
    pub scope: Scope,
    /// At least so many of every stratum.
    pub minimum: usize,
    /// Share of each stratum's selected that is listed as reserves.
    pub reserves: Rate,
}

/// One applicant in the order of the lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawn {
    /// Position in the frame.
    pub at: usize,
    /// Its ticket.
    pub ticket: Ticket,
    /// Rank in its stratum, from 1.
    pub rank: usize,
}

/// SHA-256(salt of stream 1 as 64 hex characters ‖ code).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket([u8; 32]);

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl Ticket {
    /// The ticket of a code under a salt of 64 hex characters.
    #[must_use]
    pub fn new(salt: &str, code: CreditCode) -> Self {
        Self::of(salt, code.as_str())
    }

    /// SHA-256 of salt and text.
    #[must_use]
    pub fn of(salt: &str, text: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(salt.as_bytes());
        hash.update(text.as_bytes());
        Self(hash.finalize().into())
    }

    /// 64 lower-case hex digits, ordered as the bytes are.
    #[must_use]
    pub fn to_hex(self) -> String {
        hex(&self.0)
    }
}

/// What was drawn from one stratum.
#[derive(Debug, Clone)]
pub struct StratumDraw {
    /// The stratum.
    pub stratum: Stratum,
    /// Ranks 1 to n_h.
    pub selected: Vec<Drawn>,
    /// The next ranks.
    pub reserves: Vec<Drawn>,
    /// Must-inspect enterprises that the lot did not select; they keep their rank.
    pub targeted: Vec<Drawn>,
}

/// A whole draw.
#[derive(Debug, Clone)]
pub struct Draw {
    /// K.
    pub key: stream::Key,
    /// Salt of stream 1.
    pub salt: String,
    /// In the order of the record.
    pub strata: Vec<StratumDraw>,
}

/// Why a draw is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DrawError {
    /// Too many are excluded to reach the rate.
    TooFewDrawable {
        /// County under scope `county`.
        county: Option<String>,
        /// Star.
        star: u8,
        /// Drawable applicants of the stratum.
        drawable: usize,
        /// Needed by the rate.
        required: usize,
    },
    /// Both must-inspect and excluded.
    MustAndExcluded(CreditCode),
    /// Nobody to draw from.
    NoApplicants,
}

impl Say for DrawError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::TooFewDrawable { county, star, drawable, required } => {
                let county = county.as_deref().unwrap_or("");
                both!(
                    lang,
                    "{county}{star}星可抽取{drawable}家，不足按比例应查的{required}家；请减少排除名单",
                    "{star} stars {county}: {drawable} can be drawn but the rate needs {required}; exclude fewer"
                )
            }
            Self::MustAndExcluded(code) => both!(
                lang,
                "{code}既列为必查又被排除；请更正其中之一",
                "{code} is both must-inspect and excluded; correct one of them"
            ),
            Self::NoApplicants => {
                both!(lang, "没有可供抽取的申报企业", "there are no applicants to draw from")
            }
        }
    }
}
display_in_english!(DrawError);
impl std::error::Error for DrawError {}

/// Draws the sample. `stars` are those of the notice, ascending.
///
/// Within a stratum the order is (ticket, code) ascending; all subsets of n_h drawable applicants are equally likely,
/// so each has inclusion probability n_h / drawable_h.
///
/// # Errors
/// [`DrawError`].
pub fn draw(
    frame: &Frame,
    stars: &[u8],
    rules: &Rules,
    exclusions: &[Exclusion],
    key: stream::Key,
) -> Result<Draw, DrawError> {
    if frame.applicants.is_empty() {
        return Err(DrawError::NoApplicants);
    }
    let excluded: BTreeSet<CreditCode> = exclusions.iter().map(|e| e.code).collect();
    if let Some(both) = frame.applicants.iter().find(|a| a.must_inspect.is_some() && excluded.contains(&a.code)) {
        return Err(DrawError::MustAndExcluded(both.code));
    }
    let salt = key.salt(stream::SAMPLE);
    let strata = strata::strata(frame, stars, rules, &excluded)?
        .into_iter()
        .map(|stratum| draw_stratum(frame, stratum, &rules.reserves, &salt))
        .collect();
    Ok(Draw { key, salt, strata })
}

fn draw_stratum(frame: &Frame, stratum: Stratum, share: &Rate, salt: &str) -> StratumDraw {
    let mut order: Vec<(Ticket, usize)> =
        stratum.drawable.iter().map(|at| (Ticket::new(salt, frame.applicants[*at].code), *at)).collect();
    // Positions ascend with the codes, so (ticket, position) is (ticket, code).
    order.sort_unstable();
    let drawn: Vec<Drawn> =
        order.into_iter().zip(1..).map(|((ticket, at), rank)| Drawn { at, ticket, rank }).collect();
    let (selected, rest) = drawn.split_at(stratum.size);
    let reserves = reserves(share, stratum.size, drawn.len());
    StratumDraw {
        selected: selected.to_vec(),
        reserves: rest[..reserves].to_vec(),
        targeted: rest.iter().filter(|d| frame.applicants[d.at].must_inspect.is_some()).copied().collect(),
        stratum,
    }
}

impl StratumDraw {
    /// The ticket of rank n_h: whoever has a lower or equal one is selected.
    #[must_use]
    pub fn cutoff(&self) -> Option<Ticket> {
        self.selected.last().map(|d| d.ticket)
    }
}

impl Draw {
    /// Positions in the frame of everybody to be visited: selected by lot, then targeted; each in the order of the strata.
    #[must_use]
    pub fn visited(&self) -> Vec<usize> {
        let selected = self.strata.iter().flat_map(|s| &s.selected);
        selected.chain(self.strata.iter().flat_map(|s| &s.targeted)).map(|d| d.at).collect()
    }
}

#[cfg(test)]
mod tests;
