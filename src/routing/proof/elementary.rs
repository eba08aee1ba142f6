//! The least reduced cost of each kind of slot over elementary routes.
//!
//! Depth-first search from each base, the most promising next visit first, cut off where even the best way home cannot
//! beat what is known. All kinds of a base are searched at once as long as that ends soon; else each by itself, with a
//! bound that knows its visits.

use super::ahead::{Ahead, NO_WAY};
use super::case::{Case, Kinds, Multipliers};
use crate::routing::problem::Problem;
use crate::routing::{Cost, Seconds};

/// Steps of the search over all kinds of a base together, where there are several.
const TOGETHER: u64 = 5_000_000_000;

/// min(0, v_s) for each kind; `None` if steps run out.
pub(super) fn least(
    problem: &Problem,
    kinds: &Kinds,
    multipliers: &Multipliers,
    case: &Case,
    steps: &mut u64,
) -> Option<Vec<Cost>> {
    let n = problem.visits.len();
    if !multipliers.fit() {
        return None;
    }
    let mut out = vec![0; kinds.list.len()];
    for group in kinds.groups() {
        let mut allowance = if group.len() > 1 { TOGETHER.min(*steps) } else { *steps };
        let before = allowance;
        let found = DepthFirst::new(problem, kinds, multipliers, case, &group, n).run(&mut allowance);
        *steps = steps.saturating_sub(before - allowance);
        if let Some(found) = found {
            group.iter().zip(found).for_each(|(kind, least)| out[*kind] = least);
            continue;
        }
        if group.len() == 1 {
            return None;
        }
        for kind in group {
            let found = DepthFirst::new(problem, kinds, multipliers, case, &[kind], n).run(steps)?;
            out[kind] = found[0];
        }
    }
    Some(out)
}

struct DepthFirst<'h> {
    problem: &'h Problem,
    kinds: &'h Kinds,
    multipliers: &'h Multipliers,
    case: &'h Case,
    group: &'h [usize],
    base: usize,
    /// Most visits of a route.
    most: usize,
    /// Visits that some kind of the group admits.
    admits: Vec<bool>,
    /// What a visit brings, less its price of change.
    worth: Vec<Cost>,
    cuts_of: Vec<Vec<usize>>,
    met: Vec<u8>,
    held: Vec<bool>,
    length: usize,
    found: Vec<Cost>,
}

impl<'h> DepthFirst<'h> {
    fn new(
        problem: &'h Problem,
        kinds: &'h Kinds,
        multipliers: &'h Multipliers,
        case: &'h Case,
        group: &'h [usize],
        n: usize,
    ) -> Self {
        let first = &kinds.list[group[0]];
        let admits: Vec<bool> = (0..n).map(|v| group.iter().any(|kind| kinds.list[*kind].admits[v])).collect();
        let most = group.iter().map(|kind| kinds.list[*kind].most).max().unwrap_or(0);
        Self {
            problem,
            kinds,
            multipliers,
            case,
            group,
            base: first.base,
            most: kinds.most_in_a_shift(problem, most),
            admits,
            worth: multipliers.worth(&first.prices),
            cuts_of: multipliers.cuts_of(),
            met: vec![0; multipliers.cuts.len()],
            held: vec![false; n],
            length: 0,
            found: vec![0; group.len()],
        }
    }

    /// min(0, least reduced cost) for each kind of the group.
    fn run(mut self, steps: &mut u64) -> Option<Vec<Cost>> {
        if self.most == 0 {
            return Some(self.found);
        }
        let ahead =
            Ahead::new(self.problem, self.kinds, self.base, &self.admits, &self.worth, self.most, None, steps)?;
        let fixed = self.problem.cost.team_day - self.multipliers.lo + self.multipliers.hi;
        let all: Vec<usize> = (0..self.group.len()).collect();
        self.go(&ahead, fixed, self.problem.shift.start, None, &all, steps)?;
        Some(self.found)
    }

    fn travel(&self, seconds: Seconds) -> Cost {
        self.problem.cost.travel * seconds
    }

    /// Goes on from `last` (the base, if none) with the kinds `alive`. `None` if steps run out.
    fn go(
        &mut self,
        ahead: &Ahead,
        cost: Cost,
        clock: Seconds,
        last: Option<(usize, Option<usize>)>,
        alive: &[usize],
        steps: &mut u64,
    ) -> Option<()> {
        let problem = self.problem;
        let node = last.map_or(self.base, |(visit, _)| problem.node(visit));
        if last.is_some() {
            let leg = problem.travel(node, self.base);
            let whole = cost + self.travel(leg);
            if clock + leg <= problem.shift.end && self.case.admits(|visit| self.held[visit]) {
                for kind in alive {
                    self.found[*kind] = self.found[*kind].min(whole);
                }
            }
        }
        if self.length == self.most {
            return Some(());
        }
        *steps = steps.saturating_sub(self.held.len() as u64);
        if *steps == 0 {
            return None;
        }
        let worst = alive.iter().map(|kind| self.found[*kind]).max().unwrap_or(Cost::MIN);
        let mut nexts: Vec<(Cost, usize, Cost, Seconds)> = Vec::new();
        for next in 0..self.held.len() {
            if self.held[next] || !self.admits[next] {
                continue;
            }
            let leg = problem.travel(node, problem.node(next));
            let Some(end) = self.kinds.end(problem, next, clock + leg) else { continue };
            let so_far = cost + self.travel(leg) - self.worth[next];
            let onward = ahead.look(self.most - self.length - 1, next, end, last.map(|(visit, _)| visit));
            if onward < NO_WAY && so_far + onward < worst {
                nexts.push((so_far + onward, next, so_far, end));
            }
        }
        nexts.sort_unstable();
        for (bound, next, so_far, end) in nexts {
            let admits = |kind: &usize| {
                let kind = &self.kinds.list[self.group[*kind]];
                kind.admits[next] && kind.most > self.length
            };
            let still: Vec<usize> = alive.iter().copied().filter(admits).collect();
            let paid: Cost = self.cuts_of[next]
                .iter()
                .filter(|cut| self.met[**cut] == 1)
                .map(|cut| self.multipliers.cuts[*cut].1)
                .sum();
            let worst = still.iter().map(|kind| self.found[*kind]).max().unwrap_or(Cost::MIN);
            if bound + paid >= worst || self.case.parts(next, |visit| self.held[visit]) {
                continue;
            }
            self.enter(next, true);
            let done = self.go(ahead, so_far + paid, end, Some((next, last.map(|(v, _)| v))), &still, steps);
            self.enter(next, false);
            done?;
        }
        Some(())
    }

    fn enter(&mut self, visit: usize, on: bool) {
        self.held[visit] = on;
        for cut in &self.cuts_of[visit] {
            if on {
                self.met[*cut] += 1;
            } else {
                self.met[*cut] -= 1;
            }
        }
        if on {
            self.length += 1;
        } else {
            self.length -= 1;
        }
    }
}
