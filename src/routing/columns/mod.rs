//! Columns: what the best schedule costs at least, and schedules that come close to it.
//!
//! Branch and price (Desaulniers, Desrosiers and Solomon 2005, "Column Generation"): a covering master over day routes
//! ([`master`]), routes of negative reduced cost found by exact search ([`pricing`], [`hunt`]) between bounds from both
//! ends ([`ways`], [`reach`], [`completion`]), cuts on triples ([`cuts`]), branching on the number of routes and on pairs ([`tree`],
//! [`parting`], [`branching`]), schedules by diving ([`dive`]), by solving parts of them to the end ([`rest`]) and by looking
//! for fewer routes first ([`fewer`]). The result is a certificate in whole numbers ([`whole`]); floating point only steers.

mod branching;
mod classes;
mod completion;
mod cuts;
mod dive;
mod fewer;
mod generate;
mod hunt;
mod labels;
mod listed;
mod master;
mod parting;
mod pool;
mod pricing;
mod reach;
mod rest;
mod rounding;
mod simplex;
mod tree;
mod ways;
mod whole;
mod workers;

use super::Cost;
use super::certificate::Tree;
use super::route::Timing;
use super::search::Slots;
use classes::Classes;
pub(crate) use generate::Clock;
use generate::{Case, Generator};
use pricing::Field;
pub(crate) use tree::{Keeper, Routes};

/// Whoever proves how little a schedule can cost.
pub(crate) struct Prover<'a> {
    timing: &'a Timing<'a>,
    classes: Classes,
    threads: usize,
}

impl<'a> Prover<'a> {
    pub(crate) fn new(timing: &'a Timing<'a>, slots: &Slots<'_>, threads: usize) -> Self {
        Self { timing, classes: Classes::new(timing.problem, slots), threads }
    }

    /// Whether routes are too long to be searched one by one.
    pub(crate) fn long_routes(&self) -> bool {
        Field::new(self.timing, &self.classes, self.threads).memory.is_some()
    }

    /// Column generation for the undivided problem from the routes `seen`; then `body` may price with its multipliers as
    /// often as it likes, over all legs, and is told the bound. A pricing says how many steps it took.
    pub(crate) fn at_root<T>(&self, seen: &Routes, body: impl FnOnce(Cost, &dyn Fn() -> u64) -> T) -> Option<T> {
        let field = Field::new(self.timing, &self.classes, self.threads);
        let clock = Clock::ENDLESS;
        let mut generator = Generator::new(&field, &self.classes, u64::MAX, clock);
        generator.start_from(seen, &[]);
        let case = Case::default();
        let proven = generator.relax(&case, usize::MAX)?.proven;
        let price = || generator.price_again(&case, &proven);
        Some(body(proven.value, &price))
    }

    /// Proves a bound, and finds better schedules on the way, which `keeper` keeps.
    ///
    /// `start` is a schedule of cost `total`, `seen` are routes to begin with, `steps` the budget in steps of about 3 ns.
    pub(crate) fn prove(
        &self,
        (start, total): (Routes, Cost),
        seen: &Routes,
        keeper: &mut dyn Keeper,
        steps: u64,
        clock: Clock<'_>,
    ) -> (Cost, Tree) {
        let mut field = Field::new(self.timing, &self.classes, self.threads);
        field.list_routes();
        let mut generator = Generator::new(&field, &self.classes, steps, clock);
        generator.start_from(&start, seen);
        let mut search = tree::Search::new(&mut generator, keeper, total);
        search.run();
        (search.value(0), search.tree(self.timing.problem, 0))
    }
}
