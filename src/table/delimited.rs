//! CSV, with comma, tab or semicolon between the cells: one record after another, in the memory of the longest.
//!
//! What counts as a cell is what the `csv` crate makes of the same bytes (a test compares them): a quote means something
//! only at the beginning of a cell, LF, CR LF and CR each end a record, blank lines are no records. The cells are borrowed
//! from the buffer, and the row of each record is known without counting line breaks a second time.

use memchr::{memchr2, memchr3};

use super::encoding::{Fault, Script, Text};
use super::ends::Ends;
use super::header::{Layout, Texts};
use super::quotes::{self, Shape};
use super::rows::letters;
use super::{Content, MAX_CELL, MAX_COLUMNS, TableError, unreadable};

/// Lines looked at to tell the separator.
const SNIFFED_LINES: usize = 40;
/// Size of the buffer until a longer record comes.
const BUFFER: usize = 256 << 10;
/// Most blank cells behind the last column that is read; a spreadsheet has 16,384 columns.
const MOST_BLANK: usize = 16_384 - MAX_COLUMNS;
/// Most bytes of a character.
const WIDEST: usize = 4;
/// Least room that is worth filling; a decoder may want some for several characters.
const ROOM: usize = 16;

/// One pass over the records of a text.
pub(super) struct Records<'a> {
    name: &'a str,
    text: Text<'a>,
    separator: u8,
    buffer: Vec<u8>,
    /// What of the buffer is still to be read.
    at: usize,
    end: usize,
    ended: bool,
    /// Rows before the next record.
    rows: u32,
    record: Record,
    /// How a row looks, where the header is known.
    shape: Option<Shape<'a>>,
}

/// The cells of one record.
#[derive(Debug, Default)]
struct Record {
    cells: Vec<Span>,
    /// Cells whose quotes had to be taken out.
    rewritten: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) rewritten: bool,
}

/// One record, borrowed until the next is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// Row as a spreadsheet that opens the file counts it, from 1.
    pub(super) number: u32,
    record: &'a Record,
    buffer: &'a [u8],
}

impl<'a> Line<'a> {
    /// The text of a column, empty where the record is shorter.
    #[inline]
    pub(super) fn text(&self, column: usize) -> &'a str {
        // The pass before has seen that all of it is UTF-8, and no cell begins or ends within a character.
        std::str::from_utf8(self.bytes(column)).unwrap_or("\u{fffd}")
    }

    /// The same as bytes.
    #[inline]
    pub(super) fn bytes(&self, column: usize) -> &'a [u8] {
        let Some(span) = self.record.cells.get(column) else { return &[] };
        let bytes = if span.rewritten { &self.record.rewritten } else { self.buffer };
        &bytes[span.from..span.to]
    }
}

impl Texts for Line<'_> {
    fn count(&self) -> usize {
        self.record.cells.len()
    }

    fn get(&self, column: usize) -> &str {
        self.text(column)
    }

    fn bytes(&self, column: usize) -> &[u8] {
        Line::bytes(self, column)
    }
}

impl<'a> Records<'a> {
    /// Starts a pass.
    pub(super) fn open(
        name: &'a str,
        content: &'a Content,
        script: Script,
        separator: u8,
    ) -> Result<Self, TableError> {
        let text = Text::open(content, script).map_err(|e| unreadable(name, &e))?;
        let size = (content.length() as usize).clamp(ROOM, BUFFER - ROOM) + ROOM;
        let mut out = Self {
            name,
            text,
            separator,
            buffer: vec![0; size],
            at: 0,
            end: 0,
            ended: false,
            rows: 0,
            record: Record::default(),
            shape: None,
        };
        out.fill()?;
        // A second byte-order mark is no part of the first cell.
        if out.buffer[..out.end].starts_with("\u{feff}".as_bytes()) {
            out.at = 3;
        }
        Ok(out)
    }

    /// The same, once it is known how the rows look: a quoted cell that swallowed some of them is then an error.
    pub(super) fn below(mut self, layout: &'a Layout) -> Self {
        self.shape = Some(Shape::of(layout, self.separator));
        self
    }

    /// Reads until the buffer is full or the text ends; grows the buffer where one record fills it.
    fn fill(&mut self) -> Result<(), TableError> {
        self.buffer.copy_within(self.at..self.end, 0);
        self.end -= self.at;
        self.at = 0;
        if self.end + ROOM > self.buffer.len() {
            self.buffer.resize(2 * self.buffer.len(), 0);
        }
        while !self.ended && self.end + ROOM <= self.buffer.len() {
            match self.text.fill(&mut self.buffer[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(n) => self.end += n,
                Err(Fault::Io(error)) => return Err(unreadable(self.name, &error)),
                Err(Fault::Malformed) => return Err(TableError::Changed(self.name.to_owned())),
            }
        }
        Ok(())
    }

    /// Goes to the beginning of the next record; false at the end of the text.
    #[inline]
    fn skip_blank_lines(&mut self) -> Result<bool, TableError> {
        loop {
            if self.at == self.end {
                if self.ended {
                    return Ok(false);
                }
                self.fill()?;
                continue;
            }
            match self.buffer[self.at] {
                b'\n' => self.at += 1,
                b'\r' => {
                    let Some(next) = self.after_return(self.at) else {
                        self.fill()?;
                        continue;
                    };
                    self.at = next;
                }
                _ => return Ok(true),
            }
            self.rows = self.rows.saturating_add(1);
        }
    }

    /// The position after CR or CR LF; `None` where the buffer does not tell yet.
    fn after_return(&self, at: usize) -> Option<usize> {
        match self.buffer[..self.end].get(at + 1) {
            Some(b'\n') => Some(at + 2),
            Some(_) => Some(at + 1),
            None => self.ended.then_some(at + 1),
        }
    }

    /// The next record that is no blank line; `None` at the end.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<Line<'_>>, TableError> {
        if !self.skip_blank_lines()? {
            return Ok(None);
        }
        while !self.split()? {
            self.fill()?;
        }
        self.rows = self.rows.saturating_add(1);
        Ok(Some(Line { number: self.rows, record: &self.record, buffer: &self.buffer }))
    }

    /// The record on row `number`, which is not behind; records before it are only passed over.
    pub(super) fn seek(&mut self, number: u32) -> Result<Option<Line<'_>>, TableError> {
        while self.skip_blank_lines()? && self.rows.saturating_add(1) < number {
            // Without a quote a record ends with its line.
            let rest = &self.buffer[self.at..self.end];
            match memchr3(b'\n', b'\r', b'"', rest).map(|n| self.at + n) {
                Some(end) if self.buffer[end] == b'\n' => self.at = end + 1,
                Some(end) if self.buffer[end] == b'\r' && end + 1 < self.end => {
                    self.at = self.after_return(end).unwrap_or(self.end);
                }
                None if self.ended => self.at = self.end,
                _ => {
                    self.next()?;
                    continue;
                }
            }
            self.rows = self.rows.saturating_add(1);
        }
        self.next()
    }

    /// Splits the record at `at` into cells and goes behind it; false where its end is not in the buffer yet.
    fn split(&mut self) -> Result<bool, TableError> {
        let Record { cells, rewritten } = &mut self.record;
        cells.clear();
        rewritten.clear();
        let (text, separator, number) = (&self.buffer[..self.end], self.separator, self.rows.saturating_add(1));
        let ends = Ends::of(separator);
        let cell_end = |from: usize| ends.find(&text[from..]).map(|n| from + n);
        let too_long = |bytes: usize| bytes > WIDEST * MAX_CELL + 2;
        let mut at = self.at;
        let (mut quotes, mut blank) = (false, 0);
        loop {
            let (span, end) = if text.get(at) == Some(&b'"') {
                let Some(found) = quotes::quoted(text, at, self.ended, separator, rewritten) else {
                    if !self.ended && !too_long(self.end - at) {
                        return Ok(false);
                    }
                    // Of a cell that is too long nobody knows whether a quote far behind closes it.
                    return Err(if self.ended {
                        open_quote(self.name, number, self.shape.as_ref(), cells.len())
                    } else {
                        TableError::LongCell(self.name.to_owned(), number)
                    });
                };
                quotes = true;
                found
            } else {
                match cell_end(at) {
                    Some(end) => (Span { from: at, to: end, rewritten: false }, end),
                    None if self.ended => (Span { from: at, to: text.len(), rewritten: false }, text.len()),
                    None if too_long(self.end - at) => {
                        return Err(TableError::LongCell(self.name.to_owned(), number));
                    }
                    None => return Ok(false),
                }
            };
            cells.push(span);
            if cells.len() > MAX_COLUMNS {
                // A sheet that was once formatted far to the right leaves blank cells there, which nobody sees.
                blank += 1;
                if span.from < span.to || blank > MOST_BLANK {
                    return Err(TableError::TooWide(self.name.to_owned(), number));
                }
                cells.pop();
            }
            if span.to - span.from > MAX_CELL {
                let bytes = if span.rewritten { &rewritten[..] } else { text };
                let characters = bytes[span.from..span.to].iter().filter(|b| !(0x80..0xC0).contains(*b)).count();
                if characters > MAX_CELL {
                    return Err(TableError::LongCell(self.name.to_owned(), number));
                }
            }
            let next = match text.get(end) {
                Some(b'\r') => match text.get(end + 1) {
                    Some(b'\n') => end + 2,
                    None if !self.ended => return Ok(false),
                    _ => end + 1,
                },
                Some(b'\n') => end + 1,
                None => end,
                Some(_) => {
                    at = end + 1;
                    continue;
                }
            };
            // A line break before the end of the record stands in one of its cells.
            if quotes && memchr2(b'\n', b'\r', &text[self.at..end]).is_some() {
                self.see_whether_rows_were_swallowed(end)?;
            }
            self.at = next;
            return Ok(true);
        }
    }

    /// Refuses a record up to `end` whose cells have rows of the table in them.
    #[cold]
    fn see_whether_rows_were_swallowed(&self, end: usize) -> Result<(), TableError> {
        let text = &self.buffer[self.at..end];
        let shape = self.shape.as_ref();
        let line = Line { number: self.rows.saturating_add(1), record: &self.record, buffer: &self.buffer };
        let found = quotes::of_several_lines(text, self.separator).into_iter().find_map(|cell| {
            let swallowed = cell.torn().or_else(|| shape?.swallowed(cell, &line))?;
            Some((cell.column, String::from_utf8_lossy(swallowed).trim().to_owned()))
        });
        found.map_or(Ok(()), |(column, text)| {
            Err(TableError::SwallowedRows(self.name.to_owned(), line.number, title(shape, column), text))
        })
    }
}

#[cold]
fn open_quote(name: &str, row: u32, shape: Option<&Shape<'_>>, column: usize) -> TableError {
    TableError::OpenQuote(name.to_owned(), row, title(shape, column))
}

/// What a column is called: by its title, else by its letters.
fn title(shape: Option<&Shape<'_>>, column: usize) -> String {
    shape.and_then(|shape| shape.title(column)).map_or_else(|| letters(column), str::to_owned)
}

/// The separator that stands outside quotes in most of the first lines, then the most often; comma if none does. Lists
/// within a cell have separators too, and may be long, but not in every line.
pub(super) fn separator(name: &str, content: &Content, script: Script) -> Result<u8, TableError> {
    // Lines with the separator, how often it stands, and the last line where it does.
    let mut counts = [b',', b'\t', b';'].map(|sep| (sep, 0_u64, 0_u64, None));
    let mut text = Text::open(content, script).map_err(|e| unreadable(name, &e))?;
    let mut buffer = vec![0; BUFFER];
    let (mut quoted, mut lines) = (false, 0);
    'text: loop {
        let n = match text.fill(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(Fault::Io(error)) => return Err(unreadable(name, &error)),
            Err(Fault::Malformed) => return Err(TableError::Changed(name.to_owned())),
        };
        for byte in &buffer[..n] {
            match byte {
                b'"' => quoted = !quoted,
                b'\n' if !quoted => {
                    lines += 1;
                    if lines == SNIFFED_LINES {
                        break 'text;
                    }
                }
                b',' | b'\t' | b';' if !quoted => {
                    for (_, on, times, last) in counts.iter_mut().filter(|(sep, ..)| sep == byte) {
                        *on += u64::from(last.replace(lines) != Some(lines));
                        *times += 1;
                    }
                }
                _ => {}
            }
        }
    }
    // `max_by_key` takes the last of equals; reversed, the comma wins ties.
    Ok(counts.iter().rev().max_by_key(|(_, on, times, _)| (*on, *times)).map_or(b',', |(sep, ..)| *sep))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::encoding;
    use super::*;

    /// All records that are not blank: row and cells.
    fn rows(text: &str) -> Result<Vec<(u32, Vec<String>)>, TableError> {
        let content = Content::of_bytes(text.as_bytes().to_vec());
        let script = encoding::sniff("x", &content)?;
        let mut records = Records::open("x", &content, script, separator("x", &content, script)?)?;
        let mut out = Vec::new();
        while let Some(line) = records.next()? {
            if !line.is_blank() {
                out.push((line.number, (0..line.count()).map(|c| line.text(c).to_owned()).collect()));
            }
        }
        Ok(out)
    }

    #[test]
    fn lists_in_cells_do_not_pass_for_columns() {
        assert_eq!(numbers("id,name,recuse\n1,a,x;y;z;x;y;z;x;y;z\n2,b,\n"), [(1, 3), (2, 3), (3, 3)]);
        assert_eq!(numbers("id;name;rate\n1;a,b,c,d,e,f;0,5\n2;b;0,5\n"), [(1, 3), (2, 3), (3, 3)]);
        assert_eq!(numbers("one\n\n1,2\n"), [(1, 1), (3, 2)]);
    }

    fn numbers(text: &str) -> Vec<(u32, usize)> {
        rows(text).unwrap().iter().map(|(n, cells)| (*n, cells.len())).collect()
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
        for (open, close) in [("\"", "\""), ("", ""), ("\"\"\"", "\"")] {
            let text = format!("a,b\n{open}{}{close}", "x".repeat(5 * MAX_CELL));
            assert_eq!(rows(&text), Err(TableError::LongCell("x".into(), 2)));
        }
        let text = format!("a,b\n1,\"{}\"", "x".repeat(2 * BUFFER));
        assert_eq!(rows(&text), Err(TableError::LongCell("x".into(), 2)));
        assert_eq!(rows("a,b\n1,\"x\n2,y\n"), Err(TableError::OpenQuote("x".into(), 2, "B".into())));
        assert_eq!(rows(&format!("a\n{}", "企".repeat(MAX_CELL))).unwrap().len(), 2);
    }

    #[test]
    fn a_record_longer_than_the_buffer_is_read_whole() {
        let wide = vec!["x".repeat(1_000); MAX_COLUMNS].join(",");
        assert_eq!(numbers(&format!("a,b\r\n{wide}\r\nc")), [(1, 2), (2, MAX_COLUMNS), (3, 1)]);
        assert_eq!(rows(&format!("a\n{}", ",".repeat(3 * BUFFER))), Err(TableError::TooWide("x".into(), 2)));
        // Blank cells to the right are no columns, as far as a spreadsheet goes.
        let blank = ",".repeat(16_382);
        assert_eq!(
            numbers(&format!("a,b{blank}\nc{blank}\n\"d\",e\n")),
            [(1, MAX_COLUMNS), (2, MAX_COLUMNS), (3, 2)]
        );
        let far = format!("a\nb{}x\n", ",".repeat(2_500));
        assert_eq!(rows(&far), Err(TableError::TooWide("x".into(), 2)));
    }

    /// What the `csv` crate makes of a text.
    fn by_csv(text: &str, separator: u8) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator)
            .from_reader(text.as_bytes());
        let all = reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect::<Vec<_>>());
        all.filter(|r| r.iter().any(|c| !c.trim().is_empty())).collect()
    }

    /// The rows, unless they are refused for their quotes, as they must be exactly where something is wrong with them.
    fn rows_of_fair_quotes(text: &str, separator: u8) -> Option<Vec<(u32, Vec<String>)>> {
        let open = by_csv(&format!("{text}\nzz"), separator).last() != Some(&vec!["zz".to_owned()]);
        match rows(text) {
            Err(TableError::OpenQuote(..)) => {
                assert!(open);
                None
            }
            // Somewhere a line break stands between quotes.
            Err(TableError::SwallowedRows(..)) => {
                let broken = |cell: &String| cell.contains(['\r', '\n']);
                assert!(by_csv(text, separator).iter().flatten().any(broken));
                None
            }
            found => {
                assert!(!open);
                Some(found.unwrap())
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn cells_are_those_of_the_csv_crate(text in "[\",;\t\r\n ab企]{0,60}") {
            let content = Content::of_bytes(text.as_bytes().to_vec());
            let script = encoding::sniff("x", &content).unwrap();
            let separator = separator("x", &content, script).unwrap();
            let expected = by_csv(&text, separator);
            let Some(found) = rows_of_fair_quotes(&text, separator) else { return Ok(()) };
            prop_assert_eq!(found.iter().map(|r| r.1.clone()).collect::<Vec<_>>(), expected);
            // A record that is looked for is the one that is read in passing.
            for (number, cells) in &found {
                let mut records = Records::open("x", &content, script, separator).unwrap();
                let line = records.seek(*number).unwrap().unwrap();
                prop_assert_eq!(line.number, *number);
                let again: Vec<&str> = (0..line.count()).map(|c| line.text(c)).collect();
                prop_assert_eq!(&again, cells);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn where_a_chunk_ends_does_not_matter(pad in 0_usize..40, text in "[\",\r\n企]{0,40}") {
            // The interesting part lies across the end of the buffer.
            let head = format!("x{}\n", ",".repeat(60)).repeat(BUFFER / 62 - 1);
            let text = format!("{head}{}\n{text}", "y".repeat(pad));
            let Some(found) = rows_of_fair_quotes(&text, b',') else { return Ok(()) };
            prop_assert_eq!(found.into_iter().map(|r| r.1).collect::<Vec<_>>(), by_csv(&text, b','));
        }
    }
}
