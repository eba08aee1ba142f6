//! Separators that are not read, told so that the clerk can be told.
//!
//! Comma, tab and semicolon are read; another is only looked for where they give no header.

use super::header::Layout;
use super::{Cell, Field, RawRow};

/// What columns are separated by in files of other systems, and what people type for a comma.
const FOREIGN: [&str; 15] = ["|", "｜", "¦", ":", "：", "^", "~", "，", "；", "、", "/", "#", "&", "\u{1}", " "];

/// The row of the header and the separator with which it has all needed columns, if there is one. `rows` are the first rows
/// as `separator` splits them.
pub(super) fn foreign(rows: &[RawRow], separator: u8, fields: &[Field]) -> Option<(u32, &'static str)> {
    let separator = char::from(separator).to_string();
    let lines: Vec<(u32, String)> = rows
        .iter()
        .map(|(number, cells)| {
            let texts: Vec<&str> = cells.iter().map(|cell| cell.text.as_str()).collect();
            (*number, texts.join(&separator))
        })
        .collect();
    FOREIGN.into_iter().find_map(|foreign| {
        let split = |line: &str| line.split(foreign).map(|cell| Cell::text(cell.trim_matches('"'))).collect();
        let split: Vec<RawRow> = lines.iter().map(|(number, line)| (*number, split(line))).collect();
        Layout::find("", &split, fields).ok().map(|layout| (layout.number, foreign))
    })
}

/// A separator for people, in Chinese and English.
pub(super) fn named(separator: &str) -> (String, String) {
    match separator {
        " " => ("空格".to_owned(), "spaces".to_owned()),
        "\u{1}" => ("控制字符U+0001".to_owned(), "the control character U+0001".to_owned()),
        other => (format!("“{other}”"), format!("\"{other}\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Source, TableError, read};
    use super::*;
    use crate::text::{Lang, Say};

    const FIELDS: &[Field] = &[
        Field { key: "code", needed: true, headers: &["信用代码"] },
        Field { key: "name", needed: true, headers: &["企业名称"] },
    ];

    fn refused(text: &str) -> TableError {
        read(&Source { name: "a.csv".into(), bytes: text.as_bytes().to_vec(), sheet: None }, FIELDS).unwrap_err()
    }

    #[test]
    fn a_separator_that_is_not_read_is_named_with_its_row() {
        for foreign in FOREIGN {
            let text = format!("汇总表\n\"信用代码\"{foreign}企业名称\n1{foreign}甲,乙\n2{foreign}丙,丁\n");
            let error = refused(&text);
            assert_eq!(error, TableError::Separator("a.csv".into(), 2, foreign.into()));
            let (zh, _) = named(foreign);
            assert!(error.say(Lang::Zh).contains(&format!("用{zh}隔开")), "{}", error.say(Lang::Zh));
        }
    }

    #[test]
    fn a_table_without_the_columns_lacks_columns_and_no_separator() {
        for text in ["信用代码|县区\n1|甲\n", "企业|县区\n", "信用代码,县区\n1,甲|乙\n"] {
            assert!(matches!(refused(text), TableError::NoHeader { .. }), "{text}");
        }
    }
}
