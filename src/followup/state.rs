//! Where things stand: the journal replayed over the draw.
//!
//! In every stratum the drawable applicants stand in line by ticket. Ineligible ones leave the line; of the rest the first
//! n_h are the random sample, n_h as drawn. Lost ones stay in the line, and as many of the next ones fill the quota.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::journal::{Conclusion, Event, Kind, ResultLine};
use crate::draw::SampleRecord;
use crate::frame::CreditCode;

/// The line of one stratum, as far as the record lists it: selected, then reserves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stratum {
    /// County under scope `county`.
    pub county: Option<String>,
    /// Star.
    pub star: u8,
    /// Drawable applicants, N_h before any is found ineligible.
    pub drawable: usize,
    /// n_h as drawn.
    pub selected: usize,
    /// By rank.
    pub line: Vec<CreditCode>,
}

/// Who of a stratum counts and who is visited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// The random sample: the first n_h of the line without ineligible ones.
    pub sample: Vec<CreditCode>,
    /// Those after them who fill the places of lost ones, lost ones among them included.
    pub fillers: Vec<CreditCode>,
    /// Places for which no reserve is left.
    pub missing: usize,
}

/// The journal replayed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Found not to belong to the frame.
    pub ineligible: BTreeSet<CreditCode>,
    /// Belong to it and cannot be checked.
    pub lost: BTreeSet<CreditCode>,
    /// The reserves called, each with the one in whose place.
    pub called: BTreeMap<CreditCode, CreditCode>,
    /// The latest result of each enterprise.
    pub results: BTreeMap<CreditCode, ResultLine>,
    /// Added visits, in order.
    pub added: Vec<CreditCode>,
    /// Absences of inspectors beyond their list.
    pub absent: BTreeMap<String, BTreeSet<NaiveDate>>,
    /// Days off of enterprises beyond their list.
    pub unavailable: BTreeMap<CreditCode, BTreeSet<NaiveDate>>,
    /// Number of the latest revision; 0 for the plan as first made.
    pub revision: u32,
}

/// The strata of a record, each with its line.
#[must_use]
pub fn strata(record: &SampleRecord) -> Vec<Stratum> {
    let by_county = record.strata.iter().any(|s| s.county.is_some());
    let mut lines: BTreeMap<_, Vec<(usize, CreditCode)>> = BTreeMap::new();
    let drawn =
        record.selected.iter().filter(|l| l.targeted.is_none()).map(|l| (&*l.county, l.star, l.rank, l.code));
    let reserves = record.reserves.iter().map(|l| (&*l.county, l.star, l.rank, l.code));
    for (county, star, rank, code) in drawn.chain(reserves) {
        lines.entry((by_county.then_some(county), star)).or_default().push((rank, code));
    }
    let stratum = |s: &crate::draw::StratumLine| {
        let mut line = lines.get(&(s.county.as_deref(), s.star)).cloned().unwrap_or_default();
        line.sort_unstable();
        Stratum {
            county: s.county.clone(),
            star: s.star,
            drawable: s.drawable,
            selected: s.selected,
            line: line.into_iter().map(|(_, code)| code).collect(),
        }
    };
    record.strata.iter().map(stratum).collect()
}

impl State {
    /// Replays events in order.
    #[must_use]
    pub fn of<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut state = Self::default();
        for event in events {
            state.take(event);
        }
        state
    }

    /// Replays one event more.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::Replace { code, kind, reserve, .. } => {
                match kind {
                    Kind::Ineligible => self.ineligible.insert(*code),
                    Kind::Lost => self.lost.insert(*code),
                };
                self.called.extend(reserve.map(|reserve| (reserve, *code)));
            }
            Event::Record { results, .. } => {
                for result in results {
                    self.results.insert(result.code, result.clone());
                }
            }
            Event::Replan { revision, absent, unavailable, added, .. } => {
                self.revision = *revision;
                for absence in absent {
                    self.absent.entry(absence.id.clone()).or_default().extend(&absence.days);
                }
                for absence in unavailable {
                    if let Ok((code, _)) = CreditCode::parse(&absence.id) {
                        self.unavailable.entry(code).or_default().extend(&absence.days);
                    }
                }
                self.added.extend(added);
            }
        }
    }

    /// Who counts and who is visited in a stratum.
    #[must_use]
    pub fn quota(&self, stratum: &Stratum) -> Quota {
        let mut line = stratum.line.iter().filter(|code| !self.ineligible.contains(code)).copied();
        let sample: Vec<CreditCode> = line.by_ref().take(stratum.selected).collect();
        let lost = |code: &CreditCode| self.lost.contains(code);
        let mut missing = stratum.selected - sample.iter().filter(|code| !lost(code)).count();
        let mut fillers = Vec::new();
        while missing > 0 {
            let Some(next) = line.next() else { break };
            missing -= usize::from(!lost(&next));
            fillers.push(next);
        }
        Quota { sample, fillers, missing }
    }

    /// Everybody who is to be visited, done or not: by stratum and rank, then targeted, then added.
    #[must_use]
    pub fn visited(&self, strata: &[Stratum], targeted: &[CreditCode]) -> Vec<CreditCode> {
        let mut out = Vec::new();
        for stratum in strata {
            let quota = self.quota(stratum);
            out.extend(quota.sample.into_iter().chain(quota.fillers));
        }
        for code in targeted.iter().chain(&self.added) {
            if !out.contains(code) {
                out.push(*code);
            }
        }
        out.retain(|code| !self.lost.contains(code) && !self.ineligible.contains(code));
        out
    }

    /// Whether an enterprise was checked, with whatever conclusion.
    #[must_use]
    pub fn done(&self, code: CreditCode) -> bool {
        self.results.get(&code).is_some_and(|result| result.conclusion != Conclusion::Unchecked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(n: usize) -> CreditCode {
        CreditCode::parse(&format!("91320583MA0000{n:02}XX")).unwrap().0
    }

    fn replaced(n: usize, kind: Kind) -> Event {
        Event::Replace { code: code(n), kind, reason: "x".into(), evidence: None, reserve: None }
    }

    #[test]
    fn ineligible_ones_leave_the_line_and_lost_ones_are_filled_up() {
        let stratum =
            Stratum { county: None, star: 3, drawable: 20, selected: 3, line: (0..6).map(code).collect() };
        let quota = |events: &[Event]| State::of(events).quota(&stratum);
        let codes = |list: &[usize]| list.iter().map(|n| code(*n)).collect::<Vec<_>>();
        let expect = |events: &[Event], sample: &[usize], fillers: &[usize], missing| {
            assert_eq!(quota(events), Quota { sample: codes(sample), fillers: codes(fillers), missing });
        };
        let ineligible = |n| replaced(n, Kind::Ineligible);
        let lost = |n| replaced(n, Kind::Lost);
        expect(&[], &[0, 1, 2], &[], 0);
        expect(&[ineligible(1)], &[0, 2, 3], &[], 0);
        expect(&[lost(1)], &[0, 1, 2], &[3], 0);
        expect(&[lost(1), lost(3)], &[0, 1, 2], &[3, 4], 0);
        // A filler becomes one of the sample when somebody before it turns out ineligible.
        expect(&[lost(1), ineligible(0)], &[1, 2, 3], &[4], 0);
        expect(&[ineligible(0), lost(1)], &[1, 2, 3], &[4], 0);
        expect(&[lost(0), lost(1), lost(2), lost(3)], &[0, 1, 2], &[3, 4, 5], 1);
        expect(&[ineligible(5), ineligible(4), lost(0), lost(1)], &[0, 1, 2], &[3], 1);
        let state = State::of(&[lost(1)]);
        assert_eq!(state.visited(&[stratum], &[code(9), code(2)]), codes(&[0, 2, 3, 9]));
    }
}
