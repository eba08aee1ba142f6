//! The network that routes are priced in: bases, visits, the legs between them, and what follows from these alone.

use super::classes::Classes;
use super::listed::Listed;
use super::memory::NgSets;
use super::reachable::Reachable;
use super::workers::share_out;
use crate::routing::Cost;
use crate::routing::problem::Problem;
use crate::routing::route::Timing;

/// Most visits of routes that are searched one by one.
pub(super) const LONGEST: usize = 10;

/// Most visits among which all ways over one visit are compared with those without it.
const MOST_COMPARED: usize = 3000;

/// What every search needs of a problem.
#[derive(Debug)]
pub(super) struct Network<'a> {
    pub(super) timing: &'a Timing<'a>,
    pub(super) classes: &'a Classes,
    pub(super) n: usize,
    /// Cost of a second's travel.
    pub(super) travel: Cost,
    legs: Vec<i64>,
    out: Vec<Vec<i64>>,
    back: Vec<Vec<i64>>,
    /// For each visit the others, nearest first.
    near: Vec<Vec<u32>>,
    /// Visits on the way of a leg that is quicker with them than without; empty where nothing is made of it.
    short_cuts: Vec<bool>,
    /// The quickest ways to visits and home.
    pub(super) reachable: Reachable,
    /// What walks remember at first where routes are too long to be searched one by one.
    pub(super) ng_sets: Option<NgSets>,
    /// Most visits that a route can have, or arrivals of a walk.
    longest: usize,
    /// All routes, where they are few enough.
    listed: Option<Listed>,
    /// Threads to use.
    pub(super) threads: usize,
}

impl<'a> Network<'a> {
    /// Where `stop` comes before short cuts are known, none are.
    pub(super) fn new(
        timing: &'a Timing<'a>,
        classes: &'a Classes,
        threads: usize,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Self {
        let problem = timing.problem;
        let n = problem.visits.len();
        let node = |v: usize| problem.node(v);
        let legs = (0..n * n).map(|at| problem.travel(node(at / n), node(at % n))).collect();
        let bases = 0..problem.bases.len();
        let out = bases.clone().map(|b| (0..n).map(|v| problem.travel(b, node(v))).collect()).collect();
        let back = bases.map(|b| (0..n).map(|v| problem.travel(node(v), b)).collect()).collect();
        let near = (0..n).map(|visit| nearest_first(problem, visit)).collect();
        let travel = problem.cost.travel;
        let mut network = Self {
            timing,
            classes,
            n,
            travel,
            legs,
            out,
            back,
            near,
            short_cuts: Vec::new(),
            reachable: Reachable::default(),
            ng_sets: None,
            longest: 0,
            listed: None,
            threads,
        };
        network.reachable = Reachable::new(&network);
        network.longest = network.most_arrivals();
        if network.longest > LONGEST {
            let ng_sets = NgSets::new(&network);
            network.relax_to_walks(ng_sets);
        } else if classes.views.len() > problem.bases.len() && n <= MOST_COMPARED {
            let found = share_out(threads, n, stop, |visit| network.is_short_cut(visit));
            if found.len() == n {
                network.short_cuts = found.into_iter().map(|(_, is)| is).collect();
            }
        }
        network
    }

    /// Whether some way is quicker over a visit than without it.
    fn is_short_cut(&self, visit: usize) -> bool {
        let mut others = (0..self.n).filter(|other| *other != visit);
        others.any(|from| {
            let before = self.leg(from, visit);
            let home = self.back.iter().any(|back| back[from] > before + back[visit]);
            home || (0..self.n)
                .any(|to| to != from && to != visit && self.leg(from, to) > before + self.leg(visit, to))
        }) || self
            .out
            .iter()
            .any(|out| (0..self.n).any(|to| to != visit && out[to] > out[visit] + self.leg(visit, to)))
    }

    /// Whether a visit is known to be no short cut: no way is quicker over it than without it.
    pub(super) fn keeps_triangles(&self, visit: usize) -> bool {
        self.short_cuts.get(visit) == Some(&false)
    }

    /// The visits that a leg leads to from one, nearest first.
    pub(super) fn near(&self, visit: usize) -> &[u32] {
        &self.near[visit]
    }

    /// From here on routes are walks with a memory.
    pub(super) fn relax_to_walks(&mut self, ng_sets: NgSets) {
        self.ng_sets = Some(ng_sets);
        self.longest = self.most_arrivals();
    }

    /// Lists all routes if they are few enough, so that no search is needed any more.
    pub(super) fn list_routes(&mut self) {
        self.listed = Listed::new(self);
    }

    /// All routes, if they are listed.
    pub(super) fn listed(&self) -> Option<&Listed> {
        self.listed.as_ref()
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

    /// A cost below which no route lies.
    pub(super) fn cheapest_route(&self) -> Cost {
        let problem = self.timing.problem;
        let travel = |base: usize| {
            let legs = (0..self.n).map(move |v| self.out[base][v]).min().unwrap_or(0);
            legs + self.back[base].iter().min().copied().unwrap_or(0)
        };
        let least = (0..problem.bases.len()).map(travel).min().unwrap_or(0);
        problem.cost.team_day + self.travel * least
    }

    /// Most visits that a route can have, or arrivals of a walk.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// What `max_visits` and the shift have room for.
    fn most_arrivals(&self) -> usize {
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
        if self.ng_sets.as_ref().is_some_and(|sets| !sets.hold_all()) {
            // A walk may come back to the quickest visit again and again, for ever if that takes no time.
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
}

/// The other visits by the leg to them; ties go to the lower index.
fn nearest_first(problem: &Problem, visit: usize) -> Vec<u32> {
    let leg = |other: &u32| (problem.travel(problem.node(visit), problem.node(*other as usize)), *other);
    let mut out: Vec<u32> = (0..problem.visits.len() as u32).filter(|other| *other as usize != visit).collect();
    out.sort_by_key(leg);
    out
}
