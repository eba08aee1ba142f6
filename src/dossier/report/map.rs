//! A map of the visits without tiles or borders: places, bases, and each route as a line of its own colour.
//!
//! Equirectangular, with longitudes shortened by the cosine of the middle latitude: true enough over one city.

mod labels;
mod projection;

use std::collections::BTreeMap;

use self::labels::{Labels, Span};
use self::projection::{Projection, WIDTH};
use unicode_width::UnicodeWidthStr;

use super::Section;
use super::html::{Fixed, Html, html};
use super::visits::day_filter;
use super::words;
use crate::dossier::clock;
use crate::dossier::view::{Route, View, Visit};
use crate::text::both;

/// Twelve hues at two depths, ordered so that neighbours differ; they can be seen on light and on dark ground.
const COLOURS: [&str; 24] = [
    "#c2452d", "#2f7fb8", "#5b9a32", "#8a5bc0", "#c98a1b", "#1f9a94", "#c04a86", "#6b78d6", "#8f8a1f", "#2f9e62",
    "#d0672a", "#3d93cf", "#9a3b2a", "#27649a", "#437a24", "#6c42a4", "#a06a10", "#157a76", "#9a356a", "#4f58b8",
    "#6f6b14", "#1f7d4a", "#a84d1a", "#2a75ad",
];
/// Dashes of the lines after each round of the colours.
const DASHES: [&str; 4] = ["none", "7 3", "2 3", "9 3 2 3"];

/// Routes beyond which their lines fade while all are shown.
const MANY: usize = 24;

/// Map and list of routes.
pub(super) fn section(view: &View<'_>) -> Section {
    let lang = view.lang;
    let mut out = Html::new();
    html!(
        out,
        "<p class=\"lead\">{}{}</p>\n<div class=\"tools\" hidden>",
        lang.pick(
            "每条路线一种颜色，方块为驻地；连线只表示先后顺序，不是行车路线。空心点没有经纬度，标在县区驻地。",
            "One colour a route, squares are bases; lines show the order of visits, not roads. Hollow places have no coordinates and stand at their county's seat."
        ),
        match view.schedule.unscheduled.len() {
            0 => "",
            _ => lang.pick("红叉为未排入日程的企业。", " Red crosses are enterprises without a date."),
        }
    );
    day_filter(view, "map-day", &mut out);
    html!(out, "</div>\n");
    drawing(view, &mut out);
    list(view, &mut out);
    Section { id: "map", title: lang.pick("核查路线图", "Map of the routes").to_owned(), body: out }
}

fn drawing(view: &View<'_>, out: &mut Html) {
    let lang = view.lang;
    let places = view.visits.iter().map(|visit| visit.point).chain(view.bases.iter().map(|base| base.point));
    let projection = Projection::of(places);
    let spots = spots(view, &projection);
    html!(
        out,
        "<figure class=\"{}\"><svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n",
        if view.routes.len() > MANY { "map many" } else { "map" },
        WIDTH as i64,
        projection.height as i64,
        lang.pick(
            "核查企业、驻地和路线的位置图；内容同下方路线清单",
            "enterprises, bases and routes; the list below says the same"
        )
    );
    grid(&projection, out);
    counties(view, &spots, &projection, out);
    for (at, route) in view.routes.iter().enumerate() {
        draw_route(view, at, route, &spots, &projection, out);
    }
    for (at, visit) in view.visits.iter().enumerate().filter(|(_, visit)| visit.scheduled.is_none()) {
        let (x, y) = spots[at];
        html!(
            out,
            "<path class=\"lost\" d=\"M{} {}l10 10m0 -10l-10 10\"><title>{}</title></path>\n",
            Fixed(x - 5.0),
            Fixed(y - 5.0),
            lang.pick("未排入：{}", "not scheduled: {}").replace("{}", &visit.applicant.name)
        );
    }
    for base in view.bases {
        let (x, y) = projection.at(base.point);
        html!(
            out,
            "<g class=\"home\"><rect x=\"{}\" y=\"{}\" width=\"14\" height=\"14\" rx=\"2\"/><text x=\"{}\" y=\"{}\">{}</text></g>\n",
            Fixed(x - 7.0),
            Fixed(y - 7.0),
            Fixed(x + 12.0),
            Fixed(y + 5.0),
            base.id
        );
    }
    scale_bar(&projection, out);
    html!(out, "</svg></figure>\n");
}

/// Where each visit is drawn: places that coincide stand in rings around their point.
fn spots(view: &View<'_>, projection: &Projection) -> Vec<(f64, f64)> {
    const AROUND: [(f64, f64); 8] =
        [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0), (0.7, 0.7), (-0.7, -0.7), (0.7, -0.7), (-0.7, 0.7)];
    let mut taken: BTreeMap<(i64, i64), usize> = BTreeMap::new();
    view.visits
        .iter()
        .map(|visit| {
            let (x, y) = projection.at(visit.point);
            let here = taken.entry((x.round() as i64, y.round() as i64)).or_default();
            let n = *here;
            *here += 1;
            if n == 0 {
                return (x, y);
            }
            let ring = 13.0 * ((n - 1) / 8 + 1) as f64;
            let (dx, dy) = AROUND[(n - 1) % 8];
            (x + ring * dx, y + ring * dy)
        })
        .collect()
}

fn grid(projection: &Projection, out: &mut Html) {
    html!(out, "<g class=\"grid\" aria-hidden=\"true\">");
    for (x, label) in projection.meridians() {
        html!(
            out,
            "<path d=\"M{} 0V{}\"/><text x=\"{}\" y=\"14\">{}°E</text>",
            Fixed(x),
            Fixed(projection.height),
            Fixed(x + 4.0),
            Fixed(label)
        );
    }
    // No degrees where the scale stands.
    for (y, label) in projection.parallels().into_iter().filter(|(y, _)| *y < projection.height - 50.0) {
        html!(
            out,
            "<path d=\"M0 {}H{}\"/><text x=\"4\" y=\"{}\">{}°N</text>",
            Fixed(y),
            Fixed(WIDTH),
            Fixed(y - 4.0),
            Fixed(label)
        );
    }
    html!(out, "</g>\n");
}

/// Names of counties amid their visits.
fn counties(view: &View<'_>, spots: &[(f64, f64)], projection: &Projection, out: &mut Html) {
    let mut amid: BTreeMap<&str, (f64, f64, f64)> = BTreeMap::new();
    for (visit, (x, y)) in view.visits.iter().zip(spots) {
        let sum = amid.entry(visit.applicant.county.as_str()).or_default();
        *sum = (sum.0 + x, sum.1 + y, sum.2 + 1.0);
    }
    html!(out, "<g class=\"places\" aria-hidden=\"true\">");
    let bases = view.bases.iter().map(|base| {
        let (x, y) = projection.at(base.point);
        Span::new(x - 8.0, y - 10.0, 20.0 + 8.0 * UnicodeWidthStr::width(base.id.as_str()) as f64, 20.0)
    });
    let mut labels = Labels::new(WIDTH, projection.height, spots, bases.collect());
    for (county, (x, y, n)) in amid {
        let (x, y) = labels.place(county, x / n, y / n);
        html!(out, "<text x=\"{}\" y=\"{}\">{}</text>", Fixed(x), Fixed(y), county);
    }
    html!(out, "</g>\n");
}

fn draw_route(
    view: &View<'_>,
    at: usize,
    route: &Route<'_>,
    spots: &[(f64, f64)],
    projection: &Projection,
    out: &mut Html,
) {
    let lang = view.lang;
    let colour = COLOURS[at % COLOURS.len()];
    html!(
        out,
        "<g class=\"route\" data-day=\"{}\" data-route=\"{}\"><path class=\"line\" stroke=\"{}\" stroke-dasharray=\"{}\" d=\"",
        route.line.day,
        at,
        colour,
        DASHES[at / COLOURS.len() % DASHES.len()]
    );
    let (x, y) = projection.at(route.base.point);
    html!(out, "M{} {}", Fixed(x), Fixed(y));
    for visit in &route.visits {
        html!(out, "L{} {}", Fixed(spots[*visit].0), Fixed(spots[*visit].1));
    }
    html!(
        out,
        "Z\"><title>{} {} {}</title></path>",
        words::day(route.line.day, lang),
        route.team,
        words::crew(route, lang)
    );
    for (order, ((line, visit), place)) in (1..).zip(view.stops(route).zip(&route.visits)) {
        let (x, y) = spots[*place];
        let order: i32 = order;
        let class = if visit.approximate { "stop hollow" } else { "stop" };
        html!(
            out,
            "<g class=\"{}\"><circle cx=\"{}\" cy=\"{}\" r=\"6\" fill=\"{}\" stroke=\"{}\"/><text x=\"{}\" y=\"{}\">{}</text><title>{}</title></g>",
            class,
            Fixed(x),
            Fixed(y),
            colour,
            colour,
            Fixed(x),
            Fixed(y),
            order,
            stop_title(view, route, line.start, visit)
        );
    }
    html!(out, "</g>\n");
}

fn stop_title(view: &View<'_>, route: &Route<'_>, start: i64, visit: &Visit<'_>) -> String {
    let lang = view.lang;
    let approximate = if visit.approximate { lang.pick("（位置近似）", " (approximate place)") } else { "" };
    format!(
        "{} {} {}{} {} {}",
        words::day(route.line.day, lang),
        clock::text(start),
        visit.applicant.name,
        approximate,
        words::stars(visit.applicant.star, lang),
        route.team
    )
}

fn scale_bar(projection: &Projection, out: &mut Html) {
    let (kilometres, width) = projection.scale();
    let y = projection.height - 16.0;
    html!(
        out,
        "<g class=\"scale\" aria-hidden=\"true\"><path d=\"M16 {}v6h{}v-6\"/><text x=\"{}\" y=\"{}\">{} km</text></g>\n",
        Fixed(y - 6.0),
        Fixed(width),
        Fixed(16.0 + width / 2.0),
        Fixed(y - 8.0),
        kilometres
    );
}

/// The routes in words.
fn list(view: &View<'_>, out: &mut Html) {
    let lang = view.lang;
    html!(out, "<ul class=\"routes\" aria-label=\"{}\">\n", lang.pick("路线清单", "list of routes"));
    for (at, route) in view.routes.iter().enumerate() {
        let n = route.visits.len();
        let travel = words::duration(route.line.travel, lang);
        html!(
            out,
            "<li data-day=\"{}\" data-route=\"{}\"><svg class=\"swatch line\" aria-hidden=\"true\"><line x2=\"22\" y1=\"7\" y2=\"7\" stroke=\"{}\" stroke-dasharray=\"{}\"/></svg><span><b>{} {}</b> {} <span class=\"dim\">{}</span></span></li>\n",
            route.line.day,
            at,
            COLOURS[at % COLOURS.len()],
            DASHES[at / COLOURS.len() % DASHES.len()],
            words::day(route.line.day, lang),
            route.team,
            words::crew(route, lang),
            both!(lang, "{n}家，行车{travel}", "{n} visits, {travel} of travel")
        );
    }
    html!(out, "</ul>\n");
}
