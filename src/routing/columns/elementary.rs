//! Depth-first search over elementary routes.
//!
//! With up to [`LONGEST`] visits a route, elementary routes are few enough to be searched one by one as long as a completion
//! bound ([`super::completion`]) cuts off what cannot become negative (the pulse algorithm: Lozano and Medaglia 2013, "On an
//! exact method for the constrained shortest path problem"), and as of two orders of the same visits with the same last one
//! that which is neither cheaper nor earlier is dropped.

use std::collections::HashMap;

use super::case::Pair;
use super::completion::{Completion, NEVER};
use super::network::{LONGEST, Network};
use super::pricing::{Query, Searched, UNKNOWN};
use super::workers::share_out;

/// A search from one base among classes of one multiplier.
pub(super) struct Elementary<'h> {
    pub(super) network: &'h Network<'h>,
    pub(super) query: &'h Query<'h>,
    pub(super) cuts_of: &'h [Vec<u32>],
    pub(super) base: usize,
    pub(super) profit: &'h [i64],
    pub(super) usable: &'h [bool],
    pub(super) completion: &'h Completion<'h>,
    pub(super) mask: Vec<u64>,
}

/// Routes of one part of a search, whether some were dropped, and the steps left.
type Part = (Vec<(i64, Vec<u32>)>, bool, u64);

/// Parts of a search, each for a share of the first visits; fixed, so that threads do not matter.
const PARTS: usize = 2;
/// Sets of visits whose best order is remembered.
const REMEMBERED: usize = 1 << 20;
/// Part of a team-day's cost, as a divisor, that is little to hope for.
const LITTLE: i64 = 64;
/// Routes that are enough where a few will do.
pub(super) const ENOUGH: usize = 40;

impl Elementary<'_> {
    /// Searches below half of what is hoped for, and if nothing is there and it is needed, below the query's threshold.
    pub(super) fn search(
        &self,
        longest: usize,
        fixed: i64,
        steps: u64,
        needed: bool,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Searched {
        let mut out = Searched::given_up(0);
        let all = self.query.threshold;
        let hoped = self.query.hope.map(|hope| hope.max(self.lowest(longest, fixed)) / 2);
        // Where little is hoped for, all there is takes hardly longer.
        let little = -self.network.timing.problem.cost.team_day * self.query.duals.scale / LITTLE;
        let mut threshold = hoped.filter(|hoped| *hoped < little).map_or(all, |hoped| hoped.min(all));
        loop {
            let left = steps.saturating_sub(out.steps) / PARTS as u64;
            let search = |part: usize| -> Part {
                let mut search = DepthFirst::new(self, longest, threshold, left, stop);
                search.start(fixed, part);
                (search.found, search.dropped, search.steps)
            };
            let found = share_out(self.network.threads, PARTS, &|| false, search);
            let found: Vec<Part> = found.into_iter().map(|(_, part)| part).collect();
            let finished = found.iter().all(|(_, _, left)| *left > 0);
            let last = threshold == all;
            out.steps += found.iter().map(|(_, _, after)| left.saturating_sub(*after)).sum::<u64>();
            out.complete = finished && last && found.iter().all(|(_, cut, _)| !cut);
            out.routes = found.into_iter().flat_map(|(routes, _, _)| routes).collect();
            let least = out.routes.iter().map(|route| route.0).min();
            out.floor = if finished { least.unwrap_or(threshold) } else { UNKNOWN };
            if !finished || last || !out.routes.is_empty() || !needed {
                return out;
            }
            threshold = all;
        }
    }

    /// A cost below which no route lies.
    fn lowest(&self, longest: usize, fixed: i64) -> i64 {
        let network = self.network;
        let start = network.timing.problem.shift.start;
        let first = |visit: usize| {
            let leg = network.out(self.base, visit);
            let end = network.end(visit, start + leg)?;
            let onward = self.completion.least(longest - 1, visit, end, |_| false);
            (onward != NEVER)
                .then(|| fixed + network.travel * self.query.duals.scale * leg - self.profit[visit] + onward)
        };
        (0..network.n).filter(|visit| self.usable[*visit]).filter_map(first).min().unwrap_or(0)
    }
}

/// The state of one search: the path so far, and what is known of it.
struct DepthFirst<'s> {
    network: &'s Network<'s>,
    query: &'s Query<'s>,
    cuts_of: &'s [Vec<u32>],
    base: usize,
    profit: &'s [i64],
    usable: &'s [bool],
    completion: &'s Completion<'s>,
    longest: usize,
    threshold: i64,
    path: Vec<u32>,
    on_path: Vec<bool>,
    /// A mask for each length of the path.
    masks: Vec<u64>,
    counts: Vec<u8>,
    found: Vec<(i64, Vec<u32>)>,
    dropped: bool,
    /// For a set of visits, ascending, and the last of them, the least cost so far and the end of its service.
    reached: HashMap<[u16; LONGEST], (i64, i64)>,
    visited: u64,
    steps: u64,
    stop: &'s (dyn Fn() -> bool + Sync),
}

impl<'s> DepthFirst<'s> {
    fn new(
        within: &'s Elementary<'s>,
        longest: usize,
        threshold: i64,
        steps: u64,
        stop: &'s (dyn Fn() -> bool + Sync),
    ) -> Self {
        Self {
            network: within.network,
            query: within.query,
            cuts_of: within.cuts_of,
            base: within.base,
            profit: within.profit,
            usable: within.usable,
            completion: within.completion,
            longest,
            threshold,
            path: Vec::new(),
            on_path: vec![false; within.network.n],
            masks: within.mask.clone(),
            counts: vec![0; within.query.rows.cuts.len()],
            found: Vec::new(),
            dropped: false,
            reached: HashMap::new(),
            visited: 0,
            steps,
            stop,
        }
    }

    fn start(&mut self, fixed: i64, part: usize) {
        let network = self.network;
        let start = network.timing.problem.shift.start;
        for visit in (part..network.n).step_by(PARTS) {
            let leg = network.out(self.base, visit);
            self.step(fixed, leg, start, visit);
        }
        self.trim();
    }

    /// Goes on from the end of the last visit at `clock`, with `cost` so far.
    fn extend(&mut self, cost: i64, clock: i64) {
        let Some(last) = self.path.last().map(|v| *v as usize) else { return };
        let network = self.network;
        let leg = network.back(self.base, last);
        let whole = cost + network.travel * self.query.duals.scale * leg;
        if whole < self.threshold && clock + leg <= network.timing.problem.shift.end {
            self.record(whole);
        }
        if self.path.len() == self.longest {
            return;
        }
        let completion = self.completion;
        for next in completion.legs(last) {
            self.step(cost, network.leg(last, *next as usize), clock, *next as usize);
        }
    }

    /// Adds a visit if a route below the threshold may come of it.
    fn step(&mut self, cost: i64, leg: i64, clock: i64, next: usize) {
        if self.on_path[next] || !self.usable[next] || self.steps == 0 {
            return;
        }
        let network = self.network;
        let cost = cost + network.travel * self.query.duals.scale * leg - self.profit[next];
        let Some(end) = network.end(next, clock + leg) else { return };
        let further = self.longest - self.path.len() - 1;
        let onward = self.completion.least(further, next, end, |then| self.on_path[then as usize]);
        if onward == NEVER || cost + onward >= self.threshold {
            return;
        }
        let words = network.classes.words;
        let (from, limits) = (self.masks.len() - words, network.classes.for_length(self.path.len() + 1));
        let allowed = network.classes.of_visit(next);
        let mut any = 0;
        for word in 0..words {
            let common = self.masks[from + word] & allowed[word] & limits[word];
            any |= common;
            self.masks.push(common);
        }
        let apart = |pair: &Pair| {
            let [a, b] = pair.visits;
            let other = if a == next as u32 { b } else { a };
            !pair.together && (a == next as u32 || b == next as u32) && self.on_path[other as usize]
        };
        if any != 0 && !self.query.pairs.iter().any(apart) {
            let mut paid = 0;
            for cut in &self.cuts_of[next] {
                let count = &mut self.counts[*cut as usize];
                *count += 1;
                if *count == 2 {
                    paid += self.query.duals.cuts[*cut as usize];
                }
            }
            if cost + paid + onward < self.threshold && !self.is_dominated(next as u32, cost + paid, end) {
                self.steps = self.steps.saturating_sub(4 + self.completion.legs(next).len() as u64);
                self.visited += 1;
                if self.visited.is_multiple_of(4096) && (self.stop)() {
                    self.steps = 0;
                }
                self.path.push(next as u32);
                self.on_path[next] = true;
                self.extend(cost + paid, end);
                self.on_path[next] = false;
                self.path.pop();
            }
            for cut in &self.cuts_of[next] {
                self.counts[*cut as usize] -= 1;
            }
        }
        self.masks.truncate(self.masks.len() - words);
    }

    /// Whether the same visits with the same last one were reached as cheaply and as early in another order.
    fn is_dominated(&mut self, next: u32, cost: i64, end: i64) -> bool {
        if self.path.len() < 2 || self.path.len() + 1 >= self.longest {
            return false;
        }
        let mut key = [u16::MAX; LONGEST];
        key.iter_mut().zip(&self.path).for_each(|(key, visit)| *key = *visit as u16);
        key[self.path.len()] = next as u16;
        key[..=self.path.len()].sort_unstable();
        // Paths that can grow no further were left out above: the last place is free.
        key[LONGEST - 1] = next as u16;
        let full = self.reached.len() >= REMEMBERED;
        match self.reached.get_mut(&key) {
            Some((least, first)) if *least <= cost && *first <= end => return true,
            Some(known) if cost <= known.0 && end <= known.1 => *known = (cost, end),
            Some(_) => {}
            None if full => {}
            None => {
                self.reached.insert(key, (cost, end));
            }
        }
        false
    }

    fn record(&mut self, cost: i64) {
        if self.query.pairs.iter().all(|pair| pair.admits(&self.path)) {
            self.found.push((cost, self.path.clone()));
            if self.found.len() >= 4 * self.query.keep.max(64) {
                self.trim();
            }
        }
    }

    /// Keeps the cheapest order of each set, and of those the cheapest.
    fn trim(&mut self) {
        let mut keyed: Vec<(Vec<u32>, i64, Vec<u32>)> = std::mem::take(&mut self.found)
            .into_iter()
            .map(|(cost, visits)| {
                let mut set = visits.clone();
                set.sort_unstable();
                (set, cost, visits)
            })
            .collect();
        keyed.sort();
        keyed.dedup_by(|later, first| later.0 == first.0);
        self.found = keyed.into_iter().map(|(_, cost, visits)| (cost, visits)).collect();
        if self.found.len() > self.query.keep {
            self.found.sort();
            self.found.truncate(self.query.keep);
            self.dropped = true;
            self.threshold = self.found.last().map_or(self.threshold, |(cost, _)| self.threshold.min(*cost));
        }
    }
}
