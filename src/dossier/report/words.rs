//! Days, times, shares and names as the report says them.

use chrono::{Datelike, NaiveDate};

use crate::dossier::clock;
use crate::dossier::view::Route;
use crate::text::{Lang, both};

/// 3月7日 周一; Mon 7 Mar.
pub(super) fn day(date: NaiveDate, lang: Lang) -> String {
    let at = date.weekday().num_days_from_monday() as usize;
    let (month, day) = (date.month(), date.day());
    match lang {
        Lang::Zh => format!("{month}月{day}日 周{}", ["一", "二", "三", "四", "五", "六", "日"][at]),
        Lang::En => {
            format!(
                "{} {day} {}",
                ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][at],
                MONTHS[month as usize - 1]
            )
        }
    }
}

/// 3月7日; 7 Mar.
pub(super) fn short_day(date: NaiveDate, lang: Lang) -> String {
    let (month, day) = (date.month(), date.day());
    match lang {
        Lang::Zh => format!("{month}月{day}日"),
        Lang::En => format!("{day} {}", MONTHS[month as usize - 1]),
    }
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// 21小时5分; 21 h 5 min. Seconds are rounded up to the minute.
pub(super) fn duration(seconds: i64, lang: Lang) -> String {
    let all = clock::minutes(seconds);
    let (hours, minutes) = (all / 60, all % 60);
    match (hours, minutes) {
        (0, _) => both!(lang, "{minutes}分钟", "{minutes} min"),
        (_, 0) => both!(lang, "{hours}小时", "{hours} h"),
        _ => both!(lang, "{hours}小时{minutes}分", "{hours} h {minutes} min"),
    }
}

/// 5星; 5 stars.
pub(super) fn stars(star: u8, lang: Lang) -> String {
    both!(lang, "{star}星", "{star} stars")
}

/// A part of a whole in percent with one decimal, rounded down, as 9.99 % is not 10 %; a dash where there is no whole.
pub(super) fn share(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    let tenths = part * 1000 / whole;
    format!("{}.{}%", tenths / 10, tenths % 10)
}

/// Millionths as percent without needless zeros: 83 is 0.0083%.
pub(super) fn millionths(gap: i64) -> String {
    let text = format!("{}.{:04}", gap / 10_000, gap % 10_000);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// 1,278,560.
pub(super) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if number < 0 { format!("-{out}") } else { out }
}

/// The names of a crew, the leader first.
pub(super) fn crew(route: &Route<'_>, lang: Lang) -> String {
    if route.crew.is_empty() {
        return lang.pick("（无符合条件的核查人员）", "(nobody may go)").to_owned();
    }
    let names: Vec<&str> = route.crew.iter().map(|member| member.name.as_str()).collect();
    names.join(lang.pick("、", ", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_as_people_write_them() {
        let date: NaiveDate = "2022-03-07".parse().unwrap();
        assert_eq!(day(date, Lang::Zh), "3月7日 周一");
        assert_eq!(day(date, Lang::En), "Mon 7 Mar");
        assert_eq!(duration(75_901, Lang::Zh), "21小时6分");
        assert_eq!(duration(3600, Lang::En), "1 h");
        assert_eq!(duration(59, Lang::Zh), "1分钟");
        assert_eq!(share(42, 412), "10.1%");
        assert_eq!(share(0, 0), "–");
        assert_eq!(millionths(83), "0.0083%");
        assert_eq!(millionths(0), "0%");
        assert_eq!(millionths(1_000_000), "100%");
        assert_eq!(grouped(1_278_560), "1,278,560");
        assert_eq!(grouped(-999), "-999");
    }
}
