//! Lines of an iCalendar file (RFC 5545): folded at 75 bytes, CR LF, escaped.
//!
//! The `icalendar` crate stamps what has no DTSTAMP, also a time zone and an alarm, with the clock and a random UID, and
//! the same plan must give the same bytes for ever.

use chrono::{Days, NaiveDate};

/// Where the visits are.
pub(super) const ZONE: &str = "Asia/Shanghai";
/// Its distance from UTC, in seconds; it has no summer time since 1991.
const OFFSET: i64 = 8 * 3600;
/// Most bytes of a line without its end (section 3.1).
const LINE: usize = 75;

/// A file that is being written.
#[derive(Debug, Default)]
pub(super) struct Ics(String);

impl Ics {
    /// A property whose value stands as it is: no text of people.
    pub(super) fn line(&mut self, name: &str, value: &str) {
        let mut width = 0;
        for c in name.chars().chain([':']).chain(value.chars()) {
            if width + c.len_utf8() > LINE {
                self.0.push_str("\r\n ");
                width = 1;
            }
            self.0.push(c);
            width += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    /// A property of type TEXT (section 3.3.11).
    pub(super) fn text(&mut self, name: &str, value: &str) {
        let mut escaped = String::with_capacity(value.len());
        let mut before = ' ';
        for c in value.chars() {
            match c {
                '\\' | ';' | ',' => escaped.extend(['\\', c]),
                '\n' if before == '\r' => {}
                '\n' | '\r' => escaped.push_str("\\n"),
                c if c.is_control() => escaped.push(' '),
                c => escaped.push(c),
            }
            before = c;
        }
        self.line(name, &escaped);
    }

    /// The time zone that events refer to.
    pub(super) fn zone(&mut self) {
        for (name, value) in [
            ("BEGIN", "VTIMEZONE"),
            ("TZID", ZONE),
            ("BEGIN", "STANDARD"),
            ("DTSTART", "19910915T010000"),
            ("TZOFFSETFROM", "+0800"),
            ("TZOFFSETTO", "+0800"),
            ("TZNAME", "CST"),
            ("END", "STANDARD"),
            ("END", "VTIMEZONE"),
        ] {
            self.line(name, value);
        }
    }

    /// The whole file.
    pub(super) fn into_text(self) -> String {
        self.0
    }
}

/// A day and seconds from its midnight, which may lie on another day, as `20220307T093000`.
pub(super) fn date_time(day: NaiveDate, seconds: i64) -> String {
    let (shift, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let days = Days::new(shift.unsigned_abs());
    let day = if shift < 0 { day.checked_sub_days(days) } else { day.checked_add_days(days) }.unwrap_or(day);
    let (h, m, s) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{}T{h:02}{m:02}{s:02}", day.format("%Y%m%d"))
}

/// The same in Shanghai's time.
pub(super) fn local(day: NaiveDate, seconds: i64) -> String {
    date_time(day, seconds)
}

/// Shanghai's day and time of day in UTC.
pub(super) fn utc(day: NaiveDate, seconds: i64) -> String {
    date_time(day, seconds - OFFSET) + "Z"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_between_characters_and_text_is_escaped() {
        let mut ics = Ics::default();
        let text = "企业，“名称”; a,b\\c\r\nEND:VEVENT 𬭎㙍".repeat(5);
        ics.text("SUMMARY", &text);
        assert!(ics.0.ends_with("\r\n") && ics.0.split("\r\n").all(|line| line.len() <= 75), "{}", ics.0);
        assert!(!ics.0.trim_end().replace("\r\n", "").contains(['\r', '\n']));
        let unfolded = ics.0.replace("\r\n ", "");
        assert!(unfolded.starts_with("SUMMARY:企业，“名称”\\; a\\,b\\\\c\\nEND:VEVENT 𬭎㙍企业"), "{unfolded}");
    }

    #[test]
    fn times_of_day_reach_into_the_neighbouring_days() {
        let day = NaiveDate::from_ymd_opt(2022, 3, 1).unwrap();
        assert_eq!(local(day, 34_230), "20220301T093030");
        assert_eq!(local(day, 86_400), "20220302T000000");
        assert_eq!(utc(day, 64_800), "20220301T100000Z");
        assert_eq!(utc(day, 3600), "20220228T170000Z");
    }
}
