//! `hecha replace`: an enterprise leaves the sample, and the next reserve takes its place.

use serde_json::json;

use super::args::ReplaceArgs;
use super::console::Console;
use super::stamp::{Wrong, code, say_head, stamp};
use super::{Answer, Refusal};
use crate::digest::sha256_hex;
use crate::draw::FileLine;
use crate::followup::journal::{Event, Kind};
use crate::followup::opened::Opened;
use crate::inputs::read_file;
use crate::table::clean;
use crate::text::both;

pub(super) fn run(args: &ReplaceArgs, console: Console) -> Result<Answer, Refusal> {
    let (at, who) = stamp(&args.stamp)?;
    let mut opened = Opened::write(&args.dossier).map_err(|e| Box::new(e) as Refusal)?;
    let code = code(&opened, "--code", &args.code)?;
    let kind = if args.kind == "lost" { Kind::Lost } else { Kind::Ineligible };
    let name = opened.name(code);
    let reason = clean::tidy(&args.reason);
    if reason.is_empty() {
        return Err(Wrong::refuse(|lang| both!(lang, "请用 --reason 写明原因", "--reason must say why")));
    }
    let state = &opened.state;
    let listed = opened.strata.iter().any(|s| s.line.contains(&code)) || opened.visited().contains(&code);
    if state.lost.contains(&code) || state.ineligible.contains(&code) {
        return Err(Wrong::refuse(|lang| both!(lang, "{name}已经退出样本", "{name} has left the sample already")));
    }
    if state.done(code) && kind == Kind::Lost {
        return Err(Wrong::refuse(|lang| {
            both!(
                lang,
                "{name}已有核查结论，不能再按无法核查处理；结论有误的，用 hecha record --correction 更正",
                "{name} was checked and cannot be lost; correct the result with hecha record --correction"
            )
        }));
    }
    if !listed {
        return Err(Wrong::refuse(|lang| {
            both!(
                lang,
                "{name}既未抽中也不在备选之列，无需替换",
                "{name} was neither selected nor is it a reserve; there is nothing to replace"
            )
        }));
    }
    let evidence = args.evidence.as_ref().map(|path| {
        let bytes = read_file(path).map_err(|e| Box::new(e) as Refusal)?;
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        Ok::<_, Refusal>(FileLine { name, sha256: sha256_hex(&bytes) })
    });
    let evidence = evidence.transpose()?;
    let before = opened.visited();
    let missing = |opened: &Opened| opened.strata.iter().map(|s| opened.state.quota(s).missing).sum::<usize>();
    let missing_before = missing(&opened);
    let event =
        |reserve| Event::Replace { code, kind, reason: reason.clone(), evidence: evidence.clone(), reserve };
    let mut after = opened.state.clone();
    after.take(&event(None));
    let reserve = after.visited(&opened.strata, &opened.targeted).into_iter().find(|code| !before.contains(code));
    opened.append(at, &who, event(reserve)).map_err(|e| Box::new(e) as Refusal)?;
    let short = missing(&opened) > missing_before;
    console.result(&json!({
        "code": code, "reserve": reserve, "supplementary_draw": short,
        "journal": {"lines": opened.journal.lines.len(), "head": opened.journal.head()},
    }));
    let lang = console.lang;
    match reserve {
        Some(reserve) => {
            let next = opened.name(reserve);
            console.line(&both!(
                lang,
                "{name}退出样本，由{next}（{reserve}）递补；请用 hecha replan 排入日程",
                "{name} leaves the sample, {next} ({reserve}) takes its place; hecha replan puts it into the schedule"
            ));
        }
        None if short => console.line(&both!(
            lang,
            "{name}退出样本，但该层已无备选企业。需补充抽取：换一个新的抽签编号和新的种子，只对该层其余企业运行 hecha draw（已抽取的列入 exclude），按其结果核查；不得沿用原编号和种子",
            "{name} leaves the sample and its stratum has no reserve left. A supplementary draw is needed: hecha draw with a new draw id and a new seed over the rest of the stratum (those drawn already listed under exclude); never the old id and seed again"
        )),
        None => console.line(&both!(lang, "{name}退出样本，无需递补", "{name} leaves the sample; nobody need take its place")),
    }
    say_head(&opened, console);
    Ok(if short { Answer::No } else { Answer::Yes })
}
