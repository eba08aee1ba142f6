//! Single steps of the method, for benchmarks: insertion tests, iterations of ruin and recreate, pricing.
//!
//! A step needs what came before it, so each function prepares that and hands the step to its caller, who may repeat and
//! time it. Nothing here reads a clock, and no schedule is made from it.

use rand::{Rng, SeedableRng};

use super::Cost;
use super::columns::{Classes, Outside, Prover};
use super::problem::Problem;
use super::route::Timing;
use super::search::{Chain, Shared};
use super::slots::Slots;

/// Hands out a step that tests every visit at every position of every route of a constructed schedule, and says how
/// many tests that were.
pub fn insertion_tests<T>(problem: &Problem, generator: impl Rng, body: impl FnOnce(&dyn Fn() -> u64) -> T) -> T {
    let (timing, slots) = (Timing::new(problem), Slots::new(problem));
    let shared = Shared::new(&timing, &slots);
    let chain = Chain::new(&shared, generator);
    body(&|| {
        let (tests, fit) = chain.insertion_tests();
        // Else nothing would need the tests' outcome, and they might not be made.
        std::hint::black_box(fit);
        tests
    })
}

/// Hands out a step that goes on with one chain of ruin and recreate for so many iterations and says the best cost.
pub fn ruin_and_recreate<T>(
    problem: &Problem,
    generator: impl Rng,
    body: impl FnOnce(&mut dyn FnMut(u64) -> Cost) -> T,
) -> T {
    let (timing, slots) = (Timing::new(problem), Slots::new(problem));
    let shared = Shared::new(&timing, &slots);
    let mut chain = Chain::new(&shared, generator);
    body(&mut |iterations| {
        chain.run(0, iterations, iterations, &|| false);
        chain.best_cost()
    })
}

/// Hands out the bound of column generation for the undivided problem and a step that prices once over all legs with the
/// multipliers of its end and says how many inner steps that took; `None` where the linear programme has no answer or costs are too high for a proof.
///
/// Columns to begin with are those that one chain sees in `iterations`.
pub fn pricing<R: Rng + SeedableRng + 'static, T>(
    problem: &Problem,
    generator: R,
    iterations: u64,
    body: impl FnOnce(Cost, &dyn Fn() -> u64) -> T,
) -> Option<T> {
    let (timing, slots) = (Timing::new(problem), Slots::new(problem));
    let shared = Shared::new(&timing, &slots);
    let mut chain = Chain::new(&shared, generator);
    chain.run(0, iterations, iterations, &|| false);
    let classes = Classes::new(problem, &slots);
    Prover::new(&timing, &classes, 2, &|| false)?.at_root(&chain.take_seen(), Outside::endless::<R>(), body)
}
