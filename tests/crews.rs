//! Days on which the routes find no crews: the plan gives way where it can, and says what stands in the way where not.

#![allow(
    clippy::unwrap_used,
    clippy::format_collect,
    reason = "a test that cannot go on has failed; its tables are short"
)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::Path;

use support::{expect, folder, json};

fn code(n: usize) -> String {
    format!("91320583MA0000{n:02}XX")
}

fn codes(range: Range<usize>) -> String {
    range.map(code).collect::<Vec<_>>().join(";")
}

/// So many enterprises, two a route, all checked; of four inspectors two are recused from all of them.
fn city(dir: &Path, visits: usize, first_day: &str) {
    let all = codes(0..visits);
    let inspectors = format!("id,name,base,recuse\n1,甲,市局,\n2,乙,市局,\n3,丙,市局,{all}\n4,丁,市局,{all}\n");
    place(dir, &vec![3; visits], &inspectors, 2, first_day);
}

/// Enterprises of these stars at one place, so many a route, all checked.
fn place(dir: &Path, stars: &[u8], inspectors: &str, max_visits: usize, first_day: &str) {
    let row = |(n, star): (usize, &u8)| format!("{},企业{n},{star},昆山市,120.98,31.38\n", code(n));
    let rows: String = stars.iter().enumerate().map(row).collect();
    fs::write(dir.join("applicants.csv"), format!("code,name,star,county,lon,lat\n{rows}")).unwrap();
    fs::write(dir.join("inspectors.csv"), inspectors).unwrap();
    let plan = format!(
        r#"notice = "jiangsu-2022-46"
city = "苏州市"
applicants = "applicants.csv"
inspectors = "inspectors.csv"
draw = "crews-1"
seed = "abcdefghijklm"
[sample]
rate = "100%"
[schedule]
first_day = {first_day}
shift = "08:30-17:30"
max_visits = {max_visits}
minutes = {{ 3 = 60, 4 = 90, 5 = 120 }}
wrap_up_workdays = {{ 3 = 7, 4 = 7, 5 = 3 }}
effort = 1
"#
    );
    fs::write(dir.join("plan.toml"), plan).unwrap();
}

#[test]
fn routes_that_find_no_crews_together_are_spread_over_the_days() {
    let dir = folder();
    city(dir.path(), 6, "2022-04-01");
    let text = expect(dir.path(), "plan plan.toml -o out", 0);
    assert!(text.contains("ruled out"), "{text}");
    let crews = json(dir.path().join("out/crews.json"));
    let routes = crews["routes"].as_array().unwrap();
    let days: BTreeSet<&str> = routes.iter().map(|r| r["day"].as_str().unwrap()).collect();
    assert_eq!((routes.len(), days.len()), (3, 3), "two inspectors make one route a day");
    for route in routes {
        let crew: BTreeSet<&str> =
            route["inspectors"].as_array().unwrap().iter().map(|i| i.as_str().unwrap()).collect();
        assert_eq!(crew, BTreeSet::from(["1", "2"]));
    }
    assert!(expect(dir.path(), "verify out", 0).contains("every claim holds"));
    // A restriction that nothing justifies is named.
    let path = dir.path().join("out/restrictions.json");
    let mut file = json(&path);
    file["restrictions"][0]["routes"] = serde_json::json!([[file["restrictions"][0]["visit"]]]);
    fs::write(&path, serde_json::to_string_pretty(&file).unwrap() + "\n").unwrap();
    support::forge_sums(&dir.path().join("out"));
    assert!(expect(dir.path(), "verify out", 1).contains("find their crews"));
}

/// Every route has a crew and every enterprise a route, in so many team-days; what was ruled out is justified.
fn all_manned(dir: &Path, visits: usize, team_days: usize) {
    let text = expect(dir, "plan plan.toml -o out", 0);
    assert!(text.contains("ruled out"), "{text}");
    let crews = json(dir.join("out/crews.json"));
    assert!(crews["routes"].as_array().unwrap().iter().all(|r| r["inspectors"].as_array().unwrap().len() == 2));
    let schedule = json(dir.join("out/schedule.json"));
    let routes = schedule["routes"].as_array().unwrap();
    let made: usize = routes.iter().map(|r| r["visits"].as_array().unwrap().len()).sum();
    assert_eq!((made, routes.len()), (visits, team_days), "{schedule}");
    assert!(expect(dir, "verify out", 0).contains("every claim holds"));
}

#[test]
fn enterprises_of_which_each_expert_is_recused_from_another_go_to_different_teams() {
    let dir = folder();
    let inspectors = format!(
        "id,name,base,expert,recuse\n1,甲,市局,是,{}\n2,乙,市局,是,{}\n3,丙,市局,是,{}\n4,丁,市局,,\n5,戊,市局,,\n6,己,市局,,\n",
        code(0),
        code(1),
        code(2)
    );
    // All three would fit into one route, and there are many days.
    place(dir.path(), &[5, 5, 5], &inspectors, 3, "2022-03-07");
    all_manned(dir.path(), 3, 2);
}

#[test]
fn two_halves_that_no_crew_may_mix_get_teams_of_their_own() {
    let dir = folder();
    let inspectors = format!(
        "id,name,base,recuse\n1,甲,市局,{a}\n2,乙,市局,{a}\n3,丙,市局,{b}\n4,丁,市局,{b}\n",
        a = codes(0..9),
        b = codes(9..18)
    );
    place(dir.path(), &[3; 18], &inspectors, 3, "2022-03-07");
    all_manned(dir.path(), 18, 6);
}

#[test]
fn an_enterprise_that_no_team_fixed_by_hand_may_check_is_left_out() {
    let dir = folder();
    let inspectors = format!(
        "id,name,base,team,recuse\n1,甲,市局,一组,{}\n2,乙,市局,一组,\n3,丙,市局,二组,{}\n4,丁,市局,二组,\n",
        code(0),
        code(0)
    );
    place(dir.path(), &[3; 4], &inspectors, 4, "2022-03-07");
    let text = expect(dir.path(), "plan plan.toml -o out", 1);
    let schedule = json(dir.path().join("out/schedule.json"));
    assert_eq!(schedule["unscheduled"][0]["id"].as_str().unwrap(), code(0), "{text}");
    assert!(text.contains("recused"), "{text}");
    let crews = json(dir.path().join("out/crews.json"));
    assert!(crews["routes"].as_array().unwrap().iter().all(|r| r["inspectors"].as_array().unwrap().len() == 2));
}

#[test]
fn a_team_fixed_by_hand_is_of_one_base_and_takes_everybody() {
    let dir = folder();
    let rows = "1,甲,市局,一组\n2,乙,昆山,一组\n3,丙,市局,\n";
    place(dir.path(), &[3; 4], &format!("id,name,base,team\n{rows}"), 4, "2022-03-07");
    let text = expect(dir.path(), "plan plan.toml -o out", 2);
    assert!(text.contains("row 3, column base") && text.contains("members at two bases"), "{text}");
    assert!(text.contains("row 4, column team: nothing here"), "{text}");
}

#[test]
fn documents_call_a_team_fixed_by_hand_by_its_name() {
    let dir = folder();
    let rows = "1,甲,市局,先锋组\n2,乙,市局,先锋组\n";
    place(dir.path(), &[3; 4], &format!("id,name,base,team\n{rows}"), 4, "2022-03-07");
    expect(dir.path(), "plan plan.toml -o out", 0);
    for name in ["daily/2022-03-07.html", "check-plan.html", "schedule.csv"] {
        let text = fs::read_to_string(dir.path().join("out").join(name)).unwrap();
        assert!(text.contains("先锋组"), "{name}");
    }
}

#[test]
fn people_read_the_teams_by_their_numbers_and_machines_by_their_bytes() {
    let dir = folder();
    let inspector = |n: usize| {
        let expert = if n.is_multiple_of(3) { "是" } else { "" };
        let away = if n < 12 && n.is_multiple_of(3) { "2022-03-07" } else { "" };
        format!("{n},甲{n},市局,{expert},{away}\n")
    };
    let rows: String = (0..24).map(inspector).collect();
    let stars: Vec<u8> = (0..30).map(|n| if n < 9 { 5 } else { 3 }).collect();
    place(dir.path(), &stars, &format!("id,name,base,expert,unavailable\n{rows}"), 1, "2022-03-07");
    expect(dir.path(), "plan plan.toml -o out", 0);
    let out = dir.path().join("out");
    let schedule = json(out.join("schedule.json"));
    let key = |route: &serde_json::Value| {
        (route["day"].as_str().unwrap().to_owned(), route["team"].as_str().unwrap().to_owned())
    };
    let routes: Vec<(String, String)> = schedule["routes"].as_array().unwrap().iter().map(key).collect();
    assert!(routes.is_sorted());
    assert!(routes.iter().any(|(_, team)| team.ends_with('′')), "{routes:?}");
    let geojson = json(out.join("schedule.geojson"));
    let features = geojson["features"].as_array().unwrap().iter().map(|feature| &feature["properties"]);
    assert!(features.filter(|p| p["kind"] == "route").map(key).eq(routes.iter().cloned()));
    // The numbers from 1 on, day after day, with no second kind of a team.
    let mut expected: Vec<(String, usize)> = routes
        .iter()
        .map(|(day, team)| (day.clone(), team.trim_start_matches("市局-").trim_end_matches('′').parse().unwrap()))
        .collect();
    expected.sort();
    assert!(expected.iter().any(|(_, number)| *number > 9));
    let csv = fs::read_to_string(out.join("schedule.csv")).unwrap();
    let rows = csv.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    let read: Vec<(String, usize)> =
        rows.map(|row| (row[0].to_owned(), row[1].trim_start_matches("市局-").parse().unwrap())).collect();
    assert_eq!(read, expected);
    for (day, _) in &expected {
        let pack = fs::read_to_string(out.join(format!("daily/{day}.html"))).unwrap();
        let sheets = pack.split("class=\"sheet route\"").skip(1).map(|sheet| {
            let team = sheet.split("Team: 市局-").nth(1).unwrap();
            (day.clone(), team.split('<').next().unwrap().parse().unwrap())
        });
        assert!(sheets.eq(expected.iter().filter(|(of, _)| of == day).cloned()), "{day}");
    }
    assert!(expect(dir.path(), "verify out", 0).contains("every claim holds"));
}

#[test]
fn where_nothing_helps_the_recusals_are_named() {
    let dir = folder();
    city(dir.path(), 4, "2022-04-06");
    let text = expect(dir.path(), "plan plan.toml -o out", 1);
    assert!(text.contains("find no crews of 2") && text.contains("recused from"), "{text}");
    assert!(text.contains('丙') && text.contains('丁') && !text.contains('甲'), "{text}");
    let crews = json(dir.path().join("out/crews.json"));
    let sizes: Vec<usize> =
        crews["routes"].as_array().unwrap().iter().map(|r| r["inspectors"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [2, 0]);
    assert!(expect(dir.path(), "verify out", 1).contains("too few inspectors"));
}

#[test]
fn tampering_with_a_crew_is_named() {
    let dir = folder();
    expect(dir.path(), "plan --example -o out", 0);
    let path = dir.path().join("out/crews.json");
    let whole = json(&path);
    for what in ["swapped", "alone", "salt", "order"] {
        let mut file = whole.clone();
        match what {
            "swapped" => file["routes"][0]["inspectors"][1] = "H007".into(),
            "alone" => file["routes"][1]["inspectors"].as_array_mut().unwrap().truncate(1),
            "salt" => file["salt"] = "0".repeat(64).into(),
            _ => file["routes"][1]["inspectors"].as_array_mut().unwrap().reverse(),
        }
        fs::write(&path, serde_json::to_string_pretty(&file).unwrap() + "\n").unwrap();
        support::forge_sums(&dir.path().join("out"));
        assert!(expect(dir.path(), "verify out", 1).contains("DIFFERS"), "{what}");
    }
}

/// Six inspectors of one base, each recused from two of five enterprises and away on two days of the first week, as
/// numbers from a fixed sequence say.
fn tangle(dir: &Path, seed: u64) {
    const VISITS: usize = 16;
    let mut state = seed;
    let mut next = move |below: u64| {
        state = (state * 1_103_515_245 + 12_345) % (1 << 31);
        (state >> 16) % below
    };
    let mut line = |id: usize| {
        let recused: Vec<String> = (0..VISITS).filter(|_| next(5) < 2).map(code).collect();
        let away: Vec<String> = (0..2).map(|_| format!("2022-03-{:02}", 7 + next(5))).collect();
        format!("{id},人员{id},市局,{},{}\n", recused.join(";"), away.join(";"))
    };
    let inspectors: String = (1..=6).map(&mut line).collect();
    let inspectors = format!("id,name,base,recuse,unavailable\n{inspectors}");
    place(dir, &[3; VISITS], &inspectors, 3, "2022-03-07");
}

#[test]
fn what_no_search_learns_is_moved_visit_by_visit_until_every_route_has_a_crew() {
    for seed in [1, 2, 4, 9] {
        let dir = folder();
        tangle(dir.path(), seed);
        expect(dir.path(), "plan . -o out", 0);
        let crews = json(dir.path().join("out/crews.json"));
        for route in crews["routes"].as_array().unwrap() {
            assert_eq!(route["inspectors"].as_array().unwrap().len(), 2, "{seed}: {route}");
        }
        expect(dir.path(), "verify out", 0);
    }
}
