//! How a basis goes on where another programme's was left: from its inverse, or from its variables alone where that has gone
//! stale or was given up; primal pivots mend what is not dual feasible any more.

use super::{Basis, Scratch, VIOLATED, ZERO, square};
use crate::routing::columns::programme::Programme;
use crate::routing::columns::rows::Rows;
use crate::routing::columns::warm::Warm;

/// Entries below which a variable depends on the others of a basis.
const DEPENDENT: f64 = 1e-6;
/// What values and multipliers may be off by before an inverse is found anew.
const DRIFT: f64 = 1e-6;
/// Pivots after which an inverse is found anew.
const OLD: u32 = 400;
/// Primal pivots at most.
const MENDING: usize = 200;

impl<'p> Basis<'p> {
    /// What is left of a basis, for other programmes.
    pub(in super::super) fn leave(self) -> Warm {
        Warm { variables: self.variables, inverse: self.inverse, age: self.age }
    }

    /// Goes on from what another programme with these rows and variables left. `None` where rounding makes the variables
    /// dependent, or where a variable that is not `banned` costs less than it is worth although the basis is no solution.
    pub(in super::super) fn resume(
        programme: &'p Programme,
        n: usize,
        rows: &Rows,
        warm: Warm,
        banned: &[bool],
    ) -> Option<Self> {
        let variables = warm.variables.clone();
        let kept = Self::with_inverse(programme, n, rows, warm).and_then(|basis| basis.settle(n, rows, banned));
        kept.or_else(|| Self::of(programme, n, rows, &variables)?.settle(n, rows, banned))
    }

    /// With the inverse that is known, if it is and not too old.
    pub(super) fn with_inverse(programme: &'p Programme, n: usize, rows: &Rows, warm: Warm) -> Option<Self> {
        let (m, all) = (programme.rows, programme.costs.len() + programme.rows);
        let fits = warm.inverse.len() == m * m && warm.variables.iter().all(|variable| *variable < all);
        if !fits || warm.age > OLD {
            return None;
        }
        let mut inside = vec![false; all];
        warm.variables.iter().for_each(|variable| inside[*variable] = true);
        Some(Self {
            programme,
            lengths: warm.inverse.chunks(m).map(square).collect(),
            variables: warm.variables,
            inside,
            open: None,
            inverse: warm.inverse,
            values: Programme::right_side(n, rows),
            reduced: vec![0.0; all],
            worth: 0.0,
            work: 2 * (m * m) as u64,
            age: warm.age,
            slopes: Vec::new(),
            scratch: Scratch::default(),
        })
    }

    /// With an inverse that is found anew; `None` where rounding makes the variables dependent.
    pub(super) fn of(programme: &'p Programme, n: usize, rows: &Rows, variables: &[usize]) -> Option<Self> {
        let (m, others) = (programme.rows, programme.costs.len());
        let mut basis = Self::new(programme, n, rows);
        let mut free = vec![true; m];
        for slack in variables.iter().filter(|variable| **variable >= others) {
            *free.get_mut(slack - others)? = false;
        }
        for variable in variables.iter().filter(|variable| **variable < others) {
            basis.look_down(*variable);
            let column = &basis.scratch.column;
            let open = (0..m).filter(|row| free[*row]);
            let row = open.max_by(|a, b| column[*a].abs().total_cmp(&column[*b].abs()))?;
            if column[row].abs() < DEPENDENT {
                return None;
            }
            free[row] = false;
            basis.inside[basis.variables[row]] = false;
            basis.exchange(row, *variable);
        }
        basis.age = 0;
        Some(basis)
    }

    /// Computes values and reduced costs from the inverse, and makes the basis dual feasible if it is not. `None` where that
    /// fails, or where the inverse is none any more.
    pub(super) fn settle(mut self, n: usize, rows: &Rows, banned: &[bool]) -> Option<Self> {
        let programme = self.programme;
        let (m, others) = (programme.rows, programme.costs.len());
        self.ask(n, rows);
        // Multipliers of the rows, and what they leave of each cost.
        let mut multipliers = vec![0.0; m];
        for (variable, row) in self.variables.iter().zip(self.inverse.chunks(m)) {
            let cost = programme.costs.get(*variable).copied().unwrap_or(0.0);
            if cost != 0.0 {
                multipliers.iter_mut().zip(row).for_each(|(sum, entry)| *sum += cost * entry);
            }
        }
        let Scratch { signed, products, .. } = &mut self.scratch;
        programme.signed(&multipliers, signed);
        self.work += (m * m + programme.times_columns(signed, products)) as u64;
        let mut feasible = true;
        for variable in 0..others + m {
            let reduced = if variable < programme.columns {
                programme.costs[variable] - products[variable]
            } else if variable < others {
                programme.costs[variable] - signed[variable - programme.columns]
            } else {
                -multipliers[variable - others]
            };
            if self.inside[variable] {
                if reduced.abs() > DRIFT {
                    return None;
                }
                self.reduced[variable] = 0.0;
            } else {
                feasible &= reduced >= -VIOLATED || banned.get(variable) == Some(&true);
                self.reduced[variable] = reduced;
            }
        }
        (self.solves(n, rows) && (feasible || self.mend(banned))).then_some(self)
    }

    /// Whether the values of the basis give what the rows ask for.
    fn solves(&self, n: usize, rows: &Rows) -> bool {
        let programme = self.programme;
        let mut missing = Programme::right_side(n, rows);
        for (variable, value) in self.variables.iter().zip(&self.values) {
            programme.each_entry(*variable, |row, entry| missing[row] -= entry * value);
        }
        missing.iter().all(|missing| missing.abs() < DRIFT)
    }

    /// Primal pivots, from a solution that is not optimal: variables that cost less than they are worth enter until there are
    /// none; false where the basis is no solution, or after too many of them.
    fn mend(&mut self, banned: &[bool]) -> bool {
        if self.leaving(banned).is_some() {
            return false;
        }
        let is_banned = |variable: usize| banned.get(variable) == Some(&true);
        for _ in 0..MENDING {
            let candidates = (0..self.reduced.len()).filter(|at| !self.inside[*at] && !is_banned(*at));
            let Some(entering) = candidates.min_by(|a, b| self.reduced[*a].total_cmp(&self.reduced[*b])) else {
                return true;
            };
            let reduced = self.reduced[entering];
            if reduced >= -VIOLATED {
                return true;
            }
            self.look_down(entering);
            let column = &self.scratch.column;
            let mut first: Option<(f64, usize)> = None;
            for (row, slope) in column.iter().enumerate() {
                // What is banned and inside is nought and stays so.
                let held = is_banned(self.variables[row]);
                if *slope > VIOLATED || held && slope.abs() > VIOLATED {
                    let room = if *slope > 0.0 { self.values[row].max(0.0) / slope } else { 0.0 };
                    let better = |(least, at): (f64, usize)| {
                        room < least - ZERO || room < least + ZERO && slope.abs() > column[at].abs()
                    };
                    if first.is_none_or(better) {
                        first = Some((room, row));
                    }
                }
            }
            let Some((_, row)) = first else { return false };
            let slope = column[row];
            self.look_along(row, 1.0, banned);
            self.worth += reduced * self.values[row] / slope;
            self.replace(row, entering, -reduced / slope);
        }
        false
    }
}
