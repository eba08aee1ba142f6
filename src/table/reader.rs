//! A table read row by row, as often as needed: a text table from its file, a workbook's from memory.

use super::delimited::{self, Line, Records};
use super::encoding::{self, Script};
use super::format::Format;
use super::header::{HEADER_ROWS, Layout, Texts, Verdict};
use super::separators;
use super::workbook::{self, Book};
use super::{
    Cell, CellKind, Content, Fault, Field, MAX_BYTES, MAX_WORKBOOK_BYTES, Place, RawRow, Row, Table, TableError,
};

/// A table whose header has been understood.
#[derive(Debug)]
pub struct TableReader {
    /// Of a text table all but the rows.
    table: Table,
    text: Option<TextTable>,
}

/// Where the rows of a text table come from.
#[derive(Debug)]
struct TextTable {
    content: Content,
    script: Script,
    separator: u8,
    layout: Layout,
}

/// One row, borrowed while it is looked at.
#[derive(Debug, Clone, Copy)]
pub struct RowView<'a> {
    /// Row as a spreadsheet counts it, from 1.
    pub number: u32,
    cells: Cells<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Cells<'a> {
    Stored(&'a Row),
    Text(Line<'a>, &'a [Option<usize>]),
}

impl<'a> RowView<'a> {
    /// A row in memory.
    #[must_use]
    pub fn of(row: &'a Row) -> Self {
        Self { number: row.number, cells: Cells::Stored(row) }
    }

    /// Text as written and how it was stored; `None` where the table has no such column.
    #[must_use]
    #[inline]
    pub fn raw(&self, field: usize) -> Option<(&'a str, CellKind)> {
        match self.cells {
            Cells::Stored(row) => row.cell(field).map(|c| (c.text.as_str(), c.kind)),
            Cells::Text(line, columns) => {
                columns.get(field).copied().flatten().map(|column| (line.text(column), CellKind::Text))
            }
        }
    }

    /// How a field is stored.
    #[must_use]
    #[inline]
    pub fn kind(&self, field: usize) -> CellKind {
        match self.cells {
            Cells::Stored(_) => self.raw(field).map_or(CellKind::Text, |(_, kind)| kind),
            Cells::Text(..) => CellKind::Text,
        }
    }

    /// The bytes of a field as written, empty where there is no such column. Cheaper than its text.
    #[must_use]
    #[inline]
    pub fn bytes(&self, field: usize) -> &'a [u8] {
        match self.cells {
            Cells::Stored(_) => self.raw(field).map_or(&[], |(text, _)| text.as_bytes()),
            Cells::Text(line, columns) => {
                columns.get(field).copied().flatten().map_or(&[], |column| line.bytes(column))
            }
        }
    }

    /// The trimmed text of a field, empty where there is no such column.
    #[must_use]
    #[inline]
    pub fn text(&self, field: usize) -> &'a str {
        match self.cells {
            Cells::Stored(row) => row.text(field),
            Cells::Text(..) => self.raw(field).map_or("", |(text, _)| text.trim()),
        }
    }

    /// The cell of a field; `None` where the table has no such column.
    #[must_use]
    pub fn cell(&self, field: usize) -> Option<Cell> {
        self.raw(field).map(|(text, kind)| Cell { text: text.to_owned(), kind })
    }
}

/// What a pass comes by.
#[derive(Debug, Clone, Copy)]
pub enum Visit<'a> {
    /// A row of the table.
    Row(RowView<'a>),
    /// A total, a note or the header once more: number and first text.
    Skipped(u32, &'a str),
}

/// Calls `visit` with every record of a text file that is not blank.
pub(super) fn each_line(
    name: &str,
    content: &Content,
    mut visit: impl FnMut(u32, &dyn Texts),
) -> Result<(), TableError> {
    let script = encoding::sniff(name, content)?;
    let mut records = Records::open(name, content, script, delimited::separator(name, content, script)?)?;
    while let Some(line) = records.next()? {
        if !line.is_blank() {
            visit(line.number, &line);
        }
    }
    Ok(())
}

impl TableReader {
    /// Finds the sheet and header row that have the needed fields.
    ///
    /// # Errors
    /// [`TableError`], naming the file and what to do.
    pub fn open(name: &str, content: &Content, sheet: Option<&str>, fields: &[Field]) -> Result<Self, TableError> {
        let limit = |most: u64| {
            let error = TableError::TooLarge(name.to_owned(), most >> 20);
            if content.length() > most { Err(error) } else { Ok(()) }
        };
        limit(MAX_BYTES)?;
        if content.length() == 0 {
            return Err(TableError::Empty(name.to_owned()));
        }
        let format = Format::of(content.head());
        match format {
            Format::Text => return Self::open_text(name, content, fields),
            Format::Zip | Format::Compound => {}
            other => return Err(TableError::BadWorkbook(name.to_owned(), Fault::Other(other))),
        }
        limit(MAX_WORKBOOK_BYTES)?;
        let bytes = content.bytes().map_err(|e| super::unreadable(name, &e))?;
        let book = Book { file: name, bytes: &bytes, sheet };
        Ok(Self { table: workbook::read(book, format, fields)?, text: None })
    }

    fn open_text(name: &str, content: &Content, fields: &[Field]) -> Result<Self, TableError> {
        let script = encoding::sniff(name, content)?;
        let separator = delimited::separator(name, content, script)?;
        let mut records = Records::open(name, content, script, separator)?;
        let (first, fault) = head(&mut records);
        drop(records);
        if let Some(fault) = fault {
            // With the header known, the same pass says the column by its title.
            if let Ok(layout) = Layout::find(name, &first, fields) {
                let mut records = Records::open(name, content, script, separator)?.below(&layout);
                while records.next()?.is_some() {}
            }
            return Err(fault);
        }
        let layout = Layout::find(name, &first, fields).map_err(|error| {
            separators::foreign(&first, separator, fields)
                .map_or(error, |(row, found)| TableError::Separator(name.to_owned(), row, found.to_owned()))
        })?;
        let table = Table {
            file: name.into(),
            sheet: None,
            headers: layout.headers(),
            rows: Vec::new(),
            skipped: Vec::new(),
            encoding: Some(script.name()),
            hidden_rows: Vec::new(),
            hidden_columns: Vec::new(),
            sheet_hidden: false,
            passed_over: Vec::new(),
            merged: Vec::new(),
            across: Vec::new(),
        };
        let text = TextTable { content: content.clone(), script, separator, layout };
        Ok(Self { table, text: Some(text) })
    }

    /// The place of field `index` in `row`.
    #[must_use]
    pub fn place(&self, row: u32, index: usize) -> Place {
        self.table.place(row, index)
    }

    /// Whether the table has a column for field `index`.
    #[must_use]
    pub fn has(&self, index: usize) -> bool {
        self.table.has(index)
    }

    /// Encoding of a text file.
    #[must_use]
    pub fn encoding(&self) -> Option<&'static str> {
        self.table.encoding
    }

    /// The table; of a text file without its rows.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Whether no row stands below the header.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn is_empty(&self) -> Result<bool, TableError> {
        let Some(text) = &self.text else { return Ok(self.table.rows.is_empty()) };
        let mut records = self.records(text)?;
        while let Some(line) = records.next()? {
            if line.number > text.layout.number && text.layout.verdict(&line) == Verdict::Row {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Calls `visit` with every row below the header that is not blank.
    ///
    /// # Errors
    /// [`TableError`]; what was visited before does not count then.
    pub fn each(&self, visit: impl FnMut(Visit<'_>)) -> Result<(), TableError> {
        self.each_of_first(usize::MAX, visit)
    }

    /// The same for so many records below the header at most.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn each_of_first(&self, most: usize, mut visit: impl FnMut(Visit<'_>)) -> Result<(), TableError> {
        let Some(text) = &self.text else {
            self.table.skipped.iter().for_each(|(number, first)| visit(Visit::Skipped(*number, first)));
            self.table.rows.iter().take(most).for_each(|row| visit(Visit::Row(RowView::of(row))));
            return Ok(());
        };
        let mut left = most;
        let layout = &text.layout;
        let mut records = self.records(text)?;
        while let Some(line) = records.next()? {
            if line.number <= layout.number {
                continue;
            }
            if left == 0 {
                break;
            }
            left -= 1;
            match layout.verdict(&line) {
                Verdict::Row => visit(Visit::Row(view(line, layout))),
                Verdict::Skipped => visit(Visit::Skipped(line.number, line.first().unwrap_or(""))),
                Verdict::Blank => {}
            }
        }
        Ok(())
    }

    /// Calls `visit` with the rows of these numbers, which ascend and are rows of the table.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn pick(
        &self,
        numbers: impl IntoIterator<Item = u32>,
        mut visit: impl FnMut(RowView<'_>),
    ) -> Result<(), TableError> {
        let Some(text) = &self.text else {
            for number in numbers {
                if let Ok(at) = self.table.rows.binary_search_by_key(&number, |row| row.number) {
                    visit(RowView::of(&self.table.rows[at]));
                }
            }
            return Ok(());
        };
        let mut records = self.records(text)?;
        for number in numbers {
            match records.seek(number)? {
                Some(line) if line.number == number => visit(view(line, &text.layout)),
                _ => return Err(TableError::Changed(self.table.file.to_string())),
            }
        }
        Ok(())
    }

    /// All rows at once.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn collect(mut self) -> Result<Table, TableError> {
        let (mut rows, mut skipped) = (Vec::new(), Vec::new());
        if self.text.is_some() {
            let fields = self.table.headers.len();
            let places = super::places(self.table.headers.iter().map(Option::is_some));
            self.each(|visit| match visit {
                Visit::Row(row) => {
                    let cells = (0..fields).filter_map(|f| row.cell(f)).collect();
                    rows.push(Row { number: row.number, cells, places: places.clone() });
                }
                Visit::Skipped(number, first) => skipped.push((number, first.to_owned())),
            })?;
            (self.table.rows, self.table.skipped) = (rows, skipped);
        }
        self.table.refuse_uncomputed()?;
        Ok(self.table)
    }

    fn records<'a>(&'a self, text: &'a TextTable) -> Result<Records<'a>, TableError> {
        Ok(Records::open(&self.table.file, &text.content, text.script, text.separator)?.below(&text.layout))
    }
}

/// The first records, among which the header stands, up to one that cannot be read.
fn head(records: &mut Records<'_>) -> (Vec<RawRow>, Option<TableError>) {
    let mut first: Vec<RawRow> = Vec::new();
    while first.len() < HEADER_ROWS {
        match records.next() {
            Ok(Some(line)) if line.is_blank() => {}
            Ok(Some(line)) => {
                first.push((line.number, (0..line.count()).map(|c| Cell::text(line.text(c))).collect()));
            }
            Ok(None) => break,
            Err(fault) => return (first, Some(fault)),
        }
    }
    (first, None)
}

fn view<'a>(line: Line<'a>, layout: &'a Layout) -> RowView<'a> {
    RowView { number: line.number, cells: Cells::Text(line, &layout.columns) }
}
