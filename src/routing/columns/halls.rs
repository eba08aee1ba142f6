//! Sets of slots that are too few for the routes of a fractional solution.
//!
//! The master does not say which slot a route takes. Where every route is to find one, as many routes as can stand in a set
//! of classes alone must be no more than its slots; of these inequalities only those are in the master that a solution once
//! violated.

use super::classes::{Classes, Mask, mask_of, members};
use super::pool::NOISE;
use super::rows::Hall;

/// Flow without a place that is no rounding.
const LEAST: f64 = 1e-4;

/// A set of classes whose slots are fewer than the routes that can stand nowhere else, found by a maximal flow from columns
/// to classes (Hall 1935, "On representatives of subsets", as a minimal cut); `None` if every column finds its place.
pub(super) fn short_slots(classes: &Classes, routes: &[(&Mask, f64)]) -> Option<Hall> {
    let mut flow = Flow::new(classes, routes);
    for source in 0..flow.supplies.len() {
        let mut left = flow.supplies[source].1;
        while left > NOISE {
            let met = flow.search(source);
            match met.end {
                Some(end) => left -= flow.augment(&met.from, end, left),
                None if left <= LEAST => break,
                None => {
                    let mask = mask_of(classes.words, met.classes);
                    return Some(Hall { size: classes.size(&mask), mask });
                }
            }
        }
    }
    None
}

/// A flow from routes to classes (augmenting paths by breadth: Edmonds and Karp 1972, "Theoretical improvements in algorithmic
/// efficiency for network flow problems").
struct Flow<'m> {
    /// Routes by mask, as those with the same one act as one, and how many.
    supplies: Vec<(&'m Mask, f64)>,
    /// What is left of each class.
    room: Vec<f64>,
    /// How much of each supply stands in each class.
    placed: Vec<Vec<f64>>,
}

/// Classes that a supply may come to.
struct Met {
    /// By class: the supply that moves there, and the class it leaves, if it stands in one.
    from: Vec<Option<(usize, Option<usize>)>>,
    classes: Vec<usize>,
    /// The first with room.
    end: Option<usize>,
}

impl<'m> Flow<'m> {
    fn new(classes: &Classes, routes: &[(&'m Mask, f64)]) -> Self {
        let mut supplies: Vec<(&Mask, f64)> = Vec::new();
        let mut sorted: Vec<(&Mask, f64)> = routes.iter().copied().filter(|(_, w)| *w > NOISE).collect();
        sorted.sort_by(|a, b| a.0.cmp(b.0));
        for (mask, weight) in sorted {
            match supplies.last_mut() {
                Some((last, sum)) if *last == mask => *sum += weight,
                _ => supplies.push((mask, weight)),
            }
        }
        let room: Vec<f64> = classes.list.iter().map(|class| class.size as f64).collect();
        let placed = vec![vec![0.0; room.len()]; supplies.len()];
        Self { supplies, room, placed }
    }

    /// Searches by breadth for a class with room, moving other supplies on the way.
    fn search(&self, source: usize) -> Met {
        let mut met = Met { from: vec![None; self.room.len()], classes: Vec::new(), end: None };
        for class in members(self.supplies[source].0) {
            met.from[class] = Some((source, None));
            met.classes.push(class);
        }
        let mut at = 0;
        while let Some(class) = met.classes.get(at).copied() {
            at += 1;
            if self.room[class] > NOISE {
                met.end = Some(class);
                break;
            }
            for other in (0..self.supplies.len()).filter(|other| self.placed[*other][class] > NOISE) {
                for to in members(self.supplies[other].0) {
                    if met.from[to].is_none() {
                        met.from[to] = Some((other, Some(class)));
                        met.classes.push(to);
                    }
                }
            }
        }
        met
    }

    /// Sends as much as there is `left` and fits along the way to a class; how much that is.
    fn augment(&mut self, from: &[Option<(usize, Option<usize>)>], end: usize, left: f64) -> f64 {
        let mut amount = left.min(self.room[end]);
        let mut class = end;
        while let Some((mover, Some(before))) = from[class] {
            amount = amount.min(self.placed[mover][before]);
            class = before;
        }
        self.room[end] -= amount;
        class = end;
        while let Some((mover, before)) = from[class] {
            self.placed[mover][class] += amount;
            let Some(before) = before else { break };
            self.placed[mover][before] -= amount;
            class = before;
        }
        amount
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::routing::columns::classes::within;
    use crate::routing::slots::Slots;
    use crate::routing::solve::tests::random;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        /// Sets that are short are found where there are any, and nowhere else (Hall's theorem, by trying all sets).
        #[test]
        fn a_set_is_short_where_any_is(
            seed in any::<u64>(),
            routes in prop::collection::vec((1..u64::MAX, 1..8_u32), 1..8),
        ) {
            let problem = random(seed, 6);
            let classes = Classes::new(&problem, &Slots::new(&problem));
            let count = classes.list.len().min(10);
            let of = |bits: u64| -> Mask { std::iter::once(bits).chain((1..classes.words).map(|_| 0)).collect() };
            // Masks of some classes, and weights in quarters.
            let routes: Vec<(Mask, f64)> = routes
                .iter()
                .map(|(bits, quarters)| (bits & ((1 << count) - 1), f64::from(*quarters) / 4.0))
                .filter(|(bits, _)| *bits != 0)
                .map(|(bits, weight)| (of(bits), weight))
                .collect();
            let inside = |set: &Mask| -> f64 { routes.iter().filter(|(mask, _)| within(mask, set)).map(|(_, w)| w).sum() };
            let any = (1..1_u64 << count).map(of).any(|set| inside(&set) > classes.size(&set) as f64);
            let list: Vec<(&Mask, f64)> = routes.iter().map(|(mask, weight)| (mask, *weight)).collect();
            let found = short_slots(&classes, &list);
            prop_assert_eq!(found.is_some(), any);
            if let Some(hall) = found {
                prop_assert!(inside(&hall.mask) > hall.size as f64);
                prop_assert_eq!(hall.size, classes.size(&hall.mask));
            }
        }
    }

    /// Of the sets above some are short and some are not.
    #[test]
    fn some_are_short() {
        let problem = random(1, 6);
        let classes = Classes::new(&problem, &Slots::new(&problem));
        let all = mask_of(classes.words, 0..classes.list.len());
        let size = classes.size(&all) as f64;
        assert!(short_slots(&classes, &[(&all, size)]).is_none());
        assert!(short_slots(&classes, &[(&all, size + 0.5)]).is_some_and(|hall| hall.mask == all));
    }
}
