//! Bounds from multipliers that still miss routes: weaker than the linear programme's, but there long before its end.

use super::case::{Case, Proven};
use super::classes::members;
use super::duals::Duals;
use super::generate::Generator;
use super::pricing::Query;
use super::rows::{Hall, Rows};
use super::whole::proven_value;
use crate::routing::Cost;

impl Generator<'_> {
    /// A bound from multipliers that still miss routes: scaled down until none has a negative reduced cost (Farley 1990,
    /// "A note on bounding a class of linear programming problems, including cutting stock problems"). No reduced cost under
    /// `duals` lies below `floor`.
    pub(super) fn farley(&self, duals: &Duals, rows: &Rows, floor: i64) -> Proven {
        let cheapest = i128::from(self.network.cheapest_route()) * i128::from(duals.scale);
        let shortfall = -i128::from(floor.min(0));
        Proven::of(duals.in_units_times(cheapest, (cheapest + shortfall).max(1)), rows)
    }

    /// Another bound from multipliers that still miss routes: every slot of a view pays what the cheapest of its routes
    /// earns too much (Lasdon 1970, "Optimization Theory for Large Systems", chapter 3). No reduced cost of a view under `duals`
    /// lies below its floor.
    pub(super) fn lagrange(&self, duals: &Duals, rows: &Rows, floors: &[i64]) -> Proven {
        let mut proven = Proven::of(duals.in_units(), rows);
        for (view, floor) in self.classes.views.iter().zip(floors) {
            // In units a reduced cost is whole, and what it falls short by is rounded down.
            let shortfall = (-floor).div_euclid(duals.scale);
            if shortfall > 0 {
                proven.rows.halls.push(Hall { mask: view.mask.clone(), size: self.classes.size(&view.mask) });
                proven.duals.halls.push(shortfall);
            }
        }
        proven.value = proven_value(&proven.duals, &proven.rows);
        proven
    }

    /// What the same multipliers prove where each slot pays no more than the best of its routes earns too much, as whoever
    /// checks a certificate works it out; `None` where routes are not listed, or slots pay nothing anyhow.
    pub(super) fn slot_by_slot(&self, case: &Case, proven: &Proven) -> Option<Cost> {
        let listed = self.network.listed()?;
        let mut free = proven.clone();
        free.duals.halls.iter_mut().for_each(|dual| *dual = 0);
        if free.duals.halls == proven.duals.halls {
            return None;
        }
        // Those that earn nothing are let in, too: then routes of all views are looked at, not of the cheapest alone.
        let query = Query { threshold: 1, keep: usize::MAX, ..self.query(case, &free.rows, &free.duals) };
        let mut least = vec![0; self.classes.list.len()];
        for route in listed.price(self.network, &query).routes {
            for class in members(&self.classes.of_route(route.view, &route.visits)) {
                least[class] = route.reduced.min(least[class]);
            }
        }
        let slots = self.classes.list.iter().zip(least);
        let paid: i128 = slots.map(|(class, least)| class.size as i128 * i128::from(least)).sum();
        Cost::try_from(i128::from(proven_value(&free.duals, &free.rows)) + paid).ok()
    }
}
