//! `hecha solve` and `hecha verify PROBLEM SCHEDULE` as a user runs them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs;

use support::{expect, folder, json, kept};

#[test]
fn a_published_instance_is_solved_and_verified_the_same_on_any_number_of_threads() {
    let dir = folder();
    fs::copy(kept("instances/core-100.json"), dir.path().join("p.json")).unwrap();
    expect(dir.path(), "solve p.json --effort 1 --threads 1 -o a.json", 0);
    expect(dir.path(), "solve p.json --effort 1 --threads 4 -o b.json", 0);
    assert!(fs::read(dir.path().join("a.json")).unwrap() == fs::read(dir.path().join("b.json")).unwrap());
    let text = expect(dir.path(), "verify p.json a.json", 0);
    assert!(text.contains("feasible") && text.contains("the stated bound is proven"), "{text}");
    // Other engines need 30 s to come this close, and prove nothing.
    let schedule = json(dir.path().join("a.json"));
    let total = schedule["cost"]["total"].as_i64().unwrap();
    assert!((1_274_785..1_290_000).contains(&total), "{total}");
    assert!(schedule["bound"]["gap"].as_i64().unwrap() < 15_000, "{}", schedule["bound"]["gap"]);
    // A bound that claims more than its multipliers prove is refused.
    let value = schedule["bound"]["value"].as_i64().unwrap();
    let text = fs::read_to_string(dir.path().join("a.json")).unwrap();
    let claimed = i64::midpoint(value, total);
    let gap = ((total - claimed) * 1_000_000 + total - 1) / total;
    let text = text.replacen(&format!("\"value\": {value}"), &format!("\"value\": {claimed}"), 1).replacen(
        &format!("\"gap\": {}", schedule["bound"]["gap"]),
        &format!("\"gap\": {gap}"),
        1,
    );
    fs::write(dir.path().join("c.json"), text).unwrap();
    assert!(expect(dir.path(), "verify p.json c.json", 1).contains("is proven"));
}

#[test]
fn a_changed_minute_is_named() {
    let dir = folder();
    fs::copy(kept("instances/core-100.json"), dir.path().join("p.json")).unwrap();
    expect(dir.path(), "solve p.json --effort 0 -o s.json", 0);
    let text = fs::read_to_string(dir.path().join("s.json")).unwrap();
    let start = json(dir.path().join("s.json"))["routes"][3]["visits"][1]["start"].as_i64().unwrap();
    let changed = text.replacen(&format!("\"start\": {start}"), &format!("\"start\": {}", start + 60), 1);
    fs::write(dir.path().join("s.json"), changed).unwrap();
    let text = expect(dir.path(), "verify p.json s.json", 1);
    assert!(text.contains("visits[1].start is stated as"), "{text}");
}

#[test]
fn visits_that_cannot_be_made_are_listed_with_their_reason() {
    let dir = folder();
    fs::write(
        dir.path().join("p.json"),
        r#"{"format":"hecha-problem/1","days":["2022-03-07"],"shift":{"start":0,"end":1000},
        "bases":[{"id":"B"}],"teams":[{"id":"T","base":"B"}],
        "visits":[{"id":"fits","service":100},{"id":"skill","service":1,"skills":["x"]},
         {"id":"late","service":1,"deadline":"2022-03-06"},{"id":"long","service":1,"windows":[[5,5]]},
         {"id":"far","service":10},{"id":"crowd","service":900}],
        "travel":[[0,1,1,1,1,600,1],[1,0,1,1,1,600,1],[1,1,0,1,1,600,1],[1,1,1,0,1,600,1],[1,1,1,1,0,600,1],[600,600,600,600,600,0,600],[1,1,1,1,1,600,0]],
        "cost":{"team_day":10,"travel":1}}"#,
    )
    .unwrap();
    expect(dir.path(), "solve p.json -o s.json", 1);
    expect(dir.path(), "verify p.json s.json", 0);
    let schedule = json(dir.path().join("s.json"));
    let reasons: Vec<(&str, &str)> = schedule["unscheduled"]
        .as_array()
        .unwrap()
        .iter()
        .map(|u| (u["id"].as_str().unwrap(), u["reason"].as_str().unwrap()))
        .collect();
    assert_eq!(
        reasons[..4],
        [("skill", "no_team"), ("late", "no_day"), ("long", "no_window"), ("far", "unreachable")]
    );
    assert_eq!(reasons[4].1, "capacity");
}

#[test]
fn a_malformed_problem_is_refused_with_the_path_of_the_field() {
    let dir = folder();
    let text = fs::read_to_string(kept("instances/core-100.json")).unwrap();
    fs::write(dir.path().join("p.json"), text.replacen("\"service\":5400", "\"service\":-1", 1)).unwrap();
    assert!(expect(dir.path(), "solve p.json", 2).contains("visits[0].service"));
    fs::write(dir.path().join("p.json"), "").unwrap();
    expect(dir.path(), "solve p.json", 2);
}

#[test]
fn a_time_limit_is_kept_and_recorded() {
    let dir = folder();
    fs::copy(kept("instances/core-100.json"), dir.path().join("p.json")).unwrap();
    expect(dir.path(), "solve p.json --effort 100 --time-limit 0.2 -o s.json", 0);
    assert_eq!(json(dir.path().join("s.json"))["run"]["stopped"], "time_limit");
    expect(dir.path(), "verify p.json s.json", 0);
    assert!(expect(dir.path(), "solve p.json --time-limit -1", 2).contains("time-limit"));
}
