//! Workbooks: which format the bytes are, and the one sheet that has the needed headers.

use super::archive::Archive;
use super::format::Format;
use super::rows::{Merged, RowSet};
use super::{Fault, Field, RawRow, Table, TableError, header, ods, xls, xlsx};

/// A workbook's bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Book<'a> {
    /// Name for messages.
    pub(super) file: &'a str,
    pub(super) bytes: &'a [u8],
    /// The sheet to read, where the user chose one.
    pub(super) sheet: Option<&'a str>,
}

/// One sheet as a format's reader hands it over.
#[derive(Default)]
pub(super) struct Sheet {
    pub(super) name: String,
    /// Whether the sheet itself is shown.
    pub(super) visible: bool,
    /// The rows that are not blank, hidden ones among them.
    pub(super) rows: Vec<RawRow>,
    /// What of it is not shown.
    pub(super) hidden: Hidden,
    /// Merged cells: those down a column, whose lower rows were filled, and those over several columns.
    pub(super) merged: Vec<Merged>,
}

/// What a sheet hides, by hand or by a filter; both counted from 1.
#[derive(Debug, Default)]
pub(super) struct Hidden {
    pub(super) rows: RowSet,
    pub(super) columns: RowSet,
}

/// Reads the sheet that was asked for, or the only one that has the needed headers.
pub(super) fn read(book: Book<'_>, format: Format, fields: &[Field]) -> Result<Table, TableError> {
    let mut choice = Choice::new(book, fields);
    if format == Format::Compound {
        xls::read(book, &mut choice)?;
        return choice.made();
    }
    let file = book.file;
    let other = |format| Err(TableError::BadWorkbook(file.to_owned(), Fault::Other(format)));
    let mut archive = Archive::open(file, book.bytes)?;
    if archive.find("xl/workbook.bin").is_some() {
        return other(Format::Xlsb);
    }
    if archive.find("[Content_Types].xml").is_some() {
        // The first folder of a package that is an application's own.
        let own = |name: String| match name.split_once('/')?.0.to_lowercase().as_str() {
            "word" => Some(Format::Document),
            "ppt" => Some(Format::Slides),
            _ => None,
        };
        if archive.find("xl/workbook.xml").is_none()
            && let Some(format) = archive.names().find_map(own)
        {
            return other(format);
        }
        xlsx::read(book, archive, &mut choice)?;
        return choice.made();
    }
    let Some(content) = archive.find(ods::CONTENT).filter(|_| archive.find("mimetype").is_some()) else {
        return other(Format::Archive);
    };
    match archive.kind_of_document()?.as_str() {
        kind if kind.contains("spreadsheet") => ods::read(book, archive, &content, &mut choice)?,
        kind if kind.contains("presentation") => return other(Format::Slides),
        _ => return other(Format::Document),
    }
    choice.made()
}

/// Chooses among the sheets of a workbook while they are read one after another.
pub(super) struct Choice<'a> {
    file: &'a str,
    /// The sheet that was asked for.
    wanted: Option<&'a str>,
    fields: &'a [Field],
    names: Vec<String>,
    /// The first sheet that fits and has rows, else the first that fits.
    table: Option<Table>,
    /// Names of the sheets that fit: those with rows, and empty copies of the form.
    filled: Vec<String>,
    empty: Vec<String>,
    refused: Option<TableError>,
    /// Sheets without the headers whose rows hold credit codes, and how many rows; of a table of codes only.
    passed_over: Vec<(String, usize)>,
}

impl<'a> Choice<'a> {
    fn new(book: Book<'a>, fields: &'a [Field]) -> Self {
        Self {
            file: book.file,
            wanted: book.sheet,
            fields,
            names: Vec::new(),
            table: None,
            filled: Vec::new(),
            empty: Vec::new(),
            refused: None,
            passed_over: Vec::new(),
        }
    }

    /// Notes that there is a sheet.
    pub(super) fn name(&mut self, name: &str) {
        self.names.push(name.to_owned());
    }

    /// Whether the rows of a sheet matter.
    pub(super) fn wants(&self, name: &str) -> bool {
        self.wanted.is_none_or(|wanted| wanted == name)
    }

    /// Looks at a sheet.
    pub(super) fn take(&mut self, mut sheet: Sheet) -> Result<(), TableError> {
        let name = sheet.name.clone();
        match header::understand(self.file, &mut sheet, self.fields) {
            Ok(table) => {
                if table.rows.is_empty() {
                    self.empty.push(name);
                    self.table.get_or_insert(table);
                } else {
                    // Of a second one the name is enough to refuse both.
                    if self.filled.is_empty() {
                        self.table = Some(table);
                    }
                    self.filled.push(name);
                }
            }
            Err(error @ TableError::TwoColumns(..)) => return Err(error),
            // Of several sheets without the headers, the one that lacks least explains best.
            Err(error) => {
                if self.fields.iter().find(|f| f.needed).is_some_and(|f| f.key == "code") {
                    let rows = header::rows_with_codes(&sheet.rows);
                    self.passed_over.extend((rows > 0).then_some((name, rows)));
                }
                let lacks = |e: &TableError| match e {
                    TableError::NoHeader { missing, .. } => missing.len(),
                    _ => usize::MAX,
                };
                if self.refused.as_ref().is_none_or(|before| lacks(&error) < lacks(before)) {
                    self.refused = Some(error);
                }
            }
        }
        Ok(())
    }

    /// The table, once all sheets were looked at. An empty copy of the form beside the filled one is no second table.
    fn made(self) -> Result<Table, TableError> {
        let file = self.file.to_owned();
        if let Some(wanted) = self.wanted.filter(|w| !self.names.iter().any(|n| n == w)) {
            return Err(TableError::NoSheet(file, wanted.to_owned(), self.names));
        }
        let fitting = if self.filled.is_empty() { self.empty } else { self.filled };
        match (self.table, self.refused) {
            (Some(_), _) if fitting.len() > 1 => Err(TableError::SeveralSheets(file, fitting)),
            (Some(table), _) => Ok(Table { passed_over: self.passed_over, ..table }),
            (None, Some(error)) => Err(error),
            (None, None) => Err(TableError::Empty(file)),
        }
    }
}
