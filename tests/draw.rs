//! `hecha draw` and `hecha check` as a user runs them, on tables in every dress.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use rust_xlsxwriter::Workbook;
use support::{expect, folder, json, kept};

const DRAW: &str = "--draw suzhou-2022-1 --seed SSQ-2022025-03-07-12-18-25-31-09";

/// The rows of the published frame: code, name, star, county.
fn rows() -> Vec<[String; 4]> {
    csv::Reader::from_path(kept("vectors/draw_frame.csv"))
        .unwrap()
        .records()
        .map(|r| r.unwrap())
        .map(|r| [0, 1, 2, 3].map(|i| r[i].to_owned()))
        .collect()
}

fn drawn(dir: &Path, table: &str, more: &str) -> serde_json::Value {
    expect(dir, &format!("draw {table} --city 苏州市 {DRAW}{more} -o out --force"), 0);
    json(dir.join("out/sample.json"))
}

#[test]
fn the_published_answers_come_out_of_the_command() {
    let dir = folder();
    fs::copy(kept("vectors/draw_frame.csv"), dir.path().join("frame.csv")).unwrap();
    let vectors = json(kept("vectors/draw_vectors.json"));
    for (case, more) in [(0, ""), (1, " --scope county"), (5, " --minimum 4"), (9, " --rate 100%")] {
        let expected = &vectors["cases"][case];
        let record = drawn(dir.path(), "frame.csv", more);
        for key in ["key", "salt", "required"] {
            assert_eq!(record[key], expected[key], "{case} {key}");
        }
        assert_eq!(record["frame"]["digest"], expected["digest"]);
        let codes: Vec<&str> =
            record["selected"].as_array().unwrap().iter().map(|s| s["code"].as_str().unwrap()).collect();
        let wanted: Vec<&str> = expected["strata"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|s| s["selected"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()))
            .collect();
        assert_eq!(codes, wanted, "{case}");
    }
}

#[test]
fn order_encoding_and_file_type_do_not_matter() {
    let dir = folder();
    let write = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
    let rows = rows();
    let csv = |separator: &str, end: &str, rev: bool, head: &str| -> String {
        let mut lines: Vec<String> = rows.iter().map(|r| r.join(separator)).collect();
        if rev {
            lines.reverse();
        }
        format!("{head}{end}{}{end}", lines.join(end))
    };
    write("plain.csv", csv(",", "\n", false, "code,name,star,county").as_bytes());
    let chinese = csv(",", "\r\n", true, "统一社会信用代码（18位）,企业名称,申报星级,所属县(市、区)");
    write("gb.csv", &encoding_rs::GB18030.encode(&chinese).0);
    write("bom.csv", format!("\u{feff}{}", csv("\t", "\r\n", true, "信用代码\t单位名称\t星级\t县区")).as_bytes());
    let utf16: Vec<u8> = chinese.encode_utf16().flat_map(u16::to_le_bytes).collect();
    write("utf16.csv", &[b"\xFF\xFE".as_slice(), &utf16].concat());

    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "苏州市申报汇总表").unwrap();
    for (column, header) in (0..).zip(["序号", "申报\n等级", "所属\n地区", "企业名称", "社会信用代码"])
    {
        sheet.write(1, column, header).unwrap();
    }
    for (row, [code, name, star, county]) in (2..).zip(rows.iter().rev()) {
        let row: u32 = row + u32::from(row > 30);
        sheet.write(row, 0, row).unwrap();
        sheet.write(row, 1, f64::from(star.parse::<u8>().unwrap())).unwrap();
        let short = county.trim_end_matches(['区', '市']);
        sheet.write(row, 2, if row.is_multiple_of(3) { short } else { county }).unwrap();
        sheet.write(row, 3, name).unwrap();
        let wide: String = code.chars().map(|c| char::from_u32(c as u32 + 0xFEE0).unwrap()).collect();
        match row % 4 {
            0 => sheet.write(row, 4, wide.as_str()).unwrap(),
            1 => sheet.write(row, 4, code.to_lowercase()).unwrap(),
            2 => sheet.write(row, 4, format!(" {}\n{}", &code[..6], &code[6..])).unwrap(),
            _ => sheet.write(row, 4, code).unwrap(),
        };
    }
    sheet.write(130, 0, "合计").unwrap();
    sheet.write(130, 3, "120家").unwrap();
    book.save(dir.path().join("book.xlsx")).unwrap();

    for scope in ["", " --scope county"] {
        let expected = drawn(dir.path(), "plain.csv", scope);
        for table in ["gb.csv", "bom.csv", "utf16.csv", "book.xlsx"] {
            let record = drawn(dir.path(), table, scope);
            for key in ["strata", "selected", "reserves", "salt"] {
                assert_eq!(record[key], expected[key], "{table} {key}");
            }
            assert_eq!(record["frame"]["digest"], expected["frame"]["digest"], "{table}");
        }
    }
}

#[test]
fn all_problems_of_a_table_are_reported_together_with_their_place() {
    let dir = folder();
    fs::write(
        dir.path().join("bad.csv"),
        "企业名称,信用代码,申报星级,县区\n\
         甲,91320583MAC1JJUW8D,六星,昆山市\n\
         乙,9.14403E+17,3,昆山市\n\
         丙,91320581MAJHYR102B,3,常熟市\n\
         丁,91320581MAJHYR102B,4,常熟市\n\
         戊,9132058IMAJHYR102B,4,常熟市\n",
    )
    .unwrap();
    let text = expect(dir.path(), &format!("draw bad.csv --city 苏州市 {DRAW} -o out"), 2);
    for part in [
        "4 problems",
        "row 2, column 申报星级",
        "六星",
        "row 3, column 信用代码",
        "9.14403E+17",
        "row 5",
        "row 6",
        "\"I\"",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    assert!(!dir.path().join("out").exists());
    let text = expect(dir.path(), "check bad.csv --city 苏州市 --json", 1);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["findings"].as_array().unwrap().iter().filter(|f| f["level"] == "fatal").count(), 4);
}

#[test]
fn bad_usage_is_exit_code_2_with_the_reason() {
    let dir = folder();
    fs::copy(kept("vectors/draw_frame.csv"), dir.path().join("f.csv")).unwrap();
    let plan = |name: &str, text: &str| {
        fs::write(dir.path().join(name), format!("notice = \"jiangsu-2022-46\"\n{text}\n")).unwrap();
    };
    plan("none.toml", "applicants = \"f.csv\"\n[sample]\nrate = 0.1");
    plan("empty.toml", "applicants = []");
    for (args, part) in [
        ("draw f.csv --city 苏州市 --draw Suzhou --seed a23456789012 -o o", "draw id"),
        ("draw f.csv --city 苏州市 --draw a --seed 123456789012 -o o", "digits only"),
        ("draw f.csv --city 苏州市 --draw a -o o", "add --seed"),
        (
            "draw none.toml --draw a --seed a23456789012 -o o",
            "sample.rate = \"0.1\": expected a decimal with %, in quotes",
        ),
        ("draw empty.toml --draw a --seed a23456789012 -o o", "applicants = \"\""),
        ("draw f.csv --city 上海市 --draw a --seed a23456789012 -o o", "上海市"),
        ("draw f.csv --city 苏州市 --draw a --seed a23456789012 --rate 0.1 -o o", "option --rate: \"0.1\""),
        ("draw none.csv --city 苏州市 --draw a --seed a23456789012 -o o", "none.csv"),
        ("draw f.csv --notice none --draw a --seed a23456789012 -o o", "jiangsu-2022-46"),
        ("draw", "APPLICANTS"),
        ("plan nowhere", "nowhere"),
        ("solve f.csv", "f.csv"),
        ("fly", "fly"),
    ] {
        let text = expect(dir.path(), args, 2);
        assert!(text.contains(part), "{args}: {part} is missing in\n{text}");
    }
    assert!(!dir.path().join("o").exists());
}

#[test]
fn a_rate_below_the_notices_is_drawn_and_answered_with_no() {
    let dir = folder();
    fs::copy(kept("vectors/draw_frame.csv"), dir.path().join("f.csv")).unwrap();
    let text = expect(dir.path(), "draw f.csv --draw a --seed a23456789012 --rate 5% -o o", 1);
    assert!(text.contains("below the notice's 10%"), "{text}");
    assert!(dir.path().join("o/sample.json").exists());
}

#[test]
fn another_notice_needs_another_file_only() {
    let dir = folder();
    // Two tiers, another rate, 5 stars due before 4, other working days to wrap up.
    fs::write(
        dir.path().join("next.toml"),
        r#"
id = "next-2023"
document = "虚构〔2023〕1号"
title = "虚构通知"
title_en = "An invented notice"
province = "江苏省"
province_code = "32"
application_opens = 2023-02-01
[check]
rate = "25%"
every_star = true
[evidence]
use_months = 6
use_until = 2022-12-31
paid_from = 2022-01-01
paid_until = 2022-12-31
[[star]]
star = 5
holds = [0, 4]
cloud_forms = ["混合云"]
decided_by = "province"
deadline = 2023-03-31
expert = false
[[star]]
star = 4
holds = [0]
cloud_forms = ["公有云"]
decided_by = "city"
deadline = 2023-04-28
expert = true
"#,
    )
    .unwrap();
    let mut table = String::from("code,name,star,county,lon,lat,已获星级,上云形式,上云时间\n");
    for (at, [code, name, _, county]) in rows().iter().take(40).enumerate() {
        let star = 4 + at % 2;
        let form = ["公有云", "混合云"][at % 2];
        writeln!(table, "{code},{name},{star},{county},120.6,31.3,,{form},2022-06-30").unwrap();
    }
    fs::write(dir.path().join("a.csv"), table).unwrap();
    fs::write(dir.path().join("i.csv"), "工号,姓名,专家\n1,甲,是\n2,乙,\n3,丙,\n4,丁,\n").unwrap();
    let plan = r#"
notice = "next.toml"
city = "苏州市"
applicants = "a.csv"
inspectors = "i.csv"
draw = "next-1"
seed = "abcdefghijkl"
[schedule]
first_day = 2023-03-20
shift = "08:30-17:30"
minutes = { 4 = 60, 5 = 90 }
wrap_up_workdays = { 4 = 2, 5 = 3 }
"#;
    fs::write(dir.path().join("plan.toml"), plan).unwrap();
    expect(dir.path(), "check .", 0);
    expect(dir.path(), "plan . -o out", 0);
    expect(dir.path(), "verify out", 0);
    let record = json(dir.path().join("out/sample.json"));
    assert_eq!(record["notice"], "next-2023");
    assert_eq!(record["rate"], "25%");
    assert_eq!(record["required"], 10);
    let stars: Vec<i64> =
        record["strata"].as_array().unwrap().iter().map(|s| s["star"].as_i64().unwrap()).collect();
    assert_eq!(stars, [4, 5]);
    let problem = json(dir.path().join("out/problem.json"));
    for visit in problem["visits"].as_array().unwrap() {
        // 2023-04-23 was a make-up workday; 04-26 leaves 04-27 and 04-28. 03-28 leaves three days to 03-31.
        let (deadline, skills) = if visit["tier"] == 4 { ("2023-04-26", 1) } else { ("2023-03-28", 0) };
        assert_eq!(visit["deadline"], deadline);
        assert_eq!(visit["skills"].as_array().map_or(0, Vec::len), skills);
    }
    assert!(problem["days"].as_array().unwrap().contains(&"2023-04-23".into()));
    // Three stars are no star of this notice.
    let text = fs::read_to_string(dir.path().join("a.csv")).unwrap().replacen(",4,", ",3,", 1);
    fs::write(dir.path().join("a.csv"), text).unwrap();
    assert!(expect(dir.path(), "check .", 1).contains("expected one of 4, 5 stars"));
}

#[test]
fn the_folder_of_a_draw_can_be_verified_and_tampering_is_named() {
    let dir = folder();
    fs::copy(kept("vectors/draw_frame.csv"), dir.path().join("f.csv")).unwrap();
    for scope in ["city", "county"] {
        expect(dir.path(), &format!("draw f.csv {DRAW} --scope {scope} -o out --force"), 0);
        expect(dir.path(), "verify out", 0);
    }
    let record = json(dir.path().join("out/sample.json"));
    let ticket = record["selected"][3]["ticket"].as_str().unwrap();
    let line = fs::read_to_string(dir.path().join("out/frame.csv")).unwrap().lines().nth(7).unwrap().to_owned();
    for (file, from, to) in [
        ("sample.json", ticket, "00"),
        ("sample.json", "\"selected\": 2", "\"selected\": 1"),
        ("sample.json", "SSQ-2022025", "SSQ-2022026"),
        ("sample.csv", ticket, "00"),
        ("frame.csv", line.as_str(), ""),
    ] {
        let path = dir.path().join("out").join(file);
        let good = fs::read_to_string(&path).unwrap();
        fs::write(&path, good.replacen(from, to, 1)).unwrap();
        support::forge_sums(&dir.path().join("out"));
        let text = expect(dir.path(), "verify out", 1);
        assert!(
            text.contains("DIFFERS") && text.contains(if file == "frame.csv" { "sample.json" } else { file }),
            "{text}"
        );
        fs::write(&path, good).unwrap();
    }
}

#[test]
fn coverage_judges_any_list() {
    let dir = folder();
    fs::copy(kept("vectors/draw_frame.csv"), dir.path().join("f.csv")).unwrap();
    expect(dir.path(), &format!("draw f.csv {DRAW} -o out"), 0);
    assert!(expect(dir.path(), "coverage f.csv out/sample.json", 0).contains("the notice is met"));
    let of = |list: &str| -> serde_json::Value {
        let text = expect(dir.path(), &format!("coverage f.csv {list} --json"), 0);
        serde_json::from_str::<serde_json::Value>(&text).unwrap()["coverage"].clone()
    };
    assert_eq!(of("out/sample.csv"), of("out/sample.json"), "reserves are not checked");
    assert!(expect(dir.path(), "coverage f.csv out/sample.csv --scope county", 1).contains("is not met"));
    // A rate of one's own asks for more, never for less than the notice.
    assert!(expect(dir.path(), "coverage f.csv out/sample.json --rate 60%", 1).contains("is not met"));
    fs::write(dir.path().join("few.csv"), "code\n").unwrap();
    assert!(expect(dir.path(), "coverage f.csv few.csv --rate 0.1%", 1).contains("below the notice's"));
    assert!(expect(dir.path(), "seal f.csv --draw low-1 --rate 5% -o low", 1).contains("below the notice's"));
    assert!(dir.path().join("low/seal.json").is_file());
    // Picked by hand: twelve of three stars are 10 % of 120, but no star is covered beside.
    let picked: Vec<String> = rows().iter().filter(|r| r[2] == "3").take(12).map(|r| r[0].clone()).collect();
    fs::write(dir.path().join("hand.csv"), format!("信用代码\n{}\n91320583MAC1JJUW8E\n", picked.join("\n")))
        .unwrap();
    let text = expect(dir.path(), "coverage f.csv hand.csv --json", 1);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let shares = value["coverage"]["shares"].as_array().unwrap();
    assert_eq!((&shares[0]["checked"], &shares[0]["missing"]), (&12.into(), &0.into()));
    assert_eq!(shares.iter().map(|s| s["missing"].as_i64().unwrap()).sum::<i64>(), 2);
    assert_eq!(value["coverage"]["unknown"][0], "91320583MAC1JJUW8E");
    fs::write(dir.path().join("hand.csv"), "信用代码\n123\n").unwrap();
    assert!(expect(dir.path(), "coverage f.csv hand.csv", 2).contains("row 2"));
    let text = expect(dir.path(), "coverage f.csv hand.csv --json", 2);
    let error = &serde_json::from_str::<serde_json::Value>(&text).unwrap()["errors"][0];
    assert_eq!((&error["kind"], &error["row"], &error["value"]), (&"code".into(), &2.into(), &"123".into()));
    // One that stands twice counts once, and who has withdrawn is no stranger.
    fs::write(dir.path().join("hand.csv"), format!("信用代码\n{0}\n{1}\n{0}\n", picked[0], picked[1])).unwrap();
    let table = fs::read_to_string(dir.path().join("f.csv")).unwrap();
    let (head, rest) = table.split_once('\n').unwrap();
    let left = |line: &str| format!("{line},{}\n", if line.contains(&picked[1]) { "撤回" } else { "" });
    let table = format!("{head},撤回\n{}", rest.lines().map(left).collect::<String>());
    fs::write(dir.path().join("left.csv"), table).unwrap();
    let text = expect(dir.path(), "coverage left.csv hand.csv", 1);
    for said in [
        "hand.csv: 2 enterprises by column 信用代码".to_owned(),
        format!("row 4: {} stands above", picked[0]),
        format!("{} of the list has withdrawn", picked[1]),
    ] {
        assert!(text.contains(&said), "{said}: {text}");
    }
}

#[test]
fn a_draw_under_a_seal_explains_every_difference() {
    let dir = folder();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    let table = fs::read_to_string(kept("vectors/draw_frame.csv")).unwrap();
    write("f.csv", &table);
    let text = expect(dir.path(), "seal f.csv --draw suzhou-2022-1 -o sealed", 0);
    let seal = json(dir.path().join("sealed/seal.json"));
    assert_eq!(seal["format"], "hecha-seal/1");
    assert!(text.contains(seal["frame_digest"].as_str().unwrap()));
    let announcement = fs::read_to_string(dir.path().join("sealed/announcement.txt")).unwrap();
    assert!(
        announcement.contains(seal["frame_digest"].as_str().unwrap()) && announcement.contains("120 applicants")
    );

    let under = |more: &str, code: i32| {
        expect(dir.path(), &format!("draw f.csv {DRAW} --seal sealed/seal.json{more} -o out --force"), code)
    };
    assert!(under("", 0).contains("stands under its seal"));
    expect(dir.path(), "verify out", 0);
    assert_eq!(
        json(dir.path().join("out/sample.json"))["seal"].as_str().unwrap(),
        hecha::digest::sha256_hex(&fs::read(dir.path().join("sealed/seal.json")).unwrap())
    );
    // Another rate, another draw id, one applicant fewer and one corrected: refused, then explained.
    assert!(under(" --rate 12.5%", 2).contains("rule rate: sealed \"10%\", now \"12.5%\""));
    let other = format!("draw f.csv {} --seal sealed/seal.json -o out --force", DRAW.replace("2022-1", "2022-2"));
    assert!(expect(dir.path(), &other, 2).contains("suzhou-2022-2"));
    let lines: Vec<&str> = table.lines().collect();
    let (gone, moved) = (lines[5].split(',').next().unwrap(), lines[9].split(',').next().unwrap());
    let star = lines[9].split(',').nth(2).unwrap();
    let new_star = if star == "3" { "4" } else { "3" };
    let corrected = lines[9].replacen(&format!(",{star},"), &format!(",{new_star},"), 1);
    let changed: Vec<&str> = lines
        .iter()
        .enumerate()
        .filter(|(i, _)| *i != 5)
        .map(|(i, l)| if i == 9 { corrected.as_str() } else { l })
        .collect();
    write("f.csv", &changed.join("\n"));
    let text = under("", 2);
    assert!(text.contains("2 differences") && text.contains(gone) && text.contains(moved), "{text}");
    write("changes.csv", &format!("code,change,reason\n{gone},withdrawn,企业撤回\n"));
    assert!(under(" --changes changes.csv", 2).contains(moved));
    write("changes.csv", &format!("code,change,reason\n{gone},withdrawn,企业撤回\n{moved},star,填报有误\n"));
    under(" --changes changes.csv", 0);
    let record = json(dir.path().join("out/sample.json"));
    assert_eq!(record["changes"].as_array().unwrap().len(), 2);
    expect(dir.path(), "verify out", 0);
    write("changes.csv", &format!("code,change,reason\n{gone},新增,企业撤回\n{moved},star,填报有误\n"));
    let text = under(" --changes changes.csv", 2);
    assert!(text.contains(&format!("\"新增\" of {gone}")) && !text.contains(moved), "{text}");
    write("changes.csv", &format!("code,change,reason\n{gone},withdrawn,x\n{moved},star,y\n{gone},,z\n"));
    assert!(
        under(" --changes changes.csv", 2).contains("row 4")
            && under(" --changes changes.csv", 2).contains("row 2")
    );
    write("changes.csv", &format!("code,change,reason\n{gone},w,x\n{moved},s,y\nrate,r,z\n"));
    assert!(under(" --changes changes.csv", 2).contains("do not differ"));
    // A frame beside the seal that is not the sealed one.
    write("sealed/frame.csv", "x");
    assert!(under(" --changes changes.csv", 2).contains("sealed digest"));
}
