//! Bytes → rows: encodings, CSV and workbooks, headers by meaning, cells cleaned, the place of every cell kept.
//!
//! A caller names the [`Field`]s it wants; [`TableReader::open`] finds the sheet and the header row that have them and hands
//! over one row after another, as often as asked, with its cells in the order of the fields. A text table of any size is
//! never held in memory; [`read`] collects a small one. Nothing here knows what an applicant is.

mod archive;
mod biff;
pub mod clean;
mod compound;
mod content;
mod delimited;
mod encoding;
mod ends;
mod error;
mod fault;
mod format;
mod header;
mod ods;
mod quotes;
mod reader;
mod rows;
mod separators;
mod workbook;
mod xls;
mod xlsx;

use std::sync::Arc;

use crate::text::{Lang, Say, both, excerpt};

pub use content::Content;
pub use error::TableError;
use error::unreadable;
pub use fault::{Fault, Many};
pub use format::Format;
pub use header::{Field, normal_header};
pub use reader::{RowView, TableReader, Visit};

/// Largest input file in bytes; a bureau's table has a few megabytes.
pub const MAX_BYTES: u64 = 2 << 30;
/// Largest workbook in bytes: it is unpacked in memory.
pub const MAX_WORKBOOK_BYTES: u64 = 256 << 20;
/// Most columns of a table.
pub const MAX_COLUMNS: usize = 2_000;
/// Longest cell in characters; Excel's own limit is 32,767.
pub const MAX_CELL: usize = 32_767;

/// Most places of a sheet up to the last filled cell of each row.
pub const MAX_PLACES: usize = 10_000_000;
/// Most bytes of text in the cells of a sheet of a workbook.
pub const MAX_TEXT: usize = 256 << 20;

/// One file as it was given.
#[derive(Debug, Clone)]
pub struct Source {
    /// Name for messages.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The sheet to read, where the user chose one.
    pub sheet: Option<String>,
}

/// One cell as text, with how the file stored it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell {
    /// The text as a spreadsheet would show it; numbers in the shortest form that reads back the same.
    pub text: String,
    /// How it was stored.
    pub kind: CellKind,
}

/// How a file stores a cell.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum CellKind {
    /// Nothing, or text.
    #[default]
    Text,
    /// A number.
    Number(f64),
    /// A date or time: days since 1899-12-30.
    Date(f64),
    /// An error such as `#N/A`.
    Error,
    /// A formula whose result the file does not have: whatever wrote the file could not compute it.
    Uncomputed,
}

impl Cell {
    /// A text cell.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), kind: CellKind::Text }
    }

    /// A formula without a result. It is not blank, so that its row is not taken for a blank one.
    #[must_use]
    pub fn uncomputed() -> Self {
        Self { text: "=".to_owned(), kind: CellKind::Uncomputed }
    }

    /// The trimmed text; of a formula without a result there is none.
    #[must_use]
    pub fn shown(&self) -> &str {
        if self.kind == CellKind::Uncomputed { "" } else { self.text.trim() }
    }
}

/// Where a cell stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// File name.
    pub file: Arc<str>,
    /// Sheet, of a workbook.
    pub sheet: Option<Arc<str>>,
    /// Row as a spreadsheet counts it, from 1.
    pub row: u32,
    /// Header of the column.
    pub column: Option<Arc<str>>,
}

impl Say for Place {
    fn say(&self, lang: Lang) -> String {
        let file = &self.file;
        let row = self.row;
        let mut out = both!(lang, "{file}", "{file}");
        if let Some(sheet) = &self.sheet {
            out += &both!(lang, " 工作表“{sheet}”", ", sheet {sheet}");
        }
        if row > 0 {
            out += &both!(lang, " 第{row}行", ", row {row}");
        }
        if let Some(column) = &self.column {
            let column = excerpt(column, 24);
            out += &both!(lang, "“{column}”列", ", column {column}");
        }
        out
    }
}

/// One row with its cells in the order of the fields asked for.
#[derive(Debug, Clone)]
pub struct Row {
    /// Row as a spreadsheet counts it, from 1.
    pub number: u32,
    /// The cells of the columns that the table has, and nothing for the others: a million rows are held.
    cells: Vec<Cell>,
    places: Places,
}

/// For each field which of a row's cells it is, `None` where the table has no such column; the rows of a table share it.
type Places = Arc<[Option<usize>]>;

impl Row {
    /// The cell of field `index`; `None` where the table has no such column.
    #[must_use]
    pub fn cell(&self, index: usize) -> Option<&Cell> {
        self.cells.get(self.places.get(index).copied().flatten()?)
    }

    /// The trimmed text of field `index`, empty where there is no such column.
    #[must_use]
    pub fn text(&self, index: usize) -> &str {
        self.cell(index).map_or("", Cell::shown)
    }
}

/// The places of the fields that a table has, one behind the other.
fn places(has: impl Iterator<Item = bool>) -> Places {
    let mut next = 0..;
    has.map(|has| has.then(|| next.next()).flatten()).collect()
}

/// A table whose header has been understood.
#[derive(Debug)]
pub struct Table {
    /// File name.
    pub file: Arc<str>,
    /// Sheet, of a workbook.
    pub sheet: Option<Arc<str>>,
    /// For each field the header as written, `None` where the table has no such column.
    pub headers: Vec<Option<Arc<str>>>,
    /// The rows below the header that are not blank.
    pub rows: Vec<Row>,
    /// Rows left out because they are titles of totals (合计) or repeat the header: number and first text.
    pub skipped: Vec<(u32, String)>,
    /// Encoding of a text file.
    pub encoding: Option<&'static str>,
    /// Rows among `rows` that a workbook hides, by hand or by a filter. They count like any other.
    pub hidden_rows: Vec<u32>,
    /// Fields whose columns a workbook hides, ascending. They are read like any other.
    pub hidden_columns: Vec<usize>,
    /// Whether the workbook hides the sheet.
    pub sheet_hidden: bool,
    /// Sheets of the workbook that have no header and were not read although rows of theirs hold credit codes: name, and how
    /// many rows.
    pub passed_over: Vec<(String, usize)>,
    /// Cells that a workbook merges down a column, each of whose rows was given what the first says: field, first and last
    /// row.
    pub merged: Vec<(usize, u32, u32)>,
    /// Cells that a workbook merges over several columns, which count for the first of them alone.
    pub across: Vec<Across>,
}

/// Cells of several columns that a workbook merges into one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Across {
    /// The first field among their columns.
    pub field: usize,
    /// Their first row.
    pub row: u32,
    /// As a spreadsheet writes it, `C5:D7`.
    pub range: String,
    /// What they say.
    pub text: String,
}

impl Table {
    /// The place of field `index` in `row`.
    #[must_use]
    pub fn place(&self, row: u32, index: usize) -> Place {
        Place {
            file: self.file.clone(),
            sheet: self.sheet.clone(),
            row,
            column: self.headers.get(index).cloned().flatten(),
        }
    }

    /// Whether the table has a column for field `index`.
    #[must_use]
    pub fn has(&self, index: usize) -> bool {
        self.headers.get(index).is_some_and(Option::is_some)
    }

    /// Refuses cells with a formula that was never computed: a small table is read whole or not at all.
    fn refuse_uncomputed(&self) -> Result<(), TableError> {
        let fields = self.headers.len();
        let is_one = |row: &Row, field| row.cell(field).is_some_and(|c| c.kind == CellKind::Uncomputed);
        let mut found = self
            .rows
            .iter()
            .flat_map(|row| (0..fields).filter(move |field| is_one(row, *field)).map(|field| (row.number, field)));
        let Some((row, field)) = found.next() else { return Ok(()) };
        let column = self.headers[field].as_deref().unwrap_or_default().trim().to_owned();
        let sheet = self.sheet.as_deref().unwrap_or_default();
        let label = format!("{} [{sheet}]", self.file);
        Err(TableError::Uncomputed(label, row, column, 1 + found.count()))
    }
}

/// Raw rows of one sheet: number and cells.
pub(crate) type RawRow = (u32, Vec<Cell>);

/// The cells of a text file without any header: row numbers as a spreadsheet counts them, and texts. For tables whose
/// columns have no meaning of their own.
///
/// # Errors
/// [`TableError`].
pub fn grid(name: &str, bytes: &[u8]) -> Result<Vec<(u32, Vec<String>)>, TableError> {
    if bytes.is_empty() {
        return Err(TableError::Empty(name.to_owned()));
    }
    let content = Content::of_bytes(bytes.to_vec());
    let mut out = Vec::new();
    reader::each_line(name, &content, |number, cells| {
        out.push((number, (0..cells.count()).map(|c| cells.get(c).to_owned()).collect()));
    })?;
    Ok(out)
}

/// Reads a table that is not large: finds the sheet and header row that have the needed fields, then its rows.
///
/// # Errors
/// [`TableError`], naming the file and what to do.
pub fn read(source: &Source, fields: &[Field]) -> Result<Table, TableError> {
    let content = Content::of_bytes(source.bytes.clone());
    TableReader::open(&source.name, &content, source.sheet.as_deref(), fields)?.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FIELDS: &[Field] = &[
        Field { key: "code", needed: true, headers: &["代码"] },
        Field { key: "name", needed: false, headers: &["名称"] },
    ];

    fn any_bytes(bytes: Vec<u8>) -> Result<Table, TableError> {
        read(&Source { name: "x".into(), bytes, sheet: None }, FIELDS)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn arbitrary_bytes_never_panic_a_reader(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = any_bytes(bytes.clone());
            // What passes for a workbook by its first bytes, too.
            let _ = any_bytes([b"PK\x03\x04".as_slice(), &bytes].concat());
            let _ = any_bytes([b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".as_slice(), &bytes].concat());
        }

        #[test]
        fn arbitrary_cells_under_a_header_never_panic(text in "[\"',;\\t\\r\\n=0-9A-Za-z一二三星☆ ]{0,200}") {
            if let Ok(table) = any_bytes(format!("代码,名称\n{text}").into_bytes()) {
                for row in &table.rows {
                    let _ = (row.text(0), row.text(1), table.place(row.number, 0).say(Lang::Zh));
                }
            }
        }
    }

    #[test]
    fn two_cells_in_opposite_corners_are_refused_in_little_memory() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write(0, 0, "代码").unwrap();
        sheet.write(1_048_575, 0, "1").unwrap();
        let table = any_bytes(book.save_to_buffer().unwrap()).unwrap();
        assert_eq!((table.rows.len(), table.rows[0].number), (1, 1_048_576));
        let sheet = book.worksheet_from_index(0).unwrap();
        sheet.write(1_048_575, 16_383, "x").unwrap();
        assert_eq!(
            any_bytes(book.save_to_buffer().unwrap()).unwrap_err(),
            TableError::TooWide("x".into(), 1_048_576)
        );
    }

    #[test]
    fn a_damaged_workbook_is_refused_byte_by_byte() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write(0, 0, "代码").unwrap();
        sheet.write(1, 0, "1").unwrap();
        let bytes = book.save_to_buffer().unwrap();
        assert_eq!(any_bytes(bytes.clone()).unwrap().rows.len(), 1);
        for at in (0..bytes.len()).step_by(7) {
            let _ = any_bytes(bytes[..at].to_vec());
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x55;
            let _ = any_bytes(flipped);
        }
    }
}
