//! The checker against enumeration, and against certificates that claim too much.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use serde_json::json;

use super::*;
use crate::routing::certificate::{CutLine, OnPair, OnRoutes, PairBranch, Pricing, RouteDuals, RoutesBranch};
use crate::routing::route::{Route, Timing};
use crate::routing::solve::tests::{all_routes, optimum, random};

/// Random multipliers for a problem.
fn multipliers(problem: &Problem, seed: u64) -> Leaf {
    let mut dice = ChaCha20Rng::seed_from_u64(seed);
    let mut below = |n: i64| (dice.next_u64() % n as u64) as i64;
    let most = problem.cost.unscheduled.min(500) + 1;
    let id = |v: usize| problem.visits[v].id.clone();
    let n = problem.visits.len();
    let cuts = if n >= 3 { vec![CutLine { visits: [id(0), id(1), id(2)], dual: below(100) }] } else { Vec::new() };
    Leaf {
        duals: (0..n).map(|v| (id(v), below(most))).collect(),
        cuts,
        routes: RouteDuals { lo: below(60), hi: below(60) },
        ..Leaf::default()
    }
}

/// The bound's formula over all routes, one by one.
fn by_enumeration(problem: &Problem, leaf: &Leaf, lo: i64, hi: i64, admits: impl Fn(u32) -> bool) -> i64 {
    let dual = |v: usize| leaf.duals.get(&problem.visits[v].id).copied().unwrap_or(0);
    let worth = |set: u32| -> i64 {
        let held = |v: usize| set >> v & 1 == 1;
        let visits: i64 = (0..problem.visits.len()).filter(|v| held(*v)).map(dual).sum();
        let paid = |cut: &&CutLine| {
            let ids = cut.visits.iter();
            ids.filter(|id| problem.visits.iter().position(|v| v.id == **id).is_some_and(held)).count() >= 2
        };
        visits - leaf.cuts.iter().filter(paid).map(|cut| cut.dual).sum::<i64>() + leaf.routes.lo - leaf.routes.hi
    };
    let slots: i64 = all_routes(problem)
        .iter()
        .map(|slot| {
            let reduced = slot.iter().filter(|(set, _)| admits(*set)).map(|(set, cost)| cost - worth(*set));
            reduced.min().unwrap_or(0).min(0)
        })
        .sum();
    leaf.duals.values().sum::<i64>() - leaf.cuts.iter().map(|cut| cut.dual).sum::<i64>() + lo * leaf.routes.lo
        - hi * leaf.routes.hi
        + slots
}

/// The bound's formula over all walks with a memory that a case admits, one by one; `None` where they are too many for that.
fn by_walks(problem: &Problem, leaf: &Leaf, admits: &dyn Fn(u32) -> bool) -> Option<i64> {
    const MOST: usize = 100_000;
    let index = |id: &String| problem.visits.iter().position(|visit| visit.id == *id).expect("a visit");
    let n = problem.visits.len();
    let (mut duals, mut sets) = (vec![0; n], vec![0_u32; n]);
    leaf.duals.iter().for_each(|(id, dual)| duals[index(id)] = *dual);
    for (id, kept) in &leaf.pricing.as_ref().expect("a memory").ng {
        sets[index(id)] = kept.iter().fold(0, |set, kept| set | 1 << index(kept));
    }
    let cuts: Vec<(u32, i64)> = leaf
        .cuts
        .iter()
        .map(|cut| (cut.visits.iter().fold(0, |set, id| set | 1 << index(id)), cut.dual))
        .collect();
    let timing = Timing::new(problem);
    let least = |team: usize, day: usize| -> Option<i64> {
        let base = problem.teams[team].base;
        let mut least = 0;
        let mut walks = 0;
        // Visits, what is remembered of them, and when the last one ends.
        let mut open: Vec<(Vec<u32>, u32, i64)> = vec![(Vec::new(), 0, problem.shift.start)];
        while let Some((walk, memory, clock)) = open.pop() {
            walks += 1;
            if walks > MOST {
                return None;
            }
            // There may be no time to go home where there is time to go on.
            let held = walk.iter().fold(0, |set, visit| set | 1 << visit);
            let route = Route::new(&timing, base, walk.clone()).filter(|_| !walk.is_empty() && admits(held));
            if let Some(route) = route {
                let paid = cuts.iter().filter(|(cut, _)| walk.iter().filter(|v| cut >> **v & 1 == 1).count() >= 2);
                let price = |v: &u32| problem.change_price(*v as usize, team, day) - duals[*v as usize];
                let cost =
                    problem.cost.team_day - leaf.routes.lo + leaf.routes.hi + problem.cost.travel * route.travel;
                least = least
                    .min(cost + walk.iter().map(price).sum::<i64>() + paid.map(|(_, dual)| dual).sum::<i64>());
            }
            if walk.len() < problem.teams[team].max_visits {
                let here = walk.last().map_or(base, |last| problem.node(*last as usize));
                let nexts =
                    (0..n as u32).filter(|v| memory >> v & 1 == 0 && problem.allows(*v as usize, team, day));
                open.extend(nexts.filter_map(|v| {
                    let at = v as usize;
                    let start = timing.earliest(at, clock + problem.travel(here, problem.node(at)))?;
                    let walk = [&walk[..], &[v]].concat();
                    Some((walk, memory & sets[at] | 1 << v, start + problem.visits[at].service))
                }));
            }
        }
        Some(least)
    };
    let slots = (0..problem.teams.len()).flat_map(|team| (0..problem.days.len()).map(move |day| (team, day)));
    let used = slots.filter(|(team, day)| problem.teams[*team].works[*day]).map(|(team, day)| least(team, day));
    let fixed = duals.iter().sum::<i64>()
        - cuts.iter().map(|(_, dual)| dual).sum::<i64>()
        - slots_of(problem) * leaf.routes.hi;
    Some(fixed + used.sum::<Option<i64>>()?)
}

/// Checks a leaf over walks with random memories against all walks, one by one.
fn walks_agree(problem: &Problem, mut leaf: Leaf, dice: &mut ChaCha20Rng) -> Result<(), TestCaseError> {
    let ids: Vec<String> = problem.visits.iter().map(|v| v.id.clone()).collect();
    let forgetful = dice.next_u64() % 4;
    let mut set = || ids.iter().filter(|_| dice.next_u64() % 8 >= forgetful).cloned().collect::<Vec<String>>();
    let mut ng: BTreeMap<String, Vec<String>> = ids.iter().map(|id| (id.clone(), set())).collect();
    // A walk that forgets everything at a visit may come back to all others after it.
    ng.insert(ids[dice.next_u64() as usize % ids.len()].clone(), Vec::new());
    leaf.pricing = Some(Pricing { ng });
    let tree = Tree::Leaf(leaf.clone());
    if let Some(value) = by_walks(problem, &leaf, &|_| true) {
        prop_assert_eq!(proven(problem, &tree), i128::from(value));
    }
    let held = |set: u32| (set & 3).count_ones();
    let cases = [by_walks(problem, &leaf, &|set| held(set) != 1), by_walks(problem, &leaf, &|set| held(set) != 2)];
    if let [Some(together), Some(apart)] = cases {
        let on = OnPair { pair: [ids[0].clone(), ids[1].clone()] };
        let branch = Tree::Pair(Box::new(PairBranch { on, together: tree.clone(), apart: tree }));
        prop_assert_eq!(proven(problem, &branch), i128::from(together.min(apart)));
    }
    Ok(())
}

fn proven(problem: &Problem, tree: &Tree) -> i128 {
    let kinds = Kinds::new(problem);
    let checker = Checker { problem, kinds: &kinds, target: i128::MIN, steps: MOST_STEPS };
    match checker.tree(tree) {
        Ok(Some(value)) => value,
        _ => panic!("not proven"),
    }
}

fn slots_of(problem: &Problem) -> i64 {
    Kinds::new(problem).slots() as i64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_leaf_is_worth_what_enumeration_says(seed in any::<u64>(), visits in 0_usize..5) {
        let problem = random(seed, visits);
        let leaf = multipliers(&problem, seed);
        let value = proven(&problem, &Tree::Leaf(leaf.clone()));
        prop_assert_eq!(value, i128::from(by_enumeration(&problem, &leaf, 0, slots_of(&problem), |_| true)));
        prop_assert!(value <= i128::from(optimum(&problem)));
        // Walks are a relaxation: never worth more, and the same if everything is remembered.
        let all: Vec<String> = problem.visits.iter().map(|v| v.id.clone()).collect();
        let with = |kept: usize| {
            let ng = all.iter().map(|id| (id.clone(), all.iter().take(kept).cloned().collect())).collect();
            proven(&problem, &Tree::Leaf(Leaf { pricing: Some(Pricing { ng }), ..leaf.clone() }))
        };
        prop_assert_eq!(with(visits), value);
        prop_assert!(with(1) <= value);
        let merged = proven(&problem, &Tree::Leaf(Leaf { slots: Some(SlotSum::Merged), ..leaf.clone() }));
        prop_assert!(merged <= value);
    }

    /// Whether routes are searched for or listed makes no difference.
    #[test]
    fn listed_routes_say_the_same(seed in any::<u64>(), visits in 2_usize..6, together in any::<bool>()) {
        let problem = random(seed, visits);
        let kinds = Kinds::new(&problem);
        let checker = Checker { problem: &problem, kinds: &kinds, target: i128::MIN, steps: MOST_STEPS };
        let Ok(multipliers) = checker.multipliers(&multipliers(&problem, seed)) else { panic!("multipliers") };
        let listed = Listed::new(&problem, &kinds, &mut MOST_STEPS.clone()).expect("few routes");
        for pairs in [Vec::new(), vec![([0, visits - 1], together)]] {
            let case = Case { lo: 0, hi: 9, pairs };
            prop_assert_eq!(
                listed.least(&kinds, &multipliers, &case, &mut MOST_STEPS.clone()),
                elementary::least(&problem, &kinds, &multipliers, &case, &mut MOST_STEPS.clone())
            );
        }
    }

    #[test]
    fn a_leaf_of_walks_is_worth_what_enumeration_says(seed in any::<u64>(), visits in 3_usize..6) {
        let problem = random(seed, visits);
        let mut dice = ChaCha20Rng::seed_from_u64(seed);
        walks_agree(&problem, multipliers(&problem, seed), &mut dice)?;
    }

    /// Where there is time for long walks, labels that have met a cut give way to those that have not, and the other way
    /// round, and whoever gives way wrongly is missed in the end. There may be more arrivals than visits.
    #[test]
    fn so_is_a_leaf_of_long_walks(seed in any::<u64>(), visits in 3_usize..7, shut in 0_usize..3) {
        let visit = |v: usize| json!({"id": format!("V{v}"), "service": 10, "avoid": if v < shut { json!(["T"]) } else { json!([]) }});
        let text = json!({"format": "hecha-problem/1", "days": ["2022-03-07"], "shift": {"start": 0, "end": 1000},
            "bases": [{"id": "B"}], "teams": [{"id": "T", "base": "B", "max_visits": 5}],
            "visits": (0..visits).map(visit).collect::<Vec<_>>(), "travel": vec![vec![0; visits + 1]; visits + 1],
            "cost": {"team_day": 0, "travel": 1, "unscheduled": 1000}});
        let problem = Problem::from_json(text.to_string().as_bytes()).expect("a problem");
        let mut dice = ChaCha20Rng::seed_from_u64(seed);
        let mut below = |n: u64| (dice.next_u64() % n) as i64;
        // Visits are worth much the same, less a cut, so that which of them are met twice makes the difference.
        let id = |v: usize| format!("V{v}");
        let cuts = (0..2.min(visits - 2)).map(|cut| CutLine { visits: [id(cut), id(cut + 1), id(cut + 2)], dual: below(40) });
        let cuts = cuts.collect();
        let duals = (0..visits).map(|v| (id(v), 80 + below(21))).collect();
        walks_agree(&problem, Leaf { duals, cuts, ..Leaf::default() }, &mut dice)?;
    }

    #[test]
    fn a_branch_is_worth_its_worse_case(seed in any::<u64>()) {
        let problem = random(seed, 4);
        let (one, other) = (multipliers(&problem, seed), multipliers(&problem, seed ^ 1));
        let (a, b) = (Tree::Leaf(one.clone()), Tree::Leaf(other.clone()));
        let pair = [problem.visits[0].id.clone(), problem.visits[1].id.clone()];
        let on_pair = Tree::Pair(Box::new(PairBranch { on: OnPair { pair }, together: a.clone(), apart: b.clone() }));
        let held = |set: u32| (set & 3).count_ones();
        let all = slots_of(&problem);
        let together = by_enumeration(&problem, &one, 0, all, |set| held(set) != 1);
        let apart = by_enumeration(&problem, &other, 0, all, |set| held(set) != 2);
        prop_assert_eq!(proven(&problem, &on_pair), i128::from(together.min(apart)));
        if all > 2 {
            let on_routes = Tree::Routes(Box::new(RoutesBranch { on: OnRoutes { routes: 1 }, at_most: a, at_least: b }));
            let less = by_enumeration(&problem, &one, 0, 1, |_| true);
            let more = by_enumeration(&problem, &other, 2, all, |_| true);
            prop_assert_eq!(proven(&problem, &on_routes), i128::from(less.min(more)));
        }
    }
}

/// However few the steps: what is worked out side by side is the same as with plenty, or not worked out at all.
#[test]
fn few_steps_make_no_difference_but_to_give_up() {
    let problem = random(11, 5);
    let id = |v: usize| problem.visits[v].id.clone();
    let mut tree = Tree::Leaf(multipliers(&problem, 0));
    for seed in 1..3 * AT_A_TIME as u64 {
        let pair = [id(seed as usize % 4), id(4)];
        let leaf = Tree::Leaf(multipliers(&problem, seed));
        tree = Tree::Pair(Box::new(PairBranch { on: OnPair { pair }, together: leaf, apart: tree }));
    }
    let kinds = Kinds::new(&problem);
    let with = |steps| Checker { problem: &problem, kinds: &kinds, target: i128::MIN, steps }.tree(&tree);
    let value = Some(proven(&problem, &tree));
    let (mut finished, mut gave_up) = (0, 0);
    for steps in (0..40).map(|shift| 1_u64 << shift) {
        match with(steps) {
            Ok(found) => {
                assert_eq!(found, value);
                finished += 1;
            }
            Err(Stop::Unfinished) => gave_up += 1,
            Err(Stop::Flaw(flaw)) => panic!("{flaw:?}"),
        }
    }
    assert!(finished > 5 && gave_up > 5, "{finished} {gave_up}");
}

#[test]
fn a_bound_that_claims_one_unit_too_much_is_refused() {
    for seed in 0..60 {
        let problem = random(seed, 4);
        let leaf = multipliers(&problem, seed);
        let total = 10_000_000;
        let exact = by_enumeration(&problem, &leaf, 0, slots_of(&problem), |_| true);
        let claim = |value| check(&problem, &Bound::new(value, total, Tree::Leaf(leaf.clone())), total);
        assert_eq!(claim(exact), Verdict::Proven(exact));
        assert!(matches!(claim(exact + 1), Verdict::Flawed(Flaw::Overstated(..) | Flaw::OutOfReach(..))));
    }
}

#[test]
fn malformed_certificates_are_told_apart() {
    let problem = random(5, 4);
    let total = 1_000_000;
    let of = |leaf: Leaf| check(&problem, &Bound::new(0, total, Tree::Leaf(leaf)), total);
    let id = |v: usize| problem.visits[v].id.clone();
    let unknown = Leaf { duals: [("nobody".to_owned(), 1)].into(), ..Leaf::default() };
    assert!(matches!(of(unknown), Verdict::Flawed(Flaw::UnknownVisit(_))));
    let negative = Leaf { duals: [(id(0), -1)].into(), ..Leaf::default() };
    assert!(matches!(of(negative), Verdict::Flawed(Flaw::Multiplier(..))));
    let dear = Leaf { duals: [(id(0), problem.cost.unscheduled + 1)].into(), ..Leaf::default() };
    assert!(matches!(of(dear), Verdict::Flawed(Flaw::Multiplier(..))));
    let twice = Leaf { cuts: vec![CutLine { visits: [id(0), id(1), id(0)], dual: 1 }], ..Leaf::default() };
    assert!(matches!(of(twice), Verdict::Flawed(Flaw::NotDistinct(_))));
    let wrong_gap = Bound { gap: 7, ..Bound::new(0, total, Tree::Leaf(Leaf::default())) };
    assert!(matches!(check(&problem, &wrong_gap, total), Verdict::Flawed(Flaw::Gap(..))));
    let above = Bound { value: total + 1, gap: 0, tree: Tree::Leaf(Leaf::default()) };
    assert!(matches!(check(&problem, &above, total), Verdict::Flawed(Flaw::AboveTotal(..))));
}
