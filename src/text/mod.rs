//! Chinese and English for people.
//!
//! Inside the program results and errors are typed; they become sentences only at the edge, through
//! [`Say`]. This room knows nothing of the others: each type says itself where it is defined, so that
//! a new kind of finding cannot be forgotten here.

use std::cmp::Ordering;
use std::fmt;

/// The language of everything a person reads: screen, documents, CSV headers. JSON keys stay English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Chinese, as a Jiangsu official would write it.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Both languages, in a fixed order.
    pub const ALL: [Lang; 2] = [Lang::Zh, Lang::En];

    /// The language for a locale name such as `en_GB.UTF-8`; Chinese unless it clearly says English.
    #[must_use]
    pub fn from_locale(locale: Option<&str>) -> Self {
        match locale {
            Some(name) if name.to_ascii_lowercase().starts_with("en") => Lang::En,
            _ => Lang::Zh,
        }
    }

    /// One of two ready texts.
    #[must_use]
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.pick("zh", "en"))
    }
}

impl std::str::FromStr for Lang {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "zh" => Ok(Lang::Zh),
            "en" => Ok(Lang::En),
            _ => Err("zh / en".to_owned()),
        }
    }
}

/// What can be said to a person in either language.
pub trait Say {
    /// One sentence (or a few) without a final line break.
    fn say(&self, lang: Lang) -> String;

    /// The same for machines, one entry for each thing that is wrong with an input; nothing where there is no more to
    /// tell than the sentence.
    fn details(&self) -> Vec<Detail> {
        Vec::new()
    }
}

/// One thing wrong with an input, for machines.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Detail {
    /// A stable English name.
    pub kind: &'static str,
    /// The file.
    pub file: String,
    /// The sheet, of a workbook.
    pub sheet: Option<String>,
    /// The row as a spreadsheet counts it, from 1.
    pub row: Option<u32>,
    /// The header of the column.
    pub column: Option<String>,
    /// What was found there.
    pub value: Option<String>,
    /// The sentence in Chinese.
    pub zh: String,
    /// The sentence in English.
    pub en: String,
}

/// `format!` in the chosen language: `both!(lang, "第{row}行", "row {row}")`.
macro_rules! both {
    ($lang:expr, $zh:literal, $en:literal $(,)?) => {
        match $lang {
            $crate::text::Lang::Zh => format!($zh),
            $crate::text::Lang::En => format!($en),
        }
    };
}
pub(crate) use both;

/// Implements `Display` through English, so that errors work with `?` and in logs.
macro_rules! display_in_english {
    ($($t:ty),+ $(,)?) => {$(
        impl std::fmt::Display for $t {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&$crate::text::Say::say(self, $crate::text::Lang::En))
            }
        }
    )+};
}
pub(crate) use display_in_english;

/// Seconds from midnight as `HH:MM`, with `:SS` where needed.
#[must_use]
pub fn clock(seconds: i64) -> String {
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if s == 0 { format!("{h:02}:{m:02}") } else { format!("{h:02}:{m:02}:{s:02}") }
}

/// At most `limit` characters of a cell for a message, line breaks and control characters made visible, so that a
/// hostile cell can neither flood nor control the terminal.
#[must_use]
pub fn excerpt(value: &str, limit: usize) -> String {
    let mut out = String::new();
    for (n, c) in value.chars().enumerate() {
        if n == limit {
            out.push('…');
            break;
        }
        match c {
            '\n' => out.push('⏎'),
            c if c.is_control() || is_format_character(c) => out.push('·'),
            c => out.push(c),
        }
    }
    out
}

/// Compares texts as people order them: runs of digits or of Chinese numerals by the number they are, so that 2 comes before
/// 10 and 二组 before 三组. Texts that are the same but for how a number is written compare by their bytes.
#[must_use]
pub fn natural(a: &str, b: &str) -> Ordering {
    parts(a).cmp(&parts(b)).then_with(|| a.cmp(b))
}

/// A part of a text as people order it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// A number: how many digits it has, and these, without leading zeros.
    Number(usize, String),
    /// Any other character.
    Other(char),
}

fn parts(text: &str) -> Vec<Part> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let run = |fits: fn(char) -> bool| rest.find(|c| !fits(c)).unwrap_or(rest.len());
        let number = |digits: &str| {
            let digits = digits.trim_start_matches('0').to_owned();
            Part::Number(digits.len(), digits)
        };
        let (end, part) = match (run(|c| c.is_ascii_digit()), run(|c| chinese(c).is_some())) {
            (0, 0) => (first.len_utf8(), Part::Other(first)),
            (0, end) => (end, number(&numeral(&rest[..end]).to_string())),
            (end, _) => (end, number(&rest[..end])),
        };
        out.push(part);
        rest = &rest[end..];
    }
    out
}

/// What a Chinese numeral is worth: a digit, ten, or a hundred.
fn chinese(c: char) -> Option<u64> {
    const NUMERALS: &str = "〇一二三四五六七八九十";
    match c {
        '零' => Some(0),
        '百' => Some(100),
        _ => NUMERALS.chars().position(|numeral| numeral == c).map(|value| value as u64),
    }
}

/// The number that Chinese numerals are: 十二, 二十, 一百零三, 二〇二二.
fn numeral(text: &str) -> u64 {
    let (mut sum, mut digits) = (0u64, 0u64);
    for value in text.chars().filter_map(chinese) {
        if value < 10 {
            digits = digits.saturating_mul(10).saturating_add(value);
        } else {
            sum = sum.saturating_add(digits.max(1).saturating_mul(value));
            digits = 0;
        }
    }
    sum.saturating_add(digits)
}

/// Invisible characters that reorder or hide text (bidirectional controls, zero-width marks).
#[must_use]
pub fn is_format_character(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locale_decides_the_language_and_chinese_is_the_default() {
        assert_eq!(Lang::from_locale(Some("en_GB.UTF-8")), Lang::En);
        assert_eq!(Lang::from_locale(Some("zh-CN")), Lang::Zh);
        assert_eq!(Lang::from_locale(Some("C.UTF-8")), Lang::Zh);
        assert_eq!(Lang::from_locale(None), Lang::Zh);
    }

    #[test]
    fn numbers_within_texts_order_by_their_value() {
        let mut teams =
            ["市局-10", "昆山-1", "市局-2", "市局-1′", "市局-", "市局-1", "市局-02", "市局-1-9", "10", "9"];
        teams.sort_by(|a, b| natural(a, b));
        let expected =
            ["9", "10", "市局-", "市局-1", "市局-1-9", "市局-1′", "市局-02", "市局-2", "市局-10", "昆山-1"];
        assert_eq!(teams, expected);
        assert_eq!(natural(&"9".repeat(400), &"1".repeat(401)), Ordering::Less);
        let mut teams =
            ["第二十组", "第三组", "第一百零三组", "第十二组", "第二组", "第一组", "第十组", "二〇二二", "九九"];
        teams.sort_by(|a, b| natural(a, b));
        let expected =
            ["九九", "二〇二二", "第一组", "第二组", "第三组", "第十组", "第十二组", "第二十组", "第一百零三组"];
        assert_eq!(teams, expected);
        assert_eq!(natural(&"百".repeat(90), &"九".repeat(90)), Ordering::Less);
    }

    #[test]
    fn an_excerpt_is_short_and_shows_no_control_character() {
        assert_eq!(excerpt("a\nb\u{1b}[31m", 40), "a⏎b·[31m");
        assert_eq!(excerpt("一二三四", 2), "一二…");
        assert_eq!(excerpt("a\u{202e}b", 9), "a·b");
    }
}
