//! What the record says of the drawn beside code, star and county: names, and why some must be inspected.
//!
//! A million names are held one behind the other in a single text.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Draw;
use crate::frame::{Entry, Frame, LineUp};

/// Bits of a name's length; a cell has at most 32,767 characters.
const LENGTH_BITS: u32 = 24;

/// Names by place in line.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Those in line, once [`Names::of`] has them.
    line: LineUp,
    text: String,
    /// Beginning and length in the text, packed; 0 where there is no name.
    places: Vec<u64>,
    reasons: BTreeMap<usize, String>,
}

impl Names {
    /// Room for everybody in [`Draw::in_line`].
    #[must_use]
    pub fn room(draw: &Draw) -> Self {
        Self { places: vec![0; draw.in_line().count()], ..Self::default() }
    }

    /// The same with those whose names they are.
    #[must_use]
    pub fn of(self, line: LineUp) -> Self {
        Self { line, ..self }
    }

    /// Somebody in line.
    pub(super) fn entry<'a>(&self, frame: &'a Frame, place: usize) -> Entry<'a> {
        frame.in_line(&self.line, place)
    }

    /// Puts down the name and the must-inspect reason of somebody in line.
    pub fn put(&mut self, place: usize, name: &str, reason: Option<String>) {
        let length = name.len() as u64;
        if length >> LENGTH_BITS == 0 {
            self.places[place] = (self.text.len() as u64) << LENGTH_BITS | length;
            self.text.push_str(name);
        }
        if let Some(reason) = reason {
            self.reasons.insert(place, reason);
        }
    }

    /// The name of somebody in line.
    #[must_use]
    pub fn name(&self, place: usize) -> &str {
        let packed = self.places[place];
        let from = (packed >> LENGTH_BITS) as usize;
        let range: Range<usize> = from..from + (packed & ((1 << LENGTH_BITS) - 1)) as usize;
        &self.text[range]
    }

    /// Why somebody in line must be inspected; empty where that is not so.
    #[must_use]
    pub fn reason(&self, place: usize) -> &str {
        self.reasons.get(&place).map_or("", String::as_str)
    }
}
