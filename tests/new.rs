//! `hecha new` as a clerk meets it: an empty folder that says so, filled in and planned.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs;
use std::path::Path;

use calamine::{Reader, Xlsx, open_workbook};
use rust_xlsxwriter::Workbook;
use support::{expect, files, folder, json};

/// Writes rows below the header that a template has, as a spreadsheet would, and keeps its other sheets.
fn fill_in(path: &Path, rows: &[&[(&str, &str)]]) {
    let mut template: Xlsx<_> = open_workbook(path).unwrap();
    let mut book = Workbook::new();
    for (at, name) in template.sheet_names().into_iter().enumerate() {
        let range = template.worksheet_range(&name).unwrap();
        let sheet = book.add_worksheet();
        sheet.set_name(&name).unwrap();
        for (row, column, cell) in range.used_cells() {
            sheet.write(row as u32, column as u16, cell.to_string()).unwrap();
        }
        if at > 0 {
            continue;
        }
        let headers: Vec<String> = range.rows().next().unwrap().iter().map(ToString::to_string).collect();
        for (row, cells) in (1..).zip(rows) {
            for (header, value) in *cells {
                let column = headers.iter().position(|h| h == header).unwrap();
                sheet.write(row, column as u16, *value).unwrap();
            }
        }
    }
    book.save(path).unwrap();
}

#[test]
fn an_untouched_folder_says_that_the_table_is_still_empty() {
    let dir = folder();
    expect(dir.path(), "new in --city 苏州市", 0);
    let names: Vec<String> = files(&dir.path().join("in")).into_iter().map(|f| f.0).collect();
    assert_eq!(names, ["applicants.xlsx", "exclude.xlsx", "inspectors.xlsx", "plan.toml"]);
    for command in ["check in", "plan in -o out", "draw in -o out", "seal in -o out"] {
        let text = expect(dir.path(), command, 2);
        assert!(text.contains("applicants.xlsx is still empty"), "{command}: {text}");
    }
    assert!(!dir.path().join("out").exists());
    assert!(expect(dir.path(), "new other --city 巴黎", 2).contains("unknown city"));
    assert!(expect(dir.path(), "new in --city 苏州市", 2).contains("--force"));
    assert!(expect(dir.path(), "new in --city 南京市 --force", 0).contains("kept in in.previous"));
    assert!(fs::read_to_string(dir.path().join("in/plan.toml")).unwrap().contains("nanjing-2022-1"));
}

#[test]
fn filled_in_templates_are_checked_and_planned() {
    let dir = folder();
    expect(dir.path(), "new in --city 苏州市", 0);
    let path = |name: &str| dir.path().join("in").join(name);
    let applicant = |code: &'static str, name: &'static str, star: &'static str, held: &'static str| {
        [
            ("统一社会信用代码", code),
            ("企业名称", name),
            ("申报星级", star),
            ("所属县(市、区)", "昆山市"),
            ("联系电话", "051257300000"),
            ("已评定星级", held),
            ("上云形式", "公有云"),
        ]
    };
    let rows = [
        applicant("91320583MAC1JJUW8D", "甲公司", "3", "无"),
        applicant("91320581MAJHYR102B", "乙公司", "4", ""),
        applicant("91320582MADR54U39J", "丙公司", "5", "4"),
    ];
    fill_in(&path("applicants.xlsx"), &rows.iter().map(|r| &r[..]).collect::<Vec<_>>());
    let text = expect(dir.path(), "check in", 0);
    assert!(text.contains("3 applicants"), "{text}");
    assert!(expect(dir.path(), "plan in -o out", 2).contains("seed"));
    let plan = fs::read_to_string(path("plan.toml")).unwrap();
    fs::write(path("plan.toml"), plan.replace("# seed = ", "seed = ").replace("000-00", "025-03")).unwrap();
    assert!(expect(dir.path(), "plan in -o out", 2).contains("inspectors' list is empty"));
    let inspector = |id: &'static str, name: &'static str, expert: &'static str| {
        [("工号", id), ("姓名", name), ("驻地", "市局"), ("专家", expert)]
    };
    let rows = [inspector("0001", "张三", "是"), inspector("0002", "李四", "否")];
    fill_in(&path("inspectors.xlsx"), &rows.iter().map(|r| &r[..]).collect::<Vec<_>>());
    fill_in(&path("exclude.xlsx"), &[]);
    expect(dir.path(), "plan in -o out", 0);
    expect(dir.path(), "verify out", 0);
    assert_eq!(json(dir.path().join("out/sample.json"))["selected"].as_array().unwrap().len(), 3);
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    let dir = folder();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let text = expect(dir.path(), &format!("completions {shell}"), 0);
        for word in ["coverage", "verify", "new", "time-limit"] {
            assert!(text.contains(word), "{shell}: {word}");
        }
    }
    expect(dir.path(), "completions csh", 2);
    assert!(expect(dir.path(), "man", 0).starts_with(".ie"));
    expect(dir.path(), "man -o man1", 0);
    fs::write(dir.path().join("man1/other.1"), "another program's").unwrap();
    expect(dir.path(), "man -o man1", 0);
    let names: Vec<String> = files(&dir.path().join("man1")).into_iter().map(|f| f.0).collect();
    assert!(names.contains(&"hecha.1".to_owned()) && names.contains(&"hecha-plan.1".to_owned()), "{names:?}");
    assert!(names.contains(&"other.1".to_owned()) && !names.iter().any(|name| name.contains("partial")));
    let version = expect(dir.path(), "--version", 0);
    assert!(version.starts_with(&format!("hecha {}", env!("CARGO_PKG_VERSION"))), "{version}");
}
