//! Pricing: what a search for routes of least reduced cost is asked and answers.
//!
//! Which of three does it depends on the problem: a look at each route where all are listed ([`super::listed`]), a depth-first
//! search with few visits a route, [`LONGEST`] at most ([`super::elementary`]), or labels over walks
//! ([`super::labels`]). Multipliers are whole numbers of 1/[`SCALE`] cost units, so that comparisons are exact; with a scale
//! of 1 the same search judges a certificate's multipliers.

use super::classes::{Classes, meet, within};
use super::completion::Completion;
use super::elementary::{ENOUGH, Elementary};
use super::labels::{Cuts, Memory, Walks};
use super::listed::Listed;
use super::master::{Answer, CutBits, Rows};
use super::pool::Column;
use super::reach::{Reach, Scope};
use super::ways::Ways;
use super::workers::share_out;
use crate::routing::Cost;
use crate::routing::problem::Problem;
use crate::routing::route::Timing;

/// Parts of a cost unit in which the master's multipliers are counted.
pub(super) const SCALE: i64 = 64;

/// Buckets of a completion bound for each visit there is to choose from.
const BUCKETS_EACH: i64 = 8;

/// No reduced cost is known below which there are no routes.
pub(super) const UNKNOWN: i64 = i64::MIN;

/// Most visits of routes that are searched one by one.
pub(super) const LONGEST: usize = 10;

/// Multipliers in whole numbers of 1/`scale` cost units.
#[derive(Debug, Clone, Default)]
pub(super) struct Duals {
    pub(super) scale: i64,
    pub(super) visits: Vec<i64>,
    pub(super) cuts: Vec<i64>,
    pub(super) halls: Vec<i64>,
    pub(super) lo: i64,
    pub(super) hi: i64,
}

impl Duals {
    /// Rounds so that reduced costs hardly fall: what a route earns down, what it pays up. Nothing is proven before routes are
    /// priced with the outcome.
    pub(super) fn round(answer: &Answer, scale: i64, rows: &Rows, unscheduled: Cost) -> Self {
        // Parts of a unit by which a multiplier of the floating-point solution may miss a whole number.
        const NOISE: f64 = 0.01;
        let down = |v: &f64| (v * scale as f64 + NOISE).floor() as i64;
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

/// What a search for routes asks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Query<'q> {
    pub(super) duals: &'q Duals,
    pub(super) rows: &'q Rows,
    pub(super) pairs: &'q [Pair],
    /// Only routes below, scaled.
    pub(super) threshold: i64,
    /// At most so many of the least: of all where routes are listed, else of each view, level of slots and part of a search.
    pub(super) keep: usize,
    /// If set, a few routes far below the threshold will do where there are such: a guess of the least reduced cost.
    pub(super) hope: Option<i64>,
    /// Only legs to so many nearest visits; `None`: all.
    pub(super) nearest: Option<usize>,
    /// Buckets of the completion bound.
    pub(super) buckets: i64,
    /// Steps, of about 3 ns each, after which the search gives up.
    pub(super) steps: u64,
}

/// A route that was priced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PricedRoute {
    /// Index of its view.
    pub(super) view: usize,
    /// In order.
    pub(super) visits: Vec<u32>,
    /// Reduced cost, scaled.
    pub(super) reduced: i64,
}

/// Routes found.
#[derive(Debug, Default)]
pub(super) struct Priced {
    /// By reduced cost, ascending.
    pub(super) routes: Vec<PricedRoute>,
    /// Whether none is missing: the search came to its end, and none was dropped but dearer orders of the same visits and, of
    /// walks, those that another of as many visits with the same last one is cheaper than.
    pub(super) complete: bool,
    /// For each view a reduced cost below which none of its routes lies; [`UNKNOWN`] where nothing is known.
    pub(super) floors: Vec<i64>,
    /// Steps taken.
    pub(super) steps: u64,
    /// Steps of them that went into completion bounds.
    pub(super) bounding: u64,
}

impl Priced {
    /// A reduced cost below which no route of any view lies; [`UNKNOWN`] where nothing is known.
    pub(super) fn floor(&self) -> i64 {
        self.floors.iter().copied().min().unwrap_or(0)
    }
}

/// What every search needs of a problem.
#[derive(Debug)]
pub(super) struct Field<'a> {
    pub(super) timing: &'a Timing<'a>,
    pub(super) classes: &'a Classes,
    pub(super) n: usize,
    /// Cost of a second's travel.
    pub(super) travel: Cost,
    legs: Vec<i64>,
    out: Vec<Vec<i64>>,
    back: Vec<Vec<i64>>,
    /// For each visit the others, nearest first.
    near: Vec<Vec<u32>>,
    /// Visits on the way of a leg that is quicker with them than without; empty where nothing is made of it.
    short_cuts: Vec<bool>,
    /// The quickest ways to visits and home.
    pub(super) ways: Ways,
    /// What walks remember where routes are too long to be searched one by one.
    pub(super) memory: Option<Memory>,
    /// Most visits that a route can have, or arrivals of a walk.
    longest: usize,
    /// All routes, where they are few enough.
    listed: Option<Listed>,
    /// Threads to use.
    pub(super) threads: usize,
}

impl<'a> Field<'a> {
    /// Where `stop` comes before short cuts are known, none are.
    pub(super) fn new(
        timing: &'a Timing<'a>,
        classes: &'a Classes,
        threads: usize,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Self {
        let problem = timing.problem;
        let n = problem.visits.len();
        let node = |v: usize| problem.node(v);
        let legs = (0..n * n).map(|at| problem.travel(node(at / n), node(at % n))).collect();
        let bases = 0..problem.bases.len();
        let out = bases.clone().map(|b| (0..n).map(|v| problem.travel(b, node(v))).collect()).collect();
        let back = bases.map(|b| (0..n).map(|v| problem.travel(node(v), b)).collect()).collect();
        let near = (0..n).map(|visit| nearest_first(problem, visit)).collect();
        let travel = problem.cost.travel;
        let mut field = Self {
            timing,
            classes,
            n,
            travel,
            legs,
            out,
            back,
            near,
            short_cuts: Vec::new(),
            ways: Ways::default(),
            memory: None,
            longest: 0,
            listed: None,
            threads,
        };
        field.ways = Ways::new(&field);
        field.longest = field.most_arrivals();
        if field.longest > LONGEST {
            let memory = Memory::new(&field);
            field.remember(memory);
        } else if classes.views.len() > problem.bases.len() {
            let found = share_out(threads, n, stop, |visit| field.is_short_cut(visit));
            if found.len() == n {
                field.short_cuts = found.into_iter().map(|(_, is)| is).collect();
            }
        }
        field
    }

    /// Whether some way is quicker over a visit than without it.
    fn is_short_cut(&self, visit: usize) -> bool {
        let mut others = (0..self.n).filter(|other| *other != visit);
        others.any(|from| {
            let before = self.leg(from, visit);
            let home = self.back.iter().any(|back| back[from] > before + back[visit]);
            home || (0..self.n)
                .any(|to| to != from && to != visit && self.leg(from, to) > before + self.leg(visit, to))
        }) || self
            .out
            .iter()
            .any(|out| (0..self.n).any(|to| to != visit && out[to] > out[visit] + self.leg(visit, to)))
    }

    /// Whether leaving a visit out never makes a route dearer: it earns nothing (for a threshold above 0, loses as much), is no
    /// short cut and stands in no pair. Where a price of change is dear, that leaves few visits but those planned for the day.
    fn needless(&self, visit: usize, profit: i64, query: &Query<'_>) -> bool {
        profit <= -query.threshold.max(0)
            && self.short_cuts.get(visit) == Some(&false)
            && query.pairs.iter().all(|pair| !pair.visits.contains(&(visit as u32)))
    }

    /// From here on routes are walks with a memory.
    pub(super) fn remember(&mut self, memory: Memory) {
        self.memory = Some(memory);
        self.longest = self.most_arrivals();
    }

    /// Lists all routes if they are few enough, so that no search is needed any more.
    pub(super) fn list_routes(&mut self) {
        self.listed = Listed::new(self);
    }

    /// All routes, if they are listed.
    pub(super) fn listed(&self) -> Option<&Listed> {
        self.listed.as_ref()
    }

    pub(super) fn out(&self, base: usize, visit: usize) -> i64 {
        self.out[base][visit]
    }

    pub(super) fn leg(&self, from: usize, to: usize) -> i64 {
        self.legs[from * self.n + to]
    }

    pub(super) fn back(&self, base: usize, visit: usize) -> i64 {
        self.back[base][visit]
    }

    /// The end of a visit's service after an arrival.
    pub(super) fn end(&self, visit: usize, arrival: i64) -> Option<i64> {
        Some(self.timing.earliest(visit, arrival)? + self.timing.problem.visits[visit].service)
    }

    /// A cost below which no route lies.
    pub(super) fn cheapest_route(&self) -> Cost {
        let problem = self.timing.problem;
        let travel = |base: usize| {
            let legs = (0..self.n).map(move |v| self.out[base][v]).min().unwrap_or(0);
            legs + self.back[base].iter().min().copied().unwrap_or(0)
        };
        let least = (0..problem.bases.len()).map(travel).min().unwrap_or(0);
        problem.cost.team_day + self.travel * least
    }

    /// Most visits that a route can have, or arrivals of a walk.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// What `max_visits` and the shift have room for.
    fn most_arrivals(&self) -> usize {
        let problem = self.timing.problem;
        let most = self.classes.views.iter().map(|v| v.longest).max().unwrap_or(0);
        // A visit takes its service and the shortest leg to it; the cheapest ones first.
        let mut least: Vec<i64> = (0..self.n)
            .filter(|visit| self.timing.has_start(*visit))
            .map(|visit| {
                let legs = (0..self.n).filter(|other| *other != visit).map(|other| self.leg(other, visit));
                let leg = legs.chain(self.out.iter().map(|out| out[visit])).min().unwrap_or(0);
                leg + problem.visits[visit].service
            })
            .collect();
        least.sort_unstable();
        let shift = problem.shift.end - problem.shift.start;
        if self.memory.is_some() {
            // A walk may come back to the quickest visit again and again, for ever if that takes no time.
            let quickest = least.first().copied().unwrap_or(0);
            return if quickest > 0 { most.min((shift / quickest) as usize) } else { most };
        }
        let mut left = shift;
        let fit = least.iter().take_while(|time| {
            left -= **time;
            left >= 0
        });
        fit.count().min(most)
    }

    /// The reduced cost of a column in the master, scaled.
    pub(super) fn reduced(column: &Column, duals: &Duals, rows: &Rows, cuts: &CutBits) -> i64 {
        let earned: i64 = column.visits.iter().map(|visit| duals.visits[*visit as usize]).sum();
        let out =
            column.cost * duals.scale - duals.lo + duals.hi - earned + Self::paid(&column.visits, duals, cuts);
        let short = rows.halls.iter().zip(&duals.halls).filter(|(_, dual)| **dual > 0);
        out + short.filter(|(hall, _)| within(&column.mask, &hall.mask)).map(|(_, dual)| dual).sum::<i64>()
    }

    /// What a route of these visits pays for cuts.
    pub(super) fn paid(visits: &[u32], duals: &Duals, cuts: &CutBits) -> i64 {
        cuts.held(visits).map(|cut| duals.cuts[cut]).sum()
    }

    /// The routes of all views of reduced cost below the threshold, slots' multipliers included, as far as the query asks for
    /// them.
    pub(super) fn price(&self, query: Query<'_>, stop: &(dyn Fn() -> bool + Sync)) -> Priced {
        match &self.listed {
            Some(listed) => listed.price(self, &query),
            None => self.search(query, stop),
        }
    }

    /// Searches all views.
    pub(super) fn search(&self, query: Query<'_>, stop: &(dyn Fn() -> bool + Sync)) -> Priced {
        let whole = query.nearest.is_none();
        let floor = if whole { query.threshold } else { UNKNOWN };
        let mut out =
            Priced { complete: whole, floors: vec![floor; self.classes.views.len()], ..Priced::default() };
        let cuts_of = query.rows.cuts_of(self.n, |cut| query.duals.cuts[cut] > 0);
        for view in 0..self.classes.views.len() {
            self.search_view(view, (&query, &cuts_of), stop, &mut out);
        }
        out.routes.sort_by(|a, b| (a.reduced, a.view, &a.visits).cmp(&(b.reduced, b.view, &b.visits)));
        out
    }

    /// Searches all levels of a view (classes of slots with the same multiplier), with one bound for all: it knows what may be
    /// done in any of them, and what the cheapest costs. Where they differ much it prunes little, but one for each takes
    /// longer still.
    fn search_view(
        &self,
        view: usize,
        (query, cuts_of): (&Query<'_>, &[Vec<u32>]),
        stop: &(dyn Fn() -> bool + Sync),
        out: &mut Priced,
    ) {
        let levels = levels(self.classes, view, query.rows, query.duals);
        let Some((cheapest, _)) = levels.first() else { return };
        let of_view = &self.classes.views[view];
        let scale = query.duals.scale;
        let profit: Vec<i64> =
            query.duals.visits.iter().zip(&of_view.prices).map(|(dual, price)| dual - price * scale).collect();
        let longest = self.longest.min(of_view.longest).max(1);
        let base = of_view.base;
        let fixed =
            |slot_dual| self.timing.problem.cost.team_day * scale - query.duals.lo + query.duals.hi - slot_dual;
        let needless: Vec<bool> =
            (0..self.n).map(|v| fixed(*cheapest) >= 0 && self.needless(v, profit[v], query)).collect();
        let usable_in = |mask: &[u64]| {
            let mut usable = self.usable(query.rows, base, mask);
            usable.iter_mut().zip(&needless).for_each(|(usable, needless)| *usable &= !needless);
            usable
        };
        let usable = usable_in(&of_view.mask);
        let count = usable.iter().filter(|usable| **usable).count();
        if count == 0 {
            return;
        }
        // Few visits are soon searched through, whatever the bound.
        let buckets = query.buckets.min(BUCKETS_EACH * count as i64);
        let nexts = self.nexts(&usable, query.nearest);
        let (profit, usable) = (&profit[..], &usable[..]);
        let scope = Scope { field: self, base, scale, profit, usable, nexts: &nexts, longest };
        let bounds = Reach::new(scope, fixed(*cheapest), query.threshold, stop).and_then(|reach| {
            let completion = Completion::new(scope, &reach, buckets, self.memory.as_ref(), stop)?;
            Some((reach, completion))
        });
        let Some((reach, completion)) = bounds else {
            out.complete = false;
            out.floors[view] = UNKNOWN;
            return;
        };
        let bounding =
            u64::midpoint(reach.looks, completion.looks) + 8 * (self.n * longest) as u64 * buckets as u64;
        out.bounding += bounding;
        out.steps += bounding;
        let walks = self.memory.as_ref().map(|memory| (memory, Cuts::new(self.n, query.rows, query.duals)));
        for (slot_dual, mask) in levels {
            let usable = usable_in(&mask);
            let left = query.steps.saturating_sub(out.steps);
            let floor = if let Some((memory, cuts)) = &walks {
                let (threshold, keep) = (query.threshold, query.keep);
                let (completion, usable) = (&completion, &usable[..]);
                let field = self;
                let walks = Walks {
                    field,
                    memory,
                    base,
                    scale,
                    profit,
                    usable,
                    completion,
                    longest,
                    threshold,
                    keep,
                    cuts,
                };
                let mut left = left;
                let (found, complete) = walks.search(fixed(slot_dual), &mut left, stop);
                out.complete &= complete && found.len() < keep;
                out.steps = query.steps.saturating_sub(left);
                let least = found.first().map_or(threshold, |walk| walk.0);
                // A walk may visit too often or stand in no slot; the master takes what it can place.
                out.routes.extend(found.into_iter().map(|(reduced, visits)| PricedRoute {
                    view,
                    visits,
                    reduced,
                }));
                if complete { least } else { UNKNOWN }
            } else {
                let (usable, completion) = (&usable[..], &completion);
                let elementary =
                    Elementary { field: self, query, cuts_of, base, profit, usable, completion, mask };
                let found = elementary.search(longest, fixed(slot_dual), left, out.routes.len() < ENOUGH, stop);
                out.complete &= found.complete;
                out.steps += found.steps;
                out.routes.extend(found.routes.into_iter().map(|(reduced, visits)| PricedRoute {
                    view,
                    visits,
                    reduced,
                }));
                found.floor
            };
            out.floors[view] = out.floors[view].min(floor);
        }
    }

    /// Visits that still want a route and may stand in one from this base in one of these classes.
    fn usable(&self, rows: &Rows, base: usize, mask: &[u64]) -> Vec<bool> {
        let wants = |v: usize| rows.done.get(v) != Some(&true) && self.ways.reach(base, v);
        (0..self.n).map(|v| wants(v) && meet(self.classes.of_visit(v), mask)).collect()
    }

    /// Visits that may follow each visit: all that are usable, or only so many of the nearest.
    fn nexts(&self, usable: &[bool], nearest: Option<usize>) -> Vec<Vec<u32>> {
        let of = |visit: usize| -> Vec<u32> {
            let list = self.near[visit].iter().copied().filter(|next| usable[*next as usize]);
            if usable[visit] { list.take(nearest.unwrap_or(usize::MAX)).collect() } else { Vec::new() }
        };
        (0..self.n).map(of).collect()
    }
}

/// The other visits by the leg to them; ties go to the lower index.
fn nearest_first(problem: &Problem, visit: usize) -> Vec<u32> {
    let leg = |other: &u32| (problem.travel(problem.node(visit), problem.node(*other as usize)), *other);
    let mut out: Vec<u32> = (0..problem.visits.len() as u32).filter(|other| *other as usize != visit).collect();
    out.sort_by_key(leg);
    out
}

/// The cuts that cost something.
pub(super) fn dear_cuts(n: usize, rows: &Rows, duals: &Duals) -> CutBits {
    CutBits::new(n, &rows.cuts, |cut| duals.cuts[cut] > 0)
}

/// The multiplier μ ≤ 0 of a class: what the sets of classes that are short cost together.
pub(super) fn slot_dual(class: usize, rows: &Rows, duals: &Duals) -> i64 {
    let holds = |mask: &[u64]| mask[class / 64] >> (class % 64) & 1 == 1;
    -rows.halls.iter().zip(&duals.halls).filter(|(h, _)| holds(&h.mask)).map(|(_, dual)| dual).sum::<i64>()
}

/// The classes of a view by their multiplier, dearest last.
fn levels(classes: &Classes, view: usize, rows: &Rows, duals: &Duals) -> Vec<(i64, Vec<u64>)> {
    let mut out: Vec<(i64, Vec<u64>)> = Vec::new();
    for class in super::classes::members(&classes.views[view].mask) {
        let dual = slot_dual(class, rows, duals);
        let at = out.iter().position(|(d, _)| *d == dual).unwrap_or_else(|| {
            out.push((dual, vec![0; classes.words]));
            out.len() - 1
        });
        out[at].1[class / 64] |= 1 << (class % 64);
    }
    out.sort_by_key(|(dual, _)| std::cmp::Reverse(*dual));
    out
}
