//! The pair that a case is split by, and its two cases, by pivots from the case's own basis.

use super::{Children, Present, Start, ban};
use crate::routing::Cost;
use crate::routing::columns::branching::{Promises, candidates, most_promising};
use crate::routing::columns::case::{Case, Pair, Proven};
use crate::routing::columns::generate::{Generator, PIVOTS};
use crate::routing::columns::pool::Column;
use crate::routing::columns::simplex::End;

/// Pivots of a look at a case.
const AHEAD: usize = 50;
/// Pairs looked at: those that did best before, and those never looked at.
const LOOKED_AT: (usize, usize) = (8, 12);
/// The same where nothing is to be proven.
const GLANCED_AT: (usize, usize) = (3, 5);
/// Times what is missing that a route may cost beyond its worth to stay, where routes that are lacking must come back.
const ROOM: f64 = 8.0;
/// Multiplications that a look at a column takes as long as.
const LOOKING: u64 = 10;

impl Generator<'_> {
    /// The pair whose two cases promise most, with both cases.
    pub(super) fn choose(
        &self,
        present: &Present<'_>,
        case: &Case,
        weighed: &[(&Column, f64)],
        total: Cost,
        promises: &Promises,
        (made, work): (&mut Promises, &mut u64),
    ) -> Option<([u32; 2], Vec<u32>, Children)> {
        let value = present.basis.value();
        let missing = (total as f64 - value).max(1.0);
        let looked_at = if self.core.proven { LOOKED_AT } else { GLANCED_AT };
        let mut focus = case.focus.clone();
        let pairs = candidates(self.network.n, weighed, promises, looked_at, &mut focus);
        let Present { start, columns, banned, .. } = present;
        // A column that costs more than what is missing comes into no solution that matters.
        let within = |most: f64| -> Vec<u32> {
            let matters = |at: &usize| !banned[*at] && present.basis.reduced(*at) <= most;
            (0..columns.len()).filter(matters).map(|at| at as u32).collect()
        };
        let part = |pair: Pair, open: &[u32]| {
            let mut child = Present { basis: present.basis.clone(), banned: banned.clone(), ..*present };
            ban(child.programme, pair, &mut child.banned);
            child.basis.only(open);
            child
        };
        let near = within(missing);
        // One copy of the basis serves for all looks.
        let mut ahead = Present { basis: present.basis.clone(), banned: banned.clone(), ..*present };
        let mut rise = |pair: Pair| {
            ahead.basis.clone_from(&present.basis);
            ahead.basis.only(&near);
            ahead.banned.clone_from(banned);
            ban(ahead.programme, pair, &mut ahead.banned);
            let end = ahead.basis.run(&ahead.banned, AHEAD, self.outside.stop);
            *work += ahead.basis.work + ahead.basis.size() + columns.len() as u64 * LOOKING;
            if end == End::Infeasible { missing } else { ahead.basis.value() - value }
        };
        let looked = pairs
            .into_iter()
            .map(|visits| (visits, [true, false].map(|together| rise(Pair { visits, together }))));
        let visits = most_promising(looked, missing, &focus, made).filter(|_| !(self.outside.stop)())?;
        let most = if self.core.proven { missing * ROOM } else { missing };
        let open = if most > missing { within(most) } else { near };
        let children = [true, false].map(|together| {
            let pair = Pair { visits, together };
            let mut child = part(pair, &open);
            let end = child.basis.run(&child.banned, PIVOTS * start.rows.count(self.network.n), self.outside.stop);
            *work += child.basis.work + child.basis.size() + columns.len() as u64 * LOOKING;
            if end != End::Optimal {
                return (self.nothing(), None);
            }
            let mut reached = self.reached(&child, total);
            // All routes are looked at only where there is something to be closed.
            let proven = |reached: &Proven, work| {
                self.lacking(&case.with(pair), reached, work).is_some_and(|lacking| lacking.is_empty())
            };
            if self.core.proven && (reached.value < total || !proven(&reached, work)) {
                reached = self.nothing();
            }
            let start = (reached.value < total).then(|| narrowed(child, &open, most));
            (reached, start)
        });
        Some((visits, focus, children))
    }
}

/// Where a case goes on from with the columns that still matter, of those that are `open`.
fn narrowed(present: Present<'_>, open: &[u32], most: f64) -> Start {
    let Present { start, columns, basis, banned, .. } = present;
    // Reduced costs of columns that are not open are not kept up.
    let matters = |at: usize| open.binary_search(&(at as u32)).is_ok() && !banned[at] && basis.reduced(at) <= most;
    let kept: Vec<usize> = (0..columns.len()).filter(|at| basis.holds(*at) || matters(*at)).collect();
    Start {
        rows: start.rows.clone(),
        columns: kept.iter().map(|at| start.columns[*at]).collect(),
        basis: Some(basis.leave().with_columns(&kept, columns.len())),
    }
}
