//! Inequalities that a fractional solution violates: subset-row cuts on triples.

use super::pool::{Column, NOISE};
use super::rows::Triple;

/// Least violation worth a cut.
const LEAST_VIOLATION: f64 = 0.03;

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
