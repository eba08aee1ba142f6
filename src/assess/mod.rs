//! What the sample says of all applicants: an upper confidence bound for the number that do not conform.
//!
//! In stratum h, n_h of N_h enterprises were checked, drawn by lot without replacement, and x_h of them do not conform. If
//! M_h of the stratum do not, the number found is hypergeometric. The bound is the largest M for which some split
//! M = Σ M_h with x_h ≤ M_h ≤ N_h − (n_h − x_h) has P(the outcome speaks for no more than the one found) > 5 %: the test
//! of every M inverted (Buonaccorsi 1987, "A note on confidence intervals for proportions in finite populations"; for one
//! stratum Cochran 1977, "Sampling Techniques", section 3.6). Whatever the true numbers are, it covers them in at least 95 %
//! of all draws. Strata are compared by `Order`. Every decision is made in whole numbers.
//!
//! Enterprises drawn but lost before the check count as non-conforming; ineligible ones are not in N_h; reserves and targeted
//! visits are not in n_h. That is the caller's to see to: this module knows no files.

mod beam;
mod climb;
mod order;
mod rows;
mod search;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use order::Order;
use order::Places;
use rows::Size;
use search::{ODDS, Search};

use crate::text::{Lang, Say, both, display_in_english};

/// Confidence, per cent.
pub const CONFIDENCE: u32 = 95;
/// Most enterprises of all strata together.
pub const MAX_POPULATION: u64 = 1_000_000;
/// Elementary steps (products of two probabilities) of a search where none are given: a few seconds.
pub const DEFAULT_WORK: u64 = 1_000_000_000;
/// Places of the line on which outcomes are put in order, the finest first.
const LINES: [usize; 4] = [16_384, 4096, 1024, 256];
/// Most probabilities kept at a time.
const MEMORY: u64 = 16 << 20;

/// One stratum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stratum {
    /// N_h: enterprises of the frame, without ineligible ones.
    pub population: u64,
    /// n_h: enterprises drawn by lot.
    pub checked: u64,
    /// x_h: those of them that do not conform.
    pub failed: u64,
}

/// What a sample says of a population.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// Σ N_h.
    pub population: u64,
    /// Σ n_h.
    pub checked: u64,
    /// Σ x_h.
    pub failed: u64,
    /// At most so many of the population do not conform, with a confidence of [`CONFIDENCE`] per cent.
    pub most: u64,
    /// Whether that is the exact bound; else the search was cut short, and the exact one may be lower, but not higher.
    pub exact: bool,
    /// How outcomes were compared.
    pub order: Order,
    /// Strata between which that matters: some of their enterprises were checked and some not.
    pub compared: usize,
    /// Enterprises in strata of which nothing was checked; all of them are within `most`.
    pub unchecked: u64,
}

/// A sample as a whole and by stratum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// All strata together.
    pub overall: Bound,
    /// Each stratum by itself, in the order given. These hold one at a time, not all at once.
    pub strata: Vec<Bound>,
}

/// Numbers that no sample can have; strata are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssessError {
    /// More checked than there are: stratum, checked, population.
    Checked(usize, u64, u64),
    /// More non-conforming than checked: stratum, non-conforming, checked.
    Failed(usize, u64, u64),
    /// More than [`MAX_POPULATION`] enterprises.
    TooMany,
}

impl Say for AssessError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Checked(at, checked, population) => {
                let at = at + 1;
                both!(
                    lang,
                    "第{at}层核查{checked}家，多于该层的{population}家申报企业",
                    "stratum {at}: {checked} checked, but only {population} applicants"
                )
            }
            Self::Failed(at, failed, checked) => {
                let at = at + 1;
                both!(
                    lang,
                    "第{at}层不符合{failed}家，多于核查的{checked}家",
                    "stratum {at}: {failed} do not conform, but only {checked} were checked"
                )
            }
            Self::TooMany => both!(
                lang,
                "申报企业超过{MAX_POPULATION}家，无法推断",
                "more than {MAX_POPULATION} applicants cannot be assessed"
            ),
        }
    }
}
display_in_english!(AssessError);
impl std::error::Error for AssessError {}

impl Say for Bound {
    fn say(&self, lang: Lang) -> String {
        let Self { population, checked, failed, most, unchecked, .. } = self;
        if *population == 0 {
            return both!(lang, "没有申报企业", "there are no applicants");
        }
        if checked == population {
            return both!(
                lang,
                "{population}家申报企业已全部核查，不符合条件的{failed}家",
                "all {population} applicants were checked; {failed} do not conform"
            );
        }
        if *checked == 0 {
            return both!(
                lang,
                "{population}家申报企业均未核查，不能作出推断",
                "none of the {population} applicants was checked, so nothing can be said"
            );
        }
        let mut text = both!(
            lang,
            "以{CONFIDENCE}%的置信度推断，{population}家申报企业中不符合条件的不超过{most}家",
            "with {CONFIDENCE} % confidence at most {most} of the {population} applicants do not conform"
        );
        if *unchecked > 0 {
            text += &both!(
                lang,
                "（含未抽查的层中{unchecked}家，均按不符合计）",
                " (among them {unchecked} in strata of which none was checked, counted as non-conforming)"
            );
        }
        if self.order == Order::Estimated {
            text += lang.pick(
                "；各层抽查比例不同，样本结果按推算的不符合家数（各层申报数×不符合数÷核查数之和）比较",
                "; strata were sampled at different rates, so samples are compared by the number they estimate (sum of applicants × non-conforming ÷ checked)",
            );
        } else if self.compared > 1 {
            text += lang.pick(
                "；各层抽查比例相同，样本结果按不符合家数之和比较",
                "; strata were sampled at one rate, so samples are compared by the number that do not conform",
            );
        }
        if !self.exact {
            text += lang.pick(
                "；计算量过大，此数为偏保守的上限，精确值只会更小",
                "; the exact search would take too long, so this is a cautious figure: the exact one is not higher",
            );
        }
        text
    }
}

impl Stratum {
    fn size(&self) -> Size {
        Size { population: self.population, sample: self.checked }
    }

    /// Those that were not checked, and all of whom might not conform.
    fn rest(&self) -> u64 {
        self.population - self.checked
    }
}

/// The bound for all strata together and for each by itself.
///
/// # Errors
/// [`AssessError`].
pub fn assess(strata: &[Stratum]) -> Result<Assessment, AssessError> {
    let overall = bound(strata, DEFAULT_WORK)?;
    let each = strata.iter().map(|stratum| bound(std::slice::from_ref(stratum), DEFAULT_WORK));
    Ok(Assessment { overall, strata: each.collect::<Result<_, _>>()? })
}

/// The bound for strata together, in at most about `work` elementary steps; the same numbers give the same bound.
///
/// # Errors
/// [`AssessError`].
pub fn bound(strata: &[Stratum], work: u64) -> Result<Bound, AssessError> {
    for (at, s) in strata.iter().enumerate() {
        if s.checked > s.population {
            return Err(AssessError::Checked(at, s.checked, s.population));
        }
        if s.failed > s.checked {
            return Err(AssessError::Failed(at, s.failed, s.checked));
        }
    }
    let population = strata.iter().try_fold(0_u64, |sum, s| sum.checked_add(s.population));
    let population = population.filter(|all| *all <= MAX_POPULATION).ok_or(AssessError::TooMany)?;
    // Of a stratum wholly checked everything is known; of one not checked at all nothing is.
    let known: u64 = strata.iter().filter(|s| s.rest() == 0).map(|s| s.failed).sum();
    let unchecked: u64 = strata.iter().filter(|s| s.checked == 0).map(|s| s.population).sum();
    let sampled: Vec<Stratum> = strata.iter().filter(|s| s.checked > 0 && s.rest() > 0).copied().collect();
    let order = Order::of(&sampled);
    let (most, exact) = match sampled.as_slice() {
        [] => (0, true),
        [one] => (largest_alone(one.size(), one.failed, one.rest() + one.failed), true),
        several => largest(several, order, work),
    };
    Ok(Bound {
        population,
        checked: strata.iter().map(|s| s.checked).sum(),
        failed: strata.iter().map(|s| s.failed).sum(),
        most: most + known + unchecked,
        exact,
        order,
        compared: sampled.len(),
        unchecked,
    })
}

/// The largest total of several strata, and whether it is exact.
fn largest(strata: &[Stratum], order: Order, work: u64) -> (u64, bool) {
    let numbers: Vec<(Size, u64, u64)> = strata.iter().map(|s| (s.size(), s.failed, s.rest())).collect();
    let search = |longest: &usize| Search::new(&numbers, &Places::new(strata, order, *longest), work);
    let affordable = |search: &Search| search.steps(1) <= work / 2 && search.memory() <= MEMORY;
    let found = LINES.iter().map(search).find(affordable).unwrap_or_else(|| search(&LINES[LINES.len() - 1]));
    let total = found.largest();
    (total.most, total.attained)
}

/// The largest M of one stratum, found by halving: P(X ≤ x) falls as M grows.
fn largest_alone(size: Size, found: u64, most: u64) -> u64 {
    let samples = size.samples();
    let holds = |marked: u64| {
        let (_, cases) = size.cases(marked, found);
        cases.iter().sum::<num_bigint::BigUint>() * ODDS > samples
    };
    let (mut low, mut high) = (found, most);
    while low < high {
        let middle = high - (high - low) / 2;
        if holds(middle) { low = middle } else { high = middle - 1 }
    }
    low
}
