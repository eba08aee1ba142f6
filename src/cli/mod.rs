//! The command line: clap declarations, one file per command, progress, exit codes. Known by no other room.
//!
//! Exit code 0: done and every check holds; 1: done, and the answer is no; 2: bad usage or bad input. One place prints
//! errors, here.

mod args;
mod assess;
mod check;
mod console;
mod coverage;
mod draw;
mod example;
mod help;
mod manual;
mod new;
mod output;
mod plan;
mod record;
mod replace;
mod replan;
mod seal;
mod simulate;
mod solve;
mod stamp;
mod status;
mod usage;
mod verify;
mod watch;

use std::process::ExitCode;

use clap::FromArgMatches;
use serde_json::{Value, json};

use crate::frame::{Findings, Level};
use crate::text::{Lang, Say};
use args::{Args, Command};
use console::Console;

/// The answer of a command that ran to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
}

/// Why a command did not run to its end; said in one or more lines.
type Refusal = Box<dyn Say>;

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let lang = args::language(std::env::args_os());
    let matches = match help::command(lang).try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            // Also --help and --version come this way; clap knows which stream and code they take.
            let words = error.to_string();
            let zh = error.use_stderr().then(|| usage::zh(&error)).flatten();
            if error.use_stderr() && std::env::args_os().any(|a| a == "--json") {
                let zh = zh.unwrap_or_else(|| format!("用法有误：{words}"));
                Console::new(lang, true).result(&json!({"error": {"zh": zh, "en": words}}));
            } else if let Some(zh) = zh.filter(|_| lang == Lang::Zh) {
                Console::new(lang, false).error(&zh);
            } else {
                let _ = error.print();
            }
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let args = match Args::from_arg_matches(&matches) {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(2);
        }
    };
    let console = Console::new(args.lang.unwrap_or(lang), args.json);
    let answer = restore(&args.command, console).and_then(|()| run(&args.command, console));
    if answer.is_ok() && console::has_failed() {
        console.error(console.lang.pick(
            "无法写到标准输出（磁盘已满？），结果不完整",
            "standard output cannot be written (is the disk full?); what it has is not complete",
        ));
        return ExitCode::from(2);
    }
    match answer {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Err(why) => {
            if args.json {
                console.result(&json!({
                    "error": {"zh": why.say(Lang::Zh), "en": why.say(Lang::En)}, "errors": why.details(),
                }));
            } else {
                console.error(&why.say(console.lang));
            }
            ExitCode::from(2)
        }
    }
}

/// Puts right the folders that a command reads, where an earlier run was cut short while replacing them.
fn restore(command: &Command, console: Console) -> Result<(), Refusal> {
    let read = match command {
        Command::Plan(args) => std::slice::from_ref(&args.plan),
        Command::Check(args) => &args.tables.applicants,
        Command::Seal(args) => &args.tables.applicants,
        Command::Coverage(args) => &args.tables.applicants,
        Command::Draw(args) => &args.tables.applicants,
        Command::Verify(args) => std::slice::from_ref(&args.first),
        Command::Replace(args) => std::slice::from_ref(&args.dossier),
        Command::Record(args) => std::slice::from_ref(&args.dossier),
        Command::Replan(args) => std::slice::from_ref(&args.dossier),
        Command::Assess(args) => std::slice::from_ref(&args.dossier),
        Command::Simulate(args) => std::slice::from_ref(&args.dossier),
        Command::Status(args) => std::slice::from_ref(&args.dossier),
        _ => &[],
    };
    // A path such as `.` or `..` has no name, and what exists needs nothing.
    let missing = read.iter().filter(|path| path.file_name().is_some() && !path.exists());
    missing.into_iter().try_for_each(|path| output::restore(path, console))
}

fn run(command: &Command, console: Console) -> Result<Answer, Refusal> {
    match command {
        Command::Plan(args) => plan::run(args, console),
        Command::Check(args) => check::run(args, console),
        Command::Seal(args) => seal::run(args, console),
        Command::Coverage(args) => coverage::run(args, console),
        Command::Draw(args) => draw::run(args, console),
        Command::Solve(args) => solve::run(args, console),
        Command::Verify(args) => verify::run(args, console),
        Command::Replace(args) => replace::run(args, console),
        Command::Record(args) => record::run(args, console),
        Command::Replan(args) => replan::run(args, console),
        Command::Assess(args) => assess::run(args, console),
        Command::Status(args) => status::run(args, console),
        Command::Simulate(args) => simulate::run(args, console),
        Command::New(args) => new::run(args, console),
        Command::Example(args) => example::run(args, console),
        Command::Completions(args) => Ok(manual::completions(args, console)),
        Command::Man(args) => manual::pages(args, console),
    }
}

/// How many findings of each level are not listed, for machines.
fn left_out_json(findings: &Findings) -> Value {
    Level::ALL.into_iter().map(|level| (level.id().to_owned(), json!(findings.left_out(level)))).collect()
}

/// A finding for machines.
fn finding_json(finding: &crate::frame::Finding) -> Value {
    json!({
        "rule": finding.what.id(), "level": finding.level, "code": finding.code, "file": &*finding.place.file,
        "sheet": finding.place.sheet.as_deref(), "row": finding.place.row, "column": finding.place.column.as_deref(),
        "value": finding.value, "zh": finding.say(Lang::Zh), "en": finding.say(Lang::En),
    })
}
