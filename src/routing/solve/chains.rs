//! The chains of the search, which meet after each round, and the best schedule among them: the proof's incumbent.

use std::thread;

use rand::Rng;

use super::Watch;
use crate::routing::Cost;
use crate::routing::columns::{Incumbent, Routes};
use crate::routing::placement::{self, Candidate};
use crate::routing::route::Route;
use crate::routing::search::{Chain, Shared, State, Untimed};

/// Rounds after which chains compare notes.
const ROUNDS: u64 = 10;
/// The part of a usual search, as a divisor, that tells how many iterations a time limit allows.
const TRIAL: u64 = 8;
/// Iterations of each chain that polish a schedule.
const POLISH: u64 = 5_000;
/// Further iterations of each chain that polish, for each visit.
const POLISH_EACH: u64 = 30;
/// Polishes in vain after which the next is half as long, and how often that may happen.
const VAIN: u32 = 2;
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
const SQUEEZE: u64 = 1_000;
/// Further ones, for each visit.
const SQUEEZE_EACH: u64 = 10;
/// Steps of the proof that an iteration of all chains takes as long as.
const STEPS_OF_ITERATION: u64 = 1_300;
/// Visits without a route for which room in so few is still looked for.
const MOST_HOMELESS: usize = 8;

/// The chains of the search, and what they found.
pub(super) struct Chains<'a, R> {
    all: Vec<Chain<'a, R>>,
    shared: &'a Shared<'a>,
    threads: usize,
    pub(super) watch: &'a dyn Watch,
    bound: Option<Cost>,
    /// Schedules polished in vain since the last better one.
    in_vain: u32,
    /// The cheapest schedule of fewer routes than the best one that leaves out no more.
    fewer: Option<State<'a>>,
}

impl<'a, R: Rng + Send> Chains<'a, R> {
    /// Each chain makes a schedule with a generator of its own.
    pub(super) fn construct(
        shared: &'a Shared<'a>,
        generators: Vec<R>,
        threads: usize,
        watch: &'a dyn Watch,
    ) -> Self {
        let all = generators.into_iter().map(|generator| Chain::new(shared, generator)).collect();
        Self { all, shared, threads, watch, bound: None, in_vain: 0, fewer: None }
    }
}

impl<R: Rng + Send> Chains<'_, R> {
    /// Runs all chains from iteration `from` to `to` of `all`.
    fn run(&mut self, from: u64, to: u64, all: u64, enough: &(dyn Fn() -> bool + Sync)) {
        self.each(|chain| chain.run(from, to, all, &enough));
    }

    /// Has every chain do the same, and hands back what each came to, in their order.
    fn each<T: Send>(&mut self, work: impl Fn(&mut Chain<'_, R>) -> T + Sync) -> Vec<T> {
        if self.threads <= 1 {
            return self.all.iter_mut().map(work).collect();
        }
        thread::scope(|scope| {
            let work = &work;
            let jobs: Vec<_> = self.all.iter_mut().map(|chain| scope.spawn(move || work(chain))).collect();
            jobs.into_iter().map(|job| job.join().expect("a search does not panic")).collect()
        })
    }

    /// The first search, in rounds after which the chains go on from the best.
    pub(super) fn search(&mut self, all: u64, share: f64) {
        let watch = self.watch;
        let enough = || Self::enough(watch, share);
        for round in 0..ROUNDS {
            let (from, to) = (all * round / ROUNDS, all * (round + 1) / ROUNDS);
            if enough() {
                return;
            }
            self.run(from, to, all, &enough);
            let best = self.best_chain();
            let (cost, state) = (self.all[best].best_cost(), self.all[best].best().clone());
            watch.progress((round + 1) as f64 / ROUNDS as f64, cost, None);
            for chain in self.all.iter_mut().filter(|chain| chain.best_cost() > cost) {
                chain.adopt(&state);
            }
        }
    }

    /// A search as long as a share of the time limit allows. How many iterations fit is not known beforehand: a trial, a part
    /// of a usual search long, tells.
    pub(super) fn fill(&mut self, usual: u64, share: f64) {
        let (begin, trial) = (self.watch.spent().unwrap_or(share), usual.div_ceil(TRIAL));
        self.search(trial, share);
        let now = self.watch.spent().unwrap_or(share);
        if now < share {
            let times = (share - now) / (now - begin).max(1e-6);
            self.search((trial as f64 * times) as u64, share);
        }
    }

    /// Whether to stop, or a share of the time limit is spent.
    fn enough(watch: &dyn Watch, share: f64) -> bool {
        watch.stop().is_some() || watch.spent().is_some_and(|spent| spent > share)
    }

    /// Another search from the best schedule, with half of the first one's heat.
    pub(super) fn search_again(&mut self, all: u64) {
        let watch = self.watch;
        self.search_on(all / 2, all, &|| watch.stop().is_some());
    }

    /// A search of all chains from the best schedule of any, from iteration `from` of `all`.
    fn search_on(&mut self, from: u64, all: u64, enough: &(dyn Fn() -> bool + Sync)) {
        let state = self.all[self.best_chain()].best().clone();
        self.all.iter_mut().for_each(|chain| chain.adopt(&state));
        self.run(from, all, all, enough);
        self.watch.progress(1.0, self.best_cost(), self.bound);
    }

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

    fn best_chain(&self) -> usize {
        (0..self.all.len()).min_by_key(|c| (self.all[*c].best_cost(), *c)).unwrap_or_default()
    }

    pub(super) fn best_cost(&self) -> Cost {
        self.all[self.best_chain()].best_cost()
    }

    /// Routes and cost of the best schedule.
    pub(super) fn best(&self) -> (Routes, Cost) {
        let chain = &self.all[self.best_chain()];
        (routes_of(chain.best()), chain.best_cost())
    }

    pub(super) fn take_seen(&mut self) -> Routes {
        self.all.iter_mut().flat_map(Chain::take_seen).collect()
    }

    pub(super) fn finish(mut self) -> Untimed {
        let best = self.best_chain();
        self.all.swap_remove(best).finish()
    }
}

fn routes_of(state: &State<'_>) -> Routes {
    state.placed().map(|(_, placed)| (placed.route.base, placed.route.visits.clone())).collect()
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
