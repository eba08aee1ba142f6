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
use crate::draw::{FileLine, SampleRecord};
use crate::followup::beside::{Unnamed, is_later, record_path, revision_path};
use crate::followup::journal::{Announced, Event, HEAD, JOURNAL, Journal, ResultLine};
use crate::followup::opened::Standing;
use crate::followup::results::{self, Faults, Ground, Ids, Typed};
use crate::followup::revise::{self, Base};
use crate::followup::state::{State, Stratum, strata};
use crate::frame::CreditCode;
use crate::inputs::Inputs;
use crate::plan::{self, Drawn};
use crate::roster::Roster;
use crate::routing::schedule::Schedule;
use crate::text::{Lang, Say, both, excerpt};

pub(super) fn examine(
    report: &mut Report,
    files: &Files,
    inputs: &Inputs,
    drawn: &Drawn,
    roster: &Roster,
    lang: Lang,
) {
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
        ids: Ids::of(roster),
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
    let unnamed = Unnamed::of(files.keys().map(String::as_str), &journal);
    for path in &unnamed.foreign {
        let path = excerpt(path, 80);
        replay.journal.push(Remark::new(|lang| {
            both!(
                lang,
                "日志没有 {path} 的记录，{HEAD} 也没有预告：有日志行被删去，或它是后加的；请与另处记下的日志指纹核对，并换用完好的副本",
                "no line of the journal names {path} and {HEAD} does not announce it: lines are gone, or it was added; compare with the head noted elsewhere, and use an intact copy"
            )
        }));
    }
    let last = replay.state.revision;
    report.add(Subject::Journal, shorten(replay.journal));
    if last > 0 || !replay.revisions.is_empty() {
        report.add(Subject::Revisions, shorten(replay.revisions));
    }
    if let Some(announced) = &journal.announced {
        report.notes.push(cut_short(journal.lines.len() + 1, announced, &unnamed.announced));
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

/// What can be said of a line that was announced and is not there.
fn cut_short(line: usize, announced: &Announced, left: &BTreeSet<String>) -> Remark {
    let left: Vec<String> = left.iter().map(|path| excerpt(path, 80)).collect();
    Remark::new(|lang| {
        let beside = announced.beside.as_deref().map(|path| excerpt(path, 80));
        let beside = beside.map_or_else(String::new, |path| both!(lang, "（{path}）", " ({path})"));
        let left = if left.is_empty() {
            String::new()
        } else {
            let list = left.join(lang.pick("、", ", "));
            both!(lang, "，并清除遗留的 {list}", " and clears away {list}")
        };
        both!(
            lang,
            "{HEAD} 预告了日志第{line}行{beside}，日志中没有：多半是那次写入中断了，没有生效，下一次写入会撤销预告{left}，届时重做一次即可；如果那条命令当时报告过成功，则是日志行被删去，请与另处记下的日志指纹核对，并换用完好的副本",
            "{HEAD} announces line {line} of the journal{beside}, which is not there: most likely a run was cut short before it took effect; the next command that writes withdraws the announcement{left}, and the run can be repeated. If that command reported success, the line was taken away: compare with the head noted elsewhere and use an intact copy"
        )
    })
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
    ids: Ids,
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
                self.results(at, file.as_ref(), results, day);
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

    /// Reads the results again, from the kept copy of their table where they came from one, and holds them against the
    /// plan and the record as they stood.
    fn results(&mut self, at: usize, file: Option<&FileLine>, stated: &[ResultLine], day: NaiveDate) {
        let typed = if let Some(file) = file {
            let path = record_path(file);
            let Some(bytes) = self.files.get(&path).filter(|bytes| sha256_hex(bytes) == file.sha256) else {
                let (path, original) = (excerpt(&path, 90), excerpt(&file.name, 40));
                return self.wrong(
                    at,
                    &format!("结果表的副本 {path}（原名 {original}）缺失或已被改动"),
                    &format!("the copy {path} of the table of results {original} is missing or was changed"),
                );
            };
            match results::read(&path, bytes, &self.ids) {
                Ok((typed, _)) => typed,
                Err(faults) => return self.faulty(at, &faults),
            }
        } else {
            stated.iter().map(|line| Typed { place: None, line: line.clone() }).collect()
        };
        let visited = self.visited();
        let ground = Ground {
            visited: &visited,
            standing: &self.standing,
            state: &self.state,
            opens: self.drawn.read.notice.application_opens,
            today: day,
        };
        match ground.admit(typed, &|code| code.to_string()) {
            Err(faults) => self.faulty(at, &faults),
            Ok((derived, _)) => {
                for remark in compare(&derived, stated) {
                    self.wrong(at, &remark.zh, &remark.en);
                }
            }
        }
    }

    fn faulty(&mut self, at: usize, faults: &Faults) {
        for fault in faults.details() {
            self.wrong(at, &fault.zh, &fault.en);
        }
    }

    /// Derives a revision again, with all claims of a plan.
    fn revision(&mut self, number: u32, from: NaiveDate, fingerprint: &str, event: &Event) {
        let prefix = revision_path(number) + "/";
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

/// Holds the results that a line of the journal states against those derived again.
fn compare(derived: &[Typed], stated: &[ResultLine]) -> Vec<Remark> {
    let mut out = Vec::new();
    let find = |code: CreditCode| stated.iter().find(|line| line.code == code);
    for Typed { place, line } in derived {
        let code = line.code;
        let at = |lang| place.as_ref().map_or_else(|| code.to_string(), |place| place.say(lang));
        let Some(found) = find(code) else {
            out.push(Remark::new(|lang| {
                let at = at(lang);
                both!(lang, "{at}（{code}）没有记入日志", "{at} ({code}) is not in the journal")
            }));
            continue;
        };
        for fact in 0..results::facts(line, Lang::Zh).len() {
            let (derived, stated) = (results::facts(line, Lang::Zh), results::facts(found, Lang::Zh));
            if derived[fact].1 != stated[fact].1 {
                out.push(Remark::new(|lang| {
                    let [derived, stated] = [line, found].map(|line| results::facts(line, lang));
                    let (what, derived) = &derived[fact];
                    let (at, derived, stated) = (at(lang), excerpt(derived, 40), excerpt(&stated[fact].1, 40));
                    both!(
                        lang,
                        "{at}（{code}）的{what}应为“{derived}”，日志写为“{stated}”",
                        "{at} ({code}): {what} is \"{derived}\", the journal says \"{stated}\""
                    )
                }));
            }
        }
    }
    for line in stated.iter().filter(|line| !derived.iter().any(|typed| typed.line.code == line.code)) {
        let code = line.code;
        out.push(Remark::new(|lang| {
            both!(
                lang,
                "日志有{code}的结果，结果表中没有，或此前已经登记过",
                "the journal has a result of {code} that its table has not, or that was on record before"
            )
        }));
    }
    // The same results in another order, or one of them twice.
    if out.is_empty() && !derived.iter().map(|typed| &typed.line).eq(stated) {
        out.push(Remark::new(|lang| {
            both!(
                lang,
                "各家结果的次序或数量与结果表不同",
                "the results stand in another order or number than in their table"
            )
        }));
    }
    out
}
