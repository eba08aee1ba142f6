//! The crews of a dossier: every rule re-checked, and the lot drawn again.
//!
//! The lot is repeated by the letter of the contract (section 5), choice by choice and taking back, apart from how the
//! program itself computes it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Files, Remark, Report, Subject, difference, shorten};
use crate::crews::{Crews, Rules, Task};
use crate::digest::sha256_hex;
use crate::frame::CreditCode;
use crate::roster::Inspector;
use crate::text::{both, excerpt};

/// Choices tried for one base and day before the lot counts as not examined.
const MOST_CHOICES: usize = 2_000_000;

/// What is examined.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lot<'a> {
    /// Salt of stream 2.
    pub(super) salt: &'a str,
    /// What each route asks.
    pub(super) tasks: &'a [Task<'a>],
    /// The inspectors.
    pub(super) inspectors: &'a [Inspector],
    /// The plan's rules.
    pub(super) rules: Rules,
    /// Crews of an earlier revision that stay, by route.
    pub(super) kept: &'a [Option<Vec<String>>],
    /// Routes before the first of these: their crews count as served.
    pub(super) before: &'a [Vec<String>],
}

pub(super) fn examine(report: &mut Report, files: &Files, path: &str, lot: Lot<'_>) {
    let Some(bytes) = files.get(path) else {
        return report.add(Subject::Crews, vec![difference::missing(path)]);
    };
    let crews = match Crews::from_json(bytes) {
        Ok(crews) => crews,
        Err(why) => {
            let why = Remark::new(|lang| both!(lang, "{path} 无法读取：{why}", "{path} cannot be read: {why}"));
            return report.add(Subject::Crews, vec![why]);
        }
    };
    let mut wrong = Vec::new();
    let places: Vec<_> = crews.routes.iter().map(|r| (r.day, r.team.as_str())).collect();
    let expected: Vec<_> = lot.tasks.iter().map(|t| (t.day, t.team)).collect();
    if crews.salt != lot.salt || places != expected {
        wrong.push(Remark::new(|lang| {
            both!(
                lang,
                "{path} 的盐值或路线与抽签记录、日程不一致",
                "{path}: salt or routes are not those of the draw and the schedule"
            )
        }));
        return report.add(Subject::Crews, wrong);
    }
    if *bytes != crews.to_json().into_bytes() {
        wrong.push(Remark::new(|lang| both!(lang, "{path} 有多余的内容", "{path} holds more than the crews")));
    }
    let members: BTreeMap<&str, &Inspector> = lot.inspectors.iter().map(|i| (i.id.as_str(), i)).collect();
    let mut out = BTreeSet::new();
    for (line, task) in crews.routes.iter().zip(lot.tasks) {
        let crew: Option<Vec<&Inspector>> =
            line.inspectors.iter().map(|id| members.get(id.as_str()).copied()).collect();
        let broken = match &crew {
            None => Some(("有人不在名单上", "somebody is not on the list")),
            Some(crew) => broken(crew, task, lot.rules, &mut out),
        };
        if let Some((zh, en)) = broken {
            let (day, team) = (line.day, excerpt(&line.team, 40));
            wrong.push(Remark::new(|lang| both!(lang, "{day} {team}小组：{zh}", "{day}, team {team}: {en}")));
        }
    }
    match again(lot) {
        Ok(derived) => {
            for ((line, derived), task) in crews.routes.iter().zip(&derived).zip(lot.tasks) {
                if line.inspectors != *derived {
                    let (day, team, stated) =
                        (task.day, excerpt(task.team, 40), excerpt(&line.inspectors.join(" "), 80));
                    let derived = derived.join(" ");
                    wrong.push(Remark::new(|lang| {
                        both!(
                            lang,
                            "{day} {team}小组写为{stated}，按抽签应为{derived}",
                            "{day}, team {team}: {stated} is stated, the lot gives {derived}"
                        )
                    }));
                }
            }
            report.add(Subject::Crews, shorten(wrong));
        }
        Err(_) if !wrong.is_empty() => report.add(Subject::Crews, shorten(wrong)),
        Err(day) => report.unexamined(
            &[Subject::Crews],
            &Remark::new(|lang| {
                both!(
                    lang,
                    "{day}的抽签未能在限定的计算量内重做",
                    "the lot of {day} could not be repeated within the limit on work"
                )
            }),
        ),
    }
}

/// The first rule that a crew breaks. `out` holds who goes on which day.
fn broken(
    crew: &[&Inspector],
    task: &Task<'_>,
    rules: Rules,
    out: &mut BTreeSet<(chrono::NaiveDate, String)>,
) -> Option<(&'static str, &'static str)> {
    if crew.len() < rules.crew.max(2) {
        return Some(("人数不足", "too few inspectors"));
    }
    if task.expert && !crew.iter().any(|i| i.expert) {
        return Some(("须有专家而没有", "an expert is needed and there is none"));
    }
    for inspector in crew {
        if inspector.base != task.base {
            return Some(("有人不在该驻地", "somebody belongs to another base"));
        }
        if inspector.unavailable.contains(&task.day) {
            return Some(("有人当天不在", "somebody is away that day"));
        }
        if task.visits.iter().any(|(code, _)| inspector.recuse.contains(code)) {
            return Some(("有人须回避其中的企业", "somebody is recused from one of the enterprises"));
        }
        let own = |county: &str| rules.cross_county && inspector.county.as_deref() == Some(county);
        if task.visits.iter().any(|(_, county)| own(county)) {
            return Some(("有人核查本县（市、区）的企业", "somebody checks an enterprise of the own county"));
        }
        if !out.insert((task.day, inspector.id.clone())) {
            return Some(("有人当天已在另一小组", "somebody is in two crews that day"));
        }
    }
    None
}

/// Days served by each, and days together of each pair.
#[derive(Default)]
struct Served {
    days: BTreeMap<String, usize>,
    together: BTreeMap<(String, String), usize>,
}

impl Served {
    fn count(&mut self, crew: &[String]) {
        for (place, id) in crew.iter().enumerate() {
            *self.days.entry(id.clone()).or_default() += 1;
            for other in &crew[..place] {
                *self.together.entry(ordered(id, other)).or_default() += 1;
            }
        }
    }
}

fn ordered(a: &str, b: &str) -> (String, String) {
    let (a, b) = if a < b { (a, b) } else { (b, a) };
    (a.to_owned(), b.to_owned())
}

/// The crews that the lot gives; the day of which the lot was too long otherwise.
fn again(lot: Lot<'_>) -> Result<Vec<Vec<String>>, chrono::NaiveDate> {
    let mut served = Served::default();
    lot.before.iter().for_each(|crew| served.count(crew));
    let mut out: Vec<Vec<String>> = vec![Vec::new(); lot.tasks.len()];
    let mut from = 0;
    while from < lot.tasks.len() {
        let to = from + lot.tasks[from..].iter().take_while(|t| t.day == lot.tasks[from].day).count();
        let bases: BTreeSet<&str> = lot.tasks[from..to].iter().map(|t| t.base).collect();
        for base in bases {
            let routes: Vec<usize> = (from..to).filter(|at| lot.tasks[*at].base == base).collect();
            let stays = |at: &usize| lot.kept.get(*at).and_then(Option::as_ref);
            let with: Vec<usize> = routes.iter().copied().filter(|at| stays(at).is_none()).collect();
            let taken: BTreeSet<&str> = routes.iter().filter_map(stays).flatten().map(String::as_str).collect();
            let mut drawn = in_order(lot, &served, &with, taken)?;
            if drawn.len() < with.len() && with.len() < routes.len() {
                // Crews that stay must not leave others without one.
                drawn = in_order(lot, &served, &routes, BTreeSet::new())?;
            } else {
                drawn.extend(routes.iter().filter_map(|at| Some((*at, stays(at)?.clone()))));
            }
            for (at, crew) in drawn {
                out[at] = crew;
            }
        }
        out[from..to].iter().for_each(|crew| served.count(crew));
        from = to;
    }
    Ok(out)
}

/// The crews of one base and day; a route that finds nobody beside those before it stays without.
fn in_order(
    lot: Lot<'_>,
    served: &Served,
    routes: &[usize],
    taken: BTreeSet<&str>,
) -> Result<BTreeMap<usize, Vec<String>>, chrono::NaiveDate> {
    let mut day = Day { lot, served, routes: Vec::new(), taken, choices: 0, dead: BTreeSet::new() };
    let mut out = BTreeMap::new();
    for at in routes {
        day.routes.push(*at);
        day.dead.clear();
        match day.crews()? {
            Some(crews) => out = day.routes.iter().copied().zip(crews).collect(),
            None => {
                day.routes.pop();
            }
        }
    }
    Ok(out)
}

/// One base and day.
struct Day<'a> {
    lot: Lot<'a>,
    served: &'a Served,
    routes: Vec<usize>,
    /// Who goes with a crew that stays.
    taken: BTreeSet<&'a str>,
    choices: usize,
    /// Routes with those already taken for which no way on was found.
    dead: BTreeSet<(usize, Vec<String>, BTreeSet<String>)>,
}

/// Those who go together: an inspector, or a team fixed by hand with all its members who are there.
type Unit<'a> = Vec<&'a Inspector>;

impl<'a> Day<'a> {
    fn crews(&mut self) -> Result<Option<Vec<Vec<String>>>, chrono::NaiveDate> {
        let mut crews = vec![Vec::new(); self.routes.len()];
        Ok(self.choose(0, &mut crews)?.then_some(crews))
    }

    fn units(&self, task: &Task<'_>) -> (Vec<Unit<'a>>, bool) {
        let here: Vec<&Inspector> = self.lot.inspectors.iter().filter(|i| i.base == task.base).collect();
        let by_hand = here.iter().any(|i| i.team.is_some());
        let mut units: BTreeMap<&str, Unit<'a>> = BTreeMap::new();
        for inspector in here {
            let name = if by_hand { inspector.team.as_deref() } else { Some(inspector.id.as_str()) };
            if let Some(name) = name
                && !inspector.unavailable.contains(&task.day)
            {
                units.entry(name).or_default().push(inspector);
            }
        }
        (units.into_values().collect(), by_hand)
    }

    fn choose(&mut self, nth: usize, crews: &mut Vec<Vec<String>>) -> Result<bool, chrono::NaiveDate> {
        let Some(at) = self.routes.get(nth) else { return Ok(true) };
        let task = &self.lot.tasks[*at];
        let used: BTreeSet<String> = crews.iter().flatten().cloned().collect();
        let mut chosen = crews[nth].clone();
        chosen.sort();
        let state = (nth, chosen, used.clone());
        if self.dead.contains(&state) {
            return Ok(false);
        }
        let (units, by_hand) = self.units(task);
        if !self.room(nth, crews, &units, by_hand) {
            self.dead.insert(state);
            return Ok(false);
        }
        let free = |i: &Inspector| !used.contains(&i.id) && !self.taken.contains(i.id.as_str());
        let may = |i: &&Inspector| self.lot.rules.bar(i, task).is_none() && free(i);
        let leads = task.expert && crews[nth].is_empty();
        let mut choices: Vec<Unit<'a>> = units
            .into_iter()
            .filter(|unit| unit.iter().all(may))
            .filter(|unit| !by_hand || unit.len() >= self.lot.rules.crew)
            .filter(|unit| !leads || unit.iter().any(|i| i.expert))
            .collect();
        choices.sort_by_cached_key(|unit| self.rank(unit, &crews[nth], task));
        for unit in choices {
            self.choices += 1;
            if self.choices > MOST_CHOICES {
                return Err(task.day);
            }
            let before = crews[nth].len();
            crews[nth].extend(unit.iter().map(|i| i.id.clone()));
            let full = by_hand || crews[nth].len() == self.lot.rules.crew;
            if self.choose(nth + usize::from(full), crews)? {
                return Ok(true);
            }
            crews[nth].truncate(before);
        }
        self.dead.insert(state);
        Ok(false)
    }

    /// Whether each seat still open can have somebody of its own, whatever else is asked: where not, no choice leads on.
    fn room(&self, nth: usize, crews: &[Vec<String>], units: &[Unit<'_>], by_hand: bool) -> bool {
        let used: BTreeSet<&str> = crews.iter().flatten().map(String::as_str).collect();
        let free = |i: &Inspector| !used.contains(i.id.as_str()) && !self.taken.contains(i.id.as_str());
        let mut seats: Vec<Vec<usize>> = Vec::new();
        for (at, crew) in self.routes.iter().zip(crews).skip(nth) {
            let task = &self.lot.tasks[*at];
            let open = if by_hand { 1 } else { self.lot.rules.crew.saturating_sub(crew.len()) };
            for seat in 0..open {
                let leads = task.expert && crew.is_empty() && seat == 0;
                let may = |unit: &Unit<'_>| {
                    unit.iter().all(|i| free(i) && self.lot.rules.bar(i, task).is_none())
                        && (!by_hand || unit.len() >= self.lot.rules.crew)
                        && (!leads || unit.iter().any(|i| i.expert))
                };
                seats.push((0..units.len()).filter(|unit| may(&units[*unit])).collect());
            }
        }
        let mut holder = vec![None; units.len()];
        (0..seats.len()).all(|seat| seated(seat, &seats, &mut holder, &mut vec![false; units.len()]))
    }

    fn rank(&self, unit: &[&Inspector], crew: &[String], task: &Task<'_>) -> (usize, usize, Option<String>) {
        let lowest: Option<CreditCode> = task.visits.iter().map(|(code, _)| *code).min();
        let lowest = lowest.map(|code| code.to_string()).unwrap_or_default();
        let ticket =
            |i: &&Inspector| sha256_hex(format!("{}{},{lowest},{}", self.lot.salt, task.day, i.id).as_bytes());
        let days = unit.iter().map(|i| self.served.days.get(&i.id).copied().unwrap_or(0)).max().unwrap_or(0);
        let pairs = unit.iter().flat_map(|i| crew.iter().map(|c| ordered(&i.id, c)));
        let together = pairs.map(|pair| self.served.together.get(&pair).copied().unwrap_or(0)).sum();
        (days, together, unit.iter().map(ticket).min())
    }
}

/// Gives a seat somebody, moving others from seat to seat if need be.
fn seated(seat: usize, seats: &[Vec<usize>], holder: &mut [Option<usize>], asked: &mut [bool]) -> bool {
    for unit in &seats[seat] {
        if !std::mem::replace(&mut asked[*unit], true)
            && holder[*unit].is_none_or(|other| seated(other, seats, holder, asked))
        {
            holder[*unit] = Some(seat);
            return true;
        }
    }
    false
}
