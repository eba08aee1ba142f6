//! Cases worked on by pivots, over the few routes that may matter.
//!
//! A case goes on from its parent's basis by a few dual pivots, which is some ten times quicker than column generation. What
//! it is split by is judged by pivots, too (Achterberg 2007, "Constraint Integer Programming", chapter 5, on strong
//! branching). A route that costs more beyond its worth than is missing comes into no schedule that matters; such routes are
//! left out, and only where something is to be proven all routes are priced and those that are lacking taken in (sifting:
//! Bixby, Gregory, Lustig, Marsten and Shanno 1992, "Very large-scale linear programming: a case study in combining
//! interior point and simplex methods"). Several cases are worked on at a time, each by itself; how many does not depend on
//! threads. Which pair a case is split by is chosen by a look at both of its cases ([`children`]).

mod children;

use std::sync::Mutex;

use super::branching::{INTEGRALITY, Promises};
use super::case::Pair;
use super::case::{Case, Proven};
use super::cuts;
use super::duals::dear_cuts;
use super::generate::{Generator, MULTIPLICATIONS, PIVOTS};
use super::incumbent::Routes;
use super::network::Network;
use super::pool::Column;
use super::pricing::{PricedRoute, Query};
use super::programme::Programme;
use super::rows::Rows;
use super::simplex::{Basis, End};
use super::warm::Warm;
use super::whole::raise;
use super::workers::share_out;
use crate::routing::Cost;

/// Routes to begin with for each visit: for schedules alone, and for proofs, which take in others later.
const NEAR: [usize; 2] = [60, 8];
/// Routes that are taken in after one look at all, at most: for each visit, and in all.
const LACKING_EACH: usize = 1;
const LACKING: usize = 100;
/// Rounds of cuts in a case, and cuts of a round.
const ROUNDS: usize = 2;
const CUTS: usize = 40;
/// What a linear programme's value may be off by.
const NEARLY: f64 = 0.01;
/// Multiplications that setting up an entry of a programme takes as long as.
const SETTING_UP: u64 = 20;

/// Where a case's linear programme goes on from.
#[derive(Debug, Clone)]
pub(super) struct Start {
    rows: Rows,
    /// Its columns, by their places in the pool.
    columns: Vec<usize>,
    /// What is left of the basis; none where it begins anew.
    basis: Option<Warm>,
}

impl Start {
    /// Numbers of the inverse, if that is kept.
    pub(super) fn size(&self) -> usize {
        self.basis.as_ref().map_or(0, Warm::size)
    }

    /// The same for a case that differs in its number of routes.
    pub(super) fn with_routes(mut self, case: &Case) -> Self {
        (self.rows.lo, self.rows.hi) = (case.lo, case.hi);
        self
    }

    /// Keeps no inverse, which can be found again.
    pub(super) fn forget_inverse(&mut self) {
        self.basis.iter_mut().for_each(Warm::forget_inverse);
    }
}

/// The two cases of a pair, together and apart: what is proven of each and where it goes on from.
pub(super) type Children = [(Proven, Option<Start>); 2];

/// What became of a case.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It costs enough.
    Closed(Proven),
    /// Two cases, and the visits whose pairs they are split by first.
    Split { proven: Proven, pair: [u32; 2], focus: Vec<u32>, children: Box<Children> },
    /// Its number of routes lies between this one and the next, and where both cases of that go on from.
    Number(Proven, usize, Start),
    /// Beyond what pivots tell; routes that are the best of the case, if it is whole.
    Unclear(Proven, Option<Routes>),
    /// Routes that were left out are worth more than they cost; where it goes on from with them.
    Lacking(Vec<PricedRoute>, Start),
}

/// The routes that may matter.
#[derive(Debug, Default)]
pub(super) struct Core {
    /// By their places in the pool.
    columns: Vec<usize>,
    /// Whether what is found must be proven in whole numbers.
    proven: bool,
}

impl Core {
    /// Whether none were chosen yet.
    pub(super) fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }
}

/// The linear programme of a case.
struct Present<'p> {
    start: &'p Start,
    programme: &'p Programme,
    columns: &'p [&'p Column],
    basis: Basis<'p>,
    /// Columns that the case does not admit.
    banned: Vec<bool>,
}

/// Marks the columns that a pair does not admit.
fn ban(programme: &Programme, pair: Pair, banned: &mut [bool]) {
    let [a, b] = pair.visits.map(|visit| programme.columns_of(visit as usize));
    for (one, other) in [(a, b), (b, a)] {
        for at in one {
            banned[*at as usize] |= other.binary_search(at).is_ok() != pair.together;
        }
    }
}

impl Generator<'_> {
    /// Chooses the routes that a schedule cheaper than `total` may have: those whose reduced cost is less than what is
    /// missing, the nearest of them. Where nothing is to be `proven`, what comes of it holds for them alone.
    pub(super) fn choose_core(&mut self, case: &Case, proven: &Proven, total: Cost, to_prove: bool) {
        let most = NEAR[usize::from(to_prove)] * self.network.n;
        let mut priced = self.cheapest(case, &proven.duals, &proven.rows, total - proven.value, most);
        if to_prove {
            // Each view of a search has so many; what is missing comes in later.
            priced.routes.truncate(most);
        }
        self.core = Core { columns: self.places(&priced.routes), proven: to_prove };
    }

    /// Gives a case the routes it lacks, or cheaper orders of those it has; whether there are such.
    pub(super) fn supply(&mut self, start: &mut Start, lacking: &[PricedRoute]) -> bool {
        let cost =
            |of: &Self, start: &Start| -> Cost { start.columns.iter().map(|at| of.pool.columns[*at].cost).sum() };
        let before = (start.columns.len(), cost(self, start));
        let places = self.places(lacking);
        let cheaper = cost(self, start) < before.1;
        for column in places {
            if !start.columns.contains(&column) {
                start.columns.push(column);
            }
        }
        if let Some(basis) = &mut start.basis {
            basis.with_more_columns(before.0, start.columns.len() - before.0);
        }
        cheaper || start.columns.len() > before.0
    }

    /// Works on several cases; what became of each, by its place among them, and the promises made. Those that a stop
    /// comes before are missing.
    pub(super) fn work_by_pivots(
        &mut self,
        cases: Vec<(&Case, Option<Start>)>,
        total: Cost,
        promises: &Promises,
    ) -> Vec<(usize, Outcome, Promises)> {
        // Whoever works on a case takes where it goes on from.
        let cases: Vec<_> = cases.into_iter().map(|(case, start)| (case, Mutex::new(start))).collect();
        let found = share_out(self.network.threads, cases.len(), self.outside.stop, |at| {
            let (case, start) = &cases[at];
            let start = start.lock().ok().and_then(|mut start| start.take());
            self.pivot_case(case, start, total, promises)
        });
        let worked: u64 = found.iter().map(|(_, (_, _, work))| work).sum();
        self.steps = self.steps.saturating_sub(worked / MULTIPLICATIONS);
        found.into_iter().map(|(at, (outcome, promises, _))| (at, outcome, promises)).collect()
    }

    /// Works on one case; what became of it, what pairs promised, and multiplications.
    fn pivot_case(
        &self,
        case: &Case,
        start: Option<Start>,
        total: Cost,
        promises: &Promises,
    ) -> (Outcome, Promises, u64) {
        let anew = || Start { rows: self.rows(case), columns: self.core.columns.clone(), basis: None };
        let mut start = start.unwrap_or_else(anew);
        let mut best = self.nothing();
        let mut made = Promises::new();
        let mut work = 0;
        for round in 0.. {
            if (self.outside.stop)() {
                break;
            }
            let columns: Vec<&Column> = start.columns.iter().map(|at| &self.pool.columns[*at]).collect();
            let programme = Programme::new(self.network.n, &columns, &start.rows, self.unscheduled);
            let warm = start.basis.take();
            let mut present = self.present(&programme, &columns, case, (&start, warm));
            let end =
                present.basis.run(&present.banned, PIVOTS * start.rows.count(self.network.n), self.outside.stop);
            work += present.basis.work + programme.size() * SETTING_UP;
            present.basis.work = 0;
            if end != End::Optimal {
                break;
            }
            let reached = self.reached(&present, total);
            let support = present.basis.support();
            let weighed: Vec<(&Column, f64)> = support.iter().map(|(at, w)| (columns[*at], *w)).collect();
            let new = if round < ROUNDS && reached.value < total && present.basis.value() < total as f64 {
                cuts::triples(self.network.n, &weighed, &start.rows.cuts, CUTS)
            } else {
                Vec::new()
            };
            let fractional = |sum: f64| (sum - sum.round()).abs() > INTEGRALITY;
            let routes: f64 = support.iter().map(|(_, w)| w).sum();
            if !new.is_empty() && !fractional(routes) {
                let (basis, rows) = present.basis.leave().with_cuts(self.network.n, &start.rows, &columns, &new);
                start = Start { rows, columns: start.columns, basis: Some(basis) };
                continue;
            }
            let Some(lacking) = self.lacking(case, &reached, &mut work) else { break };
            if !lacking.is_empty() {
                return (
                    Outcome::Lacking(lacking, Start { basis: Some(present.basis.leave()), ..start }),
                    made,
                    work,
                );
            }
            best = reached;
            if best.value >= total {
                return (Outcome::Closed(best), made, work);
            }
            if !support.iter().any(|(_, w)| fractional(*w)) {
                let base = |column: &Column| self.classes.views[column.view].base;
                let whole = weighed.iter().map(|(column, _)| (base(column), column.visits.to_vec())).collect();
                return (Outcome::Unclear(best, Some(whole)), made, work);
            }
            if fractional(routes) {
                if case.settles(routes) {
                    break;
                }
                let start = Start { basis: Some(present.basis.leave()), ..start };
                return (Outcome::Number(best, routes.floor() as usize, start), made, work);
            }
            let parted = self.choose(&present, case, &weighed, total, promises, (&mut made, &mut work));
            return match parted {
                Some((pair, focus, children)) => {
                    (Outcome::Split { proven: best, pair, focus, children: Box::new(children) }, made, work)
                }
                None => (Outcome::Unclear(best, None), made, work),
            };
        }
        (Outcome::Unclear(best, None), made, work)
    }

    /// Routes that were left out and stand in the way of a proof; `None` where that is not known.
    fn lacking(&self, case: &Case, proven: &Proven, work: &mut u64) -> Option<Vec<PricedRoute>> {
        if !self.core.proven {
            return Some(Vec::new());
        }
        let keep = LACKING.min(LACKING_EACH * self.network.n);
        let query = Query { threshold: 0, keep, ..self.query(case, &proven.rows, &proven.duals) };
        let priced = self.network.price(query, self.ng_sets.as_ref(), self.outside.stop);
        *work += priced.steps * MULTIPLICATIONS;
        (priced.complete || !priced.routes.is_empty()).then_some(priced.routes)
    }

    /// The linear programme of a case where it was left, or with slacks alone.
    fn present<'p>(
        &self,
        programme: &'p Programme,
        columns: &'p [&'p Column],
        case: &Case,
        (start, warm): (&'p Start, Option<Warm>),
    ) -> Present<'p> {
        let (n, rows) = (self.network.n, &start.rows);
        let mut banned = vec![false; columns.len()];
        case.pairs.iter().for_each(|pair| ban(programme, *pair, &mut banned));
        let basis = warm.and_then(|warm| Basis::resume(programme, n, rows, warm, &banned));
        let basis = basis.unwrap_or_else(|| Basis::new(programme, n, rows));
        Present { start, programme, columns, basis, banned }
    }

    /// What the multipliers of a linear programme prove, as far as columns tell.
    fn reached(&self, present: &Present<'_>, total: Cost) -> Proven {
        let Present { start: Start { rows, .. }, columns, basis, banned, .. } = present;
        if !self.core.proven {
            // Schedules cost whole numbers, and nobody asks for multipliers.
            return Proven { value: (basis.value() - NEARLY).ceil() as Cost, ..self.nothing() };
        }
        let mut proven = self.rounded(&basis.answer(self.network.n, rows), rows);
        // Rounding counts only where it keeps a case from being closed.
        if proven.value < total && basis.value() > total as f64 - 1.0 {
            let cuts = dear_cuts(self.network.n, rows, &proven.duals);
            let open = columns.iter().zip(banned).filter(|(_, banned)| !**banned).map(|(column, _)| column);
            let near: Vec<(&[u32], i64)> = open
                .map(|c| (&c.visits[..], Network::reduced(c, &proven.duals, rows, &cuts)))
                .filter(|(_, reduced)| *reduced < self.most_gained())
                .collect();
            raise(&near, self.unscheduled, &mut proven);
        }
        proven
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::routing::columns::case::Outside;
    use crate::routing::columns::classes::Classes;
    use crate::routing::columns::master;
    use crate::routing::columns::pool::Pool;
    use crate::routing::columns::restricted::value;
    use crate::routing::columns::whole::proven_value;
    use crate::routing::dice::Dice;
    use crate::routing::route::Timing;
    use crate::routing::slots::Slots;
    use crate::routing::solve::tests::in_a_plane;

    /// Checks a proof against every route of its case, and the linear programme it comes from.
    fn check(generator: &mut Generator<'_>, case: &Case, proven: &Proven) -> Result<(), TestCaseError> {
        let n = generator.network.n;
        let cuts = dear_cuts(n, &proven.rows, &proven.duals);
        let nothing = generator.nothing();
        let every = generator.cheapest(&Case::default(), &nothing.duals, &nothing.rows, DEAR, 1_000_000).routes;
        let column = |route: &PricedRoute| {
            Pool::column(generator.network.timing, generator.classes, route.view, &route.visits)
        };
        let admitted: Vec<Column> = every
            .iter()
            .filter(|route| case.pairs.iter().all(|pair| pair.admits(&route.visits)))
            .filter_map(column)
            .collect();
        for column in &admitted {
            prop_assert!(Network::reduced(column, &proven.duals, &proven.rows, &cuts) >= 0);
        }
        prop_assert_eq!(proven.value, proven_value(&proven.duals, &proven.rows));
        let admitted: Vec<&Column> = admitted.iter().collect();
        let answer = master::solve(n, &admitted, &proven.rows, generator.unscheduled, master::FINE);
        if let Some(answer) = answer {
            let exact = value(&answer, &proven.rows);
            let lost = (n + proven.rows.cuts.len() + 3) as f64;
            prop_assert!(proven.value as f64 <= exact + 1.0, "{} {exact}", proven.value);
            prop_assert!(proven.value as f64 >= exact - lost - 1e-4 * exact.abs(), "{} {exact}", proven.value);
        }
        Ok(())
    }

    /// Something to do with the cases of visits in a plane, beginning with a few routes of which most do not matter.
    fn with_cases_of<T>(places: &[(i64, i64)], listed: bool, work: impl FnOnce(&mut Generator<'_>) -> T) -> T {
        let problem = in_a_plane(places, 4);
        let (timing, slots) = (Timing::new(&problem), Slots::new(&problem));
        let classes = Classes::new(&problem, &slots);
        let mut network = Network::new(&timing, &classes, 2, &|| false);
        if listed {
            network.list_routes();
        }
        let outside = Outside::ENDLESS;
        let mut generator = Generator::new(&network, u64::MAX, outside);
        let nothing = generator.nothing();
        generator.choose_core(&Case::default(), &nothing, DEAR, true);
        work(&mut generator)
    }

    /// What becomes of a case at a price once it lacks no routes, and whether it lacked any.
    fn part(generator: &mut Generator<'_>, case: &Case, start: Option<&Start>, price: Cost) -> (Outcome, bool) {
        let (mut start, mut lacked) = (start.cloned(), false);
        loop {
            let outcome =
                generator.work_by_pivots(vec![(case, start.clone())], price, &Promises::new()).remove(0).1;
            let Outcome::Lacking(routes, mut with) = outcome else { return (outcome, lacked) };
            assert!(generator.supply(&mut with, &routes));
            (start, lacked) = (Some(with), true);
        }
    }

    const DEAR: Cost = Cost::MAX / 4;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        /// What is proven of a case and of its two parts holds for every route, those left out among them, and is what the
        /// linear programme over all routes is worth, whatever the price; a part that is worth a price without further cuts is
        /// closed at it. The same holds for the parts of a case whose number of routes lies between two.
        #[test]
        fn parts_are_proven(
            places in prop::collection::vec((0..100_i64, 0..100_i64), 11),
            pairs in prop::collection::vec((prop::sample::subsequence((0..11_u32).collect::<Vec<_>>(), 2), any::<bool>()), 0..2),
            routes in 4..6_usize,
            open in any::<bool>(),
            listed in any::<bool>(),
            missing in 1..200_i64,
        ) {
            with_cases_of(&places, listed, |generator| {
                let pairs = pairs.iter().map(|(pair, together)| Pair { visits: [pair[0], pair[1]], together: *together });
                let (lo, hi) = if open { (routes - 2, None) } else { (routes, Some(routes)) };
                let case = Case { pairs: pairs.collect(), lo, hi, ..Case::default() };
                let whole = match part(generator, &case, None, DEAR).0 {
                    Outcome::Split { proven, .. } => proven,
                    Outcome::Number(proven, below, start) => {
                        check_numbers(generator, &case, &proven, below, &start)?;
                        return Ok(());
                    }
                    _ => return Ok(()),
                };
                check(generator, &case, &whole)?;
                for price in [DEAR, whole.value + missing] {
                    let (Outcome::Split { proven, pair, children, .. }, _) = part(generator, &case, None, price) else {
                        continue;
                    };
                    check(generator, &case, &proven)?;
                    for (together, (proven, start)) in [true, false].into_iter().zip(*children) {
                        let child = case.with(Pair { visits: pair, together });
                        if proven.value > 0 {
                            check(generator, &child, &proven)?;
                        }
                        let Some(start) = start else { continue };
                        let (again, _) = part(generator, &child, Some(&start), price);
                        let (Outcome::Closed(best)
                        | Outcome::Unclear(best, _)
                        | Outcome::Number(best, ..)
                        | Outcome::Split { proven: best, .. }) = again
                        else {
                            return Err(TestCaseError::fail("routes are lacking that were taken in"));
                        };
                        if best.value == 0 {
                            continue;
                        }
                        check(generator, &child, &best)?;
                        // Which cuts are found depends on the way there.
                        if best.rows.cuts.len() > start.rows.cuts.len() {
                            continue;
                        }
                        let rounding = (generator.network.n + best.rows.cuts.len() + 3) as Cost;
                        let (again, _) = part(generator, &child, Some(&start), best.value - rounding);
                        prop_assert!(matches!(again, Outcome::Closed(_)));
                    }
                }
                Ok(())
            })?;
        }
    }

    /// Checks a proof of a case whose number of routes lies between two, and of its two parts.
    fn check_numbers(
        generator: &mut Generator<'_>,
        case: &Case,
        proven: &Proven,
        below: usize,
        start: &Start,
    ) -> Result<(), TestCaseError> {
        check(generator, case, proven)?;
        let parts = [Case { hi: Some(below), ..case.clone() }, Case { lo: below + 1, ..case.clone() }];
        for child in parts {
            let start = start.clone().with_routes(&child);
            let (Outcome::Closed(best)
            | Outcome::Unclear(best, _)
            | Outcome::Number(best, ..)
            | Outcome::Split { proven: best, .. }) = part(generator, &child, Some(&start), DEAR).0
            else {
                return Err(TestCaseError::fail("routes are lacking that were taken in"));
            };
            if best.value > 0 {
                prop_assert_eq!((best.rows.lo, best.rows.hi), (child.lo, child.hi));
                check(generator, &child, &best)?;
            }
        }
        Ok(())
    }

    /// The cases of the test above are worth something: most lack routes at first, some are parted with cuts, and of
    /// others the number of routes lies between two.
    #[test]
    fn some_cases_lack_routes_some_are_parted_with_cuts_and_some_lie_between_numbers() {
        let mut dice = Dice(ChaCha8Rng::seed_from_u64(1));
        let (mut lacking, mut parted, mut between) = (0, 0, 0);
        for _ in 0..60 {
            let places: Vec<(i64, i64)> =
                (0..11).map(|_| (dice.below(100) as i64, dice.below(100) as i64)).collect();
            let case = Case { lo: 5, hi: Some(5), ..Case::default() };
            let (outcome, lacked) = with_cases_of(&places, true, |generator| part(generator, &case, None, DEAR));
            lacking += usize::from(lacked);
            parted +=
                usize::from(matches!(outcome, Outcome::Split { proven, .. } if !proven.rows.cuts.is_empty()));
            let open = Case { lo: 3, ..Case::default() };
            let (outcome, _) = with_cases_of(&places, true, |generator| part(generator, &open, None, DEAR));
            between += usize::from(matches!(outcome, Outcome::Number(..)));
        }
        assert!(lacking > 30 && parted > 3 && between > 3, "{lacking} {parted} {between}");
    }
}
