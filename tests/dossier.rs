//! The main job as a user runs it, and tampering with what it wrote.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs;
use std::path::Path;

use support::{expect, files, folder, forge_sums, json};

#[test]
fn the_example_is_planned_and_verified() {
    let dir = folder();
    let text = expect(dir.path(), "plan --example -o out", 0);
    assert!(text.contains("fingerprint") && text.contains("team-days"), "{text}");
    let text = expect(dir.path(), "verify out", 0);
    assert!(text.contains("every claim holds") && !text.contains("DIFFERS"), "{text}");
    let names: Vec<String> = files(&dir.path().join("out")).into_iter().map(|f| f.0).collect();
    for name in [
        "SHA256SUMS",
        "frame.csv",
        "sample.json",
        "sample.csv",
        "travel.csv",
        "problem.json",
        "schedule.json",
        "schedule.csv",
        "inputs/index.json",
    ] {
        assert!(names.iter().any(|n| n == name), "{name}");
    }
    let record = json(dir.path().join("out/sample.json"));
    assert_eq!(record["format"], "hecha-draw/1");
    assert_eq!(record["required"], 42);
    let schedule = json(dir.path().join("out/schedule.json"));
    let visits: usize =
        schedule["routes"].as_array().unwrap().iter().map(|r| r["visits"].as_array().unwrap().len()).sum();
    assert_eq!(visits, record["selected"].as_array().unwrap().len());
    assert_eq!(schedule["unscheduled"].as_array().unwrap().len(), 0);
}

#[test]
fn the_same_inputs_give_the_same_bytes_on_any_number_of_threads() {
    let dir = folder();
    expect(dir.path(), "plan --example -o a --threads 1", 0);
    expect(dir.path(), "plan --example -o b --threads 8", 0);
    assert_eq!(files(&dir.path().join("a")), files(&dir.path().join("b")));
}

#[test]
fn solve_with_the_draws_seed_repeats_the_schedule_of_the_plan() {
    let dir = folder();
    expect(dir.path(), "plan --example -o out", 0);
    expect(dir.path(), "solve out/problem.json --seed SSQ-2022025-03-07-12-18-25-31-09 -o again.json", 0);
    let read = |name: &str| fs::read(dir.path().join(name)).unwrap();
    assert!(read("out/schedule.json") == read("again.json"));
    expect(dir.path(), "verify out/problem.json again.json", 0);
}

#[test]
fn an_existing_folder_is_refused_and_force_keeps_it() {
    let dir = folder();
    expect(dir.path(), "plan --example -o out", 0);
    fs::write(dir.path().join("out/mine.txt"), "notes").unwrap();
    let text = expect(dir.path(), "plan --example -o out", 2);
    assert!(text.contains("--force"), "{text}");
    expect(dir.path(), "plan --example -o out --force", 0);
    assert!(dir.path().join("out.previous/mine.txt").exists());
    assert!(!dir.path().join("out/mine.txt").exists());
}

/// Replaces the first occurrence of a text in a file of the dossier.
fn replace(out: &Path, file: &str, from: &str, to: &str) {
    let path = out.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

type Tampering = Box<dyn Fn(&Path)>;

#[test]
fn every_tampering_is_named_also_under_rewritten_checksums() {
    let dir = folder();
    expect(dir.path(), "plan --example -o good", 0);
    let good = dir.path().join("good");
    let record = json(good.join("sample.json"));
    let schedule = json(good.join("schedule.json"));
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let ticket = text(&record["selected"][0]["ticket"]);
    let cutoff = text(&record["strata"][0]["cutoff"]);
    let (first, second) = (text(&record["selected"][0]["code"]), text(&record["selected"][1]["code"]));
    let reserve = text(&record["reserves"][0]["code"]);
    let visit = &schedule["routes"][0]["visits"][0];
    let (id, start) = (text(&visit["id"]), visit["start"].as_i64().unwrap());
    let change = |file: &'static str, from: String, to: String| -> Tampering {
        Box::new(move |out: &Path| replace(out, file, &from, &to))
    };
    let removed =
        |file: &'static str| -> Tampering { Box::new(move |out: &Path| fs::remove_file(out.join(file)).unwrap()) };
    let flipped = |hex: &str| format!("{}{}", if hex.starts_with('0') { '1' } else { '0' }, &hex[1..]);
    let cases: Vec<(&str, &str, Tampering)> = vec![
        ("a star in the frame", "frame.csv", change("frame.csv", ",3,".into(), ",4,".into())),
        ("a ticket", "selected[0].ticket", change("sample.json", ticket.clone(), flipped(&ticket))),
        ("a cut-off", "strata[0].cutoff", change("sample.json", cutoff.clone(), flipped(&cutoff))),
        (
            "a size",
            "strata[0].selected",
            change("sample.json", "\"selected\": 28".into(), "\"selected\": 27".into()),
        ),
        ("the seed", "seed", change("sample.json", "SSQ-2022025".into(), "SSQ-2022026".into())),
        ("a swapped enterprise", "selected[0].code", change("sample.json", first.clone(), reserve.clone())),
        ("a rank", "selected[1].rank", change("sample.json", "\"rank\": 2,".into(), "\"rank\": 3,".into())),
        ("a cell of the sample table", "sample.csv", change("sample.csv", first.clone(), second.clone())),
        (
            "a minute",
            "start is stated",
            change("schedule.json", format!("\"start\": {start}"), format!("\"start\": {}", start + 60)),
        ),
        (
            "a moved date",
            "routes[",
            change("schedule.json", "\"day\": \"2022-03-07\"".into(), "\"day\": \"2022-03-08\"".into()),
        ),
        (
            "a route without its crew",
            "crews.json",
            Box::new(|out: &Path| {
                let mut crews = json(out.join("crews.json"));
                crews["routes"].as_array_mut().unwrap().pop();
                fs::write(out.join("crews.json"), serde_json::to_vec(&crews).unwrap()).unwrap();
            }),
        ),
        ("a swapped visit", "stands", change("schedule.json", id.clone(), reserve)),
        ("the cost", "cost", change("schedule.json", "\"total\": ".into(), "\"total\": 1".into())),
        (
            "a cell of the schedule table",
            "schedule.csv",
            change("schedule.csv", "2022-03-07".into(), "2022-03-09".into()),
        ),
        (
            "a deadline",
            "deadline",
            change("problem.json", "\"deadline\":\"2022-04-06\"".into(), "\"deadline\":\"2022-04-07\"".into()),
        ),
        (
            "a travel time",
            "travel.csv",
            Box::new(|out: &Path| {
                let path = out.join("travel.csv");
                let text = fs::read_to_string(&path).unwrap();
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                let mut cells: Vec<String> = lines[2].split(',').map(str::to_owned).collect();
                cells[5] = (cells[5].parse::<i64>().unwrap() + 2).to_string();
                lines[2] = cells.join(",");
                fs::write(path, lines.join("\n") + "\n").unwrap();
            }),
        ),
        (
            "a day off erased",
            "inputs/03-inspectors.csv",
            Box::new(|out: &Path| {
                let path = out.join("inputs/03-inspectors.csv");
                let text = fs::read_to_string(&path).unwrap();
                let off = text
                    .lines()
                    .find_map(|l| l.split(',').nth(8).filter(|d| d.starts_with("2022")))
                    .unwrap()
                    .to_owned();
                fs::write(path, text.replacen(&off, "", 1)).unwrap();
            }),
        ),
        (
            "an exclusion erased",
            "inputs/04-exclude.csv",
            Box::new(|out: &Path| {
                let path = out.join("inputs/04-exclude.csv");
                let text = fs::read_to_string(&path).unwrap();
                fs::write(path, text.lines().next().unwrap().to_owned() + "\r\n").unwrap();
            }),
        ),
        (
            "a file added",
            "extra.txt was added",
            Box::new(|out: &Path| fs::write(out.join("extra.txt"), "x").unwrap()),
        ),
        ("a file removed", "missing", Box::new(|out: &Path| fs::remove_file(out.join("frame.csv")).unwrap())),
        ("no travel times", "       travel.csv is missing", removed("travel.csv")),
        ("no crews", "       crews.json is missing", removed("crews.json")),
        ("no problem", "       problem.json is missing", removed("problem.json")),
        (
            "the layout of the problem",
            "problem.json",
            Box::new(|out: &Path| replace(out, "problem.json", "\"days\":", "\"days\": ")),
        ),
        (
            "the order of the problem's keys",
            "problem.json",
            Box::new(|out: &Path| {
                let value = json(out.join("problem.json"));
                fs::write(out.join("problem.json"), serde_json::to_string(&value).unwrap() + "\n").unwrap();
            }),
        ),
        (
            "the layout of the index",
            "inputs/index.json",
            Box::new(|out: &Path| replace(out, "inputs/index.json", "\n", "\n ")),
        ),
    ];
    fs::rename(good.join("SHA256SUMS"), dir.path().join("sums")).unwrap();
    assert!(expect(dir.path(), "verify good", 1).contains("SHA256SUMS is missing"));
    fs::rename(dir.path().join("sums"), good.join("SHA256SUMS")).unwrap();
    for (what, named, tamper) in cases {
        let bad = dir.path().join("bad");
        if bad.exists() {
            fs::remove_dir_all(&bad).unwrap();
        }
        for (name, bytes) in files(&good) {
            let path = bad.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        tamper(&bad);
        let text = expect(dir.path(), "verify bad", 1);
        assert!(text.contains(named), "{what}: {named} is not named in\n{text}");
        forge_sums(&bad);
        let text = expect(dir.path(), "verify bad", 1);
        assert!(text.contains(named), "{what}, forged: {named} is not named in\n{text}");
    }
}

#[test]
fn what_is_no_dossier_is_refused() {
    let dir = folder();
    assert!(expect(dir.path(), "verify nowhere", 2).contains("nowhere"));
    fs::create_dir(dir.path().join("empty")).unwrap();
    assert!(expect(dir.path(), "verify empty", 2).contains("SHA256SUMS"));
}

#[test]
fn other_cities_and_sizes_work_too() {
    for (city, n) in [("南京市", 40), ("徐州市", 412), ("宿迁市", 1500)] {
        let dir = folder();
        expect(dir.path(), &format!("example in --city {city} --applicants {n} --seed 2"), 0);
        expect(dir.path(), "plan in -o out", 0);
        expect(dir.path(), "verify out", 0);
    }
}

#[test]
fn a_plan_under_a_seal_is_verified_with_it() {
    let dir = folder();
    expect(dir.path(), "example in --applicants 120", 0);
    expect(dir.path(), "seal in -o sealed", 0);
    let plan = dir.path().join("in/plan.toml");
    let text = fs::read_to_string(&plan).unwrap();
    fs::write(&plan, format!("seal = \"../sealed/seal.json\"\n{text}")).unwrap();
    expect(dir.path(), "plan in -o out", 0);
    let text = expect(dir.path(), "verify out", 0);
    assert!(text.contains("stands under a seal"), "{text}");
    replace(&dir.path().join("out"), "seal.json", "\"minimum\": 1", "\"minimum\": 2");
    forge_sums(&dir.path().join("out"));
    assert!(expect(dir.path(), "verify out", 1).contains("seal.json is not the copy"));
}

#[test]
fn every_command_keeps_what_it_replaces_and_restores_what_a_crash_left() {
    let dir = folder();
    expect(dir.path(), "example in --applicants 60", 0);
    let at = |name: &str| dir.path().join(name);
    for command in [
        "plan in -o out",
        "draw in -o out",
        "seal in -o out",
        "example out --applicants 30",
        "new out --city 苏州市",
    ] {
        for name in ["out", "out.previous"] {
            let _ = fs::remove_dir_all(at(name));
        }
        expect(dir.path(), command, 0);
        assert!(expect(dir.path(), command, 2).contains("--force"), "{command}");
        for mark in ["first", "second"] {
            fs::write(at("out").join(mark), "mine").unwrap();
            let text = expect(dir.path(), &format!("{command} --force"), 0);
            assert!(text.contains("the old content of out is kept in out.previous"), "{command}: {text}");
            assert!(at("out.previous").join(mark).exists() && !at("out").join(mark).exists(), "{command}");
        }
        // As a crash between the two renames leaves it.
        fs::write(at("out.hecha-replacing"), "").unwrap();
        fs::create_dir(at("out.hecha-partial")).unwrap();
        fs::rename(at("out.previous"), at("out.hecha-older")).unwrap();
        fs::rename(at("out"), at("out.previous")).unwrap();
        let text = expect(dir.path(), command, 2);
        assert!(text.contains("its old content was restored") && text.contains("--force"), "{command}: {text}");
        assert!(at("out.previous/second").exists() && at("out").exists(), "{command}");
        for left in ["out.hecha-replacing", "out.hecha-partial", "out.hecha-older"] {
            assert!(!at(left).exists(), "{command}: {left}");
        }
    }
    // Commands that only read restore too.
    expect(dir.path(), "plan in -o done", 0);
    for command in ["verify done", "check in"] {
        let name = command.split(' ').next_back().unwrap();
        fs::write(at(&format!("{name}.hecha-replacing")), "").unwrap();
        fs::rename(at(name), at(&format!("{name}.previous"))).unwrap();
        let output = support::hecha(dir.path(), command);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(text.contains("its old content was restored") && at(name).exists(), "{command}: {text}");
    }
}
