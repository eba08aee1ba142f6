//! Coverage of any list of checked enterprises, whoever drew it: checked / applicants per star and county.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Rate, Scope};
use crate::frame::{CreditCode, Frame};

/// One line of the result: a part of the frame and how much of it is checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Share {
    /// County, or all.
    pub county: Option<String>,
    /// Star, or all.
    pub star: Option<u8>,
    /// Applicants in the frame.
    pub applicants: usize,
    /// Checked of them.
    pub checked: usize,
    /// ⌈rate × applicants⌉.
    pub required: usize,
    /// How many are missing to what is demanded here; 0 where nothing is demanded or all is met.
    pub missing: usize,
}

/// Coverage of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The whole, then stars, then counties, then county × star.
    pub shares: Vec<Share>,
    /// Codes of the list that have withdrawn, ascending.
    pub withdrawn: Vec<CreditCode>,
    /// Codes of the list that are in no row of the tables, ascending.
    pub unknown: Vec<CreditCode>,
    /// Whether the notice is met.
    pub met: bool,
}

/// The rate that is demanded of a round which keeps to one of its `own`: the notice's where that is higher.
#[must_use]
pub fn demanded(own: &Rate, notice: &str) -> Rate {
    Rate::parse(notice).ok().filter(|least| !own.at_least(least)).unwrap_or_else(|| own.clone())
}

/// Measures a list against the frame. Demanded is the rate of the whole and, where `every_star`, at least one of every
/// star that has applicants; under scope `county` both in every county.
#[must_use]
pub fn coverage(
    frame: &Frame,
    checked: &BTreeSet<CreditCode>,
    rate: &Rate,
    every_star: bool,
    scope: Scope,
) -> Coverage {
    // Applicants, and checked ones, by county and star.
    let mut counts: BTreeMap<(&str, u8), (usize, usize)> = BTreeMap::new();
    for entry in frame.iter() {
        let count = counts.entry((entry.county(), entry.star())).or_default();
        count.0 += 1;
        count.1 += usize::from(checked.contains(&entry.code()));
    }
    let counties: BTreeSet<&str> = counts.keys().map(|(county, _)| *county).collect();
    let stars: BTreeSet<u8> = counts.keys().map(|(_, star)| *star).collect();
    let share = |county: Option<&str>, star: Option<u8>| {
        let part = counts
            .iter()
            .filter(|((c, s), _)| county.is_none_or(|county| county == *c) && star.is_none_or(|star| star == *s));
        let (applicants, checked) = part.fold((0, 0), |(all, hit), (_, n)| (all + n.0, hit + n.1));
        let required = rate.ceil_of(applicants);
        let demanded = match (county.is_some() == (scope == Scope::County), star) {
            (true, None) => required,
            (true, Some(_)) => usize::from(every_star && applicants > 0),
            (false, _) => 0,
        };
        Share {
            county: county.map(str::to_owned),
            star,
            applicants,
            checked,
            required,
            missing: demanded.saturating_sub(checked),
        }
    };
    let mut shares = vec![share(None, None)];
    shares.extend(stars.iter().map(|s| share(None, Some(*s))));
    shares.extend(counties.iter().map(|c| share(Some(c), None)));
    shares.extend(counties.iter().flat_map(|c| stars.iter().map(|s| share(Some(c), Some(*s)))));
    shares.retain(|s| s.applicants > 0 || (s.county.is_none() && s.star.is_none()));
    let outside = checked.iter().copied().filter(|code| frame.position(*code).is_none());
    let (withdrawn, unknown) = outside.partition(|code| frame.has_withdrawn(*code));
    Coverage { met: shares.iter().all(|s| s.missing == 0), withdrawn, unknown, shares }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::test_support::{applicant, frame};

    #[test]
    fn a_round_may_ask_for_more_than_the_notice_but_not_for_less() {
        for (own, rate) in [("5%", "10%"), ("0%", "10%"), ("10%", "10%"), ("10.5%", "10.5%")] {
            assert_eq!(demanded(&Rate::parse(own).unwrap(), "10%"), Rate::parse(rate).unwrap());
        }
    }

    #[test]
    fn rate_and_stars_are_demanded_where_the_scope_says() {
        let frame = frame(vec![
            applicant("91320583MAC1JJUW8D", 3, "昆山市"),
            applicant("91320581MAJHYR102B", 3, "常熟市"),
            applicant("91320582MADR54U39J", 4, "昆山市"),
        ]);
        let rate = Rate::parse("40%").unwrap();
        let codes = |list: &[usize]| list.iter().map(|at| frame.at(*at).code()).collect::<BTreeSet<_>>();
        let missing = |list: &[usize], scope| {
            let coverage = coverage(&frame, &codes(list), &rate, true, scope);
            let total: usize = coverage.shares.iter().map(|s| s.missing).sum();
            (coverage.met, total)
        };
        // In the order of codes: 常熟 3, 昆山 4, 昆山 3.
        assert_eq!(missing(&[0, 1], Scope::City), (true, 0));
        assert_eq!(missing(&[0, 2], Scope::City), (false, 1), "no 4-star applicant is checked");
        assert_eq!(missing(&[], Scope::City), (false, 4), "two of all, one of each star");
        assert_eq!(missing(&[0, 1, 2], Scope::County), (true, 0));
        assert_eq!(missing(&[1, 2], Scope::County), (false, 2), "常熟: the rate and the 3 stars");
    }
}
