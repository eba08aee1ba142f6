//! All routes of a problem, listed once where they are few enough and a certificate has many leaves: then the least reduced
//! cost of a leaf is found by a look at each route.
//!
//! Routes of one base and the same prices differ in nothing but their visits and travel, so that of each set of visits the
//! order of least travel will do. It is found over all orders (forward labelling without dominance; Irnich and Desaulniers
//! 2005, "Shortest path problems with resource constraints", section 4).

use std::collections::HashMap;

use super::case::{Case, Kinds, Multipliers};
use crate::routing::problem::Problem;
use crate::routing::{Cost, Seconds};

/// Most routes that are listed, and most steps (a next visit looked at) that may take.
const MOST: usize = 2_000_000;
const STEPS: u64 = 400_000_000;

/// The routes of every group of kinds ([`Kinds::groups`]).
#[derive(Debug)]
pub(super) struct Listed {
    groups: Vec<Group>,
}

#[derive(Debug)]
struct Group {
    kinds: Vec<usize>,
    /// Routes by their number of visits: that number, the visits of one route after the other, and costs without prices of
    /// change.
    lengths: Vec<(usize, Vec<u16>, Vec<Cost>)>,
}

impl Listed {
    /// `None` where there are too many routes or orders of them. The steps it takes are counted off.
    pub(super) fn new(problem: &Problem, kinds: &Kinds, steps: &mut u64) -> Option<Self> {
        // Visits are numbered in 16 bits.
        let groups = u16::try_from(problem.visits.len()).is_ok().then(|| kinds.groups())?;
        let mut left = STEPS.min(*steps);
        let before = left;
        let mut room = MOST;
        let listed: Option<Vec<Group>> = groups
            .into_iter()
            .map(|group| Orders::new(problem, kinds, group, room).list(&mut left, &mut room))
            .collect();
        *steps -= before - left;
        Some(Self { groups: listed? })
    }

    /// min(0, v_s) for each kind; `None` if steps run out or sums may not fit.
    pub(super) fn least(
        &self,
        kinds: &Kinds,
        multipliers: &Multipliers,
        case: &Case,
        steps: &mut u64,
    ) -> Option<Vec<Cost>> {
        if !multipliers.fit() {
            return None;
        }
        let mut out = vec![0; kinds.list.len()];
        let cuts_of = multipliers.cuts_of();
        let mut met = vec![0_u8; multipliers.cuts.len()];
        for group in &self.groups {
            let worth = multipliers.worth(&kinds.list[group.kinds[0]].prices);
            let fixed = multipliers.hi - multipliers.lo;
            for (length, visits, costs) in &group.lengths {
                *steps = steps.checked_sub(costs.len() as u64)?;
                for (visits, cost) in visits.chunks_exact(*length).zip(costs) {
                    let uncut = cost + fixed - visits.iter().map(|visit| worth[usize::from(*visit)]).sum::<Cost>();
                    // What costs as much as it is worth without cuts costs no less with them.
                    if uncut >= 0 || !case.admits(|visit| visits.contains(&(visit as u16))) {
                        continue;
                    }
                    let mut reduced = uncut;
                    let cuts = || visits.iter().flat_map(|visit| &cuts_of[usize::from(*visit)]);
                    for cut in cuts() {
                        met[*cut] += 1;
                        reduced += if met[*cut] == 2 { multipliers.cuts[*cut].1 } else { 0 };
                    }
                    cuts().for_each(|cut| met[*cut] = 0);
                    for kind in group.kinds.iter().filter(|kind| kinds.list[**kind].takes(visits)) {
                        out[*kind] = out[*kind].min(reduced);
                    }
                }
            }
        }
        Some(out)
    }
}

/// All orders in which visits of a group can be made.
struct Orders<'p> {
    problem: &'p Problem,
    kinds: &'p Kinds,
    group: Vec<usize>,
    base: usize,
    /// From the base (first) and each visit to visits, with leg and the least time that takes: the quickest first.
    nexts: Vec<Vec<(Seconds, Seconds, usize)>>,
    most: usize,
    path: Vec<u16>,
    /// Least travel of each set of visits, in ascending order.
    found: HashMap<Box<[u16]>, Seconds>,
}

impl<'p> Orders<'p> {
    fn new(problem: &'p Problem, kinds: &'p Kinds, group: Vec<usize>, most: usize) -> Self {
        let base = kinds.list[group[0]].base;
        let n = problem.visits.len();
        let admits = |visit: usize| group.iter().any(|kind| kinds.list[*kind].admits[visit]);
        let nodes = std::iter::once(base).chain((0..n).map(|visit| problem.node(visit)));
        let nexts = nodes
            .map(|from| {
                let to = (0..n).filter(|next| problem.node(*next) != from && admits(*next));
                let mut nexts: Vec<(Seconds, Seconds, usize)> = to
                    .map(|next| {
                        let leg = problem.travel(from, problem.node(next));
                        (leg + problem.visits[next].service, leg, next)
                    })
                    .collect();
                nexts.sort_unstable();
                nexts
            })
            .collect();
        Self { problem, kinds, group, base, nexts, most, path: Vec::new(), found: HashMap::new() }
    }

    /// The routes; they are taken off the `room` there is for them.
    fn list(mut self, steps: &mut u64, room: &mut usize) -> Option<Group> {
        self.go(self.problem.shift.start, 0, steps)?;
        *room -= self.found.len();
        let cost = &self.problem.cost;
        let mut routes: Vec<(Box<[u16]>, Cost)> =
            self.found.into_iter().map(|(set, travel)| (set, cost.team_day + cost.travel * travel)).collect();
        routes.sort_unstable_by(|a, b| (a.0.len(), &a.0).cmp(&(b.0.len(), &b.0)));
        let lengths = routes
            .chunk_by(|a, b| a.0.len() == b.0.len())
            .map(|alike| {
                let visits = alike.iter().flat_map(|(set, _)| set.iter().copied()).collect();
                (alike[0].0.len(), visits, alike.iter().map(|(_, cost)| *cost).collect())
            })
            .collect();
        Some(Group { kinds: self.group, lengths })
    }

    /// Goes on from the end of the last visit at `clock`, after so much travel. `None` if steps or room run out.
    fn go(&mut self, clock: Seconds, travel: Seconds, steps: &mut u64) -> Option<()> {
        let at = self.path.last().map_or(0, |last| usize::from(*last) + 1);
        let shift = self.problem.shift;
        for choice in 0..self.nexts[at].len() {
            let (least, leg, next) = self.nexts[at][choice];
            *steps = steps.checked_sub(1)?;
            if clock + least > shift.end {
                break;
            }
            let held = self.path.contains(&(next as u16));
            let Some(end) = self.kinds.end(self.problem, next, clock + leg).filter(|_| !held) else { continue };
            self.path.push(next as u16);
            if self.group.iter().any(|kind| self.kinds.list[*kind].takes(&self.path)) {
                let home = self.problem.travel(self.problem.node(next), self.base);
                if end + home <= shift.end {
                    self.note(travel + leg + home)?;
                }
                self.go(end, travel + leg, steps)?;
            }
            self.path.pop();
        }
        Some(())
    }

    /// Notes the present path; `None` where there is no room for it.
    fn note(&mut self, travel: Seconds) -> Option<()> {
        let mut set: Box<[u16]> = self.path[..].into();
        set.sort_unstable();
        let least = self.found.entry(set).or_insert(Seconds::MAX);
        *least = travel.min(*least);
        (self.found.len() <= self.most).then_some(())
    }
}
