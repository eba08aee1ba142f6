//! CSV files for people: `sample.csv`, `schedule.csv`. UTF-8 with byte-order mark, CR LF, headers in the chosen language.
//!
//! Spreadsheets open them, so no cell may run as a formula, and digits that must stay text are kept text.

use std::collections::BTreeMap;

use crate::draw::{ReserveLine, SampleRecord};
use crate::frame::Applicant;
use crate::routing::schedule::{Reason, Schedule};
use crate::table::clean::clock;
use crate::text::{Lang, both};

/// A cell that a spreadsheet shows as it stands.
///
/// What begins like a formula gets an apostrophe. Long numbers and those with a leading zero get a tab, which keeps their
/// digits and which every reader of numbers and codes ignores.
fn safe(text: &str) -> String {
    // 91320512345678E123 is a number to a spreadsheet, too.
    let digits = text.starts_with(|c: char| c.is_ascii_digit()) && text.parse::<f64>().is_ok();
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else if digits && (text.len() > 11 || (text.len() > 1 && text.starts_with('0'))) {
        format!("\t{text}")
    } else {
        text.to_owned()
    }
}

fn csv_for_people(rows: Vec<Vec<String>>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.iter().map(|cell| safe(cell))).expect("writing to memory");
    }
    let body = writer.into_inner().expect("writing to memory");
    [b"\xEF\xBB\xBF".as_slice(), &body].concat()
}

fn words(lang: Lang, list: &[(&str, &str)]) -> Vec<String> {
    list.iter().map(|(zh, en)| lang.pick(zh, en).to_owned()).collect()
}

/// `sample.csv`: selected, targeted, then reserves.
///
/// # Panics
/// Never: writing to memory cannot fail.
#[must_use]
pub fn sample_csv(record: &SampleRecord, lang: Lang) -> Vec<u8> {
    let mut rows = vec![words(
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
    )];
    let row = |kind: &str, line: &ReserveLine, targeted: Option<&str>| {
        vec![
            kind.to_owned(),
            line.name.clone(),
            line.code.to_string(),
            line.star.to_string(),
            line.county.clone(),
            line.rank.to_string(),
            line.ticket.clone(),
            targeted.unwrap_or_default().to_owned(),
        ]
    };
    for line in &record.selected {
        let kind = match line.targeted {
            None => lang.pick("随机抽取", "selected"),
            Some(_) => lang.pick("必查", "targeted"),
        };
        rows.push(row(kind, &line.place_in_line(), line.targeted.as_deref()));
    }
    rows.extend(record.reserves.iter().map(|line| row(lang.pick("备选", "reserve"), line, None)));
    csv_for_people(rows)
}

/// What `schedule.csv` says of an enterprise beside its times.
#[derive(Debug, Clone, Copy)]
pub struct ScheduleRow<'a> {
    /// The enterprise.
    pub applicant: &'a Applicant,
    /// Whether its place is only a seat of government.
    pub approximate: bool,
    /// Whether it was not selected by lot.
    pub targeted: bool,
}

/// `schedule.csv`: visits by date, team and order, then those without a date and why.
///
/// # Panics
/// Never: writing to memory cannot fail.
#[must_use]
pub fn schedule_csv(schedule: &Schedule, rows_by_id: &BTreeMap<String, ScheduleRow<'_>>, lang: Lang) -> Vec<u8> {
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
    let targeted = |id: &str| match rows_by_id.get(id) {
        Some(row) if row.targeted => lang.pick("必查", "targeted").to_owned(),
        _ => String::new(),
    };
    for route in &schedule.routes {
        let mut left = route.depart;
        for (sequence, visit) in (1..).zip(&route.visits) {
            // The leg before a visit ends when it is reached; waiting is on site.
            let leg = visit.arrive - left;
            left = visit.end;
            let mut row = vec![route.day.to_string(), route.team.clone(), i32::to_string(&sequence)];
            row.extend(enterprise(&visit.id));
            row.extend([visit.arrive, visit.start, visit.end].map(exact_clock));
            row.extend([((leg + 59) / 60).to_string(), place(&visit.id), targeted(&visit.id)]);
            rows.push(row);
        }
    }
    for line in &schedule.unscheduled {
        let mut row = vec![String::new(); 3];
        row.extend(enterprise(&line.id));
        row.extend(vec![String::new(); 4]);
        row.extend([place(&line.id), unscheduled_text(line.reason, lang)]);
        rows.push(row);
    }
    csv_for_people(rows)
}

fn exact_clock(seconds: i64) -> String {
    let text = clock(seconds);
    if text.len() == 5 { text + ":00" } else { text }
}

/// Why a visit has no date, for people.
fn unscheduled_text(reason: Reason, lang: Lang) -> String {
    match reason {
        Reason::NoTeam => both!(
            lang,
            "未安排：没有小组可以核查（须专家或须回避）",
            "not scheduled: no team may make it (expert or recusal)"
        ),
        Reason::NoDay => both!(
            lang,
            "未安排：截止日前没有双方都方便的工作日",
            "not scheduled: no working day before the deadline suits both sides"
        ),
        Reason::NoWindow => {
            both!(lang, "未安排：接待时段容不下一次核查", "not scheduled: the check fits into none of its hours")
        }
        Reason::Unreachable => {
            both!(lang, "未安排：当天往返时间不够", "not scheduled: too far to go and come back in one shift")
        }
        Reason::Capacity => {
            both!(lang, "未安排：与其他核查排不下", "not scheduled: no room beside the other checks")
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
}
