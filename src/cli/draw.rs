//! `hecha draw`: the sample alone.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use super::args::{DrawArgs, OutArgs, TableArgs};
use super::console::{Console, table};
use super::{Answer, Refusal, finding_json, left_out_json, output};
use crate::draw::{Rate, Reserves, SampleRecord, Scope, Selected};
use crate::frame::Level;
use crate::inputs::{Folder, Inputs, plan_of_tables};
use crate::plan::{self, Drawn, PlanError, Read};
use crate::settings::share;
use crate::text::both;

/// The notice where none is named.
const DEFAULT_NOTICE: &str = "jiangsu-2022-46";

/// What `--json` prints; a sample of any size is printed line by line.
#[derive(Serialize)]
struct Outcome<'a> {
    out: &'a Path,
    fingerprint: &'a str,
    meets_notice: bool,
    findings: Vec<Value>,
    findings_left_out: Value,
    sample: SampleRecord<Selected<'a>, Reserves<'a>>,
}

pub(super) fn run(args: &DrawArgs, console: Console) -> Result<Answer, Refusal> {
    let mut inputs = inputs_of(&args.tables)?;
    let plan = &mut inputs.plan;
    plan.draw = args.draw.clone().or(plan.draw.take());
    plan.seed = args.seed.clone().or(plan.seed.take());
    plan.seed_source = args.seed_source.clone().or(plan.seed_source.take());
    if let Some(seal) = &args.seal {
        let path =
            |p: &Path| std::path::absolute(p).unwrap_or_else(|_| p.to_owned()).to_string_lossy().into_owned();
        inputs
            .put_under_seal(&path(seal), args.changes.as_deref().map(path), &Folder(PathBuf::new()))
            .map_err(|e| Box::new(e) as Refusal)?;
    }
    let drawn = plan::draw(&inputs).map_err(|e| Box::new(e) as Refusal)?;
    let sources = &args.tables.applicants;
    let out = out_folder(&args.out, &drawn.record.draw, sources, console)?;
    let documents = plan::draw_documents(&inputs, &drawn, console.lang);
    let fingerprint = output::write_with_sums(&out, &documents, args.out.force, sources, console)?;
    if console.json {
        console.result(&Outcome {
            out: &out,
            fingerprint: &fingerprint,
            meets_notice: meets_notice(&drawn.read),
            findings: drawn.read.frame.findings.iter().map(finding_json).collect(),
            findings_left_out: left_out_json(&drawn.read.frame.findings),
            sample: drawn.whole_record(),
        });
    }
    say_sample(&drawn, console);
    say_written(&out, &fingerprint, drawn.record.seal.is_some(), console);
    Ok(if meets_notice(&drawn.read) { Answer::Yes } else { Answer::No })
}

/// The plan behind APPLICANTS, with what the options say otherwise.
pub(super) fn inputs_of(args: &TableArgs) -> Result<Inputs, Refusal> {
    for (option, text) in [("--rate", &args.rate), ("--reserves", &args.reserves)] {
        if let Some(text) = text {
            share(option, text).map_err(|e| Box::new(e) as Refusal)?;
        }
    }
    let first = &args.applicants[0];
    let is_plan = first.is_dir() || first.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml"));
    let mut inputs = if is_plan && args.applicants.len() == 1 && args.exclude.is_none() && args.notice.is_none() {
        gather(first)?
    } else if is_plan {
        return Err(Box::new(PlanError::Unsupported(
            "给出plan.toml时不能再给其他表格、--exclude或--notice；请写在plan.toml里",
            "with a plan.toml no further tables, --exclude or --notice can be given; put them into plan.toml",
        )));
    } else {
        let path = |p: &Path| p.to_string_lossy().into_owned();
        let notice = args.notice.as_deref().unwrap_or(DEFAULT_NOTICE);
        let mut plan = plan_of_tables(notice, args.applicants.iter().map(|p| path(p)).collect());
        plan.exclude = args.exclude.as_deref().map(path);
        Inputs::of_plan(plan, &Folder(PathBuf::new())).map_err(|e| Box::new(e) as Refusal)?
    };
    let plan = &mut inputs.plan;
    plan.city = args.city.clone().or(plan.city.take());
    plan.sheet = args.sheet.clone().or(plan.sheet.take());
    plan.sample.rate = args.rate.clone().or(plan.sample.rate.take());
    plan.sample.reserves = args.reserves.clone().or(plan.sample.reserves.take());
    plan.sample.minimum = args.minimum.or(plan.sample.minimum);
    plan.sample.scope = match args.scope.as_deref() {
        Some("county") => Some(Scope::County),
        Some(_) => Some(Scope::City),
        None => plan.sample.scope,
    };
    Ok(inputs)
}

/// Gathers the inputs of a plan file or of the folder that has one.
pub(super) fn gather(path: &Path) -> Result<Inputs, Refusal> {
    let (folder, name) = if path.is_dir() {
        (path.to_owned(), "plan.toml".to_owned())
    } else {
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        (path.parent().map(Path::to_owned).unwrap_or_default(), name)
    };
    Inputs::gather(&Folder(folder), &name).map_err(|e| Box::new(e) as Refusal)
}

/// The folder to write, checked before any work is done; repairs what a crash left.
pub(super) fn out_folder(
    args: &OutArgs,
    draw: &str,
    inputs: &[PathBuf],
    console: Console,
) -> Result<PathBuf, Refusal> {
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(draw));
    output::ready(&out, args.force, inputs, console)?;
    Ok(out)
}

/// Whether the rate is the notice's at least.
pub(super) fn meets_notice(read: &Read) -> bool {
    Rate::parse(&read.notice.check.rate).is_ok_and(|least| read.rules.rate.at_least(&least))
}

/// Says so where the rate is below the notice's.
pub(super) fn say_low_rate(read: &Read, console: Console) {
    if !meets_notice(read) {
        let (rate, least) = (&read.rules.rate, &read.notice.check.rate);
        console.line(&both!(
            console.lang,
            "注意：抽查比例{rate}低于通知要求的{least}",
            "note: the rate {rate} is below the notice's {least}"
        ));
    }
}

pub(super) fn say_sample(drawn: &Drawn, console: Console) {
    let lang = console.lang;
    let record = &drawn.record;
    let title = drawn.read.notice.title(lang);
    let SampleRecord { draw, city, required, rate, .. } = record;
    let n = record.frame.applicants;
    let (selected, targeted) = drawn.draw.counts();
    console.line(&both!(
        lang,
        "{city} · {title}\n抽签编号 {draw}：申报{n}家，按{rate}应查至少{required}家，本次核查{selected}家（其中必查{targeted}家）",
        "{city} · {title}\ndraw {draw}: {n} applicants, {rate} requires at least {required}, {selected} to be checked ({targeted} of them targeted)",
    ));
    let mut rows = vec![
        [
            ("县区", "county"),
            ("星级", "star"),
            ("申报", "applied"),
            ("可抽", "drawable"),
            ("抽取", "selected"),
            ("备选", "reserves"),
            ("截止抽签号", "cut-off"),
        ]
        .map(|(zh, en)| lang.pick(zh, en).to_owned())
        .to_vec(),
    ];
    for s in &record.strata {
        rows.push(vec![
            s.county.clone().unwrap_or_else(|| lang.pick("全市", "city").to_owned()),
            s.star.to_string(),
            s.applicants.to_string(),
            s.drawable.to_string(),
            s.selected.to_string(),
            s.reserves.to_string(),
            s.cutoff.as_deref().map_or("—".to_owned(), |c| format!("{}…", &c[..12])),
        ]);
    }
    for line in table(&rows) {
        console.line(&line);
    }
    for s in record.strata.iter().filter(|s| s.applicants == 0) {
        let star = s.star;
        console.line(&both!(lang, "{star}星没有申报企业", "nobody applied for {star} stars"));
    }
    say_low_rate(&drawn.read, console);
    say_findings(drawn, console);
}

fn say_findings(drawn: &Drawn, console: Console) {
    let count = |level: Level| drawn.read.frame.findings.count(level);
    let (broken, notes, cleaned) = (count(Level::Broken), count(Level::Note), count(Level::Cleaned));
    if broken + notes + cleaned > 0 {
        console.line(&both!(
            console.lang,
            "读表：不符合通知{broken}处，提示{notes}处，已规整{cleaned}处（hecha check 可逐条列出，均不影响抽取）",
            "tables: {broken} broken rules, {notes} notes, {cleaned} cells cleaned (hecha check lists them; none changes the draw)"
        ));
    }
}

pub(super) fn say_written(out: &Path, fingerprint: &str, sealed: bool, console: Console) {
    let out = out.display();
    console.line(&both!(
        console.lang,
        "已写入 {out}（指纹 {fingerprint}）",
        "written to {out} (fingerprint {fingerprint})"
    ));
    console.line(if sealed {
        console.lang.pick(
            "本次抽取符合事先封存的抽样框和规则（变更均有原因）",
            "the draw stands under its seal, with a reason for every change",
        )
    } else {
        console.lang.pick(
            "没有事先封存：本记录不能证明抽样框、抽签编号和种子的先后",
            "no seal: nothing here shows in which order frame, draw id and seed were fixed",
        )
    });
}
