//! What happened after the plan: the journal replayed, and every revision derived again.

use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::{
    Case, Files, Outcome, Remark, Report, Subject, checksums, difference, examine_result, json, restrictions,
    shorten, travel,
};
use crate::crews::Crews;
use crate::digest::sha256_hex;
use crate::dossier::SUMS;
use crate::dossier::folder;
use crate::draw::SampleRecord;
use crate::followup::journal::{Conclusion, Event, HEAD, JOURNAL, Journal, ResultLine};
use crate::followup::opened::{RECORDS, REVISIONS, Standing, is_left_over, record_path};
use crate::followup::revise::{self, Base};
use crate::followup::state::{State, Stratum, strata};
use crate::frame::CreditCode;
use crate::inputs::Inputs;
use crate::plan::{self, Drawn};
use crate::routing::schedule::Schedule;
use crate::text::{Lang, Say, both, excerpt};

pub(super) fn examine(report: &mut Report, files: &Files, inputs: &Inputs, drawn: &Drawn, lang: Lang) {
    let empty = Vec::new();
    let file = |name: &str| files.get(name).unwrap_or(&empty);
    if !files.keys().any(|path| is_later(path)) {
        return;
    }
    let anchor = sha256_hex(file(SUMS));
    let journal = match Journal::read(&anchor, file(JOURNAL), file(HEAD)) {
        Ok(journal) => journal,
        Err(flaw) => {
            report.add(Subject::Journal, vec![Remark::of(&flaw)]);
            let why = Remark::new(|lang| both!(lang, "日志不完整", "the journal is not whole"));
            return report.unexamined(&[Subject::Revisions], &why);
        }
    };
    let record: Option<SampleRecord> =
        json(files, "sample.json").and_then(|value| serde_json::from_value(value).ok());
    let parts = record.zip(plan_of(files));
    let Some((record, (schedule, crews))) = parts else {
        let why = Remark::new(|lang| both!(lang, "原计划无法读取", "the plan cannot be read"));
        return report.unexamined(&[Subject::Journal, Subject::Revisions], &why);
    };
    let targeted: Vec<CreditCode> =
        record.selected.iter().filter(|l| l.targeted.is_some()).map(|l| l.code).collect();
    let mut replay = Replay {
        files,
        inputs,
        drawn,
        strata: strata(&record),
        targeted,
        standing: Standing::default(),
        state: State::default(),
        now: DateTime::default(),
        journal: Vec::new(),
        revisions: Vec::new(),
        lang,
    };
    replay.standing.take(None, &schedule, &crews);
    for (at, line) in (1..).zip(&journal.lines) {
        replay.now = line.at;
        replay.line(at, &line.event, line.at.date_naive());
    }
    let known: BTreeSet<String> = journal.tables().map(record_path).collect();
    let mut unfinished: BTreeSet<String> = BTreeSet::new();
    let beside = |path: &&String| is_later(path) && !path.starts_with(&format!("{REVISIONS}/"));
    for path in files.keys().filter(beside).filter(|path| !known.contains(*path)) {
        if is_left_over(path, || files.get(path).cloned()) {
            // Parts of files tell nothing: only whole ones do.
            unfinished.insert(if path.starts_with(RECORDS) { path.clone() } else { String::new() });
        } else if !matches!(path.as_str(), JOURNAL | HEAD) {
            let path = excerpt(path, 80);
            replay.journal.push(Remark::new(|lang| both!(lang, "多出文件 {path}", "{path} was added")));
        }
    }
    let last = replay.state.revision;
    let next = format!("{REVISIONS}/{}/", last + 1);
    let within = |path: &str| (1..=last).any(|n| path.starts_with(&format!("{REVISIONS}/{n}/")));
    for path in files.keys().filter(|path| path.starts_with(&format!("{REVISIONS}/")) && !within(path)) {
        if path.starts_with(&next) || path.split('/').nth(1).is_some_and(folder::is_partial) {
            unfinished.insert(path.split('/').take(2).collect::<Vec<_>>().join("/"));
        } else {
            let path = excerpt(path, 80);
            replay.revisions.push(Remark::new(|lang| both!(lang, "多出文件 {path}", "{path} was added")));
        }
    }
    // One run that was cut short leaves one thing behind.
    let whole: Vec<&String> =
        unfinished.iter().filter(|path| !path.is_empty() && !folder::is_partial(path)).collect();
    if whole.len() > 1 {
        for path in whole {
            let path = excerpt(path, 80);
            replay.journal.push(Remark::new(|lang| {
                both!(
                    lang,
                    "日志没有 {path} 的记录：有日志行被删去，或此文件是后加的",
                    "no line of the journal names {path}: lines are gone, or it was added"
                )
            }));
        }
    }
    report.add(Subject::Journal, shorten(replay.journal));
    if last > 0 || !replay.revisions.is_empty() {
        report.add(Subject::Revisions, shorten(replay.revisions));
    }
    if !unfinished.is_empty() {
        report.notes.push(Remark::new(|lang| {
            both!(
                lang,
                "有一次写入没有完成就中断了，没有生效；下一次写入时会清除遗留文件，届时可重新登记",
                "a run was cut short before what it wrote took effect; the next command that writes clears that away, and the run can be repeated"
            )
        }));
    }
    let (n, head) = (journal.lines.len(), journal.head());
    report.notes.push(Remark::new(|lang| {
        both!(
            lang,
            "日志{n}行，指纹 {head}；连同 {HEAD} 一起重做的日志，只能与另处记下的指纹比对来识别",
            "{n} lines in the journal, head {head}; a journal made anew with its {HEAD} can be told only by a head noted elsewhere"
        )
    }));
}

/// Whether a file of a dossier came after the plan.
pub(super) fn is_later(path: &str) -> bool {
    let inside = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    inside(REVISIONS) || inside(RECORDS) || matches!(path, JOURNAL | HEAD) || is_left_over(path, || None)
}

fn plan_of(files: &Files) -> Option<(Schedule, Crews)> {
    let schedule = Schedule::from_json(files.get("schedule.json")?).ok()?;
    Some((schedule, Crews::from_json(files.get("crews.json")?).ok()?))
}

struct Replay<'a> {
    files: &'a Files,
    inputs: &'a Inputs,
    drawn: &'a Drawn,
    strata: Vec<Stratum>,
    targeted: Vec<CreditCode>,
    standing: Standing,
    state: State,
    /// When the event at hand was written.
    now: DateTime<FixedOffset>,
    journal: Vec<Remark>,
    revisions: Vec<Remark>,
    lang: Lang,
}

impl Replay<'_> {
    fn wrong(&mut self, line: usize, zh: &str, en: &str) {
        self.journal.push(Remark::new(|lang| match lang {
            Lang::Zh => format!("第{line}行：{zh}"),
            Lang::En => format!("line {line}: {en}"),
        }));
    }

    fn visited(&self) -> Vec<CreditCode> {
        self.state.visited(&self.strata, &self.targeted)
    }

    fn line(&mut self, at: usize, event: &Event, day: NaiveDate) {
        match event {
            Event::Replace { code, reserve, reason, .. } => {
                let before = self.visited();
                if self.state.lost.contains(code) || self.state.ineligible.contains(code) {
                    self.wrong(at, "企业已经退出样本", "the enterprise had left the sample already");
                }
                if reason.is_empty() {
                    self.wrong(at, "没有原因", "no reason is given");
                }
                self.state.take(event);
                let derived = self.visited().into_iter().find(|code| !before.contains(code));
                if derived != *reserve {
                    self.wrong(
                        at,
                        "递补的不是同层下一名备选企业",
                        "the one called is not the next reserve of the stratum",
                    );
                }
            }
            Event::Record { file, results } => {
                if let Some(file) = file {
                    let copy = self.files.get(&record_path(file));
                    if copy.is_none_or(|bytes| sha256_hex(bytes) != file.sha256) {
                        self.wrong(
                            at,
                            "结果表的副本缺失或已被改动",
                            "the copy of the table of results is missing or was changed",
                        );
                    }
                }
                let visited = self.visited();
                for result in results {
                    let known = self.state.results.get(&result.code).map(|known| same(known, result));
                    if known == Some(false) && result.correction.is_none() {
                        self.wrong(
                            at,
                            "与已登记的结果不同而没有更正原因",
                            "a result contradicts the record without a reason",
                        );
                    }
                    if !visited.contains(&result.code) {
                        self.wrong(
                            at,
                            "登记的企业不在核查之列",
                            "a result is of an enterprise that was not to be checked",
                        );
                    }
                    if result.date > day {
                        self.wrong(at, "核查日期晚于登记日期", "a check is later than its entry");
                    }
                }
                self.state.take(event);
            }
            Event::Replan { revision, from, fingerprint, .. } => {
                if *revision != self.state.revision + 1 {
                    self.wrong(at, "修订的编号不连续", "the revision's number does not follow");
                }
                self.state.take(event);
                self.revision(*revision, *from, fingerprint, event);
            }
        }
    }

    /// Derives a revision again, with all claims of a plan.
    fn revision(&mut self, number: u32, from: NaiveDate, fingerprint: &str, event: &Event) {
        let prefix = format!("{REVISIONS}/{number}/");
        let files: Files = self
            .files
            .iter()
            .filter_map(|(path, bytes)| Some((path.strip_prefix(&prefix)?.to_owned(), bytes.clone())))
            .collect();
        let mut report = Report { claims: Vec::new(), fingerprint: None, notes: Vec::new() };
        let mut wrong = Vec::new();
        match files.get(SUMS) {
            Some(sums) if sha256_hex(sums) == fingerprint => wrong.extend(checksums(&files, sums, false)),
            _ => wrong.push(Remark::new(|lang| {
                both!(lang, "{SUMS} 与日志所记的指纹不同", "{SUMS} is not what the journal says")
            })),
        }
        let base = Base {
            inputs: self.inputs,
            drawn: self.drawn,
            strata: &self.strata,
            targeted: &self.targeted,
            standing: &self.standing,
            at: self.now,
        };
        match revise::prepare(base, &self.state, event) {
            Err(why) => wrong.push(Remark::of(&why)),
            Ok(mut prepared) => {
                wrong.extend(restrictions::examine(&files, &mut prepared));
                if let Some(travel) = travel::examine(&mut report, &files, self.inputs, &prepared) {
                    match plan::problem_json(self.drawn, &prepared, &travel) {
                        Ok(bytes) => {
                            wrong.extend(difference::problem(files.get("problem.json"), &bytes));
                        }
                        Err(why) => wrong.push(Remark::of(&why)),
                    }
                    let case = Case {
                        drawn: self.drawn,
                        prepared: &prepared,
                        travel: &travel,
                        language: self.lang,
                        revision: Some((base, &self.state, from)),
                    };
                    examine_result(&mut report, &files, case);
                }
            }
        }
        for claim in report.claims {
            match claim.outcome {
                Outcome::Holds => {}
                Outcome::Differs(remarks) => wrong.extend(remarks),
                Outcome::NotVerified(why) => {
                    let subject = claim.subject;
                    wrong.push(Remark::new(|lang| {
                        let (what, why) = (subject.say(lang), why.say(lang));
                        both!(lang, "未能核验“{what}”：{why}", "not verified: {what}: {why}")
                    }));
                }
            }
        }
        self.revisions.extend(wrong.into_iter().map(|remark| {
            Remark::new(|lang| {
                let remark = remark.say(lang);
                both!(lang, "第{number}次修订：{remark}", "revision {number}: {remark}")
            })
        }));
        if let Some((schedule, crews)) = plan_of(&files) {
            self.standing.take(Some(from), &schedule, &crews);
        }
    }
}

/// Whether a result says what one on record says, or follows one that says nothing yet.
fn same(known: &ResultLine, result: &ResultLine) -> bool {
    let plain = |line: &ResultLine| ResultLine { correction: None, ..line.clone() };
    known.conclusion == Conclusion::Unchecked || plain(known) == plain(result)
}
