//! Working days: Monday to Friday, less the State Council's holidays, plus its make-up workdays.
//!
//! The exceptions are data (`data/workdays.csv`: `date,kind,name`, kind `holiday` or `workday`). A year with fewer
//! than seven holidays in the table is unknown, and asking for one of its days is an error: a silent Monday-to-Friday guess
//! would move deadlines.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::text::{Lang, Say, both, display_in_english};

/// The table that is embedded in the program.
pub const EMBEDDED: &str = include_str!("../data/workdays.csv");

/// Fewest holidays that make a year known; the State Council's arrangements have more than twenty.
const LEAST_HOLIDAYS: usize = 7;

/// The working days of the years in the table.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// `true`: worked although a weekend; `false`: not worked although a weekday (or a weekend holiday).
    exceptions: BTreeMap<NaiveDate, bool>,
    years: BTreeSet<i32>,
}

/// Why a calendar question has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CalendarError {
    /// The table has no exceptions of this year.
    UnknownYear(i32),
    /// A line of the table cannot be read: line number and text.
    BadLine(u64, String),
    /// No working day within a year before the date satisfies what was asked.
    NoDay(NaiveDate),
}

impl Say for CalendarError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::UnknownYear(year) => both!(
                lang,
                "工作日历没有{year}年的放假安排，无法判断工作日；请核对日期，或在 plan.toml 的 [tables] 下用 workdays = \"文件\" 提供该年的安排",
                "the calendar has no holidays for {year}, so working days cannot be told; check the date, or give that year's table with workdays = \"FILE\" under [tables] in plan.toml"
            ),
            Self::BadLine(line, text) => both!(
                lang,
                "工作日历第{line}行“{text}”无法识别；应为“日期,holiday或workday,名称”",
                "calendar line {line}, \"{text}\": expected \"date,holiday|workday,name\""
            ),
            Self::NoDay(date) => {
                both!(lang, "{date}之前找不到符合要求的工作日", "no working day before {date} fits")
            }
        }
    }
}
display_in_english!(CalendarError);
impl std::error::Error for CalendarError {}

impl Calendar {
    /// The calendar that comes with the program.
    ///
    /// # Panics
    /// Never: a test reads the embedded table.
    #[must_use]
    pub fn embedded() -> Self {
        Self::from_csv(EMBEDDED).expect("the embedded calendar is tested")
    }

    /// Reads a table with the header `date,kind,name`.
    ///
    /// # Errors
    /// [`CalendarError::BadLine`] with the first line that cannot be read.
    pub fn from_csv(text: &str) -> Result<Self, CalendarError> {
        let mut exceptions = BTreeMap::new();
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        for record in reader.records() {
            let record = record
                .map_err(|e| CalendarError::BadLine(e.position().map_or(0, csv::Position::line), e.to_string()))?;
            let line = record.position().map_or(0, csv::Position::line);
            let bad = || CalendarError::BadLine(line, record.iter().collect::<Vec<_>>().join(","));
            let date = record
                .get(0)
                .and_then(|d| NaiveDate::parse_from_str(d.trim(), "%Y-%m-%d").ok())
                .ok_or_else(bad)?;
            let worked = match record.get(1).map(str::trim) {
                Some("holiday") => false,
                Some("workday") => true,
                _ => return Err(bad()),
            };
            exceptions.insert(date, worked);
        }
        // A year with a holiday or two, such as the last days of December, is not the arrangement of that year.
        let holidays =
            |year: i32| exceptions.iter().filter(|(day, worked)| day.year() == year && !**worked).count();
        let all: BTreeSet<i32> = exceptions.keys().map(Datelike::year).collect();
        let years = all.into_iter().filter(|year| holidays(*year) >= LEAST_HOLIDAYS).collect();
        Ok(Self { exceptions, years })
    }

    /// Whether `date` is worked.
    ///
    /// # Errors
    /// [`CalendarError::UnknownYear`] if the table does not cover the date's year.
    pub fn is_workday(&self, date: NaiveDate) -> Result<bool, CalendarError> {
        if !self.years.contains(&date.year()) {
            return Err(CalendarError::UnknownYear(date.year()));
        }
        Ok(self.exceptions.get(&date).copied().unwrap_or(!matches!(date.weekday(), Weekday::Sat | Weekday::Sun)))
    }

    /// The working days from `first` to `last`, both included, ascending; empty if `last < first`.
    ///
    /// # Errors
    /// [`CalendarError::UnknownYear`], as for [`Self::is_workday`].
    pub fn workdays(&self, first: NaiveDate, last: NaiveDate) -> Result<Vec<NaiveDate>, CalendarError> {
        let mut days = Vec::new();
        for date in first.iter_days().take_while(|d| *d <= last) {
            if self.is_workday(date)? {
                days.push(date);
            }
        }
        Ok(days)
    }

    /// The last day for a visit: the latest working day that has at least `wrap_up` working days after it, up to and
    /// including `deadline`.
    ///
    /// # Errors
    /// [`CalendarError::UnknownYear`]; [`CalendarError::NoDay`] if there is none within two years.
    pub fn last_visit_day(&self, deadline: NaiveDate, wrap_up: u32) -> Result<NaiveDate, CalendarError> {
        let mut after = 0;
        for back in 0..732 {
            let date = deadline.checked_sub_days(Days::new(back)).ok_or(CalendarError::NoDay(deadline))?;
            if self.is_workday(date)? {
                if after >= wrap_up {
                    return Ok(date);
                }
                after += 1;
            }
        }
        Err(CalendarError::NoDay(deadline))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn make_up_workdays_and_holidays_of_2022_hold() {
        let calendar = Calendar::embedded();
        for (date, worked) in [
            ("2022-04-02", true),
            ("2022-04-04", false),
            ("2022-04-05", false),
            ("2022-04-24", true),
            ("2022-04-30", false),
            ("2022-03-07", true),
            ("2022-03-12", false),
        ] {
            assert_eq!(calendar.is_workday(day(date)), Ok(worked), "{date}");
        }
    }

    #[test]
    fn last_visit_days_of_the_example_are_those_of_the_contract() {
        let calendar = Calendar::embedded();
        assert_eq!(calendar.last_visit_day(day("2022-04-15"), 7), Ok(day("2022-04-06")));
        assert_eq!(calendar.last_visit_day(day("2022-04-30"), 3), Ok(day("2022-04-26")));
        assert_eq!(calendar.last_visit_day(day("2022-04-30"), 0), Ok(day("2022-04-29")));
    }

    #[test]
    fn a_year_outside_the_table_is_an_error_that_names_it() {
        let calendar = Calendar::embedded();
        assert_eq!(calendar.is_workday(day("2031-03-03")), Err(CalendarError::UnknownYear(2031)));
        assert!(CalendarError::UnknownYear(2031).say(Lang::Zh).contains("2031"));
        assert!(calendar.workdays(day("2026-12-30"), day("2027-01-02")).is_err());
    }

    #[test]
    fn a_broken_table_names_the_line() {
        let error = Calendar::from_csv("date,kind,name\n2022-01-01,feiertag,x\n").unwrap_err();
        assert!(matches!(error, CalendarError::BadLine(2, _)));
    }
}
