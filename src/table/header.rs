//! Headers matched by meaning, in Chinese or English, ignoring spaces, line breaks, punctuation and brackets.

use std::collections::BTreeSet;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use super::rows::{Merged, RowSet, letters};
use super::workbook::Sheet;
use super::{Across, Cell, CellKind, RawRow, Row, Table, TableError, clean};

/// Rows in which the header is looked for; titles and notes stand above it.
pub(super) const HEADER_ROWS: usize = 30;

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

/// The texts of a row by column.
pub(super) trait Texts {
    /// How many columns the row has.
    fn count(&self) -> usize;
    /// The text of a column, empty where the row is shorter.
    fn get(&self, column: usize) -> &str;

    /// The bytes of a column.
    fn bytes(&self, column: usize) -> &[u8] {
        self.get(column).as_bytes()
    }

    /// Whether a column holds a formula without a result.
    fn is_uncomputed(&self, _column: usize) -> bool {
        false
    }

    /// The first text that is more than space.
    fn first(&self) -> Option<&str> {
        (0..self.count()).map(|column| self.get(column).trim()).find(|text| !text.is_empty())
    }

    /// Whether no cell has more than space.
    fn is_blank(&self) -> bool {
        self.first().is_none()
    }
}

/// The only text of a row, where it has but one.
fn alone<T: Texts + ?Sized>(row: &T) -> Option<&str> {
    let mut texts = (0..row.count()).map(|column| row.get(column).trim()).filter(|text| !text.is_empty());
    texts.next().filter(|_| texts.next().is_none())
}

impl Texts for [Cell] {
    fn count(&self) -> usize {
        self.len()
    }

    fn get(&self, column: usize) -> &str {
        <[Cell]>::get(self, column).map_or("", |cell| cell.text.as_str())
    }

    fn is_uncomputed(&self, column: usize) -> bool {
        <[Cell]>::get(self, column).is_some_and(|cell| cell.kind == CellKind::Uncomputed)
    }
}

/// Whether a trimmed text begins a total or a note under the data.
fn is_total(first: &str) -> bool {
    const WORDS: [&str; 9] = ["合计", "总计", "小计", "共计", "总数", "制表", "填表", "审核人", "total"];
    let plain = normal_header(first);
    WORDS.iter().any(|w| plain.starts_with(w))
        || plain.starts_with("备注")
        || plain.starts_with("注")
        || plain.starts_with("说明")
        || (plain.starts_with('共') && plain.ends_with('家'))
}

/// Whether a trimmed text can only be a total or the end of a list, whatever else stands in its row: 合计, 姑苏区合计,
/// 共60家企业, 以下空白. An enterprise may be called 总计科技.
fn is_surely_total(text: &str) -> bool {
    const SUMS: [&str; 6] = ["合计", "总计", "小计", "共计", "total", "subtotal"];
    const ENDS: [&str; 4] = ["以下空白", "以下无正文", "以下无内容", "以下为空"];
    /// A county's name in full and the word.
    const LONGEST: usize = 12;
    // Most cells of most rows are longer than any total.
    if text.is_empty() || text.len() > 8 * LONGEST {
        return false;
    }
    let plain = normal_header(text);
    let counted =
        ["合计共", "共计", "共", "合计", "总计", "小计"].iter().find_map(|word| plain.strip_prefix(word));
    SUMS.contains(&plain.as_str())
        || ENDS.contains(&plain.as_str())
        || counted.is_some_and(is_count)
        || (SUMS[..4].iter().any(|sum| plain.ends_with(sum)) && plain.chars().count() <= LONGEST)
}

/// Bytes of the longest count.
const LONGEST_COUNT: usize = 6 + 3 * 3;

/// Whether a text is a number of something: 12, 12人, 60家企业.
fn is_count(text: &str) -> bool {
    const UNITS: [&str; 9] = ["", "家", "家企业", "户", "个", "人", "名", "家单位", "项"];
    let plain = normal_header(text);
    let unit = plain.trim_start_matches(|c: char| c.is_ascii_digit());
    (1..=6).contains(&(plain.len() - unit.len())) && UNITS.contains(&unit)
}

/// Whether a text is long enough for a credit code, however badly it was copied.
fn may_be_code(text: &str) -> bool {
    /// Shorter than a code that has lost some characters, longer than any telephone number.
    const LEAST: usize = 14;
    text.len() >= LEAST && text.nfkc().filter(char::is_ascii_alphanumeric).count() >= LEAST
}

/// How many rows have a cell that is a credit code and nothing else.
pub(super) fn rows_with_codes(rows: &[RawRow]) -> usize {
    /// Longest cell that is looked at: 18 full-width characters of three bytes, and some space.
    const LONGEST: usize = 64;
    let is_code = |cell: &Cell| {
        (18..=LONGEST).contains(&cell.text.len()) && {
            let plain = clean::squeeze(&cell.text);
            plain.len() == 18
                && plain.bytes().all(|b| b.is_ascii_alphanumeric())
                && plain.bytes().filter(u8::is_ascii_digit).count() >= 8
        }
    };
    rows.iter().filter(|(_, cells)| cells.iter().any(is_code)).count()
}

/// Where the header stands and which column holds which field.
#[derive(Debug)]
pub(super) struct Layout {
    /// Row of the header.
    pub(super) number: u32,
    /// The header as written, by column.
    titles: Vec<String>,
    /// Column of each field.
    pub(super) columns: Vec<Option<usize>>,
    /// Columns of the needed fields, in the order of the fields.
    needed: Vec<usize>,
    /// Whether a code identifies the rows.
    pub(super) by_code: bool,
    /// The byte with which the title of the first needed column begins.
    initial: Option<u8>,
    /// Texts that stand alone in a row above the header: printed sheets repeat them with it.
    captions: Vec<String>,
}

/// What a row below the header is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A row of the table.
    Row,
    /// A total, a note, or the header once more.
    Skipped,
    /// Nothing in the columns that are wanted.
    Blank,
}

impl Layout {
    /// Finds the header among the first rows that are not blank. `label` names file and sheet in errors.
    pub(super) fn find(label: &str, rows: &[RawRow], fields: &[Field]) -> Result<Self, TableError> {
        let names: Vec<Vec<(String, String)>> = fields
            .iter()
            .map(|f| {
                let all = f.headers.iter().copied().chain([f.key]);
                all.map(|h| (normal_header(h), without_brackets(h))).collect()
            })
            .collect();
        let fields_of =
            |cells: &[Cell]| -> Vec<Option<usize>> { cells.iter().map(|c| meaning(&c.text, &names)).collect() };
        let lacking = |found: &[Option<usize>]| -> Vec<usize> {
            (0..fields.len()).filter(|f| fields[*f].needed && !found.contains(&Some(*f))).collect()
        };
        let best = rows
            .iter()
            .take(HEADER_ROWS)
            .enumerate()
            .map(|(at, (_, cells))| {
                let found = fields_of(cells);
                let known = found.iter().flatten().count();
                (lacking(&found).len(), std::cmp::Reverse(known), at, found)
            })
            .min_by_key(|(missing, known, at, _)| (*missing, *known, *at));
        let Some((missing, _, at, found)) = best else { return Err(TableError::Empty(label.to_owned())) };
        let (number, header) = &rows[at];
        if missing > 0 {
            if let Some(column) = (0..header.len()).find(|c| header.as_slice().is_uncomputed(*c)) {
                let more = (column..header.len()).filter(|c| header.as_slice().is_uncomputed(*c)).count();
                return Err(TableError::Uncomputed(label.to_owned(), *number, letters(column), more));
            }
            let texts = header.iter().map(|c| c.text.clone());
            return Err(TableError::NoHeader {
                file: label.to_owned(),
                missing: lacking(&found).iter().map(|f| fields[*f].headers[0].to_owned()).collect(),
                found: texts.filter(|t| !t.trim().is_empty()).take(8).collect(),
            });
        }
        let mut columns: Vec<Option<usize>> = vec![None; fields.len()];
        for (column, field) in found.iter().enumerate() {
            if let Some(field) = field {
                if let Some(before) = columns[*field] {
                    let (a, b) = (&header[before].text, &header[column].text);
                    return Err(TableError::TwoColumns(label.to_owned(), *number, a.clone(), b.clone()));
                }
                columns[*field] = Some(column);
            }
        }
        let needed: Vec<usize> =
            fields.iter().zip(&columns).filter(|(f, _)| f.needed).filter_map(|(_, c)| *c).collect();
        let titles: Vec<String> = header.iter().map(|c| c.text.clone()).collect();
        let initial = needed.first().and_then(|c| titles[*c].trim().bytes().next());
        let captions =
            rows[..at].iter().filter_map(|(_, cells)| alone(cells.as_slice())).map(str::to_owned).collect();
        let by_code = fields.iter().find(|f| f.needed).is_some_and(|f| f.key == "code");
        Ok(Self { number: *number, titles, columns, needed, by_code, initial, captions })
    }

    /// The header as written, by column.
    pub(super) fn titles(&self) -> &[String] {
        &self.titles
    }

    /// Columns of the needed fields; the first identifies a row.
    pub(super) fn needed(&self) -> &[usize] {
        &self.needed
    }

    /// For each field the header as written.
    pub(super) fn headers(&self) -> Vec<Option<Arc<str>>> {
        self.columns.iter().map(|c| c.map(|c| self.titles[c].as_str().into())).collect()
    }

    /// The fields whose columns are in a set, which counts from 1.
    fn hidden(&self, columns: &RowSet) -> Vec<usize> {
        let away = |column: &Option<usize>| column.is_some_and(|column| columns.contains(column as u32 + 1));
        (0..).zip(&self.columns).filter(|(_, column)| away(column)).map(|(field, _)| field).collect()
    }

    /// Whether a row can only be a total, the end of the list or the table's title once more. Never one that holds
    /// anything like a code.
    fn closes<T: Texts + ?Sized>(&self, row: &T) -> bool {
        let text = |column: &usize| row.get(*column).trim();
        let Some(first) = row.first() else { return false };
        let Some(id) = self.needed.first().map(text) else { return false };
        let repeats = || alone(row).is_some_and(|only| self.captions.iter().any(|c| c == only));
        if !id.is_empty() && !is_surely_total(id) && !is_count(id) {
            return repeats() && !may_be_code(id);
        }
        // What identifies a row and what names it: a word such as 合计 in a later column is no total.
        let says = is_surely_total(first) || self.needed.iter().take(2).any(|c| is_surely_total(text(c)));
        (says || repeats()) && !(0..row.count()).any(|column| may_be_code(row.get(column)))
    }

    /// Of cells below the header that are merged over several columns: those that leave open which field they mean, and the
    /// rows that only hold a caption for what follows, such as 一、姑苏区 over the whole width.
    fn across(&self, wide: &[Merged], rows: &[RawRow]) -> (Vec<Across>, BTreeSet<u32>) {
        let (mut across, mut captions) = (Vec::new(), BTreeSet::new());
        for cells in wide {
            let Ok(at) = rows.binary_search_by_key(&cells.from, |(number, _)| *number) else { continue };
            let row = rows[at].1.as_slice();
            let text = Texts::get(row, cells.column).trim();
            let whole = self.needed.iter().all(|column| cells.has(*column));
            if whole && alone(row).is_some() && !may_be_code(text) {
                captions.insert(cells.from);
                continue;
            }
            let fields = (0..).zip(&self.columns).filter_map(|(field, column)| Some(((*column)?, field)));
            if let Some((_, field)) = fields.filter(|(column, _)| cells.has(*column)).min() {
                across.push(Across { field, row: cells.from, range: cells.range(), text: text.to_owned() });
            }
        }
        (across, captions)
    }

    /// Judges a row below the header.
    #[inline]
    pub(super) fn verdict<T: Texts + ?Sized>(&self, row: &T) -> Verdict {
        // A code begins with a digit or a capital and is longer than any count; no total begins so, and the title seldom:
        // most rows are settled here.
        if let Some(id @ [first, ..]) = self.needed.first().map(|c| row.bytes(*c))
            && first.is_ascii_alphanumeric()
            && id.len() > LONGEST_COUNT
            && !first.eq_ignore_ascii_case(&b't')
            && Some(*first) != self.initial
        {
            return Verdict::Row;
        }
        let text = |column: &usize| row.get(*column).trim();
        if self.closes(row) {
            return Verdict::Skipped;
        }
        let title = |column: &usize| self.titles[*column].trim();
        // A total has no code: the first needed field is the one that identifies a row.
        let nameless = self.needed.first().is_none_or(|c| text(c).is_empty() || is_total(text(c)));
        let repeats = self.needed.iter().all(|c| text(c) == title(c)) && !self.needed.is_empty();
        if !nameless && !repeats {
            return Verdict::Row;
        }
        let Some(first) = row.first() else { return Verdict::Blank };
        // An enterprise may be called 总计科技: whoever also has a star and a county is no total.
        let filled = self.needed.iter().filter(|c| !text(c).is_empty()).count();
        let nameless = nameless && filled <= 1;
        // 合计 where the code should stand says it, with 30家 as the name or without.
        let said = filled < self.needed.len() && self.needed.first().is_some_and(|c| is_total(text(c)));
        if repeats || said || (nameless && is_total(first)) {
            Verdict::Skipped
        } else if self.columns.iter().flatten().all(|c| text(c).is_empty() || row.is_uncomputed(*c)) {
            // Formulas are often drawn down far below the last code.
            Verdict::Blank
        } else {
            Verdict::Row
        }
    }
}

/// Finds the header among `rows` and arranges the rows below it by field.
/// A sheet without the header stays as it is.
pub(super) fn understand(file: &str, sheet: &mut Sheet, fields: &[Field]) -> Result<Table, TableError> {
    let layout = Layout::find(&format!("{file} [{}]", sheet.name), &sheet.rows, fields)?;
    let Sheet { name, visible, rows, hidden, merged } = std::mem::take(sheet);
    let below = merged.into_iter().filter(|cells| cells.from > layout.number);
    let (narrow, wide): (Vec<Merged>, Vec<Merged>) = below.partition(Merged::is_narrow);
    let (across, captions) = layout.across(&wide, &rows);
    let field = |column| layout.columns.iter().position(|at| *at == Some(column));
    let mut table = Table {
        file: file.into(),
        sheet: Some(name.into()),
        headers: layout.headers(),
        rows: Vec::new(),
        skipped: Vec::new(),
        encoding: None,
        hidden_rows: Vec::new(),
        hidden_columns: layout.hidden(&hidden.columns),
        sheet_hidden: !visible,
        passed_over: Vec::new(),
        merged: narrow.iter().filter_map(|cells| Some((field(cells.column)?, cells.from, cells.to))).collect(),
        across,
    };
    let (known, places) =
        (layout.columns.iter().flatten().count(), super::places(layout.columns.iter().map(Option::is_some)));
    for (number, mut cells) in rows.into_iter().skip_while(|(number, _)| *number <= layout.number) {
        let caption = captions.contains(&number);
        let verdict = if caption { Verdict::Skipped } else { layout.verdict(cells.as_slice()) };
        match verdict {
            Verdict::Skipped => {
                table.skipped.push((number, Texts::first(cells.as_slice()).unwrap_or("").to_owned()));
            }
            Verdict::Blank => {}
            Verdict::Row => {
                if hidden.rows.contains(number) {
                    table.hidden_rows.push(number);
                }
                let mut arranged = Vec::with_capacity(known);
                for column in layout.columns.iter().flatten() {
                    arranged.push(cells.get_mut(*column).map(std::mem::take).unwrap_or_default());
                }
                table.rows.push(Row { number, cells: arranged, places: places.clone() });
            }
        }
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
        understand("x.csv", &mut Sheet { rows, ..Sheet::default() }, FIELDS)
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
        let table = understand("x.csv", &mut Sheet { rows, ..Sheet::default() }, MORE).unwrap();
        assert_eq!((table.rows.len(), table.skipped.len()), (1, 1));
    }

    const FOUR: &[Field] = &[
        FIELDS[0],
        Field { key: "name", needed: true, headers: &["企业名称"] },
        Field { key: "star", needed: true, headers: &["申报星级"] },
        Field { key: "district", needed: true, headers: &["县区"] },
    ];

    /// Rows and skipped rows of lines under a header of four fields.
    fn counts(lines: &[[&str; 5]]) -> (usize, usize) {
        let head = [["申报汇总表", "", "", "", ""], ["序号", "code", "name", "star", "district"]];
        let rows = head.iter().chain(lines).zip(1..);
        let rows = rows.map(|(l, n)| (n, l.iter().map(|c| Cell::text(*c)).collect())).collect();
        let table = understand("x.csv", &mut Sheet { rows, ..Sheet::default() }, FOUR).unwrap();
        (table.rows.len(), table.skipped.len())
    }

    #[test]
    fn totals_and_ends_of_lists_are_skipped_wherever_they_stand() {
        for line in [
            ["", "", "小计", "", "姑苏区"],
            ["", "", "姑苏区合计", "", ""],
            ["合计", "", "60家", "60", ""],
            ["", "合计", "12人", "3", "4"],
            ["", "", "", "以下空白", ""],
            ["", "以下空白", "", "", ""],
            ["", "共60家企业", "", "", ""],
            ["申报汇总表", "", "", "", ""],
            ["", "", "合计", "30", "昆山市"],
            ["合计", "120", "", "", ""],
            ["", "120", "合计", "", ""],
            ["", "合计：120家", "", "", ""],
            ["小计", "12家", "", "3", "昆山市"],
        ] {
            assert_eq!(counts(&[line]), (0, 1), "{line:?}");
        }
    }

    #[test]
    fn a_row_that_holds_a_code_or_a_name_is_never_taken_for_a_total() {
        for line in [
            ["", "91320583MAC1JJUW8D", "合计", "3", "昆山市"],
            ["合计", "", "甲 91320583MAC1JJUW8D", "3", "昆山市"],
            ["合计", "９１３２０５８３ＭＡＣ１ＪＪＵＷ８Ｄ", "", "", ""],
            ["", "", "总计科技有限公司", "3", "昆山市"],
            ["", "", "甲公司", "合计", "昆山市"],
            ["", "", "共计", "甲", "91320583MAC1JJUW8D"],
            ["", "待补", "合计", "3", "昆山市"],
        ] {
            assert_eq!(counts(&[line]), (1, 0), "{line:?}");
        }
    }

    #[test]
    fn a_total_of_inspectors_is_no_inspector() {
        const PEOPLE: &[Field] = &[
            Field { key: "id", needed: true, headers: &["工号"] },
            Field { key: "name", needed: true, headers: &["姓名"] },
        ];
        let lines =
            [["工号", "姓名"], ["A1", "甲"], ["合计", "12人"], ["小计", "6人"], ["合计", ""], ["", "合计"]];
        let rows = lines.iter().zip(1..).map(|(l, n)| (n, l.iter().map(|c| Cell::text(*c)).collect())).collect();
        let table = understand("x.csv", &mut Sheet { rows, ..Sheet::default() }, PEOPLE).unwrap();
        assert_eq!((table.rows.len(), table.skipped.len()), (1, 4));
    }

    #[test]
    fn an_enterprise_called_total_is_no_total_row() {
        let table = table(&[&["序号", "code"], &["注册1", "91"], &["", "合计"]]).unwrap();
        assert_eq!((table.rows.len(), table.skipped.len()), (1, 1));
    }
}
