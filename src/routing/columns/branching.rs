//! Which pair of visits a case is split by (Ryan and Foster 1981, "An integer programming approach to scheduling", section 4):
//! the one whose two cases promise most.
//!
//! Looked at are the pairs that did best in earlier cases and, among those never looked at, the ones that most nearly half
//! share routes (Achterberg, Koch and Martin 2005, "Branching rules revisited", sections 2 and 3: strong branching with what
//! it told before; the score is that of Achterberg 2007, "Constraint Integer Programming", chapter 5). Pairs within an odd set ([`super::odd`]) that a case was split by before come first.

use std::collections::BTreeMap;

use super::odd::odd_set;
use super::pool::Column;

/// Weights this close to whole numbers are whole.
pub(super) const INTEGRALITY: f64 = 1e-4;
/// The least rise that counts.
const LEAST_RISE: f64 = 1e-3;
/// Promises are equal unless one is so much of the other.
const BETTER: f64 = 1.001;

/// Most visits where cases are split within odd sets first: among more visits there are several such sets, and staying in one
/// of them was found to close nothing sooner.
const MOST_FOCUSED: usize = 60;
/// How many times as much a pair within the focus counts as another of the same promise.
const FAVOUR: f64 = 8.0;

/// What branching on pairs promised when they were looked at last.
pub(super) type Promises = BTreeMap<[u32; 2], f64>;

/// Pairs that share routes in part, and how much.
type Shared = BTreeMap<[u32; 2], f64>;

/// Whether both visits of a pair are in the focus.
fn is_within(focus: &[u32], visits: [u32; 2]) -> bool {
    visits.iter().all(|visit| focus.binary_search(visit).is_ok())
}

/// Of the pairs that share routes in part in a solution for `n` visits: so many that promised most when they were looked at
/// before, and so many of those never looked at that most nearly half share routes. Pairs within `focus` are looked at beside
/// a quarter as many others; where there are none, it is widened or set anew by an odd set.
pub(super) fn candidates(
    n: usize,
    solution: &[(&Column, f64)],
    promises: &Promises,
    (before, never): (usize, usize),
    focus: &mut Vec<u32>,
) -> Vec<[u32; 2]> {
    let mut shared = Shared::new();
    for (column, weight) in solution {
        for a in &column.visits {
            for b in column.visits.iter().filter(|b| a < *b) {
                *shared.entry([*a, *b]).or_insert(0.0) += weight;
            }
        }
    }
    shared.retain(|_, weight| *weight > 100.0 * INTEGRALITY && *weight < 1.0 - 100.0 * INTEGRALITY);
    if n <= MOST_FOCUSED && !shared.keys().any(|visits| is_within(focus, *visits)) {
        widen(focus, solution);
    }
    let (inside, outside): (Shared, Shared) =
        shared.into_iter().partition(|(visits, _)| is_within(focus, *visits));
    let beside = |count: usize| if inside.is_empty() { count } else { count / 4 };
    let others = best(outside, promises, (beside(before), beside(never)));
    best(inside, promises, (before, never)).into_iter().chain(others).collect()
}

/// Takes an odd set into the focus, if it has visits of it; else it becomes the focus.
fn widen(focus: &mut Vec<u32>, solution: &[(&Column, f64)]) {
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

/// So many of the pairs that promised most before, and so many of those never looked at.
fn best(shared: Shared, promises: &Promises, (before, never): (usize, usize)) -> Vec<[u32; 2]> {
    let (mut tried, mut untried): (Vec<_>, Vec<_>) =
        shared.into_iter().partition(|(visits, _)| promises.contains_key(visits));
    tried.sort_by(|a, b| promises[&b.0].total_cmp(&promises[&a.0]).then(a.0.cmp(&b.0)));
    let doubt = |w: f64| (w - 0.5).abs();
    untried.sort_by(|a, b| doubt(a.1).total_cmp(&doubt(b.1)).then(a.0.cmp(&b.0)));
    tried.iter().take(before).chain(untried.iter().take(never)).map(|(visits, _)| *visits).collect()
}

/// The pair with the largest product of rises, of which none counts for more than what is `missing`; pairs within the focus
/// are favoured, as they promise less than they keep. Each promise is noted. `looked` has the rises of the linear programme
/// with the pair together and apart.
pub(super) fn most_promising(
    looked: impl Iterator<Item = ([u32; 2], [f64; 2])>,
    missing: f64,
    focus: &[u32],
    promises: &mut Promises,
) -> Option<[u32; 2]> {
    let mut best: Option<(f64, [u32; 2])> = None;
    for (visits, rises) in looked {
        let score: f64 = rises.iter().map(|rise| rise.clamp(LEAST_RISE, missing)).product();
        promises.insert(visits, score);
        let score = if is_within(focus, visits) { FAVOUR * score } else { score };
        if best.is_none_or(|(most, _)| score > most * BETTER) {
            best = Some((score, visits));
        }
    }
    best.map(|(_, pair)| pair)
}
