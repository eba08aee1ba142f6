//! `hecha simulate`: how likely the plan holds.

use std::collections::BTreeSet;

use serde_json::json;

use super::args::SimulateArgs;
use super::console::Console;
use super::plan::threads;
use super::{Answer, Refusal};
use crate::dossier::folder;
use crate::draw::stream::Key;
use crate::followup::opened::Opened;
use crate::frame::CreditCode;
use crate::simulate::{plot, simulate};
use crate::text::{Say, both};

pub(super) fn run(args: &SimulateArgs, console: Console) -> Result<Answer, Refusal> {
    if let Some(path) = &args.out {
        folder::check_file(path, "<svg").map_err(|e| Box::new(e) as Refusal)?;
    }
    let opened = Opened::read(&args.dossier).map_err(|e| Box::new(e) as Refusal)?;
    let (rates, runs) = opened.inputs.plan.simulation().map_err(|e| Box::new(e) as Refusal)?;
    let runs = args.runs.unwrap_or(runs);
    let key = Key::of(&opened.record.draw, &opened.record.seed);
    let threads = threads(args.threads);
    let (problem, schedule) = opened.ahead().map_err(|e| Box::new(e) as Refusal)?;
    let visited: BTreeSet<CreditCode> = opened.visited().into_iter().collect();
    let open = |code: &CreditCode| visited.contains(code) && !opened.state.done(*code);
    // Nobody knows yet when those are made whose day has passed.
    let late = opened.late();
    let over = |id: &str| late.contains(id) || CreditCode::parse(id).is_ok_and(|(code, _)| !open(&code));
    let outcome = simulate(&problem, &schedule, &over, rates, key, runs, threads);
    let known: BTreeSet<&str> = problem.visits.iter().map(|visit| visit.id.as_str()).collect();
    let unplanned = visited
        .iter()
        .filter(|code| open(code) && (late.contains(code.as_str()) || !known.contains(code.as_str())))
        .count();
    if let Some(path) = &args.out {
        folder::write_file(path, plot(&outcome, console.lang).as_bytes()).map_err(|e| Box::new(e) as Refusal)?;
        let shown = path.display();
        console.line(&both!(console.lang, "图已写入 {shown}", "the picture is in {shown}"));
    }
    let nothing = console.lang.pick(
        "日程中没有尚待进行的核查，无可模拟",
        "no visit of the schedule is still to come: there is nothing to simulate",
    );
    console.line(&if outcome.deadlines.is_empty() { nothing.to_owned() } else { outcome.say(console.lang) });
    if unplanned > 0 {
        console.line(&both!(
            console.lang,
            "另有{unplanned}家逾期未查或尚未排入日程，不在模拟之内；请先运行 hecha replan",
            "{unplanned} more are late or not in the schedule, and so not in the simulation; run hecha replan first"
        ));
    }
    console.result(&json!({
        "revision": opened.state.revision, "simulation": outcome, "not_simulated": unplanned,
    }));
    Ok(Answer::Yes)
}
