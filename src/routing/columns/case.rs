//! Cases of the proof, what is known of them, and when to stop.

use super::master::Rows;
use super::pricing::{Duals, Pair};
use crate::routing::Cost;

/// A case of the proof: how many routes, and which visits are held together or apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Case {
    pub(crate) lo: usize,
    pub(crate) hi: Option<usize>,
    pub(crate) pairs: Vec<Pair>,
    /// Visits whose pairs it is split by first, ascending.
    pub(crate) focus: Vec<u32>,
    /// Columns of the pool that are taken; only a dive has any.
    pub(crate) taken: Vec<usize>,
}

impl Case {
    /// The same with another pair.
    pub(crate) fn with(&self, pair: Pair) -> Self {
        let mut case = self.clone();
        case.pairs.push(pair);
        case
    }
}

/// Multipliers in whole cost units, the rows they belong to, and what they prove.
#[derive(Debug, Clone, Default)]
pub(crate) struct Proven {
    pub(crate) value: Cost,
    pub(crate) duals: Duals,
    pub(crate) rows: Rows,
}

/// The end of a column generation.
#[derive(Debug)]
pub(crate) struct Relaxed {
    /// What is proven of the case.
    pub(crate) proven: Proven,
    /// Value of the linear programme.
    pub(crate) value: f64,
    /// Columns with positive weight: index in the pool, weight.
    pub(crate) support: Vec<(usize, f64)>,
    /// For each cut whether it costs nothing.
    pub(crate) idle_cuts: Vec<bool>,
    /// Whether the search for routes came to its end. If it was to go on until none is missing, none is, but for routes that
    /// the master has no use for; else the bound is weaker than the linear programme's.
    pub(crate) converged: bool,
}

impl Relaxed {
    /// How many routes there are, in parts of them.
    pub(crate) fn routes(&self) -> f64 {
        self.support.iter().map(|(_, weight)| weight).sum()
    }
}

/// When to stop.
#[derive(Clone, Copy)]
pub(crate) struct Clock<'a> {
    /// Whether to stop now.
    pub(crate) stop: &'a (dyn Fn() -> bool + Sync),
    /// The share of the time limit that is spent; `None` without a limit.
    pub(crate) spent: &'a (dyn Fn() -> Option<f64> + Sync),
}

impl Clock<'static> {
    /// Never stops.
    pub(crate) const ENDLESS: Self = Clock { stop: &|| false, spent: &|| None };
}
