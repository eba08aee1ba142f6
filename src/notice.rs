//! The rules of one year's notice as typed data.
//!
//! Rates, scope, dates and even the order of the deadlines have changed from round to round, so nothing here is
//! spelled out in code: a later notice is a new file in `data/notices` or a path in `plan.toml`.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};

use crate::text::{Lang, Say, both, display_in_english};

/// Notices that come with the program: id and text.
pub const EMBEDDED: &[(&str, &str)] = &[("jiangsu-2022-46", include_str!("../data/notices/jiangsu-2022-46.toml"))];

/// One notice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Short name, `[a-z0-9-]+`.
    pub id: String,
    /// Number of the document, for example 苏工信融合〔2022〕46号.
    pub document: String,
    /// Title in Chinese.
    pub title: String,
    /// Title in English.
    pub title_en: String,
    /// Province whose enterprises may apply.
    pub province: String,
    /// First two digits of the province's region codes.
    pub province_code: String,
    /// First day of applications.
    #[serde(deserialize_with = "toml_date")]
    pub application_opens: NaiveDate,
    /// What is demanded of the on-site checks.
    pub check: CheckRule,
    /// Windows in which use and payments count.
    pub evidence: Evidence,
    /// The stars that can be applied for, ascending.
    #[serde(rename = "star")]
    pub stars: Vec<StarRule>,
    /// What findings quote.
    #[serde(default)]
    pub clauses: Clauses,
}

/// The clauses behind the rules about applicants, named by their subject; a notice may leave out any.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Clauses {
    /// Enterprises of the province apply.
    pub registered: Option<Clause>,
    /// The stars that can be applied for, one by each enterprise.
    pub star: Option<Clause>,
    /// The star held decides on the stars that can be applied for.
    pub ladder: Option<Clause>,
    /// Forms of cloud that count.
    pub cloud_form: Option<Clause>,
    /// Months of continuous use, and still in use.
    pub in_use: Option<Clause>,
    /// Payments that count.
    pub spend: Option<Clause>,
}

/// A clause in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl Say for Clause {
    fn say(&self, lang: Lang) -> String {
        lang.pick(&self.zh, &self.en).to_owned()
    }
}

/// What is demanded of the on-site checks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckRule {
    /// Least share of all applicants, an exact decimal with %, for example `10%`.
    pub rate: String,
    /// Whether every star that has applicants must be covered.
    pub every_star: bool,
    /// What inspectors see on site beside what the other rules ask of the applicant's star.
    #[serde(default)]
    pub see: Vec<Clause>,
}

/// Windows in which use and payments count; all days included.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Least months of continuous use of every declared service.
    pub use_months: u32,
    /// The day up to which use is counted.
    #[serde(deserialize_with = "toml_date")]
    pub use_until: NaiveDate,
    /// First day of payments that count.
    #[serde(deserialize_with = "toml_date")]
    pub paid_from: NaiveDate,
    /// Last day of payments that count.
    #[serde(deserialize_with = "toml_date")]
    pub paid_until: NaiveDate,
}

/// The rules of one star.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StarRule {
    /// The star, 1 to 9.
    pub star: u8,
    /// Stars an applicant may hold now; 0 stands for none.
    pub holds: Vec<u8>,
    /// Forms of cloud that count.
    pub cloud_forms: Vec<String>,
    /// Who decides.
    pub decided_by: Decider,
    /// Day by which results (or recommendations) are reported.
    #[serde(deserialize_with = "toml_date")]
    pub deadline: NaiveDate,
    /// Whether an expert must lead the check.
    pub expert: bool,
}

/// Who decides on a star.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decider {
    /// The city decides and reports.
    City,
    /// The city reviews and recommends, the province decides.
    Province,
}

/// Why a notice cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeError {
    /// Not TOML, or not of the shape: file name and the parser's words, which name line and column.
    Malformed(String, String),
    /// Readable, but a value contradicts another: file name and field.
    Contradiction(String, &'static str),
}

impl Say for NoticeError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Malformed(file, why) => {
                both!(lang, "通知规则文件 {file} 无法读取：{why}", "notice {file} cannot be read: {why}")
            }
            Self::Contradiction(file, field) => both!(
                lang,
                "通知规则文件 {file}：字段 {field} 的取值自相矛盾或超出范围，请更正",
                "notice {file}: field {field} contradicts itself or is out of range; correct it"
            ),
        }
    }
}
display_in_english!(NoticeError);
impl std::error::Error for NoticeError {}

impl Notice {
    /// The text of an embedded notice.
    #[must_use]
    pub fn embedded_text(id: &str) -> Option<&'static str> {
        EMBEDDED.iter().find(|(name, _)| *name == id).map(|(_, text)| *text)
    }

    /// Reads a notice; `file` is for messages.
    ///
    /// # Errors
    /// [`NoticeError`] with the line and column of what is wrong, or the field.
    pub fn parse(file: &str, text: &str) -> Result<Self, NoticeError> {
        let mut notice: Self = toml::from_str(text)
            .map_err(|e| NoticeError::Malformed(file.to_owned(), e.to_string().trim_end().to_owned()))?;
        let contradiction = |field| Err(NoticeError::Contradiction(file.to_owned(), field));
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if notice.id.is_empty() || notice.id.len() > 40 || !notice.id.chars().all(plain) {
            return contradiction("id");
        }
        notice.stars.sort_by_key(|rule| rule.star);
        if notice.stars.is_empty() || notice.stars.windows(2).any(|pair| pair[0].star == pair[1].star) {
            return contradiction("star");
        }
        if notice.stars.iter().any(|rule| !(1..=9).contains(&rule.star)) {
            return contradiction("star.star");
        }
        if notice.evidence.paid_from > notice.evidence.paid_until {
            return contradiction("evidence.paid_from");
        }
        if notice.stars.iter().any(|rule| rule.deadline < notice.application_opens) {
            return contradiction("star.deadline");
        }
        Ok(notice)
    }

    /// The rule of a star, if the notice knows it.
    #[must_use]
    pub fn star(&self, star: u8) -> Option<&StarRule> {
        self.stars.iter().find(|rule| rule.star == star)
    }

    /// Title in a language.
    #[must_use]
    pub fn title(&self, lang: Lang) -> &str {
        lang.pick(&self.title, &self.title_en)
    }
}

/// A TOML date (`2022-04-15`, bare or quoted) as a calendar day.
///
/// # Errors
/// Whatever is not a plain day, with the value.
pub fn toml_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Raw {
        Bare(toml::value::Datetime),
        Quoted(String),
    }
    let text = match Raw::deserialize(deserializer)? {
        Raw::Bare(date) => date.to_string(),
        Raw::Quoted(text) => text,
    };
    text.parse().map_err(|_| serde::de::Error::custom(format!("\"{text}\": YYYY-MM-DD")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_notice_says_what_the_notice_says() {
        for (id, text) in EMBEDDED {
            let notice = Notice::parse(id, text).unwrap();
            assert_eq!(&notice.id, id);
        }
        let notice = Notice::parse("x", EMBEDDED[0].1).unwrap();
        assert_eq!(notice.check.rate, "10%");
        assert_eq!(notice.star(3).unwrap().deadline.to_string(), "2022-04-15");
        assert_eq!(notice.star(5).unwrap().deadline.to_string(), "2022-04-30");
        assert_eq!(notice.star(5).unwrap().holds, [4]);
        assert_eq!(notice.star(3).unwrap().cloud_forms, ["公有云"]);
        assert!(notice.star(6).is_none());
        let quoted = notice.clauses.ladder.unwrap();
        assert!(quoted.zh.contains("星级阶梯") && !quoted.en.is_empty());
        let without = EMBEDDED[0].1.split("[clauses]").next().unwrap();
        assert_eq!(Notice::parse("x", without).unwrap().clauses, Clauses::default());
    }

    #[test]
    fn a_contradiction_is_named() {
        let text = EMBEDDED[0].1.replace("star = 4\n", "star = 3\n");
        assert!(matches!(Notice::parse("x", &text), Err(NoticeError::Contradiction(_, "star"))));
        let text = EMBEDDED[0].1.replace("rate =", "ratte =");
        assert!(Notice::parse("x", &text).unwrap_err().to_string().contains("ratte"));
    }
}
