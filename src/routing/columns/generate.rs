//! Column generation for one case of the proof: master and pricing in turn until no route is missing.
//!
//! What comes out is a bound in whole numbers. Multipliers are rounded so that no reduced cost falls; as every route's
//! reduced cost is a whole number then, a shortfall below one unit is none.

use std::collections::BTreeSet;

use super::classes::{Classes, within};
use super::cuts;
use super::master::{self, Answer, Rows};
use super::pool::{Column, Pool};
use super::pricing::{Duals, Field, Pair, Priced, Query, SCALE, cuts_of};
use super::rounding::Mending;
use crate::routing::Cost;

/// Columns taken in after one pricing.
const BATCH: usize = 250;
/// Shortfall of a reduced cost that is none, in 1/[`SCALE`] cost units.
const NEGLIGIBLE: i64 = SCALE / 4;

/// A case of the proof: how many routes, and which visits are held together or apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Case {
    pub(crate) lo: usize,
    pub(crate) hi: Option<usize>,
    pub(crate) pairs: Vec<Pair>,
    /// Columns of the pool that are taken; only a dive has any.
    pub(crate) taken: Vec<usize>,
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

/// Columns and rows, shared by all cases.
pub(crate) struct Generator<'a> {
    pub(crate) field: &'a Field<'a>,
    pub(crate) classes: &'a Classes,
    pub(crate) pool: Pool,
    pub(crate) cuts: Vec<master::Triple>,
    pub(crate) halls: Vec<master::Hall>,
    /// Columns in the master.
    active: Vec<usize>,
    /// Columns in the master at which the dearest are taken out. It grows each time, so that no cycle can last.
    room: usize,
    /// Buckets of completion bounds.
    buckets: i64,
    /// Steps of pricing left.
    pub(crate) steps: u64,
    pub(crate) unscheduled: Cost,
    pub(crate) stop: &'a (dyn Fn() -> bool + Sync),
}

impl<'a> Generator<'a> {
    pub(crate) fn new(
        field: &'a Field<'a>,
        classes: &'a Classes,
        pool: Pool,
        steps: u64,
        stop: &'a (dyn Fn() -> bool + Sync),
    ) -> Self {
        let unscheduled = field.timing.problem.cost.unscheduled;
        let (cuts, halls, active) = (Vec::new(), Vec::new(), Vec::new());
        let room = 4 * field.n + 400;
        Self { field, classes, pool, cuts, halls, active, room, buckets: 256, steps, unscheduled, stop }
    }

    /// Makes sure that a column is in the master.
    pub(crate) fn activate(&mut self, column: usize) {
        if !self.active.contains(&column) {
            self.active.push(column);
        }
    }

    /// Takes priced routes into pool and master.
    fn employ(&mut self, routes: &[(usize, Vec<u32>, i64)]) {
        for (view, visits, _) in routes {
            if let Some(column) = Pool::column(self.field.timing, self.classes, *view, visits) {
                let at = self.pool.insert(column);
                self.activate(at);
            }
        }
    }

    /// Whether time or budget is over.
    pub(crate) fn over(&self) -> bool {
        self.steps == 0 || (self.stop)()
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

    /// Raises rounded multipliers as long as no route's reduced cost becomes negative: what rounding lost.
    pub(crate) fn tighten(&mut self, case: &Case, proven: &mut Proven) {
        // Labels hand back the best walks, not all of them.
        if self.field.memory.is_some() {
            return;
        }
        // A route gains at most one unit a visit.
        let most = self.field.longest() as i64 + 1;
        let Some(near) = self.near(case, &proven.duals, &proven.rows, most) else { return };
        let mut slack: Vec<i64> = near.iter().map(|r| r.2).collect();
        // Routes of each visit, and how often they make it.
        let mut on: Vec<Vec<(usize, i64)>> = vec![Vec::new(); self.field.n];
        for (at, (_, visits, _)) in near.iter().enumerate() {
            for visit in visits {
                match on[*visit as usize].last_mut() {
                    Some((last, times)) if *last == at => *times += 1,
                    _ => on[*visit as usize].push((at, 1)),
                }
            }
        }
        // Visits of few tight routes first: they are in nobody's way.
        let mut order: Vec<usize> = (0..self.field.n).collect();
        order.sort_by_key(|v| (on[*v].len(), *v));
        for visit in order {
            if proven.duals.visits[visit] < self.unscheduled
                && on[visit].iter().all(|(at, times)| slack[*at] >= *times)
            {
                proven.duals.visits[visit] += 1;
                on[visit].iter().for_each(|(at, times)| slack[*at] -= times);
            }
        }
        proven.value = proven_value(&proven.duals, &proven.rows);
    }

    /// Whole multipliers under which every one of `columns` has reduced cost zero and no route a negative one, if such are
    /// found: then these columns are the best of the case and nothing is lost by rounding.
    ///
    /// Among the optimal multipliers those are sought that leave all other routes as much room as possible; within that
    /// room each column's remainder goes to its visits one by one.
    pub(crate) fn exactly(&mut self, case: &Case, columns: &[usize]) -> Option<Proven> {
        const TRIES: usize = 12;
        let longest = self.field.longest() as f64;
        if self.field.memory.is_some() {
            return None;
        }
        let rows = self.rows(case);
        let tight: BTreeSet<usize> = columns.iter().copied().collect();
        for _ in 0..TRIES {
            let used: Vec<usize> =
                self.active.iter().copied().filter(|at| self.admits(case, &rows, *at)).collect();
            let list: Vec<(&Column, bool)> =
                used.iter().map(|at| (&self.pool.columns[*at], tight.contains(at))).collect();
            let answer = master::centre(self.field.n, &list, &rows, self.unscheduled, longest + 1.0)?;
            let mut proven = self.whole(&answer, &rows, 1.0);
            let cuts_of = cuts_of(self.field.n, &rows, &proven.duals);
            let mut met = Vec::new();
            for at in columns {
                let column = &self.pool.columns[*at];
                let mut slack = Field::reduced(column, &proven.duals, &rows, &cuts_of, &mut met);
                // The visits that rounding took most from come first.
                let lost = |v: u32| answer.visits[v as usize] - proven.duals.visits[v as usize] as f64;
                let mut order: Vec<u32> = column.visits.to_vec();
                order.sort_by(|a, b| lost(*b).total_cmp(&lost(*a)).then(a.cmp(b)));
                while slack > 0 {
                    let before = slack;
                    for visit in &order {
                        let dual = &mut proven.duals.visits[*visit as usize];
                        if slack > 0 && *dual < self.unscheduled {
                            *dual += 1;
                            slack -= 1;
                        }
                    }
                    if slack == before {
                        break;
                    }
                }
            }
            proven.value = proven_value(&proven.duals, &rows);
            let most = 3 * self.field.longest() as i64;
            let mut negative = self.near(case, &proven.duals, &rows, most)?;
            if negative.first().is_some_and(|r| r.2 < 0) {
                let sets: BTreeSet<&[u32]> = columns.iter().map(|at| &self.pool.columns[*at].visits[..]).collect();
                let mending = Mending {
                    tight: sets.iter().copied().collect(),
                    near: negative.iter().map(|(_, visits, cost)| (&visits[..], *cost)).collect(),
                };
                if mending.mend(&mut proven.duals.visits)
                    && proven.duals.visits.iter().all(|dual| *dual <= self.unscheduled)
                {
                    negative = self.near(case, &proven.duals, &rows, 0)?;
                }
            }
            negative.retain(|r| r.2 < 0);
            if negative.is_empty() {
                return Some(proven);
            }
            // Routes that are too close now make room in the next try.
            let before = self.active.len();
            self.employ(&negative);
            if self.active.len() == before {
                return None;
            }
        }
        None
    }

    /// All routes whose reduced cost under whole multipliers is below a threshold; `None` if they are too many.
    fn near(
        &mut self,
        case: &Case,
        duals: &Duals,
        rows: &Rows,
        threshold: i64,
    ) -> Option<Vec<(usize, Vec<u32>, i64)>> {
        const MOST: usize = 20_000;
        let query = Query {
            duals,
            rows,
            pairs: &case.pairs,
            threshold,
            keep: MOST,
            hope: None,
            buckets: self.buckets,
            steps: self.steps,
        };
        let priced = self.field.price(query, self.stop);
        self.steps = self.steps.saturating_sub(priced.steps);
        (priced.complete && !self.over()).then_some(priced.routes)
    }

    fn rows(&self, case: &Case) -> Rows {
        let taken = case.taken.len();
        let room = |hall: &master::Hall| {
            let inside = |at: &&usize| within(&self.pool.columns[**at].mask, &hall.mask);
            let size = hall.size.saturating_sub(case.taken.iter().filter(inside).count());
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
    /// After `patience` prices that found new routes it stops, not converged.
    pub(crate) fn relax(&mut self, case: &Case, patience: usize) -> Option<Relaxed> {
        let mut patience = patience;
        let mut best = self.nothing();
        // The first multipliers are far off, later ones less and less.
        let mut hope = i64::MIN / 2;
        let (value, support) = loop {
            let rows = self.rows(case);
            let (answer, used) = self.master(case, &rows)?;
            let value = value(&answer, &rows);
            let support: Vec<(usize, f64)> =
                used.iter().copied().zip(answer.weights.iter().copied()).filter(|(_, w)| *w > 1e-6).collect();
            let duals = Duals::round(&answer, SCALE, self.unscheduled);
            if self.over() {
                break (value, support);
            }
            if self.draw_on_pool(case, &rows, &duals) > 0 {
                continue;
            }
            if patience == 0 {
                break (value, support);
            }
            let query = Query {
                duals: &duals,
                rows: &rows,
                pairs: &case.pairs,
                threshold: -NEGLIGIBLE,
                keep: BATCH,
                hope: Some(hope),
                buckets: self.buckets,
                steps: self.steps,
            };
            let priced = self.field.price(query, self.stop);
            self.steps = self.steps.saturating_sub(priced.steps);
            self.weigh(&priced);
            if self.over() {
                break (value, support);
            }
            let least = priced.routes.first().map_or(0, |r| r.2);
            hope = least;
            let before = self.active.len();
            self.employ(&priced.routes);
            if least < 0 {
                if priced.least_known {
                    let weaker = self.farley(&answer, &rows, least);
                    if weaker.value > best.value {
                        best = weaker;
                    }
                }
                if patience == 0 {
                    break (value, support);
                }
                patience -= 1;
                if self.active.len() > before {
                    continue;
                }
                // The master has these columns already, or cannot place them: this is as exact as it gets.
            }
            let taken = case.taken.iter().map(|at| (*at, 1.0));
            let columns: Vec<(&Column, f64)> =
                support.iter().copied().chain(taken).map(|(at, w)| (&self.pool.columns[at], w)).collect();
            // A dive may take routes that do not fit together: then the set is known and stays short.
            if let Some(hall) = cuts::short_slots(self.classes, &columns)
                && self.halls.iter().all(|known| known.mask != hall.mask)
            {
                self.halls.push(hall);
                continue;
            }
            let proven = if least < 0 { Proven::default() } else { self.whole(&answer, &rows, 1.0) };
            return Some(Relaxed {
                proven: if proven.value > best.value { proven } else { best },
                value,
                support,
                idle_cuts: answer.cuts.iter().map(|dual| *dual < 1e-3).collect(),
                converged: true,
            });
        };
        Some(Relaxed { proven: best, value, support, idle_cuts: Vec::new(), converged: false })
    }

    /// The value of a case over the columns that are in the master now.
    pub(crate) fn glance(&mut self, case: &Case) -> Option<f64> {
        let rows = self.rows(case);
        let (answer, _) = self.master(case, &rows)?;
        Some(value(&answer, &rows))
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
    fn master(&mut self, case: &Case, rows: &Rows) -> Option<(Answer, Vec<usize>)> {
        let used: Vec<usize> = self.active.iter().copied().filter(|at| self.admits(case, rows, *at)).collect();
        let columns: Vec<&Column> = used.iter().map(|at| &self.pool.columns[*at]).collect();
        self.steps = self.steps.saturating_sub((used.len() * (self.field.n + rows.cuts.len()) * 35) as u64);
        let answer = master::solve(self.field.n, &columns, rows, self.unscheduled)?;
        if used.len() > self.room {
            self.forget(&answer, rows, &used, self.room * 2 / 3);
            self.room += self.room / 8;
        }
        Some((answer, used))
    }

    /// Takes the dearest columns out of the master; the pool keeps them.
    fn forget(&mut self, answer: &Answer, rows: &Rows, used: &[usize], keep: usize) {
        let duals = Duals::round(answer, SCALE, self.unscheduled);
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
        found.sort_unstable();
        found.truncate(BATCH);
        let known: BTreeSet<usize> = self.active.iter().copied().collect();
        found.retain(|(_, at)| !known.contains(at));
        self.active.extend(found.iter().map(|(_, at)| *at));
        found.len()
    }

    /// Multipliers, scaled down by `factor`, in whole cost units, and what they prove if no reduced cost is negative.
    fn whole(&self, answer: &Answer, rows: &Rows, factor: f64) -> Proven {
        let by = |list: &[f64]| list.iter().map(|v| v * factor).collect();
        let scaled = Answer {
            visits: by(&answer.visits),
            cuts: by(&answer.cuts),
            halls: by(&answer.halls),
            lo: answer.lo * factor,
            hi: answer.hi * factor,
            weights: Vec::new(),
        };
        let mut duals = Duals::round(&scaled, 1, self.unscheduled);
        if rows.hi.is_none() {
            duals.hi = 0;
        }
        Proven { value: proven_value(&duals, rows), duals, rows: rows.clone() }
    }

    /// A bound from multipliers that still miss routes: scaled down until none has a negative reduced cost (Farley 1990,
    /// "A note on bounding a class of linear programming problems, including cutting stock problems").
    fn farley(&self, answer: &Answer, rows: &Rows, least: i64) -> Proven {
        let cheapest = self.field.cheapest_route() as f64;
        let shortfall = -(least as f64) / SCALE as f64 + 1.0;
        self.whole(answer, rows, cheapest / (cheapest + shortfall))
    }
}

/// The value of a solution of the master.
fn value(answer: &Answer, rows: &Rows) -> f64 {
    let sum = |list: &[f64]| list.iter().sum::<f64>();
    let slots: f64 = rows.halls.iter().zip(&answer.halls).map(|(hall, dual)| hall.size as f64 * dual).sum();
    sum(&answer.visits) - sum(&answer.cuts) - slots + rows.lo as f64 * answer.lo
        - rows.hi.map_or(0.0, |hi| hi as f64 * answer.hi)
}

/// What multipliers in whole cost units prove, if no route's reduced cost is below that of its slots.
pub(crate) fn proven_value(duals: &Duals, rows: &Rows) -> Cost {
    let slots: Cost = rows.halls.iter().zip(&duals.halls).map(|(hall, dual)| hall.size as Cost * dual).sum();
    duals.visits.iter().sum::<Cost>() - duals.cuts.iter().sum::<Cost>() - slots + rows.lo as Cost * duals.lo
        - rows.hi.map_or(0, |hi| hi as Cost * duals.hi)
}
