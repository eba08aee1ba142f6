//! Whole multipliers next to those of a linear programme over walks.
//!
//! Rounded so that no reduced cost falls ([`super::whole`]), multipliers lose half a unit a visit and a cut: with long routes, which
//! cost little a visit, more than cuts have gained. Rounded to the nearest whole numbers they lose nothing, but some walks cost
//! less than nothing then. What these have in common is taken back unit by unit (as in greedy covering: Chvátal 1979, "A greedy
//! heuristic for the set-covering problem"), and what is left of their shortfall every route pays.

use super::case::{Case, Proven};
use super::duals::Duals;
use super::generate::Generator;
use super::pricing::{Priced, PricedRoute, UNKNOWN};
use super::rows::Rows;
use super::whole::proven_value;

/// The part of time or budget that may go into giving back what rounding lost by trial.
const TRIALS: f64 = 0.08;
/// Walks of negative reduced cost that are looked at together.
const WALKS: usize = 400;
/// Times that they are mended.
const MENDINGS: usize = 12;

impl Generator<'_> {
    /// Whole multipliers next to `fine` ones, and what they prove of a case; `None` where nothing is known in time.
    pub(super) fn nearest(&mut self, case: &Case, (fine, rows): (&Duals, &Rows)) -> Option<Proven> {
        let mut duals = fine.to_nearest();
        let mut best: Option<Proven> = None;
        for _ in 0..MENDINGS {
            let priced = self.cheapest(case, &duals, rows, 0, WALKS);
            if self.over() || priced.floor() == UNKNOWN {
                return best;
            }
            let proven = self.paid_by_all(&duals, rows, &priced);
            if best.as_ref().is_none_or(|best| proven.value > best.value) {
                best = Some(proven);
            }
            if priced.routes.is_empty() {
                break;
            }
            take_back(&mut duals, fine, rows, &priced.routes);
        }
        best
    }

    /// What multipliers prove where some walks cost less than nothing: what the cheapest falls short by is paid where that
    /// costs least, for the number of routes or slot by slot.
    fn paid_by_all(&self, duals: &Duals, rows: &Rows, priced: &Priced) -> Proven {
        let shortfall = -priced.floor().min(0);
        let mut out = self.lagrange(duals, rows, &priced.floors);
        let mut less = duals.clone();
        less.lo -= shortfall;
        let mut more = duals.clone();
        more.hi += shortfall;
        for (other, allowed) in [(less, duals.lo >= shortfall), (more, rows.hi.is_some())] {
            let value = proven_value(&other, rows);
            if allowed && value > out.value {
                out = Proven { value, duals: other, rows: rows.clone() };
            }
        }
        out
    }

    /// Raises multipliers of visits and lowers those of cuts by a unit, many at a time and fewer where that is too much,
    /// pricing each time, until none can be changed: in at most [`TRIALS`] of time or budget.
    pub(super) fn raise_by_trial(&mut self, case: &Case, proven: &mut Proven) {
        let end = self.spent() + TRIALS;
        let mut before = proven.value - 1;
        while proven.value > before {
            before = proven.value;
            let mut groups: Vec<Vec<usize>> = vec![(0..self.network.n + proven.duals.cuts.len()).collect()];
            while let Some(mut group) = groups.pop() {
                if self.spent() >= end || self.over() {
                    return;
                }
                let n = self.network.n;
                let mut duals = proven.duals.clone();
                group.retain(|at| match at.checked_sub(n) {
                    None => duals.visits[*at] < self.unscheduled,
                    Some(cut) => duals.cuts[cut] > 0,
                });
                for at in &group {
                    worth_more(&mut duals, *at, 1);
                }
                let priced = self.cheapest(case, &duals, &proven.rows, 0, 1);
                if priced.routes.is_empty() && priced.floor() >= 0 {
                    *proven = Proven::of(duals, &proven.rows);
                } else if group.len() > 1 {
                    let tail = group.split_off(group.len() / 2);
                    groups.extend([tail, group]);
                }
            }
        }
    }
}

/// Changes a multiplier, by number those of visits and then those of cuts, so that the bound is worth so much more.
fn worth_more(duals: &mut Duals, at: usize, units: i64) {
    match at.checked_sub(duals.visits.len()) {
        None => duals.visits[at] += units,
        Some(cut) => duals.cuts[cut] -= units,
    }
}

/// Takes back units, each from the multiplier that most walks of negative reduced cost have a part in, until these earn no
/// more than they cost. Of several that which rounding raised most.
fn take_back(duals: &mut Duals, fine: &Duals, rows: &Rows, negative: &[PricedRoute]) {
    let n = duals.visits.len();
    let bits = rows.cut_bits(n);
    // What each walk falls short by, and the numbers of the multipliers that it has a part in.
    let mut left: Vec<(i64, Vec<usize>)> = negative
        .iter()
        .map(|walk| {
            let visits = walk.visits.iter().map(|visit| *visit as usize);
            (-walk.reduced, visits.chain(bits.held(&walk.visits).map(|cut| n + cut)).collect())
        })
        .collect();
    loop {
        left.retain(|(short, _)| *short > 0);
        let mut count = vec![0_usize; n + rows.cuts.len()];
        left.iter().flat_map(|(_, parts)| parts).for_each(|at| count[*at] += 1);
        let raised = |at: usize| match at.checked_sub(n) {
            None => duals.visits[at] * fine.scale - fine.visits[at],
            Some(cut) => fine.cuts[cut] - duals.cuts[cut] * fine.scale,
        };
        let may = |at: &usize| count[*at] > 0 && (*at >= n || duals.visits[*at] > 0);
        let most =
            (0..count.len()).filter(may).max_by_key(|at| (count[*at], raised(*at), n + rows.cuts.len() - at));
        let Some(most) = most else { return };
        worth_more(duals, most, -1);
        for (short, parts) in &mut left {
            *short -= parts.iter().filter(|at| **at == most).count() as i64;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::routing::columns::case::Outside;
    use crate::routing::columns::classes::Classes;
    use crate::routing::columns::duals::SCALE;
    use crate::routing::columns::memory::NgSets;
    use crate::routing::columns::network::Network;
    use crate::routing::route::Timing;
    use crate::routing::slots::Slots;
    use crate::routing::solve::tests::{optimum, random_with};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(80))]

        /// Whatever the multipliers: made whole they prove no more than the optimum, no walk costs less than nothing, and
        /// raising them further loses nothing.
        #[test]
        fn whole_multipliers_prove_no_more_than_the_optimum(
            (seed, metric) in any::<(u64, bool)>(),
            visits in prop::collection::vec(0..900 * SCALE, 6),
            (cut, lo) in (0..150 * SCALE, 0..200 * SCALE),
        ) {
            let problem = random_with(seed, 6, metric);
            let (timing, slots) = (Timing::new(&problem), Slots::new(&problem));
            let classes = Classes::new(&problem, &slots);
            let mut network = Network::new(&timing, &classes, 1, &|| false);
            let ng_sets = NgSets::new(&network);
            network.relax_to_walks(ng_sets);
            let mut generator = Generator::new(&network, 20_000_000, Outside::ENDLESS);
            generator.cuts.push([0, 2, 5]);
            let case = Case::default();
            let rows = generator.rows(&case);
            let most = problem.cost.unscheduled * SCALE;
            let fine = Duals {
                scale: SCALE,
                visits: visits.into_iter().map(|dual| dual.min(most)).collect(),
                cuts: vec![cut],
                lo,
                ..Duals::default()
            };
            let Some(mut proven) = generator.nearest(&case, (&fine, &rows)) else {
                return Err(TestCaseError::fail("nothing is known"));
            };
            let best = optimum(&problem);
            for _ in 0..2 {
                prop_assert!(proven.value <= best, "{} {best}", proven.value);
                let below = generator.cheapest(&case, &proven.duals, &proven.rows, 0, 100);
                prop_assert!(below.routes.is_empty(), "{:?}", below.routes);
                let before = proven.value;
                generator.raise_by_trial(&case, &mut proven);
                prop_assert!(proven.value >= before);
            }
        }

        /// Units are taken back until no walk of those given costs less than nothing, and no more of any than is needed.
        #[test]
        fn units_are_taken_back(
            duals in prop::collection::vec(40..60_i64, 5),
            walks in prop::collection::vec((prop::collection::vec(0..5_u32, 1..5), 1..6_i64), 1..9),
        ) {
            let rows = Rows { cuts: vec![[0, 1, 2]], ..Rows::default() };
            let bits = rows.cut_bits(5);
            let fine = Duals { scale: 1, visits: duals, cuts: vec![7], ..Duals::default() };
            let negative: Vec<PricedRoute> = walks
                .into_iter()
                .map(|(visits, short)| PricedRoute { view: 0, visits, reduced: -short })
                .collect();
            let mut less = fine.clone();
            take_back(&mut less, &fine, &rows, &negative);
            let reduced = |walk: &PricedRoute| {
                let earns = |duals: &Duals| walk.visits.iter().map(|visit| duals.visits[*visit as usize]).sum::<i64>();
                let pays = |duals: &Duals| bits.held(&walk.visits).map(|cut| duals.cuts[cut]).sum::<i64>();
                walk.reduced + earns(&fine) - earns(&less) + pays(&less) - pays(&fine)
            };
            prop_assert!(negative.iter().all(|walk| reduced(walk) >= 0));
            prop_assert!(less.visits.iter().zip(&fine.visits).all(|(less, fine)| less <= fine) && less.cuts >= fine.cuts);
            let units = fine.visits.iter().sum::<i64>() - less.visits.iter().sum::<i64>() + less.cuts[0] - fine.cuts[0];
            prop_assert!(units <= negative.iter().map(|walk| -walk.reduced).sum());
        }
    }
}
