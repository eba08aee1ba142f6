//! XLS: the workbook stream of Excel 97 to 2003 (BIFF8), record by record.
//!
//! Source: [MS-XLS]. Only what a table needs is read: sheets, strings, cells, cell formats as far as they tell dates,
//! and the rows' flag that hides them. Every number in the file is checked against the bytes there are.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::compound::{Compound, u16_at, u32_at};
use super::fault::Many;
use super::format::Format;
use super::rows::{RowSet, Rows};
use super::workbook::{Choice, Sheet};
use super::xlsx::MAX_STRINGS;
use super::{Cell, CellKind, Fault, Source, TableError, clean};

/// Record types, [MS-XLS] 2.3.2.
mod record {
    pub(super) const FORMULA: u16 = 0x0006;
    pub(super) const EOF: u16 = 0x000A;
    pub(super) const DATE_MODE: u16 = 0x0022;
    pub(super) const FILE_PASS: u16 = 0x002F;
    pub(super) const CONTINUE: u16 = 0x003C;
    pub(super) const BOUND_SHEET: u16 = 0x0085;
    pub(super) const MUL_RK: u16 = 0x00BD;
    pub(super) const RSTRING: u16 = 0x00D6;
    pub(super) const XF: u16 = 0x00E0;
    pub(super) const SST: u16 = 0x00FC;
    pub(super) const LABEL_SST: u16 = 0x00FD;
    pub(super) const NUMBER: u16 = 0x0203;
    pub(super) const LABEL: u16 = 0x0204;
    pub(super) const BOOL_ERR: u16 = 0x0205;
    pub(super) const STRING: u16 = 0x0207;
    pub(super) const ROW: u16 = 0x0208;
    pub(super) const RK: u16 = 0x027E;
    pub(super) const FORMAT: u16 = 0x041E;
    pub(super) const BOF: u16 = 0x0809;
}

/// The version of a workbook that is read.
const BIFF8: u16 = 0x0600;

/// Hands the sheets of the workbook to `choice`, one after another.
pub(super) fn read(source: &Source, choice: &mut Choice<'_>) -> Result<(), TableError> {
    let file = source.name.as_str();
    let bad = |fault| TableError::BadWorkbook(file.to_owned(), fault);
    let damaged = |part: &str, why: &str| bad(Fault::Damaged(part.to_owned(), why.to_owned()));
    let compound = Compound::open(&source.bytes).ok_or_else(|| damaged("XLS", "sector table"))?;
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
            let (rows, hidden) = book.sheet(file, rest)?;
            choice.take(Sheet { name: sheet.name.clone(), visible: sheet.visible, rows, hidden })?;
        }
    }
    Ok(())
}

/// One record: type, bytes, and the pieces that continue it.
struct Record<'s> {
    kind: u16,
    data: &'s [u8],
    /// The continuations, as they stand behind it.
    rest: &'s [u8],
}

/// Records one after another; ends at the end of the stream or where a record is cut short.
struct Records<'s>(&'s [u8]);

impl<'s> Iterator for Records<'s> {
    type Item = Record<'s>;

    fn next(&mut self) -> Option<Record<'s>> {
        let kind = u16_at(self.0, 0)?;
        let length = usize::from(u16_at(self.0, 2)?);
        let data = self.0.get(4..4 + length)?;
        self.0 = &self.0[4 + length..];
        Some(Record { kind, data, rest: self.0 })
    }
}

/// The data of a record and of those that continue it, read across their borders.
struct Pieces<'s> {
    data: &'s [u8],
    rest: &'s [u8],
}

impl<'s> Pieces<'s> {
    fn of(record: &Record<'s>) -> Self {
        Self { data: record.data, rest: record.rest }
    }

    /// Goes on with the next continuation, if there is one.
    fn turn(&mut self) -> Option<()> {
        let next = Records(self.rest).next().filter(|r| r.kind == record::CONTINUE)?;
        (self.data, self.rest) = (next.data, next.rest);
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        while self.data.is_empty() {
            self.turn()?;
        }
        let (first, rest) = self.data.split_first()?;
        self.data = rest;
        Some(*first)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from(self.u16()?) | u32::from(self.u16()?) << 16)
    }

    fn skip(&mut self, mut length: usize) -> Option<()> {
        while length > 0 {
            if self.data.is_empty() {
                self.turn()?;
            }
            let step = length.min(self.data.len());
            self.data = &self.data[step..];
            length -= step;
        }
        Some(())
    }

    /// `length` characters; where they go on in another record, a new flag says how wide they are.
    fn characters(&mut self, mut length: usize, mut wide: bool) -> Option<String> {
        let mut units: Vec<u16> = Vec::with_capacity(length.min(1 << 15));
        while length > 0 {
            if self.data.is_empty() {
                self.turn()?;
                wide = self.byte()? & 1 == 1;
                continue;
            }
            let width = if wide { 2 } else { 1 };
            let whole = (self.data.len() / width).min(length);
            if whole == 0 {
                return None;
            }
            let (now, later) = self.data.split_at(whole * width);
            if wide {
                units.extend(now.chunks_exact(2).map(|c| u16::from_le_bytes([c[0], c[1]])));
            } else {
                units.extend(now.iter().map(|b| u16::from(*b)));
            }
            self.data = later;
            length -= whole;
        }
        Some(String::from_utf16_lossy(&units))
    }

    /// A string with its length in two bytes and, where `rich`, runs of format and phonetic text behind it.
    fn string(&mut self, rich: bool) -> Option<String> {
        let length = usize::from(self.u16()?);
        let flags = self.byte()?;
        let runs = if rich && flags & 8 != 0 { usize::from(self.u16()?) } else { 0 };
        let phonetic = if rich && flags & 4 != 0 { self.u32()? as usize } else { 0 };
        let text = self.characters(length, flags & 1 == 1)?;
        self.skip(runs * 4)?;
        self.skip(phonetic)?;
        Some(text)
    }
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

    /// The rows of the sheet whose records begin at `stream`, and which of them are hidden.
    fn sheet(&self, file: &str, stream: &[u8]) -> Result<(Vec<super::RawRow>, RowSet), TableError> {
        let damaged = || super::archive::damaged(file, "Workbook", &"records");
        let mut rows = Rows::new(file);
        let mut hidden: Vec<u32> = Vec::new();
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
        let mut set = RowSet::default();
        for row in hidden {
            set.add(row, row);
        }
        Ok((rows.finish(), set))
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

fn double(data: &[u8], at: usize) -> Option<f64> {
    Some(f64::from_le_bytes(data.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

/// A number in four bytes: the upper 30 bits of a float or an integer, perhaps in hundredths.
fn rk(bits: u32) -> f64 {
    let number = if bits & 2 != 0 {
        f64::from(bits.cast_signed() >> 2)
    } else {
        f64::from_bits(u64::from(bits & !3) << 32)
    };
    if bits & 1 != 0 { number / 100.0 } else { number }
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

/// Whether a number format shows a date or time: it has a letter of one outside quotes, brackets and escapes.
fn shows_date(format: &str) -> bool {
    let mut plain = String::new();
    let mut characters = format.chars();
    while let Some(c) = characters.next() {
        match c {
            '"' => {
                let _ = characters.find(|c| *c == '"');
            }
            '[' => {
                // [h] is a span of time; [Red] and [$-804] are not.
                let inner: Cow<'_, str> = characters.by_ref().take_while(|c| *c != ']').collect::<String>().into();
                if matches!(inner.to_lowercase().as_str(), "h" | "hh" | "m" | "mm" | "s" | "ss") {
                    return true;
                }
            }
            '\\' | '_' | '*' => {
                characters.next();
            }
            // Only what positive numbers look like counts.
            ';' => break,
            c => plain.push(c.to_ascii_lowercase()),
        }
    }
    plain != "general" && plain.chars().any(|c| matches!(c, 'y' | 'm' | 'd' | 'h' | 's'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_dates_are_told_from_those_of_numbers() {
        for date in ["yyyy-mm-dd", "yyyy\"年\"m\"月\"d\"日\"", "[$-804]yyyy/m/d;@", "h:mm", "[h]:mm:ss"] {
            assert!(shows_date(date), "{date}");
        }
        for number in ["General", "0.00", "#,##0_);[Red](#,##0)", "\"day\"0", "@", "0\\d", "0;d"] {
            assert!(!shows_date(number), "{number}");
        }
    }

    #[test]
    fn packed_numbers_are_unpacked() {
        let text = |bits| rk(bits).to_string();
        assert_eq!(text(3 << 2 | 2), "3");
        assert_eq!(text(12_345 << 2 | 3), "123.45");
        assert_eq!(text((1.5_f64.to_bits() >> 32) as u32), "1.5");
        assert_eq!(text((-1_i32 << 2).cast_unsigned() | 2), "-1");
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
