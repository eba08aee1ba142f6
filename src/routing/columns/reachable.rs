//! What can be reached: how soon a visit can be come to from a base, and how soon one is home from there.
//!
//! A visit that no way there and home has time for stands in no route. Left among the others it would spoil every bound:
//! nothing is in the way of its multiplier, which is the whole price of leaving it out.

use super::completion::NEVER;
use super::network::Network;

/// For each base and visit the quickest ways, over whatever visits.
#[derive(Debug, Default)]
pub(super) struct Reachable {
    /// Whether there is time for both.
    reach: Vec<Vec<bool>>,
    /// For each visit the end of its service if it is come to by its shortest leg at the start of the shift.
    first: Vec<i64>,
}

impl Reachable {
    pub(super) fn new(network: &Network<'_>) -> Self {
        let problem = network.timing.problem;
        let bases = 0..problem.bases.len();
        let ends = |base| {
            let first = |visit| network.end(visit, problem.shift.start + network.out(base, visit));
            quickest(network.n, first, |before, end, visit| network.end(visit, end + network.leg(before, visit)))
        };
        let home = |base| {
            let last = |visit| Some(network.back(base, visit));
            quickest(network.n, last, |after, home, visit| {
                Some(network.leg(visit, after) + problem.visits[after].service + home)
            })
        };
        let first = |visit| {
            let legs = (0..network.n).filter(|other| *other != visit).map(|other| network.leg(other, visit));
            let leg = legs.chain(bases.clone().map(|base| network.out(base, visit))).min().unwrap_or(0);
            network.end(visit, problem.shift.start + leg).unwrap_or(problem.shift.start)
        };
        let reach = |base| {
            let both = ends(base).into_iter().zip(home(base));
            both.map(|(end, home)| end.saturating_add(home) <= problem.shift.end).collect()
        };
        Self { reach: bases.clone().map(reach).collect(), first: (0..network.n).map(first).collect() }
    }

    /// A time before which no service of a visit ends, even where the time at the visit before was rounded down.
    pub(super) fn first_end(&self, visit: usize) -> i64 {
        self.first[visit]
    }

    /// Whether there is time for a visit on a route from a base, as far as the quickest ways there and home tell.
    pub(super) fn from(&self, base: usize, visit: usize) -> bool {
        self.reach[base][visit]
    }
}

/// The least time at each visit, come to directly or over others (Dijkstra 1959, "A note on two problems in connexion with
/// graphs"). `onward` tells the time at another visit when one comes from a visit and its least time: never earlier than
/// that, and no earlier for starting later.
fn quickest(
    n: usize,
    directly: impl Fn(usize) -> Option<i64>,
    onward: impl Fn(usize, i64, usize) -> Option<i64>,
) -> Vec<i64> {
    let mut least: Vec<i64> = (0..n).map(|visit| directly(visit).unwrap_or(NEVER)).collect();
    let mut open: Vec<usize> = (0..n).collect();
    while let Some(at) = (0..open.len()).min_by_key(|at| (least[open[*at]], open[*at])) {
        let visit = open.swap_remove(at);
        if least[visit] == NEVER {
            break;
        }
        for other in &open {
            if let Some(time) = onward(visit, least[visit], *other) {
                least[*other] = least[*other].min(time);
            }
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::routing::columns::classes::Classes;
    use crate::routing::route::{Route, Timing};
    use crate::routing::slots::Slots;
    use crate::routing::solve::tests::{all_routes, random_with};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]

        /// No visit of a feasible route is out of reach; with one visit in all, the ways say exactly whether there is a route.
        #[test]
        fn what_stands_in_a_route_is_in_reach(seed in any::<u64>(), n in 1_usize..6, metric in any::<bool>()) {
            let problem = random_with(seed, n, metric);
            let (timing, slots) = (Timing::new(&problem), Slots::new(&problem));
            let classes = Classes::new(&problem, &slots);
            let network = Network::new(&timing, &classes, 1, &|| false);
            let reachable = Reachable::new(&network);
            let teams = problem.teams.len();
            for (slot, routes) in all_routes(&problem).iter().enumerate() {
                let base = problem.teams[slot % teams].base;
                for visit in (0..n).filter(|visit| routes.iter().any(|(set, _)| set >> visit & 1 == 1)) {
                    prop_assert!(reachable.from(base, visit));
                }
            }
            if n == 1 {
                for base in 0..problem.bases.len() {
                    let alone = Route::new(&timing, base, vec![0]).is_some();
                    prop_assert_eq!(reachable.from(base, 0), alone);
                }
            }
        }
    }
}
