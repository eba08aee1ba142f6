//! Who and when; and what the commands after the plan read from their arguments.

use std::collections::BTreeSet;
use std::env;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, Utc};

use super::Refusal;
use super::args::StampArgs;
use super::console::Console;
use crate::followup::opened::Opened;
use crate::frame::CreditCode;
use crate::table::{Cell, clean};
use crate::text::{Lang, Say, both, excerpt};

/// An argument that cannot be used, in both languages.
pub(super) struct Wrong {
    zh: String,
    en: String,
}

impl Wrong {
    pub(super) fn refuse(text: impl Fn(Lang) -> String) -> Refusal {
        Box::new(Self { zh: text(Lang::Zh), en: text(Lang::En) })
    }
}

impl Say for Wrong {
    fn say(&self, lang: Lang) -> String {
        lang.pick(&self.zh, &self.en).to_owned()
    }
}

/// Beijing time, which holds all over the country.
fn beijing() -> FixedOffset {
    FixedOffset::east_opt(8 * 3600).unwrap_or_else(|| FixedOffset::east_opt(0).expect("zero"))
}

/// When and who.
pub(super) fn stamp(args: &StampArgs) -> Result<(DateTime<FixedOffset>, String), Refusal> {
    let at = match &args.at {
        None => now(),
        Some(text) => time(text).ok_or_else(|| {
            let text = excerpt(text, 40);
            Wrong::refuse(|lang| {
                both!(
                    lang,
                    "--at 应写成2022-03-09T09:30这样的时间，现为“{text}”",
                    "--at takes a time such as 2022-03-09T09:30, found \"{text}\""
                )
            })
        })?,
    };
    let user = || ["HECHA_WHO", "USERNAME", "USER", "LOGNAME"].iter().find_map(|name| env::var(name).ok());
    let who = args.who.clone().or_else(user).unwrap_or_default();
    Ok((at, clean::tidy(&who)))
}

fn time(text: &str) -> Option<DateTime<FixedOffset>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at);
    }
    let plain = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    plain?.and_local_timezone(beijing()).single()
}

/// Now, to the second.
pub(super) fn now() -> DateTime<FixedOffset> {
    let now = Utc::now();
    DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now).with_timezone(&beijing())
}

/// A date as people write it.
pub(super) fn date(option: &str, text: &str) -> Result<NaiveDate, Refusal> {
    clean::date(text).ok_or_else(|| {
        let text = excerpt(text, 40);
        Wrong::refuse(|lang| {
            both!(
                lang,
                "{option} 应写成2022-03-09这样的日期，现为“{text}”",
                "{option} takes a date such as 2022-03-09, found \"{text}\""
            )
        })
    })
}

/// A credit code of the frame.
pub(super) fn code(opened: &Opened, option: &str, text: &str) -> Result<CreditCode, Refusal> {
    let shown = excerpt(text, 40);
    let (code, _) = CreditCode::parse(text).map_err(|_| {
        Wrong::refuse(|lang| {
            both!(lang, "{option} 的“{shown}”不是统一社会信用代码", "{option}: \"{shown}\" is no credit code")
        })
    })?;
    if opened.drawn.read.frame.position(code).is_none() {
        return Err(Wrong::refuse(|lang| {
            both!(lang, "{option} 的{code}不在申报企业中", "{option}: {code} is no applicant")
        }));
    }
    Ok(code)
}

/// `ID:DATES`.
pub(super) fn absence(option: &str, text: &str) -> Result<(String, BTreeSet<NaiveDate>), Refusal> {
    let parts = text.split_once([':', '：']);
    let days = parts.and_then(|(_, days)| clean::dates(&Cell::text(days)).ok()).filter(|days| !days.is_empty());
    if let (Some((id, _)), Some(days)) = (parts, days) {
        return Ok((clean::tidy(id), days));
    }
    let text = excerpt(text, 60);
    Err(Wrong::refuse(|lang| {
        both!(
            lang,
            "{option} 应写成 编号:日期，如H003:2022-03-09..2022-03-11，现为“{text}”",
            "{option} takes id:dates, such as H003:2022-03-09..2022-03-11, found \"{text}\""
        )
    }))
}

/// Says the journal's head, which may be noted elsewhere.
pub(super) fn say_head(opened: &Opened, console: Console) {
    let (n, head) = (opened.journal.lines.len(), opened.journal.head());
    console.line(&both!(
        console.lang,
        "已记入日志第{n}行（日志指纹 {head}）",
        "line {n} of the journal (its head: {head})"
    ));
}

/// Says how many enterprises a list leaves out, if any.
pub(super) fn say_more(more: usize, console: Console) {
    if more > 0 {
        console.line(&both!(
            console.lang,
            "  ……另有{more}家；加 --json 可列出全部",
            "  … and {more} more; --json lists them all"
        ));
    }
}
