//! The record form of a visit (现场核查记录表), filled in as far as the plan and the application go.

use std::fmt::Write as _;

use super::checklist::{items, star_name};
use super::html::Text;
use super::{foot, long_date, role};
use crate::dossier::clock;
use crate::dossier::listed::Chosen;
use crate::dossier::view::{Route, View, Visit};
use crate::routing::schedule::VisitLine;
use crate::text::{Lang, both};

/// A visit on a day's route.
#[derive(Debug)]
pub(super) struct Stop<'a> {
    /// The route's number on that day.
    pub(super) number: usize,
    /// The visit's place on the route, from 1.
    pub(super) place: usize,
    /// Its times.
    pub(super) times: &'a VisitLine,
    /// The visit.
    pub(super) visit: &'a Visit<'a>,
}

/// Lines to write on, more than a page has room for: those that do not fit are cut off.
const LINES: usize = 24;
/// Characters of all given texts from which smaller letters keep the form on one page.
const DENSE: usize = 240;
/// Inspectors up to whom each has a line of its own to sign on.
const MANY: usize = 3;

/// Writes the form.
pub(super) fn form(out: &mut String, view: &View<'_>, route: &Route<'_>, stop: &Stop<'_>) {
    let lang = view.lang;
    let Stop { number, place, visit, .. } = stop;
    let a = visit.applicant;
    let given = [&a.name, &a.address, &a.contact, &a.phone, &a.county, &a.details.cloud_form];
    let length = given.iter().map(|text| text.chars().count()).sum::<usize>();
    let dense = if length > DENSE { " dense" } else { "" };
    let many = if route.crew.len() > MANY { " many" } else { "" };
    let (title, record) =
        (Text(view.notice.title(lang)), lang.pick("现场核查记录表", "Record of an on-site check"));
    let _ = write!(
        out,
        "<section class=\"sheet form{dense}{many}\" id=\"r{number}v{place}\">\n<header><p>{title}</p><h2>{record}</h2>\
         <p class=\"sub\"><span>{}{}-{place}</span><span>{}{}</span></p></header>\n",
        lang.pick("路线单序号：", "Route sheet: "),
        Text(&route.team),
        lang.pick("核查组织单位：", "Organised by: "),
        Text(&organiser(view)),
    );
    basics(out, view, route, stop);
    checklist(out, view, visit);
    let findings = lang.pick("核查发现的问题及说明", "Findings");
    let _ = writeln!(out, "<div class=\"findings\"><b>{findings}</b><div>{}</div></div>", "<i></i>".repeat(LINES));
    conclusion(out, view.lang);
    signatures(out, view, route);
    foot(out, view);
    out.push_str("</section>\n");
}

/// The bureau of the city that carries out the checks.
fn organiser(view: &View<'_>) -> String {
    let city = &view.record.city;
    both!(view.lang, "{city}工业和信息化局", "Bureau of Industry and Information Technology, {city}")
}

/// Enterprise and visit.
fn basics(out: &mut String, view: &View<'_>, route: &Route<'_>, stop: &Stop<'_>) {
    let lang = view.lang;
    let Stop { times, visit, .. } = stop;
    let a = visit.applicant;
    let text = |text: &str| Text(text).to_string();
    let (start, end) = (clock::text(times.start), clock::text(times.end));
    let day = long_date(route.line.day, lang);
    let chosen = visit.chosen.word(lang);
    // The enterprise signs this form: why it is targeted, which may be somebody's complaint, is not for it to read.
    let drawn = match (visit.chosen, &a.must_inspect) {
        (Chosen::Targeted, _) | (_, None) => chosen.to_owned(),
        (_, Some(_)) => both!(lang, "{chosen}，同时为必查", "{chosen}; targeted as well"),
    };
    out.push_str("<table class=\"basics\"><tbody>\n");
    wide(out, lang.pick("企业名称", "Enterprise"), &format!("<b>{}</b>", Text(&a.name)));
    pair(
        out,
        [
            (
                lang.pick("统一社会信用代码", "Credit code"),
                format!("<span class=\"code\">{}</span>", a.code.as_str()),
            ),
            (lang.pick("申报星级", "Applies for"), star_name(a.star, lang)),
        ],
    );
    wide(out, lang.pick("地址", "Address"), &text(&a.address));
    pair(
        out,
        [(lang.pick("所属县（市、区）", "County"), text(&a.county)), (lang.pick("抽取方式", "Chosen"), drawn)],
    );
    pair(
        out,
        [(lang.pick("联系人", "Contact"), text(&a.contact)), (lang.pick("联系电话", "Phone"), text(&a.phone))],
    );
    pair(
        out,
        [
            (lang.pick("计划核查时间", "Planned for"), format!("{day}<br>{start}—{end}")),
            (
                lang.pick("实际核查时间", "Actually"),
                lang.pick("　　月　　日<br>　　：　　至　　：　　", "Date:<br>From:\u{2003}\u{2003}\u{2003}to:")
                    .to_owned(),
            ),
        ],
    );
    out.push_str("</tbody></table>\n");
}

fn wide(out: &mut String, label: &str, value: &str) {
    let _ = writeln!(out, "<tr><th>{label}</th><td colspan=\"3\">{value}</td></tr>");
}

fn pair(out: &mut String, cells: [(&str, String); 2]) {
    out.push_str("<tr>");
    for (label, value) in cells {
        let _ = write!(out, "<th>{label}</th><td>{value}</td>");
    }
    out.push_str("</tr>\n");
}

/// What the notice wants seen.
fn checklist(out: &mut String, view: &View<'_>, visit: &Visit<'_>) {
    let lang = view.lang;
    let heads = [
        lang.pick("序号", "No."),
        lang.pick("核查内容和要求", "What the notice asks"),
        lang.pick("申报情况", "Declared"),
        lang.pick("核实情况、查看的材料", "Found, evidence seen"),
        lang.pick("结果", "Result"),
    ];
    out.push_str("<table class=\"items\">\n<thead><tr>");
    for head in heads {
        let _ = write!(out, "<th>{head}</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    let (yes, no) = (lang.pick("符合", "met"), lang.pick("不符合", "not met"));
    for (number, item) in (1..).zip(items(visit.applicant, view.notice, lang)) {
        let _ = writeln!(
            out,
            "<tr><td class=\"no\">{number}</td><td data-label=\"{}\"><b>{}</b><br>{}</td><td data-label=\"{}\">{}</td>\
             <td data-label=\"{}\">{}</td><td data-label=\"{}\"><span>□ {yes}</span> <span>□ {no}</span></td></tr>",
            heads[1],
            item.subject,
            Text(&item.asks),
            heads[2],
            Text(&item.declared),
            heads[3],
            Text(&item.fill),
            heads[4],
        );
    }
    out.push_str("</tbody></table>\n");
}

/// The conclusions are those that `hecha record` takes.
fn conclusion(out: &mut String, lang: Lang) {
    let _ = writeln!(
        out,
        "<div class=\"conclusion\"><b>{}</b><span>□ {}</span><span>□ {}</span><span>□ {}<i></i></span></div>",
        lang.pick("核查结论", "Conclusion"),
        lang.pick("通过", "passed"),
        lang.pick("不通过", "failed"),
        lang.pick("未核查，原因：", "not checked, because:"),
    );
}

fn signatures(out: &mut String, view: &View<'_>, route: &Route<'_>) {
    let lang = view.lang;
    let day = lang.pick("　　　　年　　月　　日", "Date:");
    let _ = write!(
        out,
        "<div class=\"signatures\"><div><b>{}</b>",
        lang.pick("核查人员（签名）", "Inspectors (signatures)")
    );
    for (place, member) in route.crew.iter().enumerate() {
        let (role, name) = (role(place, member, lang), Text(&member.name));
        let _ = write!(out, "<p><span>{role}　{name}</span><i></i></p>");
    }
    if route.crew.is_empty() {
        out.push_str("<p><i></i></p><p><i></i></p>");
    }
    let _ = writeln!(
        out,
        "<p class=\"day\">{day}</p></div><div><b>{}</b><p><span>{}</span><i></i></p><p><span>{}</span><i></i></p>\
         <p class=\"day\">{day}</p></div></div>",
        lang.pick("企业确认（盖章）", "The enterprise (seal)"),
        lang.pick("负责人签名", "Signature"),
        lang.pick("职务", "Position"),
    );
}
