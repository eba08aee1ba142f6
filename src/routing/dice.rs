//! Draws from a generator, each defined from raw words so that an update of a library cannot change a schedule.

use rand::{Rng, SeedableRng};

/// A generator with the few draws the search needs.
#[derive(Debug)]
pub(crate) struct Dice<R>(pub(crate) R);

impl<R: Rng> Dice<R> {
    /// A number in 0..n; n must be positive. Multiply-shift (Lemire 2019, "Fast random integer generation in an
    /// interval", section 3) without rejection: the bias of
    /// n / 2⁶⁴ matters to no search.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    /// A number in 0..2⁶⁴.
    pub(crate) fn word(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number in [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True once in `n` times.
    pub(crate) fn once_in(&mut self, n: u32) -> bool {
        u64::from(self.0.next_u32()) * u64::from(n) < 1 << 32
    }

    /// Fisher–Yates.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// The generator of a number, of whatever kind whoever solves a problem has chosen.
pub(crate) fn seeded<R: Rng + SeedableRng + 'static>(number: u64) -> Box<dyn Rng> {
    Box::new(R::seed_from_u64(number))
}
