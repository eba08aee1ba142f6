//! Completion bounds: the least that any way home can still cost.
//!
//! A dynamic programme backwards over visits, time buckets and the number of visits still allowed, on walks without
//! 2-cycles; of each state several ways are kept, so that the first step of a completion avoids the whole path
//! (Christofides, Mingozzi and Toth 1981, "State-space relaxation procedures for the computation of bounds to routing
//! problems", section 3). Times are rounded down to the
//! start of their bucket, and cuts, masks and longer cycles are ignored: all of that can only lower the bound.

use std::thread;

use super::forward::{Forward, Scope};
use super::memory::NgSets;
use super::network::Network;

/// No way home.
pub(super) const NEVER: i64 = i64::MAX / 4;
/// No next visit.
const HOME: u32 = u32::MAX;

/// Ways home kept for each state.
const KEPT: usize = 4;
/// Most states of all layers, 48 bytes each: where routes are very long, buckets are wider instead.
pub(super) const MOST_STATES: usize = 10_000_000;

/// The cheapest ways home with distinct next visits, the least first.
#[derive(Debug, Clone, Copy)]
struct WaysHome {
    /// Scaled.
    costs: [i64; KEPT],
    nexts: [u32; KEPT],
}

impl WaysHome {
    const NONE: Self = Self { costs: [NEVER; KEPT], nexts: [HOME; KEPT] };

    fn enter(&mut self, cost: i64, next: u32) {
        if cost >= self.costs[KEPT - 1] {
            return;
        }
        let mut at = KEPT - 1;
        while at > 0 && cost < self.costs[at - 1] {
            self.costs[at] = self.costs[at - 1];
            self.nexts[at] = self.nexts[at - 1];
            at -= 1;
        }
        self.costs[at] = cost;
        self.nexts[at] = next;
    }

    /// The least that does not go to a forbidden visit next; the last one bounds all that is not kept.
    fn least(&self, forbidden: impl Fn(u32) -> bool) -> i64 {
        for at in 0..KEPT - 1 {
            if self.nexts[at] == HOME || !forbidden(self.nexts[at]) {
                return self.costs[at];
            }
        }
        self.costs[KEPT - 1]
    }
}

/// For each number of further visits, each visit and each bucket the least cost from the end of its service on.
#[derive(Debug)]
pub(super) struct Completion<'m> {
    /// Layer by number of further visits allowed.
    layers: Vec<Vec<WaysHome>>,
    start: i64,
    /// A bucket is 2^`bits` seconds wide: shifts are quicker than divisions.
    bits: u32,
    buckets: usize,
    /// What walks remember; `None`: everything.
    ng_sets: Option<&'m NgSets>,
    /// For each visit those that may follow it in a route below the threshold.
    legs: Vec<Vec<u32>>,
    /// Looks at a leg from a bucket or section.
    pub(super) looks: u64,
}

/// One layer's recursion.
struct Step<'s> {
    scope: Scope<'s>,
    forward: &'s Forward,
    further: usize,
    /// For each visit the first bucket in which its service may end.
    first: &'s [usize],
    /// For each visit and bucket of the layer before the least cost from there or later on.
    low: &'s [i64],
}

impl<'m> Completion<'m> {
    /// The finer the buckets, the less time a completion gains by rounding at each visit, and the fewer routes have to be
    /// looked at; the more there are, the longer this takes. What `forward` says is useless is left out. `None` if `stop`
    /// comes first.
    pub(super) fn new(
        scope: Scope<'_>,
        forward: &Forward,
        most_buckets: i64,
        ng_sets: Option<&'m NgSets>,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Option<Self> {
        let Scope { network, base, scale, usable, longest, .. } = scope;
        let shift = network.timing.problem.shift;
        let length = shift.end - shift.start;
        let n = usable.len();
        let most_buckets = most_buckets.min((MOST_STATES / (n * longest).max(1)) as i64);
        let bits = (0..=forward.bits).find(|bits| length >> bits < most_buckets).unwrap_or(forward.bits);
        let buckets = (length >> bits) as usize + 1;
        let mut out = Self {
            layers: Vec::with_capacity(longest),
            start: shift.start,
            bits,
            buckets,
            ng_sets,
            legs: vec![Vec::new(); n],
            looks: 0,
        };
        let mut home = vec![WaysHome::NONE; n * buckets];
        for (visit, row) in home.chunks_mut(buckets).enumerate().filter(|(visit, _)| usable[*visit]) {
            let leg = network.back(base, visit);
            for (bucket, ways) in row.iter_mut().enumerate() {
                if ((bucket as i64) << bits) + leg > length {
                    break;
                }
                ways.enter(network.travel * scale * leg, HOME);
            }
        }
        out.layers.push(home);
        // No service ends earlier than the shortest leg there allows.
        let first: Vec<usize> = (0..n).map(|visit| out.bucket(network.reachable.first_end(visit))).collect();
        for further in 1..longest {
            if stop() {
                return None;
            }
            let mut layer = out.layers[0].clone();
            let mut used: Vec<Vec<u32>> = vec![Vec::new(); n];
            let low = out.low(n);
            let half = n.div_ceil(2);
            let (head, tail) = layer.split_at_mut((half * buckets).min(n * buckets));
            let (legs_head, legs_tail) = used.split_at_mut(half.min(n));
            let step = Step { scope, forward, further, first: &first, low: &low };
            let fill =
                |rows: &mut [WaysHome], legs: &mut [Vec<u32>], from: usize| out.fill(rows, legs, from, &step);
            let looks = if network.threads > 1 && n > 50 {
                thread::scope(|scope| {
                    let other = scope.spawn(|| fill(tail, legs_tail, half));
                    fill(head, legs_head, 0) + other.join().expect("filling a table does not panic")
                })
            } else {
                fill(head, legs_head, 0) + fill(tail, legs_tail, half)
            };
            out.looks += looks;
            out.layers.push(layer);
            for (legs, used) in out.legs.iter_mut().zip(used) {
                legs.extend(used);
            }
        }
        for legs in &mut out.legs {
            legs.sort_unstable();
            legs.dedup();
        }
        Some(out)
    }

    fn bucket(&self, time: i64) -> usize {
        ((time - self.start) >> self.bits) as usize
    }

    /// For each visit and bucket of the last layer the least cost from there or later on.
    fn low(&self, n: usize) -> Vec<i64> {
        let Some(last) = self.layers.last() else { return Vec::new() };
        let mut out = vec![NEVER; n * self.buckets];
        for (row, ways) in out.chunks_mut(self.buckets).zip(last.chunks(self.buckets)) {
            let mut least = NEVER;
            for (cell, ways) in row.iter_mut().zip(ways).rev() {
                least = least.min(ways.costs[0]);
                *cell = least;
            }
        }
        out
    }

    /// Fills the rows of visits `from..` of a layer, and the legs that were of use; how many looks that took.
    fn fill(&self, rows: &mut [WaysHome], legs: &mut [Vec<u32>], from: usize, step: &Step<'_>) -> u64 {
        let Scope { network, scale, profit, usable, nexts, .. } = step.scope;
        let Some(last) = self.layers.last() else { return 0 };
        // Buckets of a section.
        let block = 1_usize << (step.forward.bits - self.bits);
        let mut looks = 0;
        for ((visit, row), legs) in (from..).zip(rows.chunks_mut(self.buckets)).zip(legs) {
            if !usable[visit] || step.first[visit] >= self.buckets {
                continue;
            }
            let limit = step.forward.limits(step.further, visit);
            let highest = limit(step.forward.sections - 1);
            for next in nexts[visit].iter().map(|next| *next as usize) {
                let leg = network.leg(visit, next);
                let gain = network.travel * scale * leg - profit[next];
                let low = &step.low[next * self.buckets..(next + 1) * self.buckets];
                looks += 1;
                if gain + low[0] >= highest {
                    continue;
                }
                legs.push(next as u32);
                let forbidden = if self.remembers(next, visit) { visit as u32 } else { HOME };
                let ahead = &last[next * self.buckets..(next + 1) * self.buckets];
                let mut ends = Ends::new(network, next);
                let mut at = step.first[visit];
                'blocks: while at < self.buckets {
                    let (section, until) = (at / block, ((at / block + 1) * block).min(self.buckets));
                    let limit = limit(section);
                    let arrival = |at: usize| self.start + leg + ((at as i64) << self.bits);
                    looks += 1;
                    let Some(end) = ends.end(arrival(at)) else { break };
                    let Some(least) = low.get(self.bucket(end)) else { break };
                    if gain + least >= limit {
                        at = until;
                        continue;
                    }
                    looks += 2 * (until - at) as u64;
                    for (at, ways) in (at..until).zip(&mut row[at..until]) {
                        let Some(end) = ends.end(arrival(at)) else { break 'blocks };
                        let Some(cell) = ahead.get(self.bucket(end)) else { break 'blocks };
                        // No way from here may yet be one from later on: limits rise with the section.
                        if cell.costs[0] == NEVER {
                            continue;
                        }
                        if gain + cell.costs[0] >= ways.costs[KEPT - 1].min(limit) {
                            continue;
                        }
                        let onward = cell.least(|then| then == forbidden);
                        if onward != NEVER {
                            ways.enter(gain + onward, next as u32);
                        }
                    }
                    at = until;
                }
            }
        }
        looks
    }

    /// The least cost from the end of a visit's service at time `end` on, with at most `further` visits, the next of them
    /// not `forbidden`.
    pub(super) fn least(&self, further: usize, visit: usize, end: i64, forbidden: impl Fn(u32) -> bool) -> i64 {
        let bucket = self.bucket(end);
        if bucket >= self.buckets {
            return NEVER;
        }
        self.layers[further.min(self.layers.len() - 1)][visit * self.buckets + bucket].least(forbidden)
    }

    /// Visits that may follow a visit in a route below the threshold, ascending.
    pub(super) fn legs(&self, visit: usize) -> &[u32] {
        &self.legs[visit]
    }

    /// Whether a walk that stands at `here` remembers `before`.
    pub(super) fn remembers(&self, here: usize, before: usize) -> bool {
        self.ng_sets.is_none_or(|sets| sets.holds(here, before))
    }
}

/// Ends of a visit's service for arrivals that only grow.
pub(super) struct Ends<'a> {
    starts: &'a [(i64, i64)],
    service: i64,
}

impl<'a> Ends<'a> {
    pub(super) fn new(network: &'a Network<'_>, visit: usize) -> Self {
        Self { starts: network.timing.starts(visit), service: network.timing.problem.visits[visit].service }
    }

    pub(super) fn end(&mut self, arrival: i64) -> Option<i64> {
        while let Some((first, last)) = self.starts.first() {
            if *last >= arrival {
                return Some(arrival.max(*first) + self.service);
            }
            self.starts = &self.starts[1..];
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use serde_json::json;

    use super::*;
    use crate::routing::columns::classes::Classes;
    use crate::routing::problem::Problem;
    use crate::routing::route::Timing;
    use crate::routing::slots::Slots;

    /// Visits of a way, the end of each of their services, and what the way costs up to there.
    type Way = (Vec<usize>, Vec<i64>, Vec<i64>);

    /// Visits of a few minutes, ways of any length, often none home in time: no triangle inequality at all.
    fn at_random(dice: &mut ChaCha8Rng, visits: usize) -> Problem {
        let mut below = |n: i64| (dice.next_u64() % n as u64) as i64;
        let end = [60, 120, 200, 320][below(4) as usize];
        let mut travel = vec![vec![0; visits + 1]; visits + 1];
        for (from, to) in (0..=visits).flat_map(|from| (0..=visits).map(move |to| (from, to))) {
            travel[from][to] = match (from, to) {
                _ if from == to => 0,
                (_, 0) => [0, 1, below(2 * end)][below(3) as usize],
                (0, _) => [0, below(end / 2)][below(2) as usize],
                _ => [0, 1, 2, below(end / 2)][below(4) as usize],
            };
        }
        let list: Vec<_> = (0..visits)
            .map(|v| {
                let mut visit = json!({"id": format!("V{v}"), "service": below(end / 8)});
                if below(5) < 2 {
                    let from = below(end);
                    visit["windows"] = json!([[from, from + below(end)]]);
                }
                visit
            })
            .collect();
        let text = json!({"format": "hecha-problem/1", "days": ["2022-03-07"], "shift": {"start": 0, "end": end},
            "bases": [{"id": "B"}], "teams": [{"id": "T", "base": "B", "max_visits": 4}], "visits": list, "travel": travel,
            "cost": {"team_day": 0, "travel": 1}});
        Problem::from_json(text.to_string().as_bytes()).expect("a problem")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8000))]

        /// Wherever a route below the threshold stands, the bound lets it go on: over a leg that is kept, to a cost below the
        /// threshold.
        #[test]
        fn no_route_below_the_threshold_is_cut_off(seed in any::<u64>(), visits in 3_usize..6, above in 1..60_i64, buckets in prop::sample::select(vec![16_i64, 64, 1024])) {
            let mut dice = ChaCha8Rng::seed_from_u64(seed);
            let problem = at_random(&mut dice, visits);
            let (timing, slots) = (Timing::new(&problem), Slots::new(&problem));
            let classes = Classes::new(&problem, &slots);
            let network = Network::new(&timing, &classes, 1, &|| false);
            let profit: Vec<i64> = (0..visits).map(|_| (dice.next_u64() % 200) as i64).collect();
            let longest = network.longest().max(1);
            let mut routes: Vec<(Way, i64)> = Vec::new();
            let mut open: Vec<Way> = vec![Way::default()];
            while let Some((path, ends, costs)) = open.pop() {
                if let Some(last) = path.last() {
                    let home = network.back(0, *last);
                    if ends[path.len() - 1] + home <= problem.shift.end {
                        routes.push(((path.clone(), ends.clone(), costs.clone()), costs[path.len() - 1] + home));
                    }
                }
                for next in (0..visits).filter(|next| path.len() < longest && !path.contains(next)) {
                    let leg = path.last().map_or(network.out(0, next), |last| network.leg(*last, next));
                    let Some(end) = network.end(next, ends.last().copied().unwrap_or(problem.shift.start) + leg) else { continue };
                    let cost = costs.last().copied().unwrap_or(0) + leg - profit[next];
                    let longer = |list: &[i64], one| [list, &[one]].concat();
                    open.push(([&path[..], &[next]].concat(), longer(&ends, end), longer(&costs, cost)));
                }
            }
            let Some(least) = routes.iter().map(|(_, cost)| *cost).min() else { return Ok(()) };
            let threshold = least + above;
            let usable = vec![true; visits];
            let nexts: Vec<Vec<u32>> =
                (0..visits).map(|v| (0..visits as u32).filter(|next| *next as usize != v).collect()).collect();
            let scope = Scope { network: &network, base: 0, scale: 1, profit: &profit, usable: &usable, nexts: &nexts, longest };
            let forward = Forward::new(scope, 0, threshold, &|| false).expect("nothing stops it");
            let completion = Completion::new(scope, &forward, buckets, None, &|| false).expect("nothing stops it");
            for ((path, ends, costs), cost) in routes.iter().filter(|(_, cost)| *cost < threshold) {
                for at in 0..path.len() {
                    let held = |then: u32| path[..at].contains(&(then as usize));
                    let onward = completion.least(longest - at - 1, path[at], ends[at], held);
                    prop_assert!(onward <= cost - costs[at], "{path:?} at {at}: {onward} instead of {}", cost - costs[at]);
                    let kept = path.get(at + 1).is_none_or(|next| completion.legs(path[at]).contains(&(*next as u32)));
                    prop_assert!(kept, "{path:?} at {at}");
                }
            }
        }
    }
}
