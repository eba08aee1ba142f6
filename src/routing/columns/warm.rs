//! What is left of a basis when its linear programme changes, to go on from in the next.
//!
//! A case's programme has its parent's rows and some of its columns; cuts come and go, routes that were lacking come in. None of
//! that makes an inverse worthless: columns outside the basis do not count, a row whose slack is in the basis can be left out
//! with it, and a new row comes in with its slack (Chvátal 1983, "Linear Programming", chapter 10, on adding constraints and
//! variables to a solved problem). To find the inverse again takes the number of rows to the third power.

use super::pool::Column;
use super::rows::{Rows, Triple};

/// The variables of a basis, by row, and its inverse.
#[derive(Debug, Clone)]
pub(super) struct Warm {
    pub(super) variables: Vec<usize>,
    /// Row after row; empty where it is to be found again.
    pub(super) inverse: Vec<f64>,
    /// Pivots since it was found.
    pub(super) age: u32,
}

impl Warm {
    /// Keeps the variables alone.
    pub(super) fn forget_inverse(&mut self) {
        self.inverse = Vec::new();
    }

    /// Numbers of the inverse.
    pub(super) fn size(&self) -> usize {
        self.inverse.len()
    }

    /// The same where columns are numbered as in `kept`, ascending, which holds all that are in the basis, out of `before`.
    pub(super) fn with_columns(mut self, kept: &[usize], before: usize) -> Self {
        for variable in &mut self.variables {
            *variable = if *variable < before {
                kept.binary_search(variable).unwrap_or_default()
            } else {
                *variable - before + kept.len()
            };
        }
        self
    }

    /// The same where so many more columns stand behind the `before` that there were.
    pub(super) fn with_more_columns(&mut self, before: usize, more: usize) {
        self.variables.iter_mut().filter(|variable| **variable >= before).for_each(|variable| *variable += more);
    }

    /// The same without the cuts whose slacks are in the basis, and with `new` ones: the rows, too. `columns` are those of the
    /// programme, `n` is the number of visits.
    pub(super) fn with_cuts(self, n: usize, rows: &Rows, columns: &[&Column], new: &[Triple]) -> (Self, Rows) {
        let (m, old) = (self.variables.len(), rows.cuts.len());
        // The slack of the first row.
        let slacks = columns.len() + n;
        let cut_of = |variable: usize| variable.checked_sub(slacks + n).filter(|cut| *cut < old);
        let mut binds = vec![true; old];
        self.variables.iter().filter_map(|variable| cut_of(*variable)).for_each(|cut| binds[cut] = false);
        let kept: Vec<usize> = (0..old).filter(|cut| binds[*cut]).collect();
        let now = kept.len() + new.len();
        // Rows of the programme that stay, as they were numbered, and where they are then.
        let staying: Vec<usize> = (0..n).chain(kept.iter().map(|cut| n + cut)).chain(n + old..m).collect();
        let place = |at: usize| if at < n + kept.len() { at } else { at - kept.len() + now };
        let mut moved = vec![None; m];
        staying.iter().enumerate().for_each(|(at, row)| moved[*row] = Some(place(at)));
        let width = staying.len() + new.len();
        let mut out = Self { variables: Vec::with_capacity(width), inverse: Vec::new(), age: self.age };
        let has_inverse = !self.inverse.is_empty();
        for (at, variable) in self.variables.iter().enumerate().filter(|(_, v)| cut_of(**v).is_none()) {
            out.variables.push(
                variable.checked_sub(slacks).map_or(*variable, |row| slacks + moved[row].unwrap_or_default()),
            );
            if has_inverse {
                let begin = out.inverse.len();
                out.inverse.resize(begin + width, 0.0);
                let own = &self.inverse[at * m..(at + 1) * m];
                for row in &staying {
                    out.inverse[begin + moved[*row].unwrap_or_default()] = own[*row];
                }
            }
        }
        for (at, cut) in new.iter().enumerate() {
            let row = n + kept.len() + at;
            if has_inverse {
                // The new row less what the variables in the basis have in it.
                let mut own = vec![0.0; width];
                own[row] = 1.0;
                let held = |column: &Column| column.visits.iter().filter(|visit| cut.contains(visit)).count() > 1;
                let inside = out.variables.iter().take(staying.len()).enumerate();
                for (position, _) in
                    inside.filter(|(_, variable)| columns.get(**variable).is_some_and(|c| held(c)))
                {
                    let of = &out.inverse[position * width..(position + 1) * width];
                    own.iter_mut().zip(of).for_each(|(entry, by)| *entry -= by);
                }
                out.inverse.extend(own);
            }
            out.variables.push(slacks + row);
        }
        let cuts = kept.iter().map(|cut| rows.cuts[*cut]).chain(new.iter().copied()).collect();
        (out, Rows { cuts, ..rows.clone() })
    }
}
