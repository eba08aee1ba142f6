//! Placement: the chosen routes on teams and days, among slots of equal cost.
//!
//! `early`: an assignment of least total price of change, then least sum of day indices, then least sum of team indices,
//! found by successive shortest augmenting paths (Jonker and Volgenant 1987, "A shortest augmenting path
//! algorithm for dense and sparse linear assignment problems"). `spread`: from there, moves of
//! single routes and of two routes at once towards days with fewer routes, prices unchanged.

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

/// The slot of each route; `None` if they cannot all be placed.
pub(crate) fn place(slots: &Slots<'_>, routes: &[Candidate<'_>], how: Placement) -> Option<Vec<usize>> {
    let mut out: Vec<usize> = assign(slots, routes).into_iter().collect::<Option<_>>()?;
    if how == Placement::Spread {
        spread(slots, routes, &mut out);
    }
    Some(out)
}

/// The slot of each route, as many as can be placed; earlier routes first.
pub(crate) fn assign(slots: &Slots<'_>, routes: &[Candidate<'_>]) -> Vec<Option<usize>> {
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
