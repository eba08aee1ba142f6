//! The master's linear programme as the simplex method needs it: entries by columns and by rows.

use super::master;
use super::pool::Column;
use super::rows::Rows;
use crate::routing::Cost;

/// Entries of the inverse this small are rounding.
const NOTHING: f64 = 1e-12;

/// The master over some columns. Each row reads `entries · x + slack = right side`; what must be at least so much is negated.
/// Variables are the columns, then for each visit its absence, then the slacks.
#[derive(Debug)]
pub(super) struct Programme {
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// Rows in which a variable stands: variable by variable, where each begins. A walk may come back to a visit, whose row
    /// is then there as often.
    starts: Vec<usize>,
    entries: Vec<u32>,
    /// The same row by row for columns alone, without the rows in which all of them stand.
    starts_of_rows: Vec<usize>,
    columns_of_rows: Vec<u32>,
    /// What a variable has in each of its rows.
    signs: Vec<f64>,
    /// Rows in which all columns stand: least and most routes.
    common: [usize; 2],
    pub(super) costs: Vec<f64>,
    /// Cost units in one of the programme's.
    pub(super) unit: f64,
}

impl Programme {
    pub(super) fn new(n: usize, columns: &[&Column], rows: &Rows, unscheduled: Cost) -> Self {
        let unit = master::unit(columns.iter().copied(), unscheduled);
        let cuts = rows.cut_bits(n);
        let common = [rows.lo_row(n), rows.lo_row(n) + 1];
        let sign = |row: usize| if row < n || row == common[0] { -1.0 } else { 1.0 };
        let mut out = Self {
            rows: rows.count(n),
            columns: columns.len(),
            starts: vec![0],
            entries: Vec::new(),
            starts_of_rows: Vec::new(),
            columns_of_rows: Vec::new(),
            signs: (0..rows.count(n)).map(sign).collect(),
            common,
            costs: columns.iter().map(|column| column.cost as f64 / unit).collect(),
            unit,
        };
        for column in columns {
            out.entries.extend(rows.of_column(n, column, &cuts).map(|row| row as u32));
            out.starts.push(out.entries.len());
        }
        out.turn();
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
    pub(super) fn right_side(n: usize, rows: &Rows) -> Vec<f64> {
        let wanted = (0..n).map(|visit| if rows.done.get(visit) == Some(&true) { 0.0 } else { -1.0 });
        let halls = rows.halls.iter().map(|hall| hall.size as f64);
        let most = rows.hi.unwrap_or(n + 1) as f64;
        wanted.chain(rows.cuts.iter().map(|_| 1.0)).chain(halls).chain([-(rows.lo as f64), most]).collect()
    }

    /// Lists the columns of each row.
    fn turn(&mut self) {
        let mut starts = vec![0; self.rows + 1];
        self.entries.iter().for_each(|row| starts[*row as usize + 1] += 1);
        (0..self.rows).for_each(|row| starts[row + 1] += starts[row]);
        let mut next = starts.clone();
        self.columns_of_rows = vec![0; self.entries.len()];
        for column in 0..self.columns {
            for row in &self.entries[self.starts[column]..self.starts[column + 1]] {
                self.columns_of_rows[next[*row as usize]] = column as u32;
                next[*row as usize] += 1;
            }
        }
        self.starts_of_rows = starts;
    }

    /// The columns that stand in a row of a visit, a cut or a set of classes, ascending.
    pub(super) fn columns_of(&self, row: usize) -> &[u32] {
        &self.columns_of_rows[self.starts_of_rows[row]..self.starts_of_rows[row + 1]]
    }

    /// All columns times a row whose entries already have the signs of the programme's; multiplications.
    pub(super) fn times_columns(&self, signed: &[f64], out: &mut Vec<f64>) -> usize {
        out.clear();
        out.resize(self.columns, signed[self.common[0]] + signed[self.common[1]]);
        let mut work = self.columns / 4;
        for (row, entry) in signed.iter().enumerate().filter(|(_, entry)| entry.abs() > NOTHING) {
            let own = self.columns_of(row);
            for column in own {
                out[*column as usize] += entry;
            }
            work += own.len();
        }
        work
    }

    /// The entries of a variable, each with its row.
    pub(super) fn each_entry(&self, variable: usize, mut tell: impl FnMut(usize, f64)) {
        let Some(slack) = variable.checked_sub(self.costs.len()) else {
            let own = &self.entries[self.starts[variable]..self.starts[variable + 1]];
            for row in own {
                tell(*row as usize, self.signs[*row as usize]);
            }
            if variable < self.columns {
                self.common.iter().for_each(|row| tell(*row, self.signs[*row]));
            }
            return;
        };
        tell(slack, 1.0);
    }

    /// A row with the signs of the programme's entries.
    pub(super) fn signed(&self, row: &[f64], out: &mut Vec<f64>) {
        out.clear();
        out.extend(row.iter().zip(&self.signs).map(|(entry, sign)| entry * sign));
    }
}
