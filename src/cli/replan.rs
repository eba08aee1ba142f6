//! `hecha replan`: what is left is planned anew from a day on.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::json;

use super::args::ReplanArgs;
use super::console::Console;
use super::plan::threads;
use super::stamp::{Wrong, absence, code, date, say_head, stamp};
use super::watch::Clock;
use super::{Answer, Refusal};
use crate::compile;
use crate::dossier::changes::{Became, Difference, When};
use crate::dossier::clock;
use crate::dossier::{folder, unscheduled_text};
use crate::followup::beside::REVISIONS;
use crate::followup::journal::{Absence, Event};
use crate::followup::opened::Opened;
use crate::followup::results::Ids;
use crate::followup::revise::{self, Revision};
use crate::frame::CreditCode;
use crate::plan::restrict::{self, Manned};
use crate::plan::{self, PlanError};
use crate::routing::schedule::{Schedule, Unscheduled};
use crate::routing::solve::Settings;
use crate::table::clean;
use crate::text::{Lang, both};

fn refuse(error: PlanError) -> Refusal {
    Box::new(error)
}

pub(super) fn run(args: &ReplanArgs, console: Console) -> Result<Answer, Refusal> {
    let (at, who) = stamp(&args.stamp)?;
    let mut opened = Opened::write(&args.dossier).map_err(|e| Box::new(e) as Refusal)?;
    let event = event(args, &opened)?;
    let mut state = opened.state.clone();
    state.take(&event);
    let Event::Replan { revision: number, from, .. } = event else { unreachable!("made just now") };
    let mut prepared = revise::prepare(opened.base(at), &state, &event).map_err(refuse)?;
    if prepared.visits.is_empty() {
        return Err(Wrong::refuse(|lang| both!(lang, "没有余下的核查需要编排", "there is nothing left to plan")));
    }
    let travel = plan::travel(&opened.inputs, &prepared).map_err(refuse)?;
    let settings = Settings {
        seed: opened.record.seed.clone(),
        effort: prepared.settings.effort,
        threads: threads(args.threads),
        prove: prepared.settings.effort > 0,
    };
    let clock = Clock::start(None, console.bar(console.lang.pick("排程", "schedule")), console.lang);
    let manned = restrict::man(&opened.drawn, &mut prepared, &travel, &settings, &clock).map_err(refuse)?;
    clock.finish();
    let Manned { problem_json, problem, schedule, crews, shortages } = &manned;
    plan::referee(problem, schedule).map_err(refuse)?;
    let revision = Revision {
        base: opened.base(at),
        state: &state,
        number,
        from,
        prepared: &prepared,
        travel: &travel,
        problem_json,
        problem,
        schedule,
        crews,
    };
    let documents = revise::documents(&revision, opened.lang).map_err(refuse)?;
    let differences = revise::differences(&revision);
    let out = opened.path.join(REVISIONS).join(number.to_string());
    opened.announce(&event).map_err(|e| Box::new(e) as Refusal)?;
    std::fs::create_dir_all(opened.path.join(REVISIONS))
        .map_err(|e| Box::new(folder::FolderError::Io(out.clone(), e)) as Refusal)?;
    let placed = folder::write_with_sums(&out, &documents, false, &[]).map_err(|e| Box::new(e) as Refusal)?;
    drop(documents);
    let Event::Replan { absent, unavailable, pinned, added, reason, .. } = event else {
        unreachable!("made above")
    };
    let fingerprint = placed.fingerprint;
    let event = Event::Replan { revision: number, from, absent, unavailable, pinned, added, reason, fingerprint };
    opened.append(at, &who, event).map_err(|e| Box::new(e) as Refusal)?;
    console.result(&json!({
        "revision": number, "out": out, "differences": differences, "cost": schedule.cost,
        "bound": schedule.bound.as_ref().map(|b| json!({"value": b.value, "gap": b.gap})),
        "unscheduled": schedule.unscheduled, "without_crew": shortages.iter().map(|s| &s.routes).collect::<Vec<_>>(),
        "journal": {"lines": opened.journal.lines.len(), "head": opened.journal.head()},
    }));
    say(&opened, &prepared, schedule, &differences, from, console);
    let tasks = plan::tasks(&prepared.visits, problem, schedule);
    let rules = plan::rules(&prepared.settings);
    for shortage in shortages {
        let inspectors = &prepared.roster.inspectors;
        for line in restrict::shortage_lines(shortage, &tasks, &prepared.visits, inspectors, rules, console.lang) {
            console.line(&line);
        }
    }
    let shown = out.display();
    console.line(&both!(
        console.lang,
        "第{number}次修订已写入 {shown}，原计划和以前的修订保持不变",
        "revision {number} is in {shown}; the plan and earlier revisions stay as they are"
    ));
    say_head(&opened, console);
    let complete = schedule.unscheduled.is_empty() && shortages.is_empty();
    Ok(if complete { Answer::Yes } else { Answer::No })
}

/// The event as it goes on record, but for the fingerprint of what it leads to.
fn event(args: &ReplanArgs, opened: &Opened) -> Result<Event, Refusal> {
    let from = date("--from", &args.from)?;
    let opens = opened.drawn.read.notice.application_opens;
    if from < opens {
        return Err(Wrong::refuse(|lang| {
            both!(
                lang,
                "--from 的{from}早于申报开始的{opens}，不能安排核查",
                "--from: {from} is before applications open on {opens}; nothing can be checked then"
            )
        }));
    }
    let prepared = plan::prepare(&opened.inputs, &opened.drawn).map_err(refuse)?;
    let visited = opened.visited();
    let ids = Ids::of(&prepared.roster);
    let mut absent = Vec::new();
    for text in &args.absent {
        let (id, days) = absence("--absent", text)?;
        let Some(id) = ids.one(&id) else {
            return Err(Wrong::refuse(|lang| {
                both!(
                    lang,
                    "--absent 的“{id}”不在核查人员名单上，或有重名；请写工号",
                    "--absent: \"{id}\" is no inspector, or several have the name; give the id"
                )
            }));
        };
        if days.iter().all(|day| *day < from) {
            return Err(Wrong::refuse(|lang| {
                both!(
                    lang,
                    "--absent 的{id}只在{from}之前请假，对重新编排没有作用；请把 --from 提前",
                    "--absent: {id} is away only before {from}, which changes nothing; let --from be earlier"
                )
            }));
        }
        absent.push(Absence { id: id.to_owned(), days: days.into_iter().collect() });
    }
    let in_plan = |option: &str, text: &str| -> Result<CreditCode, Refusal> {
        let code = code(opened, option, text)?;
        if !visited.contains(&code) || opened.state.done(code) {
            let name = opened.name(code);
            return Err(Wrong::refuse(|lang| {
                both!(
                    lang,
                    "{option} 的{name}不在待核查之列",
                    "{option}: {name} is not among those still to check"
                )
            }));
        }
        Ok(code)
    };
    let mut unavailable = Vec::new();
    for text in &args.unavailable {
        let (id, days) = absence("--unavailable", text)?;
        let code = in_plan("--unavailable", &id)?;
        unavailable.push(Absence { id: code.to_string(), days: days.into_iter().collect() });
    }
    let places = opened.standing.places();
    let mut pinned = Vec::new();
    for text in &args.pin {
        let code = in_plan("--pin", text)?;
        if places.get(code.as_str()).is_none_or(|route| route.line.day < from) {
            let name = opened.name(code);
            return Err(Wrong::refuse(|lang| {
                both!(
                    lang,
                    "--pin 的{name}在{from}及以后没有安排",
                    "--pin: {name} is not planned on {from} or later"
                )
            }));
        }
        pinned.push(code);
    }
    let mut added = Vec::new();
    for text in &args.add {
        let code = code(opened, "--add", text)?;
        if visited.contains(&code) || opened.state.lost.contains(&code) || opened.state.ineligible.contains(&code)
        {
            let name = opened.name(code);
            return Err(Wrong::refuse(|lang| {
                both!(
                    lang,
                    "--add 的{name}（{code}）已在核查之列，或已退出样本",
                    "--add: {name} ({code}) is among those to check already, or has left the sample"
                )
            }));
        }
        added.push(code);
    }
    Ok(Event::Replan {
        revision: opened.state.revision + 1,
        from,
        absent,
        unavailable,
        pinned,
        added,
        reason: clean::tidy(&args.reason),
        fingerprint: String::new(),
    })
}

/// Most lines of the difference on the screen; all of them are in `changes.csv`.
const MOST_SHOWN: usize = 40;

fn say(
    opened: &Opened,
    prepared: &plan::Prepared,
    schedule: &Schedule,
    differences: &[Difference],
    from: NaiveDate,
    console: Console,
) {
    let lang = console.lang;
    let count = |became| differences.iter().filter(|d| d.became == became).count();
    let (moved, changed, new) = (count(Became::Moved), count(Became::Changed), count(Became::New));
    let (dropped, out) = (count(Became::Dropped), count(Became::Unscheduled));
    let all = prepared.visits.len();
    console.line(&both!(
        lang,
        "余下{all}家：改期{moved}家，换人{changed}家，新增{new}家，取消{dropped}家，未排入{out}家",
        "{all} left: {moved} moved, {changed} with another crew, {new} new, {dropped} dropped, {out} not scheduled"
    ));
    let late = differences.iter().filter(|d| d.before.as_ref().is_some_and(|before| before.day < from)).count();
    if late > 0 {
        console.line(&both!(
            lang,
            "其中{late}家原定{from}之前核查而没有登记结果，按未核查重新安排；已经核查的请先用 hecha record 登记，再重新编排",
            "{late} of them were due before {from} and have no result, so they are planned again; record results first where there are any"
        ));
    }
    // Those added just now are known from the visits alone.
    let visits: BTreeMap<&str, &str> =
        prepared.visits.iter().map(|a| (a.code.as_str(), a.name.as_str())).collect();
    let name = |id: &str| match visits.get(id) {
        Some(name) => (*name).to_owned(),
        None => CreditCode::parse(id).map_or_else(|_| id.to_owned(), |(code, _)| opened.name(code)),
    };
    let names = |ids: &[String]| {
        let name = |id: &String| {
            prepared.roster.inspectors.iter().find(|i| i.id == *id).map_or(id.clone(), |i| i.name.clone())
        };
        ids.iter().map(name).collect::<Vec<_>>().join(lang.pick("、", ", "))
    };
    let when = |when: &Option<When>| match when {
        None => lang.pick("无", "none").to_owned(),
        Some(when) => format!("{} {} {}", when.day, clock::text(when.start), names(&when.crew)),
    };
    for difference in differences.iter().take(MOST_SHOWN) {
        let (word, enterprise) = (difference.became.word(lang), name(&difference.code));
        let now = match schedule.unscheduled.iter().find(|line| line.id == difference.code) {
            Some(line) => why_not(opened, prepared, line, from, lang),
            None => when(&difference.now),
        };
        console.line(&format!("  {word} {enterprise}: {} → {now}", when(&difference.before)));
    }
    let more = differences.len().saturating_sub(MOST_SHOWN);
    if more > 0 {
        console.line(&both!(lang, "  ……另有{more}家，见changes.csv", "  … and {more} more, see changes.csv"));
    }
}

/// Why a visit has no place in a revision: first of all its last day may be over.
fn why_not(opened: &Opened, prepared: &plan::Prepared, line: &Unscheduled, from: NaiveDate, lang: Lang) -> String {
    let star = prepared.visits.iter().find(|a| a.code.as_str() == line.id).map(|a| a.star);
    let last_days = compile::last_visit_days(&opened.drawn.read.notice, &prepared.calendar, &prepared.settings)
        .unwrap_or_default();
    match star.and_then(|star| last_days.get(&star)).filter(|last| **last < from) {
        Some(last) => both!(
            lang,
            "未安排：最后核查日{last}早于{from}；无法再查的请用 hecha replace --kind lost 登记",
            "not scheduled: its last possible day, {last}, is before {from}; if it can no longer be checked, hecha replace --kind lost"
        ),
        // A first day after the last one of all leaves no days, and is told above.
        None => unscheduled_text(line.reason, true, lang),
    }
}
