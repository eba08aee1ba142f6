//! Schedules on the way through the tree: dives from the solution of a case ([`dive`]), their ends and parts of the best
//! schedule ([`super::super::rest`]), fewer routes ([`super::super::fewer`]).

use super::{BranchAndBound, INTEGRALITY};
use crate::routing::Cost;
use crate::routing::columns::case::{Case, Relaxed};
use crate::routing::columns::dive::{Style, dive};
use crate::routing::columns::incumbent::{Incumbent, Routes};

/// Most visits where a dive compares columns.
const MOST_COMPARED: usize = 250;
/// Times as many dives where the best schedule has too many routes: where dives are short, and where they are long.
const EAGER: [usize; 2] = [3, 2];
/// Part of a route's cost, as a divisor, from which on a team-day makes the number of routes count most.
const COUNTED: f64 = 4.0;

impl BranchAndBound<'_, '_> {
    /// Dives from the solution of a case; where routes count most, none takes more of them than the solution. Ends after
    /// `count` dives in vain, or [`EAGER`] times as many where the case is tried `hard` and the best schedule has more routes
    /// than the solution. Tells how many it should have if it still has more.
    pub(super) fn dives(&mut self, case: &Case, relaxed: &Relaxed, count: usize, hard: bool) -> Option<usize> {
        let few = (relaxed.routes() - INTEGRALITY).ceil().max(self.few as f64);
        let team_day = self.generator.network.timing.problem.cost.team_day as f64;
        let columns = &self.generator.pool.columns;
        let cost: f64 = relaxed.support.iter().map(|(at, w)| w * columns[*at].cost as f64).sum();
        let counted = team_day * few * COUNTED > cost;
        let mut case = case.clone();
        if counted {
            case.hi = Some(case.hi.map_or(few as usize, |hi| hi.min(few as usize)));
        }
        // There cannot be fewer routes than the solution has.
        let exact = Case { lo: if counted { few as usize } else { case.lo }, ..case.clone() };
        let eager = |incumbent: &dyn Incumbent| counted && incumbent.count() > few as usize;
        let large = self.has_long_dives();
        let times = EAGER[usize::from(large)];
        // Where dives are long, one that does not settle the number of routes leaves that to a search for fewer.
        let seeks = large && self.seeks_fewer_routes();
        let allowed = |incumbent: &dyn Incumbent| match eager(incumbent) {
            true if seeks => 1,
            true if hard => count * times,
            _ => count,
        };
        // Comparing candidates takes a linear programme each: too many where these are large.
        let compared = if large { 0 } else { 4 };
        let parts = self.has_parts();
        let (mut round, mut in_vain) = (0, 0);
        while in_vain < allowed(self.incumbent) && !self.generator.over() {
            let style = Style {
                patience: round.min(1),
                candidates: 1 + compared * (round % 2),
                number: if round == 0 { 0 } else { self.dived },
            };
            let before = self.total;
            let taken = dive(self.generator, &case, relaxed, style);
            let end = match parts {
                false => None,
                // Ends in so few routes are soon found or ruled out where travel costs nothing.
                true if eager(self.incumbent) && !large => {
                    self.generator.end_in_few(&taken, &exact, (self.incumbent.best(), few as usize))
                }
                true => self.generator.end_well(&taken, &exact, self.total),
            };
            match end {
                Some(routes) => self.hand_out(routes),
                None => self.offer(&taken),
            }
            in_vain = if hard && round > 0 && self.total < before { 0 } else { in_vain + 1 };
            round += 1;
            self.dived += 1;
        }
        eager(self.incumbent).then_some(few as usize)
    }

    /// Whether dives take too long to compare columns.
    fn has_long_dives(&self) -> bool {
        self.generator.network.n > MOST_COMPARED
    }

    /// Whether parts of a schedule are worth solving: they are much smaller than the whole, which is no part already.
    fn has_parts(&self) -> bool {
        self.certified && self.generator.has_parts()
    }

    /// Whether fewer routes are yet to be looked for however long they travel.
    fn seeks_fewer_routes(&self) -> bool {
        !self.sought && self.few == 0 && self.has_parts() && self.generator.has_fewer_routes()
    }

    /// Improves the best schedule: if fewer routes are `wanted`, by looking for them once; then part by part, unless dives for
    /// fewer routes are more promising. Tells whether fewer are still wanted.
    pub(super) fn improve(&mut self, wanted: Option<usize>) -> bool {
        // Where travel costs nothing, other routes for the same visits are no better.
        if !self.has_parts() || self.few > 0 {
            return wanted.is_some();
        }
        if let Some(few) = wanted.filter(|_| self.seeks_fewer_routes()) {
            self.sought = true;
            self.total = self.generator.fewer_routes(few, self.incumbent, self.total);
            if let Some(told) = self.incumbent.shorten() {
                self.note(told);
            }
        }
        let eager = wanted.is_some_and(|few| self.incumbent.count() > few);
        // Routes come first, but where dives are few, or no fewer were found, there is nothing better to do.
        if !eager || self.has_long_dives() || self.sought {
            let better = self.generator.improve(self.incumbent.best(), self.total, &mut self.tried);
            if let Some(routes) = better {
                self.hand_out(routes);
            }
        }
        eager
    }

    pub(super) fn offer(&mut self, columns: &[usize]) {
        let mut sorted = columns.to_vec();
        sorted.sort_unstable();
        if !self.offered.insert(sorted) {
            return;
        }
        let views = &self.generator.classes.views;
        let routes = columns
            .iter()
            .map(|at| &self.generator.pool.columns[*at])
            .map(|column| (views[column.view].base, column.visits.to_vec()))
            .collect();
        self.hand_out(routes);
    }

    /// Has the incumbent make a schedule of routes.
    pub(super) fn hand_out(&mut self, routes: Routes) {
        let told = self.incumbent.offer(routes);
        self.note(told);
    }

    /// Has the incumbent search anew, and settles when it will next.
    pub(super) fn search_anew(&mut self) {
        let spent = self.generator.all_steps - self.generator.steps;
        self.next_search = self.generator.steps.saturating_sub(spent);
        if let Some(told) = self.incumbent.search_anew() {
            self.note(told);
        }
    }

    /// Takes note of what the incumbent tells.
    fn note(&mut self, (total, seen, steps): (Cost, Routes, u64)) {
        self.total = total;
        self.generator.steps = self.generator.steps.saturating_sub(steps);
        self.generator.take_in(&seen);
    }
}
