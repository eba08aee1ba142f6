//! Recreate: greedy insertion with blinks.
//!
//! Christiaens and Vanden Berghe 2020, "Slack induction by string removals for vehicle routing problems", section 5.3:
//! absent visits, in an order drawn by lot among a few, go where they cost least; each position is overlooked once in a
//! hundred times, which keeps the greedy step from repeating itself.
//! Where visits have windows, their lengths, beginnings and ends make orders, too. One order is added: visits
//! with the fewest slots first.

use std::cmp::Reverse;

use rand::Rng;

use super::blinks::Blinks;
use super::ruin::Neighbours;
use super::state::{Move, State};
use crate::routing::dice::Dice;
use crate::routing::problem::Problem;
use crate::routing::route::Route;
use crate::routing::{Cost, Seconds};

/// Routes looked at for an insertion are those of so many nearest visits, itself among them.
const NEAR: usize = 80;

/// Which routes an insertion looks at, each once, and which positions it overlooks.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// For each route the number of the last scan that met it.
    met: Vec<u64>,
    number: u64,
    routes: Vec<u32>,
    blinks: Blinks,
}

impl Scan {
    /// The routes of visits that have as many seconds to spare as are needed, in the order of the visits.
    fn near(&mut self, state: &State<'_>, near: &[u32], needs: Seconds) {
        self.number += 1;
        self.met.resize(state.routes.len(), 0);
        self.routes.clear();
        for other in near {
            if state.room[*other as usize] >= needs
                && let Some(route) = state.route_of[*other as usize]
                && self.met[route as usize] != self.number
            {
                self.met[route as usize] = self.number;
                self.routes.push(route);
            }
        }
    }

    /// All routes.
    fn all(&mut self, state: &State<'_>) {
        self.routes.clear();
        self.routes.extend(state.placed().map(|(index, _)| index as u32));
    }
}

/// Facts of each visit that the orders use.
#[derive(Debug)]
pub(super) struct Traits {
    /// Travel from the nearest base and back, seconds.
    pub(super) distance: Vec<i64>,
    /// What it takes of a shift at least, beside visits near to it: its service and the least detour, seconds.
    needs: Vec<Seconds>,
    /// Number of slots it may use.
    pub(super) slots: Vec<usize>,
    /// For each visit the bases from which it can be made alone.
    pub(super) reachable: Vec<Vec<usize>>,
    /// For each visit how many seconds it may start in, the first and the last of them.
    starts: Vec<[i64; 3]>,
    /// Whether any visit has windows of its own.
    windows: bool,
    /// Whether leaving a visit out may cost less than a route for it alone.
    cheap_to_leave_out: bool,
}

impl Traits {
    pub(super) fn new(state: &State<'_>, near: &Neighbours) -> Self {
        let problem = state.timing.problem;
        let n = problem.visits.len();
        let reachable = (0..n)
            .map(|visit| {
                let alone = |base: &usize| Route::new(state.timing, *base, vec![visit as u32]).is_some();
                (0..problem.bases.len()).filter(alone).collect()
            })
            .collect();
        let distance: Vec<i64> = (0..n)
            .map(|visit| {
                let node = problem.node(visit);
                (0..problem.bases.len())
                    .map(|b| problem.travel(b, node) + problem.travel(node, b))
                    .min()
                    .unwrap_or(0)
            })
            .collect();
        let alone = problem.cost.team_day + problem.cost.travel * distance.iter().max().unwrap_or(&0);
        let slots = state.slots.of_visit.iter().map(|set| set.iter().count()).collect();
        let starts = (0..n)
            .map(|visit| {
                let starts = state.timing.starts(visit);
                let first = starts.first().map_or(0, |interval| interval.0);
                let last = starts.last().map_or(0, |interval| interval.1);
                [starts.iter().map(|(first, last)| last - first).sum(), first, last]
            })
            .collect();
        let needs = (0..n)
            .map(|visit| problem.visits[visit].service + least_detour(problem, visit, nearest(near, visit)))
            .collect();
        let windows = problem.visits.iter().any(|visit| !visit.windows.is_empty());
        Self {
            distance,
            needs,
            slots,
            reachable,
            starts,
            windows,
            cheap_to_leave_out: problem.cost.unscheduled < alone,
        }
    }
}

/// The visits whose routes an insertion looks at, nearest first.
fn nearest(near: &Neighbours, visit: usize) -> &[u32] {
    let all = near.of(visit);
    &all[..all.len().min(NEAR)]
}

/// The least extra travel for a visit between two of those `near` it, or one of them and a base. It is negative where a leg
/// is quicker over the visit than without it.
fn least_detour(problem: &Problem, visit: usize, near: &[u32]) -> Seconds {
    let here = problem.node(visit);
    let others = near.iter().map(|other| *other as usize).filter(|other| *other != visit);
    let nodes: Vec<usize> = (0..problem.bases.len()).chain(others.map(|other| problem.node(other))).collect();
    let over =
        |from: usize, to: usize| problem.travel(from, here) + problem.travel(here, to) - problem.travel(from, to);
    let detours = nodes.iter().flat_map(|from| nodes.iter().map(move |to| over(*from, *to)));
    detours.min().unwrap_or(0)
}

/// Where an absent visit goes.
#[derive(Debug, Clone, Copy)]
enum Spot {
    /// Before a position of a route.
    In(usize, usize, Move),
    /// Into a new route from a base.
    Alone(usize, Move),
}

/// Inserts absent visits, each where it costs least, as long as leaving it out costs no less.
///
/// Where leaving out is cheap, no single visit may be worth a route of its own though several together are. Half of the
/// time such problems pay any price for some of the visits, and acceptance judges the whole.
pub(super) fn greedy<R: Rng>(
    state: &mut State<'_>,
    traits: &Traits,
    near: &Neighbours,
    scan: &mut Scan,
    dice: &mut Dice<R>,
) {
    let mut waiting = std::mem::take(&mut state.absent);
    order(state, &mut waiting, traits, dice);
    let generous = traits.cheap_to_leave_out && dice.once_in(2);
    for visit in waiting {
        if generous && dice.once_in(3) {
            state.absent.push(visit);
            continue;
        }
        let limit = if generous { Cost::MAX / 4 } else { state.timing.problem.cost.unscheduled };
        scan.near(state, nearest(near, visit as usize), traits.needs[visit as usize]);
        let Scan { routes, blinks, .. } = scan;
        match cheapest(state, traits, routes, visit, limit, &mut || blinks.next(dice)) {
            Some(spot) => put(state, visit, spot),
            None => state.absent.push(visit),
        }
    }
}

/// Dissolves routes that cost more than leaving their visits out.
pub(super) fn prune(state: &mut State<'_>) {
    let cost = &state.timing.problem.cost;
    let dear: Vec<usize> = state
        .placed()
        .filter(|(_, p)| {
            let own =
                cost.team_day + cost.travel * p.route.travel + state.slots.route_price(&p.route.visits, p.slot);
            own > p.route.visits.len() as Cost * cost.unscheduled
        })
        .map(|(index, _)| index)
        .collect();
    for index in dear {
        let all = state.routes[index].as_ref().map_or(0, |p| p.route.visits.len());
        state.take_out(index, 0, all);
    }
}

/// Inserts every absent visit that an insertion can place at no higher cost, overlooking nothing.
pub(super) fn complete(state: &mut State<'_>, traits: &Traits) {
    let mut scan = Scan::default();
    loop {
        let waiting = std::mem::take(&mut state.absent);
        let before = waiting.len();
        for visit in waiting {
            let limit = state.timing.problem.cost.unscheduled;
            scan.all(state);
            match cheapest(state, traits, &scan.routes, visit, limit, &mut || false) {
                Some(spot) => put(state, visit, spot),
                None => state.absent.push(visit),
            }
        }
        if state.absent.len() == before {
            return;
        }
    }
}

fn put(state: &mut State<'_>, visit: u32, spot: Spot) {
    match spot {
        Spot::In(index, at, to) => state.insert(index, visit, at, to),
        Spot::Alone(base, to) => state.open(base, visit, to),
    }
}

fn order<R: Rng>(state: &State<'_>, waiting: &mut [u32], traits: &Traits, dice: &mut Dice<R>) {
    // A sorted start makes the shuffle, and so the run, independent of the order of removal.
    waiting.sort_unstable();
    dice.shuffle(waiting);
    let visits = &state.timing.problem.visits;
    match dice.below(if traits.windows { 19 } else { 13 }) {
        0..=3 => {}
        4..=7 => waiting.sort_by_key(|v| Reverse(visits[*v as usize].service)),
        8..=9 => waiting.sort_by_key(|v| Reverse(traits.distance[*v as usize])),
        10 => waiting.sort_by_key(|v| traits.distance[*v as usize]),
        11..=12 => waiting.sort_by_key(|v| traits.slots[*v as usize]),
        13..=14 => waiting.sort_by_key(|v| traits.starts[*v as usize][0]),
        15..=16 => waiting.sort_by_key(|v| traits.starts[*v as usize][1]),
        _ => waiting.sort_by_key(|v| Reverse(traits.starts[*v as usize][2])),
    }
}

/// The cheapest spot in one of `routes` or a new one, if it costs no more than `limit`.
fn cheapest(
    state: &State<'_>,
    traits: &Traits,
    routes: &[u32],
    visit: u32,
    limit: Cost,
    blink: &mut impl FnMut() -> bool,
) -> Option<Spot> {
    let timing = state.timing;
    let problem = timing.problem;
    let v = visit as usize;
    let mut best: (Cost, Option<Spot>) = (limit + 1, None);
    let here = timing.insertion(v);
    for index in routes {
        let index = *index as usize;
        let Some(placed) = &state.routes[index] else { continue };
        let route = &placed.route;
        let mut to: Option<Option<Move>> = None;
        // A route that moves can save no more than what it pays for change now.
        let saved = state.slots.route_price(&route.visits, placed.slot);
        for at in 0..=route.visits.len() {
            let extra = route.detour(&here, at);
            let cost = Route::price(timing, extra);
            if cost - saved >= best.0 || !route.has_time(&here, extra) {
                continue;
            }
            if blink() || !route.fits(timing, &here, at) {
                continue;
            }
            let Some(to) = *to.get_or_insert_with(|| state.slot_with(index, visit)) else { break };
            if cost + to.price < best.0 {
                best = (cost + to.price, Some(Spot::In(index, at, to)));
            }
        }
    }
    for base in &traits.reachable[v] {
        let node = problem.node(v);
        let travel = problem.travel(*base, node) + problem.travel(node, *base);
        let cost = problem.cost.team_day + problem.cost.travel * travel;
        if cost >= best.0 || blink() {
            continue;
        }
        if let Some(to) = state.slot_alone(*base, visit)
            && cost + to.price < best.0
        {
            best = (cost + to.price, Some(Spot::Alone(*base, to)));
        }
    }
    best.1
}
