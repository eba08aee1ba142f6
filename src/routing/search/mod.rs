//! Search: finds schedules, proves nothing.
//!
//! Chains of ruin and recreate (Christiaens and Vanden Berghe 2020, "Slack induction by string removals for vehicle routing
//! problems"): visits near each other are taken out ([`ruin`]), put back where that costs least ([`recreate`]), and what comes
//! of it is kept or undone ([`accept`], on a schedule that can be undone: [`state`]). The same moves look for fewer routes
//! ([`fleet`]). Routes met on the way are raw material for the columns ([`seen`]).

mod accept;
mod blinks;
mod fleet;
mod recreate;
mod ruin;
mod seen;
mod state;

use rand::Rng;

use super::Cost;
use super::dice::Dice;
use super::placement;
use super::route::{Route, Timing};
use super::slots::Slots;
use recreate::{Scan, Traits};
use ruin::Neighbours;
use seen::Seen;
pub(crate) use state::State;

/// Iterations between two looks at the clock.
const LOOK: u64 = 32;

/// A schedule without times: routes with their slots, visits left out, cost.
#[derive(Debug, Clone)]
pub(crate) struct Untimed {
    pub(crate) routes: Vec<(Route, usize)>,
    pub(crate) absent: Vec<u32>,
    pub(crate) cost: Cost,
}

/// What all chains of a search share.
#[derive(Debug)]
pub(crate) struct Shared<'a> {
    pub(crate) timing: &'a Timing<'a>,
    pub(crate) slots: &'a Slots<'a>,
    near: Neighbours,
    traits: Traits,
    cooling: accept::Cooling,
}

impl<'a> Shared<'a> {
    pub(crate) fn new(timing: &'a Timing<'a>, slots: &'a Slots<'a>) -> Self {
        let near = Neighbours::new(timing.problem);
        let traits = Traits::new(&State::new(timing, slots), &near);
        Self { timing, slots, near, traits, cooling: accept::Cooling::for_problem(timing.problem) }
    }
}

/// One chain of the search: its schedule under change, its best, its generator.
#[derive(Debug)]
pub(crate) struct Chain<'a, R> {
    shared: &'a Shared<'a>,
    state: State<'a>,
    best: State<'a>,
    scan: Scan,
    dice: Dice<R>,
    seen: Seen,
}

impl<'a, R: Rng> Chain<'a, R> {
    /// Construction: greedy insertion of everything, then of what is left without overlooking anything.
    pub(crate) fn new(shared: &'a Shared<'a>, generator: R) -> Self {
        let mut state = State::new(shared.timing, shared.slots);
        let mut dice = Dice(generator);
        let mut scan = Scan::default();
        recreate::greedy(&mut state, &shared.traits, &shared.near, &mut scan, &mut dice);
        recreate::complete(&mut state, &shared.traits);
        let mut seen = Seen::default();
        state.placed().for_each(|(_, placed)| seen.note(&placed.route));
        Self { shared, best: state.clone(), state, scan, dice, seen }
    }

    /// Iterations `from..to` of `all`; ends early where `stop` says so.
    pub(crate) fn run(&mut self, from: u64, to: u64, all: u64, stop: &dyn Fn() -> bool) {
        for iteration in from..to {
            if iteration % LOOK == 0 && stop() {
                return;
            }
            let temperature = self.shared.cooling.at(iteration as f64 / all as f64);
            self.state.mark();
            ruin::strings(&mut self.state, &self.shared.near, &mut self.dice);
            let Shared { traits, near, .. } = self.shared;
            recreate::greedy(&mut self.state, traits, near, &mut self.scan, &mut self.dice);
            let old = self.state.mark_cost();
            if accept::accept(self.state.cost, old, temperature, &mut self.dice) {
                self.state.changed().for_each(|placed| self.seen.note(&placed.route));
                if self.state.cost < self.best.cost {
                    self.best.clone_from(&self.state);
                }
            } else {
                self.state.undo();
            }
        }
    }

    /// The routes seen since the last call.
    pub(crate) fn take_seen(&mut self) -> Vec<(usize, Vec<u32>)> {
        self.seen.take()
    }

    /// The cost of the best schedule so far.
    pub(crate) fn best_cost(&self) -> Cost {
        self.best.cost
    }

    /// Goes on from another chain's best.
    pub(crate) fn adopt(&mut self, other: &State<'a>) {
        self.state.clone_from(other);
        self.best.clone_from(other);
    }

    /// Goes on from these routes in these slots, once what they leave out is inserted as cheaply as possible.
    pub(crate) fn restart(&mut self, routes: Vec<(Route, usize)>) {
        let mut state = State::with_routes(self.shared.timing, self.shared.slots, routes);
        recreate::complete(&mut state, &self.shared.traits);
        self.go_on(state);
    }

    /// Goes on from a schedule, and keeps it if none was better.
    fn go_on(&mut self, state: State<'a>) {
        if state.cost < self.best.cost {
            self.best.clone_from(&state);
        }
        self.state = state;
    }

    /// Goes on from another chain's present schedule.
    pub(crate) fn follow(&mut self, other: &State<'a>) {
        self.go_on(other.clone());
    }

    /// The present schedule, for other chains to follow.
    pub(crate) fn present(&self) -> &State<'a> {
        &self.state
    }

    /// The best schedule of this chain, for others to adopt.
    pub(crate) fn best(&self) -> &State<'a> {
        &self.best
    }

    /// The best schedule with its routes where they will be placed.
    fn placed(&self) -> Option<State<'a>> {
        let Shared { timing, slots, .. } = self.shared;
        let mut routes: Vec<Route> = self.best.placed().map(|(_, placed)| placed.route.clone()).collect();
        let at = placement::place_sorted(slots, &mut routes, |route| route, timing.problem.placement)?;
        Some(State::with_routes(timing, slots, routes.into_iter().zip(at)))
    }

    /// Tests every visit at every position of every route of the best schedule: how many tests, how many of them fit.
    pub(crate) fn insertion_tests(&self) -> (u64, u64) {
        let timing = self.shared.timing;
        let (mut tests, mut fit) = (0, 0);
        for visit in 0..timing.problem.visits.len() {
            let here = timing.insertion(visit);
            for (_, placed) in self.best.placed() {
                for at in 0..=placed.route.visits.len() {
                    tests += 1;
                    fit += u64::from(placed.route.fits(timing, &here, at));
                }
            }
        }
        (tests, fit)
    }

    /// The best schedule, with every visit that an insertion can still place.
    pub(crate) fn finish(mut self) -> Untimed {
        recreate::prune(&mut self.best);
        recreate::complete(&mut self.best, &self.shared.traits);
        // Where routes are placed in the end other slots may be free than in the search.
        let mut left_out = usize::MAX;
        while (1..left_out).contains(&self.best.absent.len()) {
            left_out = self.best.absent.len();
            let Some(placed) = self.placed() else { break };
            self.best = placed;
            recreate::complete(&mut self.best, &self.shared.traits);
        }
        let mut absent = self.best.absent.clone();
        absent.sort_unstable();
        Untimed {
            routes: self.best.placed().map(|(_, p)| (p.route.clone(), p.slot)).collect(),
            absent,
            cost: self.best.cost,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    use super::*;
    use crate::routing::solve::tests::random_with;

    /// Something to do with a chain of a random problem, and the routes that it begins with.
    fn with_chain<T>(
        seed: u64,
        metric: bool,
        work: impl FnOnce(&mut Chain<'_, ChaCha20Rng>, Vec<(Route, usize)>) -> T,
    ) -> T {
        let problem = random_with(seed, 9, metric);
        let (timing, slots) = (Timing::new(&problem), Slots::new(&problem));
        let shared = Shared::new(&timing, &slots);
        let mut chain = Chain::new(&shared, ChaCha20Rng::seed_from_u64(seed));
        let all = chain.best().placed().map(|(_, p)| (p.route.clone(), p.slot)).collect();
        work(&mut chain, all)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// Fewer routes hold as much as more did, or are not taken; what is counted along the way is right.
        #[test]
        fn a_squeeze_keeps_to_its_routes(seed in any::<u64>(), metric in any::<bool>()) {
            with_chain(seed, metric, |chain, all| {
                let Shared { timing, slots, .. } = chain.shared;
                let absent = chain.best().absent.len();
                let fewer = all[all.len().min(1)..].to_vec();
                let most = fewer.len();
                if chain.squeeze(fewer, absent, 300, &|| false) {
                    let state = chain.present();
                    prop_assert!(state.placed().count() <= most && state.absent.len() <= absent);
                    prop_assert_eq!(state.count(), state.placed().count());
                    let again = State::with_routes(
                        timing,
                        slots,
                        state.placed().map(|(_, p)| (p.route.clone(), p.slot)),
                    );
                    prop_assert_eq!((again.cost, again.absent.len()), (state.cost, state.absent.len()));
                    prop_assert!(chain.best_cost() <= state.cost);
                }
                Ok(())
            })?;
        }

        /// Routes are made short without another one, whatever that would save.
        #[test]
        fn shortening_opens_no_route(seed in any::<u64>(), metric in any::<bool>()) {
            with_chain(seed, metric, |chain, all| {
                chain.restart(all);
                let (before, best) = (chain.present().clone(), chain.best_cost());
                chain.shorten(400, &|| false);
                let state = chain.present();
                prop_assert!(state.cost <= before.cost && state.placed().count() <= before.count());
                prop_assert_eq!(chain.best_cost(), best.min(state.cost));
                Ok(())
            })?;
        }
    }
}
