//! Rates as exact fractions: `10%`, `12.5%`, never a float.

use std::fmt;

use crate::text::{Lang, Say, both, display_in_english, excerpt};

/// A share of at most 100 %, an exact fraction, with the text it was written as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    text: String,
    numerator: u64,
    denominator: u64,
}

/// Not a decimal with % from 0 % to 100 %: the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateError(pub String);

impl Say for RateError {
    fn say(&self, lang: Lang) -> String {
        let text = excerpt(&self.0, 24);
        both!(
            lang,
            "比例“{text}”无法识别；应为0%至100%的小数加百分号，如10%或12.5%",
            "rate \"{text}\": expected a decimal with %, from 0% to 100%, such as 10% or 12.5%"
        )
    }
}
display_in_english!(RateError);
impl std::error::Error for RateError {}

impl Rate {
    /// Reads `10%` or `12.5%`, at most nine decimals.
    ///
    /// # Errors
    /// [`RateError`].
    pub fn parse(text: &str) -> Result<Self, RateError> {
        let bad = || RateError(text.to_owned());
        let number = text.strip_suffix('%').ok_or_else(bad)?;
        let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
        let digits =
            |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole, 3) || !digits(decimals, 9) {
            return Err(bad());
        }
        let scale = 10_u64.pow(decimals.len() as u32);
        let numerator =
            whole.parse::<u64>().map_err(|_| bad())? * scale + decimals.parse::<u64>().map_err(|_| bad())?;
        let denominator = 100 * scale;
        if numerator > denominator {
            return Err(bad());
        }
        Ok(Self { text: text.to_owned(), numerator, denominator })
    }

    /// ⌈rate × n⌉.
    #[must_use]
    pub fn ceil_of(&self, n: usize) -> usize {
        (n as u128 * u128::from(self.numerator)).div_ceil(u128::from(self.denominator)) as usize
    }

    /// The share in millionths, rounded to the nearest.
    #[must_use]
    pub fn millionths(&self) -> u32 {
        let (above, below) = (u128::from(self.numerator) * 1_000_000, u128::from(self.denominator));
        ((above + below / 2) / below) as u32
    }

    /// Whether this share is at least `other`.
    #[must_use]
    pub fn at_least(&self, other: &Self) -> bool {
        u128::from(self.numerator) * u128::from(other.denominator)
            >= u128::from(other.numerator) * u128::from(self.denominator)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_exact() {
        let rate = |text| Rate::parse(text).unwrap();
        assert_eq!(rate("10%").ceil_of(410), 41);
        assert_eq!(rate("10%").ceil_of(411), 42);
        assert_eq!(rate("12.5%").ceil_of(8), 1);
        assert_eq!(rate("0.1%").ceil_of(1000), 1);
        assert_eq!(rate("33.333333333%").ceil_of(3), 1);
        assert_eq!(rate("0%").ceil_of(9), 0);
        assert_eq!(rate("100%").ceil_of(usize::MAX), usize::MAX);
        assert!(rate("12.50%").at_least(&rate("12.5%")));
    }

    #[test]
    fn what_is_no_exact_percentage_is_refused() {
        for bad in ["10", "0.1", "10 %", "101%", "-1%", "%", ".5%", "1e1%", "10％", "1.0000000001%"] {
            assert_eq!(Rate::parse(bad), Err(RateError(bad.to_owned())));
        }
    }
}
