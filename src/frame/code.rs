//! Unified social credit codes, GB 32100-2015.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::table::{Cell, CellKind, clean};

/// The 31 characters of GB 32100-2015: digits and capitals without I, O, S, V, Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Mark of a byte outside the alphabet.
const STRANGE: u8 = u8::MAX;

/// The value of each byte, [`STRANGE`] where it has none.
const VALUES: [u8; 256] = {
    let mut values = [STRANGE; 256];
    let mut at = 0;
    while at < ALPHABET.len() {
        values[ALPHABET[at] as usize] = at as u8;
        at += 1;
    }
    values
};

/// Bits that one character takes in a packed code.
const BITS: u32 = 5;

/// Every two characters by their ten bits; 31 is no character and never comes.
const PAIRS: [[u8; 2]; 1024] = {
    let mut pairs = [[b'0'; 2]; 1024];
    let mut at = 0;
    while at < 1024 {
        let (first, second) = (at / 32, at % 32);
        if first < 31 && second < 31 {
            pairs[at] = [ALPHABET[first], ALPHABET[second]];
        }
        at += 1;
    }
    pairs
};

/// The weights of the first 17 characters in the check: 3ⁱ mod 31.
const WEIGHTS: [u8; 17] = {
    let mut weights = [1; 17];
    let mut at = 1;
    while at < 17 {
        weights[at] = (weights[at - 1] as u32 * 3 % 31) as u8;
        at += 1;
    }
    weights
};

/// A credit code: 18 characters of the alphabet. Ordered by its bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CreditCode([u8; 18]);

/// Why a cell holds no credit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeError {
    /// The cell is blank.
    Missing,
    /// A spreadsheet stored it as a number and kept only 15 digits.
    StoredAsNumber,
    /// Not 18 characters: how many.
    Length(usize),
    /// A character outside the alphabet.
    Character(char),
}

impl CreditCode {
    /// Reads a cell; the flag says whether it had to be cleaned (full-width forms, spaces, line breaks, lower case).
    ///
    /// # Errors
    /// [`CodeError`] for what is not unambiguous.
    pub fn from_cell(cell: &Cell) -> Result<(Self, bool), CodeError> {
        Self::from_raw(&cell.text, cell.kind)
    }

    /// The same for text and how it was stored.
    ///
    /// # Errors
    /// [`CodeError`] for what is not unambiguous.
    pub fn from_raw(text: &str, kind: CellKind) -> Result<(Self, bool), CodeError> {
        let (code, cleaned) = Self::parse(text)?;
        // A number cell holds 15 digits: an 18-digit code in one is damaged even where it looks whole.
        if matches!(kind, CellKind::Number(_)) { Err(CodeError::StoredAsNumber) } else { Ok((code, cleaned)) }
    }

    /// Bytes that are a code as they stand; `None` for anything that is not, or has to be looked at more closely. Says, too,
    /// whether its check character fits.
    #[inline]
    pub(super) fn plain(bytes: &[u8]) -> Option<(Self, bool)> {
        let bytes = <[u8; 18]>::try_from(bytes).ok()?;
        // No early end: that is slower where nearly all are known.
        let (any, sum) = weighed(&bytes);
        let text = || std::str::from_utf8(&bytes).unwrap_or_default();
        let plain = any != STRANGE && !(bytes[17] == b'0' && looks_like_a_number(text()));
        plain.then_some((Self(bytes), sum.is_multiple_of(31)))
    }

    /// The code as a number of 90 bits; the order of the numbers is the order of the codes.
    #[inline]
    pub(super) fn packed(self) -> u128 {
        let part = |from: usize, to: usize| {
            self.0[from..to].iter().fold(0_u64, |sum, b| sum << BITS | u64::from(VALUES[usize::from(*b)] & 31))
        };
        u128::from(part(0, 9)) << (9 * BITS) | u128::from(part(9, 18))
    }

    /// The code of such a number.
    #[inline]
    pub(super) fn unpacked(packed: u128) -> Self {
        let mut bytes = [0; 18];
        for (at, pair) in bytes.chunks_exact_mut(2).enumerate() {
            let bits = packed >> (2 * BITS as usize * (8 - at));
            pair.copy_from_slice(&PAIRS[bits as usize % PAIRS.len()]);
        }
        Self(bytes)
    }

    /// Reads text; the flag says whether it had to be cleaned.
    ///
    /// # Errors
    /// [`CodeError`] for what is not unambiguous.
    pub fn parse(raw: &str) -> Result<(Self, bool), CodeError> {
        if let Some((code, _)) = Self::plain(raw.as_bytes()) {
            return Ok((code, false));
        }
        let plain: String = clean::squeeze(raw)
            .trim_start_matches(['\'', '’', '‘', '`'])
            .chars()
            .flat_map(char::to_uppercase)
            .collect();
        if plain.is_empty() {
            return Err(CodeError::Missing);
        }
        if looks_like_a_number(&plain) {
            return Err(CodeError::StoredAsNumber);
        }
        if let Some(strange) = plain.chars().find(|c| !c.is_ascii() || !ALPHABET.contains(&(*c as u8))) {
            return Err(CodeError::Character(strange));
        }
        let bytes = <[u8; 18]>::try_from(plain.as_bytes()).map_err(|_| CodeError::Length(plain.len()))?;
        Ok((Self(bytes), true))
    }

    /// The 18 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The 18 characters as bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 18] {
        &self.0
    }

    /// Whether the last character is the check character that the standard computes: Σ cᵢ·3ⁱ mod 31 over the first 17.
    /// Some codes in force fail it.
    #[must_use]
    #[inline]
    pub fn check_character_fits(&self) -> bool {
        weighed(&self.0).1.is_multiple_of(31)
    }

    /// First two digits of the region, which name the province that registered the enterprise.
    #[must_use]
    pub fn province(&self) -> &str {
        &self.as_str()[2..4]
    }
}

/// All values of the characters together by their bits, [`STRANGE`] where one has none; and the sum that the check wants to
/// be a multiple of 31.
#[inline]
fn weighed(code: &[u8; 18]) -> (u8, u32) {
    let last = VALUES[usize::from(code[17])];
    code.iter().zip(WEIGHTS).fold((last, u32::from(last)), |(any, sum), (byte, weight)| {
        let value = VALUES[usize::from(*byte)];
        (any | value, sum + u32::from(value) * u32::from(weight))
    })
}

/// The check character for the first 17 characters; `0` if one is outside the alphabet.
#[must_use]
pub fn check_character(body: &[u8]) -> u8 {
    let values = body.iter().map(|byte| VALUES[usize::from(*byte)]);
    if values.clone().any(|value| value == STRANGE) {
        return b'0';
    }
    let sum: u32 = values.zip(WEIGHTS).map(|(value, weight)| u32::from(value) * u32::from(weight)).sum();
    ALPHABET[((31 - sum % 31) % 31) as usize]
}

/// 9.14403E+17, or 18 digits of which the last three are zero as Excel leaves them.
fn looks_like_a_number(plain: &str) -> bool {
    let scientific = plain.contains('E')
        && plain.contains(['.', '+'])
        && plain.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '+' | 'E'));
    let rounded = plain.len() == 18 && plain.bytes().all(|b| b.is_ascii_digit()) && plain.ends_with("000") && {
        let bytes = plain.as_bytes();
        check_character(&bytes[..17]) != bytes[17]
    };
    let decimal =
        plain.len() > 2 && plain.ends_with(".0") && plain[..plain.len() - 2].bytes().all(|b| b.is_ascii_digit());
    scientific || rounded || decimal
}

impl fmt::Display for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for CreditCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for CreditCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match Self::parse(&text) {
            Ok((code, false)) => Ok(code),
            _ => Err(serde::de::Error::custom(format!("\"{text}\" is not a credit code"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_the_test_table_are_told_apart() {
        let mut seen = 0;
        for record in
            csv::Reader::from_reader(&include_bytes!("../../tests/vectors/credit_codes.csv")[..]).records()
        {
            let record = record.unwrap();
            let (raw, expect) = (&record[0], &record[2]);
            let parsed = CreditCode::parse(raw);
            seen += 1;
            if expect.starts_with("valid") {
                let (code, cleaned) = parsed.unwrap();
                assert!(code.check_character_fits(), "{raw}");
                assert_eq!(cleaned, expect.contains("after"), "{raw}");
            } else if expect.contains("alphabet") {
                assert_eq!(parsed, Err(CodeError::Character('I')), "{raw}");
            } else if expect.contains("truncation") {
                assert_eq!(parsed, Err(CodeError::StoredAsNumber), "{raw}");
            } else {
                assert!(!parsed.unwrap().0.check_character_fits(), "{raw}");
            }
        }
        assert!(seen > 15);
    }

    #[test]
    fn a_number_cell_is_refused_whatever_it_shows() {
        let cell = Cell { text: "914403001922038216".into(), kind: CellKind::Number(914_403_001_922_038_216.0) };
        assert_eq!(CreditCode::from_cell(&cell), Err(CodeError::StoredAsNumber));
        assert_eq!(CreditCode::parse("9.14403E+17"), Err(CodeError::StoredAsNumber));
    }

    #[test]
    fn what_is_missing_or_short_is_named() {
        assert_eq!(CreditCode::parse(" "), Err(CodeError::Missing));
        assert_eq!(CreditCode::parse("9132"), Err(CodeError::Length(4)));
        assert_eq!(CreditCode::parse("91320000743718216w").unwrap().0.as_str(), "91320000743718216W");
    }
}
