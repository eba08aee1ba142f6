//! The chains of the search, which meet after each round, and the best schedule among them. While a proof lasts they polish what
//! it finds ([`polish`]).

mod polish;

use std::thread;

use rand::Rng;

use super::Watch;
use crate::routing::Cost;
use crate::routing::columns::Routes;
use crate::routing::search::{Chain, Shared, State, Untimed};

/// Rounds after which chains compare notes.
const ROUNDS: u64 = 10;
/// The part of a usual search, as a divisor, that tells how many iterations a time limit allows.
const TRIAL: u64 = 8;

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
    pub(super) fn search_again(&mut self, all: u64, enough: &(dyn Fn() -> bool + Sync)) {
        self.search_on(all / 2, all, enough);
    }

    /// A search of all chains from the best schedule of any, from iteration `from` of `all`.
    fn search_on(&mut self, from: u64, all: u64, enough: &(dyn Fn() -> bool + Sync)) {
        let state = self.all[self.best_chain()].best().clone();
        self.all.iter_mut().for_each(|chain| chain.adopt(&state));
        self.run(from, all, all, enough);
        self.watch.progress(1.0, self.best_cost(), self.bound);
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
