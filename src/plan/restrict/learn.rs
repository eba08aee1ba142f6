//! What a shortage of crews teaches: which visits to keep apart.
//!
//! Where one route has no crew by itself, two of its visits are given to different teams of the base: as these are
//! interchangeable, that costs next to nothing. Where only several routes together have none, a visit is kept off that
//! day. Where either happens again and again at a base, a whole line-up of its inspectors is thought of ([`super::lineup`]),
//! and each of its teams keeps away from what its members may not check: then every schedule has crews at least on days
//! when nobody is away.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::lineup::Lineup;
use super::{Manned, Restriction};
use crate::crews::{self as lot, Earlier, Rules, Shortage, Task};
use crate::frame::Applicant;
use crate::plan::{Prepared, rules, tasks};
use crate::routing::problem::Problem;

/// Shortages at a base after which a line-up is thought of.
const PATIENCE: usize = 4;
/// As many days without a crew are worth more than a day off each.
const MANY_DAYS: usize = 3;
/// After so many days at one base a visit is kept away from the base.
const DAYS_AT_A_BASE: usize = 3;

/// Adds restrictions for each shortage; false if nothing helps any more.
pub(super) fn learn(prepared: &mut Prepared, manned: &Manned) -> bool {
    let tasks = tasks(&prepared.visits, &manned.problem, &manned.schedule);
    let scene = Scene::new(prepared, &manned.problem);
    let mut found: Vec<Restriction> = Vec::new();
    let mut superseded: BTreeSet<String> = BTreeSet::new();
    let mut bases = BTreeSet::new();
    for shortage in &manned.shortages {
        // Several days of one base mostly teach the same.
        let Some(first) = shortage.routes.first() else { continue };
        if bases.insert(tasks[*first].base) {
            let (lines, lined_up) = scene.restrictions(&tasks, shortage);
            found.extend(lines);
            superseded.extend(lined_up.then(|| tasks[*first].base.to_owned()));
        }
    }
    drop(tasks);
    let learned = !found.is_empty();
    prepared.restrictions.retain(|line| line.teams.is_empty() || !superseded.contains(&line.base));
    prepared.restrictions.extend(found);
    learned
}

/// For each shortage the visit that had best be kept off that day; none where it could be made nowhere else.
pub(super) fn stand_in_the_way(prepared: &Prepared, manned: &Manned) -> Vec<Restriction> {
    let tasks = tasks(&prepared.visits, &manned.problem, &manned.schedule);
    let scene = Scene::new(prepared, &manned.problem);
    let routes = |shortage: &Shortage| shortage.routes.iter().map(|at| tasks[*at].clone()).collect::<Vec<_>>();
    manned.shortages.iter().filter_map(|shortage| scene.off(&routes(shortage))).collect()
}

/// A visit and the teams that it is to avoid.
type Side = (usize, Vec<usize>);

struct Scene<'s> {
    prepared: &'s Prepared,
    problem: &'s Problem,
    rules: Rules,
    visits: BTreeMap<&'s str, usize>,
    applicants: BTreeMap<&'s str, &'s Applicant>,
}

impl<'s> Scene<'s> {
    fn new(prepared: &'s Prepared, problem: &'s Problem) -> Self {
        Self {
            prepared,
            problem,
            rules: rules(&prepared.settings),
            visits: problem.visits.iter().enumerate().map(|(at, visit)| (visit.id.as_str(), at)).collect(),
            applicants: prepared.visits.iter().map(|a| (a.code.as_str(), a)).collect(),
        }
    }

    /// What a shortage asks for, and whether that is a whole line-up of the base.
    fn restrictions(&self, tasks: &[Task<'_>], shortage: &Shortage) -> (Vec<Restriction>, bool) {
        let routes: Vec<Task<'_>> = shortage.routes.iter().map(|at| tasks[*at].clone()).collect();
        let base = routes[0].base;
        let earlier = self.prepared.restrictions.iter().filter(|r| r.base == base);
        let lessons: BTreeSet<_> = earlier.map(|r| (r.day, &r.routes)).collect();
        if lessons.len() == PATIENCE {
            let found = self.line_up(&routes);
            if !found.is_empty() {
                return (found, true);
            }
        }
        let apart = if let [route] = &routes[..] { self.apart(route) } else { Vec::new() };
        (if apart.is_empty() { self.off(&routes).into_iter().collect() } else { apart }, false)
    }

    /// Each team of a line-up keeps away from what its members may not check.
    fn line_up(&self, routes: &[Task<'_>]) -> Vec<Restriction> {
        let base = routes[0].base;
        let Some(lineup) = Lineup::of(self.prepared, self.problem, base) else { return Vec::new() };
        let mut found: Vec<Restriction> = Vec::new();
        for (visit, team) in lineup.keeps_away() {
            let id = &self.problem.visits[visit].id;
            let mut line = restriction(id, routes);
            line.teams = vec![self.problem.teams[team].id.clone()];
            found.push(line);
        }
        found
    }

    /// Two visits of a route that has no crew by itself on many days are given to different teams of the base, or one of
    /// them to other bases; nothing if that cannot be.
    fn apart(&self, route: &Task<'_>) -> Vec<Restriction> {
        let core = self.core(route);
        let bad = self.problem.days.iter().filter(|day| !self.admit(&[self.part(route, &core, **day)])).count();
        if core.len() < 2 || bad < MANY_DAYS {
            return Vec::new();
        }
        let of_base = |team: &usize| self.problem.bases[self.problem.teams[*team].base] == route.base;
        let mut best: Option<(u64, Vec<Side>)> = None;
        let mut consider = |sides: Vec<Side>| {
            // What is left to a visit, in thousandths of what it had.
            let left = |(visit, avoid): &Side| {
                let all: usize = (0..self.problem.teams.len()).map(|team| self.days(*visit, team)).sum();
                let lost: usize = avoid.iter().map(|team| self.days(*visit, *team)).sum();
                (all - lost) as u64 * 1000 / all.max(1) as u64
            };
            let worth: u64 = sides.iter().map(left).product();
            let possible = sides.iter().all(|side| left(side) > 0);
            if possible && best.as_ref().is_none_or(|(most, _)| worth > *most) {
                best = Some((worth, sides));
            }
        };
        let teams: Vec<usize> = (0..self.problem.teams.len()).filter(of_base).collect();
        let index = |place: &usize| self.visits.get(route.visits[*place].0.as_str()).copied();
        for (nth, a) in core.iter().enumerate() {
            for b in &core[nth + 1..] {
                let (Some(a), Some(b)) = (index(a), index(b)) else { continue };
                let sides = self.sides([a, b], &teams);
                consider(vec![(a, sides[0].clone()), (b, sides[1].clone())]);
                for one in [a, b] {
                    let of_one = teams.iter().copied().filter(|team| self.days(one, *team) > 0);
                    consider(vec![(one, of_one.collect()), (if one == a { b } else { a }, Vec::new())]);
                }
            }
        }
        let sides = best.map(|(_, sides)| sides).unwrap_or_default();
        let sides = sides.into_iter().filter(|(_, avoid)| !avoid.is_empty());
        sides
            .map(|(visit, avoid)| {
                let routes = [self.part(route, &core, route.day)];
                let mut line = restriction(&self.problem.visits[visit].id, &routes);
                line.teams = avoid.into_iter().map(|team| self.problem.teams[team].id.clone()).collect();
                line
            })
            .collect()
    }

    /// The teams that each of two visits has to avoid, so that none may make both and each keeps as many days as can be.
    fn sides(&self, pair: [usize; 2], teams: &[usize]) -> [Vec<usize>; 2] {
        let mut days = pair.map(|_| 0);
        let mut avoid = [Vec::new(), Vec::new()];
        let mut common = Vec::new();
        for team in teams {
            match pair.map(|visit| self.days(visit, *team)) {
                [0, 0] => {}
                [a, 0] => days[0] += a,
                [0, b] => days[1] += b,
                [a, b] => common.push((Reverse(a.min(b)), *team)),
            }
        }
        common.sort_unstable();
        for (_, team) in common {
            let to = usize::from(days[1] < days[0]);
            days[to] += self.days(pair[to], team);
            avoid[1 - to].push(team);
        }
        avoid
    }

    /// On how many days a team may make a visit.
    fn days(&self, visit: usize, team: usize) -> usize {
        (0..self.problem.days.len()).filter(|day| self.problem.allows(visit, team, *day)).count()
    }

    /// Places of visits of a route that have no crew together, and do without any one of them.
    fn core(&self, route: &Task<'_>) -> Vec<usize> {
        let mut core: Vec<usize> = (0..route.visits.len()).collect();
        for place in (0..route.visits.len()).rev() {
            let rest: Vec<usize> = core.iter().copied().filter(|other| *other != place).collect();
            if !rest.is_empty() && !self.admit(&[self.part(route, &rest, route.day)]) {
                core = rest;
            }
        }
        core
    }

    /// A route with some of its visits alone, on a day.
    fn part<'t>(&self, route: &Task<'t>, places: &[usize], day: NaiveDate) -> Task<'t> {
        let visits: Vec<_> = places.iter().map(|place| route.visits[*place]).collect();
        let star = |code: &str| self.applicants.get(code).map(|applicant| applicant.star);
        let expert =
            visits.iter().any(|(c, _)| star(c.as_str()).is_some_and(|s| self.prepared.experts.contains(&s)));
        Task { day, expert, visits, ..route.clone() }
    }

    /// Keeps off that visit which has the most other days, of those without which the crews are found; where that
    /// happened on several days already, away from the base.
    fn off(&self, routes: &[Task<'_>]) -> Option<Restriction> {
        let first = &routes[0];
        let day = self.problem.days.iter().position(|d| *d == first.day)?;
        let here = |team: usize| self.problem.bases[self.problem.teams[team].base] == first.base;
        let mut best = None;
        for (nth, route) in routes.iter().enumerate() {
            for place in 0..route.visits.len() {
                let code = route.visits[place].0;
                let Some(visit) = self.visits.get(code.as_str()).copied() else { continue };
                let teams = || 0..self.problem.teams.len();
                let other_bases: usize =
                    teams().filter(|team| !here(*team)).map(|team| self.days(visit, team)).sum();
                let other_days = (0..self.problem.days.len())
                    .filter(|d| *d != day && teams().any(|team| self.problem.allows(visit, team, *d)))
                    .count();
                let before = self.prepared.restrictions.iter();
                let before = before.filter(|r| r.visit == code.as_str() && r.base == first.base).count();
                let for_good = before >= DAYS_AT_A_BASE && other_bases > 0;
                let left = if for_good { other_bases } else { other_days };
                if left == 0 {
                    continue;
                }
                let rest: Vec<usize> = (0..route.visits.len()).filter(|other| *other != place).collect();
                let mut without = routes.to_vec();
                without[nth] = self.part(route, &rest, route.day);
                without.retain(|route| !route.visits.is_empty());
                let key = (self.admit(&without), left, Reverse(code));
                if best.as_ref().is_none_or(|(other, _)| key > *other) {
                    best = Some((key, for_good));
                }
            }
        }
        let ((_, _, Reverse(code)), for_good) = best?;
        let mut line = restriction(code.as_str(), routes);
        if for_good {
            let teams = (0..self.problem.teams.len()).filter(|team| here(*team));
            line.teams = teams.map(|team| self.problem.teams[team].id.clone()).collect();
        }
        Some(line)
    }

    /// Whether routes of one base and day find crews.
    fn admit(&self, routes: &[Task<'_>]) -> bool {
        lot::assign("", routes, &self.prepared.roster.inspectors, self.rules, Earlier::default()).1.is_empty()
    }
}

/// The visit off that day, because of these routes.
fn restriction(visit: &str, routes: &[Task<'_>]) -> Restriction {
    let codes = |route: &Task<'_>| route.visits.iter().map(|(code, _)| code.to_string()).collect();
    Restriction {
        visit: visit.to_owned(),
        base: routes[0].base.to_owned(),
        day: routes[0].day,
        teams: Vec::new(),
        routes: routes.iter().map(codes).collect(),
    }
}
