//! `hecha plan`: the whole job.

use std::thread;

use serde_json::json;

use super::args::PlanArgs;
use super::console::Console;
use super::draw::{gather, meets_notice, out_folder, say_sample, say_written};
use super::solve::say_must_stay_out;
use super::watch::Clock;
use super::{Answer, Refusal, finding_json, left_out_json, output};
use crate::dossier::view::View;
use crate::example::Embedded;
use crate::frame::Finding;
use crate::inputs::Inputs;
use crate::plan::diagnosis::{self, Diagnosis};
use crate::plan::restrict::{self, Manned};
use crate::plan::{self, PlanError, Planned};
use crate::routing::schedule::{Schedule, Stopped};
use crate::routing::solve::Settings;
use crate::text::{Lang, Say, both};

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

    let mut prepared = plan::prepare(&inputs, &drawn).map_err(refuse)?;
    say_roster(&prepared.roster.findings, console);
    let travel = plan::travel(&inputs, &prepared).map_err(refuse)?;
    let settings = Settings {
        seed: drawn.record.seed.clone(),
        effort: prepared.settings.effort,
        threads: threads(args.threads),
        prove: prepared.settings.effort > 0,
    };
    let clock = Clock::start(None, console.bar(console.lang.pick("排程", "schedule")), console.lang);
    let manned = restrict::man(&drawn, &mut prepared, &travel, &settings, &clock).map_err(refuse)?;
    let Manned { problem_json, problem, schedule, crews, shortages } = manned;
    clock.finish();
    plan::referee(&problem, &schedule).map_err(refuse)?;
    let view = plan::view(&drawn, &prepared, &problem, &schedule, &crews, console.lang).map_err(refuse)?;
    let planned = Planned {
        drawn: &drawn,
        prepared: &prepared,
        travel: &travel,
        problem_json: &problem_json,
        schedule: &schedule,
    };
    let diagnosis = diagnose(&planned, &settings, console)?;
    let documents = plan::dossier_documents(&inputs, &planned, &crews, diagnosis.as_ref(), &view);
    let fingerprint = output::write_with_sums(&out, &documents, args.out.force, &sources, console)?;

    console.result(&json!({
            "out": out, "fingerprint": fingerprint, "sample": drawn.whole_record(), "meets_notice": meets_notice(&drawn.read),
            "schedule": {"cost": schedule.cost, "bound": schedule.bound, "unscheduled": schedule.unscheduled,
                "first_day": schedule.routes.first().map(|r| r.day), "last_day": schedule.routes.last().map(|r| r.day)},
            "stopped": schedule.run.stopped,
            "diagnosis": diagnosis,
            "crews": {"spread": view.spreads, "restrictions": prepared.restrictions,
                "without": shortages.iter().flat_map(|s| &s.routes).map(|at| &crews.routes[*at]).collect::<Vec<_>>()},
            "findings": drawn.read.frame.findings.iter().chain(&prepared.roster.findings).map(finding_json).collect::<Vec<_>>(),
            "findings_left_out": left_out_json(&drawn.read.frame.findings),
        }));
    let interrupted = schedule.run.stopped == Some(Stopped::Interrupted);
    if interrupted {
        console.line(console.lang.pick(
            "注意：排程被中途停止（Ctrl-C），日程是停止时找到的最好安排，可能还差得远；正式使用前请加 --force 重新运行",
            "note: scheduling was interrupted (Ctrl-C); the schedule is the best found by then and may be far from good: run again with --force before it is used",
        ));
    }
    say_schedule(&schedule, &planned, console);
    say_crews(&view, &planned, console);
    say_must_stay_out(&problem, &schedule, console);
    diagnosis.iter().flat_map(|d| d.lines(console.lang)).for_each(|line| console.line(&line));
    say_written(&out, &fingerprint, drawn.record.seal.is_some(), console);
    let complete = schedule.unscheduled.is_empty() && shortages.is_empty() && meets_notice(&drawn.read);
    Ok(if complete && !interrupted { Answer::Yes } else { Answer::No })
}

/// Most remarks on the inspectors' table on the screen; `--json` has all of them.
const MOST_SHOWN: usize = 20;

/// What was noticed in the inspectors' table.
pub(super) fn say_roster(findings: &[Finding], console: Console) {
    let lang = console.lang;
    findings.iter().take(MOST_SHOWN).for_each(|finding| console.line(&finding.say(lang)));
    let more = findings.len().saturating_sub(MOST_SHOWN);
    if more > 0 {
        console.line(&both!(lang, "……另有{more}处", "… and {more} more"));
    }
}

/// Most threads: results do not depend on how many there are, and no system grants any number of them.
const MOST_THREADS: usize = 256;

/// As many threads as are asked for, or as the machine offers.
pub(super) fn threads(asked: Option<usize>) -> usize {
    let offered = || thread::available_parallelism().map_or(1, usize::from);
    asked.unwrap_or_else(offered).clamp(1, MOST_THREADS)
}

fn say_schedule(schedule: &Schedule, planned: &Planned<'_>, console: Console) {
    let lang = console.lang;
    let visits: usize = schedule.routes.iter().map(|r| r.visits.len()).sum();
    let team_days = schedule.cost.team_days;
    let minutes = (schedule.cost.travel + 59) / 60;
    let (hours, minutes) = (minutes / 60, minutes % 60);
    if let (Some(first), Some(last)) = (schedule.routes.first(), schedule.routes.last()) {
        let (first, last) = (first.day, last.day);
        console.line(&both!(
            lang,
            "日程：{visits}家，{team_days}个组日，{first}至{last}，行车共{hours}小时{minutes}分",
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

/// How evenly the crews' days are spread; nothing where nobody goes anywhere.
fn spread(view: &View<'_>, planned: &Planned<'_>, lang: Lang) -> Option<String> {
    if planned.schedule.routes.is_empty() || (view.spreads.is_empty() && !view.fixed_teams()) {
        return None;
    }
    if view.fixed_teams() {
        let fixed = lang.pick(
            "人员：小组由人工固定，由抽签确定各路线由哪个小组承担",
            "crews: teams are fixed by hand; the lot says which of them takes which route",
        );
        return Some(fixed.to_owned());
    }
    let widest = view.spreads.iter().map(|s| s.spread).max().unwrap_or(0);
    let best = view.spreads.iter().map(|s| s.best).max().unwrap_or(0);
    Some(both!(
        lang,
        "人员：随机组合，同一驻地、同样在岗的人员出勤天数最多相差{widest}天（最少可为{best}天）",
        "crews: by lot; the days of inspectors with the same base and availability differ by at most {widest} (at best {best})"
    ))
}

/// Says how evenly the crews' days are spread, and which routes have no crew.
fn say_crews(view: &View<'_>, planned: &Planned<'_>, console: Console) {
    let lang = console.lang;
    if let Some(line) = spread(view, planned, lang) {
        console.line(&line);
    }
    let restrictions = planned.prepared.restrictions.len();
    if restrictions > 0 {
        console.line(&both!(
            lang,
            "为使每条路线都有可去的人员，调整了{restrictions}处安排（restrictions.json列明原因）",
            "so that every route finds a crew, {restrictions} placements were ruled out (restrictions.json says why)"
        ));
    }
    view.shortages.iter().for_each(|line| console.line(line));
}

/// Says why visits are left out, and what would make them fit.
fn diagnose(planned: &Planned<'_>, settings: &Settings, console: Console) -> Result<Option<Diagnosis>, Refusal> {
    let clock = Clock::start(None, console.bar(console.lang.pick("诊断", "diagnosis")), console.lang);
    let diagnosis = diagnosis::seek(planned, settings, &clock).map_err(refuse);
    clock.finish();
    diagnosis
}
