//! The masthead: what plan this is, and its figures at a glance.

use super::html::{Html, html};
use super::words;
use crate::dossier::listed::Chosen;
use crate::dossier::view::View;
use crate::text::both;

/// Title, then the figures.
pub(super) fn head(view: &View<'_>) -> Html {
    let lang = view.lang;
    let mut out = Html::new();
    html!(
        out,
        "<header class=\"masthead\">\n<p class=\"office\">{}</p>\n<h1>{}</h1>\n<p class=\"under\">{} <span>{}</span></p>\n",
        lang.pick("{}星级上云企业现场核查", "{}: on-site checks of cloud enterprises")
            .replace("{}", &view.record.city),
        lang.pick("核查方案", "Check plan"),
        view.notice.title(lang),
        view.notice.document
    );
    html!(out, "<p class=\"under\">{} <code>{}</code>", lang.pick("抽签编号", "draw"), view.record.draw);
    if view.revision > 0 {
        let revision = view.revision;
        html!(out, " <span class=\"tag\">{}</span>", both!(lang, "第{revision}次修订", "revision {revision}"));
    }
    html!(out, "</p>\n<div class=\"rule\"></div>\n</header>\n");
    out.add(&figures(view));
    out
}

/// Figures at a glance, each with what it counts.
fn figures(view: &View<'_>) -> Html {
    let lang = view.lang;
    let of = |chosen| view.visits.iter().filter(|visit| visit.chosen == chosen).count();
    let [by_lot, targeted, called, added] = [Chosen::Lot, Chosen::Targeted, Chosen::Called, Chosen::Added].map(of);
    let mut how = both!(lang, "随机{by_lot}，必查{targeted}", "{by_lot} by lot, {targeted} targeted");
    if called > 0 {
        how += &both!(lang, "，递补{called}", ", {called} reserves called");
    }
    if added > 0 {
        how += &both!(lang, "，增加{added}", ", {added} added");
    }
    let left_out = view.schedule.unscheduled.len();
    let unmanned = view.unmanned().len();
    let scheduled = view.visits.len() - left_out;
    let days = view.days();
    let mut out = Html::new();
    html!(out, "<dl class=\"figures\">\n");
    let mut figure = |label: &str, value: &str, note: &str, alarm: bool| {
        let class = if alarm { " class=\"alarm\"" } else { "" };
        out.add(&Html::trusted(format!("<div{class}>")));
        html!(out, "<dt>{}</dt><dd><b>{}</b> <small>{}</small></dd></div>\n", label, value, note);
    };
    figure(
        lang.pick("核查企业", "enterprises"),
        &lang.pick("{}家", "{}").replace("{}", &view.visits.len().to_string()),
        &how,
        false,
    );
    figure(
        lang.pick("覆盖（名单全部核查后）", "coverage, once all are checked"),
        lang.pick(
            if view.coverage.met { "达到要求" } else { "未达要求" },
            if view.coverage.met { "met" } else { "short" },
        ),
        &whole_share(view),
        !view.coverage.met,
    );
    figure(
        lang.pick("排入日程", "scheduled"),
        &both!(lang, "{scheduled}家", "{scheduled}"),
        &match (left_out, unmanned) {
            (0, 0) => lang.pick("全部排入", "all of them").to_owned(),
            (_, 0) => both!(lang, "另有{left_out}家未排入", "{left_out} could not be"),
            (0, _) => both!(lang, "其中{unmanned}家无符合条件的核查人员", "{unmanned} of them without a crew"),
            _ => both!(
                lang,
                "其中{unmanned}家无符合条件的核查人员，另有{left_out}家未排入",
                "{unmanned} of them without a crew; {left_out} could not be"
            ),
        },
        left_out + unmanned > 0,
    );
    if let (Some(first), Some(last)) = (days.first(), days.last()) {
        let n = days.len();
        let span = format!("{} – {}", words::short_day(*first, lang), words::short_day(*last, lang));
        figure(
            lang.pick("核查日期", "dates"),
            &span,
            &both!(lang, "安排在{n}个工作日", "{n} days with visits"),
            false,
        );
    }
    let routes = view.routes.len();
    figure(
        lang.pick("组日（一组一天）", "team-days"),
        &routes.to_string(),
        &lang.pick("行车共{}", "{} of travel").replace("{}", &words::duration(view.schedule.cost.travel, lang)),
        false,
    );
    match &view.schedule.bound {
        Some(bound) if bound.gap == 0 => {
            figure(lang.pick("距最优", "from optimal"), "0%", lang.pick("已证明为最优", "proven optimal"), false);
        }
        Some(bound) => figure(
            lang.pick("距最优至多", "from optimal, at most"),
            &words::millionths(bound.gap),
            lang.pick("有证书，可重算", "with a proof to recompute"),
            false,
        ),
        None => figure(
            lang.pick("距最优", "from optimal"),
            "–",
            lang.pick("本次未计算下界", "no bound was computed"),
            false,
        ),
    }
    html!(out, "</dl>\n");
    out
}

/// Checked of all applicants.
fn whole_share(view: &View<'_>) -> String {
    let whole = view.coverage.shares.iter().find(|share| share.county.is_none() && share.star.is_none());
    whole.map_or_else(String::new, |share| {
        let (checked, applicants) = (share.checked, share.applicants);
        let percent = words::share(checked, applicants);
        both!(view.lang, "申报{applicants}家，查{percent}", "{percent} of {applicants} applicants")
    })
}
