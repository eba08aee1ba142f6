//! Column generation for one case of the proof: master and pricing in turn until no route is missing.
//!
//! What comes out is a bound in whole numbers. Routes are priced with multipliers in parts of a unit, and these are rounded to
//! units so that no reduced cost falls below what it was; as it is a whole number then, a shortfall below one unit is none.

use std::collections::BTreeSet;

use super::classes::{Classes, Mask, within};
use super::cuts;
use super::master::{self, Answer, Rows};
use super::parting::Core;
use super::pool::{Column, Pool};
use super::pricing::{Duals, Field, Pair, Priced, PricedRoute, Query, SCALE, UNKNOWN, cuts_of};
use super::simplex::{Basis, End, Programme};
use super::workers::share_out;
use crate::routing::Cost;

/// Columns taken in after one pricing, at least.
const BATCH: usize = 250;
/// Share of time or budget after which a first bound is due.
const LATE: f64 = 0.5;
/// Shortfall of a reduced cost that is none, in 1/[`SCALE`] cost units.
pub(super) const NEGLIGIBLE: i64 = SCALE / 4;

/// Legs of each visit that a narrow search looks at: to the nearest visits, where most good routes stay.
const NEAREST: usize = 20;
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
    /// Whether no route is missing; else the bound is weaker than the linear programme's.
    pub(crate) converged: bool,
}

impl Relaxed {
    /// How many routes there are, in parts of them.
    pub(crate) fn routes(&self) -> f64 {
        self.support.iter().map(|(_, weight)| weight).sum()
    }
}

/// Columns and rows, shared by all cases.
pub(crate) struct Generator<'a> {
    pub(crate) field: &'a Field<'a>,
    pub(crate) classes: &'a Classes,
    pub(crate) pool: Pool,
    /// What cases are worked on with by pivots, once it is chosen.
    pub(super) core: Core,
    pub(crate) cuts: Vec<master::Triple>,
    pub(crate) halls: Vec<master::Hall>,
    /// Columns in the master.
    pub(super) active: Vec<usize>,
    /// Columns in the master at which the dearest are taken out. It grows each time, so that no cycle can last.
    room: usize,
    /// Columns taken in after one pricing.
    batch: usize,
    /// Buckets of completion bounds.
    pub(super) buckets: i64,
    /// Steps of pricing left, and how many there were.
    pub(crate) steps: u64,
    all_steps: u64,
    pub(crate) unscheduled: Cost,
    /// A bound that is high enough: what is proven to cost so much need not be looked at any longer.
    pub(crate) enough: Cost,
    pub(crate) clock: Clock<'a>,
    /// The largest share of a time limit that a linear programme has taken of late.
    dearest: f64,
    /// Whether the next linear programme would overrun the time limit.
    late: bool,
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

impl<'a> Generator<'a> {
    /// Nothing but what the problem says: no columns yet.
    pub(crate) fn new(field: &'a Field<'a>, steps: u64, clock: Clock<'a>) -> Self {
        let unscheduled = field.timing.problem.cost.unscheduled;
        Self {
            field,
            classes: field.classes,
            pool: Pool::default(),
            core: Core::default(),
            cuts: Vec::new(),
            halls: Vec::new(),
            active: Vec::new(),
            room: 4 * field.n + 400,
            batch: BATCH.max(field.n / 4),
            buckets: 256,
            steps,
            all_steps: steps,
            unscheduled,
            enough: Cost::MAX,
            clock,
            dearest: 0.0,
            late: false,
        }
    }

    /// Begins with the routes of a schedule in the master, and others in the pool.
    pub(crate) fn start_from(&mut self, schedule: &[(usize, Vec<u32>)], seen: &[(usize, Vec<u32>)]) {
        self.take_in(schedule);
        (0..self.pool.columns.len()).for_each(|column| self.activate(column));
        self.take_in(seen);
    }

    /// Makes sure that a column is in the master.
    pub(crate) fn activate(&mut self, column: usize) {
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
            .filter_map(|route| Pool::column(self.field.timing, self.classes, route.view, &route.visits));
        columns.map(|column| self.pool.insert(column)).collect()
    }

    /// Whether time or budget is over.
    pub(crate) fn over(&self) -> bool {
        self.steps == 0 || self.late || (self.clock.stop)()
    }

    /// The share of time or budget that is spent.
    fn spent(&self) -> f64 {
        (self.clock.spent)().unwrap_or_else(|| 1.0 - self.steps as f64 / self.all_steps.max(1) as f64)
    }

    /// That no schedule costs less than nothing.
    pub(crate) fn nothing(&self) -> Proven {
        Proven {
            duals: Duals { scale: 1, visits: vec![0; self.field.n], ..Duals::default() },
            ..Proven::default()
        }
    }

    /// Takes routes into the pool, in every view of their base.
    pub(crate) fn take_in(&mut self, routes: &[(usize, Vec<u32>)]) {
        for (base, visits) in routes {
            for view in (0..self.classes.views.len()).filter(|view| self.classes.views[*view].base == *base) {
                if let Some(column) = Pool::column(self.field.timing, self.classes, view, visits) {
                    self.pool.insert(column);
                }
            }
        }
    }

    /// Forgets cuts that cost nothing in a solution.
    pub(crate) fn drop_idle_cuts(&mut self, relaxed: &Relaxed) {
        let mut idle = relaxed.idle_cuts.iter();
        self.cuts.retain(|_| idle.next() != Some(&true));
    }

    pub(super) fn rows(&self, case: &Case) -> Rows {
        let taken = case.taken.len();
        let room = |hall: &master::Hall| {
            let taken = case.taken.iter().map(|at| &self.pool.columns[*at].mask);
            let inside = taken.chain(&self.classes.of_standing).filter(|mask| within(mask, &hall.mask)).count();
            let size = hall.size.saturating_sub(inside);
            master::Hall { mask: hall.mask.clone(), size }
        };
        let mut done = vec![false; self.field.n];
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

    /// Solves the linear programme of a case over all routes.
    ///
    /// After `patience` prices that found new routes it stops, not converged; with `usize::MAX` it goes on until none is missing
    /// and proves what it comes to. `None` where the numerics give up before anything is known.
    pub(crate) fn relax(&mut self, case: &Case, patience: usize) -> Option<Relaxed> {
        let exactly = patience == usize::MAX;
        let mut patience = patience;
        let mut best = self.nothing();
        // The first multipliers are far off, later ones less and less.
        let mut hope = i64::MIN / 2;
        let mut narrow =
            self.field.n > 3 * NEAREST && self.field.memory.is_none() && self.field.listed().is_none();
        // As long as many routes are missing, multipliers need not be exact.
        let mut rough = self.field.n > 3 * NEAREST;
        let mut reached: Option<(f64, Vec<(usize, f64)>)> = None;
        loop {
            let rows = self.rows(case);
            let Some((answer, used)) = self.master(case, &rows, rough) else {
                // What was known before time ran out is not lost.
                reached = reached.filter(|_| self.late);
                break;
            };
            let weights = used.into_iter().zip(answer.weights.iter().copied());
            let (value, support) =
                reached.insert((value(&answer, &rows), weights.filter(|(_, w)| *w > 1e-6).collect()));
            let duals = Duals::round(&answer, SCALE, &rows, self.unscheduled);
            if self.over() {
                break;
            }
            // Where the pool has little left, short legs are looked along at once: a linear programme takes longer.
            let drawn = self.draw_on_pool(case, &rows, &duals);
            if drawn > 0 && (!narrow || patience == 0 || drawn >= FEW) {
                continue;
            }
            if patience == 0 {
                break;
            }
            // However far multipliers are off, some bound is better than none.
            let due = exactly && best.value == 0 && self.spent() > LATE;
            let priced = if due {
                self.look_everywhere(case, &rows, &duals, hope)
            } else {
                self.look(case, &rows, &duals, hope, exactly && drawn == 0, &mut narrow)
            };
            if self.over() {
                break;
            }
            if drawn > 0 && !due {
                self.employ(&priced.routes);
                patience -= 1;
                continue;
            }
            let least = priced.routes.first().map_or(0, |route| route.reduced);
            hope = least;
            let before = self.active.len();
            self.employ(&priced.routes);
            if least < 0 {
                if priced.floor() > UNKNOWN {
                    for weaker in [
                        self.farley(&answer, &rows, priced.floor()),
                        self.lagrange(&answer, &rows, &priced.floors),
                    ] {
                        if weaker.value > best.value {
                            best = weaker;
                        }
                    }
                    if best.value >= self.enough {
                        break;
                    }
                }
                rough &= priced.routes.len() >= FEW;
                patience -= 1;
                if self.active.len() > before || drawn > 0 {
                    continue;
                }
                // The master has these columns already, or cannot place them: this is as exact as it gets.
            }
            if rough {
                rough = false;
                if exactly {
                    continue;
                }
            }
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
            if let Some(hall) = cuts::short_slots(self.classes, &masks)
                && self.halls.iter().all(|known| known.mask != hall.mask)
            {
                self.halls.push(hall);
                continue;
            }
            let known = least >= 0 && priced.floor() >= -NEGLIGIBLE;
            let proven = if known { Proven::of(duals.in_units(), &rows) } else { Proven::default() };
            return Some(Relaxed {
                proven: if proven.value > best.value { proven } else { best },
                value: *value,
                support: std::mem::take(support),
                idle_cuts: answer.cuts.iter().map(|dual| *dual < 1e-3).collect(),
                converged: true,
            });
        }
        let (value, support) = reached?;
        Some(Relaxed { proven: best, value, support, idle_cuts: Vec::new(), converged: false })
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
        let priced = self.field.price(query, self.clock.stop);
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
    pub(crate) fn price_again(&self, case: &Case, proven: &Proven) -> u64 {
        let query = Query { threshold: 0, steps: u64::MAX, ..self.query(case, &proven.rows, &proven.duals) };
        self.field.price(query, self.clock.stop).steps
    }

    /// About the values of cases narrower than `parent`, over the columns that are in the master now: infinite where there
    /// is no solution, `None` where nothing is known.
    pub(crate) fn glances(&mut self, parent: &Case, cases: &[Case]) -> Vec<Option<f64>> {
        let n = self.field.n;
        let rows = self.rows(parent);
        let used = self.used(parent, &rows);
        let columns: Vec<&Column> = used.iter().map(|at| &self.pool.columns[*at]).collect();
        let programme = Programme::new(n, &columns, &rows, self.unscheduled);
        let mut basis = Basis::new(&programme, n, &rows);
        let all = basis.run(&[], PIVOTS * rows.count(n));
        let mut work = basis.work;
        basis.work = 0;
        let mut out = vec![None; cases.len()];
        if all == End::Optimal {
            let found = share_out(self.field.threads, cases.len(), self.clock.stop, |at| {
                let case = &cases[at];
                let rows = self.rows(case);
                let banned: Vec<bool> = used.iter().map(|at| !self.admits(case, &rows, *at)).collect();
                let mut ahead = basis.clone();
                if case.taken.len() > parent.taken.len() {
                    ahead.ask(n, &rows);
                }
                let end = ahead.run(&banned, AHEAD);
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

    /// What a linear programme takes, in steps.
    fn master_steps(n: usize, columns: usize, rows: &Rows) -> u64 {
        (columns * (n + rows.cuts.len()) * 35) as u64
    }

    /// Finer completion bounds where the search takes longest, coarser ones where they do.
    fn weigh(&mut self, priced: &Priced) {
        let searching = priced.steps.saturating_sub(priced.bounding);
        if searching > 2 * priced.bounding {
            self.buckets = (self.buckets * 2).min(1024);
        } else if 6 * searching < priced.bounding {
            self.buckets = (self.buckets / 2).max(64);
        }
    }

    /// One solution of the master; the columns it was solved over.
    fn master(&mut self, case: &Case, rows: &Rows, rough: bool) -> Option<(Answer, Vec<usize>)> {
        let spent = (self.clock.spent)();
        if spent.is_some_and(|spent| spent + 1.3 * self.dearest > 1.0) {
            self.late = true;
            return None;
        }
        let used = self.used(case, rows);
        let columns: Vec<&Column> = used.iter().map(|at| &self.pool.columns[*at]).collect();
        self.steps = self.steps.saturating_sub(Self::master_steps(self.field.n, used.len(), rows));
        let tolerance = if rough { master::ROUGH } else { master::FINE };
        let answer = master::solve(self.field.n, &columns, rows, self.unscheduled, tolerance);
        if let (Some(before), Some(after)) = (spent, (self.clock.spent)()) {
            self.dearest = (after - before).max(0.8 * self.dearest);
        }
        let answer = answer?;
        if used.len() > self.room {
            self.forget(&answer, rows, &used, self.room * 2 / 3);
            self.room += self.room / 8;
        }
        Some((answer, used))
    }

    /// Takes the dearest columns out of the master; the pool keeps them.
    fn forget(&mut self, answer: &Answer, rows: &Rows, used: &[usize], keep: usize) {
        let duals = Duals::round(answer, SCALE, rows, self.unscheduled);
        let cuts_of = cuts_of(self.field.n, rows, &duals);
        let mut met = Vec::new();
        let mut ranked: Vec<(i64, usize)> = used
            .iter()
            .map(|at| (Field::reduced(&self.pool.columns[*at], &duals, rows, &cuts_of, &mut met), *at))
            .collect();
        ranked.sort_unstable();
        ranked.truncate(keep);
        self.active = ranked.into_iter().map(|(_, at)| at).collect();
        self.active.sort_unstable();
    }

    /// The columns of the master that a case admits.
    pub(super) fn used(&self, case: &Case, rows: &Rows) -> Vec<usize> {
        self.active.iter().copied().filter(|at| self.admits(case, rows, *at)).collect()
    }

    fn admits(&self, case: &Case, rows: &Rows, column: usize) -> bool {
        let visits = &self.pool.columns[column].visits;
        case.pairs.iter().all(|pair| pair.admits(visits)) && visits.iter().all(|v| !rows.done[*v as usize])
    }

    /// Takes columns of the pool into the master that the multipliers call for; how many.
    fn draw_on_pool(&mut self, case: &Case, rows: &Rows, duals: &Duals) -> usize {
        let cuts_of = cuts_of(self.field.n, rows, duals);
        let mut met = Vec::new();
        let mut found: Vec<(i64, usize)> = Vec::new();
        for at in 0..self.pool.columns.len() {
            let reduced = Field::reduced(&self.pool.columns[at], duals, rows, &cuts_of, &mut met);
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
