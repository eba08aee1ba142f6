//! An empty plan for a city: `plan.toml` with comments, and workbooks to fill in.
//!
//! The headers come from the same lists that the readers use, so a template is always read as it was meant.

mod book;
mod notes;
mod plan;

use rust_xlsxwriter::XlsxError;

use crate::calendar::{Calendar, CalendarError};
use crate::county::City;
use crate::dossier::Document;
use crate::frame::{APPLICANT_FIELDS, EXCLUSION_FIELDS};
use crate::notice::Notice;
use crate::roster::INSPECTOR_FIELDS;
use book::Form;

/// Working days between the opening of applications and the first visit that a new plan proposes.
const APPLYING_WORKDAYS: usize = 5;

/// The files of an empty plan for a city under a notice.
///
/// # Errors
/// [`CalendarError`] if the calendar does not know the days after applications open.
///
/// # Panics
/// Never: the tests build every city's templates.
pub fn documents(
    city: &City,
    notice: &Notice,
    calendar: &Calendar,
) -> Result<Vec<Document<'static>>, CalendarError> {
    let forms = [
        ("applicants.xlsx", Form { name: "申报汇总", fields: APPLICANT_FIELDS }),
        ("inspectors.xlsx", Form { name: "核查人员", fields: INSPECTOR_FIELDS }),
        ("exclude.xlsx", Form { name: "不参加抽取", fields: EXCLUSION_FIELDS }),
    ];
    let mut out = vec![Document::new("plan.toml", plan::text(city, notice, calendar)?)];
    let books: Result<Vec<Document<'static>>, XlsxError> =
        forms.iter().map(|(path, form)| Ok(Document::new(*path, form.workbook(city, notice)?))).collect();
    out.extend(books.expect("nothing in a template exceeds what a workbook holds"));
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county::Gazetteer;
    use crate::routing::solve::DEFAULT_EFFORT;
    use crate::settings::PlanFile;
    use crate::table::{self, Field, Source, normal_header};
    use crate::travel::Estimate;

    fn notice() -> Notice {
        Notice::parse("x", crate::notice::EMBEDDED[0].1).unwrap()
    }

    fn made(city: &str) -> Vec<Document<'static>> {
        documents(Gazetteer::embedded().city(city).unwrap(), &notice(), &Calendar::embedded()).unwrap()
    }

    #[test]
    fn a_new_plan_says_what_holds_where_nothing_is_said() {
        let text = String::from_utf8(made("苏州市")[0].to_bytes().unwrap()).unwrap();
        let plan = PlanFile::parse(&text).unwrap();
        let (settings, rules) = (plan.schedule(&notice()).unwrap(), plan.rules(&notice()).unwrap());
        assert_eq!(settings.first_day.to_string(), "2022-03-07");
        assert_eq!(settings.effort, DEFAULT_EFFORT);
        assert_eq!(plan.travel.estimate, Estimate::default());
        assert_eq!((plan.draw.as_deref(), plan.seed), (Some("suzhou-2022-1"), None));
        // Without the lines that may be left out, the same holds.
        let kept =
            ["notice", "applicants", "first_day", "shift", "lunch", "max_visits", "minutes", "wrap_up", "["];
        let bare: String = text
            .lines()
            .filter(|line| kept.iter().any(|key| line.starts_with(key)) && !line.starts_with("[travel.estimate"))
            .fold(String::new(), |all, line| all + line + "\n");
        let bare = PlanFile::parse(&bare).unwrap();
        assert_eq!(bare.rules(&notice()).unwrap(), rules);
        assert_eq!(format!("{:?}", bare.schedule(&notice()).unwrap()), format!("{settings:?}"));
        assert_eq!(format!("{:?}", bare.travel), format!("{:?}", plan.travel));
    }

    #[test]
    fn every_key_of_a_plan_stands_in_a_new_one() {
        let text = String::from_utf8(made("南京市")[0].to_bytes().unwrap()).unwrap();
        for key in [
            "notice",
            "city",
            "applicants",
            "sheet",
            "inspectors",
            "exclude",
            "draw",
            "seed",
            "seed_source",
            "seal",
            "changes",
            "rate",
            "scope",
            "minimum",
            "reserves",
            "first_day",
            "shift",
            "lunch",
            "crew",
            "max_visits",
            "minutes",
            "wrap_up_workdays",
            "crew_day_cost_minutes",
            "placement",
            "cross_county",
            "effort",
            "source",
            "file",
            "url",
            "datum",
            "detour",
            "parking_minutes",
            "speeds",
            "workdays",
            "cities",
            "counties",
            "zones",
        ] {
            let named = |line: &str| line.trim_start_matches("# ").starts_with(&format!("{key} = "));
            assert!(text.lines().any(named), "{key}");
        }
        // What is commented out can be turned on.
        let setting = |line: &str| line.split(' ').nth(2) == Some("=") || line.starts_with("# [");
        let on: String = text
            .lines()
            .map(|line| line.strip_prefix("# ").filter(|_| setting(line)).unwrap_or(line))
            .fold(String::new(), |all, line| all + line + "\n");
        assert!(on.contains("\nzones = ") && on.contains("\nseed = "));
        PlanFile::parse(&on).unwrap();
    }

    #[test]
    fn templates_of_every_city_are_read_as_empty_tables_with_every_column() {
        for city in Gazetteer::embedded().cities() {
            for (document, fields) in
                made(&city.name)[1..].iter().zip([APPLICANT_FIELDS, INSPECTOR_FIELDS, EXCLUSION_FIELDS])
            {
                let source =
                    Source { name: document.path.clone(), bytes: document.to_bytes().unwrap(), sheet: None };
                let table = table::read(&source, fields).unwrap();
                assert!(table.rows.is_empty() && table.skipped.is_empty(), "{}", document.path);
                assert!((0..fields.len()).all(|at| table.has(at)), "{}", document.path);
                // Neither is a template mistaken for another one.
                let others = [APPLICANT_FIELDS, INSPECTOR_FIELDS, EXCLUSION_FIELDS];
                for other in others.into_iter().filter(|other| other[0].key != fields[0].key) {
                    assert!(table::read(&source, other).is_err(), "{}", document.path);
                }
            }
        }
    }

    #[test]
    fn every_column_is_explained() {
        let explained = |field: &Field| {
            let (zh, en) = notes::of(field.key);
            assert!(!zh.is_empty() && !en.is_empty(), "{}", field.key);
            // An explanation is no header.
            assert_ne!(normal_header(zh), normal_header(field.headers[0]));
        };
        [APPLICANT_FIELDS, INSPECTOR_FIELDS, EXCLUSION_FIELDS].concat().iter().for_each(explained);
    }
}
