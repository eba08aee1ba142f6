//! The certificate's checker: recomputes every leaf in whole numbers (contract, section 7).
//!
//! It shares nothing with the code that finds certificates: slots, times and prices are worked out here again from the
//! problem alone. For each kind of slot the least reduced cost is found by depth-first search over routes, cut off by a
//! bound on every way home (walks without 2-cycles, times rounded down; see `ahead` and `elementary`), or, where many leaves ask
//! for few routes, by a look at each (`listed`); for leaves with `ng`, by labels
//! (`walks`). What a leaf says is read in `case`. Whatever cannot be finished is not verified, which is not the same as false.

mod ahead;
mod case;
mod elementary;
mod listed;
mod walks;

use std::num::NonZero;
use std::thread;

use super::Cost;
use super::certificate::{Leaf, SlotSum, Tree};
use super::problem::Problem;
use super::schedule::Bound;
use crate::text::{Lang, Say, both};
use case::{Case, Kinds, Multipliers};
use listed::Listed;

/// Leaves over all routes from which on these are listed, where they are few enough.
const WORTH_LISTING: usize = if cfg!(test) { 2 } else { 50 };
/// Steps (a next visit looked at) after which the checker gives up.
const MOST_STEPS: u64 = 20_000_000_000;
/// Leaves that are worked on at a time.
const AT_A_TIME: usize = 16;

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
    /// The stated value is higher than what a leaf proves even if every slot is worth nothing: stated, that at most.
    OutOfReach(Cost, i128),
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
            Self::OutOfReach(stated, most) => {
                both!(
                    lang,
                    "下界写为{stated}，但有一种情形至多只能证明{most}",
                    "the bound is stated as {stated}, but one of its cases proves {most} at most"
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
    let checker = Checker { problem, kinds: &kinds, target: i128::from(bound.value), steps: MOST_STEPS };
    match checker.tree(&bound.tree) {
        Err(Stop::Flaw(flaw)) => Verdict::Flawed(flaw),
        // Where every leaf is empty, no schedule at all is left, which cannot be, as leaving out everything is one.
        Err(Stop::Unfinished) | Ok(None) => Verdict::Unfinished,
        Ok(Some(value)) if value < i128::from(bound.value) => {
            Verdict::Flawed(Flaw::Overstated(bound.value, value))
        }
        Ok(Some(value)) => Verdict::Proven(Cost::try_from(value).unwrap_or(Cost::MAX)),
    }
}

/// ⌈(total − value) / total × 10⁶⌉, 0 if total = 0, of a value that is no larger than the total: the checker's own formula.
fn gap(value: Cost, total: Cost) -> i64 {
    let (missing, total) = (i128::from(total) - i128::from(value), i128::from(total));
    let millionths = if total > 0 { (missing * 1_000_000 + total - 1) / total } else { 0 };
    i64::try_from(millionths).unwrap_or(i64::MAX)
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

/// A leaf's value, `None` if it does not count, and the steps that are left.
type Worth = (Result<Option<i128>, Stop>, u64);

impl Checker<'_> {
    /// What a tree proves of all schedules; `None` if none of its leaves counts.
    fn tree(&self, tree: &Tree) -> Result<Option<i128>, Stop> {
        let root = Case { lo: 0, hi: self.kinds.slots() as i128, pairs: Vec::new() };
        let mut leaves = Vec::new();
        self.leaves(tree, root, &mut leaves)?;
        self.least(&leaves)
    }

    /// Lists the leaves of a tree with their cases.
    fn leaves<'t>(&self, tree: &'t Tree, case: Case, out: &mut Vec<(&'t Leaf, Case)>) -> Result<(), Stop> {
        match tree {
            Tree::Leaf(leaf) => out.push((leaf, case)),
            Tree::Routes(branch) => {
                let k = i128::from(branch.on.routes);
                let (mut less, mut more) = (case.clone(), case);
                less.hi = less.hi.min(k);
                more.lo = more.lo.max(k + 1);
                self.leaves(&branch.at_most, less, out)?;
                self.leaves(&branch.at_least, more, out)?;
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
                self.leaves(&branch.together, with(true), out)?;
                self.leaves(&branch.apart, with(false), out)?;
            }
        }
        Ok(())
    }

    /// The least value of the leaves that count; `None` if none does. Some are worked on at a time, each with its share of
    /// the steps; those that this is too little for have all that are left, one after the other. So threads do not matter.
    fn least(&self, leaves: &[(&Leaf, Case)]) -> Result<Option<i128>, Stop> {
        let mut steps = self.steps;
        let over_routes = leaves.iter().filter(|(leaf, _)| leaf.pricing.is_none()).count();
        let listed =
            (over_routes >= WORTH_LISTING).then(|| Listed::new(self.problem, self.kinds, &mut steps)).flatten();
        let mut least: Option<i128> = None;
        for some in leaves.chunks(AT_A_TIME) {
            let share = steps / some.len() as u64;
            let found = side_by_side(some, |(leaf, case)| self.leaf(leaf, case, listed.as_ref(), share));
            for ((leaf, case), (mut value, left)) in some.iter().zip(found) {
                steps = steps.saturating_sub(share - left);
                if matches!(value, Err(Stop::Unfinished)) {
                    (value, steps) = self.leaf(leaf, case, listed.as_ref(), steps);
                }
                if let Some(value) = value? {
                    least = Some(least.map_or(value, |least| least.min(value)));
                }
            }
        }
        Ok(least)
    }

    fn visit(&self, id: &str) -> Result<usize, Stop> {
        self.kinds.visit(id).ok_or_else(|| Stop::Flaw(Flaw::UnknownVisit(id.to_owned())))
    }

    fn leaf(&self, leaf: &Leaf, case: &Case, listed: Option<&Listed>, mut steps: u64) -> Worth {
        (self.value(leaf, case, listed, &mut steps), steps)
    }

    fn value(
        &self,
        leaf: &Leaf,
        case: &Case,
        listed: Option<&Listed>,
        steps: &mut u64,
    ) -> Result<Option<i128>, Stop> {
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
            return Err(Stop::Flaw(Flaw::OutOfReach(Cost::try_from(self.target).unwrap_or(Cost::MAX), fixed)));
        }
        let least = match listed {
            _ if leaf.pricing.is_some() => walks::least(self.problem, self.kinds, &multipliers, case, steps),
            Some(listed) => listed.least(self.kinds, &multipliers, case, steps),
            None => elementary::least(self.problem, self.kinds, &multipliers, case, steps),
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

/// What `work` makes of each, in their order, on as many threads as there are processors.
fn side_by_side<T: Sync, R: Send>(list: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(list.len());
    if threads <= 1 {
        return list.iter().map(work).collect();
    }
    let work = &work;
    let mut found: Vec<(usize, R)> = thread::scope(|scope| {
        let part = |first: usize| list.iter().enumerate().skip(first).step_by(threads);
        let jobs: Vec<_> = (0..threads)
            .map(|first| scope.spawn(move || part(first).map(|(at, one)| (at, work(one))).collect::<Vec<_>>()))
            .collect();
        jobs.into_iter().flat_map(|job| job.join().expect("a recomputation does not panic")).collect()
    });
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests;
