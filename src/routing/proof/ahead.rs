//! The least that any way home can still cost: over walks, without 2-cycles where the visit before is remembered, by visits
//! still allowed, visit and section of the shift (Christofides, Mingozzi and Toth 1981, "State-space relaxation procedures
//! for the computation of bounds to routing problems", section 3). Times are rounded down to the start of their section, so that no way is overlooked.

use super::case::Kinds;
use crate::routing::problem::Problem;
use crate::routing::{Cost, Seconds};

/// No way.
pub(super) const NO_WAY: Cost = Cost::MAX / 4;
/// Sections of a shift, at least and at most.
const SECTIONS: (usize, usize) = (72, 240);
/// The same at most for walks, of which there are many more than a finer table has ways, and visits up to which there are so many.
const SECTIONS_OF_WALKS: usize = 480;
const WALKED: usize = 200;
/// Most ways of a table, 24 bytes each: where routes are very long, sections are wider instead.
pub(super) const MOST_WAYS: usize = 40_000_000;

/// The least cost from the end of a visit on.
pub(super) struct Ahead {
    /// By number of visits still allowed.
    layers: Vec<Vec<Way>>,
    start: Seconds,
    section: Seconds,
    sections: usize,
    /// For each visit those that a walk standing there remembers, a bit each; `None`: all.
    memory: Option<Vec<Vec<u64>>>,
}

#[derive(Clone, Copy)]
struct Way {
    best: Cost,
    /// Where the best way goes next; `usize::MAX` home.
    next: usize,
    /// The best way that goes elsewhere.
    other: Cost,
}

const STUCK: Way = Way { best: NO_WAY, next: usize::MAX, other: NO_WAY };

impl Ahead {
    /// For routes of at most `most` visits among those admitted; `worth` is what a visit brings. `None` if steps run out.
    #[allow(clippy::too_many_arguments, reason = "a problem, a price and a limit, each used once")]
    pub(super) fn new(
        problem: &Problem,
        kinds: &Kinds,
        base: usize,
        admits: &[bool],
        worth: &[Cost],
        most: usize,
        memory: Option<Vec<Vec<u64>>>,
        steps: &mut u64,
    ) -> Option<Self> {
        let (n, shift) = (admits.len(), problem.shift);
        // The search grows faster with the number of visits than this table does: then finer times are worth their price.
        let fit = (MOST_WAYS / (n * most).max(1)).max(1);
        let wanted = if memory.is_some() {
            (SECTIONS_OF_WALKS * WALKED / n.max(1)).clamp(SECTIONS.1, SECTIONS_OF_WALKS)
        } else {
            (n * 3 / 10).clamp(SECTIONS.0, SECTIONS.1)
        };
        let sections = wanted.min(fit);
        let section = (shift.end - shift.start) / sections as Seconds + 1;
        let travel = |seconds: Seconds| problem.cost.travel * seconds;
        let mut home = vec![STUCK; n * sections];
        for visit in (0..n).filter(|v| admits[*v]) {
            let leg = problem.travel(problem.node(visit), base);
            for at in 0..sections {
                if shift.start + at as Seconds * section + leg <= shift.end {
                    home[visit * sections + at].best = travel(leg);
                }
            }
        }
        let mut ahead = Self { layers: vec![home], start: shift.start, section, sections, memory };
        for _ in 1..most {
            *steps = steps.saturating_sub((n * n * sections / 4) as u64);
            if *steps == 0 {
                return None;
            }
            let mut layer = ahead.layers[0].clone();
            for from in (0..n).filter(|v| admits[*v]) {
                for to in (0..n).filter(|to| *to != from && admits[*to]) {
                    let leg = problem.travel(problem.node(from), problem.node(to));
                    let gain = travel(leg) - worth[to];
                    for at in 0..sections {
                        let clock = shift.start + at as Seconds * section;
                        let Some(end) = kinds.end(problem, to, clock + leg) else { break };
                        let onward = ahead.look(ahead.layers.len() - 1, to, end, Some(from));
                        let way = &mut layer[from * sections + at];
                        if onward >= NO_WAY {
                            continue;
                        }
                        let cost = gain + onward;
                        if cost < way.best {
                            way.other = way.best;
                            way.best = cost;
                            way.next = to;
                        } else {
                            way.other = way.other.min(cost);
                        }
                    }
                }
            }
            ahead.layers.push(layer);
        }
        Some(ahead)
    }

    /// The least cost from the end of `visit` at `end` on, not straight back to `from`.
    pub(super) fn look(&self, further: usize, visit: usize, end: Seconds, from: Option<usize>) -> Cost {
        let at = ((end - self.start) / self.section) as usize;
        if at >= self.sections {
            return NO_WAY;
        }
        let way = &self.layers[further.min(self.layers.len() - 1)][visit * self.sections + at];
        let remembers =
            |back: usize| self.memory.as_ref().is_none_or(|sets| sets[visit][back / 64] >> (back % 64) & 1 == 1);
        if from.is_some_and(|back| back == way.next && remembers(back)) { way.other } else { way.best }
    }
}
