//! Pricing of long routes: labels over walks with a memory.
//!
//! With more visits a route than [`super::network::LONGEST`] there are too many elementary routes to search. A walk may come
//! back to a visit once that has left its [`memory`](super::memory). Labels are extended in the order of arrivals and give way to
//! others at the same visit that are no later, remember no more and are no dearer even when they
//! pay for every cut that they may still have to pay for where the others have not to (Jepsen, Petersen, Spoorendonk and
//! Pisinger 2008, "Subset-row inequalities applied to the vehicle-routing problem with time windows", section 4.2); the
//! completion bound cuts off what cannot become negative. Which slots a walk may stand in labels carry only where it matters:
//! where slots differ in whom they admit, most walks that are found without it stand in none.

use super::classes::Classes;
use super::completion::{Completion, NEVER};
use super::duals::Duals;
use super::memory::{Memory, NgSets};
use super::network::Network;
use super::pricing::{Query, Searched};
use super::rows::Rows;
use super::workers::share_out;

/// Most cuts, a bit each.
pub(super) const MOST_CUTS: usize = 128;

/// A walk so far.
#[derive(Debug, Clone, Copy)]
struct Label {
    cost: i64,
    clock: i64,
    memory: Memory,
    /// Classes it may stand in.
    mask: ClassBits,
    /// Cuts of which it has arrived at one visit, and those that it has paid for.
    once: u128,
    paid: u128,
    visit: u32,
    /// The label it was extended from.
    from: u32,
}

const ROOT: u32 = u32::MAX;
/// Labels that are extended between two looks at whether to stop.
const LABELS_BETWEEN_LOOKS: usize = 1000;

/// A search for walks from one base among slots of one multiplier.
pub(super) struct Walks<'w> {
    pub(super) network: &'w Network<'w>,
    pub(super) query: &'w Query<'w>,
    pub(super) ng_sets: &'w NgSets,
    pub(super) base: usize,
    /// What a visit brings less its price of change.
    pub(super) profit: &'w [i64],
    pub(super) usable: &'w [bool],
    pub(super) completion: &'w Completion<'w>,
    /// Most arrivals.
    pub(super) longest: usize,
    pub(super) cuts: &'w Cuts,
    /// Where slots differ in whom they admit, and walks are to stand in one of them.
    pub(super) places: Option<&'w Places>,
}

/// Classes, a bit each.
type ClassBits = u128;

/// The classes of one multiplier, and which of them visits and numbers of arrivals leave to a walk.
#[derive(Debug)]
pub(super) struct Places {
    all: ClassBits,
    of_visit: Vec<ClassBits>,
    for_arrivals: Vec<ClassBits>,
}

impl Places {
    /// `None` where all classes admit the same walks, or there are too many classes to tell.
    pub(super) fn new(classes: &Classes, mask: &[u64], usable: &[bool], longest: usize) -> Option<Self> {
        if classes.words > ClassBits::BITS as usize / 64 {
            return None;
        }
        let bits = |mask: &[u64]| mask.iter().rev().fold(0, |bits, word| bits << 64 | ClassBits::from(*word));
        let out = Self {
            all: bits(mask),
            of_visit: (0..usable.len()).map(|visit| bits(classes.of_visit(visit))).collect(),
            for_arrivals: (0..=longest).map(|arrivals| bits(classes.for_length(arrivals))).collect(),
        };
        let limits = (0..usable.len()).filter(|visit| usable[*visit]).map(|visit| out.of_visit[visit]);
        let differ = limits.chain(out.for_arrivals.iter().copied()).any(|bits| out.all & !bits != 0);
        differ.then_some(out)
    }
}

/// Parts of a search, each for a share of the visits that are come to; fixed, so that threads do not matter.
const PARTS: usize = 2;
/// Labels of a layer that one thread extends sooner than several.
const FEW: usize = 200;

/// The cuts that cost something, a bit each.
#[derive(Debug)]
pub(super) struct Cuts {
    duals: Vec<i64>,
    /// For each visit.
    of: Vec<u128>,
}

impl Cuts {
    /// Those beyond [`MOST_CUTS`] are left out: then walks seem cheaper than they are.
    pub(super) fn new(n: usize, rows: &Rows, duals: &Duals) -> Self {
        let mut out = Self { duals: Vec::new(), of: vec![0; n] };
        let all = rows.cuts.iter().zip(&duals.cuts).filter(|(_, dual)| **dual > 0);
        for (at, (cut, dual)) in all.take(MOST_CUTS).enumerate() {
            out.duals.push(*dual);
            for visit in cut {
                out.of[*visit as usize] |= 1 << at;
            }
        }
        out
    }

    /// What these cuts cost together.
    fn cost(&self, mut cuts: u128) -> i64 {
        let mut sum = 0;
        while cuts != 0 {
            sum += self.duals[cuts.trailing_zeros() as usize];
            cuts &= cuts - 1;
        }
        sum
    }

    /// What a walk that has met cuts pays at a visit, and what it has met then.
    fn pay(&self, once: u128, paid: u128, visit: usize) -> (i64, u128, u128) {
        let met = self.of[visit] & !paid;
        let now = met & once;
        (self.cost(now), (once | met) & !now, paid | now)
    }
}

impl Walks<'_> {
    /// Walks below the query's threshold, the cheapest that end at each visit after each number of arrivals. `fixed` is what
    /// every walk costs; after so many `steps` nothing is known.
    pub(super) fn search(&self, fixed: i64, steps: u64, stop: &(dyn Fn() -> bool + Sync)) -> Searched {
        let keep = self.query.keep;
        let mut taken = 0;
        let mut labels: Vec<Label> = Vec::new();
        // Cost and last label of each walk that comes home.
        let mut found: Vec<(i64, u32)> = Vec::new();
        let mut threshold = self.query.threshold;
        let mut last: Vec<u32> = Vec::new();
        for arrivals in 1..=self.longest {
            let onward = (self.longest - arrivals, threshold);
            let (layer, steps_of_layer) = if arrivals == 1 {
                self.depart(fixed, onward)
            } else {
                self.extend_all((&labels, &last), arrivals, onward, stop)
            };
            taken += steps_of_layer;
            if taken >= steps || stop() {
                return Searched::given_up(taken);
            }
            last.clear();
            for (visit, new) in layer.into_iter().enumerate() {
                let numbers = labels.len() as u32..;
                found.extend(self.cheapest_home(visit, numbers.clone().zip(&new), threshold));
                last.extend(numbers.take(new.len()));
                labels.extend(new);
            }
            if found.len() > 4 * keep {
                found.sort_unstable();
                found.truncate(keep);
                threshold = found.last().map_or(threshold, |(cost, _)| threshold.min(*cost));
            }
            if last.is_empty() {
                break;
            }
        }
        found.sort_unstable();
        found.truncate(keep);
        Searched {
            complete: found.len() < keep,
            floor: found.first().map_or(self.query.threshold, |(cost, _)| *cost),
            routes: found.into_iter().map(|(cost, at)| (cost, walk(&labels, at))).collect(),
            steps: taken,
        }
    }

    /// What a leg of so many seconds costs.
    fn travel(&self, leg: i64) -> i64 {
        self.network.travel * self.query.duals.scale * leg
    }

    /// Goes on from the last labels, in parts; a layer of labels by visit, and the steps that took.
    fn extend_all(
        &self,
        (labels, last): (&[Label], &[u32]),
        arrivals: usize,
        onward: (usize, i64),
        stop: &(dyn Fn() -> bool + Sync),
    ) -> (Vec<Vec<Label>>, u64) {
        let part = |part: usize| {
            let mut layer: Vec<Vec<Label>> = vec![Vec::new(); self.network.n];
            let mut taken = 0;
            for (number, at) in last.iter().enumerate() {
                if number % LABELS_BETWEEN_LOOKS == 0 && stop() {
                    break;
                }
                taken += self.extend((*at, &labels[*at as usize]), (arrivals, part), onward, &mut layer);
            }
            (layer, taken)
        };
        let threads = if last.len() > FEW { self.network.threads } else { 1 };
        let mut parts = share_out(threads, PARTS, &|| false, part);
        let taken = parts.iter().map(|(_, (_, taken))| taken).sum();
        let layer =
            (0..self.network.n).map(|visit| std::mem::take(&mut parts[visit % PARTS].1.0[visit])).collect();
        (layer, taken)
    }

    /// Classes that a walk may stand in after so many arrivals, the last one at `visit`.
    fn left(&self, mask: ClassBits, visit: usize, arrivals: usize) -> ClassBits {
        self.places.map_or(mask, |places| mask & places.of_visit[visit] & places.for_arrivals[arrivals])
    }

    /// Goes to every visit first; a layer of labels by visit, and the steps that took. `onward` says how many visits may follow
    /// and what walks must stay below.
    fn depart(&self, fixed: i64, onward: (usize, i64)) -> (Vec<Vec<Label>>, u64) {
        let n = self.network.n;
        let mut layer: Vec<Vec<Label>> = vec![Vec::new(); n];
        let mut taken = 4 * n as u64;
        for next in (0..n).filter(|next| self.usable[*next]) {
            let leg = self.network.out(self.base, next);
            let label = Label {
                cost: fixed + self.travel(leg),
                clock: self.network.timing.problem.shift.start + leg,
                memory: self.ng_sets.alone(next),
                mask: self.left(self.places.map_or(ClassBits::MAX, |places| places.all), next, 1),
                once: self.cuts.of[next],
                paid: 0,
                visit: next as u32,
                from: ROOT,
            };
            taken += self.arrive(label, ROOT, onward, &mut layer);
        }
        (layer, taken)
    }

    /// Goes on from a label to every visit of a part that may follow, which makes so many arrivals; the steps that took.
    fn extend(
        &self,
        (from, label): (u32, &Label),
        (arrivals, part): (usize, usize),
        onward: (usize, i64),
        layer: &mut [Vec<Label>],
    ) -> u64 {
        let here = label.visit as usize;
        let nexts = self.completion.legs(here).iter().map(|next| *next as usize);
        let mut taken = 0;
        for next in nexts.filter(|next| next % PARTS == part) {
            taken += 4;
            let mask = self.left(label.mask, next, arrivals);
            if !self.usable[next] || mask == 0 {
                continue;
            }
            let Some(memory) = self.ng_sets.step(here, label.memory, next) else { continue };
            let leg = self.network.leg(here, next);
            let (cut, once, paid) = self.cuts.pay(label.once, label.paid, next);
            let cost = label.cost + self.travel(leg) + cut;
            let clock = label.clock + leg;
            let label = Label { cost, clock, memory, mask, once, paid, visit: next as u32, from };
            taken += self.arrive(label, here as u32, onward, layer);
        }
        taken
    }

    /// Serves the visit that a walk has come to from `before`, and keeps it where it may still come home below what it must;
    /// the steps that took.
    fn arrive(
        &self,
        walk: Label,
        before: u32,
        (further, threshold): (usize, i64),
        layer: &mut [Vec<Label>],
    ) -> u64 {
        let here = walk.visit as usize;
        let Some(clock) = self.network.end(here, walk.clock) else { return 0 };
        let cost = walk.cost - self.profit[here];
        let onward = self.completion.least(further, here, clock, |then| {
            then == before && self.completion.remembers(here, before as usize)
        });
        if onward == NEVER || cost + onward >= threshold || walk.mask == 0 {
            return 0;
        }
        let steps = 8 + layer[here].len() as u64;
        insert(&mut layer[here], Label { cost, clock, ..walk }, self.cuts);
        steps
    }

    /// The cheapest way home from a visit below the threshold, of labels with their numbers.
    fn cheapest_home<'l>(
        &self,
        visit: usize,
        labels: impl Iterator<Item = (u32, &'l Label)>,
        threshold: i64,
    ) -> Option<(i64, u32)> {
        let leg = self.network.back(self.base, visit);
        let in_time = |label: &Label| label.clock + leg <= self.network.timing.problem.shift.end;
        let home =
            labels.filter(|(_, label)| in_time(label)).map(|(at, label)| (label.cost + self.travel(leg), at));
        home.filter(|(cost, _)| *cost < threshold).min()
    }
}

/// The visits of the walk that a label ends, in order.
fn walk(labels: &[Label], mut at: u32) -> Vec<u32> {
    let mut out = Vec::new();
    while at != ROOT {
        out.push(labels[at as usize].visit);
        at = labels[at as usize].from;
    }
    out.reverse();
    out
}

/// Adds a label to others in the order of their costs, unless one of them dominates it; those that it dominates go.
fn insert(labels: &mut Vec<Label>, new: Label, cuts: &Cuts) {
    let dominates = |a: &Label, b: &Label| {
        if a.cost > b.cost || a.clock > b.clock || a.memory & !b.memory != 0 || b.mask & !a.mask != 0 {
            return false;
        }
        // Whoever goes the same way from here pays for a cut with `a`, but not with `b`, if `b` has paid already or is
        // further from paying.
        let may_pay = !a.paid & (b.paid | a.once & !b.once);
        a.cost + cuts.cost(may_pay) <= b.cost
    };
    let until = labels.partition_point(|old| old.cost <= new.cost);
    if labels[..until].iter().any(|old| dominates(old, &new)) {
        return;
    }
    labels.retain(|old| !dominates(&new, old));
    let place = labels.partition_point(|old| old.cost <= new.cost);
    labels.insert(place, new);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use serde_json::json;

    use super::*;
    use crate::routing::columns::classes::Classes;
    use crate::routing::columns::pricing::Query;
    use crate::routing::problem::Problem;
    use crate::routing::route::Timing;
    use crate::routing::slots::Slots;

    const VISITS: usize = 6;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        /// The cheapest walk is found, whatever walks remember and pay for and whichever team they need: a label that gives way
        /// wrongly is missed in the end.
        #[test]
        fn the_cheapest_of_all_walks_is_found(seed in any::<u64>(), forgetful in 1..5_u32, long in any::<bool>()) {
            let mut dice = ChaCha8Rng::seed_from_u64(seed);
            let mut below = |n: u64| (dice.next_u64() % n) as i64;
            let travel: Vec<Vec<i64>> = (0..=VISITS)
                .map(|from| (0..=VISITS).map(|to| if from == to || long { 0 } else { below(12) }).collect())
                .collect();
            // Teams that each visit avoids, a bit each.
            let avoid: Vec<i64> = (0..VISITS).map(|_| if below(2) == 0 { 0 } else { below(7) }).collect();
            let least_visits = 2 + below(4) as usize;
            let teams: Vec<_> = (0..3)
                .map(|t| json!({"id": format!("T{t}"), "base": "B", "max_visits": if t == 0 { least_visits } else { 5 }}))
                .collect();
            let visits: Vec<_> = (0..VISITS)
                .map(|v| {
                    let avoided: Vec<_> = (0..3).filter(|t| avoid[v] >> t & 1 == 1).map(|t| format!("T{t}")).collect();
                    json!({"id": format!("V{v}"), "service": 10, "avoid": avoided})
                })
                .collect();
            let text = json!({"format": "hecha-problem/1", "days": ["2022-03-07"], "shift": {"start": 0, "end": 70},
                "bases": [{"id": "B"}], "teams": teams,
                "visits": visits, "travel": travel, "cost": {"team_day": 200, "travel": 1}});
            let problem = Problem::from_json(text.to_string().as_bytes()).expect("a problem");
            let (timing, slots) = (Timing::new(&problem), Slots::new(&problem));
            let classes = Classes::new(&problem, &slots);
            let mut network = Network::new(&timing, &classes, 1, &|| false);
            let sets: Vec<Vec<u32>> = (0..VISITS as u32)
                .map(|visit| {
                    (0..VISITS as u32).filter(|other| *other == visit || below(5) >= i64::from(forgetful)).collect()
                })
                .collect();
            network.relax_to_walks(NgSets::of_sets(sets.clone()));
            let cuts = vec![[0, 1, 2], [1, 2, 3], [2, 4, 5], [0, 3, 5]];
            let duals = Duals {
                scale: 1,
                visits: (0..VISITS).map(|_| 60 + below(21)).collect(),
                cuts: cuts.iter().map(|_| below(40)).collect(),
                ..Duals::default()
            };
            let rows = Rows { cuts: cuts.clone(), ..Rows::default() };

            // Every walk, one by one: its visits, what it remembers, when it ends and what it costs.
            let mut least = 0;
            let mut open: Vec<(Vec<usize>, Vec<usize>, i64, i64)> = vec![(Vec::new(), Vec::new(), 0, 200)];
            while let Some((walk, memory, clock, cost)) = open.pop() {
                let avoided = walk.iter().fold(0, |avoided, visit| avoided | avoid[*visit]);
                if avoided == 7 || avoided | 1 == 7 && walk.len() > least_visits {
                    continue;
                }
                if let Some(last) = walk.last().filter(|last| clock + network.back(0, **last) <= 70) {
                    let arrivals = |cut: &[u32; 3]| walk.iter().filter(|visit| cut.contains(&(**visit as u32))).count();
                    let paid: i64 = cuts.iter().zip(&duals.cuts).filter(|(cut, _)| arrivals(cut) > 1).map(|(_, dual)| dual).sum();
                    least = least.min(cost + paid + network.back(0, *last));
                }
                if walk.len() == 5 {
                    continue;
                }
                for next in (0..VISITS).filter(|next| !memory.contains(next)) {
                    let leg = walk.last().map_or(network.out(0, next), |last| network.leg(*last, next));
                    let mut kept: Vec<usize> = memory.iter().copied().filter(|old| sets[next].contains(&(*old as u32))).collect();
                    kept.push(next);
                    let longer = [&walk[..], &[next]].concat();
                    open.push((longer, kept, clock + leg + 10, cost + leg - duals.visits[next]));
                }
            }

            let query = Query {
                duals: &duals,
                rows: &rows,
                pairs: &[],
                threshold: 0,
                keep: 1000,
                hope: None,
                nearest: None,
                buckets: 64,
                steps: u64::MAX,
            };
            let priced = network.price(query, network.ng_sets.as_ref(), &|| false);
            prop_assert!(priced.complete);
            prop_assert_eq!(priced.routes.first().map_or(0, |route| route.reduced), least);
        }
    }
}
