//! How much time is left before each star's last visit day, in working days.

use chrono::{Datelike, NaiveDate};

use super::Section;
use super::html::{Html, Percent, html};
use super::words;
use crate::dossier::view::View;

/// One star with visits.
struct Line {
    star: u8,
    /// Day by which results are reported.
    deadline: NaiveDate,
    /// Last possible day of a visit.
    last_day: NaiveDate,
    /// Days with visits of the star, ascending.
    planned: Vec<NaiveDate>,
    /// Working days after the last planned visit, up to and including the last possible day.
    slack: usize,
}

fn lines(view: &View<'_>) -> Vec<Line> {
    let line = |rule: &crate::notice::StarRule| {
        let last_day = view.last_days.get(&rule.star).copied()?;
        let mut planned: Vec<NaiveDate> = view
            .visits
            .iter()
            .filter(|visit| visit.applicant.star == rule.star)
            .filter_map(|visit| visit.scheduled.map(|(route, _)| view.routes[route].line.day))
            .collect();
        planned.sort_unstable();
        planned.dedup();
        let last = planned.last().copied()?;
        let slack = view.problem.days.iter().filter(|day| **day > last && **day <= last_day).count();
        Some(Line { star: rule.star, deadline: rule.deadline, last_day, planned, slack })
    };
    view.notice.stars.iter().filter_map(line).collect()
}

/// A timeline for each star, and the same as a table.
pub(super) fn section(view: &View<'_>) -> Section {
    let lang = view.lang;
    let lines = lines(view);
    let mut out = Html::new();
    html!(
        out,
        "<p class=\"lead\">{}</p>\n",
        lang.pick(
            "每个星级的最后一次核查离最迟核查日还有几个工作日：企业临时改期、人员请假时，可用的余地就是这些。",
            "How many working days lie between the last planned check of each star and its last possible day: the room there is when an enterprise or an inspector cannot make it."
        )
    );
    timeline(view, &lines, &mut out);
    html!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table class=\"slack\">\n<thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\" class=\"n\">{}</th></tr></thead>\n<tbody>\n",
        lang.pick("期限余量", "slack"),
        lang.pick("星级", "star"),
        lang.pick("最后一次核查", "last planned visit"),
        lang.pick("最迟核查日", "last possible day"),
        lang.pick("上报截止", "deadline"),
        lang.pick("余量（工作日）", "slack (working days)")
    );
    for line in &lines {
        let class = if line.slack == 0 { "n bad" } else { "n" };
        html!(
            out,
            "<tr><th scope=\"row\"><span class=\"star s{}\">{}</span></th><td>{}</td><td>{}</td><td>{}</td><td class=\"{}\"><b>{}</b></td></tr>\n",
            line.star,
            words::stars(line.star, lang),
            line.planned.last().map_or_else(String::new, |day| words::day(*day, lang)),
            words::day(line.last_day, lang),
            words::day(line.deadline, lang),
            class,
            line.slack
        );
    }
    html!(
        out,
        "</tbody></table></div>\n<p class=\"note\">{}</p>\n",
        lang.pick(
            "最迟核查日已扣除截止前整理、评审、公示所需的工作日。工作日按国务院办公厅放假安排（含调休）计算。",
            "The last possible day leaves the working days for wrapping up before the deadline. Working days follow the State Council's calendar, make-up days included."
        )
    );
    Section { id: "slack", title: lang.pick("期限余量", "Slack before the deadlines").to_owned(), body: out }
}

/// Day marks of each star, the slack hatched, the last possible day and the deadline as lines.
fn timeline(view: &View<'_>, lines: &[Line], out: &mut Html) {
    let lang = view.lang;
    let (Some(first), Some(end)) =
        (view.problem.days.first().copied(), lines.iter().map(|line| line.deadline).max())
    else {
        return;
    };
    let all = (end - first).num_days() + 1;
    let at = |day: NaiveDate| Percent((day - first).num_days(), all);
    html!(
        out,
        "<div class=\"timeline\" aria-hidden=\"true\">\n<div class=\"lane axis\"><div class=\"who\"></div><svg height=\"18\">"
    );
    // Mondays, and the first of them never so late that the axis begins unnamed.
    let mondays = first.iter_days().take(all as usize).filter(|day| day.weekday().num_days_from_monday() == 0);
    for (n, monday) in mondays.enumerate() {
        let class = if n % 2 == 0 { "faint" } else { "faint odd" };
        html!(
            out,
            "<text class=\"{}\" x=\"{}\" y=\"13\">{}</text>",
            class,
            at(monday),
            words::short_day(monday, lang)
        );
    }
    html!(out, "</svg></div>\n");
    for line in lines {
        html!(
            out,
            "<div class=\"lane\"><div class=\"who\"><span class=\"star s{}\">{}</span></div><svg height=\"34\"><rect class=\"base\" y=\"16\" width=\"100%\" height=\"2\"/>",
            line.star,
            words::stars(line.star, lang)
        );
        if let Some(last) = line.planned.last() {
            let from = (*last - first).num_days() + 1;
            let to = (line.last_day - first).num_days() + 1;
            html!(
                out,
                "<rect class=\"room\" x=\"{}\" width=\"{}\" y=\"11\" height=\"12\"/>",
                Percent(from, all),
                Percent(to - from, all)
            );
        }
        for day in &line.planned {
            html!(
                out,
                "<rect class=\"s{} mark\" x=\"{}\" width=\"{}\" y=\"7\" height=\"20\"/>",
                line.star,
                at(*day),
                Percent(1, all)
            );
        }
        let last = Percent((line.last_day - first).num_days() + 1, all);
        let deadline = Percent((line.deadline - first).num_days() + 1, all);
        html!(
            out,
            "<line class=\"ink\" x1=\"{}\" x2=\"{}\" y1=\"3\" y2=\"31\"/><line class=\"accent\" x1=\"{}\" x2=\"{}\" y1=\"3\" y2=\"31\"/></svg></div>\n",
            last,
            last,
            deadline,
            deadline
        );
    }
    html!(
        out,
        "</div>\n<p class=\"legend\" aria-hidden=\"true\"><span><svg class=\"swatch\"><rect class=\"s4\" width=\"14\" height=\"14\"/></svg>{}</span><span><svg class=\"swatch\"><rect class=\"room\" width=\"14\" height=\"14\"/></svg>{}</span><span><svg class=\"swatch\"><line class=\"ink\" x1=\"7\" x2=\"7\" y2=\"14\"/></svg>{}</span><span><svg class=\"swatch\"><line class=\"accent\" x1=\"7\" x2=\"7\" y2=\"14\"/></svg>{}</span></p>\n",
        lang.pick("有核查的日子", "days with visits"),
        lang.pick("余量", "slack"),
        lang.pick("最迟核查日", "last possible day"),
        lang.pick("上报截止", "deadline")
    );
}
