//! The list of enterprises that may not be drawn, each for a recorded reason.

use std::collections::BTreeMap;

use super::{CODE_FIELD, CreditCode, Exclusion, Finding, Frame, Level, What, hidden_findings};
use crate::table::{Field, Table, clean};

/// The columns of a list of exclusions.
pub const EXCLUSION_FIELDS: &[Field] = &[
    CODE_FIELD,
    Field {
        key: "reason", needed: true, headers: &["原因", "排除原因", "不参加抽取原因", "理由", "事由"]
    },
];

impl Exclusion {
    /// Reads a list of exclusions; what is wrong with it is a fatal finding.
    #[must_use]
    pub fn read(table: &Table, frame: &Frame) -> (Vec<Self>, Vec<Finding>) {
        let mut out: BTreeMap<CreditCode, Self> = BTreeMap::new();
        let mut findings = hidden_findings(table);
        for row in &table.rows {
            let place = table.place(row.number, 0);
            let cell = row.cell(0).cloned().unwrap_or_default();
            let reason = clean::tidy(row.text(1));
            let mut fatal = |what: What, place, code| {
                let value =
                    if matches!(what, What::Needed(..)) { reason.clone() } else { cell.text.trim().to_owned() };
                findings.push(Finding { what, level: Level::Fatal, place, code, value });
            };
            match CreditCode::from_cell(&cell) {
                Err(error) => fatal(What::Code(error), place, None),
                Ok((code, _)) if frame.has_withdrawn(code) => {}
                Ok((code, _)) if frame.position(code).is_none() => fatal(What::UnknownCode, place, Some(code)),
                Ok((code, _)) if reason.is_empty() => {
                    let what = What::Needed("记录在案的原因", "the reason on record");
                    fatal(what, table.place(row.number, 1), Some(code));
                }
                Ok((code, _)) => {
                    if let Some(before) = out.get(&code) {
                        fatal(What::Duplicate(Box::new(before.place.clone())), place, Some(code));
                    } else {
                        out.insert(code, Self { code, reason, place });
                    }
                }
            }
        }
        (out.into_values().collect(), findings)
    }
}
