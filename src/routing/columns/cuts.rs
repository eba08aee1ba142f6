//! Inequalities that a fractional solution violates: subset-row cuts on triples, and sets of slots that are too few.

use super::classes::{Classes, Mask, members};
use super::master::{Hall, Triple};
use super::pool::Column;

/// Least violation worth a cut.
const LEAST_VIOLATION: f64 = 0.03;
/// Weights below are numerical noise.
const NOISE: f64 = 1e-6;

/// Subset-row cuts on triples (Jepsen, Petersen, Spoorendonk and Pisinger 2008, "Subset-row inequalities applied to the
/// vehicle-routing problem with time windows", section 3): at most one route holds two or more of three visits. The most
/// violated first, at most `most`, and no visit in more than a few of them.
pub(super) fn triples(n: usize, columns: &[(&Column, f64)], known: &[Triple], most: usize) -> Vec<Triple> {
    const PER_VISIT: u32 = 4;
    // For each visit the others it shares routes with, and how much.
    let mut shared: Vec<Vec<(u32, f64)>> = vec![Vec::new(); n];
    let mut on: Vec<Vec<usize>> = vec![Vec::new(); n];
    for (at, (column, weight)) in columns.iter().enumerate().filter(|(_, (_, w))| *w > NOISE) {
        for a in &column.visits {
            on[*a as usize].push(at);
            for b in column.visits.iter().filter(|b| *b != a) {
                let list = &mut shared[*a as usize];
                match list.iter_mut().find(|(other, _)| other == b) {
                    Some((_, sum)) => *sum += weight,
                    None => list.push((*b, *weight)),
                }
            }
        }
    }
    for list in &mut shared {
        list.sort_by_key(|(other, _)| *other);
    }
    let pair = |a: u32, b: u32| shared[a as usize].iter().find(|(other, _)| *other == b).map_or(0.0, |(_, w)| *w);
    let mut found: Vec<(f64, Triple)> = Vec::new();
    for a in 0..n as u32 {
        let near = &shared[a as usize];
        for (i, (b, with_b)) in near.iter().enumerate() {
            for (c, with_c) in &near[i + 1..] {
                let with_bc = pair(*b, *c);
                // Routes with all three only lessen it.
                if with_b + with_c + with_bc - 1.0 <= LEAST_VIOLATION {
                    continue;
                }
                let mut triple = [a, *b, *c];
                triple.sort_unstable();
                // Each triple is met from every visit that shares routes with both others: once is enough.
                let first = triple
                    .iter()
                    .copied()
                    .find(|v| triple.iter().all(|other| other == v || pair(*v, *other) > 0.0));
                if first != Some(a) {
                    continue;
                }
                let all: f64 = on[a as usize]
                    .iter()
                    .filter(|at| columns[**at].0.visits.contains(b) && columns[**at].0.visits.contains(c))
                    .map(|at| columns[*at].1)
                    .sum();
                let violation = with_b + with_c + with_bc - 2.0 * all - 1.0;
                if violation > LEAST_VIOLATION {
                    found.push((violation, triple));
                }
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut used = vec![0_u32; n];
    let mut out = Vec::new();
    for (_, triple) in found {
        if out.len() == most {
            break;
        }
        if triple.iter().all(|v| used[*v as usize] < PER_VISIT) && !known.contains(&triple) {
            for visit in triple {
                used[visit as usize] += 1;
            }
            out.push(triple);
        }
    }
    out
}

/// A set of classes whose slots are fewer than the routes that can stand nowhere else, found by a maximal flow from columns
/// to classes (Hall 1935, "On representatives of subsets", as a minimal cut;
/// augmenting paths by breadth: Edmonds and Karp 1972, "Theoretical improvements in algorithmic efficiency for network flow
/// problems"); `None` if every column finds its place.
pub(super) fn short_slots(classes: &Classes, routes: &[(&Mask, f64)]) -> Option<Hall> {
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
