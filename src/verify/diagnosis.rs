//! `diagnosis.json`: what it says of each visit left out is derived again, and its cures are put before the referee.
//!
//! How the cures were found is no claim that can be derived, nor is it that less would not do: a note says so.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde_json::json;

use super::{Files, Remark, Report, Subject, difference, shorten};
use crate::plan::diagnosis::cure::{self, ExtraTeam};
use crate::plan::diagnosis::{self, Both, Diagnosis, Earlier, ExtraDay, FILE, FORMAT, Kind, TeamDays};
use crate::plan::{PlanError, Planned};
use crate::routing::check::check;
use crate::routing::problem::Problem;
use crate::routing::schedule::Schedule;
use crate::text::{Lang, Say, both, excerpt};

/// Examines the diagnosis where there is one or should be one.
pub(super) fn examine(report: &mut Report, files: &Files, planned: &Planned<'_>) {
    let needed = !planned.schedule.unscheduled.is_empty();
    let Some(bytes) = files.get(FILE) else {
        if needed {
            report.add(Subject::Diagnosis, vec![missing()]);
        }
        return;
    };
    if !needed {
        let remark = Remark::new(|lang| {
            both!(lang, "日程没有未安排的企业，却多出 {FILE}", "nothing is left out, yet {FILE} was added")
        });
        return report.add(Subject::Diagnosis, vec![remark]);
    }
    let stated: Diagnosis = match serde_json::from_slice(bytes) {
        Ok(stated) => stated,
        Err(why) => {
            let why = excerpt(&why.to_string(), 120);
            let remark =
                Remark::new(|lang| both!(lang, "{FILE} 无法读取（{why}）", "{FILE} cannot be read: {why}"));
            return report.add(Subject::Diagnosis, vec![remark]);
        }
    };
    match differences(&stated, planned) {
        Ok(mut wrong) => {
            if wrong.is_empty() {
                wrong = difference::lines(files.get(FILE), stated.to_json().as_bytes(), FILE);
            }
            report.add(Subject::Diagnosis, shorten(wrong));
        }
        Err(why) => report.unexamined(&[Subject::Diagnosis], &Remark::of(&why)),
    }
    report.notes.push(Remark::new(|lang| {
        both!(
            lang,
            "{FILE} 所列办法确能排入；“更少则未找到”是搜索的结果，不能复核，也不是证明",
            "the cures in {FILE} do make room; that with less \"none was found\" is what a search came to: it cannot be derived again and is no proof"
        )
    }));
}

fn missing() -> Remark {
    Remark::new(|lang| both!(lang, "有未安排的企业，却缺少 {FILE}", "visits are left out, but {FILE} is missing"))
}

fn differences(stated: &Diagnosis, planned: &Planned<'_>) -> Result<Vec<Remark>, PlanError> {
    let derived = json!({
        "format": FORMAT, "problem_sha256": planned.schedule.problem_sha256,
        "first_day": planned.prepared.settings.first_day, "left_out": diagnosis::left_out(planned)?,
        "application_opens": planned.drawn.read.notice.application_opens,
    });
    let said = json!({
        "format": stated.format, "problem_sha256": stated.problem_sha256,
        "first_day": stated.first_day, "left_out": stated.left_out,
        "application_opens": stated.search.application_opens,
    });
    let mut wrong = difference::json(FILE, Some(said), &derived);
    if let Some(cure) = &stated.cures.team_days {
        wrong.extend(team_days(stated, cure, planned));
    }
    if let Some(cure) = &stated.cures.earlier {
        wrong.extend(earlier(stated, cure, planned));
    }
    if let Some(cure) = &stated.cures.both {
        wrong.extend(both(stated, cure, planned)?);
    }
    Ok(wrong)
}

fn team_days(stated: &Diagnosis, cure: &TeamDays, planned: &Planned<'_>) -> Vec<Remark> {
    let place = "cures.team_days";
    match cure::with_teams(planned, planned.problem_json, &extra_teams(&cure.days)) {
        Ok(problem) => {
            let beyond = stated.beyond(Kind::TeamDays).map(|line| line.id.clone()).collect();
            let mut wrong = works(place, &cure.schedule, &problem, &beyond, planned);
            wrong.extend(added(place, (cure.n, cure.crew, &cure.days), &cure.schedule, &problem, planned));
            wrong
        }
        Err(why) => vec![at(place, &why)],
    }
}

fn earlier(stated: &Diagnosis, cure: &Earlier, planned: &Planned<'_>) -> Vec<Remark> {
    let place = "cures.earlier";
    if let Some(wrong) = not_earlier(place, cure.workdays, cure.first_day, planned) {
        return vec![wrong];
    }
    match cure::starting(planned, cure.first_day) {
        Ok(problem) => {
            let beyond = stated.beyond(Kind::Earlier).map(|line| line.id.clone()).collect();
            works(place, &cure.schedule, &problem, &beyond, planned)
        }
        Err(why) => vec![at(place, &why)],
    }
}

fn both(stated: &Diagnosis, cure: &Both, planned: &Planned<'_>) -> Result<Vec<Remark>, PlanError> {
    let place = "cures.both";
    if let Some(wrong) = not_earlier(place, cure.workdays, cure.first_day, planned) {
        return Ok(vec![wrong]);
    }
    let helped = cure::helped_by_both(planned)?;
    let ground = cure::ground(planned, cure.first_day)?;
    let problem = match cure::with_teams(planned, &ground, &extra_teams(&cure.days)) {
        Ok(problem) => problem,
        Err(why) => return Ok(vec![at(place, &why)]),
    };
    let ids = stated.left_out.iter().map(|line| line.id.clone());
    let beyond = ids.filter(|id| !helped.contains(id)).collect();
    let mut wrong = works(place, &cure.schedule, &problem, &beyond, planned);
    wrong.extend(added(place, (cure.n, cure.crew, &cure.days), &cure.schedule, &problem, planned));
    Ok(wrong)
}

fn extra_teams(days: &[ExtraDay]) -> Vec<ExtraTeam> {
    days.iter().map(ExtraTeam::from).collect()
}

/// Whether the team-days stated (how many, inspectors of each, which) are those that the schedule uses.
fn added(
    place: &str,
    (n, crew, days): (usize, usize, &[ExtraDay]),
    schedule: &Schedule,
    problem: &Problem,
    planned: &Planned<'_>,
) -> Vec<Remark> {
    let used: Vec<ExtraDay> = (1..=days.len())
        .filter_map(|n| schedule.routes.iter().find(|route| route.team == cure::extra_id(n)))
        .filter_map(|route| cure::extra_day(problem, route))
        .collect();
    let derived = json!({"n": used.len(), "crew": planned.prepared.settings.crew, "days": used});
    let said = json!({"n": n, "crew": crew, "days": days});
    difference::json(&format!("{FILE} {place}"), Some(said), &derived)
}

/// Says so where a day is not so many working days before the plan's first.
fn not_earlier(place: &str, workdays: usize, first_day: NaiveDate, planned: &Planned<'_>) -> Option<Remark> {
    let starts = cure::earlier_starts(planned);
    let first = starts.len().checked_sub(workdays).and_then(|at| starts.get(at));
    (first != Some(&first_day)).then(|| {
        Remark::new(|lang| {
            both!(
                lang,
                "{FILE} 的 {place}：{first_day}不是提前{workdays}个工作日",
                "{FILE}: {place}: {first_day} is not {workdays} working days earlier"
            )
        })
    })
}

/// Whether the schedule of a cure is feasible and leaves out only what is beyond the cure.
fn works(
    cure: &str,
    schedule: &Schedule,
    problem: &Problem,
    beyond: &BTreeSet<String>,
    planned: &Planned<'_>,
) -> Vec<Remark> {
    let place = &format!("{cure}.schedule");
    let mut wrong: Vec<Remark> = check(problem, schedule).iter().map(|violation| at(place, violation)).collect();
    for line in schedule.unscheduled.iter().filter(|line| !beyond.contains(&line.id)) {
        let id = excerpt(&line.id, 40);
        wrong.push(at(place, &Remark::new(|lang| both!(lang, "仍未安排{id}", "{id} is left out all the same"))));
    }
    if schedule.bound.is_some() || schedule.run.seed != planned.drawn.record.seed {
        wrong.push(at(
            place,
            &Remark::new(|lang| both!(lang, "run.seed 或 bound 有改动", "run.seed or bound was changed")),
        ));
    }
    wrong
}

fn at(place: &str, what: &dyn Say) -> Remark {
    Remark::new(|lang: Lang| {
        let what = what.say(lang);
        both!(lang, "{FILE} 的 {place}：{what}", "{FILE}: {place}: {what}")
    })
}
