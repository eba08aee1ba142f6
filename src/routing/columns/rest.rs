//! Parts of a schedule, solved as problems of their own.
//!
//! A dive goes wrong at its end: the last routes must make whatever visits are left. So its first routes are kept, and what
//! the others should make is a problem so small that it is soon solved to optimality (a neighbourhood of a partial solution,
//! as in Danna, Rothberg and Le Pape 2005, "Exploring relaxation induced neighborhoods to improve MIP solutions", section 2).
//! So are some routes of a schedule that lie near to each other, while all others stay.

use std::collections::BTreeSet;

use super::case::Case;
use super::classes::Classes;
use super::generate::Generator;
use super::incumbent::{Incumbent, Routes};
use super::network::Network;
use super::pool::Column;
use super::tree::BranchAndBound;
use crate::routing::Cost;
use crate::routing::placement::{Candidate, assign};
use crate::routing::route::{Route, Timing};
use crate::routing::slots::{SlotSet, Slots};

/// Visits that are left to a problem of their own, at most: so many first, then more as long as that is soon decided.
const LEFT: [usize; 3] = [50, 65, 85];
/// Visits that are too many for such a problem, as where many are in no schedule.
const TOO_MANY: usize = 100;
/// Visits of a problem from which on its dives end like this.
const LEAST: usize = 75;
/// Steps that the end of a dive may take.
const STEPS: u64 = 200_000_000;
/// The part of them, as a divisor, that is not worth a try.
const LEAST_SHARE: u64 = 3;
/// Steps that parts of a schedule may take: one of them, and all, which are the more the more visits there are.
const STEPS_OF_A_PART: u64 = 60_000_000;
const STEPS_OF_PARTS: u64 = 600_000_000;
const STEPS_EACH: u64 = 4_000_000;
/// What a step of a part counts for in the whole budget: more than its small linear programmes multiply is setting them up.
const WEIGHT: u64 = 2;

/// The routes that are kept.
pub(super) struct Kept<'k> {
    timing: &'k Timing<'k>,
    slots: &'k Slots<'k>,
    routes: Vec<Route>,
    /// Slots of each.
    sets: Vec<SlotSet>,
    /// Visits that are left.
    visits: Vec<usize>,
}

/// The best of what follows the routes that are kept.
pub(super) struct Best<'b> {
    kept: &'b Kept<'b>,
    /// What the kept routes cost, but for prices of change.
    spent: Cost,
    cost: Cost,
    routes: Option<Vec<Route>>,
}

impl<'b> Best<'b> {
    /// Nothing yet; only what costs less than `cost` will do.
    pub(super) fn new(kept: &'b Kept<'b>, cost: Cost) -> Self {
        let spent = kept.cost();
        Self { kept, spent, cost: cost.saturating_sub(spent), routes: None }
    }

    /// What a route costs before it travels.
    pub(super) fn team_day(&self) -> Cost {
        self.kept.timing.problem.cost.team_day
    }
}

impl Incumbent for Best<'_> {
    fn offer(&mut self, routes: Routes) -> (Cost, Routes, u64) {
        let Kept { timing, slots, .. } = self.kept;
        let problem = timing.problem;
        let number = |visit: u32| self.kept.visits[visit as usize] as u32;
        let numbered = routes.into_iter().map(|(base, visits)| (base, visits.into_iter().map(number).collect()));
        let routes = Route::disjoint(timing, numbered);
        let kept = self.kept.routes.iter().zip(&self.kept.sets);
        let kept = kept.map(|(route, set)| Candidate { visits: &route.visits, mask: set.clone() });
        let candidates: Vec<Candidate<'_>> =
            kept.chain(routes.iter().map(|route| Candidate::new(slots, route))).collect();
        let placed = assign(slots, &candidates);
        let (mut cost, mut left) = (0, problem.visits.len() as Cost);
        for (route, slot) in self.kept.routes.iter().chain(&routes).zip(&placed) {
            let Some(slot) = slot else { continue };
            cost += problem.cost.team_day
                + problem.cost.travel * route.travel
                + slots.route_price(&route.visits, *slot);
            left -= route.visits.len() as Cost;
        }
        cost += left * problem.cost.unscheduled - self.spent;
        if cost < self.cost {
            self.cost = cost;
            self.routes = Some(routes);
        }
        (self.cost, Routes::new(), 0)
    }

    fn count(&self) -> usize {
        self.routes.as_ref().map_or(usize::MAX, Vec::len)
    }

    fn best(&self) -> Routes {
        let number = |visit: &u32| self.kept.visits.binary_search(&(*visit as usize)).ok().map(|at| at as u32);
        let routes = self.routes.iter().flatten();
        routes.map(|route| (route.base, route.visits.iter().filter_map(number).collect())).collect()
    }

    fn bounded(&mut self, _: Cost) {}
}

impl<'k> Kept<'k> {
    pub(super) fn new(timing: &'k Timing<'k>, slots: &'k Slots<'k>, routes: Vec<Route>) -> Self {
        let mut made = vec![false; timing.problem.visits.len()];
        routes.iter().flat_map(|route| &route.visits).for_each(|visit| made[*visit as usize] = true);
        let sets = routes.iter().map(|route| slots.of_route(route.base, &route.visits)).collect();
        let visits = (0..made.len()).filter(|visit| !made[*visit]).collect();
        Self { timing, slots, routes, sets, visits }
    }

    /// The first of the columns `taken`, so many that at most `most` visits are left.
    fn of_dive(
        generator: &Generator<'_>,
        (timing, slots): (&'k Timing<'k>, &'k Slots<'k>),
        taken: &[usize],
        most: usize,
    ) -> Option<Self> {
        let mut left = generator.network.n;
        let mut routes = Vec::new();
        for column in taken.iter().map(|at| &generator.pool.columns[*at]) {
            if left <= most {
                break;
            }
            left -= column.visits.len();
            let base = generator.classes.views[column.view].base;
            routes.push(Route::new(timing, base, column.visits.to_vec())?);
        }
        Some(Self::new(timing, slots, routes))
    }

    /// What the kept routes cost without prices of change, which only their slots decide.
    fn cost(&self) -> Cost {
        let cost = &self.timing.problem.cost;
        self.routes.iter().map(|route| cost.team_day + cost.travel * route.travel).sum()
    }

    /// Routes of the pool that make only visits that are left, as the small problem numbers these.
    pub(super) fn known(&self, generator: &Generator<'_>) -> Routes {
        let mut number = vec![None; generator.network.n];
        self.visits.iter().zip(0..).for_each(|(visit, at)| number[*visit] = Some(at));
        let of = |column: &Column| -> Option<(usize, Vec<u32>)> {
            let visits: Option<Vec<u32>> = column.visits.iter().map(|visit| number[*visit as usize]).collect();
            Some((generator.classes.views[column.view].base, visits?))
        };
        generator.pool.columns.iter().filter_map(of).collect()
    }
}

impl Generator<'_> {
    /// Whether parts of a schedule are problems that are much smaller than the whole one.
    pub(super) fn has_parts(&self) -> bool {
        self.network.ng_sets.is_none() && self.network.n >= LEAST
    }

    /// A schedule cheaper than `total` that begins with the first of the columns `taken` and has as many routes as the case
    /// allows, if one is found.
    pub(super) fn end_well(&mut self, taken: &[usize], case: &Case, total: Cost) -> Option<Routes> {
        let timing = self.network.timing;
        self.end((timing, &Slots::new(timing.problem)), taken, (case, total), STEPS)
    }

    /// The same with times and costs of routes as `timing` has them, and so many steps.
    pub(super) fn end(
        &mut self,
        (timing, slots): (&Timing<'_>, &Slots<'_>),
        taken: &[usize],
        (case, total): (&Case, Cost),
        steps: u64,
    ) -> Option<Routes> {
        let mut budget = steps;
        LEFT.iter().filter(|most| **most < self.network.n).find_map(|most| {
            if budget < steps / LEAST_SHARE {
                return None;
            }
            let kept = Kept::of_dive(self, (timing, slots), taken, *most)?;
            let (_, others) = self.others(&kept, case, total, &mut budget)?;
            Some(kept.routes.into_iter().chain(others).map(|route| (route.base, route.visits)).collect())
        })
    }

    /// A schedule that is cheaper than one of cost `total`, if one is found by solving parts of it one after the other: some
    /// routes and those nearest to them (Taillard and Voss 2002, "POPMUSIC: partial optimization metaheuristic under special
    /// intensification conditions", section 2). Parts that were `tried` are not tried again.
    pub(super) fn improve(
        &mut self,
        mut schedule: Routes,
        total: Cost,
        tried: &mut BTreeSet<Routes>,
    ) -> Option<Routes> {
        let mut budget = STEPS_OF_PARTS.max(STEPS_EACH * self.network.n as u64);
        let mut best = total;
        let timing = self.network.timing;
        let slots = Slots::new(timing.problem);
        let mut seed = 0;
        while seed < schedule.len() && budget > 0 && !self.over() {
            let near = self.around(&schedule, seed);
            seed += 1;
            let mut part: Routes = near.iter().map(|at| schedule[*at].clone()).collect();
            part.sort_unstable();
            if tried.contains(&part) {
                continue;
            }
            let kept = (0..schedule.len()).filter(|at| !near.contains(at)).map(|at| schedule[at].clone());
            let kept = kept.map(|(base, visits)| Route::new(timing, base, visits)).collect::<Option<_>>()?;
            let kept = Kept::new(timing, &slots, kept);
            let count = schedule.len();
            let case = Case { lo: count, hi: Some(count), ..Case::default() };
            let mut allowed = budget.min(STEPS_OF_A_PART);
            let before = allowed;
            let others = self.others(&kept, &case, best, &mut allowed);
            budget -= before - allowed;
            if let Some((cost, others)) = others {
                let routes = kept.routes.into_iter().chain(others);
                schedule = routes.map(|route| (route.base, route.visits)).collect();
                best = cost;
            }
            tried.insert(part);
        }
        (best < total).then_some(schedule)
    }

    /// One of the routes and those with a visit nearest to one of its own, as long as they make few visits.
    fn around(&self, schedule: &Routes, seed: usize) -> Vec<usize> {
        let distance = |at: usize| {
            let legs = schedule[seed].1.iter().flat_map(|a| {
                let there_and_back = |b: &u32| {
                    self.network.leg(*a as usize, *b as usize) + self.network.leg(*b as usize, *a as usize)
                };
                schedule[at].1.iter().map(there_and_back)
            });
            legs.min().unwrap_or(i64::MAX)
        };
        let mut order: Vec<(bool, i64, usize)> =
            (0..schedule.len()).map(|at| (at != seed, distance(at), at)).collect();
        order.sort_unstable();
        let mut visits = 0;
        let near = order.into_iter().map(|(_, _, at)| at).take_while(|at| {
            visits += schedule[*at].1.len();
            visits <= LEFT[0]
        });
        near.collect()
    }

    /// Cost and other routes of a schedule that is cheaper than `total` and has the routes that are kept, if one is found. The
    /// case says how many routes there are in all; what the search takes is taken off the budget.
    fn others(
        &mut self,
        kept: &Kept<'_>,
        case: &Case,
        total: Cost,
        budget: &mut u64,
    ) -> Option<(Cost, Vec<Route>)> {
        let steps = self.steps.min(*budget);
        if steps == 0 || kept.visits.len() > TOO_MANY || self.over() {
            return None;
        }
        let part = kept.timing.problem.part(&kept.visits);
        let (timing, slots) = (Timing::new(&part), Slots::new(&part));
        let classes = Classes::beside(&part, &slots, &kept.sets);
        let network = Network::new(&timing, &classes, self.network.threads, self.outside.stop);
        let mut generator = Generator::new(&network, steps, self.outside);
        generator.take_in(&kept.known(self));
        let fewer = |routes: usize| routes.saturating_sub(kept.routes.len());
        let case = Case { lo: fewer(case.lo), hi: case.hi.map(fewer), ..Case::default() };
        let mut best = Best::new(kept, total);
        let (spent, allowed) = (best.spent, best.cost);
        BranchAndBound::for_schedules(case, &mut generator, &mut best, allowed).run();
        let used = steps - generator.steps;
        self.steps = self.steps.saturating_sub(WEIGHT * used);
        *budget -= used;
        Some((best.cost + spent, best.routes?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::routing::columns::case::Outside;
    use crate::routing::columns::dive::{Style, dive};
    use crate::routing::solve::tests::{optimum_with, random_with};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        /// The end of a dive is the best there is with the routes that are kept, if these cost the same in every slot; nothing is
        /// handed out that is not cheaper.
        #[test]
        fn an_end_is_the_best_one((seed, metric) in any::<(u64, bool)>(), most in 1..6_usize) {
            let problem = random_with(seed, 5, metric);
            // From another base the same visits may cost less.
            if problem.bases.len() > 1 {
                return Ok(());
            }
            let (timing, slots) = (Timing::new(&problem), Slots::new(&problem));
            let classes = Classes::new(&problem, &slots);
            let mut network = Network::new(&timing, &classes, 2, &|| false);
            network.list_routes();
            let outside = Outside::ENDLESS;
            let mut generator = Generator::new(&network, u64::MAX, outside);
            let case = Case::default();
            let Some(root) = generator.relax(&case, usize::MAX) else { return Ok(()) };
            let taken = dive(&mut generator, &case, &root, Style { patience: 1, candidates: 1, number: 0 });
            let Some(kept) = Kept::of_dive(&generator, (&timing, &slots), &taken, most) else { return Ok(()) };
            prop_assert!(kept.visits.len() <= most || kept.routes.len() == taken.len());
            if kept.visits.is_empty() {
                return Ok(());
            }
            let set = |visits: &[u32]| visits.iter().fold(0, |set, visit| set | 1 << visit);
            let sets: Vec<u32> = kept.routes.iter().map(|route| set(&route.visits)).collect();
            // What a kept route costs more in one slot than in another the linear programme does not know.
            let alike = |(route, set): (&Route, &SlotSet)| {
                let allowed = (0..slots.count).filter(|slot| set.contains(*slot));
                let mut prices = allowed.map(|slot| slots.route_price(&route.visits, slot));
                let first = prices.next();
                prices.all(|price| Some(price) == first)
            };
            if !kept.routes.iter().zip(&kept.sets).all(alike) {
                return Ok(());
            }
            // Routes of a dive need not find slots.
            let Some(least) = optimum_with(&problem, &sets) else { return Ok(()) };
            let mut others = |total| generator.others(&kept, &case, total, &mut STEPS.clone());
            prop_assert!(others(least).is_none());
            let Some((cost, routes)) = others(least + 1) else {
                return Err(TestCaseError::fail(format!("nothing as good as {least} was found")));
            };
            prop_assert_eq!(cost, least);
            let number = |visit: &u32| kept.visits.iter().position(|old| *old == *visit as usize);
            let routes = routes.iter().map(|route| {
                let visits = route.visits.iter().map(|visit| number(visit).expect("a visit that was left") as u32);
                (route.base, visits.collect())
            });
            let mut best = Best::new(&kept, Cost::MAX);
            prop_assert_eq!(best.offer(routes.collect()).0 + kept.cost(), least);
        }

        /// A better schedule has no more routes, no visit twice, and costs less; there is none beyond it with as many.
        #[test]
        fn parts_improve_a_schedule((seed, metric) in any::<(u64, bool)>(), number in 0..3_u64) {
            let problem = random_with(seed, 6, metric);
            let (timing, slots) = (Timing::new(&problem), Slots::new(&problem));
            let classes = Classes::new(&problem, &slots);
            let network = Network::new(&timing, &classes, 1, &|| false);
            let outside = Outside::ENDLESS;
            let mut generator = Generator::new(&network, u64::MAX, outside);
            let Some(root) = generator.relax(&Case::default(), usize::MAX) else { return Ok(()) };
            let taken = dive(&mut generator, &Case::default(), &root, Style { patience: 0, candidates: 1, number });
            let routes = |at: &usize| {
                let column = &generator.pool.columns[*at];
                (classes.views[column.view].base, column.visits.to_vec())
            };
            let schedule: Routes = taken.iter().map(routes).collect();
            let kept = Kept::new(&timing, &slots, Vec::new());
            let cost = |schedule: &Routes| {
                let mut best = Best::new(&kept, Cost::MAX);
                (best.offer(schedule.clone()).0, best.routes.map_or(0, |routes| routes.len()))
            };
            let before = cost(&schedule).0;
            let mut tried = BTreeSet::new();
            let Some(better) = generator.improve(schedule.clone(), before, &mut tried) else { return Ok(()) };
            let (after, count) = cost(&better);
            prop_assert!(after < before && count <= schedule.len());
            // Fewer routes are another problem.
            prop_assert!(count < schedule.len() || generator.improve(better, after, &mut tried).is_none());
        }
    }
}
