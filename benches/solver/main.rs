//! Whole solves of invented problems, as a table: `cargo bench --bench solver -- [OPTIONS] VISITS…`.
//!
//! Three families. `core`: one base, two or more teams alike, no lunch, 2 to 4 visits a route. `full`: three bases, lunch,
//! an expert's skill, windows, days off, 2 to 5 visits a route. `mixed`: each problem of another make. The same family, size
//! and number always give the same problem; `--write DIR` keeps them, so that `hecha solve` and other engines can be given
//! the very same ones.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark that cannot go on has failed")]

mod mixed;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use hecha::draw::stream::{Generator, Key, SEARCH};
use hecha::routing::problem::Problem;
use hecha::routing::schedule::Stopped;
use hecha::routing::solve::{DEFAULT_EFFORT, Settings, Watch};
use hecha::{plan, verify};
use rand::RngExt;
use serde_json::{Value, json};

#[derive(Parser)]
struct Args {
    /// Numbers of visits; 100 without any
    visits: Vec<usize>,
    /// Which family of problems
    #[arg(long, value_enum, default_value = "full")]
    family: Family,
    /// Problems of each size
    #[arg(long, default_value_t = 1)]
    problems: u32,
    /// Number of the first problem
    #[arg(long, default_value_t = 1)]
    first: u32,
    /// Time limit of each solve, seconds; without it the effort decides
    #[arg(long)]
    seconds: Option<f64>,
    /// Effort of each solve
    #[arg(long, default_value_t = DEFAULT_EFFORT)]
    effort: u32,
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Solve these files instead of invented problems
    #[arg(long, num_args = 1..)]
    files: Vec<PathBuf>,
    /// Keeps problems and schedules in this directory
    #[arg(long)]
    write: Option<PathBuf>,
    /// Checks every schedule and its certificate, too
    #[arg(long)]
    check: bool,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Family {
    Core,
    Full,
    Mixed,
}

/// A clock that stops the solver at its limit.
struct Limit {
    start: Instant,
    limit: Option<Duration>,
}

impl Watch for Limit {
    fn stop(&self) -> Option<Stopped> {
        self.limit.is_some_and(|limit| self.start.elapsed() >= limit).then_some(Stopped::TimeLimit)
    }

    fn spent(&self) -> Option<f64> {
        Some(self.start.elapsed().as_secs_f64() / self.limit?.as_secs_f64())
    }

    fn left(&self) -> Option<Duration> {
        self.limit.map(|limit| limit.saturating_sub(self.start.elapsed()))
    }
}

fn main() {
    let args = Args::parse();
    println!("| problem | visits | left out | team-days | cost | bound | gap | time | check |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    if args.files.is_empty() {
        let sizes = if args.visits.is_empty() { vec![100] } else { args.visits.clone() };
        for n in sizes {
            for number in args.first..args.first + args.problems {
                let (name, file) = invent(args.family, n, number);
                solve(&args, &name, &serde_json::to_vec(&file).unwrap());
            }
        }
    }
    for path in &args.files {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        solve(&args, &name, &std::fs::read(path).unwrap());
    }
}

fn solve(args: &Args, name: &str, bytes: &[u8]) {
    let problem = Problem::from_json(bytes).unwrap();
    let limit = Limit { start: Instant::now(), limit: args.seconds.map(Duration::from_secs_f64) };
    let settings = Settings { seed: "bench".to_owned(), effort: args.effort, threads: args.threads, prove: true };
    let schedule = plan::solve(&problem, &settings, &limit);
    let json = schedule.to_json();
    let time = limit.start.elapsed().as_secs_f64();
    if let Some(dir) = &args.write {
        std::fs::create_dir_all(dir).unwrap();
        std::fs::write(dir.join(format!("{name}.json")), bytes).unwrap();
        std::fs::write(dir.join(format!("{name}.schedule.json")), &json).unwrap();
    }
    let start = Instant::now();
    if args.check {
        assert!(
            verify::schedule(bytes, json.as_bytes()).unwrap().holds(),
            "{name}: the schedule or its proof is wrong"
        );
    }
    let check = start.elapsed().as_secs_f64();
    let bound = schedule.bound.as_ref().unwrap();
    let cost = schedule.cost.total;
    println!(
        "| {name} | {} | {} | {} | {cost} | {} | {:.3} % | {time:.1} s | {check:.1} s |",
        problem.visits.len(),
        schedule.cost.unscheduled,
        schedule.cost.team_days,
        bound.value,
        (cost - bound.value) as f64 * 100.0 / cost as f64,
    );
}

/// An invented problem in the format of the problem file.
fn invent(family: Family, visits: usize, number: u32) -> (String, Value) {
    let label = match family {
        Family::Core => "core",
        Family::Full => "full",
        Family::Mixed => "mixed",
    };
    let name = format!("{label}-{visits}-{number}");
    let mut dice = Key::of("solver-bench", &name).generator(SEARCH);
    let days: Vec<String> = (0..35)
        .map(|day| chrono::NaiveDate::from_ymd_opt(2022, 3, 7).unwrap() + chrono::Days::new(day))
        .filter(|day| !matches!(chrono::Datelike::weekday(day), chrono::Weekday::Sat | chrono::Weekday::Sun))
        .map(|day| day.to_string())
        .collect();
    let full = match family {
        Family::Core => false,
        Family::Full => true,
        Family::Mixed => {
            let file = mixed::invent(&mut dice, &name, visits, &days);
            return (name, file);
        }
    };
    let (soon, late) = (22, days.len() - 1);

    // Places lie in and around a dozen towns, kilometres on a plane.
    let spread = |dice: &mut Generator, most: f64| {
        dice.random_range(-1.0..1.0_f64) * most * dice.random_range(0.0..1.0_f64)
    };
    let towns: Vec<(f64, f64)> =
        (0..12).map(|_| (dice.random_range(0.0..110.0), dice.random_range(0.0..110.0))).collect();
    let bases = if full { 3 } else { 1 };
    let mut places: Vec<(f64, f64)> = towns[..bases].to_vec();
    for _ in 0..visits {
        let (x, y) = towns[dice.random_range(0..towns.len())];
        places.push((x + spread(&mut dice, 22.0), y + spread(&mut dice, 22.0)));
    }
    let travel = travel(&mut dice, &places, (72.0, 180), full.then_some(0.05));
    let lines: Vec<Value> = (1..=visits)
        .map(|visit| {
            let tier = [3, 3, 3, 3, 3, 3, 3, 4, 4, 5][dice.random_range(0..10)];
            let service = if full { 3600 + (tier - 3) * 1800 } else { [5400, 7200, 10800][tier as usize - 3] };
            let off = if full && dice.random_range(0..9) == 0 {
                let first = dice.random_range(0..soon - 6);
                days[first..first + dice.random_range(2..6)].to_vec()
            } else {
                Vec::new()
            };
            let window = match dice.random_range(0..25) {
                0 if full => json!([[32400, 43200]]),
                1 if full => json!([[48600, 61200]]),
                _ => json!([]),
            };
            let skills = if full && tier == 5 { json!(["expert"]) } else { json!([]) };
            json!({
                "id": format!("V{visit}"), "lon": 119.2 + places[bases + visit - 1].0 / 94.0,
                "lat": 32.1 + places[bases + visit - 1].1 / 111.0, "tier": tier, "service": service,
                "deadline": days[if tier == 5 { late } else { soon }], "days_off": off, "windows": window,
                "skills": skills,
            })
        })
        .collect();
    // Enough team-days before the first deadline: routes hold three visits, or two where services are longer.
    let teams = visits.div_ceil(if full { 3 } else { 2 } * soon).max(bases + 1);
    let teams: Vec<Value> = (0..teams)
        .map(|team| {
            let skills = if full && team % 2 == 0 { json!(["expert"]) } else { json!([]) };
            let off = if full && team % 3 == 2 { days[4..6].to_vec() } else { Vec::new() };
            json!({
                "id": format!("T{}", team + 1), "base": format!("B{}", team % bases + 1), "skills": skills,
                "days_off": off, "max_visits": if full { 5 } else { 4 },
            })
        })
        .collect();
    let homes: Vec<Value> = (0..bases)
        .map(|base| {
            json!({"id": format!("B{}", base + 1), "lon": 119.2 + places[base].0 / 94.0, "lat": 32.1 + places[base].1 / 111.0})
        })
        .collect();
    let file = json!({
        "format": "hecha-problem/1", "name": name, "days": days, "shift": {"start": 32400, "end": 61200},
        "lunch": full.then(|| json!({"start": 43200, "end": 48600})), "bases": homes, "teams": teams,
        "visits": lines, "travel": travel, "cost": {"team_day": 28800, "travel": 1},
    });
    (name, file)
}

/// Seconds between places: so many a kilometre and for setting out, some more or less where ways bend, up to that part.
fn travel(
    dice: &mut Generator,
    places: &[(f64, f64)],
    (each, start): (f64, i64),
    bend: Option<f64>,
) -> Vec<Vec<i64>> {
    let mut leg = |from: &(f64, f64), to: &(f64, f64)| {
        let km = (from.0 - to.0).hypot(from.1 - to.1);
        let detour = bend.map_or(1.0, |bend| dice.random_range(1.0 - bend..1.0 + bend));
        if km > 0.0 { (km * each * detour) as i64 + start } else { 0 }
    };
    places.iter().map(|from| places.iter().map(|to| leg(from, to)).collect()).collect()
}
