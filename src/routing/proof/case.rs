//! What a leaf is about: kinds of slots, times of visits, multipliers, and which routes a case admits.

use std::collections::{BTreeMap, HashMap};

use super::ahead::NO_WAY;
use crate::routing::problem::Problem;
use crate::routing::{Cost, Seconds};

/// A case of the proof.
#[derive(Debug, Clone)]
pub(super) struct Case {
    /// Least and most routes.
    pub(super) lo: i128,
    pub(super) hi: i128,
    /// Pairs of visits that are together (true) or apart.
    pub(super) pairs: Vec<([usize; 2], bool)>,
}

/// Multipliers of a leaf, by index.
#[derive(Debug)]
pub(super) struct Multipliers {
    pub(super) visits: Vec<Cost>,
    pub(super) cuts: Vec<([usize; 3], Cost)>,
    pub(super) lo: Cost,
    pub(super) hi: Cost,
    /// For each visit what a walk remembers there; `None`: routes are elementary.
    pub(super) memory: Option<Vec<Vec<usize>>>,
}

/// Slots of which every route is worth the same.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) base: usize,
    /// Most visits of a route, most arrivals of a walk.
    pub(super) most: usize,
    pub(super) admits: Vec<bool>,
    pub(super) prices: Vec<Cost>,
    /// How many slots.
    pub(super) size: usize,
}

/// All slots by kind, and the visits by id.
#[derive(Debug)]
pub(super) struct Kinds {
    pub(super) list: Vec<Kind>,
    visits: BTreeMap<String, usize>,
    starts: Vec<Vec<(Seconds, Seconds)>>,
}

impl Kind {
    /// Whether a route of these visits may stand here, as far as the slot decides.
    pub(super) fn takes(&self, visits: &[u16]) -> bool {
        visits.len() <= self.most && visits.iter().all(|visit| self.admits[usize::from(*visit)])
    }
}

impl Multipliers {
    /// Whether sums along an elementary route stay within 64 bits.
    pub(super) fn fit(&self) -> bool {
        let all = self.visits.iter().chain(self.cuts.iter().map(|(_, dual)| dual));
        all.map(|dual| i128::from(*dual)).sum::<i128>() <= i128::from(NO_WAY / 4)
    }

    /// What each visit brings in slots of these prices.
    pub(super) fn worth(&self, prices: &[Cost]) -> Vec<Cost> {
        self.visits.iter().zip(prices).map(|(dual, price)| dual - price).collect()
    }

    /// The cuts of each visit that are paid for.
    pub(super) fn cuts_of(&self) -> Vec<Vec<usize>> {
        let mut out = vec![Vec::new(); self.visits.len()];
        for (at, (triple, _)) in self.cuts.iter().enumerate().filter(|(_, (_, dual))| *dual > 0) {
            for visit in triple {
                out[*visit].push(at);
            }
        }
        out
    }
}

impl Kinds {
    pub(super) fn new(problem: &Problem) -> Self {
        let n = problem.visits.len();
        let mut index: HashMap<(usize, usize, Vec<bool>, Vec<Cost>), usize> = HashMap::new();
        let mut kinds: Vec<Kind> = Vec::new();
        for (at, team) in problem.teams.iter().enumerate() {
            let suits: Vec<bool> = problem
                .visits
                .iter()
                .map(|v| v.skills.iter().all(|s| team.skills.contains(s)) && !v.avoid.contains(&at))
                .collect();
            for day in (0..problem.days.len()).filter(|day| team.works[*day]) {
                let admits: Vec<bool> = (0..n)
                    .map(|v| {
                        let visit = &problem.visits[v];
                        let pin = visit.planned.filter(|_| visit.pinned);
                        suits[v] && visit.open[day] && pin.is_none_or(|p| p.day == Some(day) && p.team == at)
                    })
                    .collect();
                let prices: Vec<Cost> = problem
                    .visits
                    .iter()
                    .map(|visit| {
                        visit.planned.map_or(0, |p| {
                            let of_day = if p.day == Some(day) { 0 } else { p.price_day };
                            of_day + if p.team == at { 0 } else { p.price_team }
                        })
                    })
                    .collect();
                let key = (team.base, team.max_visits, admits.clone(), prices.clone());
                let kind = *index.entry(key).or_insert_with(|| {
                    kinds.push(Kind { base: team.base, most: team.max_visits, admits, prices, size: 0 });
                    kinds.len() - 1
                });
                kinds[kind].size += 1;
            }
        }
        Self {
            list: kinds,
            visits: problem.visits.iter().enumerate().map(|(at, visit)| (visit.id.clone(), at)).collect(),
            starts: (0..n).map(|visit| starts(problem, visit)).collect(),
        }
    }

    /// The kinds of one base and the same prices, in which a route costs the same; those that admit no visit are in none.
    pub(super) fn groups(&self) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (at, kind) in self.list.iter().enumerate().filter(|(_, kind)| kind.admits.contains(&true)) {
            let alike =
                |other: &usize| self.list[*other].base == kind.base && self.list[*other].prices == kind.prices;
            match groups.iter_mut().find(|group| alike(&group[0])) {
                Some(group) => group.push(at),
                None => groups.push(vec![at]),
            }
        }
        groups
    }

    /// Slots in all.
    pub(super) fn slots(&self) -> usize {
        self.list.iter().map(|kind| kind.size).sum()
    }

    pub(super) fn visit(&self, id: &str) -> Option<usize> {
        self.visits.get(id).copied()
    }

    /// The earliest end of a service whose visit is reached at `arrival`.
    pub(super) fn end(&self, problem: &Problem, visit: usize, arrival: Seconds) -> Option<Seconds> {
        let fitting = self.starts[visit].iter().filter(|(_, last)| *last >= arrival);
        fitting.map(|(first, _)| arrival.max(*first) + problem.visits[visit].service).min()
    }

    /// The most distinct visits that the shift has time for, whatever the order: shortest legs, shortest services.
    pub(super) fn most_in_a_shift(&self, problem: &Problem, most: usize) -> usize {
        let mut times = self.least_times(problem);
        times.sort_unstable();
        let mut sum = 0;
        let shift = problem.shift.end - problem.shift.start;
        let fit = times.into_iter().take_while(|time| {
            sum += time;
            sum <= shift
        });
        fit.count().min(most)
    }

    /// The most arrivals of a walk, which may come back, for ever if that takes no time.
    pub(super) fn most_arrivals(&self, problem: &Problem, most: usize) -> usize {
        let shift = problem.shift.end - problem.shift.start;
        match self.least_times(problem).into_iter().min() {
            None => 0,
            Some(0) => most,
            Some(least) => most.min((shift / least) as usize),
        }
    }

    /// The least time that each visit takes of a shift: its service and the shortest leg to it.
    fn least_times(&self, problem: &Problem) -> Vec<Seconds> {
        let nodes = problem.bases.len() + problem.visits.len();
        let time = |visit: usize| {
            let here = problem.bases.len() + visit;
            let leg = (0..nodes).filter(|node| *node != here).map(|node| problem.travel(node, here)).min();
            leg.unwrap_or(0) + problem.visits[visit].service
        };
        (0..problem.visits.len()).filter(|visit| !self.starts[*visit].is_empty()).map(time).collect()
    }
}

/// Spans of feasible starts: each window within the shift, before lunch or after it.
fn starts(problem: &Problem, visit: usize) -> Vec<(Seconds, Seconds)> {
    let v = &problem.visits[visit];
    let all_day = [(problem.shift.start, problem.shift.end)];
    let windows = if v.windows.is_empty() { &all_day[..] } else { &v.windows[..] };
    let mut out = Vec::new();
    for (from, to) in windows {
        let (first, last) = ((*from).max(problem.shift.start), (*to).min(problem.shift.end) - v.service);
        match problem.lunch {
            None => out.push((first, last)),
            Some(lunch) => {
                out.push((first, last.min(lunch.start - v.service)));
                out.push((first.max(lunch.end), last));
            }
        }
    }
    out.retain(|(first, last)| first <= last);
    out
}

impl Case {
    /// Whether a visit is to be apart from one that is held.
    pub(super) fn parts(&self, visit: usize, held: impl Fn(usize) -> bool) -> bool {
        self.pairs
            .iter()
            .any(|([a, b], together)| !together && (*a == visit && held(*b) || *b == visit && held(*a)))
    }

    /// Whether a route, given by the visits it holds, belongs to the case.
    pub(super) fn admits(&self, holds: impl Fn(usize) -> bool) -> bool {
        self.pairs.iter().all(|([a, b], together)| match (holds(*a), holds(*b)) {
            (true, true) => *together,
            (true, false) | (false, true) => !*together,
            (false, false) => true,
        })
    }
}
