//! The daily packs as `hecha plan` writes them, from texts that would break out of a document.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use quick_xml::escape::unescape;
use support::{files, folder, json, kept};
use tempfile::TempDir;

/// The ugly city planned in a language.
fn planned(lang: &str) -> TempDir {
    let dir = folder();
    let output = assert_cmd::Command::cargo_bin("hecha")
        .unwrap()
        .current_dir(dir.path())
        .args(["--lang", lang, "plan", kept("tables/ugly-city").to_str().unwrap(), "-o", "out"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    dir
}

/// The packs: name without folder and ending, and text.
fn packs(out: &Path, folder: &str) -> BTreeMap<String, String> {
    files(&out.join(folder))
        .into_iter()
        .map(|(name, bytes)| (name.strip_suffix(".html").unwrap().to_owned(), String::from_utf8(bytes).unwrap()))
        .collect()
}

/// The text between tags, entities resolved.
fn text_of(html: &str) -> String {
    let body = html.split_once("<body>").unwrap().1;
    let pieces = body.split('<').map(|piece| piece.split_once('>').map_or("", |(_, text)| text));
    pieces.map(|text| unescape(text).unwrap().into_owned()).collect()
}

#[test]
fn every_visit_stands_in_the_pack_of_its_day_exactly_as_given() {
    for (lang, folder) in [("zh", "每日"), ("en", "daily")] {
        let dir = planned(lang);
        let out = dir.path().join("out");
        let packs = packs(&out, folder);
        let schedule = json(out.join("schedule.json"));
        let mut table = csv::Reader::from_path(kept("tables/ugly-city/applicants.csv")).unwrap();
        let given: BTreeMap<String, Vec<String>> = table
            .records()
            .map(|r| r.unwrap().iter().map(|c| c.replace('\t', " ")).collect::<Vec<_>>())
            .map(|r| (r[1].clone(), r))
            .collect();
        let (mut forms, mut days) = (0, std::collections::BTreeSet::new());
        for route in schedule["routes"].as_array().unwrap() {
            let day = route["day"].as_str().unwrap().to_owned();
            let html = &packs[&day];
            let text = text_of(html);
            for visit in route["visits"].as_array().unwrap() {
                let row = &given[visit["id"].as_str().unwrap()];
                // Code, name, address, contact: on the route sheet and on the form.
                for cell in [&row[0], &row[1], &row[4], &row[5]].into_iter().filter(|cell| !cell.is_empty()) {
                    assert!(text.matches(cell.as_str()).count() >= 2, "{day}: {cell} in\n{text}");
                }
                forms += 1;
            }
            days.insert(day);
        }
        assert_eq!(forms, 8);
        assert_eq!(packs.keys().cloned().collect::<std::collections::BTreeSet<_>>(), days);
        let form = if lang == "zh" { "现场核查记录表</h2>" } else { "Record of an on-site check</h2>" };
        assert_eq!(packs.values().map(|html| html.matches(form).count()).sum::<usize>(), forms);
    }
}

#[test]
fn no_text_becomes_markup_and_nothing_is_loaded() {
    let known = [
        "!DOCTYPE", "html", "head", "meta", "title", "style", "body", "nav", "h1", "h2", "p", "ol", "li", "a",
        "section", "header", "footer", "table", "thead", "tbody", "tr", "th", "td", "span", "small", "b", "br",
        "i", "div", "svg", "path", "colgroup", "col", "wbr",
    ];
    let dir = planned("zh");
    for (day, html) in packs(&dir.path().join("out"), "每日") {
        assert!(html.contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""), "{day}");
        for tag in html.split('<').skip(1) {
            let name = tag.trim_start_matches('/').split([' ', '>', '\n']).next().unwrap();
            assert!(known.contains(&name), "{day}: <{name}");
            let tag = tag.split('>').next().unwrap();
            assert!(!tag.contains(" on") && !tag.contains(" src=") && !tag.contains(" style="), "{day}: <{tag}>");
            if let Some((_, link)) = tag.split_once("href=\"") {
                let fine = ["#r", "tel:", "https://uri.amap.com/"].iter().any(|start| link.starts_with(start));
                assert!(fine, "{day}: {link}");
            }
        }
        assert!(!html.contains("url(") && !html.contains("@import"), "{day}");
    }
}

#[test]
fn an_unknown_place_is_searched_for_and_never_navigated_to() {
    let dir = planned("zh");
    let all: String = packs(&dir.path().join("out"), "每日").into_values().collect();
    assert_eq!(all.matches("https://uri.amap.com/navigation?").count(), 5);
    assert_eq!(all.matches("https://uri.amap.com/search?").count(), 3);
    assert_eq!(all.matches("class=\"vague\"").count(), 3);
    assert_eq!(all.matches("<svg").count(), 8);
}
