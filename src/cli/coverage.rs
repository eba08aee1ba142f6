//! `hecha coverage`: any list of checked enterprises against the notice.

use std::collections::BTreeSet;

use serde_json::json;

use super::args::CoverageArgs;
use super::console::{Console, table};
use super::draw::inputs_of;
use super::{Answer, Refusal};
use crate::draw::coverage::{Share, coverage};
use crate::draw::{Rate, SampleRecord};
use crate::frame::{CODE_FIELD, CreditCode};
use crate::inputs::read_file;
use crate::plan::{self, PlanError};
use crate::table::{self, Field, Source};
use crate::text::{Lang, Say, both, excerpt};

/// Cells of the list that are no codes: row and text.
struct BadCodes(String, Vec<(u32, String)>);

impl Say for BadCodes {
    fn say(&self, lang: Lang) -> String {
        let file = &self.0;
        let line = |(row, text): &(u32, String)| {
            let text = excerpt(text, 40);
            both!(
                lang,
                "{file} 第{row}行：“{text}”不是统一社会信用代码；请更正",
                "{file}, row {row}: \"{text}\" is no credit code; correct it"
            )
        };
        self.1.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

pub(super) fn run(args: &CoverageArgs, console: Console) -> Result<Answer, Refusal> {
    let inputs = inputs_of(&args.tables)?;
    let read = plan::read(&inputs).map_err(|e| Box::new(e) as Refusal)?;
    read.refuse_fatal().map_err(|e| Box::new(e) as Refusal)?;
    let checked = checked(args)?;
    // A rate of one's own may ask for more than the notice, never for less.
    let least = Rate::parse(&read.notice.check.rate).map_err(|e| Box::new(e) as Refusal)?;
    let own = args.tables.rate.is_some().then(|| read.rules.rate.clone());
    let lower = own.as_ref().is_some_and(|own| !own.at_least(&least));
    let rate = own.filter(|_| !lower).unwrap_or(least);
    let result = coverage(&read.frame, &checked, &rate, read.notice.check.every_star, read.rules.scope);
    console.result(
        &json!({"city": read.frame.city, "rate": rate.to_string(), "scope": read.rules.scope, "coverage": result}),
    );
    let lang = console.lang;
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
fn checked(args: &CoverageArgs) -> Result<BTreeSet<CreditCode>, Refusal> {
    let bytes = read_file(&args.sample).map_err(|e| Box::new(e) as Refusal)?;
    if let Ok(record) = serde_json::from_slice::<SampleRecord>(&bytes) {
        return Ok(record.selected.iter().map(|l| l.code).collect());
    }
    let name = args.sample.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let source = Source { name: name.clone(), bytes, sheet: None };
    // This program's own sample.csv lists reserves, too: they are not checked.
    let kind = Field { key: "kind", needed: false, headers: &["类别"] };
    let table =
        table::read(&source, &[CODE_FIELD, kind]).map_err(|e| Box::new(PlanError::Tables(vec![e])) as Refusal)?;
    let mut codes = BTreeSet::new();
    let mut bad = Vec::new();
    for row in table.rows.iter().filter(|row| !matches!(row.text(1), "备选" | "reserve")) {
        match CreditCode::from_cell(&row.cells[0].clone().unwrap_or_default()) {
            Ok((code, _)) => {
                codes.insert(code);
            }
            Err(_) => bad.push((row.number, row.text(0).to_owned())),
        }
    }
    if bad.is_empty() { Ok(codes) } else { Err(Box::new(BadCodes(name, bad))) }
}
