//! File names made of what people wrote: they work on every system, whatever the text holds.

use std::collections::BTreeSet;

use crate::text::is_format_character;

/// Most characters of a name without its ending.
const CHARACTERS: usize = 80;
/// Most bytes of it: file systems stop at 255, and a rare character takes four.
const BYTES: usize = 200;
/// What Windows refuses in a name.
const REFUSED: [char; 9] = ['<', '>', ':', '"', '/', '\\', '|', '?', '*'];
/// What Windows takes for a device, with or without an ending.
const DEVICES: [&str; 7] = ["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"];

/// `text` as a file name without its ending: at most 80 characters and 200 bytes, none that a system refuses, no path,
/// no device, never empty, neither hidden nor ending in a full stop.
#[must_use]
pub(crate) fn file_name(text: &str) -> String {
    let shown = |c: char| if REFUSED.contains(&c) || c.is_control() || is_format_character(c) { '_' } else { c };
    let plain: Vec<String> = text.split_whitespace().map(|word| word.chars().map(shown).collect()).collect();
    let mut name = String::new();
    for c in plain.join(" ").trim_start_matches(['.', ' ']).chars().take(CHARACTERS) {
        if name.len() + c.len_utf8() > BYTES {
            break;
        }
        name.push(c);
    }
    name.truncate(name.trim_end_matches(['.', ' ']).len());
    if name.is_empty() {
        return "_".to_owned();
    }
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let port = |stem: &str| {
        let rest = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
        rest.is_some_and(|rest| rest.chars().count() == 1 && rest.contains(|c: char| c.is_numeric()))
    };
    if DEVICES.contains(&stem.as_str()) || port(&stem) {
        name.insert(0, '_');
    }
    name
}

/// Names that have been given away; two that differ only in case are one, as on Windows.
#[derive(Debug, Default)]
pub(crate) struct Taken(BTreeSet<String>);

impl Taken {
    /// `name`, or the first of `name-2`, `name-3`, … that is free; of at most `limit` UTF-16 units, in which Windows and
    /// Excel measure.
    pub(crate) fn unique(&mut self, name: &str, limit: usize) -> String {
        let mut tail = String::new();
        let mut n = 1;
        loop {
            let mut room = limit.saturating_sub(tail.len());
            let fits = |c: &char| {
                let fits = c.len_utf16() <= room;
                room = room.saturating_sub(c.len_utf16());
                fits
            };
            let candidate = name.chars().take_while(fits).collect::<String>() + &tail;
            if self.0.insert(candidate.to_lowercase()) {
                return candidate;
            }
            n += 1;
            tail = format!("-{n}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_path_no_device_and_not_refused() {
        assert_eq!(file_name("I07-王敏"), "I07-王敏");
        assert_eq!(file_name("../../etc"), "_.._etc");
        assert_eq!(file_name("=cmd|' /C calc'!A0"), "=cmd_' _C calc'!A0");
        assert_eq!(file_name("<script>alert(1)</script>"), "_script_alert(1)__script_");
        assert_eq!(file_name(" a \n\t b. . "), "a b");
        assert_eq!(file_name("\u{202e}gpj.exe\u{0}"), "_gpj.exe_");
        assert_eq!(file_name("𬭎㙍"), "𬭎㙍");
        for nothing in ["", " ", "..", ". . ."] {
            assert_eq!(file_name(nothing), "_", "{nothing:?}");
        }
        for device in ["CON", "nul.txt", "Com1", "LPT¹", "aux .x"] {
            assert!(file_name(device).starts_with('_'), "{device}");
        }
        assert_eq!(file_name("COMET"), "COMET");
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        assert_eq!(file_name(&"企".repeat(90)).chars().count(), 66, "200 bytes");
        assert_eq!(file_name(&"𬭎".repeat(90)).len(), 200);
        assert_eq!(file_name(&"a".repeat(90)).len(), 80);
    }

    #[test]
    fn no_name_is_given_twice() {
        let mut taken = Taken::default();
        assert_eq!(taken.unique("Ab", 5), "Ab");
        assert_eq!(taken.unique("aB", 5), "aB-2");
        assert_eq!(taken.unique("ab", 5), "ab-3");
        assert_eq!(taken.unique("一二三四五六", 4), "一二三四");
        assert_eq!(taken.unique("一二三四五", 4), "一二-2");
        assert_eq!(taken.unique("𬭎𬭎𬭎", 5), "𬭎𬭎");
    }
}
