//! Strata and their sizes: n_h = min(drawable_h, max(minimum, ⌈rate × N_h⌉)), contract section 4, steps 6 and 7.

use std::collections::{BTreeMap, BTreeSet};

use super::{DrawError, Rate, Rules, Scope};
use crate::frame::{CreditCode, Frame};

/// County (scope `county` only) and star.
type StratumKey = (Option<String>, u8);

/// One stratum before anybody is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stratum {
    /// County under scope `county`.
    pub county: Option<String>,
    /// Star.
    pub star: u8,
    /// N_h: applicants in the frame.
    pub applicants: usize,
    /// Positions in the frame of those that may be drawn, ascending.
    pub drawable: Vec<usize>,
    /// n_h.
    pub size: usize,
    /// ⌈rate × N_h⌉.
    pub required: usize,
}

/// The strata in the order of the record: county by its bytes, then star. Scope `city` has every star of the notice.
pub(super) fn strata(
    frame: &Frame,
    stars: &[u8],
    rules: &Rules,
    excluded: &BTreeSet<CreditCode>,
) -> Result<Vec<Stratum>, DrawError> {
    let mut members: BTreeMap<StratumKey, Vec<usize>> = BTreeMap::new();
    if rules.scope == Scope::City {
        members.extend(stars.iter().map(|star| ((None, *star), Vec::new())));
    }
    for (at, applicant) in frame.applicants.iter().enumerate() {
        let county = (rules.scope == Scope::County).then(|| applicant.county.clone());
        members.entry((county, applicant.star)).or_default().push(at);
    }
    members
        .into_iter()
        .map(|((county, star), all)| {
            let applicants = all.len();
            let mut drawable = all;
            drawable.retain(|at| !excluded.contains(&frame.applicants[*at].code));
            let required = rules.rate.ceil_of(applicants);
            if drawable.len() < required {
                return Err(DrawError::TooFewDrawable { county, star, drawable: drawable.len(), required });
            }
            let size = size(&rules.rate, rules.minimum, applicants, drawable.len());
            Ok(Stratum { county, star, applicants, drawable, size, required })
        })
        .collect()
}

/// n_h for N_h applicants of whom `drawable` may be drawn.
#[must_use]
pub fn size(rate: &Rate, minimum: usize, applicants: usize, drawable: usize) -> usize {
    drawable.min(minimum.max(rate.ceil_of(applicants)))
}

/// How many reserves are listed for n_h selected: the share rounded up, at least 1, at most all that are left.
#[must_use]
pub fn reserves(share: &Rate, selected: usize, drawable: usize) -> usize {
    share.ceil_of(selected).max(1).min(drawable - selected)
}
