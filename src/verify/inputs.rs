//! The copies of the inputs: read back as the index lists them.

use std::collections::BTreeSet;

use super::{Files, Remark, Report, Subject, difference, json, shorten};
use crate::digest::sha256_hex;
use crate::dossier::{INDEX_FORMAT, Index, IndexLine, copies};
use crate::inputs::{Input, Inputs, Role, embedded, wanted};
use crate::settings::PlanFile;
use crate::table::Content;
use crate::text::{Lang, both, excerpt};

/// The file that lists them.
pub(super) const INDEX: &str = "inputs/index.json";

/// Reads the copies of the inputs back, as the index lists them.
pub(super) fn read(report: &mut Report, files: &Files) -> Result<(Inputs, Lang), Remark> {
    let index: Index =
        json(files, INDEX).and_then(|value| serde_json::from_value(value).ok()).ok_or_else(|| {
            Remark::new(|lang| both!(lang, "inputs/index.json无法读取", "inputs/index.json cannot be read"))
        })?;
    let language = index.language;
    let mut wrong = Vec::new();
    let mut read = Vec::new();
    let mut listed_copies = Vec::new();
    for IndexLine { role, original, copy, sha256 } in index.files {
        let path = format!("inputs/{copy}");
        listed_copies.push(path.clone());
        match files.get(&path) {
            None => wrong.push(Remark::new(|lang| both!(lang, "缺少 {path}", "{path} is missing"))),
            Some(bytes) => {
                if sha256_hex(bytes) != sha256 {
                    wrong.push(Remark::new(|lang| both!(lang, "{path} 已被改动", "{path} was changed")));
                }
                read.push(Input { role, original, content: Content::of_bytes(bytes.clone()) });
            }
        }
    }
    let plan = read
        .iter()
        .find(|f| f.role == Role::Plan)
        .ok_or_else(|| Remark::new(|lang| both!(lang, "输入中没有plan.toml", "the inputs have no plan.toml")))?;
    let plan = plan.bytes().map_err(|e| Remark::of(&e))?;
    let plan = PlanFile::parse(&String::from_utf8_lossy(&plan)).map_err(|e| Remark::of(&e))?;
    if index.format != INDEX_FORMAT {
        wrong.push(Remark::new(|lang| {
            both!(
                lang,
                "inputs/index.json 的 format 不是{INDEX_FORMAT}",
                "inputs/index.json: format is not {INDEX_FORMAT}"
            )
        }));
    }
    let listed: Vec<(Role, String)> =
        read.iter().filter(|f| f.role != Role::Plan).map(|f| (f.role, f.original.clone())).collect();
    if read.iter().filter(|f| f.role == Role::Plan).count() != 1 || listed != wanted(&plan) {
        wrong.push(Remark::new(|lang| {
            both!(
                lang,
                "inputs/index.json 登记的文件与 plan.toml 所列的不一致",
                "inputs/index.json does not list what plan.toml names"
            )
        }));
    }
    let listed: BTreeSet<&str> = listed_copies.iter().map(String::as_str).collect();
    for path in files.keys().filter(|p| p.starts_with("inputs/") && *p != "inputs/index.json") {
        if !listed.contains(path.as_str()) {
            let path = excerpt(path, 80);
            wrong.push(Remark::new(|lang| both!(lang, "多出文件 {path}", "{path} was added")));
        }
    }
    wrong.extend(read.iter().filter_map(foreign));
    let inputs = Inputs { plan, files: read };
    if wrong.is_empty() {
        // With all it lists in order, only names of copies and layout can be otherwise.
        let written = copies(&inputs, language).into_iter().find(|document| document.path == INDEX);
        let bytes = written.and_then(|document| document.to_bytes().ok()).unwrap_or_default();
        wrong = difference::lines(files.get(INDEX), &bytes, INDEX);
    }
    report.add(Subject::Inputs, shorten(wrong));
    Ok((inputs, language))
}

/// A copy of a table of the program that is not the table of the program. A calendar may be older: then each of its lines
/// must be a line of the program's.
fn foreign(file: &Input) -> Option<Remark> {
    let own = embedded(&file.original)?;
    let bytes = file.bytes().ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: BTreeSet<&str> = own.lines().collect();
    let years =
        |text: &str| -> BTreeSet<String> { text.lines().skip(1).map(|l| l.chars().take(4).collect()).collect() };
    let older = || {
        let covered = years(&text);
        let expected = own.lines().skip(1).filter(|l| covered.contains(&l.chars().take(4).collect::<String>()));
        text.lines().all(|l| lines.contains(l)) && expected.count() + 1 == text.lines().count()
    };
    if text == own || (file.role == Role::Workdays && older()) {
        return None;
    }
    let original = excerpt(&file.original, 60);
    Some(Remark::new(|lang| {
        both!(
            lang,
            "{original} 的副本与本程序内置的不同：内容已被改动，或由其他版本的程序写出",
            "the copy of {original} is not the table inside this program: it was changed, or another version wrote it"
        )
    }))
}
