//! The least reduced cost of each kind of slot over walks with a memory (`ng`).
//!
//! Labels in the order of arrivals (Baldacci, Mingozzi and Roberti 2011, "New route relaxation and pricing strategies for
//! the vehicle routing problem", section 4). A label gives way to one at the same visit that is no later, no dearer,
//! remembers no more, and has met no cut that the other has not; a cut met by one of them alone is weighed at its
//! multiplier.

use super::case::{Case, Kinds, Multipliers};
use crate::routing::problem::Problem;
use crate::routing::{Cost, Seconds};

/// A walk so far.
#[derive(Clone)]
struct Label {
    cost: Cost,
    clock: Seconds,
    /// Visits remembered, a bit each.
    memory: Vec<u64>,
    /// Arrivals at visits of each cut, up to 2.
    met: Vec<u8>,
    alive: bool,
}

/// min(0, v_s) for each kind; `None` if steps run out.
pub(super) fn least(
    problem: &Problem,
    kinds: &Kinds,
    multipliers: &Multipliers,
    case: &Case,
    steps: &mut u64,
) -> Option<Vec<Cost>> {
    // What a walk holds is not what it remembers: pairs need the former, which labels do not carry.
    if !case.pairs.is_empty() {
        return None;
    }
    (0..kinds.kinds.len()).map(|kind| of_kind(problem, kinds, multipliers, kind, steps)).collect()
}

fn of_kind(
    problem: &Problem,
    kinds: &Kinds,
    multipliers: &Multipliers,
    kind: usize,
    steps: &mut u64,
) -> Option<Cost> {
    let n = problem.visits.len();
    let of = &kinds.kinds[kind];
    let sets = multipliers.memory.as_deref()?;
    let words = n.div_ceil(64);
    let kept: Vec<Vec<u64>> = sets
        .iter()
        .map(|set| {
            let mut bits = vec![0_u64; words];
            set.iter().for_each(|v| bits[v / 64] |= 1 << (v % 64));
            bits
        })
        .collect();
    let mut cuts_of = vec![Vec::new(); n];
    for (at, (triple, dual)) in multipliers.cuts.iter().enumerate().filter(|(_, (_, dual))| *dual > 0) {
        let _ = dual;
        triple.iter().for_each(|v| cuts_of[*v].push(at));
    }
    let largest = multipliers.visits.iter().copied().max().unwrap_or(0);
    let fixed = problem.cost.team_day - multipliers.lo + multipliers.hi;
    let base = of.base;
    let travel = |seconds: Seconds| problem.cost.travel * seconds;
    let (mut best, mut arrivals) = (0, 0);
    let mut layer: Vec<Vec<Label>> = vec![Vec::new(); n];
    // The empty walk at the base.
    let root = Label {
        cost: fixed,
        clock: problem.shift.start,
        memory: vec![0; words],
        met: vec![0; multipliers.cuts.len()],
        alive: true,
    };
    let mut from: Vec<(Option<usize>, Vec<Label>)> = vec![(None, vec![root])];
    while arrivals < of.most {
        arrivals += 1;
        // Sums stay within 64 bits.
        if i128::from(largest) * arrivals as i128 > i128::from(Cost::MAX / 8) {
            return None;
        }
        for (visit, labels) in &from {
            let node = visit.map_or(base, |visit| problem.node(visit));
            for label in labels.iter().filter(|label| label.alive) {
                *steps = steps.saturating_sub(n as u64);
                if *steps == 0 {
                    return None;
                }
                for next in (0..n).filter(|next| of.admits[*next]) {
                    if label.memory[next / 64] >> (next % 64) & 1 == 1 {
                        continue;
                    }
                    let leg = problem.travel(node, problem.node(next));
                    let Some(end) = kinds.end(problem, next, label.clock + leg) else { continue };
                    let mut new = label.clone();
                    new.clock = end;
                    new.cost += travel(leg) - multipliers.visits[next] + of.prices[next];
                    for cut in &cuts_of[next] {
                        new.met[*cut] = (new.met[*cut] + 1).min(3);
                        if new.met[*cut] == 2 {
                            new.cost += multipliers.cuts[*cut].1;
                        }
                    }
                    new.memory.iter_mut().zip(&kept[next]).for_each(|(word, kept)| *word &= kept);
                    new.memory[next / 64] |= 1 << (next % 64);
                    *steps = steps.saturating_sub(layer[next].len() as u64);
                    enter(&mut layer[next], new, multipliers);
                }
            }
        }
        from.clear();
        let mut any = false;
        for (visit, labels) in layer.iter_mut().enumerate() {
            let leg = problem.travel(problem.node(visit), base);
            for label in labels.iter().filter(|label| label.clock + leg <= problem.shift.end) {
                best = best.min(label.cost + travel(leg));
            }
            any |= !labels.is_empty();
            from.push((Some(visit), std::mem::take(labels)));
        }
        if !any {
            break;
        }
    }
    Some(best)
}

/// Adds a label unless another makes it needless; those that it makes needless go.
fn enter(labels: &mut Vec<Label>, new: Label, multipliers: &Multipliers) {
    let serves = |a: &Label, b: &Label| -> bool {
        if a.cost > b.cost || a.clock > b.clock || a.memory.iter().zip(&b.memory).any(|(a, b)| a & !b != 0) {
            return false;
        }
        // A cut that only `a` has met once may still cost `a` its multiplier and `b` nothing.
        let mut worse = a.cost;
        for ((a, b), (_, dual)) in a.met.iter().zip(&b.met).zip(&multipliers.cuts) {
            if *a == 1 && *b != 1 {
                worse += dual;
            }
        }
        worse <= b.cost
    };
    if labels.iter().any(|old| serves(old, &new)) {
        return;
    }
    labels.retain(|old| !serves(&new, old));
    labels.push(new);
}
