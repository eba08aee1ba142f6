//! The outcome as a picture: for each deadline the probability that it holds, by working days of buffer.

use std::fmt::Write as _;

use super::{BUFFER, Outcome, percent};
use crate::text::{Lang, both};

/// Sizes in pixels.
const BAR: usize = 34;
const GAP: usize = 8;
const BETWEEN: usize = 36;
const HEIGHT: usize = 200;
const LEFT: usize = 52;
const TOP: usize = 64;
const BOTTOM: usize = 66;

/// An SVG picture, complete in itself: no script, no font, no other file. Its colours are told apart in grey, too.
#[must_use]
pub fn plot(outcome: &Outcome, lang: Lang) -> String {
    let runs = outcome.runs;
    let group = (BUFFER + 1) * (BAR + GAP) - GAP;
    let groups = outcome.deadlines.len().max(1);
    let width = (LEFT + groups * (group + BETWEEN) + GAP).max(420);
    let height = TOP + HEIGHT + BOTTOM;
    let title = both!(
        lang,
        "各截止日前全部核查完成的概率（模拟{runs}次）",
        "Probability that all visits of a deadline are made in time ({runs} runs)"
    );
    let below = lang.pick("横轴：另留几个工作日的余量", "across: working days of buffer");
    let mut out = String::new();
    let mut put = |x: usize, y: usize, anchor: &str, size: usize, text: &str| {
        let text = escape(text);
        let _ = writeln!(out, r#"<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}">{text}</text>"#);
    };
    put(LEFT, 24, "start", 15, &title);
    put(LEFT, 44, "start", 12, below);
    for share in [0, 25, 50, 75, 100] {
        put(LEFT - 8, TOP + HEIGHT - HEIGHT * share / 100 + 4, "end", 11, &format!("{share}%"));
    }
    for (at, line) in outcome.deadlines.iter().enumerate() {
        let left = LEFT + BETWEEN / 2 + at * (group + BETWEEN);
        for (days, count) in line.on_time.iter().enumerate() {
            let middle = left + days * (BAR + GAP) + BAR / 2;
            let label = if days == 0 { lang.pick("按期", "due").to_owned() } else { format!("+{days}") };
            put(middle, TOP + HEIGHT + 16, "middle", 11, &label);
            let top = TOP + HEIGHT - bar(*count, runs);
            put(middle, top - 5, "middle", 10, &percent(*count, runs));
        }
        let (deadline, visits) = (line.deadline, line.visits);
        let label = both!(lang, "{deadline}截止，{visits}家", "due {deadline}, {visits} visits");
        put(left + group / 2, TOP + HEIGHT + 40, "middle", 12, &label);
    }
    let mut shapes = String::new();
    for quarter in 0..=4 {
        let y = TOP + HEIGHT * quarter / 4;
        let right = width - GAP;
        let _ = writeln!(shapes, r##"<line x1="{LEFT}" y1="{y}" x2="{right}" y2="{y}" stroke="#ccc"/>"##);
    }
    for (at, line) in outcome.deadlines.iter().enumerate() {
        let left = LEFT + BETWEEN / 2 + at * (group + BETWEEN);
        for (days, count) in line.on_time.iter().enumerate() {
            let (x, high) = (left + days * (BAR + GAP), bar(*count, runs));
            let (y, colour) = (TOP + HEIGHT - high, if days == 0 { "#1f4e79" } else { "#8fb3d4" });
            let _ = writeln!(shapes, r#"<rect x="{x}" y="{y}" width="{BAR}" height="{high}" fill="{colour}"/>"#);
        }
    }
    let title = escape(&title);
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" aria-label="{title}" font-family="sans-serif" fill="#222">
<title>{title}</title>
<rect width="{width}" height="{height}" fill="#fff"/>
{shapes}{out}</svg>
"##
    )
}

/// Height of a bar.
fn bar(count: u32, runs: u32) -> usize {
    count as usize * HEIGHT / runs.max(1) as usize
}

/// Text that is no markup.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML has no such characters, escaped or not.
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_markup() {
        assert_eq!(escape("<a href=\"x\">'&\u{1}"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;\u{fffd}");
    }
}
