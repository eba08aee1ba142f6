//! `hecha plan`: the whole job.

use std::thread;

use serde_json::json;

use super::args::PlanArgs;
use super::console::Console;
use super::draw::{gather, meets_notice, out_folder, say_sample, say_written};
use super::watch::Clock;
use super::{Answer, Refusal, finding_json, left_out_json};
use crate::dossier::folder;
use crate::example::Embedded;
use crate::inputs::Inputs;
use crate::plan::{self, PlanError, Planned};
use crate::routing::check;
use crate::routing::problem::Problem;
use crate::routing::schedule::Schedule;
use crate::routing::solve::Settings;
use crate::text::both;

/// Most unscheduled visits named on the screen.
const MOST_LISTED: usize = 20;

fn refuse(error: PlanError) -> Refusal {
    Box::new(error)
}

pub(super) fn run(args: &PlanArgs, console: Console) -> Result<Answer, Refusal> {
    let inputs = if args.example {
        Inputs::gather(&Embedded, "plan.toml").map_err(|e| refuse(e.into()))?
    } else {
        gather(&args.plan)?
    };
    let sources = if args.example { Vec::new() } else { vec![args.plan.clone()] };
    let draw_id = inputs.plan.draw.clone().unwrap_or_default();
    plan::check_schedule(&inputs).map_err(refuse)?;
    let early = crate::draw::DrawId::new(&draw_id).is_ok();
    if early {
        out_folder(&args.out, &draw_id, &sources, console)?;
    }
    let drawn = plan::draw(&inputs).map_err(refuse)?;
    let out = out_folder(&args.out, &drawn.record.draw, &sources, console)?;
    say_sample(&drawn, console);

    let prepared = plan::prepare(&inputs, &drawn).map_err(refuse)?;
    let travel = plan::travel(&inputs, &prepared).map_err(refuse)?;
    let problem_json = plan::problem_json(&drawn, &prepared, &travel).map_err(refuse)?;
    let problem = Problem::from_json(&problem_json).map_err(|e| refuse(e.into()))?;
    let settings = Settings {
        seed: drawn.record.seed.clone(),
        effort: prepared.settings.effort,
        threads: args.threads.unwrap_or_else(threads).max(1),
    };
    let clock = Clock::start(None, console.bar(console.lang.pick("排程", "schedule")), console.lang);
    let schedule = plan::solve(&problem, &settings, &clock);
    clock.finish();
    // The referee has the last word before anything is written.
    if let Some(violation) = check::check(&problem, &schedule).first() {
        return Err(refuse(PlanError::Refereed(violation.clone())));
    }
    let planned = Planned {
        drawn: &drawn,
        prepared: &prepared,
        travel: &travel,
        problem_json: &problem_json,
        schedule: &schedule,
    };
    let documents = plan::dossier_documents(&inputs, &planned, console.lang);
    let fingerprint =
        folder::write_with_sums(&out, &documents, args.out.force, &sources).map_err(|e| Box::new(e) as Refusal)?;

    console.result(&json!({
            "out": out, "fingerprint": fingerprint, "sample": drawn.whole_record(), "meets_notice": meets_notice(&drawn),
            "schedule": {"cost": schedule.cost, "bound": schedule.bound, "unscheduled": schedule.unscheduled,
                "first_day": schedule.routes.first().map(|r| r.day), "last_day": schedule.routes.last().map(|r| r.day)},
            "findings": drawn.read.frame.findings.iter().chain(&prepared.roster.findings).map(finding_json).collect::<Vec<_>>(),
            "findings_left_out": left_out_json(&drawn.read.frame.findings),
        }));
    say_schedule(&schedule, &planned, console);
    say_written(&out, &fingerprint, drawn.record.seal.is_some(), console);
    let complete = schedule.unscheduled.is_empty() && meets_notice(&drawn);
    Ok(if complete { Answer::Yes } else { Answer::No })
}

/// As many threads as the machine offers.
pub(super) fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn say_schedule(schedule: &Schedule, planned: &Planned<'_>, console: Console) {
    let lang = console.lang;
    let visits: usize = schedule.routes.iter().map(|r| r.visits.len()).sum();
    let team_days = schedule.cost.team_days;
    let hours = schedule.cost.travel / 3600;
    let minutes = schedule.cost.travel / 60 % 60;
    if let (Some(first), Some(last)) = (schedule.routes.first(), schedule.routes.last()) {
        let (first, last) = (first.day, last.day);
        console.line(&both!(
            lang,
            "日程：{visits}家，{team_days}个小组工作日，{first}至{last}，行车共{hours}小时{minutes}分",
            "schedule: {visits} visits, {team_days} team-days, {first} to {last}, {hours} h {minutes} min of travel"
        ));
    }
    let approximate = planned.prepared.sites.iter().filter(|s| s.approximate).count();
    if approximate > 0 {
        console.line(&both!(
            lang,
            "其中{approximate}处没有经纬度，按县区驻地估算行车时间",
            "{approximate} places have no coordinates; their county's seat stands in"
        ));
    }
    for line in schedule.unscheduled.iter().take(MOST_LISTED) {
        let why = crate::dossier::unscheduled_text(line.reason, lang);
        let visit = planned.prepared.visits.iter().find(|visit| visit.code.as_str() == line.id);
        let name = visit.map_or("", |visit| visit.name.as_str());
        let id = &line.id;
        console.line(&both!(lang, "{name}（{id}）{why}", "{name} ({id}): {why}"));
    }
    let more = schedule.unscheduled.len().saturating_sub(MOST_LISTED);
    if more > 0 {
        console.line(&both!(lang, "……另有{more}家未安排，见 schedule.csv", "… and {more} more, see schedule.csv"));
    }
}
