//! The method, in order: construct and search by ruin and recreate (`search`); prove a bound by branch and price, which
//! finds better schedules on the way (`columns`); place the routes on teams and days ([`super::placement`]); write down.
//!
//! Several chains of ruin and recreate run for a number of iterations that depends on problem and effort alone, meet after
//! each round and go on from the best. Chains, not threads, are counted, and results are combined in their order: the same
//! problem, seed and effort give the same schedule on any number of threads.

use std::thread;

use rand::{Rng, SeedableRng};

use super::certificate::Tree;
use super::columns::{self, Keeper, Routes};
use super::placement::{self, Candidate};
use super::problem::Problem;
use super::route::{Route, Timing};
use super::schedule::{self, Bound, CostLine, Reason, RouteLine, Run, Schedule, Stopped, Unscheduled, VisitLine};
use super::search::{Chain, Found, Ground, SlotSet, Slots};
use super::{Cost, Seconds};

/// Chains of the search; fixed, so that threads do not matter.
const CHAINS: usize = 2;
/// Rounds after which chains compare notes.
const ROUNDS: u64 = 10;
/// Share of a time limit that the first search may take before the proof; with long routes columns help less.
const SEARCH_SHARE: [f64; 2] = [0.12, 0.5];
/// Visits below which that share shrinks in proportion: few visits are soon searched through.
const FEW_VISITS: f64 = 150.0;
/// The part of a usual search, as a divisor, that tells how many iterations a time limit allows.
const TRIAL: u64 = 8;
/// Iterations of each chain that polish a schedule.
const POLISH: u64 = 5_000;
/// Further iterations of each chain that polish, for each visit.
const POLISH_EACH: u64 = 30;
/// Polishes in vain after which the next is half as long, and how often that may happen.
const VAIN: u32 = 2;
const SHORTEST: u32 = 3;
/// Iterations of each chain that look for room in fewer routes.
const SQUEEZE: u64 = 1_000;
/// Further ones, for each visit.
const SQUEEZE_EACH: u64 = 10;
/// Steps of the proof that an iteration of all chains takes as long as.
const STEPS_OF_ITERATION: u64 = 5_000;
/// Visits without a route for which room in so few is still looked for.
const MOST_HOMELESS: usize = 8;
/// Largest effort.
pub const MAX_EFFORT: u32 = 100;
/// Effort where none is asked for.
pub const DEFAULT_EFFORT: u32 = 10;

/// What whoever waits for a schedule can see and do. The clock is theirs: nothing in here reads it.
pub trait Watch: Sync {
    /// Why to stop now, if at all. Asked often.
    fn stop(&self) -> Option<Stopped> {
        None
    }

    /// The share of the time limit that is spent, 0 to 1; `None` without a limit.
    fn spent(&self) -> Option<f64> {
        None
    }

    /// Told now and then: share of the search done (0 to 1), the best cost so far, and the best bound once there is one.
    fn progress(&self, _done: f64, _cost: Cost, _bound: Option<Cost>) {}
}

/// Nobody watches: the search runs to its end.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

impl Watch for Unwatched {}

/// How to solve.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Seed of the search, for the record; the generator is made from it by the caller.
    pub seed: String,
    /// 0: construction only; each unit adds the same number of iterations.
    pub effort: u32,
    /// Threads to use, at least 1.
    pub threads: usize,
    /// Whether to look for a bound and for what its columns tell; else the first search is all.
    pub prove: bool,
}

/// Solves `problem` with draws from `generator`.
///
/// The schedule is always feasible, and no visit is left out that an insertion could place at no higher cost, moving one
/// other route to a free slot at most.
pub fn solve<R: Rng + SeedableRng + Send>(
    problem: &Problem,
    settings: &Settings,
    generator: &mut R,
    watch: &dyn Watch,
) -> Schedule {
    let timing = Timing::new(problem);
    let slots = Slots::new(problem);
    let ground = Ground::new(&timing, &slots);
    let generators: Vec<R> = (0..CHAINS).map(|_| R::from_rng(generator)).collect();
    let chains = generators.into_iter().map(|g| Chain::new(&ground, g)).collect();
    let mut crowd = Crowd {
        chains,
        timing: &timing,
        slots: &slots,
        threads: settings.threads,
        watch,
        bound: None,
        in_vain: 0,
    };
    let classes = settings.prove.then(|| columns::Classes::new(problem, &slots));
    let prover = classes.as_ref().and_then(|classes| columns::Prover::new(&timing, classes, settings.threads));
    let bound = if let Some(prover) = prover {
        let share = SEARCH_SHARE[usize::from(prover.long_routes())];
        let share =
            if prover.long_routes() { share } else { share * (problem.visits.len() as f64 / FEW_VISITS).min(1.0) };
        if watch.spent().is_some() {
            crowd.fill(iterations(problem, settings.effort.min(DEFAULT_EFFORT)), share);
        } else {
            crowd.search(iterations(problem, settings.effort), 1.0);
        }
        let seen = crowd.take_seen();
        let (start, budget) = (crowd.best(), steps(problem, settings.effort));
        let clock = columns::Clock { stop: &|| watch.stop().is_some(), spent: &|| watch.spent() };
        let bound = prover.prove(start, &seen, &mut crowd, budget, clock);
        // What is left of a time limit goes into further searches, each from a higher temperature down.
        if bound.0 < crowd.best().1 && watch.spent().is_some() {
            while watch.stop().is_none() {
                crowd.search_again(iterations(problem, settings.effort).max(1), f64::INFINITY);
            }
        }
        Some(bound)
    } else {
        crowd.search(iterations(problem, settings.effort), 1.0);
        None
    };
    let stopped = watch.stop();
    write_down(problem, settings, &timing, &slots, (crowd.finish(), bound), stopped)
}

/// Budget of the proof in steps of about 3 ns: in proportion to effort, 30 s for 100 visits and 60 s for 400 at the
/// default.
fn steps(problem: &Problem, effort: u32) -> u64 {
    u64::from(effort) * (19 + problem.visits.len() as u64 / 9).min(110) * 30_000_000
}

/// Iterations of one chain: in proportion to effort and, so that large problems end too, to the root of their size.
fn iterations(problem: &Problem, effort: u32) -> u64 {
    let n = problem.visits.len();
    if n < 2 { 0 } else { u64::from(effort) * 1500 * ((n as f64).sqrt() as u64 + 4) }
}

/// The chains of the search, and what they found.
struct Crowd<'a, R> {
    chains: Vec<Chain<'a, R>>,
    timing: &'a Timing<'a>,
    slots: &'a Slots<'a>,
    threads: usize,
    watch: &'a dyn Watch,
    bound: Option<Cost>,
    /// Schedules polished in vain since the last better one.
    in_vain: u32,
}

impl<R: Rng + Send> Crowd<'_, R> {
    /// Runs all chains from iteration `from` to `to` of `all`.
    fn run(&mut self, from: u64, to: u64, all: u64, enough: &(dyn Fn() -> bool + Sync)) {
        self.each(|chain| chain.run(from, to, all, &enough));
    }

    /// Has every chain do the same, and hands back what each came to, in their order.
    fn each<T: Send>(&mut self, work: impl Fn(&mut Chain<'_, R>) -> T + Sync) -> Vec<T> {
        if self.threads <= 1 {
            return self.chains.iter_mut().map(work).collect();
        }
        thread::scope(|scope| {
            let work = &work;
            let jobs: Vec<_> = self.chains.iter_mut().map(|chain| scope.spawn(move || work(chain))).collect();
            jobs.into_iter().map(|job| job.join().expect("a search does not panic")).collect()
        })
    }

    /// The first search, in rounds after which the chains go on from the best.
    fn search(&mut self, all: u64, share: f64) {
        let watch = self.watch;
        let enough = || Self::enough(watch, share);
        for round in 0..ROUNDS {
            let (from, to) = (all * round / ROUNDS, all * (round + 1) / ROUNDS);
            if enough() {
                return;
            }
            self.run(from, to, all, &enough);
            let best = self.best_chain();
            let (cost, state) = (self.chains[best].best_cost(), self.chains[best].best().clone());
            watch.progress((round + 1) as f64 / ROUNDS as f64, cost, None);
            for chain in self.chains.iter_mut().filter(|chain| chain.best_cost() > cost) {
                chain.adopt(&state);
            }
        }
    }

    /// A search as long as a share of the time limit allows. How many iterations fit is not known beforehand: a trial, a part
    /// of a usual search long, tells.
    fn fill(&mut self, usual: u64, share: f64) {
        let (begin, trial) = (self.watch.spent().unwrap_or(share), usual.div_ceil(TRIAL));
        self.search(trial, share);
        let now = self.watch.spent().unwrap_or(share);
        if now < share {
            let times = (share - now) / (now - begin).max(1e-6);
            self.search((trial as f64 * times) as u64, share);
        }
    }

    /// Whether to stop, or a share of the time limit is spent.
    fn enough(watch: &dyn Watch, share: f64) -> bool {
        watch.stop().is_some() || watch.spent().is_some_and(|spent| spent > share)
    }

    /// Another search from the best schedule, with half of the first one's heat.
    fn search_again(&mut self, all: u64, share: f64) {
        let watch = self.watch;
        let best = self.best_chain();
        let state = self.chains[best].best().clone();
        self.chains.iter_mut().for_each(|chain| chain.adopt(&state));
        self.run(all / 2, all, all, &|| Self::enough(watch, share));
        let cost = self.best_cost();
        watch.progress(1.0, cost, self.bound);
    }

    /// Where routes are fewer than in the best schedule but leave out more, whether the chains find room for all in so few;
    /// they go on from there. Tells, too, how many iterations that took at most.
    fn squeeze(&mut self, placed: &[(Route, usize)]) -> (bool, u64) {
        let best = self.chains[self.best_chain()].best();
        let (count, absent) = (best.count(), best.absent.len());
        let made: usize = placed.iter().map(|(route, _)| route.visits.len()).sum();
        let n = self.timing.problem.visits.len();
        if placed.len() >= count || n - made > absent + MOST_HOMELESS {
            return (false, 0);
        }
        if n - made <= absent {
            // Fewer routes that leave out no more are new ground.
            self.in_vain = 0;
            return (false, 0);
        }
        let all = SQUEEZE + SQUEEZE_EACH * n as u64;
        let watch = self.watch;
        let found = self.each(|chain| chain.squeeze(placed.to_vec(), absent, all, &|| watch.stop().is_some()));
        let of = |at: &usize| (self.chains[*at].present().cost, *at);
        let Some(first) = (0..found.len()).filter(|at| found[*at]).min_by_key(of) else { return (false, all) };
        let state = self.chains[first].present().clone();
        self.chains.iter_mut().for_each(|chain| chain.follow(&state));
        (true, all)
    }

    fn best_chain(&self) -> usize {
        (0..self.chains.len()).min_by_key(|c| (self.chains[*c].best_cost(), *c)).unwrap_or_default()
    }

    fn best_cost(&self) -> Cost {
        self.chains[self.best_chain()].best_cost()
    }

    /// Routes and cost of the best schedule.
    fn best(&self) -> (Routes, Cost) {
        let chain = &self.chains[self.best_chain()];
        let routes = chain.best().placed().map(|(_, p)| (p.route.base, p.route.visits.clone())).collect();
        (routes, chain.best_cost())
    }

    fn take_seen(&mut self) -> Routes {
        self.chains.iter_mut().flat_map(Chain::take_seen).collect()
    }

    fn finish(mut self) -> Found {
        let best = self.best_chain();
        self.chains.swap_remove(best).finish()
    }
}

impl<R: Rng + Send> Keeper for Crowd<'_, R> {
    fn offer(&mut self, routes: Routes) -> (Cost, Routes, u64) {
        let n = self.timing.problem.visits.len();
        // Columns may cover a visit twice.
        let routes = Route::disjoint(self.timing, routes);
        let candidates: Vec<Candidate<'_>> =
            routes.iter().map(|route| Candidate::new(self.slots, route)).collect();
        let placed = placement::assign(self.slots, &candidates);
        let placed: Vec<(Route, usize)> =
            routes.iter().zip(placed).filter_map(|(route, slot)| Some((route.clone(), slot?))).collect();
        let before = self.best_cost();
        let (squeezed, tried) = self.squeeze(&placed);
        if !squeezed {
            for chain in &mut self.chains {
                chain.restart(placed.clone());
            }
        }
        let watch = self.watch;
        // The last, cool part of a search.
        let half = (POLISH + POLISH_EACH * n as u64) >> (self.in_vain / VAIN).min(SHORTEST);
        let all = half * 2;
        self.run(half, all, all, &|| watch.stop().is_some());
        let seen = self.take_seen();
        let cost = self.best_cost();
        self.in_vain = if cost < before { 0 } else { self.in_vain + 1 };
        watch.progress(1.0, cost, self.bound);
        (cost, seen, (tried + half) * STEPS_OF_ITERATION)
    }

    fn count(&self) -> usize {
        self.chains[self.best_chain()].best().count()
    }

    fn best(&self) -> Routes {
        Crowd::best(self).0
    }

    fn bounded(&mut self, bound: Cost) {
        self.bound = Some(bound);
        self.watch.progress(1.0, self.best_cost(), self.bound);
    }
}

/// Places the routes, computes times and sums.
fn write_down(
    problem: &Problem,
    settings: &Settings,
    timing: &Timing<'_>,
    slots: &Slots<'_>,
    (mut found, bound): (Found, Option<(Cost, Tree)>),
    stopped: Option<Stopped>,
) -> Schedule {
    // A fixed order of routes makes placement independent of how they were found.
    found.routes.sort_by(|a, b| a.0.visits.cmp(&b.0.visits));
    let candidates: Vec<Candidate<'_>> =
        found.routes.iter().map(|(route, _)| Candidate::new(slots, route)).collect();
    let placed = placement::place(slots, &candidates, problem.placement);
    let mut routes: Vec<(usize, &Route)> = match &placed {
        Some(at) => at.iter().copied().zip(found.routes.iter().map(|(r, _)| r)).collect(),
        None => found.routes.iter().map(|(r, slot)| (*slot, r)).collect(),
    };
    let order = |slot: usize| {
        let (day, team) = slots.day_team(slot);
        (day, &problem.teams[team].id)
    };
    routes.sort_by(|a, b| order(a.0).cmp(&order(b.0)));

    let mut cost =
        CostLine { team_days: routes.len() as i64, unscheduled: found.absent.len() as i64, ..CostLine::default() };
    let lines = routes
        .iter()
        .map(|(slot, route)| {
            let (day, team) = slots.day_team(*slot);
            cost.travel += route.travel;
            cost.change += slots.route_price(&route.visits, *slot);
            route_line(problem, timing, route, team, day)
        })
        .collect();
    cost.total = problem.cost.team_day * cost.team_days
        + problem.cost.travel * cost.travel
        + problem.cost.unscheduled * cost.unscheduled
        + cost.change;
    debug_assert!(cost.total <= found.cost);
    Schedule {
        format: schedule::FORMAT.to_owned(),
        problem_sha256: problem.sha256.clone(),
        routes: lines,
        unscheduled: found
            .absent
            .iter()
            .map(|visit| Unscheduled {
                id: problem.visits[*visit as usize].id.clone(),
                reason: reason(timing, slots, *visit as usize),
            })
            .collect(),
        cost,
        bound: bound.map(|(value, tree)| Bound::new(value, cost.total, tree)),
        run: Run {
            seed: settings.seed.clone(),
            effort: settings.effort,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            stopped,
        },
    }
}

fn route_line(problem: &Problem, timing: &Timing<'_>, route: &Route, team: usize, day: usize) -> RouteLine {
    let mut visits: Vec<VisitLine> = Vec::with_capacity(route.visits.len());
    let (mut node, mut clock): (usize, Option<Seconds>) = (route.base, None);
    let mut depart = problem.shift.start;
    for (visit, start) in route.visits.iter().zip(route.starts(timing)) {
        let visit = *visit as usize;
        let here = problem.node(visit);
        let leg = problem.travel(node, here);
        if clock.is_none() {
            depart = start - leg;
        }
        let arrive = clock.map_or(start, |clock| clock + leg);
        let end = start + problem.visits[visit].service;
        visits.push(VisitLine { id: problem.visits[visit].id.clone(), arrive, start, end });
        (node, clock) = (here, Some(end));
    }
    RouteLine {
        team: problem.teams[team].id.clone(),
        day: problem.days[day],
        depart,
        back: clock.unwrap_or(depart) + problem.travel(node, route.base),
        travel: route.travel,
        visits,
    }
}

/// Why a visit stands in no route, as far as the solver knows.
fn reason(timing: &Timing<'_>, slots: &Slots<'_>, visit: usize) -> Reason {
    let problem = timing.problem;
    let v = &problem.visits[visit];
    let pinned_to = v.planned.filter(|_| v.pinned).map(|p| p.team);
    if !(0..problem.teams.len()).any(|t| problem.suits(visit, t) && pinned_to.is_none_or(|p| p == t)) {
        return Reason::NoTeam;
    }
    if slots.of_visit[visit].iter().next().is_none() {
        return Reason::NoDay;
    }
    if !timing.has_start(visit) {
        return Reason::NoWindow;
    }
    let alone = |base: usize| {
        let usable = SlotSet::common([&slots.of_visit[visit], &slots.of_base[base]]).next().is_some();
        usable && Route::new(timing, base, vec![visit as u32]).is_some()
    };
    if (0..problem.bases.len()).any(alone) { Reason::Capacity } else { Reason::Unreachable }
}

#[cfg(test)]
pub(crate) mod tests;
