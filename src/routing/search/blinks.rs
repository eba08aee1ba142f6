//! Blinks: which positions an insertion overlooks, each by the same small chance.
//!
//! How many are seen until the next is overlooked is drawn at once (a geometric distribution: Devroye 1986, "Non-Uniform Random
//! Variate Generation", chapter X.2, by inversion of a table), as a draw for each position would take longer than its test.

use rand::Rng;

use crate::routing::dice::Dice;

/// A position is overlooked once in so many times (β = 0.01).
const BLINK: u64 = 100;
/// Positions that one draw serves for, at most. The chance has no memory, so another draw goes on from there.
const MOST: usize = 512;

/// The chance, in 2⁻⁶⁴, that more than so many positions are seen before one is overlooked.
const SEEN: [u64; MOST] = {
    let mut table = [0; MOST];
    let mut chance = u64::MAX;
    let mut at = 0;
    while at < MOST {
        chance = (chance as u128 * (BLINK as u128 - 1) / BLINK as u128) as u64;
        table[at] = chance;
        at += 1;
    }
    table
};

/// The positions that are seen before the next one is overlooked.
#[derive(Debug, Default)]
pub(super) struct Blinks {
    left: usize,
    /// Whether one is overlooked after these.
    due: bool,
}

impl Blinks {
    /// Whether the next position is overlooked.
    pub(super) fn next<R: Rng>(&mut self, dice: &mut Dice<R>) -> bool {
        while self.left == 0 {
            if std::mem::take(&mut self.due) {
                return true;
            }
            let drawn = dice.word();
            self.left = SEEN.partition_point(|chance| *chance > drawn);
            self.due = self.left < MOST;
        }
        self.left -= 1;
        false
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    use super::*;

    /// One in a hundred, and whether one is overlooked says nothing of the next: as many pairs as chance would have.
    #[test]
    fn each_position_has_the_same_chance() {
        let mut dice = Dice(ChaCha20Rng::seed_from_u64(3));
        let mut blinks = Blinks::default();
        let all = 4_000_000;
        let overlooked: Vec<bool> = (0..all).map(|_| blinks.next(&mut dice)).collect();
        let (mut one, mut two, mut far) = (0, 0, 0);
        for at in 0..all - 700 {
            one += u32::from(overlooked[at]);
            two += u32::from(overlooked[at] && overlooked[at + 1]);
            far += u32::from(overlooked[at] && overlooked[at + 700]);
        }
        // Five standard deviations, of 199 and 20.
        assert!((one as i32 - 40_000).abs() < 1_000, "{one}");
        assert!((two as i32 - 400).abs() < 100, "{two}");
        assert!((far as i32 - 400).abs() < 100, "{far}");
    }
}
