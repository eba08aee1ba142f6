//! Findings of tables of any size: the first of each level are kept, all are counted.

use super::{Finding, Level};
use crate::text::excerpt;

/// Most findings kept of each level; nobody reads more, and ten million rows can have as many.
pub const MOST_KEPT: usize = 10_000;
/// Most characters kept of a cell.
const LONGEST_VALUE: usize = 1_000;

/// What was noticed, in the order of files and rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Findings {
    kept: Vec<Finding>,
    counts: [usize; Level::ALL.len()],
}

impl Findings {
    /// Keeps a finding, or only counts it.
    pub fn push(&mut self, mut finding: Finding) {
        let count = &mut self.counts[finding.level as usize];
        *count += 1;
        if *count <= MOST_KEPT {
            if finding.value.len() > LONGEST_VALUE {
                finding.value = excerpt(&finding.value, LONGEST_VALUE);
            }
            self.kept.push(finding);
        }
    }

    /// Counts `n` more of a level that are not at hand.
    pub fn count_more(&mut self, level: Level, n: usize) {
        self.counts[level as usize] += n;
    }

    /// Puts `later` behind these.
    pub fn append(&mut self, later: Self) {
        let left_out = Level::ALL.map(|level| later.left_out(level));
        later.kept.into_iter().for_each(|finding| self.push(finding));
        Level::ALL.into_iter().zip(left_out).for_each(|(level, n)| self.count_more(level, n));
    }

    /// Those that were kept.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.kept.iter()
    }

    /// How many there are of a level, kept or not.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        self.counts[level as usize]
    }

    /// How many of a level were only counted.
    #[must_use]
    pub fn left_out(&self, level: Level) -> usize {
        self.count(level) - self.kept.iter().filter(|f| f.level == level).count()
    }

    /// Those that stop a draw.
    #[must_use]
    pub fn fatal(&self) -> Self {
        let kept = self.kept.iter().filter(|f| f.level == Level::Fatal).cloned().collect();
        let mut counts = [0; Level::ALL.len()];
        counts[Level::Fatal as usize] = self.count(Level::Fatal);
        Self { kept, counts }
    }
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Extend<Finding> for Findings {
    fn extend<T: IntoIterator<Item = Finding>>(&mut self, findings: T) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }
}

impl FromIterator<Finding> for Findings {
    fn from_iter<T: IntoIterator<Item = Finding>>(findings: T) -> Self {
        let mut out = Self::default();
        out.extend(findings);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::What;
    use crate::table::Place;

    fn finding(level: Level, row: u32) -> Finding {
        let place = Place { file: "x".into(), sheet: None, row, column: None };
        Finding { what: What::NameMissing, level, place, code: None, value: "长".repeat(5_000) }
    }

    #[test]
    fn the_first_of_each_level_are_kept_and_all_are_counted() {
        let many = MOST_KEPT as u32 + 5;
        let mut all: Findings = (0..many).map(|row| finding(Level::Note, row)).collect();
        all.push(finding(Level::Fatal, 7));
        assert_eq!((all.count(Level::Note), all.left_out(Level::Note)), (MOST_KEPT + 5, 5));
        assert_eq!((all.count(Level::Fatal), all.left_out(Level::Fatal)), (1, 0));
        assert_eq!(all.fatal().iter().map(|f| f.place.row).collect::<Vec<_>>(), [7]);
        assert!(all.iter().all(|f| f.value.chars().count() <= LONGEST_VALUE + 1));
        let mut first: Findings = [finding(Level::Note, 0)].into_iter().collect();
        first.append(all);
        assert_eq!((first.count(Level::Note), first.left_out(Level::Note)), (MOST_KEPT + 6, 6));
    }
}
