//! XLS: the workbook stream of Excel 97 to 2003 (BIFF8), record by record.
//!
//! Source: [MS-XLS]. Only what a table needs is read: sheets, strings, cells, cell formats as far as they tell dates,
//! and the flags that hide rows and columns. Every number in the file is checked against the bytes there are.

use std::collections::BTreeMap;

use super::biff::{Pieces, Record, Records, double, record, rk, shows_date};
use super::compound::{Compound, u16_at, u32_at};
use super::fault::Many;
use super::format::Format;
use super::rows::{Merged, Rows};
use super::workbook::{Book, Choice, Hidden, Sheet};
use super::xlsx::MAX_STRINGS;
use super::{Cell, CellKind, Fault, TableError, clean};

/// The version of a workbook that is read.
const BIFF8: u16 = 0x0600;

/// Hands the sheets of the workbook to `choice`, one after another.
pub(super) fn read(book: Book<'_>, choice: &mut Choice<'_>) -> Result<(), TableError> {
    let file = book.file;
    let bad = |fault| TableError::BadWorkbook(file.to_owned(), fault);
    let damaged = |part: &str, why: &str| bad(Fault::Damaged(part.to_owned(), why.to_owned()));
    let compound = Compound::open(book.bytes).ok_or_else(|| damaged("XLS", "sector table"))?;
    if compound.has("EncryptedPackage") {
        return Err(bad(Fault::Encrypted));
    }
    let Some(name) = ["Workbook", "Book"].into_iter().find(|name| compound.has(name)) else {
        let other = match () {
            () if compound.has("WordDocument") => Format::Document,
            () if compound.has("PowerPoint Document") => Format::Slides,
            () => Format::Compound,
        };
        return Err(bad(Fault::Other(other)));
    };
    let stream = compound.stream(name).ok_or_else(|| damaged(name, "stream"))?;
    drop(compound);
    let book = Globals::read(&stream).map_err(|fault| fault.map_or_else(|| damaged(name, "records"), bad))?;
    for sheet in &book.sheets {
        choice.name(&sheet.name);
        if choice.wants(&sheet.name) {
            let rest = stream.get(sheet.at..).ok_or_else(|| damaged(&sheet.name, "records"))?;
            choice.take(Sheet { name: sheet.name.clone(), visible: sheet.visible, ..book.sheet(file, rest)? })?;
        }
    }
    Ok(())
}

struct BoundSheet {
    name: String,
    visible: bool,
    at: usize,
}

/// What all sheets share.
#[derive(Default)]
struct Globals {
    sheets: Vec<BoundSheet>,
    strings: Vec<String>,
    /// By cell format: whether it shows a date or time.
    dates: Vec<bool>,
    /// Days to add to a date.
    epoch: f64,
}

impl Globals {
    /// Reads up to the end of the workbook's own records; an error without a fault is damage.
    fn read(stream: &[u8]) -> Result<Self, Option<Fault>> {
        let mut out = Self::default();
        let mut formats: BTreeMap<u16, bool> = BTreeMap::new();
        let mut numbers: Vec<u16> = Vec::new();
        let mut records = Records(stream);
        let first = records.next().filter(|r| r.kind == record::BOF).ok_or(None)?;
        if u16_at(first.data, 0) != Some(BIFF8) {
            return Err(Some(Fault::Other(Format::OldExcel)));
        }
        let mut ended = false;
        for found in records {
            let data = found.data;
            match found.kind {
                record::FILE_PASS => return Err(Some(Fault::Encrypted)),
                record::DATE_MODE if u16_at(data, 0) == Some(1) => out.epoch = clean::DAYS_TO_1904,
                record::FORMAT => {
                    let mut pieces = Pieces::of(&found);
                    if let (Some(id), Some(text)) = (pieces.u16(), pieces.string(false)) {
                        formats.insert(id, shows_date(&text));
                    }
                }
                record::XF => numbers.push(u16_at(data, 2).ok_or(None)?),
                // Charts and macros are sheets without rows.
                record::BOUND_SHEET if data.get(5) != Some(&0) => {}
                record::BOUND_SHEET => out.sheets.push(bound_sheet(data).ok_or(None)?),
                record::SST => out.strings = strings(&found)?,
                record::EOF => {
                    ended = true;
                    break;
                }
                _ => {}
            }
        }
        if !ended {
            return Err(None);
        }
        // Number formats that every program knows, those of Chinese Excel (27 to 36, 50 to 58) among them.
        let built_in = |id: u16| matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58);
        out.dates = numbers.into_iter().map(|id| formats.get(&id).copied().unwrap_or(built_in(id))).collect();
        Ok(out)
    }

    /// The sheet whose records begin at `stream`, but for its name.
    fn sheet(&self, file: &str, stream: &[u8]) -> Result<Sheet, TableError> {
        let damaged = || super::archive::damaged(file, "Workbook", &"records");
        let mut rows = Rows::new(file);
        let (mut hidden, mut columns): (Vec<u32>, Vec<(u32, u32)>) = (Vec::new(), Vec::new());
        let mut merged = Vec::new();
        // A chart inside the sheet has records of its own.
        let mut depth = 0_usize;
        let mut waiting: Option<(u32, usize)> = None;
        let mut ended = false;
        for found in Records(stream) {
            let data = found.data;
            match found.kind {
                record::BOF => depth += 1,
                record::EOF => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        ended = true;
                        break;
                    }
                }
                record::ROW if depth == 1 => {
                    let (row, flags) = u16_at(data, 0).zip(u16_at(data, 12)).ok_or_else(damaged)?;
                    if flags & 0x20 != 0 {
                        hidden.push(u32::from(row) + 1);
                    }
                }
                // First and last column from 0, width, format, options: bit 0 hides.
                record::COL_INFO if depth == 1 => {
                    let (first, last) = u16_at(data, 0).zip(u16_at(data, 2)).ok_or_else(damaged)?;
                    if u16_at(data, 8).ok_or_else(damaged)? & 1 != 0 {
                        columns.push((u32::from(first) + 1, u32::from(last) + 1));
                    }
                }
                // How many, then of each the first and last row and column, from 0.
                record::MERGE_CELLS if depth == 1 => {
                    for area in data.get(2..).unwrap_or_default().chunks_exact(8) {
                        let [from, to, column, last] =
                            [0, 2, 4, 6].map(|at| u32::from(u16_at(area, at).unwrap_or_default()));
                        if column <= last && from <= to {
                            let (column, last) = (column as usize, last as usize);
                            merged.push(Merged { column, last, from: from + 1, to: to + 1 });
                        }
                    }
                }
                record::STRING => {
                    if let Some((row, column)) = waiting.take() {
                        let text = Pieces::of(&found).string(false).ok_or_else(damaged)?;
                        rows.put(row, column, Cell::text(text))?;
                    }
                }
                kind if depth == 1 => {
                    for (row, column, value) in self.cells(kind, &found).ok_or_else(damaged)? {
                        match value {
                            Value::Cell(cell) => rows.put(row, column, cell)?,
                            Value::Follows => waiting = Some((row, column)),
                        }
                    }
                }
                _ => {}
            }
        }
        if !ended {
            return Err(damaged());
        }
        hidden.sort_unstable();
        hidden.dedup();
        let mut set = Hidden::default();
        for row in hidden {
            set.rows.add(row, row);
        }
        columns.sort_unstable();
        for (from, to) in columns {
            set.columns.add(from, to);
        }
        let merged = rows.fill(merged)?;
        Ok(Sheet { rows: rows.finish(), hidden: set, merged, ..Sheet::default() })
    }

    /// The cells of a record; `None` if it is damaged.
    fn cells(&self, kind: u16, found: &Record<'_>) -> Option<Vec<(u32, usize, Value)>> {
        let data = found.data;
        let cell_records = [
            record::FORMULA,
            record::MUL_RK,
            record::RSTRING,
            record::LABEL_SST,
            record::NUMBER,
            record::LABEL,
            record::BOOL_ERR,
            record::RK,
        ];
        if !cell_records.contains(&kind) {
            return Some(Vec::new());
        }
        let (row, column, format) =
            (u32::from(u16_at(data, 0)?) + 1, usize::from(u16_at(data, 2)?), u16_at(data, 4)?);
        let value = match kind {
            record::MUL_RK => {
                // Row, first column, then format and number of each cell, and the last column.
                let pairs = data.get(4..data.len().checked_sub(2)?)?.chunks_exact(6);
                return pairs
                    .zip(column..)
                    .map(|(pair, column)| {
                        let value = self.number(u16_at(pair, 0)?, rk(u32_at(pair, 2)?));
                        Some((row, column, Value::Cell(value)))
                    })
                    .collect();
            }
            record::LABEL_SST => Cell::text(self.strings.get(u32_at(data, 6)? as usize)?.clone()),
            record::LABEL | record::RSTRING => {
                let mut pieces = Pieces::of(found);
                pieces.skip(6)?;
                Cell::text(pieces.string(false)?)
            }
            record::NUMBER => self.number(format, double(data, 6)?),
            record::RK => self.number(format, rk(u32_at(data, 6)?)),
            record::BOOL_ERR => boolean_or_error(*data.get(6)?, *data.get(7)? == 1),
            // A formula's value as it was last computed.
            _ if u16_at(data, 12)? != 0xFFFF => self.number(format, double(data, 6)?),
            _ => match data.get(6)? {
                0 => return Some(vec![(row, column, Value::Follows)]),
                kind @ (1 | 2) => boolean_or_error(*data.get(8)?, *kind == 2),
                _ => Cell::default(),
            },
        };
        Some(vec![(row, column, Value::Cell(value))])
    }

    fn number(&self, format: u16, number: f64) -> Cell {
        if self.dates.get(usize::from(format)) == Some(&true) {
            // A time of day has no date to shift.
            let serial = if number >= 1.0 { number + self.epoch } else { number };
            Cell { text: clean::serial_text(serial), kind: CellKind::Date(serial) }
        } else {
            Cell { text: number.to_string(), kind: CellKind::Number(number) }
        }
    }
}

/// What a cell record says.
enum Value {
    Cell(Cell),
    /// A formula's text, in the record behind it.
    Follows,
}

fn boolean_or_error(byte: u8, error: bool) -> Cell {
    if !error {
        return Cell::text(if byte == 0 { "FALSE" } else { "TRUE" });
    }
    let text = match byte {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0F => "#VALUE!",
        0x17 => "#REF!",
        0x1D => "#NAME?",
        0x24 => "#NUM!",
        _ => "#N/A",
    };
    Cell { text: text.to_owned(), kind: CellKind::Error }
}

/// Name, place and visibility of a sheet.
fn bound_sheet(data: &[u8]) -> Option<BoundSheet> {
    let (length, flags) = (usize::from(*data.get(6)?), *data.get(7)?);
    let mut pieces = Pieces { data: data.get(8..)?, rest: &[] };
    let name = pieces.characters(length, flags & 1 == 1)?;
    let state = data.get(4)? & 3;
    Some(BoundSheet { name, visible: state == 0, at: u32_at(data, 0)? as usize })
}

/// The strings that cells share.
fn strings(found: &Record<'_>) -> Result<Vec<String>, Option<Fault>> {
    let mut pieces = Pieces::of(found);
    let (_, count) = (pieces.u32().ok_or(None)?, pieces.u32().ok_or(None)? as usize);
    if count > MAX_STRINGS {
        return Err(Some(Fault::TooMany(Many::Strings, MAX_STRINGS)));
    }
    (0..count).map(|_| pieces.string(true).ok_or(None)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workbook_of_excel_95_is_named_for_what_it_is() {
        let found = Globals::read(&[0x09, 0x08, 8, 0, 0, 5, 5, 0, 0, 0, 0, 0]).map(|g| g.sheets.len());
        assert_eq!(found, Err(Some(Fault::Other(Format::OldExcel))));
        assert_eq!(Globals::read(b"").map(|g| g.sheets.len()), Err(None));
    }

    #[test]
    fn text_that_goes_on_in_another_record_is_one_text() {
        // 甲ab, the first character wide, the others narrow after the border.
        let mut stream = vec![0xFC, 0, 13, 0];
        stream.extend([1, 0, 0, 0, 1, 0, 0, 0, 3, 0, 1]);
        stream.extend("甲".encode_utf16().flat_map(u16::to_le_bytes));
        stream.extend([0x3C, 0, 3, 0, 0, b'a', b'b']);
        let first = Records(&stream).next().unwrap();
        assert_eq!(strings(&first).unwrap(), ["甲ab"]);
    }
}
