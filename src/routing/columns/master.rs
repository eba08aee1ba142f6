//! The master: a covering linear programme over columns, solved in its dual form.
//!
//! Primal: min Σ c_r x_r + unscheduled Σ u_i, every visit covered, at most so many routes in each set of classes that
//! binds, lo to hi routes, every cut kept. Dual, which is what is handed to the solver, one row a column:
//! `max Σ π_i − Σ λ_C + lo·ν_lo − hi·ν_hi − Σ m(H)·η_H` with
//! `Σ_{i∈r} π_i − Σ_C λ_C [|r∩C| ≥ 2] + ν_lo − ν_hi − Σ_{H ⊇ mask(r)} η_H ≤ c_r`, `0 ≤ π_i ≤ unscheduled`, all others `≥ 0`.
//! An interior-point method ends in the middle of the optimal face, and such multipliers need no stabilisation (Gondzio,
//! González-Brevis and Munari 2013, "New developments in the primal–dual column generation technique"; that the middle is
//! the better choice is shown by Rousseau, Gendreau and Feillet 2007, "Interior point stabilization for column generation").
//!
//! The only place that knows good_lp.

use good_lp::{
    DualValues, Expression, Solution as _, SolutionWithDual, SolverModel, Variable, clarabel, variable, variables,
};

use super::pool::Column;
use super::rows::{CutBits, Rows};
use crate::routing::Cost;

/// Multipliers and weights.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) visits: Vec<f64>,
    pub(super) cuts: Vec<f64>,
    pub(super) halls: Vec<f64>,
    pub(super) lo: f64,
    pub(super) hi: f64,
    /// x of each column.
    pub(super) weights: Vec<f64>,
}

/// Solves the master over `columns` to a relative gap of `tolerance`. `None` where the numerics give up.
pub(super) fn solve(
    n: usize,
    columns: &[&Column],
    rows: &Rows,
    unscheduled: Cost,
    tolerance: f64,
) -> Option<Answer> {
    let columns: Vec<(&Column, bool)> = columns.iter().map(|column| (*column, false)).collect();
    programme(n, &columns, rows, unscheduled, None, tolerance)
}

/// Of all multipliers under which the marked columns have reduced cost zero, those that leave the others most room: the
/// least of their reduced costs is as large as possible, up to `room` cost units.
pub(super) fn centre(
    n: usize,
    columns: &[(&Column, bool)],
    rows: &Rows,
    unscheduled: Cost,
    room: f64,
) -> Option<Answer> {
    programme(n, columns, rows, unscheduled, Some(room), FINE)
}

/// The multipliers as variables.
struct Names {
    /// None of a visit whose multiplier is zero for certain.
    visits: Vec<Option<Variable>>,
    cuts: Vec<Variable>,
    halls: Vec<Variable>,
    counts: Vec<Variable>,
}

impl Names {
    /// The dual's objective.
    fn worth(&self, n: usize, rows: &Rows) -> Expression {
        let mut out = Expression::with_capacity(n + self.cuts.len() + self.halls.len() + 2);
        self.visits.iter().flatten().for_each(|v| out.add_mul(1.0, *v));
        self.cuts.iter().for_each(|v| out.add_mul(-1.0, *v));
        self.halls.iter().zip(&rows.halls).for_each(|(v, hall)| out.add_mul(-(hall.size as f64), *v));
        out.add_mul(rows.lo as f64, self.counts[0]);
        // Without a limit the multiplier has no use; a steep price keeps it at zero.
        out.add_mul(-(rows.hi.unwrap_or(n + 1) as f64), self.counts[1]);
        out
    }

    /// What a column must not exceed its cost in.
    fn row(&self, column: &Column, rows: &Rows, bits: &CutBits) -> Expression {
        let n = self.visits.len();
        let cuts = n + rows.cuts.len();
        let mut row = Expression::with_capacity(column.visits.len() + 4);
        for at in rows.of_column(n, column, bits) {
            if at < n {
                if let Some(visit) = self.visits[at] {
                    row.add_mul(1.0, visit);
                }
            } else if at < cuts {
                row.add_mul(-1.0, self.cuts[at - n]);
            } else {
                row.add_mul(-1.0, self.halls[at - cuts]);
            }
        }
        row.add_mul(1.0, self.counts[0]);
        row.add_mul(-1.0, self.counts[1]);
        row
    }
}

/// Relative gap at which a solution is good enough.
pub(super) const FINE: f64 = 1e-9;
/// Relative gap that is good enough as long as many columns are missing.
pub(super) const ROUGH: f64 = 1e-6;

/// Multiples of a typical column's cost above which a visit's multiplier is suspicious.
const DEAR: f64 = 20.0;
/// The price of leaving out in a programme's units, at most: at first, and where the numerics give up.
const WIDEST: [f64; 2] = [1e7, 1e5];

fn programme(
    n: usize,
    columns: &[(&Column, bool)],
    rows: &Rows,
    unscheduled: Cost,
    room: Option<f64>,
    tolerance: f64,
) -> Option<Answer> {
    // Interior-point methods like coefficients near one, and the price of leaving out may be thousands of times a
    // route's: it is let in only where a lower one would bind.
    let typical = typical(columns.iter().map(|(column, _)| *column), unscheduled);
    let low = DEAR * typical.max(1.0);
    // A visit that no column makes is left out, and its multiplier known.
    let mut made = vec![false; n];
    columns.iter().flat_map(|(column, _)| &column.visits).for_each(|visit| made[*visit as usize] = true);
    let solve = |unit: f64, most: f64| within_price(n, columns, rows, (unit, most), &made, room, tolerance);
    let (unit, dearest) = (in_units(typical), unscheduled as f64);
    let mut answer = None;
    if low < dearest / 2.0 {
        answer = solve(unit, low).filter(|answer| answer.visits.iter().all(|dual| *dual < 0.9 * low));
    }
    // Where routes cost next to nothing beside leaving out, units of the former are beyond the numerics.
    let [fine, coarse] = WIDEST.map(|most| unit.max(dearest / most));
    let again = || if coarse > fine { solve(coarse, dearest) } else { None };
    let mut answer = answer.or_else(|| solve(fine, dearest)).or_else(again)?;
    for (visit, dual) in answer.visits.iter_mut().enumerate() {
        if !made[visit] && rows.done.get(visit) != Some(&true) {
            *dual = dearest;
        }
    }
    Some(answer)
}

/// What a column costs on average.
fn typical<'c>(columns: impl ExactSizeIterator<Item = &'c Column>, unscheduled: Cost) -> f64 {
    let count = columns.len();
    if count == 0 { unscheduled as f64 } else { columns.map(|c| c.cost as f64).sum::<f64>() / count as f64 }
}

/// Cost units in one of a programme's, where a column costs so much on average.
fn in_units(typical: f64) -> f64 {
    (typical / 30.0).max(1e-3)
}

/// Cost units in which a programme over these columns has coefficients near one.
pub(super) fn unit<'c>(columns: impl ExactSizeIterator<Item = &'c Column>, unscheduled: Cost) -> f64 {
    in_units(typical(columns, unscheduled))
}

/// The programme with no visit's multiplier above `most`, with costs counted in `unit`s.
fn within_price(
    n: usize,
    columns: &[(&Column, bool)],
    rows: &Rows,
    (unit, most): (f64, f64),
    made: &[bool],
    room: Option<f64>,
    tolerance: f64,
) -> Option<Answer> {
    let most = most / unit;
    let mut vars = variables!();
    let mut some = |count: usize, max: f64| -> Vec<Variable> {
        (0..count).map(|_| vars.add(variable().min(0.0).max(max))).collect()
    };
    let wanted = |visit: usize| made[visit] && rows.done.get(visit) != Some(&true);
    let names = Names {
        visits: (0..n).map(|visit| wanted(visit).then(|| some(1, most)[0])).collect(),
        counts: some(2, most * n.max(1) as f64),
        cuts: some(rows.cuts.len(), f64::INFINITY),
        halls: some(rows.halls.len(), f64::INFINITY),
    };
    let spare = room.map(|room| some(1, room / unit)[0]);
    let objective = spare.map_or_else(|| names.worth(n, rows), Expression::from);
    let mut model = vars.maximise(objective).using(clarabel);
    model.settings().tol_gap_abs(1e-7).tol_gap_rel(tolerance);
    let bits = rows.cut_bits(n);
    if spare.is_some() {
        let kept = || columns.iter().filter(|(_, tight)| *tight).map(|(column, _)| column);
        let mut open: Vec<bool> = (0..n).map(wanted).collect();
        kept().flat_map(|column| &column.visits).for_each(|visit| open[*visit as usize] = false);
        let left_out = open.iter().filter(|open| **open).count() as f64;
        let tight = kept().map(|column| column.cost as f64).sum::<f64>() + left_out * most * unit;
        model.add_constraint(names.worth(n, rows).geq(tight / unit - 1e-9));
    }
    let references: Vec<_> = columns
        .iter()
        .map(|(column, tight)| {
            let mut row = names.row(column, rows, &bits);
            if let Some(spare) = spare.filter(|_| !tight) {
                row.add_mul(1.0, spare);
            }
            model.add_constraint(row.leq(column.cost as f64 / unit))
        })
        .collect();
    let mut solution = model.solve().ok()?;
    let value = |variable: Variable| (solution.value(variable) * unit).max(0.0);
    let values = |list: &[Variable]| list.iter().map(|v| value(*v)).collect::<Vec<f64>>();
    let visits: Vec<f64> = names.visits.iter().map(|v| v.map_or(0.0, value)).collect();
    let counts = values(&names.counts);
    let (cuts, halls) = (values(&names.cuts), values(&names.halls));
    let dual = solution.compute_dual();
    let weights: Vec<f64> = references.into_iter().map(|row| dual.dual(row).max(0.0)).collect();
    let finite = visits.iter().chain(&weights).chain(&cuts).chain(&halls).chain(&counts).all(|v| v.is_finite());
    finite.then(|| Answer { visits, cuts, halls, lo: counts[0], hi: counts[1], weights })
}
