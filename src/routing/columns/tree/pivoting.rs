//! Leaves that are worked on by pivots alone ([`super::super::pivots`]), several at a time, and the inverses they go on from.

use std::cmp::Reverse;

use super::{BranchAndBound, DEEPEST, Node};
use crate::routing::columns::pivots::{Outcome, Start};

/// The depth from which on cases of a proof are worked on by pivots.
const PIVOTED: usize = 2;
/// Cases that are worked on at a time: for schedules alone, and for proofs.
const TOGETHER: [usize; 2] = [8, 16];
/// Most numbers of inverses that are kept for later.
const MOST_NUMBERS: usize = 1 << 24;

impl BranchAndBound<'_, '_> {
    /// Whether pivots may tell what to do with a leaf.
    pub(super) fn is_for_pivots(&self, at: usize) -> bool {
        let node = &self.nodes[at];
        let depth = if self.certified { PIVOTED } else { 0 };
        !self.generator.core.is_empty() && !node.unclear && node.depth >= depth
    }

    /// Works on several of the open leaves at a time, those of the least bounds, by pivots alone.
    pub(super) fn process_by_pivots(&mut self) {
        let together = TOGETHER[usize::from(self.certified)];
        let most = if self.certified { together } else { usize::MAX };
        let mut open: Vec<usize> = self.open().filter(|at| self.is_for_pivots(*at)).take(most).collect();
        if open.len() > together {
            // The more visits are held together, the sooner a case is whole.
            let held = |node: &Node| node.case.pairs.iter().filter(|pair| pair.together).count();
            open[together / 2..].sort_by_key(|at| {
                let node = &self.nodes[*at];
                (Reverse(held(node)), node.proven.value, *at)
            });
        }
        open.truncate(together);
        let starts: Vec<Option<Start>> = open.iter().map(|at| self.take_start(*at)).collect();
        let cases = open.iter().zip(starts).map(|(at, start)| (&self.nodes[*at].case, start)).collect();
        for (at, outcome, promises) in self.generator.work_by_pivots(cases, self.total, &self.promise) {
            let at = open[at];
            self.promise.extend(promises);
            match outcome {
                Outcome::Closed(proven) => self.know(at, proven),
                Outcome::Number(proven, ..) | Outcome::Split { proven, .. } if self.nodes[at].depth >= DEEPEST => {
                    self.know(at, proven);
                    self.nodes[at].unclear = true;
                }
                Outcome::Unclear(proven, whole) => {
                    self.know(at, proven);
                    self.nodes[at].unclear = true;
                    if let Some(routes) = whole.filter(|_| !self.certified) {
                        let before = self.total;
                        self.hand_out(routes);
                        // Else slots were too few for them, which a closer look will find.
                        if self.total < before {
                            self.finish(at);
                        }
                    }
                }
                Outcome::Lacking(routes, mut start) => {
                    // What is lacking although it is there is beyond pivots.
                    self.nodes[at].unclear = !self.generator.supply(&mut start, &routes);
                    self.keep_start(at, Some(start));
                }
                Outcome::Number(proven, below, start) => {
                    self.know(at, proven);
                    for child in self.split_on_routes(at, below) {
                        let start = start.clone().with_routes(&self.nodes[child].case);
                        self.keep_start(child, Some(start));
                    }
                }
                Outcome::Split { proven, pair, focus, children } => {
                    self.know(at, proven);
                    self.nodes[at].case.focus = focus;
                    let parts = self.split_on_pair(at, pair);
                    for (child, (proven, start)) in parts.into_iter().zip(*children) {
                        self.know(child, proven);
                        self.keep_start(child, start);
                    }
                }
            }
        }
    }

    /// Keeps where a case goes on from. Where inverses take too much memory, the cases of the highest bounds, which come last,
    /// do without.
    fn keep_start(&mut self, at: usize, start: Option<Start>) {
        let Some(start) = start else { return };
        if start.size() > 0 {
            self.numbers += start.size();
            self.warm.insert((self.nodes[at].proven.value, at));
            self.nodes[at].warm = self.nodes[at].proven.value;
        }
        self.nodes[at].start = Some(start);
        while self.numbers > MOST_NUMBERS
            && let Some((_, last)) = self.warm.pop_last()
            && let Some(start) = &mut self.nodes[last].start
        {
            self.numbers -= start.size();
            start.forget_inverse();
        }
    }

    /// Where a case goes on from, if that is known.
    pub(super) fn take_start(&mut self, at: usize) -> Option<Start> {
        let start = self.nodes[at].start.take()?;
        if self.warm.remove(&(self.nodes[at].warm, at)) {
            self.numbers -= start.size();
        }
        Some(start)
    }
}
