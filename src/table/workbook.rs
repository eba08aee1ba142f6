//! Workbooks, through calamine: the one sheet that has the needed headers.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Range, Reader, Sheets, Xlsx, open_workbook_auto_from_rs};

use super::{Cell, CellKind, Field, MAX_CELL, MAX_COLUMNS, MAX_PLACES, RawRow, Source, Table, TableError, header};

/// Whether the bytes start like a ZIP archive (XLSX, ODS) or a compound file (XLS).
pub(super) fn looks_like_one(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")
}

/// Reads the sheet that was asked for, or the only one that has the needed headers.
pub(super) fn read(source: &Source, fields: &[Field]) -> Result<Table, TableError> {
    let file = source.name.as_str();
    let bad = |why: String| TableError::BadWorkbook(file.to_owned(), why);
    let mut book: Sheets<Cursor<&[u8]>> =
        open_workbook_auto_from_rs(Cursor::new(source.bytes.as_slice())).map_err(|e| bad(e.to_string()))?;
    let sheets = book.sheet_names();
    if let Some(wanted) = &source.sheet {
        if !sheets.contains(wanted) {
            return Err(TableError::NoSheet(file.to_owned(), wanted.clone(), sheets));
        }
        let rows = sheet_rows(&mut book, file, wanted)?;
        return header::understand(file, Some(wanted.as_str().into()), rows, fields);
    }
    let mut fitting: Vec<Table> = Vec::new();
    let mut refused: Option<TableError> = None;
    for sheet in &sheets {
        let rows = sheet_rows(&mut book, file, sheet)?;
        match header::understand(file, Some(sheet.as_str().into()), rows, fields) {
            Ok(table) => fitting.push(table),
            Err(error @ TableError::TwoColumns(..)) => return Err(error),
            // Of several sheets without the headers, the one that lacks least explains best.
            Err(error) => {
                let lacks = |e: &TableError| match e {
                    TableError::NoHeader { missing, .. } => missing.len(),
                    _ => usize::MAX,
                };
                if refused.as_ref().is_none_or(|before| lacks(&error) < lacks(before)) {
                    refused = Some(error);
                }
            }
        }
    }
    // An empty copy of the form beside the filled one is no second table.
    if fitting.len() > 1 && fitting.iter().any(|t| !t.rows.is_empty()) {
        fitting.retain(|t| !t.rows.is_empty());
    }
    match (fitting.len(), refused) {
        (1, _) => Ok(fitting.remove(0)),
        (0, Some(error)) => Err(error),
        (0, None) => Err(TableError::Empty(file.to_owned())),
        _ => Err(TableError::SeveralSheets(
            file.to_owned(),
            fitting.iter().filter_map(|t| t.sheet.as_deref()).map(str::to_owned).collect(),
        )),
    }
}

/// The rows of a sheet that are not blank, numbered as Excel does.
fn sheet_rows(book: &mut Sheets<Cursor<&[u8]>>, file: &str, sheet: &str) -> Result<Vec<RawRow>, TableError> {
    let bad = |why: String| TableError::BadWorkbook(file.to_owned(), why);
    match book {
        Sheets::Xlsx(book) => streamed(book, file, sheet),
        _ => ranged(file, &book.worksheet_range(sheet).map_err(|e| bad(e.to_string()))?),
    }
}

/// Cell by cell: a sheet with two cells in opposite corners is two cells, not the billions between them.
fn streamed(book: &mut Xlsx<Cursor<&[u8]>>, file: &str, sheet: &str) -> Result<Vec<RawRow>, TableError> {
    let bad = |why: String| TableError::BadWorkbook(file.to_owned(), why);
    let mut reader = book.worksheet_cells_reader(sheet).map_err(|e| bad(e.to_string()))?;
    let mut rows: BTreeMap<u32, Vec<Cell>> = BTreeMap::new();
    let mut places = 0;
    while let Some(found) = reader.next_cell().map_err(|e| bad(e.to_string()))? {
        let (row, column) = found.get_position();
        let cell = cell(&Data::from(found.get_value().clone()));
        if cell.text.trim().is_empty() {
            continue;
        }
        let (number, column) = (row.saturating_add(1), column as usize);
        if column >= MAX_COLUMNS {
            return Err(TableError::TooWide(file.to_owned(), number));
        }
        if cell.text.len() > MAX_CELL && cell.text.chars().count() > MAX_CELL {
            return Err(TableError::LongCell(file.to_owned(), number));
        }
        let cells = rows.entry(number).or_default();
        if cells.len() <= column {
            places += column + 1 - cells.len();
            if places > MAX_PLACES {
                return Err(TableError::TooManyCells(file.to_owned()));
            }
            cells.resize(column + 1, Cell::default());
        }
        cells[column] = cell;
    }
    Ok(rows.into_iter().collect())
}

/// The older formats, whose sheets are small.
fn ranged(file: &str, range: &Range<Data>) -> Result<Vec<RawRow>, TableError> {
    let first = range.start().map_or(0, |(row, _)| row);
    let mut out = Vec::new();
    for (number, cells) in (first + 1..).zip(range.rows()) {
        let used = cells.iter().rposition(|c| !matches!(c, Data::Empty)).map_or(0, |last| last + 1);
        if used > MAX_COLUMNS {
            return Err(TableError::TooWide(file.to_owned(), number));
        }
        let cells: Vec<Cell> = cells[..used].iter().map(cell).collect();
        if cells.iter().any(|c| c.text.len() > MAX_CELL && c.text.chars().count() > MAX_CELL) {
            return Err(TableError::LongCell(file.to_owned(), number));
        }
        if cells.iter().any(|c| !c.text.trim().is_empty()) {
            out.push((number, cells));
        }
    }
    Ok(out)
}

fn cell(data: &Data) -> Cell {
    let (text, kind) = match data {
        Data::Empty => (String::new(), CellKind::Text),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => (text.clone(), CellKind::Text),
        Data::Int(n) => (n.to_string(), CellKind::Number(*n as f64)),
        Data::Float(n) => (n.to_string(), CellKind::Number(*n)),
        Data::Bool(b) => (if *b { "TRUE" } else { "FALSE" }.to_owned(), CellKind::Text),
        Data::DateTime(date) => {
            let serial = date.as_f64();
            (super::clean::serial_text(serial), CellKind::Date(serial))
        }
        Data::Error(error) => (error.to_string(), CellKind::Error),
    };
    Cell { text, kind }
}
