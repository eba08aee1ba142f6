//! The tree of cases as a certificate (contract, section 7). The prices of slots stay out of it: whoever checks it works
//! them out from the routes, best possible ones.

use super::{BranchAndBound, Split};
use crate::routing::certificate::{
    CutLine, Leaf, OnPair, OnRoutes, PairBranch, Pricing, RouteDuals, RoutesBranch, Tree,
};
use crate::routing::columns::case::Proven;
use crate::routing::columns::listed::Listed;
use crate::routing::problem::Problem;

/// Looks at a route in pricing leaves slot by slot, at most: time may be up already.
const MOST_LOOKS: usize = 1_000_000;
/// Leaves that are priced so, at most.
const MOST_SHARPENED: usize = 1000;

impl BranchAndBound<'_, '_> {
    /// States what multipliers prove in full, as long as that raises the value of the whole tree: what slots pay was rounded.
    pub(in crate::routing::columns) fn sharpen(&mut self) {
        let routes = self.generator.network.listed().map_or(usize::MAX, Listed::len);
        for _ in 0..MOST_SHARPENED.min(MOST_LOOKS / routes.max(1)) {
            let leaves = self.nodes.iter().enumerate().filter(|(_, node)| node.split.is_none());
            let Some((at, node)) = leaves.min_by_key(|(_, node)| node.proven.value) else { return };
            match self.generator.slot_by_slot(&node.case, &node.proven) {
                Some(value) if value > node.proven.value => self.nodes[at].proven.value = value,
                _ => return,
            }
        }
    }

    /// The certificate below a node.
    pub(in crate::routing::columns) fn tree(&self, problem: &Problem, at: usize) -> Tree {
        let id = |visit: u32| problem.visits[visit as usize].id.clone();
        match self.nodes[at].split {
            None => Tree::Leaf(self.leaf(problem, &self.nodes[at].proven)),
            Some(Split::Routes(k, [less, more])) => Tree::Routes(Box::new(RoutesBranch {
                on: OnRoutes { routes: k as i64 },
                at_most: self.tree(problem, less),
                at_least: self.tree(problem, more),
            })),
            Some(Split::Pair(visits, [together, apart])) => Tree::Pair(Box::new(PairBranch {
                on: OnPair { pair: visits.map(id) },
                together: self.tree(problem, together),
                apart: self.tree(problem, apart),
            })),
        }
    }

    fn leaf(&self, problem: &Problem, proven: &Proven) -> Leaf {
        let id = |visit: usize| problem.visits[visit].id.clone();
        let duals = &proven.duals;
        debug_assert!(duals.visits.iter().chain(&duals.cuts).chain([&duals.lo, &duals.hi]).all(|dual| *dual >= 0));
        let visits = duals.visits.iter().enumerate().filter(|(_, dual)| **dual != 0);
        let cuts = proven.rows.cuts.iter().zip(&duals.cuts).filter(|(_, dual)| **dual != 0);
        let ng = self.generator.ng_sets.as_ref().map(|sets| {
            let of = |visit: usize| sets.of(visit).iter().map(|other| id(*other as usize)).collect();
            (0..problem.visits.len()).map(|visit| (id(visit), of(visit))).collect()
        });
        Leaf {
            duals: visits.map(|(visit, dual)| (id(visit), *dual)).collect(),
            cuts: cuts.map(|(cut, dual)| CutLine { visits: cut.map(|v| id(v as usize)), dual: *dual }).collect(),
            routes: RouteDuals { lo: duals.lo, hi: duals.hi },
            pricing: ng.map(|ng| Pricing { ng }),
            slots: None,
        }
    }
}
