//! The forward bound: the least that any way to a visit can cost, and so what a way home from there must stay below.
//!
//! The forward half of bounding in both directions (Righini and Salani 2006, "Symmetry helps: bounded bi-directional
//! dynamic programming for the elementary shortest path problem with resource constraints", section 3; here it only
//! bounds): a dynamic programme over walks with times rounded down to coarse sections of the shift. A completion
//! ([`super::completion`]) leaves out every leg whose cheapest way there and cheapest way home together reach the
//! threshold, which near the end of a column generation are nearly all.

use std::thread;

use super::completion::{Ends, MOST_STATES};
use super::network::Network;

/// Sections of a shift, at most.
const SECTIONS: i64 = 32;
/// No way there: so dear that no way home is worth anything.
const NEVER: i64 = i64::MAX / 4;

/// What completions from each visit and section must stay below, by the number of visits they may still make.
#[derive(Debug)]
pub(super) struct Forward {
    /// By number of visits so far at most, the visit itself included, less one: least cost by visit and section.
    layers: Vec<Vec<i64>>,
    threshold: i64,
    /// A section is 2^`bits` seconds wide.
    pub(super) bits: u32,
    pub(super) sections: usize,
    /// Looks at a leg from a section.
    pub(super) looks: u64,
}

/// The part of a problem that a bound is about: one base, what visits bring and which there are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'g> {
    pub(super) network: &'g Network<'g>,
    pub(super) base: usize,
    pub(super) scale: i64,
    /// What a visit brings less its price of change.
    pub(super) profit: &'g [i64],
    pub(super) usable: &'g [bool],
    /// Visits that may follow each visit.
    pub(super) nexts: &'g [Vec<u32>],
    /// Most visits of a route.
    pub(super) longest: usize,
}

impl Forward {
    /// `fixed` is what every route costs, `threshold` what it must stay below. `None` if `stop` comes first.
    pub(super) fn new(
        scope: Scope<'_>,
        fixed: i64,
        threshold: i64,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Option<Self> {
        let Scope { network, base, scale, profit, usable, longest, .. } = scope;
        let shift = network.timing.problem.shift;
        let length = shift.end - shift.start;
        let n = profit.len();
        // A completion has buckets no wider than these, and no more states than it may.
        let most = SECTIONS.min((MOST_STATES / (n * longest).max(1)) as i64).max(1);
        let bits = (0..62).find(|bits| length >> bits < most).unwrap_or(62);
        let sections = (length >> bits) as usize + 1;
        let mut first = vec![NEVER; n * sections];
        for visit in (0..n).filter(|visit| usable[*visit]) {
            let leg = network.out(base, visit);
            let Some(end) = network.end(visit, shift.start + leg) else { continue };
            let section = ((end - shift.start) >> bits) as usize;
            if let Some(cells) = first[visit * sections..(visit + 1) * sections].get_mut(section..) {
                cells.fill(fixed + network.travel * scale * leg - profit[visit]);
            }
        }
        let mut out = Self { layers: vec![first], threshold, bits, sections, looks: 0 };
        // Whence each visit is reached.
        let mut before: Vec<Vec<u32>> = vec![Vec::new(); n];
        for (visit, nexts) in scope.nexts.iter().enumerate().filter(|(visit, _)| usable[*visit]) {
            for next in nexts {
                before[*next as usize].push(visit as u32);
            }
        }
        for _ in 1..longest {
            if stop() {
                return None;
            }
            let mut layer = out.layers[0].clone();
            let half = n.div_ceil(2);
            let (head, tail) = layer.split_at_mut((half * sections).min(n * sections));
            let fill = |rows: &mut [i64], from: usize| out.fill(rows, from, scope, &before);
            let looks = if network.threads > 1 && n > 100 {
                thread::scope(|scope| {
                    let other = scope.spawn(|| fill(tail, half));
                    fill(head, 0) + other.join().expect("filling a table does not panic")
                })
            } else {
                fill(head, 0) + fill(tail, half)
            };
            out.looks += looks;
            out.layers.push(layer);
        }
        Some(out)
    }

    /// Fills the rows of visits `from..` of a layer; how many looks that took.
    fn fill(&self, rows: &mut [i64], from: usize, scope: Scope<'_>, before: &[Vec<u32>]) -> u64 {
        let Scope { network, scale, profit, usable, .. } = scope;
        let Some(last) = self.layers.last() else { return 0 };
        let start = network.timing.problem.shift.start;
        let mut looks = 0;
        for (visit, row) in (from..).zip(rows.chunks_mut(self.sections)).filter(|(visit, _)| usable[*visit]) {
            for prior in &before[visit] {
                let prior = *prior as usize;
                let leg = network.leg(prior, visit);
                let gain = network.travel * scale * leg - profit[visit];
                let mut ends = Ends::new(network, visit);
                let mut least = NEVER;
                for (section, cost) in last[prior * self.sections..][..self.sections].iter().enumerate() {
                    // Later and no cheaper: the same onward costs from an earlier start.
                    if *cost >= least {
                        continue;
                    }
                    least = *cost;
                    looks += 1;
                    let Some(end) = ends.end(start + ((section as i64) << self.bits) + leg) else { break };
                    let Some(cell) = row.get_mut(((end - start) >> self.bits) as usize) else { break };
                    *cell = (*cell).min(cost + gain);
                }
            }
            let mut least = NEVER;
            for cell in row {
                least = least.min(*cell);
                *cell = least;
            }
        }
        looks
    }

    /// For one visit and each section: what a way home with at most `further` visits must cost less than.
    pub(super) fn limits(&self, further: usize, visit: usize) -> impl Fn(usize) -> i64 + '_ {
        let so_far = (self.layers.len() - 1).saturating_sub(further);
        let row = &self.layers[so_far][visit * self.sections..][..self.sections];
        move |section| self.threshold - row[section]
    }
}
