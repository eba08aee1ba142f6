//! Fewer routes, however long they travel.
//!
//! Where a team-day costs more than most of what travel saves, the number of routes comes first. The linear programme of the
//! least travel holds a dive to routes beside which what is left does not fit into so few; where travel costs nothing it is
//! free to take others. So routes are made few first and short afterwards (two stages, as in Bent and Van Hentenryck 2004, "A
//! two-stage hybrid local search for the vehicle routing problem with time windows", sections 4 and 5; here the first is
//! column generation, too). Where dives are short, their ends alone are looked for like this, before all else: what the dive
//! has kept lies well, and its end is a small problem.

use std::sync::atomic::{AtomicBool, Ordering};

use super::case::{Case, Outside};
use super::generate::Generator;
use super::incumbent::{Incumbent, Routes};
use super::network::Network;
use super::rest::{Best, Kept};
use super::tree::BranchAndBound;
use crate::routing::Cost;
use crate::routing::route::Timing;
use crate::routing::slots::Slots;

/// The part of what is left of budget and time, as a divisor, that looking for fewer routes may take.
const SHARE: u64 = 3;
/// Most visits where it comes to anything in that.
const MOST: usize = 500;
/// Steps that the end of a dive may take where room for all is looked for: most ends have it or not after a third of them.
const STEPS_OF_AN_END: u64 = 800_000_000;

/// Keeps the schedule of fewest routes, and has another incumbent make each one short.
struct Fewest<'f> {
    best: Best<'f>,
    incumbent: &'f mut dyn Incumbent,
    /// Cost without travel that is low enough, and whether it is reached.
    aim: Cost,
    reached: &'f AtomicBool,
    /// What the other incumbent told: cost of its best schedule, and routes seen on the way.
    total: Cost,
    seen: Routes,
}

impl Incumbent for Fewest<'_> {
    fn offer(&mut self, routes: Routes) -> (Cost, Routes, u64) {
        let (total, seen, steps) = self.incumbent.offer(routes.clone());
        self.total = total;
        self.seen.extend_from_slice(&seen);
        self.best.offer(routes);
        let (cost, ..) = self.best.offer(self.incumbent.best());
        self.reached.store(cost <= self.aim, Ordering::Relaxed);
        (cost, seen, steps)
    }

    fn count(&self) -> usize {
        self.best.count()
    }

    fn best(&self) -> Routes {
        self.best.best()
    }

    fn bounded(&mut self, _: Cost) {}
}

/// What a schedule costs without travel, and what one of so `few` routes does that leaves out no more.
fn in_few(best: &mut Best<'_>, schedule: Routes, few: usize) -> (Cost, Cost) {
    let more = schedule.len().saturating_sub(few);
    let (before, ..) = best.offer(schedule);
    (before, before - more as Cost * best.team_day())
}

impl Generator<'_> {
    /// A schedule of so `few` routes that leaves out no more than the best one, however long they travel, and begins with the
    /// first of the columns `taken`, if one is found. That these are of a dive which heeded travel does no harm: it kept to
    /// what leaves room for all as long as it could.
    pub(super) fn end_in_few(
        &mut self,
        taken: &[usize],
        case: &Case,
        (best, few): (Routes, usize),
    ) -> Option<Routes> {
        let problem = self.network.timing.problem.without_travel();
        let (timing, slots) = (Timing::new(&problem), Slots::new(&problem));
        let kept = Kept::new(&timing, &slots, Vec::new());
        let (_, aim) = in_few(&mut Best::new(&kept, Cost::MAX), best, few);
        self.end((&timing, &slots), taken, (case, aim + 1), STEPS_OF_AN_END)
    }

    /// Whether it is worth looking for fewer routes however long they travel.
    pub(super) fn has_fewer_routes(&self) -> bool {
        self.network.timing.problem.cost.travel > 0 && self.network.n <= MOST
    }

    /// Has the incumbent, whose best schedule costs `total`, look at schedules of as `few` routes as are wanted, if any are found
    /// that leave out no more visits than its best one. The cost of its best schedule then.
    pub(super) fn fewer_routes(&mut self, few: usize, incumbent: &mut dyn Incumbent, total: Cost) -> Cost {
        let problem = self.network.timing.problem.without_travel();
        let timing = Timing::new(&problem);
        let slots = Slots::new(&problem);
        let kept = Kept::new(&timing, &slots, Vec::new());
        let mut network = Network::new(&timing, self.classes, self.network.threads, self.outside.stop);
        network.list_routes();
        let (reached, outer) = (AtomicBool::new(false), self.outside);
        let begin = (outer.spent)();
        // The share of the time allowed that is spent.
        let spent = || Some(((outer.spent)()? - begin?) * SHARE as f64 / (1.0 - begin?).max(1e-9));
        let stop =
            || reached.load(Ordering::Relaxed) || (outer.stop)() || spent().is_some_and(|spent| spent >= 1.0);
        let steps = self.steps / SHARE;
        let mut generator =
            Generator::new(&network, steps, Outside { stop: &stop, spent: &spent, left: &|| None, ..outer });
        let mut best = Best::new(&kept, Cost::MAX);
        let schedule = incumbent.best();
        generator.start_from(&schedule, &kept.known(self));
        let (before, aim) = in_few(&mut best, schedule, few);
        let mut fewest = Fewest { best, incumbent, aim, reached: &reached, total, seen: Routes::new() };
        BranchAndBound::for_few_routes(few, &mut generator, &mut fewest, before).run();
        self.steps -= steps - generator.steps;
        let Fewest { total, seen, .. } = fewest;
        self.take_in(&seen);
        total
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::routing::columns::classes::Classes;
    use crate::routing::columns::dive::{Style, dive};
    use crate::routing::route::Route;
    use crate::routing::solve::tests::{in_a_plane, optimum, random, solved};

    /// Keeps the first schedule as its best one, and remembers what it was offered.
    struct Idle {
        first: Routes,
        total: Cost,
        offers: Vec<Routes>,
    }

    impl Incumbent for Idle {
        fn offer(&mut self, routes: Routes) -> (Cost, Routes, u64) {
            self.offers.push(routes);
            (self.total, Routes::new(), 0)
        }

        fn count(&self) -> usize {
            self.first.len()
        }

        fn best(&self) -> Routes {
            self.first.clone()
        }

        fn bounded(&mut self, _: Cost) {}
    }

    /// Ends of dives make every visit in a route less than some schedule has, or are not handed out; some are.
    #[test]
    fn ends_make_room_for_all() {
        let mut found = 0;
        for seed in 0..3 {
            let mut dice = ChaCha8Rng::seed_from_u64(seed);
            let mut below = |most: u64| (dice.next_u64() % most) as i64;
            let places: Vec<(i64, i64)> = (0..60).map(|_| (below(100), below(100))).collect();
            let problem = in_a_plane(&places, 15);
            let start = solved(&problem, 0, 1);
            assert!(start.unscheduled.is_empty());
            let few = start.routes.len() - 1;
            let number = |id: &str| id[1..].parse::<u32>().expect("a number");
            let routes = start.routes.iter().map(|r| (0, r.visits.iter().map(|v| number(&v.id)).collect()));
            let (timing, slots) = (Timing::new(&problem), Slots::new(&problem));
            let classes = Classes::new(&problem, &slots);
            let network = Network::new(&timing, &classes, 1, &|| false);
            let mut generator = Generator::new(&network, u64::MAX, Outside::ENDLESS);
            let case = Case { hi: Some(few), ..Case::default() };
            let Some(root) = generator.relax(&case, usize::MAX) else { continue };
            let style = Style { patience: 1, candidates: 1, number: 0 };
            let taken = dive(&mut generator, &case, &root, style);
            let Some(ended) = generator.end_in_few(&taken, &case, (routes.collect(), few)) else { continue };
            found += 1;
            assert!(ended.len() <= few, "{} routes instead of {few}", ended.len());
            assert!(ended.iter().all(|(base, visits)| Route::new(&timing, *base, visits.clone()).is_some()));
            let mut made: Vec<u32> = ended.into_iter().flat_map(|(_, visits)| visits).collect();
            made.sort_unstable();
            assert_eq!(made, (0..60).collect::<Vec<u32>>());
        }
        assert!(found > 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]

        /// From a route for each visit, routes become as few as they can be, or as few as are wanted.
        #[test]
        fn routes_become_few(seed in any::<u64>(), few in 0..3_usize) {
            let problem = random(seed, 5);
            let (timing, slots) = (Timing::new(&problem), Slots::new(&problem));
            let classes = Classes::new(&problem, &slots);
            let network = Network::new(&timing, &classes, 1, &|| false);
            let outside = Outside::ENDLESS;
            let mut generator = Generator::new(&network, u64::MAX, outside);
            let mut incumbent = Idle { first: (0..5).map(|visit| (0, vec![visit])).collect(), total: 7, offers: Vec::new() };
            prop_assert_eq!(generator.fewer_routes(few, &mut incumbent, 7), 7);

            let stripped = problem.without_travel();
            let (timing, slots) = (Timing::new(&stripped), Slots::new(&stripped));
            let kept = Kept::new(&timing, &slots, Vec::new());
            let mut best = Best::new(&kept, Cost::MAX);
            let (before, ..) = best.offer(incumbent.first);
            let least = incumbent.offers.into_iter().map(|routes| best.offer(routes).0).last().unwrap_or(before);
            let wanted = before - (5 - few as Cost) * problem.cost.team_day;
            prop_assert!(least <= wanted || least == optimum(&stripped), "{least}");
        }
    }
}
