//! One seed feeds one ChaCha20 generator with numbered streams (contract, section 4).
//!
//! Key K = SHA-256(`hecha-draw/1` LF draw id LF seed). Stream s is the ChaCha20 key stream under K with 64-bit block
//! counter 0 and 64-bit stream number s; its salt is the first 32 bytes. This is the only place that knows
//! `rand_chacha`: search and crews take the generator from here.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

use super::{DrawId, Seed};
use crate::digest::hex;

/// Stream of the sample.
pub const SAMPLE: u64 = 1;
/// Stream of the crew lot.
pub const CREWS: u64 = 2;
/// Stream of the route search.
pub const SEARCH: u64 = 3;
/// Stream of the simulation.
pub const SIMULATION: u64 = 4;
/// Words of 32 bits of a stream's part: a stream has 2³² of them.
const PART: u128 = 1 << 36;

/// The generator that the whole program uses.
pub type Generator = ChaCha20Rng;

/// The key of a draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl Key {
    /// SHA-256 over the format's name, the draw id and the seed, each but the last ended by LF.
    #[must_use]
    pub fn new(draw: &DrawId, seed: &Seed) -> Self {
        Self::of(draw.as_str(), seed.as_str())
    }

    /// The key of any two texts, for a search without a draw.
    #[must_use]
    pub fn of(draw: &str, seed: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"hecha-draw/1\n");
        hash.update(draw.as_bytes());
        hash.update(b"\n");
        hash.update(seed.as_bytes());
        Self(hash.finalize().into())
    }

    /// 64 lower-case hex digits.
    #[must_use]
    pub fn to_hex(self) -> String {
        hex(&self.0)
    }

    /// The salt of a stream: its first 32 bytes as 64 lower-case hex digits.
    #[must_use]
    pub fn salt(self, stream: u64) -> String {
        let mut bytes = [0; 32];
        self.generator(stream).fill_bytes(&mut bytes);
        hex(&bytes)
    }

    /// The generator of a stream, at its beginning.
    #[must_use]
    pub fn generator(self, stream: u64) -> Generator {
        let mut generator = ChaCha20Rng::from_seed(self.0);
        generator.set_stream(stream);
        generator
    }

    /// The generator of a stream, at the beginning of its part number `part`; parts are too long to meet.
    #[must_use]
    pub fn part(self, stream: u64, part: u32) -> Generator {
        let mut generator = self.generator(stream);
        generator.set_word_pos(u128::from(part) * PART);
        generator
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_and_salt_are_the_published_ones() {
        let key = Key::of("suzhou-2022-1", "SSQ-2022025-03-07-12-18-25-31-09");
        assert_eq!(key.to_hex(), "8fe1092caecf3b31c3f659e515398457761bf05393a04bbff4397bb801ec7361");
        assert_eq!(key.salt(SAMPLE), "613619982453f75d91840d6baf46d0adfb57b44e8f94e97e95bcf4c25df55bca");
        assert_ne!(key.salt(CREWS), key.salt(SAMPLE));
    }

    #[test]
    fn a_stream_begins_with_its_first_part_and_no_two_parts_are_alike() {
        let key = Key::of("suzhou-2022-1", "SSQ-2022025-03-07-12-18-25-31-09");
        let first = |mut generator: Generator| generator.next_u64();
        assert_eq!(first(key.part(SIMULATION, 0)), first(key.generator(SIMULATION)));
        let mut all: Vec<u64> =
            (0..1000).chain([u32::MAX]).map(|part| first(key.part(SIMULATION, part))).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 1001);
    }
}
