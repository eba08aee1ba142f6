//! `hecha check` as a person and as a machine read it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs;

use rust_xlsxwriter::Workbook;
use serde_json::Value;
use support::{expect, folder, kept};

fn checked(dir: &std::path::Path, args: &str, code: i32) -> Value {
    serde_json::from_str(&expect(dir, &format!("check {args} --json"), code)).unwrap()
}

#[test]
fn every_refused_table_is_an_entry_for_machines() {
    let dir = folder();
    let write = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
    let mut book = Workbook::new();
    for name in ["一", "二"] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        for (column, header) in (0..).zip(["code", "name", "star", "county"]) {
            sheet.write(0, column, header).unwrap();
        }
        sheet.write(1, 0, "91320583MAC1JJUW8D").unwrap();
    }
    let two = book.save_to_buffer().unwrap();
    write("two.xlsx", &two);
    write("cut.xlsx", &two[..two.len() / 2]);
    let mut book = Workbook::new();
    book.add_worksheet().set_name("表").unwrap().write(2, 0, "企业名称").unwrap();
    write("headless.xlsx", &book.save_to_buffer().unwrap());
    let head = "code,name,star,county";
    write("empty.csv", b"");
    write("headless.csv", "企业名称,县区\n甲,昆山市\n".as_bytes());
    write("double.csv", "code,信用代码,name,star,county\n1,1,a,3,b\n".as_bytes());
    write("bytes.csv", &[head.as_bytes(), b"\n1,\xFF\xFF,3,x\n"].concat());
    write("zero.csv", &[head.as_bytes(), b"\n1,\0,3,x\n"].concat());
    write("wide.csv", format!("{head}\n{}\n", ",x".repeat(2_500)).as_bytes());
    write("long.csv", format!("{head}\n\"{}\"\n", "x".repeat(40_000)).as_bytes());
    write("open.csv", format!("{head}\n1,\"甲,3,x\n2,乙,3,x\n").as_bytes());
    write(
        "swallowed.csv",
        format!("{head},note\n1,甲,3,x,\n2,乙,3,x,\"y\n91320583MAC1JJUW8D,丙,3,x,\"\n").as_bytes(),
    );
    write("page.xls", b"<html><table/></html>");
    for (file, kind, sheet, row) in [
        ("two.xlsx", "several-sheets", None, None),
        ("cut.xlsx", "damaged-workbook", None, None),
        ("headless.xlsx", "no-header", Some("表"), None),
        ("empty.csv", "empty-file", None, None),
        ("headless.csv", "no-header", None, None),
        ("double.csv", "two-columns", None, Some(1)),
        ("bytes.csv", "bad-encoding", None, Some(2)),
        ("zero.csv", "binary", None, None),
        ("wide.csv", "too-many-columns", None, Some(2)),
        ("long.csv", "long-cell", None, Some(2)),
        ("open.csv", "open-quote", None, Some(2)),
        ("swallowed.csv", "swallowed-rows", None, Some(3)),
        ("page.xls", "other-format", None, None),
        ("none.csv", "no-file", None, None),
    ] {
        let value = checked(dir.path(), &format!("{file} --city 苏州市"), 2);
        let errors = value["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "{file}: {value}");
        let error = &errors[0];
        assert_eq!(
            (&error["kind"], &error["sheet"], &error["row"]),
            (&kind.into(), &sheet.into(), &row.into()),
            "{file}"
        );
        assert!(error["file"].as_str().unwrap().ends_with(file), "{file}: {error}");
        for lang in ["zh", "en"] {
            assert!(error[lang].as_str().unwrap().contains(file), "{file}: {error}");
            assert_eq!(value["error"][lang], error[lang], "{file}");
        }
    }
    // All refused tables together.
    let value = checked(dir.path(), "empty.csv zero.csv page.xls --city 苏州市", 2);
    assert_eq!(value["errors"].as_array().unwrap().len(), 3);
}

#[test]
fn what_stops_a_draw_is_an_entry_for_machines_too() {
    let dir = folder();
    fs::write(dir.path().join("a.csv"), "code,name,star,county\n91320583MAC1JJUW8D,a,六,昆山市\n9,b,3,昆山市\n")
        .unwrap();
    let text = expect(dir.path(), "draw a.csv --city 苏州市 --draw a --seed a23456789012 -o o --json", 2);
    let value: Value = serde_json::from_str(&text).unwrap();
    let places: Vec<_> = value["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["kind"].clone(), e["row"].clone(), e["value"].clone()))
        .collect();
    assert_eq!(places, [("star".into(), 2.into(), "六".into()), ("code".into(), 3.into(), "9".into())]);
}

#[test]
fn findings_of_the_notice_quote_its_clause() {
    let dir = folder();
    fs::write(
        dir.path().join("a.csv"),
        "code,name,star,county,已评定星级,上云形式,上云时间,是否在用,付款日期,经度,纬度\n\
         91320583MAC1JJUW8D,甲,3,昆山市,三星,私有云,2021-12-01,否,2020-12-31,120.98,31.38\n\
         91320581MAJHYR102B,乙,3,浦东新区,,,,,,31.65,120.75\n\
         91320582MADR54U39J,丙,3,太仓市,,,,,,116.39,39.90\n",
    )
    .unwrap();
    let value = checked(dir.path(), "a.csv --city 苏州市", 1);
    let findings = value["findings"].as_array().unwrap();
    let of = |rule: &str| findings.iter().find(|f| f["rule"] == rule).unwrap_or_else(|| panic!("{rule}: {value}"));
    for (rule, words) in [
        ("ladder", "申报条件：星级阶梯"),
        ("cloud-form", "申报条件：上云形式"),
        ("use-months", "申报条件：连续使用"),
        ("in-use", "申报条件：连续使用"),
        ("spend-window", "申报条件：上云投入"),
        ("county", "申报对象"),
    ] {
        let finding = of(rule);
        assert!(finding["clause"]["zh"].as_str().unwrap().starts_with(words), "{finding}");
        assert!(!finding["clause"]["en"].as_str().unwrap().is_empty(), "{finding}");
        assert_eq!(finding["level"], "broken", "{finding}");
    }
    assert_eq!(
        (&of("coordinates-swapped")["row"], &of("coordinates-swapped")["level"]),
        (&3.into(), &"note".into())
    );
    let far = of("coordinates-outside");
    assert_eq!((&far["row"], &far["level"], &far["clause"]), (&4.into(), &"note".into(), &Value::Null));
    let said = expect(dir.path(), "check a.csv --city 苏州市", 1);
    assert!(said.contains("[conditions: the ladder of stars") && said.contains("km from the nearest"), "{said}");
}

#[test]
fn no_example_has_points_outside_its_city_or_hidden_rows() {
    let dir = folder();
    for city in ["苏州市", "南通市", "徐州市", "盐城市", "镇江市"] {
        expect(dir.path(), &format!("example e --city {city} --applicants 300 --force"), 0);
        let value = checked(dir.path(), "e", 1);
        for finding in value["findings"].as_array().unwrap() {
            let rule = finding["rule"].as_str().unwrap();
            assert!(!rule.starts_with("coordinates") && !rule.starts_with("hidden"), "{city}: {finding}");
        }
    }
    let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/example");
    let value = checked(&shipped, ".", 1);
    assert!(!value["findings"].to_string().contains("coordinates-"));
    assert!(kept("tables").exists());
}
