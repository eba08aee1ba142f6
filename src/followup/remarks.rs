//! What is said of results that go on record and differ from the plan or from its rules.
//!
//! They are entered as it happened; whoever enters them is told, so that a slip of the pen is seen and a breach of the rules
//! is known.

use chrono::NaiveDate;

use super::journal::{Conclusion, ResultLine};
use super::opened::Opened;
use crate::crews::{Bar, Task};
use crate::frame::Applicant;
use crate::plan::{self, PlanError, Prepared};
use crate::roster::Inspector;
use crate::text::{Lang, Say};

/// One remark, in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    zh: String,
    en: String,
}

impl Say for Remark {
    fn say(&self, lang: Lang) -> String {
        lang.pick(&self.zh, &self.en).to_owned()
    }
}

/// The remarks on results about to be entered, in their order.
///
/// # Errors
/// [`PlanError`] where the applicants cannot be read again.
pub fn remarks(opened: &Opened, mut prepared: Prepared, results: &[ResultLine]) -> Result<Vec<Remark>, PlanError> {
    let codes: Vec<_> = results.iter().map(|line| line.code).collect();
    prepared.replace_visits(&opened.inputs, &opened.drawn, &codes)?;
    let places = opened.standing.places();
    let mut out = Vec::new();
    for (line, applicant) in results.iter().zip(&prepared.visits) {
        let mut say = |zh: String, en: String| out.push(Remark { zh, en });
        let name = &applicant.name;
        let planned = places.get(line.code.as_str());
        if planned.is_none() {
            say(
                format!("{name}尚未排入日程，仍予登记"),
                format!("{name} is not in the schedule; its result is entered all the same"),
            );
        }
        if line.conclusion == Conclusion::Unchecked {
            continue;
        }
        let rule = opened.drawn.read.notice.star(applicant.star);
        if let Some(deadline) = rule.map(|rule| rule.deadline).filter(|deadline| line.date > *deadline) {
            let (entered, star) = (line.date, applicant.star);
            say(
                format!("{name}登记为{entered}核查，晚于{star}星的上报截止日{deadline}"),
                format!("{name} is entered as of {entered}, after the deadline {deadline} for {star} stars"),
            );
        }
        if prepared.calendar.is_workday(line.date).is_ok_and(|works| !works) {
            let entered = line.date;
            say(
                format!("{name}登记为{entered}核查，当天不是工作日"),
                format!("{name} is entered as of {entered}, which is no working day"),
            );
        }
        if let Some(route) = planned {
            let (planned, entered) = (route.line.day, line.date);
            if planned != entered {
                say(
                    format!("{name}计划于{planned}核查，登记为{entered}"),
                    format!("{name} was planned for {planned}, entered as of {entered}"),
                );
            }
            if line.inspectors.iter().any(|id| !route.crew.contains(id)) {
                let (entered, crew) = (line.inspectors.join("、"), route.crew.join("、"));
                say(
                    format!("{name}登记的核查人员（{entered}）与计划（{crew}）不同"),
                    format!("{name}: {entered} are entered, {crew} were planned"),
                );
            }
        }
        if line.inspectors.len() < 2 {
            say(
                format!("{name}登记的核查人员不足两人，不符合核查须两人以上的要求"),
                format!("{name}: fewer than two inspectors are entered, and a check needs two"),
            );
        }
        let mut expert = false;
        for id in &line.inspectors {
            let Some(inspector) = prepared.roster.inspectors.iter().find(|i| i.id == *id) else {
                say(
                    format!("{name}的核查人员“{id}”不在核查人员名单上，按所写登记"),
                    format!("{name}: \"{id}\" is not on the inspectors' list and is entered as typed"),
                );
                continue;
            };
            expert |= inspector.expert;
            let away = opened.state.absent.get(id).is_some_and(|days| days.contains(&line.date));
            for bar in bars(&prepared, inspector, applicant, line.date, away) {
                let (zh, en) = said(bar, &inspector.name, line.date);
                say(format!("{name}：{zh}"), format!("{name}: {en}"));
            }
        }
        if prepared.experts.contains(&applicant.star) && !expert {
            let star = applicant.star;
            say(
                format!("{name}申报{star}星，登记的核查人员中没有专家"),
                format!("{name} applies for {star} stars, and no expert is among those entered"),
            );
        }
    }
    Ok(out)
}

/// Why an inspector should not have gone, all that there is: one that is away may be recused, too.
fn bars(
    prepared: &Prepared,
    inspector: &Inspector,
    applicant: &Applicant,
    day: NaiveDate,
    away: bool,
) -> Vec<Bar> {
    let rules = plan::rules(&prepared.settings);
    let task = Task {
        day,
        team: "",
        base: &inspector.base,
        expert: false,
        visits: vec![(applicant.code, applicant.county.as_str())],
    };
    let mut there = inspector.clone();
    let away = there.unavailable.remove(&day) || away;
    away.then_some(Bar::Away).into_iter().chain(rules.bar(&there, &task)).collect()
}

fn said(bar: Bar, inspector: &str, day: NaiveDate) -> (String, String) {
    match bar {
        Bar::Away => (
            format!("{inspector}在{day}请假或另有安排，却登记为核查人员"),
            format!("{inspector} was away on {day} and is entered all the same"),
        ),
        Bar::Recused(_) => (
            format!("{inspector}应当回避这家企业，却登记为核查人员"),
            format!("{inspector} is recused from it and is entered all the same"),
        ),
        Bar::OwnCounty(_) => (
            format!("{inspector}核查了本县（市、区）的企业，不符合交叉核查的要求"),
            format!("{inspector} checked an enterprise of the own county, which cross-county checks rule out"),
        ),
        Bar::OtherBase => (format!("{inspector}不从该驻地出发"), format!("{inspector} leaves from another base")),
    }
}
