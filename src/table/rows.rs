//! Cells of a workbook's sheet, gathered row by row within limits.
//!
//! What is kept grows with the cells that hold something, never with the sheet's extent: two cells in opposite corners
//! are two cells.

use std::collections::BTreeMap;

use super::{Cell, MAX_CELL, MAX_COLUMNS, MAX_PLACES, MAX_TEXT, RawRow, TableError};

/// Last row of a spreadsheet.
pub(super) const LAST_ROW: u32 = 1_048_576;

/// Cells that a workbook merges into one: it keeps only the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Merged {
    /// First and last column, from 0.
    pub(super) column: usize,
    pub(super) last: usize,
    /// First and last row, from 1.
    pub(super) from: u32,
    pub(super) to: u32,
}

impl Merged {
    /// Whether the cells stand in one column, one above the other.
    pub(super) fn is_narrow(&self) -> bool {
        self.column == self.last
    }

    /// Whether a column is one of theirs.
    pub(super) fn has(&self, column: usize) -> bool {
        (self.column..=self.last).contains(&column)
    }

    /// As a spreadsheet writes it, `C5:D7`.
    pub(super) fn range(&self) -> String {
        format!("{}{}:{}{}", letters(self.column), self.from, letters(self.last), self.to)
    }
}

/// The letters of a column as a spreadsheet shows them: A, Z, AA.
pub(super) fn letters(column: usize) -> String {
    let letter = char::from(b'A' + (column % 26) as u8);
    match column / 26 {
        0 => letter.into(),
        more => letters(more - 1) + &String::from(letter),
    }
}

/// The rows of a sheet while it is read.
pub(super) struct Rows<'a> {
    file: &'a str,
    /// The row that is being filled, and its cells.
    current: RawRow,
    done: BTreeMap<u32, Vec<Cell>>,
    places: usize,
    /// Bytes of text so far: thousands of cells can share one long string.
    text: usize,
}

impl<'a> Rows<'a> {
    pub(super) fn new(file: &'a str) -> Self {
        Self { file, current: (0, Vec::new()), done: BTreeMap::new(), places: 0, text: 0 }
    }

    /// Puts a cell: row from 1, column from 0. Blank cells are left out.
    pub(super) fn put(&mut self, number: u32, column: usize, cell: Cell) -> Result<(), TableError> {
        if cell.text.trim().is_empty() {
            return Ok(());
        }
        let file = || self.file.to_owned();
        if number == 0 || number > LAST_ROW {
            return Err(TableError::TooManyCells(file()));
        }
        if column >= MAX_COLUMNS {
            return Err(TableError::TooWide(file(), number));
        }
        if cell.text.len() > MAX_CELL && cell.text.chars().count() > MAX_CELL {
            return Err(TableError::LongCell(file(), number));
        }
        if self.current.0 != number {
            self.close();
            // Most sheets are in order; one that is not goes on with the row as it was left.
            self.current = (number, self.done.remove(&number).unwrap_or_default());
        }
        self.text += cell.text.len();
        if self.text > MAX_TEXT {
            return Err(TableError::TooManyCells(file()));
        }
        let cells = &mut self.current.1;
        if cells.len() <= column {
            self.places += column + 1 - cells.len();
            if self.places > MAX_PLACES {
                return Err(TableError::TooManyCells(self.file.to_owned()));
            }
            cells.resize(column + 1, Cell::default());
        }
        cells[column] = cell;
        Ok(())
    }

    fn close(&mut self) {
        let (number, mut cells) = std::mem::take(&mut self.current);
        if !cells.is_empty() {
            cells.shrink_to_fit();
            self.done.insert(number, cells);
        }
    }

    /// Gives every row of cells merged down a column what the first says, as the sheet shows it; blank rows stay blank. Says
    /// which were filled, and which are merged over several columns and say something: nobody knows of which column.
    pub(super) fn fill(&mut self, mut merged: Vec<Merged>) -> Result<Vec<Merged>, TableError> {
        self.close();
        merged.sort_unstable_by_key(|cells| (cells.column, cells.from, cells.to, cells.last));
        // Merged cells do not overlap; where a damaged file says so, the first counts.
        merged.dedup_by(|later, first| later.column == first.column && later.from <= first.to);
        let mut filled = Vec::new();
        for cells in merged.into_iter().filter(|cells| cells.from < cells.to || !cells.is_narrow()) {
            let first = self.done.get(&cells.from).and_then(|row| row.get(cells.column)).cloned();
            let Some(first) = first.filter(|cell| !cell.text.is_empty()) else { continue };
            if !cells.is_narrow() {
                filled.push(cells);
                continue;
            }
            let below: Vec<u32> = self.done.range(cells.from + 1..=cells.to).map(|(number, _)| *number).collect();
            for number in &below {
                self.put(*number, cells.column, first.clone())?;
            }
            // The last of these rows is looked for among the others by the next merged cells.
            self.close();
            if !below.is_empty() {
                filled.push(cells);
            }
        }
        Ok(filled)
    }

    /// The rows that are not blank, ascending.
    pub(super) fn finish(mut self) -> Vec<RawRow> {
        self.close();
        self.done.into_iter().collect()
    }
}

/// Row numbers as ranges, ascending; how many there are does not matter to its size where they are neighbours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct RowSet(BTreeMap<u32, u32>);

impl RowSet {
    /// Adds the rows `from..=to`.
    pub(super) fn add(&mut self, from: u32, to: u32) {
        match self.0.last_entry() {
            Some(mut last) if last.get().saturating_add(1) == from => {
                last.insert(to);
            }
            _ => {
                self.0.insert(from, to);
            }
        }
    }

    pub(super) fn contains(&self, row: u32) -> bool {
        self.0.range(..=row).next_back().is_some_and(|(_, to)| *to >= row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_out_in_order_whatever_order_they_went_in() {
        let mut rows = Rows::new("x");
        for (row, column, text) in [(3, 1, "d"), (1, 0, "a"), (3, 0, "c"), (1_048_576, 2, "e"), (2, 5, " ")] {
            rows.put(row, column, Cell::text(text)).unwrap();
        }
        let out = rows.finish();
        assert_eq!(out.iter().map(|(n, c)| (*n, c.len())).collect::<Vec<_>>(), [(1, 1), (3, 2), (1_048_576, 3)]);
        assert_eq!(out[1].1[0].text, "c");
    }

    #[test]
    fn merged_cells_fill_rows_that_are_there() {
        let mut rows = Rows::new("x");
        for (row, column, text) in [(1, 0, "a"), (1, 1, "m"), (2, 0, "b"), (4, 0, "d"), (5, 0, "e"), (5, 1, "n")] {
            rows.put(row, column, Cell::text(text)).unwrap();
        }
        let one = |from, to| Merged { column: 1, last: 1, from, to };
        let wide = |from, to| Merged { column: 0, last: 2, from, to };
        // One that overlaps, one without text, one whose rows are blank, and some over several columns.
        let all = vec![
            one(5, 9),
            one(1, 4),
            one(2, 5),
            Merged { column: 3, last: 3, from: 1, to: 5 },
            wide(4, 5),
            wide(2, 2),
            wide(7, 8),
        ];
        assert_eq!(rows.fill(all).unwrap(), [wide(2, 2), wide(4, 5), one(1, 4)]);
        assert_eq!(
            (wide(4, 5).range(), Merged { column: 26, ..one(7, 7) }.range()),
            ("A4:C5".into(), "AA7:B7".into())
        );
        // Another column of the same rows.
        let mut again = Rows::new("x");
        for (row, column) in [(1, 0), (1, 1), (2, 2)] {
            again.put(row, column, Cell::text("h")).unwrap();
        }
        let down = |column| Merged { column, last: column, from: 1, to: 2 };
        assert_eq!(again.fill(vec![down(0), down(1)]).unwrap(), [down(0), down(1)]);
        assert_eq!(again.finish()[1].1.iter().map(|c| c.text.as_str()).collect::<Vec<_>>(), ["h", "h", "h"]);
        let out: Vec<(u32, Vec<String>)> =
            rows.finish().into_iter().map(|(n, cells)| (n, cells.into_iter().map(|c| c.text).collect())).collect();
        let row = |n, a: &str, b: &str| (n, vec![a.to_owned(), b.to_owned()]);
        assert_eq!(out, [row(1, "a", "m"), row(2, "b", "m"), row(4, "d", "m"), row(5, "e", "n")]);
    }

    #[test]
    fn limits_name_the_row() {
        let mut rows = Rows::new("x");
        assert_eq!(rows.put(7, MAX_COLUMNS, Cell::text("a")), Err(TableError::TooWide("x".into(), 7)));
        let long = Cell::text("x".repeat(MAX_CELL + 1));
        assert_eq!(rows.put(7, 0, long), Err(TableError::LongCell("x".into(), 7)));
        assert!(rows.put(LAST_ROW + 1, 0, Cell::text("a")).is_err());
    }

    #[test]
    fn a_row_set_joins_neighbours() {
        let mut set = RowSet::default();
        for (from, to) in [(2, 2), (3, 3), (4, 9), (20, 20)] {
            set.add(from, to);
        }
        assert_eq!(set.0.len(), 2);
        assert_eq!([1, 2, 9, 10, 20].map(|r| set.contains(r)), [false, true, true, false, true]);
    }
}
