//! Where two texts or two JSON values differ, said so that a person finds the place.

use serde_json::Value;

use super::Remark;
use crate::plan::file_bytes;
use crate::routing::problem::ProblemFile;
use crate::text::{both, excerpt};

/// Degrees may differ by rounding of the last of six decimals.
const DEGREES: f64 = 2.1e-6;

/// Says that a file is not there.
pub(super) fn missing(name: &str) -> Remark {
    Remark::new(|lang| both!(lang, "缺少 {name}", "{name} is missing"))
}

/// Where `problem.json` differs from what it should be: its values, else the layout in which they are written.
pub(super) fn problem(stated: Option<&Vec<u8>>, derived: &[u8]) -> Vec<Remark> {
    const NAME: &str = "problem.json";
    let Some(bytes) = stated else { return vec![missing(NAME)] };
    let derived = serde_json::from_slice(derived).unwrap_or(Value::Null);
    let wrong = json(NAME, serde_json::from_slice(bytes).ok(), &derived);
    if !wrong.is_empty() {
        return wrong;
    }
    // The layout of its own values: a last decimal may differ from what is derived.
    match serde_json::from_slice::<ProblemFile>(bytes) {
        Ok(file) => lines(stated, &file_bytes(&file), NAME),
        Err(why) => {
            vec![Remark::new(|lang| both!(lang, "{NAME} 无法读取：{why}", "{NAME} cannot be read: {why}"))]
        }
    }
}

/// The first line in which a file differs from what it should be.
pub(super) fn lines(stated: Option<&Vec<u8>>, derived: &[u8], name: &str) -> Vec<Remark> {
    let Some(stated) = stated else { return vec![missing(name)] };
    if stated == derived {
        return Vec::new();
    }
    let split = |bytes: &[u8]| -> Vec<String> {
        bytes.split(|b| *b == b'\n').map(|line| String::from_utf8_lossy(line).into_owned()).collect()
    };
    let (a, b) = (split(stated), split(derived));
    let at = (0..a.len().max(b.len())).find(|at| a.get(*at) != b.get(*at)).unwrap_or(0);
    let row = at + 1;
    let line =
        |lines: &[String]| lines.get(at).map_or("—".to_owned(), |line| line.trim_end_matches('\r').to_owned());
    let (found, expected) = around(&line(&a), &line(&b), 120);
    vec![Remark::new(|lang| {
        both!(
            lang,
            "{name} 第{row}行写为“{found}”，重算为“{expected}”",
            "{name}, line {row} is stated as \"{found}\", derived as \"{expected}\""
        )
    })]
}

/// Both texts, each cut to `most` characters around the first in which they differ: long ones often begin alike.
fn around(stated: &str, derived: &str, most: usize) -> (String, String) {
    let same = stated.chars().zip(derived.chars()).take_while(|(a, b)| a == b).count();
    // Enough before it to find the place by.
    let skipped = same.saturating_sub(most / 3);
    let fits = |text: &str| text.chars().count() <= most;
    if fits(stated) && fits(derived) {
        return (excerpt(stated, most), excerpt(derived, most));
    }
    let cut = |text: &str| {
        let rest: String = text.chars().skip(skipped).collect();
        let shown = excerpt(&rest, most);
        if skipped > 0 { format!("…{shown}") } else { shown }
    };
    (cut(stated), cut(derived))
}

/// Every place in which a JSON file differs from what it should be.
pub(super) fn json(name: &str, stated: Option<Value>, derived: &Value) -> Vec<Remark> {
    let Some(stated) = stated else {
        return vec![Remark::new(|lang| both!(lang, "{name} 缺少或不是JSON", "{name} is missing or is no JSON"))];
    };
    let mut out = Vec::new();
    walk(name, "", &stated, derived, &mut out);
    out
}

fn walk(name: &str, path: &str, stated: &Value, derived: &Value, out: &mut Vec<Remark>) {
    match (stated, derived) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|k| !a.contains_key(*k))) {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                match (a.get(key), b.get(key)) {
                    (Some(a), Some(b)) => walk(name, &path, a, b, out),
                    (Some(a), None) => out.push(differs(name, &path, &a.to_string(), "—")),
                    (None, b) => out.push(differs(name, &path, "—", &b.unwrap_or(&Value::Null).to_string())),
                }
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            for at in 0..a.len().max(b.len()) {
                let path = format!("{path}[{at}]");
                walk(name, &path, a.get(at).unwrap_or(&Value::Null), b.get(at).unwrap_or(&Value::Null), out);
            }
        }
        _ if stated == derived => {}
        (Value::Number(a), Value::Number(b))
            if matches!(path.rsplit('.').next(), Some("lon" | "lat"))
                && a.as_f64().zip(b.as_f64()).is_some_and(|(a, b)| (a - b).abs() < DEGREES) => {}
        _ => {
            out.push(differs(name, path, &stated.to_string(), &derived.to_string()));
        }
    }
}

fn differs(name: &str, path: &str, stated: &str, derived: &str) -> Remark {
    let (found, expected) = around(stated, derived, 80);
    Remark::new(|lang| {
        both!(
            lang,
            "{name} 的 {path} 写为{found}，重算为{expected}",
            "{name}: {path} is stated as {found}, derived as {expected}"
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn long_lines_are_cut_around_what_differs() {
        let line = |end: &str| format!("{},{end},{}", "同".repeat(300), "x".repeat(300)).into_bytes();
        let said = lines(Some(&line("甲")), &line("乙"), "f").remove(0).zh;
        assert!(said.contains("同,甲,x") && said.contains("同,乙,x"), "{said}");
        assert!(said.chars().count() < 320, "{said}");
    }

    #[test]
    fn every_difference_of_json_is_named_by_its_path() {
        let derived = json!({"a": [1, {"b": "x"}], "lon": 1.0, "p": {"lon": 1.0}});
        let same = json!({"p": {"lon": 1.000_001}, "a": [1, {"b": "x"}], "lon": 1.0});
        assert_eq!(super::json("f", Some(same), &derived), vec![]);
        let other = json!({"a": [1, {"b": "y"}, 3], "lon": 1.0, "p": {"lon": 1.1}, "z": 0});
        let found: Vec<String> = super::json("f", Some(other), &derived).iter().map(|r| r.en.clone()).collect();
        assert_eq!(found.len(), 4);
        assert!(found[0].contains("a[1].b is stated as \"y\""));
    }

    #[test]
    fn the_first_differing_line_is_named() {
        let found = lines(Some(&b"a\nb\n".to_vec()), b"a\nc\n", "f");
        assert!(found[0].en.contains("line 2 is stated as \"b\", derived as \"c\""));
        assert_eq!(lines(Some(&b"a".to_vec()), b"a", "f"), vec![]);
    }
}
