//! Acceptance: simulated annealing with an exponential schedule (Kirkpatrick, Gelatt and Vecchi 1983, "Optimization by simulated
//! annealing"; as used by Christiaens and Vanden Berghe 2020, "Slack induction by string removals for vehicle routing
//! problems", section 5.4).

use rand::Rng;

use crate::routing::Cost;
use crate::routing::dice::Dice;
use crate::routing::problem::Problem;

/// Temperatures in cost units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cooling {
    first: f64,
    last: f64,
}

impl Cooling {
    /// From a few typical legs, which lets the search pass from one number of routes to another, down to a small part of one.
    pub(super) fn for_problem(problem: &Problem) -> Self {
        let n = problem.visits.len();
        let legs = (0..n).filter_map(|a| {
            let a = problem.node(a);
            // The nearest other visit stands for a leg of a good route.
            (0..n).map(|b| problem.node(b)).filter(move |b| *b != a).map(move |b| problem.travel(a, b)).min()
        });
        let (sum, count) = legs.fold((0, 0), |(sum, count), leg| (sum + leg, count + 1));
        let leg = (sum as f64 / f64::from(count.max(1))).max(60.0) * problem.cost.travel.max(1) as f64;
        Self { first: leg * 2.5, last: leg / 20.0 }
    }

    /// The temperature after `done` (0 to 1) of the search.
    pub(super) fn at(self, done: f64) -> f64 {
        self.first * (self.last / self.first).powf(done)
    }
}

/// Whether a schedule of cost `new` replaces one of cost `old`.
pub(super) fn accept<R: Rng>(new: Cost, old: Cost, temperature: f64, dice: &mut Dice<R>) -> bool {
    new <= old || ((new - old) as f64) < -temperature * (1.0 - dice.unit()).ln()
}
