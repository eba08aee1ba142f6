//! Days on which the routes find no crews: the plan gives way where it can, and says what stands in the way where not.

#![allow(
    clippy::unwrap_used,
    clippy::format_collect,
    reason = "a test that cannot go on has failed; its tables are short"
)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use support::{expect, folder, json};

fn code(n: usize) -> String {
    format!("91320583MA0000{n:02}XX")
}

/// So many enterprises, two a route, all checked; of four inspectors two are recused from all of them.
fn city(dir: &Path, visits: usize, first_day: &str) {
    let rows: String = (0..visits).map(|n| format!("{},企业{n},3,昆山市,120.98,31.38\n", code(n))).collect();
    fs::write(dir.join("applicants.csv"), format!("code,name,star,county,lon,lat\n{rows}")).unwrap();
    let all = (0..visits).map(code).collect::<Vec<_>>().join(";");
    let inspectors = format!("id,name,base,recuse\n1,甲,市局,\n2,乙,市局,\n3,丙,市局,{all}\n4,丁,市局,{all}\n");
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
max_visits = 2
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
