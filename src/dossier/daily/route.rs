//! The route sheet of a crew: who goes, when, where, whom to call, how to get there.

use std::fmt::Write as _;

use super::checklist::star_name;
use super::html::{Phone, Text};
use super::map::{self, Leads};
use super::{foot, long_date, role};
use crate::dossier::clock;
use crate::dossier::view::{Route, View, Visit};
use crate::roster::Inspector;
use crate::routing::schedule::VisitLine;
use crate::text::both;

/// Writes the sheet of the day's route `number`.
pub(super) fn sheet(out: &mut String, view: &View<'_>, route: &Route<'_>, number: usize) {
    let lang = view.lang;
    let (team, day) = (Text(&route.team), long_date(route.line.day, lang));
    let title = lang.pick("现场核查路线单", "Route sheet");
    let _ = write!(
        out,
        "<section class=\"sheet route\" id=\"r{number}\">\n<header><p>{}</p><h2>{title}</h2>\
         <p class=\"sub\"><span>{day}</span><span>{}{team}</span></p></header>\n",
        Text(view.notice.title(lang)),
        lang.pick("小组：", "Team: "),
    );
    overview(out, view, route);
    stops(out, view, route, number);
    let blanks = [
        lang.pick("实际出发", "Left at"),
        lang.pick("实际返回", "Back at"),
        lang.pick("车辆", "Vehicle"),
        lang.pick("组长签名", "Leader's signature"),
    ];
    out.push_str("<p class=\"blanks\">");
    for label in blanks {
        let _ = write!(out, "<span>{label}<i></i></span>");
    }
    out.push_str("</p>\n");
    foot(out, view);
    out.push_str("</section>\n");
}

/// Who goes, from where, and the day in numbers.
fn overview(out: &mut String, view: &View<'_>, route: &Route<'_>) {
    let (lang, line) = (view.lang, route.line);
    out.push_str("<table class=\"crew\"><tbody>\n");
    let label = lang.pick("核查人员", "Crew");
    let _ = write!(out, "<tr><th>{label}</th><td colspan=\"3\">");
    if route.crew.is_empty() {
        out.push_str(lang.pick("无符合条件的核查人员，须调整人员或回避后另行安排", "none: no crew may go"));
    }
    for (place, member) in route.crew.iter().enumerate() {
        person(out, place, member, view);
    }
    out.push_str("</td></tr>\n");
    let base = Text(&route.base.id);
    let (leave, back) = (clock::text_down(line.depart), clock::text(line.back));
    // The sum of the legs as they stand below.
    let (visits, minutes) = (line.visits.len(), route.legs().iter().sum::<i64>());
    let cells = [
        (lang.pick("驻地", "Base"), base.to_string()),
        (lang.pick("出发—返回", "Leave – back"), format!("{leave}—{back}")),
        (lang.pick("核查企业", "Visits"), both!(lang, "{visits}家", "{visits}")),
        (lang.pick("行车合计", "Travel in all"), both!(lang, "约{minutes}分钟", "about {minutes} min")),
    ];
    for pair in cells.chunks(2) {
        out.push_str("<tr>");
        for (label, value) in pair {
            let _ = write!(out, "<th>{label}</th><td>{value}</td>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table>\n");
}

fn person(out: &mut String, place: usize, member: &Inspector, view: &View<'_>) {
    let lang = view.lang;
    let (role, name, id) = (role(place, member, lang), Text(&member.name), Text(&member.id));
    let _ = write!(out, "<span class=\"person\"><small>{role}</small> <b>{name}</b> <small>{id}");
    if !member.unit.is_empty() {
        let _ = write!(out, "　{}", Text(&member.unit));
    }
    out.push_str("</small></span>");
}

/// The visits in order, and the way back.
fn stops(out: &mut String, view: &View<'_>, route: &Route<'_>, number: usize) {
    let lang = view.lang;
    let heads = [
        lang.pick("序号", "No."),
        lang.pick("时间", "Time"),
        lang.pick("企业", "Enterprise"),
        lang.pick("地址", "Address"),
        lang.pick("联系人、电话", "Contact, phone"),
        lang.pick("扫码导航", "Scan to navigate"),
    ];
    // On paper the heading stands on every page of a long route.
    let (team, day) = (Text(&route.team), long_date(route.line.day, lang));
    let _ = write!(
        out,
        "<table class=\"stops\">\n<colgroup>{}</colgroup>\n<thead><tr class=\"again\"><th colspan=\"6\"><span>{day}</span><span>{}{team}</span></th></tr><tr>",
        "<col>".repeat(heads.len()),
        lang.pick("小组：", "Team: "),
    );
    for head in heads {
        let _ = write!(out, "<th>{head}</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    let legs = route.legs();
    for ((place, (times, visit)), travel) in (1..).zip(view.stops(route)).zip(&legs) {
        let labels: [&str; 4] = [heads[1], heads[2], heads[3], heads[4]];
        stop(out, view, &Stop { number, place, travel: *travel, times, visit }, labels);
    }
    let (back, base) = (clock::text(route.line.back), Text(&route.base.id));
    let travel = legs.last().copied().unwrap_or(0);
    let line = both!(
        lang,
        "返回驻地（{base}）：行车约{travel}分钟，预计{back}到达",
        "Back to the base ({base}): about {travel} min, there by {back}"
    );
    let _ = write!(out, "<tr class=\"back\"><td colspan=\"6\">{line}</td></tr>\n</tbody></table>\n");
}

struct Stop<'a> {
    number: usize,
    place: usize,
    travel: i64,
    times: &'a VisitLine,
    visit: &'a Visit<'a>,
}

fn stop(out: &mut String, view: &View<'_>, stop: &Stop<'_>, labels: [&str; 4]) {
    let lang = view.lang;
    let Stop { number, place, travel, times, visit } = stop;
    let a = visit.applicant;
    let (arrive, start, end) = (clock::text(times.arrive), clock::text(times.start), clock::text(times.end));
    let _ = write!(
        out,
        "<tr><td class=\"no\">{place}</td><td data-label=\"{}\"><b>{start}—{end}</b><br><small>{}</small></td>",
        labels[0],
        both!(lang, "行车约{travel}分钟<br>{arrive}到达", "about {travel} min of travel<br>there by {arrive}"),
    );
    let (star, county) = (star_name(a.star, lang), Text(&a.county));
    let _ = write!(
        out,
        "<td data-label=\"{}\"><a class=\"name\" href=\"#r{number}v{place}\">{}</a><br>\
         <small class=\"code\">{}</small><br><small>{star}　{county}",
        labels[1],
        Text(&a.name),
        a.code.as_str(),
    );
    if let Some(special) = visit.chosen.special(lang) {
        let _ = write!(out, "　{special}");
    }
    let missing = lang.pick("（未填）", "(not given)");
    let given = |text: &str| if text.is_empty() { missing.to_owned() } else { Text(text).to_string() };
    let _ = write!(out, "</small></td><td data-label=\"{}\">{}", labels[2], given(&a.address));
    let link = map::link(visit, &view.record.city);
    let (go, under, vague) = match link.leads {
        Leads::There => (lang.pick("导航到这里", "Navigate"), lang.pick("导航", "navigation"), ""),
        Leads::Address => (
            lang.pick("在地图中搜索地址", "Search for the address"),
            lang.pick("搜索地址", "address search"),
            lang.pick("没有经纬度，位置须按地址查找", "no coordinates: look for the address"),
        ),
        Leads::Name => (
            lang.pick("在地图中搜索企业名称", "Search for the name"),
            lang.pick("搜索名称", "name search"),
            lang.pick(
                "没有经纬度和地址，位置请先与企业确认",
                "neither coordinates nor address: ask the enterprise",
            ),
        ),
    };
    if !vague.is_empty() {
        let travel = lang.pick("；行车时间按县区驻地估算", "; travel is estimated to the county's seat");
        let _ = write!(out, "<br><small class=\"vague\">{vague}{travel}</small>");
    }
    let phone = if a.phone.is_empty() { missing.to_owned() } else { Phone(&a.phone).to_string() };
    let _ = write!(out, "</td><td data-label=\"{}\">{}<br>{phone}</td>", labels[3], given(&a.contact));
    let _ = writeln!(
        out,
        "<td class=\"way\">{}<small>{under}</small><a class=\"go\" href=\"{}\">{go}</a></td></tr>",
        map::qr_code(&link.url),
        Text(&link.url),
    );
}
