//! The table of visits by time, with search and day filter, and those without a date.

use super::Section;
use super::html::{Html, html};
use super::words;
use crate::dossier::clock;
use crate::dossier::view::{Route, View, Visit};
use crate::routing::schedule::VisitLine;
use crate::text::both;

/// The table, its filters, and what could not be scheduled.
pub(super) fn section(view: &View<'_>) -> Section {
    let lang = view.lang;
    let mut out = Html::new();
    html!(out, "<div class=\"tools\" hidden>");
    day_filter(view, "visits-day", &mut out);
    html!(
        out,
        "<label class=\"grow\" for=\"search\">{}<input id=\"search\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\" placeholder=\"{}\"></label><button id=\"reset\" type=\"button\">{}</button></div>\n<p id=\"count\" class=\"count\" role=\"status\" aria-live=\"polite\" data-text=\"{}\" hidden></p>\n",
        lang.pick("查找", "Find"),
        lang.pick("企业、代码、星级、县区、小组、核查人员", "enterprise, code, stars, county, team, inspector"),
        lang.pick("清除", "Clear"),
        lang.pick("显示{n}家，共{total}家", "{n} of {total} visits shown")
    );
    table(view, &mut out);
    left_out(view, &mut out);
    Section { id: "visits", title: lang.pick("核查企业一览", "The visits").to_owned(), body: out }
}

/// A choice of days; all of them on the page move together.
pub(super) fn day_filter(view: &View<'_>, id: &'static str, out: &mut Html) {
    let lang = view.lang;
    html!(
        out,
        "<label for=\"{}\">{}<select id=\"{}\" class=\"day-filter\" autocomplete=\"off\"><option value=\"\">{}</option>",
        id,
        lang.pick("日期", "Day"),
        id,
        lang.pick("全部", "all")
    );
    for day in view.days() {
        html!(out, "<option value=\"{}\">{}</option>", day, words::day(day, lang));
    }
    html!(out, "</select></label>");
}

fn table(view: &View<'_>, out: &mut Html) {
    let lang = view.lang;
    let mut rows: Vec<(&Route<'_>, &VisitLine, &Visit<'_>)> = view
        .routes
        .iter()
        .flat_map(|route| view.stops(route).map(move |(line, visit)| (route, line, visit)))
        .collect();
    // Those that start together stay in the order of their teams.
    rows.sort_by_key(|(route, line, _)| (route.line.day, line.start));
    let labels = [
        lang.pick("日期", "day"),
        lang.pick("时间", "time"),
        lang.pick("企业", "enterprise"),
        lang.pick("星级", "star"),
        lang.pick("县区", "county"),
        lang.pick("小组", "team"),
        lang.pick("核查人员", "inspectors"),
    ];
    html!(
        out,
        "<table class=\"visits\" role=\"table\">\n<caption class=\"hidden\">{}</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">",
        lang.pick("按时间排列的核查", "visits by time")
    );
    for label in labels {
        html!(out, "<th scope=\"col\" role=\"columnheader\">{}</th>", label);
    }
    html!(out, "</tr></thead>\n<tbody role=\"rowgroup\">\n");
    for (route, line, visit) in rows {
        let applicant = visit.applicant;
        html!(
            out,
            "<tr role=\"row\" class=\"visit\" data-day=\"{}\"><td role=\"cell\" class=\"when\"><time datetime=\"{}\">{}</time></td><td role=\"cell\" class=\"when\">{}–{}</td><th scope=\"row\" role=\"rowheader\"><span class=\"name\">{}</span><code>{}</code>",
            route.line.day,
            route.line.day,
            words::day(route.line.day, lang),
            clock::text(line.start),
            clock::text(line.end),
            applicant.name,
            applicant.code
        );
        tags(view, visit, out);
        html!(
            out,
            "</th><td role=\"cell\"><span class=\"star s{}\">{}</span></td><td role=\"cell\">{}</td><td role=\"cell\">{}</td><td role=\"cell\">{}</td></tr>\n",
            applicant.star,
            words::stars(applicant.star, lang),
            applicant.county,
            route.team,
            words::crew(route, lang)
        );
    }
    html!(
        out,
        "</tbody></table>\n<p class=\"empty\" id=\"nothing\" hidden>{}</p>\n",
        lang.pick("没有符合条件的企业。", "No visit fits.")
    );
}

/// What is unusual about a visit.
fn tags(view: &View<'_>, visit: &Visit<'_>, out: &mut Html) {
    let lang = view.lang;
    if let Some(special) = visit.chosen.special(lang) {
        html!(out, " <span class=\"tag\">{}</span>", special);
    }
    if visit.approximate {
        html!(out, " <span class=\"tag dim\">{}</span>", lang.pick("位置近似", "approximate place"));
    }
}

fn left_out(view: &View<'_>, out: &mut Html) {
    let lang = view.lang;
    html!(out, "<h3>{}</h3>\n", lang.pick("未排入日程的企业", "Not scheduled"));
    let left: Vec<(&Visit<'_>, String)> =
        view.visits.iter().filter_map(|visit| Some((visit, view.why_unscheduled(visit)?))).collect();
    let unmanned: Vec<&str> = view.unmanned().iter().map(|visit| visit.applicant.name.as_str()).collect();
    if !unmanned.is_empty() {
        let (n, names) = (unmanned.len(), unmanned.join(lang.pick("、", ", ")));
        html!(
            out,
            "<p class=\"warn\">{}</p>\n",
            both!(
                lang,
                "{n}家已排日期，但无符合条件的核查人员，须调整人员或回避后重排：{names}。",
                "{n} have a date, but no crew is allowed to go, so inspectors or recusals must change first: {names}."
            )
        );
        for line in &view.shortages {
            html!(out, "<p>{}</p>\n", line.trim());
        }
    }
    if left.is_empty() {
        html!(out, "<p>{}</p>\n", lang.pick("没有，全部企业均已排入。", "None: every visit has its date."));
        return;
    }
    html!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table class=\"left\">\n<thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr></thead>\n<tbody>\n",
        lang.pick("未排入日程的企业", "not scheduled"),
        lang.pick("企业", "enterprise"),
        lang.pick("星级", "star"),
        lang.pick("县区", "county"),
        lang.pick("原因", "reason")
    );
    for (visit, reason) in left {
        html!(
            out,
            "<tr class=\"left-out\"><th scope=\"row\"><span class=\"name\">{}</span><code>{}</code>",
            visit.applicant.name,
            visit.applicant.code
        );
        tags(view, visit, out);
        html!(
            out,
            "</th><td><span class=\"star s{}\">{}</span></td><td>{}</td><td>{}</td></tr>\n",
            visit.applicant.star,
            words::stars(visit.applicant.star, lang),
            visit.applicant.county,
            reason
        );
    }
    html!(out, "</tbody></table></div>\n");
}
