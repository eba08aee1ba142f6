//! A plan that meets reality, day by day: withdrawals, illness, results, changes, the statement at the end; the dossier is
//! verified after every step, and tampering with any of it is named.

#![allow(
    clippy::unwrap_used,
    clippy::format_push_string,
    clippy::format_collect,
    reason = "a test that cannot go on has failed; its tables are short"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use hecha::digest::sha256_hex;
use serde_json::Value;
use support::{expect, files, folder, forge_sums, hecha, json};
use tempfile::TempDir;

/// A planned city in `out`, searched briefly.
fn planned() -> TempDir {
    planned_for(412)
}

fn planned_for(applicants: usize) -> TempDir {
    let dir = folder();
    expect(dir.path(), &format!("example city --applicants {applicants}"), 0);
    let path = dir.path().join("city/plan.toml");
    let plan = fs::read_to_string(&path).unwrap().replace("[schedule]", "[schedule]\neffort = 1");
    fs::write(path, plan).unwrap();
    expect(dir.path(), "plan city -o out", 0);
    dir
}

/// Day and codes of each route, of a plan or a revision.
fn days(folder: &Path) -> BTreeMap<String, String> {
    let schedule = json(folder.join("schedule.json"));
    let mut out = BTreeMap::new();
    for route in schedule["routes"].as_array().unwrap() {
        for visit in route["visits"].as_array().unwrap() {
            out.insert(visit["id"].as_str().unwrap().to_owned(), route["day"].as_str().unwrap().to_owned());
        }
    }
    out
}

fn verified(dir: &Path) {
    let text = expect(dir, "verify out", 0);
    assert!(text.contains("result: every claim holds"), "{text}");
}

fn machine(dir: &Path, args: &str, code: i32) -> Value {
    let output = hecha(dir, &format!("--json {args}"));
    assert_eq!(output.status.code(), Some(code), "{args}: {}", String::from_utf8_lossy(&output.stdout));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Those drawn by lot, by star.
fn drawn(dir: &Path) -> Vec<(String, u64)> {
    let record = json(dir.join("out/sample.json"));
    let lines = record["selected"].as_array().unwrap();
    let by_lot = lines.iter().filter(|l| l["targeted"].is_null());
    by_lot.map(|l| (l["code"].as_str().unwrap().to_owned(), l["star"].as_u64().unwrap())).collect()
}

#[test]
fn a_month_day_by_day() {
    let dir = planned();
    let dir = dir.path();
    let untouched = files(&dir.join("out"));
    let plan = days(&dir.join("out"));
    let on = |day: &str| plan.iter().filter(|(_, d)| *d == day).map(|(c, _)| c.clone()).collect::<Vec<_>>();
    let by_lot: BTreeSet<String> = drawn(dir).into_iter().map(|(code, _)| code).collect();

    // Before the first visit one withdraws: the next reserve of its star takes its place.
    let first: Vec<String> = on("2022-03-07").into_iter().filter(|code| by_lot.contains(code)).collect();
    let second: Vec<String> = on("2022-03-08").into_iter().filter(|code| by_lot.contains(code)).collect();
    let (withdrawn, refused) = (&second[0], &first[0]);
    let replaced = machine(
        dir,
        &format!("replace out --code {withdrawn} --kind lost --reason withdrawn --at 2022-03-07T08:00 --who Li"),
        0,
    );
    let reserve = replaced["reserve"].as_str().unwrap().to_owned();
    let record = json(dir.join("out/sample.json"));
    let next = record["reserves"].as_array().unwrap().iter().find(|r| r["code"] == reserve.as_str()).unwrap();
    let star = record["selected"].as_array().unwrap().iter().find(|s| s["code"] == withdrawn.as_str()).unwrap();
    assert_eq!(next["star"], star["star"]);
    verified(dir);

    // The first day's results, from a table; one refused entry, one that could not be checked.
    let mut table = "统一社会信用代码,核查日期,核查结论,发现问题,核查人员\n".to_owned();
    for code in on("2022-03-07") {
        let conclusion = if code == *refused { "未核查" } else { "通过" };
        table += &format!("{code},2022年3月7日,{conclusion},=1+1,\n");
    }
    fs::write(dir.join("day1.csv"), &table).unwrap();
    expect(dir, "record out day1.csv --at 2022-03-07T18:00 --who Li", 0);
    let again = expect(dir, "record out day1.csv --at 2022-03-07T18:05 --who Li", 0);
    assert!(again.contains("on record already"), "{again}");
    verified(dir);

    // Contradictions are refused, also within a table, until they are explained.
    let sure = on("2022-03-07").into_iter().find(|code| code != refused).unwrap();
    let fail = format!("record out --code {sure} --date 2022-03-07 --conclusion fail --at 2022-03-07T19:00");
    assert!(expect(dir, &fail, 2).contains("another result on record"));
    expect(dir, &format!("{fail} --correction typed-wrongly"), 0);
    let future =
        format!("record out --code {} --date 2022-03-20 --conclusion pass --at 2022-03-07T19:00", second[1]);
    assert!(expect(dir, &future, 2).contains("future"));
    let early = future.replace("--date 2022-03-20", "--date 2022-01-20");
    assert!(expect(dir, &early, 2).contains("before applications opened"));
    verified(dir);

    // An inspector is ill: what is left is planned anew, and what was done stays out of it.
    let status = machine(dir, "status out --today 2022-03-08", 1);
    assert_eq!(status["late"].as_array().unwrap().len(), 1);
    assert_eq!(status["unplanned"], serde_json::json!([reserve]));
    let replan = machine(
        dir,
        "replan out --from 2022-03-08 --absent H003:2022-03-08..2022-03-11 --reason ill --at 2022-03-08T07:30 --who Li",
        0,
    );
    let revised = days(&dir.join("out/revisions/1"));
    assert!(revised.contains_key(&reserve) && revised.contains_key(refused) && !revised.contains_key(withdrawn));
    assert!(revised.values().all(|day| day.as_str() >= "2022-03-08"));
    assert!(on("2022-03-07").iter().filter(|code| *code != refused).all(|code| !revised.contains_key(code)));
    let crews = json(dir.join("out/revisions/1/crews.json"));
    for route in crews["routes"].as_array().unwrap() {
        let ill = ("2022-03-08"..="2022-03-11").contains(&route["day"].as_str().unwrap());
        assert!(!ill || !route["inspectors"].as_array().unwrap().iter().any(|i| i == "H003"));
    }
    let moved = replan["differences"].as_array().unwrap().iter().filter(|d| d["became"] == "moved").count();
    assert!(moved * 4 < plan.len(), "{moved} of {} visits moved", plan.len());
    verified(dir);

    // Calendars of the revision cancel what inspectors no longer do, under the old identifiers and a higher sequence.
    let calendars = |folder: &str| -> String {
        let all = files(&dir.join(folder));
        let texts = all.iter().filter(|(name, _)| name.starts_with("calendars/"));
        texts.map(|(_, bytes)| String::from_utf8_lossy(bytes).replace("\r\n ", "")).collect()
    };
    let (before, after) = (calendars("out"), calendars("out/revisions/1"));
    assert!(before.contains("SEQUENCE:0") && !before.contains("CANCELLED"));
    assert!(after.contains("SEQUENCE:1") && after.contains("STATUS:CANCELLED"));
    let identifiers = |text: &str| -> BTreeSet<String> {
        text.lines().filter(|l| l.starts_with("UID:")).map(str::to_owned).collect()
    };
    assert!(identifiers(&before).intersection(&identifiers(&after)).count() > 20);

    // One turns out not to belong to the frame: n_h stays, and the next in line joins the sample.
    let stranger = plan.keys().find(|c| by_lot.contains(*c) && revised.contains_key(*c) && *c != refused).unwrap();
    expect(
        dir,
        &format!("replace out --code {stranger} --kind ineligible --reason moved-away --at 2022-03-09T08:00"),
        0,
    );
    let again = format!("replace out --code {stranger} --kind lost --reason x --at 2022-03-09T08:00");
    assert!(expect(dir, &again, 2).contains("left the sample already"));
    let pinned = revised.iter().find(|(c, d)| d.as_str() >= "2022-03-10" && *c != stranger).unwrap();
    expect(dir, &format!("replan out --from 2022-03-09 --pin {} --at 2022-03-09T08:30", pinned.0), 0);
    assert_eq!(days(&dir.join("out/revisions/2"))[pinned.0], *pinned.1);
    verified(dir);

    // Nothing is stated while checks are open; at the end the coverage is reached and the statement made.
    let early = machine(dir, "assess out", 1);
    assert!(early["overall"].is_null() && !early["unfinished"].as_array().unwrap().is_empty());
    let cautious = machine(dir, "assess out --unfinished-fail", 1);
    assert!(cautious["overall"]["most"].as_u64() > cautious["overall"]["failed"].as_u64());
    let mut table = "code,date,conclusion,findings\n".to_owned();
    for code in days(&dir.join("out/revisions/1")).keys().chain(days(&dir.join("out/revisions/2")).keys()) {
        if code != stranger && !table.contains(code.as_str()) {
            table += &format!("{code},2022-03-25,pass,\n");
        }
    }
    fs::write(dir.join("rest.csv"), table).unwrap();
    expect(dir, "record out rest.csv --at 2022-03-25T18:00", 0);
    verified(dir);
    let end = machine(dir, "assess out", 0);
    let overall = &end["overall"];
    // The one that failed and the one that withdrew.
    assert_eq!((overall["failed"].as_u64(), end["lost"].as_u64()), (Some(2), Some(1)), "{end}");
    assert_eq!(overall["checked"].as_u64().unwrap() as usize, by_lot.len());
    assert!(overall["exact"] == true && overall["most"].as_u64().unwrap() > 2);
    assert_eq!(machine(dir, "status out --today 2022-03-26", 0)["done"], end["coverage"]["shares"][0]["checked"]);

    // The plan as first made has not changed by a byte.
    let now: BTreeMap<String, Vec<u8>> = files(&dir.join("out")).into_iter().collect();
    assert!(untouched.iter().all(|(name, bytes)| now[name] == *bytes));
}

#[test]
fn the_public_list_stays_true_to_the_draw() {
    let dir = planned();
    let dir = dir.path();
    let record = json(dir.join("out/sample.json"));
    let lines = |list: &str| record[list].as_array().unwrap().clone();
    let text = |line: &Value, field: &str| line[field].as_str().unwrap().to_owned();
    let three: Vec<Value> = lines("selected").into_iter().filter(|l| l["star"] == 3).collect();
    let reserves: Vec<Value> = lines("reserves").into_iter().filter(|l| l["star"] == 3).collect();
    let codes: BTreeSet<String> =
        lines("selected").iter().chain(&lines("reserves")).map(|l| text(l, "code")).collect();
    let frame = fs::read_to_string(dir.join("out/frame.csv")).unwrap();
    let mut strangers = frame.lines().map(|line| line[..18].to_owned()).filter(|code| !codes.contains(code));
    let stranger = strangers.next().unwrap();
    // One is lost, then the reserve called for it; one is ineligible; a reserve and somebody else are added.
    for (minute, line, kind) in [
        (1, &three[0], "lost"),
        (2, &reserves[0], "lost"),
        (3, &three[1], "ineligible"),
        (4, &reserves[4], "lost"),
    ] {
        let code = text(line, "code");
        expect(
            dir,
            &format!("replace out --code {code} --kind {kind} --reason x --at 2022-03-05T09:0{minute}"),
            0,
        );
    }
    let added = text(&reserves[3], "code");
    let replan = format!("replan out --from 2022-03-07 --add {added} --add {stranger} --at 2022-03-05T10:00");
    let said = expect(dir, &replan, 0);
    assert!(!said.contains(&stranger), "by its name: {said}");
    verified(dir);
    let list = fs::read_to_string(dir.join("out/revisions/1/public-list.csv")).unwrap();
    let rows: Vec<Vec<String>> = csv::Reader::from_reader(list.as_bytes())
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect();
    let row =
        |ticket: &str| rows.iter().find(|row| row[5] == ticket).map(|row| (row[0].as_str(), row[6].as_str()));
    let names: Vec<String> = reserves.iter().map(|line| text(line, "name")).collect();
    let (first, second) = (text(&three[0], "name"), text(&three[1], "name"));
    let of = |line: &Value| row(line["ticket"].as_str().unwrap());
    let lost = format!("cannot be checked; {} takes its place", names[0]);
    assert_eq!(of(&three[0]), Some(("selected by lot", lost.as_str())));
    let ineligible = format!("found ineligible, has left; {} takes its place", names[2]);
    assert_eq!(of(&three[1]), Some(("selected by lot", ineligible.as_str())));
    let through = format!("takes the place of {first}; cannot be checked; {} takes its place", names[1]);
    assert_eq!(of(&reserves[0]), Some(("reserve called", through.as_str())));
    assert_eq!(of(&reserves[1]), Some(("reserve called", format!("takes the place of {}", names[0]).as_str())));
    assert_eq!(of(&reserves[2]), Some(("reserve called", format!("takes the place of {second}").as_str())));
    assert_eq!(of(&reserves[3]), Some(("added", "outside the lot")));
    assert_eq!(of(&reserves[4]), None, "lost before its turn came");
    assert_eq!(of(&reserves[5]), None, "its turn has not come");
    let ticket = sha256_hex(format!("{}{stranger}", text(&record, "salt")).as_bytes());
    assert_eq!(row(&ticket), Some(("added", "outside the lot")));
    // Whoever stands there as selected was selected, and nobody who was is missing.
    let selected: BTreeSet<&str> =
        rows.iter().filter(|row| row[0] == "selected by lot").map(|row| row[5].as_str()).collect();
    let by_lot = lines("selected").into_iter().filter(|l| l["targeted"].is_null());
    let by_lot: Vec<String> = by_lot.map(|l| text(&l, "ticket")).collect();
    assert_eq!(selected, by_lot.iter().map(String::as_str).collect());
    // The visits say the same.
    let schedule = fs::read_to_string(dir.join("out/revisions/1/schedule.csv")).unwrap();
    let remark =
        |code: &str| schedule.lines().find(|line| line.contains(code)).unwrap().rsplit(',').next().unwrap();
    assert_eq!([remark(&text(&reserves[1], "code")), remark(&added)], ["reserve called", "added"]);
    assert_eq!(remark(&stranger), "added");
    // The list is derived again.
    let forged = list.replacen("reserve called", "selected by lot", 1);
    fs::write(dir.join("out/revisions/1/public-list.csv"), forged).unwrap();
    forge_sums(&dir.join("out/revisions/1"));
    assert!(expect(dir, "verify out", 1).contains("DIFFERS"));
}

/// Does something to a dossier.
type Change<'a> = Box<dyn Fn() + 'a>;

/// A dossier with a replacement, results and a revision.
fn lived_in() -> TempDir {
    let dir = planned();
    let by_lot = drawn(dir.path());
    let plan = days(&dir.path().join("out"));
    let later = by_lot.iter().find(|(code, _)| plan[code].as_str() > "2022-03-08").unwrap();
    let replace = format!("replace out --code {} --kind lost --reason gone --at 2022-03-07T08:00", later.0);
    expect(dir.path(), &replace, 0);
    let first: Vec<&String> = plan.iter().filter(|(_, day)| *day == "2022-03-07").map(|(code, _)| code).collect();
    let table: String = first.iter().map(|code| format!("{code},2022-03-07,pass\n")).collect();
    fs::write(dir.path().join("r.csv"), format!("code,date,conclusion\n{table}")).unwrap();
    expect(dir.path(), "record out r.csv --at 2022-03-07T18:00", 0);
    expect(dir.path(), "replan out --from 2022-03-08 --at 2022-03-08T08:00", 0);
    verified(dir.path());
    dir
}

/// Journal and head of a forger who rewrites the chain, too.
fn chained(out: &Path, lines: &[String]) -> (String, String) {
    let mut previous = sha256_hex(&fs::read(out.join("SHA256SUMS")).unwrap());
    let mut text = String::new();
    for line in lines {
        let mut value: Value = serde_json::from_str(line).unwrap();
        let old = value["previous"].as_str().unwrap().to_owned();
        let line = line.replacen(&old, &previous, 1);
        value["previous"] = previous.clone().into();
        previous = sha256_hex(line.as_bytes());
        text += &format!("{line}\n");
    }
    (text, format!("{} {previous}\n", lines.len()))
}

#[test]
fn tampering_after_the_plan_is_named() {
    let dir = lived_in();
    let out = dir.path().join("out");
    let whole = files(&out);
    let text = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    let journal = text("journal.jsonl");
    let lines: Vec<&str> = journal.lines().collect();
    let chained = |lines: &[String]| chained(&out, lines);
    let owned: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    assert_eq!(chained(&owned), (journal.clone(), text("journal.head")), "the forger knows the format");
    let reserve = serde_json::from_str::<Value>(lines[0]).unwrap()["reserve"].as_str().unwrap().to_owned();
    let record = json(out.join("sample.json"));
    let other = record["reserves"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap());
    let other = other.filter(|code| *code != reserve).max().unwrap();
    let forged = [lines[0].replace(&reserve, other), owned[1].clone(), owned[2].clone()];
    let forged = chained(&forged);
    let unknown = chained(&[owned[0].clone(), lines[1].replace("\"pass\"", "\"unchecked\""), owned[2].clone()]);
    let swapped = format!("{}\n{}\n{}\n", lines[1], lines[0], lines[2]);
    let schedule = text("revisions/1/schedule.csv");
    let problem = text("revisions/1/problem.json").replacen("\"price_day\":28800", "\"price_day\":28801", 1);
    let copy = whole.iter().find(|(name, _)| name.starts_with("records/")).unwrap().0.clone();
    let put = |name: &str, content: &str| -> Change<'_> {
        let (path, content) = (out.join(name), content.to_owned());
        Box::new(move || fs::write(&path, &content).unwrap())
    };
    let both = |a: Change<'static>, b: Change<'static>| -> Change<'static> {
        Box::new(move || {
            a();
            b();
        })
    };
    let put_owned = |name: &str, content: &str| -> Change<'static> {
        let (path, content) = (out.join(name), content.to_owned());
        Box::new(move || fs::write(&path, &content).unwrap())
    };
    let changes: Vec<(&str, Change<'_>)> = vec![
        ("a word in the journal", put("journal.jsonl", &journal.replace("gone", "left"))),
        ("the last line cut off", put("journal.jsonl", &format!("{}\n{}\n", lines[0], lines[1]))),
        ("two lines swapped", put("journal.jsonl", &swapped)),
        ("the first line cut off", put("journal.jsonl", &format!("{}\n{}\n", lines[1], lines[2]))),
        ("the journal removed", Box::new(|| fs::remove_file(out.join("journal.jsonl")).unwrap())),
        (
            "another reserve, chain forged",
            both(put_owned("journal.jsonl", &forged.0), put_owned("journal.head", &forged.1)),
        ),
        (
            "a result unsaid, chain forged",
            both(put_owned("journal.jsonl", &unknown.0), put_owned("journal.head", &unknown.1)),
        ),
        ("the table of results", put(&copy, "code,date,conclusion\n")),
        ("a table added", put("records/x.csv", "x")),
        (
            "a cell of a revision",
            put("revisions/1/schedule.csv", &schedule.replacen("2022-03-08", "2022-03-09", 1)),
        ),
        ("the problem of a revision", put("revisions/1/problem.json", &problem)),
        ("a revision nobody put on record", put("revisions/7/x", "x")),
    ];
    for (what, change) in changes {
        if what.contains("nobody") {
            fs::create_dir_all(out.join("revisions/7")).unwrap();
        }
        change();
        let text = expect(dir.path(), "verify out", 1);
        assert!(text.contains("DIFFERS"), "{what}: {text}");
        if out.join("revisions/1/SHA256SUMS").exists() {
            forge_sums(&out.join("revisions/1"));
            expect(dir.path(), "verify out", 1);
        }
        // What is damaged is not built upon.
        if !what.contains("added")
            && !what.contains("nobody")
            && !what.contains("table")
            && !what.contains("forged")
        {
            expect(dir.path(), "replan out --from 2022-03-09 --at 2022-03-09T08:00", 2);
        }
        let _ = fs::remove_dir_all(&out);
        for (name, bytes) in &whole {
            let path = out.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }
    verified(dir.path());
}

#[test]
fn a_run_cut_short_leaves_the_old_or_the_new() {
    let dir = lived_in();
    let out = dir.path().join("out");
    let lines = fs::read_to_string(out.join("journal.jsonl")).unwrap();
    let head = fs::read_to_string(out.join("journal.head")).unwrap();
    // Cut short after the revision's folder stood and before the journal knew of it: it was announced.
    let two: String = lines.lines().take(2).map(|line| format!("{line}\n")).collect();
    let second = lines.lines().nth(1).unwrap();
    let old = format!("2 {}\n", sha256_hex(second.as_bytes()));
    for announced in ["-", head.trim_end().split_once(' ').unwrap().1] {
        fs::write(out.join("journal.jsonl"), &two).unwrap();
        fs::write(out.join("journal.head"), format!("{old}3 {announced} revisions/1\n")).unwrap();
        let text = expect(dir.path(), "verify out", 0);
        assert!(text.contains("cut short") && text.contains("revisions/1"), "{text}");
        expect(dir.path(), "status out --today 2022-03-08", 1);
        expect(dir.path(), "replan out --from 2022-03-08 --at 2022-03-08T08:00", 0);
        assert_eq!(fs::read_to_string(out.join("journal.jsonl")).unwrap(), lines, "the same once more");
    }
    // An old head put back is no trace of a run that was cut short.
    fs::write(out.join("journal.head"), &old).unwrap();
    expect(dir.path(), "verify out", 1);
    fs::remove_file(out.join("journal.head")).unwrap();
    expect(dir.path(), "verify out", 1);
    // Cut short after the journal was written and before its head was: the line stands announced.
    fs::write(out.join("journal.head"), old + &head).unwrap();
    verified(dir.path());
    let code = drawn(dir.path()).pop().unwrap().0;
    expect(
        dir.path(),
        &format!("record out --code {code} --date 2022-03-08 --conclusion unchecked --at 2022-03-08T18:00"),
        0,
    );
    verified(dir.path());
    assert_ne!(fs::read_to_string(out.join("journal.head")).unwrap(), head);
}

#[test]
fn a_line_cut_off_with_its_head_leaves_what_nobody_announced() {
    let dir = lived_in();
    let out = dir.path().join("out");
    let journal = fs::read_to_string(out.join("journal.jsonl")).unwrap();
    let lines: Vec<String> = journal.lines().map(str::to_owned).collect();
    for (left, beside) in [(2, "revisions/1"), (1, "records/")] {
        let (text, head) = chained(&out, &lines[..left]);
        fs::write(out.join("journal.jsonl"), text).unwrap();
        fs::write(out.join("journal.head"), head).unwrap();
        let text = expect(dir.path(), "verify out", 1);
        assert!(text.contains("DIFFERS") && text.contains(&format!("names {beside}")), "{text}");
        let code = drawn(dir.path()).pop().unwrap().0;
        let entry = format!("record out --code {code} --date 2022-03-08 --conclusion pass --at 2022-03-08T18:00");
        assert!(expect(dir.path(), &entry, 2).contains("lines are gone"));
        if left == 2 {
            fs::remove_dir_all(out.join("revisions")).unwrap();
            verified(dir.path());
        }
    }
}

#[test]
fn a_kept_table_of_results_is_held_against_the_journal() {
    let dir = lived_in();
    let out = dir.path().join("out");
    let journal = fs::read_to_string(out.join("journal.jsonl")).unwrap();
    let lines: Vec<String> = journal.lines().map(str::to_owned).collect();
    let (before, list) = lines[1].strip_suffix("]}").unwrap().split_once("\"results\":[").unwrap();
    let entries: Vec<&str> = list.strip_prefix('{').unwrap().strip_suffix('}').unwrap().split("},{").collect();
    let with = |entries: &[&str]| format!("{before}\"results\":[{{{}}}]}}", entries.join("},{"));
    assert_eq!(with(&entries), lines[1]);
    let (mut turned, fewer) = (entries.clone(), &entries[1..]);
    turned.swap(0, 1);
    let table = files(&out).into_iter().find(|(name, _)| name.starts_with("records/")).unwrap();
    let crew = entries[0].split_once("\"inspectors\":[").unwrap().1.split_once(']').unwrap().0;
    let forged = |line: String| {
        // The revision stands on who was checked, which these forgers leave alone.
        let (text, head) = chained(&out, &[lines[0].clone(), line, lines[2].clone()]);
        fs::write(out.join("journal.jsonl"), text).unwrap();
        fs::write(out.join("journal.head"), head).unwrap();
        expect(dir.path(), "verify out", 1)
    };
    for (what, line) in [
        ("conclusion is \"pass\", the journal says \"fail\"", lines[1].replacen("\"pass\"", "\"fail\"", 1)),
        ("date is \"2022-03-07\"", lines[1].replacen("\"date\":\"2022-03-07\"", "\"date\":\"2022-03-06\"", 1)),
        ("findings is \"\"", lines[1].replacen("\"findings\":\"\"", "\"findings\":\"no contract\"", 1)),
        ("inspectors is", lines[1].replacen(crew, "\"H001\"", 1)),
        ("another order", with(&turned)),
        ("is not in the journal", with(fewer)),
    ] {
        let text = forged(line);
        assert!(text.contains("DIFFERS") && text.contains(what), "{what}: {text}");
        assert!(what.starts_with("another") || text.contains(&table.0), "the table is named: {text}");
    }
    // The table changed with its name and digest: then it is the journal that says something else.
    let changed = String::from_utf8(table.1.clone()).unwrap().replacen("pass", "fail", 1);
    let digest = sha256_hex(changed.as_bytes());
    fs::remove_file(out.join(&table.0)).unwrap();
    fs::write(out.join(format!("records/{digest}.csv")), changed).unwrap();
    let text = forged(lines[1].replace(&sha256_hex(&table.1), &digest));
    assert!(text.contains("conclusion is \"fail\", the journal says \"pass\""), "{text}");
}

#[test]
fn whoever_should_not_have_checked_is_entered_and_remarked() {
    let dir = folder();
    expect(dir.path(), "example city --applicants 120", 0);
    let path = dir.path().join("city/plan.toml");
    let plan = fs::read_to_string(&path).unwrap().replace("[schedule]", "[schedule]\neffort = 0");
    fs::write(&path, plan).unwrap();
    expect(dir.path(), "plan city -o first", 0);
    // Of a visit, one inspector is recused and another works in its county; a third falls ill.
    let schedule = fs::read_to_string(dir.path().join("first/schedule.csv")).unwrap();
    let (code, day) = days(&dir.path().join("first")).into_iter().next().unwrap();
    let record = json(dir.path().join("first/sample.json"));
    let selected = record["selected"].as_array().unwrap();
    let county =
        selected.iter().find(|l| l["code"] == code.as_str()).unwrap()["county"].as_str().unwrap().to_owned();
    assert!(schedule.contains(&code));
    let list = dir.path().join("city/inspectors.csv");
    let text = fs::read_to_string(&list).unwrap();
    let header: Vec<&str> = text.lines().next().unwrap().trim_start_matches('\u{feff}').split(',').collect();
    let column =
        |name: &str| header.iter().position(|h| *h == name).unwrap_or_else(|| panic!("{name} in {header:?}"));
    let (own, recuse) = (column("所属县区"), column("回避企业"));
    let changed: Vec<String> = text
        .lines()
        .map(|line| {
            let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            match cells[column("工号")].trim_start_matches('\u{feff}') {
                "H001" => cells[recuse].clone_from(&code),
                "H002" => cells[own].clone_from(&county),
                _ => {}
            }
            cells.join(",")
        })
        .collect();
    fs::write(&list, changed.join("\n")).unwrap();
    expect(dir.path(), "plan city -o out", 0);
    expect(dir.path(), &format!("replan out --from {day} --absent H003:{day} --at {day}T06:00"), 0);
    let entry = format!("record out --code {code} --date {day} --conclusion pass --at {day}T18:00");
    let text = expect(dir.path(), &format!("{entry} --inspectors H001,H002,H003,Zhang"), 0);
    for remark in
        ["is recused from it", "of the own county", "was away on", "\"Zhang\" is not on the inspectors' list"]
    {
        assert!(text.contains(remark), "{remark}: {text}");
    }
    verified(dir.path());
    let text = expect(dir.path(), &format!("{entry} --inspectors H001 --correction typed-wrongly"), 0);
    assert!(text.contains("fewer than two inspectors"), "{text}");
    verified(dir.path());
}

#[test]
fn what_a_revision_leaves_alone_still_counts() {
    let dir = planned_for(200);
    let dir = dir.path();
    let left = |today: &str| -> (u64, u64) {
        let status = machine(dir, &format!("status out --today {today}"), 0);
        let deadline = &status["deadlines"][0];
        (deadline["days_left"].as_u64().unwrap(), deadline["team_days_left"].as_u64().unwrap())
    };
    let simulated = || -> u64 {
        let simulation = machine(dir, "simulate out --runs 20", 0);
        assert_eq!(simulation["not_simulated"], 0);
        simulation["simulation"]["deadlines"]
            .as_array()
            .unwrap()
            .iter()
            .map(|d| d["visits"].as_u64().unwrap())
            .sum()
    };
    let plan = days(&dir.join("out"));
    let first = plan.values().min().unwrap();
    let (before, all) = (left(first), plan.len() as u64);
    assert_eq!(simulated(), all);
    // What lies before the revision's first day is no work of the revision, but work all the same.
    let from = plan.values().filter(|day| *day > first).min().unwrap();
    assert!(plan.values().filter(|day| *day < from).count() > 0);
    expect(dir, &format!("replan out --from {from} --at 2022-03-04T08:00"), 0);
    assert!((days(&dir.join("out/revisions/1")).len() as u64) < all);
    assert_eq!(simulated(), all);
    assert_eq!(left(first), before);
    // A day on which nobody of the largest base is there.
    let list = fs::read_to_string(dir.join("city/inspectors.csv")).unwrap();
    let header: Vec<&str> = list.lines().next().unwrap().split(',').collect();
    let base = header.iter().position(|name| *name == "驻地").unwrap();
    let members: Vec<&str> = list.lines().skip(1).filter(|l| l.split(',').nth(base) == Some("市局")).collect();
    let absent: String =
        members.iter().map(|l| format!(" --absent {}:2022-03-24", l.split(',').next().unwrap())).collect();
    let (working, teams) = before;
    expect(dir, &format!("replan out --from {from}{absent} --at 2022-03-04T09:00"), 0);
    assert_eq!(left(first), (working, teams - members.len() as u64 / 2));
    // A crew that has done its round goes out no more that day.
    let today = left(first);
    let round = json(dir.join("out/schedule.json"))["routes"][0].clone();
    for visit in round["visits"].as_array().unwrap() {
        let code = visit["id"].as_str().unwrap();
        let entry = format!("record out --code {code} --date {first} --conclusion pass --at {first}T18:00");
        expect(dir, &entry, 0);
    }
    assert_eq!(left(first), (today.0, today.1 - 1));
    assert_eq!(simulated(), all - round["visits"].as_array().unwrap().len() as u64);
    verified(dir);
    // Of what is late nobody knows when it will be made: it is counted and not simulated.
    let visits = round["visits"].as_array().unwrap();
    let late = plan.keys().find(|code| visits.iter().all(|visit| visit["id"] != code.as_str())).unwrap();
    let entry = format!("record out --code {late} --date 2022-03-25 --conclusion unchecked --at 2022-04-26T19:00");
    expect(dir, &entry, 0);
    let text = expect(dir, "simulate out --runs 20", 0);
    let more = all - visits.len() as u64;
    assert!(text.contains("nothing to simulate") && text.contains(&format!("{more} more are late")), "{text}");
    // After the last day nothing fits any more, and that is said rather than that there are no teams.
    let text = expect(dir, "replan out --from 2022-04-27 --at 2022-04-26T20:00", 1);
    assert!(text.contains("is before 2022-04-27"), "{text}");
    assert!(expect(dir, "status out --today 2022-04-27", 1).contains("too late: 2022-04-06 has passed"));
    verified(dir);
}

#[test]
fn an_added_enterprise_has_its_name_everywhere() {
    let dir = planned_for(120);
    let dir = dir.path();
    let record = json(dir.join("out/sample.json"));
    let named = |list: &str, code: &str| record[list].as_array().unwrap().iter().any(|l| l["code"] == code);
    let frame = fs::read_to_string(dir.join("out/frame.csv")).unwrap();
    let codes = frame.lines().skip(1).map(|line| line.split(',').next().unwrap().trim_start_matches('\u{feff}'));
    let excluded = json(dir.join("out/sample.json"))["excluded"].to_string();
    let mut strangers = codes.filter(|c| !named("selected", c) && !named("reserves", c) && !excluded.contains(c));
    let code = strangers.next().unwrap();
    let text = expect(dir, &format!("replan out --from 2022-03-08 --add {code} --at 2022-03-07T08:00"), 0);
    let csv = fs::read_to_string(dir.join("out/revisions/1/changes.csv")).unwrap();
    let line = csv.lines().find(|line| line.contains(code)).unwrap();
    let name = line.split(',').nth(1).unwrap();
    assert!(!name.is_empty() && name != code && text.contains(name), "{text}");
    let day = days(&dir.join("out/revisions/1"))[code].clone();
    assert!(expect(dir, &format!("status out --today {day}"), 1).contains(name));
    let again = expect(dir, &format!("replan out --from 2022-03-08 --add {code} --at 2022-03-07T08:00"), 2);
    assert!(again.contains(name), "{again}");
    expect(dir, &format!("replace out --code {code} --kind lost --reason gone --at 2022-03-07T09:00"), 0);
    let text = expect(dir, "replan out --from 2022-03-08 --at 2022-03-07T10:00", 0);
    assert!(text.contains(&format!("dropped {name}")), "{text}");
    let csv = fs::read_to_string(dir.join("out/revisions/2/changes.csv")).unwrap();
    assert!(csv.contains(&format!("{name},{code}")), "{csv}");
    verified(dir);
}

/// What stands in a dossier, but for what a run that was cut short left for the next one to clear away.
fn standing(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = files(&dir.join("out"));
    all.retain(|(name, _)| !name.contains(".hecha-"));
    all
}

/// Stops a command in the middle of each of its writes, on a copy of the dossier each time. Whatever is left is verified,
/// and the same command then does what it would have done; `before` and `after` are what may stand.
fn stopped_at_each_write(dir: &Path, command: &str) {
    let copy = |from: &Path| {
        let to = folder();
        for (name, bytes) in files(from) {
            let path = to.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        to
    };
    let before = standing(dir);
    let whole = copy(dir);
    expect(whole.path(), command, 0);
    let after = standing(whole.path());
    assert_ne!(before, after);
    let (mut states, mut stops) = (Vec::new(), 0);
    for at in 0.. {
        let dir = copy(dir);
        let mut run = assert_cmd::Command::cargo_bin("hecha").unwrap();
        run.current_dir(dir.path()).env("HECHA_DIES_AT", at.to_string()).args(command.split(' '));
        if run.output().unwrap().status.code() != Some(137) {
            assert_eq!(standing(dir.path()), after);
            break;
        }
        stops += 1;
        let now = standing(dir.path());
        // Of the many writes that leave the same, one in twenty shows what comes next.
        if states.contains(&now) && at % 20 != 0 {
            continue;
        }
        let place = format!("{command}, stopped at write {at}");
        let output = hecha(dir.path(), "verify out");
        assert!(output.status.success(), "{place}: {}", String::from_utf8_lossy(&output.stdout));
        if now != after {
            // Where the journal has the event and its head is behind, the event has happened: once more is refused.
            let journal = |files: &[(String, Vec<u8>)]| files.iter().find(|f| f.0 == "journal.jsonl").cloned();
            let happened = journal(&now) == journal(&after);
            let again = hecha(dir.path(), command);
            let text = String::from_utf8_lossy(&again.stderr).into_owned();
            if happened {
                assert!(
                    journal(&standing(dir.path())).unwrap().1.starts_with(&journal(&after).unwrap().1),
                    "{place}"
                );
            } else {
                assert_eq!(again.status.code(), Some(0), "{place}: {text}");
                assert_eq!(standing(dir.path()), after, "{place}");
            }
            expect(dir.path(), "verify out", 0);
        }
        if !states.contains(&now) {
            states.push(now);
        }
    }
    // Nothing yet; a table or revision that the journal does not know; the journal without its head.
    assert!(stops > 6 && (2..=8).contains(&states.len()), "{command}: {stops} writes, {} states", states.len());
}

#[test]
#[cfg_attr(not(debug_assertions), ignore = "only a build with debug assertions can be stopped at a write")]
fn stopped_at_any_write_it_leaves_the_old_or_the_new() {
    let dir = planned_for(120);
    let by_lot = drawn(dir.path());
    let plan = days(&dir.path().join("out"));
    let first: Vec<&String> = plan.iter().filter(|(_, day)| *day == "2022-03-07").map(|(code, _)| code).collect();
    let table: String = first.iter().map(|code| format!("{code},2022-03-07,pass\n")).collect();
    fs::write(dir.path().join("r.csv"), format!("code,date,conclusion\n{table}")).unwrap();
    let later = by_lot.iter().find(|(code, _)| plan[code].as_str() > "2022-03-08").unwrap();
    let replace = format!("replace out --code {} --kind lost --reason gone --at 2022-03-07T08:00", later.0);
    for command in
        [&replace, "record out r.csv --at 2022-03-07T18:00", "replan out --from 2022-03-08 --at 2022-03-08T08:00"]
    {
        stopped_at_each_write(dir.path(), command);
        expect(dir.path(), command, 0);
    }
}

#[test]
fn a_second_process_is_refused_while_one_writes() {
    let dir = planned();
    let lock = fs::File::create(dir.path().join("out.hecha-lock")).unwrap();
    lock.lock().unwrap();
    let code = drawn(dir.path()).pop().unwrap().0;
    let record = format!("record out --code {code} --date 2022-03-07 --conclusion pass --at 2022-03-07T18:00");
    assert!(expect(dir.path(), &record, 2).contains("another process"));
    assert!(!dir.path().join("out/journal.jsonl").exists());
    expect(dir.path(), "status out --today 2022-03-07", 0);
    lock.unlock().unwrap();
    expect(dir.path(), &record, 0);
    verified(dir.path());
}

#[test]
fn one_dossier_has_one_lock_whatever_it_is_called() {
    let dir = planned();
    let out = dir.path().join("out");
    let code = drawn(dir.path()).pop().unwrap().0;
    let results = format!("--code {code} --date 2022-03-07 --conclusion pass --at 2022-03-07T18:00");
    let mut names = vec![("./out/../out", dir.path().to_owned()), (".", out.clone()), ("../out", out.clone())];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&out, dir.path().join("link")).unwrap();
        names.push(("link", dir.path().to_owned()));
    }
    let lock = fs::File::create(dir.path().join("out.hecha-lock")).unwrap();
    lock.lock().unwrap();
    for (name, from) in &names {
        let text = expect(from, &format!("record {name} {results}"), 2);
        assert!(text.contains(&format!("another process is writing {name};")), "{text}");
    }
    lock.unlock().unwrap();
    for (name, from) in &names {
        expect(from, &format!("record {name} {results}"), 0);
    }
    verified(dir.path());
}

#[test]
fn without_a_reserve_left_a_supplementary_draw_is_explained() {
    let dir = planned();
    let record = json(dir.path().join("out/sample.json"));
    let fives = |list: &str| -> Vec<String> {
        let lines = record[list].as_array().unwrap().iter().filter(|l| l["star"] == 5);
        lines.map(|l| l["code"].as_str().unwrap().to_owned()).collect()
    };
    let (selected, reserves) = (fives("selected"), fives("reserves"));
    for (nth, code) in selected.iter().take(reserves.len() + 1).enumerate() {
        let args = format!("replace out --code {code} --kind lost --reason gone --at 2022-03-07T08:00");
        let text = expect(dir.path(), &args, i32::from(nth == reserves.len()));
        assert_eq!(text.contains("supplementary draw"), nth == reserves.len(), "{text}");
    }
    verified(dir.path());
    let text = expect(dir.path(), "status out --today 2022-03-07", 1);
    assert!(text.contains("1 places have no reserve left"), "{text}");
    expect(dir.path(), "replace out --code 91320583MAC1JJUW8D --kind lost --reason x", 2);
}

#[test]
fn hidden_results_are_said_and_a_revision_without_days_says_that_none_is_left() {
    let dir = planned_for(60);
    let plan = days(&dir.path().join("out"));
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, title) in (0..).zip(["code", "date", "conclusion"]) {
        sheet.write(0, column, title).unwrap();
    }
    for (row, (code, day)) in (1..).zip(plan.iter().take(3)) {
        for (column, cell) in (0..).zip([code.as_str(), day.as_str(), "pass"]) {
            sheet.write(row, column, cell).unwrap();
        }
    }
    sheet.set_row_hidden(2).unwrap();
    fs::write(dir.path().join("r.xlsx"), book.save_to_buffer().unwrap()).unwrap();
    let said = expect(dir.path(), "record out r.xlsx --at 2022-04-07T18:00", 0);
    assert!(said.contains("1 rows are hidden") && said.contains("read like any other: 3;"), "{said}");
    assert!(said.contains("3 results entered"), "{said}");

    expect(dir.path(), "replan out --from 2022-04-27 --at 2022-04-27T08:00", 1);
    let schedule = fs::read_to_string(dir.path().join("out/revisions/1/schedule.csv")).unwrap();
    let (none_left, all) =
        (schedule.matches("no working day is left before the deadline").count(), plan.len() - 3);
    assert_eq!((none_left, schedule.contains("no team")), (all, false), "{schedule}");
}
