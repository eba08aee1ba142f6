//! The search for the smallest cure: apply one, schedule again, see whether everything fits.
//!
//! More of a cure never hurts, so its size is doubled until everything fits and then bisected, with a low effort. At last
//! cures that are smaller by one are tried, with the effort of the plan where that is affordable. The work that all of this
//! may take is counted, never timed, so that the same plan gets the same diagnosis on every machine.

mod both;

use std::collections::BTreeSet;

use super::cure::{self, ExtraTeam};
use super::{
    Both, Cures, Diagnosis, Earlier, ExtraDay, FORMAT, Kind, LeftOut, OneLess, Search, TeamDays, left_out,
};
use crate::plan::{self, PlanError, Planned};
use crate::routing::check::admits;
use crate::routing::problem::Problem;
use crate::routing::schedule::{RouteLine, Schedule, Stopped};
use crate::routing::solve::{Settings, Watch};

/// Work allowed in all, in units of [`work`]; on a common machine some ten seconds.
const WORK: u64 = 40_000;
/// Coarse looks that half of it must suffice for.
const LOOKS: u64 = 16;

/// The work of one schedule: iterations grow with the root of the number of visits, and each tries the visits left out as
/// well as those it has taken out itself, the more slowly the more routes there are.
fn work(effort: u32, visits: u64, left_out: u64) -> u64 {
    (10 * u64::from(effort) + 3) * (visits.isqrt() + 4) * (10 + left_out) * (500 + visits) / 5_000
}

/// Diagnoses a plan; `None` where every visit has its date.
///
/// # Errors
/// [`PlanError`] if a problem cannot be compiled, or if the referee finds a mistake in a schedule of this program's own.
pub fn seek(
    planned: &Planned<'_>,
    settings: &Settings,
    watch: &dyn Watch,
) -> Result<Option<Diagnosis>, PlanError> {
    if planned.schedule.unscheduled.is_empty() {
        return Ok(None);
    }
    let visits = planned.prepared.visits.len() as u64;
    let half = planned.schedule.unscheduled.len() as u64 / 2;
    let coarse = (1..=3).rev().find(|effort| LOOKS * work(*effort, visits, half) <= WORK / 2).unwrap_or(0);
    let mut seeker = Seeker {
        planned,
        settings,
        watch,
        visits,
        left_out: left_out(planned)?,
        total: WORK,
        limit: WORK / 2,
        work: 0,
        spent: false,
        cut_short: false,
        search: Search {
            effort: coarse.min(settings.effort),
            application_opens: planned.drawn.read.notice.application_opens,
            ..Search::default()
        },
    };
    let mut earlier = seeker.earlier()?;
    seeker.allow(WORK * 3 / 4);
    let team_days = seeker.team_days()?;
    let helped = cure::helped_by_both(planned)?;
    let both = if seeker.suffices(Kind::Earlier, earlier.is_some(), &helped)
        || seeker.suffices(Kind::TeamDays, team_days.is_some(), &helped)
    {
        None
    } else {
        seeker.both(&helped)?
    };
    // A later look can find that the earlier start does alone.
    let both = both.and_then(|cure| if cure.n > 0 { Some(cure) } else { alone(cure, &mut earlier) });
    Ok(Some(Diagnosis {
        format: FORMAT.to_owned(),
        problem_sha256: planned.schedule.problem_sha256.clone(),
        first_day: planned.prepared.settings.first_day,
        left_out: seeker.left_out,
        cures: Cures { team_days, earlier, both },
        search: Search { cut_short: seeker.cut_short, ..seeker.search },
    }))
}

/// Passes on that somebody wants to stop, but no progress: it is that of one schedule of many.
struct Quiet<'a>(&'a dyn Watch);

impl Watch for Quiet<'_> {
    fn stop(&self) -> Option<Stopped> {
        self.0.stop()
    }
}

struct Seeker<'a> {
    planned: &'a Planned<'a>,
    settings: &'a Settings,
    watch: &'a dyn Watch,
    visits: u64,
    /// Work allowed up to the end, up to the end of this stage, and done so far.
    total: u64,
    limit: u64,
    work: u64,
    /// Whether work or patience ran out: then nothing further is found in this stage, and "not found" means nothing.
    spent: bool,
    /// Whether that happened in any stage.
    cut_short: bool,
    left_out: Vec<LeftOut>,
    search: Search,
}

/// What extra teams are added to.
struct Ground {
    /// The bytes of the problem: the plan's, or one that starts earlier.
    problem: Vec<u8>,
    /// Visits that more teams cannot help there.
    beyond: BTreeSet<String>,
}

/// A fitting schedule, with the extra team-days that it uses.
struct Draft {
    days: Vec<ExtraDay>,
    schedule: Schedule,
}

impl Seeker<'_> {
    /// The visits that a cure of this kind cannot help.
    fn beyond(&self, kind: Kind) -> BTreeSet<String> {
        self.left_out.iter().filter(|l| !l.curable_by.contains(&kind)).map(|l| l.id.clone()).collect()
    }

    /// Whether a cure of one kind, if found, makes everything fit that both together can.
    fn suffices(&self, kind: Kind, found: bool, helped: &BTreeSet<String>) -> bool {
        found && self.beyond(kind).is_disjoint(helped)
    }

    /// A schedule of the cured problem in which everything stands but what is beyond the cure.
    fn fitting(
        &mut self,
        problem: &Problem,
        beyond: &BTreeSet<String>,
        effort: u32,
    ) -> Result<Option<Schedule>, PlanError> {
        if self.spent || self.work >= self.limit {
            return Ok(self.stop());
        }
        self.search.schedules += 1;
        let settings = Settings { effort, prove: false, ..self.settings.clone() };
        let schedule = plan::solve(problem, &settings, &Quiet(self.watch));
        if self.watch.stop().is_some() {
            return Ok(self.stop());
        }
        self.work += work(effort, self.visits, schedule.unscheduled.len() as u64);
        plan::referee(problem, &schedule)?;
        let fits = schedule.unscheduled.iter().all(|line| beyond.contains(&line.id));
        Ok(fits.then_some(Schedule { bound: None, ..schedule }))
    }

    fn stop<T>(&mut self) -> Option<T> {
        (self.spent, self.cut_short) = (true, true);
        None
    }

    /// Begins a stage that may go on until so much work is done in all; one schedule is always allowed.
    fn allow(&mut self, limit: u64) {
        self.limit = limit.max(self.work + 1);
        self.spent = false;
    }

    /// The effort of the plan, if the work left allows so many schedules with it.
    fn fine(&self, schedules: usize) -> u32 {
        let left = self.total.saturating_sub(self.work);
        let plan = self.settings.effort;
        if work(plan, self.visits, 1) * schedules as u64 <= left { plan } else { self.search.effort }
    }

    fn helps(&self, kind: Kind) -> usize {
        self.left_out.iter().filter(|line| line.curable_by.contains(&kind)).count()
    }

    /// The least number of working days by which to start earlier.
    fn earlier(&mut self) -> Result<Option<Earlier>, PlanError> {
        let starts = cure::earlier_starts(self.planned);
        let most = starts.len();
        let start = |workdays: usize| starts[most - workdays];
        if self.helps(Kind::Earlier) == 0 {
            return Ok(None);
        }
        let coarse = self.search.effort;
        let beyond = self.beyond(Kind::Earlier);
        let attempt = |seeker: &mut Self, workdays: usize, effort: u32| {
            seeker.search.most_workdays_earlier = seeker.search.most_workdays_earlier.max(workdays);
            let problem = cure::starting(seeker.planned, start(workdays))?;
            seeker.fitting(&problem, &beyond, effort)
        };
        let (mut low, mut high) = (0, 1.min(most));
        let mut best = loop {
            if high == low {
                return Ok(None);
            }
            if let Some(schedule) = attempt(self, high, coarse)? {
                break schedule;
            }
            (low, high) = (high, (2 * high).min(most));
        };
        while high - low > 1 && !self.spent {
            let middle = usize::midpoint(low, high);
            match attempt(self, middle, coarse)? {
                Some(schedule) => (high, best) = (middle, schedule),
                None => low = middle,
            }
        }
        let mut effort = self.settings.effort;
        while high > 1 {
            self.allow(self.limit);
            effort = self.fine(1);
            match attempt(self, high - 1, effort)? {
                Some(schedule) => (high, best) = (high - 1, schedule),
                None => break,
            }
        }
        let stopped = self.spent && high > 1;
        let one_less = if stopped { OneLess::NotTried } else { OneLess::NotFound { effort, ways: 1 } };
        Ok(Some(Earlier { workdays: high, first_day: start(high), one_less, schedule: best }))
    }

    /// The least number of extra team-days.
    fn team_days(&mut self) -> Result<Option<TeamDays>, PlanError> {
        let most = self.helps(Kind::TeamDays);
        let ground = &Ground { problem: self.planned.problem_json.to_vec(), beyond: self.beyond(Kind::TeamDays) };
        let found = self.enough_teams(ground, most, |search, each| search.most_extra_teams = each)?;
        let Some((_, found)) = found else { return Ok(None) };
        let best = self.fewer(ground, found)?;
        let (best, one_less) = self.one_less(ground, best)?;
        let crew = self.planned.prepared.settings.crew;
        let n = best.days.len();
        Ok(Some(TeamDays { n, crew, days: best.days, one_less, schedule: best.schedule }))
    }

    /// A fitting schedule with these extra teams, cut down to the team-days that it needs.
    fn with(&mut self, ground: &Ground, extra: &[ExtraTeam], effort: u32) -> Result<Option<Draft>, PlanError> {
        let problem = cure::with_teams(self.planned, &ground.problem, extra)?;
        match self.fitting(&problem, &ground.beyond, effort)? {
            Some(schedule) => cut_down(self.planned, ground, extra, &problem, &schedule).map(Some),
            None => Ok(None),
        }
    }

    /// The same with so many extra teams at every base on every day.
    fn with_everywhere(&mut self, ground: &Ground, each: usize, effort: u32) -> Result<Option<Draft>, PlanError> {
        self.with(ground, &cure::everywhere(&ground.problem, each)?, effort)
    }

    /// Doubles the extra teams at every base on every day, up to `most`, until everything fits: how many, and the schedule.
    /// `tried` puts each number on record.
    fn enough_teams(
        &mut self,
        ground: &Ground,
        most: usize,
        tried: impl Fn(&mut Search, usize),
    ) -> Result<Option<(usize, Draft)>, PlanError> {
        let mut each = 1;
        while !self.spent && each <= most {
            tried(&mut self.search, each);
            if let Some(draft) = self.with_everywhere(ground, each, self.search.effort)? {
                return Ok(Some((each, draft)));
            }
            each = if each < most { (2 * each).min(most) } else { most + 1 };
        }
        Ok(None)
    }

    /// Bisects the team-days of a draft, the busiest first.
    fn fewer(&mut self, ground: &Ground, mut best: Draft) -> Result<Draft, PlanError> {
        let mut low = 0;
        let mut order = busiest_first(&best.days);
        while order.len() > low + 1 && !self.spent {
            let middle = usize::midpoint(low, order.len());
            match self.with(ground, &order[..middle], self.search.effort)? {
                Some(draft) => {
                    order = busiest_first(&draft.days);
                    best = draft;
                }
                None => low = middle,
            }
        }
        Ok(best)
    }

    /// Leaves out each of the team-days in turn, the idlest first, until none can be left out.
    fn one_less(&mut self, ground: &Ground, mut best: Draft) -> Result<(Draft, OneLess), PlanError> {
        loop {
            let days = busiest_first(&best.days);
            // Without the only one the plan stands as it is, and that is what did not fit.
            if days.is_empty() || days.len() == 1 && ground.problem == self.planned.problem_json {
                return Ok((best, OneLess::NotFound { effort: self.settings.effort, ways: 1 }));
            }
            self.allow(self.total);
            let effort = self.fine(days.len());
            let (mut smaller, mut ways) = (None, 0);
            for at in (0..days.len()).rev() {
                let mut rest = days.clone();
                rest.remove(at);
                smaller = self.with(ground, &rest, effort)?;
                if smaller.is_some() || self.spent {
                    break;
                }
                ways += 1;
            }
            match smaller {
                Some(draft) => best = draft,
                None if ways == 0 => return Ok((best, OneLess::NotTried)),
                None => return Ok((best, OneLess::NotFound { effort, ways })),
            }
        }
    }
}

/// Takes a cure of both kinds that needs no team-day for what it is, an earlier start, unless there is one already.
fn alone(cure: Both, earlier: &mut Option<Earlier>) -> Option<Both> {
    let Both { workdays, first_day, one_workday_less: one_less, schedule, .. } = cure;
    earlier.get_or_insert(Earlier { workdays, first_day, one_less, schedule });
    None
}

fn busiest_first(days: &[ExtraDay]) -> Vec<ExtraTeam> {
    let mut days: Vec<&ExtraDay> = days.iter().collect();
    days.sort_by_key(|day| std::cmp::Reverse(day.visits));
    days.into_iter().map(ExtraTeam::from).collect()
}

/// Moves routes of extra teams to idle teams of the plan where those may make them; what is left are the team-days needed,
/// each with an expert only where a visit asks for one.
fn cut_down(
    planned: &Planned<'_>,
    ground: &Ground,
    extra: &[ExtraTeam],
    problem: &Problem,
    schedule: &Schedule,
) -> Result<Draft, PlanError> {
    let own = problem.teams.len() - extra.len();
    let index = |id: &str| problem.teams.iter().position(|t| t.id == id).unwrap_or_default();
    let (mut routes, extra_routes): (Vec<RouteLine>, Vec<RouteLine>) =
        schedule.routes.iter().cloned().partition(|route| index(&route.team) < own);
    let mut taken: BTreeSet<_> = routes.iter().map(|r| (index(&r.team), r.day)).collect();
    let mut days = Vec::new();
    for mut route in extra_routes {
        let visits: Vec<usize> =
            route.visits.iter().filter_map(|line| problem.visits.iter().position(|v| v.id == line.id)).collect();
        let base = problem.teams[index(&route.team)].base;
        let idle = (0..own).filter(|team| problem.teams[*team].base == base).find_map(|team| {
            let free = |day: &usize| !taken.contains(&(team, problem.days[*day]));
            let day = (0..problem.days.len()).filter(free).find(|day| admits(problem, team, *day, &visits))?;
            Some((team, problem.days[day]))
        });
        if let Some((team, day)) = idle {
            taken.insert((team, day));
            (route.team, route.day) = (problem.teams[team].id.clone(), day);
        } else {
            days.extend(cure::extra_day(problem, &route));
            route.team = cure::extra_id(days.len());
        }
        routes.push(route);
    }
    routes.sort_by(|a, b| (a.day, &a.team).cmp(&(b.day, &b.team)));
    let teams: Vec<ExtraTeam> = days.iter().map(ExtraTeam::from).collect();
    let problem = cure::with_teams(planned, &ground.problem, &teams)?;
    let mut cost = schedule.cost;
    cost.total = problem.cost.team_day * cost.team_days
        + problem.cost.travel * cost.travel
        + problem.cost.unscheduled * cost.unscheduled
        + cost.change;
    let schedule = Schedule { problem_sha256: problem.sha256.clone(), routes, cost, ..schedule.clone() };
    plan::referee(&problem, &schedule)?;
    Ok(Draft { days, schedule })
}
