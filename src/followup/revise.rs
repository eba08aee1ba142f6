//! The rest planned anew: what is compiled for a revision, and how it differs from the plan before.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, NaiveDate, Timelike};

use super::journal::{Absence, Event};
use super::listing::{chosen, listing};
use super::opened::{Going, Opened, Standing};
use super::state::{State, Stratum};
use crate::crews::Crews;
use crate::dossier::changes::{Became, Difference, When, changes_csv};
use crate::dossier::view::{Cancelled, View};
use crate::dossier::{self, Document};
use crate::frame::CreditCode;
use crate::inputs::Inputs;
use crate::plan::{self, Drawn, PlanError, Prepared, restrict};
use crate::routing::problem::Problem;
use crate::routing::schedule::Schedule;
use crate::text::Lang;
use crate::travel::Matrix;

/// What a revision starts from. `verify` builds the same from the journal alone.
#[derive(Debug, Clone, Copy)]
pub struct Base<'a> {
    /// The inputs of the dossier.
    pub inputs: &'a Inputs,
    /// The draw.
    pub drawn: &'a Drawn,
    /// The strata and their lines.
    pub strata: &'a [Stratum],
    /// Targeted enterprises.
    pub targeted: &'a [CreditCode],
    /// The plan as it stood.
    pub standing: &'a Standing,
    /// When the revision was made.
    pub at: DateTime<FixedOffset>,
}

impl Opened {
    /// What a revision made at a time starts from.
    #[must_use]
    pub fn base(&self, at: DateTime<FixedOffset>) -> Base<'_> {
        let Self { inputs, drawn, strata, targeted, standing, .. } = self;
        Base { inputs, drawn, strata, targeted, standing, at }
    }
}

impl Base<'_> {
    /// Visits to be planned anew from a day on: those in the sample that have no result, but for what is still to come
    /// before that day.
    #[must_use]
    pub fn left(&self, state: &State, from: NaiveDate) -> Vec<CreditCode> {
        let stay: BTreeSet<CreditCode> = self.still_ahead(from).filter_map(code).collect();
        let wanted = |code: &CreditCode| !state.done(*code) && !stay.contains(code);
        state.visited(self.strata, self.targeted).into_iter().filter(wanted).collect()
    }

    /// Visits of the plan as it stood that lie between the making of the revision and its first day.
    fn still_ahead(&self, from: NaiveDate) -> impl Iterator<Item = &str> {
        let (today, now) = (self.at.date_naive(), i64::from(self.at.num_seconds_from_midnight()));
        let before = self.standing.routes.iter().filter(move |route| route.line.day < from);
        let visits = before.flat_map(|route| route.line.visits.iter().map(move |visit| (route.line.day, visit)));
        let ahead = move |day: NaiveDate, end: i64| day > today || day == today && end > now;
        visits.filter(move |(day, visit)| ahead(*day, visit.end)).map(|(_, visit)| visit.id.as_str())
    }
}

fn code(id: &str) -> Option<CreditCode> {
    CreditCode::parse(id).ok().map(|(code, _)| code)
}

/// Whether a crew was out already on a route: some of its visits have results of that day.
#[must_use]
pub fn begun(route: &Going, state: &State) -> bool {
    let result = |id: &str| code(id).and_then(|code| state.results.get(&code));
    route.line.visits.iter().any(|visit| result(&visit.id).is_some_and(|result| result.date == route.line.day))
}

/// A revision is wanted at once; what it gains by a longer search is less than what it costs to wait for it.
const EFFORT: u32 = 2;

/// Compiles what is left for a revision. `state` has the event in it already.
///
/// # Errors
/// [`PlanError`].
pub fn prepare(base: Base<'_>, state: &State, event: &Event) -> Result<Prepared, PlanError> {
    let Event::Replan { revision, from, pinned, .. } = event else { unreachable!("only replans are prepared") };
    let mut prepared = plan::prepare(base.inputs, base.drawn)?;
    prepared.replace_visits(base.inputs, base.drawn, &base.left(state, *from))?;
    // Who was out already that day goes on no second route.
    let out = |route: &&Going| route.line.day >= *from && begun(route, state);
    let gone = base.standing.routes.iter().filter(out);
    for inspector in &mut prepared.roster.inspectors {
        inspector.unavailable.extend(state.absent.get(&inspector.id).into_iter().flatten());
        let days = gone.clone().filter(|route| route.crew.contains(&inspector.id)).map(|route| route.line.day);
        inspector.unavailable.extend(days);
    }
    for visit in &mut prepared.visits {
        visit.details.unavailable.extend(state.unavailable.get(&visit.code).into_iter().flatten());
    }
    prepared.settings.first_day = *from;
    prepared.settings.effort = prepared.settings.effort.min(EFFORT);
    let chosen = prepared.visits.iter().map(|visit| (visit.code, chosen(base, state, visit.code)));
    prepared.chosen = chosen.collect();
    let over = |route: &&Going| route.line.day < *from || begun(route, state);
    let behind = base.standing.routes.iter().filter(over);
    let ahead = || base.standing.routes.iter().filter(|route| !over(route));
    prepared.standing = Some(plan::Standing {
        revision: *revision,
        planned: ahead()
            .flat_map(|route| route.line.visits.iter().map(move |v| (v, route)))
            .filter_map(|(v, route)| Some((code(&v.id)?, (route.line.day, route.line.team.clone()))))
            .collect(),
        pinned: pinned.iter().copied().collect(),
        before: behind.map(|route| route.crew.clone()).collect(),
        crews: ahead()
            .map(|route| {
                let codes = route.line.visits.iter().filter_map(|v| code(&v.id)).collect();
                (route.line.day, codes, route.crew.clone())
            })
            .collect(),
    });
    Ok(prepared)
}

/// A revision that was solved.
#[derive(Debug, Clone, Copy)]
pub struct Revision<'a> {
    /// What it started from.
    pub base: Base<'a>,
    /// The journal replayed, with the revision's own event.
    pub state: &'a State,
    /// Its number.
    pub number: u32,
    /// First day planned anew.
    pub from: NaiveDate,
    /// What was compiled.
    pub prepared: &'a Prepared,
    /// Travel.
    pub travel: &'a Matrix,
    /// `problem.json`.
    pub problem_json: &'a [u8],
    /// The same, read.
    pub problem: &'a Problem,
    /// The schedule.
    pub schedule: &'a Schedule,
    /// The crews.
    pub crews: &'a Crews,
}

/// All documents of a revision's folder.
///
/// # Errors
/// [`PlanError`].
pub fn documents<'a>(revision: &Revision<'a>, lang: Lang) -> Result<Vec<Document<'a>>, PlanError> {
    let Revision { base, prepared, problem, schedule, crews, .. } = *revision;
    let mut view = plan::view(base.drawn, prepared, problem, schedule, crews, lang)?;
    revised(&mut view, revision)?;
    let mut out = vec![
        Document::new("travel.csv", revision.travel.to_csv()),
        Document::new("problem.json", revision.problem_json),
        Document::new("schedule.json", schedule.to_json()),
        Document::new("crews.json", crews.to_json()),
        Document::new("schedule.csv", plan::schedule_csv(problem, schedule, &crews.routes, prepared, lang)),
        Document::new("changes.csv", changes(revision, lang)?),
    ];
    if !prepared.restrictions.is_empty() {
        out.push(Document::new(restrict::FILE, restrict::to_json(&prepared.restrictions)));
    }
    out.extend(dossier::for_people(&view));
    Ok(out)
}

fn changes(revision: &Revision<'_>, lang: Lang) -> Result<Vec<u8>, PlanError> {
    let Revision { base, state, prepared, .. } = *revision;
    let record = base.drawn.whole_record();
    let selected = record.selected.lines().map(|l| (l.code.to_string(), l.name.into_owned()));
    let reserves = record.reserves.lines().map(|l| (l.code.to_string(), l.name.into_owned()));
    let visits = prepared.visits.iter().map(|a| (a.code.to_string(), a.name.clone()));
    let added = state.added.iter().map(ToString::to_string).zip(base.drawn.names(&state.added)?);
    let enterprises: BTreeMap<String, String> = selected.chain(reserves).chain(visits).chain(added).collect();
    let inspectors: BTreeMap<String, String> =
        prepared.roster.inspectors.iter().map(|i| (i.id.clone(), i.name.clone())).collect();
    Ok(changes_csv(&differences(revision), &enterprises, &inspectors, lang))
}

/// Lets a view speak of a revision: its number, who is in the sample now, and the visits that inspectors no longer make.
fn revised<'a>(view: &mut View<'a>, revision: &Revision<'a>) -> Result<(), PlanError> {
    let Revision { base, state, schedule, crews, .. } = *revision;
    view.revision = revision.number;
    (view.listed, view.reserves) = listing(base, state)?;
    let codes = state.visited(base.strata, base.targeted).into_iter().collect();
    view.coverage = base.drawn.read.coverage(&codes);
    let now: BTreeSet<(&str, &str)> = schedule
        .routes
        .iter()
        .zip(&crews.routes)
        .flat_map(|(line, crew)| line.visits.iter().map(move |v| (v, crew)))
        .flat_map(|(v, crew)| crew.inspectors.iter().map(|i| (v.id.as_str(), i.as_str())))
        .collect();
    let stay: BTreeSet<&str> = base.still_ahead(revision.from).collect();
    let kept = |id: &str| stay.contains(id) || code(id).is_some_and(|code| state.done(code));
    view.cancelled = base
        .standing
        .ever
        .iter()
        .filter(|((code, inspector), _)| !now.contains(&(code.as_str(), inspector.as_str())) && !kept(code))
        .map(|((code, inspector), (day, start, end))| Cancelled {
            code: code.clone(),
            inspector: inspector.clone(),
            day: *day,
            start: *start,
            end: *end,
        })
        .collect();
    Ok(())
}

/// The difference between the plan as it stood from a day on, with what was due before and not done, and a schedule that
/// takes its place, by what became of the visits and code. Times of day alone do not count as long as day and crew stay.
#[must_use]
pub fn differences(revision: &Revision<'_>) -> Vec<Difference> {
    let Revision { base: Base { standing, .. }, state, from, schedule, crews, .. } = *revision;
    let mut places: BTreeMap<&str, (Option<When>, Option<When>)> = BTreeMap::new();
    let done = |code: &str| CreditCode::parse(code).is_ok_and(|(code, _)| state.done(code));
    for route in &standing.routes {
        // What was due before and has no result is made up for.
        for visit in route.line.visits.iter().filter(|visit| route.line.day >= from || !done(&visit.id)) {
            let crew = route.crew.clone();
            let when = When { day: route.line.day, team: route.line.team.clone(), start: visit.start, crew };
            places.entry(&visit.id).or_default().0 = Some(when);
        }
    }
    for (line, crew) in schedule.routes.iter().zip(&crews.routes) {
        for visit in &line.visits {
            let crew = crew.inspectors.clone();
            let when = When { day: line.day, team: line.team.clone(), start: visit.start, crew };
            places.entry(&visit.id).or_default().1 = Some(when);
        }
    }
    for line in &schedule.unscheduled {
        places.entry(&line.id).or_default();
    }
    let mut out: Vec<Difference> = places
        .into_iter()
        .filter_map(|(code, (before, now))| {
            let became = match (&before, &now) {
                (Some(before), Some(now)) if before.day != now.day => Became::Moved,
                (Some(before), Some(now)) => {
                    let [mut a, mut b] = [before.crew.clone(), now.crew.clone()];
                    a.sort();
                    b.sort();
                    if a == b {
                        return None;
                    }
                    Became::Changed
                }
                (None, Some(_)) => Became::New,
                (_, None) if schedule.unscheduled.iter().any(|u| u.id == code) => Became::Unscheduled,
                (_, None) => {
                    // What left the sample before its day has come needs no mention twice.
                    if done(code) || before.as_ref().is_some_and(|before| before.day < from) {
                        return None;
                    }
                    Became::Dropped
                }
            };
            Some(Difference { code: code.to_owned(), became, before, now })
        })
        .collect();
    out.sort_by(|a, b| (a.became, &a.code).cmp(&(b.became, &b.code)));
    out
}

/// Days of an absence, checked to be no fewer than one.
#[must_use]
pub fn absence(id: &str, days: BTreeSet<NaiveDate>) -> Absence {
    Absence { id: id.to_owned(), days: days.into_iter().collect() }
}
