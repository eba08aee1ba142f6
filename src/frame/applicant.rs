//! One applicant: a row of the table, cleaned.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::CreditCode;
use crate::table::Place;

/// One applicant. What only the schedule or the documents need is empty where the table does not say it.
#[derive(Debug, Clone, PartialEq)]
pub struct Applicant {
    /// Unified social credit code; identifies the applicant.
    pub code: CreditCode,
    /// Name of the enterprise.
    pub name: String,
    /// The star applied for.
    pub star: u8,
    /// County as it stands in the frame: the full name where it was resolved, else the cleaned cell.
    pub county: String,
    /// Whether `county` is a county or zone of the city.
    pub county_known: bool,
    /// The row it came from.
    pub place: Place,
    /// Address of the site.
    pub address: String,
    /// Person to contact.
    pub contact: String,
    /// Telephone.
    pub phone: String,
    /// What has to be understood to be used.
    pub details: Details,
    /// Why it must be inspected whatever the lot says.
    pub must_inspect: Option<String>,
}

/// What a row says beside code, name, star and county, as far as it has to be understood to be used.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Details {
    /// Longitude and latitude in degrees, in the datum of the table.
    pub point: Option<(f64, f64)>,
    /// The star held now, 0 for none; `None` where the table does not say.
    pub held_star: Option<u8>,
    /// Form of cloud as written, cleaned.
    pub cloud_form: String,
    /// Day since which the services are in use.
    pub in_use_since: Option<NaiveDate>,
    /// Whether the services are still in use.
    pub in_use: Option<bool>,
    /// Day of payment.
    pub paid_on: Option<NaiveDate>,
    /// Days on which nobody can receive the inspectors.
    pub unavailable: BTreeSet<NaiveDate>,
    /// Times of day at which somebody can; empty: any.
    pub hours: Vec<Hours>,
}

impl Applicant {
    /// An applicant of whom only code, star and county are known.
    #[must_use]
    pub fn bare(code: CreditCode, star: u8, county: &str, place: Place) -> Self {
        Self {
            code,
            name: String::new(),
            star,
            county: county.to_owned(),
            county_known: true,
            place,
            address: String::new(),
            contact: String::new(),
            phone: String::new(),
            details: Details::default(),
            must_inspect: None,
        }
    }
}

/// A part of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hours {
    /// Up to the lunch break.
    Morning,
    /// From the lunch break on.
    Afternoon,
    /// Seconds from midnight: from, to.
    Span(i64, i64),
}

impl Hours {
    /// Reads 上午, 下午, 全天 or spans, separated by `;`. An empty result means any time.
    ///
    /// # Errors
    /// The part that cannot be read.
    pub fn parse(text: &str) -> Result<Vec<Self>, String> {
        let mut out = Vec::new();
        for part in text.split([';', '；', '、', ',', '，', '\n']).map(str::trim).filter(|p| !p.is_empty()) {
            match crate::table::clean::squeeze(part).to_lowercase().as_str() {
                "上午" | "am" | "morning" => out.push(Self::Morning),
                "下午" | "pm" | "afternoon" => out.push(Self::Afternoon),
                "全天" | "不限" | "均可" | "无" | "any" | "allday" => return Ok(Vec::new()),
                other => match crate::table::clean::span(other) {
                    Some((from, to)) => out.push(Self::Span(from, to)),
                    None => return Err(part.to_owned()),
                },
            }
        }
        if out.contains(&Self::Morning) && out.contains(&Self::Afternoon) {
            out.clear();
        }
        Ok(out)
    }
}

/// Reads a star: 3, ３, 3.0, 三星, 三星级上云企业, ★★★. `None` unless exactly one number is meant: ★★★☆☆ is three of five
/// or five, so hollow stars are never counted.
#[must_use]
pub fn parse_star(text: &str) -> Option<u8> {
    let plain = crate::table::clean::squeeze(text);
    let plain = plain.strip_suffix(".0").unwrap_or(&plain);
    let glyphs = plain.chars().filter(|c| matches!(c, '★' | '⭐' | '*')).count();
    let digits: Vec<u8> = plain
        .chars()
        .filter_map(|c| match c {
            '0'..='9' => Some(c as u8 - b'0'),
            _ => "一二三四五六七八九".chars().position(|n| n == c).map(|at| at as u8 + 1),
        })
        .collect();
    // 4A is a grade of other kinds of places.
    let letters: String = plain.chars().filter(char::is_ascii_alphabetic).collect();
    let words_only = plain.chars().all(|c| c.is_alphanumeric() || matches!(c, '(' | ')'))
        && matches!(letters.to_ascii_lowercase().as_str(), "" | "star" | "stars");
    match (digits.as_slice(), glyphs) {
        ([one], 0) if words_only => Some(*one),
        ([], 1..=9) if plain.chars().count() == glyphs => u8::try_from(glyphs).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_are_read_in_every_form_and_nothing_is_guessed() {
        for (text, star) in [
            ("3", Some(3)),
            ("３", Some(3)),
            ("3.0", Some(3)),
            ("三星", Some(3)),
            (" 四星级 ", Some(4)),
            ("★★★★★", Some(5)),
            ("五星级上云企业", Some(5)),
            ("4星", Some(4)),
            ("⭐⭐⭐", Some(3)),
            ("★★★☆☆", None),
            ("☆☆☆", None),
            ("3☆", None),
            ("五星级（推荐）", Some(5)),
            ("", None),
            ("三或四星", None),
            ("3.5", None),
            ("2022年3星", None),
            ("星级", None),
            ("六星", Some(6)),
            ("-3", None),
        ] {
            assert_eq!(parse_star(text), star, "{text}");
        }
    }

    #[test]
    fn hours_in_words_and_spans() {
        assert_eq!(Hours::parse("上午"), Ok(vec![Hours::Morning]));
        assert_eq!(Hours::parse("09:00-11:30;下午"), Ok(vec![Hours::Span(32_400, 41_400), Hours::Afternoon]));
        assert_eq!(Hours::parse("全天"), Ok(vec![]));
        assert_eq!(Hours::parse("饭后"), Err("饭后".to_owned()));
    }
}
