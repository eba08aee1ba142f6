//! Completion bounds: the least that any way home can still cost.
//!
//! A dynamic programme backwards over visits, time buckets and the number of visits still allowed, on walks without
//! 2-cycles; of each state several ways are kept, so that the first step of a completion avoids the whole path (Christofides, Mingozzi and Toth 1981, "State-space relaxation procedures", section 3). Times are rounded
//! down to the start of their bucket, and cuts, masks and longer cycles are ignored: all of that can only lower the bound.

use std::thread;

use super::labels::Memory;
use super::pricing::Field;

/// No way home.
pub(super) const NEVER: i64 = i64::MAX / 4;
/// No next visit.
const HOME: u32 = u32::MAX;

/// Ways home kept for each state.
const KEPT: usize = 4;

/// The cheapest ways home with distinct next visits, the least first.
#[derive(Debug, Clone, Copy)]
struct Ways {
    /// Scaled.
    costs: [i64; KEPT],
    nexts: [u32; KEPT],
}

impl Ways {
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
    layers: Vec<Vec<Ways>>,
    start: i64,
    /// A bucket is 2^`bits` seconds wide: shifts are quicker than divisions.
    bits: u32,
    buckets: usize,
    /// What walks remember; `None`: everything.
    memory: Option<&'m Memory>,
}

impl<'m> Completion<'m> {
    /// The finer the buckets, the less time a completion gains by rounding at each visit, and the fewer routes have to be
    /// looked at; the more there are, the longer this takes.
    ///
    /// `profit` is what a visit brings less its price of change; visits outside `usable` are left out.
    #[allow(clippy::too_many_arguments, reason = "a price, what it is for, and how finely")]
    pub(super) fn new(
        field: &Field<'_>,
        base: usize,
        scale: i64,
        profit: &[i64],
        usable: &[bool],
        longest: usize,
        most_buckets: i64,
        memory: Option<&'m Memory>,
    ) -> Self {
        let shift = field.timing.problem.shift;
        let length = shift.end - shift.start;
        let bits = (0..62).find(|bits| length >> bits < most_buckets).unwrap_or(0);
        let buckets = (length >> bits) as usize + 1;
        let mut out = Self { layers: Vec::with_capacity(longest), start: shift.start, bits, buckets, memory };
        let n = profit.len();
        let mut home = vec![Ways::NONE; n * buckets];
        for (visit, row) in home.chunks_mut(buckets).enumerate().filter(|(visit, _)| usable[*visit]) {
            let leg = field.back(base, visit);
            for (bucket, ways) in row.iter_mut().enumerate() {
                if ((bucket as i64) << bits) + leg > length {
                    break;
                }
                ways.enter(field.travel * scale * leg, HOME);
            }
        }
        out.layers.push(home);
        // No service ends earlier than the quickest way there allows.
        let first: Vec<usize> = (0..n).map(|visit| out.bucket(field.earliest_end(visit))).collect();
        for _ in 1..longest {
            let mut layer = out.layers[0].clone();
            let half = n.div_ceil(2) * buckets;
            let (head, tail) = layer.split_at_mut(half.min(n * buckets));
            let fill = |rows: &mut [Ways], from: usize| out.fill(rows, from, field, scale, profit, usable, &first);
            if field.threads > 1 && n > 50 {
                thread::scope(|scope| {
                    scope.spawn(|| fill(tail, n.div_ceil(2)));
                    fill(head, 0);
                });
            } else {
                fill(head, 0);
                fill(tail, n.div_ceil(2));
            }
            out.layers.push(layer);
        }
        out
    }

    fn bucket(&self, time: i64) -> usize {
        ((time - self.start) >> self.bits) as usize
    }

    /// Fills the rows of visits `from..` of a layer.
    #[allow(clippy::too_many_arguments, reason = "one step of one recursion")]
    fn fill(
        &self,
        rows: &mut [Ways],
        from: usize,
        field: &Field<'_>,
        scale: i64,
        profit: &[i64],
        usable: &[bool],
        first: &[usize],
    ) {
        let Some(last) = self.layers.last() else { return };
        for (visit, row) in (from..).zip(rows.chunks_mut(self.buckets)).filter(|(visit, _)| usable[*visit]) {
            let Some(row) = row.get_mut(first[visit]..) else { continue };
            for next in (0..profit.len()).filter(|next| *next != visit && usable[*next]) {
                let leg = field.leg(visit, next);
                let gain = field.travel * scale * leg - profit[next];
                let forbidden = if self.remembers(next, visit) { visit as u32 } else { HOME };
                let ahead = &last[next * self.buckets..(next + 1) * self.buckets];
                let mut clock = Clock::new(field, next);
                let mut arrival = self.start + leg + ((first[visit] as i64) << self.bits);
                for ways in row.iter_mut() {
                    let Some(end) = clock.end(arrival) else { break };
                    let Some(cell) = ahead.get(self.bucket(end)) else { break };
                    if cell.costs[0] == NEVER {
                        break;
                    }
                    arrival += 1 << self.bits;
                    if gain + cell.costs[0] >= ways.costs[KEPT - 1] {
                        continue;
                    }
                    let onward = cell.least(|then| then == forbidden);
                    if onward != NEVER {
                        ways.enter(gain + onward, next as u32);
                    }
                }
            }
        }
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

    /// Whether a walk that stands at `here` remembers `before`.
    pub(super) fn remembers(&self, here: usize, before: usize) -> bool {
        self.memory.is_none_or(|memory| memory.holds(here, before))
    }
}

/// Ends of a visit's service for arrivals that only grow.
struct Clock<'a> {
    starts: &'a [(i64, i64)],
    service: i64,
}

impl<'a> Clock<'a> {
    fn new(field: &'a Field<'_>, visit: usize) -> Self {
        Self { starts: field.timing.starts(visit), service: field.timing.problem.visits[visit].service }
    }

    fn end(&mut self, arrival: i64) -> Option<i64> {
        while let Some((first, last)) = self.starts.first() {
            if *last >= arrival {
                return Some(arrival.max(*first) + self.service);
            }
            self.starts = &self.starts[1..];
        }
        None
    }
}
