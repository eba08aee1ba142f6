use std::collections::BTreeMap;

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::crews::Bar;
use crate::frame::CreditCode;

const COUNTIES: [&str; 3] = ["常熟市", "昆山市", "太仓市"];

fn code(n: usize) -> CreditCode {
    CreditCode::parse(&format!("91320583MA0000{n:02}XX")).unwrap().0
}

fn day(n: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2022, 3, n).unwrap()
}

fn inspector(id: &str) -> Inspector {
    Inspector {
        id: id.to_owned(),
        name: id.to_owned(),
        unit: String::new(),
        county: None,
        base: "B".to_owned(),
        expert: false,
        unavailable: BTreeSet::new(),
        recuse: BTreeSet::new(),
        team: None,
    }
}

fn salt(seed: u64) -> String {
    format!("{seed:064x}")
}

const RULES: Rules = Rules { crew: 2, cross_county: true };

/// The lot by the letter of the contract: choices in order, taken back where a later route finds nobody.
fn by_the_letter(salt: &str, tasks: &[Task<'_>], inspectors: &[Inspector]) -> Option<Vec<Vec<String>>> {
    type Counts = (BTreeMap<String, usize>, BTreeMap<(String, String), usize>);
    struct Day<'a> {
        salt: &'a str,
        tasks: &'a [Task<'a>],
        inspectors: &'a [Inspector],
        counts: &'a Counts,
    }
    fn go(day: &Day<'_>, crews: &mut Vec<Vec<String>>) -> bool {
        let full = crews.last().is_none_or(|crew| crew.len() == RULES.crew);
        if full {
            if crews.len() == day.tasks.len() {
                return true;
            }
            crews.push(Vec::new());
        }
        let task = &day.tasks[crews.len() - 1];
        let crew = crews.last().unwrap().clone();
        let mut choices: Vec<&Inspector> = day
            .inspectors
            .iter()
            .filter(|i| RULES.bar(i, task).is_none() && !crews.iter().flatten().any(|taken| *taken == i.id))
            .filter(|i| i.expert || !task.expert || !crew.is_empty())
            .collect();
        choices.sort_by_key(|i| {
            let together: usize =
                crew.iter().map(|c| day.counts.1.get(&pair(c, &i.id)).copied().unwrap_or(0)).sum();
            let lowest = task.visits.iter().map(|v| v.0).min().unwrap();
            let ticket =
                crate::digest::sha256_hex(format!("{}{},{lowest},{}", day.salt, task.day, i.id).as_bytes());
            (day.counts.0.get(&i.id).copied().unwrap_or(0), together, ticket)
        });
        for choice in choices {
            crews.last_mut().unwrap().push(choice.id.clone());
            if go(day, crews) {
                return true;
            }
            crews.last_mut().unwrap().pop();
        }
        if full {
            crews.pop();
        }
        false
    }
    let mut counts = Counts::default();
    let mut out = Vec::new();
    for today in tasks.chunk_by(|a, b| a.day == b.day) {
        let mut crews = Vec::new();
        if !go(&Day { salt, tasks: today, inspectors, counts: &counts }, &mut crews) {
            return None;
        }
        for crew in &crews {
            for (place, id) in crew.iter().enumerate() {
                *counts.0.entry(id.clone()).or_default() += 1;
                for other in &crew[..place] {
                    *counts.1.entry(pair(id, other)).or_default() += 1;
                }
            }
        }
        out.extend(crews);
    }
    Some(out)
}

fn anybody(id: usize) -> impl Strategy<Value = Inspector> {
    let base = prop_oneof![4 => Just("B"), 1 => Just("A")];
    let county = proptest::option::of(0..COUNTIES.len());
    let away = proptest::collection::btree_set(7..10_u32, 0..2);
    let recuse = proptest::collection::btree_set(0..12_usize, 0..3);
    (base, county, any::<bool>(), away, recuse).prop_map(move |(base, county, expert, away, recuse)| Inspector {
        base: base.to_owned(),
        county: county.map(|c| COUNTIES[c].to_owned()),
        expert,
        unavailable: away.into_iter().map(day).collect(),
        recuse: recuse.into_iter().map(code).collect(),
        ..inspector(&format!("I{id}"))
    })
}

fn routes() -> impl Strategy<Value = Vec<Task<'static>>> {
    let visits = proptest::collection::vec((0..12_usize, 0..COUNTIES.len()), 1..4);
    let route = (7..10_u32, prop_oneof![4 => Just("B"), 1 => Just("A")], prop::bool::weighted(0.3), visits);
    proptest::collection::vec(route, 1..7).prop_map(|mut routes| {
        routes.sort_by_key(|r| r.0);
        let task = |(d, base, expert, visits): (u32, &'static str, bool, Vec<(usize, usize)>)| Task {
            day: day(d),
            team: "T",
            base,
            expert,
            visits: visits.into_iter().map(|(v, county)| (code(v), COUNTIES[county])).collect(),
        };
        routes.into_iter().map(task).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_lot_is_what_backtracking_finds(
        seed in any::<u64>(),
        tasks in routes(),
        inspectors in (0..9_usize).prop_flat_map(|n| (0..n).map(anybody).collect::<Vec<_>>()),
    ) {
        let salt = salt(seed);
        let (crews, shortages) = assign(&salt, &tasks, &inspectors, RULES, Earlier::default());
        let lots: Vec<Vec<String>> = crews.routes.iter().map(|r| r.inspectors.clone()).collect();
        match by_the_letter(&salt, &tasks, &inspectors) {
            Some(expected) => prop_assert_eq!((lots, shortages), (expected, vec![])),
            None => prop_assert!(!shortages.is_empty() && lots.iter().any(Vec::is_empty)),
        }
        for (line, task) in crews.routes.iter().zip(&tasks) {
            let crew: Vec<&Inspector> = line.inspectors.iter().map(|id| inspectors.iter().find(|i| i.id == *id).unwrap()).collect();
            prop_assert!(crew.is_empty() || crew.len() == 2);
            prop_assert!(crew.iter().all(|i| RULES.bar(i, task).is_none()));
            prop_assert!(crew.is_empty() || !task.expert || crew[0].expert);
        }
    }

    #[test]
    fn a_shortage_names_a_smallest_set_of_routes(
        tasks in routes(),
        inspectors in (0..6_usize).prop_flat_map(|n| (0..n).map(anybody).collect::<Vec<_>>()),
    ) {
        let salt = salt(1);
        for shortage in assign(&salt, &tasks, &inspectors, RULES, Earlier::default()).1 {
            let alone = |routes: Vec<usize>| {
                let tasks: Vec<Task<'_>> = routes.iter().map(|at| tasks[*at].clone()).collect();
                by_the_letter(&salt, &tasks, &inspectors).is_some()
            };
            prop_assert!(!alone(shortage.routes.clone()));
            for left_out in &shortage.routes {
                prop_assert!(alone(shortage.routes.iter().copied().filter(|r| r != left_out).collect()));
            }
        }
    }
}

fn task(d: u32, visit: usize) -> Task<'static> {
    Task { day: day(d), team: "T", base: "B", expert: false, visits: vec![(code(visit), "常熟市")] }
}

/// Twelve inspectors, three routes on each of two days: each of them serves one of the two days, with one of the others.
#[test]
fn over_many_seeds_every_inspector_and_every_pair_is_equally_frequent() {
    const SEEDS: u64 = 10_000;
    let inspectors: Vec<Inspector> = (0..12).map(|n| inspector(&format!("{n:02}"))).collect();
    let tasks: Vec<Task<'_>> = [7, 7, 7, 8, 8, 8].into_iter().zip(0..).map(|(d, v)| task(d, v)).collect();
    let mut first_day: BTreeMap<String, u64> = BTreeMap::new();
    let mut pairs: BTreeMap<(String, String), u64> = BTreeMap::new();
    for seed in 0..SEEDS {
        let (crews, shortages) = assign(&salt(seed), &tasks, &inspectors, RULES, Earlier::default());
        assert!(shortages.is_empty());
        let mut served: BTreeMap<&str, usize> = BTreeMap::new();
        for (place, line) in crews.routes.iter().enumerate() {
            *pairs.entry(pair(&line.inspectors[0], &line.inspectors[1])).or_default() += 1;
            for id in &line.inspectors {
                *served.entry(id).or_default() += 1;
                *first_day.entry(id.clone()).or_default() += u64::from(place < 3);
            }
        }
        assert!(
            served.len() == 12 && served.values().all(|days| *days == 1),
            "nobody goes twice before all went once"
        );
    }
    let within = |count: u64, p: f64| {
        let sigma = (SEEDS as f64 * p * (1.0 - p)).sqrt();
        (count as f64 - SEEDS as f64 * p).abs() < 4.0 * sigma
    };
    for (id, count) in &first_day {
        assert!(within(*count, 0.5), "{id} goes on the first day {count} times");
    }
    // Six crews of the 66 pairs.
    assert_eq!(pairs.len(), 66);
    for (pair, count) in &pairs {
        assert!(within(*count, 6.0 / 66.0), "{pair:?} goes {count} times");
    }
}

#[test]
fn pairs_change_and_days_are_even() {
    let inspectors: Vec<Inspector> = (0..4).map(|n| inspector(&format!("{n}"))).collect();
    let tasks: Vec<Task<'_>> =
        (1..=6).flat_map(|d| [task(d, 2 * d as usize), task(d, 2 * d as usize + 1)]).collect();
    let (crews, _) = assign(&salt(7), &tasks, &inspectors, RULES, Earlier::default());
    let mut pairs: BTreeMap<(String, String), usize> = BTreeMap::new();
    for line in &crews.routes {
        *pairs.entry(pair(&line.inspectors[0], &line.inspectors[1])).or_default() += 1;
    }
    // Three ways to make two pairs of four, each on two of the six days.
    assert!(pairs.len() == 6 && pairs.values().all(|days| *days == 2), "{pairs:?}");
}

#[test]
fn teams_fixed_by_hand_go_as_they_are() {
    let mut inspectors: Vec<Inspector> = (0..7).map(|n| inspector(&format!("{n}"))).collect();
    for (n, team) in ["甲", "甲", "乙", "乙", "丙", "丙", "丙"].into_iter().enumerate() {
        inspectors[n].team = Some(team.to_owned());
    }
    inspectors[2].recuse.insert(code(1));
    inspectors[4].unavailable.insert(day(7));
    inspectors[0].unavailable.insert(day(8));
    let tasks = [task(7, 0), task(7, 1), task(8, 2), task(8, 3)];
    let (crews, shortages) = assign(&salt(3), &tasks, &inspectors, RULES, Earlier::default());
    assert!(shortages.is_empty());
    let lots: Vec<Vec<&str>> =
        crews.routes.iter().map(|r| r.inspectors.iter().map(String::as_str).collect()).collect();
    let teams = [vec!["0", "1"], vec!["2", "3"], vec!["5", "6"], vec!["4", "5", "6"]];
    assert!(lots.iter().all(|crew| teams.contains(crew)), "{lots:?}");
    assert_ne!(lots[1], ["2", "3"], "recused");
    assert!(lots[2] != ["0", "1"] && lots[3] != ["0", "1"], "only one of them is there");
    assert_eq!(RULES.bar(&inspectors[2], &tasks[1]), Some(Bar::Recused(code(1))));
}
