//! `hecha seal`: frame and rules fixed before the seed is known.

use serde_json::json;

use super::args::SealArgs;
use super::console::Console;
use super::draw::{inputs_of, meets_notice, out_folder, say_low_rate};
use super::{Answer, Refusal, finding_json, left_out_json, output};
use crate::plan;
use crate::text::both;

pub(super) fn run(args: &SealArgs, console: Console) -> Result<Answer, Refusal> {
    let mut inputs = inputs_of(&args.tables)?;
    let plan = &mut inputs.plan;
    plan.draw = args.draw.clone().or(plan.draw.take());
    plan.seed_source = args.seed_source.clone().or(plan.seed_source.take());
    let (read, seal) = plan::seal(&inputs).map_err(|e| Box::new(e) as Refusal)?;
    let sources = &args.tables.applicants;
    let out = args.out.out.clone().unwrap_or_else(|| format!("{}-seal", seal.draw).into());
    let out_args = super::args::OutArgs { out: Some(out), force: args.out.force };
    let out = out_folder(&out_args, &seal.draw, sources, console)?;
    let documents = plan::seal_documents(&read, &seal, console.lang);
    let fingerprint = output::write_with_sums(&out, &documents, args.out.force, sources, console)?;
    console.result(&json!({
        "out": out, "fingerprint": fingerprint, "seal": seal,
        "findings": read.frame.findings.iter().map(finding_json).collect::<Vec<_>>(),
        "findings_left_out": left_out_json(&read.frame.findings),
    }));
    let (n, digest, shown) = (seal.applicants, &seal.frame_digest, out.display());
    console.line(&both!(
        console.lang,
        "已封存：申报{n}家，抽样框指纹 {digest}\n{shown} 中的公告请在种子产生之前发布；抽取时在 plan.toml 写 seal = \"{shown}/seal.json\"（相对于 plan.toml 所在目录的路径）",
        "sealed: {n} applicants, frame digest {digest}\npublish the announcement in {shown} before the seed is known; then draw with seal = \"{shown}/seal.json\" in plan.toml (a path relative to it)"
    ));
    say_low_rate(&read, console);
    Ok(if meets_notice(&read) { Answer::Yes } else { Answer::No })
}
