//! The documents for people: written again from the records, and compared byte by byte.

use std::collections::BTreeSet;

use super::{Case, DOCUMENTS, Files, Remark, Report, Subject, difference, shorten};
use crate::crews::Crews;
use crate::dossier::{self, Document, SUMS};
use crate::followup::beside::is_later;
use crate::followup::revise::{self, Revision};
use crate::plan::{self, PlanError, Planned};
use crate::routing::check;
use crate::routing::problem::Problem;
use crate::text::{both, excerpt};

pub(super) fn examine(
    report: &mut Report,
    files: &Files,
    planned: &Planned<'_>,
    problem: &Problem,
    case: Case<'_>,
) {
    let crews = files.get("crews.json").and_then(|bytes| Crews::from_json(bytes).ok());
    let Some(crews) = crews else {
        let why = Remark::new(|lang| both!(lang, "没有可用的crews.json", "there is no crews.json to go by"));
        return report.unexamined(&[Subject::Documents], &why);
    };
    if !check::check(problem, planned.schedule).is_empty() {
        let why = Remark::new(|lang| {
            both!(
                lang,
                "日程不可行，无法据以重新生成",
                "the schedule is not feasible, so nothing can be written from it"
            )
        });
        return report.unexamined(&[Subject::Documents], &why);
    }
    // Who writes the documents takes the crews by the number of their route.
    let routes = planned.schedule.routes.iter().map(|route| (route.day, route.team.as_str()));
    if !routes.eq(crews.routes.iter().map(|route| (route.day, route.team.as_str()))) {
        let why = Remark::new(|lang| {
            both!(
                lang,
                "crews.json 的路线与日程不一致，无法据以重新生成",
                "the routes of crews.json are not those of the schedule, so nothing can be written from them"
            )
        });
        return report.unexamined(&[Subject::Documents], &why);
    }
    let derived = match again(planned, problem, &crews, case) {
        Ok(derived) => derived,
        Err(why) => return report.unexamined(&[Subject::Documents], &Remark::of(&why)),
    };
    let mut wrong = Vec::new();
    let mut expected: BTreeSet<String> = DOCUMENTS.iter().map(|name| (*name).to_owned()).collect();
    for document in derived {
        let name = excerpt(&document.path, 80);
        match (files.get(&document.path), document.to_bytes()) {
            (None, _) => wrong.push(Remark::new(|lang| both!(lang, "缺少文件 {name}", "{name} is missing"))),
            (Some(stated), Ok(derived)) if *stated == derived => {}
            (Some(stated), Ok(derived)) if document.is_text() => {
                wrong.extend(difference::lines(Some(stated), &derived, &document.path));
            }
            (Some(_), _) => wrong.push(Remark::new(|lang| {
                both!(
                    lang,
                    "{name} 与按记录重新生成的不同：内容已被改动，或由其他版本的程序写出",
                    "{name} is not what the records give: it was changed, or another version wrote it"
                )
            })),
        }
        expected.insert(document.path);
    }
    let revision = case.revision.is_some();
    let elsewhere = |path: &str| path.starts_with("inputs/") || is_later(path);
    let unexpected = |path: &&String| !expected.contains(*path) && *path != SUMS && (revision || !elsewhere(path));
    for path in files.keys().filter(unexpected) {
        let path = excerpt(path, 80);
        wrong.push(Remark::new(|lang| both!(lang, "多出文件 {path}", "{path} was added")));
    }
    report.add(Subject::Documents, shorten(wrong));
}

fn again<'a>(
    planned: &Planned<'a>,
    problem: &'a Problem,
    crews: &'a Crews,
    case: Case<'a>,
) -> Result<Vec<Document<'a>>, PlanError> {
    let Planned { drawn, prepared, schedule, travel, problem_json } = *planned;
    let Some((base, state, from)) = case.revision else {
        let view = plan::view(drawn, prepared, problem, schedule, crews, case.language)?;
        return Ok(dossier::for_people(&view));
    };
    let number = state.revision;
    let revision =
        Revision { base, state, number, from, prepared, travel, problem_json, problem, schedule, crews };
    revise::documents(&revision, case.language)
}
