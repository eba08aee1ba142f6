//! Fewer routes: room for the visits of a schedule in so few, and such a schedule made short.
//!
//! Christiaens and Vanden Berghe 2020, "Slack induction by string removals for vehicle routing problems", on minimising the
//! fleet: a schedule that leaves out visits which were seldom left out before is better (sums of absences), so that the search
//! turns to those that are hard to place.

use rand::Rng;

use super::state::State;
use super::{Chain, LOOK, Shared, accept, recreate, ruin};
use crate::routing::route::Route;

impl<R: Rng> Chain<'_, R> {
    /// Looks for a schedule of no more routes than these that leaves out at most `absent` visits, and goes on from it; true
    /// if there is one after so many iterations.
    pub(crate) fn squeeze(
        &mut self,
        routes: Vec<(Route, usize)>,
        absent: usize,
        all: u64,
        stop: &dyn Fn() -> bool,
    ) -> bool {
        let Shared { timing, slots, traits, near, cooling } = self.shared;
        let mut state = State::with_routes(timing, slots, routes);
        state.limit(state.count());
        recreate::complete(&mut state, traits);
        let mut times = vec![1_u64; state.route_of.len()];
        let weight =
            |state: &State<'_>, times: &[u64]| state.absent.iter().map(|v| times[*v as usize]).sum::<u64>();
        for iteration in 0..all {
            if state.absent.len() <= absent {
                state.limit(usize::MAX);
                state.placed().for_each(|(_, placed)| self.seen.note(&placed.route));
                self.go_on(state);
                return true;
            }
            if iteration % LOOK == 0 && stop() {
                return false;
            }
            state.mark();
            let before = weight(&state, &times);
            ruin::strings(&mut state, near, &mut self.dice);
            recreate::greedy(&mut state, traits, near, &mut self.scan, &mut self.dice);
            let after = weight(&state, &times);
            state.absent.iter().for_each(|visit| times[*visit as usize] += 1);
            // As warm as the later half of a search.
            let temperature = cooling.at(f64::midpoint(1.0, iteration as f64 / all as f64));
            if after >= before && !accept::accept(state.cost, state.mark_cost(), temperature, &mut self.dice) {
                state.undo();
            }
        }
        false
    }

    /// Makes the present schedule cheaper with no more routes than it has, in the cool half of a search of so many iterations,
    /// and goes on from the cheapest one.
    pub(crate) fn shorten(&mut self, all: u64, stop: &dyn Fn() -> bool) {
        self.state.limit(self.state.count());
        let best = std::mem::replace(&mut self.best, self.state.clone());
        self.run(all / 2, all, all, stop);
        let mut state = std::mem::replace(&mut self.best, best);
        state.limit(usize::MAX);
        self.go_on(state);
    }
}
