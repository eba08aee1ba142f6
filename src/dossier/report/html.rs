//! HTML that escapes by itself: literals of this program stand as they are, every value is escaped.

use std::fmt::{self, Display, Write};

use sha2::{Digest, Sha256};

/// HTML under way. Values enter through [`html!`], which escapes them; only literals and other `Html` do not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Html(String);

/// Appends to an [`Html`]: the format is a literal and stands as it is, the values are escaped.
macro_rules! html {
    ($out:expr, $format:literal $(, $value:expr)* $(,)?) => {
        $out.write(format_args!($format $(, $crate::dossier::report::html::Escaped(&$value))*))
    };
}
pub(super) use html;

impl Html {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// For [`html!`] alone.
    pub(super) fn write(&mut self, text: fmt::Arguments<'_>) {
        // Writing to memory cannot fail.
        let _ = self.0.write_fmt(text);
    }

    /// Appends what is HTML already.
    pub(super) fn add(&mut self, other: &Html) {
        self.0.push_str(&other.0);
    }

    /// Takes a text for HTML: only for what this program wrote itself.
    pub(super) fn trusted(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub(super) fn into_string(self) -> String {
        self.0
    }
}

/// A value as it may stand in text and in quoted attributes.
pub(super) struct Escaped<'a, T: ?Sized>(pub(super) &'a T);

impl<T: Display + ?Sized> Display for Escaped<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Escaping<'a, 'b>(&'a mut fmt::Formatter<'b>);
        impl Write for Escaping<'_, '_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                text.chars().try_for_each(|c| self.0.write_str(entity(c, &mut [0; 4])))
            }
        }
        write!(Escaping(f), "{}", self.0)
    }
}

/// What stands for a character. Control characters are no HTML; those that reorder text would let a name change what
/// stands beside it.
fn entity(c: char, buffer: &mut [u8; 4]) -> &str {
    match c {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&quot;",
        '\'' => "&#39;",
        '\n' | '\t' | '\u{2028}' | '\u{2029}' => " ",
        c if c.is_control() || crate::text::is_format_character(c) => "\u{b7}",
        c => c.encode_utf8(buffer),
    }
}

/// A number with one decimal, the same on every platform, and never `-0.0`.
pub(super) struct Fixed(pub(super) f64);

impl Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.0 * 10.0).round() as i64;
        let sign = if tenths < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{}", tenths.abs() / 10, tenths.abs() % 10)
    }
}

/// Part of a whole in percent of two decimals, for coordinates in SVG.
pub(super) struct Percent(pub(super) i64, pub(super) i64);

impl Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = if self.1 == 0 { 0 } else { self.0.clamp(0, self.1) * 10_000 / self.1 };
        write!(f, "{}.{:02}%", hundredths / 100, hundredths % 100)
    }
}

/// A file of this module with the line breaks of every platform: browsers hash what they have normalised.
pub(super) fn normalised(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// The source expression of a content security policy that allows exactly this inline text.
pub(super) fn allowed(text: &str) -> String {
    format!("'sha256-{}'", base64(&Sha256::digest(text.as_bytes())))
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0_usize, |word, byte| word << 8 | usize::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let sextet = word >> (18 - 6 * digit) & 63;
            out.push(if digit <= chunk.len() { char::from(DIGITS[sextet]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_and_literals_are_not() {
        let mut out = Html::new();
        html!(out, "<b title=\"{}\">{}</b>", "\"'", "</script><script>alert(1)</script>&\u{2028}\u{202e}\n");
        assert_eq!(
            out.into_string(),
            "<b title=\"&quot;&#39;\">&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp; \u{b7} </b>"
        );
        let mut out = Html::new();
        html!(out, "{} {}", "=cmd|' /C calc'!A0 ../ 𬭎㙍", 7);
        assert_eq!(out.into_string(), "=cmd|&#39; /C calc&#39;!A0 ../ 𬭎㙍 7");
    }

    #[test]
    fn numbers_have_fixed_decimals() {
        let text = |x: f64| Fixed(x).to_string();
        assert_eq!([text(0.04), text(-0.04), text(12.35), text(-3.0)], ["0.0", "0.0", "12.4", "-3.0"]);
        assert_eq!(Percent(1, 3).to_string(), "33.33%");
        assert_eq!(Percent(5, 3).to_string(), "100.00%");
        assert_eq!(Percent(5, 0).to_string(), "0.00%");
    }

    #[test]
    fn base64_as_in_the_rfc() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
