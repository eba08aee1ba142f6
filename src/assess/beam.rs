//! Whether any split of one total holds, by a dynamic programme over the splits themselves.
//!
//! Stratum after stratum, each total keeps the cumulative probabilities of its splits. Three things keep them few:
//! a split that is nowhere above another of its total (first-order stochastic dominance; Müller and Stoyan 2002, "Comparison
//! Methods for Stochastic Models and Risks", section 1.2) can never end above it; one that does not hold even with the
//! envelope of all that is still to come is dropped; where more than a stated number are left, neighbours are merged into
//! their envelope. What is left at the end is checked; that nothing is left is a proof.

use super::rows::{BITS, ONE};
use super::search::{Ranges, Search, Verdict, convolve, may_hold, rounded_up};

/// Most probabilities of envelopes kept.
const MEMORY: usize = 8 << 20;

/// Splits of one total of the strata so far.
struct Group {
    /// No less than their cumulative probabilities.
    up: Vec<u64>,
    /// The split, where it is one.
    split: Option<Vec<u64>>,
}

impl Search {
    /// Whether any split of a total holds, with at most `width` groups a total.
    pub(super) fn beam(&mut self, all: &Ranges, total: u64, width: usize) -> Verdict {
        let cells = self.limit + 1;
        let room: u64 = all.iter().map(|(low, high)| high - low).sum();
        if (room as usize + 1) * cells * all.len() > MEMORY {
            return Verdict::Unknown;
        }
        let rest = self.envelopes_behind(all);
        let least: u64 = all.iter().map(|(low, _)| low).sum();
        let wanted = (total - least) as usize;
        let mut groups: Vec<Vec<Group>> = vec![vec![Group { up: vec![ONE; cells], split: Some(Vec::new()) }]];
        let mut sums = vec![0; cells];
        for (at, (low, high)) in all.iter().enumerate() {
            let behind = &rest[at + 1];
            let mut next: Vec<Vec<Group>> = Vec::new();
            next.resize_with(groups.len() + (high - low) as usize, Vec::new);
            for (sum, list) in groups.into_iter().enumerate() {
                for group in list {
                    for marked in *low..=*high {
                        let sum = sum + (marked - low) as usize;
                        let Some(envelope) = wanted.checked_sub(sum).and_then(|missing| behind.get(missing))
                        else {
                            continue;
                        };
                        let line = &self.lines[at];
                        let row = &line.rows[(marked - line.low) as usize];
                        let steps = convolve(row, &line.down, &group.up, 0, &mut sums);
                        let up: Vec<u64> = sums.iter().map(|sum| rounded_up(*sum)).collect();
                        let Some(left) = self.work.checked_sub(steps + cells as u64) else {
                            return Verdict::Unknown;
                        };
                        self.work = left;
                        if may_hold(together(&up, envelope)) {
                            let split = group.split.as_ref().map(|split| [split.as_slice(), &[marked]].concat());
                            next[sum].push(Group { up, split });
                        }
                    }
                }
            }
            for list in &mut next {
                self.work = self.work.saturating_sub(thin_out(list, width));
            }
            groups = next;
        }
        let mut open = false;
        for group in groups.into_iter().flatten() {
            match group.split.map(|split| self.decide(&split)) {
                Some(Verdict::Holds) => return Verdict::Holds,
                // One that fails by a hair may have dropped one that does not.
                _ => open = true,
            }
        }
        if open { Verdict::Unknown } else { Verdict::Fails }
    }

    /// For the strata from each one on, by total beyond the least: the envelope of cumulative probabilities.
    fn envelopes_behind(&mut self, all: &Ranges) -> Vec<Vec<Vec<u64>>> {
        let cells = self.limit + 1;
        let mut out: Vec<Vec<Vec<u64>>> = vec![vec![vec![ONE; cells]]];
        let mut sums = vec![0; cells];
        for (line, (low, high)) in self.lines.iter().zip(all).rev() {
            let behind = &out[out.len() - 1];
            let mut here = vec![vec![0; cells]; behind.len() + (high - low) as usize];
            for (sum, envelope) in behind.iter().enumerate().filter(|(_, e)| may_hold(e[cells - 1])) {
                for marked in *low..=*high {
                    let row = &line.rows[(marked - line.low) as usize];
                    self.work = self.work.saturating_sub(convolve(row, &line.down, envelope, 0, &mut sums));
                    for (best, sum) in here[sum + (marked - low) as usize].iter_mut().zip(&sums) {
                        *best = (*best).max(rounded_up(*sum));
                    }
                }
            }
            out.push(here);
        }
        out.reverse();
        out
    }
}

/// No less than the probability that two independent numbers, of which these are bounds of the cumulative probabilities,
/// are together within the limit: Σ F(s)·(G(t−s) − G(t−s−1)), whose every factor is at least the true one or its weight.
fn together(before: &[u64], behind: &[u64]) -> u64 {
    let mut sum = 0_u128;
    let mut last = 0;
    for (f, g) in before.iter().rev().zip(behind) {
        // Envelopes never fall; rounding may make them do so by one.
        let g = (*g).max(last);
        sum += u128::from(*f) * u128::from(g - last);
        last = g;
    }
    ((sum + (1 << BITS) - 1) >> BITS).min(u128::from(ONE)) as u64
}

/// Drops groups that are nowhere above another, then merges neighbours until at most `width` are left; gives the steps.
fn thin_out(list: &mut Vec<Group>, width: usize) -> u64 {
    let mut steps = 0;
    // One that is above another somewhere and nowhere below it has the greater sum.
    let weight = |group: &Group| group.up.iter().map(|p| u128::from(*p)).sum::<u128>();
    list.sort_by_cached_key(|group| std::cmp::Reverse(weight(group)));
    let mut kept: Vec<Group> = Vec::new();
    for group in list.drain(..) {
        let below = |other: &Group| group.up.iter().zip(&other.up).all(|(a, b)| a <= b);
        // Most pairs are told apart by their first few probabilities.
        steps += (group.up.len() + 4 * kept.len()) as u64;
        if !kept.iter().any(below) {
            kept.push(group);
        }
    }
    if kept.len() > width {
        let middle = kept[0].up.len() / 2;
        kept.sort_by_key(|group| group.up[middle]);
        let size = kept.len().div_ceil(width);
        let mut merged: Vec<Group> = Vec::new();
        for (n, group) in kept.into_iter().enumerate() {
            match merged.last_mut() {
                Some(last) if n % size != 0 => {
                    last.up.iter_mut().zip(&group.up).for_each(|(a, b)| *a = (*a).max(*b));
                    last.split = None;
                }
                _ => merged.push(group),
            }
        }
        kept = merged;
    }
    *list = kept;
    steps
}
