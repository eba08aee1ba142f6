//! Which pair of visits a case is split by (Ryan and Foster 1981, "An integer programming approach to scheduling", section 4):
//! the one whose two cases promise most.
//!
//! Looked at are the pairs that did best in earlier cases and, among those never looked at, the ones that most nearly half
//! share routes (Achterberg, Koch and Martin 2005, "Branching rules revisited", sections 2 and 3: strong branching with what
//! it told before).

use std::collections::BTreeMap;

use super::odd::odd_set;
use super::pool::Column;

/// Weights this close to whole numbers are whole.
pub(super) const WHOLE: f64 = 1e-4;
/// The least rise that counts.
const LEAST_RISE: f64 = 1e-3;
/// Promises are equal unless one is so much of the other.
const BETTER: f64 = 1.001;

/// What branching on pairs promised when they were looked at last.
pub(super) type Promises = BTreeMap<[u32; 2], f64>;

/// Of the pairs that share routes in part in a solution: so many that promised most when they were looked at before, and so
/// many of those never looked at that most nearly half share routes. Pairs within `focus` come first; where there are none it
/// is widened, or set anew, by an odd set.
pub(super) fn candidates(
    solution: &[(&Column, f64)],
    promises: &Promises,
    (before, never): (usize, usize),
    focus: &mut Vec<u32>,
) -> Vec<[u32; 2]> {
    let mut shared: BTreeMap<[u32; 2], f64> = BTreeMap::new();
    for (column, weight) in solution {
        for a in &column.visits {
            for b in column.visits.iter().filter(|b| a < *b) {
                *shared.entry([*a, *b]).or_insert(0.0) += weight;
            }
        }
    }
    let in_part = |w: f64| w > 100.0 * WHOLE && w < 1.0 - 100.0 * WHOLE;
    shared.retain(|_, weight| in_part(*weight));
    let within = |focus: &[u32], visits: &[u32; 2]| visits.iter().all(|visit| focus.binary_search(visit).is_ok());
    if !shared.keys().any(|visits| within(focus, visits)) {
        let routes: Vec<(&[u32], f64)> =
            solution.iter().map(|(column, weight)| (&column.visits[..], *weight)).collect();
        let set = odd_set(&routes, focus).unwrap_or_default();
        if set.iter().all(|visit| focus.binary_search(visit).is_err()) {
            focus.clear();
        }
        focus.extend(set);
        focus.sort_unstable();
        focus.dedup();
    }
    if shared.keys().any(|visits| within(focus, visits)) {
        shared.retain(|visits, _| within(focus, visits));
    }
    let (mut tried, mut untried): (Vec<_>, Vec<_>) =
        shared.into_iter().partition(|(visits, _)| promises.contains_key(visits));
    tried.sort_by(|a, b| promises[&b.0].total_cmp(&promises[&a.0]).then(a.0.cmp(&b.0)));
    let doubt = |w: f64| (w - 0.5).abs();
    untried.sort_by(|a, b| doubt(a.1).total_cmp(&doubt(b.1)).then(a.0.cmp(&b.0)));
    tried.iter().take(before).chain(untried.iter().take(never)).map(|(visits, _)| *visits).collect()
}

/// The pair with the largest product of rises, of which none counts for more than what is `missing`; each promise is noted.
/// `looked` has the rises of the linear programme with the pair together and apart.
pub(super) fn most_promising(
    looked: impl Iterator<Item = ([u32; 2], [f64; 2])>,
    missing: f64,
    promises: &mut Promises,
) -> Option<[u32; 2]> {
    let mut best: Option<(f64, [u32; 2])> = None;
    for (visits, rises) in looked {
        let score: f64 = rises.iter().map(|rise| rise.clamp(LEAST_RISE, missing)).product();
        promises.insert(visits, score);
        if best.is_none_or(|(most, _)| score > most * BETTER) {
            best = Some((score, visits));
        }
    }
    best.map(|(_, pair)| pair)
}
