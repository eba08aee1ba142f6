//! The dual simplex method for the master: what it would cost about if a case were narrower, by a few pivots from its optimal
//! basis, and the linear programmes of cases that go on from their parent's ([`super::pivots`]).
//!
//! The dual simplex method with an explicit inverse (Chvátal 1983, "Linear Programming", chapters 7 and 10); the row that
//! leaves is chosen by steepest edge (Forrest and Goldfarb 1992, "Steepest-edge simplex algorithms for linear
//! programming", section 3.1). A narrower case forbids columns or asks rows for something else; neither harms dual
//! feasibility, so that every pivot raises the value. What floating point comes to proves nothing: multipliers count once they
//! are whole and all routes are priced with them.

mod resuming;

use super::master::Answer;
use super::pool::NOISE;
use super::programme::Programme;
use super::rows::Rows;

/// Slopes this small are rounding.
const ZERO: f64 = 1e-9;
/// Least violation worth a pivot.
const VIOLATED: f64 = 1e-7;
/// Pivots from one look at the clock to the next.
const UNASKED: usize = 32;

/// A basis of a programme that is dual feasible.
#[derive(Debug)]
pub(super) struct Basis<'p> {
    programme: &'p Programme,
    /// Variable of each row.
    variables: Vec<usize>,
    inside: Vec<bool>,
    /// Columns that may enter, but for those that are banned; all where there is no list.
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
    /// Pivots since the inverse was found.
    age: u32,
    /// What each variable outside that may enter does to the row last looked along.
    slopes: Vec<(usize, f64)>,
    scratch: Scratch,
}

/// Memory that serves for one pivot after another.
#[derive(Debug, Default)]
struct Scratch {
    /// A row with the signs of the programme's, and the columns times it.
    signed: Vec<f64>,
    products: Vec<f64>,
    /// A column in terms of the basis, and the row it enters.
    column: Vec<f64>,
    row: Vec<f64>,
}

impl Clone for Basis<'_> {
    fn clone(&self) -> Self {
        Self {
            programme: self.programme,
            variables: self.variables.clone(),
            inside: self.inside.clone(),
            open: self.open.clone(),
            inverse: self.inverse.clone(),
            lengths: self.lengths.clone(),
            values: self.values.clone(),
            reduced: self.reduced.clone(),
            worth: self.worth,
            work: self.work,
            age: self.age,
            slopes: Vec::new(),
            scratch: Scratch::default(),
        }
    }

    /// Into memory that is there already: a look ahead takes hardly longer than the copy for it.
    fn clone_from(&mut self, other: &Self) {
        self.programme = other.programme;
        self.variables.clone_from(&other.variables);
        self.inside.clone_from(&other.inside);
        self.open.clone_from(&other.open);
        self.inverse.clone_from(&other.inverse);
        self.lengths.clone_from(&other.lengths);
        self.values.clone_from(&other.values);
        self.reduced.clone_from(&other.reduced);
        (self.worth, self.work, self.age) = (other.worth, other.work, other.age);
    }
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
            age: 0,
            slopes: Vec::new(),
            scratch: Scratch::default(),
        }
    }

    /// Numbers that a copy takes.
    pub(super) fn size(&self) -> u64 {
        (self.inverse.len() + self.reduced.len()) as u64
    }

    /// Whether a variable is in the basis.
    pub(super) fn holds(&self, variable: usize) -> bool {
        self.inside[variable]
    }

    /// Columns with positive weight.
    pub(super) fn support(&self) -> Vec<(usize, f64)> {
        let columns = self.programme.columns;
        let inside = self.variables.iter().copied().zip(self.values.iter().copied());
        let mut out: Vec<(usize, f64)> = inside.filter(|(at, weight)| *at < columns && *weight > NOISE).collect();
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

    /// Pivots until the optimum without the `banned` variables, at most so often, and not any longer once told to `stop`.
    pub(super) fn run(&mut self, banned: &[bool], pivots: usize, stop: &dyn Fn() -> bool) -> End {
        for pivot in 0..pivots {
            if pivot % UNASKED == UNASKED - 1 && stop() {
                return End::Tired;
            }
            let Some((row, below)) = self.leaving(banned) else { return End::Optimal };
            self.look_along(row, if below { 1.0 } else { -1.0 }, banned);
            let Some(entering) = self.entering() else { return End::Infeasible };
            self.pivot(row, entering);
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

    /// Notes for each variable outside the basis that may enter how much it mends a row, negative where it does.
    fn look_along(&mut self, row: usize, sign: f64, banned: &[bool]) {
        let programme = self.programme;
        let (m, others) = (programme.rows, programme.costs.len());
        let of_row = &self.inverse[row * m..(row + 1) * m];
        let Scratch { signed, products, .. } = &mut self.scratch;
        programme.signed(of_row, signed);
        let work = programme.times_columns(signed, products);
        let mut noted = 0;
        self.slopes.resize(others + m, (0, 0.0));
        // Half of the slopes are nought: each is written down, and the next takes its place unless it counts.
        let mut note = |variable: usize, slope: f64, enters: bool| {
            self.slopes[noted] = (variable, sign * slope);
            noted += usize::from(enters & (slope.abs() > ZERO));
        };
        let mut look = |column: usize, slope: f64| {
            note(column, slope, !self.inside[column] & !banned.get(column).copied().unwrap_or(false));
        };
        match &self.open {
            Some(list) => list.iter().for_each(|column| look(*column as usize, products[*column as usize])),
            None => products.iter().enumerate().for_each(|(column, slope)| look(column, *slope)),
        }
        for (visit, slope) in signed[..others - programme.columns].iter().enumerate() {
            let absence = programme.columns + visit;
            note(absence, *slope, !self.inside[absence]);
        }
        for (at, slope) in of_row.iter().enumerate() {
            note(others + at, *slope, !self.inside[others + at]);
        }
        self.slopes.truncate(noted);
        self.work += (work + m) as u64;
    }

    /// From here on no columns but these enter, and reduced costs of others are not kept up.
    pub(super) fn only(&mut self, open: &[u32]) {
        self.open = Some(open.to_vec());
    }

    /// The variable whose reduced cost is used up first; among equals the steepest.
    fn entering(&self) -> Option<usize> {
        let mut best: Option<(f64, f64, usize)> = None;
        for (at, (variable, slope)) in self.slopes.iter().enumerate().filter(|(_, (_, slope))| *slope < -1e-7) {
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

    fn pivot(&mut self, row: usize, entering: usize) {
        let (variable, slope) = self.slopes[entering];
        let step = (self.reduced[variable] / -slope).max(0.0);
        self.worth += step * self.values[row].abs();
        self.look_down(variable);
        self.replace(row, variable, step);
    }

    /// Notes a variable's entries in terms of the basis.
    fn look_down(&mut self, variable: usize) {
        let m = self.programme.rows;
        let out = &mut self.scratch.column;
        out.clear();
        out.resize(m, 0.0);
        self.programme.each_entry(variable, |at, entry| {
            out.iter_mut().zip(self.inverse.chunks(m)).for_each(|(sum, row)| *sum += row[at] * entry);
        });
    }

    /// Has a variable that was looked down take another's place in a row that was looked along. Reduced costs change by `step`
    /// times the slopes.
    fn replace(&mut self, row: usize, entering: usize, step: f64) {
        for (other, slope) in &self.slopes {
            self.reduced[*other] += step * slope;
        }
        let left = self.variables[row];
        (self.reduced[left], self.reduced[entering]) = (step, 0.0);
        self.exchange(row, entering);
        self.inside[left] = false;
    }

    /// Puts a variable that was looked down in a row of the basis.
    fn exchange(&mut self, row: usize, variable: usize) {
        let m = self.programme.rows;
        let Scratch { column, row: pivot, .. } = &mut self.scratch;
        let value = self.values[row] / column[row];
        pivot.clear();
        pivot.extend(self.inverse[row * m..(row + 1) * m].iter().map(|entry| entry / column[row]));
        let mut touched = 0;
        for (at, other) in self.inverse.chunks_mut(m).enumerate() {
            let factor = column[at];
            if at == row {
                other.copy_from_slice(pivot);
            } else if factor.abs() > 1e-12 {
                other.iter_mut().zip(pivot.iter()).for_each(|(entry, by)| *entry -= factor * by);
                self.values[at] -= factor * value;
            } else {
                continue;
            }
            self.lengths[at] = square(other);
            touched += 1;
        }
        self.values[row] = value;
        self.variables[row] = variable;
        self.inside[variable] = true;
        self.age += 1;
        self.work += 2 * ((touched + 1) * m) as u64;
    }
}

/// The square of a row's length. Four sums side by side hardly take longer than one.
fn square(row: &[f64]) -> f64 {
    let (fours, rest) = row.as_chunks::<4>();
    let [mut a, mut b, mut c, mut d] = [0.0; 4];
    for [e, f, g, h] in fours {
        a += e * e;
        b += f * f;
        c += g * g;
        d += h * h;
    }
    let last: f64 = rest.iter().map(|entry| entry * entry).sum();
    ((a + b) + (c + d) + last).max(ZERO)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::routing::Cost;
    use crate::routing::columns::master;
    use crate::routing::columns::pool::Column;
    use crate::routing::columns::warm::Warm;

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
            let end = basis.run(&[], 1000, &|| false);
            let expected = value(&list, &rows);
            prop_assert!(end != End::Tired);
            if let Some(expected) = expected {
                prop_assert!(end == End::Infeasible || close(basis.value(), expected), "{} {expected}", basis.value());
            }
            if end == End::Optimal {
                // The same basis, put together anew.
                let again = Basis::of(&programme, n, &rows, &basis.variables);
                prop_assert!(again.is_some());
                if let Some(mut again) = again.and_then(|again| again.settle(n, &rows, &[])) {
                    prop_assert!(close(again.value(), basis.value()) && again.run(&[], 1, &|| false) == End::Optimal);
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
                let end = narrower.run(&banned[..list.len()], 1000, &|| false);
                if let (Some(expected), End::Optimal) = (value(&left, &rows), end) {
                    prop_assert!(close(narrower.value(), expected), "{} {expected}", narrower.value());
                }
                let fewer = Rows { done, lo: 0, hi: Some(lo + room), ..rows.clone() };
                let mut other = basis.clone();
                other.ask(n, &fewer);
                let free: Vec<bool> =
                    list.iter().map(|c| c.visits.iter().any(|v| fewer.done[*v as usize])).collect();
                let left: Vec<&Column> = list.iter().zip(&free).filter(|(_, b)| !**b).map(|(c, _)| *c).collect();
                let end = other.run(&free, 1000, &|| false);
                if let (Some(expected), End::Optimal) = (value(&left, &fewer), end) {
                    prop_assert!(close(other.value(), expected), "{} {expected}", other.value());
                }
            }
        }

        /// Where cuts come and go, columns come in or go out, the inverse serves on, and pivots end where they end from scratch.
        #[test]
        fn goes_on_where_it_was_left(
            routes in prop::collection::vec((prop::sample::subsequence((0..8_u32).collect::<Vec<_>>(), 1..4), 20..90_i64), 8..40),
            cuts in prop::collection::btree_set(prop::sample::subsequence((0..8_u32).collect::<Vec<_>>(), 3), 0..8),
            (old, first) in (0..4_usize, 4..30_usize),
            (lo, room) in (0..4_usize, 0..6_usize),
            dropped in prop::collection::vec(any::<bool>(), 40),
            banned in prop::collection::vec(prop::bool::weighted(0.2), 40),
        ) {
            let (n, unscheduled) = (8, 200);
            let columns: Vec<Column> = routes.iter().map(column).collect();
            let all: Vec<&Column> = columns.iter().collect();
            let list = &all[..first.min(all.len())];
            let cuts: Vec<[u32; 3]> = cuts.iter().map(|cut| [cut[0], cut[1], cut[2]]).collect();
            let (old, new) = cuts.split_at(old.min(cuts.len()));
            let rows = Rows { cuts: old.to_vec(), lo, hi: Some(lo + room), ..Rows::default() };
            let programme = Programme::new(n, list, &rows, unscheduled);
            let mut basis = Basis::new(&programme, n, &rows);
            // A case, so that some columns of the basis may be banned.
            if basis.run(&banned[..list.len()], 1000, &|| false) != End::Optimal {
                return Ok(());
            }
            let holds: Vec<bool> = (0..list.len()).map(|at| basis.holds(at)).collect();
            let warm = basis.leave();
            let agrees = |list: &[&Column], rows: &Rows, warm: &Warm, banned: &[bool]| {
                let banned = &banned[..list.len()];
                let programme = Programme::new(n, list, rows, unscheduled);
                let mut anew = Basis::new(&programme, n, rows);
                let end = anew.run(banned, 1000, &|| false);
                let kept = Basis::with_inverse(&programme, n, rows, warm.clone()).and_then(|basis| basis.settle(n, rows, banned));
                let Some(mut kept) = kept else {
                    return Err(TestCaseError::fail("the inverse was lost"));
                };
                prop_assert_eq!(kept.run(banned, 1000, &|| false), end);
                prop_assert!(end != End::Optimal || close(kept.value(), anew.value()), "{} {}", kept.value(), anew.value());
                Ok(())
            };
            agrees(list, &rows, &warm, &banned)?;
            let (with_cuts, more) = warm.clone().with_cuts(n, &rows, list, new);
            prop_assert!(new.iter().all(|cut| more.cuts.contains(cut)));
            agrees(list, &more, &with_cuts, &banned)?;
            let mut with_columns = warm.clone();
            with_columns.with_more_columns(list.len(), all.len() - list.len());
            agrees(&all, &rows, &with_columns, &banned)?;
            let kept: Vec<usize> = (0..list.len()).filter(|at| holds[*at] || !dropped[*at]).collect();
            let fewer: Vec<&Column> = kept.iter().map(|at| list[*at]).collect();
            let still: Vec<bool> = kept.iter().map(|at| banned[*at]).collect();
            agrees(&fewer, &rows, &warm.with_columns(&kept, list.len()), &still)?;
        }
    }
}
