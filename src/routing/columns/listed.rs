//! All routes of a small problem, listed once: then pricing is one look at each (as Baldacci, Christofides and Mingozzi 2008,
//! "An exact algorithm for the vehicle routing problem based on the set partitioning formulation with additional cuts", price
//! once no more routes than a pool holds are left).

use super::classes::members;
use super::master::Rows;
use super::pricing::{Company, Duals, Field, Priced, PricedRoute, Query, cuts_of, slot_dual};
use crate::routing::Cost;

/// Most visits of a problem whose routes are listed; with more there are too many routes.
const VISITS: usize = 150;
/// Most routes that are listed.
const MOST: usize = 200_000;
/// Steps after which a list is given up.
const STEPS: u64 = 100_000_000;
/// More than any route costs.
const DEAR: i64 = 1 << 60;

/// Every set of visits that a team can make in a shift, in its cheapest order, for each view; some stand there twice.
#[derive(Debug)]
pub(super) struct Listed {
    /// So many stand first: for each set the cheapest of all views.
    cheapest: usize,
    views: Vec<u32>,
    costs: Vec<Cost>,
    /// Where the visits of each route end in `visits`.
    ends: Vec<u32>,
    visits: Vec<u32>,
}

impl Listed {
    /// `None` where there are too many routes.
    pub(super) fn new(field: &Field<'_>) -> Option<Self> {
        if field.n > VISITS || field.memory.is_some() {
            return None;
        }
        let duals = Duals { scale: 1, visits: vec![0; field.n], ..Duals::default() };
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
        let all = field.search(query, &|| false);
        if !all.complete {
            return None;
        }
        // By their sets, the cheapest of each set first.
        let set = |route: &PricedRoute| {
            let mut set = route.visits.clone();
            set.sort_unstable();
            set
        };
        let mut routes: Vec<(Vec<u32>, PricedRoute)> = all.routes.into_iter().map(|r| (set(&r), r)).collect();
        routes.sort_by(|a, b| (&a.0, a.1.reduced).cmp(&(&b.0, b.1.reduced)));
        let (mut cheapest, mut others) = (Vec::new(), Vec::new());
        for alike in routes.chunk_by(|a, b| a.0 == b.0) {
            cheapest.push(&alike[0].1);
            others.extend(alike[1..].iter().map(|(_, route)| route));
        }
        let mut out = Self {
            cheapest: cheapest.len(),
            views: Vec::new(),
            costs: Vec::new(),
            ends: Vec::new(),
            visits: Vec::new(),
        };
        for PricedRoute { view, visits, reduced: cost } in cheapest.into_iter().chain(others) {
            out.views.push(*view as u32);
            out.costs.push(*cost);
            out.visits.extend(visits);
            out.ends.push(out.visits.len() as u32);
        }
        Some(out)
    }

    /// The routes that a query asks for; where all are to earn more than they cost and slots differ in nothing, of each set
    /// those of the cheapest view alone, as dearer ones are no use.
    pub(super) fn price(&self, field: &Field<'_>, query: &Query<'_>) -> Priced {
        let Query { duals, rows, .. } = query;
        let cuts_of = cuts_of(field.n, rows, duals);
        let slots: Vec<i64> = (0..field.classes.list.len()).map(|class| -slot_dual(class, rows, duals)).collect();
        let short = slots.iter().any(|cost| *cost > 0);
        let fixed = duals.hi - duals.lo;
        let company = Company::new(field.n, query.pairs);
        let mut met = Vec::new();
        let mut found: Vec<(i64, usize)> = Vec::new();
        let looked_at = if short || query.threshold > 0 { self.ends.len() } else { self.cheapest };
        for at in 0..looked_at {
            let visits = self.of(at);
            let earned: i64 = visits.iter().map(|visit| duals.visits[*visit as usize]).sum();
            let least = self.costs[at] * duals.scale + fixed - earned;
            if least >= query.threshold {
                continue;
            }
            let open = visits.iter().all(|visit| rows.done.get(*visit as usize) != Some(&true));
            if !open || !company.admits(visits) {
                continue;
            }
            let view = self.views[at] as usize;
            let slot = if short {
                let mask = field.classes.of_route(view, visits);
                members(&mask).map(|class| slots[class]).min().unwrap_or(0)
            } else {
                0
            };
            let reduced = least + Field::paid(visits, duals, &cuts_of, &mut met) + slot;
            if reduced < query.threshold {
                found.push((reduced, at));
            }
        }
        let complete = found.len() <= query.keep;
        found.sort_unstable_by(|a, b| {
            (a.0, self.views[a.1], self.of(a.1)).cmp(&(b.0, self.views[b.1], self.of(b.1)))
        });
        found.truncate(query.keep);
        let least = found.first().map_or(query.threshold, |(reduced, _)| *reduced);
        Priced {
            routes: found
                .into_iter()
                .map(|(reduced, at)| PricedRoute {
                    view: self.views[at] as usize,
                    visits: self.of(at).to_vec(),
                    reduced,
                })
                .collect(),
            complete,
            floors: vec![least; field.classes.views.len()],
            steps: self.ends[..looked_at].last().map_or(0, |end| u64::from(*end)),
            bounding: 0,
        }
    }

    fn of(&self, at: usize) -> &[u32] {
        let begin = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.visits[begin..self.ends[at] as usize]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::routing::columns::classes::Classes;
    use crate::routing::columns::master::Hall;
    use crate::routing::columns::pricing::Pair;
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
            let mut field = Field::new(&timing, &classes, 1, &|| false);
            field.list_routes();
            prop_assert!(field.listed().is_some());
            // One class of several makes a difference between slots.
            let mut mask = vec![0; classes.words];
            mask[0] = 1;
            let hall = Hall { mask: mask.into(), size: 1 };
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
            let both = |threshold: i64| (field.price(below(threshold), &|| false), field.search(below(threshold), &|| false));
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
