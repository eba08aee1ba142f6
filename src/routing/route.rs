//! Timing and cost of one route inside the solver, with insertion tests in constant time.
//!
//! Forward completion times and backward latest starts (Savelsbergh 1992, "The vehicle routing problem with time
//! windows: minimizing route duration", section 2) reduce the test of an insertion to one look at each neighbour. Start
//! times of a visit form a union of intervals (windows less lunch); both the earliest start after an arrival and the
//! latest start before a bound are monotone, so the reduction stays exact with several windows.

use std::collections::BTreeSet;

use super::problem::Problem;
use super::{Cost, Seconds};

/// Times at which each visit's service may start.
#[derive(Debug)]
pub(crate) struct Timing<'a> {
    pub(crate) problem: &'a Problem,
    /// For each visit, disjoint intervals of feasible start times, ascending.
    starts: Vec<Vec<(Seconds, Seconds)>>,
}

impl<'a> Timing<'a> {
    pub(crate) fn new(problem: &'a Problem) -> Self {
        let starts = (0..problem.visits.len()).map(|visit| intervals(problem, visit)).collect();
        Self { problem, starts }
    }

    /// The earliest feasible start at or after `t`.
    pub(crate) fn earliest(&self, visit: usize, t: Seconds) -> Option<Seconds> {
        self.starts[visit].iter().find(|(_, last)| *last >= t).map(|(first, _)| t.max(*first))
    }

    /// The latest feasible start at or before `t`.
    fn latest(&self, visit: usize, t: Seconds) -> Option<Seconds> {
        self.starts[visit].iter().rev().find(|(first, _)| *first <= t).map(|(_, last)| t.min(*last))
    }

    /// Whether the service fits somewhere, whatever the travel.
    pub(crate) fn has_start(&self, visit: usize) -> bool {
        !self.starts[visit].is_empty()
    }

    /// Disjoint intervals of feasible start times, ascending.
    pub(crate) fn starts(&self, visit: usize) -> &[(Seconds, Seconds)] {
        &self.starts[visit]
    }

    fn service(&self, visit: usize) -> Seconds {
        self.problem.visits[visit].service
    }
}

fn intervals(problem: &Problem, visit: usize) -> Vec<(Seconds, Seconds)> {
    let v = &problem.visits[visit];
    let shift = (problem.shift.start, problem.shift.end);
    let windows = if v.windows.is_empty() { vec![shift] } else { v.windows.clone() };
    let mut out = Vec::new();
    for (from, to) in windows {
        let (first, last) = (from.max(shift.0), to.min(shift.1) - v.service);
        let pieces = match problem.lunch {
            Some(lunch) => [(first, last.min(lunch.start - v.service)), (first.max(lunch.end), last)],
            None => [(first, last), (1, 0)],
        };
        out.extend(pieces.into_iter().filter(|(first, last)| first <= last));
    }
    out.sort_unstable();
    let mut merged: Vec<(Seconds, Seconds)> = Vec::new();
    for (first, last) in out {
        match merged.last_mut() {
            Some(before) if first <= before.1 + 1 => before.1 = before.1.max(last),
            _ => merged.push((first, last)),
        }
    }
    merged
}

/// A sequence of visits from a base and back. Days and teams are no part of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Route {
    pub(crate) base: usize,
    pub(crate) visits: Vec<u32>,
    /// Completion of each service when all start as early as possible.
    ends: Vec<Seconds>,
    /// Latest start of each service that lets the rest be made in time.
    latest: Vec<Seconds>,
    /// Travel in all, seconds.
    pub(crate) travel: Seconds,
}

impl Route {
    /// The route of these visits, if it is feasible.
    pub(crate) fn new(timing: &Timing<'_>, base: usize, visits: Vec<u32>) -> Option<Self> {
        let mut route = Self { base, visits, ..Self::default() };
        route.refresh(timing).then_some(route)
    }

    /// Routes of bases and visits, feasible ones alone. Where a visit stands more than once it stays in its first place only,
    /// and no route is empty.
    pub(crate) fn disjoint(timing: &Timing<'_>, routes: impl IntoIterator<Item = (usize, Vec<u32>)>) -> Vec<Self> {
        let mut covered = vec![false; timing.problem.visits.len()];
        let rid = |(base, mut visits): (usize, Vec<u32>)| {
            let mut own = BTreeSet::new();
            visits.retain(|visit| !covered[*visit as usize] && own.insert(*visit));
            let route = Self::new(timing, base, visits).filter(|route| !route.visits.is_empty())?;
            route.visits.iter().for_each(|visit| covered[*visit as usize] = true);
            Some(route)
        };
        routes.into_iter().filter_map(rid).collect()
    }

    /// Recomputes all times; false if the sequence is infeasible.
    pub(crate) fn refresh(&mut self, timing: &Timing<'_>) -> bool {
        let problem = timing.problem;
        self.ends.clear();
        self.travel = 0;
        let (mut node, mut clock) = (self.base, problem.shift.start);
        for visit in &self.visits {
            let visit = *visit as usize;
            let here = problem.node(visit);
            let leg = problem.travel(node, here);
            let Some(start) = timing.earliest(visit, clock + leg) else { return false };
            self.travel += leg;
            clock = start + timing.service(visit);
            self.ends.push(clock);
            node = here;
        }
        if !self.visits.is_empty() {
            let leg = problem.travel(node, self.base);
            self.travel += leg;
            if clock + leg > problem.shift.end {
                return false;
            }
        }
        self.latest.clear();
        self.latest.resize(self.visits.len(), 0);
        let (mut node, mut bound) = (self.base, problem.shift.end);
        for (at, visit) in self.visits.iter().enumerate().rev() {
            let visit = *visit as usize;
            let here = problem.node(visit);
            let by = bound - problem.travel(here, node) - timing.service(visit);
            let Some(start) = timing.latest(visit, by) else { return false };
            self.latest[at] = start;
            bound = start;
            node = here;
        }
        true
    }

    /// Extra travel, seconds, when `visit` is inserted before position `at`, feasible or not. Constant time.
    pub(crate) fn detour(&self, problem: &Problem, visit: usize, at: usize) -> Seconds {
        let here = problem.node(visit);
        let before = if at == 0 { self.base } else { problem.node(self.visits[at - 1] as usize) };
        let after = self.visits.get(at).map_or(self.base, |v| problem.node(*v as usize));
        let replaced = if self.visits.is_empty() { 0 } else { problem.travel(before, after) };
        problem.travel(before, here) + problem.travel(here, after) - replaced
    }

    /// Whether `visit` can be inserted before position `at` in time. Constant time.
    pub(crate) fn fits(&self, timing: &Timing<'_>, visit: usize, at: usize) -> bool {
        let problem = timing.problem;
        let here = problem.node(visit);
        let (before, clock) = match at {
            0 => (self.base, problem.shift.start),
            _ => (problem.node(self.visits[at - 1] as usize), self.ends[at - 1]),
        };
        let Some(start) = timing.earliest(visit, clock + problem.travel(before, here)) else { return false };
        let end = start + timing.service(visit);
        match self.visits.get(at) {
            Some(next) => end + problem.travel(here, problem.node(*next as usize)) <= self.latest[at],
            None => end + problem.travel(here, self.base) <= problem.shift.end,
        }
    }

    /// Extra cost of travel of an insertion.
    pub(crate) fn price(timing: &Timing<'_>, extra: Seconds) -> Cost {
        timing.problem.cost.travel * extra
    }

    /// Start of each service.
    pub(crate) fn starts(&self, timing: &Timing<'_>) -> Vec<Seconds> {
        self.visits.iter().zip(&self.ends).map(|(v, end)| end - timing.service(*v as usize)).collect()
    }
}
