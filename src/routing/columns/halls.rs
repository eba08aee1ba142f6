//! Sets of slots that are too few for the routes of a fractional solution.
//!
//! The master does not say which slot a route takes. Where every route is to find one, as many routes as can stand in a set
//! of classes alone must be no more than its slots; of these inequalities only those are in the master that a solution once
//! violated.

use super::classes::{Classes, Mask, members};
use super::rows::Hall;

/// Weights below are numerical noise.
const NOISE: f64 = 1e-6;

/// A set of classes whose slots are fewer than the routes that can stand nowhere else, found by a maximal flow from columns
/// to classes (Hall 1935, "On representatives of subsets", as a minimal cut;
/// augmenting paths by breadth: Edmonds and Karp 1972, "Theoretical improvements in algorithmic efficiency for network flow
/// problems"); `None` if every column finds its place.
pub(super) fn short_slots(classes: &Classes, routes: &[(&Mask, f64)]) -> Option<Hall> {
    // Flow without a place that is no rounding.
    const LEAST: f64 = 1e-4;
    // Routes with the same mask act as one.
    let mut supply: Vec<(&Mask, f64)> = Vec::new();
    let mut sorted: Vec<(&Mask, f64)> = routes.iter().copied().filter(|(_, w)| *w > NOISE).collect();
    sorted.sort_by(|a, b| a.0.cmp(b.0));
    for (mask, weight) in sorted {
        match supply.last_mut() {
            Some((last, sum)) if *last == mask => *sum += weight,
            _ => supply.push((mask, weight)),
        }
    }
    let count = classes.list.len();
    let mut room: Vec<f64> = classes.list.iter().map(|c| c.size as f64).collect();
    // flow[s][class]: how much of supply s stands there.
    let mut flow: Vec<Vec<f64>> = vec![vec![0.0; count]; supply.len()];
    for source in 0..supply.len() {
        let mut left = supply[source].1;
        while left > NOISE {
            // Breadth-first search for a class with room, moving others on the way.
            let mut from: Vec<Option<(usize, Option<usize>)>> = vec![None; count];
            let mut queue: Vec<usize> = Vec::new();
            for class in members(supply[source].0) {
                from[class] = Some((source, None));
                queue.push(class);
            }
            let mut at = 0;
            let mut end = None;
            while let Some(class) = queue.get(at).copied() {
                at += 1;
                if room[class] > NOISE {
                    end = Some(class);
                    break;
                }
                for other in (0..supply.len()).filter(|o| flow[*o][class] > NOISE) {
                    for to in members(supply[other].0) {
                        if from[to].is_none() {
                            from[to] = Some((other, Some(class)));
                            queue.push(to);
                        }
                    }
                }
            }
            let Some(end) = end else {
                if left <= LEAST {
                    break;
                }
                let mut mask = vec![0_u64; classes.words];
                for class in &queue {
                    mask[class / 64] |= 1 << (class % 64);
                }
                let mask: Mask = mask.into();
                return Some(Hall { size: classes.size(&mask), mask });
            };
            let mut amount = left.min(room[end]);
            let mut class = end;
            while let Some((mover, Some(before))) = from[class] {
                amount = amount.min(flow[mover][before]);
                class = before;
            }
            let mut class = end;
            room[end] -= amount;
            while let Some((mover, before)) = from[class] {
                flow[mover][class] += amount;
                let Some(before) = before else { break };
                flow[mover][before] -= amount;
                class = before;
            }
            left -= amount;
        }
    }
    None
}
