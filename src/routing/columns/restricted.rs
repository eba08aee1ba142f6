//! The restricted master: which columns and rows are in it, and its solution (Lübbecke and Desrosiers 2005, "Selected topics in
//! column generation", section 2).
//!
//! The pool keeps every route that was ever found. Those whose reduced cost is negative come back into the master before a
//! new one is searched for; the dearest leave it where it grows too large.

use std::collections::BTreeSet;

use super::case::{Case, Relaxed};
use super::classes::within;
use super::duals::{Duals, SCALE, dear_cuts};
use super::generate::{Generator, NEGLIGIBLE};
use super::master::{self, Answer};
use super::network::Network;
use super::pool::{Column, Pool};
use super::pricing::PricedRoute;
use super::rows::{Hall, Rows};

/// Steps of a linear programme for each column and row.
const STEPS_OF_AN_ENTRY: usize = 35;
/// What a linear programme may take beyond the dearest of late before time is up.
const BEYOND: f64 = 1.3;
/// What of the dearest is kept in mind from one to the next.
const KEPT_IN_MIND: f64 = 0.8;
/// The part of the columns that stay where there are too many.
const STAY: (usize, usize) = (2, 3);
/// The part, as a divisor, by which their room grows then.
const GROWTH: usize = 8;

impl Generator<'_> {
    /// Begins with the routes of a schedule in the master, and others in the pool.
    pub(super) fn start_from(&mut self, schedule: &[(usize, Vec<u32>)], seen: &[(usize, Vec<u32>)]) {
        self.take_in(schedule);
        (0..self.pool.columns.len()).for_each(|column| self.activate(column));
        self.take_in(seen);
    }

    /// Makes sure that a column is in the master.
    pub(super) fn activate(&mut self, column: usize) {
        if !self.active.contains(&column) {
            self.active.push(column);
        }
    }

    /// Takes priced routes into pool and master.
    pub(super) fn employ(&mut self, routes: &[PricedRoute]) {
        for at in self.places(routes) {
            self.activate(at);
        }
    }

    /// The places of priced routes in the pool, which takes in those that it has not.
    pub(super) fn places(&mut self, routes: &[PricedRoute]) -> Vec<usize> {
        let columns = routes
            .iter()
            .filter_map(|route| Pool::column(self.network.timing, self.classes, route.view, &route.visits));
        columns.map(|column| self.pool.insert(column)).collect()
    }

    /// Takes routes into the pool, in every view of their base.
    pub(super) fn take_in(&mut self, routes: &[(usize, Vec<u32>)]) {
        for (base, visits) in routes {
            for view in (0..self.classes.views.len()).filter(|view| self.classes.views[*view].base == *base) {
                if let Some(column) = Pool::column(self.network.timing, self.classes, view, visits) {
                    self.pool.insert(column);
                }
            }
        }
    }

    /// Forgets cuts that cost nothing in a solution.
    pub(super) fn drop_idle_cuts(&mut self, relaxed: &Relaxed) {
        let mut idle = relaxed.idle_cuts.iter();
        self.cuts.retain(|_| idle.next() != Some(&true));
    }

    pub(super) fn rows(&self, case: &Case) -> Rows {
        let taken = case.taken.len();
        let room = |hall: &Hall| {
            let taken = case.taken.iter().map(|at| &self.pool.columns[*at].mask);
            let inside = taken.chain(&self.classes.of_standing).filter(|mask| within(mask, &hall.mask)).count();
            let size = hall.size.saturating_sub(inside);
            Hall { mask: hall.mask.clone(), size }
        };
        let mut done = vec![false; self.network.n];
        for at in &case.taken {
            self.pool.columns[*at].visits.iter().for_each(|v| done[*v as usize] = true);
        }
        // A cut that a taken route pays for binds the others no more, but is kept by whatever they may still do.
        Rows {
            cuts: self.cuts.clone(),
            halls: self.halls.iter().map(room).collect(),
            lo: case.lo.saturating_sub(taken),
            hi: case.hi.map(|hi| hi.saturating_sub(taken)),
            done,
        }
    }

    /// What a linear programme takes, in steps.
    fn master_steps(n: usize, columns: usize, rows: &Rows) -> u64 {
        (columns * (n + rows.cuts.len()) * STEPS_OF_AN_ENTRY) as u64
    }

    /// One solution of the master; the columns it was solved over.
    pub(super) fn master(&mut self, case: &Case, rows: &Rows, rough: bool) -> Option<(Answer, Vec<usize>)> {
        let spent = (self.outside.spent)();
        if spent.is_some_and(|spent| spent + BEYOND * self.dearest > 1.0) {
            self.late = true;
            return None;
        }
        let used = self.used(case, rows);
        let columns: Vec<&Column> = used.iter().map(|at| &self.pool.columns[*at]).collect();
        self.steps = self.steps.saturating_sub(Self::master_steps(self.network.n, used.len(), rows));
        let tolerance = if rough { master::ROUGH } else { master::FINE };
        let solve = |tolerance| master::solve(self.network.n, &columns, rows, self.unscheduled, tolerance);
        // Numerics that do not get to the last digits may get to the first ones.
        let answer = solve(tolerance).or_else(|| solve(master::ROUGH).filter(|_| !rough));
        if let (Some(before), Some(after)) = (spent, (self.outside.spent)()) {
            self.dearest = (after - before).max(KEPT_IN_MIND * self.dearest);
        }
        let answer = answer?;
        if used.len() > self.room {
            self.forget(&answer, rows, &used, self.room * STAY.0 / STAY.1);
            self.room += self.room / GROWTH;
        }
        Some((answer, used))
    }

    /// Takes the dearest columns out of the master, and those that the present case does not admit; the pool keeps all.
    fn forget(&mut self, answer: &Answer, rows: &Rows, used: &[usize], keep: usize) {
        let duals = Duals::round(answer, SCALE, rows, self.unscheduled);
        let cuts = dear_cuts(self.network.n, rows, &duals);
        let mut ranked: Vec<(i64, usize)> =
            used.iter().map(|at| (Network::reduced(&self.pool.columns[*at], &duals, rows, &cuts), *at)).collect();
        ranked.sort_unstable();
        ranked.truncate(keep);
        self.active = ranked.into_iter().map(|(_, at)| at).collect();
        self.active.sort_unstable();
    }

    /// The columns of the master that a case admits.
    pub(super) fn used(&self, case: &Case, rows: &Rows) -> Vec<usize> {
        self.active.iter().copied().filter(|at| self.admits(case, rows, *at)).collect()
    }

    pub(super) fn admits(&self, case: &Case, rows: &Rows, column: usize) -> bool {
        let visits = &self.pool.columns[column].visits;
        case.pairs.iter().all(|pair| pair.admits(visits)) && visits.iter().all(|v| !rows.done[*v as usize])
    }

    /// Takes columns of the pool into the master that the multipliers call for; how many.
    pub(super) fn draw_on_pool(&mut self, case: &Case, rows: &Rows, duals: &Duals) -> usize {
        let cuts = dear_cuts(self.network.n, rows, duals);
        let mut found: Vec<(i64, usize)> = Vec::new();
        for at in 0..self.pool.columns.len() {
            let reduced = Network::reduced(&self.pool.columns[at], duals, rows, &cuts);
            if reduced < -NEGLIGIBLE && self.admits(case, rows, at) {
                found.push((reduced, at));
            }
        }
        let known: BTreeSet<usize> = self.active.iter().copied().collect();
        found.retain(|(_, at)| !known.contains(at));
        found.sort_unstable();
        found.truncate(self.batch);
        self.active.extend(found.iter().map(|(_, at)| *at));
        found.len()
    }
}

/// The value of a solution of the master.
pub(super) fn value(answer: &Answer, rows: &Rows) -> f64 {
    let sum = |list: &[f64]| list.iter().sum::<f64>();
    let slots: f64 = rows.halls.iter().zip(&answer.halls).map(|(hall, dual)| hall.size as f64 * dual).sum();
    sum(&answer.visits) - sum(&answer.cuts) - slots + rows.lo as f64 * answer.lo
        - rows.hi.map_or(0.0, |hi| hi as f64 * answer.hi)
}
