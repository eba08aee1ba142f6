//! Reading `problem.json`: what the file says is checked field by field, and ids become indices.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;

use super::{
    FORMAT, MAX_ITEMS, MAX_SLOTS, Planned, Problem, ProblemError, ProblemFault, ProblemFile, SpanFile, Team,
    Visit, VisitFile,
};
use crate::routing::json;

/// Latest time and longest travel, seconds (about three years).
const MAX_SECONDS: i64 = 100_000_000;
/// Largest cost coefficient: integers up to here survive every JSON reader.
const MAX_COST: i64 = (1 << 53) - 1;

impl Problem {
    /// Reads and checks `problem.json`.
    ///
    /// # Errors
    /// [`ProblemError`] with the path of the first field that is wrong.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ProblemError> {
        let mut problem = Self::new(json::read(bytes)?)?;
        problem.sha256 = crate::digest::sha256_hex(bytes);
        Ok(problem)
    }

    /// Checks a problem; `sha256` stays empty.
    ///
    /// # Errors
    /// [`ProblemError`] with the path of the first field that is wrong.
    pub fn new(file: ProblemFile) -> Result<Self, ProblemError> {
        if file.format != FORMAT {
            return fault("format", ProblemFault::Format(FORMAT, file.format));
        }
        for (list, n) in [
            ("days", file.days.len()),
            ("bases", file.bases.len()),
            ("teams", file.teams.len()),
            ("visits", file.visits.len()),
        ] {
            if n > MAX_ITEMS {
                return fault(list, ProblemFault::TooMany(n));
            }
        }
        if file.teams.len() * file.days.len() > MAX_SLOTS {
            return fault("teams", ProblemFault::TooManySlots(file.teams.len(), file.days.len()));
        }
        let mut days = file.days.clone();
        days.sort_unstable();
        if let Some(pair) = days.windows(2).find(|pair| pair[0] == pair[1]) {
            return fault("days", ProblemFault::Twice(pair[0].to_string()));
        }
        span("shift", file.shift)?;
        if let Some(lunch) = file.lunch {
            span("lunch", lunch)?;
        }
        for (name, value, least) in [
            ("team_day", file.cost.team_day, 0),
            ("travel", file.cost.travel, 0),
            ("unscheduled", file.cost.unscheduled, 0),
        ] {
            in_range(|| format!("cost.{name}"), value, least, MAX_COST)?;
        }
        let base_index = index("bases", file.bases.iter().map(|b| b.id.as_str()))?;
        let team_index = index("teams", file.teams.iter().map(|t| t.id.as_str()))?;
        index("visits", file.visits.iter().map(|v| v.id.as_str()))?;

        let mut teams = Vec::with_capacity(file.teams.len());
        for (at, team) in file.teams.iter().enumerate() {
            let off: BTreeSet<NaiveDate> = team.days_off.iter().copied().collect();
            let Some(base) = base_index.get(team.base.as_str()) else {
                return fault(format!("teams[{at}].base"), ProblemFault::Unknown(team.base.clone()));
            };
            teams.push(Team {
                id: team.id.clone(),
                base: *base,
                skills: team.skills.clone(),
                works: days.iter().map(|day| !off.contains(day)).collect(),
                max_visits: team.max_visits.map_or(usize::MAX, |n| n as usize),
            });
        }
        let mut visits = Vec::with_capacity(file.visits.len());
        for (at, visit) in file.visits.iter().enumerate() {
            visits.push(Self::visit(at, visit, &days, &team_index)?);
        }
        let nodes = file.bases.len() + file.visits.len();
        let travel = matrix(&file.travel, nodes)?;
        let problem = Self {
            name: file.name,
            days,
            shift: file.shift,
            lunch: file.lunch,
            bases: file.bases.into_iter().map(|b| b.id).collect(),
            teams,
            visits,
            cost: file.cost,
            placement: file.placement,
            sha256: String::new(),
            travel,
            nodes,
        };
        problem.check_sums()?;
        Ok(problem)
    }

    fn visit(
        at: usize,
        visit: &VisitFile,
        days: &[NaiveDate],
        team_index: &HashMap<&str, usize>,
    ) -> Result<Visit, ProblemError> {
        let path = |field: &str| format!("visits[{at}].{field}");
        in_range(|| path("service"), visit.service, 0, MAX_SECONDS)?;
        for (w, (from, to)) in visit.windows.iter().enumerate() {
            in_range(|| path(&format!("windows[{w}][0]")), *from, 0, MAX_SECONDS)?;
            in_range(|| path(&format!("windows[{w}][1]")), *to, 0, MAX_SECONDS)?;
            if from > to {
                return fault(path(&format!("windows[{w}]")), ProblemFault::Reversed(*from, *to));
            }
        }
        let team = |field: &str, id: &String| {
            team_index
                .get(id.as_str())
                .copied()
                .ok_or_else(|| ProblemError { path: path(field), what: ProblemFault::Unknown(id.clone()) })
        };
        let mut avoid = Vec::with_capacity(visit.avoid.len());
        for (a, id) in visit.avoid.iter().enumerate() {
            avoid.push(team(&format!("avoid[{a}]"), id)?);
        }
        avoid.sort_unstable();
        avoid.dedup();
        let planned = match &visit.planned {
            None if visit.pinned => return fault(path("pinned"), ProblemFault::PinnedUnplanned),
            None => None,
            Some(planned) => {
                in_range(|| path("planned.price_day"), planned.price_day, 0, MAX_COST)?;
                in_range(|| path("planned.price_team"), planned.price_team, 0, MAX_COST)?;
                Some(Planned {
                    day: days.iter().position(|day| *day == planned.day),
                    team: team("planned.team", &planned.team)?,
                    price_day: planned.price_day,
                    price_team: planned.price_team,
                })
            }
        };
        let off: BTreeSet<NaiveDate> = visit.days_off.iter().copied().collect();
        Ok(Visit {
            id: visit.id.clone(),
            tier: visit.tier,
            service: visit.service,
            deadline: visit.deadline,
            open: days
                .iter()
                .map(|day| !off.contains(day) && visit.deadline.is_none_or(|last| *day <= last))
                .collect(),
            windows: visit.windows.clone(),
            skills: visit.skills.clone(),
            avoid,
            planned,
            pinned: visit.pinned,
        })
    }

    /// Whether every possible cost stays within what a 64-bit sum can hold.
    fn check_sums(&self) -> Result<(), ProblemError> {
        if self.worst_cost() > i128::from(i64::MAX / 8) { fault("cost", ProblemFault::Overflow) } else { Ok(()) }
    }
}

fn fault<T>(path: impl Into<String>, what: ProblemFault) -> Result<T, ProblemError> {
    Err(ProblemError { path: path.into(), what })
}

fn in_range(path: impl Fn() -> String, n: i64, from: i64, to: i64) -> Result<(), ProblemError> {
    if (from..=to).contains(&n) { Ok(()) } else { fault(path(), ProblemFault::Range(n, from, to)) }
}

fn span(path: &str, span: SpanFile) -> Result<(), ProblemError> {
    in_range(|| format!("{path}.start"), span.start, 0, MAX_SECONDS)?;
    in_range(|| format!("{path}.end"), span.end, 0, MAX_SECONDS)?;
    if span.start >= span.end { fault(path, ProblemFault::Reversed(span.start, span.end)) } else { Ok(()) }
}

/// Refuses an id that occurs twice; the result finds the index of an id.
fn index<'a>(list: &str, ids: impl Iterator<Item = &'a str>) -> Result<HashMap<&'a str, usize>, ProblemError> {
    let mut out = HashMap::new();
    for (at, id) in ids.enumerate() {
        if out.insert(id, at).is_some() {
            return fault(format!("{list}[{at}].id"), ProblemFault::Twice(id.to_owned()));
        }
    }
    Ok(out)
}

fn matrix(rows: &[Vec<i64>], nodes: usize) -> Result<Vec<u32>, ProblemError> {
    if rows.len() != nodes {
        return fault("travel", ProblemFault::Length(nodes, rows.len()));
    }
    let mut out = Vec::with_capacity(nodes * nodes);
    for (r, row) in rows.iter().enumerate() {
        if row.len() != nodes {
            return fault(format!("travel[{r}]"), ProblemFault::Length(nodes, row.len()));
        }
        for (c, seconds) in row.iter().enumerate() {
            in_range(|| format!("travel[{r}][{c}]"), *seconds, 0, MAX_SECONDS)?;
            out.push(*seconds as u32);
        }
    }
    Ok(out)
}
