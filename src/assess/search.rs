//! The largest number non-conforming that the sample does not speak against, over all ways to split it among the strata.
//!
//! P(outcome counts | M_1, …, M_H) falls in every M_h, so what is sought is the highest sum in a set closed downwards. Three
//! means find it, all in whole numbers:
//!
//! 1. *Envelopes* (from above). Stratum after stratum, for each total m of the M_h so far, the greatest value over all
//!    splits of m is kept of every cumulative probability, one by one: a dynamic programme over stochastic upper envelopes.
//!    No split of m reaches more than the envelope, and of two splits of one total the spread differs little, so that
//!    the envelope is mostly as good as the best split.
//! 2. *Climbing* (from below): from the proportional split of a total by moves of a few units between two strata to one
//!    that is certainly not spoken against.
//! 3. Between the two, the splits of one total themselves ([`beam`](super::beam)), and where that leaves it open *branch and
//!    bound*: ranges of M_h are halved, each half bounded by its own envelope, down to single splits, decided exactly.
//!
//! Every elementary step is counted. Where the count runs out, the envelope's total stands: it is certainly not too small.

use std::collections::BTreeMap;

use num_bigint::BigUint;

use super::order::Places;
use super::rows::{BITS, ONE, Row, Rows, Size};

/// A probability of more than 1 in so many is not spoken against.
pub(super) const ODDS: u64 = 20;
/// Elementary steps of an exact decision between two numbers that agree in all 62 bits.
const EXACT_STEPS: u64 = 50_000_000;
/// Steps that an envelope may always take: without any, nothing at all could be said.
const LEAST_WORK: u64 = 1_000_000;
/// Groups of splits a total, at first and where that does not settle it.
const WIDTHS: [usize; 2] = [32, 512];

/// What is known of the largest total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Total {
    pub(super) most: u64,
    /// Whether some split attains it; else it may be too large, but not too small.
    pub(super) attained: bool,
}

/// One stratum of the search.
pub(super) struct Line {
    pub(super) size: Size,
    /// Least M_h.
    pub(super) low: u64,
    /// For M_h from `low` on.
    pub(super) rows: Vec<Row>,
    /// Places of the numbers found.
    pub(super) down: Vec<usize>,
    up: Vec<usize>,
}

/// Ranges of M_h.
pub(super) type Ranges = Vec<(u64, u64)>;

pub(super) struct Search {
    pub(super) lines: Vec<Line>,
    /// Limits of places rounded down (for what is at most) and up (for what is at least).
    pub(super) limit: usize,
    sure_limit: usize,
    exact: bool,
    /// Steps left.
    pub(super) work: u64,
}

/// Whether a split is spoken against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Holds,
    Fails,
    Unknown,
}

/// Whether a probability rounded up may be more than 1 in [`ODDS`].
pub(super) fn may_hold(up: u64) -> bool {
    up > ONE / ODDS
}

/// Whether one rounded down certainly is.
pub(super) fn holds(down: u64) -> bool {
    down > ONE / ODDS
}

impl Search {
    /// Strata as size, number found and number that may still not conform beside those found; `work` in steps.
    pub(super) fn new(strata: &[(Size, u64, u64)], places: &Places, work: u64) -> Self {
        let line = |at: usize, (size, found, rest): &(Size, u64, u64)| {
            let (down, up) = (places.low[at].clone(), places.high[at].clone());
            let mut rows = Rows::new(*size, places.most(at));
            rows.pass(*found);
            let counts = |row: &Row| -> u64 {
                let counting = down.get(row.first as usize..).unwrap_or(&[]);
                row.up.iter().zip(counting).filter(|(_, p)| **p <= places.low_limit).map(|(p, _)| *p).sum()
            };
            // More than the last one alone fails already.
            let mut kept: Vec<Row> = Vec::new();
            for row in rows.take(*rest as usize + 1) {
                if !kept.is_empty() && !may_hold(counts(&row)) {
                    break;
                }
                kept.push(row);
            }
            Line { size: *size, low: *found, rows: kept, down, up }
        };
        let mut lines: Vec<Line> = strata.iter().enumerate().map(|(at, s)| line(at, s)).collect();
        // The last stage of an envelope is the cheapest.
        lines.sort_by_key(|line| line.rows.len());
        let (limit, sure_limit) = (places.low_limit, places.high_limit);
        Self { lines, limit, sure_limit, exact: places.exact(), work }
    }

    /// About so many steps does the envelope of everything take, where M_h are taken `stride` at a time.
    pub(super) fn steps(&self, stride: u64) -> u64 {
        let (mut before, mut steps) = (1_u64, 0_u64);
        let alive = self.alive();
        for (at, line) in self.lines.iter().enumerate() {
            let rows = line.rows.len() as u64;
            let cells = if at + 1 == self.lines.len() { 1 } else { self.limit as u64 / 2 + 1 };
            let found = line.rows.iter().map(|row| row.up.len() as u64).max().unwrap_or(1);
            steps = steps.saturating_add(
                before.div_ceil(stride).saturating_mul(rows.div_ceil(stride)).saturating_mul(cells * found),
            );
            before = (before + rows).min(alive);
        }
        steps
    }

    /// About so many totals are not spoken against: those of one stratum as large as all, and half as many again.
    fn alive(&self) -> u64 {
        let mut pooled = Size { population: 0, sample: 0 };
        let mut found = 0;
        for line in &self.lines {
            pooled.population += line.size.population;
            pooled.sample += line.size.sample;
            found += line.low;
        }
        let most = super::largest_alone(pooled, found, pooled.population - pooled.sample + found);
        (most - found) * 3 / 2 + self.lines.len() as u64
    }

    /// Cumulative probabilities that the envelope of everything keeps at a time.
    pub(super) fn memory(&self) -> u64 {
        self.alive().saturating_mul(self.limit as u64 + 1)
    }

    /// The largest total.
    pub(super) fn largest(mut self) -> Total {
        let all: Ranges = self.lines.iter().map(|l| (l.low, l.low + l.rows.len() as u64 - 1)).collect();
        let least: u64 = all.iter().map(|(low, _)| low).sum();
        let mut stride = 1;
        while self.steps(stride) > (self.work / 2).max(LEAST_WORK) && stride < 1 << 20 {
            stride *= 2;
        }
        let envelope = self.envelope(&all, stride, None);
        let above = envelope.iter().rposition(|up| may_hold(*up)).unwrap_or(0) as u64;
        let mut most = least + above;
        loop {
            if most == least || self.climb(&all, most) {
                return Total { most, attained: true };
            }
            // Blocks of several M_h at a time say nothing of single ones.
            let verdict = if stride == 1 { self.settle(&all, most) } else { Verdict::Unknown };
            match verdict {
                Verdict::Holds => return Total { most, attained: true },
                Verdict::Fails => most -= 1,
                Verdict::Unknown => return Total { most, attained: false },
            }
        }
    }

    /// For each total from the least of the ranges on, no less than the probability of any split; of a wanted total only.
    fn envelope(&mut self, ranges: &Ranges, stride: u64, wanted: Option<u64>) -> Vec<u64> {
        let cells = self.limit + 1;
        // Cumulative probabilities of the strata so far, by total and limit: all of nothing is found.
        let mut before: Vec<u64> = vec![ONE; cells];
        let mut sums = vec![0_u128; cells];
        let room: u64 = ranges.iter().map(|(low, high)| high - low).sum();
        let mut room_after = room;
        for (at, (line, (low, high))) in self.lines.iter().zip(ranges).enumerate() {
            let last = at + 1 == self.lines.len();
            room_after -= high - low;
            let totals = before.len() / cells;
            let width = (high - low) as usize;
            // The last stratum asks for the limit itself only.
            let from = if last { self.limit } else { 0 };
            let mut after = vec![0_u64; (totals + width) * cells];
            for total in 0..totals {
                let behind = &before[total * cells..(total + 1) * cells];
                // Whatever comes can only take away.
                if !may_hold(behind[self.limit]) {
                    continue;
                }
                let mut block = *low;
                while block <= *high {
                    let top = (block + stride - 1).min(*high);
                    let sum = total + (top - low) as usize;
                    let useful = wanted.is_none_or(|wanted| {
                        let missing = wanted.checked_sub(sum as u64);
                        missing.is_some_and(|missing| missing <= room_after)
                    });
                    if useful {
                        let row = &line.rows[(block - line.low) as usize];
                        let target = &mut after[sum * cells..(sum + 1) * cells];
                        self.work = self.work.saturating_sub(convolve(row, &line.down, behind, from, &mut sums));
                        for (best, sum) in target[from..].iter_mut().zip(&sums[from..]) {
                            *best = (*best).max(rounded_up(*sum));
                        }
                    }
                    block = top + 1;
                }
            }
            before = after;
        }
        before.chunks(cells).map(|of_total| of_total[self.limit]).collect()
    }

    /// The probability of a split, rounded down and up; `None` when the steps have run out.
    pub(super) fn probability(&mut self, split: &[u64]) -> Option<(u64, u64)> {
        let mut ends = [(self.sure_limit, 0), (self.limit, 0)];
        for (up, (limit, result)) in [false, true].into_iter().zip(&mut ends) {
            let mut so_far = vec![ONE; *limit + 1];
            let mut sums = vec![0; *limit + 1];
            for (at, (line, marked)) in self.lines.iter().zip(split).enumerate() {
                let row = &line.rows[(marked - line.low) as usize];
                let from = if at + 1 == split.len() { *limit } else { 0 };
                let steps = if up {
                    convolve(row, &line.down, &so_far, from, &mut sums)
                } else {
                    convolve_down(row, &line.up, &so_far, from, &mut sums)
                };
                self.work = self.work.checked_sub(steps)?;
                for (to, sum) in so_far.iter_mut().zip(&sums) {
                    *to = if up { rounded_up(*sum) } else { (*sum >> BITS) as u64 };
                }
            }
            *result = so_far[*limit];
        }
        Some((ends[0].1, ends[1].1))
    }

    /// Decides one split, by the exact numbers of cases where probabilities leave it open.
    pub(super) fn decide(&mut self, split: &[u64]) -> Verdict {
        match self.probability(split) {
            None => Verdict::Unknown,
            Some((down, _)) if holds(down) => Verdict::Holds,
            Some((_, up)) if !may_hold(up) => Verdict::Fails,
            Some(_) if !self.exact => Verdict::Unknown,
            Some(_) => self.count(split),
        }
    }

    /// Counts cases: more than 1 in [`ODDS`] of all must be as far down the order as what was found.
    fn count(&self, split: &[u64]) -> Verdict {
        let mut cases = BTreeMap::from([(0, BigUint::from(1_u32))]);
        let (mut all, mut steps) = (BigUint::from(ODDS), 0_u64);
        let mut samples = BigUint::from(1_u32);
        for (line, marked) in self.lines.iter().zip(split) {
            samples *= line.size.samples();
            let (first, row) = line.size.cases(*marked, line.down.len() as u64 - 1);
            steps += (cases.len() * row.len()) as u64 * (samples.bits() / 64 + 1);
            if steps > EXACT_STEPS {
                return Verdict::Unknown;
            }
            let mut next: BTreeMap<usize, BigUint> = BTreeMap::new();
            for (place, so_far) in &cases {
                for (further, here) in line.down.get(first as usize..).unwrap_or(&[]).iter().zip(&row) {
                    if place + further <= self.limit {
                        *next.entry(place + further).or_default() += so_far * here;
                    }
                }
            }
            cases = next;
        }
        all *= cases.values().sum::<BigUint>();
        if all > samples { Verdict::Holds } else { Verdict::Fails }
    }

    /// Whether any split of a total holds.
    fn settle(&mut self, all: &Ranges, total: u64) -> Verdict {
        for width in WIDTHS {
            let verdict = self.beam(all, total, width);
            if verdict != Verdict::Unknown {
                return verdict;
            }
        }
        self.branch(all, total)
    }

    /// The same by halving ranges.
    fn branch(&mut self, all: &Ranges, total: u64) -> Verdict {
        let mut open = vec![all.clone()];
        while let Some(mut ranges) = open.pop() {
            if !tighten(&mut ranges, total) {
                continue;
            }
            if self.work == 0 {
                return Verdict::Unknown;
            }
            let least: u64 = ranges.iter().map(|(low, _)| low).sum();
            let widest = (0..ranges.len()).max_by_key(|h| ranges[*h].1 - ranges[*h].0).unwrap_or(0);
            let (low, high) = ranges[widest];
            if low == high {
                let split: Vec<u64> = ranges.iter().map(|(low, _)| *low).collect();
                match self.decide(&split) {
                    Verdict::Fails => continue,
                    verdict => return verdict,
                }
            }
            let envelope = self.envelope(&ranges, 1, Some(total - least));
            if !envelope.get((total - least) as usize).is_some_and(|up| may_hold(*up)) {
                continue;
            }
            let middle = low + (high - low) / 2;
            for half in [(low, middle), (middle + 1, high)] {
                let mut part = ranges.clone();
                part[widest] = half;
                open.push(part);
            }
        }
        Verdict::Fails
    }
}

/// Narrows ranges to what a total leaves them; false where it leaves nothing.
fn tighten(ranges: &mut Ranges, total: u64) -> bool {
    loop {
        let least: u64 = ranges.iter().map(|(low, _)| low).sum();
        let most: u64 = ranges.iter().map(|(_, high)| high).sum();
        if least > total || most < total {
            return false;
        }
        let mut narrower = false;
        for (low, high) in ranges.iter_mut() {
            let from = (total + *high).saturating_sub(most).max(*low);
            let to = (total - least + *low).min(*high);
            narrower |= (from, to) != (*low, *high);
            (*low, *high) = (from, to);
        }
        if !narrower {
            return true;
        }
    }
}

pub(super) fn rounded_up(sum: u128) -> u64 {
    ((sum + (1 << BITS) - 1) >> BITS).min(u128::from(ONE)) as u64
}

/// Sums of products of probabilities rounded up, from limit `from` on; gives the number of steps.
pub(super) fn convolve(row: &Row, places: &[usize], so_far: &[u64], from: usize, sums: &mut [u128]) -> u64 {
    add_up(row.first, &row.up, places, so_far, from, sums)
}

/// The same rounded down.
fn convolve_down(row: &Row, places: &[usize], so_far: &[u64], from: usize, sums: &mut [u128]) -> u64 {
    add_up(row.first, &row.down, places, so_far, from, sums)
}

fn add_up(first: u64, row: &[u64], places: &[usize], so_far: &[u64], from: usize, sums: &mut [u128]) -> u64 {
    sums[from..].fill(0);
    let mut steps = 1;
    for (p, place) in row.iter().zip(places.get(first as usize..).unwrap_or(&[])) {
        let begin = from.max(*place);
        if begin >= sums.len() {
            break;
        }
        let behind = &so_far[begin - place..];
        for (sum, value) in sums[begin..].iter_mut().zip(behind) {
            *sum += u128::from(*p) * u128::from(*value);
        }
        steps += (sums.len() - begin) as u64;
    }
    steps
}
