//! Hypergeometric probabilities in whole numbers: each between two numbers of 1/2⁶², and exactly where that is asked.
//!
//! A sample of n out of N, M of which do not conform, holds k of those in C(M,k)·C(N−M,n−k) of C(N,n) cases (Johnson, Kotz
//! and Kemp, "Univariate Discrete Distributions", section 6.2). The cases are counted exactly; a probability is then
//! rounded down and up, so that whatever is summed from the one never exceeds the truth and from the other never falls short.

use num_bigint::BigUint;

/// A probability of one.
pub(super) const ONE: u64 = 1 << BITS;
/// Bits behind the point.
pub(super) const BITS: u32 = 62;

/// Distribution of the number found where M do not conform, up to some number.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// The least that can be found.
    pub(super) first: u64,
    /// Probabilities from `first` on, rounded down.
    pub(super) down: Vec<u64>,
    /// The same rounded up.
    pub(super) up: Vec<u64>,
}

/// Size of a stratum's population and sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) population: u64,
    pub(super) sample: u64,
}

impl Size {
    /// C(N,n), the number of samples.
    pub(super) fn samples(self) -> BigUint {
        let n = self.sample.min(self.population - self.sample);
        (1..=n).fold(BigUint::from(1_u32), |all, i| all * (self.population - n + i) / i)
    }

    /// Cases for k = `first` and following, up to `most`, where `marked` do not conform; and `first`.
    pub(super) fn cases(self, marked: u64, most: u64) -> (u64, Vec<BigUint>) {
        let Size { population, sample } = self;
        let first = (sample + marked).saturating_sub(population);
        // For `first` = 0 it is C(N−M, n), else C(M, first): all that conform are in the sample.
        let start = if first == 0 {
            Size { population: population - marked, sample }.samples()
        } else {
            Size { population: marked, sample: first }.samples()
        };
        (first, self.from(marked, most, first, start))
    }

    /// The cases, from the first one on.
    fn from(self, marked: u64, most: u64, first: u64, start: BigUint) -> Vec<BigUint> {
        let last = most.min(marked).min(self.sample);
        let mut out = Vec::new();
        let mut cases = start;
        for k in first..=last {
            let next = if k == last {
                BigUint::ZERO
            } else {
                let more = &cases * ((marked - k) * (self.sample - k));
                more / ((k + 1) * (self.population + k + 1 - marked - self.sample))
            };
            out.push(std::mem::replace(&mut cases, next));
        }
        out
    }
}

/// Rows of one stratum for M = 0, 1, … in turn.
pub(super) struct Rows {
    size: Size,
    /// Most found that matter.
    most: u64,
    /// C(N,n), shortened to 64 bits, and by how many.
    samples: (u128, u64),
    marked: u64,
    /// Cases of the least that can be found.
    start: BigUint,
}

impl Rows {
    pub(super) fn new(size: Size, most: u64) -> Self {
        let all = size.samples();
        let cut = all.bits().saturating_sub(64);
        Self { size, most, samples: (short(&all, cut), cut), marked: 0, start: all }
    }

    /// Passes over so many rows.
    pub(super) fn pass(&mut self, rows: u64) {
        for _ in 0..rows {
            self.advance();
        }
    }

    /// The first cases of the next M from those of this one.
    fn advance(&mut self) {
        let Size { population, sample } = self.size;
        self.marked += 1;
        let (marked, first) = (self.marked, (sample + self.marked).saturating_sub(population));
        if marked > population {
            return;
        }
        if first == 0 {
            // C(a−1, n) from C(a, n).
            let conform = population - marked + 1;
            self.start *= conform - sample;
            self.start /= conform;
        } else {
            // C(M, first) from C(M−1, first−1).
            self.start *= marked;
            self.start /= first;
        }
    }
}

impl Iterator for Rows {
    type Item = Row;

    /// The row of the next M; the last is that of M = N.
    fn next(&mut self) -> Option<Row> {
        let Size { population, sample } = self.size;
        if self.marked > population {
            return None;
        }
        let first = (sample + self.marked).saturating_sub(population);
        let (all, cut) = self.samples;
        let (mut down, mut up) = (Vec::new(), Vec::new());
        if first <= self.most {
            for cases in self.size.from(self.marked, self.most, first, self.start.clone()) {
                let cases = short(&cases, cut);
                // What was cut off is less than one of what is left.
                let rest = u128::from(cut > 0);
                down.push(((cases << BITS) / (all + rest)) as u64);
                up.push((((cases + rest) << BITS).div_ceil(all) as u64).min(ONE));
            }
        }
        self.advance();
        Some(Row { first, down, up })
    }
}

fn short(number: &BigUint, cut: u64) -> u128 {
    let digits = (number >> cut).to_u64_digits();
    digits.first().copied().map_or(0, u128::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_encloses_the_exact_probabilities_for_every_number_that_may_not_conform() {
        for (population, sample) in [(1, 1), (5, 2), (20, 2), (50, 5), (60, 45), (300, 30), (10, 10), (7, 0)] {
            let size = Size { population, sample };
            let all = size.samples();
            for (marked, row) in (0..).zip(Rows::new(size, sample)) {
                let (first, cases) = size.cases(marked, sample);
                assert_eq!((row.first, row.up.len()), (first, cases.len()), "{population} {sample} {marked}");
                let sum: BigUint = cases.iter().sum();
                assert_eq!(sum, all, "Vandermonde: {population} {sample} {marked}");
                for ((down, up), cases) in row.down.iter().zip(&row.up).zip(cases) {
                    let scaled = cases << BITS;
                    assert!(&all * *down <= scaled && scaled <= &all * *up && up - down <= 3);
                }
            }
            assert_eq!(Rows::new(size, sample).count() as u64, population + 1);
        }
    }

    #[test]
    fn what_is_passed_over_changes_nothing() {
        let size = Size { population: 300, sample: 30 };
        let mut rows = Rows::new(size, 4);
        rows.pass(280);
        let row = rows.next().map(|row| (row.first, row.up));
        assert_eq!(row, Rows::new(size, 4).nth(280).map(|row| (row.first, row.up)));
    }
}
