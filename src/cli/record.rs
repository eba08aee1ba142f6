//! `hecha record`: results of checks.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::json;

use super::args::RecordArgs;
use super::console::Console;
use super::stamp::{Wrong, code, date, say_head, stamp};
use super::{Answer, Refusal};
use crate::digest::sha256_hex;
use crate::dossier::folder;
use crate::draw::FileLine;
use crate::followup::journal::{Conclusion, Event, ResultLine};
use crate::followup::opened::{Opened, RECORDS, record_path};
use crate::frame::{CODE_FIELD, CreditCode};
use crate::inputs::read_file;
use crate::plan::{self, PlanError};
use crate::table::{self, Field, Row, Source, Table, clean};
use crate::text::{Lang, Say, both, excerpt};

const FIELDS: &[Field] = &[
    CODE_FIELD,
    Field { key: "date", needed: true, headers: &["核查日期", "日期", "核查时间"] },
    Field { key: "conclusion", needed: true, headers: &["核查结论", "结论", "核查结果", "结果"] },
    Field {
        key: "findings", needed: false, headers: &["发现问题", "发现的问题", "问题", "核查情况", "备注"]
    },
    Field {
        key: "inspectors", needed: false, headers: &["核查人员", "人员", "工号", "核查人员工号"]
    },
    Field { key: "correction", needed: false, headers: &["更正原因", "更正说明"] },
];

/// Everything that is wrong with a table of results, line by line.
struct Faults(Vec<(String, String)>);

impl Say for Faults {
    fn say(&self, lang: Lang) -> String {
        self.0.iter().map(|(zh, en)| lang.pick(zh, en)).collect::<Vec<_>>().join("\n")
    }
}

/// A result as it was typed, and where.
struct Typed {
    place: Option<table::Place>,
    line: ResultLine,
}

pub(super) fn run(args: &RecordArgs, console: Console) -> Result<Answer, Refusal> {
    let (at, who) = stamp(&args.stamp)?;
    let mut opened = Opened::write(&args.dossier).map_err(|e| Box::new(e) as Refusal)?;
    let ids = inspectors(&opened)?;
    let mut source = None;
    let typed = match &args.results {
        Some(path) => {
            let bytes = read_file(path).map_err(|e| Box::new(e) as Refusal)?;
            let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
            let table = table::read(&Source { name: name.clone(), bytes: bytes.clone(), sheet: None }, FIELDS)
                .map_err(|e| Box::new(PlanError::Tables(vec![e])) as Refusal)?;
            source = Some((FileLine { name, sha256: sha256_hex(&bytes) }, bytes));
            rows(&table, &ids)?
        }
        None => vec![single(args, &opened, &ids)?],
    };
    let (lines, repeated, notes) = admit(typed, &opened, at.date_naive())?;
    for note in &notes {
        console.note(&note.say(console.lang));
    }
    let n = lines.len();
    if n > 0 {
        if let Some((file, bytes)) = &source {
            let path = opened.path.join(record_path(file));
            std::fs::create_dir_all(opened.path.join(RECORDS))
                .map_err(|e| Box::new(folder::FolderError::Io(path.clone(), e)) as Refusal)?;
            folder::write_file(&path, bytes).map_err(|e| Box::new(e) as Refusal)?;
        }
        let event = Event::Record { file: source.map(|(file, _)| file), results: lines };
        opened.append(at, &who, event).map_err(|e| Box::new(e) as Refusal)?;
    }
    console.result(&json!({
        "recorded": n, "repeated": repeated,
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

/// Ids by id and by name; a name that two inspectors share is none.
fn inspectors(opened: &Opened) -> Result<BTreeMap<String, Option<String>>, Refusal> {
    let prepared = plan::prepare(&opened.inputs, &opened.drawn).map_err(|e| Box::new(e) as Refusal)?;
    let mut ids: BTreeMap<String, Option<String>> = BTreeMap::new();
    for inspector in &prepared.roster.inspectors {
        ids.entry(inspector.name.clone()).and_modify(|id| *id = None).or_insert(Some(inspector.id.clone()));
    }
    for inspector in &prepared.roster.inspectors {
        ids.insert(inspector.id.clone(), Some(inspector.id.clone()));
    }
    Ok(ids)
}

fn conclusion(text: &str) -> Option<Conclusion> {
    match clean::squeeze(text).to_lowercase().as_str() {
        "通过" | "合格" | "符合" | "pass" | "passed" => Some(Conclusion::Pass),
        "不通过" | "未通过" | "不合格" | "不符合" | "fail" | "failed" => Some(Conclusion::Fail),
        "未核查" | "未查" | "未完成" | "unchecked" => Some(Conclusion::Unchecked),
        _ => None,
    }
}

/// Inspectors as typed: ids or names with any separator.
fn crew(text: &str, ids: &BTreeMap<String, Option<String>>) -> Result<Vec<String>, String> {
    text.split([';', '；', '、', ',', '，', '\n', ' ', '/'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| ids.get(part).cloned().flatten().ok_or_else(|| part.to_owned()))
        .collect()
}

fn rows(table: &Table, ids: &BTreeMap<String, Option<String>>) -> Result<Vec<Typed>, Refusal> {
    let mut faults = Vec::new();
    let mut out = Vec::new();
    for row in &table.rows {
        match typed(table, row, ids) {
            Ok(line) => out.push(Typed { place: Some(table.place(row.number, 0)), line }),
            Err((field, zh, en)) => {
                let place = table.place(row.number, field);
                let value = excerpt(row.text(field), 40);
                faults.push((
                    format!("{}：应为{zh}，现为“{value}”", place.say(Lang::Zh)),
                    format!("{}: expected {en}, found \"{value}\"", place.say(Lang::En)),
                ));
            }
        }
    }
    if faults.is_empty() { Ok(out) } else { Err(Box::new(Faults(faults))) }
}

fn typed(
    table: &Table,
    row: &Row,
    ids: &BTreeMap<String, Option<String>>,
) -> Result<ResultLine, (usize, &'static str, &'static str)> {
    let cell = row.cells[0].clone().unwrap_or_default();
    let (code, _) = CreditCode::from_cell(&cell).map_err(|_| (0, "统一社会信用代码", "a credit code"))?;
    let date = row.cells[1].as_ref().and_then(clean::cell_date);
    let date = date.ok_or((1, "日期，如2022-03-08", "a date such as 2022-03-08"))?;
    let conclusion = conclusion(row.text(2)).ok_or((2, "通过、不通过或未核查", "pass, fail or unchecked"))?;
    let inspectors = if table.has(4) {
        crew(row.text(4), ids)
            .map_err(|_| (4, "名单上的工号或不重名的姓名", "ids, or names that only one inspector has"))?
    } else {
        Vec::new()
    };
    let correction = clean::tidy(row.text(5));
    Ok(ResultLine {
        code,
        date,
        conclusion,
        findings: clean::tidy(row.text(3)),
        inspectors,
        correction: (!clean::is_nothing(&correction)).then_some(correction),
    })
}

fn single(args: &RecordArgs, opened: &Opened, ids: &BTreeMap<String, Option<String>>) -> Result<Typed, Refusal> {
    let code = code(opened, "--code", args.code.as_deref().unwrap_or_default())?;
    let text = args.conclusion.as_deref().unwrap_or_default();
    let conclusion = conclusion(text).ok_or_else(|| {
        let text = excerpt(text, 40);
        Wrong::refuse(|lang| {
            both!(
                lang,
                "--conclusion 应为通过、不通过或未核查，现为“{text}”",
                "--conclusion takes pass, fail or unchecked, found \"{text}\""
            )
        })
    })?;
    let inspectors = crew(&args.inspectors.join(","), ids).map_err(|part| {
        let part = excerpt(&part, 40);
        Wrong::refuse(|lang| {
            both!(lang, "--inspectors 的“{part}”不在核查人员名单上", "--inspectors: \"{part}\" is no inspector")
        })
    })?;
    let line = ResultLine {
        code,
        date: date("--date", args.date.as_deref().unwrap_or_default())?,
        conclusion,
        findings: clean::tidy(&args.findings),
        inspectors,
        correction: args.correction.as_deref().map(clean::tidy).filter(|text| !text.is_empty()),
    };
    Ok(Typed { place: None, line })
}

/// A remark on a result that differs from the plan.
struct Note(String, String);

impl Say for Note {
    fn say(&self, lang: Lang) -> String {
        lang.pick(&self.0, &self.1).to_owned()
    }
}

/// Holds results against the plan and what is on record: those to enter, how many are on record word for word, and what
/// differs from the plan. Refuses all of them if one contradicts the record without saying why.
fn admit(
    typed: Vec<Typed>,
    opened: &Opened,
    today: NaiveDate,
) -> Result<(Vec<ResultLine>, usize, Vec<Note>), Refusal> {
    let visited = opened.visited();
    let places = opened.standing.places();
    let mut faults = Vec::new();
    let mut notes = Vec::new();
    let mut repeated = 0;
    let mut out: Vec<ResultLine> = Vec::new();
    for Typed { place, mut line } in typed {
        let code = line.code;
        let name = opened.name(code);
        let at = |lang| place.as_ref().map_or_else(String::new, |p| p.say(lang) + lang.pick("：", ": "));
        let mut fault = |zh: String, en: String| {
            faults.push((at(Lang::Zh) + &zh, at(Lang::En) + &en));
        };
        let planned = places.get(code.as_str());
        if line.inspectors.is_empty()
            && line.conclusion != Conclusion::Unchecked
            && let Some(route) = planned
        {
            line.inspectors.clone_from(&route.crew);
        }
        if !visited.contains(&code) {
            fault(format!("{name}不在核查之列"), format!("{name} is not among those to check"));
            continue;
        }
        if line.date > today {
            let date = line.date;
            fault(format!("{name}的核查日期{date}尚未到来"), format!("{name}: {date} lies in the future"));
            continue;
        }
        let opens = opened.drawn.read.notice.application_opens;
        if line.date < opens {
            let date = line.date;
            fault(
                format!("{name}的核查日期{date}早于申报开始的{opens}"),
                format!("{name}: {date} is before applications opened on {opens}"),
            );
            continue;
        }
        if let Some(other) = out.iter().find(|other| other.code == code) {
            if *other == line {
                repeated += 1;
            } else {
                fault(format!("{name}在表中有两个不同的结果"), format!("{name} has two different results"));
            }
            continue;
        }
        if let Some(known) = opened.state.results.get(&code) {
            let same = ResultLine { correction: None, ..known.clone() }
                == ResultLine { correction: None, ..line.clone() };
            if same {
                repeated += 1;
                continue;
            }
            // What was not checked may be checked later; anything else must be explained.
            if known.conclusion != Conclusion::Unchecked && line.correction.is_none() {
                let date = known.date;
                fault(
                    format!(
                        "{name}已于{date}登记了不同的结果；确需更正的，请写明更正原因（--correction，或表中“更正原因”列）"
                    ),
                    format!(
                        "{name} has another result on record, of {date}; to correct it say why (--correction, or the column correction)"
                    ),
                );
                continue;
            }
        }
        match planned {
            Some(route) if line.conclusion != Conclusion::Unchecked => {
                let planned_day = route.line.day;
                if planned_day != line.date {
                    notes.push(Note(
                        format!("{name}计划于{planned_day}核查，登记为{}", line.date),
                        format!("{name} was planned for {planned_day}, entered as of {}", line.date),
                    ));
                }
                if line.inspectors.iter().any(|id| !route.crew.contains(id)) {
                    let (entered, crew) = (line.inspectors.join("、"), route.crew.join("、"));
                    notes.push(Note(
                        format!("{name}登记的核查人员（{entered}）与计划（{crew}）不同"),
                        format!("{name}: {entered} are entered, {crew} were planned"),
                    ));
                }
                if line.inspectors.len() < 2 {
                    notes.push(Note(
                        format!("{name}登记的核查人员不足两人"),
                        format!("{name}: fewer than two inspectors are entered"),
                    ));
                }
            }
            None => notes.push(Note(
                format!("{name}尚未排入日程，仍予登记"),
                format!("{name} is not in the schedule; its result is entered all the same"),
            )),
            Some(_) => {}
        }
        out.push(line);
    }
    if faults.is_empty() { Ok((out, repeated, notes)) } else { Err(Box::new(Faults(faults))) }
}
