//! The chains as the incumbent of a proof: each schedule that it comes to is polished, and so are fewer routes.
//!
//! A schedule of fewer routes than the best one may leave out visits: then room for them is looked for in so few. If it leaves
//! out no more, its routes are made short before another may be opened, which would save more travel than it costs. At last all
//! chains search on from there, as cool as a search is in its later half.

use rand::Rng;

use super::Chains;
use crate::routing::Cost;
use crate::routing::columns::{Incumbent, Routes};
use crate::routing::placement::{self, Candidate};
use crate::routing::route::Route;
use crate::routing::search::State;

/// Iterations of each chain that polish a schedule.
const POLISH: u64 = 5_000;
/// Further iterations of each chain that polish, for each visit.
const POLISH_EACH: u64 = 30;
/// Polishes in vain after which the next is half as long.
const VAIN: u32 = 2;
/// How often that may happen.
const SHORTEST: u32 = 3;
/// Iterations of a search whose cool half makes fewer routes short.
const SHORTEN: u64 = 80_000;
/// Further ones, for each visit.
const SHORTEN_EACH: u64 = 480;
/// Times as many where such routes were looked for with effort.
const LONG: u64 = 5;
/// Iterations of each chain that search from full heat while a proof lasts.
const ANEW: u64 = 60_000;
/// Iterations of each chain that look for room in fewer routes.
const SQUEEZE: u64 = 4_000;
/// Further ones, for each visit.
const SQUEEZE_EACH: u64 = 40;
/// Steps of the proof that an iteration of all chains takes as long as.
const STEPS_OF_ITERATION: u64 = 1_300;
/// Visits without a route for which room in so few is still looked for.
const MOST_HOMELESS: usize = 8;

impl<R: Rng + Send> Chains<'_, R> {
    /// Where routes are fewer than in the best schedule but leave out more, whether the chains find room for all in so few;
    /// they go on from there. Tells, too, how many iterations that took at most.
    fn squeeze(&mut self, placed: &[(Route, usize)]) -> (bool, u64) {
        let best = self.all[self.best_chain()].best();
        let (count, absent) = (best.count(), best.absent.len());
        let made: usize = placed.iter().map(|(route, _)| route.visits.len()).sum();
        let n = self.shared.timing.problem.visits.len();
        if placed.len() >= count || n - made > absent + MOST_HOMELESS {
            return (false, 0);
        }
        if n - made <= absent {
            // Fewer routes that leave out no more are worth a whole polish.
            self.in_vain = 0;
            return (false, 0);
        }
        let all = SQUEEZE + SQUEEZE_EACH * n as u64;
        let watch = self.watch;
        let found = self.each(|chain| chain.squeeze(placed.to_vec(), absent, all, &|| watch.stop().is_some()));
        let of = |at: &usize| (self.all[*at].present().cost, *at);
        let Some(first) = (0..found.len()).filter(|at| found[*at]).min_by_key(of) else { return (false, all) };
        let state = self.all[first].present().clone();
        self.all.iter_mut().for_each(|chain| chain.follow(&state));
        (true, all)
    }

    /// Whether a schedule has fewer routes than the best one and leaves out no more.
    fn saves_routes(&self, state: &State<'_>) -> bool {
        let best = self.all[self.best_chain()].best();
        state.count() < best.count() && state.absent.len() <= best.absent.len()
    }

    /// Where the chains go on from fewer routes than the best schedule has, these are made short before another route may be
    /// opened, which would save more travel than it costs: in so many `times` the usual iterations. Tells how many those are.
    fn shorten_present(&mut self, times: u64) -> u64 {
        if !self.saves_routes(self.all[0].present()) {
            return 0;
        }
        let all = times * (SHORTEN + SHORTEN_EACH * self.shared.timing.problem.visits.len() as u64);
        let watch = self.watch;
        self.each(|chain| chain.shorten(all, &|| watch.stop().is_some()));
        let known = self.fewer.take().into_iter().chain(self.all.iter().map(|chain| chain.present().clone()));
        self.fewer = known.filter(|state| self.saves_routes(state)).min_by_key(|state| state.cost);
        all / 2
    }
}

impl<R: Rng + Send> Incumbent for Chains<'_, R> {
    fn offer(&mut self, routes: Routes) -> (Cost, Routes, u64) {
        let n = self.shared.timing.problem.visits.len();
        // Columns may cover a visit twice.
        let routes = Route::disjoint(self.shared.timing, routes);
        let candidates: Vec<Candidate<'_>> =
            routes.iter().map(|route| Candidate::new(self.shared.slots, route)).collect();
        let placed = placement::assign(self.shared.slots, &candidates);
        let placed: Vec<(Route, usize)> =
            routes.iter().zip(placed).filter_map(|(route, slot)| Some((route.clone(), slot?))).collect();
        let before = self.best_cost();
        let (squeezed, tried) = self.squeeze(&placed);
        if let Some((first, others)) = self.all.split_first_mut().filter(|_| !squeezed) {
            first.restart(placed);
            for chain in others {
                chain.follow(first.present());
            }
        }
        let watch = self.watch;
        let shortened = self.shorten_present(1);
        // The last, cool part of a search.
        let half = (POLISH + POLISH_EACH * n as u64) >> (self.in_vain / VAIN).min(SHORTEST);
        let all = half * 2;
        self.run(half, all, all, &|| watch.stop().is_some());
        let seen = self.take_seen();
        let cost = self.best_cost();
        self.in_vain = if cost < before { 0 } else { self.in_vain + 1 };
        watch.progress(1.0, cost, self.bound);
        (cost, seen, (tried + shortened + half) * STEPS_OF_ITERATION)
    }

    fn search_anew(&mut self) -> Option<(Cost, Routes, u64)> {
        let watch = self.watch;
        self.search_on(0, ANEW, &|| watch.stop().is_some());
        Some((self.best_cost(), self.take_seen(), ANEW * STEPS_OF_ITERATION))
    }

    fn count(&self) -> usize {
        self.all[self.best_chain()].best().count()
    }

    fn best(&self) -> Routes {
        Chains::best(self).0
    }

    fn shorten(&mut self) -> Option<(Cost, Routes, u64)> {
        let state = self.fewer.take().filter(|state| self.saves_routes(state))?;
        self.all.iter_mut().for_each(|chain| chain.follow(&state));
        let iterations = self.shorten_present(LONG);
        Some((self.best_cost(), self.take_seen(), iterations * STEPS_OF_ITERATION))
    }

    fn bounded(&mut self, bound: Cost) {
        self.bound = Some(bound);
        self.watch.progress(1.0, self.best_cost(), self.bound);
    }
}
