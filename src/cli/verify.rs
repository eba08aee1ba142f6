//! `hecha verify`: what holds and what does not.

use serde_json::json;

use super::args::VerifyArgs;
use super::console::Console;
use super::solve::InFile;
use super::{Answer, Refusal};
use crate::routing::problem::Problem;
use crate::routing::schedule::Schedule;
use crate::text::{Lang, Say, both};
use crate::verify::{self, Outcome, Remark, Report};

fn refuse(remark: Remark) -> Refusal {
    Box::new(remark)
}

pub(super) fn run(args: &VerifyArgs, console: Console) -> Result<Answer, Refusal> {
    let report = match &args.schedule {
        Some(schedule) => {
            let problem = InFile::read(&args.first, Problem::from_json)?;
            let schedule = InFile::read(schedule, Schedule::from_json)?;
            verify::schedule_of(&problem, &schedule)
        }
        None => verify::dossier(&args.first).map_err(refuse)?,
    };
    console.result(&json!({
            "holds": report.holds(), "fingerprint": report.fingerprint,
            "claims": report.claims.iter().map(|claim| json!({
                "claim": format!("{:?}", claim.subject),
                "outcome": match &claim.outcome {
                    Outcome::Holds => "holds", Outcome::Differs(_) => "differs", Outcome::NotVerified(_) => "not verified",
                },
                "details": match &claim.outcome {
                    Outcome::Holds => Vec::new(),
                    Outcome::Differs(list) => list.iter().map(both_json).collect(),
                    Outcome::NotVerified(why) => vec![both_json(why)],
                },
            })).collect::<Vec<_>>(),
            "notes": report.notes.iter().map(both_json).collect::<Vec<_>>(),
        }));
    say(&report, console);
    Ok(if report.holds() { Answer::Yes } else { Answer::No })
}

fn both_json(remark: &Remark) -> serde_json::Value {
    json!({"zh": remark.say(Lang::Zh), "en": remark.say(Lang::En)})
}

fn say(report: &Report, console: Console) {
    let lang = console.lang;
    for claim in &report.claims {
        let what = claim.subject.say(lang);
        let mark = match &claim.outcome {
            Outcome::Holds => lang.pick("相符　", "holds       "),
            Outcome::Differs(_) => lang.pick("不符　", "DIFFERS     "),
            Outcome::NotVerified(_) => lang.pick("未核验", "not verified"),
        };
        console.line(&format!("{mark} {what}"));
        match &claim.outcome {
            Outcome::Holds => {}
            Outcome::Differs(list) => list.iter().for_each(|d| console.line(&format!("       {}", d.say(lang)))),
            Outcome::NotVerified(why) => console.line(&format!("       {}", why.say(lang))),
        }
    }
    if let Some(fingerprint) = &report.fingerprint {
        console.line(&both!(lang, "指纹 {fingerprint}", "fingerprint {fingerprint}"));
    }
    report.notes.iter().for_each(|note| console.line(&note.say(lang)));
    console.line(if report.holds() {
        lang.pick("结论：全部相符", "result: every claim holds")
    } else {
        lang.pick("结论：有不符或未核验的项目", "result: not every claim holds")
    });
}
