//! Cleaning of cells: what is unambiguous is read, what is not is refused by returning `None`.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use unicode_normalization::UnicodeNormalization;

use super::{Cell, CellKind};
use crate::text::{clock, is_format_character};

/// Seconds from midnight.
pub type Seconds = i64;

/// Longest range of days in one cell; a longer one is a typing error.
const MAX_RANGE_DAYS: u64 = 366;

/// Full-width forms folded (NFKC), spaces of every kind, line breaks and invisible marks removed.
#[must_use]
pub fn squeeze(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace() && !c.is_control() && !is_format_character(*c)).collect()
}

/// Text for people: surrounding space cut, inner line breaks and runs of space made one space.
#[must_use]
pub fn tidy(text: &str) -> String {
    let visible: String = text.chars().filter(|c| !is_format_character(*c)).collect();
    visible
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Whether a cell says there is nothing: blank, a dash, 无.
#[must_use]
pub fn is_nothing(text: &str) -> bool {
    matches!(squeeze(text).as_str(), "" | "-" | "--" | "—" | "/" | "\\" | "无" | "没有" | "none" | "None" | "0")
}

/// Whether a cell that asks for a reason to do something, named by its last character (撤, 查), says that there is none: nothing,
/// a no, or that it is not done (未撤回, 没有撤回, 不必查), each also with a remark in brackets.
#[must_use]
pub fn is_denied(text: &str, done: char) -> bool {
    let plain = squeeze(text);
    let plain = plain.split('(').next().filter(|before| !before.is_empty()).unwrap_or(&plain);
    if is_nothing(plain) || yes_no(plain) == Some(false) {
        return true;
    }
    let without =
        ["没有", "未曾", "尚未", "未", "不", "没", "无", "非"].iter().find_map(|no| plain.strip_prefix(no));
    without.is_some_and(|rest| {
        let must =
            ["需要", "必须", "需", "必", "须", "用", "是", "再"].iter().find_map(|word| rest.strip_prefix(word));
        let rest = must.unwrap_or(rest);
        rest.strip_prefix('核').unwrap_or(rest).starts_with(done)
    })
}

/// Whether a text is what a failed formula shows, which a workbook saved as CSV keeps as text.
#[must_use]
pub fn is_failed_formula(text: &str) -> bool {
    const SHOWN: [&str; 9] =
        ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"];
    let text = text.trim();
    SHOWN.iter().any(|shown| shown.eq_ignore_ascii_case(text))
        || text.strip_prefix("Err:").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// Days from 1899-12-30 to 1904-01-01, from which workbooks of old Macs count.
pub(super) const DAYS_TO_1904: f64 = 1462.0;

/// An Excel serial number as a date or date and time.
#[must_use]
pub fn serial_text(serial: f64) -> String {
    match serial_date(serial) {
        Some(date) if serial.fract() == 0.0 => date.to_string(),
        Some(date) if serial >= 1.0 => {
            let seconds = ((serial.fract() * 86_400.0).round() as i64).min(86_399);
            format!("{date} {}", clock(seconds))
        }
        _ => clock(((serial * 86_400.0).round() as i64).clamp(0, 86_399)),
    }
}

/// The day of an Excel serial number (1900 system, counted from 1899-12-30); years 1990 to 2100 only.
#[must_use]
pub fn serial_date(serial: f64) -> Option<NaiveDate> {
    if !(32_874.0..=73_415.0).contains(&serial) {
        return None;
    }
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(serial as u64))
}

/// `08:30`, `8:30`, `8：30`, `8时30分`, `8点` as seconds from midnight, up to 24:00.
#[must_use]
pub fn time(text: &str) -> Option<Seconds> {
    let plain = squeeze(text).replace(['时', '点'], ":");
    let plain = plain.trim_end_matches(['分', ':']);
    let mut parts = plain.split(':');
    let mut part = |limit: i64| -> Option<Option<i64>> {
        match parts.next() {
            None => Some(None),
            Some(p) if (1..=2).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()) => {
                p.parse().ok().filter(|n| *n <= limit).map(Some)
            }
            Some(_) => None,
        }
    };
    let (h, m, s) = (part(24)??, part(59)?.unwrap_or(0), part(59)?.unwrap_or(0));
    let seconds = h * 3600 + m * 60 + s;
    (parts.next().is_none() && seconds <= 86_400).then_some(seconds)
}

/// A span `08:30-17:30` (also with ～, 至, —), end after start.
#[must_use]
pub fn span(text: &str) -> Option<(Seconds, Seconds)> {
    let plain = squeeze(text).replace(['～', '~', '至', '到', '—', '–', '―'], "-");
    let (from, to) = plain.split_once('-')?;
    let (from, to) = (time(from)?, time(to.trim_start_matches('-'))?);
    (from < to).then_some((from, to))
}

/// A day: `2022-03-14`, `2022/3/14`, `2022.3.14`, `2022年3月14日`, `20220314`, with or without a time after it.
#[must_use]
pub fn date(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    // Only a time may follow a space or T: 2022-03-14 00:00:00.
    let day = match text.split_once([' ', 'T']) {
        Some((day, rest)) if time(rest.split('.').next()?).is_some() => day,
        _ => text,
    };
    let plain = squeeze(day);
    if plain.len() == 8 && plain.bytes().all(|b| b.is_ascii_digit()) {
        return in_range(NaiveDate::parse_from_str(&plain, "%Y%m%d").ok()?);
    }
    let mut parts = plain.trim_end_matches(['日', '号']).split(['-', '/', '.', '年', '月']);
    let mut number = |digits: std::ops::RangeInclusive<usize>| -> Option<u32> {
        let part = parts.next()?;
        (digits.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?
    };
    let (year, month, day) = (number(4..=4)?, number(1..=2)?, number(1..=2)?);
    if parts.next().is_some() {
        return None;
    }
    in_range(NaiveDate::from_ymd_opt(year as i32, month, day)?)
}

fn in_range(date: NaiveDate) -> Option<NaiveDate> {
    use chrono::Datelike;
    (1990..=2100).contains(&date.year()).then_some(date)
}

/// The day of a cell, whether text, date or serial number.
#[must_use]
pub fn cell_date(cell: &Cell) -> Option<NaiveDate> {
    match cell.kind {
        CellKind::Date(serial) => serial_date(serial),
        CellKind::Number(n) => date(&cell.text).or_else(|| serial_date(n)),
        CellKind::Text => date(&cell.text).or_else(|| {
            let plain = squeeze(&cell.text);
            (plain.len() == 5).then(|| plain.parse().ok().and_then(serial_date))?
        }),
        CellKind::Error | CellKind::Uncomputed => None,
    }
}

/// Days and ranges: `2022-03-14;2022-03-21..2022-03-25`; also 、 ， between them and 至 ~ - within a range, whose end may leave out
/// the year and month that its beginning has.
///
/// # Errors
/// The part that cannot be read.
pub fn dates(cell: &Cell) -> Result<BTreeSet<NaiveDate>, String> {
    if let Some(day) = cell_date(cell) {
        return Ok(BTreeSet::from([day]));
    }
    let mut out = BTreeSet::new();
    if is_nothing(&cell.text) {
        return Ok(out);
    }
    for part in cell.text.split([';', '；', '、', ',', '，', '\n']).map(str::trim).filter(|p| !p.is_empty()) {
        let Some((from, to)) = date(part).map(|day| (day, day)).or_else(|| date_range(part)) else {
            return Err(part.to_owned());
        };
        if from > to || to.signed_duration_since(from).num_days().unsigned_abs() > MAX_RANGE_DAYS {
            return Err(part.to_owned());
        }
        out.extend(from.iter_days().take_while(|d| *d <= to));
    }
    Ok(out)
}

/// The first and the last day of a range.
fn date_range(part: &str) -> Option<(NaiveDate, NaiveDate)> {
    const MARKS: [&str; 9] = ["..", "至", "到", "~", "～", "—", "–", "－", "-"];
    let mut splits = MARKS.iter().flat_map(|mark| {
        part.match_indices(*mark).map(move |(at, mark)| (&part[..at], &part[at + mark.len()..], mark))
    });
    splits.find_map(|(from, to, mark)| {
        let first = date(from)?;
        let to = to.trim_matches(['—', '–', '.']);
        // 2022-3-7-9 may be meant in more than one way.
        let short = || (mark != "-" || !from.contains('-')).then(|| rest_of_date(first, to))?;
        Some((first, date(to).or_else(short)?))
    })
}

/// The day that `16日` or `4月2日` means after another one of the same month or year.
fn rest_of_date(first: NaiveDate, text: &str) -> Option<NaiveDate> {
    use chrono::Datelike;
    let plain = squeeze(text);
    let numbers: Option<Vec<u32>> = plain
        .trim_end_matches(['日', '号'])
        .split(['月', '.', '/'])
        .map(|part| {
            (matches!(part.len(), 1..=2) && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?
        })
        .collect();
    match numbers?[..] {
        [day] => first.with_day(day),
        [month, day] => NaiveDate::from_ymd_opt(first.year(), month, day),
        _ => None,
    }
}

/// A decimal number in degrees, full-width digits allowed.
#[must_use]
pub fn degrees(text: &str) -> Option<f64> {
    let plain = squeeze(text);
    let plain = plain.trim_end_matches(['°', 'E', 'N']);
    let digits = |c: char| c.is_ascii_digit() || c == '.' || c == '-';
    if plain.is_empty() || !plain.chars().all(digits) {
        return None;
    }
    plain.parse().ok().filter(|n: &f64| n.is_finite() && n.abs() <= 180.0)
}

/// Yes or no in the words of tables; `None` for anything else.
#[must_use]
pub fn yes_no(text: &str) -> Option<bool> {
    match squeeze(text).to_lowercase().as_str() {
        "是" | "有" | "在用" | "√" | "✓" | "✔" | "y" | "yes" | "true" | "1" | "专家" | "expert" => {
            Some(true)
        }
        "" | "否" | "无" | "不是" | "没有" | "停用" | "×" | "✗" | "-" | "/" | "n" | "no" | "false" | "0" => {
            Some(false)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_day_is_the_same_day() {
        let expected = NaiveDate::from_ymd_opt(2022, 3, 1).unwrap();
        for text in [
            "2022-03-01",
            "2022.3.1",
            "2022年3月1日",
            "2022/3/1",
            "20220301",
            "２０２２年３月１日",
            "2022-03-01 00:00:00",
            "2022-03-01T08:30:00",
        ] {
            assert_eq!(cell_date(&Cell::text(text)), Some(expected), "{text}");
        }
        let serial = Cell { text: "44621".into(), kind: CellKind::Number(44_621.0) };
        assert_eq!(cell_date(&serial), Some(expected));
        assert_eq!(serial_text(44_621.0), "2022-03-01");
        assert_eq!(serial_text(44_621.5), "2022-03-01 12:00");
        for text in ["2022-02-30", "3-1", "22-3-1", "2022", "", "2022-03-01..2022-03-02", "2022-03-01 x"] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn ranges_of_days_are_written_out() {
        let cell = Cell::text("2022-03-14；2022-03-21..2022-03-25、2022年4月1日至2022年4月2日");
        assert_eq!(dates(&cell).unwrap().len(), 8);
        assert_eq!(dates(&Cell::text("2022-03-14;下周")), Err("下周".to_owned()));
        assert!(dates(&Cell::text("2022-03-25..2022-03-21")).is_err());
        assert!(dates(&Cell::text("2000-01-01..2099-01-01")).is_err());
        assert_eq!(dates(&Cell::text("无")).unwrap().len(), 0);
    }

    #[test]
    fn a_range_may_be_written_with_hyphens_and_cut_short() {
        let days = |from: u32, to: u32| {
            let day = |d| NaiveDate::from_ymd_opt(2022, 3, d).unwrap();
            Ok(day(from).iter_days().take_while(|d| *d <= day(to)).collect())
        };
        for text in [
            "2022/3/7-2022/3/9",
            "2022.3.7-2022.3.9",
            "2022-03-07-2022-03-09",
            "2022-03-07 - 2022-03-09",
            "2022年3月7日－9日",
            "2022年3月7日至9日",
            "2022年3月7日-3月9日",
            "2022.3.7-9",
            "2022-03-07至9",
        ] {
            assert_eq!(dates(&Cell::text(text)), days(7, 9), "{text}");
        }
        for text in ["2022-3-7-9", "2022-03-07-", "-2022-03-07", "3月7日至9日", "2022年3月7日至32日", "2022.3.9-7"]
        {
            assert!(dates(&Cell::text(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn a_denial_is_no_reason() {
        for text in
            ["", "无", "否", "否（上年已查）", "未撤回", "不撤回", "没有撤回", "不再撤回", " 未 撤 ", "N", "×"]
        {
            assert!(is_denied(text, '撤'), "{text}");
        }
        for text in
            ["是", "撤回", "企业申请撤回", "不再申报", "无意愿", "（企业来函）", "未按期提交材料", "未核查"]
        {
            assert!(!is_denied(text, '撤'), "{text}");
        }
        for text in ["不必查", "非必查", "无需核查", "不用查", "不查", "未核查"] {
            assert!(is_denied(text, '查'), "{text}");
        }
        for text in ["举报", "必查", "未按要求整改", "上年抽查不合格", "无法联系"] {
            assert!(!is_denied(text, '查'), "{text}");
        }
    }

    #[test]
    fn times_and_spans() {
        assert_eq!(time("8：30"), Some(30_600));
        assert_eq!(time("17时30分"), Some(63_000));
        assert_eq!(time("9点"), Some(32_400));
        assert_eq!(time("25:00"), None);
        assert_eq!(span("09:00～11:30"), Some((32_400, 41_400)));
        assert_eq!(span("11:30-09:00"), None);
        assert_eq!(clock(63_000), "17:30");
    }

    #[test]
    fn degrees_are_numbers_only() {
        assert_eq!(degrees("１２０.６２"), Some(120.62));
        assert_eq!(degrees("inf"), None);
        assert_eq!(degrees("120,6"), None);
    }
}
