//! Placement: the chosen routes on teams and days, among slots of equal cost.
//!
//! `early`: an assignment of least total price of change, then least sum of day indices, then least sum of team indices. Where
//! nothing has a price it is found by augmenting paths, one a route and one a slot (`earliest`), else by successive shortest
//! ones (`cheapest`). `spread`: from there, moves of single routes and of two routes at once towards days with fewer routes,
//! prices unchanged.

use std::collections::VecDeque;

use super::problem::Placement;
use super::route::Route;
use super::slots::{SlotSet, Slots};

/// A route as placement sees it: its visits and the slots it may use.
#[derive(Debug)]
pub(crate) struct Candidate<'a> {
    pub(crate) visits: &'a [u32],
    pub(crate) mask: SlotSet,
}

impl<'a> Candidate<'a> {
    pub(crate) fn new(slots: &Slots<'_>, route: &'a Route) -> Self {
        Self { visits: &route.visits, mask: slots.of_route(route.base, &route.visits) }
    }
}

/// Sorts routes and places them as the problem wants it: so that does not depend on how they were found.
pub(crate) fn place_sorted<T>(
    slots: &Slots<'_>,
    list: &mut [T],
    route: impl Fn(&T) -> &Route,
    how: Placement,
) -> Option<Vec<usize>> {
    list.sort_by(|a, b| route(a).visits.cmp(&route(b).visits));
    let candidates: Vec<Candidate<'_>> = list.iter().map(|one| Candidate::new(slots, route(one))).collect();
    place(slots, &candidates, how)
}

/// The slot of each route; `None` if they cannot all be placed.
fn place(slots: &Slots<'_>, routes: &[Candidate<'_>], how: Placement) -> Option<Vec<usize>> {
    let mut out: Vec<usize> = assign(slots, routes).into_iter().collect::<Option<_>>()?;
    if how == Placement::Spread {
        spread(slots, routes, &mut out);
    }
    Some(out)
}

/// The slot of each route, as many as can be placed; earlier routes first.
pub(crate) fn assign(slots: &Slots<'_>, routes: &[Candidate<'_>]) -> Vec<Option<usize>> {
    if slots.priced { cheapest(slots, routes) } else { earliest(slots, routes) }
}

/// The same where only the slots used matter, of which the first come first.
///
/// Sets of routes that can be placed together are a matroid, and so are sets of slots that can be used together (transversal
/// matroids: Edmonds and Fulkerson 1965, "Transversals and matroid partition"). So routes are placed one after the other
/// wherever a path of moves makes room, and then each free slot is used instead of the last one that moves can free for it: as
/// an edge of a graph, one at a time, replaces the dearest of its circle in a spanning tree.
fn earliest(slots: &Slots<'_>, routes: &[Candidate<'_>]) -> Vec<Option<usize>> {
    let mut placed = Moves::new(slots.count, routes);
    for route in 0..routes.len() {
        placed.place(route);
    }
    for slot in 0..slots.count {
        if placed.last_used().is_none_or(|last| slot > last) {
            break;
        }
        if placed.in_slot[slot].is_none() {
            placed.use_instead(slot);
        }
    }
    placed.slot_of
}

/// Routes in slots, which move to make room for each other.
struct Moves<'a> {
    routes: &'a [Candidate<'a>],
    in_slot: Vec<Option<usize>>,
    slot_of: Vec<Option<usize>>,
}

impl<'a> Moves<'a> {
    fn new(slots: usize, routes: &'a [Candidate<'a>]) -> Self {
        Self { routes, in_slot: vec![None; slots], slot_of: vec![None; routes.len()] }
    }

    fn last_used(&self) -> Option<usize> {
        self.in_slot.iter().rposition(Option::is_some)
    }

    fn put(&mut self, route: usize, slot: usize) {
        self.in_slot[slot] = Some(route);
        self.slot_of[route] = Some(slot);
    }

    /// Places a route in the first slot that is free for it or, where none is, in one that others leave for a free one.
    fn place(&mut self, route: usize) {
        // The route that a slot would be left to, of those looked at.
        let mut left_to: Vec<Option<usize>> = vec![None; self.in_slot.len()];
        let mut queue = VecDeque::from([route]);
        while let Some(mover) = queue.pop_front() {
            let mask = &self.routes[mover].mask;
            if let Some(free) = mask.iter().find(|slot| self.in_slot[*slot].is_none()) {
                let (mut mover, mut to) = (mover, free);
                loop {
                    let from = self.slot_of[mover];
                    self.put(mover, to);
                    let Some((from, next)) = from.and_then(|from| Some((from, left_to[from]?))) else { return };
                    (mover, to) = (next, from);
                }
            }
            for slot in mask.iter() {
                if left_to[slot].is_none()
                    && let Some(other) = self.in_slot[slot]
                {
                    left_to[slot] = Some(mover);
                    queue.push_back(other);
                }
            }
        }
    }

    /// Uses a free slot instead of the last one that moves into it can free, if that comes after it.
    fn use_instead(&mut self, free: usize) {
        // The slot that a slot's route would move to, of those looked at.
        let mut moves_to: Vec<Option<usize>> = vec![None; self.in_slot.len()];
        let mut rest: Vec<usize> = (0..self.routes.len()).filter(|route| self.slot_of[*route].is_some()).collect();
        let mut queue = VecDeque::from([free]);
        let mut last = free;
        while let Some(to) = queue.pop_front() {
            rest.retain(|route| {
                if !self.routes[*route].mask.contains(to) {
                    return true;
                }
                if let Some(own) = self.slot_of[*route] {
                    moves_to[own] = Some(to);
                    last = last.max(own);
                    queue.push_back(own);
                }
                false
            });
        }
        if last == free {
            return;
        }
        let mut moving = Vec::new();
        let mut slot = last;
        while let Some(to) = moves_to[slot] {
            moving.extend(self.in_slot[slot].map(|route| (route, to)));
            slot = to;
        }
        self.in_slot[last] = None;
        for (route, to) in moving {
            self.put(route, to);
        }
    }
}

/// The same of least total price of change, then least sum of days, then of teams, by successive shortest augmenting paths
/// (Jonker and Volgenant 1987, "A shortest augmenting path algorithm for dense and sparse linear assignment problems").
fn cheapest(slots: &Slots<'_>, routes: &[Candidate<'_>]) -> Vec<Option<usize>> {
    // Lexicographic: price, sum of days and sum of teams, each below the weight of the one before it.
    let (_, last_team) = slots.day_team(slots.count.saturating_sub(1));
    let (last_day, _) = slots.day_team(slots.count.saturating_sub(1));
    let day_weight = (routes.len() * (last_team + 1)) as i128;
    let price_weight = day_weight * (routes.len() * (last_day + 1) + 1) as i128;
    let cost = |route: usize, slot: usize| {
        let (day, team) = slots.day_team(slot);
        i128::from(slots.route_price(routes[route].visits, slot)) * price_weight
            + day as i128 * day_weight
            + team as i128
    };
    let mut in_slot: Vec<Option<usize>> = vec![None; slots.count];
    let mut slot_of: Vec<Option<usize>> = vec![None; routes.len()];
    let mut route_dual = vec![0_i128; routes.len()];
    let mut slot_dual = vec![0_i128; slots.count];
    for start in 0..routes.len() {
        let mut distance = vec![i128::MAX; slots.count];
        let mut from: Vec<usize> = vec![usize::MAX; slots.count];
        let mut done = vec![false; slots.count];
        let (mut route, mut reached, mut last) = (start, 0_i128, None);
        let mut path: Vec<(usize, i128)> = Vec::new();
        let end = loop {
            for slot in routes[route].mask.iter().filter(|slot| !done[*slot]) {
                let through = reached + cost(route, slot) - route_dual[route] - slot_dual[slot];
                if through < distance[slot] {
                    distance[slot] = through;
                    from[slot] = last.unwrap_or(usize::MAX);
                }
            }
            let reachable = (0..slots.count).filter(|s| !done[*s] && distance[*s] < i128::MAX);
            let Some(next) = reachable.min_by_key(|s| distance[*s]) else { break None };
            reached = distance[next];
            done[next] = true;
            last = Some(next);
            match in_slot[next] {
                Some(other) => {
                    path.push((next, reached));
                    route = other;
                }
                None => break Some(next),
            }
        };
        // No way to place it, not even by moving others.
        let Some(end) = end else { continue };
        route_dual[start] += reached;
        for (slot, at) in path {
            slot_dual[slot] -= reached - at;
            if let Some(other) = in_slot[slot] {
                route_dual[other] += reached - at;
            }
        }
        let mut slot = end;
        loop {
            let before = from[slot];
            let mover = if before == usize::MAX { Some(start) } else { in_slot[before] };
            in_slot[slot] = mover;
            if let Some(mover) = mover {
                slot_of[mover] = Some(slot);
            }
            if before == usize::MAX {
                break;
            }
            slot = before;
        }
    }
    slot_of
}

/// Evens out the number of routes a day.
fn spread(slots: &Slots<'_>, routes: &[Candidate<'_>], slot_of: &mut [usize]) {
    let day = |slot: usize| slots.day_team(slot).0;
    let mut load = vec![0_usize; day(slots.count.saturating_sub(1)) + 1];
    let mut in_slot: Vec<Option<usize>> = vec![None; slots.count];
    for (route, slot) in slot_of.iter().enumerate() {
        load[day(*slot)] += 1;
        in_slot[*slot] = Some(route);
    }
    let price = |route: usize, slot: usize| slots.route_price(routes[route].visits, slot);
    // Every move lowers Σ load², so the loop ends.
    while let Some((route, to, pushed)) = (0..routes.len()).find_map(|route| {
        let own = slot_of[route];
        routes[route].mask.iter().filter(|to| price(route, *to) == price(route, own)).find_map(|to| match in_slot
            [to]
        {
            None => (load[day(to)] + 1 < load[day(own)]).then_some((route, to, None)),
            Some(other) if other != route => routes[other]
                .mask
                .iter()
                .find(|third| {
                    in_slot[*third].is_none()
                        && load[day(*third)] + 1 < load[day(own)]
                        && price(other, *third) == price(other, to)
                })
                .map(|third| (route, to, Some((other, third)))),
            Some(_) => None,
        })
    }) {
        let own = slot_of[route];
        in_slot[own] = None;
        load[day(own)] -= 1;
        if let Some((other, third)) = pushed {
            in_slot[third] = Some(other);
            slot_of[other] = third;
            load[day(third)] += 1;
        } else {
            load[day(to)] += 1;
        }
        in_slot[to] = Some(route);
        slot_of[route] = to;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::routing::problem::Problem;
    use crate::routing::route::Timing;
    use crate::routing::solve::tests::random_with;

    /// Routes of one or two visits, feasible ones alone.
    fn short_routes(timing: &Timing<'_>, choice: &[(usize, usize, usize)]) -> Vec<Route> {
        let Problem { bases, visits, .. } = timing.problem;
        let of = |(base, a, b): &(usize, usize, usize)| {
            let (a, b) = ((a % visits.len()) as u32, (b % visits.len()) as u32);
            let route = if a == b { vec![a] } else { vec![a, b] };
            Route::new(timing, base % bases.len(), route)
        };
        choice.iter().filter_map(of).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        /// Both ways place the same routes, and use slots of the same sums of days and teams; each in a slot of its own.
        #[test]
        fn both_ways_come_to_the_same(seed in any::<u64>(), choice in prop::collection::vec(any::<(usize, usize, usize)>(), 1..9)) {
            let mut problem = random_with(seed, 6, true);
            problem.visits.iter_mut().for_each(|visit| visit.planned = None);
            let (timing, slots) = (Timing::new(&problem), Slots::new(&problem));
            let routes = short_routes(&timing, &choice);
            let candidates: Vec<Candidate<'_>> = routes.iter().map(|route| Candidate::new(&slots, route)).collect();
            let all = [earliest(&slots, &candidates), cheapest(&slots, &candidates)];
            let told = all.each_ref().map(|placed| {
                let used: Vec<usize> = placed.iter().flatten().copied().collect();
                let mut distinct = used.clone();
                distinct.sort_unstable();
                distinct.dedup();
                assert_eq!(distinct.len(), used.len());
                let fits = placed.iter().zip(&candidates).all(|(slot, route)| slot.is_none_or(|slot| route.mask.contains(slot)));
                assert!(fits);
                let sums = used.iter().map(|slot| slots.day_team(*slot)).fold((0, 0), |sum, at| (sum.0 + at.0, sum.1 + at.1));
                (placed.iter().map(Option::is_some).collect::<Vec<_>>(), sums)
            });
            prop_assert_eq!(&told[0], &told[1]);
        }
    }
}
