//! `hecha check`: applicants against the notice.

use serde_json::{Value, json};

use super::args::CheckArgs;
use super::console::Console;
use super::draw::{inputs_of, meets_notice, say_low_rate};
use super::plan::say_roster;
use super::{Answer, Refusal, finding_json, left_out_json};
use crate::frame::{Finding, Level};
use crate::notice::Notice;
use crate::plan::{self, PlanError};
use crate::roster::Roster;
use crate::text::{Say, both};

pub(super) fn run(args: &CheckArgs, console: Console) -> Result<Answer, Refusal> {
    let inputs = inputs_of(&args.tables)?;
    let read = plan::read(&inputs).map_err(|e| Box::new(e) as Refusal)?;
    let roster = plan::roster(&inputs, &read).map_err(|e| Box::new(e) as Refusal)?;
    let frame = &read.frame;
    let mut findings: Vec<&Finding> = frame.findings.iter().collect();
    findings.sort_by_key(|f| f.level);
    // A list of findings for machines can be large: it is made only where it is asked for.
    if console.json {
        console.result(&json!({
            "city": frame.city, "notice": read.notice.id, "applicants": frame.len(),
            "stars": frame.per_star().iter().map(|(star, n)| json!({"star": star, "applicants": n})).collect::<Vec<_>>(),
            "withdrawn": frame.withdrawn(), "digest": frame.digest(),
            "findings": findings.iter().map(|f| with_clause(f, &read.notice)).collect::<Vec<_>>(),
            "findings_left_out": left_out_json(&frame.findings), "meets_notice": meets_notice(&read),
            "inspectors": roster.as_ref().map(|roster| json!({
                "inspectors": roster.inspectors.len(),
                "findings": roster.findings.iter().map(finding_json).collect::<Vec<_>>(),
            })),
        }));
    }
    let lang = console.lang;
    for level in Level::ALL.into_iter().filter(|level| frame.findings.count(*level) > 0) {
        let (zh, en) = match level {
            Level::Fatal => ("必须更正，否则不能抽取：", "must be corrected before a draw:"),
            Level::Broken => ("不符合通知：", "against the notice:"),
            Level::Note => ("提示：", "notes:"),
            Level::Cleaned => ("已规整：", "cleaned:"),
        };
        console.line(lang.pick(zh, en));
        for finding in findings.iter().filter(|f| f.level == level) {
            let said = finding.say(lang);
            console.line(&match finding.clause(&read.notice).map(|c| c.say(lang)) {
                Some(clause) => both!(lang, "  {said}【{clause}】", "  {said} [{clause}]"),
                None => format!("  {said}"),
            });
        }
        let more = frame.findings.left_out(level);
        if more > 0 {
            console.line(&both!(lang, "  ……另有{more}处未列出", "  … and {more} more that are not listed"));
        }
    }
    let (city, n, withdrawn) = (&frame.city, frame.len(), frame.withdrawn());
    let per_star: Vec<String> =
        frame.per_star().iter().map(|(star, n)| both!(lang, "{star}星{n}家", "{n} for {star} stars")).collect();
    let per_star = match per_star.join(lang.pick("，", ", ")) {
        none if none.is_empty() => none,
        some => both!(lang, "（{some}）", " ({some})"),
    };
    console.line(&both!(
        lang,
        "{city}：申报{n}家{per_star}，撤回{withdrawn}家",
        "{city}: {n} applicants{per_star}, {withdrawn} withdrawn"
    ));
    say_low_rate(&read, console);
    if let Some(roster) = &roster {
        say_inspectors(roster, console);
    }
    let unusable = roster.iter().flat_map(|roster| &roster.findings).any(|finding| finding.level == Level::Fatal);
    let bad = unusable || [Level::Fatal, Level::Broken].into_iter().any(|level| frame.findings.count(level) > 0);
    Ok(if bad { Answer::No } else { Answer::Yes })
}

/// What was noticed in the inspectors' list, and how long it is.
fn say_inspectors(roster: &Roster, console: Console) {
    let lang = console.lang;
    say_roster(&roster.findings, console);
    let (inspectors, bases) = (roster.inspectors.len(), roster.bases.len());
    console.line(&match inspectors {
        0 => PlanError::NoInspectors.say(lang),
        _ => {
            both!(lang, "核查人员：{inspectors}人，驻地{bases}处", "inspectors: {inspectors}, from {bases} bases")
        }
    });
}

/// A finding for machines, with the clause of the notice that it rests on, if any.
fn with_clause(finding: &Finding, notice: &Notice) -> Value {
    let mut value = finding_json(finding);
    value["clause"] = json!(finding.clause(notice));
    value
}
