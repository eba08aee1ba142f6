//! Coverage by star and county against what the notice demands.

use std::collections::{BTreeMap, BTreeSet};

use super::Section;
use super::html::{Html, Percent, html};
use super::words;
use crate::dossier::view::View;
use crate::draw::Scope;
use crate::draw::coverage::Share;
use crate::text::both;

/// By star, then county × star.
pub(super) fn section(view: &View<'_>) -> Section {
    let lang = view.lang;
    let mut out = Html::new();
    let (document, rate) = (&view.notice.document, &view.notice.check.rate);
    let (own, every) = (&view.record.rate, view.notice.check.every_star);
    let mut lead = both!(
        lang,
        "{document}要求现场核查不少于申报企业总数的{rate}",
        "{document} wants at least {rate} of all applicants checked on site"
    );
    if every {
        lead += lang.pick("，且覆盖有企业申报的每个星级", ", and every star that has applicants covered");
    }
    if own != rate {
        lead += &both!(lang, "；本次按{own}执行", "; this plan keeps to {own}");
    }
    if view.record.scope == Scope::County {
        lead += lang.pick("，各县区分别达到", ", in every county");
    }
    lead += lang.pick("。", ".");
    html!(out, "<p class=\"lead\">{} ", lead);
    if view.coverage.met {
        let once = lang.pick("名单全部核查后达到要求。", "It is met once the whole list is checked.");
        html!(out, "<strong class=\"ok\">{}</strong></p>\n", once);
    } else {
        html!(
            out,
            "<strong class=\"bad\">{}</strong></p>\n",
            lang.pick("名单全部核查后仍未达到要求。", "The list falls short even once it is checked.")
        );
    }
    within_reach(view, &mut out);
    stars(view, &mut out);
    counties(view, &mut out);
    Section { id: "coverage", title: lang.pick("覆盖情况", "Coverage").to_owned(), body: out }
}

/// How many of the list this plan can visit, where that is not all.
fn within_reach(view: &View<'_>, out: &mut Html) {
    let lang = view.lang;
    let (left_out, unmanned) = (view.schedule.unscheduled.len(), view.unmanned().len());
    if left_out + unmanned == 0 {
        return;
    }
    let all = view.visits.len();
    let can = all - left_out - unmanned;
    let mut why = Vec::new();
    if left_out > 0 {
        why.push(both!(lang, "{left_out}家未排入日程", "{left_out} have no date"));
    }
    if unmanned > 0 {
        why.push(both!(lang, "{unmanned}家无符合条件的核查人员", "{unmanned} have no crew"));
    }
    let why = why.join(lang.pick("，", ", "));
    html!(
        out,
        "<p class=\"warn\">{}</p>\n",
        both!(
            lang,
            "按本日程能核查{all}家中的{can}家：{why}。其余企业落实之前，不能视为已达到要求。",
            "This schedule can visit {can} of {all}: {why}. Until the others are seen to, the demand is not met."
        )
    );
}

fn stars(view: &View<'_>, out: &mut Html) {
    let lang = view.lang;
    html!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table class=\"shares\">\n<caption>{}</caption>\n<thead><tr><th scope=\"col\">{}</th><th scope=\"col\" class=\"n\">{}</th><th scope=\"col\" class=\"n\">{}</th><th scope=\"col\" class=\"n\">{}</th><th scope=\"col\" class=\"n\">{}</th><th scope=\"col\" class=\"wide\"><span class=\"hidden\">{}</span></th></tr></thead>\n<tbody>\n",
        lang.pick("按星级覆盖", "coverage by star"),
        lang.pick("按星级", "By star"),
        lang.pick("星级", "star"),
        lang.pick("申报", "applicants"),
        lang.pick("按比例应查", "by the rate"),
        lang.pick("核查", "checked"),
        lang.pick("占比", "share"),
        lang.pick("图示", "as a bar")
    );
    let lines = view.coverage.shares.iter().filter(|share| share.county.is_none());
    let (whole, stars): (Vec<&Share>, Vec<&Share>) = lines.partition(|share| share.star.is_none());
    // Bars are drawn against three times the largest demand, so that a tenth can be seen as more than a sliver.
    let most = stars.iter().map(|s| s.checked * 1000 / s.applicants.max(1)).max().unwrap_or(1).max(1);
    for share in stars.iter().chain(&whole) {
        match share.star {
            Some(star) => html!(
                out,
                "<tr><th scope=\"row\"><span class=\"star s{}\">{}</span></th>",
                star,
                words::stars(star, lang)
            ),
            None => html!(out, "<tr class=\"total\"><th scope=\"row\">{}</th>", lang.pick("合计", "all")),
        }
        html!(
            out,
            "<td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\"><b>{}</b>",
            share.applicants,
            share.required,
            share.checked
        );
        if share.missing > 0 {
            let missing = share.missing;
            html!(out, " <span class=\"bad\">{}</span>", both!(lang, "缺{missing}", "{missing} missing"));
        }
        let permille = share.checked * 1000 / share.applicants.max(1);
        let required = share.required * 1000 / share.applicants.max(1);
        let scale = (most * 5 / 4).max(1) as i64;
        html!(
            out,
            "</td><td class=\"n\">{}</td><td class=\"wide\"><svg class=\"bar\" aria-hidden=\"true\"><rect class=\"s{}\" width=\"{}\" height=\"12\" y=\"3\"/><line class=\"ink\" x1=\"{}\" x2=\"{}\" y1=\"0\" y2=\"18\"/></svg></td></tr>\n",
            words::share(share.checked, share.applicants),
            share.star.map_or_else(|| "all".to_owned(), |star| star.to_string()),
            Percent(permille as i64, scale),
            Percent(required as i64, scale),
            Percent(required as i64, scale)
        );
    }
    html!(
        out,
        "</tbody></table></div>\n<p class=\"note\">{}</p>\n",
        lang.pick(
            "竖线为按比例应查的数目。核查数含必查企业。",
            "The line marks what the rate asks. Targeted enterprises count as checked."
        )
    );
}

fn counties(view: &View<'_>, out: &mut Html) {
    let lang = view.lang;
    let stars: BTreeSet<u8> = view.coverage.shares.iter().filter_map(|share| share.star).collect();
    let mut rows: BTreeMap<&str, BTreeMap<Option<u8>, &Share>> = BTreeMap::new();
    for share in &view.coverage.shares {
        if let Some(county) = &share.county {
            rows.entry(county).or_default().insert(share.star, share);
        }
    }
    html!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table class=\"counties\">\n<caption>{}</caption>\n<thead><tr><th scope=\"col\">{}</th>",
        lang.pick("按县区和星级覆盖", "coverage by county and star"),
        lang.pick("按县区：核查／申报", "By county: checked / applicants"),
        lang.pick("县区", "county")
    );
    for star in &stars {
        html!(out, "<th scope=\"col\" class=\"n\">{}</th>", words::stars(*star, lang));
    }
    html!(
        out,
        "<th scope=\"col\" class=\"n\">{}</th><th scope=\"col\" class=\"n\">{}</th></tr></thead>\n<tbody>\n",
        lang.pick("合计", "all"),
        lang.pick("占比", "share")
    );
    for (county, cells) in rows {
        html!(out, "<tr><th scope=\"row\">{}</th>", county);
        for star in stars.iter().copied().map(Some).chain([None]) {
            match cells.get(&star) {
                Some(share) => {
                    let class = if share.missing > 0 {
                        "n bad"
                    } else if share.checked == 0 {
                        "n none"
                    } else {
                        "n"
                    };
                    html!(
                        out,
                        "<td class=\"{}\"><b>{}</b><span class=\"of\">／{}</span></td>",
                        class,
                        share.checked,
                        share.applicants
                    );
                }
                None => html!(out, "<td class=\"n none\">–</td>"),
            }
        }
        let all = cells.get(&None).map_or_else(String::new, |s| words::share(s.checked, s.applicants));
        html!(out, "<td class=\"n\">{}</td></tr>\n", all);
    }
    html!(out, "</tbody></table></div>\n");
    if view.record.scope == Scope::City {
        html!(
            out,
            "<p class=\"note\">{}</p>\n",
            lang.pick(
                "本次比例按全市合计执行，对单个县区不作要求。",
                "The rate holds for the city as a whole; nothing is demanded of a single county."
            )
        );
    }
}
