//! Strata and their sizes: n_h = min(drawable_h, max(minimum, ⌈rate × N_h⌉)), contract section 4, steps 6 and 7.

use std::collections::BTreeMap;

use super::{DrawError, Rate, Rules, Scope};
use crate::frame::{Entry, Frame};

/// Stars are single digits.
const DIGITS: usize = 10;

/// One stratum before anybody is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stratum {
    /// County under scope `county`.
    pub county: Option<String>,
    /// Star.
    pub star: u8,
    /// N_h: applicants in the frame.
    pub applicants: usize,
    /// How many of them may be drawn.
    pub drawable: usize,
    /// n_h.
    pub size: usize,
    /// ⌈rate × N_h⌉.
    pub required: usize,
}

/// The strata in the order of the record: county by its bytes, then star. Scope `city` has every star of the notice.
#[derive(Debug)]
pub(super) struct Strata {
    pub(super) list: Vec<Stratum>,
    /// Position in the list by county and star, or by star alone.
    place: Vec<usize>,
    scope: Scope,
}

impl Strata {
    /// `drawable` says of each entry of the frame, in its order, whether it may be drawn.
    pub(super) fn new(
        frame: &Frame,
        stars: &[u8],
        rules: &Rules,
        mut drawable: impl FnMut(&Entry<'_>) -> bool,
    ) -> Result<Self, DrawError> {
        let counties = if rules.scope == Scope::County { frame.counties().len() } else { 1 };
        // Applicants, and drawable ones.
        let mut counts = vec![(0, 0); counties * DIGITS];
        for entry in frame.iter() {
            let count = &mut counts[cell(rules.scope, &entry)];
            count.0 += 1;
            count.1 += usize::from(drawable(&entry));
        }
        let mut members: BTreeMap<(Option<&str>, u8), usize> = BTreeMap::new();
        if rules.scope == Scope::City {
            members.extend(stars.iter().map(|star| ((None, *star), usize::from(*star))));
        }
        for (at, (applicants, _)) in counts.iter().enumerate() {
            if *applicants > 0 {
                let county = (rules.scope == Scope::County).then(|| frame.counties()[at / DIGITS].as_str());
                members.insert((county, (at % DIGITS) as u8), at);
            }
        }
        let mut place = vec![usize::MAX; counts.len()];
        let mut list = Vec::new();
        for ((county, star), at) in members {
            let (applicants, drawable) = counts.get(at).copied().unwrap_or_default();
            let county = county.map(str::to_owned);
            let required = rules.rate.ceil_of(applicants);
            if drawable < required {
                return Err(DrawError::TooFewDrawable { county, star, drawable, required });
            }
            if let Some(place) = place.get_mut(at) {
                *place = list.len();
            }
            let size = size(&rules.rate, rules.minimum, applicants, drawable);
            list.push(Stratum { county, star, applicants, drawable, size, required });
        }
        Ok(Self { list, place, scope: rules.scope })
    }

    /// Position in the list of the stratum of an entry of the frame.
    pub(super) fn of(&self, entry: &Entry<'_>) -> usize {
        self.place[cell(self.scope, entry)]
    }
}

fn cell(scope: Scope, entry: &Entry<'_>) -> usize {
    let county = if scope == Scope::County { entry.county_number() } else { 0 };
    county * DIGITS + usize::from(entry.star()) % DIGITS
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
