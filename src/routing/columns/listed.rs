//! All routes of a small problem, listed once: then pricing is one look at each (as Baldacci, Christofides and Mingozzi 2008,
//! "An exact algorithm for the vehicle routing problem based on the set partitioning formulation with additional cuts", price
//! once no more routes than a pool holds are left).

use std::ops::Range;

use super::case::Pair;
use super::classes::members;
use super::duals::{Duals, dear_cuts, slot_dual};
use super::network::Network;
use super::pricing::{Priced, PricedRoute, Query};
use super::rows::Rows;
use crate::routing::Cost;

/// Most visits of a problem whose routes are listed; with more there are too many routes, and their numbers are no bytes.
const VISITS: usize = 150;
/// Most routes that are listed.
const MOST: usize = 200_000;
/// Steps after which a list is given up.
const STEPS: u64 = 100_000_000;
/// Steps of a look at a route.
const STEPS_OF_ROUTE: u64 = 4;
/// More than any route costs.
const DEAR: i64 = 1 << 60;

/// A set of visits, a bit for each.
type Set = [u64; VISITS.div_ceil(64)];

fn set_of(visits: &[u8]) -> Set {
    let mut set = Set::default();
    for visit in visits {
        set[usize::from(*visit / 64)] |= 1 << (visit % 64);
    }
    set
}

/// Whom each visit may share no route with, and whom it must.
struct Company {
    of: Vec<[Set; 2]>,
    /// Visits that no route makes.
    done: Set,
}

impl Company {
    /// Of `n` visits.
    fn new(n: usize, pairs: &[Pair], done: &[bool]) -> Self {
        let mut of = vec![[Set::default(); 2]; n];
        for Pair { visits: [a, b], together } in pairs {
            for (one, other) in [(*a, *b), (*b, *a)] {
                of[one as usize][usize::from(*together)][other as usize / 64] |= 1 << (other % 64);
            }
        }
        let done: Vec<u8> = (0..n as u8).filter(|visit| done.get(usize::from(*visit)) == Some(&true)).collect();
        Self { of, done: set_of(&done) }
    }

    /// Whether a route may stand in the case.
    fn admits(&self, visits: &[u8]) -> bool {
        let set = set_of(visits);
        let wrong = |[apart, together]: &[Set; 2]| {
            set.iter().zip(apart).zip(together).fold(0, |sum, ((own, a), t)| sum | own & a | !own & t)
        };
        let made = set.iter().zip(&self.done).fold(0, |sum, (own, done)| sum | own & done);
        visits.iter().fold(made, |sum, visit| sum | wrong(&self.of[usize::from(*visit)])) == 0
    }
}

/// Every set of visits that a team can make in a shift, in its cheapest order, for each view; some stand there twice.
#[derive(Debug)]
pub(super) struct Listed {
    /// So many stand first: for each set the cheapest of all views.
    cheapest: usize,
    views: Vec<u32>,
    costs: Vec<Cost>,
    /// Routes of one number of visits after another: that number, the routes, and where their visits begin in `visits`.
    sizes: Vec<(usize, Range<usize>, usize)>,
    visits: Vec<u8>,
}

impl Listed {
    /// `None` where there are too many routes.
    pub(super) fn new(network: &Network<'_>) -> Option<Self> {
        if network.n > VISITS || network.ng_sets.is_some() {
            return None;
        }
        let duals = Duals { scale: 1, visits: vec![0; network.n], ..Duals::default() };
        let query = Query {
            duals: &duals,
            rows: &Rows::default(),
            pairs: &[],
            threshold: DEAR,
            keep: MOST,
            hope: None,
            nearest: None,
            buckets: 1,
            steps: STEPS,
        };
        let all = network.search(query, None, &|| false);
        if !all.complete {
            return None;
        }
        // By their sets, the cheapest of each set first; sets of one size side by side are looked through faster.
        let set = |route: &PricedRoute| {
            let mut set = route.visits.clone();
            set.sort_unstable();
            set
        };
        let mut routes: Vec<(Vec<u32>, PricedRoute)> = all.routes.into_iter().map(|r| (set(&r), r)).collect();
        routes.sort_by(|a, b| (a.0.len(), &a.0, a.1.reduced).cmp(&(b.0.len(), &b.0, b.1.reduced)));
        let (mut cheapest, mut others) = (Vec::new(), Vec::new());
        for alike in routes.chunk_by(|a, b| a.0 == b.0) {
            cheapest.push(&alike[0].1);
            others.extend(alike[1..].iter().map(|(_, route)| route));
        }
        let mut out = Self {
            cheapest: cheapest.len(),
            views: Vec::new(),
            costs: Vec::new(),
            sizes: Vec::new(),
            visits: Vec::new(),
        };
        for part in [cheapest, others] {
            for alike in part.chunk_by(|a, b| a.visits.len() == b.visits.len()) {
                let at = out.costs.len();
                out.sizes.push((alike[0].visits.len(), at..at + alike.len(), out.visits.len()));
                for PricedRoute { view, visits, reduced: cost } in alike {
                    out.views.push(*view as u32);
                    out.costs.push(*cost);
                    out.visits.extend(visits.iter().map(|visit| *visit as u8));
                }
            }
        }
        Some(out)
    }

    /// How many routes there are.
    pub(super) fn len(&self) -> usize {
        self.costs.len()
    }

    /// The routes that a query asks for; where all are to earn more than they cost and slots differ in nothing, of each set
    /// those of the cheapest view alone, as dearer ones are no use.
    pub(super) fn price(&self, network: &Network<'_>, query: &Query<'_>) -> Priced {
        let Query { duals, rows, .. } = query;
        let cuts = dear_cuts(network.n, rows, duals);
        let slots: Vec<i64> =
            (0..network.classes.list.len()).map(|class| -slot_dual(class, rows, duals)).collect();
        let short = slots.iter().any(|cost| *cost > 0);
        let company = Company::new(network.n, query.pairs, &rows.done);
        let mut own = Vec::new();
        let mut found: Vec<PricedRoute> = Vec::new();
        let looked_at = if short || query.threshold > 0 { self.costs.len() } else { self.cheapest };
        for (at, visits, least) in self.near(looked_at, duals, query.threshold) {
            if !company.admits(visits) {
                continue;
            }
            own.clear();
            own.extend(visits.iter().map(|visit| u32::from(*visit)));
            let view = self.views[at] as usize;
            let slot = if short {
                let mask = network.classes.of_route(view, &own);
                members(&mask).map(|class| slots[class]).min().unwrap_or(0)
            } else {
                0
            };
            let reduced = least + Network::paid(&own, duals, &cuts) + slot;
            if reduced < query.threshold {
                found.push(PricedRoute { view, visits: own.clone(), reduced });
            }
        }
        let complete = found.len() <= query.keep;
        found.sort_unstable_by(|a, b| (a.reduced, a.view, &a.visits).cmp(&(b.reduced, b.view, &b.visits)));
        found.truncate(query.keep);
        let least = found.first().map_or(query.threshold, |route| route.reduced);
        Priced {
            routes: found,
            complete,
            floors: vec![least; network.classes.views.len()],
            steps: looked_at as u64 * STEPS_OF_ROUTE,
            bounding: 0,
        }
    }

    /// Of so many routes those that cost less than `threshold` beyond what their visits are worth, cuts and slots not counted:
    /// their numbers, visits and that cost. Most are out of the question, which a loop with nothing else in it tells soonest.
    fn near(&self, looked_at: usize, duals: &Duals, threshold: i64) -> Vec<(usize, &[u8], i64)> {
        let mut worth = [0; 256];
        worth[..duals.visits.len()].copy_from_slice(&duals.visits);
        let fixed = duals.hi - duals.lo - threshold;
        let mut out = Vec::new();
        for (size, routes, begin) in self.sizes.iter().filter(|(_, routes, _)| routes.start < looked_at) {
            let all =
                self.visits[*begin..].chunks_exact(*size).zip(routes.clone()).zip(&self.costs[routes.clone()]);
            for ((visits, at), cost) in all {
                let earned: i64 = visits.iter().map(|visit| worth[usize::from(*visit)]).sum();
                let beyond = cost * duals.scale + fixed - earned;
                if beyond < 0 {
                    out.push((at, visits, beyond + threshold));
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::routing::columns::case::Pair;
    use crate::routing::columns::classes::{Classes, mask_of};
    use crate::routing::columns::rows::Hall;
    use crate::routing::route::Timing;
    use crate::routing::slots::Slots;
    use crate::routing::solve::tests::random_with;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        /// A look at the list finds what a search finds, whatever multipliers, cuts, pairs and threshold. Where there are
        /// routes below zero, the least of them is enough.
        #[test]
        fn a_list_is_worth_a_search(
            (seed, metric) in any::<(u64, bool)>(),
            duals in prop::collection::vec(0..500_i64, 7),
            cut in 0..150_i64,
            short in any::<bool>(),
            together in any::<bool>(),
            done in prop::collection::vec(prop::bool::weighted(0.1), 7),
            threshold in 1..300_i64,
        ) {
            let problem = random_with(seed, 7, metric);
            let (timing, slots) = (Timing::new(&problem), Slots::new(&problem));
            let classes = Classes::new(&problem, &slots);
            let mut network = Network::new(&timing, &classes, 1, &|| false);
            network.list_routes();
            prop_assert!(network.listed().is_some());
            // One class of several makes a difference between slots.
            let hall = Hall { mask: mask_of(classes.words, [0]), size: 1 };
            let rows = Rows { cuts: vec![[0, 2, 5], [1, 2, 3]], halls: vec![hall], done, ..Rows::default() };
            let duals =
                Duals { scale: 1, visits: duals, cuts: vec![cut, cut / 2], halls: vec![if short { cut / 3 } else { 0 }], lo: 5, hi: 0 };
            let pairs = [Pair { visits: [3, 4], together }];
            let below = |threshold: i64| Query {
                duals: &duals,
                rows: &rows,
                pairs: &pairs,
                threshold,
                keep: 10_000,
                hope: None,
                nearest: None,
                buckets: 64,
                steps: u64::MAX,
            };
            let both = |threshold: i64| (network.price(below(threshold), None, &|| false), network.search(below(threshold), None, &|| false));
            // A search meets a route once in each level of slots; the cheapest counts.
            let sets = |priced: &Priced| {
                let mut all = std::collections::BTreeMap::new();
                for PricedRoute { view, visits, reduced } in &priced.routes {
                    let mut set = visits.clone();
                    set.sort_unstable();
                    let least = all.entry((*view, set)).or_insert(*reduced);
                    *least = (*least).min(*reduced);
                }
                all
            };
            let (looked, searched) = both(0);
            prop_assert!(looked.complete && searched.complete);
            prop_assert_eq!(looked.routes.first().map(|r| r.reduced), searched.routes.first().map(|r| r.reduced));
            if looked.routes.is_empty() {
                let (looked, searched) = both(threshold);
                prop_assert_eq!(sets(&looked), sets(&searched));
            }
        }
    }
}
