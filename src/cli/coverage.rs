//! `hecha coverage`: any list of checked enterprises against the notice.

use std::collections::BTreeSet;

use serde_json::json;

use super::args::CoverageArgs;
use super::console::{Console, table};
use super::draw::{inputs_of, meets_notice};
use super::{Answer, Refusal};
use crate::draw::coverage::{Share, coverage, demanded};
use crate::draw::{Rate, SampleRecord};
use crate::frame::{CODE_FIELD, CreditCode, Finding, Findings, Level, What};
use crate::inputs::read_file;
use crate::plan::{self, PlanError};
use crate::table::{self, Field, Source};
use crate::text::{Lang, both, excerpt};

/// The list of those that were checked.
struct List {
    codes: BTreeSet<CreditCode>,
    file: String,
    /// The header of the column that was read; a draw record has none.
    column: Option<String>,
    /// Rows whose code stands in a row above, too.
    twice: Vec<(u32, CreditCode)>,
}

/// Most rows of a list that are named on the screen.
const MOST_NAMED: usize = 20;

impl List {
    fn say(&self, console: Console) {
        let lang = console.lang;
        let (file, n) = (&self.file, self.codes.len());
        console.line(&match &self.column {
            Some(column) => {
                let column = excerpt(column, 24);
                both!(
                    lang,
                    "核查名单 {file}：按“{column}”列读取，共{n}家",
                    "list {file}: {n} enterprises by column {column}"
                )
            }
            None => both!(
                lang,
                "核查名单 {file}：抽取记录中选中的和必查的，共{n}家",
                "list {file}: {n} enterprises that the draw record selects or targets"
            ),
        });
        for (row, code) in self.twice.iter().take(MOST_NAMED) {
            console.line(&both!(
                lang,
                "{file} 第{row}行：{code}与前面重复，只计一次",
                "{file}, row {row}: {code} stands above, too, and counts once"
            ));
        }
        let more = self.twice.len().saturating_sub(MOST_NAMED);
        if more > 0 {
            console.line(&both!(lang, "……另有{more}行重复", "… and {more} more rows stand twice"));
        }
    }
}

pub(super) fn run(args: &CoverageArgs, console: Console) -> Result<Answer, Refusal> {
    let inputs = inputs_of(&args.tables)?;
    let read = plan::read(&inputs).map_err(|e| Box::new(e) as Refusal)?;
    read.refuse_fatal().map_err(|e| Box::new(e) as Refusal)?;
    let list = checked(args)?;
    // A rate of one's own may ask for more than the notice, never for less.
    let least = Rate::parse(&read.notice.check.rate).map_err(|e| Box::new(e) as Refusal)?;
    let asked = args.tables.rate.is_some();
    let lower = asked && !meets_notice(&read);
    let rate = if asked { demanded(&read.rules.rate, &read.notice.check.rate) } else { least };
    let result = coverage(&read.frame, &list.codes, &rate, read.notice.check.every_star, read.rules.scope);
    console.result(&json!({
        "city": read.frame.city, "rate": rate.to_string(), "scope": read.rules.scope, "coverage": result,
        "list": {
            "file": list.file, "column": list.column, "enterprises": list.codes.len(),
            "repeated": list.twice.iter().map(|(row, code)| json!({"row": row, "code": code})).collect::<Vec<_>>(),
        },
    }));
    let lang = console.lang;
    list.say(console);
    if lower {
        let asked = &read.rules.rate;
        console.line(&both!(
            lang,
            "注意：抽查比例{asked}低于通知要求，按通知要求的{rate}判断",
            "note: the rate {asked} is below the notice's; judged by the notice's {rate}"
        ));
    }
    let headings = [
        ("县区", "county"),
        ("星级", "star"),
        ("申报", "applied"),
        ("已查", "checked"),
        ("比例", "rate"),
        ("按比例应查", "by rate"),
        ("还缺", "missing"),
    ];
    let mut rows = vec![headings.map(|(zh, en)| lang.pick(zh, en).to_owned()).to_vec()];
    rows.extend(result.shares.iter().map(|s| row(s, lang)));
    for line in table(&rows) {
        console.line(&line);
    }
    for code in &result.withdrawn {
        console.line(&both!(
            lang,
            "名单中的{code}已撤回申报，不计入",
            "{code} of the list has withdrawn and does not count"
        ));
    }
    for code in &result.unknown {
        console.line(&both!(lang, "名单中的{code}不在申报企业中", "{code} of the list is no applicant"));
    }
    console.line(if result.met {
        lang.pick("结论：符合通知要求", "result: the notice is met")
    } else {
        lang.pick("结论：未达到通知要求", "result: the notice is not met")
    });
    Ok(if result.met { Answer::Yes } else { Answer::No })
}

fn row(share: &Share, lang: Lang) -> Vec<String> {
    let all = || lang.pick("全部", "all").to_owned();
    // Tenths of a per cent, rounded down: 9.99 % is not 10 %.
    let tenths = (share.checked * 1000).checked_div(share.applicants).unwrap_or(0);
    vec![
        share.county.clone().unwrap_or_else(all),
        share.star.map_or_else(all, |s| s.to_string()),
        share.applicants.to_string(),
        share.checked.to_string(),
        format!("{}.{}%", tenths / 10, tenths % 10),
        share.required.to_string(),
        share.missing.to_string(),
    ]
}

/// The codes of `sample.json` (selected and targeted), or of a table with a column of codes.
fn checked(args: &CoverageArgs) -> Result<List, Refusal> {
    let bytes = read_file(&args.sample).map_err(|e| Box::new(e) as Refusal)?;
    let file = args.sample.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    if let Ok(record) = serde_json::from_slice::<SampleRecord>(&bytes) {
        let codes = record.selected.iter().map(|l| l.code).collect();
        return Ok(List { codes, file, column: None, twice: Vec::new() });
    }
    let source = Source { name: file.clone(), bytes, sheet: None };
    // This program's own sample.csv lists reserves, too: they are not checked.
    let kind = Field { key: "kind", needed: false, headers: &["类别"] };
    let table =
        table::read(&source, &[CODE_FIELD, kind]).map_err(|e| Box::new(PlanError::Tables(vec![e])) as Refusal)?;
    let column = table.place(0, 0).column.map(|header| header.to_string());
    let mut list = List { codes: BTreeSet::new(), file, column, twice: Vec::new() };
    let mut bad = Findings::default();
    for row in table.rows.iter().filter(|row| !matches!(row.text(1), "备选" | "reserve")) {
        match CreditCode::from_cell(&row.cell(0).cloned().unwrap_or_default()) {
            Ok((code, _)) if list.codes.insert(code) => {}
            Ok((code, _)) => list.twice.push((row.number, code)),
            Err(error) => {
                let (what, place) = (What::Code(error), table.place(row.number, 0));
                bad.push(Finding { what, level: Level::Fatal, place, code: None, value: row.text(0).to_owned() });
            }
        }
    }
    if bad.count(Level::Fatal) == 0 { Ok(list) } else { Err(Box::new(PlanError::Fatal(bad))) }
}
