//! The dual simplex method for the master: what it would cost about if a case were narrower, by a few pivots from its optimal
//! basis, and the linear programmes of cases that go on from their parent's ([`super::pivots`]).
//!
//! The dual simplex method with an explicit inverse (Chvátal 1983, "Linear Programming", chapters 7 and 10); the row that
//! leaves is chosen by steepest edge (Forrest and Goldfarb 1992, "Steepest-edge simplex algorithms for linear
//! programming", section 3.1). A narrower case forbids columns or asks rows for something else; neither harms dual
//! feasibility, so that every pivot raises the value. What floating point comes to proves nothing: multipliers count once they
//! are whole and all routes are priced with them.

use super::master::{self, Answer, Rows};
use super::pool::Column;
use crate::routing::Cost;

/// Slopes this small are rounding.
const ZERO: f64 = 1e-9;
/// Least violation worth a pivot.
const VIOLATED: f64 = 1e-7;

/// The master over some columns. Each row reads `entries · x + slack = right side`; what must be at least so much is negated.
/// Variables are the columns, then for each visit its absence, then the slacks.
#[derive(Debug)]
pub(super) struct Programme {
    rows: usize,
    columns: usize,
    /// Rows in which a variable stands: variable by variable, where each begins. A walk may come back to a visit, whose row
    /// is then there as often.
    starts: Vec<usize>,
    entries: Vec<u32>,
    /// What a variable has in each of its rows.
    signs: Vec<f64>,
    /// Rows in which all columns stand: least and most routes.
    common: [usize; 2],
    costs: Vec<f64>,
    /// Cost units in one of the programme's.
    unit: f64,
}

impl Programme {
    pub(super) fn new(n: usize, columns: &[&Column], rows: &Rows, unscheduled: Cost) -> Self {
        let unit = master::unit(columns.iter().copied(), unscheduled);
        let cuts_of = rows.cuts_of(n, |_| true);
        let common = [rows.lo_row(n), rows.lo_row(n) + 1];
        let sign = |row: usize| if row < n || row == common[0] { -1.0 } else { 1.0 };
        let mut out = Self {
            rows: rows.count(n),
            columns: columns.len(),
            starts: vec![0],
            entries: Vec::new(),
            signs: (0..rows.count(n)).map(sign).collect(),
            common,
            costs: columns.iter().map(|column| column.cost as f64 / unit).collect(),
            unit,
        };
        let (mut met, mut all) = (Vec::new(), Vec::new());
        for column in columns {
            rows.of_column(n, column, &cuts_of, &mut met, &mut all);
            let own = all.iter().filter(|row| !common.contains(row));
            out.entries.extend(own.map(|row| *row as u32));
            out.starts.push(out.entries.len());
        }
        for visit in 0..n {
            out.entries.push(visit as u32);
            out.starts.push(out.entries.len());
            out.costs.push(unscheduled as f64 / unit);
        }
        out
    }

    /// Entries in all.
    pub(super) fn size(&self) -> u64 {
        (self.entries.len() + 2 * self.columns) as u64
    }

    /// What the rows ask for in a case.
    fn right_side(n: usize, rows: &Rows) -> Vec<f64> {
        let wanted = (0..n).map(|visit| if rows.done.get(visit) == Some(&true) { 0.0 } else { -1.0 });
        let halls = rows.halls.iter().map(|hall| hall.size as f64);
        let most = rows.hi.unwrap_or(n + 1) as f64;
        wanted.chain(rows.cuts.iter().map(|_| 1.0)).chain(halls).chain([-(rows.lo as f64), most]).collect()
    }

    /// A variable that is no slack, times a row whose entries already have the signs of the programme's.
    fn times(&self, variable: usize, signed: &[f64]) -> f64 {
        let own = &self.entries[self.starts[variable]..self.starts[variable + 1]];
        let own = own.iter().map(|row| signed[*row as usize]).sum::<f64>();
        if variable < self.columns { own + signed[self.common[0]] + signed[self.common[1]] } else { own }
    }

    /// A row with the signs of the programme's entries.
    fn signed(&self, row: &[f64]) -> Vec<f64> {
        row.iter().zip(&self.signs).map(|(entry, sign)| entry * sign).collect()
    }
}

/// A basis of a programme that is dual feasible.
#[derive(Debug, Clone)]
pub(super) struct Basis<'p> {
    programme: &'p Programme,
    /// Variable of each row.
    variables: Vec<usize>,
    inside: Vec<bool>,
    /// Variables other than slacks that may enter, but for those that are banned; all where there is no list.
    open: Option<Vec<u32>>,
    /// The inverse, row after row.
    inverse: Vec<f64>,
    /// Square of each row's length.
    lengths: Vec<f64>,
    values: Vec<f64>,
    reduced: Vec<f64>,
    worth: f64,
    /// Multiplications so far.
    pub(super) work: u64,
}

/// How a run of pivots ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum End {
    /// At the optimum.
    Optimal,
    /// After as many pivots as were allowed.
    Tired,
    /// No solution.
    Infeasible,
}

impl<'p> Basis<'p> {
    /// All slacks: dual feasible, as nothing costs less than nothing.
    pub(super) fn new(programme: &'p Programme, n: usize, rows: &Rows) -> Self {
        let (m, others) = (programme.rows, programme.costs.len());
        let mut inverse = vec![0.0; m * m];
        (0..m).for_each(|row| inverse[row * m + row] = 1.0);
        let mut inside = vec![false; others + m];
        inside[others..].fill(true);
        let mut reduced = programme.costs.clone();
        reduced.resize(others + m, 0.0);
        Self {
            programme,
            variables: (others..others + m).collect(),
            inside,
            open: None,
            inverse,
            lengths: vec![1.0; m],
            values: Programme::right_side(n, rows),
            reduced,
            worth: 0.0,
            work: 0,
        }
    }

    /// The basis of these variables, as [`Basis::variables`] tells them of another of the same rows; `None` where rounding
    /// makes them dependent, or where some variable is worth more than it costs.
    pub(super) fn of(programme: &'p Programme, n: usize, rows: &Rows, variables: &[usize]) -> Option<Self> {
        let (m, others) = (programme.rows, programme.costs.len());
        let mut basis = Self::new(programme, n, rows);
        let mut free = vec![true; m];
        for slack in variables.iter().filter(|variable| **variable >= others) {
            *free.get_mut(slack - others)? = false;
        }
        for variable in variables.iter().filter(|variable| **variable < others) {
            let column = basis.column(*variable);
            let open = (0..m).filter(|row| free[*row]);
            let row = open.max_by(|a, b| column[*a].abs().total_cmp(&column[*b].abs()))?;
            if column[row].abs() < 1e-6 {
                return None;
            }
            free[row] = false;
            basis.inside[basis.variables[row]] = false;
            basis.exchange(row, *variable, &column);
        }
        basis.ask(n, rows);
        // Multipliers of the rows, and what they leave of each cost.
        let mut multipliers = vec![0.0; m];
        for (variable, row) in basis.variables.iter().zip(basis.inverse.chunks(m)) {
            let cost = programme.costs.get(*variable).copied().unwrap_or(0.0);
            if cost != 0.0 {
                multipliers.iter_mut().zip(row).for_each(|(sum, entry)| *sum += cost * entry);
            }
        }
        let signed = programme.signed(&multipliers);
        for variable in 0..others + m {
            let reduced = if variable < others {
                programme.costs[variable] - programme.times(variable, &signed)
            } else {
                -multipliers[variable - others]
            };
            if !basis.inside[variable] && reduced < -VIOLATED {
                return None;
            }
            basis.reduced[variable] = if basis.inside[variable] { 0.0 } else { reduced.max(0.0) };
        }
        Some(basis)
    }

    /// Numbers that a copy takes.
    pub(super) fn size(&self) -> u64 {
        (self.inverse.len() + self.reduced.len()) as u64
    }

    /// The variables of the basis.
    pub(super) fn variables(&self) -> &[usize] {
        &self.variables
    }

    /// Whether a variable is in the basis.
    pub(super) fn holds(&self, variable: usize) -> bool {
        self.inside[variable]
    }

    /// Columns with positive weight.
    pub(super) fn support(&self) -> Vec<(usize, f64)> {
        let columns = self.programme.columns;
        let inside = self.variables.iter().copied().zip(self.values.iter().copied());
        let mut out: Vec<(usize, f64)> = inside.filter(|(at, weight)| *at < columns && *weight > 1e-6).collect();
        out.sort_unstable_by_key(|(at, _)| *at);
        out
    }

    /// What using a column costs beyond what it is worth, in cost units.
    pub(super) fn reduced(&self, column: usize) -> f64 {
        self.reduced[column] * self.programme.unit
    }

    /// The multipliers of the rows, in cost units.
    pub(super) fn answer(&self, n: usize, rows: &Rows) -> Answer {
        let others = self.programme.costs.len();
        let of = |row: usize| self.reduced[others + row] * self.programme.unit;
        let (cuts, halls) = (n + rows.cuts.len(), n + rows.cuts.len() + rows.halls.len());
        Answer {
            visits: (0..n).map(of).collect(),
            cuts: (n..cuts).map(of).collect(),
            halls: (cuts..halls).map(of).collect(),
            lo: of(rows.lo_row(n)),
            hi: of(rows.lo_row(n) + 1),
            weights: Vec::new(),
        }
    }

    /// The value of the dual solution, in cost units: a lower bound of the programme's.
    pub(super) fn value(&self) -> f64 {
        self.worth * self.programme.unit
    }

    /// Asks for what the rows of another case ask for; these differ in their right sides alone.
    pub(super) fn ask(&mut self, n: usize, rows: &Rows) {
        let m = self.programme.rows;
        let right = Programme::right_side(n, rows);
        for (row, value) in self.inverse.chunks(m).zip(&mut self.values) {
            *value = row.iter().zip(&right).map(|(a, b)| a * b).sum();
        }
        self.work += (m * m) as u64;
        let cost = |variable: &usize| self.programme.costs.get(*variable).copied().unwrap_or(0.0);
        self.worth = self.variables.iter().zip(&self.values).map(|(variable, value)| cost(variable) * value).sum();
    }

    /// Pivots until the optimum without the `banned` variables, at most so often.
    pub(super) fn run(&mut self, banned: &[bool], pivots: usize) -> End {
        for _ in 0..pivots {
            let Some((row, below)) = self.leaving(banned) else { return End::Optimal };
            let slopes = self.slopes(row, if below { 1.0 } else { -1.0 }, banned);
            let Some(entering) = self.entering(&slopes) else { return End::Infeasible };
            self.pivot(row, entering, &slopes);
        }
        End::Tired
    }

    /// The row that is violated most for its length, and whether it is so from below.
    fn leaving(&self, banned: &[bool]) -> Option<(usize, bool)> {
        let mut worst: Option<(f64, usize)> = None;
        for (row, value) in self.values.iter().enumerate() {
            let above = banned.get(self.variables[row]) == Some(&true) && *value > 0.0;
            let violation = if above { *value } else { -*value };
            let score = violation * violation / self.lengths[row];
            if violation > VIOLATED && worst.is_none_or(|(most, _)| score > most) {
                worst = Some((score, row));
            }
        }
        worst.map(|(_, row)| (row, self.values[row] < 0.0))
    }

    /// For each variable outside the basis that may enter how much it mends a row, negative where it does.
    fn slopes(&mut self, row: usize, sign: f64, banned: &[bool]) -> Vec<(usize, f64)> {
        let programme = self.programme;
        let (m, others) = (programme.rows, programme.costs.len());
        let of_row = &self.inverse[row * m..(row + 1) * m];
        let signed = programme.signed(of_row);
        let mut out = Vec::with_capacity(self.open.as_ref().map_or(others, Vec::len) / 4);
        let mut look = |variable: usize| {
            if self.inside[variable] || banned.get(variable) == Some(&true) {
                return;
            }
            let slope = programme.times(variable, &signed);
            if slope.abs() > ZERO {
                out.push((variable, sign * slope));
            }
        };
        match &self.open {
            Some(list) => list.iter().for_each(|variable| look(*variable as usize)),
            None => (0..others).for_each(look),
        }
        for (at, slope) in of_row.iter().enumerate() {
            if !self.inside[others + at] && slope.abs() > ZERO {
                out.push((others + at, sign * slope));
            }
        }
        let looked = self.open.as_ref().map_or(programme.entries.len(), |list| 4 * list.len());
        self.work += (looked + m) as u64;
        out
    }

    /// From here on no variables but these and slacks enter, and reduced costs of others are not kept up.
    pub(super) fn only(&mut self, open: &[u32]) {
        self.open = Some(open.to_vec());
    }

    /// The variable whose reduced cost is used up first; among equals the steepest.
    fn entering(&self, slopes: &[(usize, f64)]) -> Option<usize> {
        let mut best: Option<(f64, f64, usize)> = None;
        for (at, (variable, slope)) in slopes.iter().enumerate().filter(|(_, (_, slope))| *slope < -1e-7) {
            let ratio = (self.reduced[*variable] / -slope).max(0.0);
            let better = |(least, steepest, _): (f64, f64, usize)| {
                ratio < least - ZERO || ratio < least + ZERO && *slope < steepest
            };
            if best.is_none_or(better) {
                best = Some((ratio, *slope, at));
            }
        }
        best.map(|(_, _, at)| at)
    }

    fn pivot(&mut self, row: usize, entering: usize, slopes: &[(usize, f64)]) {
        let (variable, slope) = slopes[entering];
        let step = (self.reduced[variable] / -slope).max(0.0);
        for (other, slope) in slopes {
            self.reduced[*other] += step * slope;
        }
        let left = self.variables[row];
        (self.reduced[left], self.reduced[variable]) = (step, 0.0);
        self.worth += step * self.values[row].abs();
        let column = self.column(variable);
        self.exchange(row, variable, &column);
        self.inside[left] = false;
    }

    /// A variable's entries in terms of the basis.
    fn column(&self, variable: usize) -> Vec<f64> {
        let (m, others) = (self.programme.rows, self.programme.costs.len());
        if variable < others {
            let programme = self.programme;
            let mut rows: Vec<u32> =
                programme.entries[programme.starts[variable]..programme.starts[variable + 1]].to_vec();
            if variable < programme.columns {
                rows.extend(programme.common.map(|row| row as u32));
            }
            let inner =
                |row: &[f64]| rows.iter().map(|at| row[*at as usize] * programme.signs[*at as usize]).sum();
            self.inverse.chunks(m).map(inner).collect()
        } else {
            self.inverse.chunks(m).map(|row| row[variable - others]).collect()
        }
    }

    /// Puts a variable in a row of the basis.
    fn exchange(&mut self, row: usize, variable: usize, column: &[f64]) {
        let m = self.programme.rows;
        let value = self.values[row] / column[row];
        let pivot: Vec<f64> =
            self.inverse[row * m..(row + 1) * m].iter().map(|entry| entry / column[row]).collect();
        let mut touched = 0;
        for (at, other) in self.inverse.chunks_mut(m).enumerate() {
            let factor = column[at];
            if at == row {
                other.copy_from_slice(&pivot);
            } else if factor.abs() > 1e-12 {
                other.iter_mut().zip(&pivot).for_each(|(entry, by)| *entry -= factor * by);
                self.values[at] -= factor * value;
            } else {
                continue;
            }
            self.lengths[at] = other.iter().map(|entry| entry * entry).sum::<f64>().max(ZERO);
            touched += 1;
        }
        self.values[row] = value;
        self.variables[row] = variable;
        self.inside[variable] = true;
        self.work += 2 * ((touched + 1) * m) as u64;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A route of these visits.
    fn column((visits, cost): &(Vec<u32>, Cost)) -> Column {
        Column { view: 0, visits: visits.clone().into(), cost: *cost, mask: Box::new([1]) }
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-4 * a.abs().max(b.abs()).max(1.0)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        /// Pivots end where the interior-point method ends, for a case and for narrower ones reached from its basis.
        #[test]
        fn agrees_with_the_master(
            routes in prop::collection::vec((prop::sample::subsequence((0..8_u32).collect::<Vec<_>>(), 1..4), 20..90_i64), 4..40),
            cuts in prop::collection::btree_set(prop::sample::subsequence((0..8_u32).collect::<Vec<_>>(), 3), 0..5),
            (lo, room) in (0..4_usize, 0..6_usize),
            banned in prop::collection::vec(prop::bool::weighted(0.2), 40),
            done in prop::collection::vec(prop::bool::weighted(0.3), 8),
        ) {
            let n = 8;
            let columns: Vec<Column> = routes.iter().map(column).collect();
            let list: Vec<&Column> = columns.iter().collect();
            let rows = Rows {
                cuts: cuts.iter().map(|cut| [cut[0], cut[1], cut[2]]).collect(),
                lo,
                hi: Some(lo + room),
                ..Rows::default()
            };
            let unscheduled = 200;
            let value = |list: &[&Column], rows: &Rows| {
                let answer = master::solve(n, list, rows, unscheduled, master::FINE)?;
                Some(super::super::restricted::value(&answer, rows))
            };
            let programme = Programme::new(n, &list, &rows, unscheduled);
            let mut basis = Basis::new(&programme, n, &rows);
            let end = basis.run(&[], 1000);
            let expected = value(&list, &rows);
            prop_assert!(end != End::Tired);
            if let Some(expected) = expected {
                prop_assert!(end == End::Infeasible || close(basis.value(), expected), "{} {expected}", basis.value());
            }
            if end == End::Optimal {
                // The same basis, put together anew.
                let again = Basis::of(&programme, n, &rows, basis.variables());
                prop_assert!(again.is_some());
                if let Some(mut again) = again {
                    prop_assert!(close(again.value(), basis.value()) && again.run(&[], 1) == End::Optimal);
                    for at in 0..list.len() {
                        prop_assert!((again.reduced(at) - basis.reduced(at)).abs() < 1e-3);
                    }
                    let answer = again.answer(n, &rows);
                    prop_assert!(close(super::super::restricted::value(&answer, &rows), basis.value()));
                    let weight: f64 = again.support().iter().map(|(_, weight)| weight).sum();
                    prop_assert!(weight > lo as f64 - 1e-3 && weight < (lo + room) as f64 + 1e-3);
                }
                let mut narrower = basis.clone();
                let left: Vec<&Column> = list.iter().zip(&banned).filter(|(_, b)| !**b).map(|(c, _)| *c).collect();
                let end = narrower.run(&banned[..list.len()], 1000);
                if let (Some(expected), End::Optimal) = (value(&left, &rows), end) {
                    prop_assert!(close(narrower.value(), expected), "{} {expected}", narrower.value());
                }
                let fewer = Rows { done, lo: 0, hi: Some(lo + room), ..rows.clone() };
                let mut other = basis.clone();
                other.ask(n, &fewer);
                let free: Vec<bool> =
                    list.iter().map(|c| c.visits.iter().any(|v| fewer.done[*v as usize])).collect();
                let left: Vec<&Column> = list.iter().zip(&free).filter(|(_, b)| !**b).map(|(c, _)| *c).collect();
                let end = other.run(&free, 1000);
                if let (Some(expected), End::Optimal) = (value(&left, &fewer), end) {
                    prop_assert!(close(other.value(), expected), "{} {expected}", other.value());
                }
            }
        }
    }
}
