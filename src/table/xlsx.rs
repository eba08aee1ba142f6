//! XLSX: read by calamine cell by cell, after every part that it will read has been measured.
//!
//! Before anything is handed over: which parts the workbook is made of, how large they unpack, and which rows and columns
//! are hidden, which calamine does not tell.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, DataRef, Reader, SheetType, SheetVisible, Xlsx};
use quick_xml::events::{BytesStart, Event};

use super::archive::{Archive, Limits, Tag, attribute, damaged};
use super::fault::Many;
use super::rows::{LAST_ROW, Merged, Rows};
use super::workbook::{Book, Choice, Hidden, Sheet};
use super::{Cell, CellKind, Fault, TableError, clean};

/// Most distinct strings of a workbook; also of XLS.
pub(super) const MAX_STRINGS: usize = 4_000_000;
/// Most cells of a sheet with the blank ones, which programs write for their borders and colours.
const MAX_CELLS: usize = 20_000_000;
/// Most cell formats; Excel itself allows 65,490.
const MAX_FORMATS: usize = 66_000;
/// Longest token of the styles, where names of fonts and formats are copied into every cell format.
const STYLE_TOKEN: usize = 2 << 10;

/// The parts that calamine will read.
#[derive(Default)]
struct Layout {
    /// Sheets by name: the part.
    sheets: BTreeMap<String, String>,
    strings: Option<String>,
    styles: Option<String>,
    theme: Option<String>,
}

/// Hands the sheets of the workbook to `choice`, one after another.
pub(super) fn read(book: Book<'_>, mut archive: Archive<'_>, choice: &mut Choice<'_>) -> Result<(), TableError> {
    let file = book.file;
    let layout = layout(file, &mut archive)?;
    measure_shared(&mut archive, &layout)?;
    let bad = |part: &str, error: calamine::XlsxError| damaged(file, part, &error);
    let bytes = Cursor::new(book.bytes);
    let mut book: Xlsx<Cursor<&[u8]>> = Xlsx::new(bytes).map_err(|e| bad("xl/workbook.xml", e))?;
    for sheet in book.sheets_metadata().to_vec() {
        // Charts and dialogs have no rows.
        if sheet.typ != SheetType::WorkSheet {
            continue;
        }
        choice.name(&sheet.name);
        if !choice.wants(&sheet.name) {
            continue;
        }
        let missing = || TableError::BadWorkbook(file.to_owned(), Fault::Missing(sheet.name.clone()));
        let part = layout.sheets.get(&sheet.name).ok_or_else(missing)?;
        let mut seen = SeenRows::default();
        archive.measure(part, Limits::CELLS, |tag| seen.see(part, tag))?;
        let epoch = if book.has_1904_epoch() { clean::DAYS_TO_1904 } else { 0.0 };
        let mut rows = Rows::new(file);
        let mut cells = book.worksheet_cells_reader(&sheet.name).map_err(|e| bad(part, e))?;
        if seen.formulas.uncomputed {
            while let Some(found) = cells.next_cell_with_formula_metadata().map_err(|e| bad(part, e))? {
                let (row, column) = found.pos;
                let value = match found.value {
                    DataRef::Empty if found.formula.is_some() => Cell::uncomputed(),
                    value => cell(&Data::from(value), epoch),
                };
                rows.put(row.saturating_add(1), column as usize, value)?;
            }
        } else {
            while let Some(found) = cells.next_cell().map_err(|e| bad(part, e))? {
                let (row, column) = found.get_position();
                let value = cell(&Data::from(found.get_value().clone()), epoch);
                rows.put(row.saturating_add(1), column as usize, value)?;
            }
        }
        let merged = rows.fill(seen.merged)?;
        choice.take(Sheet {
            name: sheet.name,
            visible: sheet.visible == SheetVisible::Visible,
            rows: rows.finish(),
            hidden: seen.hidden,
            merged,
        })?;
    }
    Ok(())
}

/// Finds the parts by the package's relations, as calamine does.
fn layout(file: &str, archive: &mut Archive<'_>) -> Result<Layout, TableError> {
    let missing = |part: &str| TableError::BadWorkbook(file.to_owned(), Fault::Missing(part.to_owned()));
    let mut book = None;
    each_element(file, archive, "_rels/.rels", |element| {
        if element.local_name().as_ref() == "Relationship"
            && attribute(element, "Type").is_some_and(|t| t.ends_with("/officeDocument"))
        {
            book = attribute(element, "Target");
        }
    })?;
    let book = book.ok_or_else(|| missing("_rels/.rels"))?;
    let book = book.strip_prefix('/').unwrap_or(&book);
    let (folder, name) = book.rfind('/').map_or(("", book), |at| book.split_at(at + 1));
    let mut targets: BTreeMap<String, String> = BTreeMap::new();
    each_element(file, archive, &format!("{folder}_rels/{name}.rels"), |element| {
        if element.local_name().as_ref() == "Relationship"
            && let (Some(id), Some(target)) = (attribute(element, "Id"), attribute(element, "Target"))
        {
            targets.insert(id, target);
        }
    })?;
    let mut sheets: Vec<(String, Option<String>)> = Vec::new();
    each_element(file, archive, book, |element| {
        if element.local_name().as_ref() == "sheet"
            && let (Some(name), Some(id)) = (attribute(element, "name"), attribute(element, "id"))
        {
            sheets.push((name, targets.get(&id).cloned()));
        }
    })?;
    let mut out = Layout {
        strings: archive.find(&format!("{folder}sharedStrings.xml")),
        styles: archive.find(&format!("{folder}styles.xml")),
        theme: archive.find(&format!("{folder}theme/theme1.xml")),
        ..Layout::default()
    };
    for (name, target) in sheets {
        let target = target.ok_or_else(|| missing(book))?;
        let path = target.strip_prefix('/').map_or_else(|| format!("{folder}{target}"), str::to_owned);
        let part = archive.find(&path).ok_or_else(|| missing(&path))?;
        // Of two sheets of one name calamine reads the first.
        out.sheets.entry(name).or_insert(part);
    }
    Ok(out)
}

/// Shows every start tag of a small part.
fn each_element(
    file: &str,
    archive: &mut Archive<'_>,
    name: &str,
    mut see: impl FnMut(&BytesStart<'_>),
) -> Result<(), TableError> {
    let missing = || TableError::BadWorkbook(file.to_owned(), Fault::Missing(name.to_owned()));
    let name = archive.find(name).ok_or_else(missing)?;
    archive.measure(&name, Limits::SMALL, |_| Ok(()))?;
    let mut reader = quick_xml::Reader::from_reader(archive.part(&name)?);
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element) | Event::Empty(element)) => see(&element),
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(error) => return Err(damaged(file, &name, &error)),
        }
        buffer.clear();
    }
}

/// Measures what all sheets share.
fn measure_shared(archive: &mut Archive<'_>, layout: &Layout) -> Result<(), TableError> {
    if let Some(part) = &layout.strings {
        let mut strings = 0;
        archive.measure(part, Limits { size: 512 << 20, ..Limits::CELLS }, |tag| {
            // The declared number is reserved before the first string is read.
            let declared = match tag.name() {
                b"si" => {
                    strings += 1;
                    strings
                }
                b"sst" if !tag.whole() => usize::MAX,
                b"sst" => tag.values("uniqueCount").map(|n| number(n).unwrap_or(usize::MAX)).max().unwrap_or(0),
                _ => 0,
            };
            if declared > MAX_STRINGS { Err(Fault::TooMany(Many::Strings, MAX_STRINGS)) } else { Ok(()) }
        })?;
    }
    for part in layout.styles.iter().chain(&layout.theme) {
        let mut formats = 0;
        archive.measure(part, Limits { token: STYLE_TOKEN, ..Limits::SMALL }, |tag| {
            formats += usize::from(tag.name() == b"xf");
            if formats > 2 * MAX_FORMATS { Err(Fault::TooMany(Many::Formats, MAX_FORMATS)) } else { Ok(()) }
        })?;
    }
    Ok(())
}

/// Whether bytes can be a cell's or a row's place: `XFD1048576`, `12`.
fn is_place(bytes: &[u8]) -> bool {
    let letters = bytes.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let digits = &bytes[letters..];
    letters <= 3 && digits.len() <= 7 && digits.iter().all(u8::is_ascii_digit)
}

/// Whether bytes can be a place or an area from its first to its last corner: `A1:C9`.
fn is_area(bytes: &[u8]) -> bool {
    // Letters are ordered by their number first: Z before AA.
    let corner = |place: &[u8]| {
        let letters: Vec<u8> =
            place.iter().filter(|b| b.is_ascii_alphabetic()).map(u8::to_ascii_uppercase).collect();
        (
            letters.len(),
            letters,
            number(&place[place.len() - place.iter().filter(|b| b.is_ascii_digit()).count()..]),
        )
    };
    let mut corners = bytes.split(|b| *b == b':').map(|place| is_place(place).then(|| corner(place)));
    match (corners.next().flatten(), corners.next(), corners.next()) {
        (Some(_), None, _) => true,
        (Some(first), Some(Some(last)), None) => (first.0, &first.1) <= (last.0, &last.1) && first.2 <= last.2,
        _ => false,
    }
}

/// The cells of an area of more than one.
fn merged(area: &[u8]) -> Option<Merged> {
    let colon = area.iter().position(|b| *b == b':')?;
    let corner = |place: &[u8]| {
        let (letters, digits) = place.split_at(place.iter().position(u8::is_ascii_digit)?);
        let column = letters.iter().try_fold(0, |sum, letter| {
            letter.is_ascii_alphabetic().then(|| 26 * sum + usize::from(letter.to_ascii_uppercase() - b'A') + 1)
        })?;
        Some((column.checked_sub(1)?, u32::try_from(number(digits)?).ok()?))
    };
    let ((column, from), (last, to)) = (corner(&area[..colon])?, corner(&area[colon + 1..])?);
    let merged = Merged { column, last, from, to };
    (column <= last && from <= to && (column, from) != (last, to)).then_some(merged)
}

fn number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.trim().parse().ok()
}

/// What the tags of a sheet tell before its cells are read: how many rows and cells there are, blank ones too, and what is
/// hidden, by hand or by a filter: `<row r="5" hidden="1">`, `<col min="3" max="4" hidden="1"/>`.
#[derive(Default)]
struct SeenRows {
    hidden: Hidden,
    /// The last row seen; a row without a number follows it.
    last: u32,
    rows: usize,
    cells: usize,
    /// Merged cells: `<mergeCell ref="D2:D5"/>`.
    merged: Vec<Merged>,
    formulas: SeenFormulas,
}

/// Whether a formula was never computed: `<c r="A2"><f>B2&amp;C2</f><v></v></c>`, as libraries write it that cannot
/// compute. Excel's own empty result says that it is a text: `<c r="A2" t="str"><f>…</f><v></v></c>`.
#[derive(Default)]
struct SeenFormulas {
    /// Of the cell that is open: whether it has a formula, and whether it has a value.
    formula: bool,
    value: bool,
    /// Whether there was such a cell; then the formulas are read, too.
    uncomputed: bool,
}

impl SeenFormulas {
    fn see(&mut self, tag: Tag<'_>) {
        match tag.name() {
            b"c" => (self.formula, self.value) = (false, tag.attribute("t") == Some(b"str")),
            b"f" => self.formula = true,
            b"is" => self.value = true,
            _ if self.formula => match tag.ends() {
                Some(b"v") => self.value |= tag.follows_text(),
                Some(b"c") => {
                    self.uncomputed |= !self.value;
                    self.formula = false;
                }
                _ => {}
            },
            _ => {}
        }
    }
}

fn is_hidden(tag: &Tag<'_>) -> bool {
    tag.attribute("hidden").is_some_and(|hidden| hidden == b"1" || hidden == b"true")
}

impl SeenRows {
    fn see(&mut self, part: &str, tag: Tag<'_>) -> Result<(), Fault> {
        if !self.formulas.uncomputed {
            self.formulas.see(tag);
        }
        if tag.name() == b"col" {
            let end = |key: &str| tag.attribute(key).and_then(number).and_then(|n| u32::try_from(n).ok());
            if let (true, Some((from, to))) = (is_hidden(&tag), end("min").zip(end("max"))) {
                self.hidden.columns.add(from, to);
            }
            return Ok(());
        }
        if tag.name() == b"mergeCell" {
            self.merged.extend(tag.attribute("ref").and_then(merged));
            return Ok(());
        }
        let place = match tag.name() {
            b"c" | b"row" => "r",
            b"dimension" => "ref",
            _ => return Ok(()),
        };
        // Places are counted on in 32 bits by whoever reads the cells.
        if !tag.whole() || !tag.values(place).all(is_area) {
            return Err(Fault::Damaged(part.to_owned(), format!("{place}=?")));
        }
        match tag.name() {
            b"c" => {
                self.cells += 1;
                if self.cells > MAX_CELLS { Err(Fault::TooMany(Many::Cells, MAX_CELLS)) } else { Ok(()) }
            }
            b"row" => {
                let given = tag.attribute("r").and_then(number).and_then(|n| u32::try_from(n).ok());
                self.last = given.unwrap_or(self.last.saturating_add(1)).min(LAST_ROW);
                if is_hidden(&tag) {
                    self.hidden.rows.add(self.last, self.last);
                }
                self.rows += 1;
                let most = LAST_ROW as usize;
                if self.rows > most { Err(Fault::TooMany(Many::Rows, most)) } else { Ok(()) }
            }
            _ => Ok(()),
        }
    }
}

/// A cell as text; `epoch` is the day from which the workbook counts its dates.
fn cell(data: &Data, epoch: f64) -> Cell {
    let (text, kind) = match data {
        Data::Empty => (String::new(), CellKind::Text),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => (text.clone(), CellKind::Text),
        Data::Int(n) => (n.to_string(), CellKind::Number(*n as f64)),
        Data::Float(n) => (n.to_string(), CellKind::Number(*n)),
        Data::Bool(b) => (if *b { "TRUE" } else { "FALSE" }.to_owned(), CellKind::Text),
        Data::DateTime(date) => {
            let serial = date.as_f64();
            // A time of day has no date to shift.
            let serial = if date.is_datetime() && serial >= 1.0 { serial + epoch } else { serial };
            (clean::serial_text(serial), CellKind::Date(serial))
        }
        Data::Error(error) => (error.to_string(), CellKind::Error),
    };
    Cell { text, kind }
}
