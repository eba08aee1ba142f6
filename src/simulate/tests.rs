use serde_json::json;

use super::*;
use crate::draw::stream::SEARCH;
use crate::routing::solve::{Settings, Unwatched, solve};

/// `visits` visits around one base, `teams` teams and ten days; half of the visits are due after five.
fn problem(visits: usize, teams: usize) -> Problem {
    let days: Vec<String> =
        [7, 8, 9, 10, 11, 14, 15, 16, 17, 18].iter().map(|d| format!("2022-03-{d:02}")).collect();
    let nodes = visits + 1;
    let place = |node: usize| ((node * 37 % 11) as i64 * 300, (node * 53 % 13) as i64 * 300);
    let travel: Vec<Vec<i64>> = (0..nodes)
        .map(|a| (0..nodes).map(|b| (place(a).0 - place(b).0).abs() + (place(a).1 - place(b).1).abs()).collect())
        .collect();
    let file = json!({"format": "hecha-problem/1", "days": days, "shift": {"start": 30600, "end": 63000},
        "lunch": {"start": 43200, "end": 48600}, "bases": [{"id": "B"}],
        "teams": (0..teams).map(|t| json!({"id": format!("T{t}"), "base": "B", "max_visits": 4})).collect::<Vec<_>>(),
        "visits": (0..visits).map(|v| json!({"id": format!("V{v}"), "service": 3600 + v % 3 * 1800,
            "deadline": if v % 2 == 0 { "2022-03-11" } else { "2022-03-18" }})).collect::<Vec<_>>(),
        "travel": travel, "cost": {"team_day": 28800, "travel": 1}});
    Problem::from_json(file.to_string().as_bytes()).unwrap()
}

fn plan(problem: &Problem) -> Schedule {
    let settings = Settings { seed: String::new(), effort: 0, threads: 1, prove: false };
    solve(problem, &settings, &mut key().generator(SEARCH), &Unwatched)
}

fn key() -> Key {
    Key::of("simulated", "a-seed-for-tests")
}

fn outcome(problem: &Problem, rates: Rates, runs: u32) -> Outcome {
    simulate(problem, &plan(problem), &|_| false, rates, key(), runs, 2)
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let problem = problem(24, 2);
    let plan = plan(&problem);
    let all: Vec<Outcome> = [1, 2, 3, 7]
        .map(|threads| simulate(&problem, &plan, &|_| false, Rates::default(), key(), 101, threads))
        .to_vec();
    assert!(all.iter().all(|one| *one == all[0]));
    let other =
        simulate(&problem, &plan, &|_| false, Rates::default(), Key::of("simulated", "another-seed"), 101, 1);
    assert_ne!(other, all[0]);
}

#[test]
fn a_feasible_plan_holds_where_nothing_goes_wrong() {
    let problem = problem(24, 2);
    let outcome = outcome(&problem, Rates::NONE, 20);
    assert_eq!(outcome.on_time, [20; BUFFER + 1]);
    assert_eq!(outcome.undone, [Tally { count: 0, runs: 20 }]);
    let lines: Vec<(String, usize, u32)> =
        outcome.deadlines.iter().map(|d| (d.deadline.to_string(), d.visits, d.on_time[0])).collect();
    assert_eq!(lines, [("2022-03-11".to_owned(), 12, 20), ("2022-03-18".to_owned(), 12, 20)]);
}

#[test]
fn where_everybody_is_absent_or_a_visit_has_no_place_nothing_holds() {
    let problem = problem(24, 2);
    let nobody = outcome(&problem, Rates { absence: CERTAIN, ..Rates::NONE }, 10);
    assert_eq!(nobody.on_time, [0; BUFFER + 1]);
    assert_eq!(nobody.undone, [Tally { count: 24, runs: 10 }]);
    let mut plan = plan(&problem);
    let gone = plan.routes.pop().unwrap();
    let left_out = simulate(&problem, &plan, &|_| false, Rates::NONE, key(), 10, 1);
    assert_eq!(left_out.undone, [Tally { count: gone.visits.len(), runs: 10 }]);
}

#[test]
fn more_trouble_is_not_more_on_time_and_a_buffer_helps() {
    let problem = problem(40, 2);
    let base = Rates { overrun: 300_000, overrun_by: 3600, travel: 200_000, absence: 50_000, withdrawal: 50_000 };
    for (name, more) in [
        ("overrun", Rates { overrun: CERTAIN, overrun_by: 7200, ..base }),
        ("absence", Rates { absence: 300_000, ..base }),
        ("withdrawal", Rates { withdrawal: 500_000, ..base }),
    ] {
        let (calm, rough) = (outcome(&problem, base, 300), outcome(&problem, more, 300));
        assert!(rough.on_time[0] <= calm.on_time[0], "{name}: {rough:?} {calm:?}");
    }
    let some = outcome(&problem, base, 300);
    assert!(some.on_time[0] < 300 && some.on_time[BUFFER] > some.on_time[0], "{some:?}");
    for line in &some.deadlines {
        assert!(line.on_time.is_sorted(), "a later deadline holds as often at least");
        assert_eq!(line.missed.iter().map(|tally| tally.runs).sum::<u32>(), 300);
        assert_eq!(line.missed[0].runs, line.on_time[0], "none missed is all in time");
    }
}

#[test]
fn what_one_absence_puts_off_is_made_the_next_day() {
    // One visit, one team: on the planned day it is made with a chance of one half, by the day after with three quarters.
    let problem = Problem::from_json(
        json!({"format": "hecha-problem/1", "days": ["2022-03-07", "2022-03-08"],
            "shift": {"start": 0, "end": 1000}, "bases": [{"id": "B"}], "teams": [{"id": "T", "base": "B"}],
            "visits": [{"id": "V", "service": 10, "deadline": "2022-03-08"}],
            "travel": [[0, 1], [1, 0]], "cost": {"team_day": 5, "travel": 1}})
        .to_string()
        .as_bytes(),
    )
    .unwrap();
    let outcome = outcome(&problem, Rates { absence: CERTAIN / 2, ..Rates::NONE }, 4000);
    for (days, count) in outcome.on_time.iter().enumerate() {
        let expected = 4000.0 * (1.0 - 0.5_f64.powi(days as i32 + 2));
        assert!((f64::from(*count) - expected).abs() < 4.5 * 1000_f64.sqrt(), "{days}: {count} {expected}");
    }
}

#[test]
fn the_picture_is_complete_and_well_formed() {
    let outcome = outcome(&problem(40, 2), Rates::default(), 50);
    for lang in Lang::ALL {
        let picture = plot(&outcome, lang);
        assert!(picture.contains("2022-03-11") && picture.matches("<rect").count() == 1 + 2 * (BUFFER + 1));
        assert!(!picture.replace("http://www.w3.org/2000/svg", "").contains("http"));
        let mut reader = quick_xml::Reader::from_str(&picture);
        let mut depth = 0_i32;
        loop {
            match reader.read_event().unwrap() {
                quick_xml::events::Event::Start(_) => depth += 1,
                quick_xml::events::Event::End(_) => depth -= 1,
                quick_xml::events::Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(depth, 0);
        assert!(outcome.say(lang).lines().count() == 3);
    }
    assert!(outcome.say(Lang::Zh).contains("全部按期完成的概率"));
}

#[test]
fn a_percentage_is_whole_only_where_it_is_all_or_none() {
    assert_eq!([percent(0, 1000), percent(1000, 1000), percent(932, 1000)], ["0.0%", "100.0%", "93.2%"]);
    assert_eq!([percent(1, 100_000), percent(99_999, 100_000)], ["0.1%", "99.9%"]);
}

#[test]
fn what_is_over_drops_out() {
    let problem = problem(10, 1);
    let plan = plan(&problem);
    let over = |id: &str| id != problem.visits[3].id;
    let outcome = simulate(&problem, &plan, &over, Rates::default(), key(), 50, 1);
    assert_eq!(outcome.deadlines.iter().map(|line| line.visits).sum::<usize>(), 1);
    let nothing = simulate(&problem, &plan, &|_| true, Rates::default(), key(), 50, 1);
    assert!(nothing.deadlines.is_empty() && nothing.on_time == [50; BUFFER + 1]);
}
