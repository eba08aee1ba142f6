//! `核查计划.xlsx`: the plan for those who work with a spreadsheet.
//!
//! Dates and times are real ones, codes are text, and every text is written as text: no cell runs as a formula or becomes
//! a link. No clock is read, so that the same results give the same bytes.

mod overview;
mod rows;
mod sheet;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};

use self::sheet::{Styles, Table};
use super::Document;
use super::name::Taken;
use super::view::View;

/// Most inspectors who each get a sheet; more would make a book nobody leafs through.
const INSPECTORS: usize = 60;
/// Most UTF-16 units of a sheet's name.
const SHEET_NAME: usize = 31;

/// The workbook.
///
/// # Panics
/// Never: names are unique and legal, texts are cut to what a cell holds, and a plan has fewer rows than a sheet.
pub(super) fn document(view: &View<'_>) -> Document<'static> {
    let path = view.lang.pick("核查计划.xlsx", "check-plan.xlsx");
    Document::new(path, workbook(view).expect("nothing exceeds what a workbook holds"))
}

fn workbook(view: &View<'_>) -> Result<Vec<u8>, XlsxError> {
    let lang = view.lang;
    let mut book = Workbook::new();
    let made = ExcelDateTime::from_ymd(2022, 1, 1)?;
    let title = overview::title(view);
    book.set_properties(&DocProperties::new().set_creation_datetime(&made).set_title(&title));
    let styles = Styles::new();
    let mut taken = Taken::default();
    let mut named = |sheet: &mut Worksheet, name: &str| -> Result<(), XlsxError> {
        sheet.set_name(taken.unique(&sheet_name(name), SHEET_NAME)).map(drop)
    };

    let sheet = book.add_worksheet();
    named(sheet, lang.pick("概览", "overview"))?;
    overview::write(sheet, view, &styles)?;
    let tables: [(&str, Table); 3] = [
        (lang.pick("抽取名单", "sample"), rows::sample(view)),
        (lang.pick("备选名单", "reserves"), rows::reserves(view)),
        (lang.pick("日程", "schedule"), rows::schedule(view)),
    ];
    for (name, table) in tables {
        let sheet = book.add_worksheet();
        named(sheet, name)?;
        table.write(sheet, &styles, view)?;
    }
    // Before those of inspectors, whatever their names: the sheet that is published keeps its own.
    let sheet = book.add_worksheet();
    named(sheet, lang.pick("公示名单", "public list"))?;
    rows::public(view).write(sheet, &styles, view)?;
    if view.inspectors.len() <= INSPECTORS {
        for inspector in view.inspectors {
            let sheet = book.add_worksheet();
            named(sheet, &format!("{}-{}", inspector.id, inspector.name))?;
            rows::inspector(view, inspector).write(sheet, &styles, view)?;
        }
    }
    book.save_to_buffer()
}

/// What Excel accepts as a sheet's name, but for its length and for being unique.
fn sheet_name(text: &str) -> String {
    let refused = |c: char| matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'');
    let plain: String = text.chars().map(|c| if refused(c) || c.is_control() { '_' } else { c }).collect();
    let plain = plain.trim();
    // Excel keeps this name, in any case, for its own log.
    if plain.is_empty() || plain.eq_ignore_ascii_case("history") { format!("_{plain}") } else { plain.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheets_name_is_what_excel_accepts() {
        let mut taken = Taken::default();
        for text in [
            "'[a]:*?/\\'",
            "",
            "History",
            "I01-𬭎㙍",
            "i01-𬭎㙍",
            &"𬭎".repeat(40),
            &"𬭎".repeat(41),
            "=cmd|' /C calc'!A0",
        ] {
            let name = taken.unique(&sheet_name(text), SHEET_NAME);
            assert!(rust_xlsxwriter::utility::check_sheet_name(&name).is_ok(), "{text}: {name}");
            assert!(name.encode_utf16().count() <= SHEET_NAME, "{name}");
        }
    }
}
