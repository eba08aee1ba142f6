//! Days × teams: one card a day, one lane a team, visits as blocks by the time of day.

use chrono::NaiveDate;

use super::Section;
use super::html::{Html, Percent, html};
use super::visits::day_filter;
use super::words;
use crate::dossier::clock;
use crate::dossier::view::{Route, View};
use crate::text::{Lang, both};

/// The cards.
pub(super) fn section(view: &View<'_>) -> Section {
    let lang = view.lang;
    let mut out = Html::new();
    html!(
        out,
        "<p class=\"lead\">{}</p>\n",
        lang.pick(
            "每天一张，每组一行；色块为核查起止，细线为外出时间，灰底为午休。",
            "One card a day, one lane a team: blocks are checks, the thin line is the time out of the base, the grey band is lunch."
        )
    );
    html!(out, "<div class=\"tools\" hidden>");
    day_filter(view, "agenda-day", &mut out);
    html!(out, "</div>\n<p class=\"legend\" aria-hidden=\"true\">");
    for rule in &view.notice.stars {
        html!(
            out,
            "<span><svg class=\"swatch\"><rect class=\"s{}\" width=\"14\" height=\"14\" rx=\"2\"/></svg>{}</span>",
            rule.star,
            words::stars(rule.star, lang)
        );
    }
    html!(out, "</p>\n<div class=\"days\">\n");
    let axis = Axis::new(view);
    for day in view.days() {
        let routes: Vec<&Route<'_>> = view.routes.iter().filter(|route| route.line.day == day).collect();
        card(view, &axis, day, &routes, &mut out);
    }
    html!(out, "</div>\n");
    Section { id: "agenda", title: lang.pick("每日各组安排", "Days and teams").to_owned(), body: out }
}

/// The time of day that all cards share.
struct Axis {
    from: i64,
    to: i64,
    lunch: Option<(i64, i64)>,
}

impl Axis {
    fn new(view: &View<'_>) -> Self {
        let shift = view.problem.shift;
        Self { from: shift.start, to: shift.end, lunch: view.problem.lunch.map(|lunch| (lunch.start, lunch.end)) }
    }

    fn at(&self, seconds: i64) -> Percent {
        Percent(seconds - self.from, self.to - self.from)
    }

    fn width(&self, from: i64, to: i64) -> Percent {
        Percent(to.min(self.to) - from.max(self.from), self.to - self.from)
    }

    /// The full hours inside.
    fn hours(&self) -> impl Iterator<Item = i64> {
        let (from, to) = (self.from, self.to);
        (from / 3600..=to / 3600).map(|hour| hour * 3600).filter(move |at| (from..=to).contains(at))
    }

    /// Hour lines and lunch behind a lane.
    fn behind(&self, height: u32, out: &mut Html) {
        if let Some((from, to)) = self.lunch {
            html!(
                out,
                "<rect class=\"lunch\" x=\"{}\" width=\"{}\" height=\"{}\"/>",
                self.at(from),
                self.width(from, to),
                height
            );
        }
        for hour in self.hours() {
            html!(
                out,
                "<line class=\"hour\" x1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
                self.at(hour),
                self.at(hour),
                height
            );
        }
    }
}

fn card(view: &View<'_>, axis: &Axis, day: NaiveDate, routes: &[&Route<'_>], out: &mut Html) {
    let lang = view.lang;
    let visits: usize = routes.iter().map(|route| route.visits.len()).sum();
    let teams = routes.len();
    html!(
        out,
        "<article class=\"day\" data-day=\"{}\"><h3>{} <small>{}</small></h3>\n<div class=\"lane axis\" aria-hidden=\"true\"><div class=\"who\"></div><svg height=\"18\">",
        day,
        words::day(day, lang),
        both!(lang, "{teams}组，{visits}家", "{teams} teams, {visits} visits")
    );
    for hour in axis.hours() {
        html!(out, "<text class=\"faint\" x=\"{}\" y=\"13\">{}</text>", axis.at(hour), hour / 3600);
    }
    html!(out, "</svg></div>\n");
    for route in routes {
        lane(view, axis, route, out);
    }
    html!(out, "</article>\n");
}

fn lane(view: &View<'_>, axis: &Axis, route: &Route<'_>, out: &mut Html) {
    const HEIGHT: u32 = 40;
    let lang = view.lang;
    let (depart, back) = (clock::text_down(route.line.depart), clock::text(route.line.back));
    html!(
        out,
        "<div class=\"lane\"><div class=\"who\"><b>{}</b><span>{}</span></div><svg height=\"{}\" role=\"img\" aria-label=\"{}\">",
        route.team,
        words::crew(route, lang),
        HEIGHT,
        spoken(view, route, lang)
    );
    axis.behind(HEIGHT, out);
    html!(
        out,
        "<rect class=\"out\" x=\"{}\" width=\"{}\" y=\"19\" height=\"2\"><title>{}</title></rect>",
        axis.at(route.line.depart),
        axis.width(route.line.depart, route.line.back),
        both!(lang, "{depart}出发，{back}返回", "leaves {depart}, back {back}")
    );
    for (line, visit) in view.stops(route) {
        let (name, star) = (&visit.applicant.name, visit.applicant.star);
        let (start, end) = (clock::text(line.start), clock::text(line.end));
        html!(
            out,
            "<svg class=\"block\" x=\"{}\" width=\"{}\" y=\"3\" height=\"34\"><title>{}</title><rect class=\"s{}\" width=\"100%\" height=\"34\" rx=\"3\"/><text class=\"on{}\" x=\"5\" y=\"15\">{}</text><text class=\"on{} time\" x=\"5\" y=\"28\">{}</text></svg>",
            axis.at(line.start),
            axis.width(line.start, line.end),
            format!("{start}–{end} {name}"),
            star,
            star,
            name,
            star,
            start
        );
    }
    html!(out, "</svg></div>\n");
}

/// A lane for those who cannot see it.
fn spoken(view: &View<'_>, route: &Route<'_>, lang: Lang) -> String {
    let stops: Vec<String> = view
        .stops(route)
        .map(|(line, visit)| format!("{} {}", clock::text(line.start), visit.applicant.name))
        .collect();
    stops.join(lang.pick("，", ", "))
}
