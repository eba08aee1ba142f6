//! What a quote that stands alone has swallowed.
//!
//! A cell that begins with a quote goes on to the next one (RFC 4180, section 2.6). Where the clerk forgot to close it, the
//! rows in between become part of the cell, and applicants are gone without a trace. A cell of one line swallows nothing,
//! so only those with a line break are looked at: they are refused where a line in them is a row by its separators and its
//! code, or where the quotes cannot be as a program writes them.

use memchr::{memchr, memchr_iter, memchr3};
use unicode_normalization::UnicodeNormalization;

use super::delimited::Span;
use super::header::{Layout, Texts};

/// The cell that begins with the quote at `at`, and the position behind it: a separator, a line break or the end.
/// `None` where the text in the buffer does not tell, and, at the end of the text, where nothing closes the quote.
#[inline]
pub(super) fn quoted(
    text: &[u8],
    at: usize,
    ended: bool,
    separator: u8,
    rewritten: &mut Vec<u8>,
) -> Option<(Span, usize)> {
    let first = rewritten.len();
    // What is between `from` and the next quote has not been copied yet.
    let mut from = at + 1;
    let mut copied = false;
    let close = loop {
        let quote = from + memchr(b'"', &text[from..])?;
        match text.get(quote + 1) {
            None if !ended => return None,
            Some(b'"') => {
                rewritten.extend_from_slice(&text[from..=quote]);
                copied = true;
                from = quote + 2;
            }
            _ => break quote,
        }
    };
    let behind = close + 1;
    let end = match text.get(behind) {
        None => behind,
        Some(byte) if *byte == separator || matches!(byte, b'\n' | b'\r') => behind,
        // Text behind the closing quote belongs to the cell, quotes in it included.
        Some(_) => match memchr3(separator, b'\n', b'\r', &text[behind..]) {
            Some(n) => behind + n,
            None if ended => text.len(),
            None => return None,
        },
    };
    if !copied && end == behind {
        return Some((Span { from, to: close, rewritten: false }, end));
    }
    rewritten.extend_from_slice(&text[from..close]);
    rewritten.extend_from_slice(&text[behind..end]);
    Some((Span { from: first, to: rewritten.len(), rewritten: true }, end))
}

/// A quoted cell with a line break in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Several<'t> {
    /// Its column, from 0.
    pub(super) column: usize,
    /// What stands between the quotes.
    inside: &'t [u8],
    /// What follows the closing quote up to the end of the cell.
    behind: &'t [u8],
}

impl<'t> Several<'t> {
    /// The last line of a cell that goes on behind its closing quote, as no program writes it.
    pub(super) fn torn(self) -> Option<&'t [u8]> {
        (!self.behind.trim_ascii().is_empty()).then(|| lines(self.inside).last())?
    }
}

/// The quoted cells of a whole record that have a line break in them.
pub(super) fn of_several_lines(record: &[u8], separator: u8) -> Vec<Several<'_>> {
    let mut out = Vec::new();
    let (mut at, mut column) = (0, 0);
    while at < record.len() {
        let mut end = at;
        if record[at] == b'"' {
            let mut close = at + 1;
            while let Some(quote) = memchr(b'"', &record[close..]).map(|n| close + n) {
                close = quote + 1;
                if record.get(close) != Some(&b'"') {
                    break;
                }
                close += 1;
            }
            end = memchr(separator, &record[close..]).map_or(record.len(), |n| close + n);
            let inside = &record[at + 1..close - 1];
            if lines(inside).nth(1).is_some() {
                out.push(Several { column, inside, behind: &record[close..end] });
            }
        }
        end = memchr(separator, &record[end..]).map_or(record.len(), |n| end + n);
        (at, column) = (end + 1, column + 1);
    }
    out
}

/// How a row of the table looks.
#[derive(Debug)]
pub(super) struct Shape<'a> {
    layout: &'a Layout,
    separator: u8,
    /// Separators that a row has at least.
    least: usize,
}

/// The lines of a cell; CR LF gives a blank one, which is no row.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| matches!(byte, b'\n' | b'\r'))
}

fn clean(piece: &[u8]) -> String {
    String::from_utf8_lossy(piece).nfkc().filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'')).collect()
}

/// Whether a piece of a line is a credit code, damaged ones and those that became a number included.
fn is_code(piece: &str) -> bool {
    let digits = piece.bytes().filter(u8::is_ascii_digit).count();
    let scientific = piece.contains(['E', 'e']) && piece.contains('.') && piece.contains('+');
    (scientific || ((14..=22).contains(&piece.len()) && piece.bytes().all(|b| b.is_ascii_alphanumeric())))
        && digits >= 4
}

/// Whether a piece is the number of a person: A01, 3205-017.
fn is_number(piece: &str) -> bool {
    piece.len() <= 12
        && piece.bytes().any(|b| b.is_ascii_digit())
        && piece.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

impl<'a> Shape<'a> {
    pub(super) fn of(layout: &'a Layout, separator: u8) -> Self {
        let titles = layout.titles();
        let usual = titles.iter().rposition(|title| !title.trim().is_empty()).unwrap_or(0);
        let near = usual - usual / 4;
        // Lists of codes stand in tables of other things, so that their lines have to be nearly as long as rows.
        let needed = layout.needed().iter().max().copied().unwrap_or(0);
        let least = if layout.by_code { near.min(needed) } else { near };
        Self { layout, separator, least: least.max(1) }
    }

    /// The title of a column, if it has one.
    pub(super) fn title(&self, column: usize) -> Option<&str> {
        self.layout.titles().get(column).map(|title| title.trim()).filter(|title| !title.is_empty())
    }

    /// The first line that is a row of the table, in a cell of a record.
    pub(super) fn swallowed<'t>(&self, cell: Several<'t>, record: &impl Texts) -> Option<&'t [u8]> {
        let mut rest: Vec<&[u8]> = lines(cell.inside).skip(1).collect();
        let last = rest.pop().unwrap_or_default();
        let whole = |line: &&[u8]| self.separators(line) >= self.least && self.begins_row(line);
        if let Some(line) = rest.into_iter().find(whole) {
            return Some(line);
        }
        // The row goes on behind the closing quote: with as many separators before it as before the opening one, or the
        // record has more cells than the header.
        let (before, cells, titles) = (self.separators(last), record.count(), self.layout.titles().len());
        let all = before + cells.saturating_sub(cell.column + 1);
        let fits = before >= cell.column.max(1) && all >= self.least && self.begins_row(last);
        let beyond = || (titles..cells).any(|column| !record.get(column).trim().is_empty());
        let codes = || last.split(|byte| *byte == self.separator).any(|piece| is_code(&clean(piece)));
        let surplus = || cells > titles && (beyond() || (self.layout.by_code && codes()));
        (fits || surplus()).then_some(last)
    }

    fn separators(&self, line: &[u8]) -> usize {
        memchr_iter(self.separator, line).count()
    }

    /// Whether what identifies and names a row stands in the columns of the table.
    fn begins_row(&self, line: &[u8]) -> bool {
        let pieces: Vec<String> = line.split(|byte| *byte == self.separator).map(clean).collect();
        let needed: Vec<&str> =
            self.layout.needed().iter().filter_map(|c| Some(pieces.get(*c)?.as_str())).collect();
        match needed.first() {
            Some(code) if self.layout.by_code => {
                is_code(code) && pieces.iter().any(|piece| !piece.is_empty() && !is_code(piece))
            }
            Some(number) => {
                let named = |piece: &&str| !piece.is_empty() && !piece.bytes().any(|b| b.is_ascii_digit());
                is_number(number) && needed.len() > 1 && needed[1..].iter().all(named)
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Content, Field, TableError, TableReader, Visit};

    const APPLICANTS: &[Field] = &[
        Field { key: "code", needed: true, headers: &["代码"] },
        Field { key: "name", needed: true, headers: &["名称"] },
        Field { key: "star", needed: true, headers: &["星级"] },
    ];
    const PEOPLE: &[Field] = &[
        Field { key: "id", needed: true, headers: &["工号"] },
        Field { key: "name", needed: true, headers: &["姓名"] },
    ];
    const A: &str = "91320583MAC1JJUW8D";
    const B: &str = "91320581MAJHYR102B";
    const C: &str = "91320582MADR54U39J";

    /// How many rows there are, or what is wrong.
    fn rows(text: &str, fields: &[Field]) -> Result<usize, TableError> {
        let content = Content::of_bytes(text.as_bytes().to_vec());
        let mut rows = 0;
        TableReader::open("x", &content, None, fields)?
            .each(|visit| rows += usize::from(matches!(visit, Visit::Row(_))))?;
        Ok(rows)
    }

    #[test]
    fn a_quote_without_its_other_is_refused_with_row_and_column() {
        let open = |row, column: &str| Err(TableError::OpenQuote("x".into(), row, column.into()));
        let text = |rest: &str| format!("代码,名称,星级,备注,\n{A},甲,3,,\n{rest}");
        assert_eq!(rows(&text(&format!("{B},\"乙,3,,\n{C},丙,3,,\n")), APPLICANTS), open(3, "名称"));
        assert_eq!(rows(&text(&format!("{B},乙,3,\"\"\"无\"\"\n{C},丙,3,,\n")), APPLICANTS), open(3, "备注"));
        assert_eq!(rows(&text(&format!("{B},乙,3,,\"")), APPLICANTS), open(3, "E"));
    }

    #[test]
    fn rows_between_two_quotes_are_not_lost() {
        let text = |rest: String| format!("序号,代码,名称,星级,备注\n1,{A},甲,3,无\n{rest}\n");
        for (column, rest) in [
            // The next quote opens another cell, ends one, or stands in its middle.
            ("名称", format!("2,{B},\"乙,3,无\n3,{C},\"丙\",3,无")),
            ("名称", format!("2,{B},\"乙,3,无\n3,{C},丙,3,\"无\"")),
            ("名称", format!("2,{B},\"乙,3,无\r\n3,{C},丙\",3,无")),
            ("名称", format!("2,{B},\"乙,3,无\n3,{C}\",丙,3,无")),
            ("名称", format!("2,{B},\"乙,3,无\n3,{C},丙,3\",无")),
            ("备注", format!("2,{B},乙,3,\"无\n3,{C},丙,3,无\n4,{A},丁,4,无\"")),
            ("备注", format!("2,{B},乙,3,\"无\n3,{C},丙,3,无\"")),
            ("备注", format!("2,{B},乙,3,\"无\n3,{C},丙,3,\n4,9.13206E+17,丁,4,\"")),
            ("备注", format!("\"2\",\"{B}\",\"乙\",\"3\",\"无\n\"3\",\"{C}\",\"丙\",\"3\",\"无\"")),
        ] {
            let found = rows(&text(rest.clone()), APPLICANTS).unwrap_err();
            assert!(matches!(&found, TableError::SwallowedRows(_, 3, at, _) if at == column), "{rest}: {found:?}");
        }
        // The header's own quotes.
        let found = rows(&format!("代码,名称,星级,\"备注\n{A},甲,3,无\n{B},乙,3,\"无\"\n"), APPLICANTS);
        assert!(matches!(found, Err(TableError::SwallowedRows(_, 1, ..))), "{found:?}");
        let people = "工号,姓名,单位,回避企业\nA01,\"张三,局,\nA02,李四,局,\nA03,王五\",局,\n";
        assert!(matches!(rows(people, PEOPLE), Err(TableError::SwallowedRows(_, 2, ..))));
    }

    #[test]
    fn cells_of_several_lines_are_read() {
        let text = |cell: &str| format!("代码,名称,星级,备注,联系人\n{A},甲,3,\"{cell}\",丁\n{B},\"乙\",3,,戊\n");
        for cell in [
            "第一行\n第二行",
            "地址一, 二楼\r\n地址二, 三楼\r\n",
            "关联企业：\n91320582MADR54U39J",
            "关联企业：\n91320582MADR54U39J,某某公司\n另有一家",
            "\n\n",
            "他说\"\"好\"\"\n，不必再查",
        ] {
            assert_eq!(rows(&text(cell), APPLICANTS), Ok(2), "{cell}");
        }
        let list = format!("{A};{B}\n{C};{A};{B};{C};{A};{B}");
        for (separator, list) in [(",", list.as_str()), (";", &list), (",", &list.replace(';', ","))] {
            let text =
                "工号,姓名,单位,回避企业,驻地\nA01,张三,局,\"L\",东\nA02,李四,局,,西\n".replace(',', separator);
            assert_eq!(rows(&text.replace('L', list), PEOPLE), Ok(2), "{text}");
        }
    }
}
