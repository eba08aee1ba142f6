//! What a workbook hides and the program counts all the same.

use super::{Finding, Level, What};
use crate::table::{Place, Table};

/// Findings for a hidden sheet, hidden columns and hidden rows; a text table hides nothing.
#[must_use]
pub fn hidden_findings(table: &Table) -> Vec<Finding> {
    let mut out = Vec::new();
    let mut note = |what, value| {
        let place = Place { column: None, ..table.place(0, usize::MAX) };
        out.push(Finding { what, level: Level::Note, place, code: None, value });
    };
    if table.sheet_hidden {
        note(What::HiddenSheet, table.sheet.as_deref().unwrap_or("").to_owned());
    }
    let columns: Vec<&str> =
        table.hidden_columns.iter().filter_map(|field| table.headers.get(*field)?.as_deref()).collect();
    if !columns.is_empty() {
        note(What::HiddenColumns(columns.len()), columns.join(", "));
    }
    if !table.hidden_rows.is_empty() {
        note(What::HiddenRows(table.hidden_rows.len()), ranges(&table.hidden_rows));
    }
    out
}

/// Row numbers as people write them: 6, 9-12, 15.
fn ranges(rows: &[u32]) -> String {
    rows.chunk_by(|a, b| a + 1 == *b)
        .filter_map(|run| Some((*run.first()?, *run.last()?)))
        .map(|(from, to)| if from == to { from.to_string() } else { format!("{from}-{to}") })
        .collect::<Vec<_>>()
        .join(", ")
}
