//! Pricing: what a search for routes of least reduced cost is asked and answers.
//!
//! Which of three does it depends on the problem: a look at each route where all are listed ([`super::listed`]), a depth-first
//! search with few visits a route ([`super::elementary`]), or labels over walks ([`super::labels`]). Multipliers are whole
//! numbers ([`super::duals`]), and so is every reduced cost.

use super::case::Pair;
use super::classes::{Classes, meet, members, put, within};
use super::completion::Completion;
use super::duals::{Duals, slot_dual};
use super::elementary::{ENOUGH, Elementary};
use super::forward::{Forward, Scope};
use super::labels::{Cuts, Places, Walks};
use super::memory::NgSets;
use super::network::Network;
use super::pool::Column;
use super::rows::{CutBits, Rows};

/// Buckets of a completion bound for each visit there is to choose from.
const BUCKETS_EACH: i64 = 8;

/// One in so many walks that may stand in a slot is enough.
const STANDING: usize = 4;

/// No reduced cost is known below which there are no routes.
pub(super) const UNKNOWN: i64 = i64::MIN;

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

/// What a search among slots of one multiplier found.
pub(super) struct Searched {
    /// Reduced cost and visits in order.
    pub(super) routes: Vec<(i64, Vec<u32>)>,
    /// Whether none is missing.
    pub(super) complete: bool,
    /// A reduced cost below which no route lies; [`UNKNOWN`] where nothing is known.
    pub(super) floor: i64,
    /// Steps taken.
    pub(super) steps: u64,
}

impl Searched {
    /// Nothing is known after so many steps.
    pub(super) fn given_up(steps: u64) -> Self {
        Self { routes: Vec::new(), complete: false, floor: UNKNOWN, steps }
    }
}

impl Priced {
    /// A reduced cost below which no route of any view lies; [`UNKNOWN`] where nothing is known.
    pub(super) fn floor(&self) -> i64 {
        self.floors.iter().copied().min().unwrap_or(0)
    }

    /// Takes in what a search of some of a view's slots found.
    fn take(&mut self, view: usize, found: Searched) {
        self.complete &= found.complete;
        self.steps += found.steps;
        self.floors[view] = self.floors[view].min(found.floor);
        let routes = found.routes.into_iter();
        self.routes.extend(routes.map(|(reduced, visits)| PricedRoute { view, visits, reduced }));
    }
}

impl Network<'_> {
    /// Whether leaving a visit out never makes a route dearer: it earns nothing (for a threshold above 0, loses as much), is no
    /// short cut and stands in no pair. Where a price of change is dear, that leaves few visits but those planned for the day.
    fn needless(&self, visit: usize, profit: i64, query: &Query<'_>) -> bool {
        profit <= -query.threshold.max(0)
            && self.keeps_triangles(visit)
            && query.pairs.iter().all(|pair| !pair.visits.contains(&(visit as u32)))
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
    /// them; where walks remember the sets `ng_sets`, walks.
    pub(super) fn price(
        &self,
        query: Query<'_>,
        ng_sets: Option<&NgSets>,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Priced {
        match self.listed() {
            Some(listed) => listed.price(self, &query),
            None => self.search(query, ng_sets, stop),
        }
    }

    /// Searches all views.
    pub(super) fn search(
        &self,
        query: Query<'_>,
        ng_sets: Option<&NgSets>,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Priced {
        let whole = query.nearest.is_none();
        let floor = if whole { query.threshold } else { UNKNOWN };
        let mut out =
            Priced { complete: whole, floors: vec![floor; self.classes.views.len()], ..Priced::default() };
        let cuts_of = query.rows.cuts_of(self.n, |cut| query.duals.cuts[cut] > 0);
        for view in 0..self.classes.views.len() {
            self.search_view(view, (&query, &cuts_of), ng_sets, stop, &mut out);
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
        ng_sets: Option<&NgSets>,
        stop: &(dyn Fn() -> bool + Sync),
        out: &mut Priced,
    ) {
        let levels = levels(self.classes, view, query.rows, query.duals);
        let Some((cheapest, _)) = levels.first() else { return };
        let of_view = &self.classes.views[view];
        let scale = query.duals.scale;
        let profit: Vec<i64> =
            query.duals.visits.iter().zip(&of_view.prices).map(|(dual, price)| dual - price * scale).collect();
        let longest = self.longest().min(of_view.longest).max(1);
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
        let scope = Scope { network: self, base, scale, profit, usable, nexts: &nexts, longest };
        let bounds = Forward::new(scope, fixed(*cheapest), query.threshold, stop).and_then(|forward| {
            let completion = Completion::new(scope, &forward, buckets, ng_sets, stop)?;
            Some((forward, completion))
        });
        let Some((forward, completion)) = bounds else {
            out.complete = false;
            out.floors[view] = UNKNOWN;
            return;
        };
        let bounding =
            u64::midpoint(forward.looks, completion.looks) + 8 * (self.n * longest) as u64 * buckets as u64;
        out.bounding += bounding;
        out.steps += bounding;
        let walks = ng_sets.map(|sets| (sets, Cuts::new(self.n, query.rows, query.duals)));
        let completion = &completion;
        for (slot_dual, mask) in levels {
            let usable = &usable_in(&mask)[..];
            let left = query.steps.saturating_sub(out.steps);
            let found = if let Some((ng_sets, cuts)) = &walks {
                let places = Places::new(self.classes, &mask, usable, longest);
                let search = |places: Option<&Places>, left: u64| {
                    let walks = Walks {
                        network: self,
                        query,
                        ng_sets,
                        base,
                        profit,
                        usable,
                        completion,
                        longest,
                        cuts,
                        places,
                    };
                    walks.search(fixed(slot_dual), left, stop)
                };
                // Walks that may stand in no slot are found sooner, and are no use where nearly all are such.
                let quick = query.hope.is_some();
                let mut found = search(places.as_ref().filter(|_| !quick), left);
                if quick && places.is_some() && !self.stand(view, &found) {
                    let taken = found.steps;
                    found = search(places.as_ref(), left.saturating_sub(taken));
                    found.steps += taken;
                }
                found
            } else {
                let elementary =
                    Elementary { network: self, query, cuts_of, base, profit, usable, completion, mask };
                elementary.search(longest, fixed(slot_dual), left, out.routes.len() < ENOUGH, stop)
            };
            out.take(view, found);
        }
    }

    /// Whether walks that were found may stand somewhere, if not all of them, or nothing is known of any.
    fn stand(&self, view: usize, found: &Searched) -> bool {
        let stands = |visits: &[u32]| self.classes.of_route(view, visits).iter().any(|word| *word != 0);
        let standing = found.routes.iter().filter(|(_, visits)| stands(visits)).count();
        found.floor == UNKNOWN || standing * STANDING >= found.routes.len()
    }

    /// Visits that still want a route and may stand in one from this base in one of these classes.
    fn usable(&self, rows: &Rows, base: usize, mask: &[u64]) -> Vec<bool> {
        let wants = |v: usize| rows.done.get(v) != Some(&true) && self.reachable.from(base, v);
        (0..self.n).map(|v| wants(v) && meet(self.classes.of_visit(v), mask)).collect()
    }

    /// Visits that may follow each visit: all that are usable, or only so many of the nearest.
    fn nexts(&self, usable: &[bool], nearest: Option<usize>) -> Vec<Vec<u32>> {
        let of = |visit: usize| -> Vec<u32> {
            let list = self.near(visit).iter().copied().filter(|next| usable[*next as usize]);
            if usable[visit] { list.take(nearest.unwrap_or(usize::MAX)).collect() } else { Vec::new() }
        };
        (0..self.n).map(of).collect()
    }
}

/// The classes of a view by their multiplier, dearest last.
fn levels(classes: &Classes, view: usize, rows: &Rows, duals: &Duals) -> Vec<(i64, Vec<u64>)> {
    let mut out: Vec<(i64, Vec<u64>)> = Vec::new();
    for class in members(&classes.views[view].mask) {
        let dual = slot_dual(class, rows, duals);
        let at = out.iter().position(|(d, _)| *d == dual).unwrap_or_else(|| {
            out.push((dual, vec![0; classes.words]));
            out.len() - 1
        });
        put(&mut out[at].1, class);
    }
    out.sort_by_key(|(dual, _)| std::cmp::Reverse(*dual));
    out
}
