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
    /// For each node the travel to it from every node: the columns of the travel matrix, which insertion tests look along.
    arrivals: Vec<Vec<u32>>,
}

impl<'a> Timing<'a> {
    pub(crate) fn new(problem: &'a Problem) -> Self {
        let visits = 0..problem.visits.len();
        let starts = visits.clone().map(|visit| intervals(problem, visit)).collect();
        let nodes = problem.bases.len() + problem.visits.len();
        let to = |visit| (0..nodes).map(|from| problem.travel_from(from)[problem.node(visit)]).collect();
        let arrivals = visits.map(to).collect();
        Self { problem, starts, arrivals }
    }

    /// What the tests of a visit's insertions need.
    pub(crate) fn insertion(&self, visit: usize) -> Insertion<'_> {
        Insertion {
            service: self.service(visit),
            starts: &self.starts[visit],
            to: &self.arrivals[visit],
            from: self.problem.travel_from(self.problem.node(visit)),
        }
    }

    /// The earliest feasible start at or after `t`.
    pub(crate) fn earliest(&self, visit: usize, t: Seconds) -> Option<Seconds> {
        earliest(&self.starts[visit], t)
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

/// The earliest time at or after `t` in one of the intervals, which ascend.
fn earliest(starts: &[(Seconds, Seconds)], t: Seconds) -> Option<Seconds> {
    starts.iter().find(|(_, last)| *last >= t).map(|(first, _)| t.max(*first))
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

/// A visit that may be inserted.
#[derive(Debug)]
pub(crate) struct Insertion<'t> {
    service: Seconds,
    starts: &'t [(Seconds, Seconds)],
    /// Travel to it from each node, and from it to each.
    to: &'t [u32],
    from: &'t [u32],
}

/// A visit on a route, as insertion tests beside it see it.
#[derive(Debug, Clone)]
struct Stop {
    node: u32,
    /// Travel from where the route comes from.
    leg: u32,
    /// Completion of the service when all start as early as possible.
    end: Seconds,
    /// Latest start of the service that lets the rest be made in time.
    latest: Seconds,
}

/// A sequence of visits from a base and back. Days and teams are no part of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Route {
    pub(crate) base: usize,
    pub(crate) visits: Vec<u32>,
    stops: Vec<Stop>,
    /// Travel from the last visit.
    home: Seconds,
    /// Travel in all, seconds.
    pub(crate) travel: Seconds,
    /// What travel and services leave of the shift, seconds; waiting and lunch must fit into that, too.
    spare: Seconds,
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
        self.stops.clear();
        (self.travel, self.home) = (0, 0);
        let (mut node, mut clock, mut busy) = (self.base, problem.shift.start, 0);
        for visit in &self.visits {
            let visit = *visit as usize;
            let here = problem.node(visit);
            let leg = problem.travel_from(node)[here];
            let Some(start) = timing.earliest(visit, clock + Seconds::from(leg)) else { return false };
            self.travel += Seconds::from(leg);
            busy += timing.service(visit);
            clock = start + timing.service(visit);
            self.stops.push(Stop { node: here as u32, leg, end: clock, latest: 0 });
            node = here;
        }
        if !self.visits.is_empty() {
            self.home = problem.travel(node, self.base);
            self.travel += self.home;
            if clock + self.home > problem.shift.end {
                return false;
            }
        }
        self.spare = problem.shift.end - problem.shift.start - busy - self.travel;
        let (mut leg, mut bound) = (self.home, problem.shift.end);
        for (stop, visit) in self.stops.iter_mut().zip(&self.visits).rev() {
            let visit = *visit as usize;
            let by = bound - leg - timing.service(visit);
            let Some(start) = timing.latest(visit, by) else { return false };
            stop.latest = start;
            (leg, bound) = (Seconds::from(stop.leg), start);
        }
        true
    }

    /// Where the route comes from at position `at`, and where it goes on to.
    #[inline]
    fn neighbours(&self, at: usize) -> (usize, usize) {
        let node = |stop: &Stop| stop.node as usize;
        let before = at.checked_sub(1).map_or(self.base, |before| node(&self.stops[before]));
        (before, self.stops.get(at).map_or(self.base, node))
    }

    /// Extra travel, seconds, when a visit is inserted before position `at`, feasible or not. Constant time.
    #[inline]
    pub(crate) fn detour(&self, here: &Insertion<'_>, at: usize) -> Seconds {
        let (before, after) = self.neighbours(at);
        let replaced = self.stops.get(at).map_or(self.home, |stop| Seconds::from(stop.leg));
        Seconds::from(here.to[before]) + Seconds::from(here.from[after]) - replaced
    }

    /// What travel and services leave of the shift, seconds.
    #[inline]
    pub(crate) fn spare(&self) -> Seconds {
        self.spare
    }

    /// Whether the shift is long enough for a visit with so much extra travel: if not, it fits nowhere in time.
    #[inline]
    pub(crate) fn has_time(&self, here: &Insertion<'_>, extra: Seconds) -> bool {
        here.service + extra <= self.spare
    }

    /// Whether a visit can be inserted before position `at` in time. Constant time.
    pub(crate) fn fits(&self, timing: &Timing<'_>, here: &Insertion<'_>, at: usize) -> bool {
        let (before, after) = self.neighbours(at);
        let shift = &timing.problem.shift;
        let clock = at.checked_sub(1).map_or(shift.start, |before| self.stops[before].end);
        let Some(start) = earliest(here.starts, clock + Seconds::from(here.to[before])) else { return false };
        let by = self.stops.get(at).map_or(shift.end, |next| next.latest);
        start + here.service + Seconds::from(here.from[after]) <= by
    }

    /// Extra cost of travel of an insertion.
    pub(crate) fn price(timing: &Timing<'_>, extra: Seconds) -> Cost {
        timing.problem.cost.travel * extra
    }

    /// Start of each service.
    pub(crate) fn starts(&self, timing: &Timing<'_>) -> Vec<Seconds> {
        self.visits.iter().zip(&self.stops).map(|(v, stop)| stop.end - timing.service(*v as usize)).collect()
    }
}
