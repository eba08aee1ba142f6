//! Where a cell of a text table ends.

use memchr::memchr3;

/// The three bytes that end a cell, each repeated through a word.
pub(super) struct Ends {
    bytes: [u8; 3],
    words: [u64; 3],
}

impl Ends {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = Self::ONES << 7;
    /// Words looked at one by one: most cells are shorter, and a vector search of longer ones is worth its beginning.
    const WORDS: usize = 5;

    #[inline]
    pub(super) fn of(separator: u8) -> Self {
        let bytes = [separator, b'\n', b'\r'];
        Self { bytes, words: bytes.map(|byte| Self::ONES * u64::from(byte)) }
    }

    /// The first of them in a text.
    #[inline]
    pub(super) fn find(&self, text: &[u8]) -> Option<usize> {
        let mut at = 0;
        for word in text.chunks_exact(8).take(Self::WORDS) {
            let word = word.try_into().map_or(0, u64::from_le_bytes);
            // A byte of zero gets its highest bit, others only above one (Warren 2012, "Hacker's Delight", section 6-1).
            let zero = |x: u64| x.wrapping_sub(Self::ONES) & !x;
            let found = self.words.iter().fold(0, |found, end| found | zero(word ^ end)) & Self::HIGH;
            if found != 0 {
                return Some(at + found.trailing_zeros() as usize / 8);
            }
            at += 8;
        }
        let [a, b, c] = self.bytes;
        memchr3(a, b, c, &text[at..]).map(|n| at + n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_cell_is_the_first_of_three_bytes_wherever_it_stands() {
        let ends = Ends::of(b',');
        for length in 0..70 {
            for at in 0..=length {
                for end in [b',', b'\n', b'\r'] {
                    // 0x2D and 0x0B differ from an end by one: the borrow of a subtraction must not reach them.
                    let mut text: Vec<u8> =
                        [b'-', 0x0B, 0x8D, 0xAC, b'+', 0x0C].into_iter().cycle().take(length).collect();
                    if at < length {
                        text[at] = end;
                        text[at + 1..].iter_mut().step_by(3).for_each(|byte| *byte = b'\n');
                    }
                    assert_eq!(ends.find(&text), (at < length).then_some(at), "{length} {at}");
                }
            }
        }
    }
}
