//! Branch and bound over cases: how many routes there are, then which visits share one.
//!
//! Branching on the number of routes comes first, as one route more is dearer than anything else that is left open, and again
//! where a pair leaves it open; then on pairs of visits (Ryan and Foster 1981, "An integer programming approach to
//! scheduling", section 4). Open cases are taken by their bound, the least first. Whatever is still open when budget or time
//! ends stands in the certificate with the bound it has ([`certificate`]).
//!
//! A leaf is worked on with all there is: column generation, dives and what follows from them ([`schedules`]), cuts, and what it
//! is split by ([`splits`]). Further down most are worked on by pivots alone ([`super::pivots`]).

mod certificate;
mod pivoting;
mod schedules;
mod splits;

use std::collections::BTreeSet;

use super::branching::{INTEGRALITY, Promises};
use super::case::{Case, Proven, Relaxed};
use super::cuts;
use super::duals::Duals;
use super::generate::Generator;
use super::incumbent::{Incumbent, Routes};
use super::labels::MOST_CUTS;
use super::pivots::Start;
use super::pool::Column;
use super::rows::Rows;
use crate::routing::Cost;
use crate::routing::certificate::seconds_to_write;

/// Cut rounds at the root and where it is split first, and below.
const ROUNDS: [usize; 2] = [14, 3];
/// Cuts of a round.
const CUTS: usize = 40;
/// Rounds after which cuts must raise the bound by a part of what is missing.
const SURE_ROUNDS: usize = 2;
/// That part.
const LEAST_RISE: f64 = 0.005;
/// Deepest case: readers of JSON nest no deeper than 128.
const DEEPEST: usize = 90;
/// Dives at the root.
const DIVES: usize = 3;
/// Where the root has less than such a part of a route beyond whole ones, schedules may do without it: what its dives come to
/// is not worth an effort.
const DOUBTFUL: f64 = 0.5;
/// Most nodes: a certificate of half as many leaves is read and checked within a minute where routes can be listed.
const MOST_NODES: usize = 200_000;
/// Levels of the tree that dives begin in.
const SHALLOW: usize = 3;
/// Cases between dives below these at first.
const PAUSE: u32 = 4;
/// Cases between them when dives have found nothing for long.
const LONGEST_PAUSE: u32 = 80;
/// The longest pause times visits: where cases take long, dives do not.
const PAUSE_VISITS: u32 = 1000;
/// Most visits where cases of a proof are worked on by pivots.
const MOST_PIVOTED: usize = 250;
/// Every so many times the case of the least bound is looked at with all there is, dives included, at first.
const REGULAR: u32 = 64;
/// The same when that has led to no better schedule for long.
const RAREST: u32 = 512;

/// Steps of a proof of few visits after which these are searched anew, and again each time these have doubled: what is cheaper
/// by one route or by other routes altogether is beyond a polish, and parts are few.
const ANEW: u64 = 600_000_000;
/// Most visits where that pays: of more, the routes that a hot search meets are a burden to the proof.
const MOST_SEARCHED: usize = 150;

/// What a linear programme's value may lack of a whole number.
const LAST_DIGITS: f64 = 1e-3;
/// The share of time or budget after which nothing is done for walks but to make multipliers whole.
const TO_WHOLE: f64 = 0.85;

struct Node {
    case: Case,
    proven: Proven,
    split: Option<Split>,
    depth: usize,
    /// Where its linear programme goes on from, if its parent's was solved by pivots.
    start: Option<Start>,
    /// Its bound when that was kept.
    warm: Cost,
    /// Pivots do not tell what to do with it.
    unclear: bool,
    /// It let another case come first.
    waited: bool,
    /// Over walks: value and multipliers of its best linear programme, as long as these are not made whole.
    fine: Option<Box<(f64, Duals, Rows)>>,
}

impl Node {
    fn new(case: Case, proven: Proven, depth: usize) -> Self {
        Self { case, proven, split: None, depth, start: None, warm: 0, unclear: false, waited: false, fine: None }
    }

    /// What it comes to: over walks what its linear programme does, as rounding takes much that is given back at last.
    fn rank(&self) -> Cost {
        let of_fine = |value: f64| (value + LAST_DIGITS).floor() as Cost;
        self.fine.as_ref().map_or(self.proven.value, |fine| self.proven.value.max(of_fine(fine.0)))
    }
}

#[derive(Clone, Copy)]
enum Split {
    /// At most k routes, or more.
    Routes(usize, [usize; 2]),
    /// Together, or apart.
    Pair([u32; 2], [usize; 2]),
}

/// The tree of cases under search.
pub(super) struct BranchAndBound<'g, 'a> {
    generator: &'g mut Generator<'a>,
    incumbent: &'g mut dyn Incumbent,
    nodes: Vec<Node>,
    /// Leaves by what they come to, but for those that nothing more can be done for.
    leaves: BTreeSet<(Cost, usize)>,
    /// The least bound of those.
    finished: Cost,
    /// Leaves that keep an inverse, by the bounds they had then, and the numbers these have.
    warm: BTreeSet<(Cost, usize)>,
    numbers: usize,
    total: Cost,
    /// Cases from one dive to the next, and the number of the case from which on the next may start.
    pause: u32,
    next_dive: u32,
    /// The same for looks with all there is.
    regular: u32,
    next_look: u32,
    /// Steps left at which few visits are searched anew.
    next_search: u64,
    /// Cases with whole solutions that were split without knowing which routes stand in the way of whole multipliers.
    blind: u32,
    /// What branching on pairs promised when they were looked at last.
    promise: Promises,
    /// Schedules that dives have come to: another polish of the same one is no use.
    offered: BTreeSet<Vec<usize>>,
    /// Parts of schedules that were solved by themselves.
    tried: BTreeSet<Routes>,
    /// Dives so far.
    dived: u64,
    /// Whether a certificate is wanted; else only better schedules are.
    certified: bool,
    /// The least number of routes that is wanted.
    few: usize,
    /// Whether fewer routes were looked for however long they travel.
    sought: bool,
}

impl<'g, 'a> BranchAndBound<'g, 'a> {
    pub(super) fn new(generator: &'g mut Generator<'a>, incumbent: &'g mut dyn Incumbent, total: Cost) -> Self {
        let root = Node::new(Case::default(), generator.nothing(), 0);
        Self {
            next_search: generator.all_steps.saturating_sub(ANEW),
            generator,
            incumbent,
            leaves: BTreeSet::from([(root.proven.value, 0)]),
            nodes: vec![root],
            finished: Cost::MAX,
            warm: BTreeSet::new(),
            numbers: 0,
            total,
            pause: PAUSE,
            next_dive: 0,
            regular: REGULAR,
            next_look: REGULAR,
            blind: 0,
            promise: Promises::new(),
            offered: BTreeSet::new(),
            tried: BTreeSet::new(),
            dived: 0,
            certified: true,
            few: 0,
            sought: false,
        }
    }

    /// A search for schedules of a case that are cheaper than `total`, without a certificate.
    pub(super) fn for_schedules(
        case: Case,
        generator: &'g mut Generator<'a>,
        incumbent: &'g mut dyn Incumbent,
        total: Cost,
    ) -> Self {
        let mut search = Self::new(generator, incumbent, total);
        search.nodes[0].case = case;
        search.certified = false;
        search
    }

    /// A search for a schedule of `few` routes, or more where there is none, in a problem where travel costs nothing.
    pub(super) fn for_few_routes(
        few: usize,
        generator: &'g mut Generator<'a>,
        incumbent: &'g mut dyn Incumbent,
        total: Cost,
    ) -> Self {
        Self { few, ..Self::new(generator, incumbent, total) }
    }

    /// Works until the best schedule is proven optimal or budget or time is over; multipliers over walks are made whole at last.
    pub(super) fn run(&mut self) {
        self.work();
        if self.has_walks() {
            self.make_whole();
        }
    }

    /// Works on open leaves.
    fn work(&mut self) {
        let mut processed = 0_u32;
        while let Some(at) = self.next() {
            if self.has_walks() && self.generator.spent() > TO_WHOLE {
                return;
            }
            if self.generator.over() || self.nodes.len() >= MOST_NODES || self.is_time_to_write() {
                return;
            }
            self.generator.enough = self.total;
            if !self.is_for_pivots(at) {
                self.process(at, processed);
            } else if self.is_to_search_anew() {
                self.search_anew();
            } else if self.certified && processed >= self.next_look {
                let before = self.total;
                self.process(at, processed);
                self.regular = if self.total < before { REGULAR } else { (self.regular * 3 / 2).min(RAREST) };
                self.next_look = processed + self.regular;
            } else {
                self.process_by_pivots();
            }
            processed += 1;
            self.incumbent.bounded(self.least().min(self.finished).min(self.total));
        }
    }

    /// Whether it is time for another search of few visits.
    fn is_to_search_anew(&self) -> bool {
        self.certified && self.generator.network.n <= MOST_SEARCHED && self.generator.steps < self.next_search
    }

    /// Whether writing the certificate takes what is left of the time limit.
    fn is_time_to_write(&self) -> bool {
        let writing = seconds_to_write(self.nodes.len() / 2, self.generator.network.n);
        self.certified && (self.generator.outside.left)().is_some_and(|left| left < writing)
    }

    /// The least that is proven of a leaf that is not finished.
    fn least(&self) -> Cost {
        let proven = |leaf: &(Cost, usize)| self.nodes[leaf.1].proven.value;
        let least =
            if self.has_walks() { self.leaves.iter().map(proven).min() } else { self.leaves.first().map(proven) };
        least.unwrap_or(Cost::MAX)
    }

    /// The open leaves, those of the least bounds first.
    fn open(&self) -> impl Iterator<Item = usize> {
        self.leaves.iter().take_while(|(value, _)| *value < self.total).map(|(_, at)| *at)
    }

    /// The open leaf of the least bound.
    fn next(&self) -> Option<usize> {
        self.open().next()
    }

    /// Nothing more can be done for a leaf.
    fn finish(&mut self, at: usize) {
        self.leaves.remove(&(self.nodes[at].rank(), at));
        self.finished = self.finished.min(self.nodes[at].proven.value);
    }

    /// Keeps the better proof of a case.
    fn know(&mut self, at: usize, proven: Proven) {
        if proven.value > self.nodes[at].proven.value {
            self.change(at, |node| node.proven = proven);
        }
    }

    /// Changes a node, and its place among the leaves.
    fn change(&mut self, at: usize, change: impl FnOnce(&mut Node)) {
        let before = self.nodes[at].rank();
        change(&mut self.nodes[at]);
        if self.leaves.remove(&(before, at)) {
            self.leaves.insert((self.nodes[at].rank(), at));
        }
    }

    /// Works on a leaf with all there is: its linear programme, dives from it, cuts, and what it is split by.
    fn process(&mut self, at: usize, processed: u32) {
        let case = self.nodes[at].case.clone();
        let Some(mut relaxed) = self.generator.relax(&case, usize::MAX) else {
            if !self.generator.over() {
                self.finish(at);
            }
            return;
        };
        self.learn(at, &relaxed);
        if !self.certified && self.generator.core.is_empty() {
            self.leave_to_pivots(at, &case, &relaxed);
            return;
        }
        if at == 0 {
            self.dive_at_the_root(&case, &relaxed);
        } else if self.waits(at) && relaxed.converged {
            return;
        }
        // The number of routes is settled before cuts, which it makes half of unnecessary.
        if open_number(&case, &relaxed).is_none() || !relaxed.converged {
            let more = self.cut(at, &case, &mut relaxed);
            // Dives over walks leave no time for cuts, and find little that the search has not.
            if !self.has_walks() {
                self.dive_now_and_then(at, processed, &case, &relaxed);
            }
            if more && self.has_walks() && !self.closed(at) {
                return;
            }
        }
        // What a case is split by takes long to find where there is much to choose from.
        if self.generator.over() {
            return;
        }
        if !relaxed.converged {
            self.finish(at);
        } else if !self.closed(at) {
            self.split(at, &case, &relaxed);
        }
    }

    /// Where no certificate is wanted, the root's linear programme chooses the routes that pivots do the rest with.
    fn leave_to_pivots(&mut self, at: usize, case: &Case, relaxed: &Relaxed) {
        if relaxed.converged && !self.closed(at) {
            self.generator.choose_core(case, &self.nodes[at].proven, self.total, false);
            if self.generator.core.is_empty() {
                self.hand_out(Routes::new());
            }
        }
        if self.generator.core.is_empty() {
            self.finish(at);
        }
    }

    /// The first dives, and whether the number of routes is in doubt; else what they came to is improved.
    fn dive_at_the_root(&mut self, case: &Case, relaxed: &Relaxed) {
        let doubtful = open_number(case, relaxed).is_some() && relaxed.routes().fract() < DOUBTFUL;
        let wanted = self.dives(case, relaxed, if doubtful { 1 } else { DIVES }, false);
        if !doubtful {
            self.improve(wanted);
        }
    }

    /// Cuts and the linear programme in turn, as long as the bound rises; whether further rounds may raise it.
    fn cut(&mut self, at: usize, case: &Case, relaxed: &mut Relaxed) -> bool {
        // Labels know so many cuts, and take the longer the more there are.
        let (most, rounds) = if self.has_walks() {
            (MOST_CUTS, usize::MAX)
        } else {
            (usize::MAX, ROUNDS[usize::from(at != 0 && self.nodes[at].depth > 1)])
        };
        for round in 0..rounds {
            if !relaxed.converged || self.closed(at) || self.generator.over() {
                return false;
            }
            if self.has_walks() && self.generator.spent() > TO_WHOLE {
                return true;
            }
            let before = relaxed.value;
            let columns: Vec<(&Column, f64)> =
                relaxed.support.iter().map(|(at, w)| (&self.generator.pool.columns[*at], *w)).collect();
            let new = cuts::triples(self.generator.network.n, &columns, &self.generator.cuts, CUTS);
            if new.is_empty() {
                return false;
            }
            self.generator.drop_idle_cuts(relaxed);
            let room = most.saturating_sub(self.generator.cuts.len());
            if room == 0 {
                return false;
            }
            self.generator.cuts.extend(new.into_iter().take(room));
            let Some(next) = self.generator.relax(case, usize::MAX) else { return false };
            *relaxed = next;
            self.learn(at, relaxed);
            // What cannot be divided is cut as long as no other case has a lower bound.
            if self.has_walks() && self.next() != Some(at) {
                return true;
            }
            let missing = self.total as f64 - before;
            let sure = if self.has_walks() { 0 } else { SURE_ROUNDS };
            if open_number(case, relaxed).is_some()
                || round >= sure && relaxed.value - before < LEAST_RISE * missing
            {
                return false;
            }
        }
        true
    }

    /// Dives from the first few levels, and from every so many cases below.
    fn dive_now_and_then(&mut self, at: usize, processed: u32, case: &Case, relaxed: &Relaxed) {
        let shallow = self.nodes[at].depth < SHALLOW;
        if self.closed(at) || !shallow && processed < self.next_dive {
            return;
        }
        let before = self.total;
        let wanted = self.dives(case, relaxed, 1 + usize::from(shallow), true);
        let eager = self.improve(wanted);
        // The longer dives find nothing, the likelier it is that there is nothing.
        let longest = (PAUSE_VISITS / self.generator.network.n as u32).clamp(PAUSE, LONGEST_PAUSE);
        self.pause = if self.total < before { PAUSE } else { (self.pause * 3 / 2).min(longest) };
        self.next_dive = processed + if eager { 1 } else { self.pause };
    }

    /// Splits a case: on the number of routes, or on a pair; where its solution is whole, that is seen to first.
    fn split(&mut self, at: usize, case: &Case, relaxed: &Relaxed) {
        if self.nodes[at].depth >= DEEPEST {
            self.see_to_whole(at, relaxed);
            self.finish(at);
            return;
        }
        if let Some(k) = open_number(case, relaxed) {
            self.split_on_routes(at, k);
            return;
        }
        if self.has_walks() {
            if self.generator.remember_more(&relaxed.support) {
                // Columns have other numbers now.
                self.offered.clear();
                return;
            }
            // It is not divided any further, so this is what it comes to.
            self.see_to_whole(at, relaxed);
            self.finish(at);
            return;
        }
        if self.certified && self.generator.core.is_empty() && self.generator.network.n <= MOST_PIVOTED {
            self.generator.choose_core(case, &self.nodes[at].proven, self.total, true);
        }
        if let Some(pair) = self.fractional_pair(at, relaxed) {
            self.split_on_pair(at, pair);
        } else {
            let next = self.see_to_whole(at, relaxed);
            match next.filter(|_| !self.closed(at)) {
                Some(pair) => _ = self.split_on_pair(at, pair),
                None => self.finish(at),
            }
        }
    }

    /// Whether columns may be walks that come back, for which there are no pairs.
    fn has_walks(&self) -> bool {
        self.generator.ng_sets.is_some()
    }

    /// Whether the other of the first two cases has the lower bound and so comes first: both get their linear programmes before
    /// dives into either, as that may settle the number of routes. Either waits for the other once.
    fn waits(&mut self, at: usize) -> bool {
        let open = self.nodes[at].depth == 1 && !self.nodes[at].waited;
        let waits = open && self.next() != Some(at);
        self.nodes[at].waited |= waits;
        waits
    }

    fn closed(&self, at: usize) -> bool {
        self.nodes[at].rank() >= self.total
    }

    /// Keeps the better proof of a case, without what rounding lost where that may close it.
    fn learn(&mut self, at: usize, relaxed: &Relaxed) {
        if let Some((duals, rows)) = relaxed.fine.as_ref().filter(|_| self.has_walks())
            && self.nodes[at].fine.as_ref().is_none_or(|fine| relaxed.value > fine.0)
        {
            let fine = Box::new((relaxed.value, duals.clone(), rows.clone()));
            self.change(at, |node| node.fine = Some(fine));
        }
        if relaxed.proven.value > self.nodes[at].proven.value {
            let mut proven = relaxed.proven.clone();
            if !self.has_walks() && self.total - proven.value < 2 * self.generator.network.n as Cost {
                self.generator.tighten(&self.nodes[at].case, &mut proven);
            }
            self.know(at, proven);
        }
    }

    /// Makes the multipliers of leaves whole, of those first that the value of the tree depends on.
    fn make_whole(&mut self) {
        // Leaves that there is no more to be had from.
        let mut raised = BTreeSet::new();
        loop {
            let leaves = (0..self.nodes.len()).filter(|at| self.nodes[*at].split.is_none());
            let Some(least) = leaves.min_by_key(|at| self.nodes[*at].proven.value) else { return };
            if self.nodes[least].proven.value >= self.total || self.generator.over() {
                return;
            }
            let case = self.nodes[least].case.clone();
            if let Some(fine) = self.nodes[least].fine.take() {
                let (_, duals, rows) = *fine;
                if let Some(proven) = self.generator.nearest(&case, (&duals, &rows)) {
                    self.know(least, proven);
                }
            } else if !raised.insert(least) {
                return;
            } else {
                let mut proven = self.nodes[least].proven.clone();
                self.generator.raise_by_trial(&case, &mut proven);
                self.know(least, proven);
            }
        }
    }

    /// What the tree proves below a node.
    pub(super) fn value(&self, at: usize) -> Cost {
        match self.nodes[at].split {
            None => self.nodes[at].proven.value,
            Some(Split::Routes(_, children) | Split::Pair(_, children)) => {
                children.map(|child| self.value(child)).into_iter().min().unwrap_or(0)
            }
        }
    }
}

/// The whole number below the number of routes, if that is fractional and the case leaves it open. One that the case has
/// settled is whole but for the last digits.
fn open_number(case: &Case, relaxed: &Relaxed) -> Option<usize> {
    let routes = relaxed.routes();
    let open = !case.settles(routes) && (routes - routes.round()).abs() > INTEGRALITY;
    open.then_some(routes.floor() as usize)
}
