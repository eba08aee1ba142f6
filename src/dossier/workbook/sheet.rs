//! A table on a sheet: typed cells, one format for each kind, ready to read, filter and print.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, IgnoreError, Worksheet, XlsxError};
use unicode_width::UnicodeWidthStr;

use super::overview::title;
use crate::dossier::view::View;
use crate::text::both;

/// Most UTF-16 units in a cell.
const CELL: usize = 32_767;
/// A4.
const PAPER: u8 = 9;
/// Fills of the stars, from 1 on: light, and told apart in grey too.
const STAR_FILLS: [u32; 9] = [
    0x00F2_F2F2,
    0x00EA_F1E4,
    0x00E2_EFDA,
    0x00DD_EBF7,
    0x00FF_F2CC,
    0x00FC_E4D6,
    0x00F8_CBAD,
    0x00ED_DFF0,
    0x00D9_D9D9,
];

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    /// Nothing.
    Blank,
    /// Text of people, wrapped.
    Text(String),
    /// A short text in the middle.
    Word(String),
    /// Digits that are no number.
    Code(String),
    /// 64 hexadecimal digits.
    Hash(String),
    /// A count.
    Count(i64),
    /// A star.
    Star(u8),
    /// A part of a whole, 0 to 1.
    Share(f64),
    /// A day.
    Date(NaiveDate),
    /// A time of day, seconds from midnight.
    Time(i64),
}

impl Cell {
    /// Lines that it takes in a column of a width. Not every program finds that out when it opens a file.
    pub(super) fn lines(&self, width: f64) -> u32 {
        match self {
            Self::Text(text) | Self::Word(text) => lines(text, width),
            Self::Hash(_) => 2,
            _ => 1,
        }
    }
}

/// Lines of a text in a column: Chinese characters are as wide as two others, and nobody breaks a line at its very end.
pub(super) fn lines(text: &str, width: f64) -> u32 {
    let of_line =
        |line: &str| (UnicodeWidthStr::width(line) as f64 / (width - 1.5).max(1.0)).ceil().max(1.0) as u32;
    text.split('\n').map(of_line).sum()
}

/// Height of a row of so many lines, in points; Excel stops at 409.
pub(super) fn height(lines: u32) -> f64 {
    (f64::from(lines) * 13.5 + 4.5).min(409.0)
}

/// Formats, one a kind.
#[derive(Debug)]
pub(super) struct Styles {
    pub(super) title: Format,
    pub(super) section: Format,
    pub(super) header: Format,
    pub(super) label: Format,
    pub(super) fact: Format,
    text: Format,
    word: Format,
    code: Format,
    hash: Format,
    count: Format,
    share: Format,
    date: Format,
    time: Format,
    stars: BTreeMap<u8, Format>,
}

impl Styles {
    pub(super) fn new() -> Self {
        let edge = Color::RGB(0x00BF_BFBF);
        let cell = Format::new()
            .set_font_size(10)
            .set_align(FormatAlign::VerticalCenter)
            .set_border(FormatBorder::Thin)
            .set_border_color(edge);
        let middle = cell.clone().set_align(FormatAlign::Center);
        // The prefix keeps a text a text when somebody edits the cell.
        let code = middle.clone().set_num_format("@").set_quote_prefix();
        let star = |star: usize| {
            let fill = Color::RGB(STAR_FILLS[star - 1]);
            (star as u8, middle.clone().set_num_format("0").set_background_color(fill))
        };
        Self {
            title: Format::new().set_bold().set_font_size(16).set_align(FormatAlign::VerticalCenter),
            section: Format::new().set_bold().set_font_size(12),
            header: middle
                .clone()
                .set_bold()
                .set_text_wrap()
                .set_background_color(Color::RGB(0x00D9_E1F2))
                .set_border_color(edge),
            label: cell.clone().set_background_color(Color::RGB(0x00F2_F2F2)),
            fact: cell.clone().set_text_wrap().set_quote_prefix().set_align(FormatAlign::Left),
            text: cell.clone().set_text_wrap().set_quote_prefix(),
            word: middle.clone().set_text_wrap().set_quote_prefix(),
            hash: code.clone().set_font_name("Courier New").set_font_size(8).set_text_wrap(),
            code,
            count: middle.clone().set_num_format("0"),
            share: middle.clone().set_num_format("0.0%"),
            date: middle.clone().set_num_format("yyyy-mm-dd"),
            stars: (1..=STAR_FILLS.len()).map(star).collect(),
            time: middle.set_num_format("hh:mm"),
        }
    }

    /// Writes a cell in the format of its kind.
    pub(super) fn put(&self, sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell) -> Result<(), XlsxError> {
        match cell {
            Cell::Blank => sheet.write_blank(row, column, &self.text),
            Cell::Text(text) => sheet.write_string_with_format(row, column, fitting(text), &self.text),
            Cell::Word(text) => sheet.write_string_with_format(row, column, fitting(text), &self.word),
            Cell::Code(text) => sheet.write_string_with_format(row, column, fitting(text), &self.code),
            Cell::Hash(text) => sheet.write_string_with_format(row, column, fitting(text), &self.hash),
            Cell::Count(n) => sheet.write_number_with_format(row, column, *n as f64, &self.count),
            Cell::Star(star) => {
                let format = self.stars.get(star).unwrap_or(&self.count);
                sheet.write_number_with_format(row, column, *star, format)
            }
            Cell::Share(share) => sheet.write_number_with_format(row, column, *share, &self.share),
            Cell::Date(day) => sheet.write_number_with_format(row, column, serial(*day) as f64, &self.date),
            Cell::Time(seconds) => {
                sheet.write_number_with_format(row, column, *seconds as f64 / 86_400.0, &self.time)
            }
        }
        .map(drop)
    }
}

/// A day as spreadsheets count; right from 1900-03-01 on.
fn serial(day: NaiveDate) -> i64 {
    let zero = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap_or_default();
    (day - zero).num_days()
}

/// A header has 255 characters in all.
fn fitting_header(text: &str) -> String {
    text.chars().take(60).collect()
}

/// As much of a text as a cell holds.
pub(super) fn fitting(text: &str) -> &str {
    let mut room = CELL;
    for (at, c) in text.char_indices() {
        if c.len_utf16() > room {
            return &text[..at];
        }
        room -= c.len_utf16();
    }
    text
}

/// A column: header in Chinese and English, width in characters of Latin script (a Chinese one takes two).
pub(super) type Column = (&'static str, &'static str, f64);

/// A table that fills a sheet.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) columns: Vec<Column>,
    /// Columns that stay when one moves to the right.
    pub(super) fixed: u16,
    pub(super) rows: Vec<Vec<Cell>>,
    /// What is said where there is no row.
    pub(super) empty: &'static str,
}

impl Table {
    /// Fills the sheet and makes it ready to print.
    pub(super) fn write(&self, sheet: &mut Worksheet, styles: &Styles, view: &View<'_>) -> Result<(), XlsxError> {
        let lang = view.lang;
        let last = self.columns.len().saturating_sub(1) as u16;
        for (column, (zh, en, width)) in (0..).zip(&self.columns) {
            sheet.set_column_width(column, *width)?;
            sheet.write_string_with_format(0, column, lang.pick(zh, en), &styles.header)?;
        }
        sheet.set_row_height(0, 30)?;
        for (row, cells) in (1..).zip(&self.rows) {
            for (column, cell) in (0..).zip(cells) {
                styles.put(sheet, row, column, cell)?;
            }
            let lines = cells.iter().zip(&self.columns).map(|(cell, column)| cell.lines(column.2));
            sheet.set_row_height(row, height(lines.max().unwrap_or(1)))?;
        }
        if self.rows.is_empty() {
            styles.put(sheet, 1, 0, &Cell::Blank)?;
            sheet.merge_range(1, 0, 1, last, self.empty, &styles.label)?;
        }
        let end = self.rows.len().max(1) as u32;
        sheet.set_freeze_panes(1, self.fixed)?;
        sheet.autofilter(0, 0, end, last)?;
        sheet.set_print_area(0, 0, end, last)?;
        sheet.set_repeat_rows(0, 0)?;
        // Codes of digits alone are meant to be text: no green corners.
        sheet.ignore_error_range(1, 0, end, last, IgnoreError::NumberStoredAsText)?;
        page(sheet, view);
        sheet.set_print_fit_to_pages(1, 0);
        Ok(())
    }
}

/// A4 across, with numbered pages; each says what plan it belongs to.
pub(super) fn page(sheet: &mut Worksheet, view: &View<'_>) {
    let lang = view.lang;
    let plain = |text: &str| fitting_header(&text.replace('&', "&&"));
    let (title, draw) = (plain(&title(view)), plain(&view.record.draw));
    let document = plain(&view.notice.document);
    sheet.set_header(both!(
        lang,
        "&L{title}：&A&C{document}&R抽签编号：{draw}",
        "&L{title}: &A&C{document}&Rdraw {draw}"
    ));
    sheet.set_paper_size(PAPER).set_landscape();
    sheet.set_margins(0.4, 0.4, 0.65, 0.6, 0.3, 0.3);
    sheet.set_footer(lang.pick("&L&A&R第&P页，共&N页", "&L&A&R&P / &N"));
}
