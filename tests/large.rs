//! Tables larger than any buffer, and tables that are no tables: the same answers, or a clear refusal.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fmt::Write as _;
use std::fs;

use hecha::frame::check_character;
use support::{expect, folder, json};

const DRAW: &str = "--city 苏州市 --draw suzhou-2022-1 --seed SSQ-2022025-03-07-12-18-25-31-09";

/// Code, name, star, county of applicant number `n`.
fn row(n: usize) -> [String; 4] {
    let body = format!("91320500MA{n:07}");
    let code = format!("{body}{}", char::from(check_character(body.as_bytes())));
    let county = ["昆山市", "太仓市", "吴中区", "苏州工业园区"][n % 4];
    [code, format!("苏州“第{n}”有限公司"), (3 + n % 3).to_string(), county.to_owned()]
}

fn table(rows: impl Iterator<Item = usize>, separator: &str, end: &str) -> String {
    let mut out = format!("信用代码{separator}企业名称{separator}星级{separator}县区{end}");
    for n in rows {
        let [code, name, star, county] = row(n);
        // Some names take two lines and have quotes inside.
        let name = if n % 50 == 7 { format!("\"{name}\n\"\"分公司\"\"\"") } else { name };
        write!(out, "{code}{separator}{name}{separator}{star}{separator}{county}{end}").unwrap();
    }
    out
}

#[test]
fn a_table_larger_than_any_buffer_is_drawn_the_same_in_every_dress() {
    const ROWS: usize = 12_000;
    let dir = folder();
    let write = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
    let backwards = table((0..ROWS).rev(), ",", "\r\n");
    write("plain.csv", table(0..ROWS, ",", "\n").as_bytes());
    write("tab.csv", table((0..ROWS).map(|n| n * 7 % ROWS), "\t", "\r").as_bytes());
    write("gb.csv", &encoding_rs::GB18030.encode(&backwards).0);
    let wide: Vec<u8> = backwards.encode_utf16().flat_map(u16::to_be_bytes).collect();
    write("utf16.csv", &[b"\xFE\xFF".as_slice(), &wide].concat());
    write("half1.csv", table(0..ROWS / 2, ";", "\n").as_bytes());
    write("half2.csv", table(ROWS / 2..ROWS, ",", "\n").as_bytes());
    let drawn = |tables: &str| {
        expect(dir.path(), &format!("draw {tables} {DRAW} -o out --force"), 0);
        let sums = fs::read_to_string(dir.path().join("out/SHA256SUMS")).unwrap();
        for line in sums.lines() {
            let (sum, path) = line.split_once("  ").unwrap();
            assert_eq!(hecha::digest::sha256_hex(&fs::read(dir.path().join("out").join(path)).unwrap()), sum);
        }
        let mut record = json(dir.path().join("out/sample.json"));
        record["frame"]["files"].take();
        record
    };
    let expected = drawn("plain.csv");
    assert_eq!(expected["frame"]["applicants"], ROWS);
    assert_eq!(expected["selected"].as_array().unwrap().len(), ROWS / 10);
    let names = expected["selected"].as_array().unwrap().iter().map(|l| l["name"].as_str().unwrap());
    assert!(names.clone().any(|name| name.ends_with(" \"分公司\"")));
    for line in expected["selected"].as_array().unwrap() {
        let n: usize = line["code"].as_str().unwrap()[10..17].parse().unwrap();
        let [_, name, star, county] = row(n);
        assert!(line["name"].as_str().unwrap().starts_with(&name), "{line}");
        assert_eq!((line["star"].to_string(), line["county"].as_str().unwrap()), (star, county.as_str()));
    }
    for tables in ["tab.csv", "gb.csv", "utf16.csv", "half1.csv half2.csv", "half2.csv half1.csv"] {
        assert_eq!(drawn(tables), expected, "{tables}");
    }
    expect(dir.path(), "verify out", 0);
}

#[test]
fn what_is_no_table_is_refused_with_its_reason() {
    let dir = folder();
    let head = "code,name,star,county\n";
    let [code, ..] = row(1);
    for (text, part) in [
        ("\n".repeat(300_000), "empty"),
        (format!("{head}{}", ",,,\n".repeat(100_000)), "still empty, without a single applicant"),
        (format!("{head}{code},a\0b,3,昆山市\n"), "NUL"),
        (format!("{head}{code},{},3,昆山市\n", "x".repeat(5_000_000)), "row 2: a cell of more than"),
        (format!("{head}{code},\"{},3,昆山市\n", "x,\n".repeat(500_000)), "row 2: a cell of more than"),
        (format!("{head}{}\n", ",x".repeat(10_000)), "row 2: more than 2000 columns"),
        ("1,".repeat(3_000_000), "row 1: more than 2000 columns"),
        ("x".repeat(5_000_000), "row 1: a cell of more than"),
        (format!("{head}{}", "\"\"".repeat(5_000_000)), "row 2: a cell of more than"),
    ] {
        fs::write(dir.path().join("bad.csv"), text).unwrap();
        let said = expect(dir.path(), &format!("draw bad.csv {DRAW} -o out"), 2);
        assert!(said.contains(part), "{part} is missing in\n{said}");
    }
    // Bytes that are no text in any encoding, behind many that are.
    let mut bytes = table(0..12_000, ",", "\n").into_bytes();
    bytes.extend([0xFF, 0xFF, b'\n']);
    fs::write(dir.path().join("bad.csv"), bytes).unwrap();
    let said = expect(dir.path(), &format!("draw bad.csv {DRAW} -o out"), 2);
    assert!(said.contains("row 12242") && said.contains("neither UTF-8 nor GB18030"), "{said}");
    assert!(!dir.path().join("out").exists());
}

#[test]
fn findings_beyond_the_first_ten_thousand_are_counted() {
    let dir = folder();
    let text = table(0..10_500, ",", "\n").replace(",3,", ",六星,").replace(",4,", ",6,").replace(",5,", ",0,");
    fs::write(dir.path().join("a.csv"), text).unwrap();
    let said = expect(dir.path(), &format!("draw a.csv {DRAW} -o out"), 2);
    assert!(said.contains("10500 problems") && said.contains("… and 500 more"), "{}", &said[..200]);
    let text = expect(dir.path(), "check a.csv --city 苏州市 --json", 1);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["findings"].as_array().unwrap().len(), 10_000);
    assert_eq!(value["findings_left_out"]["fatal"], 500);
    assert!(expect(dir.path(), "check a.csv --city 苏州市", 1).contains("and 500 more that are not listed"));
}

#[test]
fn notes_on_coordinates_are_bounded_and_counted_too() {
    let dir = folder();
    let mut text = "code,name,star,county,lon,lat\n".to_owned();
    for n in 0..10_500 {
        // Longitude and latitude are swapped, and the point is in Beijing: two notes a row.
        writeln!(text, "{},39.91,116.39", row(n).join(",")).unwrap();
    }
    fs::write(dir.path().join("a.csv"), text).unwrap();
    let text = expect(dir.path(), "check a.csv --city 苏州市 --json", 0);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let rule = |at: usize| value["findings"][at]["rule"].as_str().unwrap();
    assert_eq!((rule(0), rule(1)), ("coordinates-swapped", "coordinates-outside"));
    assert_eq!(value["findings_left_out"]["note"], 11_000);
}

#[test]
fn the_same_code_far_apart_is_found_and_both_rows_are_named() {
    let dir = folder();
    let text = table(0..9_000, ",", "\r\n") + &table(4_000..4_001, ",", "\r\n").replace("信用代码", "code");
    fs::write(dir.path().join("a.csv"), text).unwrap();
    let said = expect(dir.path(), &format!("draw a.csv {DRAW} -o out"), 2);
    // The header that is repeated on row 9002 is skipped.
    assert!(said.contains("row 9003") && said.contains("row 4002"), "{said}");
}
