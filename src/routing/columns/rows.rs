//! The rows of the master beside covering: cuts, sets of slots that are short, how many routes.

use std::iter;

use super::classes::{Mask, within};
use super::pool::Column;

/// A set of classes whose slots are short, and how many slots it has.
#[derive(Debug, Clone)]
pub(super) struct Hall {
    pub(super) mask: Mask,
    pub(super) size: usize,
}

/// At most one route holds two or more of three visits.
pub(super) type Triple = [u32; 3];

/// What the master is to respect beside covering.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    pub(super) cuts: Vec<Triple>,
    pub(super) halls: Vec<Hall>,
    /// Least routes.
    pub(super) lo: usize,
    /// Most routes; `None` where slots alone limit them.
    pub(super) hi: Option<usize>,
    /// Visits that need no route any more, by visit; only a dive has any.
    pub(super) done: Vec<bool>,
}

/// Rows by number: visits, cuts, sets of classes that are short, least and most routes.
impl Rows {
    pub(super) fn count(&self, n: usize) -> usize {
        self.lo_row(n) + 2
    }

    pub(super) fn lo_row(&self, n: usize) -> usize {
        n + self.cuts.len() + self.halls.len()
    }

    /// All cuts by visit.
    pub(super) fn cut_bits(&self, n: usize) -> CutBits {
        CutBits::new(n, &self.cuts, |_| true)
    }

    /// For each visit those of its cuts that count.
    pub(super) fn cuts_of(&self, n: usize, counts: impl Fn(usize) -> bool) -> Vec<Vec<u32>> {
        let mut out: Vec<Vec<u32>> = vec![Vec::new(); n];
        for (at, cut) in self.cuts.iter().enumerate().filter(|(at, _)| counts(*at)) {
            for visit in cut {
                out[*visit as usize].push(at as u32);
            }
        }
        out
    }

    /// Numbers of the rows in which a column stands, but for those in which all stand; a visit's as often as the column makes it.
    pub(super) fn of_column(&self, n: usize, column: &Column, cuts: &CutBits) -> impl Iterator<Item = usize> {
        let visits = column.visits.iter().map(|visit| *visit as usize);
        let held = cuts.held(&column.visits).map(move |cut| n + cut);
        // Sets of classes that are short and hold all slots of the column.
        let short = self.halls.iter().enumerate().filter(|(_, hall)| within(&column.mask, &hall.mask));
        visits.chain(held).chain(short.map(move |(at, _)| n + self.cuts.len() + at))
    }
}

/// Cuts by visit, a bit for each.
#[derive(Debug)]
pub(super) struct CutBits {
    /// Words of a visit.
    words: usize,
    of: Vec<u64>,
}

impl CutBits {
    /// Of `n` visits, with the cuts that count.
    pub(super) fn new(n: usize, cuts: &[Triple], counts: impl Fn(usize) -> bool) -> Self {
        let words = cuts.len().div_ceil(64);
        let mut of = vec![0; n * words];
        for (at, cut) in cuts.iter().enumerate().filter(|(at, _)| counts(*at)) {
            for visit in cut {
                of[*visit as usize * words + at / 64] |= 1 << (at % 64);
            }
        }
        Self { words, of }
    }

    /// The cuts of which a route of these visits holds two or more, ascending: each once, whether it holds two or three.
    pub(super) fn held(&self, visits: &[u32]) -> impl Iterator<Item = usize> {
        (0..self.words).flat_map(move |word| {
            let of = |visit: &u32| self.of[*visit as usize * self.words + word];
            let (_, mut twice) =
                visits.iter().map(of).fold((0, 0), |(once, twice), own| (once | own, twice | once & own));
            iter::from_fn(move || {
                let bit = twice.trailing_zeros() as usize;
                twice &= twice.wrapping_sub(1);
                (bit < 64).then_some(word * 64 + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// A route or a walk holds those cuts that it makes two visits of, or one twice, however many cuts there are.
        #[test]
        fn a_route_holds_the_cuts_it_meets_twice(
            cuts in prop::collection::vec(prop::sample::subsequence((0..12_u32).collect::<Vec<_>>(), 3), 0..150),
            visits in prop::collection::vec(0..12_u32, 0..6),
            divisor in 1..4_usize,
        ) {
            let cuts: Vec<Triple> = cuts.iter().map(|cut| [cut[0], cut[1], cut[2]]).collect();
            let bits = CutBits::new(12, &cuts, |cut| cut % divisor == 0);
            let met = |cut: &Triple| visits.iter().filter(|visit| cut.contains(visit)).count();
            let expected: Vec<usize> =
                (0..cuts.len()).filter(|at| at % divisor == 0 && met(&cuts[*at]) > 1).collect();
            prop_assert_eq!(bits.held(&visits).collect::<Vec<_>>(), expected);
        }
    }
}
