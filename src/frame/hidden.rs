//! What a workbook shows otherwise than it is read: what it hides, and cells that it merges.

use super::{Finding, Level, What};
use crate::table::{Place, Table};

/// Findings for a hidden sheet, hidden columns and rows, and merged cells; a text table has none.
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
    for (sheet, rows) in &table.passed_over {
        note(What::SheetPassedOver(*rows), sheet.clone());
    }
    let columns: Vec<&str> =
        table.hidden_columns.iter().filter_map(|field| table.headers.get(*field)?.as_deref()).collect();
    if !columns.is_empty() {
        note(What::HiddenColumns(columns.len()), columns.join(", "));
    }
    if !table.hidden_rows.is_empty() {
        note(What::HiddenRows(table.hidden_rows.len()), ranges(&table.hidden_rows));
    }
    for (field, from, to) in &table.merged {
        let Ok(at) = table.rows.binary_search_by_key(from, |row| row.number) else { continue };
        let value = table.rows[at].text(*field).to_owned();
        let place = table.place(*from, *field);
        out.push(Finding { what: What::Merged(*to), level: Level::Cleaned, place, code: None, value });
    }
    for cells in &table.across {
        let (what, level) = (What::MergedAcross(cells.range.clone()), Level::Note);
        let place = table.place(cells.row, cells.field);
        out.push(Finding { what, level, place, code: None, value: cells.text.clone() });
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
