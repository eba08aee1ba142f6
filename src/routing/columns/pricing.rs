//! Pricing: the routes of least reduced cost, by exact depth-first search.
//!
//! With two to six visits a route, elementary routes are few enough to be searched one by one as long as a completion
//! bound cuts off what cannot become negative. Multipliers are whole numbers of 1/[`SCALE`] cost units, so that
//! comparisons are exact; with a scale of 1 the same search judges a certificate's multipliers.

use std::collections::HashMap;
use std::thread;

use super::classes::{Classes, meet, within};
use super::completion::{Completion, NEVER};
use super::labels::{Memory, Walks};
use super::master::{Answer, Rows};
use super::pool::Column;
use crate::routing::Cost;
use crate::routing::route::Timing;

/// Parts of a cost unit in which the master's multipliers are counted.
pub(crate) const SCALE: i64 = 64;

/// Most visits of routes that are searched one by one.
const LONGEST: usize = 8;

/// Multipliers in whole numbers of 1/`scale` cost units.
#[derive(Debug, Clone, Default)]
pub(crate) struct Duals {
    pub(crate) scale: i64,
    pub(crate) visits: Vec<i64>,
    pub(crate) cuts: Vec<i64>,
    pub(crate) halls: Vec<i64>,
    pub(crate) lo: i64,
    pub(crate) hi: i64,
}

impl Duals {
    /// Rounds so that no reduced cost falls by more than the noise of a few multipliers: what a route earns down, what it
    /// pays up.
    pub(crate) fn round(answer: &Answer, scale: i64, unscheduled: Cost) -> Self {
        // Parts of a unit, of which a route pays for a handful: far from the whole unit that would matter.
        const NOISE: f64 = 0.01;
        let down = |v: &f64| (v * scale as f64 + NOISE).floor() as i64;
        let up = |v: &f64| (v * scale as f64 - NOISE).ceil().max(0.0) as i64;
        Self {
            scale,
            visits: answer.visits.iter().map(|v| down(v).min(unscheduled * scale)).collect(),
            cuts: answer.cuts.iter().map(up).collect(),
            halls: answer.halls.iter().map(up).collect(),
            lo: down(&answer.lo),
            hi: up(&answer.hi),
        }
    }
}

/// Two visits that a case of the proof holds together or apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) visits: [u32; 2],
    pub(crate) together: bool,
}

impl Pair {
    /// Whether a route may stand in this case.
    pub(crate) fn admits(&self, visits: &[u32]) -> bool {
        let held = self.visits.iter().filter(|v| visits.contains(v)).count();
        if self.together { held != 1 } else { held != 2 }
    }
}

/// What a search for routes asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Query<'q> {
    pub(crate) duals: &'q Duals,
    pub(crate) rows: &'q Rows,
    pub(crate) pairs: &'q [Pair],
    /// Only routes below, scaled.
    pub(crate) threshold: i64,
    /// Only so many, the least first.
    pub(crate) keep: usize,
    /// Whether a few routes far below the threshold will do where there are such; then the reduced cost below which some
    /// are hoped for.
    pub(crate) hope: Option<i64>,
    /// Buckets of the completion bound.
    pub(crate) buckets: i64,
    /// Steps, of about 3 ns each, after which the search gives up.
    pub(crate) steps: u64,
}

/// Routes found.
#[derive(Debug, Default)]
pub(crate) struct Priced {
    /// View, visits in order, reduced cost (scaled), ascending.
    pub(crate) routes: Vec<(usize, Vec<u32>, i64)>,
    /// Whether these are all: none was dropped and the search came to its end.
    pub(crate) complete: bool,
    /// Whether no route is below the least of these.
    pub(crate) least_known: bool,
    /// Steps taken.
    pub(crate) steps: u64,
    /// Steps of them that went into completion bounds.
    pub(crate) bounding: u64,
}

/// What every search needs of a problem.
#[derive(Debug)]
pub(crate) struct Field<'a> {
    pub(crate) timing: &'a Timing<'a>,
    pub(crate) classes: &'a Classes,
    pub(crate) n: usize,
    /// Cost of a second's travel.
    pub(super) travel: Cost,
    legs: Vec<i64>,
    out: Vec<Vec<i64>>,
    back: Vec<Vec<i64>>,
    /// What walks remember where routes are too long to be searched one by one.
    pub(crate) memory: Option<Memory>,
    /// Threads to use.
    pub(super) threads: usize,
}

impl<'a> Field<'a> {
    pub(crate) fn new(timing: &'a Timing<'a>, classes: &'a Classes, threads: usize) -> Self {
        let problem = timing.problem;
        let n = problem.visits.len();
        let node = |v: usize| problem.node(v);
        let legs = (0..n * n).map(|at| problem.travel(node(at / n), node(at % n))).collect();
        let bases = 0..problem.bases.len();
        let out = bases.clone().map(|b| (0..n).map(|v| problem.travel(b, node(v))).collect()).collect();
        let back = bases.map(|b| (0..n).map(|v| problem.travel(node(v), b)).collect()).collect();
        let mut field =
            Self { timing, classes, n, travel: problem.cost.travel, legs, out, back, memory: None, threads };
        if field.longest() > LONGEST {
            field.memory = Some(Memory::new(&field));
        }
        field
    }

    pub(super) fn out(&self, base: usize, visit: usize) -> i64 {
        self.out[base][visit]
    }

    pub(super) fn leg(&self, from: usize, to: usize) -> i64 {
        self.legs[from * self.n + to]
    }

    pub(super) fn back(&self, base: usize, visit: usize) -> i64 {
        self.back[base][visit]
    }

    /// The end of a visit's service after an arrival.
    pub(super) fn end(&self, visit: usize, arrival: i64) -> Option<i64> {
        Some(self.timing.earliest(visit, arrival)? + self.timing.problem.visits[visit].service)
    }

    /// A time before which no service of a visit ends.
    pub(super) fn earliest_end(&self, visit: usize) -> i64 {
        let legs = (0..self.n).filter(|other| *other != visit).map(|other| self.leg(other, visit));
        let leg = legs.chain(self.out.iter().map(|out| out[visit])).min().unwrap_or(0);
        let start = self.timing.problem.shift.start;
        self.end(visit, start + leg).unwrap_or(start)
    }

    /// A cost below which no route lies.
    pub(crate) fn cheapest_route(&self) -> Cost {
        let problem = self.timing.problem;
        let travel = |base: usize| {
            let legs = (0..self.n).map(move |v| self.out[base][v]).min().unwrap_or(0);
            legs + self.back[base].iter().min().copied().unwrap_or(0)
        };
        let least = (0..problem.bases.len()).map(travel).min().unwrap_or(0);
        problem.cost.team_day + self.travel * least
    }

    /// Most visits that a route can have, or arrivals of a walk: `max_visits`, and what the shift has time for.
    pub(crate) fn longest(&self) -> usize {
        let problem = self.timing.problem;
        let most = self.classes.views.iter().map(|v| v.longest).max().unwrap_or(0);
        // A visit takes its service and the shortest leg to it; the cheapest ones first.
        let mut least: Vec<i64> = (0..self.n)
            .filter(|visit| self.timing.has_start(*visit))
            .map(|visit| {
                let legs = (0..self.n).filter(|other| *other != visit).map(|other| self.leg(other, visit));
                let leg = legs.chain(self.out.iter().map(|out| out[visit])).min().unwrap_or(0);
                leg + problem.visits[visit].service
            })
            .collect();
        least.sort_unstable();
        let shift = problem.shift.end - problem.shift.start;
        if self.memory.is_some() {
            // A walk may come back to the quickest visit again and again.
            let quickest = least.first().copied().unwrap_or(0);
            return if quickest > 0 { most.min((shift / quickest) as usize) } else { most };
        }
        let mut left = shift;
        let fit = least.iter().take_while(|time| {
            left -= **time;
            left >= 0
        });
        fit.count().min(most)
    }

    /// The reduced cost of a column in the master, scaled. `met` is scratch space.
    pub(crate) fn reduced(
        column: &Column,
        duals: &Duals,
        rows: &Rows,
        cuts_of: &[Vec<u32>],
        met: &mut Vec<u32>,
    ) -> i64 {
        let mut out = column.cost * duals.scale - duals.lo + duals.hi;
        met.clear();
        for visit in &column.visits {
            out -= duals.visits[*visit as usize];
            met.extend_from_slice(&cuts_of[*visit as usize]);
        }
        met.sort_unstable();
        // A cut of three visits pays once, whether two or three of them are held.
        let paid = met.windows(2).enumerate().filter(|(at, w)| w[0] == w[1] && (*at == 0 || met[at - 1] != w[0]));
        out += paid.map(|(_, w)| duals.cuts[w[0] as usize]).sum::<i64>();
        let short = rows.halls.iter().zip(&duals.halls).filter(|(_, dual)| **dual > 0);
        out + short.filter(|(hall, _)| within(&column.mask, &hall.mask)).map(|(_, dual)| dual).sum::<i64>()
    }

    /// Searches all views for routes of reduced cost below the threshold, slots' multipliers included.
    pub(crate) fn price(&self, query: Query<'_>, stop: &(dyn Fn() -> bool + Sync)) -> Priced {
        let mut out = Priced { complete: true, least_known: true, ..Priced::default() };
        let cuts_of = cuts_of(self.n, query.rows, query.duals);
        let longest = self.longest();
        for (view, of_view) in self.classes.views.iter().enumerate() {
            for (slot_dual, mask) in levels(self.classes, view, query.rows, query.duals) {
                let usable: Vec<bool> = (0..self.n)
                    .map(|v| {
                        let done = query.rows.done.get(v) == Some(&true);
                        !done && self.timing.has_start(v) && meet(self.classes.of_visit(v), &mask)
                    })
                    .collect();
                let profit: Vec<i64> = query
                    .duals
                    .visits
                    .iter()
                    .zip(&of_view.prices)
                    .map(|(dual, price)| dual - price * query.duals.scale)
                    .collect();
                let longest = longest.min(of_view.longest).max(1);
                let (base, scale) = (of_view.base, query.duals.scale);
                let memory = self.memory.as_ref();
                let completion =
                    Completion::new(self, base, scale, &profit, &usable, longest, query.buckets, memory);
                let bounding = (longest * self.n * self.n) as u64 * query.buckets as u64 / 4;
                out.bounding += bounding;
                out.steps += bounding;
                let fixed =
                    self.timing.problem.cost.team_day * scale - query.duals.lo + query.duals.hi - slot_dual;
                if let Some(memory) = memory {
                    let (threshold, keep) = (query.threshold, query.keep);
                    let (completion, profit, usable) = (&completion, &profit[..], &usable[..]);
                    let walks = Walks {
                        field: self,
                        memory,
                        base,
                        scale,
                        profit,
                        usable,
                        completion,
                        longest,
                        threshold,
                        keep,
                    };
                    let mut left = query.steps.saturating_sub(out.steps);
                    let (found, complete) = walks.search(fixed, &mut left, stop);
                    out.complete &= complete && found.len() < keep;
                    out.least_known &= complete;
                    out.steps = query.steps.saturating_sub(left);
                    let walks = found.into_iter();
                    // A walk may visit too often or stand in no slot; the master takes what it can place.
                    out.routes.extend(walks.map(|(cost, visits)| (view, visits, cost)));
                    continue;
                }
                let hunt =
                    Hunt { field: self, query: &query, cuts_of: &cuts_of, base, profit, usable, completion, mask };
                let left = query.steps.saturating_sub(out.steps);
                let found = hunt.search(longest, fixed, left, out.routes.len() < ENOUGH, stop);
                out.complete &= found.complete;
                out.least_known &= found.least_known;
                out.steps += found.steps;
                out.routes.extend(found.routes.into_iter().map(|(cost, visits)| (view, visits, cost)));
            }
        }
        out.routes.sort_by(|a, b| (a.2, a.0, &a.1).cmp(&(b.2, b.0, &b.1)));
        out
    }
}

/// For each visit the cuts that cost something.
pub(crate) fn cuts_of(n: usize, rows: &Rows, duals: &Duals) -> Vec<Vec<u32>> {
    let mut out = vec![Vec::new(); n];
    for (at, cut) in rows.cuts.iter().enumerate().filter(|(at, _)| duals.cuts[*at] > 0) {
        for visit in cut {
            out[*visit as usize].push(at as u32);
        }
    }
    out
}

/// The multiplier μ ≤ 0 of a class: what the sets of classes that are short cost together.
pub(crate) fn slot_dual(class: usize, rows: &Rows, duals: &Duals) -> i64 {
    let holds = |mask: &[u64]| mask[class / 64] >> (class % 64) & 1 == 1;
    -rows.halls.iter().zip(&duals.halls).filter(|(h, _)| holds(&h.mask)).map(|(_, dual)| dual).sum::<i64>()
}

/// The classes of a view by their multiplier, dearest last.
fn levels(classes: &Classes, view: usize, rows: &Rows, duals: &Duals) -> Vec<(i64, Vec<u64>)> {
    let mut out: Vec<(i64, Vec<u64>)> = Vec::new();
    for class in super::classes::members(&classes.views[view].mask) {
        let dual = slot_dual(class, rows, duals);
        let at = out.iter().position(|(d, _)| *d == dual).unwrap_or_else(|| {
            out.push((dual, vec![0; classes.words]));
            out.len() - 1
        });
        out[at].1[class / 64] |= 1 << (class % 64);
    }
    out.sort_by_key(|(dual, _)| std::cmp::Reverse(*dual));
    out
}

/// A search from one base among classes of one multiplier.
struct Hunt<'h> {
    field: &'h Field<'h>,
    query: &'h Query<'h>,
    cuts_of: &'h [Vec<u32>],
    base: usize,
    profit: Vec<i64>,
    usable: Vec<bool>,
    completion: Completion<'h>,
    mask: Vec<u64>,
}

/// What a hunt found.
struct Found {
    routes: Vec<(i64, Vec<u32>)>,
    complete: bool,
    least_known: bool,
    steps: u64,
}

/// Routes of one part of a search, whether some were dropped, and the steps left.
type Part = (Vec<(i64, Vec<u32>)>, bool, u64);

/// Parts of a search, each for a share of the first visits; fixed, so that threads do not matter.
const PARTS: usize = 2;
/// Sets of visits whose best order is remembered.
const REMEMBERED: usize = 1 << 20;
/// Routes that are enough where a few will do.
const ENOUGH: usize = 40;

impl Hunt<'_> {
    /// Searches below half of what is hoped for, and if nothing is there and it is needed, below the query's threshold.
    fn search(
        &self,
        longest: usize,
        fixed: i64,
        steps: u64,
        needed: bool,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Found {
        let mut out = Found { routes: Vec::new(), complete: false, least_known: false, steps: 0 };
        let hope = self.query.hope.map_or(0, |hope| hope.max(self.lowest(longest, fixed)));
        let mut threshold = (hope / 2).min(self.query.threshold);
        loop {
            let left = steps.saturating_sub(out.steps) / PARTS as u64;
            let search = |part: usize| -> Part {
                let mut search = Search::new(self, longest, threshold, left, stop);
                search.start(fixed, part);
                (search.found, search.dropped, search.steps)
            };
            let found: Vec<Part> = if self.field.threads > 1 {
                thread::scope(|scope| {
                    let search = &search;
                    let handles: Vec<_> = (0..PARTS).map(|part| scope.spawn(move || search(part))).collect();
                    handles.into_iter().filter_map(|handle| handle.join().ok()).collect()
                })
            } else {
                (0..PARTS).map(search).collect()
            };
            let finished = found.len() == PARTS && found.iter().all(|(_, _, left)| *left > 0);
            let last = threshold == self.query.threshold;
            out.steps += found.iter().map(|(_, _, after)| left.saturating_sub(*after)).sum::<u64>();
            out.complete = finished && last && found.iter().all(|(_, cut, _)| !cut);
            out.routes = found.into_iter().flat_map(|(routes, _, _)| routes).collect();
            out.least_known = finished && (last || !out.routes.is_empty());
            if !finished || last || !out.routes.is_empty() || !needed {
                return out;
            }
            threshold = self.query.threshold;
        }
    }

    /// A cost below which no route lies.
    fn lowest(&self, longest: usize, fixed: i64) -> i64 {
        let field = self.field;
        let start = field.timing.problem.shift.start;
        let first = |visit: usize| {
            let leg = field.out[self.base][visit];
            let end = field.end(visit, start + leg)?;
            let onward = self.completion.least(longest - 1, visit, end, |_| false);
            (onward != NEVER)
                .then(|| fixed + field.travel * self.query.duals.scale * leg - self.profit[visit] + onward)
        };
        (0..field.n).filter(|visit| self.usable[*visit]).filter_map(first).min().unwrap_or(0)
    }
}

/// Depth-first search over the routes of a hunt.
struct Search<'s> {
    field: &'s Field<'s>,
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
    /// For a set of visits and the last of them, the least cost so far and the end of its service.
    reached: HashMap<u128, (i64, i64)>,
    visited: u32,
    steps: u64,
    stop: &'s (dyn Fn() -> bool + Sync),
}

impl<'s> Search<'s> {
    fn new(
        hunt: &'s Hunt<'s>,
        longest: usize,
        threshold: i64,
        steps: u64,
        stop: &'s (dyn Fn() -> bool + Sync),
    ) -> Self {
        Self {
            field: hunt.field,
            query: hunt.query,
            cuts_of: hunt.cuts_of,
            base: hunt.base,
            profit: &hunt.profit,
            usable: &hunt.usable,
            completion: &hunt.completion,
            longest,
            threshold,
            path: Vec::new(),
            on_path: vec![false; hunt.field.n],
            masks: hunt.mask.clone(),
            counts: vec![0; hunt.query.rows.cuts.len()],
            found: Vec::new(),
            dropped: false,
            reached: HashMap::new(),
            visited: 0,
            steps,
            stop,
        }
    }

    fn start(&mut self, fixed: i64, part: usize) {
        let field = self.field;
        let start = field.timing.problem.shift.start;
        for visit in (part..field.n).step_by(PARTS) {
            let leg = field.out[self.base][visit];
            self.step(fixed, leg, start, visit);
        }
        self.trim();
    }

    /// Goes on from the end of the last visit at `clock`, with `cost` so far.
    fn extend(&mut self, cost: i64, clock: i64) {
        let Some(last) = self.path.last().map(|v| *v as usize) else { return };
        let field = self.field;
        let leg = field.back(self.base, last);
        let whole = cost + field.travel * self.query.duals.scale * leg;
        if whole < self.threshold && clock + leg <= field.timing.problem.shift.end {
            self.record(whole);
        }
        if self.path.len() == self.longest {
            return;
        }
        for next in 0..field.n {
            self.step(cost, field.leg(last, next), clock, next);
        }
    }

    /// Adds a visit if a route below the threshold may come of it.
    fn step(&mut self, cost: i64, leg: i64, clock: i64, next: usize) {
        if self.on_path[next] || !self.usable[next] || self.steps == 0 {
            return;
        }
        let field = self.field;
        let cost = cost + field.travel * self.query.duals.scale * leg - self.profit[next];
        let Some(end) = field.end(next, clock + leg) else { return };
        let further = self.longest - self.path.len() - 1;
        let onward = self.completion.least(further, next, end, |then| self.on_path[then as usize]);
        if onward == NEVER || cost + onward >= self.threshold {
            return;
        }
        let words = field.classes.words;
        let (from, limits) = (self.masks.len() - words, field.classes.for_length(self.path.len() + 1));
        let allowed = field.classes.of_visit(next);
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
            if cost + paid + onward < self.threshold && !self.needless(next as u32, cost + paid, end) {
                self.steps = self.steps.saturating_sub(field.n as u64);
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
    fn needless(&mut self, next: u32, cost: i64, end: i64) -> bool {
        const BITS: u32 = 14;
        if self.path.len() < 2 || self.path.len() + 1 >= self.longest {
            return false;
        }
        let mut set = [u32::MAX; LONGEST];
        set[..self.path.len()].copy_from_slice(&self.path);
        set[self.path.len()] = next;
        set[..=self.path.len()].sort_unstable();
        let key =
            set[..=self.path.len()].iter().fold(u128::from(next) + 1, |key, v| key << BITS | u128::from(v + 1));
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
