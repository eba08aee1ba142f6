//! A split of a total that certainly holds, from the proportional one by moves of a few units between two strata.

use super::search::{Line, Ranges, Search, Verdict, holds};

/// Steps of moves that climbing tries.
const STRIDES: [u64; 3] = [1, 4, 16];

impl Search {
    /// Looks for a split of a total that certainly holds.
    pub(super) fn climb(&mut self, all: &Ranges, total: u64) -> bool {
        let Some(mut split) = self.proportional(all, total) else { return false };
        let Some(mut best) = self.probability(&split).map(|(down, _)| down) else { return false };
        loop {
            if holds(best) {
                return true;
            }
            let before = best;
            for stride in STRIDES.into_iter().rev() {
                for (from, to) in (0..split.len()).flat_map(|a| (0..all.len()).map(move |b| (a, b))) {
                    if from == to || split[from] < all[from].0 + stride || split[to] + stride > all[to].1 {
                        continue;
                    }
                    split[from] -= stride;
                    split[to] += stride;
                    match self.probability(&split) {
                        Some((down, _)) if down > best => best = down,
                        Some(_) => {
                            split[from] += stride;
                            split[to] -= stride;
                        }
                        None => return false,
                    }
                    if holds(best) {
                        return true;
                    }
                }
            }
            if best == before {
                return self.decide(&split) == Verdict::Holds;
            }
        }
    }

    /// A total in the proportion of the populations, as far as the ranges let it.
    fn proportional(&self, all: &Ranges, total: u64) -> Option<Vec<u64>> {
        let population: u64 = self.lines.iter().map(|line| line.size.population).sum();
        let share = |line: &Line| {
            let share = u128::from(total) * u128::from(line.size.population) / u128::from(population);
            share as u64
        };
        let mut split: Vec<u64> =
            self.lines.iter().zip(all).map(|(line, (low, high))| share(line).clamp(*low, *high)).collect();
        let mut sum: u64 = split.iter().sum();
        while sum < total {
            let room = |h: &usize| all[*h].1 - split[*h];
            let most = (0..split.len()).max_by_key(room).filter(|h| room(h) > 0)?;
            split[most] += 1;
            sum += 1;
        }
        while sum > total {
            let room = |h: &usize| split[*h] - all[*h].0;
            let most = (0..split.len()).max_by_key(room).filter(|h| room(h) > 0)?;
            split[most] -= 1;
            sum -= 1;
        }
        Some(split)
    }
}
