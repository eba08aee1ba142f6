//! Multipliers in whole numbers: those of a linear programme rounded, and what classes and cuts cost under them.
//!
//! They are counted in parts of a cost unit, so that comparisons are exact; with whole units the same pricing judges a
//! certificate's multipliers.

use super::classes::holds;
use super::master::Answer;
use super::rows::{CutBits, Rows};
use crate::routing::Cost;

/// Parts of a cost unit in which the master's multipliers are counted.
pub(super) const SCALE: i64 = 64;

/// Multipliers in whole numbers of 1/`scale` cost units.
#[derive(Debug, Clone, Default)]
pub(super) struct Duals {
    pub(super) scale: i64,
    /// What a route earns for each visit, π.
    pub(super) visits: Vec<i64>,
    /// What it pays for each cut of which it makes two visits, λ.
    pub(super) cuts: Vec<i64>,
    /// What it pays for each set of classes that is short and holds all its slots, η.
    pub(super) halls: Vec<i64>,
    /// What it earns where there must be so many routes, and pays where there may be no more, ν.
    pub(super) lo: i64,
    pub(super) hi: i64,
}

impl Duals {
    /// Rounds so that reduced costs hardly fall: what a route earns down, what it pays up. Nothing is proven before routes are
    /// priced with the outcome.
    pub(super) fn round(answer: &Answer, scale: i64, rows: &Rows, unscheduled: Cost) -> Self {
        // Parts of a unit by which a multiplier of the floating-point solution may miss a whole number.
        const NOISE: f64 = 0.01;
        // None is negative: what the solution has below zero is noise, too.
        let down = |v: &f64| (v * scale as f64 + NOISE).floor().max(0.0) as i64;
        let up = |v: &f64| (v * scale as f64 - NOISE).ceil().max(0.0) as i64;
        Self {
            scale,
            visits: answer.visits.iter().map(|v| down(v).min(unscheduled * scale)).collect(),
            cuts: answer.cuts.iter().map(up).collect(),
            halls: answer.halls.iter().map(up).collect(),
            lo: down(&answer.lo),
            // Without a limit there is nothing to pay for.
            hi: rows.hi.map_or(0, |_| up(&answer.hi)),
        }
    }

    /// The same in whole cost units, rounded so that no reduced cost falls below what it was in parts of a unit, rounded up:
    /// what a route earns down, what it pays up.
    pub(super) fn in_units(&self) -> Self {
        self.in_units_times(1, 1)
    }

    /// The same in whole cost units, each rounded to the nearest: reduced costs may fall.
    pub(super) fn to_nearest(&self) -> Self {
        let near = |dual: &i64| (dual + self.scale / 2).div_euclid(self.scale);
        let all = |duals: &[i64]| duals.iter().map(near).collect();
        Self {
            scale: 1,
            visits: all(&self.visits),
            cuts: all(&self.cuts),
            halls: all(&self.halls),
            lo: near(&self.lo),
            hi: near(&self.hi),
        }
    }

    /// A fraction of them in whole cost units, rounded like [`Duals::in_units`].
    pub(super) fn in_units_times(&self, numerator: i128, denominator: i128) -> Self {
        let denominator = denominator * i128::from(self.scale);
        let part = |dual: i64| (i128::from(dual) * numerator).div_euclid(denominator) as i64;
        let (down, up) = (|dual: &i64| part(*dual), |dual: &i64| -part(-*dual));
        Self {
            scale: 1,
            visits: self.visits.iter().map(down).collect(),
            cuts: self.cuts.iter().map(up).collect(),
            halls: self.halls.iter().map(up).collect(),
            lo: down(&self.lo),
            hi: up(&self.hi),
        }
    }
}

/// The cuts that cost something.
pub(super) fn dear_cuts(n: usize, rows: &Rows, duals: &Duals) -> CutBits {
    CutBits::new(n, &rows.cuts, |cut| duals.cuts[cut] > 0)
}

/// The multiplier μ ≤ 0 of a class: what the sets of classes that are short cost together.
pub(super) fn slot_dual(class: usize, rows: &Rows, duals: &Duals) -> i64 {
    -rows
        .halls
        .iter()
        .zip(&duals.halls)
        .filter(|(hall, _)| holds(&hall.mask, class))
        .map(|(_, dual)| dual)
        .sum::<i64>()
}
