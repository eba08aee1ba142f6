//! The certificate's checker: recomputes every leaf in whole numbers (contract, section 7).
//!
//! It shares nothing with the code that finds certificates: slots, times and prices are worked out here again from the
//! problem alone. For each kind of slot the least reduced cost is found by depth-first search over routes, cut off by a
//! bound on every way home (walks without 2-cycles, times rounded down; see `ahead`); for leaves with `ng`, by labels
//! (`walks`). Whatever cannot be finished is not verified, which is not the same as false.

mod ahead;
mod case;
mod elementary;
mod walks;

use super::Cost;
use super::certificate::{Leaf, SlotSum, Tree};
use super::problem::Problem;
use super::schedule::{Bound, gap};
use crate::text::{Lang, Say, both};
use case::{Case, Kinds, Multipliers};

/// Steps (a next visit looked at) after which the checker gives up.
const MOST_STEPS: u64 = 20_000_000_000;

/// What a certificate is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It proves this bound, which is at least the stated one.
    Proven(Cost),
    /// It is wrong.
    Flawed(Flaw),
    /// It could not be recomputed to the end.
    Unfinished,
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// A visit that the problem does not have.
    UnknownVisit(String),
    /// A multiplier outside its range: of what, value.
    Multiplier(String, Cost),
    /// A cut or pair whose visits are not distinct.
    NotDistinct(String),
    /// The stated value is higher than what is proven: stated, proven.
    Overstated(Cost, i128),
    /// The stated value is above the schedule's cost: stated, cost.
    AboveTotal(Cost, Cost),
    /// The gap differs: stated, computed.
    Gap(i64, i64),
}

impl Say for Flaw {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::UnknownVisit(id) => both!(lang, "没有核查对象“{id}”", "there is no visit \"{id}\""),
            Self::Multiplier(of, value) => {
                both!(lang, "{of}的乘子{value}超出范围", "multiplier {value} of {of} is out of range")
            }
            Self::NotDistinct(of) => both!(lang, "{of}的核查对象重复", "the visits of {of} are not distinct"),
            Self::Overstated(stated, proven) => {
                both!(
                    lang,
                    "下界写为{stated}，只能证明{proven}",
                    "the bound is stated as {stated}, but {proven} is proven"
                )
            }
            Self::AboveTotal(stated, total) => {
                both!(lang, "下界{stated}高于成本{total}", "the bound {stated} is above the cost {total}")
            }
            Self::Gap(stated, computed) => {
                both!(
                    lang,
                    "差距写为{stated}，重算为{computed}",
                    "the gap is stated as {stated}, computed as {computed}"
                )
            }
        }
    }
}

/// Checks the certificate of a schedule of cost `total`.
#[must_use]
pub fn check(problem: &Problem, bound: &Bound, total: Cost) -> Verdict {
    if bound.value > total {
        return Verdict::Flawed(Flaw::AboveTotal(bound.value, total));
    }
    let computed = gap(bound.value, total);
    if bound.gap != computed {
        return Verdict::Flawed(Flaw::Gap(bound.gap, computed));
    }
    let kinds = Kinds::new(problem);
    let mut checker = Checker { problem, kinds: &kinds, target: i128::from(bound.value), steps: MOST_STEPS };
    let root = Case { lo: 0, hi: kinds.slots() as i128, pairs: Vec::new() };
    match checker.tree(&bound.tree, &root) {
        Err(Stop::Flaw(flaw)) => Verdict::Flawed(flaw),
        Err(Stop::Unfinished) => Verdict::Unfinished,
        // Every leaf is empty: no schedule at all is left, which cannot be, as leaving out everything is one.
        Ok(None) => Verdict::Proven(bound.value),
        Ok(Some(value)) if value < i128::from(bound.value) => {
            Verdict::Flawed(Flaw::Overstated(bound.value, value))
        }
        Ok(Some(value)) => Verdict::Proven(Cost::try_from(value).unwrap_or(Cost::MAX)),
    }
}

/// Why a recomputation ends early.
enum Stop {
    Flaw(Flaw),
    Unfinished,
}

struct Checker<'p> {
    problem: &'p Problem,
    kinds: &'p Kinds,
    /// The value that is to be proven.
    target: i128,
    steps: u64,
}

impl Checker<'_> {
    /// The least value of the leaves that count; `None` if none does.
    fn tree(&mut self, tree: &Tree, case: &Case) -> Result<Option<i128>, Stop> {
        let (first, second) = match tree {
            Tree::Leaf(leaf) => return self.leaf(leaf, case),
            Tree::Routes(branch) => {
                let k = i128::from(branch.on.routes);
                let (mut less, mut more) = (case.clone(), case.clone());
                less.hi = less.hi.min(k);
                more.lo = more.lo.max(k + 1);
                (self.tree(&branch.at_most, &less)?, self.tree(&branch.at_least, &more)?)
            }
            Tree::Pair(branch) => {
                let [a, b] = &branch.on.pair;
                let pair = [self.visit(a)?, self.visit(b)?];
                if pair[0] == pair[1] {
                    return Err(Stop::Flaw(Flaw::NotDistinct(format!("{a}–{b}"))));
                }
                let with = |together| {
                    let mut case = case.clone();
                    case.pairs.push((pair, together));
                    case
                };
                (self.tree(&branch.together, &with(true))?, self.tree(&branch.apart, &with(false))?)
            }
        };
        Ok(match (first, second) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (one, other) => one.or(other),
        })
    }

    fn visit(&self, id: &str) -> Result<usize, Stop> {
        self.kinds.visit(id).ok_or_else(|| Stop::Flaw(Flaw::UnknownVisit(id.to_owned())))
    }

    fn leaf(&mut self, leaf: &Leaf, case: &Case) -> Result<Option<i128>, Stop> {
        // Multipliers are checked even where the case is empty.
        let multipliers = self.multipliers(leaf)?;
        if case.lo > case.hi {
            return Ok(None);
        }
        let (lo, hi) = (i128::from(multipliers.lo), i128::from(multipliers.hi));
        let fixed = multipliers.visits.iter().map(|v| i128::from(*v)).sum::<i128>()
            - multipliers.cuts.iter().map(|(_, dual)| i128::from(*dual)).sum::<i128>()
            + case.lo * lo
            - case.hi * hi;
        // A leaf that is too low even where every slot is worth nothing need not be searched.
        if fixed < self.target {
            return Err(Stop::Flaw(Flaw::Overstated(Cost::try_from(self.target).unwrap_or(Cost::MAX), fixed)));
        }
        let least = if leaf.pricing.is_some() {
            walks::least(self.problem, self.kinds, &multipliers, case, &mut self.steps)
        } else {
            elementary::least(self.problem, self.kinds, &multipliers, case, &mut self.steps)
        }
        .ok_or(Stop::Unfinished)?;
        let slots = match leaf.slots {
            Some(SlotSum::Merged) => {
                let least = least.iter().copied().min().unwrap_or(0).min(0);
                case.hi.min(self.kinds.slots() as i128) * i128::from(least)
            }
            None => {
                let sizes = self.kinds.list.iter().map(|kind| kind.size as i128);
                sizes.zip(&least).map(|(size, least)| size * i128::from((*least).min(0))).sum()
            }
        };
        Ok(Some(fixed + slots))
    }

    fn multipliers(&self, leaf: &Leaf) -> Result<Multipliers, Stop> {
        const LIMIT: Cost = 1 << 53;
        let within = |of: &str, value: Cost, most: Cost| {
            if (0..=most).contains(&value) && value < LIMIT {
                Ok(value)
            } else {
                Err(Stop::Flaw(Flaw::Multiplier(of.to_owned(), value)))
            }
        };
        let mut visits = vec![0; self.problem.visits.len()];
        for (id, dual) in &leaf.duals {
            visits[self.visit(id)?] = within(id, *dual, self.problem.cost.unscheduled)?;
        }
        let mut cuts = Vec::with_capacity(leaf.cuts.len());
        for cut in &leaf.cuts {
            let [a, b, c] = &cut.visits;
            let name = format!("{a}–{b}–{c}");
            let triple = [self.visit(a)?, self.visit(b)?, self.visit(c)?];
            if triple[0] == triple[1] || triple[0] == triple[2] || triple[1] == triple[2] {
                return Err(Stop::Flaw(Flaw::NotDistinct(name)));
            }
            cuts.push((triple, within(&name, cut.dual, LIMIT)?));
        }
        let mut memory = None;
        if let Some(pricing) = &leaf.pricing {
            let mut sets = vec![Vec::new(); self.problem.visits.len()];
            for (id, remembered) in &pricing.ng {
                let set =
                    remembered.iter().map(|other| self.visit(other)).collect::<Result<Vec<usize>, Stop>>()?;
                sets[self.visit(id)?] = set;
            }
            memory = Some(sets);
        }
        let lo = within("lo", leaf.routes.lo, LIMIT)?;
        let hi = within("hi", leaf.routes.hi, LIMIT)?;
        Ok(Multipliers { visits, cuts, lo, hi, memory })
    }
}

#[cfg(test)]
mod tests;
