//! What a case is split by, and the cases that come of it. How pairs are compared is told in [`super::super::branching`].

use super::{BranchAndBound, Node, Split};
use crate::routing::Cost;
use crate::routing::columns::branching::{candidates, most_promising};
use crate::routing::columns::case::Pair;
use crate::routing::columns::case::{Case, Proven, Relaxed};
use crate::routing::columns::whole::proven_value;

/// Pairs compared before branching: those that did best when they were compared before, and those that never were.
const TRIED: usize = 6;
const UNTRIED: usize = 18;
/// Pairs never compared before, times visits: a linear programme takes longer the more visits there are.
const WORTH_TRYING: usize = 1200;
/// Cases that are split without knowing what stands in the way of whole multipliers.
const BLIND: u32 = 12;

impl BranchAndBound<'_, '_> {
    /// The pair of visits to split a case by; rises are those of the linear programme over the present columns.
    pub(super) fn fractional_pair(&mut self, at: usize, relaxed: &Relaxed) -> Option<[u32; 2]> {
        let columns = &self.generator.pool.columns;
        let solution: Vec<_> =
            relaxed.support.iter().map(|(column, weight)| (&columns[*column], *weight)).collect();
        let new = (WORTH_TRYING / self.generator.network.n.max(1)).clamp(TRIED, UNTRIED);
        let pairs = candidates(
            self.generator.network.n,
            &solution,
            &self.promise,
            (TRIED, new),
            &mut self.nodes[at].case.focus,
        );
        if pairs.len() < 2 {
            return pairs.first().copied();
        }
        let missing = (self.total as f64 - relaxed.value).max(1.0);
        let parent = &self.nodes[at].case;
        let cases: Vec<Case> = pairs
            .iter()
            .flat_map(|visits| [true, false].map(|together| parent.with(Pair { visits: *visits, together })))
            .collect();
        let values = self.generator.strong_branch(parent, &cases);
        let rise = |value: Option<f64>| value.map_or(missing, |value| value - relaxed.value);
        let rises = values.chunks(2).map(|values| [rise(values[0]), rise(values[1])]);
        most_promising(pairs.iter().copied().zip(rises), missing, &self.nodes[at].case.focus, &mut self.promise)
    }

    pub(super) fn split_on_routes(&mut self, at: usize, k: usize) -> [usize; 2] {
        let (mut less, mut more) = (self.nodes[at].case.clone(), self.nodes[at].case.clone());
        less.hi = Some(less.hi.map_or(k, |hi| hi.min(k)));
        more.lo = more.lo.max(k + 1);
        // Of cases with the same bound the first is taken: the one that schedules are in, as few routes may need long to refute.
        let [more, less] = self.children(at, [more, less]);
        self.nodes[at].split = Some(Split::Routes(k, [less, more]));
        [less, more]
    }

    pub(super) fn split_on_pair(&mut self, at: usize, visits: [u32; 2]) -> [usize; 2] {
        let parent = &self.nodes[at].case;
        let cases = [true, false].map(|together| parent.with(Pair { visits, together }));
        let children = self.children(at, cases);
        self.nodes[at].split = Some(Split::Pair(visits, children));
        children
    }

    /// Cases that take a leaf's place.
    fn children(&mut self, at: usize, cases: [Case; 2]) -> [usize; 2] {
        self.leaves.remove(&(self.nodes[at].rank(), at));
        // What is not a leaf any more counts no more, and there may be very many of them.
        self.take_start(at);
        self.nodes[at].fine = None;
        let proven = std::mem::take(&mut self.nodes[at].proven);
        cases.map(|case| self.child(at, case, proven.clone()))
    }

    /// A case within another: what is `proven` of the one holds for the other.
    fn child(&mut self, at: usize, case: Case, mut proven: Proven) -> usize {
        (proven.rows.lo, proven.rows.hi) = (case.lo, case.hi);
        proven.value = proven_value(&proven.duals, &proven.rows);
        // More routes than there can be: an empty case, which bounds nothing.
        let most = case.hi.unwrap_or(usize::MAX).min(self.generator.classes.slots);
        if case.lo > most {
            proven.value = Cost::MAX;
        }
        let depth = self.nodes[at].depth + 1;
        self.leaves.insert((proven.value, self.nodes.len()));
        self.nodes.push(Node::new(case, proven, depth));
        self.nodes.len() - 1
    }

    /// The linear programme of a case is whole: its routes are a schedule, and multipliers are sought that say so in whole
    /// numbers. There need be none; then it helps to hold together two visits of these routes that most of the routes
    /// which stand in the way part.
    pub(super) fn see_to_whole(&mut self, at: usize, relaxed: &Relaxed) -> Option<[u32; 2]> {
        let columns: Vec<usize> = relaxed.support.iter().filter(|(_, w)| *w > 0.5).map(|(at, _)| *at).collect();
        if relaxed.value < self.total as f64 - 0.5 {
            self.offer(&columns);
        }
        // What walks are worth is no schedule's, and what stands in the way of a proof is not known of them.
        if self.has_walks() {
            return None;
        }
        let case = self.nodes[at].case.clone();
        let culprits = match self.generator.exactly(&case, &columns) {
            Ok(proven) => {
                self.know(at, proven);
                return None;
            }
            Err(culprits) => culprits,
        };
        let mut pairs: Vec<(usize, [u32; 2])> = Vec::new();
        for column in &columns {
            let visits = &self.generator.pool.columns[*column].visits;
            let all = visits.iter().flat_map(|a| visits.iter().filter(move |b| a < *b).map(move |b| [*a, *b]));
            let open = all.filter(|visits| case.pairs.iter().all(|pair| pair.visits != *visits));
            pairs.extend(open.map(|visits| {
                let together = Pair { visits, together: true };
                (culprits.iter().filter(|route| !together.admits(route)).count(), visits)
            }));
        }
        let most = pairs.iter().max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)))?;
        if most.0 > 0 {
            return Some(most.1);
        }
        // Nothing is known of what stands in the way: then the pair whose pivots costs most.
        self.blind += 1;
        if self.blind > BLIND {
            return None;
        }
        let apart = |visits| case.with(Pair { visits, together: false });
        let cases: Vec<Case> = pairs.iter().map(|(_, visits)| apart(*visits)).collect();
        let values = self.generator.strong_branch(&case, &cases);
        let parted = |at: usize| values[at].unwrap_or(f64::INFINITY);
        let most = (0..pairs.len()).max_by(|a, b| parted(*a).total_cmp(&parted(*b)).then(b.cmp(a)));
        most.map(|at| pairs[at].1)
    }
}
