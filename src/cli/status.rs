//! `hecha status`: what is done, due and late, and whether the rest fits before the deadlines.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde_json::json;

use super::args::StatusArgs;
use super::console::Console;
use super::stamp::{date, now, say_more};
use super::{Answer, Refusal};
use crate::compile;
use crate::followup::opened::{Going, Opened};
use crate::followup::revise;
use crate::frame::CreditCode;
use crate::plan::{self, PlanError, Prepared};
use crate::text::both;

/// Most enterprises of a kind listed on the screen.
const MOST_SHOWN: usize = 50;

/// What is left before one last visit day.
struct Deadline {
    last: NaiveDate,
    stars: Vec<u8>,
    /// Visits with this or an earlier last day that are not done.
    open: usize,
    /// Of them those without a day from today on.
    unplaced: usize,
    /// Routes planned from today to the last day.
    planned: usize,
    /// Team-days from today to the last day.
    available: usize,
    /// Working days from today to the last day.
    days: usize,
}

impl Deadline {
    /// Team-days that the unplaced visits need beyond those planned, at the visits a route has on average.
    fn wanting(&self, visits_a_route: usize) -> usize {
        self.unplaced.div_ceil(visits_a_route.max(1))
    }

    /// Whether the last day has passed and visits are left.
    fn missed(&self, today: NaiveDate) -> bool {
        self.open > 0 && self.last < today
    }

    fn at_risk(&self, visits_a_route: usize) -> bool {
        self.open > 0 && self.planned + self.wanting(visits_a_route) > self.available
    }
}

pub(super) fn run(args: &StatusArgs, console: Console) -> Result<Answer, Refusal> {
    let today = match &args.today {
        Some(text) => date("--today", text)?,
        None => now().date_naive(),
    };
    let opened = Opened::read(&args.dossier).map_err(|e| Box::new(e) as Refusal)?;
    let mut prepared = plan::prepare(&opened.inputs, &opened.drawn).map_err(|e| Box::new(e) as Refusal)?;
    let last_days = compile::last_visit_days(&opened.drawn.read.notice, &prepared.calendar, &prepared.settings)
        .map_err(|e| Box::new(PlanError::from(e)) as Refusal)?;
    let visited = opened.visited();
    let places = opened.standing.places();
    let open: Vec<CreditCode> = visited.iter().copied().filter(|code| !opened.state.done(*code)).collect();
    let day = |code: &CreditCode| places.get(code.as_str()).map(|route| route.line.day);
    let due: Vec<CreditCode> = open.iter().copied().filter(|c| day(c) == Some(today)).collect();
    let late: Vec<CreditCode> = open.iter().copied().filter(|c| day(c).is_some_and(|d| d < today)).collect();
    let unplanned: Vec<CreditCode> = open.iter().copied().filter(|c| day(c).is_none()).collect();
    let frame = &opened.drawn.read.frame;
    let last_of = |code: &CreditCode| {
        let star = frame.at(frame.position(*code)?).star();
        last_days.get(&star).copied()
    };
    let routes = opened.standing.routes.iter().filter(|route| !route.line.visits.is_empty()).count();
    let per_route = places.len().checked_div(routes).unwrap_or(1);
    let mut by_day: BTreeMap<NaiveDate, Vec<u8>> = BTreeMap::new();
    for (star, last) in &last_days {
        by_day.entry(*last).or_default().push(*star);
    }
    let capacity = capacity(&opened, &mut prepared, today, last_days.values().max().copied())?;
    let deadlines: Vec<Deadline> = by_day
        .into_iter()
        .map(|(last, stars)| {
            let within: Vec<CreditCode> =
                open.iter().copied().filter(|c| last_of(c).is_some_and(|l| l <= last)).collect();
            let ahead = |d: NaiveDate| (today..=last).contains(&d);
            // A route counts for this deadline only if it still has a visit of it.
            let needed: BTreeSet<(NaiveDate, &str)> = within
                .iter()
                .filter_map(|c| places.get(c.as_str()))
                .filter(|route| ahead(route.line.day))
                .map(|route| (route.line.day, route.line.team.as_str()))
                .collect();
            Deadline {
                last,
                stars,
                open: within.len(),
                unplaced: within.iter().filter(|c| day(c).is_none_or(|d| d < today)).count(),
                planned: needed.len(),
                available: capacity.range(..=last).map(|(_, teams)| teams).sum(),
                days: capacity.range(..=last).count(),
            }
        })
        .collect();
    let risk = deadlines.iter().find(|d| d.at_risk(per_route));
    let lang = console.lang;
    let (all, done) = (visited.len(), visited.len() - open.len());
    let (n_due, n_late, n_unplanned) = (due.len(), late.len(), unplanned.len());
    console.line(&both!(
        lang,
        "截至{today}：应查{all}家，完成{done}家，今日应查{n_due}家，逾期未查{n_late}家，尚未排入{n_unplanned}家",
        "{today}: {all} to check, {done} done, {n_due} due today, {n_late} late, {n_unplanned} not in the schedule"
    ));
    let missing: usize = opened.strata.iter().map(|stratum| opened.state.quota(stratum).missing).sum();
    if missing > 0 {
        console.line(&both!(
            lang,
            "另有{missing}个名额没有备选企业可递补，须另行补充抽取（新的抽签编号和种子）",
            "{missing} places have no reserve left to fill them: they need a supplementary draw with a new id and seed"
        ));
    }
    for (list, zh, en) in [(&due, "今日", "today"), (&late, "逾期", "late"), (&unplanned, "未排", "unplanned")]
    {
        for code in list.iter().take(MOST_SHOWN) {
            let when = day(code).map_or_else(String::new, |d| format!(" {d}"));
            console.line(&format!("  {}{when} {code} {}", lang.pick(zh, en), opened.name(*code)));
        }
        say_more(list.len().saturating_sub(MOST_SHOWN), console);
    }
    for d in &deadlines {
        let stars: Vec<String> = d.stars.iter().map(u8::to_string).collect();
        let stars = stars.join(lang.pick("、", ", "));
        let Deadline { last, open, planned, available, days, .. } = d;
        let wanting = match d.wanting(per_route) {
            0 => String::new(),
            more => both!(
                lang,
                "，逾期和未排的另需约{more}个",
                " and about {more} more for those late or without a day"
            ),
        };
        console.line(&both!(
            lang,
            "截至{last}应完成的（该日到期的是{stars}星）：余{open}家，已排{planned}个组日{wanting}；还有{days}个工作日、{available}个组日",
            "all due by {last} (that day: {stars} stars): {open} left, {planned} team-days planned{wanting}; {days} working days with {available} team-days remain"
        ));
    }
    match risk {
        Some(d) if d.missed(today) => {
            let (last, open) = (d.last, d.open);
            console.line(&both!(
                lang,
                "逾限：最后核查日{last}已过，仍有{open}家没有核查结论；已核查的请用 hecha record 登记，无法再查的请用 hecha replace --kind lost 登记",
                "too late: {last} has passed and {open} of the checks due by then have no result; enter results with hecha record, and those that can no longer be checked with hecha replace --kind lost"
            ));
        }
        Some(d) => {
            let last = d.last;
            console.line(&both!(
                lang,
                "风险：须在{last}（含）前完成的核查可能完不成，请运行 hecha replan，看余下的能否排完",
                "at risk: the checks due by {last} may not be finished; run hecha replan and see whether all still fit"
            ));
        }
        None if n_late + n_unplanned > 0 => console.line(lang.pick(
            "有逾期或未排入的企业，请运行 hecha replan",
            "some are late or not in the schedule; run hecha replan",
        )),
        None if missing > 0 => {}
        None => console.line(lang.pick("进度正常", "on schedule")),
    }
    console.result(&json!({
        "today": today, "to_check": all, "done": done, "due": due, "late": late, "unplanned": unplanned,
        "deadlines": deadlines.iter().map(|d| json!({
            "last_day": d.last, "stars": d.stars, "open": d.open, "team_days_planned": d.planned,
            "team_days_wanting": d.wanting(per_route), "team_days_left": d.available, "days_left": d.days,
            "at_risk": d.at_risk(per_route),
        })).collect::<Vec<_>>(),
        "first_at_risk": risk.map(|d| d.last), "places_without_reserve": missing,
    }));
    let well = risk.is_none() && late.is_empty() && unplanned.is_empty() && missing == 0;
    Ok(if well { Answer::Yes } else { Answer::No })
}

/// Teams that can still go out, by working day from a day on: those of the inspectors who are there, less those of that
/// day that have done their round.
fn capacity(
    opened: &Opened,
    prepared: &mut Prepared,
    today: NaiveDate,
    last: Option<NaiveDate>,
) -> Result<BTreeMap<NaiveDate, usize>, Refusal> {
    for inspector in &mut prepared.roster.inspectors {
        inspector.unavailable.extend(opened.state.absent.get(&inspector.id).into_iter().flatten());
    }
    // Nobody is there before the plan's first day.
    let first = today.max(prepared.settings.first_day);
    let days = match last {
        Some(last) => prepared.calendar.workdays(first, last),
        None => Ok(Vec::new()),
    };
    let days = days.map_err(|e| Box::new(PlanError::from(e)) as Refusal)?;
    let teams = compile::teams(&prepared.roster, &prepared.settings, &days);
    let open = |id: &str| CreditCode::parse(id).is_ok_and(|(code, _)| !opened.state.done(code));
    let rounds = opened.standing.routes.iter().filter(|route| route.line.day == today);
    let over = |route: &&Going| {
        revise::begun(route, &opened.state) && !route.line.visits.iter().any(|visit| open(&visit.id))
    };
    let back = rounds.filter(over).count();
    Ok(days
        .into_iter()
        .map(|day| {
            let there = teams.iter().filter(|team| !team.days_off.contains(&day)).count();
            (day, if day == today { there.saturating_sub(back) } else { there })
        })
        .collect())
}
