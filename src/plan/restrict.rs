//! What the solver learns from days on which no crew could go.
//!
//! Routes are planned for interchangeable teams, so routes of one base and day can each be possible and together find no
//! crews: too many of its inspectors are away, recused, or of a visited county. Then one of the visits is kept off that
//! day (or, where that happens again and again, away from that base), the problem is solved again, and so on. Each such
//! restriction is recorded with the routes that made it necessary, so that anyone can check that they had no crews.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Drawn, PlanError, Prepared, crews, problem_json, rules, solve, tasks};
use crate::crews::{self as lot, Bar, Crews, Earlier, Rules, Shortage, Task};
use crate::frame::Applicant;
use crate::roster::Inspector;
use crate::routing::problem::{Problem, ProblemFile};
use crate::routing::schedule::Schedule;
use crate::routing::solve::{Settings as SolveSettings, Watch};
use crate::text::{Lang, both};
use crate::travel::Matrix;

/// File of a dossier; only where there are any.
pub const FILE: &str = "restrictions.json";
/// Name of the format.
const FORMAT: &str = "hecha-restrictions/1";
/// Short searches without a proof while restrictions are gathered, and whole ones.
const MOST_SKETCHES: usize = 200;
const MOST_ROUNDS: usize = 6;
/// After so many days at one base a visit is kept away from the base.
const DAYS_AT_A_BASE: usize = 3;

/// One visit kept off a day or away from a base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restriction {
    /// The visit's credit code.
    pub visit: String,
    /// The base whose inspectors did not suffice.
    pub base: String,
    /// The day on which they did not.
    pub day: NaiveDate,
    /// Whether the visit is kept away from the base on all days, and not off that day alone.
    pub for_good: bool,
    /// The routes that together found no crews, as credit codes; the visit is one of them.
    pub routes: Vec<Vec<String>>,
}

/// `restrictions.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RestrictionsFile {
    format: String,
    restrictions: Vec<Restriction>,
}

/// Reads `restrictions.json`.
///
/// # Errors
/// The parser's words.
pub fn from_json(bytes: &[u8]) -> Result<Vec<Restriction>, String> {
    let file: RestrictionsFile = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    if file.format == FORMAT { Ok(file.restrictions) } else { Err("format".to_owned()) }
}

/// `restrictions.json`.
///
/// # Panics
/// Never: string keys only.
#[must_use]
pub fn to_json(restrictions: &[Restriction]) -> String {
    let file = RestrictionsFile { format: FORMAT.to_owned(), restrictions: restrictions.to_vec() };
    serde_json::to_string_pretty(&file).expect("string keys") + "\n"
}

/// Puts restrictions into a compiled problem.
pub(super) fn apply(file: &mut ProblemFile, restrictions: &[Restriction]) {
    let mut teams: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for team in &file.teams {
        teams.entry(&team.base).or_default().push(&team.id);
    }
    for visit in &mut file.visits {
        for restriction in restrictions.iter().filter(|r| r.visit == visit.id) {
            if restriction.for_good {
                let barred = teams.get(restriction.base.as_str()).into_iter().flatten();
                let barred: Vec<String> = barred
                    .filter(|team| !visit.avoid.iter().any(|a| a == *team))
                    .map(|t| (*t).to_owned())
                    .collect();
                visit.avoid.extend(barred);
            } else if !visit.days_off.contains(&restriction.day) {
                visit.days_off.push(restriction.day);
            }
        }
        visit.days_off.sort_unstable();
    }
}

/// A schedule with its crews.
#[derive(Debug)]
pub struct Manned {
    /// `problem.json`.
    pub problem_json: Vec<u8>,
    /// The same, read.
    pub problem: Problem,
    /// The schedule.
    pub schedule: Schedule,
    /// Its crews.
    pub crews: Crews,
    /// Routes for which nothing helped.
    pub shortages: Vec<Shortage>,
}

/// Solves the plan's problem so that every route finds a crew, and records in `prepared` what had to be restricted.
///
/// # Errors
/// [`PlanError`] where the problem cannot be compiled.
pub fn man(
    drawn: &Drawn,
    prepared: &mut Prepared,
    travel: &Matrix,
    settings: &SolveSettings,
    watch: &dyn Watch,
) -> Result<Manned, PlanError> {
    let mut rounds = 0;
    loop {
        rounds += 1;
        let manned = round(drawn, prepared, travel, settings, watch)?;
        if manned.shortages.is_empty() || rounds == MOST_ROUNDS || !learn(prepared, &manned) {
            return Ok(manned);
        }
        let sketch = SolveSettings { effort: 0, prove: false, ..settings.clone() };
        for _ in 0..MOST_SKETCHES {
            let manned = round(drawn, prepared, travel, &sketch, watch)?;
            if manned.shortages.is_empty() || !learn(prepared, &manned) {
                break;
            }
        }
    }
}

fn round(
    drawn: &Drawn,
    prepared: &Prepared,
    travel: &Matrix,
    settings: &SolveSettings,
    watch: &dyn Watch,
) -> Result<Manned, PlanError> {
    let problem_json = problem_json(drawn, prepared, travel)?;
    let problem = Problem::from_json(&problem_json)?;
    let schedule = solve(&problem, settings, watch);
    let (crews, shortages) = crews(drawn, prepared, &problem, &schedule);
    Ok(Manned { problem_json, problem, schedule, crews, shortages })
}

/// Adds one restriction for each shortage; false if none could be found.
fn learn(prepared: &mut Prepared, manned: &Manned) -> bool {
    let Manned { problem, schedule, .. } = manned;
    let tasks = tasks(&prepared.visits, problem, schedule);
    let found: Vec<Restriction> =
        manned.shortages.iter().filter_map(|shortage| restriction(prepared, problem, &tasks, shortage)).collect();
    let learned = !found.is_empty();
    drop(tasks);
    prepared.restrictions.extend(found);
    learned
}

/// Keeps off that visit which has the most other days, of those without which the crews are found.
fn restriction(
    prepared: &Prepared,
    problem: &Problem,
    tasks: &[Task<'_>],
    shortage: &Shortage,
) -> Option<Restriction> {
    let first = &tasks[*shortage.routes.first()?];
    let routes: Vec<Task<'_>> = shortage.routes.iter().map(|at| tasks[*at].clone()).collect();
    let rules = rules(&prepared.settings);
    let visits: BTreeMap<&str, &crate::routing::problem::Visit> =
        problem.visits.iter().map(|v| (v.id.as_str(), v)).collect();
    let day = problem.days.iter().position(|d| *d == first.day)?;
    let mut best = None;
    for (nth, route) in routes.iter().enumerate() {
        for place in 0..route.visits.len() {
            let code = route.visits[place].0;
            let Some(visit) = visits.get(code.as_str()) else { continue };
            let index = problem.visits.iter().position(|v| v.id == visit.id)?;
            let elsewhere = |base: Option<&str>, not: Option<usize>| {
                (0..problem.days.len())
                    .filter(|d| Some(*d) != not)
                    .filter(|d| {
                        let team = |t: usize| {
                            base.is_none_or(|base| problem.bases[problem.teams[t].base] != base)
                                && problem.allows(index, t, *d)
                        };
                        (0..problem.teams.len()).any(team)
                    })
                    .count()
            };
            let before = prepared.restrictions.iter().filter(|r| r.visit == visit.id && r.base == first.base);
            let other_bases = elsewhere(Some(first.base), None);
            // What one route cannot hold by itself, it can hold on no other day either.
            let days = if routes.len() == 1 { 1 } else { DAYS_AT_A_BASE };
            let for_good = before.count() >= days && other_bases > 0;
            let left = if for_good { other_bases } else { elsewhere(None, Some(day)) };
            if left == 0 {
                continue;
            }
            let mut without = routes.clone();
            without[nth].visits.remove(place);
            without.retain(|route| !route.visits.is_empty());
            let helps = admit(&without, &prepared.roster.inspectors, rules);
            let key = (helps, left, std::cmp::Reverse(code));
            if best.as_ref().is_none_or(|(other, _)| key > *other) {
                best = Some((key, for_good));
            }
        }
    }
    let ((_, _, std::cmp::Reverse(code)), for_good) = best?;
    Some(Restriction {
        visit: code.to_string(),
        base: first.base.to_owned(),
        day: first.day,
        for_good,
        routes: routes.iter().map(|r| r.visits.iter().map(|(code, _)| code.to_string()).collect()).collect(),
    })
}

/// Whether routes of one base and day find crews.
fn admit(routes: &[Task<'_>], inspectors: &[Inspector], rules: Rules) -> bool {
    lot::assign("", routes, inspectors, rules, Earlier::default()).1.is_empty()
}

/// Says which routes found no crew, and for each inspector of the base why not.
#[must_use]
pub fn shortage_lines(
    shortage: &Shortage,
    tasks: &[Task<'_>],
    visits: &[Applicant],
    inspectors: &[Inspector],
    rules: Rules,
    lang: Lang,
) -> Vec<String> {
    let names: BTreeMap<&str, &str> = visits.iter().map(|a| (a.code.as_str(), a.name.as_str())).collect();
    let Some(first) = shortage.routes.first().map(|at| &tasks[*at]) else { return Vec::new() };
    let (day, base, crew) = (first.day, first.base, rules.crew);
    let n = shortage.routes.len();
    let mut lines = vec![both!(
        lang,
        "{day} {base}有{n}条路线凑不齐人员（每组{crew}人）：",
        "{day}, {base}: {n} routes find no crews of {crew}:"
    )];
    let separator = lang.pick("、", ", ");
    for at in &shortage.routes {
        let task = &tasks[*at];
        let list: Vec<&str> =
            task.visits.iter().map(|(c, _)| names.get(c.as_str()).copied().unwrap_or("")).collect();
        let (list, team) = (list.join(separator), task.team);
        let mut barred: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        let mut free = 0;
        for inspector in inspectors.iter().filter(|i| i.base == base) {
            let why = match rules.bar(inspector, task) {
                None => {
                    free += 1;
                    continue;
                }
                Some(Bar::OtherBase) => continue,
                Some(Bar::Away) => lang.pick("当天不在", "away").to_owned(),
                Some(Bar::OwnCounty(code)) => {
                    let name = names.get(code.as_str()).copied().unwrap_or("");
                    both!(lang, "{name}在本县（市、区）", "{name} lies in the own county")
                }
                Some(Bar::Recused(code)) => {
                    let name = names.get(code.as_str()).copied().unwrap_or("");
                    both!(lang, "回避{name}", "recused from {name}")
                }
            };
            barred.entry(why).or_default().insert(&inspector.name);
        }
        let barred: Vec<String> = barred
            .into_iter()
            .map(|(why, who)| {
                let who = who.into_iter().collect::<Vec<_>>().join(separator);
                both!(lang, "{who}（{why}）", "{who} ({why})")
            })
            .collect();
        let barred =
            if barred.is_empty() { lang.pick("无", "nobody").to_owned() } else { barred.join(separator) };
        let expert = if task.expert { lang.pick("，须有专家", ", an expert is needed") } else { "" };
        lines.push(both!(
            lang,
            "  {team}：{list}（{free}人可去{expert}；不能去的：{barred}）",
            "  {team}: {list} ({free} may go{expert}; barred: {barred})"
        ));
    }
    lines
}
