//! A schedule under change: routes in slots, visits left out, and an undo log.

use crate::routing::route::{Route, Timing};
use crate::routing::slots::{SlotSet, Slots};
use crate::routing::{Cost, Seconds};

/// Less than any visit needs.
const NO_ROOM: Seconds = Seconds::MIN;

/// A route in its slot.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    pub(crate) route: Route,
    pub(super) slot: usize,
    /// Slots it could use.
    pub(super) mask: SlotSet,
}

/// Where a route is to stand, and the one route that must make room for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Move {
    pub(super) slot: usize,
    /// Route and the free slot it moves to.
    pub(super) displaced: Option<(usize, usize)>,
    /// Change of the prices of change.
    pub(super) price: Cost,
}

/// A schedule under change.
#[derive(Debug, Clone)]
pub(crate) struct State<'a> {
    pub(super) timing: &'a Timing<'a>,
    pub(super) slots: &'a Slots<'a>,
    /// Holes are routes that were dissolved.
    pub(super) routes: Vec<Option<Placed>>,
    /// Route of each visit.
    pub(super) route_of: Vec<Option<u32>>,
    /// For each visit what its route has to spare for another one, seconds; [`NO_ROOM`] where it has no route, or one that no
    /// team may make longer.
    pub(super) room: Vec<Seconds>,
    /// Visits in no route.
    pub(crate) absent: Vec<u32>,
    /// Route in each slot.
    in_slot: Vec<Option<u32>>,
    free: SlotSet,
    pub(crate) cost: Cost,
    /// Routes there are, and how many there may be.
    count: usize,
    most: usize,
    /// Routes as they were before the first change since [`Self::mark`].
    log: Vec<(u32, Option<Placed>)>,
    mark: (Vec<u32>, Cost),
}

impl<'a> State<'a> {
    /// Nothing scheduled.
    pub(super) fn new(timing: &'a Timing<'a>, slots: &'a Slots<'a>) -> Self {
        let n = timing.problem.visits.len();
        let mut free = SlotSet::empty(slots.count);
        slots.of_base.iter().flat_map(SlotSet::iter).for_each(|slot| free.insert(slot));
        Self {
            timing,
            slots,
            routes: Vec::new(),
            route_of: vec![None; n],
            room: vec![NO_ROOM; n],
            absent: (0..n as u32).collect(),
            in_slot: vec![None; slots.count],
            free,
            cost: n as Cost * timing.problem.cost.unscheduled,
            count: 0,
            most: usize::MAX,
            log: Vec::new(),
            mark: (Vec::new(), 0),
        }
    }

    /// From here on changes can be undone.
    pub(super) fn mark(&mut self) {
        self.log.clear();
        self.mark.0.clone_from(&self.absent);
        self.mark.1 = self.cost;
    }

    /// Cost at the last [`Self::mark`].
    pub(super) fn mark_cost(&self) -> Cost {
        self.mark.1
    }

    /// Back to the last [`Self::mark`].
    pub(super) fn undo(&mut self) {
        let log = std::mem::take(&mut self.log);
        for (index, _) in &log {
            self.vacate(*index as usize);
        }
        for (index, placed) in log {
            let index = index as usize;
            if let Some(placed) = &placed {
                self.count += 1;
                self.occupy(index, placed.slot);
            }
            self.routes[index] = placed;
            self.enrol(index);
        }
        self.absent.clone_from(&self.mark.0);
        self.cost = self.mark.1;
    }

    /// Takes route `index` out of slots and lists, without logging.
    fn vacate(&mut self, index: usize) {
        if let Some(placed) = self.routes[index].take() {
            self.count -= 1;
            debug_assert_eq!(self.in_slot[placed.slot], Some(index as u32));
            self.in_slot[placed.slot] = None;
            self.free.insert(placed.slot);
            placed.route.visits.into_iter().for_each(|visit| self.release(visit));
        }
    }

    /// Enters route `index` as that of its visits.
    fn enrol(&mut self, index: usize) {
        let Some(Placed { route, .. }) = &self.routes[index] else { return };
        let room = if route.visits.len() < self.slots.most_visits { route.spare() } else { NO_ROOM };
        for visit in &route.visits {
            self.route_of[*visit as usize] = Some(index as u32);
            self.room[*visit as usize] = room;
        }
    }

    /// Enters a visit as one without a route.
    fn release(&mut self, visit: u32) {
        self.route_of[visit as usize] = None;
        self.room[visit as usize] = NO_ROOM;
    }

    fn occupy(&mut self, index: usize, slot: usize) {
        self.in_slot[slot] = Some(index as u32);
        self.free.remove(slot);
    }

    fn remember(&mut self, index: usize) {
        if self.log.iter().all(|(logged, _)| *logged as usize != index) {
            self.log.push((index as u32, self.routes[index].clone()));
        }
    }

    /// Takes visits at positions `from..to` out of route `index`, or dissolves it if nothing stays.
    ///
    /// Without the triangle inequality the rest may be infeasible; then all of the route is taken out.
    pub(super) fn take_out(&mut self, index: usize, from: usize, to: usize) {
        self.remember(index);
        let Some(placed) = self.routes[index].as_mut() else { return };
        let problem = self.timing.problem;
        self.cost -= problem.cost.travel * placed.route.travel;
        self.cost -= self.slots.route_price(&placed.route.visits, placed.slot);
        let mut taken: Vec<u32> = placed.route.visits.drain(from..to).collect();
        if !placed.route.visits.is_empty() && !placed.route.refresh(self.timing) {
            taken.append(&mut placed.route.visits);
        }
        self.cost += taken.len() as Cost * problem.cost.unscheduled;
        self.absent.extend_from_slice(&taken);
        if placed.route.visits.is_empty() {
            self.cost -= problem.cost.team_day;
            self.vacate(index);
        } else {
            self.cost += problem.cost.travel * placed.route.travel;
            self.cost += self.slots.route_price(&placed.route.visits, placed.slot);
            placed.mask.copy_from(&self.slots.of_route(placed.route.base, &placed.route.visits));
            self.enrol(index);
        }
        for visit in taken {
            self.release(visit);
        }
    }

    /// Where a route of `visits` could stand if it may use `mask`; `own` is the route's present slot, free for others.
    fn find_slot(&self, mask: &SlotSet, visits: &[u32], extra: u32, own: Option<usize>) -> Option<Move> {
        let before = own.map_or(0, |own| self.slots.route_price(visits, own));
        let price =
            |slot: usize| self.slots.route_price(visits, slot) + self.slots.price(extra as usize, slot) - before;
        let at = |slot: usize| Move { slot, displaced: None, price: price(slot) };
        let stay = own.filter(|own| mask.contains(*own));
        // Nothing is cheaper than no price at all.
        let mut best = stay.map(at);
        for slot in SlotSet::common([mask, &self.free]) {
            if best.is_some_and(|best| best.price == -before) {
                break;
            }
            let other = at(slot);
            if best.is_none_or(|best| (other.price, slot) < (best.price, best.slot)) {
                best = Some(other);
            }
        }
        if best.is_some() {
            return best;
        }
        for slot in mask.iter() {
            let Some(other) = self.in_slot[slot] else { continue };
            let Some(placed) = &self.routes[other as usize] else { continue };
            let elsewhere = own
                .filter(|own| placed.mask.contains(*own) && *own != slot)
                .or_else(|| SlotSet::common([&placed.mask, &self.free]).next());
            if let Some(to) = elsewhere {
                let moved = self.slots.route_price(&placed.route.visits, to)
                    - self.slots.route_price(&placed.route.visits, slot);
                let way = Move { slot, displaced: Some((other as usize, to)), price: price(slot) + moved };
                if !self.slots.priced {
                    return Some(way);
                }
                if best.is_none_or(|best| way.price < best.price) {
                    best = Some(way);
                }
            }
        }
        best
    }

    /// Where route `index` could stand with `visit` in it.
    pub(super) fn slot_with(&self, index: usize, visit: u32) -> Option<Move> {
        let placed = self.routes[index].as_ref()?;
        let allowed = &self.slots.of_visit[visit as usize];
        let longer = self.slots.for_length(placed.route.visits.len() + 1);
        if !self.slots.priced && allowed.contains(placed.slot) && longer.contains(placed.slot) {
            return Some(Move { slot: placed.slot, displaced: None, price: 0 });
        }
        let mut mask = placed.mask.clone();
        mask.intersect(allowed);
        mask.intersect(longer);
        self.find_slot(&mask, &placed.route.visits, visit, Some(placed.slot))
    }

    /// Where a new route of `visit` alone from `base` could stand.
    pub(super) fn slot_alone(&self, base: usize, visit: u32) -> Option<Move> {
        if self.count >= self.most {
            return None;
        }
        let mask = self.slots.of_route(base, &[visit]);
        self.find_slot(&mask, &[], visit, None)
    }

    fn make_room(&mut self, at: Move) {
        if let Some((other, to)) = at.displaced {
            self.remember(other);
            if let Some(placed) = self.routes[other].as_mut() {
                self.in_slot[placed.slot] = None;
                self.free.insert(placed.slot);
                placed.slot = to;
            }
            self.occupy(other, to);
        }
    }

    /// Inserts an absent visit before position `at` of route `index`, which moves to the slot of `to`.
    ///
    /// The caller has tested timing and slot and takes the visit off the list of absent ones.
    pub(super) fn insert(&mut self, index: usize, visit: u32, at: usize, to: Move) {
        self.remember(index);
        let Some(own) = self.routes[index].as_ref().map(|p| p.slot) else { return };
        if to.slot != own {
            self.in_slot[own] = None;
            self.free.insert(own);
        }
        self.make_room(to);
        self.occupy(index, to.slot);
        let problem = self.timing.problem;
        let Some(placed) = self.routes[index].as_mut() else { return };
        placed.slot = to.slot;
        self.cost -= problem.cost.travel * placed.route.travel;
        placed.route.visits.insert(at, visit);
        let feasible = placed.route.refresh(self.timing);
        debug_assert!(feasible, "insertion was tested");
        self.cost += problem.cost.travel * placed.route.travel + to.price - problem.cost.unscheduled;
        placed.mask.intersect(&self.slots.of_visit[visit as usize]);
        placed.mask.intersect(self.slots.for_length(placed.route.visits.len()));
        self.enrol(index);
    }

    /// Opens a route for an absent visit.
    pub(super) fn open(&mut self, base: usize, visit: u32, to: Move) {
        let Some(route) = Route::new(self.timing, base, vec![visit]) else { return };
        let index = self.routes.iter().position(Option::is_none).unwrap_or(self.routes.len());
        if index == self.routes.len() {
            self.routes.push(None);
        }
        self.remember(index);
        self.count += 1;
        self.make_room(to);
        self.occupy(index, to.slot);
        let cost = &self.timing.problem.cost;
        self.cost += cost.team_day + cost.travel * route.travel + to.price - cost.unscheduled;
        let mask = self.slots.of_route(base, &[visit]);
        self.routes[index] = Some(Placed { route, slot: to.slot, mask });
        self.enrol(index);
    }

    /// A schedule of these routes in these slots, all distinct; the other visits are left out.
    pub(super) fn with_routes(
        timing: &'a Timing<'a>,
        slots: &'a Slots<'a>,
        routes: impl IntoIterator<Item = (Route, usize)>,
    ) -> Self {
        let mut out = Self::new(timing, slots);
        let cost = &timing.problem.cost;
        for (route, slot) in routes {
            let index = out.routes.len();
            out.routes.push(None);
            out.count += 1;
            out.occupy(index, slot);
            let price = slots.route_price(&route.visits, slot);
            let spared = route.visits.len() as Cost * cost.unscheduled;
            out.cost += cost.team_day + cost.travel * route.travel + price - spared;
            let mask = slots.of_route(route.base, &route.visits);
            out.routes[index] = Some(Placed { route, slot, mask });
            out.enrol(index);
        }
        out.absent.retain(|visit| out.route_of[*visit as usize].is_none());
        out
    }

    /// Routes there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// From here on no route is opened beyond so many.
    pub(super) fn limit(&mut self, most: usize) {
        self.most = most;
    }

    /// Routes that are not as they were at the last [`Self::mark`].
    pub(super) fn changed(&self) -> impl Iterator<Item = &Placed> {
        self.log.iter().filter_map(|(index, _)| self.routes[*index as usize].as_ref())
    }

    /// Routes with their slots.
    pub(crate) fn placed(&self) -> impl Iterator<Item = (usize, &Placed)> {
        self.routes.iter().enumerate().filter_map(|(index, placed)| placed.as_ref().map(|p| (index, p)))
    }
}
