//! All that still lies ahead as one problem and one schedule, for a simulation.
//!
//! A revision's problem has what was planned anew from its first day on. What an earlier plan has before that day and what
//! has no result yet still stands: here it is put before the revision's own days, each of its routes with a team of its own,
//! so that a visit which fails there is put off to the revision's teams like any other.

use std::collections::BTreeSet;
use std::fs;

use chrono::NaiveDate;

use super::beside::revision_path;
use super::journal::Event;
use super::opened::{Going, Opened};
use crate::frame::CreditCode;
use crate::plan::{self, PlanError};
use crate::routing::problem::{Problem, ProblemFile, TeamFile};
use crate::routing::schedule::{RouteLine, Schedule};

impl Opened {
    /// Visits whose day had passed when the latest line of the journal was written, and that have no result.
    #[must_use]
    pub fn late(&self) -> BTreeSet<&str> {
        let Some(today) = self.journal.lines.last().map(|line| line.at.date_naive()) else {
            return BTreeSet::new();
        };
        let past = self.standing.routes.iter().filter(|route| route.line.day < today);
        let visits = past.flat_map(|route| &route.line.visits).map(|visit| visit.id.as_str());
        visits.filter(|id| CreditCode::parse(id).is_ok_and(|(code, _)| !self.state.done(code))).collect()
    }

    /// The latest problem and schedule, with what earlier plans have before its first day and is still to come.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn ahead(&self) -> Result<(Problem, Schedule), PlanError> {
        let from = self.journal.lines.iter().rev().find_map(|line| match &line.event {
            Event::Replan { from, .. } => Some(*from),
            _ => None,
        });
        let late = self.late();
        let mut kept: Vec<RouteLine> = from.map_or_else(Vec::new, |from| self.kept(from));
        kept.retain(|route| !route.visits.iter().any(|visit| late.contains(visit.id.as_str())));
        let Some(first) = kept.iter().map(|route| route.day).min() else {
            return Ok((self.problem.clone(), self.schedule.clone()));
        };
        let name = format!("{}/problem.json", revision_path(self.state.revision));
        let bytes = fs::read(self.path.join(name)).unwrap_or_default();
        let latest = plan::problem_file(&bytes)?;
        let file = self.join(latest, &kept, first)?;
        let mut schedule = self.schedule.clone();
        let named = kept.into_iter().map(|route| RouteLine { team: own_team(&route), ..route });
        schedule.routes.splice(0..0, named);
        Ok((Problem::new(file)?, schedule))
    }

    /// Routes before a day, with their visits that are still to be made.
    fn kept(&self, from: NaiveDate) -> Vec<RouteLine> {
        let visited: BTreeSet<CreditCode> = self.visited().into_iter().collect();
        let open = |id: &str| {
            CreditCode::parse(id).is_ok_and(|(code, _)| visited.contains(&code) && !self.state.done(code))
        };
        let open = |route: &Going| {
            let mut line = route.line.clone();
            line.visits.retain(|visit| open(&visit.id));
            line
        };
        let before = self.standing.routes.iter().filter(|route| route.line.day < from).map(open);
        before.filter(|line| !line.visits.is_empty()).collect()
    }

    /// The latest problem with days, teams and visits of the routes kept from earlier plans.
    fn join(&self, latest: ProblemFile, kept: &[RouteLine], first: NaiveDate) -> Result<ProblemFile, PlanError> {
        let ids = latest.visits.iter().map(|visit| visit.id.as_str());
        let more = kept.iter().flat_map(|route| &route.visits).map(|visit| visit.id.as_str());
        let codes: Vec<CreditCode> =
            ids.chain(more).filter_map(|id| CreditCode::parse(id).ok()).map(|(code, _)| code).collect();
        let mut prepared = plan::prepare(&self.inputs, &self.drawn)?;
        prepared.replace_visits(&self.inputs, &self.drawn, &codes)?;
        for visit in &mut prepared.visits {
            visit.details.unavailable.extend(self.state.unavailable.get(&visit.code).into_iter().flatten());
        }
        prepared.settings.first_day = first;
        let travel = plan::travel(&self.inputs, &prepared)?;
        let whole = plan::problem_file(&plan::problem_json(&self.drawn, &prepared, &travel)?)?;
        let mut out = latest;
        let teams: BTreeSet<String> = out.teams.iter().map(|team| team.id.clone()).collect();
        let own: BTreeSet<NaiveDate> = kept.iter().map(|route| route.day).collect();
        for team in &mut out.teams {
            team.days_off.extend(&own);
        }
        let visits = whole.visits.into_iter().skip(out.visits.len()).map(|mut visit| {
            // Those of the revision's own teams that may not come are known by their names alone.
            visit.avoid.retain(|team| teams.contains(team));
            visit
        });
        out.visits.extend(visits);
        let days: Vec<NaiveDate> = own.iter().copied().chain(out.days).collect();
        for route in kept {
            let base = whole.bases.iter().filter(|base| route.team.starts_with(&format!("{}-", base.id)));
            let Some(base) = base.max_by_key(|base| base.id.len()) else { continue };
            let asked = |id: &str| out.visits.iter().find(|visit| visit.id == id).map(|visit| &visit.skills);
            let skills: BTreeSet<String> =
                route.visits.iter().filter_map(|visit| asked(&visit.id)).flatten().cloned().collect();
            out.teams.push(TeamFile {
                id: own_team(route),
                base: base.id.clone(),
                skills: skills.into_iter().collect(),
                days_off: days.iter().filter(|day| **day != route.day).copied().collect(),
                max_visits: prepared.settings.max_visits,
            });
        }
        out.days = days;
        out.travel = whole.travel;
        Ok(out)
    }
}

/// The team that makes a kept route and nothing else.
fn own_team(route: &RouteLine) -> String {
    format!("{} {}", route.day, route.team)
}
