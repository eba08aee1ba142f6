//! `diagnosis.json`: what it says of each visit left out is derived again, and its cures are put before the referee.
//!
//! How the cures were found is no claim that can be derived, nor is it that less would not do: a note says so.

use serde_json::json;

use super::{Files, Remark, Report, Subject, difference, shorten};
use crate::plan::diagnosis::cure::{self, ExtraTeam};
use crate::plan::diagnosis::{self, Diagnosis, Earlier, ExtraDay, FILE, FORMAT, Kind, TeamDays};
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
    Ok(wrong)
}

fn team_days(stated: &Diagnosis, cure: &TeamDays, planned: &Planned<'_>) -> Vec<Remark> {
    let teams: Vec<ExtraTeam> = cure.days.iter().map(ExtraTeam::from).collect();
    let problem = match cure::with_teams(planned, &teams) {
        Ok(problem) => problem,
        Err(why) => return vec![at("cures.team_days", &why)],
    };
    let mut wrong = works(stated, Kind::TeamDays, &cure.schedule, &problem, planned);
    let used: Vec<ExtraDay> = (1..=cure.days.len())
        .filter_map(|n| cure.schedule.routes.iter().find(|route| route.team == cure::extra_id(n)))
        .filter_map(|route| cure::extra_day(&problem, route))
        .collect();
    let derived = json!({"n": used.len(), "crew": planned.prepared.settings.crew, "days": used});
    let said = json!({"n": cure.n, "crew": cure.crew, "days": cure.days});
    wrong.extend(difference::json(&format!("{FILE} cures.team_days"), Some(said), &derived));
    wrong
}

fn earlier(stated: &Diagnosis, cure: &Earlier, planned: &Planned<'_>) -> Vec<Remark> {
    let starts = cure::earlier_starts(planned);
    let first = starts.len().checked_sub(cure.workdays).and_then(|at| starts.get(at));
    if first != Some(&cure.first_day) {
        let (day, workdays) = (cure.first_day, cure.workdays);
        return vec![Remark::new(|lang| {
            both!(
                lang,
                "{FILE} 的 cures.earlier：{day}不是提前{workdays}个工作日",
                "{FILE}: cures.earlier: {day} is not {workdays} working days earlier"
            )
        })];
    }
    match cure::starting(planned, cure.first_day) {
        Ok(problem) => works(stated, Kind::Earlier, &cure.schedule, &problem, planned),
        Err(why) => vec![at("cures.earlier", &why)],
    }
}

/// Whether the schedule of a cure is feasible and leaves out only what this kind of cure cannot help.
fn works(
    stated: &Diagnosis,
    kind: Kind,
    schedule: &Schedule,
    problem: &Problem,
    planned: &Planned<'_>,
) -> Vec<Remark> {
    let place = match kind {
        Kind::TeamDays => "cures.team_days.schedule",
        Kind::Earlier => "cures.earlier.schedule",
    };
    let mut wrong: Vec<Remark> = check(problem, schedule).iter().map(|violation| at(place, violation)).collect();
    let beyond: Vec<&str> = stated.beyond(kind).map(|line| line.id.as_str()).collect();
    for line in schedule.unscheduled.iter().filter(|line| !beyond.contains(&line.id.as_str())) {
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
