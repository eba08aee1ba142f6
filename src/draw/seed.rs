//! Draw id and seed: what the publicly known randomness is written as.

use std::fmt;

use crate::text::{Lang, Say, both, display_in_english, excerpt};

/// Name of one draw, `[a-z0-9-]{1,40}`. A supplementary draw gets a new one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct DrawId(String);

/// The seed, ASCII `[0-9A-Za-z-]{12,128}` with at least one letter or hyphen, compared byte by byte.
///
/// A letter or hyphen makes spreadsheets keep it as text.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Seed(String);

/// Why a draw id or seed is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeedError {
    /// Not 1 to 40 of a–z, 0–9 and hyphen.
    DrawId(String),
    /// Not 12 to 128 characters long: how many.
    Length(usize),
    /// A character that is not allowed, and its position from 1.
    Character(char, usize),
    /// Digits only.
    DigitsOnly,
}

impl Say for SeedError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::DrawId(id) => {
                let id = excerpt(id, 48);
                both!(
                    lang,
                    "抽签编号“{id}”不合规；应为1至40位小写字母、数字或连字符，如suzhou-2022-1",
                    "draw id \"{id}\": expected 1 to 40 of a-z, 0-9 and hyphen, such as suzhou-2022-1"
                )
            }
            Self::Length(n) => both!(
                lang,
                "随机种子有{n}个字符；应为12至128个",
                "the seed has {n} characters; it must have 12 to 128"
            ),
            Self::Character(c, at) => {
                let c = excerpt(&c.to_string(), 1);
                both!(
                    lang,
                    "随机种子第{at}个字符“{c}”不允许；只能用数字、英文字母和连字符，前后不能有空格",
                    "character {at} of the seed, \"{c}\", is not allowed: digits, letters and hyphens only, no spaces around it"
                )
            }
            Self::DigitsOnly => both!(
                lang,
                "随机种子全是数字，表格软件会改动它；请加入至少一个字母或连字符",
                "the seed has digits only and spreadsheets would alter it; add a letter or hyphen"
            ),
        }
    }
}
display_in_english!(SeedError);
impl std::error::Error for SeedError {}

impl DrawId {
    /// Checks a draw id.
    ///
    /// # Errors
    /// [`SeedError::DrawId`].
    pub fn new(text: &str) -> Result<Self, SeedError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if (1..=40).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(SeedError::DrawId(text.to_owned()))
        }
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Seed {
    /// Checks a seed; it is never trimmed or read as a number.
    ///
    /// # Errors
    /// [`SeedError`] with the reason.
    pub fn new(text: &str) -> Result<Self, SeedError> {
        if let Some((at, c)) = text.chars().enumerate().find(|(_, c)| !c.is_ascii_alphanumeric() && *c != '-') {
            return Err(SeedError::Character(c, at + 1));
        }
        if !(12..=128).contains(&text.len()) {
            return Err(SeedError::Length(text.len()));
        }
        if text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(SeedError::DigitsOnly);
        }
        Ok(Self(text.to_owned()))
    }

    /// The seed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DrawId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_taken_as_it_stands_or_refused_with_the_reason() {
        assert!(Seed::new("SSQ-2022025-03-07-12-18-25-31-09").is_ok());
        assert_eq!(Seed::new("123456789012"), Err(SeedError::DigitsOnly));
        assert_eq!(Seed::new("a2345678901"), Err(SeedError::Length(11)));
        assert_eq!(Seed::new(&"a".repeat(129)), Err(SeedError::Length(129)));
        assert_eq!(Seed::new(" a23456789012"), Err(SeedError::Character(' ', 1)));
        assert_eq!(Seed::new("a23456789０12"), Err(SeedError::Character('０', 10)));
    }

    #[test]
    fn a_draw_id_is_plain() {
        assert!(DrawId::new("suzhou-2022-1").is_ok());
        for bad in ["", "Suzhou", "苏州", "a b", &"a".repeat(41), "../x"] {
            assert!(DrawId::new(bad).is_err(), "{bad}");
        }
    }
}
