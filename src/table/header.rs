//! Headers matched by meaning, in Chinese or English, ignoring spaces, line breaks, punctuation and brackets.

use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use super::{Cell, RawRow, Row, Table, TableError};

/// Rows in which the header is looked for; titles and notes stand above it.
const HEADER_ROWS: usize = 30;

/// One column that a caller wants.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// English name, also accepted as a header.
    pub key: &'static str,
    /// Whether a table without it is refused.
    pub needed: bool,
    /// Headers seen in the wild; the first is the usual one.
    pub headers: &'static [&'static str],
}

/// A header reduced to its letters and digits, in lower case and with full-width forms folded.
#[must_use]
pub fn normal_header(text: &str) -> String {
    text.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The same without what stands in brackets: 统一社会信用代码（18位） → 统一社会信用代码.
fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    let kept: String = text
        .nfkc()
        .filter(|c| match c {
            '(' | '[' | '【' | '〔' => {
                depth += 1;
                false
            }
            ')' | ']' | '】' | '〕' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect();
    normal_header(&kept)
}

/// The field that a header means: an exact name first, then one without brackets.
fn meaning(text: &str, names: &[Vec<(String, String)>]) -> Option<usize> {
    let full = normal_header(text);
    if full.is_empty() {
        return None;
    }
    let bare = without_brackets(text);
    let position = |wanted: &str, bare_names: bool| {
        names.iter().position(|n| n.iter().any(|(f, b)| if bare_names { b == wanted } else { f == wanted }))
    };
    position(&full, false)
        .or_else(|| (!bare.is_empty()).then(|| position(&bare, false).or_else(|| position(&bare, true)))?)
}

/// Whether a row is a total or a note under the data.
fn is_total(cells: &[Cell]) -> bool {
    const WORDS: [&str; 9] = ["合计", "总计", "小计", "共计", "总数", "制表", "填表", "审核人", "total"];
    let Some(first) = cells.iter().map(|c| c.text.trim()).find(|t| !t.is_empty()) else { return true };
    let plain = normal_header(first);
    WORDS.iter().any(|w| plain.starts_with(w))
        || plain.starts_with("备注")
        || plain.starts_with("注")
        || plain.starts_with("说明")
        || (plain.starts_with('共') && plain.ends_with('家'))
}

/// Finds the header among `rows` and arranges the rows below it by field.
pub(super) fn understand(
    file: &str,
    sheet: Option<Arc<str>>,
    rows: Vec<RawRow>,
    fields: &[Field],
) -> Result<Table, TableError> {
    let names: Vec<Vec<(String, String)>> = fields
        .iter()
        .map(|f| {
            f.headers.iter().copied().chain([f.key]).map(|h| (normal_header(h), without_brackets(h))).collect()
        })
        .collect();
    let columns_of =
        |cells: &[Cell]| -> Vec<Option<usize>> { cells.iter().map(|c| meaning(&c.text, &names)).collect() };
    let lacking = |columns: &[Option<usize>]| -> Vec<usize> {
        (0..fields.len()).filter(|f| fields[*f].needed && !columns.contains(&Some(*f))).collect()
    };
    let best = rows
        .iter()
        .take(HEADER_ROWS)
        .enumerate()
        .map(|(at, (_, cells))| {
            let columns = columns_of(cells);
            let known = columns.iter().flatten().count();
            (lacking(&columns).len(), std::cmp::Reverse(known), at, columns)
        })
        .min_by_key(|(missing, known, at, _)| (*missing, *known, *at));
    let label = match &sheet {
        Some(sheet) => format!("{file} [{sheet}]"),
        None => file.to_owned(),
    };
    let Some((missing, _, at, columns)) = best else { return Err(TableError::Empty(label)) };
    if missing > 0 {
        return Err(TableError::NoHeader {
            file: label,
            missing: lacking(&columns).iter().map(|f| fields[*f].headers[0].to_owned()).collect(),
            found: rows[at].1.iter().map(|c| c.text.clone()).filter(|t| !t.trim().is_empty()).take(8).collect(),
        });
    }
    let header = rows[at].1.clone();
    let mut column_of: Vec<Option<usize>> = vec![None; fields.len()];
    for (column, field) in columns.iter().enumerate() {
        if let Some(field) = field {
            if let Some(before) = column_of[*field] {
                let (a, b) = (&header[before].text, &header[column].text);
                return Err(TableError::TwoColumns(label, rows[at].0, a.clone(), b.clone()));
            }
            column_of[*field] = Some(column);
        }
    }
    let needed: Vec<usize> = (0..fields.len()).filter(|f| fields[*f].needed).collect();
    let mut table = Table {
        file: file.into(),
        sheet,
        headers: column_of.iter().map(|c| c.map(|c| header[c].text.as_str().into())).collect(),
        rows: Vec::new(),
        skipped: Vec::new(),
        encoding: None,
        hidden_rows: Vec::new(),
        sheet_hidden: false,
    };
    for (number, mut cells) in rows.into_iter().skip(at + 1) {
        let repeats = needed.iter().all(|f| {
            let column = column_of[*f].unwrap_or(usize::MAX);
            cells
                .get(column)
                .is_some_and(|c| !c.text.trim().is_empty() && c.text.trim() == header[column].text.trim())
        });
        // A total has no code: the first needed field is the one that identifies a row.
        let nameless = needed.first().is_none_or(|f| {
            let column = column_of[*f].unwrap_or(usize::MAX);
            cells.get(column).is_none_or(|c| c.text.trim().is_empty() || is_total(std::slice::from_ref(c)))
        });
        // An enterprise may be called 总计科技: whoever also has a star and a county is no total.
        let filled = needed.iter().filter(|f| {
            let column = column_of[**f].unwrap_or(usize::MAX);
            cells.get(column).is_some_and(|c| !c.text.trim().is_empty())
        });
        let filled = filled.count();
        let nameless = nameless && filled <= 1;
        // 合计 where the code should stand says it, with 30家 as the name or without.
        let said = filled < needed.len()
            && needed
                .first()
                .and_then(|f| cells.get(column_of[*f]?))
                .is_some_and(|c| !c.text.trim().is_empty() && is_total(std::slice::from_ref(c)));
        if (repeats && !needed.is_empty()) || said || (nameless && is_total(&cells)) {
            let first = cells.iter().map(|c| c.text.trim()).find(|t| !t.is_empty()).unwrap_or("");
            table.skipped.push((number, first.to_owned()));
            continue;
        }
        let arranged: Vec<Option<Cell>> = column_of
            .iter()
            .map(|c| c.map(|c| cells.get_mut(c).map(std::mem::take).unwrap_or_default()))
            .collect();
        if arranged.iter().flatten().all(|c| c.text.trim().is_empty()) {
            continue;
        }
        table.rows.push(Row { number, cells: arranged });
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[Field] = &[
        Field { key: "code", needed: true, headers: &["统一社会信用代码", "信用代码"] },
        Field { key: "county", needed: false, headers: &["所属县(市、区)", "县区"] },
        Field { key: "paid", needed: false, headers: &["上云投入(万元)"] },
    ];

    fn table(lines: &[&[&str]]) -> Result<Table, TableError> {
        let rows = lines.iter().zip(1..).map(|(l, n)| (n, l.iter().map(|c| Cell::text(*c)).collect())).collect();
        understand("x.csv", None, rows, FIELDS)
    }

    #[test]
    fn headers_are_matched_by_meaning_under_titles() {
        let table = table(&[
            &["苏州市申报汇总表"],
            &["序号", "统一社会\n信用代码（18位）", "所属县（市、区）", " 上云投入 "],
            &["1", "A", "昆山市", "5"],
            &["合计", "", "", "5"],
        ])
        .unwrap();
        assert_eq!(table.rows.len(), 1);
        assert_eq!(table.rows[0].number, 3);
        assert_eq!(table.rows[0].text(0), "A");
        assert_eq!(table.rows[0].text(1), "昆山市");
        assert_eq!(table.rows[0].text(2), "5");
        assert_eq!(table.skipped, [(4, "合计".to_owned())]);
    }

    #[test]
    fn a_missing_header_and_a_double_one_are_named() {
        let error = table(&[&["企业", "县区"], &["a", "b"]]).unwrap_err();
        assert!(matches!(&error, TableError::NoHeader { missing, .. } if missing == &["统一社会信用代码"]));
        let error = table(&[&["code", "信用代码"], &["a", "b"]]).unwrap_err();
        assert!(matches!(error, TableError::TwoColumns(_, 1, _, _)));
    }

    #[test]
    fn an_enterprise_called_total_without_a_code_stays_a_row() {
        const MORE: &[Field] = &[
            FIELDS[0],
            Field { key: "name", needed: true, headers: &["企业名称"] },
            Field { key: "star", needed: true, headers: &["申报星级"] },
        ];
        let lines = [["code", "name", "star"], ["", "总计科技有限公司", "3"], ["", "合计", ""]];
        let rows = lines.iter().zip(1..).map(|(l, n)| (n, l.iter().map(|c| Cell::text(*c)).collect())).collect();
        let table = understand("x.csv", None, rows, MORE).unwrap();
        assert_eq!((table.rows.len(), table.skipped.len()), (1, 1));
    }

    #[test]
    fn an_enterprise_called_total_is_no_total_row() {
        let table = table(&[&["序号", "code"], &["注册1", "91"], &["", "合计"]]).unwrap();
        assert_eq!((table.rows.len(), table.skipped.len()), (1, 1));
    }
}
