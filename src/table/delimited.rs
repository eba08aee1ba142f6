//! CSV, with comma, tab or semicolon between the cells.

use super::{Cell, MAX_CELL, MAX_COLUMNS, RawRow, TableError};

/// Rows looked at to tell the separator.
const SNIFFED_LINES: usize = 40;

/// Splits `text` into rows, numbered as a spreadsheet that opens the file numbers them.
pub(super) fn rows(name: &str, text: &str) -> Result<Vec<RawRow>, TableError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(text))
        .from_reader(text.as_bytes());
    let mut out: Vec<RawRow> = Vec::new();
    // A blank line is a row that the reader skips; a line break inside quotes adds a line but no row.
    let (mut counted_to, mut breaks, mut inner_breaks) = (0, 0, 0);
    let mut record = csv::StringRecord::new();
    loop {
        let more = reader
            .read_record(&mut record)
            .map_err(|e| TableError::BadLine(name.to_owned(), out.last().map_or(1, |r| r.0 + 1), e.to_string()))?;
        if !more {
            return Ok(out);
        }
        let from = record.position().map_or(0, |p| p.byte() as usize);
        let blank = text[from..].bytes().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        breaks += line_breaks(&text[counted_to..from + blank]);
        counted_to = from + blank;
        let number = breaks - inner_breaks + 1;
        if record.len() > MAX_COLUMNS {
            return Err(TableError::TooWide(name.to_owned(), number));
        }
        if record.iter().any(|cell| cell.len() > MAX_CELL && cell.chars().count() > MAX_CELL) {
            return Err(TableError::LongCell(name.to_owned(), number));
        }
        inner_breaks += record.iter().map(line_breaks).sum::<u32>();
        if record.iter().any(|c| !c.trim().is_empty()) {
            out.push((number, record.iter().map(Cell::text).collect()));
        }
    }
}

/// LF, CR LF and CR each end one line.
fn line_breaks(text: &str) -> u32 {
    let lone = text.as_bytes().windows(2).filter(|w| w[0] == b'\r' && w[1] != b'\n').count();
    let last = usize::from(text.ends_with('\r'));
    (text.bytes().filter(|b| *b == b'\n').count() + lone + last) as u32
}

/// The separator that stands most often outside quotes in the first lines; comma if none does.
fn separator(text: &str) -> u8 {
    let mut counts = [(b',', 0_u32), (b'\t', 0), (b';', 0)];
    let mut quoted = false;
    let mut lines = 0;
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => {
                lines += 1;
                if lines == SNIFFED_LINES {
                    break;
                }
            }
            _ if !quoted => {
                if let Some((_, count)) = counts.iter_mut().find(|(sep, _)| *sep == byte) {
                    *count += 1;
                }
            }
            _ => {}
        }
    }
    // `max_by_key` takes the last of equals; reversed, the comma wins ties.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(sep, _)| *sep)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<(u32, usize)> {
        rows("x", text).unwrap().iter().map(|(n, cells)| (*n, cells.len())).collect()
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_numbers_them() {
        assert_eq!(numbers("a,b\r\n\r\n\"c\nd\",e\nf,g\n"), [(1, 2), (3, 2), (4, 2)]);
    }

    #[test]
    fn old_line_ends_count_as_lines() {
        assert_eq!(numbers("a,b\rc,d\r\re,f"), [(1, 2), (2, 2), (4, 2)]);
    }

    #[test]
    fn separators_are_told_apart() {
        assert_eq!(numbers("a;b;c\n1,5;2;3\n"), [(1, 3), (2, 3)]);
        assert_eq!(numbers("a\tb\n1\t2\n"), [(1, 2), (2, 2)]);
        assert_eq!(numbers("a\nb\n"), [(1, 1), (2, 1)]);
    }

    #[test]
    fn a_cell_without_end_is_refused() {
        let text = format!("a,b\n\"{}", "x".repeat(MAX_CELL + 1));
        assert_eq!(rows("x", &text), Err(TableError::LongCell("x".into(), 2)));
    }
}
