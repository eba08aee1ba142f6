//! Everything the documents for people say, looked up once.
//!
//! A document takes what it needs from here and decides nothing: dates, crews, counts and proofs are results.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::clock;
use super::listed::{Chosen, Listed};
use super::people::unscheduled_text;
use crate::crews::Spread;
use crate::draw::coverage::Coverage;
use crate::draw::{ReserveLine, SampleRecord};
use crate::frame::Applicant;
use crate::notice::Notice;
use crate::roster::{Base, Inspector};
use crate::routing::problem::Problem;
use crate::routing::schedule::{Reason, RouteLine, Schedule, VisitLine};
use crate::settings::ScheduleSettings;
use crate::simulate::Outcome;
use crate::text::Lang;
use crate::travel::Wgs84;

/// Results, for the documents.
#[derive(Debug)]
pub struct View<'a> {
    /// Language of the documents.
    pub lang: Lang,
    /// 0 for the plan as first made; each change of it counts one up.
    pub revision: u32,
    /// The draw record without its two long lists.
    pub record: &'a SampleRecord<(), ()>,
    /// SHA-256 of `frame.csv`.
    pub frame_digest: String,
    /// Selected and targeted, in the order of the record; then, in a revision, reserves called and those added.
    pub listed: Vec<Listed<'a>>,
    /// Reserves not called, in the order of the record.
    pub reserves: Vec<ReserveLine<'a>>,
    /// Rules of the year.
    pub notice: &'a Notice,
    /// What the selected and targeted cover of the applicants.
    pub coverage: Coverage,
    /// `[schedule]`.
    pub settings: &'a ScheduleSettings,
    /// The last visit day of each star.
    pub last_days: BTreeMap<u8, NaiveDate>,
    /// The bases, ascending by id.
    pub bases: &'a [Base],
    /// The inspectors, ascending by id.
    pub inspectors: &'a [Inspector],
    /// The visits, in the order of the record.
    pub visits: Vec<Visit<'a>>,
    /// The routes by day and team, as people order them, with their crews.
    pub routes: Vec<Route<'a>>,
    /// The problem: its `days` are the working days of the plan.
    pub problem: &'a Problem,
    /// The schedule: its `cost` and `bound` are those of the routes.
    pub schedule: &'a Schedule,
    /// How likely the plan holds.
    pub simulation: Outcome,
    /// Days served by inspectors with the same availability.
    pub spreads: Vec<Spread>,
    /// Which routes have no crew, and for each inspector why not; in words.
    pub shortages: Vec<String>,
    /// Visits that an earlier revision gave to an inspector who no longer makes them.
    pub cancelled: Vec<Cancelled>,
}

/// A visit: an enterprise that is checked on site.
#[derive(Debug, Clone, Copy)]
pub struct Visit<'a> {
    /// The enterprise.
    pub applicant: &'a Applicant,
    /// Its place.
    pub point: Wgs84,
    /// Whether that is only a seat of government.
    pub approximate: bool,
    /// How it came to be checked.
    pub chosen: Chosen,
    /// Its last possible day.
    pub last_day: Option<NaiveDate>,
    /// Its route, an index of [`View::routes`], and its position there; `None` if it is not scheduled.
    pub scheduled: Option<(usize, usize)>,
    /// Why it is not scheduled.
    pub unscheduled: Option<Reason>,
}

/// A route with its crew.
#[derive(Debug, Clone)]
pub struct Route<'a> {
    /// Times and visits.
    pub line: &'a RouteLine,
    /// What people call its team: the name of a team fixed by hand, else the number at its base.
    pub team: String,
    /// Where it begins and ends.
    pub base: &'a Base,
    /// Who goes; the first leads. Empty if no crew may go.
    pub crew: Vec<&'a Inspector>,
    /// For each of `line.visits` its index in [`View::visits`].
    pub visits: Vec<usize>,
}

impl Route<'_> {
    /// Whole minutes of travel to each visit and back to the base, each rounded up.
    #[must_use]
    pub fn legs(&self) -> Vec<i64> {
        let mut left = self.line.depart;
        let mut out = Vec::with_capacity(self.line.visits.len() + 1);
        for visit in &self.line.visits {
            out.push(clock::minutes(visit.arrive - left));
            left = visit.end;
        }
        out.push(clock::minutes(self.line.back - left));
        out
    }
}

/// A visit that an inspector no longer makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancelled {
    /// Credit code.
    pub code: String,
    /// Inspector's id.
    pub inspector: String,
    /// The day it was planned for.
    pub day: NaiveDate,
    /// Start, seconds from midnight.
    pub start: i64,
    /// End, seconds from midnight.
    pub end: i64,
}

impl<'a> View<'a> {
    /// The routes of an inspector, by day.
    pub fn routes_of(&self, inspector: &Inspector) -> impl Iterator<Item = &Route<'a>> {
        self.routes.iter().filter(move |route| route.crew.iter().any(|member| member.id == inspector.id))
    }

    /// Why a visit is not scheduled, in words; `None` where it is.
    #[must_use]
    pub fn why_unscheduled(&self, visit: &Visit<'_>) -> Option<String> {
        let days_left = !self.problem.days.is_empty();
        visit.unscheduled.map(|reason| unscheduled_text(reason, days_left, self.lang))
    }

    /// Visits on routes that no crew may take.
    #[must_use]
    pub fn unmanned(&self) -> Vec<&Visit<'a>> {
        let alone = self.routes.iter().filter(|route| route.crew.is_empty());
        alone.flat_map(|route| self.stops(route).map(|(_, visit)| visit)).collect()
    }

    /// Whether inspectors stand in teams made by hand: then the lot only says which team takes which route.
    #[must_use]
    pub fn fixed_teams(&self) -> bool {
        self.inspectors.iter().any(|inspector| inspector.team.is_some())
    }

    /// Inspectors whose days nobody shares, so that theirs are compared with nobody's.
    #[must_use]
    pub fn alone(&self) -> Vec<&'a Inspector> {
        let compared = |id: &String| self.spreads.iter().any(|spread| spread.inspectors.contains(id));
        if self.fixed_teams() { Vec::new() } else { self.inspectors.iter().filter(|i| !compared(&i.id)).collect() }
    }

    /// The days on which somebody goes, ascending.
    #[must_use]
    pub fn days(&self) -> Vec<NaiveDate> {
        let mut days: Vec<NaiveDate> = self.routes.iter().map(|route| route.line.day).collect();
        days.dedup();
        days
    }

    /// The visits of a route with their times, in order.
    pub fn stops<'b>(&'b self, route: &'b Route<'a>) -> impl Iterator<Item = (&'b VisitLine, &'b Visit<'a>)> {
        route.line.visits.iter().zip(route.visits.iter().map(|at| &self.visits[*at]))
    }
}
