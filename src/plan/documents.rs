//! The documents of a seal, a draw, and a whole plan.

use std::collections::BTreeMap;

use super::diagnosis::{self, Diagnosis};
use super::{Drawn, PlanError, Prepared, Read, restrict};
use crate::compile::{self, Site};
use crate::crews::{self, CrewLine, Crews};
use crate::dossier::listed::{Chosen, Listed};
use crate::dossier::view::{Route, View, Visit};
use crate::dossier::{self, Document, ScheduleRow};
use crate::draw::seal::Seal;
use crate::draw::stream;
use crate::frame::Applicant;
use crate::inputs::{Inputs, Role};
use crate::roster::{Base, Inspector};
use crate::routing::problem::Problem;
use crate::routing::schedule::{Reason, RouteLine, Schedule};
use crate::simulate::simulate;
use crate::text::Lang;
use crate::travel::Matrix;

/// The documents of a seal: frame, seal, the text to publish.
#[must_use]
pub fn seal_documents<'a>(read: &'a Read, seal: &Seal, lang: Lang) -> Vec<Document<'a>> {
    let name = lang.pick("公告.txt", "announcement.txt");
    vec![
        Document::written("frame.csv", |out| read.frame.write_csv(out)).with_sha256(|| read.frame.digest()),
        Document::new("seal.json", seal.to_json()),
        // Windows' Notepad tells UTF-8 by its mark.
        Document::new(name, format!("\u{feff}{}", dossier::announcement(seal, &read.notice, lang))),
    ]
}

/// What people may want to know about each visit, by id.
fn schedule_rows(prepared: &Prepared) -> BTreeMap<String, ScheduleRow<'_>> {
    let approximate: BTreeMap<&str, bool> =
        prepared.sites.iter().map(|s| (s.id.as_str(), s.approximate)).collect();
    prepared
        .visits
        .iter()
        .map(|applicant| {
            let id = applicant.code.to_string();
            let row = ScheduleRow {
                applicant,
                approximate: approximate.get(id.as_str()).copied().unwrap_or(false),
                chosen: prepared.chosen.get(&applicant.code).copied().unwrap_or(Chosen::Lot),
            };
            (id, row)
        })
        .collect()
}

/// What people call the team of each route of a schedule: the name of a team fixed by hand, else its number at the base.
fn team_names(schedule: &Schedule, crews: &[CrewLine], prepared: &Prepared) -> Vec<String> {
    let inspectors = &prepared.roster.inspectors;
    let by_hand = |at: usize| {
        let first = crews.get(at)?.inspectors.first()?;
        inspectors.iter().find(|inspector| inspector.id == *first)?.team.clone()
    };
    let name = |(at, line): (usize, &RouteLine)| {
        by_hand(at).unwrap_or_else(|| compile::team_number(&line.team).to_owned())
    };
    schedule.routes.iter().enumerate().map(name).collect()
}

/// `schedule.csv`.
#[must_use]
pub fn schedule_csv(
    problem: &Problem,
    schedule: &Schedule,
    crews: &[CrewLine],
    prepared: &Prepared,
    lang: Lang,
) -> Vec<u8> {
    let names = team_names(schedule, crews, prepared);
    dossier::schedule_csv(schedule, &names, &schedule_rows(prepared), !problem.days.is_empty(), lang)
}

/// The documents of a draw alone.
#[must_use]
pub fn draw_documents<'a>(inputs: &'a Inputs, drawn: &'a Drawn, lang: Lang) -> Vec<Document<'a>> {
    let mut out = sample_documents(drawn, lang);
    out.extend(inputs.of(Role::Seal).map(|f| Document::copy("seal.json", &f.content)));
    out
}

fn sample_documents(drawn: &Drawn, lang: Lang) -> Vec<Document<'_>> {
    vec![
        Document::written("frame.csv", |out| drawn.read.frame.write_csv(out))
            .with_sha256(|| drawn.read.frame.digest()),
        Document::written("sample.json", |out| drawn.whole_record().write_document(out)),
        Document::written("sample.csv", move |out| drawn.write_sample_csv(out, lang)),
    ]
}

/// Everything between sample and dossier.
#[derive(Debug, Clone, Copy)]
pub struct Planned<'a> {
    /// The sample.
    pub drawn: &'a Drawn,
    /// Inspectors and places.
    pub prepared: &'a Prepared,
    /// Travel.
    pub travel: &'a Matrix,
    /// `problem.json`.
    pub problem_json: &'a [u8],
    /// The schedule.
    pub schedule: &'a Schedule,
}

/// The result does not depend on it.
const SIMULATION_THREADS: usize = 2;

/// Looks up everything that the documents for people say.
///
/// # Errors
/// [`PlanError`] for a year that the calendar does not know.
pub fn view<'a>(
    drawn: &'a Drawn,
    prepared: &'a Prepared,
    problem: &'a Problem,
    schedule: &'a Schedule,
    crews: &Crews,
    lang: Lang,
) -> Result<View<'a>, PlanError> {
    let record = drawn.whole_record();
    let listed: Vec<Listed<'_>> = record.selected.lines().map(Listed::from).collect();
    let codes = listed.iter().map(|line| line.code).collect();
    let notice = &drawn.read.notice;
    let last_days = compile::last_visit_days(notice, &prepared.calendar, &prepared.settings)?;
    let rows = schedule_rows(prepared);
    let position: BTreeMap<&str, usize> =
        prepared.visits.iter().enumerate().map(|(at, a)| (a.code.as_str(), at)).collect();
    let left_out: BTreeMap<&str, Reason> =
        schedule.unscheduled.iter().map(|u| (u.id.as_str(), u.reason)).collect();
    let names = team_names(schedule, &crews.routes, prepared);
    let order = dossier::people_order(schedule, &names);
    let mut scheduled = BTreeMap::new();
    for (at, route) in order.iter().map(|at| &schedule.routes[*at]).enumerate() {
        for (place, visit) in route.visits.iter().enumerate() {
            scheduled.insert(visit.id.as_str(), (at, place));
        }
    }
    let sites = &prepared.sites[prepared.roster.bases.len()..];
    let visit = |(applicant, site): (&'a Applicant, &'a Site)| {
        let id = applicant.code.as_str();
        Visit {
            applicant,
            point: site.point,
            approximate: site.approximate,
            chosen: rows.get(id).map_or(Chosen::Lot, |row| row.chosen),
            last_day: last_days.get(&applicant.star).copied(),
            scheduled: scheduled.get(id).copied(),
            unscheduled: left_out.get(id).copied(),
        }
    };
    let visits = prepared.visits.iter().zip(sites).map(visit).collect();
    let bases: BTreeMap<&str, &Base> = prepared.roster.bases.iter().map(|b| (b.id.as_str(), b)).collect();
    let base_of = |team: &str| {
        let team = problem.teams.iter().find(|t| t.id == team)?;
        bases.get(problem.bases[team.base].as_str()).copied()
    };
    let inspectors: BTreeMap<&str, &Inspector> =
        prepared.roster.inspectors.iter().map(|i| (i.id.as_str(), i)).collect();
    let routes = order.iter().filter_map(|at| {
        let line = &schedule.routes[*at];
        let crew = crews.routes.get(*at)?.inspectors.iter();
        Some(Route {
            line,
            team: names[*at].clone(),
            base: base_of(&line.team)?,
            crew: crew.filter_map(|id| inspectors.get(id.as_str()).copied()).collect(),
            visits: line.visits.iter().filter_map(|v| position.get(v.id.as_str()).copied()).collect(),
        })
    });
    let (rates, runs) = prepared.simulation;
    let key = stream::Key::of(&drawn.record.draw, &drawn.record.seed);
    let simulation = simulate(problem, schedule, &|_| false, rates, key, runs, SIMULATION_THREADS);
    Ok(View {
        lang,
        revision: 0,
        record: &drawn.record,
        frame_digest: record.frame.digest,
        listed,
        reserves: record.reserves.lines().collect(),
        notice,
        coverage: drawn.read.coverage(&codes),
        settings: &prepared.settings,
        last_days,
        bases: &prepared.roster.bases,
        inspectors: &prepared.roster.inspectors,
        visits,
        routes: routes.collect(),
        problem,
        schedule,
        simulation,
        spreads: crews::spreads(&prepared.roster.inspectors, &problem.days, crews),
        shortages: shortage_lines(drawn, prepared, problem, schedule, lang),
        cancelled: Vec::new(),
    })
}

/// Why routes have no crew, in words.
fn shortage_lines(
    drawn: &Drawn,
    prepared: &Prepared,
    problem: &Problem,
    schedule: &Schedule,
    lang: Lang,
) -> Vec<String> {
    let shortages = super::crews(drawn, prepared, problem, schedule).1;
    let (tasks, rules) = (super::tasks(&prepared.visits, problem, schedule), super::rules(&prepared.settings));
    let inspectors = &prepared.roster.inspectors;
    let of = |shortage| restrict::shortage_lines(shortage, &tasks, &prepared.visits, inspectors, rules, lang);
    shortages.iter().flat_map(of).collect()
}

/// All documents of a dossier.
#[must_use]
pub fn dossier_documents<'a>(
    inputs: &'a Inputs,
    planned: &Planned<'a>,
    crews: &Crews,
    diagnosis: Option<&Diagnosis>,
    view: &View<'_>,
) -> Vec<Document<'a>> {
    let lang = view.lang;
    let table = schedule_csv(view.problem, planned.schedule, &crews.routes, planned.prepared, lang);
    let mut out = dossier::copies(inputs, lang);
    out.extend(sample_documents(planned.drawn, lang));
    out.extend(inputs.of(Role::Seal).map(|f| Document::copy("seal.json", &f.content)));
    out.extend([
        Document::new("travel.csv", planned.travel.to_csv()),
        Document::new("problem.json", planned.problem_json),
        Document::new("schedule.json", planned.schedule.to_json()),
        Document::new("crews.json", crews.to_json()),
        Document::new("schedule.csv", table),
    ]);
    let restrictions = &planned.prepared.restrictions;
    if !restrictions.is_empty() {
        out.push(Document::new(restrict::FILE, restrict::to_json(restrictions)));
    }
    out.extend(dossier::for_people(view));
    out.extend(diagnosis.map(|diagnosis| Document::new(diagnosis::FILE, diagnosis.to_json())));
    out
}
