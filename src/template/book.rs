//! A workbook to fill in: one sheet of headers, one that explains them, one of the counties to choose from.

use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, DocProperties, ExcelDateTime, Format, FormatAlign,
    FormatBorder, Formula, Workbook, Worksheet, XlsxError,
};

use super::notes;
use crate::county::City;
use crate::notice::Notice;
use crate::table::Field;

/// Rows that are prepared for typing.
const ROWS: u32 = 5000;
/// The sheet that explains the columns.
const NOTES: &str = "填写说明";
/// The sheet with the counties.
const CHOICES: &str = "可选县区";

/// One template.
pub(super) struct Form {
    /// Name of the sheet to fill in.
    pub(super) name: &'static str,
    /// Its columns.
    pub(super) fields: &'static [Field],
}

/// How a column is typed into.
enum Kind {
    /// Digits stay as they are typed.
    Text,
    Number,
    Date,
    /// One of these.
    Choice(Vec<String>),
    /// A county of the city; another way to write it is warned of, not refused.
    County,
}

/// How a column is typed into, and its width in characters.
fn kind(key: &str, notice: &Notice) -> (Kind, f64) {
    let stars = || notice.stars.iter().map(|rule| rule.star.to_string());
    match key {
        "code" => (Kind::Text, 24.0),
        "star" => (Kind::Choice(stars().collect()), 10.0),
        "held_star" => (Kind::Choice(std::iter::once("无".to_owned()).chain(stars()).collect()), 12.0),
        "county" => (Kind::County, 16.0),
        "cloud_form" => {
            let mut forms: Vec<String> = Vec::new();
            for form in notice.stars.iter().flat_map(|rule| &rule.cloud_forms) {
                if !forms.contains(form) {
                    forms.push(form.clone());
                }
            }
            (Kind::Choice(forms), 12.0)
        }
        "in_use" | "expert" => (Kind::Choice(vec!["是".to_owned(), "否".to_owned()]), 10.0),
        "in_use_since" | "paid_on" => (Kind::Date, 14.0),
        "lon" | "lat" | "paid" => (Kind::Number, 12.0),
        "name" | "address" | "reason" => (Kind::Text, 36.0),
        "unavailable" | "recuse" => (Kind::Text, 30.0),
        _ => (Kind::Text, 16.0),
    }
}

impl Form {
    pub(super) fn workbook(&self, city: &City, notice: &Notice) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        // The clock is not read: the same city gives the same file.
        let day = ExcelDateTime::from_ymd(2022, 1, 1)?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&day));
        self.fill_in(book.add_worksheet(), city, notice)?;
        self.explain(book.add_worksheet())?;
        if self.fields.iter().any(|field| field.key == "county") {
            let sheet = book.add_worksheet();
            sheet.set_name(CHOICES)?;
            sheet.set_column_width(0, 24)?;
            for (row, county) in (0..).zip(&city.counties) {
                sheet.write(row, 0, &county.name)?;
            }
        }
        book.save_to_buffer()
    }

    fn fill_in(&self, sheet: &mut Worksheet, city: &City, notice: &Notice) -> Result<(), XlsxError> {
        sheet.set_name(self.name)?;
        let header = |needed: bool| {
            Format::new()
                .set_bold()
                .set_align(FormatAlign::Center)
                .set_border(FormatBorder::Thin)
                .set_background_color(Color::RGB(if needed { 0x00FF_D966 } else { 0x00DD_EBF7 }))
        };
        let text = Format::new().set_num_format("@");
        let date = Format::new().set_num_format("yyyy-mm-dd");
        for (column, field) in (0..).zip(self.fields) {
            let (kind, width) = kind(field.key, notice);
            sheet.set_column_width(column, width)?;
            match kind {
                Kind::Number => {}
                Kind::Date => {
                    sheet.set_column_format(column, &date)?;
                }
                _ => {
                    sheet.set_column_format(column, &text)?;
                }
            }
            let rule = match kind {
                Kind::Choice(list) => {
                    let shown = list.join("、");
                    let rule = DataValidation::new().allow_list_strings(&list)?;
                    Some(rule.set_error_title("请从列表中选择")?.set_error_message(format!("可填：{shown}"))?)
                }
                Kind::County => {
                    let last = city.counties.len().max(1);
                    let list = Formula::new(format!("='{CHOICES}'!$A$1:$A${last}"));
                    let rule = DataValidation::new().allow_list_formula(list);
                    let rule = rule.set_error_style(DataValidationErrorStyle::Warning);
                    Some(
                        rule.set_error_title("不在本市县区列表中")?
                            .set_error_message("可用列表中的全称；开发区、别名也可填写，读取时会核对")?,
                    )
                }
                _ => None,
            };
            if let Some(rule) = rule {
                sheet.add_data_validation(1, column, ROWS, column, &rule)?;
            }
            sheet.write_with_format(0, column, field.headers[0], &header(field.needed))?;
        }
        sheet.set_row_height(0, 24)?;
        sheet.set_freeze_panes(1, u16::try_from(self.fields.len().min(2)).unwrap_or(0))?;
        Ok(())
    }

    /// One row a column: the header and what to write. No row of this sheet has two headers, so it is never read as data.
    fn explain(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        sheet.set_name(NOTES)?;
        let wrap = Format::new().set_text_wrap().set_align(FormatAlign::Top);
        let bold = Format::new().set_bold();
        sheet
            .set_column_width(0, 22)?
            .set_column_width(1, 10)?
            .set_column_width(2, 70)?
            .set_column_width(3, 70)?;
        let name = self.name;
        sheet.write_with_format(0, 0, format!("请填写“{name}”工作表，从表头下一行起；本表只作说明"), &bold)?;
        for (column, title) in (0..).zip(["列", "必填", "怎样填写", "how to fill it in"]) {
            sheet.write_with_format(1, column, title, &bold)?;
        }
        for (row, field) in (2..).zip(self.fields) {
            let (zh, en) = notes::of(field.key);
            sheet.write_with_format(row, 0, field.headers[0], &wrap)?;
            sheet.write_with_format(row, 1, if field.needed { "必填" } else { "选填" }, &wrap)?;
            sheet.write_with_format(row, 2, zh, &wrap)?;
            sheet.write_with_format(row, 3, en, &wrap)?;
        }
        Ok(())
    }
}
