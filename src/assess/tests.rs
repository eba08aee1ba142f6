use num_bigint::BigUint;
use proptest::prelude::*;

use super::*;

fn strata(numbers: &[(u64, u64, u64)]) -> Vec<Stratum> {
    numbers
        .iter()
        .map(|(population, checked, failed)| Stratum {
            population: *population,
            checked: *checked,
            failed: *failed,
        })
        .collect()
}

fn most(numbers: &[(u64, u64, u64)]) -> (u64, bool) {
    let bound = bound(&strata(numbers), DEFAULT_WORK).unwrap();
    (bound.most, bound.exact)
}

/// All splits of everything that may not conform.
fn splits(strata: &[Stratum]) -> Vec<Vec<u64>> {
    let mut out = vec![Vec::new()];
    for s in strata {
        out = out
            .iter()
            .flat_map(|split| (s.failed..=s.failed + s.rest()).map(|m| [split.as_slice(), &[m]].concat()))
            .collect();
    }
    out
}

/// Cases of every outcome under a split.
fn outcomes(strata: &[Stratum], split: &[u64]) -> Vec<(Vec<u64>, BigUint)> {
    let mut out = vec![(Vec::new(), BigUint::from(1_u32))];
    for (s, marked) in strata.iter().zip(split) {
        let (first, cases) = s.size().cases(*marked, s.checked);
        out = out
            .iter()
            .flat_map(|(k, so_far)| {
                (first..)
                    .zip(&cases)
                    .map(|(x, here)| ([k.as_slice(), &[x]].concat(), so_far * here))
                    .collect::<Vec<_>>()
            })
            .collect();
    }
    out
}

/// Σ x_h, or Σ N_h x_h / n_h over a common denominator.
fn rank(strata: &[Stratum], order: Order, found: &[u64]) -> u64 {
    let multiple: u64 = strata.iter().map(|s| s.checked.max(1)).product();
    strata
        .iter()
        .zip(found)
        .map(|(s, k)| if order == Order::Found { *k } else { s.population * k * multiple / s.checked.max(1) })
        .sum()
}

/// By definition.
fn brute_force(strata: &[Stratum]) -> u64 {
    let sampled: Vec<Stratum> = strata.iter().filter(|s| s.rest() > 0).copied().collect();
    let order = Order::of(&sampled);
    let all: BigUint = strata.iter().map(|s| s.size().samples()).product();
    let found: Vec<u64> = strata.iter().map(|s| s.failed).collect();
    let limit = rank(strata, order, &found);
    let holds = |split: &Vec<u64>| {
        let counting = outcomes(strata, split).into_iter().filter(|(k, _)| rank(strata, order, k) <= limit);
        counting.map(|(_, cases)| cases).sum::<BigUint>() * ODDS > all
    };
    splits(strata).iter().filter(|split| holds(split)).map(|split| split.iter().sum()).max().unwrap()
}

#[test]
fn published_answers() {
    for (numbers, bound) in [
        ((300, 30, 0), 27),
        ((300, 30, 1), 42),
        ((300, 30, 3), 69),
        ((1000, 100, 0), 28),
        ((1000, 100, 2), 59),
        ((50, 5, 0), 21),
        ((20, 2, 1), 19),
        ((10, 10, 1), 1),
    ] {
        assert_eq!(most(&[numbers]), (bound, true), "{numbers:?}");
    }
    assert_eq!(most(&[(700, 70, 2), (230, 23, 1), (70, 7, 0)]), (73, true));
}

#[test]
fn strata_sampled_at_nearly_one_rate_are_compared_by_what_they_estimate() {
    let nearly = [(13, 4, 1), (24, 6, 0)];
    assert_eq!((most(&nearly), brute_force(&strata(&nearly))), ((11, true), 11));
}

#[test]
fn a_tenth_rounded_up_is_settled() {
    for (sizes, answers) in [
        ([(274, 28), (96, 10), (40, 4)], [26, 42, 66, 79, 114]),
        ([(2700, 270), (900, 91), (300, 30)], [28, 45, 73, 87, 125]),
    ] {
        for (found, answer) in (0..).zip(answers) {
            let counts = [found, found / 2, found / 4];
            let numbers: Vec<_> = sizes.iter().zip(counts).map(|((n, c), x)| (*n, *c, x)).collect();
            assert_eq!(most(&numbers), (answer, true), "{numbers:?}");
        }
    }
}

#[test]
fn a_probability_of_exactly_one_in_twenty_is_spoken_against() {
    // One of twenty checked: 19 of 20 not conforming leave one case in twenty of finding none.
    assert_eq!(most(&[(20, 1, 0)]), (18, true));
    // Two strata: (1/4)·(1/5) of the cases.
    assert_eq!(most(&[(4, 1, 0), (5, 1, 0)]), (brute_force(&strata(&[(4, 1, 0), (5, 1, 0)])), true));
}

#[test]
fn strata_wholly_checked_or_not_at_all_are_added() {
    assert_eq!(most(&[(300, 30, 0), (10, 10, 3)]), (30, true));
    let found = bound(&strata(&[(300, 30, 0), (7, 0, 0), (0, 0, 0)]), DEFAULT_WORK).unwrap();
    assert_eq!((found.most, found.unchecked, found.exact), (34, 7, true));
    assert_eq!(most(&[(5, 0, 0)]), (5, true));
    assert_eq!(most(&[]), (0, true));
}

#[test]
fn impossible_numbers_are_refused() {
    assert_eq!(bound(&strata(&[(3, 1, 0), (3, 4, 0)]), 9), Err(AssessError::Checked(1, 4, 3)));
    assert_eq!(bound(&strata(&[(3, 2, 3)]), 9), Err(AssessError::Failed(0, 3, 2)));
    assert_eq!(bound(&strata(&[(u64::MAX, 2, 0), (3, 2, 0)]), 9), Err(AssessError::TooMany));
}

#[test]
fn the_result_is_said_as_an_official_would() {
    let found = bound(&strata(&[(300, 30, 0)]), DEFAULT_WORK).unwrap();
    assert_eq!(found.say(Lang::En), "with 95 % confidence at most 27 of the 300 applicants do not conform");
    assert_eq!(found.say(Lang::Zh), "以95%的置信度推断，300家申报企业中不符合条件的不超过27家");
    let unequal = bound(&strata(&[(300, 30, 1), (50, 20, 1)]), DEFAULT_WORK).unwrap();
    assert!(unequal.say(Lang::En).contains("different rates") && unequal.say(Lang::Zh).contains("比例不同"));
    let equal = bound(&strata(&[(300, 30, 1), (50, 5, 1)]), DEFAULT_WORK).unwrap();
    assert!(equal.say(Lang::En).contains("at one rate") && equal.say(Lang::Zh).contains("比例相同"));
    let census = bound(&strata(&[(10, 10, 1)]), DEFAULT_WORK).unwrap();
    assert_eq!(census.say(Lang::En), "all 10 applicants were checked; 1 do not conform");
}

#[test]
fn a_search_cut_short_is_cautious_and_says_so() {
    for numbers in [[(700, 70, 12), (230, 23, 5), (70, 7, 3)], [(300, 30, 2), (90, 30, 3), (40, 9, 1)]] {
        let numbers = strata(&numbers);
        let whole = bound(&numbers, DEFAULT_WORK).unwrap();
        assert!(whole.exact);
        for work in [0, 10_000, 300_000] {
            let short = bound(&numbers, work).unwrap();
            assert!(short.most >= whole.most && (!short.exact || short.most == whole.most), "{work}: {short:?}");
            assert!(short.most <= whole.most + whole.most / 2, "{work}: {short:?} {whole:?}");
        }
    }
}

/// Counties of three stars each, of which some have one that does not conform.
fn counties(counties: u64, found: u64) -> Vec<(u64, u64, u64)> {
    let size = |county: u64, star: u64| [30, 12, 4][star as usize] + (county * 7 + star * 3) % 11;
    let all = (0..counties).flat_map(|county| (0..3).map(move |star| (size(county, star), star)));
    let mut left = found;
    all.map(|(population, star)| {
        let failed = u64::from(star < 2 && left > 0);
        left -= failed;
        (population, population.div_ceil(10), failed)
    })
    .collect()
}

#[test]
fn tens_of_strata_are_settled() {
    // By strata and number found: of exactly a tenth of each; of a tenth rounded up, where what is left open is left open on
    // the safe side.
    for (strata, found, equal, rounded) in
        [(4, 0, 27, (25, true)), (4, 5, 94, (77, false)), (10, 0, 28, (26, true)), (10, 3, 73, (63, false))]
    {
        let tenth = |(n, _, x): &(u64, u64, u64)| (n.next_multiple_of(10), n.div_ceil(10), *x);
        let numbers: Vec<_> = counties(strata, found).iter().map(tenth).collect();
        assert_eq!(most(&numbers), (equal, true), "{strata} {found}");
        assert_eq!(most(&counties(strata, found)), rounded, "{strata} {found}");
    }
}

#[test]
fn the_order_in_which_strata_stand_does_not_matter() {
    assert_eq!(most(&[(60, 6, 1), (200, 20, 0), (33, 4, 1)]), most(&[(33, 4, 1), (60, 6, 1), (200, 20, 0)]));
}

/// In at least 95 % of all draws the bound is not below the truth, whatever the truth is.
#[test]
fn coverage_by_enumeration() {
    for sizes in [vec![(9, 3)], vec![(7, 2), (5, 2)], vec![(8, 4), (6, 1)], vec![(4, 1), (5, 2), (3, 1)]] {
        let mut empty = strata(&sizes.iter().map(|(n, c)| (*n, *c, 0)).collect::<Vec<_>>());
        let bounds: std::collections::BTreeMap<Vec<u64>, u64> = {
            let mut all = vec![Vec::new()];
            for s in &empty {
                all = all
                    .iter()
                    .flat_map(|k: &Vec<u64>| (0..=s.checked).map(|x| [k.as_slice(), &[x]].concat()))
                    .collect();
            }
            all.into_iter()
                .map(|k| {
                    let with: Vec<Stratum> =
                        empty.iter().zip(&k).map(|(s, x)| Stratum { failed: *x, ..*s }).collect();
                    (k, bound(&with, DEFAULT_WORK).unwrap().most)
                })
                .collect()
        };
        let all: BigUint = empty.iter().map(|s| s.size().samples()).product();
        // Every truth, not only those that fit one outcome.
        let mut truths = vec![Vec::new()];
        for s in &mut empty {
            truths = truths
                .iter()
                .flat_map(|t: &Vec<u64>| (0..=s.population).map(|m| [t.as_slice(), &[m]].concat()))
                .collect();
        }
        for truth in truths {
            let total: u64 = truth.iter().sum();
            let covered: BigUint = outcomes(&empty, &truth)
                .into_iter()
                .filter(|(k, _)| bounds[k] >= total)
                .map(|(_, cases)| cases)
                .sum();
            assert!(covered * 20_u32 >= &all * 19_u32, "{sizes:?} {truth:?}");
        }
    }
}

fn small() -> impl Strategy<Value = Vec<Stratum>> {
    let stratum = (1_u64..=9).prop_flat_map(|population| {
        (Just(population), 1..=population).prop_flat_map(|(population, checked)| {
            (0..=checked).prop_map(move |failed| Stratum { population, checked, failed })
        })
    });
    proptest::collection::vec(stratum, 1..=3)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_bound_is_that_of_the_definition(strata in small()) {
        let found = bound(&strata, DEFAULT_WORK).unwrap();
        prop_assert!(found.exact);
        prop_assert_eq!(found.most, brute_force(&strata));
        // However little work is allowed, it is never below.
        prop_assert!(bound(&strata, 50).unwrap().most >= found.most);
    }

    #[test]
    fn more_found_is_never_a_lower_bound(strata in small(), at in 0_usize..3) {
        let at = at % strata.len();
        if strata[at].failed < strata[at].checked {
            let mut more = strata.clone();
            more[at].failed += 1;
            prop_assert!(bound(&more, DEFAULT_WORK).unwrap().most >= bound(&strata, DEFAULT_WORK).unwrap().most);
        }
    }
}
