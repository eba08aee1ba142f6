//! Slots (one team on one day) and which of them each visit may use.
//!
//! The timing of a route depends on its base alone, so a route is planned first and placed second: a set of visits has a
//! set of possible slots, the intersection of its visits' sets, and moves freely among those that are free.

use std::collections::BTreeSet;

use crate::routing::Cost;
use crate::routing::problem::Problem;

/// A set of slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SlotSet(Vec<u64>);

impl SlotSet {
    pub(crate) fn empty(slots: usize) -> Self {
        Self(vec![0; slots.div_ceil(64)])
    }

    pub(crate) fn insert(&mut self, slot: usize) {
        self.0[slot / 64] |= 1 << (slot % 64);
    }

    pub(crate) fn remove(&mut self, slot: usize) {
        self.0[slot / 64] &= !(1 << (slot % 64));
    }

    pub(crate) fn contains(&self, slot: usize) -> bool {
        self.0[slot / 64] >> (slot % 64) & 1 == 1
    }

    pub(crate) fn intersect(&mut self, other: &Self) {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a &= b;
        }
    }

    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.0.copy_from_slice(&other.0);
    }

    /// The slots of the intersection of several sets, ascending.
    pub(crate) fn common<const N: usize>(sets: [&Self; N]) -> impl Iterator<Item = usize> + '_ {
        (0..sets[0].0.len()).flat_map(move |word| {
            let mut bits = sets.iter().fold(u64::MAX, |bits, set| bits & set.0[word]);
            std::iter::from_fn(move || {
                (bits != 0).then(|| {
                    let bit = bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    word * 64 + bit
                })
            })
        })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        Self::common([self])
    }
}

/// For each limit of visits, and for none, what may make so many.
#[derive(Debug)]
pub(crate) struct ByLength<T>(Vec<(usize, T)>);

impl<T> ByLength<T> {
    /// `of` tells what has a limit of at least so many.
    pub(crate) fn new(limits: impl Iterator<Item = usize>, of: impl Fn(usize) -> T) -> Self {
        let limits: BTreeSet<usize> = limits.chain([usize::MAX]).collect();
        Self(limits.into_iter().map(|limit| (limit, of(limit))).collect())
    }

    /// What may make so many visits.
    pub(crate) fn get(&self, visits: usize) -> &T {
        let longer = self.0.iter().find(|(limit, _)| *limit >= visits);
        longer.map(|(_, all)| all).expect("one for any number")
    }
}

/// Slots of a problem: slot = day × teams + team, so that slots ascend as routes are sorted.
#[derive(Debug)]
pub(crate) struct Slots<'a> {
    problem: &'a Problem,
    pub(crate) count: usize,
    /// Slots of a base at which the team works.
    pub(crate) of_base: Vec<SlotSet>,
    /// Slots a visit may use.
    pub(crate) of_visit: Vec<SlotSet>,
    /// Slots whose team may make that many visits.
    for_length: ByLength<SlotSet>,
    /// Most visits of a route.
    pub(crate) most_visits: usize,
    /// Whether any visit has a price of change.
    pub(crate) priced: bool,
}

impl<'a> Slots<'a> {
    pub(crate) fn new(problem: &'a Problem) -> Self {
        let (days, teams) = (problem.days.len(), problem.teams.len());
        let count = days * teams;
        let mut of_base = vec![SlotSet::empty(count); problem.bases.len()];
        for slot in 0..count {
            let team = &problem.teams[slot % teams];
            if team.works[slot / teams] {
                of_base[team.base].insert(slot);
            }
        }
        let of_visit = (0..problem.visits.len())
            .map(|visit| {
                let mut set = SlotSet::empty(count);
                for team in (0..teams).filter(|t| problem.suits(visit, *t)) {
                    for day in (0..days).filter(|day| problem.allows(visit, team, *day)) {
                        set.insert(day * teams + team);
                    }
                }
                set
            })
            .collect();
        let for_length = ByLength::new(problem.teams.iter().map(|team| team.max_visits), |limit| {
            let mut set = SlotSet::empty(count);
            for slot in (0..count).filter(|slot| problem.teams[slot % teams].max_visits >= limit) {
                set.insert(slot);
            }
            set
        });
        let priced = problem.visits.iter().any(|v| v.planned.is_some());
        let most_visits = problem.teams.iter().map(|team| team.max_visits).max().unwrap_or(0);
        Self { problem, count, of_base, of_visit, for_length, most_visits, priced }
    }

    /// Day and team of a slot.
    pub(crate) fn day_team(&self, slot: usize) -> (usize, usize) {
        let teams = self.problem.teams.len().max(1);
        (slot / teams, slot % teams)
    }

    /// Slots whose team may make `visits` visits.
    pub(crate) fn for_length(&self, visits: usize) -> &SlotSet {
        self.for_length.get(visits)
    }

    /// Slots that a route of these visits from `base` may use.
    pub(crate) fn of_route(&self, base: usize, visits: &[u32]) -> SlotSet {
        let mut set = self.of_base[base].clone();
        set.intersect(self.for_length(visits.len()));
        for visit in visits {
            set.intersect(&self.of_visit[*visit as usize]);
        }
        set
    }

    /// Price of change of one visit in a slot.
    pub(crate) fn price(&self, visit: usize, slot: usize) -> Cost {
        self.route_price(&[visit as u32], slot)
    }

    /// Price of change of a route in a slot.
    pub(crate) fn route_price(&self, visits: &[u32], slot: usize) -> Cost {
        if !self.priced {
            return 0;
        }
        let (day, team) = self.day_team(slot);
        visits.iter().map(|visit| self.problem.change_price(*visit as usize, team, day)).sum()
    }
}
