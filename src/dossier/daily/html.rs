//! Text that comes from tables, as HTML.

use std::fmt::{self, Write as _};

/// A text that stands in HTML as it was given, in elements and in quoted attributes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'a>(pub(super) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                // HTML has no control characters.
                c if c.is_control() => f.write_char(' ')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Telephone numbers as given, each that can be dialled with a link that does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Phone<'a>(pub(super) &'a str);

/// Fewest digits that a telephone can dial.
const LEAST_DIGITS: usize = 5;

impl fmt::Display for Phone<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in self.0.split_inclusive([',', '，', ';', '；', '、', '/', '／', '|']) {
            let number = part.trim_end_matches([',', '，', ';', '；', '、', '/', '／', '|', ' ']);
            let dialled = dialled(number);
            if dialled.trim_start_matches('+').len() < LEAST_DIGITS {
                write!(f, "{}", Text(part))?;
            } else {
                let rest = &part[number.len()..];
                write!(f, "<a href=\"tel:{dialled}\">{}</a>{}", Text(number), Text(rest))?;
            }
        }
        Ok(())
    }
}

/// What a telephone dials: digits up to an extension, which people dial themselves.
fn dialled(number: &str) -> String {
    let number: String = number.chars().map(half_width).collect();
    let end = number.find(['转', 'x', 'X', '#', 'e']).unwrap_or(number.len());
    let number = number[..end].trim();
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    if number.starts_with('+') { format!("+{digits}") } else { digits }
}

/// Full-width digits and signs as telephones know them.
fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

/// A text in a URL's query: everything but RFC 3986's unreserved characters percent-encoded.
pub(super) fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_element_or_attribute() {
        assert_eq!(
            Text("<script>alert('&\"')</script>\u{0}").to_string(),
            "&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt; "
        );
        assert_eq!(Text("𬭎㙍=cmd|' /C calc'!A0 ../").to_string(), "𬭎㙍=cmd|&#39; /C calc&#39;!A0 ../");
    }

    #[test]
    fn each_number_is_dialled_and_stands_as_given() {
        for (given, html) in [
            ("", ""),
            ("无", "无"),
            ("110", "110"),
            ("0512-6500 0000", "<a href=\"tel:051265000000\">0512-6500 0000</a>"),
            ("+86 512 65000000转801", "<a href=\"tel:+8651265000000\">+86 512 65000000转801</a>"),
            (
                "13812345678、0512-65000000",
                "<a href=\"tel:13812345678\">13812345678</a>、<a href=\"tel:051265000000\">0512-65000000</a>",
            ),
            ("１３８１２３４５６７８", "<a href=\"tel:13812345678\">１３８１２３４５６７８</a>"),
            ("138<1>2345678", "<a href=\"tel:13812345678\">138&lt;1&gt;2345678</a>"),
        ] {
            assert_eq!(Phone(given).to_string(), html, "{given}");
        }
    }

    #[test]
    fn a_query_keeps_any_text() {
        assert_eq!(percent_encoded("a-1 苏&<"), "a-1%20%E8%8B%8F%26%3C");
    }
}
