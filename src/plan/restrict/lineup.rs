//! A line-up: which inspectors of a base could form its teams, so that as little as possible is barred to them.
//!
//! It binds nobody, since crews are drawn by lot. But if each team keeps away from what one crew of the line-up may not
//! check, then that line-up is a crew for every route of a day on which all are there.

use std::collections::BTreeMap;

use crate::compile::team_number;
use crate::plan::Prepared;
use crate::roster::Inspector;
use crate::routing::problem::Problem;

/// What a visit that no team could make any more costs: with other bases, and without.
const NO_TEAM: [u64; 2] = [100, 10_000];

/// Who could form the teams of a base.
pub(super) struct Lineup {
    /// Which team may make which visit, by visit; what earlier restrictions ruled out at the base counts as open.
    open: Vec<Vec<bool>>,
    /// Teams of each number, as those that stand as two have the same members.
    numbers: Vec<Vec<usize>>,
    /// Of each unit, a person or a team made by hand, whether it has an expert, and which visits it may not make.
    units: Vec<(bool, Vec<bool>)>,
    /// Units by seat, those of the first number first, then those who stay.
    seats: Vec<usize>,
    /// Seats of a number.
    each: usize,
    /// Numbers that need an expert, the first ones.
    experts: usize,
}

impl Lineup {
    /// The best line-up that exchanges of two units reach; `None` if there are too few of them.
    pub(super) fn of(prepared: &Prepared, problem: &Problem, base: &str) -> Option<Self> {
        let mut numbers: Vec<(&str, Vec<usize>)> = Vec::new();
        for (at, team) in problem.teams.iter().enumerate().filter(|(_, t)| problem.bases[t.base] == base) {
            let number = team_number(&team.id);
            match numbers.last_mut() {
                Some((last, ids)) if *last == number => ids.push(at),
                _ => numbers.push((number, vec![at])),
            }
        }
        let settings = &prepared.settings;
        let here: Vec<&Inspector> = prepared.roster.inspectors.iter().filter(|i| i.base == base).collect();
        let by_hand = here.iter().any(|i| i.team.is_some());
        let mut units: BTreeMap<(&str, &str), Vec<&Inspector>> = BTreeMap::new();
        for inspector in here {
            let team = inspector.team.as_deref().unwrap_or("");
            units.entry((team, if by_hand { "" } else { &inspector.id })).or_default().push(inspector);
        }
        let applicants: BTreeMap<&str, _> = prepared.visits.iter().map(|a| (a.code.as_str(), a)).collect();
        let barred = |unit: &[&Inspector], visit: &str| {
            applicants.get(visit).is_some_and(|applicant| {
                unit.iter().any(|i| {
                    i.recuse.contains(&applicant.code)
                        || settings.cross_county && i.county.as_ref() == Some(&applicant.county)
                })
            })
        };
        let mut units: Vec<(bool, Vec<bool>)> = units
            .into_values()
            .filter(|unit| !by_hand || unit.len() >= settings.crew)
            .map(|unit| {
                let bars = problem.visits.iter().map(|visit| barred(&unit, &visit.id)).collect();
                (unit.iter().any(|i| i.expert), bars)
            })
            .collect();
        // Those who may go nearly everywhere first.
        units.sort_by_key(|(_, bars)| bars.iter().filter(|barred| **barred).count());
        let each = if by_hand { 1 } else { settings.crew };
        let expert = |ids: &Vec<usize>| ids.iter().any(|team| !problem.teams[*team].skills.is_empty());
        let experts = numbers.iter().filter(|(_, ids)| expert(ids)).count();
        let mut open: Vec<Vec<bool>> = (0..problem.visits.len())
            .map(|visit| (0..problem.teams.len()).map(|team| problem.suits(visit, team)).collect())
            .collect();
        for restriction in prepared.restrictions.iter().filter(|r| r.base == base) {
            let Some(visit) = problem.visits.iter().position(|v| v.id == restriction.visit) else { continue };
            for team in (0..problem.teams.len()).filter(|t| restriction.teams.contains(&problem.teams[*t].id)) {
                open[visit][team] = true;
            }
        }
        let mut lineup = Self {
            open,
            numbers: numbers.into_iter().map(|n| n.1).collect(),
            units,
            seats: Vec::new(),
            each,
            experts,
        };
        lineup.sit()?;
        lineup.exchange();
        Some(lineup)
    }

    /// Experts lead, the others follow in their order.
    fn sit(&mut self) -> Option<()> {
        let mut leaders = (0..self.units.len()).filter(|unit| self.units[*unit].0);
        let leaders: Vec<usize> = leaders.by_ref().take(self.experts).collect();
        let mut others = (0..self.units.len()).filter(|unit| !leaders.contains(unit));
        for number in 0..self.numbers.len() {
            for seat in 0..self.each {
                let leader = leaders.get(number).copied().filter(|_| seat == 0);
                self.seats.push(leader.or_else(|| others.next())?);
            }
        }
        self.seats.extend(others);
        (leaders.len() == self.experts).then_some(())
    }

    /// Exchanges seats as long as that makes the line-up better.
    fn exchange(&mut self) {
        let mut cost = self.cost();
        let seated = self.numbers.len() * self.each;
        loop {
            let before = cost;
            for a in 0..seated {
                for b in a + 1..self.seats.len() {
                    if a / self.each == b / self.each && b < seated {
                        continue;
                    }
                    self.seats.swap(a, b);
                    let now = if self.led() { self.cost() } else { u64::MAX };
                    if now < cost {
                        cost = now;
                    } else {
                        self.seats.swap(a, b);
                    }
                }
            }
            if cost == before {
                return;
            }
        }
    }

    fn led(&self) -> bool {
        (0..self.experts).all(|number| self.crew(number).any(|unit| self.units[unit].0))
    }

    fn crew(&self, number: usize) -> impl Iterator<Item = usize> {
        self.seats[number * self.each..(number + 1) * self.each].iter().copied()
    }

    fn barred(&self, number: usize, visit: usize) -> bool {
        self.crew(number).any(|unit| self.units[unit].1[visit])
    }

    /// The teams of this base that a visit has now, and those that it would keep, by number.
    fn left(&self, visit: usize) -> (usize, usize) {
        let open = |number: &usize| self.numbers[*number].iter().any(|team| self.open[visit][*team]);
        let now = (0..self.numbers.len()).filter(open);
        now.fold((0, 0), |(now, then), number| (now + 1, then + usize::from(!self.barred(number, visit))))
    }

    fn elsewhere(&self, visit: usize) -> bool {
        let here = |team: usize| self.numbers.iter().any(|ids| ids.contains(&team));
        (0..self.open[visit].len()).any(|team| !here(team) && self.open[visit][team])
    }

    fn cost(&self) -> u64 {
        let of = |visit: usize| match self.left(visit) {
            (0, _) => 0,
            (_, 0) => NO_TEAM[usize::from(!self.elsewhere(visit))],
            (now, then) => 12 * (now - then) as u64 / then as u64,
        };
        (0..self.open.len()).map(of).sum()
    }

    /// Visits, and teams that could make them and should no longer. A visit that would have no team keeps them all.
    pub(super) fn keeps_away(&self) -> Vec<(usize, usize)> {
        let mut out = Vec::new();
        for visit in 0..self.open.len() {
            if self.left(visit).1 == 0 && !self.elsewhere(visit) {
                continue;
            }
            for number in (0..self.numbers.len()).filter(|number| self.barred(*number, visit)) {
                let teams = self.numbers[number].iter().filter(|team| self.open[visit][**team]);
                out.extend(teams.map(|team| (visit, *team)));
            }
        }
        out
    }
}
