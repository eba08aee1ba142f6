//! The tables of the workbook, row by row.

use std::collections::BTreeMap;

use super::sheet::{Cell, Column, Table};
use crate::dossier::clock;
use crate::dossier::listed::Chosen;
use crate::dossier::public;
use crate::dossier::view::{View, Visit};
use crate::frame::{Applicant, CreditCode};
use crate::roster::Inspector;
use crate::routing::schedule::VisitLine;
use crate::text::{Lang, both};
use chrono::{Datelike, NaiveDate};

const NAME: Column = ("企业名称", "enterprise", 24.0);
const CODE: Column = ("统一社会信用代码", "code", 19.5);
const STAR: Column = ("申报\n星级", "star", 5.5);
const COUNTY: Column = ("所属县区", "county", 10.0);
const RANK: Column = ("层内\n名次", "rank", 7.0);
/// Two lines of 32 characters each.
const TICKET: Column = ("抽签号", "ticket", 29.8);
const DATE: Column = ("日期", "date", 11.0);
const WEEKDAY: Column = ("星期", "day", 5.5);
const TEAM: Column = ("小组", "team", 9.0);
const ARRIVE: Column = ("到达", "arrive", 6.0);
const START: Column = ("开始", "start", 6.0);
const END: Column = ("结束", "end", 6.0);
const ADDRESS: Column = ("地址", "address", 25.0);
const CONTACT: Column = ("联系人", "contact", 8.0);
const PHONE: Column = ("联系电话", "phone", 13.0);
const REMARK: Column = ("备注", "remark", 13.0);

fn text(value: impl Into<String>) -> Cell {
    let value = value.into();
    if value.is_empty() { Cell::Blank } else { Cell::Text(value) }
}

fn word(value: impl Into<String>) -> Cell {
    let value = value.into();
    if value.is_empty() { Cell::Blank } else { Cell::Word(value) }
}

fn count(n: usize) -> Cell {
    Cell::Count(n as i64)
}

/// The list, with tickets and the day of each visit.
pub(super) fn sample(view: &View<'_>) -> Table {
    let lang = view.lang;
    let columns = vec![
        ("序号", "no.", 6.0),
        ("类别", "kind", 10.0),
        NAME,
        CODE,
        STAR,
        COUNTY,
        RANK,
        TICKET,
        ("核查日期", "visit", 11.5),
        ("说明", "remark", 30.0),
    ];
    // A revision visits what is left of the sample only.
    let visits: BTreeMap<CreditCode, &Visit<'_>> = view.visits.iter().map(|v| (v.applicant.code, v)).collect();
    let rows = view.listed.iter().enumerate().map(|(at, line)| {
        let visit = visits.get(&line.code);
        let day = visit.and_then(|visit| visit.scheduled).and_then(|(route, _)| view.routes.get(route));
        let without = match (visit, &line.left) {
            (_, Some(_)) => lang.pick("已退出", "has left"),
            (Some(_), _) => lang.pick("未排入日程", "none"),
            (None, _) => lang.pick("已核查或按原安排", "done, or as planned before"),
        };
        let must = line.reason.as_deref().or(visit.and_then(|v| v.applicant.must_inspect.as_deref()));
        let must = must.map(|why| both!(lang, "必查：{why}", "targeted: {why}"));
        let said: Vec<String> = [line.change(lang)].into_iter().chain(must).filter(|s| !s.is_empty()).collect();
        vec![
            count(at + 1),
            word(line.chosen.word(lang)),
            text(&*line.name),
            Cell::Code(line.code.to_string()),
            Cell::Star(line.star),
            word(&*line.county),
            line.rank.map_or(Cell::Blank, count),
            Cell::Hash(line.ticket.clone()),
            day.map_or_else(|| word(without), |route| Cell::Date(route.line.day)),
            text(said.join(lang.pick("；", "; "))),
        ]
    });
    Table {
        columns, fixed: 3, rows: rows.collect(), empty: lang.pick("没有抽取企业", "nobody was selected")
    }
}

/// Reserves, in the order in which they move up.
pub(super) fn reserves(view: &View<'_>) -> Table {
    let columns = vec![("序号", "no.", 6.0), NAME, CODE, STAR, COUNTY, RANK, TICKET];
    let rows = view.reserves.iter().enumerate().map(|(at, line)| {
        vec![
            count(at + 1),
            text(&*line.name),
            Cell::Code(line.code.to_string()),
            Cell::Star(line.star),
            word(&*line.county),
            count(line.rank),
            Cell::Hash(line.ticket.clone()),
        ]
    });
    let empty = view.lang.pick("没有备选企业", "there are no reserves");
    Table { columns, fixed: 2, rows: rows.collect(), empty }
}

/// The list to publish, as its own file has it.
pub(super) fn public(view: &View<'_>) -> Table {
    let widths = [13.0, 34.0, 7.0, 13.0, 7.0, TICKET.2, 60.0];
    let columns = public::HEADERS.iter().zip(widths).map(|((zh, en), width)| (*zh, *en, width)).collect();
    let rows = public::rows(view).into_iter().map(|row| {
        vec![
            word(row.kind),
            text(row.name),
            row.star.map_or(Cell::Blank, Cell::Star),
            word(row.county),
            row.rank.map_or(Cell::Blank, count),
            if row.ticket.is_empty() { Cell::Blank } else { Cell::Hash(row.ticket) },
            text(row.remark),
        ]
    });
    Table { columns, fixed: 2, rows: rows.collect(), empty: "" }
}

/// Name, code, star, county, address, contact, phone.
fn enterprise(applicant: &Applicant) -> Vec<Cell> {
    vec![
        text(&applicant.name),
        Cell::Code(applicant.code.to_string()),
        Cell::Star(applicant.star),
        word(&applicant.county),
        text(&applicant.address),
        word(&applicant.contact),
        text(&applicant.phone),
    ]
}

fn weekday(day: NaiveDate, lang: Lang) -> Cell {
    let at = day.weekday().num_days_from_monday() as usize;
    let zh = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
    let en = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    word(lang.pick(zh[at], en[at]))
}

fn remark(view: &View<'_>, visit: &Visit<'_>) -> String {
    let lang = view.lang;
    let mut remarks = Vec::new();
    match (visit.chosen, visit.applicant.must_inspect.is_some()) {
        (Chosen::Lot, true) => {
            remarks.push(lang.pick("必查（已随机抽中）", "targeted (selected by lot)").to_owned());
        }
        (chosen, _) => remarks.extend(chosen.special(lang).map(str::to_owned)),
    }
    if visit.approximate {
        let zh = "位置为近似值（县区驻地），出发前请与企业确认";
        remarks.push(lang.pick(zh, "place approximate (county seat); ask before leaving").to_owned());
    }
    remarks.extend(view.why_unscheduled(visit));
    remarks.join(lang.pick("；", "; "))
}

/// Names of inspectors; an id beside those that two share.
pub(super) fn names<'a>(view: &View<'_>, people: impl Iterator<Item = &'a Inspector>) -> String {
    let named = |person: &Inspector| {
        let shared = view.inspectors.iter().filter(|other| other.name == person.name).count() > 1;
        match (shared, view.lang) {
            (false, _) => person.name.clone(),
            (true, Lang::Zh) => format!("{}（{}）", person.name, person.id),
            (true, Lang::En) => format!("{} ({})", person.name, person.id),
        }
    };
    people.map(named).collect::<Vec<_>>().join(view.lang.pick("、", ", "))
}

fn times(visit: &VisitLine) -> [Cell; 3] {
    [visit.arrive, visit.start, visit.end].map(|seconds| Cell::Time(clock::up(seconds)))
}

/// All visits by day, team and order, then those without a date.
pub(super) fn schedule(view: &View<'_>) -> Table {
    let lang = view.lang;
    let columns = vec![
        DATE,
        WEEKDAY,
        TEAM,
        ("核查人员", "crew", 9.0),
        ("顺序", "stop", 5.5),
        ARRIVE,
        START,
        END,
        NAME,
        CODE,
        STAR,
        COUNTY,
        ADDRESS,
        CONTACT,
        PHONE,
        ("行车\n分钟", "travel\n(min)", 6.0),
        REMARK,
    ];
    let mut rows = Vec::new();
    for route in &view.routes {
        let crew = names(view, route.crew.iter().copied());
        let crew =
            if crew.is_empty() { lang.pick("无符合条件的核查人员", "no crew").to_owned() } else { crew };
        for ((at, leg), (visit_times, visit)) in route.legs().into_iter().enumerate().zip(view.stops(route)) {
            let day = route.line.day;
            let mut row = vec![Cell::Date(day), weekday(day, lang), word(&route.team), word(&crew), count(at + 1)];
            row.extend(times(visit_times));
            row.extend(enterprise(visit.applicant));
            row.extend([Cell::Count(leg), text(remark(view, visit))]);
            rows.push(row);
        }
    }
    for visit in view.visits.iter().filter(|visit| visit.scheduled.is_none()) {
        let mut row = vec![Cell::Blank; 8];
        row.extend(enterprise(visit.applicant));
        row.extend([Cell::Blank, text(remark(view, visit))]);
        rows.push(row);
    }
    Table { columns, fixed: 3, rows, empty: lang.pick("没有核查", "no visits") }
}

/// The visits of one inspector, with leaving the base and coming back.
pub(super) fn inspector(view: &View<'_>, inspector: &Inspector) -> Table {
    let lang = view.lang;
    let columns = vec![
        DATE,
        WEEKDAY,
        TEAM,
        ("同组人员", "with", 8.5),
        ("出发", "leave", 6.0),
        ARRIVE,
        START,
        END,
        ("返回", "return", 6.0),
        NAME,
        CODE,
        STAR,
        COUNTY,
        ADDRESS,
        CONTACT,
        PHONE,
        REMARK,
    ];
    let mut rows = Vec::new();
    for route in view.routes_of(inspector) {
        let others = names(view, route.crew.iter().copied().filter(|other| other.id != inspector.id));
        let last = route.line.visits.len().saturating_sub(1);
        for (at, (visit_times, visit)) in view.stops(route).enumerate() {
            let day = route.line.day;
            let at_edge = |here: bool, seconds: i64| if here { Cell::Time(seconds) } else { Cell::Blank };
            let mut row = vec![Cell::Date(day), weekday(day, lang), word(&route.team), word(&others)];
            row.push(at_edge(at == 0, clock::down(route.line.depart)));
            row.extend(times(visit_times));
            row.push(at_edge(at == last, clock::up(route.line.back)));
            row.extend(enterprise(visit.applicant));
            row.push(text(remark(view, visit)));
            rows.push(row);
        }
    }
    Table { columns, fixed: 3, rows, empty: lang.pick("本次没有安排核查任务", "no visits this time") }
}
