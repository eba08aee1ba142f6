//! The documents for people, of a plan with names as nobody wishes them.

#![allow(
    clippy::unwrap_used,
    clippy::format_push_string,
    clippy::format_collect,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "a test that cannot go on has failed; what it writes is small"
)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::Cursor;
use std::path::Path;

use calamine::{Data, Reader, Xlsx};
use chrono::{NaiveDate, TimeDelta};
use serde_json::Value;
use support::{files, folder, json};

const FORMULA: &str = "=cmd|' /C calc'!A0";
const SCRIPT: &str = "<script>alert(1)</script>";
const RARE: &str = "苏州𬭎㙍科技有限公司";

/// Name, contact and phone of each enterprise.
fn enterprises() -> Vec<(String, &'static str, &'static str)> {
    vec![
        (FORMULA.to_owned(), "钱无名甲", "+8651260000001"),
        (SCRIPT.to_owned(), "孙无名乙", "13900000002"),
        ("../../etc".to_owned(), "", ""),
        ("企".repeat(80), "李无名丙", "0512-60000004"),
        (RARE.to_owned(), "周无名丁𬭎", "051260000005"),
        ("@SUM(1+1)*cmd".to_owned(), "吴无名戊", "-13900000006"),
        ("http://example.com/".to_owned(), "郑无名己", "13900000007;0512"),
        ("a;b,c\\nEND:VEVENT".to_owned(), "王无名庚", "13900000008"),
    ]
}

/// Ids and names of inspectors.
const INSPECTORS: [(&str, &str); 6] = [
    ("CON", ""),
    ("../../etc", "passwd"),
    ("A1", "𬭎㙍"),
    ("a1", "𬭎㙍"),
    ("=1+1", FORMULA),
    ("[x]:*?/\\", "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五"),
];

/// Plans a city of such names in a language; the dossier is `out`.
fn plan(dir: &Path, lang: &str) {
    let cell = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut table = "统一社会信用代码,企业名称,申报星级,所属县区,企业地址,联系人,联系电话\r\n".to_owned();
    for (at, (name, contact, phone)) in enterprises().iter().enumerate() {
        let (star, county) = (3 + at % 3, ["姑苏区", "吴中区"][at % 2]);
        let code = format!("91320508MA{at:08}");
        let address = if contact.is_empty() { String::new() } else { format!("人民路{at}号") };
        let cells = [name, &star.to_string(), county, &address, *contact, *phone].map(cell).join(",");
        table += &format!("{code},{cells}\r\n");
    }
    let mut people = "工号,姓名,驻地,专家\r\n".to_owned();
    for (id, name) in INSPECTORS {
        let name = if name.is_empty() { "无名" } else { name };
        people += &format!("{},{},市局,是\r\n", cell(id), cell(name));
    }
    fs::write(dir.join("applicants.csv"), table).unwrap();
    fs::write(dir.join("inspectors.csv"), people).unwrap();
    let text = "notice = \"jiangsu-2022-46\"\ncity = \"苏州市\"\napplicants = \"applicants.csv\"\n\
        inspectors = \"inspectors.csv\"\ndraw = \"ugly-1\"\nseed = \"SSQ-2022025-03-07-12\"\n\
        [sample]\nrate = \"75%\"\n[schedule]\nfirst_day = 2022-03-07\nshift = \"08:30-17:30\"\n\
        lunch = \"12:00-13:30\"\nminutes = { 3 = 60, 4 = 90, 5 = 120 }\n\
        wrap_up_workdays = { 3 = 7, 4 = 7, 5 = 3 }\n";
    fs::write(dir.join("plan.toml"), text).unwrap();
    let mut command = assert_cmd::Command::cargo_bin("hecha").unwrap();
    command.current_dir(dir).args(["--lang", lang, "plan", "plan.toml", "-o", "out"]).assert().code(0);
}

fn sheets(path: &Path) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(fs::read(path).unwrap())).unwrap()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap()
}

#[test]
fn the_workbook_reads_back_what_the_records_say() {
    let dir = folder();
    for (lang, book) in [("zh", "核查计划.xlsx"), ("en", "check-plan.xlsx")] {
        let place = dir.path().join(lang);
        fs::create_dir(&place).unwrap();
        plan(&place, lang);
        let (out, mut book) = (place.join("out"), sheets(&place.join("out").join(book)));
        let (sample, schedule) = (json(out.join("sample.json")), json(out.join("schedule.json")));
        let names = book.sheet_names();
        assert_eq!(names.len(), 5 + INSPECTORS.len());
        let lower: BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(lower.len(), names.len(), "Excel does not tell case apart: {names:?}");
        for name in &names {
            assert!(
                name.encode_utf16().count() <= 31 && !name.contains(['[', ']', ':', '*', '?', '/', '\\']),
                "{name}"
            );
            assert!(book.worksheet_formula(name).unwrap().is_empty(), "{name}");
        }
        let drawn = book.worksheet_range(&names[1]).unwrap();
        let selected = sample["selected"].as_array().unwrap();
        assert_eq!(drawn.height() - 1, selected.len());
        for (row, line) in drawn.rows().skip(1).zip(selected) {
            assert_eq!(row[2], Data::String(text(line, "name").to_owned()), "the very name");
            assert_eq!(row[3], Data::String(text(line, "code").to_owned()));
            assert_eq!(row[4], Data::Float(line["star"].as_f64().unwrap()));
        }
        let days = book.worksheet_range(&names[3]).unwrap();
        let mut rows = days.rows().skip(1);
        for route in schedule["routes"].as_array().unwrap() {
            for visit in route["visits"].as_array().unwrap() {
                let row = rows.next().unwrap();
                let Data::DateTime(day) = &row[0] else { panic!("{:?}", row[0]) };
                let date: NaiveDate = text(route, "day").parse().unwrap();
                let zero = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap();
                assert_eq!(zero + TimeDelta::days(day.as_f64() as i64), date);
                let Data::DateTime(start) = &row[6] else { panic!("{:?}", row[6]) };
                // Whole minutes, rounded up, as on the printed sheet.
                let minute = visit["start"].as_u64().unwrap().div_ceil(60) * 60;
                assert!((start.as_f64() * 86_400.0 - minute as f64).abs() < 0.01);
                assert_eq!(row[9], Data::String(text(visit, "id").to_owned()));
                let at: usize = text(visit, "id")[10..].parse().unwrap();
                let (name, contact, phone) = &enterprises()[at];
                let said = |text: &str| match text {
                    "" => Data::Empty,
                    text => Data::String(text.to_owned()),
                };
                assert_eq!([&row[8], &row[13]], [&said(name), &said(contact)]);
                if !phone.contains(';') {
                    assert_eq!(row[14], said(phone));
                }
            }
        }
        assert!(rows.next().is_none());
    }
}

#[test]
fn nothing_public_tells_a_phone_or_a_contact() {
    let dir = folder();
    plan(dir.path(), "zh");
    let out = dir.path().join("out");
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    let mut public = vec![read("公示名单.csv"), read("schedule.geojson")];
    let mut book = sheets(&out.join("核查计划.xlsx"));
    let sheet = book.worksheet_range("公示名单").unwrap();
    public.push(sheet.rows().flatten().map(|cell| format!("{cell}\n")).collect());
    for (_, contact, phone) in enterprises() {
        for told in [contact, phone.trim_start_matches(['+', '-'])] {
            assert!(told.is_empty() || public.iter().all(|text| !text.contains(told)), "{told}");
        }
    }
    assert!(public.iter().all(|text| !text.contains("人民路")), "nor addresses");
    // What it must tell: every name, and a ticket that anyone can compute.
    let sample = json(out.join("sample.json"));
    for line in sample["selected"].as_array().unwrap() {
        assert!(public.iter().all(|text| text.contains(&text_as_json(line, "name", text))), "{line}");
        let ticket =
            hecha::digest::sha256_hex(format!("{}{}", text(&sample, "salt"), text(line, "code")).as_bytes());
        assert!(public[0].contains(&ticket) && public[2].contains(&ticket));
    }
    let rows: Vec<csv::StringRecord> = csv::Reader::from_reader(public[0].as_bytes())
        .records()
        .collect::<Result<_, _>>()
        .expect("a table: every row has as many cells");
    assert!(public[0].starts_with('\u{feff}') && public[0].ends_with("\r\n"));
    assert!(rows.iter().flatten().all(|cell| !cell.starts_with(['=', '+', '-', '@'])));
}

/// A field as it stands in a text: escaped where that is JSON.
fn text_as_json(line: &Value, field: &str, within: &str) -> String {
    if within.starts_with('{') { line[field].to_string() } else { text(line, field).to_owned() }
}

#[test]
fn calendars_hold_each_visit_once_under_names_that_every_system_takes() {
    let dir = folder();
    plan(dir.path(), "en");
    let out = dir.path().join("out");
    let (schedule, crews) = (json(out.join("schedule.json")), json(out.join("crews.json")));
    let mut expected = 0;
    for (route, crew) in schedule["routes"].as_array().unwrap().iter().zip(crews["routes"].as_array().unwrap()) {
        expected += route["visits"].as_array().unwrap().len() * crew["inspectors"].as_array().unwrap().len();
    }
    let (mut events, mut uids, mut lower) = (0, BTreeSet::new(), BTreeSet::new());
    for (path, bytes) in files(&out).into_iter().filter(|(path, _)| path.ends_with(".ics")) {
        let name = path.strip_prefix("calendars/").unwrap();
        assert!(!name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|']), "{name}");
        assert!(
            !name.starts_with('.') && name.chars().count() <= 84 && lower.insert(name.to_lowercase()),
            "{name}"
        );
        assert!(!name.to_lowercase().starts_with("con."), "{name}");
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{name}");
        let text = text.replace("\r\n ", "");
        let lines = |what: &str| text.lines().filter(|line| line.starts_with(what)).count();
        events += lines("BEGIN:VEVENT");
        assert_eq!(lines("BEGIN:VEVENT"), lines("END:VEVENT"), "no name ends an event: {name}");
        uids.extend(text.lines().filter(|line| line.starts_with("UID:")).map(str::to_owned));
    }
    assert_eq!((events, uids.len()), (expected, expected));
    assert!(expected > 0);
}
