//! What walks remember.
//!
//! A walk may come back to a visit once that has left its memory: each visit keeps a few near ones in mind (Baldacci, Mingozzi
//! and Roberti 2011, "New route relaxation and pricing strategies for the vehicle routing problem", section 4). Where walks of
//! a solution come back, the visits on the way are given a better memory (Roberti and Mingozzi 2014, "Dynamic ng-path
//! relaxation for the delivery man problem", section 4.3), so that what is proven comes near to what routes alone would.

use super::generate::Generator;
use super::network::Network;
use super::pool::Pool;

/// Visits remembered, a bit for each of a set.
pub(super) type Memory = u32;

/// Visits that each visit keeps in mind at first, itself included.
const KEPT: usize = 9;
/// The same at last, at most: the more is remembered, the longer pricing takes, and so does checking a certificate.
const MOST_KEPT: usize = 16;
/// Visits of a problem where each keeps all in mind: walks are routes then, and end even where they take no time.
const FEW: usize = 14;
/// Walks of a solution that are kept from coming back at a time.
const WALKS: usize = 40;
/// Not in a set.
const NONE: u8 = u8::MAX;

/// For each visit the visits that a walk standing there remembers (its ng set).
#[derive(Debug, Clone)]
pub(super) struct NgSets {
    sets: Vec<Vec<u32>>,
    /// Position of each visit in each set, row-major; `NONE` outside.
    position: Vec<u8>,
    n: usize,
}

impl NgSets {
    /// The nearest visits by travel there and back.
    pub(super) fn new(network: &Network<'_>) -> Self {
        let kept = if network.n <= FEW { FEW } else { KEPT };
        let nearest = |visit: usize| {
            let mut near: Vec<(i64, u32)> = (0..network.n)
                .map(|other| {
                    let both_ways = network.leg(visit, other) + network.leg(other, visit);
                    (if other == visit { -1 } else { both_ways }, other as u32)
                })
                .collect();
            near.sort_unstable();
            near.into_iter().take(kept).map(|(_, other)| other).collect()
        };
        Self::of_sets((0..network.n).map(nearest).collect())
    }

    pub(super) fn of_sets(sets: Vec<Vec<u32>>) -> Self {
        let n = sets.len();
        let mut position = vec![NONE; n * n];
        for (visit, set) in sets.iter().enumerate() {
            set.iter().enumerate().for_each(|(at, other)| position[visit * n + *other as usize] = at as u8);
        }
        Self { sets, position, n }
    }

    /// The visits that a walk at `visit` remembers.
    pub(super) fn of(&self, visit: usize) -> &[u32] {
        &self.sets[visit]
    }

    /// Whether nothing is ever forgotten: then walks are routes.
    pub(super) fn hold_all(&self) -> bool {
        self.sets.iter().all(|set| set.len() == self.n)
    }

    pub(super) fn holds(&self, here: usize, before: usize) -> bool {
        self.position[here * self.n + before] != NONE
    }

    /// What a walk remembers that has come to a visit first.
    pub(super) fn alone(&self, visit: usize) -> Memory {
        1 << self.position[visit * self.n + visit]
    }

    /// What is left of a memory after a step; `None` if the step goes to a visit that is remembered.
    pub(super) fn step(&self, here: usize, memory: Memory, next: usize) -> Option<Memory> {
        let at = self.position[here * self.n + next];
        if at != NONE && memory >> at & 1 == 1 {
            return None;
        }
        let mut out = self.alone(next);
        let mut bits = memory;
        while bits != 0 {
            let visit = self.sets[here][bits.trailing_zeros() as usize];
            bits &= bits - 1;
            let at = self.position[next * self.n + visit as usize];
            if at != NONE {
                out |= 1 << at;
            }
        }
        Some(out)
    }

    /// Whether a walk of these visits comes back to none that it remembers.
    fn admits(&self, visits: &[u32]) -> bool {
        let mut legs = visits.windows(2).map(|leg| [leg[0] as usize, leg[1] as usize]);
        let first = visits.first().map_or(0, |first| self.alone(*first as usize));
        legs.try_fold(first, |memory, [here, next]| self.step(here, memory, next)).is_some()
    }

    /// Has the visits between the two nearest stays of a walk at the same place remember it; whether that is anything new.
    fn learn(&mut self, visits: &[u32]) -> bool {
        let ends = (0..visits.len()).filter_map(|end| {
            let begin = visits[..end].iter().rposition(|visit| *visit == visits[end])?;
            Some((end - begin, begin, end))
        });
        let Some((_, begin, end)) = ends.min() else { return false };
        let back = visits[begin] as usize;
        // None of these stands there twice, or that way back would be shorter.
        let between = visits[begin + 1..end].iter().map(|visit| *visit as usize);
        let new: Vec<usize> = between.filter(|visit| !self.holds(*visit, back)).collect();
        if new.is_empty() || new.iter().any(|visit| self.sets[*visit].len() >= MOST_KEPT) {
            return false;
        }
        for visit in new {
            self.position[visit * self.n + back] = self.sets[visit].len() as u8;
            self.sets[visit].push(back as u32);
        }
        true
    }
}

impl Generator<'_> {
    /// Gives visits a better memory where walks of a solution come back, those of most weight first, and forgets the walks that
    /// are none then; whether that is anything new. Columns have other places in the pool afterwards.
    pub(super) fn remember_more(&mut self, support: &[(usize, f64)]) -> bool {
        let Some(sets) = &mut self.ng_sets else { return false };
        let mut walks = support.to_vec();
        walks.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut learnt = 0;
        for (at, _) in walks {
            if learnt < WALKS && sets.learn(&self.pool.columns[at].visits) {
                learnt += 1;
            }
        }
        if learnt == 0 {
            return false;
        }
        let mut places = vec![None; self.pool.columns.len()];
        let mut pool = Pool::default();
        for (place, column) in places.iter_mut().zip(std::mem::take(&mut self.pool.columns)) {
            *place = sets.admits(&column.visits).then(|| pool.insert(column));
        }
        self.pool = pool;
        self.active = self.active.iter().filter_map(|at| places[*at]).collect();
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VISITS: u32 = 7;

    /// Whether a walk comes back to a visit that it remembers, told one arrival after the other.
    fn comes_back(sets: &NgSets, visits: &[u32]) -> bool {
        let mut memory: Vec<u32> = Vec::new();
        visits.iter().any(|next| {
            let back = memory.contains(next);
            memory.retain(|old| sets.of(*next as usize).contains(old));
            memory.push(*next);
            back
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        /// A walk is admitted unless it comes back to what it remembers; what it learns keeps it from one way back, forgets
        /// nothing, and is in no route's way.
        #[test]
        fn walks_learn(
            sets in prop::collection::vec(prop::collection::btree_set(0..VISITS, 0..4), VISITS as usize),
            walks in prop::collection::vec(prop::collection::vec(0..VISITS, 0..9), 1..6),
            route in Just((0..VISITS).collect::<Vec<u32>>()).prop_shuffle(),
        ) {
            let of = |(visit, set): (u32, &std::collections::BTreeSet<u32>)| -> Vec<u32> {
                set.iter().copied().filter(|other| *other != visit).chain([visit]).collect()
            };
            let mut known = NgSets::of_sets((0..VISITS).zip(&sets).map(of).collect());
            for walk in &walks {
                prop_assert_eq!(known.admits(walk), !comes_back(&known, walk));
                let before = known.clone();
                let admitted = known.admits(walk);
                let learnt = known.learn(walk);
                prop_assert!(learnt || known.sets == before.sets);
                // One that is admitted and comes back always has something to learn: there is room for all.
                let back = walk.iter().enumerate().any(|(at, visit)| walk[..at].contains(visit));
                prop_assert_eq!(learnt && admitted, admitted && back);
                prop_assert!(!learnt || !known.admits(walk));
                for visit in 0..VISITS as usize {
                    prop_assert!(before.of(visit).iter().all(|other| known.holds(visit, *other as usize)));
                    prop_assert_eq!(known.sets[visit].len(), (0..VISITS as usize).filter(|at| known.holds(visit, *at)).count());
                }
                prop_assert!(known.admits(&route));
            }
        }
    }
}
