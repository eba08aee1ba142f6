//! Completion bounds: the least that any way home can still cost.
//!
//! A dynamic programme backwards over visits, time buckets and the number of visits still allowed, on walks without
//! 2-cycles (Christofides, Mingozzi and Toth 1981, "State-space relaxation procedures", section 3). Times are rounded
//! down to the start of their bucket, and cuts, masks and longer cycles are ignored: all of that can only lower the bound.

use super::labels::Memory;
use super::pricing::Field;

/// No way home.
pub(super) const NEVER: i64 = i64::MAX / 4;
/// Buckets of a shift.
const BUCKETS: usize = 64;
/// No next visit.
const HOME: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Best {
    /// Least cost, scaled.
    first: i64,
    /// Least cost with another next visit.
    second: i64,
    /// The next visit of `first`.
    next: u32,
}

/// For each number of further visits, each visit and each bucket the least cost from the end of its service on.
#[derive(Debug)]
pub(super) struct Completion<'m> {
    /// Layer by number of further visits allowed.
    layers: Vec<Vec<Best>>,
    start: i64,
    width: i64,
    /// What walks remember; `None`: everything.
    memory: Option<&'m Memory>,
}

impl<'m> Completion<'m> {
    /// `profit` is what a visit brings less its price of change; visits outside `usable` are left out.
    pub(super) fn new(
        field: &Field<'_>,
        base: usize,
        scale: i64,
        profit: &[i64],
        usable: &[bool],
        longest: usize,
        memory: Option<&'m Memory>,
    ) -> Self {
        let shift = field.timing.problem.shift;
        let width = (shift.end - shift.start).div_euclid(BUCKETS as i64) + 1;
        let mut out = Self { layers: Vec::with_capacity(longest), start: shift.start, width, memory };
        let n = profit.len();
        let mut home = vec![Best { first: NEVER, second: NEVER, next: HOME }; n * BUCKETS];
        for visit in (0..n).filter(|v| usable[*v]) {
            let leg = field.back(base, visit);
            for bucket in 0..BUCKETS {
                if shift.start + bucket as i64 * width + leg > shift.end {
                    break;
                }
                home[visit * BUCKETS + bucket].first = field.travel * scale * leg;
            }
        }
        out.layers.push(home);
        for _ in 1..longest {
            let layer = out.next_layer(field, scale, profit, usable);
            out.layers.push(layer);
        }
        out
    }

    fn next_layer(&self, field: &Field<'_>, scale: i64, profit: &[i64], usable: &[bool]) -> Vec<Best> {
        let n = profit.len();
        let mut layer = self.layers[0].clone();
        let Some(last) = self.layers.last() else { return layer };
        for (visit, row) in layer.chunks_mut(BUCKETS).enumerate().filter(|(visit, _)| usable[*visit]) {
            for next in (0..n).filter(|next| *next != visit && usable[*next]) {
                let leg = field.leg(visit, next);
                let gain = field.travel * scale * leg - profit[next];
                let forbidden = if self.remembers(next, visit) { visit as u32 } else { HOME };
                let ahead = &last[next * BUCKETS..(next + 1) * BUCKETS];
                let mut clock = Clock::new(field, next);
                let mut arrival = self.start + leg;
                for best in row.iter_mut() {
                    let Some(end) = clock.end(arrival) else { break };
                    let Some(cell) = ahead.get(((end - self.start) / self.width) as usize) else { break };
                    if cell.first == NEVER {
                        break;
                    }
                    arrival += self.width;
                    let onward = if cell.next == forbidden && forbidden != HOME { cell.second } else { cell.first };
                    if onward == NEVER {
                        continue;
                    }
                    let cost = gain + onward;
                    if cost < best.first {
                        (best.second, best.first, best.next) = (best.first, cost, next as u32);
                    } else if cost < best.second {
                        best.second = cost;
                    }
                }
            }
        }
        layer
    }

    /// The least cost from the end of a visit's service at time `end` on, with at most `further` visits and not straight
    /// back to `from`.
    pub(super) fn least(&self, further: usize, visit: usize, end: i64, from: u32) -> i64 {
        let bucket = ((end - self.start) / self.width) as usize;
        if bucket >= BUCKETS {
            return NEVER;
        }
        let cell = &self.layers[further.min(self.layers.len() - 1)][visit * BUCKETS + bucket];
        let back = cell.next == from && from != HOME && self.remembers(visit, from as usize);
        if back { cell.second } else { cell.first }
    }

    /// Whether a walk that stands at `here` remembers `before`.
    fn remembers(&self, here: usize, before: usize) -> bool {
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
