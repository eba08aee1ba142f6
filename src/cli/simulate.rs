//! `hecha simulate`: how likely the plan holds.

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
    let opened = Opened::read(&args.dossier).map_err(|e| Box::new(e) as Refusal)?;
    let (rates, runs) = opened.inputs.plan.simulation().map_err(|e| Box::new(e) as Refusal)?;
    let runs = args.runs.unwrap_or(runs);
    let key = Key::of(&opened.record.draw, &opened.record.seed);
    let threads = args.threads.unwrap_or_else(threads).max(1);
    let visited = opened.visited();
    let over = |id: &str| {
        CreditCode::parse(id).is_ok_and(|(code, _)| opened.state.done(code) || !visited.contains(&code))
    };
    let outcome = simulate(&opened.problem, &opened.schedule, &over, rates, key, runs, threads);
    if let Some(path) = &args.out {
        folder::write_file(path, plot(&outcome, console.lang).as_bytes()).map_err(|e| Box::new(e) as Refusal)?;
        let shown = path.display();
        console.line(&both!(console.lang, "图已写入 {shown}", "the picture is in {shown}"));
    }
    console.line(&outcome.say(console.lang));
    console.result(&json!({"revision": opened.state.revision, "simulation": outcome}));
    Ok(Answer::Yes)
}
