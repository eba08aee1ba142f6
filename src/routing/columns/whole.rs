//! Whole multipliers: from the master's floating-point ones to those that stand in the certificate.
//!
//! What floating point says of a bound proves nothing; the same multipliers in whole numbers do, if no route's reduced cost
//! is negative in whole numbers either (Held, Cook and Sewell 2012, "Maximum-weight stable sets and safe lower bounds for graph
//! coloring"). Rounding loses about half a unit a visit. Where that matters, units are given back one by one
//! ([`super::mending`]), or multipliers are sought that lose nothing at all.

use std::collections::BTreeSet;

use super::case::{Case, Proven};
use super::duals::{Duals, dear_cuts};
use super::generate::Generator;
use super::master::{self, Answer};
use super::mending::Mending;
use super::network::Network;
use super::pool::Column;
use super::pricing::{Priced, PricedRoute, Query};
use super::rows::Rows;
use crate::routing::Cost;

impl Proven {
    /// What whole multipliers prove, if no route's reduced cost is negative.
    pub(super) fn of(duals: Duals, rows: &Rows) -> Self {
        Self { value: proven_value(&duals, rows), duals, rows: rows.clone() }
    }
}

impl Generator<'_> {
    /// Raises rounded multipliers as long as no route's reduced cost becomes negative: what rounding lost. Not over walks, of
    /// which labels hand back the best alone.
    pub(super) fn tighten(&mut self, case: &Case, proven: &mut Proven) {
        let Some(near) = self.near(case, &proven.duals, &proven.rows, self.most_gained()) else { return };
        let near: Vec<(&[u32], i64)> = near.iter().map(|route| (&route.visits[..], route.reduced)).collect();
        raise(&near, self.unscheduled, proven);
    }

    /// The reduced cost from which on a route is in no multiplier's way: it loses at most one unit a visit.
    pub(super) fn most_gained(&self) -> i64 {
        self.network.longest() as i64 + 1
    }

    /// Whole multipliers under which every one of `columns` has reduced cost zero and no route a negative one, if such are
    /// found: then these columns are the best of the case and nothing is lost by rounding.
    ///
    /// Among the optimal multipliers those are sought that leave all other routes as much room as possible; within that
    /// room each column's remainder goes to its visits one by one.
    ///
    /// # Errors
    /// The visits of the routes that stood in the way at last, as far as they are known.
    pub(super) fn exactly(&mut self, case: &Case, columns: &[usize]) -> Result<Proven, Vec<Vec<u32>>> {
        const TRIES: usize = 12;
        let longest = self.network.longest() as f64;
        let mut culprits = Vec::new();
        let rows = self.rows(case);
        let tight: BTreeSet<usize> = columns.iter().copied().collect();
        for _ in 0..TRIES {
            let used = self.used(case, &rows);
            let list: Vec<(&Column, bool)> =
                used.iter().map(|at| (&self.pool.columns[*at], tight.contains(at))).collect();
            let Some(answer) = master::centre(self.network.n, &list, &rows, self.unscheduled, longest + 1.0)
            else {
                break;
            };
            let mut proven = self.rounded(&answer, &rows);
            self.use_up(columns, &answer, &mut proven);
            let Some(mut negative) = self.near(case, &proven.duals, &rows, 0) else { break };
            if negative.is_empty() {
                return Ok(proven);
            }
            if self.mend(case, columns, &mut proven) {
                let Some(mended) = self.near(case, &proven.duals, &rows, 0) else { break };
                negative = mended;
            }
            if negative.is_empty() {
                return Ok(proven);
            }
            culprits = negative.iter().map(|route| route.visits.clone()).collect();
            // Routes that are too close now make room in the next try.
            let before = self.active.len();
            self.employ(&negative);
            if self.active.len() == before {
                break;
            }
        }
        Err(culprits)
    }

    /// Gives what whole multipliers leave of each column to its visits, one by one and those first that rounding took most from.
    /// Visits in no column are worth what leaving them out costs.
    fn use_up(&self, columns: &[usize], answer: &Answer, proven: &mut Proven) {
        let Proven { duals, rows, .. } = proven;
        let mut left_out = vec![true; self.network.n];
        let covered = columns.iter().flat_map(|at| &self.pool.columns[*at].visits);
        covered.for_each(|visit| left_out[*visit as usize] = false);
        for (dual, left_out) in duals.visits.iter_mut().zip(left_out) {
            *dual = if left_out { self.unscheduled } else { *dual };
        }
        let cuts = dear_cuts(self.network.n, rows, duals);
        for at in columns {
            let column = &self.pool.columns[*at];
            let mut slack = Network::reduced(column, duals, rows, &cuts);
            let lost = |v: u32| answer.visits[v as usize] - duals.visits[v as usize] as f64;
            let mut order: Vec<u32> = column.visits.to_vec();
            order.sort_by(|a, b| lost(*b).total_cmp(&lost(*a)).then(a.cmp(b)));
            while slack > 0 {
                let before = slack;
                for visit in &order {
                    let dual = &mut duals.visits[*visit as usize];
                    if slack > 0 && *dual < self.unscheduled {
                        *dual += 1;
                        slack -= 1;
                    }
                }
                if slack == before {
                    break;
                }
            }
        }
        proven.value = proven_value(&proven.duals, &proven.rows);
    }

    /// Moves units between visits so that routes near to `columns` stand in the way no longer; whether that was any use.
    fn mend(&mut self, case: &Case, columns: &[usize], proven: &mut Proven) -> bool {
        // Where there is so much to choose from that near routes cannot be listed, it is none.
        let most = 3 * self.network.longest() as i64;
        let Some(near) = self.near(case, &proven.duals, &proven.rows, most) else { return false };
        let sets: BTreeSet<&[u32]> = columns.iter().map(|at| &self.pool.columns[*at].visits[..]).collect();
        let mending = Mending {
            tight: sets.iter().copied().collect(),
            near: near.iter().map(|route| (&route.visits[..], route.reduced)).collect(),
        };
        mending.mend(&mut proven.duals.visits) && proven.duals.visits.iter().all(|dual| *dual <= self.unscheduled)
    }

    /// All routes whose reduced cost under whole multipliers is below a threshold; `None` if they are too many.
    fn near(&mut self, case: &Case, duals: &Duals, rows: &Rows, threshold: i64) -> Option<Vec<PricedRoute>> {
        const MOST: usize = 20_000;
        let priced = self.cheapest(case, duals, rows, threshold, MOST);
        (priced.complete && !self.over()).then_some(priced.routes)
    }

    /// The routes of least reduced cost under whole multipliers, so many at most and below a threshold.
    pub(super) fn cheapest(
        &mut self,
        case: &Case,
        duals: &Duals,
        rows: &Rows,
        threshold: i64,
        keep: usize,
    ) -> Priced {
        self.ask(Query { threshold, keep, ..self.query(case, rows, duals) })
    }

    /// Multipliers in whole cost units, and what they prove if no reduced cost is negative.
    pub(super) fn rounded(&self, answer: &Answer, rows: &Rows) -> Proven {
        Proven::of(Duals::round(answer, 1, rows, self.unscheduled), rows)
    }
}

/// Raises multipliers, one after the other and by a unit at most each, where none of the routes `near`, with their reduced costs, becomes negative.
pub(super) fn raise(near: &[(&[u32], i64)], unscheduled: Cost, proven: &mut Proven) {
    let n = proven.duals.visits.len();
    let mut slack: Vec<i64> = near.iter().map(|(_, reduced)| *reduced).collect();
    // Routes of each visit, and how often they make it.
    let mut on: Vec<Vec<(usize, i64)>> = vec![Vec::new(); n];
    for (at, (visits, _)) in near.iter().enumerate() {
        for visit in *visits {
            match on[*visit as usize].last_mut() {
                Some((last, times)) if *last == at => *times += 1,
                _ => on[*visit as usize].push((at, 1)),
            }
        }
    }
    // Visits of few tight routes first: they are in nobody's way.
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by_key(|v| (on[*v].len(), *v));
    for visit in order {
        if proven.duals.visits[visit] < unscheduled && on[visit].iter().all(|(at, times)| slack[*at] >= *times) {
            proven.duals.visits[visit] += 1;
            on[visit].iter().for_each(|(at, times)| slack[*at] -= times);
        }
    }
    proven.value = proven_value(&proven.duals, &proven.rows);
}

/// What multipliers in whole cost units prove, if no route's reduced cost is below that of its slots.
pub(super) fn proven_value(duals: &Duals, rows: &Rows) -> Cost {
    let sum = |list: &[i64]| list.iter().map(|dual| i128::from(*dual)).sum::<i128>();
    let times = |count: usize, dual: i64| count as i128 * i128::from(dual);
    let slots: i128 = rows.halls.iter().zip(&duals.halls).map(|(hall, dual)| times(hall.size, *dual)).sum();
    let value = sum(&duals.visits) - sum(&duals.cuts) - slots + times(rows.lo, duals.lo)
        - rows.hi.map_or(0, |hi| times(hi, duals.hi));
    // So many slots that nothing is proven.
    Cost::try_from(value).unwrap_or(Cost::MIN / 4)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::routing::columns::case::Outside;
    use crate::routing::columns::classes::Classes;
    use crate::routing::columns::duals::SCALE;
    use crate::routing::route::Timing;
    use crate::routing::slots::Slots;
    use crate::routing::solve::tests::{optimum, random_with};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]

        /// Whatever the multipliers: what is proven with them holds, as no route falls below what its slots pay, and none
        /// costs less than the optimum.
        #[test]
        fn bounds_from_any_multipliers_hold(
            (seed, metric, listed) in any::<(u64, bool, bool)>(),
            duals in prop::collection::vec(0.0..900.0_f64, 6),
            cut in 0.0..150.0_f64,
            hope in -20_000..0_i64,
        ) {
            let problem = random_with(seed, 6, metric);
            let (timing, slots) = (Timing::new(&problem), Slots::new(&problem));
            let classes = Classes::new(&problem, &slots);
            let mut network = Network::new(&timing, &classes, 1, &|| false);
            if listed {
                network.list_routes();
            }
            let mut generator = Generator::new(&network, u64::MAX, Outside::ENDLESS);
            generator.cuts.push([0, 2, 5]);
            let case = Case::default();
            let rows = generator.rows(&case);
            let most = problem.cost.unscheduled as f64;
            let visits = duals.into_iter().map(|dual| dual.min(most)).collect();
            let answer = Answer {
                visits,
                cuts: vec![cut],
                halls: Vec::new(),
                lo: 0.0,
                hi: 0.0,
                weights: Vec::new(),
            };
            let at = Duals::round(&answer, SCALE, &rows, generator.unscheduled);
            let priced = generator.look_everywhere(&case, &rows, &at, hope);
            let least = priced.routes.first().map_or(0, |route| route.reduced).min(0);
            prop_assert!(priced.floor() > i64::MIN && priced.floor() <= least);
            let best = optimum(&problem);
            for proven in [generator.lagrange(&at, &rows, &priced.floors), generator.farley(&at, &rows, priced.floor())] {
                prop_assert!(proven.value <= best, "{} {best}", proven.value);
                let below = generator.cheapest(&case, &proven.duals, &proven.rows, 0, 100);
                prop_assert!(below.complete && below.routes.is_empty(), "{:?}", below.routes);
            }
        }
    }
}
