//! The daily pack: what the crews of one day take along, as one HTML file to print on A4 or to read on a phone.
//!
//! For each crew a route sheet, then one record form (现场核查记录表) a visit, each on its own page. The file needs nothing
//! from outside: its style stands inside, and its policy lets it load nothing.

mod checklist;
mod form;
mod html;
mod map;
mod route;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use chrono::{Datelike, NaiveDate};

use self::checklist::date;
use self::html::Text;
use super::Document;
use super::view::{Route, View};
use crate::roster::Inspector;
use crate::text::{Lang, both};

/// How it looks, on screen and on paper.
const STYLE: &str = include_str!("daily/style.css");

/// One file a day on which somebody goes.
pub(super) fn packs(view: &View<'_>) -> Vec<Document<'static>> {
    let folder = view.lang.pick("每日", "daily");
    view.days().into_iter().map(|day| Document::new(format!("{folder}/{day}.html"), pack(view, day))).collect()
}

/// The file of one day.
fn pack(view: &View<'_>, day: NaiveDate) -> String {
    let lang = view.lang;
    let routes: Vec<&Route<'_>> = view.routes.iter().filter(|route| route.line.day == day).collect();
    let mut out = String::with_capacity(64 << 10);
    let (language, city) = (lang.pick("zh-CN", "en"), Text(&view.record.city));
    let title = lang.pick("现场核查", "On-site checks");
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"format-detection\" content=\"telephone=no\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{day} {title} {city}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
    );
    contents(&mut out, view, &routes, day);
    for (number, route) in (1..).zip(&routes) {
        route::sheet(&mut out, view, route, number);
        for (place, (times, visit)) in (1..).zip(view.stops(route)) {
            form::form(&mut out, view, route, &form::Stop { number, place, times, visit });
        }
    }
    out.push_str("</body>\n</html>\n");
    out
}

/// Where everything is, for the screen.
fn contents(out: &mut String, view: &View<'_>, routes: &[&Route<'_>], day: NaiveDate) {
    let lang = view.lang;
    let day = long_date(day, lang);
    let (teams, visits) = (routes.len(), routes.iter().map(|route| route.visits.len()).sum::<usize>());
    let title = lang.pick("现场核查", "On-site checks");
    let count = both!(
        lang,
        "{teams}个小组，核查{visits}家；每组一张路线单，每家一张记录表",
        "{teams} crews, {visits} visits; a route sheet a crew, a record form a visit"
    );
    let label = lang.pick("目录", "Contents");
    let _ = write!(
        out,
        "<nav aria-label=\"{label}\"><h1>{day}{space}{title}</h1><p>{count}</p><ol>",
        space = lang.pick("", ": ")
    );
    for (number, route) in (1..).zip(routes) {
        let team = Text(&route.team);
        let members: Vec<&str> = route.crew.iter().map(|member| member.name.as_str()).collect();
        let members = members.join(lang.pick("、", ", "));
        let _ = write!(out, "<li><a href=\"#r{number}\">{team}</a> {}<ol>", Text(&members));
        for (place, (_, visit)) in (1..).zip(view.stops(route)) {
            let _ = write!(out, "<li><a href=\"#r{number}v{place}\">{}</a></li>", Text(&visit.applicant.name));
        }
        out.push_str("</ol></li>");
    }
    out.push_str("</ol></nav>\n");
}

/// What stands at the foot of every sheet: what it goes back to.
fn foot(out: &mut String, view: &View<'_>) {
    let lang = view.lang;
    let (document, draw, revision) = (Text(&view.notice.document), &view.record.draw, view.revision);
    let draw = Text(draw);
    let line = both!(lang, "依据：{document}　抽签编号：{draw}", "Notice: {document} · draw: {draw}");
    out.push_str("<footer>");
    out.push_str(&line);
    if revision > 0 {
        out.push_str(&both!(lang, "　计划第{revision}次修订", " · revision {revision} of the plan"));
    }
    let private = lang.pick("　含联系人信息，仅供核查工作使用", " · holds personal data: for the checks only");
    let _ = writeln!(out, "{private}</footer>");
}

/// What a member of the crew does there: the first leads.
fn role(place: usize, member: &Inspector, lang: Lang) -> &'static str {
    match (place, member.expert) {
        (0, true) => lang.pick("组长（专家）", "leader (expert)"),
        (0, false) => lang.pick("组长", "leader"),
        (_, true) => lang.pick("组员（专家）", "member (expert)"),
        (_, false) => lang.pick("组员", "member"),
    }
}

/// 2022年3月7日（星期一）; Monday, 2022-03-07.
fn long_date(day: NaiveDate, lang: Lang) -> String {
    let at = day.weekday().num_days_from_monday() as usize;
    let zh = ["一", "二", "三", "四", "五", "六", "日"][at];
    let en = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"][at];
    let day = date(day, lang);
    both!(lang, "{day}（星期{zh}）", "{en}, {day}")
}
