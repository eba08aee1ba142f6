//! Which outcomes of a sample speak for no more non-conforming than the one that was found.
//!
//! Outcomes are ordered by Σ x_h where all strata were sampled at one rate, else by Σ N_h x_h / n_h, the estimate of the
//! number in the population. Any order fixed by the design gives a valid bound; these two are the natural ones.

use super::{Stratum, rows::Size};

/// What outcomes are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The number found, Σ x_h: the strata were sampled at one rate.
    Found,
    /// The number estimated, Σ N_h x_h / n_h.
    Estimated,
}

impl Order {
    /// One rate: n_h / N_h is the same fraction in every stratum. What rounding makes of one rate is unequal already: the
    /// estimate weighs the strata differently then, however little.
    pub(super) fn of(strata: &[Stratum]) -> Self {
        let mut sampled = strata.iter().filter(|s| s.checked > 0);
        let Some(first) = sampled.next() else { return Self::Found };
        let product = |n: u64, population: u64| u128::from(n) * u128::from(population);
        let same = |s: &Stratum| product(s.checked, first.population) == product(first.checked, s.population);
        if sampled.all(same) { Self::Found } else { Self::Estimated }
    }
}

/// Numbers found as places on a line of whole numbers: an outcome counts if the sum of its places is at most the limit.
///
/// Where the line is too coarse for the exact order, `low` places let every outcome count that should, and perhaps more;
/// `high` places none that should not.
#[derive(Debug, Clone)]
pub(super) struct Places {
    /// By stratum and number found.
    pub(super) low: Vec<Vec<usize>>,
    pub(super) high: Vec<Vec<usize>>,
    pub(super) low_limit: usize,
    pub(super) high_limit: usize,
}

impl Places {
    /// On a line of at most about `longest` places; exact where that suffices.
    pub(super) fn new(strata: &[Stratum], order: Order, longest: usize) -> Self {
        let found: u64 = strata.iter().map(|s| s.failed).sum();
        // Nothing found: whatever the order, only that outcome counts.
        if order == Order::Found || found == 0 {
            let all: Vec<Vec<usize>> =
                strata.iter().map(|s| (0..=s.checked.min(found) as usize).collect()).collect();
            let limit = found as usize;
            return Self { low: all.clone(), high: all, low_limit: limit, high_limit: limit };
        }
        if let Some((weights, limit)) = weights(strata).filter(|(_, limit)| *limit <= longest as u128) {
            let places = |(s, weight): (&Stratum, &u128)| -> Vec<usize> {
                (0..=u128::from(s.checked))
                    .map(|k| k * weight)
                    .take_while(|p| *p <= limit)
                    .map(|p| p as usize)
                    .collect()
            };
            let all: Vec<Vec<usize>> = strata.iter().zip(&weights).map(places).collect();
            let limit = limit as usize;
            return Self { low: all.clone(), high: all, low_limit: limit, high_limit: limit };
        }
        // Places per unit of the estimate: longest / estimate.
        let estimate: u128 = strata.iter().map(|s| share(s, s.failed, 1, 1).1).sum();
        let place = |s: &Stratum, k: u64| share(s, k, longest as u128, estimate);
        let low_limit = strata.iter().map(|s| place(s, s.failed).1 as usize).sum();
        let high_limit = strata.iter().map(|s| place(s, s.failed).0 as usize).sum();
        let list = |s: &Stratum, up: bool| -> Vec<usize> {
            (0..=s.checked)
                .map(|k| place(s, k))
                .take_while(|(down, _)| *down <= low_limit as u128)
                .map(|(down, above)| if up { above } else { down } as usize)
                .collect()
        };
        Self {
            low: strata.iter().map(|s| list(s, false)).collect(),
            high: strata.iter().map(|s| list(s, true)).collect(),
            low_limit,
            high_limit,
        }
    }

    /// Whether the two orders are one.
    pub(super) fn exact(&self) -> bool {
        self.low_limit == self.high_limit && self.low == self.high
    }

    /// Most found in a stratum that still counts.
    pub(super) fn most(&self, stratum: usize) -> u64 {
        self.low[stratum].partition_point(|place| *place <= self.low_limit) as u64 - 1
    }
}

/// N k / n × by / over, rounded down and up.
fn share(stratum: &Stratum, k: u64, by: u128, over: u128) -> (u128, u128) {
    let Size { population, sample } = stratum.size();
    let (above, below) = (u128::from(population) * u128::from(k) * by, u128::from(sample) * over);
    (above / below, above.div_ceil(below))
}

/// Whole numbers in the proportion of N_h / n_h without a common divisor, and Σ of them times x_h; `None` if too large.
fn weights(strata: &[Stratum]) -> Option<(Vec<u128>, u128)> {
    let multiple = strata.iter().try_fold(1_u128, |all, s| {
        let n = u128::from(s.checked);
        all.checked_mul(n / gcd(all, n)).filter(|all| *all < 1 << 64)
    })?;
    let weights: Vec<u128> =
        strata.iter().map(|s| u128::from(s.population) * (multiple / u128::from(s.checked))).collect();
    let divisor = weights.iter().fold(0, |all, w| gcd(all, *w));
    let weights: Vec<u128> = weights.into_iter().map(|w| w / divisor).collect();
    let limit = strata
        .iter()
        .zip(&weights)
        .try_fold(0_u128, |sum, (s, w)| sum.checked_add(w.checked_mul(u128::from(s.failed))?))?;
    Some((weights, limit))
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(sizes: &[(u64, u64)]) -> Order {
        let strata: Vec<Stratum> = sizes
            .iter()
            .map(|(population, checked)| Stratum { population: *population, checked: *checked, failed: 0 })
            .collect();
        Order::of(&strata)
    }

    #[test]
    fn only_the_very_same_fraction_is_one_rate() {
        assert_eq!(order(&[(700, 70), (230, 23), (70, 7)]), Order::Found);
        assert_eq!(order(&[(20, 10), (8, 4), (0, 0), (5, 0)]), Order::Found);
        assert_eq!(order(&[(300, 30)]), Order::Found);
        // A tenth rounded up; two that left the frame after the draw.
        assert_eq!(order(&[(274, 28), (96, 10), (40, 4)]), Order::Estimated);
        assert_eq!(order(&[(298, 30), (100, 10)]), Order::Estimated);
        assert_eq!(order(&[(13, 4), (24, 6)]), Order::Estimated);
        assert_eq!(order(&[(300, 30), (300, 60)]), Order::Estimated);
    }

    #[test]
    fn a_line_too_short_for_the_exact_order_lets_in_too_much_or_too_little() {
        let strata: Vec<Stratum> = [(271, 28, 2), (97, 31, 1), (43, 17, 1)]
            .map(|(population, checked, failed)| Stratum { population, checked, failed })
            .to_vec();
        let exact = Places::new(&strata, Order::Estimated, 1 << 30);
        let coarse = Places::new(&strata, Order::Estimated, 200);
        assert!(exact.exact() && !coarse.exact());
        let place = |list: &Vec<Vec<usize>>, at: [usize; 3]| -> usize {
            (0..3).map(|h| list[h].get(at[h]).copied().unwrap_or(1 << 40)).sum()
        };
        let mut let_in = [0; 3];
        for a in 0..=28 {
            for b in 0..=31 {
                for c in 0..=17 {
                    let counts = place(&exact.low, [a, b, c]) <= exact.low_limit;
                    let low = place(&coarse.low, [a, b, c]) <= coarse.low_limit;
                    let high = place(&coarse.high, [a, b, c]) <= coarse.high_limit;
                    assert!(low >= counts && counts >= high, "{a} {b} {c}");
                    for (n, yes) in let_in.iter_mut().zip([low, counts, high]) {
                        *n += usize::from(yes);
                    }
                }
            }
        }
        assert!(let_in[0] < let_in[1] * 11 / 10 && let_in[2] > let_in[1] * 8 / 10, "{let_in:?}");
    }
}
