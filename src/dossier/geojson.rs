//! `schedule.geojson` for GIS users (RFC 7946): bases, visits and routes, WGS-84, longitude first.
//!
//! Such files are passed on freely, so neither contacts nor telephone numbers nor addresses stand in it, and crews only by
//! their numbers. Property names are English and stable, whatever the language of the other documents.

use serde_json::{Value, json};

use super::Document;
use super::people::exact_clock;
use super::view::{Route, View, Visit};
use crate::travel::Wgs84;

fn position(point: Wgs84) -> Value {
    json!([point.lon, point.lat])
}

fn feature(geometry: &str, coordinates: &Value, properties: &Value) -> Value {
    json!({"type": "Feature", "geometry": {"type": geometry, "coordinates": coordinates}, "properties": properties})
}

fn crew<'a>(route: &Route<'a>) -> Vec<&'a str> {
    route.crew.iter().map(|inspector| inspector.id.as_str()).collect()
}

fn visit_feature(view: &View<'_>, visit: &Visit<'_>) -> Value {
    let applicant = visit.applicant;
    let mut properties = json!({
        "kind": "visit",
        "code": applicant.code.as_str(),
        "name": applicant.name,
        "star": applicant.star,
        "county": applicant.county,
        "approximate": visit.approximate,
        "targeted": visit.chosen.beside_the_lot(),
        "last_day": visit.last_day,
        "unscheduled": visit.unscheduled,
    });
    let stop = visit.scheduled.and_then(|(at, place)| {
        let route = view.routes.get(at)?;
        Some((route, place, route.line.visits.get(place)?))
    });
    if let Some((route, place, times)) = stop {
        properties["day"] = json!(route.line.day);
        properties["team"] = json!(route.line.team);
        properties["crew"] = json!(crew(route));
        properties["sequence"] = json!(place + 1);
        properties["arrive"] = json!(exact_clock(times.arrive));
        properties["start"] = json!(exact_clock(times.start));
        properties["end"] = json!(exact_clock(times.end));
    }
    feature("Point", &position(visit.point), &properties)
}

fn route_feature(view: &View<'_>, route: &Route<'_>) -> Value {
    let base = position(route.base.point);
    let sites = view.stops(route).map(|(_, visit)| position(visit.point));
    let line: Vec<Value> = std::iter::once(base.clone()).chain(sites).chain([base]).collect();
    let properties = json!({
        "kind": "route",
        "day": route.line.day,
        "team": route.line.team,
        "base": route.base.id,
        "crew": crew(route),
        "visits": route.line.visits.iter().map(|visit| visit.id.as_str()).collect::<Vec<_>>(),
        "depart": exact_clock(route.line.depart),
        "return": exact_clock(route.line.back),
        "travel_s": route.line.travel,
    });
    feature("LineString", &Value::Array(line), &properties)
}

/// `schedule.geojson`.
pub(super) fn document(view: &View<'_>) -> Document<'static> {
    let base = |base: &crate::roster::Base| {
        let properties = json!({"kind": "base", "name": base.id, "approximate": base.approximate});
        feature("Point", &position(base.point), &properties)
    };
    let mut features: Vec<Value> = view.bases.iter().map(base).collect();
    features.extend(view.visits.iter().map(|visit| visit_feature(view, visit)));
    let mut routes: Vec<&Route<'_>> = view.routes.iter().collect();
    routes.sort_by_key(|route| (route.line.day, &route.line.team));
    features.extend(routes.into_iter().map(|route| route_feature(view, route)));
    // One feature a line: differences between revisions can be read.
    let lines: Vec<String> = features.iter().map(Value::to_string).collect();
    let name = json!(view.record.draw);
    let body = lines.join(",\n");
    let text = format!("{{\"type\":\"FeatureCollection\",\"name\":{name},\"features\":[\n{body}\n]}}\n");
    Document::new("schedule.geojson", text)
}
