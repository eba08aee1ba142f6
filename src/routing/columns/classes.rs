//! Slots that no visit tells apart, and what each visit may use of them.
//!
//! Teams and days multiply to hundreds of slots, of which many are alike. A *class* holds the slots of one base, one
//! `max_visits`, the same admissible visits and the same prices of change, and, in a part of a schedule, the same routes
//! that stand there already; a *view* joins the classes of one base and the
//! same prices, so that a route costs the same in all of them and is priced once.

use std::collections::HashMap;

use crate::routing::Cost;
use crate::routing::problem::Problem;
use crate::routing::slots::{ByLength, SlotSet, Slots};

/// Slots that are alike.
#[derive(Debug)]
pub(super) struct Class {
    /// How many.
    pub(super) size: usize,
    /// Their view.
    pub(super) view: usize,
    max_visits: usize,
}

/// Classes in which every route costs the same.
#[derive(Debug)]
pub(super) struct View {
    pub(super) base: usize,
    /// Price of change of each visit.
    pub(super) prices: Vec<Cost>,
    /// Its classes.
    pub(super) mask: Mask,
    /// Most visits of a route.
    pub(super) longest: usize,
}

/// A set of classes.
pub(super) type Mask = Box<[u64]>;

/// All slots of a problem by class.
#[derive(Debug)]
pub(crate) struct Classes {
    pub(super) list: Vec<Class>,
    pub(super) views: Vec<View>,
    /// Words of a mask.
    pub(super) words: usize,
    /// Slots in all, also those that no visit may use.
    pub(super) slots: usize,
    /// Classes of each visit, row-major.
    of_visit: Vec<u64>,
    /// Classes in which a route may have that many visits.
    for_length: ByLength<Mask>,
    /// Classes of each route that stands already.
    pub(super) of_standing: Vec<Mask>,
}

impl Classes {
    pub(crate) fn new(problem: &Problem, slots: &Slots<'_>) -> Self {
        Self::beside(problem, slots, &[])
    }

    /// The classes where further routes stand already, each in one of these slots.
    pub(super) fn beside(problem: &Problem, slots: &Slots<'_>, standing: &[SlotSet]) -> Self {
        type Key = (usize, usize, Vec<u64>, Vec<Cost>, Vec<bool>);
        let n = problem.visits.len();
        let mut index: HashMap<Key, usize> = HashMap::new();
        let mut may_stand: Vec<Vec<bool>> = Vec::new();
        let mut view_index: HashMap<(usize, Vec<Cost>), usize> = HashMap::new();
        let (mut classes, mut views, mut members): (Vec<Class>, Vec<View>, Vec<Vec<u64>>) = Default::default();
        let mut working = 0;
        for slot in 0..slots.count {
            let (_, team) = slots.day_team(slot);
            let base = problem.teams[team].base;
            if !slots.of_base[base].contains(slot) {
                continue;
            }
            working += 1;
            let mut who = vec![0_u64; n.div_ceil(64)];
            for visit in (0..n).filter(|visit| slots.of_visit[*visit].contains(slot)) {
                who[visit / 64] |= 1 << (visit % 64);
            }
            let others: Vec<bool> = standing.iter().map(|set| set.contains(slot)).collect();
            if who.iter().all(|word| *word == 0) && !others.contains(&true) {
                continue;
            }
            let max_visits = problem.teams[team].max_visits;
            let prices: Vec<Cost> =
                if slots.priced { (0..n).map(|v| slots.price(v, slot)).collect() } else { Vec::new() };
            let key = (base, max_visits, who.clone(), prices.clone(), others.clone());
            let class = *index.entry(key).or_insert_with(|| {
                let view = *view_index.entry((base, prices.clone())).or_insert_with(|| {
                    let prices = if prices.is_empty() { vec![0; n] } else { prices };
                    views.push(View { base, prices, mask: Box::default(), longest: 0 });
                    views.len() - 1
                });
                classes.push(Class { size: 0, view, max_visits });
                members.push(who);
                may_stand.push(others);
                classes.len() - 1
            });
            classes[class].size += 1;
        }
        let words = classes.len().div_ceil(64).max(1);
        let mut of_visit = vec![0; n * words];
        for (class, who) in members.iter().enumerate() {
            for visit in (0..n).filter(|v| who[v / 64] >> (v % 64) & 1 == 1) {
                put(&mut of_visit[visit * words..][..words], class);
            }
        }
        let those = |keep: &dyn Fn(usize) -> bool| mask_of(words, (0..classes.len()).filter(|class| keep(*class)));
        let of_standing = (0..standing.len()).map(|route| those(&|class| may_stand[class][route])).collect();
        for (at, view) in views.iter_mut().enumerate() {
            view.mask = those(&|class| classes[class].view == at);
            view.longest = classes.iter().filter(|c| c.view == at).map(|c| c.max_visits).max().unwrap_or(0);
        }
        let limits = classes.iter().map(|class| class.max_visits);
        let for_length = ByLength::new(limits, |limit| those(&|class| classes[class].max_visits >= limit));
        Self { list: classes, views, words, slots: working, of_visit, for_length, of_standing }
    }

    /// Classes of a visit.
    pub(super) fn of_visit(&self, visit: usize) -> &[u64] {
        &self.of_visit[visit * self.words..(visit + 1) * self.words]
    }

    /// Classes whose teams may make that many visits.
    pub(super) fn for_length(&self, length: usize) -> &[u64] {
        self.for_length.get(length)
    }

    /// Classes of a view in which a route of these visits may stand.
    pub(super) fn of_route(&self, view: usize, visits: &[u32]) -> Mask {
        let mut mask = self.views[view].mask.clone();
        let limits = visits.iter().map(|v| self.of_visit(*v as usize)).chain([self.for_length(visits.len())]);
        for other in limits {
            mask.iter_mut().zip(other).for_each(|(word, other)| *word &= other);
        }
        mask
    }

    /// Slots of a set of classes.
    pub(super) fn size(&self, mask: &[u64]) -> usize {
        members(mask).map(|class| self.list[class].size).sum()
    }
}

/// Takes a class into a mask.
pub(super) fn put(mask: &mut [u64], class: usize) {
    mask[class / 64] |= 1 << (class % 64);
}

/// Whether a class is in a mask.
pub(super) fn holds(mask: &[u64], class: usize) -> bool {
    mask[class / 64] >> (class % 64) & 1 == 1
}

/// The mask of so many words that holds these classes.
pub(super) fn mask_of(words: usize, classes: impl IntoIterator<Item = usize>) -> Mask {
    let mut mask = vec![0; words];
    classes.into_iter().for_each(|class| put(&mut mask, class));
    mask.into()
}

/// The classes of a mask, ascending.
pub(super) fn members(mask: &[u64]) -> impl Iterator<Item = usize> + '_ {
    mask.iter().enumerate().flat_map(|(at, word)| {
        let mut bits = *word;
        std::iter::from_fn(move || {
            (bits != 0).then(|| {
                let bit = bits.trailing_zeros() as usize;
                bits &= bits - 1;
                at * 64 + bit
            })
        })
    })
}

/// Whether a mask lies within another.
pub(super) fn within(mask: &[u64], other: &[u64]) -> bool {
    mask.iter().zip(other).all(|(a, b)| a & !b == 0)
}

/// Whether two masks have a class in common.
pub(super) fn meet(mask: &[u64], other: &[u64]) -> bool {
    mask.iter().zip(other).any(|(a, b)| a & b != 0)
}
