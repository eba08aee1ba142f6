//! `travel.csv`: travel times derived again.

use super::{Files, Remark, Report, Subject, difference, shorten};
use crate::inputs::Inputs;
use crate::plan::{self, PlanError, Prepared};
use crate::settings::TravelSource;
use crate::table;
use crate::text::both;
use crate::travel::Matrix;

const FILE: &str = "travel.csv";

/// Compares `travel.csv` with what the plan's source gives; an estimate may differ by a second. Returns it as stated.
pub(super) fn examine(report: &mut Report, files: &Files, inputs: &Inputs, prepared: &Prepared) -> Option<Matrix> {
    let ids: Vec<String> = prepared.sites.iter().map(|s| s.id.clone()).collect();
    let Some(text) = files.get(FILE) else {
        report.add(Subject::Travel, vec![difference::missing(FILE)]);
        return None;
    };
    let rows = table::grid(FILE, text).map_err(|why| Remark::of(&why));
    let bad = |why| Remark::of(&PlanError::Matrix(FILE.to_owned(), why));
    let read = rows.and_then(|rows| Matrix::from_rows(&rows, &ids).map_err(bad));
    let stated = match read {
        Ok(matrix) => matrix,
        Err(why) => {
            report.add(Subject::Travel, vec![why]);
            return None;
        }
    };
    let derived = match plan::travel(inputs, prepared) {
        Ok(matrix) => matrix,
        Err(why) => {
            report.unexamined(&[Subject::Travel], &Remark::of(&why));
            return Some(stated);
        }
    };
    let tolerance = i64::from(inputs.plan.travel.source == TravelSource::Estimate);
    let mut wrong = Vec::new();
    for (a, row) in stated.seconds.iter().enumerate() {
        for (b, seconds) in row.iter().enumerate() {
            let again = derived.seconds[a][b];
            if (seconds - again).abs() > tolerance {
                let (from, to) = (&ids[a], &ids[b]);
                wrong.push(Remark::new(|lang| {
                    both!(
                        lang,
                        "travel.csv 从{from}到{to}写为{seconds}秒，重算为{again}秒",
                        "travel.csv: {from} to {to} is stated as {seconds} s, derived as {again} s"
                    )
                }));
            }
        }
    }
    // Where every number is right, anything else that was added to the file still shows.
    if wrong.is_empty() && *text != stated.to_csv() {
        wrong = difference::lines(Some(text), &stated.to_csv(), FILE);
    }
    report.add(Subject::Travel, shorten(wrong));
    Some(stated)
}
