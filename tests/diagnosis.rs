//! Plans that do not fit, as a user runs them: what is left out, why, and what would make it fit.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use support::{expect, files, folder, forge_sums, json};
use tempfile::TempDir;

const HEADER: &str = "统一社会信用代码,企业名称,申报星级,所属县区,不便日期,接待时段\n";
/// Two inspectors of the city bureau, no expert.
const PAIR: &str = "工号,姓名,所属县区,驻地,专家,请假日期,回避企业\n1,甲,,市局,,,\n2,乙,,市局,,,\n";

fn code(n: usize) -> String {
    format!("91320583MA{n:08}")
}

/// `n` applicants for a star, numbered from `from`, all in one county.
fn applicants(from: usize, n: usize, star: u8) -> String {
    (from..from + n).fold(String::new(), |mut out, n| {
        let _ = writeln!(out, "{},企业{n},{star},昆山市,,", code(n));
        out
    })
}

/// A folder with a plan that checks every applicant. `travel` is the plan's table of that name.
fn plan(first_day: &str, applicants: &str, inspectors: &str, travel: &str) -> TempDir {
    let dir = folder();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write(
        "plan.toml",
        &format!(
            "notice = \"jiangsu-2022-46\"\ncity = \"苏州市\"\napplicants = \"a.csv\"\ninspectors = \"i.csv\"\n\
             draw = \"d-1\"\nseed = \"TEST-SEED-0001\"\n[sample]\nrate = \"100%\"\n\
             [schedule]\nfirst_day = {first_day}\nshift = \"08:30-17:30\"\nlunch = \"12:00-13:30\"\nmax_visits = 4\n\
             minutes = {{ 3 = 60, 4 = 90, 5 = 120 }}\nwrap_up_workdays = {{ 3 = 7, 4 = 7, 5 = 3 }}\n\
             [travel]\n{travel}\n"
        ),
    );
    write("a.csv", &format!("{HEADER}{applicants}"));
    write("i.csv", inspectors);
    dir
}

/// Runs a plan that does not fit; its dossier verifies. The diagnosis, and what was printed.
fn diagnosed(dir: &Path) -> (Value, String) {
    let text = expect(dir, "plan . -o out", 1);
    let verified = expect(dir, "verify out", 0);
    assert!(verified.contains("its cures do make room"), "{verified}");
    let diagnosis = json(dir.join("out/diagnosis.json"));
    let schedule = json(dir.join("out/schedule.json"));
    let left_out: Vec<&Value> = schedule["unscheduled"].as_array().unwrap().iter().map(|u| &u["id"]).collect();
    let named: Vec<&Value> = diagnosis["left_out"].as_array().unwrap().iter().map(|u| &u["id"]).collect();
    assert_eq!(left_out, named);
    (diagnosis, text)
}

/// The last visit day of three stars is 6 April; only 2 and 6 April are left for one team of at most four visits a day.
#[test]
fn too_few_inspectors_are_cured_by_more_team_days_or_an_earlier_start() {
    let dir = plan("2022-04-02", &applicants(1, 11, 3), PAIR, "");
    let (diagnosis, text) = diagnosed(dir.path());
    let line = &diagnosis["left_out"][0];
    assert_eq!(line["reason"], "capacity");
    assert_eq!(line["team_days"], json!({"admissible": 2, "used": 2}));
    assert!(line["binds"]["any_of"].as_array().unwrap().contains(&json!("deadline")));
    assert_eq!(line["curable_by"], json!(["team_days", "earlier"]));
    let cure = &diagnosis["cures"]["team_days"];
    assert_eq!((&cure["n"], &cure["crew"]), (&json!(1), &json!(2)));
    assert_eq!(cure["days"][0]["base"], "市局");
    assert_eq!(cure["days"][0]["by"], "2022-04-06");
    assert_eq!(cure["days"][0]["expert"], false);
    assert!(cure["one_less"]["not_found"].is_object());
    assert_eq!(cure["schedule"]["unscheduled"], json!([]));
    let earlier = &diagnosis["cures"]["earlier"];
    assert_eq!((&earlier["workdays"], &earlier["first_day"]), (&json!(1), &json!("2022-04-01")));
    assert!(text.contains("1 more (2 inspectors each") && text.contains("by 1 working days"), "{text}");
    assert!(text.contains("no fitting schedule was found"), "{text}");
    // What the cure says is what happens: with the earlier start the plan fits.
    let path = dir.path().join("plan.toml");
    let changed = fs::read_to_string(&path).unwrap().replace("first_day = 2022-04-02", "first_day = 2022-04-01");
    fs::write(path, changed).unwrap();
    expect(dir.path(), "plan . -o fits", 0);
    assert!(!dir.path().join("fits/diagnosis.json").exists());
}

#[test]
fn several_team_days_are_counted_and_one_less_does_not_do() {
    let dir = plan("2022-04-02", &applicants(1, 18, 3), PAIR, "");
    let (diagnosis, text) = diagnosed(dir.path());
    // 18 visits are five days of four; two days are there.
    assert_eq!(diagnosis["cures"]["team_days"]["n"], 3);
    assert!(diagnosis["cures"]["team_days"]["one_less"]["not_found"].is_object());
    assert_eq!(diagnosis["cures"]["earlier"]["workdays"], 3);
    assert!(text.contains("with any one less no fitting schedule was found"), "{text}");
    assert!(text.contains("with 2 no fitting schedule was found"), "{text}");
}

#[test]
fn a_first_day_after_the_last_visit_day_is_cured_by_an_earlier_start_alone() {
    let dir = plan("2022-04-07", &applicants(1, 3, 3), PAIR, "");
    let (diagnosis, text) = diagnosed(dir.path());
    assert_eq!(diagnosis["left_out"][0]["curable_by"], json!(["earlier"]));
    assert_eq!(diagnosis["cures"]["team_days"], Value::Null);
    assert_eq!(diagnosis["cures"]["earlier"]["first_day"], "2022-04-06");
    assert!(text.contains("more team-days: no help"), "{text}");
    assert!(text.contains("by 2022-04-06, and the plan starts on 2022-04-07"), "{text}");
}

#[test]
fn the_only_experts_leave_asks_for_team_days_with_an_expert() {
    let inspectors = "工号,姓名,所属县区,驻地,专家,请假日期\n1,甲,,市局,是,2022-04-18..2022-04-26\n2,乙,,市局,,\n3,丙,,市局,,\n";
    let dir = plan("2022-04-18", &(applicants(1, 2, 3) + &applicants(3, 2, 5)), inspectors, "");
    let (diagnosis, text) = diagnosed(dir.path());
    let five = |line: &&Value| line["last_day"] == "2022-04-26";
    let lines = diagnosis["left_out"].as_array().unwrap();
    let fives: Vec<&Value> = lines.iter().filter(five).collect();
    assert_eq!(fives.len(), 2);
    assert_eq!(fives[0]["curable_by"], json!(["team_days", "earlier"]));
    let binds = fives[0]["binds"]["any_of"].as_array().unwrap();
    assert!(binds.contains(&json!("experts")) || binds.contains(&json!("team_days_off")), "{binds:?}");
    let cure = &diagnosis["cures"]["team_days"];
    assert_eq!((&cure["n"], &cure["days"][0]["expert"]), (&json!(1), &json!(true)));
    assert!(text.contains("with an expert"), "{text}");
    // The three stars are too late for any team-day, not for an earlier start.
    assert!(text.contains("no help for 2 of them"), "{text}");
}

/// Three stars are too late for any team-day, and nobody may lead a check of five stars: each kind cures what the other
/// does not.
#[test]
fn where_no_kind_suffices_alone_both_together_are_the_cure() {
    let dir = plan("2022-04-18", &(applicants(1, 6, 3) + &applicants(7, 2, 5)), PAIR, "");
    let (diagnosis, text) = diagnosed(dir.path());
    assert_eq!(diagnosis["left_out"].as_array().unwrap().len(), 8);
    // Each alone leaves somebody out.
    assert_eq!(diagnosis["cures"]["team_days"]["schedule"]["unscheduled"].as_array().unwrap().len(), 6);
    assert_eq!(diagnosis["cures"]["earlier"]["schedule"]["unscheduled"].as_array().unwrap().len(), 2);
    let cure = &diagnosis["cures"]["both"];
    assert_eq!(cure["schedule"]["unscheduled"], json!([]));
    // 6 April is the last day for three stars, and one team makes four visits a day: a second one is needed there, and
    // someone who may lead the checks of five stars.
    assert_eq!((&cure["workdays"], &cure["first_day"]), (&json!(8), &json!("2022-04-06")));
    assert_eq!((&cure["n"], &cure["crew"]), (&json!(2), &json!(2)));
    let days = cure["days"].as_array().unwrap();
    assert!(days.iter().any(|day| day["expert"] == true) && days.iter().any(|day| day["day"] == "2022-04-06"));
    assert!(cure["one_workday_less"]["not_found"].is_object());
    assert_eq!(cure["one_team_day_less"]["not_found"]["ways"], 2);
    assert!(text.contains("start 8 working days earlier, on 2022-04-06, with 2 more team-days"), "{text}");
    assert!(
        text.contains("with 7 days earlier no fitting schedule") && text.contains("nor with any one"),
        "{text}"
    );

    let out = dir.path().join("out");
    let whole = fs::read_to_string(out.join("diagnosis.json")).unwrap();
    let stated: Value = serde_json::from_str(&whole).unwrap();
    for (change, named) in
        [("workdays", "working days earlier"), ("n", "cures.both: n"), ("crew", "cures.both: crew")]
    {
        let mut bad = stated.clone();
        let number = bad["cures"]["both"][change].as_u64().unwrap();
        bad["cures"]["both"][change] = json!(number + 1);
        fs::write(out.join("diagnosis.json"), serde_json::to_string_pretty(&bad).unwrap() + "\n").unwrap();
        forge_sums(&out);
        let said = expect(dir.path(), "verify out", 1);
        assert!(said.contains(named), "{change}: {said}");
    }
    // A schedule that leaves somebody out is no cure.
    let mut bad = stated.clone();
    bad["cures"]["both"]["schedule"] = stated["cures"]["earlier"]["schedule"].clone();
    fs::write(out.join("diagnosis.json"), serde_json::to_string_pretty(&bad).unwrap() + "\n").unwrap();
    forge_sums(&out);
    assert!(expect(dir.path(), "verify out", 1).contains("cures.both.schedule"));
    // A dossier of before there was such a cure stays readable.
    let mut old = stated;
    old["cures"].as_object_mut().unwrap().remove("both");
    old["search"].as_object_mut().unwrap().remove("most_extra_teams_with_earlier");
    let cut = whole.find(",\n    \"both\": {").unwrap();
    let end = whole[cut..].find("\n    }\n  },\n  \"search\"").unwrap();
    let text = format!("{}{}", &whole[..cut], &whole[cut + end + "\n    }".len()..]);
    let field = text.find("    \"most_extra_teams_with_earlier\"").unwrap();
    let line = text[field..].find('\n').unwrap();
    let text = format!("{}{}", &text[..field], &text[field + line + 1..]);
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), old);
    fs::write(out.join("diagnosis.json"), text).unwrap();
    forge_sums(&out);
    expect(dir.path(), "verify out", 0);
}

#[test]
fn a_visit_that_only_both_together_help_is_not_called_impossible() {
    let dir = plan("2022-04-27", &applicants(1, 2, 5), PAIR, "");
    let (diagnosis, text) = diagnosed(dir.path());
    assert_eq!(diagnosis["left_out"][0]["curable_by"], json!([]));
    let cures = &diagnosis["cures"];
    assert_eq!((&cures["team_days"], &cures["earlier"]), (&Value::Null, &Value::Null));
    assert_eq!((&cures["both"]["workdays"], &cures["both"]["n"]), (&json!(1), &json!(1)));
    assert_eq!(cures["both"]["days"][0]["expert"], true);
    assert!(!text.contains("cannot be visited even alone"), "{text}");
    assert!(text.contains("both together: start 1 working days earlier, on 2022-04-26"), "{text}");
}

#[test]
fn without_a_whole_crew_there_is_no_team_and_team_days_are_the_cure() {
    let alone = "工号,姓名,所属县区,驻地\n1,甲,,市局\n";
    let dir = plan("2022-03-28", &applicants(1, 2, 4), alone, "");
    let (diagnosis, text) = diagnosed(dir.path());
    assert!(text.contains("too few inspectors for a team"), "{text}");
    assert_eq!(diagnosis["left_out"][0]["reason"], "no_team");
    assert_eq!(diagnosis["left_out"][0]["curable_by"], json!(["team_days"]));
    assert_eq!(diagnosis["cures"]["team_days"]["n"], 1);
    assert_eq!(diagnosis["cures"]["earlier"], Value::Null);
}

/// One visit that is impossible by itself beside eleven that need a cure.
fn impossible(row: &str, inspectors: &str, travel: &str) -> TempDir {
    plan("2022-04-02", &(applicants(1, 11, 3) + row + "\n"), inspectors, travel)
}

/// The diagnosis of the impossible visit; the others are cured all the same.
fn told_apart(dir: &Path, reason: &str, remedy: &str) -> Value {
    let (diagnosis, text) = diagnosed(dir);
    let lines = diagnosis["left_out"].as_array().unwrap();
    let line = lines.iter().find(|line| line["id"] == code(99)).unwrap().clone();
    assert_eq!(line["reason"], reason);
    assert_eq!(line["curable_by"], json!([]), "{reason}");
    assert_eq!(diagnosis["cures"]["team_days"]["n"], 1, "{reason}");
    assert_eq!(diagnosis["cures"]["earlier"]["workdays"], 1, "{reason}");
    let left: Vec<&Value> = diagnosis["cures"]["team_days"]["schedule"]["unscheduled"]
        .as_array()
        .unwrap()
        .iter()
        .map(|u| &u["id"])
        .collect();
    assert_eq!(left, [&json!(code(99))]);
    assert!(text.contains("1 cannot be visited even alone") && text.contains(remedy), "{text}");
    line
}

#[test]
fn an_enterprise_available_on_no_working_day_is_told_apart() {
    let row = format!("{},闭门,3,昆山市,2022-02-01..2022-04-30,", code(99));
    let line = told_apart(impossible(&row, PAIR, "").path(), "no_day", "another day agreed with the enterprise");
    assert!(line["binds"]["any_of"].as_array().unwrap().contains(&json!("visit_days_off")));
}

#[test]
fn hours_too_short_for_the_check_are_told_apart() {
    let row = format!("{},短时,3,昆山市,,11:30-14:00", code(99));
    told_apart(impossible(&row, PAIR, "").path(), "no_window", "longer hours");
}

#[test]
fn an_enterprise_five_hours_away_is_told_apart() {
    let row = format!("{},远方,3,昆山市,,", code(99));
    let dir = impossible(&row, PAIR, "source = \"matrix\"\nfile = \"m.csv\"");
    let mut ids: Vec<String> = (1..=11).map(code).collect();
    ids.extend([code(99), "市局".to_owned()]);
    let mut matrix = String::from("from,to,seconds\n");
    for a in &ids {
        for b in ids.iter().filter(|b| *b != a) {
            let far = *a == code(99) || *b == code(99);
            let _ = writeln!(matrix, "{a},{b},{}", if far { 18_000 } else { 900 });
        }
    }
    fs::write(dir.path().join("m.csv"), matrix).unwrap();
    let line = told_apart(dir.path(), "unreachable", "a base that is nearer");
    assert_eq!(line["binds"]["any_of"], json!(["shift"]));
}

#[test]
fn an_enterprise_that_everybody_is_recused_from_is_told_apart() {
    let row = format!("{},亲友,3,昆山市,,", code(99));
    let recused = PAIR.replace("市局,,,\n", &format!("市局,,,{}\n", code(99)));
    let line = told_apart(impossible(&row, &recused, "").path(), "no_team", "another base or county");
    assert_eq!(line["binds"]["any_of"], json!(["recusal"]));
}

#[test]
fn a_tampered_diagnosis_is_named() {
    let dir = plan("2022-04-02", &applicants(1, 11, 3), PAIR, "");
    diagnosed(dir.path());
    for (from, to, named) in [
        ("\"reason\": \"capacity\"", "\"reason\": \"no_day\"", "left_out[0].reason"),
        ("\"admissible\": 2", "\"admissible\": 3", "team_days.admissible"),
        ("\"n\": 1", "\"n\": 0", "team_days: n"),
        ("\"by\": \"2022-04-06\"", "\"by\": \"2022-04-07\"", "days[0].by"),
        ("\"workdays\": 1", "\"workdays\": 2", "working days earlier"),
        ("\"deadline\"", "\"experts\"", "binds"),
        ("\"travel\": ", "\"travel\": 1", "cures"),
        ("{\n", "{\n\n", "diagnosis.json, line 2"),
    ] {
        let bad = dir.path().join("bad");
        for (name, bytes) in files(&dir.path().join("out")) {
            let path = bad.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        let path = bad.join("diagnosis.json");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        forge_sums(&bad);
        let text = expect(dir.path(), "verify bad", 1);
        assert!(text.contains(named), "{from}: {named} is not named in\n{text}");
    }
    fs::remove_file(dir.path().join("bad/diagnosis.json")).unwrap();
    forge_sums(&dir.path().join("bad"));
    assert!(expect(dir.path(), "verify bad", 1).contains("diagnosis.json is missing"));
}

#[test]
fn the_diagnosis_is_the_same_on_any_number_of_threads_and_in_json() {
    let dir = plan("2022-04-02", &applicants(1, 18, 3), PAIR, "");
    expect(dir.path(), "plan . -o a --threads 1", 1);
    let printed = expect(dir.path(), "plan . -o b --threads 3 --json", 1);
    let read = |name: &str| fs::read(dir.path().join(name)).unwrap();
    assert!(read("a/diagnosis.json") == read("b/diagnosis.json"));
    let printed: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(printed["diagnosis"], json(dir.path().join("b/diagnosis.json")));
}
