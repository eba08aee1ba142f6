//! `hecha plan`: the whole job.

use std::thread;

use serde_json::json;

use super::args::PlanArgs;
use super::console::Console;
use super::draw::{gather, meets_notice, out_folder, say_sample, say_written};
use super::watch::Clock;
use super::{Answer, Refusal, finding_json, left_out_json, output};
use crate::example::Embedded;
use crate::inputs::Inputs;
use crate::plan::diagnosis::{self, Diagnosis};
use crate::plan::{self, PlanError, Planned};
use crate::routing::check;
use crate::routing::problem::Problem;
use crate::routing::schedule::Schedule;
use crate::routing::solve::Settings;
use crate::text::both;

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
        prove: prepared.settings.effort > 0,
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
    let diagnosis = diagnose(&planned, &settings, console)?;
    let documents = plan::dossier_documents(&inputs, &planned, diagnosis.as_ref(), console.lang);
    let fingerprint = output::write_with_sums(&out, &documents, args.out.force, &sources, console)?;

    console.result(&json!({
            "out": out, "fingerprint": fingerprint, "sample": drawn.whole_record(), "meets_notice": meets_notice(&drawn),
            "schedule": {"cost": schedule.cost, "bound": schedule.bound, "unscheduled": schedule.unscheduled,
                "first_day": schedule.routes.first().map(|r| r.day), "last_day": schedule.routes.last().map(|r| r.day)},
            "diagnosis": diagnosis,
            "findings": drawn.read.frame.findings.iter().chain(&prepared.roster.findings).map(finding_json).collect::<Vec<_>>(),
            "findings_left_out": left_out_json(&drawn.read.frame.findings),
        }));
    say_schedule(&schedule, &planned, console);
    diagnosis.iter().flat_map(|d| d.lines(console.lang)).for_each(|line| console.line(&line));
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
}

/// Says why visits are left out, and what would make them fit.
fn diagnose(planned: &Planned<'_>, settings: &Settings, console: Console) -> Result<Option<Diagnosis>, Refusal> {
    let clock = Clock::start(None, console.bar(console.lang.pick("诊断", "diagnosis")), console.lang);
    let diagnosis = diagnosis::seek(planned, settings, &clock).map_err(refuse);
    clock.finish();
    diagnosis
}
