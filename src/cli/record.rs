//! `hecha record`: results of checks.

use serde_json::json;

use super::args::RecordArgs;
use super::console::Console;
use super::stamp::{Wrong, code, date, say_head, stamp};
use super::{Answer, Refusal, finding_json};
use crate::digest::sha256_hex;
use crate::dossier::folder;
use crate::draw::FileLine;
use crate::followup::beside::{RECORDS, record_path};
use crate::followup::journal::{Event, ResultLine};
use crate::followup::opened::Opened;
use crate::followup::remarks::remarks;
use crate::followup::results::{self, Ground, Ids, Typed};
use crate::frame::{Finding, What};
use crate::inputs::read_file;
use crate::plan;
use crate::table::clean;
use crate::text::{Lang, Say, both, excerpt};

pub(super) fn run(args: &RecordArgs, console: Console) -> Result<Answer, Refusal> {
    let (at, who) = stamp(&args.stamp)?;
    let mut opened = Opened::write(&args.dossier).map_err(|e| Box::new(e) as Refusal)?;
    let prepared = plan::prepare(&opened.inputs, &opened.drawn).map_err(|e| Box::new(e) as Refusal)?;
    let ids = Ids::of(&prepared.roster);
    let (mut source, mut hidden) = (None, Vec::new());
    let typed = match &args.results {
        Some(path) => {
            let bytes = read_file(path).map_err(|e| Box::new(e) as Refusal)?;
            let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
            let (mut typed, findings) = results::read(&name, &bytes, &ids).map_err(|e| Box::new(e) as Refusal)?;
            hidden = findings;
            // One reason may hold for the whole table; a row's own goes before it.
            for typed in &mut typed {
                typed.line.correction = typed.line.correction.take().or_else(|| why(args));
            }
            source = Some((FileLine { name, sha256: sha256_hex(&bytes) }, bytes));
            typed
        }
        None => vec![single(args, &opened, &ids)?],
    };
    let visited = opened.visited();
    let ground = Ground {
        visited: &visited,
        standing: &opened.standing,
        state: &opened.state,
        opens: opened.drawn.read.notice.application_opens,
        today: at.date_naive(),
    };
    let admitted = ground.admit(typed, &|code| opened.name(code));
    let (admitted, repeated) = admitted.map_err(|e| Box::new(e) as Refusal)?;
    let lines: Vec<ResultLine> = admitted.into_iter().map(|typed| typed.line).collect();
    for remark in remarks(&opened, prepared, &lines).map_err(|e| Box::new(e) as Refusal)? {
        console.note(&remark.say(console.lang));
    }
    for finding in &hidden {
        console.note(&shown_otherwise(finding, console.lang));
    }
    let n = lines.len();
    if n > 0 {
        let (file, bytes) = source.unzip();
        let event = Event::Record { file, results: lines };
        opened.announce(&event).map_err(|e| Box::new(e) as Refusal)?;
        if let (Event::Record { file: Some(file), .. }, Some(bytes)) = (&event, &bytes) {
            let path = opened.path.join(record_path(file));
            std::fs::create_dir_all(opened.path.join(RECORDS))
                .map_err(|e| Box::new(folder::FolderError::Io(path.clone(), e)) as Refusal)?;
            folder::write_file(&path, bytes).map_err(|e| Box::new(e) as Refusal)?;
        }
        opened.append(at, &who, event).map_err(|e| Box::new(e) as Refusal)?;
    }
    console.result(&json!({
        "recorded": n, "repeated": repeated, "findings": hidden.iter().map(finding_json).collect::<Vec<_>>(),
        "journal": {"lines": opened.journal.lines.len(), "head": opened.journal.head()},
    }));
    let lang = console.lang;
    let done = opened.visited().iter().filter(|code| opened.state.done(**code)).count();
    let all = opened.visited().len();
    console.line(&both!(
        lang,
        "登记{n}家；累计完成{done}/{all}家",
        "{n} results entered; {done} of {all} checks are done"
    ));
    if repeated > 0 {
        console.line(&both!(
            lang,
            "另有{repeated}家与已登记的完全相同，未重复登记",
            "{repeated} more are on record already, word for word"
        ));
    }
    if n > 0 {
        say_head(&opened, console);
    }
    Ok(Answer::Yes)
}

/// What the workbook shows otherwise than it is read. Results are on record at once, so hidden rows cannot be handed in again.
fn shown_otherwise(finding: &Finding, lang: Lang) -> String {
    let What::HiddenRows(n) = finding.what else { return finding.say(lang) };
    let (place, rows) = (finding.place.say(lang), excerpt(&finding.value, 120));
    both!(
        lang,
        "{place}：有{n}行被隐藏（手工隐藏或筛选），其中的结果已照常读取：第{rows}行；如不应登记，请写明更正原因另行更正",
        "{place}: {n} rows are hidden, by hand or by a filter, and their results were read like any other: {rows}; if one does not belong on record, correct it and say why"
    )
}

fn single(args: &RecordArgs, opened: &Opened, ids: &Ids) -> Result<Typed, Refusal> {
    let code = code(opened, "--code", args.code.as_deref().unwrap_or_default())?;
    let text = args.conclusion.as_deref().unwrap_or_default();
    let conclusion = results::conclusion(text).ok_or_else(|| {
        let text = excerpt(text, 40);
        Wrong::refuse(|lang| {
            both!(
                lang,
                "--conclusion 应为通过、不通过或未核查，现为“{text}”",
                "--conclusion takes pass, fail or unchecked, found \"{text}\""
            )
        })
    })?;
    let inspectors = ids.crew(&args.inspectors.join(",")).map_err(|part| {
        let part = excerpt(&part, 40);
        Wrong::refuse(|lang| {
            both!(
                lang,
                "--inspectors 的“{part}”有重名，请写工号",
                "--inspectors: several inspectors have the name \"{part}\"; give the id"
            )
        })
    })?;
    let line = ResultLine {
        code,
        date: date("--date", args.date.as_deref().unwrap_or_default())?,
        conclusion,
        findings: clean::tidy(&args.findings),
        inspectors,
        correction: why(args),
    };
    Ok(Typed { place: None, line })
}

/// Why results on record are corrected, if that is given.
fn why(args: &RecordArgs) -> Option<String> {
    args.correction.as_deref().map(clean::tidy).filter(|text| !text.is_empty())
}
