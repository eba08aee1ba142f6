//! Cases of the proof, what is known of them, and what a proof is given from outside.

use rand::{Rng, SeedableRng};

use super::duals::Duals;
use super::rows::Rows;
use crate::routing::Cost;
use crate::routing::dice::seeded;

/// Two visits that a case of the proof holds together or apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) visits: [u32; 2],
    pub(super) together: bool,
}

impl Pair {
    /// Whether a route may stand in this case.
    pub(super) fn admits(&self, visits: &[u32]) -> bool {
        let held = self.visits.iter().filter(|v| visits.contains(v)).count();
        if self.together { held != 1 } else { held != 2 }
    }
}

/// A case of the proof: how many routes, and which visits are held together or apart.
#[derive(Debug, Clone, Default)]
pub(super) struct Case {
    pub(super) lo: usize,
    pub(super) hi: Option<usize>,
    pub(super) pairs: Vec<Pair>,
    /// Visits whose pairs it is split by first, ascending.
    pub(super) focus: Vec<u32>,
    /// Columns of the pool that are taken; only a dive has any.
    pub(super) taken: Vec<usize>,
}

impl Case {
    /// The same with another pair.
    pub(super) fn with(&self, pair: Pair) -> Self {
        let mut case = self.clone();
        case.pairs.push(pair);
        case
    }

    /// Whether a number of routes, in parts of them, is none that the case leaves open but for the last digits.
    pub(super) fn settles(&self, routes: f64) -> bool {
        let below = routes.floor() as usize;
        below < self.lo || self.hi.is_some_and(|hi| below >= hi)
    }
}

/// Multipliers in whole cost units, the rows they belong to, and what they prove.
#[derive(Debug, Clone, Default)]
pub(super) struct Proven {
    pub(super) value: Cost,
    pub(super) duals: Duals,
    pub(super) rows: Rows,
}

/// The end of a column generation.
#[derive(Debug)]
pub(super) struct Relaxed {
    /// What is proven of the case.
    pub(super) proven: Proven,
    /// Value of the linear programme.
    pub(super) value: f64,
    /// Columns with positive weight: index in the pool, weight.
    pub(super) support: Vec<(usize, f64)>,
    /// The multipliers that it ended with, and their rows; `None` where it did not converge to what all routes allow.
    pub(super) fine: Option<(Duals, Rows)>,
    /// For each cut whether it costs nothing.
    pub(super) idle_cuts: Vec<bool>,
    /// Whether the search for routes came to its end. If it was to go on until none is missing, none is, but for routes that
    /// the master has no use for; else the bound is weaker than the linear programme's.
    pub(super) converged: bool,
}

impl Relaxed {
    /// How many routes there are, in parts of them.
    pub(super) fn routes(&self) -> f64 {
        self.support.iter().map(|(_, weight)| weight).sum()
    }
}

/// What a proof is given from outside: when to stop, and chance.
#[derive(Clone, Copy)]
pub(crate) struct Outside<'a> {
    /// Whether to stop now.
    pub(crate) stop: &'a (dyn Fn() -> bool + Sync),
    /// The share of the time limit that is spent; `None` without a limit.
    pub(crate) spent: &'a (dyn Fn() -> Option<f64> + Sync),
    /// What is left of the time limit, seconds; `None` without a limit.
    pub(crate) left: &'a (dyn Fn() -> Option<f64> + Sync),
    /// Makes a generator from a number: the same one whenever and wherever it is asked for.
    pub(crate) seeded: fn(u64) -> Box<dyn Rng>,
}

impl Outside<'static> {
    /// Never stops.
    pub(crate) const fn endless<R: Rng + SeedableRng + 'static>() -> Self {
        Self { stop: &|| false, spent: &|| None, left: &|| None, seeded: seeded::<R> }
    }

    #[cfg(test)]
    pub(super) const ENDLESS: Self = Self::endless::<rand_chacha::ChaCha20Rng>();
}
