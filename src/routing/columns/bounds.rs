//! Bounds from multipliers that still miss routes: weaker than the linear programme's, but there long before its end.

use super::case::Proven;
use super::duals::Duals;
use super::generate::Generator;
use super::rows::{Hall, Rows};
use super::whole::proven_value;

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
}
