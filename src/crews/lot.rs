//! The lot: routes take their crews in order, by days served, days together and ticket.

use std::collections::{BTreeMap, BTreeSet};

use super::{CrewLine, Crews, FORMAT, Rules, Task};
use crate::draw::Ticket;
use crate::roster::Inspector;

/// Routes of one base and day that together find no crews.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    /// Indices of the routes, ascending; without any one of them the others find their crews.
    pub routes: Vec<usize>,
}

/// What an earlier revision of a plan leaves to the lot.
#[derive(Debug, Clone, Copy, Default)]
pub struct Earlier<'a> {
    /// Crews of the routes before these: their days count as served.
    pub before: &'a [Vec<String>],
    /// For each route the crew that stays, in place of a lot, as long as the other routes of that base and day find
    /// theirs; none stay where this is shorter.
    pub kept: &'a [Option<Vec<String>>],
}

impl Earlier<'_> {
    fn kept(&self, route: usize) -> Option<&Vec<String>> {
        self.kept.get(route)?.as_ref()
    }
}

/// The units that a lot distributes at one base: single inspectors, or teams fixed by hand.
///
/// A fixed team goes as a whole, with all its members who are there that day.
struct Units<'a> {
    members: Vec<Vec<&'a Inspector>>,
    /// How many units a route takes.
    wanted: usize,
}

impl<'a> Units<'a> {
    fn of(base: &str, inspectors: &'a [Inspector], rules: Rules) -> Self {
        let here: Vec<&Inspector> = inspectors.iter().filter(|i| i.base == base).collect();
        let mut fixed: BTreeMap<&str, Vec<&Inspector>> = BTreeMap::new();
        for inspector in &here {
            if let Some(team) = &inspector.team {
                fixed.entry(team).or_default().push(inspector);
            }
        }
        if fixed.is_empty() {
            Self { members: here.into_iter().map(|i| vec![i]).collect(), wanted: rules.crew }
        } else {
            Self { members: fixed.into_values().collect(), wanted: 1 }
        }
    }

    /// Those of a unit who go on a route; `None` if it may not. `taken` go with a crew that stays.
    fn go(
        &self,
        unit: usize,
        task: &Task<'_>,
        rules: Rules,
        taken: &BTreeSet<&str>,
    ) -> Option<Vec<&'a Inspector>> {
        let there: Vec<&Inspector> =
            self.members[unit].iter().filter(|i| !i.unavailable.contains(&task.day)).copied().collect();
        let enough = there.len() >= if self.wanted == 1 { rules.crew } else { 1 };
        let free = |i: &&Inspector| !taken.contains(i.id.as_str()) && rules.bar(i, task).is_none();
        (enough && there.iter().all(free)).then_some(there)
    }
}

/// Draws the crews. A route without a crew gets an empty line, and the routes that stand in each other's way are told.
///
/// Departing from the letter of contract, section 5, only in how it is computed: instead of trying a choice and taking it
/// back, a choice is taken if a matching of the rest of the day exists, which gives the same crews.
#[must_use]
pub fn assign(
    salt: &str,
    tasks: &[Task<'_>],
    inspectors: &[Inspector],
    rules: Rules,
    earlier: Earlier<'_>,
) -> (Crews, Vec<Shortage>) {
    let mut lot = Lot { salt, rules, served: BTreeMap::new(), together: BTreeMap::new() };
    earlier.before.iter().for_each(|crew| lot.count(crew));
    let mut lines: Vec<CrewLine> =
        tasks.iter().map(|t| CrewLine { day: t.day, team: t.team.to_owned(), inspectors: Vec::new() }).collect();
    let mut shortages = Vec::new();
    let bases: BTreeSet<&str> = tasks.iter().map(|t| t.base).collect();
    let units: BTreeMap<&str, Units<'_>> =
        bases.into_iter().map(|base| (base, Units::of(base, inspectors, rules))).collect();
    let mut from = 0;
    while from < tasks.len() {
        let to = from + tasks[from..].iter().take_while(|t| t.day == tasks[from].day).count();
        for (base, units) in &units {
            // Who goes from one base does not touch the others.
            let routes: Vec<usize> = (from..to).filter(|at| tasks[*at].base == *base).collect();
            let (stay, open): (Vec<usize>, Vec<usize>) =
                routes.iter().partition(|at| earlier.kept(**at).is_some());
            let taken: BTreeSet<&str> =
                stay.iter().filter_map(|at| earlier.kept(*at)).flatten().map(String::as_str).collect();
            let mut drawn = lot.day(tasks, &open, units, &taken);
            if drawn.1.is_some() && !stay.is_empty() {
                // Crews that stay must not leave others without one.
                drawn = lot.day(tasks, &routes, units, &BTreeSet::new());
            } else {
                for at in stay {
                    lines[at].inspectors = earlier.kept(at).cloned().unwrap_or_default();
                }
            }
            let (crews, shortage) = drawn;
            shortages.extend(shortage);
            for (at, crew) in crews {
                lines[at].inspectors = crew.iter().map(|i| i.id.clone()).collect();
            }
        }
        for line in &lines[from..to] {
            lot.count(&line.inspectors);
        }
        from = to;
    }
    (Crews { format: FORMAT.to_owned(), salt: salt.to_owned(), routes: lines }, shortages)
}

struct Lot<'a> {
    salt: &'a str,
    rules: Rules,
    served: BTreeMap<String, usize>,
    together: BTreeMap<(String, String), usize>,
}

impl Lot<'_> {
    fn count(&mut self, crew: &[String]) {
        for (place, id) in crew.iter().enumerate() {
            *self.served.entry(id.clone()).or_default() += 1;
            for other in &crew[place + 1..] {
                *self.together.entry(pair(id, other)).or_default() += 1;
            }
        }
    }

    /// The crews of one base and day, by route.
    fn day<'a>(
        &self,
        tasks: &[Task<'_>],
        routes: &[usize],
        units: &Units<'a>,
        taken: &BTreeSet<&str>,
    ) -> (Vec<(usize, Vec<&'a Inspector>)>, Option<Shortage>) {
        let mut open: Vec<usize> = Vec::new();
        let mut left_out = BTreeSet::new();
        // A route that cannot be manned beside those before it stays without a crew; they keep theirs.
        for route in routes {
            open.push(*route);
            if !Places::new(tasks, &open, units, self.rules, taken).all_filled() {
                left_out.insert(*route);
                open.pop();
            }
        }
        let shortage = left_out.first().map(|route| {
            let mut core: Vec<usize> = routes.iter().filter(|r| *r <= route).copied().collect();
            for other in core.clone() {
                let rest: Vec<usize> = core.iter().filter(|r| **r != other).copied().collect();
                if !Places::new(tasks, &rest, units, self.rules, taken).all_filled() {
                    core = rest;
                }
            }
            Shortage { routes: core }
        });
        let mut places = Places::new(tasks, &open, units, self.rules, taken);
        let manned = places.all_filled();
        debug_assert!(manned, "each route was admitted beside those before it");
        let mut crews = Vec::new();
        for (nth, route) in open.iter().enumerate() {
            let task = &tasks[*route];
            let mut crew: Vec<&Inspector> = Vec::new();
            for place in 0..units.wanted {
                let mut choices: Vec<(usize, Vec<&Inspector>)> = places
                    .admissible(nth, place)
                    .filter_map(|unit| Some((unit, units.go(unit, task, self.rules, taken)?)))
                    .collect();
                choices.sort_by_cached_key(|(_, who)| self.rank(who, &crew, task));
                let Some((_, who)) = choices.into_iter().find(|(unit, _)| places.fix(nth, place, *unit)) else {
                    break;
                };
                crew.extend(who);
            }
            crews.push((*route, crew));
        }
        (crews, shortage)
    }

    /// Days served, days with those already chosen, ticket; of a fixed team the most days and the lowest ticket of its
    /// members.
    fn rank(&self, who: &[&Inspector], crew: &[&Inspector], task: &Task<'_>) -> (usize, usize, Option<Ticket>) {
        let served = who.iter().map(|i| self.served.get(&i.id).copied().unwrap_or(0)).max().unwrap_or(0);
        let together = who
            .iter()
            .flat_map(|i| crew.iter().map(|c| self.together.get(&pair(&i.id, &c.id)).copied().unwrap_or(0)))
            .sum();
        let ticket = who.iter().map(|i| ticket(self.salt, task, &i.id)).min();
        (served, together, ticket)
    }
}

fn pair(a: &str, b: &str) -> (String, String) {
    if a < b { (a.to_owned(), b.to_owned()) } else { (b.to_owned(), a.to_owned()) }
}

/// SHA-256(salt ‖ day ‖ `,` ‖ the route's lowest code ‖ `,` ‖ inspector).
fn ticket(salt: &str, task: &Task<'_>, inspector: &str) -> Ticket {
    let lowest = task.visits.iter().map(|(code, _)| code.as_str()).min().unwrap_or("");
    Ticket::of(salt, &format!("{},{lowest},{inspector}", task.day))
}

/// The places of the routes of one base and day, and whether all of them can be filled at once: a bipartite matching of
/// places and units by augmenting paths (Kuhn 1955).
struct Places {
    /// Of each route its first place.
    first: Vec<usize>,
    /// Of each place the units that may fill it.
    allowed: Vec<Vec<usize>>,
    /// Of each place the unit that was taken for good.
    fixed: Vec<Option<usize>>,
    units: usize,
}

impl Places {
    fn new(tasks: &[Task<'_>], routes: &[usize], units: &Units<'_>, rules: Rules, taken: &BTreeSet<&str>) -> Self {
        let mut places =
            Self { first: Vec::new(), allowed: Vec::new(), fixed: Vec::new(), units: units.members.len() };
        for route in routes {
            let task = &tasks[*route];
            places.first.push(places.allowed.len());
            let may: Vec<(usize, bool)> = (0..units.members.len())
                .filter_map(|unit| Some((unit, units.go(unit, task, rules, taken)?.iter().any(|i| i.expert))))
                .collect();
            for place in 0..units.wanted {
                let leads = task.expert && place == 0;
                places
                    .allowed
                    .push(may.iter().filter(|(_, expert)| *expert || !leads).map(|(unit, _)| *unit).collect());
            }
        }
        places.fixed = vec![None; places.allowed.len()];
        places
    }

    /// Units that may fill a place and are not taken.
    fn admissible(&self, route: usize, place: usize) -> impl Iterator<Item = usize> {
        self.allowed[self.first[route] + place].iter().copied().filter(|unit| !self.fixed.contains(&Some(*unit)))
    }

    /// Takes a unit for a place if all others can still be filled; says whether it did.
    fn fix(&mut self, route: usize, place: usize, unit: usize) -> bool {
        let at = self.first[route] + place;
        self.fixed[at] = Some(unit);
        let possible = self.all_filled();
        if !possible {
            self.fixed[at] = None;
        }
        possible
    }

    fn all_filled(&self) -> bool {
        let mut holder: Vec<Option<usize>> = vec![None; self.units];
        for (at, unit) in self.fixed.iter().enumerate() {
            if let Some(unit) = unit {
                holder[*unit] = Some(at);
            }
        }
        (0..self.allowed.len())
            .filter(|at| self.fixed[*at].is_none())
            .all(|at| self.fill(at, &mut holder, &mut vec![false; self.units]))
    }

    fn fill(&self, at: usize, holder: &mut [Option<usize>], tried: &mut [bool]) -> bool {
        for unit in &self.allowed[at] {
            if std::mem::replace(&mut tried[*unit], true) {
                continue;
            }
            let free = match holder[*unit] {
                None => true,
                Some(other) => self.fixed[other].is_none() && self.fill(other, holder, tried),
            };
            if free {
                holder[*unit] = Some(at);
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests;
