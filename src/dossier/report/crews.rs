//! Who goes how often, and how evenly.

use super::Section;
use super::html::{Html, Percent, html};
use crate::dossier::view::View;
use crate::text::both;

/// Spreads, then each inspector's days.
pub(super) fn section(view: &View<'_>) -> Section {
    let lang = view.lang;
    let crew = view.settings.crew;
    let mut out = Html::new();
    html!(
        out,
        "<p class=\"lead\">{}</p>\n",
        if view.fixed_teams() {
            lang.pick(
                "小组由人工固定，哪个小组走哪条路线由抽签确定，任何人可以重算（crews.json）。抽签先取外出天数最少的小组。",
                "Teams are fixed by hand; which team takes which route goes by a lot that anyone can recompute (crews.json). The lot takes the team with the fewest days first.",
            )
            .to_owned()
        } else {
            both!(
                lang,
                "每次核查{crew}人，由抽签确定，任何人可以重算（crews.json）。抽签先取外出天数最少的人，因此各人负担相近。",
                "Each check is made by {crew} inspectors, chosen by a lot that anyone can recompute (crews.json). The lot takes those with the fewest days first, so that the load is even."
            )
        }
    );
    if view.settings.cross_county {
        html!(
            out,
            "<p>{}</p>\n",
            lang.pick(
                "实行交叉核查：不核查本县区企业，也不核查须回避的企业。",
                "Nobody checks an enterprise of the own county, nor one to recuse from."
            )
        );
    }
    spreads(view, &mut out);
    days(view, &mut out);
    Section { id: "crews", title: lang.pick("核查人员", "The inspectors").to_owned(), body: out }
}

fn spreads(view: &View<'_>, out: &mut Html) {
    let lang = view.lang;
    if !view.spreads.is_empty() {
        compared(view, out);
    }
    let alone: Vec<&str> = view.alone().into_iter().map(|inspector| inspector.name.as_str()).collect();
    if !alone.is_empty() {
        let names = alone.join(lang.pick("、", ", "));
        html!(
            out,
            "<p class=\"note\">{}</p>\n",
            both!(
                lang,
                "可外出日期与同驻地其他人都不同、因而未作比较的：{names}。",
                "Not compared, as nobody of the base is there on the same days: {names}."
            )
        );
    }
}

fn compared(view: &View<'_>, out: &mut Html) {
    let lang = view.lang;
    html!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table class=\"spreads\">\n<caption>{}</caption>\n<thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\" class=\"n\">{}</th><th scope=\"col\" class=\"n\">{}</th><th scope=\"col\" class=\"n\">{}</th></tr></thead>\n<tbody>\n",
        lang.pick("外出天数是否均衡", "how even"),
        lang.pick(
            "同一驻地、可外出日期相同的人员之间",
            "Among inspectors of one base who are there on the same days"
        ),
        lang.pick("驻地", "base"),
        lang.pick("人员", "inspectors"),
        lang.pick("外出天数", "days out"),
        lang.pick("最多与最少之差", "most less fewest"),
        lang.pick("理论上最小", "least possible")
    );
    for group in &view.spreads {
        let names: Vec<&str> = group.inspectors.iter().map(|id| name(view, id)).collect();
        let (least, most) = (group.days.iter().min().unwrap_or(&0), group.days.iter().max().unwrap_or(&0));
        let span = if least == most { least.to_string() } else { format!("{least}–{most}") };
        html!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"n\">{}</td><td class=\"n\"><b>{}</b></td><td class=\"n\">{}</td></tr>\n",
            group.base,
            names.join(lang.pick("、", ", ")),
            span,
            group.spread,
            group.best
        );
    }
    html!(
        out,
        "</tbody></table></div>\n<p class=\"note\">{}</p>\n",
        lang.pick(
            "差距若大于理论最小值，原因在于专家要求、回避或本县区企业限制了人选。",
            "Where the difference is above the least possible, experts needed, recusals or own counties narrowed the choice."
        )
    );
}

/// The name of an inspector, or the id where there is none.
fn name<'a>(view: &'a View<'_>, id: &'a str) -> &'a str {
    view.inspectors.iter().find(|i| i.id == id).map_or(id, |i| i.name.as_str())
}

fn days(view: &View<'_>, out: &mut Html) {
    let lang = view.lang;
    html!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table class=\"inspectors\">\n<caption>{}</caption>\n<thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\" class=\"n\">{}</th><th scope=\"col\" class=\"n\">{}</th><th scope=\"col\" class=\"n\">{}</th><th scope=\"col\" class=\"wide\"><span class=\"hidden\">{}</span></th></tr></thead>\n<tbody>\n",
        lang.pick("各人外出天数", "days out"),
        lang.pick("各人外出天数", "Days out of each inspector"),
        lang.pick("姓名", "name"),
        lang.pick("单位", "unit"),
        lang.pick("驻地", "base"),
        lang.pick("可外出", "available"),
        lang.pick("外出", "out"),
        lang.pick("核查企业", "visits"),
        lang.pick("图示", "as a bar")
    );
    let rows: Vec<_> = view
        .inspectors
        .iter()
        .map(|inspector| {
            let there = view.problem.days.iter().filter(|day| !inspector.unavailable.contains(day)).count();
            let (routes, visits) =
                view.routes_of(inspector).fold((0, 0), |(n, visits), route| (n + 1, visits + route.visits.len()));
            (inspector, there, routes, visits)
        })
        .collect();
    let most = rows.iter().map(|(_, _, routes, _)| *routes).max().unwrap_or(1).max(1);
    for (inspector, there, routes, visits) in rows {
        html!(out, "<tr><th scope=\"row\">{} <code>{}</code>", inspector.name, inspector.id);
        if inspector.expert {
            html!(out, " <span class=\"tag\">{}</span>", lang.pick("专家", "expert"));
        }
        html!(
            out,
            "</th><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\"><b>{}</b></td><td class=\"n\">{}</td><td class=\"wide\"><svg class=\"bar\" aria-hidden=\"true\"><rect class=\"drive\" width=\"{}\" height=\"12\" y=\"3\"/></svg></td></tr>\n",
            inspector.unit,
            inspector.base,
            there,
            routes,
            visits,
            Percent(routes, most)
        );
    }
    html!(out, "</tbody></table></div>\n");
}
