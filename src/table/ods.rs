//! ODS: `content.xml` of an OpenDocument spreadsheet, read element by element.
//!
//! Source: OASIS OpenDocument 1.3, part 3, chapters 9 and 19. Repeated rows and cells are written once with a number
//! (`table:number-rows-repeated`); an empty row repeated to the end of the sheet costs nothing here, and what is repeated
//! with content counts towards the limits as if it were written out.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use quick_xml::events::{BytesStart, Event};

use super::archive::{Archive, Limits, Part, attribute, damaged};
use super::rows::{LAST_ROW, Merged, Rows};
use super::workbook::{Book, Choice, Hidden, Sheet};
use super::{Cell, CellKind, Fault, MAX_COLUMNS, TableError, clean};

/// The part with the cells.
pub(super) const CONTENT: &str = "content.xml";

/// Hands the sheets of the workbook to `choice`, one after another.
pub(super) fn read(
    book: Book<'_>,
    mut archive: Archive<'_>,
    content: &str,
    choice: &mut Choice<'_>,
) -> Result<(), TableError> {
    let file = book.file;
    if let Some(manifest) = archive.find("META-INF/manifest.xml") {
        let mut encrypted = false;
        // Old OpenOffice names the document type of its manifest, which nothing here reads.
        let measured = archive.measure(&manifest, Limits::SMALL, |tag| {
            encrypted |= tag.name() == b"encryption-data";
            Ok(())
        });
        if !matches!(&measured, Err(TableError::BadWorkbook(_, Fault::Doctype(_)))) {
            measured?;
        }
        if encrypted {
            return Err(TableError::BadWorkbook(file.to_owned(), Fault::Encrypted));
        }
    }
    archive.measure(content, Limits::CELLS, |_| Ok(()))?;
    let mut reader =
        Reader { file, xml: quick_xml::Reader::from_reader(archive.part(content)?), buffer: Vec::new() };
    reader.xml.config_mut().expand_empty_elements = true;
    reader.sheets(choice)
}

struct Reader<'p, 'a> {
    file: &'p str,
    xml: quick_xml::Reader<Part<'p, 'a>>,
    buffer: Vec<u8>,
}

/// How often a row or cell stands in the sheet.
fn repeated(element: &BytesStart<'_>, key: &str) -> u32 {
    attribute(element, key)
        .and_then(|n| n.parse::<u64>().ok())
        .map_or(1, |n| n.clamp(1, u64::from(LAST_ROW)) as u32)
}

/// Whether a row or column is hidden, by hand or by a filter.
fn is_hidden(element: &BytesStart<'_>) -> bool {
    attribute(element, "table:visibility").is_some_and(|v| v == "collapse" || v == "filter")
}

/// The next event, or the error of the reading function it stands in.
macro_rules! next {
    ($reader:expr) => {{
        $reader.buffer.clear();
        match $reader.xml.read_event_into(&mut $reader.buffer) {
            Ok(event) => event,
            Err(error) => return Err(damaged($reader.file, CONTENT, &error)),
        }
    }};
}

impl Reader<'_, '_> {
    fn cut_short(&self) -> TableError {
        damaged(self.file, CONTENT, &"unexpected end")
    }

    fn sheets(&mut self, choice: &mut Choice<'_>) -> Result<(), TableError> {
        // Styles of tables that are not displayed.
        let mut hidden_styles: BTreeSet<String> = BTreeSet::new();
        let mut style = None;
        let mut open = 0_usize;
        loop {
            let sheet = match next!(self) {
                Event::Start(element) => {
                    open += 1;
                    match element.name().as_ref() {
                        "style:style" => {
                            style = attribute(&element, "style:name");
                            None
                        }
                        "style:table-properties" => {
                            if attribute(&element, "table:display").as_deref() == Some("false") {
                                hidden_styles.extend(style.take());
                            }
                            None
                        }
                        "table:table" => {
                            let name = attribute(&element, "table:name").unwrap_or_default();
                            let style = attribute(&element, "table:style-name").unwrap_or_default();
                            Some((name, !hidden_styles.contains(&style)))
                        }
                        // Deleted cells and copies of linked tables are no sheets.
                        "table:tracked-changes" | "table:dde-links" => Some((String::new(), false)),
                        _ => None,
                    }
                }
                Event::End(_) => {
                    open = open.saturating_sub(1);
                    None
                }
                Event::Eof if open > 0 => return Err(self.cut_short()),
                Event::Eof => return Ok(()),
                _ => None,
            };
            let Some((name, visible)) = sheet else { continue };
            open -= 1;
            if name.is_empty() {
                self.skip()?;
                continue;
            }
            choice.name(&name);
            if choice.wants(&name) {
                choice.take(Sheet { name, visible, ..self.table()? })?;
            } else {
                self.skip()?;
            }
        }
    }

    /// Reads to the end of the element that has just begun.
    fn skip(&mut self) -> Result<(), TableError> {
        let mut depth = 1_usize;
        loop {
            match next!(self) {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                Event::Eof => return Err(self.cut_short()),
                _ => {}
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// The table that has just begun, but for its name.
    fn table(&mut self) -> Result<Sheet, TableError> {
        let mut rows = Rows::new(self.file);
        let mut hidden = Hidden::default();
        let mut merged = Vec::new();
        let (mut next_row, mut next_column) = (1_u32, 1_u32);
        let mut depth = 1_usize;
        loop {
            let row = match next!(self) {
                // Rows and columns stand in the table or in groups and header blocks.
                Event::Start(element) => match element.name().as_ref() {
                    "table:table-row" => {
                        Some((repeated(&element, "table:number-rows-repeated"), is_hidden(&element)))
                    }
                    "table:table-column" => {
                        let times = repeated(&element, "table:number-columns-repeated");
                        let last = next_column.saturating_add(times - 1);
                        if is_hidden(&element) {
                            hidden.columns.add(next_column, last);
                        }
                        next_column = last.saturating_add(1);
                        Some((0, false))
                    }
                    "table:table-column-group"
                    | "table:table-header-columns"
                    | "table:table-columns"
                    | "table:table-row-group"
                    | "table:table-header-rows"
                    | "table:table-rows" => {
                        depth += 1;
                        None
                    }
                    _ => Some((0, false)),
                },
                Event::End(_) => {
                    depth -= 1;
                    None
                }
                Event::Eof => return Err(self.cut_short()),
                _ => None,
            };
            match row {
                // Shapes, what is in a column, and the like.
                Some((0, _)) => self.skip()?,
                Some((times, away)) => {
                    let cells = self.row(next_row, &mut merged)?;
                    let last = next_row.saturating_add(times - 1);
                    for number in (next_row..=last).take_while(|_| !cells.is_empty()) {
                        for (column, width, cell) in &cells {
                            for at in *column..column + width {
                                rows.put(number, at, cell.clone())?;
                            }
                        }
                    }
                    if away {
                        hidden.rows.add(next_row, last);
                    }
                    next_row = last.saturating_add(1);
                }
                None if depth == 0 => {
                    let merged = rows.fill(merged)?;
                    return Ok(Sheet { rows: rows.finish(), hidden, merged, ..Sheet::default() });
                }
                None => {}
            }
        }
    }

    /// The cells of row `number` that are not blank: column, how often, cell. Those that reach over others go to
    /// `merged`.
    fn row(&mut self, number: u32, merged: &mut Vec<Merged>) -> Result<Vec<(usize, usize, Cell)>, TableError> {
        let mut out = Vec::new();
        let mut column = 0_usize;
        loop {
            let found = match next!(self) {
                Event::Start(element) => match element.name().as_ref() {
                    "table:table-cell" | "table:covered-table-cell" => {
                        let spanned = ["table:number-columns-spanned", "table:number-rows-spanned"];
                        let times = repeated(&element, "table:number-columns-repeated") as usize;
                        Some((times, spanned.map(|key| repeated(&element, key)), stored(&element)))
                    }
                    _ => None,
                },
                Event::End(_) => return Ok(out),
                Event::Eof => return Err(self.cut_short()),
                _ => continue,
            };
            let Some((times, [columns, rows], stored)) = found else {
                self.skip()?;
                continue;
            };
            let text = self.text()?;
            let cell = match stored {
                Stored::Cell(cell) => cell,
                Stored::Error => Cell { text, kind: CellKind::Error },
                Stored::Formula if text.is_empty() => Cell::uncomputed(),
                Stored::Text | Stored::Formula => Cell::text(text),
            };
            if !cell.text.trim().is_empty() {
                if column >= MAX_COLUMNS {
                    return Err(TableError::TooWide(self.file.to_owned(), number));
                }
                if rows > 1 || columns > 1 {
                    let last = column + (columns as usize - 1).min(MAX_COLUMNS);
                    merged.push(Merged { column, last, from: number, to: number.saturating_add(rows - 1) });
                }
                out.push((column, times, cell));
            }
            column = column.saturating_add(times);
        }
    }

    /// The paragraphs of the cell that has just begun, one line each, without notes and shapes.
    fn text(&mut self) -> Result<String, TableError> {
        // Four bytes a character at most: what is longer is refused with its row by whoever counts, and not kept here.
        const FULL: usize = 4 * (super::MAX_CELL + 1);
        let mut out = String::new();
        let mut paragraphs = 0;
        // Depth within a paragraph; text outside of one is layout.
        let mut depth = 0_usize;
        loop {
            let alien = match next!(self) {
                Event::Start(element) => match element.name().as_ref() {
                    "text:p" if depth == 0 => {
                        if paragraphs > 0 && out.len() < FULL {
                            out.push('\n');
                        }
                        paragraphs += 1;
                        depth = 1;
                        false
                    }
                    "text:s" if depth > 0 => {
                        let spaces = attribute(&element, "text:c").and_then(|n| n.parse().ok()).unwrap_or(1_usize);
                        out.extend(std::iter::repeat_n(' ', spaces.min(FULL.saturating_sub(out.len()))));
                        depth += 1;
                        false
                    }
                    "text:tab" | "text:line-break" if depth > 0 => {
                        // At most one character a tag: no more than the tags that were counted.
                        out.push(if element.name().as_ref() == "text:tab" { '\t' } else { '\n' });
                        depth += 1;
                        false
                    }
                    "text:span" | "text:a" if depth > 0 => {
                        depth += 1;
                        false
                    }
                    _ => true,
                },
                Event::End(_) if depth == 0 => return Ok(out),
                Event::End(_) => {
                    depth -= 1;
                    false
                }
                Event::Text(text) if depth > 0 && out.len() < FULL => {
                    out.push_str(&text.xml10_content());
                    false
                }
                Event::CData(text) if depth > 0 && out.len() < FULL => {
                    out.push_str(&text.xml10_content());
                    false
                }
                Event::GeneralRef(entity) if depth > 0 && out.len() < FULL => {
                    let known = quick_xml::escape::resolve_xml_entity(&entity).map(str::to_owned);
                    let char = || entity.resolve_char_ref().ok().flatten().map(String::from);
                    out.push_str(&known.or_else(char).unwrap_or_default());
                    false
                }
                Event::Eof => return Err(self.cut_short()),
                _ => false,
            };
            if alien {
                self.skip()?;
            }
        }
    }
}

/// How a cell is stored.
enum Stored {
    /// Its attributes say everything.
    Cell(Cell),
    /// Its paragraphs are its text.
    Text,
    /// Its paragraphs are an error's name.
    Error,
    /// A formula without a value: its paragraphs, if there are any, are its text.
    Formula,
}

fn stored(element: &BytesStart<'_>) -> Stored {
    let get = |key: &str| attribute(element, key);
    if get("calcext:value-type").as_deref() == Some("error") {
        return Stored::Error;
    }
    let cell = match get("office:value-type").as_deref() {
        Some("float" | "percentage" | "currency") => get("office:value")
            .and_then(|v| v.parse::<f64>().ok())
            .map(|n| Cell { text: n.to_string(), kind: CellKind::Number(n) }),
        Some("date") => get("office:date-value").map(|v| match serial(&v) {
            Some(serial) => Cell { text: clean::serial_text(serial), kind: CellKind::Date(serial) },
            None => Cell::text(v),
        }),
        Some("time") => get("office:time-value").and_then(|v| {
            let serial = day_part(&v)?;
            Some(Cell { text: clean::serial_text(serial), kind: CellKind::Date(serial) })
        }),
        Some("boolean") => get("office:boolean-value").map(|v| Cell::text(v.to_uppercase())),
        Some("string") => get("office:string-value").map(Cell::text),
        _ => None,
    };
    match cell {
        Some(cell) => Stored::Cell(cell),
        None if get("office:value-type").is_none() && get("table:formula").is_some() => Stored::Formula,
        None => Stored::Text,
    }
}

/// `2022-03-01` or `2022-03-01T08:30:00` as days since 1899-12-30.
fn serial(text: &str) -> Option<f64> {
    let at = text
        .parse::<NaiveDateTime>()
        .ok()
        .or_else(|| Some(text.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN)))?;
    let origin = NaiveDate::from_ymd_opt(1899, 12, 30)?.and_time(NaiveTime::MIN);
    Some(at.signed_duration_since(origin).num_seconds() as f64 / 86_400.0)
}

/// `PT08H30M00S` as a part of a day.
fn day_part(text: &str) -> Option<f64> {
    let (hours, rest) = text.strip_prefix("PT")?.split_once('H')?;
    let (minutes, rest) = rest.split_once('M')?;
    let seconds: f64 = rest.strip_suffix('S')?.parse().ok()?;
    let (hours, minutes): (f64, f64) = (hours.parse().ok()?, minutes.parse().ok()?);
    Some((hours * 3600.0 + minutes * 60.0 + seconds) / 86_400.0)
}
