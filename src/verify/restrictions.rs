//! What was ruled out for want of a crew: whether the routes it names could really not be manned.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Files, Remark};
use crate::frame::Applicant;
use crate::plan::Prepared;
use crate::plan::restrict::{self, Restriction};
use crate::roster::Inspector;
use crate::text::{both, excerpt};

/// Reads the restrictions into `prepared`, and says which of them nothing justifies.
pub(super) fn examine(files: &Files, prepared: &mut Prepared) -> Vec<Remark> {
    let Some(bytes) = files.get(restrict::FILE) else { return Vec::new() };
    let restrictions = match restrict::from_json(bytes) {
        Ok(restrictions) => restrictions,
        Err(why) => {
            let file = restrict::FILE;
            return vec![Remark::new(|lang| {
                both!(lang, "{file} 无法读取：{why}", "{file} cannot be read: {why}")
            })];
        }
    };
    let mut wrong = Vec::new();
    for restriction in &restrictions {
        if !justified(restriction, prepared) {
            let (visit, day, base) =
                (excerpt(&restriction.visit, 40), restriction.day, excerpt(&restriction.base, 40));
            wrong.push(Remark::new(|lang| {
                both!(
                    lang,
                    "{visit}被排除在{day} {base}之外，但所列路线凑得齐人员",
                    "{visit} was kept off {day} at {base}, but the routes named find their crews"
                )
            }));
        }
    }
    if restrictions.is_empty() || *bytes != restrict::to_json(&restrictions).into_bytes() {
        let file = restrict::FILE;
        wrong.push(Remark::new(|lang| both!(lang, "{file} 有多余的内容", "{file} holds more than it should")));
    }
    prepared.restrictions = restrictions;
    wrong
}

fn justified(restriction: &Restriction, prepared: &Prepared) -> bool {
    let known: BTreeMap<&str, &Applicant> = prepared.visits.iter().map(|a| (a.code.as_str(), a)).collect();
    let Some(routes) = restriction
        .routes
        .iter()
        .map(|route| route.iter().map(|code| known.get(code.as_str()).copied()).collect::<Option<Vec<_>>>())
        .collect::<Option<Vec<_>>>()
    else {
        return false;
    };
    // Teams are told apart also by visits of no such route, if somebody of the base may not make them.
    let named = restriction.routes.iter().flatten().any(|code| *code == restriction.visit);
    let barred = known.get(restriction.visit.as_str()).is_some_and(|applicant| {
        let here = prepared.roster.inspectors.iter().filter(|i| i.base == restriction.base);
        let own = |i: &Inspector| prepared.settings.cross_county && i.county.as_ref() == Some(&applicant.county);
        here.into_iter().any(|i| i.recuse.contains(&applicant.code) || own(i))
    });
    (named || barred && !restriction.teams.is_empty())
        && !manned(&routes, &restriction.base, restriction.day, prepared)
}

/// Whether all routes can have a crew at once, by trying.
fn manned(routes: &[Vec<&Applicant>], base: &str, day: NaiveDate, prepared: &Prepared) -> bool {
    let settings = &prepared.settings;
    let here: Vec<&Inspector> =
        prepared.roster.inspectors.iter().filter(|i| i.base == base && !i.unavailable.contains(&day)).collect();
    let by_hand = prepared.roster.inspectors.iter().any(|i| i.base == base && i.team.is_some());
    let may = |i: &Inspector, route: &[&Applicant]| {
        route.iter().all(|a| {
            let own = settings.cross_county && i.county.as_ref() == Some(&a.county);
            !own && !i.recuse.contains(&a.code)
        })
    };
    // Seats: for each route one of an expert if need be, and the others; each holds one inspector or one whole team.
    let units: Vec<Vec<&Inspector>> = if by_hand {
        let mut teams: BTreeMap<&str, Vec<&Inspector>> = BTreeMap::new();
        for inspector in here {
            teams.entry(inspector.team.as_deref().unwrap_or("")).or_default().push(inspector);
        }
        teams.into_values().filter(|team| team.len() >= settings.crew).collect()
    } else {
        here.into_iter().map(|i| vec![i]).collect()
    };
    let seats_each = if by_hand { 1 } else { settings.crew };
    let mut seats: Vec<Vec<usize>> = Vec::new();
    for route in routes {
        let expert = route.iter().any(|a| prepared.experts.contains(&a.star));
        for seat in 0..seats_each {
            let fits = |unit: &Vec<&Inspector>| {
                unit.iter().all(|i| may(i, route)) && (!expert || seat > 0 || unit.iter().any(|i| i.expert))
            };
            seats.push((0..units.len()).filter(|u| fits(&units[*u])).collect());
        }
    }
    let mut holder = vec![None; units.len()];
    (0..seats.len()).all(|seat| seated(seat, &seats, &mut holder, &mut vec![false; units.len()]))
}

fn seated(seat: usize, seats: &[Vec<usize>], holder: &mut [Option<usize>], seen: &mut [bool]) -> bool {
    for unit in &seats[seat] {
        if !std::mem::replace(&mut seen[*unit], true)
            && holder[*unit].is_none_or(|other| seated(other, seats, holder, seen))
        {
            holder[*unit] = Some(seat);
            return true;
        }
    }
    false
}
