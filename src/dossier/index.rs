//! `inputs/`: a copy of every input, and `inputs/index.json` that says what each was.

use serde::{Deserialize, Serialize};

use super::Document;
use crate::inputs::{Inputs, Role};
use crate::text::Lang;

/// Name of the index's format.
pub const INDEX_FORMAT: &str = "hecha-inputs/1";

/// `inputs/index.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// `hecha-inputs/1`.
    pub format: String,
    /// Language of the documents for people.
    pub language: Lang,
    /// The inputs.
    pub files: Vec<IndexLine>,
}

/// One input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexLine {
    /// What it is for.
    pub role: Role,
    /// Path as the plan names it.
    pub original: String,
    /// Name of the copy beside this file.
    pub copy: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// Copies of all inputs, and the index.
///
/// # Panics
/// Never: the index has string keys only.
#[must_use]
pub fn copies(inputs: &Inputs, language: Lang) -> Vec<Document<'_>> {
    let mut out = Vec::new();
    let mut files = Vec::new();
    for (number, input) in (1..).zip(&inputs.files) {
        // The number keeps copies apart; the name is for people and never a path.
        let copy = format!("{number:02}-{}", safe_name(input.file_name()));
        files.push(IndexLine {
            role: input.role,
            original: input.original.clone(),
            copy: copy.clone(),
            sha256: input.content.sha256().to_owned(),
        });
        out.push(Document::copy(format!("inputs/{copy}"), &input.content));
    }
    let index = Index { format: INDEX_FORMAT.to_owned(), language, files };
    let json = serde_json::to_string_pretty(&index).expect("string keys") + "\n";
    out.push(Document::new("inputs/index.json", json));
    out
}

/// A file name that every system accepts: no separators, reserved or control characters, at most 80 characters.
fn safe_name(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_control() || "<>:\"/\\|?*".contains(c) || crate::text::is_format_character(c) {
                '_'
            } else {
                c
            }
        })
        .collect();
    // The end of the name tells its kind, so the beginning is cut.
    let skip = plain.chars().count().saturating_sub(80);
    plain.chars().skip(skip).collect::<String>().trim_end_matches(['.', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_copies_are_harmless() {
        assert_eq!(safe_name("a<b>|c?.csv"), "a_b__c_.csv");
        assert_eq!(safe_name("申报表.xlsx"), "申报表.xlsx");
        assert_eq!(safe_name("x. "), "x");
        assert_eq!(safe_name(&("长".repeat(200) + ".csv")).chars().count(), 80);
    }
}
