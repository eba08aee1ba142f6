//! `日历/<工号>-<姓名>.ics`: one calendar an inspector, one event a visit (RFC 5545).
//!
//! An event's UID is draw id, enterprise and inspector, its SEQUENCE the revision of the plan: importing a later revision
//! moves events that are there already, and cancels those that the inspector no longer makes. No clock is read.

mod ics;

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use self::ics::{Ics, local, utc};
use super::Document;
use super::clock;
use super::name::{Taken, file_name};
use super::view::{Cancelled, Route, View, Visit};
use crate::roster::Inspector;
use crate::routing::schedule::VisitLine;
use crate::text::{Lang, both};

/// Most characters of a file name without `.ics`.
const NAME: usize = 80;
/// Hour of the reminder on the evening before, Shanghai time, in seconds from midnight.
const EVENING: i64 = 18 * 3600;

/// The calendars of all inspectors who have visits, or had.
pub(super) fn documents(view: &View<'_>) -> Vec<Document<'static>> {
    let mut taken = Taken::default();
    let known: BTreeSet<&str> = view.inspectors.iter().map(|inspector| inspector.id.as_str()).collect();
    let gone: BTreeSet<&str> =
        view.cancelled.iter().map(|c| c.inspector.as_str()).filter(|id| !known.contains(id)).collect();
    let people = view.inspectors.iter().map(|i| (i.id.as_str(), Some(i)));
    let people = people.chain(gone.into_iter().map(|id| (id, None)));
    let mut out = Vec::new();
    for (id, inspector) in people {
        let label = inspector.map_or_else(|| id.to_owned(), |i| format!("{}-{}", i.id, i.name));
        let name = taken.unique(&file_name(&label), NAME);
        let person = Person { id, label: &label, inspector };
        if let Some(text) = calendar(view, person) {
            let folder = view.lang.pick("日历", "calendars");
            out.push(Document::new(format!("{folder}/{name}.ics"), text));
        }
    }
    out
}

/// Whose calendar.
#[derive(Clone, Copy)]
struct Person<'a> {
    id: &'a str,
    label: &'a str,
    /// `None`: no longer among the inspectors.
    inspector: Option<&'a Inspector>,
}

/// The calendar of one inspector; `None` without any event.
fn calendar(view: &View<'_>, person: Person<'_>) -> Option<String> {
    let lang = view.lang;
    let mut ics = Ics::default();
    ics.line("BEGIN", "VCALENDAR");
    ics.line("VERSION", "2.0");
    ics.line("PRODID", view.lang.pick("-//hecha//hecha//ZH", "-//hecha//hecha//EN"));
    ics.line("CALSCALE", "GREGORIAN");
    ics.line("METHOD", "PUBLISH");
    let title = lang.pick("现场核查", "On-site checks");
    ics.text("X-WR-CALNAME", &format!("{title} {} {}", view.record.draw, person.label));
    ics.line("X-WR-TIMEZONE", ics::ZONE);
    ics.zone();
    let mut made = BTreeSet::new();
    if let Some(inspector) = person.inspector {
        for route in view.routes_of(inspector) {
            for (times, visit) in view.stops(route) {
                event(&mut ics, view, person.id, (route, times, visit));
                made.insert(visit.applicant.code.as_str());
            }
        }
    }
    // A visit that was taken away and came back is there already.
    let mine = |c: &&Cancelled| c.inspector == person.id && !made.contains(c.code.as_str());
    let mut dropped = BTreeSet::new();
    for cancelled in view.cancelled.iter().filter(mine) {
        if dropped.insert(cancelled.code.as_str()) {
            cancellation(&mut ics, view, cancelled);
        }
    }
    ics.line("END", "VCALENDAR");
    (!made.is_empty() || !dropped.is_empty()).then(|| ics.into_text())
}

/// What every event begins with.
fn head(
    ics: &mut Ics,
    view: &View<'_>,
    (code, inspector): (&str, &str),
    (day, start, end): (NaiveDate, i64, i64),
) {
    ics.line("BEGIN", "VEVENT");
    // An id may hold what a UID had better not: blanks, signs, an @.
    let id: String = inspector
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("_{b:02x}") })
        .collect();
    ics.line("UID", &format!("{}-{code}-{id}@hecha", view.record.draw));
    ics.line("SEQUENCE", &view.revision.to_string());
    // When it was made, as far as the plan tells: the day before the first, and later for each revision.
    let eve = view.settings.first_day.checked_sub_days(Days::new(1)).unwrap_or(view.settings.first_day);
    let stamp = ics::date_time(eve, i64::from(view.revision) * 60) + "Z";
    ics.line("DTSTAMP", &stamp);
    ics.line("LAST-MODIFIED", &stamp);
    ics.line(&format!("DTSTART;TZID={}", ics::ZONE), &local(day, start));
    ics.line(&format!("DTEND;TZID={}", ics::ZONE), &local(day, end));
}

fn event(
    ics: &mut Ics,
    view: &View<'_>,
    inspector: &str,
    (route, times, visit): (&Route<'_>, &VisitLine, &Visit<'_>),
) {
    let (lang, applicant, day) = (view.lang, visit.applicant, route.line.day);
    head(ics, view, (applicant.code.as_str(), inspector), (day, clock::up(times.start), clock::up(times.end)));
    let summary = summary(lang, &applicant.name, Some(applicant.star));
    ics.line("STATUS", "CONFIRMED");
    ics.text("SUMMARY", &summary);
    if applicant.address.is_empty() {
        ics.text("LOCATION", &applicant.county);
    } else {
        ics.text("LOCATION", &applicant.address);
    }
    // A county's seat is no place to navigate to.
    if !visit.approximate {
        ics.line("GEO", &format!("{:.6};{:.6}", visit.point.lat, visit.point.lon));
    }
    ics.text("DESCRIPTION", &description(lang, route, times, visit));
    ics.line("TRANSP", "OPAQUE");
    for alarm in ["30", "eve"] {
        ics.line("BEGIN", "VALARM");
        ics.line("ACTION", "DISPLAY");
        match alarm {
            "30" => ics.line("TRIGGER", "-PT30M"),
            _ => ics.line("TRIGGER;VALUE=DATE-TIME", &utc(day.pred_opt().unwrap_or(day), EVENING)),
        }
        ics.text("DESCRIPTION", &format!("{} {summary}", clock::text(times.start)));
        ics.line("END", "VALARM");
    }
    ics.line("END", "VEVENT");
}

fn cancellation(ics: &mut Ics, view: &View<'_>, cancelled: &Cancelled) {
    let code = cancelled.code.as_str();
    head(
        ics,
        view,
        (code, &cancelled.inspector),
        (cancelled.day, clock::up(cancelled.start), clock::up(cancelled.end)),
    );
    let applicant = view.visits.iter().map(|visit| visit.applicant).find(|a| a.code.as_str() == code);
    let what = match applicant {
        Some(applicant) => summary(view.lang, &applicant.name, Some(applicant.star)),
        None => summary(view.lang, code, None),
    };
    ics.line("STATUS", "CANCELLED");
    ics.text("SUMMARY", &both!(view.lang, "已取消：{what}", "Cancelled: {what}"));
    ics.line("TRANSP", "TRANSPARENT");
    ics.line("END", "VEVENT");
}

fn summary(lang: Lang, name: &str, star: Option<u8>) -> String {
    match star {
        Some(star) => both!(lang, "现场核查：{name}（{star}星）", "On-site check: {name} ({star} stars)"),
        None => both!(lang, "现场核查：{name}", "On-site check: {name}"),
    }
}

/// What to know on the way, one thing a line.
fn description(lang: Lang, route: &Route<'_>, times: &VisitLine, visit: &Visit<'_>) -> String {
    let applicant = visit.applicant;
    let or_none =
        |text: &str| if text.is_empty() { lang.pick("未填", "not given").to_owned() } else { text.to_owned() };
    let crew: Vec<&str> = route.crew.iter().map(|member| member.name.as_str()).collect();
    let place = if visit.approximate {
        lang.pick("位置不准确，按县区驻地估算", "place unknown; the county's seat stands in")
    } else {
        ""
    };
    let lines = [
        (lang.pick("企业", "Enterprise"), applicant.name.clone()),
        (lang.pick("统一社会信用代码", "Credit code"), applicant.code.to_string()),
        (lang.pick("所属县区", "County"), applicant.county.clone()),
        (lang.pick("地址", "Address"), or_none(&applicant.address)),
        (lang.pick("联系人", "Contact"), or_none(&applicant.contact)),
        (lang.pick("联系电话", "Phone"), or_none(&applicant.phone)),
        (lang.pick("到达", "Arrive"), clock::text(times.arrive)),
        (lang.pick("小组", "Team"), route.team.clone()),
        (lang.pick("核查人员", "Crew"), crew.join(lang.pick("、", ", "))),
        (lang.pick("提示", "Note"), place.to_owned()),
    ];
    let colon = lang.pick("：", ": ");
    let said = lines.into_iter().filter(|(_, value)| !value.is_empty());
    said.map(|(label, value)| format!("{label}{colon}{value}")).collect::<Vec<_>>().join("\n")
}
