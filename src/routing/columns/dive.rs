//! Diving: from a fractional solution to a whole one, by taking route after route.
//!
//! Strong diving (Sadykov, Vanderbeck, Pessoa, Tahiri and Uchoa 2019, "Primal heuristics for branch and price: the assets of
//! diving methods", sections 3 and 4.3): of the columns of most weight the one is taken whose taking raises the linear
//! programme least. Routes are priced anew on the way, as what is left may need others. Dives differ from each other by
//! chance: each weighs columns a little differently.

use super::case::{Case, Relaxed};
use super::generate::Generator;
use crate::routing::dice::Dice;

/// Columns as good as whole.
const NEARLY_ONE: f64 = 0.97;
/// Columns of less weight are never taken.
const LEAST: f64 = 0.05;

/// Columns of so much weight may be taken several at a time.
const LIKELY: f64 = 0.6;
/// One in so many of the routes that are left.
const SHARE: f64 = 15.0;

/// The largest part of a column's weight that chance takes off.
const SHAKE: f64 = 0.3;

/// How a dive goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// Pricings between two takings.
    pub(super) patience: usize,
    /// Columns compared at each taking.
    pub(super) candidates: usize,
    /// Number of the dive; all but number 0 leave something to chance, and numbers differ in what.
    pub(super) number: u64,
}

/// Visits that taken routes make.
struct Done(Vec<bool>);

impl Done {
    /// Whether a column is a route, which a walk that comes back is not, and free of visits that are made.
    fn leaves(&self, visits: &[u32]) -> bool {
        let twice = |(at, visit): (usize, &u32)| visits[at + 1..].contains(visit);
        visits.iter().all(|v| !self.0[*v as usize]) && !visits.iter().enumerate().any(twice)
    }

    /// Marks the visits of a column if it leaves them.
    fn take(&mut self, visits: &[u32]) -> bool {
        let free = self.leaves(visits);
        if free {
            for v in visits {
                self.0[*v as usize] = true;
            }
        }
        free
    }
}

/// Takes routes until none is left to take: indices in the pool.
pub(super) fn dive(generator: &mut Generator<'_>, case: &Case, root: &Relaxed, style: Style) -> Vec<usize> {
    let mut case = case.clone();
    let mut support = root.support.clone();
    let mut dice = Dice((generator.outside.seeded)(style.number));
    let shake = if style.number == 0 { 0.0 } else { SHAKE };
    let mut done = Done(vec![false; generator.network.n]);
    loop {
        let before = case.taken.len();
        support.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let visits = |generator: &Generator<'_>, at: usize| generator.pool.columns[at].visits.clone();
        for (at, _) in support.iter().take_while(|(_, w)| *w >= NEARLY_ONE) {
            if done.take(&visits(generator, *at)) {
                case.taken.push(*at);
            }
        }
        let mut doubtful: Vec<(usize, f64)> = support
            .iter()
            .filter(|(at, w)| *w >= LEAST && *w < NEARLY_ONE && done.leaves(&visits(generator, *at)))
            .map(|(at, w)| (*at, w * (1.0 - shake * dice.unit())))
            .collect();
        doubtful.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let candidates: Vec<usize> = doubtful.iter().map(|(at, _)| *at).take(style.candidates).collect();
        let best = match candidates[..] {
            [] => None,
            [only] => Some(only),
            _ => least_raising(generator, &case, &candidates),
        };
        // With many routes ahead one linear programme serves for several of them.
        let share = (doubtful.iter().map(|(_, w)| w).sum::<f64>() / SHARE) as usize;
        let likely = doubtful.iter().filter(|(_, w)| *w >= LIKELY).take(share).map(|(at, _)| *at);
        for at in best.into_iter().chain(likely) {
            if done.take(&visits(generator, at)) {
                case.taken.push(at);
            }
        }
        if case.taken.len() == before || generator.over() {
            return case.taken;
        }
        match generator.relax(&case, style.patience) {
            Some(relaxed) => support = relaxed.support,
            None => return case.taken,
        }
    }
}

/// The candidate whose taking raises the value of the linear programme over the present columns least.
fn least_raising(generator: &mut Generator<'_>, case: &Case, candidates: &[usize]) -> Option<usize> {
    let cases: Vec<Case> = candidates
        .iter()
        .map(|at| {
            let mut case = case.clone();
            case.taken.push(*at);
            case
        })
        .collect();
    let values = generator.strong_branch(case, &cases);
    let mut best: Option<(f64, usize)> = None;
    for (at, value) in candidates.iter().zip(values) {
        if let Some(value) = value.map(|value| value + generator.pool.columns[*at].cost as f64)
            && best.is_none_or(|(least, _)| value < least - 1e-3)
        {
            best = Some((value, *at));
        }
    }
    best.map(|(_, at)| at).or(candidates.first().copied())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::routing::columns::case::Outside;
    use crate::routing::columns::classes::Classes;
    use crate::routing::columns::network::Network;
    use crate::routing::route::{Route, Timing};
    use crate::routing::slots::Slots;
    use crate::routing::solve::tests::random_with;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// Whatever chance says, a dive takes feasible routes, no visit twice, and no more routes than its case allows.
        #[test]
        fn a_dive_keeps_to_its_case((seed, number, most) in (any::<u64>(), 0..5_u64, 1..5_usize), candidates in 1..4_usize) {
            let problem = random_with(seed, 9, true);
            let (timing, slots) = (Timing::new(&problem), Slots::new(&problem));
            let classes = Classes::new(&problem, &slots);
            let network = Network::new(&timing, &classes, 1, &|| false);
            let outside = Outside::ENDLESS;
            let mut generator = Generator::new(&network, u64::MAX, outside);
            let case = Case { hi: Some(most), ..Case::default() };
            let Some(root) = generator.relax(&case, usize::MAX) else { return Ok(()) };
            let style = Style { patience: 1, candidates, number };
            let taken = dive(&mut generator, &case, &root, style);
            prop_assert!(taken.len() <= most, "{} routes instead of {most}", taken.len());
            let mut made = vec![false; network.n];
            for at in &taken {
                let column = &generator.pool.columns[*at];
                let base = classes.views[column.view].base;
                prop_assert!(Route::new(&timing, base, column.visits.to_vec()).is_some());
                for visit in &column.visits {
                    prop_assert!(!std::mem::replace(&mut made[*visit as usize], true));
                }
            }
            // The same number gives the same dive.
            let mut again = Generator::new(&network, u64::MAX, outside);
            let root = again.relax(&case, usize::MAX);
            let visits = |generator: &Generator<'_>, taken: &[usize]| -> Vec<_> {
                taken.iter().map(|at| generator.pool.columns[*at].visits.clone()).collect()
            };
            let first = visits(&generator, &taken);
            let second = root.map(|root| dive(&mut again, &case, &root, style));
            prop_assert_eq!(second.map(|taken| visits(&again, &taken)), Some(first));
        }
    }
}
