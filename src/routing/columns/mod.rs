//! Columns: what the best schedule costs at least, and schedules that come close to it.
//!
//! Branch and price (Desaulniers, Desrosiers and Solomon 2005, "Column Generation"). A [`case`] of the proof says how many
//! routes there are and which visits share one. It is solved by column generation ([`generate`]): a covering master over day
//! routes ([`restricted`], [`master`] with its [`rows`], columns kept in a [`pool`]) and pricing in turn ([`pricing`] with whole
//! [`duals`]: by [`listed`] routes, depth first over [`elementary`] ones, or by [`labels`] over walks with a [`memory`]). Routes run through a [`network`],
//! between bounds from both ends ([`reachable`], [`forward`], [`completion`]), over slots in [`classes`] that no visit tells
//! apart. [`cuts`] on triples and sets of slots that are short ([`halls`]) strengthen the master. The [`tree`] branches on the
//! number of routes and on pairs ([`branching`], [`odd`]); below the root most cases are solved by dual pivots ([`pivots`],
//! [`simplex`]). Schedules are found by diving ([`dive`]), by solving parts of them to the end ([`rest`]) and by looking for
//! fewer routes first ([`fewer`]). The result is a certificate in whole numbers ([`whole`], [`mending`], [`nearest`], [`bounds`]); floating
//! point only steers. Threads share work in [`workers`], so that results do not tell how many there were.

mod bounds;
mod branching;
mod case;
mod classes;
mod completion;
mod cuts;
mod dive;
mod duals;
mod elementary;
mod fewer;
mod forward;
mod generate;
mod halls;
mod incumbent;
mod labels;
mod listed;
mod master;
mod memory;
mod mending;
mod nearest;
mod network;
mod odd;
mod pivots;
mod pool;
mod pricing;
mod programme;
mod reachable;
mod rest;
mod restricted;
mod rows;
mod simplex;
mod tree;
mod warm;
mod whole;
mod workers;

use super::Cost;
use super::certificate::Tree;
use super::route::Timing;
use case::Case;
use completion::MOST_STATES;
use duals::SCALE;
use generate::Generator;
use network::Network;

pub(crate) use case::Outside;
pub(crate) use classes::Classes;
pub(crate) use incumbent::{Incumbent, Routes};

/// Computes a lower bound with its certificate, and better schedules on the way.
pub(crate) struct Prover<'a> {
    network: Network<'a>,
}

impl<'a> Prover<'a> {
    /// `None` where costs are so high that sums of reduced costs would not fit into 64 bits, or where routes are so long and
    /// visits so many that a table of both would not fit into memory: walks of many visits that take no time are endless.
    pub(crate) fn new(
        timing: &'a Timing<'a>,
        classes: &'a Classes,
        threads: usize,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Option<Self> {
        // A reduced cost is counted in parts of a unit, and has a few terms of that size; a walk earns at each arrival.
        let fits = |cost: i128| cost <= i128::from(i64::MAX / (8 * SCALE));
        let network = fits(timing.problem.worst_cost()).then(|| Network::new(timing, classes, threads, stop))?;
        let earned = network.longest() as i128 * i128::from(timing.problem.cost.unscheduled);
        (fits(earned) && network.n.saturating_mul(network.longest()) <= MOST_STATES).then_some(Self { network })
    }

    /// Whether routes are too long to be searched one by one.
    pub(crate) fn long_routes(&self) -> bool {
        self.network.ng_sets.is_some()
    }

    /// Column generation for the undivided problem from the routes `seen`; then `body` may price with its multipliers as
    /// often as it likes, over all legs, and is told the bound. A pricing says how many steps it took.
    pub(crate) fn at_root<T>(
        &self,
        seen: &Routes,
        outside: Outside<'_>,
        body: impl FnOnce(Cost, &dyn Fn() -> u64) -> T,
    ) -> Option<T> {
        let mut generator = Generator::new(&self.network, u64::MAX, outside);
        generator.start_from(seen, &[]);
        let case = Case::default();
        let proven = generator.relax(&case, usize::MAX)?.proven;
        let price = || generator.price_again(&case, &proven);
        Some(body(proven.value, &price))
    }

    /// Proves a bound, and finds better schedules on the way, which `incumbent` keeps; the bound and its certificate.
    ///
    /// `start` is a schedule of cost `total`, `seen` are routes to begin with, `steps` the budget in steps of about 3 ns.
    pub(crate) fn prove(
        mut self,
        (start, total): (Routes, Cost),
        seen: &Routes,
        incumbent: &mut dyn Incumbent,
        steps: u64,
        outside: Outside<'_>,
    ) -> (Cost, Tree) {
        self.network.list_routes();
        let mut generator = Generator::new(&self.network, steps, outside);
        generator.start_from(&start, seen);
        let mut search = tree::BranchAndBound::new(&mut generator, incumbent, total);
        search.run();
        search.sharpen();
        (search.value(0), search.tree(self.network.timing.problem, 0))
    }
}
