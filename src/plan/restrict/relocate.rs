//! Visits of routes without a crew go elsewhere, one by one, while everything else stays where it is.
//!
//! What [`super::learn`] teaches is put to a search that is free to change everything, and may find other routes without a
//! crew each time. Here only the visit that stands in the way is free: it is kept off that day, all others are pinned, and
//! the search finds the best place for the one. So each step leaves no more routes without a crew than before, or nothing
//! helps.

use std::collections::BTreeSet;

use super::Manned;
use super::learn::stand_in_the_way;
use crate::plan::{Drawn, PlanError, Prepared, crews, file_bytes, problem_file, problem_json, solve};
use crate::routing::problem::{PlannedFile, Problem};
use crate::routing::schedule::{Bound, CostLine, Schedule};
use crate::routing::solve::{Settings as SolveSettings, Watch};
use crate::travel::Matrix;

/// Most steps: a visit may have to try several days.
const MOST_STEPS: usize = 120;
/// Effort of the search for one place.
const EFFORT: u32 = 1;

/// Moves visits until every route has a crew or nothing helps; the restrictions that asked for it are added to `prepared`.
/// What was proven of the schedule before still holds: a problem with more restrictions costs no less.
pub(super) fn relocate(
    drawn: &Drawn,
    prepared: &mut Prepared,
    travel: &Matrix,
    settings: &SolveSettings,
    watch: &dyn Watch,
    from: Manned,
) -> Result<Manned, PlanError> {
    let sketch = SolveSettings { effort: EFFORT, prove: false, ..settings.clone() };
    let (run, tree) = (from.schedule.run.clone(), from.schedule.bound.clone());
    let mut made = prepared.restrictions.clone();
    let mut best = from;
    let mut now: Option<Manned> = None;
    for _ in 0..MOST_STEPS {
        let standing = now.as_ref().unwrap_or(&best);
        if standing.shortages.is_empty() || watch.stop().is_some() {
            break;
        }
        let found = stand_in_the_way(prepared, standing);
        if found.is_empty() {
            break;
        }
        let free: BTreeSet<String> = found.iter().map(|line| line.visit.clone()).collect();
        let schedule = standing.schedule.clone();
        prepared.restrictions.extend(found);
        let problem_json = problem_json(drawn, prepared, travel)?;
        let problem = Problem::from_json(&problem_json)?;
        let pinned = Problem::from_json(&with_pins(&problem_json, &schedule, &free)?)?;
        let mut schedule = solve(&pinned, &sketch, watch);
        schedule.problem_sha256.clone_from(&problem.sha256);
        schedule.cost = cost(&problem, &schedule);
        schedule.run = run.clone();
        schedule.bound = tree.as_ref().map(|b| Bound::new(b.value, schedule.cost.total, b.tree.clone()));
        let (crews, shortages) = crews(drawn, prepared, &problem, &schedule);
        let next = Manned { problem_json, problem, schedule, crews, shortages };
        if next.unvisited() < best.unvisited() {
            made.clone_from(&prepared.restrictions);
            best = next;
            now = None;
        } else {
            now = Some(next);
        }
    }
    prepared.restrictions = made;
    Ok(best)
}

/// The problem with all scheduled visits pinned where they are, but for those that are free.
fn with_pins(problem_json: &[u8], schedule: &Schedule, free: &BTreeSet<String>) -> Result<Vec<u8>, PlanError> {
    let mut file = problem_file(problem_json)?;
    for route in &schedule.routes {
        for line in route.visits.iter().filter(|line| !free.contains(&line.id)) {
            let Some(visit) = file.visits.iter_mut().find(|visit| visit.id == line.id) else { continue };
            visit.planned =
                Some(PlannedFile { day: route.day, team: route.team.clone(), price_day: 0, price_team: 0 });
            visit.pinned = true;
        }
    }
    Ok(file_bytes(&file))
}

/// What a schedule costs under a problem that it was not solved for.
fn cost(problem: &Problem, schedule: &Schedule) -> CostLine {
    let mut out = CostLine {
        team_days: schedule.routes.len() as i64,
        unscheduled: schedule.unscheduled.len() as i64,
        travel: schedule.routes.iter().map(|route| route.travel).sum(),
        ..CostLine::default()
    };
    for route in &schedule.routes {
        let team = problem.teams.iter().position(|team| team.id == route.team);
        let (Some(team), Ok(day)) = (team, problem.days.binary_search(&route.day)) else { continue };
        for line in &route.visits {
            let visit = problem.visits.iter().position(|visit| visit.id == line.id);
            out.change += visit.map_or(0, |visit| problem.change_price(visit, team, day));
        }
    }
    out.total = problem.cost.team_day * out.team_days
        + problem.cost.travel * out.travel
        + problem.cost.unscheduled * out.unscheduled
        + out.change;
    out
}
