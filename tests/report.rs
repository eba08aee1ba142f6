//! The report as it is written: hostile names come out as text, and nothing personal or foreign is in it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs;

use support::{expect, folder, json};

/// A plan whose cells are hostile, everybody drawn, so that each of them is in the report.
fn hostile(dir: &std::path::Path, names: &[String]) {
    let mut table = String::from("code,name,star,county,contact,phone,lon,lat,must_inspect\n");
    for (n, name) in names.iter().enumerate() {
        let (name, star) = (name.replace('"', "\"\""), 3 + n % 3);
        let contact = if n % 2 == 0 { "联系人王" } else { "" };
        let place = if n % 4 == 3 { "," } else { "120.7,31.4" };
        let must = if n == 0 { "<i>必查</i>" } else { "" };
        let line =
            format!("91320583MA00000{n:03},\"{name}\",{star},昆山市,{contact},13800000000,{place},{must}\n");
        table.push_str(&line);
    }
    fs::write(dir.join("applicants.csv"), table).unwrap();
    let inspectors = "工号,姓名,单位,驻地,专家\n\
         1,<b>甲</b>,</script>,市局<u>,是\n2,𬭎,㙍,市局<u>,是\n";
    fs::write(dir.join("inspectors.csv"), inspectors).unwrap();
    let plan = r#"
notice = "jiangsu-2022-46"
city = "苏州市"
applicants = "applicants.csv"
inspectors = "inspectors.csv"
draw = "hostile-1"
seed = "abcdefghijklm"
seed_source = "<svg onload=alert(1)>"

[sample]
rate = "60%"

[schedule]
first_day = 2022-03-07
shift = "08:30-17:30"
lunch = "12:00-13:30"
minutes = { 3 = 60, 4 = 90, 5 = 120 }
wrap_up_workdays = { 3 = 7, 4 = 7, 5 = 3 }
effort = 0
"#;
    fs::write(dir.join("plan.toml"), plan).unwrap();
}

#[test]
fn hostile_cells_come_out_as_text_and_nothing_personal_is_told() {
    let dir = folder();
    let mut names: Vec<String> = [
        "=cmd|' /C calc'!A0",
        "<script>alert(1)</script>",
        "</script><img src=x onerror=alert(2)>",
        "../../etc/passwd",
        "𬭎㙍有限公司",
        "\u{202e}反写\u{2028}分行",
        "\" onmouseover=\"alert(3)",
        "&lt;b&gt;",
    ]
    .map(str::to_owned)
    .to_vec();
    names.push("长".repeat(80));
    hostile(dir.path(), &names);
    for (lang, file) in [("zh", "核查方案.html"), ("en", "check-plan.html")] {
        expect(dir.path(), &format!("plan plan.toml -o {lang} --lang {lang}"), 0);
        let page = fs::read_to_string(dir.path().join(lang).join(file)).unwrap();
        let record = json(dir.path().join(lang).join("sample.json"));
        let drawn: Vec<&str> =
            record["selected"].as_array().unwrap().iter().map(|line| line["name"].as_str().unwrap()).collect();
        assert!(drawn.len() >= 6);
        for name in drawn {
            let escaped: String = name
                .chars()
                .map(|c| match c {
                    '<' => "&lt;".to_owned(),
                    '>' => "&gt;".to_owned(),
                    '&' => "&amp;".to_owned(),
                    '"' => "&quot;".to_owned(),
                    '\'' => "&#39;".to_owned(),
                    '\u{202e}' => "·".to_owned(),
                    '\u{2028}' => " ".to_owned(),
                    c => c.to_string(),
                })
                .collect();
            assert!(page.contains(&escaped), "{name} is missing");
        }
        // One style, one script, both this program's; no tag, handler or address that came in with a cell.
        assert_eq!(page.matches("<script>").count(), 1);
        assert_eq!(page.matches("</script>").count(), 1);
        for foreign in
            ["<img", "<i>", "<b>甲", "<u>", "<svg onload", "http://", "https://", "\u{202e}", "\u{2028}"]
        {
            assert!(!page.contains(foreign), "{foreign}");
        }
        for attribute in [" onerror=", " onload=", " style="] {
            // Tags without the values of their attributes.
            let tags = page.split('<').map(|part| part.split('>').next().unwrap());
            let inside_a_tag =
                tags.into_iter().any(|tag| tag.split('"').step_by(2).any(|p| p.contains(attribute)));
            assert!(!inside_a_tag, "{attribute}");
        }
        assert!(page.contains("default-src &#39;none&#39;"));
        assert!(!page.contains("13800000000") && !page.contains("联系人王"));
    }
}
