//! The least reduced cost of each kind of slot over walks with a memory (`ng`).
//!
//! Labels in the order of arrivals (Baldacci, Mingozzi and Roberti 2011, "New route relaxation and pricing strategies for
//! the vehicle routing problem", section 4). A label gives way to one at the same visit that is no later, remembers no
//! more, and is no dearer even when it pays for every cut that it may still have to pay for where the other has not to
//! (Jepsen, Petersen, Spoorendonk and Pisinger 2008, "Subset-row inequalities applied to the vehicle-routing problem with
//! time windows", section 4.2). What a walk holds of the pairs that a case is about is no matter of memory: labels carry it
//! beside that, and only those that hold the same give way to each other.

use super::ahead::{Ahead, MOST_WAYS, NO_WAY};
use super::case::{Case, Kinds, Multipliers};
use crate::routing::problem::Problem;
use crate::routing::{Cost, Seconds};

/// Arrivals at visits of a cut at which a walk pays for it, once.
const PAID: u8 = 2;

/// A walk so far.
#[derive(Clone)]
struct Label {
    cost: Cost,
    clock: Seconds,
    /// Visits remembered, a bit each.
    memory: Vec<u64>,
    /// Visits of pairs that it holds, a bit each.
    held: Vec<u64>,
    /// Arrivals at visits of each cut, up to [`PAID`].
    met: Vec<u8>,
}

/// min(0, v_s) for each kind; `None` if steps run out.
pub(super) fn least(
    problem: &Problem,
    kinds: &Kinds,
    multipliers: &Multipliers,
    case: &Case,
    steps: &mut u64,
) -> Option<Vec<Cost>> {
    (0..kinds.list.len()).map(|kind| of_kind(problem, kinds, multipliers, case, kind, steps)).collect()
}

fn of_kind(
    problem: &Problem,
    kinds: &Kinds,
    multipliers: &Multipliers,
    case: &Case,
    kind: usize,
    steps: &mut u64,
) -> Option<Cost> {
    let n = problem.visits.len();
    let of = &kinds.list[kind];
    let sets = multipliers.memory.as_deref()?;
    let words = n.div_ceil(64);
    let kept: Vec<Vec<u64>> = sets.iter().map(|set| bits(words, set)).collect();
    let paired: Vec<usize> = case.pairs.iter().flat_map(|(pair, _)| *pair).collect();
    let paired = bits(words, &paired);
    let cuts_of = multipliers.cuts_of();
    let worth = multipliers.worth(&of.prices);
    let largest = worth.iter().copied().max().unwrap_or(0);
    // A walk that never forgets a visit comes back to none.
    let forgets = kept.iter().any(|set| set.iter().map(|word| word.count_ones() as usize).sum::<usize>() < n);
    let most =
        if forgets { kinds.most_arrivals(problem, of.most) } else { kinds.most_in_a_shift(problem, of.most) };
    if n.saturating_mul(most) > MOST_WAYS {
        return None;
    }
    // Sums stay within 64 bits.
    let cuts: i128 = multipliers.cuts.iter().map(|(_, dual)| i128::from(*dual)).sum();
    if i128::from(largest) * most as i128 + cuts > i128::from(NO_WAY / 4) || most == 0 {
        return (most == 0).then_some(0);
    }
    let ahead = Ahead::new(problem, kinds, of.base, &of.admits, &worth, most, Some(kept.clone()), steps)?;
    let travel = |seconds: Seconds| problem.cost.travel * seconds;
    let (mut best, mut arrivals) = (0, 0);
    let root = Label {
        cost: problem.cost.team_day - multipliers.lo + multipliers.hi,
        clock: problem.shift.start,
        memory: vec![0; words],
        held: vec![0; words],
        met: vec![0; multipliers.cuts.len()],
    };
    let mut from: Vec<(Option<usize>, Vec<Label>)> = vec![(None, vec![root])];
    while arrivals < most {
        arrivals += 1;
        let mut layer: Vec<Vec<Label>> = vec![Vec::new(); n];
        for (visit, labels) in &from {
            let node = visit.map_or(of.base, |visit| problem.node(visit));
            for label in labels {
                *steps = steps.saturating_sub(n as u64);
                if *steps == 0 {
                    return None;
                }
                for next in (0..n).filter(|next| of.admits[*next]) {
                    if holds(&label.memory, next) || case.parts(next, |visit| holds(&label.held, visit)) {
                        continue;
                    }
                    let leg = problem.travel(node, problem.node(next));
                    let Some(end) = kinds.end(problem, next, label.clock + leg) else { continue };
                    let cost = label.cost + travel(leg) - worth[next];
                    if cost + ahead.look(most - arrivals, next, end, *visit) >= best {
                        continue;
                    }
                    let mut new = label.clone();
                    (new.clock, new.cost) = (end, cost);
                    for cut in cuts_of[next].iter().filter(|cut| label.met[**cut] < PAID) {
                        new.met[*cut] += 1;
                        if new.met[*cut] == PAID {
                            new.cost += multipliers.cuts[*cut].1;
                        }
                    }
                    new.memory.iter_mut().zip(&kept[next]).for_each(|(word, kept)| *word &= kept);
                    new.memory[next / 64] |= 1 << (next % 64);
                    new.held[next / 64] |= paired[next / 64] & 1 << (next % 64);
                    *steps = steps.saturating_sub(layer[next].len() as u64);
                    enter(&mut layer[next], new, multipliers);
                }
            }
        }
        for (visit, labels) in layer.iter().enumerate() {
            let leg = problem.travel(problem.node(visit), of.base);
            let home = |label: &&Label| {
                label.clock + leg <= problem.shift.end && case.admits(|visit| holds(&label.held, visit))
            };
            for label in labels.iter().filter(home) {
                best = best.min(label.cost + travel(leg));
            }
        }
        from = layer.into_iter().enumerate().map(|(visit, labels)| (Some(visit), labels)).collect();
    }
    Some(best)
}

fn bits(words: usize, set: &[usize]) -> Vec<u64> {
    let mut bits = vec![0_u64; words];
    for visit in set {
        bits[visit / 64] |= 1 << (visit % 64);
    }
    bits
}

fn holds(set: &[u64], visit: usize) -> bool {
    set[visit / 64] >> (visit % 64) & 1 == 1
}

/// Adds a label unless another makes it needless; those that it makes needless go.
fn enter(labels: &mut Vec<Label>, new: Label, multipliers: &Multipliers) {
    let serves = |a: &Label, b: &Label| -> bool {
        if a.cost > b.cost || a.clock > b.clock || a.held != b.held {
            return false;
        }
        if a.memory.iter().zip(&b.memory).any(|(a, b)| a & !b != 0) {
            return false;
        }
        // Whoever goes the same way from here pays for a cut with `a`, but not with `b`, if `b` has paid already or is
        // further from paying.
        let may_pay = |a: u8, b: u8| a < PAID && (b == PAID || b < a);
        let met = a.met.iter().zip(&b.met).zip(&multipliers.cuts);
        let worse: Cost = met.filter(|((a, b), _)| may_pay(**a, **b)).map(|(_, (_, dual))| dual).sum();
        a.cost + worse <= b.cost
    };
    if labels.iter().any(|old| serves(old, &new)) {
        return;
    }
    labels.retain(|old| !serves(&new, old));
    labels.push(new);
}
