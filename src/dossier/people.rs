//! CSV files for people: `sample.csv`, `schedule.csv`. UTF-8 with byte-order mark, CR LF, headers in the chosen language.
//!
//! Spreadsheets open them, so no cell may run as a formula, and digits that must stay text are kept text.

use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use super::listed::Chosen;
use crate::draw::{DrawnLine, ReserveLine};
use crate::frame::Applicant;
use crate::routing::schedule::{Reason, Schedule};
use crate::text::clock;
use crate::text::{Lang, both, natural};

/// A cell that a spreadsheet shows as it stands.
///
/// What begins like a formula gets an apostrophe. Long numbers and those with a leading zero get a tab, which keeps their
/// digits and which every reader of numbers and codes ignores.
fn safe(text: &str) -> Cow<'_, str> {
    // 91320512345678E123 is a number to a spreadsheet, too.
    let part_of_number = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b'+' | b'-' | b'e' | b'E');
    let long = text.len() > 11 || (text.len() > 1 && text.starts_with('0'));
    let long_number = long
        && text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(part_of_number)
        && text.parse::<f64>().is_ok();
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) {
        format!("'{text}").into()
    } else if long_number {
        format!("\t{text}").into()
    } else {
        text.into()
    }
}

/// A CSV file for people, written row by row: what the `csv` crate writes of the same cells (a test compares them).
struct ForPeople<W: io::Write> {
    out: W,
    rows: Vec<u8>,
}

impl<W: io::Write> ForPeople<W> {
    fn new(out: W) -> Self {
        let mut rows = Vec::with_capacity(BLOCK + 1024);
        rows.extend_from_slice(b"\xEF\xBB\xBF");
        Self { out, rows }
    }

    /// A row of two cells or more.
    fn row<T: AsRef<str>>(&mut self, cells: &[T]) -> io::Result<()> {
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                self.rows.push(b',');
            }
            let cell = safe(cell.as_ref());
            if cell.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n')) {
                self.rows.push(b'"');
                self.rows.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
                self.rows.push(b'"');
            } else {
                self.rows.extend_from_slice(cell.as_bytes());
            }
        }
        self.rows.extend_from_slice(b"\r\n");
        if self.rows.len() >= BLOCK {
            self.out.write_all(&self.rows)?;
            self.rows.clear();
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        self.out.write_all(&self.rows)
    }
}

/// Bytes written at a time: what fits beside other things into a processor's own memory, where it is hashed, too.
const BLOCK: usize = 256 << 10;

pub(super) fn csv_for_people(rows: &[Vec<String>]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut table = ForPeople::new(&mut out);
    for row in rows {
        table.row(row).expect("writing to memory");
    }
    table.finish().expect("writing to memory");
    out
}

pub(super) fn words(lang: Lang, list: &[(&str, &str)]) -> Vec<String> {
    list.iter().map(|(zh, en)| lang.pick(zh, en).to_owned()).collect()
}

/// Writes `sample.csv`: selected, targeted, then reserves.
///
/// # Errors
/// The writer's.
pub fn sample_csv<'a>(
    out: &mut dyn io::Write,
    selected: impl IntoIterator<Item = impl Borrow<DrawnLine<'a>>>,
    reserves: impl IntoIterator<Item = impl Borrow<ReserveLine<'a>>>,
    lang: Lang,
) -> io::Result<()> {
    let mut table = ForPeople::new(out);
    table.row(&words(
        lang,
        &[
            ("类别", "kind"),
            ("企业名称", "name"),
            ("统一社会信用代码", "code"),
            ("申报星级", "star"),
            ("所属县区", "county"),
            ("层内名次", "rank"),
            ("抽签号", "ticket"),
            ("必查原因", "must inspect"),
        ],
    ))?;
    let mut rank = String::new();
    let stars: Vec<String> = (0..=u8::MAX).map(|star| star.to_string()).collect();
    let star = |star: u8| stars[usize::from(star)].as_str();
    for line in selected {
        let l: &DrawnLine<'_> = line.borrow();
        let kind = match l.targeted {
            None => lang.pick("随机抽取", "selected"),
            Some(_) => lang.pick("必查", "targeted"),
        };
        rank.clear();
        let _ = write!(rank, "{}", l.rank);
        let why = l.targeted.as_deref().unwrap_or_default();
        table.row(&[kind, &l.name, l.code.as_str(), star(l.star), &l.county, &rank, &l.ticket, why])?;
    }
    for line in reserves {
        let l: &ReserveLine<'_> = line.borrow();
        rank.clear();
        let _ = write!(rank, "{}", l.rank);
        let kind = lang.pick("备选", "reserve");
        table.row(&[kind, &l.name, l.code.as_str(), star(l.star), &l.county, &rank, &l.ticket, ""])?;
    }
    table.finish()
}

/// What `schedule.csv` says of an enterprise beside its times.
#[derive(Debug, Clone, Copy)]
pub struct ScheduleRow<'a> {
    /// The enterprise.
    pub applicant: &'a Applicant,
    /// Whether its place is only a seat of government.
    pub approximate: bool,
    /// How it came to be checked.
    pub chosen: Chosen,
}

/// The routes of a schedule in the order of documents for people: by day, then by the names of their teams as people order
/// them.
#[must_use]
pub fn people_order(schedule: &Schedule, names: &[String]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..schedule.routes.len()).collect();
    let day = |at: usize| schedule.routes[at].day;
    order.sort_by(|a, b| day(*a).cmp(&day(*b)).then_with(|| natural(&names[*a], &names[*b])));
    order
}

/// `schedule.csv`: visits by date, team and order, then those without a date and why. The teams of the routes have `names`;
/// `days_left` says whether the plan has any day.
///
/// # Panics
/// Never: writing to memory cannot fail.
#[must_use]
pub fn schedule_csv(
    schedule: &Schedule,
    names: &[String],
    rows_by_id: &BTreeMap<String, ScheduleRow<'_>>,
    days_left: bool,
    lang: Lang,
) -> Vec<u8> {
    let mut rows = vec![words(
        lang,
        &[
            ("日期", "date"),
            ("小组", "team"),
            ("顺序", "sequence"),
            ("企业名称", "enterprise"),
            ("统一社会信用代码", "code"),
            ("申报星级", "star"),
            ("所属县区", "county"),
            ("地址", "address"),
            ("联系人", "contact"),
            ("联系电话", "phone"),
            ("到达", "arrive"),
            ("开始", "start"),
            ("结束", "end"),
            ("行车（分钟）", "travel (min)"),
            ("位置", "place"),
            ("备注", "remark"),
        ],
    )];
    let enterprise = |id: &str| -> Vec<String> {
        match rows_by_id.get(id) {
            Some(ScheduleRow { applicant: a, .. }) => vec![
                a.name.clone(),
                id.to_owned(),
                a.star.to_string(),
                a.county.clone(),
                a.address.clone(),
                a.contact.clone(),
                a.phone.clone(),
            ],
            None => vec![String::new(), id.to_owned()].into_iter().chain(vec![String::new(); 5]).collect(),
        }
    };
    let place = |id: &str| match rows_by_id.get(id) {
        Some(row) if row.approximate => lang.pick("近似（县区驻地）", "approximate (county seat)").to_owned(),
        _ => lang.pick("准确", "exact").to_owned(),
    };
    let special =
        |id: &str| rows_by_id.get(id).and_then(|row| row.chosen.special(lang)).unwrap_or_default().to_owned();
    for at in people_order(schedule, names) {
        let route = &schedule.routes[at];
        let mut left = route.depart;
        for (sequence, visit) in (1..).zip(&route.visits) {
            // The leg before a visit ends when it is reached; waiting is on site.
            let leg = visit.arrive - left;
            left = visit.end;
            let mut row = vec![route.day.to_string(), names[at].clone(), i32::to_string(&sequence)];
            row.extend(enterprise(&visit.id));
            row.extend([visit.arrive, visit.start, visit.end].map(exact_clock));
            row.extend([((leg + 59) / 60).to_string(), place(&visit.id), special(&visit.id)]);
            rows.push(row);
        }
    }
    for line in &schedule.unscheduled {
        let mut row = vec![String::new(); 3];
        row.extend(enterprise(&line.id));
        row.extend(vec![String::new(); 4]);
        row.extend([place(&line.id), unscheduled_text(line.reason, days_left, lang)]);
        rows.push(row);
    }
    csv_for_people(&rows)
}

pub(super) fn exact_clock(seconds: i64) -> String {
    let text = clock(seconds);
    if text.len() == 5 { text + ":00" } else { text }
}

/// Why a visit has no date, for people. Where the plan has no day at all there are no teams either, and that there are
/// none would be a riddle.
#[must_use]
pub fn unscheduled_text(reason: Reason, days_left: bool, lang: Lang) -> String {
    if !days_left {
        return both!(
            lang,
            "未排入日程：截止日前已没有可以安排核查的工作日",
            "not scheduled: no working day is left before the deadline"
        );
    }
    match reason {
        Reason::NoTeam => both!(
            lang,
            "未排入日程：没有符合条件的小组（人员不足、须专家带队或须回避）",
            "not scheduled: no team may make it (too few inspectors, expert or recusal)"
        ),
        Reason::NoDay => both!(
            lang,
            "未排入日程：截止日前没有企业和核查小组均可安排的工作日",
            "not scheduled: no working day before the deadline suits both sides"
        ),
        Reason::NoWindow => {
            both!(
                lang,
                "未排入日程：企业接待时段不足以完成一次核查",
                "not scheduled: the check fits into none of its hours"
            )
        }
        Reason::Unreachable => {
            both!(
                lang,
                "未排入日程：路程过远，当天无法往返",
                "not scheduled: too far to go and come back in one shift"
            )
        }
        Reason::Capacity => {
            both!(
                lang,
                "未排入日程：组日已排满，无法与其他核查一并安排",
                "not scheduled: no room beside the other checks"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_runs_as_a_formula_and_digits_stay() {
        assert_eq!(safe("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        assert_eq!(safe("+86 512"), "'+86 512");
        assert_eq!(safe("913205946739170837"), "\t913205946739170837");
        assert_eq!(safe("91320512345678E123"), "\t91320512345678E123");
        assert_eq!(safe("051265000000"), "\t051265000000");
        assert_eq!(safe("13812345678"), "13812345678");
        assert_eq!(safe("91320583MAC1JJUW8D"), "91320583MAC1JJUW8D");
    }

    #[test]
    fn rows_are_what_the_csv_crate_writes() {
        let rows =
            [["a", "b,c"], ["d \"e\" f", "g\r\nh"], ["", ""], ["企业;\t", "\"i"], ["=j,k", "12345678901234567"]];
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![]);
        for row in rows {
            writer.write_record(row.map(|cell| safe(cell).into_owned())).unwrap();
        }
        let expected = [b"\xEF\xBB\xBF".as_slice(), &writer.into_inner().unwrap()].concat();
        assert_eq!(csv_for_people(&rows.map(|row| row.map(str::to_owned).to_vec())), expected);
    }
}
