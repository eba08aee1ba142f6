//! `sample.json`, the draw record.

use serde::{Deserialize, Serialize};

use super::{Draw, DrawId, Drawn, Rules, Scope, Seed};
use crate::frame::{CreditCode, Exclusion, Frame};

/// The draw record as it is written; values are compared, not layout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleRecord {
    /// `hecha-draw/1`.
    pub format: String,
    /// Draw id.
    pub draw: String,
    /// Notice id.
    pub notice: String,
    /// City.
    pub city: String,
    /// What was drawn from.
    pub frame: FrameLine,
    /// SHA-256 of `seal.json`, if the draw stands under a seal.
    pub seal: Option<String>,
    /// Differences from the sealed frame and rules, each with its reason.
    pub changes: Vec<ChangeLine>,
    /// Seed as given.
    pub seed: String,
    /// Where the seed comes from.
    pub seed_source: Option<String>,
    /// K, hex.
    pub key: String,
    /// Salt of stream 1, hex.
    pub salt: String,
    /// Rate as given.
    pub rate: String,
    /// Where it holds.
    pub scope: Scope,
    /// Least of every stratum.
    pub minimum: usize,
    /// Σ ⌈rate × N_h⌉.
    pub required: usize,
    /// The strata.
    pub strata: Vec<StratumLine>,
    /// Ordered by county, star, rank; targeted ones last.
    pub selected: Vec<DrawnLine>,
    /// In the order of the strata.
    pub reserves: Vec<ReserveLine>,
    /// Ascending by code.
    pub excluded: Vec<ExcludedLine>,
}

/// The frame in the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameLine {
    /// The tables it was read from.
    pub files: Vec<FileLine>,
    /// Applicants in it.
    pub applicants: usize,
    /// Those that may be drawn.
    pub drawable: usize,
    /// SHA-256 of `frame.csv`.
    pub digest: String,
}

/// A file by name and digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLine {
    /// Name without folders.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// A difference from the seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeLine {
    /// The enterprise, if it is about one.
    pub code: Option<String>,
    /// What changed.
    pub change: String,
    /// Why.
    pub reason: String,
}

/// A stratum in the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StratumLine {
    /// County under scope `county`.
    pub county: Option<String>,
    /// Star.
    pub star: u8,
    /// N_h.
    pub applicants: usize,
    /// Drawable of them.
    pub drawable: usize,
    /// n_h.
    pub selected: usize,
    /// Reserves listed.
    pub reserves: usize,
    /// n_h / drawable_h, not reduced; null where nobody can be drawn.
    pub inclusion_probability: Option<String>,
    /// Ticket of rank n_h.
    pub cutoff: Option<String>,
}

/// A selected enterprise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawnLine {
    /// Credit code.
    pub code: CreditCode,
    /// Name.
    pub name: String,
    /// Star.
    pub star: u8,
    /// County.
    pub county: String,
    /// Ticket, hex.
    pub ticket: String,
    /// Rank in the stratum.
    pub rank: usize,
    /// Why it is visited although the lot did not select it.
    pub targeted: Option<String>,
}

/// A reserve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReserveLine {
    /// Credit code.
    pub code: CreditCode,
    /// Name.
    pub name: String,
    /// Star.
    pub star: u8,
    /// County.
    pub county: String,
    /// Ticket, hex.
    pub ticket: String,
    /// Rank in the stratum.
    pub rank: usize,
}

impl DrawnLine {
    /// The enterprise with ticket and rank, as a reserve is listed.
    #[must_use]
    pub fn place_in_line(&self) -> ReserveLine {
        ReserveLine {
            code: self.code,
            name: self.name.clone(),
            star: self.star,
            county: self.county.clone(),
            ticket: self.ticket.clone(),
            rank: self.rank,
        }
    }
}

/// An excluded enterprise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExcludedLine {
    /// Credit code.
    pub code: CreditCode,
    /// The reason on record.
    pub reason: String,
}

/// What a record says beside the draw itself.
#[derive(Debug, Clone, Copy)]
pub struct Heading<'a> {
    /// Draw id.
    pub draw: &'a DrawId,
    /// Seed.
    pub seed: &'a Seed,
    /// Where the seed comes from.
    pub seed_source: Option<&'a str>,
    /// Notice id.
    pub notice: &'a str,
    /// The tables.
    pub files: &'a [FileLine],
}

impl SampleRecord {
    /// The record of a draw.
    #[must_use]
    pub fn new(heading: Heading<'_>, frame: &Frame, rules: &Rules, exclusions: &[Exclusion], draw: &Draw) -> Self {
        let line = |drawn: &Drawn, targeted: bool| {
            let applicant = &frame.applicants[drawn.at];
            DrawnLine {
                code: applicant.code,
                name: applicant.name.clone(),
                star: applicant.star,
                county: applicant.county.clone(),
                ticket: drawn.ticket.to_hex(),
                rank: drawn.rank,
                targeted: targeted.then(|| applicant.must_inspect.clone().unwrap_or_default()),
            }
        };
        let selected = draw.strata.iter().flat_map(|s| s.selected.iter().map(|d| line(d, false)));
        let targeted = draw.strata.iter().flat_map(|s| s.targeted.iter().map(|d| line(d, true)));
        Self {
            format: "hecha-draw/1".to_owned(),
            draw: heading.draw.as_str().to_owned(),
            notice: heading.notice.to_owned(),
            city: frame.city.clone(),
            frame: FrameLine {
                files: heading.files.to_vec(),
                applicants: frame.applicants.len(),
                drawable: draw.strata.iter().map(|s| s.stratum.drawable.len()).sum(),
                digest: frame.digest(),
            },
            seal: None,
            changes: Vec::new(),
            seed: heading.seed.as_str().to_owned(),
            seed_source: heading.seed_source.map(str::to_owned),
            key: draw.key.to_hex(),
            salt: draw.salt.clone(),
            rate: rules.rate.to_string(),
            scope: rules.scope,
            minimum: rules.minimum,
            required: draw.strata.iter().map(|s| s.stratum.required).sum(),
            strata: draw
                .strata
                .iter()
                .map(|s| StratumLine {
                    county: s.stratum.county.clone(),
                    star: s.stratum.star,
                    applicants: s.stratum.applicants,
                    drawable: s.stratum.drawable.len(),
                    selected: s.selected.len(),
                    reserves: s.reserves.len(),
                    inclusion_probability: (!s.stratum.drawable.is_empty())
                        .then(|| format!("{}/{}", s.selected.len(), s.stratum.drawable.len())),
                    cutoff: s.cutoff().map(super::Ticket::to_hex),
                })
                .collect(),
            selected: selected.chain(targeted).collect(),
            reserves: draw
                .strata
                .iter()
                .flat_map(|s| &s.reserves)
                .map(|drawn| line(drawn, false).place_in_line())
                .collect(),
            excluded: exclusions.iter().map(|e| ExcludedLine { code: e.code, reason: e.reason.clone() }).collect(),
        }
    }

    /// Pretty-printed JSON with a final line break.
    ///
    /// # Panics
    /// Never: the record has string keys only.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("string keys") + "\n"
    }
}
