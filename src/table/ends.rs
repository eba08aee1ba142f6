//! Where a cell of a text table ends.

use memchr::memchr3;

/// The three bytes that end a cell.
pub(super) struct Ends {
    bytes: [u8; 3],
    /// The byte after the highest of them, repeated through a word.
    above: u64,
}

impl Ends {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = Self::ONES << 7;
    /// Words looked at one by one: most cells are shorter, and a vector search of longer ones is worth its beginning.
    const WORDS: usize = 5;

    #[inline]
    pub(super) fn of(separator: u8) -> Self {
        let bytes = [separator, b'\n', b'\r'];
        Self { bytes, above: Self::ONES * (u64::from(separator.max(b'\r')) + 1) }
    }

    /// The first of them in a text.
    #[inline]
    pub(super) fn find(&self, text: &[u8]) -> Option<usize> {
        let [a, b, c] = self.bytes;
        let mut at = 0;
        for word in text.chunks_exact(8).take(Self::WORDS) {
            let word = word.try_into().map_or(0, u64::from_le_bytes);
            // A byte below the bound gets its highest bit, and others only after one (Warren 2012, "Hacker's Delight",
            // section 6-1). Cells seldom have bytes as low as what ends them, where that is a comma or a tab.
            let mut low = word.wrapping_sub(self.above) & !word & Self::HIGH;
            while low != 0 {
                let found = at + low.trailing_zeros() as usize / 8;
                if [a, b, c].contains(&text[found]) {
                    return Some(found);
                }
                low &= low - 1;
            }
            at += 8;
        }
        memchr3(a, b, c, &text[at..]).map(|n| at + n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_cell_is_the_first_of_three_bytes_wherever_it_stands() {
        for separator in [b',', b'\t', b';'] {
            let ends = Ends::of(separator);
            for length in 0..70 {
                for at in 0..=length {
                    for end in [separator, b'\n', b'\r'] {
                        // Bytes that differ from an end by one, or by the highest bit: no borrow may reach them.
                        let mut text: Vec<u8> = [separator + 1, 0x0B, 0x8D, 0xAC, separator - 1, 0x0C, 0, b' ']
                            .into_iter()
                            .cycle()
                            .take(length)
                            .map(|byte| if byte == separator || byte == b'\n' { b'x' } else { byte })
                            .collect();
                        if at < length {
                            text[at] = end;
                            text[at + 1..].iter_mut().step_by(3).for_each(|byte| *byte = b'\n');
                        }
                        assert_eq!(ends.find(&text), (at < length).then_some(at), "{separator} {length} {at}");
                    }
                }
            }
        }
    }
}
