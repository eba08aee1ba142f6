//! The method, in order: construct and search by ruin and recreate, in chains that meet (`chains`, over `search`); prove a bound
//! by branch and price, which finds better schedules on the way (`columns`, whose loop is `run` of its `tree`); place the routes on
//! teams and days ([`super::placement`]); write down times, sums and reasons (`writing`).
//!
//! The chains do not rest while the proof lasts: it hands them, as its incumbent, whatever schedule a dive or a part comes to,
//! and they polish it, look for room in fewer routes and make those short (`chains`, on `Incumbent`); the routes that they meet on
//! the way are columns for the proof.
//!
//! Several chains of ruin and recreate run for a number of iterations that depends on problem and effort alone, meet after
//! each round and go on from the best. Chains, not threads, are counted, and results are combined in their order: the same
//! problem, seed and effort give the same schedule on any number of threads, unless a time limit or [`Watch::stop`] ends it.

mod chains;
mod writing;

use std::time::Duration;

use rand::{Rng, SeedableRng};

use super::Cost;
use super::certificate::{Tree, seconds_to_write};
use super::columns::{Classes, Outside, Prover};
use super::dice::seeded;
use super::problem::Problem;
use super::route::Timing;
use super::schedule::{Schedule, Stopped};
use super::search::Shared;
use super::slots::Slots;
use chains::Chains;
use writing::write_down;

/// Chains of the search; fixed, so that threads do not matter.
const CHAINS: usize = 2;
/// Share of a time limit that the search before the proof may take.
const SHARE: f64 = 0.06;
/// The same where routes are long, as linear programmes take longer then to come to a schedule.
const SHARE_OF_LONG: f64 = 0.12;
/// Share of a time limit at which the proof ends there: what is left is worth more to the search.
const PROOF_OF_LONG: f64 = 0.75;
/// Visits below which [`SHARE`] shrinks in proportion: few visits are soon searched through.
const FEW_VISITS: f64 = 150.0;
/// Largest effort.
pub const MAX_EFFORT: u32 = 100;
/// Effort where none is asked for.
pub const DEFAULT_EFFORT: u32 = 10;

/// What whoever waits for a schedule can see and do. The clock is theirs: nothing in here reads it.
pub trait Watch: Sync {
    /// Why to stop now, if at all. Asked often.
    fn stop(&self) -> Option<Stopped> {
        None
    }

    /// The share of the time limit that is spent, 0 to 1; `None` without a limit.
    fn spent(&self) -> Option<f64> {
        None
    }

    /// What is left of the time limit; `None` without a limit.
    fn left(&self) -> Option<Duration> {
        None
    }

    /// Told now and then: share of the search done (0 to 1), the best cost so far, and the best bound once there is one.
    fn progress(&self, _done: f64, _cost: Cost, _bound: Option<Cost>) {}
}

/// Nobody watches: the search runs to its end.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

impl Watch for Unwatched {}

/// How to solve.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Seed of the search, for the record; the generator is made from it by the caller.
    pub seed: String,
    /// 0: construction only; each unit adds the same number of iterations.
    pub effort: u32,
    /// Threads to use, at least 1.
    pub threads: usize,
    /// Whether to look for a bound and for what its columns tell; else the first search is all.
    pub prove: bool,
}

/// Solves `problem` with draws from `generator`.
///
/// The schedule is always feasible. No visit is left out for which an insertion into a free slot or, where none is free, one
/// that moves another route to a free slot, would cost no more than leaving it out.
pub fn solve<R: Rng + SeedableRng + Send + 'static>(
    problem: &Problem,
    settings: &Settings,
    generator: &mut R,
    watch: &dyn Watch,
) -> Schedule {
    let timing = Timing::new(problem);
    let slots = Slots::new(problem);
    let shared = Shared::new(&timing, &slots);
    let generators: Vec<R> = (0..CHAINS).map(|_| R::from_rng(generator)).collect();
    let mut chains = Chains::construct(&shared, generators, settings.threads, watch);
    let classes = settings.prove.then(|| Classes::new(problem, &slots));
    let prover = classes
        .as_ref()
        .and_then(|classes| Prover::new(&timing, classes, settings.threads, &|| watch.stop().is_some()));
    let bound = match prover {
        None => {
            chains.search(iterations(problem, settings.effort), 1.0);
            None
        }
        Some(prover) => {
            search_first(problem, settings, &prover, &mut chains);
            let (seen, start) = (chains.take_seen(), chains.best());
            let until = if prover.long_routes() { PROOF_OF_LONG } else { f64::INFINITY };
            let stop = || watch.stop().is_some() || watch.spent().is_some_and(|spent| spent > until);
            let left = || watch.left().map(|left| left.as_secs_f64());
            let spent = || watch.spent().map(|spent| spent / until.min(1.0));
            let outside = Outside { stop: &stop, spent: &spent, left: &left, seeded: seeded::<R> };
            let budget = watch.spent().map_or(steps(problem, settings.effort), |_| u64::MAX);
            Some(prover.prove(start, &seen, &mut chains, budget, outside))
        }
    };
    spend_the_rest(problem, settings, &mut chains, bound.as_ref());
    let stopped = watch.stop();
    write_down(problem, settings, &timing, &slots, (chains.finish(), bound), stopped)
}

/// The search before the proof: so many iterations, or for its share of a time limit.
fn search_first<R: Rng + Send>(
    problem: &Problem,
    settings: &Settings,
    prover: &Prover<'_>,
    chains: &mut Chains<'_, R>,
) {
    if chains.watch.spent().is_none() {
        chains.search(iterations(problem, settings.effort), 1.0);
        return;
    }
    let few = (problem.visits.len() as f64 / FEW_VISITS).min(1.0);
    let share = if prover.long_routes() { SHARE_OF_LONG } else { SHARE * few };
    chains.fill(iterations(problem, settings.effort.min(DEFAULT_EFFORT)), share);
}

/// What is left of a time limit goes into further searches, each from a higher temperature down, but for the time that writing
/// the certificate takes.
fn spend_the_rest<R: Rng + Send>(
    problem: &Problem,
    settings: &Settings,
    chains: &mut Chains<'_, R>,
    bound: Option<&(Cost, Tree)>,
) {
    let watch = chains.watch;
    let writing = bound.map_or(0.0, |(_, tree)| seconds_to_write(tree.leaves(), problem.visits.len()));
    let is_over = || watch.stop().is_some() || watch.left().is_some_and(|left| left.as_secs_f64() < writing);
    let proven = bound.map_or(0, |(value, _)| *value);
    let limited = settings.effort > 0 && watch.spent().is_some();
    while limited && !is_over() && proven < chains.best_cost() {
        chains.search_again(iterations(problem, settings.effort).max(1), &is_over);
    }
}

/// Budget of the proof in steps of about 3 ns: in proportion to effort, 30 s for 100 visits and 60 s for 400 at the
/// default.
fn steps(problem: &Problem, effort: u32) -> u64 {
    u64::from(effort) * (19 + problem.visits.len() as u64 / 9).min(110) * 30_000_000
}

/// Iterations of one chain: in proportion to effort and, so that large problems end too, to the root of their size.
fn iterations(problem: &Problem, effort: u32) -> u64 {
    let n = problem.visits.len();
    if n < 2 { 0 } else { u64::from(effort) * 3000 * ((n as f64).sqrt() as u64 + 4) }
}

#[cfg(test)]
pub(crate) mod tests;
