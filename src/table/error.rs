//! Why a file cannot be read as a table.

use std::io;

use super::{Content, Fault, MAX_CELL, MAX_COLUMNS, MAX_PLACES, separators};
use crate::text::{Detail, Lang, Say, both, display_in_english, excerpt};

/// Why a file cannot be read as a table. The file's name is part of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableError {
    /// Larger than the limit, in MiB.
    TooLarge(String, u64),
    /// Nothing in it.
    Empty(String),
    /// No row has the needed headers: the best row found and the fields it lacks, as their usual headers.
    NoHeader {
        /// File and, of a workbook, sheet.
        file: String,
        /// Headers that were not found, in Chinese.
        missing: Vec<String>,
        /// What stood in the best candidate row.
        found: Vec<String>,
    },
    /// The columns are separated by something else than a separator that is read: row of the header, and what separates.
    Separator(String, u32, String),
    /// Cells hold formulas whose results the file does not have: row and column of the first, and how many there are.
    Uncomputed(String, u32, String, usize),
    /// Several sheets have the needed headers.
    SeveralSheets(String, Vec<String>),
    /// The sheet that was asked for is not there: its name, and those that are.
    NoSheet(String, String, Vec<String>),
    /// Two columns have the same meaning.
    TwoColumns(String, u32, String, String),
    /// The workbook is damaged, encrypted, too large when unpacked or not a workbook.
    BadWorkbook(String, Fault),
    /// The system's reason why it cannot be read.
    Unreadable(String, String),
    /// It was changed while it was read.
    Changed(String),
    /// Bytes that no encoding explains, with the row.
    BadEncoding(String, u32),
    /// A NUL byte: not a text file.
    Binary(String),
    /// More columns than allowed in a row.
    TooWide(String, u32),
    /// A sheet with more cells than [`MAX_PLACES`].
    TooManyCells(String),
    /// A cell longer than a spreadsheet allows.
    LongCell(String, u32),
    /// A quote that nothing closes: row and column of its cell.
    OpenQuote(String, u32, String),
    /// A quoted cell has rows of the table in it: its row, its column and the first of them.
    SwallowedRows(String, u32, String, String),
}

impl Say for TableError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::TooLarge(file, limit) => both!(
                lang,
                "{file}：文件超过{limit} MB上限；请拆分成几个文件，或另存为CSV",
                "{file}: larger than {limit} MB; split it or save it as CSV"
            ),
            Self::Empty(file) => both!(lang, "{file}：文件是空的", "{file}: the file is empty"),
            Self::NoHeader { file, missing, found } => {
                let missing = missing.join("、");
                let found = found.iter().map(|f| excerpt(f, 16)).collect::<Vec<_>>().join(" | ");
                both!(
                    lang,
                    "{file}：找不到表头，缺少“{missing}”列；最接近的一行是：{found}",
                    "{file}: no header row has the columns {missing}; the closest row is: {found}"
                )
            }
            Self::Separator(file, row, separator) => {
                let (zh, en) = separators::named(separator);
                both!(
                    lang,
                    "{file} 第{row}行：各列之间用{zh}隔开，而本程序只认逗号、分号和制表符；请在Excel或WPS中用“数据—分列”按{zh}分列（代码一列选“文本”），另存为xlsx或“CSV UTF-8”后重试",
                    "{file}, row {row}: the columns are separated by {en}, but only commas, semicolons and tabs are read; split them in Excel or WPS (Data, Text to Columns, by {en}; the codes as text), save as xlsx or \"CSV UTF-8\" and try again"
                )
            }
            Self::Uncomputed(file, row, column, n) => {
                let column = excerpt(column, 24);
                both!(
                    lang,
                    "{file} 第{row}行“{column}”列：单元格里是公式，文件中没有它的计算结果（此类单元格共{n}个）；请用Excel或WPS打开该文件，保存后重试",
                    "{file}, row {row}, column {column}: the cell holds a formula whose result was never computed (cells like this: {n}); open the file in Excel or WPS, save it and try again"
                )
            }
            Self::SeveralSheets(file, sheets) => {
                let sheets = sheets.join("、");
                both!(
                    lang,
                    "{file}：有几张工作表都像申报表（{sheets}）；请用 sheet = \"工作表名\" 指定一张",
                    "{file}: several sheets have the needed headers ({sheets}); choose one with sheet = \"NAME\""
                )
            }
            Self::NoSheet(file, sheet, sheets) => {
                let sheets = sheets.join("、");
                both!(
                    lang,
                    "{file}：没有名为“{sheet}”的工作表；现有：{sheets}",
                    "{file}: no sheet \"{sheet}\"; there are {sheets}"
                )
            }
            Self::TwoColumns(file, row, a, b) => {
                let (a, b) = (excerpt(a, 24), excerpt(b, 24));
                both!(
                    lang,
                    "{file} 第{row}行：“{a}”和“{b}”两列含义相同；请删去或改名其中一列",
                    "{file}, row {row}: columns \"{a}\" and \"{b}\" mean the same; delete or rename one"
                )
            }
            Self::BadWorkbook(file, fault) => {
                let fault = fault.say(lang);
                both!(lang, "{file}：{fault}", "{file}: {fault}")
            }
            Self::Unreadable(file, why) => {
                both!(lang, "{file}：读取时出错（{why}）", "{file}: cannot be read ({why})")
            }
            Self::Changed(file) => both!(
                lang,
                "{file}：读取过程中文件被改动；请关闭正在编辑它的程序后重试",
                "{file}: was changed while it was being read; close what edits it and try again"
            ),
            Self::BadEncoding(file, row) => both!(
                lang,
                "{file} 第{row}行：有无法识别的字符，既不是UTF-8也不是GB18030；请另存为“CSV UTF-8”",
                "{file}, row {row}: characters that are neither UTF-8 nor GB18030; save the file as \"CSV UTF-8\""
            ),
            Self::Binary(file) => both!(
                lang,
                "{file}：含有空字节，不是文本表格；请另存为xlsx或“CSV UTF-8”",
                "{file}: has NUL bytes and is no text table; save it as xlsx or \"CSV UTF-8\""
            ),
            Self::TooWide(file, row) => both!(
                lang,
                "{file} 第{row}行：超过{MAX_COLUMNS}列；请删去多余的列",
                "{file}, row {row}: more than {MAX_COLUMNS} columns; delete those not needed"
            ),
            Self::TooManyCells(file) => both!(
                lang,
                "{file}：工作表内容过多（超过{MAX_PLACES}个单元格）；请删去多余的行和列，或另存为CSV",
                "{file}: too much in one sheet (more than {MAX_PLACES} cells); delete rows and columns that are not needed, or save it as CSV"
            ),
            Self::LongCell(file, row) => both!(
                lang,
                "{file} 第{row}行：有单元格超过{MAX_CELL}个字符；请删减内容，CSV文件请检查引号是否成对",
                "{file}, row {row}: a cell of more than {MAX_CELL} characters; shorten it, and in CSV check that quotes are paired"
            ),
            Self::OpenQuote(file, row, column) => {
                let column = excerpt(column, 24);
                both!(
                    lang,
                    "{file} 第{row}行“{column}”列：单元格以英文双引号开头，后面却没有与之配对的引号，其后各行都会并入这一格；请补上结尾的引号，或删去开头的引号",
                    "{file}, row {row}, column {column}: the cell begins with a quote that nothing closes, so that all rows behind would belong to it; close the quote, or delete it"
                )
            }
            Self::SwallowedRows(file, row, column, line) => {
                let (column, line) = (excerpt(column, 24), excerpt(line, 40));
                both!(
                    lang,
                    "{file} 第{row}行“{column}”列：英文双引号没有配对，把下面的行并入了这一格（如“{line}”）；请补上或删去多余的引号；如确为同一格的内容，请去掉格内的换行",
                    "{file}, row {row}, column {column}: the quotes are not paired, and the cell has swallowed lines below it (\"{line}\"); add or delete a quote, or, if they do belong to the cell, take the line breaks out of it"
                )
            }
        }
    }

    fn details(&self) -> Vec<Detail> {
        let (file, row, column, value) = self.parts();
        let (file, sheet) = match self {
            // The label of a sheet: see `header::understand`.
            Self::NoHeader { .. } | Self::TwoColumns(..) | Self::Empty(_) | Self::Uncomputed(..) => {
                match file.strip_suffix(']').and_then(|f| f.split_once(" [")) {
                    Some((file, sheet)) => (file, Some(sheet.to_owned())),
                    None => (file, None),
                }
            }
            _ => (file, None),
        };
        vec![Detail {
            kind: self.id(),
            file: file.to_owned(),
            sheet,
            row,
            column,
            value,
            zh: self.say(Lang::Zh),
            en: self.say(Lang::En),
        }]
    }
}

impl TableError {
    /// A stable English name, for `--json`.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::TooLarge(..) => "file-too-large",
            Self::Empty(_) => "empty-file",
            Self::NoHeader { .. } => "no-header",
            Self::Separator(..) => "separator",
            Self::Uncomputed(..) => "uncomputed-formula",
            Self::SeveralSheets(..) => "several-sheets",
            Self::NoSheet(..) => "no-sheet",
            Self::TwoColumns(..) => "two-columns",
            Self::BadWorkbook(_, fault) => fault.id(),
            Self::Unreadable(..) => "unreadable-file",
            Self::Changed(_) => "changed-file",
            Self::BadEncoding(..) => "bad-encoding",
            Self::Binary(_) => "binary",
            Self::TooWide(..) => "too-many-columns",
            Self::TooManyCells(_) => "too-many-cells",
            Self::LongCell(..) => "long-cell",
            Self::OpenQuote(..) => "open-quote",
            Self::SwallowedRows(..) => "swallowed-rows",
        }
    }

    /// File, row, column and value, as far as the error has them.
    fn parts(&self) -> (&str, Option<u32>, Option<String>, Option<String>) {
        match self {
            Self::TooLarge(file, _)
            | Self::Empty(file)
            | Self::Unreadable(file, _)
            | Self::Changed(file)
            | Self::Binary(file)
            | Self::TooManyCells(file)
            | Self::BadWorkbook(file, _) => (file, None, None, None),
            Self::NoHeader { file, missing, found } => {
                (file, None, Some(missing.join("、")), Some(found.join(" | ")))
            }
            Self::SeveralSheets(file, sheets) => (file, None, None, Some(sheets.join("、"))),
            Self::NoSheet(file, sheet, _) => (file, None, None, Some(sheet.clone())),
            Self::TwoColumns(file, row, a, b) => (file, Some(*row), Some(b.clone()), Some(a.clone())),
            Self::BadEncoding(file, row) | Self::TooWide(file, row) | Self::LongCell(file, row) => {
                (file, Some(*row), None, None)
            }
            Self::OpenQuote(file, row, column) | Self::Uncomputed(file, row, column, _) => {
                (file, Some(*row), Some(column.clone()), None)
            }
            Self::Separator(file, row, separator) => (file, Some(*row), None, Some(separator.clone())),
            Self::SwallowedRows(file, row, column, line) => {
                (file, Some(*row), Some(column.clone()), Some(line.clone()))
            }
        }
    }
}
display_in_english!(TableError);
impl std::error::Error for TableError {}

/// Why a pass over a file failed.
pub(super) fn unreadable(name: &str, error: &io::Error) -> TableError {
    if Content::changed(error) {
        TableError::Changed(name.to_owned())
    } else {
        TableError::Unreadable(name.to_owned(), error.to_string())
    }
}
