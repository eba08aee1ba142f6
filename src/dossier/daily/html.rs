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

/// Telephone numbers as given, each that can be dialled with a link that does. An extension stays text behind its link:
/// no telephone knows when the switchboard is ready for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Phone<'a>(pub(super) &'a str);

/// Fewest digits that a telephone can dial.
const LEAST_DIGITS: usize = 5;

/// Most digits of an extension that a hyphen alone sets apart from its number.
const MOST_DIGITS_OF_EXTENSION: usize = 6;

impl fmt::Display for Phone<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = 0;
        for number in numbers(self.0).into_iter().filter(|n| n.digits.len() >= LEAST_DIGITS) {
            let (before, own) = (&self.0[rest..number.start], &self.0[number.start..number.end]);
            let plus = if number.plus { "+" } else { "" };
            write!(f, "{}<a href=\"tel:{plus}{}\">", Text(before), number.digits)?;
            // Where a number is wider than its cell it breaks between its groups.
            for group in own.split_inclusive(|c| HYPHENS.contains(&c)) {
                let end = if group.ends_with(HYPHENS) { "<wbr>" } else { "" };
                write!(f, "{}{end}", Text(group))?;
            }
            f.write_str("</a>")?;
            rest = number.end;
        }
        write!(f, "{}", Text(&self.0[rest..]))
    }
}

/// Hyphens and dashes within and behind numbers.
const HYPHENS: [char; 6] = ['-', '－', '‐', '–', '—', '−'];

/// A number within a text.
#[derive(Debug, Default)]
struct Number {
    /// Where it starts in the text, with its `+` or bracket.
    start: usize,
    /// Where it ends, without its extension.
    end: usize,
    /// Whether the digits start with a country's.
    plus: bool,
    /// The digits that are dialled.
    digits: String,
}

impl Number {
    /// How many digits a number has at most that starts like this one.
    fn most(&self) -> usize {
        let (code, national) = match self.digits.strip_prefix("0086") {
            Some(national) => (4, national),
            None if self.plus && !self.digits.starts_with("86") => return 15,
            // Without a plus it is the country's code only where it stands alone: there are local numbers in 86.
            None if self.plus || self.digits == "86" || self.digits.len() == 13 => {
                (2, self.digits.strip_prefix("86").unwrap_or(&self.digits))
            }
            None => (0, self.digits.as_str()),
        };
        let abroad = code > 0;
        code + match national.as_bytes() {
            [b'0', b'1' | b'2', ..] | [b'1', b'3'..=b'9', ..] => 11,
            [] | [b'0', ..] => 12,
            [b'4' | b'8', b'0', b'0', ..] => 10,
            _ if abroad => 11,
            _ => 8,
        }
    }
}

/// The numbers of a text. A group of digits goes on with the number before it as long as that has room for it, and is its
/// extension where the text says so, or where it is short and follows a hyphen.
fn numbers(text: &str) -> Vec<Number> {
    let chars: Vec<(usize, char)> = text.char_indices().map(|(at, c)| (at, half_width(c))).collect();
    let at = |i: usize| chars.get(i).map_or(text.len(), |(at, _)| *at);
    let mut out: Vec<Number> = Vec::new();
    let (mut i, mut gap) = (0, 0);
    // Nothing goes on behind an extension.
    let mut closed = false;
    while i < chars.len() {
        if !chars[i].1.is_ascii_digit() {
            i += 1;
            continue;
        }
        let first = i;
        while chars.get(i).is_some_and(|(_, c)| c.is_ascii_digit()) {
            i += 1;
        }
        let digits: String = chars[first..i].iter().map(|(_, c)| *c).collect();
        let between: String = chars[gap..first].iter().map(|(_, c)| *c).collect();
        let signs = between.trim_end().chars().rev().take_while(|c| "+(".contains(*c)).count();
        let plus = between.ends_with('+') || between.ends_with("+(") || between.ends_with("(+");
        let goes_on = !closed && !plus && !between.contains([',', ';', '、', '/', '|', '\n']);
        let extension = goes_on && says_extension(&between);
        let word = between.chars().any(char::is_alphabetic);
        let closing = usize::from(chars.get(i).is_some_and(|(_, c)| *c == ')'));
        match out.last_mut() {
            Some(last) if extension && last.digits.len() >= LEAST_DIGITS => closed = true,
            Some(last) if goes_on && !word && last.digits.len() + digits.len() <= last.most() => {
                last.digits += &digits;
                last.end = at(i + if between.contains('(') { closing } else { 0 });
            }
            Some(last)
                if goes_on
                    && !word
                    && between.trim().starts_with(HYPHENS)
                    && digits.len() <= MOST_DIGITS_OF_EXTENSION
                    && last.digits.len() > MOST_DIGITS_OF_EXTENSION =>
            {
                closed = true;
            }
            _ => {
                closed = false;
                out.push(Number {
                    start: at(first - if between.ends_with(['+', '(']) { signs } else { 0 }),
                    end: at(i + if between.ends_with('(') { closing } else { 0 }),
                    plus,
                    digits,
                });
            }
        }
        gap = i;
    }
    out
}

/// Whether what stands between two groups of digits calls the second an extension.
fn says_extension(between: &str) -> bool {
    let word = between.trim_matches(|c: char| !c.is_alphanumeric() && !"#*".contains(c)).to_lowercase();
    matches!(word.as_str(), "转" | "轉" | "分机" | "转分机" | "内线" | "x" | "#" | "*" | "ext" | "extension")
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
        for (given, short) in [
            ("", ""),
            ("无", "无"),
            ("110", "110"),
            ("0512-6500 0000", "[0512-|6500 0000=051265000000]"),
            ("+86 512 65000000转801", "[+86 512 65000000=+8651265000000]转801"),
            ("13812345678、0512-65000000", "[13812345678=13812345678]、[0512-|65000000=051265000000]"),
            ("１３８１２３４５６７８", "[１３８１２３４５６７８=13812345678]"),
            ("138<1>2345678", "[138&lt;1&gt;2345678=13812345678]"),
            ("0512-65231234 13912345679", "[0512-|65231234=051265231234] [13912345679=13912345679]"),
            ("(0512)65231234-8012", "[(0512)65231234=051265231234]-8012"),
            ("（0512）65231234", "[（0512）65231234=051265231234]"),
            ("0512-65231234-801 13912345679", "[0512-|65231234=051265231234]-801 [13912345679=13912345679]"),
            ("+86 138 0000 0003", "[+86 138 0000 0003=+8613800000003]"),
            ("+86-138-0000-0003", "[+86-|138-|0000-|0003=+8613800000003]"),
            ("(+86)13800000003", "[(+86)13800000003=+8613800000003]"),
            ("8613800000003", "[8613800000003=8613800000003]"),
            ("0086 13800000003", "[0086 13800000003=008613800000003]"),
            ("+852 2345 6789", "[+852 2345 6789=+85223456789]"),
            ("138 0000 0003 139 0000 0004", "[138 0000 0003=13800000003] [139 0000 0004=13900000004]"),
            ("021 6523 1234 13912345679", "[021 6523 1234=02165231234] [13912345679=13912345679]"),
            ("65231234 65231235", "[65231234=65231234] [65231235=65231235]"),
            ("65231234-801", "[65231234=65231234]-801"),
            ("400-810-8888转2", "[400-|810-|8888=4008108888]转2"),
            ("0512-65231234/5/6", "[0512-|65231234=051265231234]/5/6"),
            ("65231234 ext. 12", "[65231234=65231234] ext. 12"),
            ("办65231234手机13912345679", "办[65231234=65231234]手机[13912345679=13912345679]"),
            ("86123456", "[86123456=86123456]"),
        ] {
            // `[text=dialled]` is a link, `|` a place to break.
            let mut html = String::new();
            for part in short.split_inclusive(']') {
                let link = part.split_once('[').and_then(|(text, link)| Some((text, link.strip_suffix(']')?)));
                match link.and_then(|(text, link)| Some((text, link.split_once('=')?))) {
                    Some((text, (own, dialled))) => {
                        let own = own.replace('|', "<wbr>");
                        let _ = write!(html, "{text}<a href=\"tel:{dialled}\">{own}</a>");
                    }
                    None => html.push_str(part),
                }
            }
            assert_eq!(Phone(given).to_string(), html, "{given}");
        }
    }

    #[test]
    fn a_query_keeps_any_text() {
        assert_eq!(percent_encoded("a-1 苏&<"), "a-1%20%E8%8B%8F%26%3C");
    }
}
