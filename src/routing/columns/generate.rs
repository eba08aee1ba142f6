//! Column generation for one case of the proof: master and pricing in turn until no route is missing (Lübbecke and Desrosiers
//! 2005, "Selected topics in column generation", section 2).
//!
//! What comes out is a bound in whole numbers. Routes are priced with multipliers in parts of a unit, and these are rounded to
//! units so that no reduced cost falls below what it was; as it is a whole number then, a shortfall below one unit is none.

use super::case::{Case, Outside, Proven, Relaxed};
use super::classes::{Classes, Mask};
use super::duals::{Duals, SCALE};
use super::halls::short_slots;
use super::memory::NgSets;
use super::network::Network;
use super::pivots::Core;
use super::pool::{Column, NOISE, Pool};
use super::pricing::{Priced, Query, UNKNOWN};
use super::programme::Programme;
use super::restricted::value;
use super::rows::{Hall, Rows, Triple};
use super::simplex::{Basis, End};
use super::workers::share_out;
use crate::routing::Cost;

/// Columns taken in after one pricing, at least.
const BATCH: usize = 250;
/// One more for so many visits, where that is more.
const VISITS_PER_COLUMN: usize = 4;
/// Columns that the master has room for, for each visit.
const ROOM_EACH: usize = 4;
/// Further ones, whatever the visits.
const ROOM: usize = 400;
/// Buckets of completion bounds at first.
const BUCKETS: i64 = 256;
/// The coarsest bounds.
const FEWEST_BUCKETS: i64 = 64;
/// The finest ones.
const MOST_BUCKETS: i64 = 1024;
/// Times as long as the bounds that a search may take before they are made finer.
const LONG_SEARCH: u64 = 2;
/// Times as long as the search that the bounds may take before they are made coarser.
const LONG_BOUNDS: u64 = 6;
/// Multiplier of a cut below which it costs nothing, in cost units.
const IDLE: f64 = 1e-3;
/// Share of time or budget after which a first bound is due.
const LATE: f64 = 0.5;
/// Shortfall of a reduced cost that is none, in 1/[`SCALE`] cost units.
pub(super) const NEGLIGIBLE: i64 = SCALE / 4;

/// Legs of each visit that a narrow search looks at: to the nearest visits, where most good routes stay.
const NEAREST: usize = 20;
/// Visits from which on a search is narrow first, and multipliers rough: fewer are soon looked through.
const MANY: usize = 3 * NEAREST;
/// Routes that a narrow search finds at least, or a whole one follows.
const FEW: usize = 30;
/// Buckets of a narrow search's completion bounds.
const NARROW_BUCKETS: i64 = 128;

/// Pivots to a master's optimum, times its rows, after which nothing is known.
pub(super) const PIVOTS: usize = 20;
/// Pivots of a look ahead.
const AHEAD: usize = 60;
/// Multiplications in a step.
pub(super) const MULTIPLICATIONS: u64 = 6;

/// Columns and rows, shared by all cases. What is done with them stands in the files of their subjects: the master
/// ([`super::restricted`]), whole multipliers ([`super::whole`]), pivots ([`super::pivots`]), parts of schedules
/// ([`super::rest`]), fewer routes ([`super::fewer`]).
pub(super) struct Generator<'a> {
    pub(super) network: &'a Network<'a>,
    pub(super) classes: &'a Classes,
    pub(super) pool: Pool,
    /// The columns that pivots work with; empty until they are chosen.
    pub(super) core: Core,
    pub(super) cuts: Vec<Triple>,
    /// What walks remember by now; `None`: routes are no walks.
    pub(super) ng_sets: Option<NgSets>,
    pub(super) halls: Vec<Hall>,
    /// Columns in the master.
    pub(super) active: Vec<usize>,
    /// Columns in the master at which the dearest are taken out. It grows each time, so that no cycle can last.
    pub(super) room: usize,
    /// Columns taken in after one pricing.
    pub(super) batch: usize,
    /// Buckets of completion bounds.
    pub(super) buckets: i64,
    /// Steps of pricing left, and how many there were.
    pub(super) steps: u64,
    pub(super) all_steps: u64,
    pub(super) unscheduled: Cost,
    /// A bound that is high enough: what is proven to cost so much need not be looked at any longer.
    pub(super) enough: Cost,
    pub(super) outside: Outside<'a>,
    /// The largest share of a time limit that a linear programme has taken of late.
    pub(super) dearest: f64,
    /// Whether the next linear programme would overrun the time limit.
    pub(super) late: bool,
}

/// How a column generation looks for routes as it goes on.
struct Pace {
    /// Pricings that may still find new routes.
    patience: usize,
    /// Whether it goes on until no route is missing.
    exactly: bool,
    /// The least reduced cost of the last pricing: the first multipliers are far off, later ones less and less.
    hope: i64,
    /// Whether short legs are looked along first.
    narrow: bool,
    /// Whether multipliers need not be exact, as many routes are missing still.
    rough: bool,
}

impl Pace {
    fn new(network: &Network<'_>, patience: usize) -> Self {
        let many = network.n > MANY;
        let narrow = many && network.ng_sets.is_none() && network.listed().is_none();
        Self { patience, exactly: patience == usize::MAX, hope: i64::MIN / 2, narrow, rough: many }
    }
}

/// What became of columns that a master misses.
enum Missing {
    /// Some came in, or it is to be solved more exactly: it is solved again.
    Taken,
    /// They are looked for no longer: patience, time or budget is over, or enough is proven.
    Unsought,
    /// There are none; whether that is `known` of all routes, or only of those that the master can place.
    None { known: bool },
}

impl<'a> Generator<'a> {
    /// Nothing but what the problem says: no columns yet.
    pub(super) fn new(network: &'a Network<'a>, steps: u64, outside: Outside<'a>) -> Self {
        let unscheduled = network.timing.problem.cost.unscheduled;
        Self {
            network,
            classes: network.classes,
            pool: Pool::default(),
            core: Core::default(),
            cuts: Vec::new(),
            ng_sets: network.ng_sets.clone(),
            halls: Vec::new(),
            active: Vec::new(),
            room: ROOM_EACH * network.n + ROOM,
            batch: BATCH.max(network.n / VISITS_PER_COLUMN),
            buckets: BUCKETS,
            steps,
            all_steps: steps,
            unscheduled,
            enough: Cost::MAX,
            outside,
            dearest: 0.0,
            late: false,
        }
    }

    /// Whether time or budget is over.
    pub(super) fn over(&self) -> bool {
        self.steps == 0 || self.late || (self.outside.stop)()
    }

    /// The share of time or budget that is spent.
    pub(super) fn spent(&self) -> f64 {
        (self.outside.spent)().unwrap_or_else(|| 1.0 - self.steps as f64 / self.all_steps.max(1) as f64)
    }

    /// That no schedule costs less than nothing.
    pub(super) fn nothing(&self) -> Proven {
        Proven {
            duals: Duals { scale: 1, visits: vec![0; self.network.n], ..Duals::default() },
            ..Proven::default()
        }
    }

    /// Solves the linear programme of a case over all routes.
    ///
    /// After `patience` pricings that found new routes it stops, not converged; with `usize::MAX` it goes on until none is missing
    /// and proves what it comes to. `None` where the numerics give up before anything is known.
    pub(super) fn relax(&mut self, case: &Case, patience: usize) -> Option<Relaxed> {
        let mut pace = Pace::new(self.network, patience);
        let mut best = self.nothing();
        let mut reached: Option<(f64, Vec<(usize, f64)>)> = None;
        loop {
            let rows = self.rows(case);
            let Some((answer, used)) = self.master(case, &rows, pace.rough) else {
                // What was known before time ran out, or is proven already, is not lost.
                reached = reached.filter(|_| self.late || best.value > 0);
                break;
            };
            let weights = used.into_iter().zip(answer.weights.iter().copied());
            let (value, support) =
                reached.insert((value(&answer, &rows), weights.filter(|(_, w)| *w > NOISE).collect()));
            let duals = Duals::round(&answer, SCALE, &rows, self.unscheduled);
            if self.over() {
                break;
            }
            let known = match self.take_in_missing(case, &rows, &duals, &mut pace, &mut best) {
                Missing::Taken => continue,
                Missing::Unsought => break,
                Missing::None { known } => known,
            };
            if self.is_short_of_slots(case, support) {
                continue;
            }
            let proven = if known { Proven::of(duals.in_units(), &rows) } else { Proven::default() };
            return Some(Relaxed {
                proven: if proven.value > best.value { proven } else { best },
                value: *value,
                support: std::mem::take(support),
                fine: known.then_some((duals, rows)),
                idle_cuts: answer.cuts.iter().map(|dual| *dual < IDLE).collect(),
                converged: true,
            });
        }
        let (value, support) = reached?;
        Some(Relaxed { proven: best, value, support, fine: None, idle_cuts: Vec::new(), converged: false })
    }

    /// Takes columns into the master that it misses: from the pool, else by pricing, at the `pace` that the generation has come
    /// to. What multipliers prove that still miss routes raises `best`.
    fn take_in_missing(
        &mut self,
        case: &Case,
        rows: &Rows,
        duals: &Duals,
        pace: &mut Pace,
        best: &mut Proven,
    ) -> Missing {
        // Where the pool has little left, short legs are looked along at once: a linear programme takes longer.
        let drawn = self.draw_on_pool(case, rows, duals);
        if drawn > 0 && (!pace.narrow || pace.patience == 0 || drawn >= FEW) {
            return Missing::Taken;
        }
        if pace.patience == 0 {
            return Missing::Unsought;
        }
        // However far multipliers are off, some bound is better than none.
        let due = pace.exactly && best.value == 0 && self.spent() > LATE;
        let priced = if due {
            self.look_everywhere(case, rows, duals, pace.hope)
        } else {
            self.look(case, rows, duals, pace.hope, pace.exactly && drawn == 0, &mut pace.narrow)
        };
        if self.over() {
            return Missing::Unsought;
        }
        let before = self.active.len();
        self.employ(&priced.routes);
        if drawn > 0 && !due {
            pace.patience -= 1;
            return Missing::Taken;
        }
        let least = priced.routes.first().map_or(0, |route| route.reduced);
        pace.hope = least;
        if least < 0 {
            if priced.floor() > UNKNOWN {
                self.bound_meanwhile(best, duals, rows, &priced);
                if best.value >= self.enough {
                    return Missing::Unsought;
                }
            }
            pace.rough &= priced.routes.len() >= FEW;
            pace.patience -= 1;
            if self.active.len() > before || drawn > 0 {
                return Missing::Taken;
            }
            // The master has these columns already, or cannot place them: this is as exact as it gets.
        }
        if std::mem::take(&mut pace.rough) && pace.exactly {
            return Missing::Taken;
        }
        Missing::None { known: least >= 0 && priced.floor() >= -NEGLIGIBLE }
    }

    /// Keeps the better of what is known and what multipliers prove that still miss routes.
    fn bound_meanwhile(&self, best: &mut Proven, duals: &Duals, rows: &Rows, priced: &Priced) {
        for weaker in [self.farley(duals, rows, priced.floor()), self.lagrange(duals, rows, &priced.floors)] {
            if weaker.value > best.value {
                *best = weaker;
            }
        }
    }

    /// Whether a solution has more routes than slots for them somewhere: then the set of classes that is short is known
    /// from now on.
    fn is_short_of_slots(&mut self, case: &Case, support: &[(usize, f64)]) -> bool {
        let taken = case.taken.iter().map(|at| (*at, 1.0));
        let standing = self.classes.of_standing.iter().map(|mask| (mask, 1.0));
        let masks: Vec<(&Mask, f64)> = support
            .iter()
            .copied()
            .chain(taken)
            .map(|(at, w)| (&self.pool.columns[at].mask, w))
            .chain(standing)
            .collect();
        // A dive may take routes that do not fit together: then the set is known and stays short.
        let short = short_slots(self.classes, &masks);
        let new = short.filter(|hall| self.halls.iter().all(|known| known.mask != hall.mask));
        let is_new = new.is_some();
        self.halls.extend(new);
        is_new
    }

    /// Looks for routes of negative reduced cost: among short legs as long as `narrow` says so and enough are found, then
    /// among all where `exactly` is asked for.
    fn look(
        &mut self,
        case: &Case,
        rows: &Rows,
        duals: &Duals,
        hope: i64,
        exactly: bool,
        narrow: &mut bool,
    ) -> Priced {
        if *narrow {
            let mut priced = self.ask(Query {
                hope: Some(hope),
                nearest: Some(NEAREST),
                buckets: NARROW_BUCKETS,
                ..self.query(case, rows, duals)
            });
            priced.routes.truncate(2 * self.batch);
            if priced.routes.len() >= FEW || !exactly || self.over() {
                return priced;
            }
        }
        let priced = self.look_everywhere(case, rows, duals, hope);
        // Where long legs are what is missing, short ones alone are not worth a search.
        *narrow &= priced.routes.len() >= FEW;
        priced
    }

    /// Looks for routes of negative reduced cost along all legs.
    pub(super) fn look_everywhere(&mut self, case: &Case, rows: &Rows, duals: &Duals, hope: i64) -> Priced {
        let priced = self.ask(Query { hope: Some(hope), ..self.query(case, rows, duals) });
        self.weigh(&priced);
        priced
    }

    /// One pricing; its steps are spent.
    pub(super) fn ask(&mut self, query: Query<'_>) -> Priced {
        let priced = self.network.price(query, self.ng_sets.as_ref(), self.outside.stop);
        self.steps = self.steps.saturating_sub(priced.steps);
        priced
    }

    /// Asks for routes of negative reduced cost along all legs, with what is left of the budget.
    pub(super) fn query<'q>(&self, case: &'q Case, rows: &'q Rows, duals: &'q Duals) -> Query<'q> {
        Query {
            duals,
            rows,
            pairs: &case.pairs,
            threshold: -NEGLIGIBLE,
            keep: self.batch,
            hope: None,
            nearest: None,
            buckets: self.buckets,
            steps: self.steps,
        }
    }

    /// One whole pricing with the multipliers of a case that came to its end; the steps it took.
    pub(super) fn price_again(&self, case: &Case, proven: &Proven) -> u64 {
        let query = Query { threshold: 0, steps: u64::MAX, ..self.query(case, &proven.rows, &proven.duals) };
        self.network.price(query, self.ng_sets.as_ref(), self.outside.stop).steps
    }

    /// About the values of cases narrower than `parent`, over the columns that are in the master now: infinite where there
    /// is no solution, `None` where nothing is known.
    pub(super) fn strong_branch(&mut self, parent: &Case, cases: &[Case]) -> Vec<Option<f64>> {
        let n = self.network.n;
        let rows = self.rows(parent);
        let used = self.used(parent, &rows);
        let columns: Vec<&Column> = used.iter().map(|at| &self.pool.columns[*at]).collect();
        let programme = Programme::new(n, &columns, &rows, self.unscheduled);
        let mut basis = Basis::new(&programme, n, &rows);
        let all = basis.run(&[], PIVOTS * rows.count(n), self.outside.stop);
        let mut work = basis.work;
        basis.work = 0;
        let mut out = vec![None; cases.len()];
        if all == End::Optimal {
            let found = share_out(self.network.threads, cases.len(), self.outside.stop, |at| {
                let case = &cases[at];
                let rows = self.rows(case);
                let banned: Vec<bool> = used.iter().map(|at| !self.admits(case, &rows, *at)).collect();
                let mut ahead = basis.clone();
                if case.taken.len() > parent.taken.len() {
                    ahead.ask(n, &rows);
                }
                let end = ahead.run(&banned, AHEAD, self.outside.stop);
                (if end == End::Infeasible { f64::INFINITY } else { ahead.value() }, ahead.work)
            });
            for (at, (value, pivoting)) in found {
                out[at] = Some(value);
                work += pivoting;
            }
        }
        self.steps = self.steps.saturating_sub(work / MULTIPLICATIONS);
        out
    }

    /// Finer completion bounds where the search takes longest, coarser ones where they do.
    fn weigh(&mut self, priced: &Priced) {
        let searching = priced.steps.saturating_sub(priced.bounding);
        if searching > LONG_SEARCH * priced.bounding {
            self.buckets = (self.buckets * 2).min(MOST_BUCKETS);
        } else if LONG_BOUNDS * searching < priced.bounding {
            self.buckets = (self.buckets / 2).max(FEWEST_BUCKETS);
        }
    }
}
