//! What can be typed.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::routing::solve::MAX_EFFORT;
use crate::simulate::MAX_RUNS;
use crate::text::Lang;

/// On-site checks by lot: a reproducible sample, a schedule, a dossier that anyone can recompute.
#[derive(Debug, Parser)]
#[command(name = "hecha", version = env!("HECHA_VERSION"))]
pub(super) struct Args {
    /// Language of everything that is printed or written for people
    #[arg(long, global = true, value_name = "zh|en")]
    pub(super) lang: Option<Lang>,
    /// Machine-readable results on standard output
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// The whole job: read, check, draw, schedule, write the dossier
    #[command(after_help = "hecha plan data/example -o out\nhecha plan --example -o out")]
    Plan(PlanArgs),
    /// Read applicants and check them against the notice; findings by row and rule
    #[command(after_help = "hecha check applicants.xlsx --city 苏州市")]
    Check(CheckArgs),
    /// Fix frame and rules before the seed is known; writes a text to publish
    #[command(after_help = "hecha seal applicants.xlsx --city 苏州市 --draw suzhou-2022-1 -o sealed")]
    Seal(SealArgs),
    /// Coverage of any list of checked enterprises against the notice
    #[command(after_help = "hecha coverage applicants.xlsx checked.csv --city 苏州市")]
    Coverage(CoverageArgs),
    /// The sample alone: frame.csv, sample.json, sample.csv, SHA256SUMS
    #[command(
        after_help = "hecha draw applicants.xlsx --city 苏州市 --draw suzhou-2022-1 --seed SSQ-2022025-03-07-12-18-25-31-09 -o sample"
    )]
    Draw(DrawArgs),
    /// Routes alone, from a problem file
    #[command(after_help = "hecha solve problem.json -o schedule.json")]
    Solve(SolveArgs),
    /// Re-derive and re-check a dossier, or a schedule against its problem
    #[command(after_help = "hecha verify out\nhecha verify problem.json schedule.json")]
    Verify(VerifyArgs),
    /// An enterprise leaves the sample, and the next reserve takes its place
    #[command(
        after_help = "hecha replace out --code 91320583MAC1JJUW8D --kind lost --reason 企业已停产 --evidence 说明.pdf"
    )]
    Replace(ReplaceArgs),
    /// Enter results of checks: a table, or one by its parts
    #[command(
        after_help = "hecha record out results.xlsx\nhecha record out --code 91320583MAC1JJUW8D --date 2022-03-08 --conclusion 通过 --inspectors H001,H002"
    )]
    Record(RecordArgs),
    /// Plan what is left anew from a day on, moving as few visits as possible
    #[command(
        after_help = "hecha replan out --from 2022-03-09 --absent H003:2022-03-09..2022-03-11 --reason 病假"
    )]
    Replan(ReplanArgs),
    /// What the results say of all applicants, with exact confidence bounds
    #[command(after_help = "hecha assess out")]
    Assess(AssessArgs),
    /// What is done, due and late, and whether the rest fits before the deadlines
    #[command(after_help = "hecha status out --today 2022-03-15")]
    Status(StatusArgs),
    /// How likely the plan holds, replayed with overruns, slow roads, absences and withdrawals
    #[command(after_help = "hecha simulate out --runs 1000 -o simulation.svg")]
    Simulate(SimulateArgs),
    /// An empty plan.toml with comments, and Excel templates to fill in
    #[command(after_help = "hecha new suzhou --city 苏州市")]
    New(NewArgs),
    /// Write a fictitious city to try things on
    #[command(after_help = "hecha example demo --city 南京市 --applicants 800 --seed 7")]
    Example(ExampleArgs),
    /// Completions of commands and options for a shell, on standard output
    #[command(
        after_help = "hecha completions bash > ~/.local/share/bash-completion/completions/hecha\nhecha completions powershell >> $PROFILE"
    )]
    Completions(CompletionsArgs),
    /// The manual page, on standard output, or all of them in a folder
    #[command(after_help = "hecha man | man -l -\nhecha man -o ~/.local/share/man/man1")]
    Man(ManArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct PlanArgs {
    /// plan.toml, or the folder that has it
    #[arg(value_name = "DIR|plan.toml", default_value = ".", conflicts_with = "example")]
    pub(super) plan: PathBuf,
    /// Use the fictitious city inside the program
    #[arg(long)]
    pub(super) example: bool,
    #[command(flatten)]
    pub(super) out: OutArgs,
    /// Threads of the search; the result does not depend on it
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,
}

#[derive(Debug, clap::Args)]
pub(super) struct OutArgs {
    /// Folder to write; ./<draw id> where left out
    #[arg(short, long = "out", value_name = "OUT")]
    pub(super) out: Option<PathBuf>,
    /// Replace an existing OUT, which is kept as OUT.previous
    #[arg(long)]
    pub(super) force: bool,
}

/// Tables, or a plan, and the rules that a plan would give.
#[derive(Debug, clap::Args)]
pub(super) struct TableArgs {
    /// plan.toml, its folder, or one or more tables
    #[arg(value_name = "APPLICANTS", required = true)]
    pub(super) applicants: Vec<PathBuf>,
    /// Embedded notice or path of one
    #[arg(long, value_name = "ID|FILE")]
    pub(super) notice: Option<String>,
    /// The city whose applicants these are
    #[arg(long)]
    pub(super) city: Option<String>,
    /// Sheet of a workbook that has several
    #[arg(long)]
    pub(super) sheet: Option<String>,
    /// Share to check, an exact decimal with %
    #[arg(long)]
    pub(super) rate: Option<String>,
    /// Where the rate holds: city or county
    #[arg(long, value_parser = ["city", "county"])]
    pub(super) scope: Option<String>,
    /// At least so many of every stratum
    #[arg(long, value_name = "N")]
    pub(super) minimum: Option<usize>,
    /// Share of each stratum's selected that is listed as reserves
    #[arg(long, value_name = "RATE")]
    pub(super) reserves: Option<String>,
    /// Table of enterprises that may not be drawn: code, reason
    #[arg(long, value_name = "FILE")]
    pub(super) exclude: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    pub(super) tables: TableArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct SealArgs {
    #[command(flatten)]
    pub(super) tables: TableArgs,
    /// Draw id: a-z, 0-9 and hyphen
    #[arg(long, value_name = "ID")]
    pub(super) draw: Option<String>,
    /// Where the seed will come from
    #[arg(long, value_name = "TEXT")]
    pub(super) seed_source: Option<String>,
    #[command(flatten)]
    pub(super) out: OutArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct CoverageArgs {
    #[command(flatten)]
    pub(super) tables: TableArgs,
    /// sample.json, or a table with a column of credit codes
    #[arg(value_name = "SAMPLE", required = true, last = false)]
    pub(super) sample: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct DrawArgs {
    #[command(flatten)]
    pub(super) tables: TableArgs,
    /// Draw id: a-z, 0-9 and hyphen
    #[arg(long, value_name = "ID")]
    pub(super) draw: Option<String>,
    /// Seed: digits, letters and hyphens, 12 to 128
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(super) seed: Option<String>,
    /// Where the seed comes from
    #[arg(long, value_name = "TEXT")]
    pub(super) seed_source: Option<String>,
    /// Seal that the draw stands under; its frame.csv lies beside it
    #[arg(long, value_name = "SEAL.json")]
    pub(super) seal: Option<PathBuf>,
    /// Differences from the seal, each with its reason: code, change, reason
    #[arg(long, value_name = "CHANGES.csv", requires = "seal")]
    pub(super) changes: Option<PathBuf>,
    #[command(flatten)]
    pub(super) out: OutArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct SolveArgs {
    /// Problem file (hecha-problem/1)
    #[arg(value_name = "PROBLEM.json")]
    pub(super) problem: PathBuf,
    /// Seed of the search
    #[arg(long, value_name = "TEXT", default_value = "hecha", allow_hyphen_values = true)]
    pub(super) seed: String,
    /// How hard to search: 0 construction only, 10 default, 100 ten times as long (default with a time limit)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=i64::from(MAX_EFFORT)))]
    pub(super) effort: Option<u32>,
    /// Stop after so many seconds, with the best schedule so far
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub(super) time_limit: Option<f64>,
    /// Threads; the result does not depend on it
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,
    /// File to write; standard output where left out
    #[arg(short, long = "out", value_name = "SCHEDULE.json")]
    pub(super) out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct VerifyArgs {
    /// Dossier, or problem file
    #[arg(value_name = "OUT|PROBLEM.json")]
    pub(super) first: PathBuf,
    /// Schedule of the problem file
    #[arg(value_name = "SCHEDULE.json")]
    pub(super) schedule: Option<PathBuf>,
}

/// Who writes a line of the journal, and when.
#[derive(Debug, clap::Args)]
pub(super) struct StampArgs {
    /// Who enters this; the name of the computer's user where left out
    #[arg(long, value_name = "NAME")]
    pub(super) who: Option<String>,
    /// When, such as 2022-03-09T09:30 (Beijing time); now where left out
    #[arg(long, value_name = "TIME")]
    pub(super) at: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct ReplaceArgs {
    /// Dossier
    #[arg(value_name = "OUT")]
    pub(super) dossier: PathBuf,
    /// Credit code of the enterprise
    #[arg(long, value_name = "CODE")]
    pub(super) code: String,
    /// ineligible: did not belong to the frame; lost: belongs to it and cannot be checked
    #[arg(long, value_parser = ["ineligible", "lost"])]
    pub(super) kind: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: String,
    /// File that shows it; its name and SHA-256 go on record
    #[arg(long, value_name = "FILE")]
    pub(super) evidence: Option<PathBuf>,
    #[command(flatten)]
    pub(super) stamp: StampArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct RecordArgs {
    /// Dossier
    #[arg(value_name = "OUT")]
    pub(super) dossier: PathBuf,
    /// Table of results: code, date, conclusion, findings, inspectors
    #[arg(value_name = "RESULTS", required_unless_present = "code", conflicts_with = "code")]
    pub(super) results: Option<PathBuf>,
    /// Credit code of the enterprise
    #[arg(long, value_name = "CODE", requires = "conclusion", requires = "date")]
    pub(super) code: Option<String>,
    /// Day of the check
    #[arg(long, value_name = "DATE")]
    pub(super) date: Option<String>,
    /// 通过, 不通过 or 未核查 (pass, fail, unchecked)
    #[arg(long, value_name = "TEXT")]
    pub(super) conclusion: Option<String>,
    /// What was found
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(super) findings: String,
    /// Ids of the inspectors; those of the plan where left out
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    pub(super) inspectors: Vec<String>,
    /// Why this takes the place of an earlier result that says otherwise
    #[arg(long, value_name = "TEXT")]
    pub(super) correction: Option<String>,
    #[command(flatten)]
    pub(super) stamp: StampArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct ReplanArgs {
    /// Dossier
    #[arg(value_name = "OUT")]
    pub(super) dossier: PathBuf,
    /// First day to plan anew
    #[arg(long, value_name = "DATE")]
    pub(super) from: String,
    /// An inspector who is away: id, colon, dates and ranges
    #[arg(long, value_name = "ID:DATES")]
    pub(super) absent: Vec<String>,
    /// An enterprise that cannot receive anybody: code, colon, dates and ranges
    #[arg(long, value_name = "CODE:DATES")]
    pub(super) unavailable: Vec<String>,
    /// A visit that keeps day and team
    #[arg(long, value_name = "CODE")]
    pub(super) pin: Vec<String>,
    /// An applicant to visit as well
    #[arg(long, value_name = "CODE")]
    pub(super) add: Vec<String>,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(super) reason: String,
    /// Threads of the search; the result does not depend on it
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,
    #[command(flatten)]
    pub(super) stamp: StampArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct AssessArgs {
    /// Dossier
    #[arg(value_name = "OUT")]
    pub(super) dossier: PathBuf,
    /// Count checks that are not finished as non-conforming
    #[arg(long)]
    pub(super) unfinished_fail: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct StatusArgs {
    /// Dossier
    #[arg(value_name = "OUT")]
    pub(super) dossier: PathBuf,
    /// The day it is
    #[arg(long, value_name = "DATE")]
    pub(super) today: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct SimulateArgs {
    /// Dossier
    #[arg(value_name = "OUT")]
    pub(super) dossier: PathBuf,
    /// Runs; as in plan.toml, else 1000, where left out
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_RUNS)))]
    pub(super) runs: Option<u32>,
    /// Threads; the result does not depend on it
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<usize>,
    /// Picture to write
    #[arg(short, long = "out", value_name = "PLOT.svg")]
    pub(super) out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct NewArgs {
    /// Folder to write
    #[arg(value_name = "DIR")]
    pub(super) dir: PathBuf,
    /// City of Jiangsu
    #[arg(long)]
    pub(super) city: String,
    /// Replace an existing DIR, which is kept as DIR.previous
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct ExampleArgs {
    /// Folder to write
    #[arg(value_name = "DIR")]
    pub(super) dir: PathBuf,
    /// City of Jiangsu
    #[arg(long, default_value = "苏州市")]
    pub(super) city: String,
    /// Number of applicants
    #[arg(long, value_name = "N", default_value_t = 412, value_parser = clap::value_parser!(u32).range(1..=200_000))]
    pub(super) applicants: u32,
    /// Another number gives another city
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,
    /// Replace an existing DIR, which is kept as DIR.previous
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "bash|zsh|fish|powershell|elvish", hide_possible_values = true)]
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, clap::Args)]
pub(super) struct ManArgs {
    /// Folder to write into: a page for the program and one for each command
    #[arg(short, long = "out", value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
}

/// The language for help and for errors in the arguments themselves: `--lang`, else the locale's.
pub(super) fn language(args: impl Iterator<Item = OsString>) -> Lang {
    let args: Vec<String> = args.map(|a| a.to_string_lossy().into_owned()).collect();
    let asked = args.iter().enumerate().find_map(|(at, arg)| match arg.strip_prefix("--lang") {
        Some("") => args.get(at + 1).cloned(),
        Some(rest) => rest.strip_prefix('=').map(str::to_owned),
        None => None,
    });
    match asked.and_then(|l| l.parse().ok()) {
        Some(lang) => lang,
        None => Lang::from_locale(sys_locale::get_locale().as_deref()),
    }
}
