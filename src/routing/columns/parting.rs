//! Cases of a problem whose every route is a column of the linear programme: nothing is priced.
//!
//! A case goes on from its parent's basis by a few dual pivots, which is some ten times quicker than column generation. What
//! it is split by is judged by pivots, too (Achterberg 2007, "Constraint Integer Programming", chapter 5, on strong
//! branching). Several cases are worked on at a time, each by itself; how many does not depend on threads.

use super::branching::{Promises, WHOLE, candidates, most_promising};
use super::cuts;
use super::generate::{Case, Generator, MULTIPLICATIONS, PIVOTS, Proven};
use super::master::{Rows, Triple};
use super::pool::{Column, Pool};
use super::pricing::{Field, Pair, Query, cuts_of};
use super::simplex::{Basis, End, Programme};
use super::tree::Routes;
use super::whole::raise;
use super::workers::share_out;
use crate::routing::Cost;

/// Most routes that are all columns.
const MOST: usize = 6_000;
/// Most routes near to a solution that are, for each visit.
const MOST_NEAR: usize = 60;
/// Rounds of cuts in a case, and cuts of a round.
const ROUNDS: usize = 5;
const CUTS: usize = 40;
/// Routes that become columns after one look at all others, at most.
const LACKING: usize = 100;
/// Pivots of a look at a case.
const AHEAD: usize = 50;
/// Pairs looked at: those that did best before, and those never looked at; fewer where nothing is to be proven.
const LOOKED_AT: (usize, usize) = (8, 12);
const GLANCED_AT: (usize, usize) = (3, 5);
/// What a linear programme's value may be off by.
const NEARLY: f64 = 0.01;
/// Multiplications that setting up an entry of a programme takes as long as, and a look at a column.
const SETTING_UP: u64 = 20;
const LOOKING: usize = 40;

/// Where a case's linear programme goes on from.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    rows: Rows,
    /// Columns there were.
    columns: usize,
    /// The basis; none where only slacks are known.
    variables: Vec<usize>,
}

impl Start {
    fn new(rows: Rows) -> Self {
        Self { rows, columns: 0, variables: Vec::new() }
    }
}

/// The two cases of a pair, together and apart: what is proven of each and where it goes on from.
pub(crate) type Parts = [(Proven, Option<Start>); 2];

/// What became of a case.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It costs enough.
    Closed(Proven),
    /// Two cases.
    Parted { proven: Proven, pair: [u32; 2], children: Box<Parts> },
    /// Beyond what pivots tell; routes that are the best of the case, if it is whole.
    Unclear(Proven, Option<Routes>),
    /// Routes that are no columns are worth more than they cost; where it goes on from once they are.
    Lacking(Vec<(usize, Vec<u32>, i64)>, Start),
}

/// Every route as a column, or every one that may matter.
#[derive(Debug, Default)]
pub(crate) struct All {
    columns: Vec<Column>,
    /// The columns of each visit.
    on: Vec<Vec<u32>>,
    /// Whether what is proven must be so in whole numbers.
    exact: bool,
    /// Whether there are other routes, which a proof must look at, too.
    others: bool,
}

impl All {
    /// None if routes are too many for that.
    pub(crate) fn new(field: &Field<'_>) -> Self {
        let listed = field.listed().filter(|listed| listed.len() <= MOST);
        let routes = listed.iter().flat_map(|listed| listed.iter());
        let column = |(view, visits): (usize, &[u32])| Pool::column(field.timing, field.classes, view, visits);
        let mut all = Self { on: vec![Vec::new(); field.n], exact: true, ..Self::default() };
        routes.filter_map(column).for_each(|column| all.add(column));
        all
    }

    fn add(&mut self, column: Column) {
        let at = self.columns.len() as u32;
        column.visits.iter().for_each(|visit| self.on[*visit as usize].push(at));
        self.columns.push(column);
    }

    /// Whether a route from a view is a column.
    fn has(&self, view: usize, visits: &[u32]) -> bool {
        let first = visits.first().map_or(&[][..], |visit| &self.on[*visit as usize]);
        first.iter().map(|at| &self.columns[*at as usize]).any(|c| c.view == view && *c.visits == *visits)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Marks the columns that a pair does not admit.
    fn ban(&self, pair: Pair, banned: &mut [bool]) {
        let [a, b] = pair.visits;
        for (one, other) in [(a, b), (b, a)] {
            for at in &self.on[one as usize] {
                let holds_both = self.columns[*at as usize].visits.contains(&other);
                banned[*at as usize] |= holds_both != pair.together;
            }
        }
    }
}

/// The linear programme of a case.
struct Present<'p> {
    rows: &'p Rows,
    basis: Basis<'p>,
    /// Columns that the case does not admit.
    banned: Vec<bool>,
}

impl Generator<'_> {
    /// Makes columns of the routes that a schedule cheaper than `total` may have: those whose reduced cost is less than what
    /// is missing. Where they are too many the nearest will do. What is proven from then on holds for such schedules alone.
    pub(crate) fn keep_what_matters(&mut self, case: &Case, proven: &Proven, total: Cost) {
        self.keep(case, proven, total);
    }

    /// The same for proofs: these look at all other routes, too, and those that they lack become columns later.
    pub(crate) fn keep_what_matters_first(&mut self, case: &Case, proven: &Proven, total: Cost) {
        self.keep(case, proven, total);
        (self.all.exact, self.all.others) = (true, true);
    }

    fn keep(&mut self, case: &Case, proven: &Proven, total: Cost) {
        let missing = total - proven.value;
        let priced = self.cheapest(case, &proven.duals, &proven.rows, missing, MOST_NEAR * self.field.n);
        self.all = All { on: vec![Vec::new(); self.field.n], ..All::default() };
        self.add_to_all(&priced.routes);
    }

    /// Makes columns of routes; whether any is new.
    pub(crate) fn add_to_all(&mut self, routes: &[(usize, Vec<u32>, i64)]) -> bool {
        let before = self.all.columns.len();
        for (view, visits, _) in routes {
            if self.all.has(*view, visits) {
                continue;
            }
            if let Some(column) = Pool::column(self.field.timing, self.classes, *view, visits) {
                self.all.add(column);
            }
        }
        self.all.columns.len() > before
    }

    /// Works on several cases; what became of each, by its place among them, and the promises made. Those that a stop
    /// comes before are missing.
    pub(crate) fn part_all(
        &mut self,
        cases: &[(&Case, Option<&Start>)],
        total: Cost,
        promises: &Promises,
    ) -> Vec<(usize, Outcome, Promises)> {
        let found = share_out(self.field.threads, cases.len(), self.clock.stop, |at| {
            let (case, start) = cases[at];
            self.part(case, start, total, promises)
        });
        let worked: u64 = found.iter().map(|(_, (_, _, work))| work).sum();
        self.steps = self.steps.saturating_sub(worked / MULTIPLICATIONS);
        found.into_iter().map(|(at, (outcome, promises, _))| (at, outcome, promises)).collect()
    }

    /// Works on one case; what became of it, what pairs promised, and multiplications.
    fn part(
        &self,
        case: &Case,
        start: Option<&Start>,
        total: Cost,
        promises: &Promises,
    ) -> (Outcome, Promises, u64) {
        let mut start = start.cloned().unwrap_or_else(|| Start::new(self.rows(case)));
        let mut best = self.nothing();
        let mut made = Promises::new();
        let mut work = 0;
        let columns: Vec<&Column> = self.all.columns.iter().collect();
        for round in 0.. {
            let rows = start.rows.clone();
            let programme = Programme::new(self.field.n, &columns, &rows, self.unscheduled);
            let mut present = self.present(&programme, &rows, case, &start);
            let end = present.basis.run(&present.banned, PIVOTS * rows.count(self.field.n));
            work += present.basis.work + programme.size() * SETTING_UP;
            present.basis.work = 0;
            if end != End::Optimal {
                break;
            }
            let reached = self.reached(&present, total);
            let support = present.basis.support();
            let weighed: Vec<(&Column, f64)> = support.iter().map(|(at, w)| (columns[*at], *w)).collect();
            let new = if round < ROUNDS && reached.value < total && present.basis.value() < total as f64 {
                cuts::triples(self.field.n, &weighed, &rows.cuts, CUTS)
            } else {
                Vec::new()
            };
            if new.is_empty() || !self.all.others {
                let lacking = self.lacking(case, &reached, &mut work);
                if !lacking.is_empty() {
                    return (Outcome::Lacking(lacking, Start::new(rows)), made, work);
                }
                if reached.value > best.value {
                    best = reached;
                }
            }
            if best.value >= total {
                return (Outcome::Closed(best), made, work);
            }
            let fractional = |sum: f64| (sum - sum.round()).abs() > WHOLE;
            if !support.iter().any(|(_, w)| fractional(*w)) {
                let base = |column: &Column| self.classes.views[column.view].base;
                let routes = weighed.iter().map(|(column, _)| (base(column), column.visits.to_vec())).collect();
                return (Outcome::Unclear(best, Some(routes)), made, work);
            }
            if fractional(support.iter().map(|(_, w)| w).sum()) {
                break;
            }
            if !new.is_empty() {
                start = with_cuts(self.field.n, columns.len(), &present, &new);
                continue;
            }
            let parted = self.choose(&present, case, &weighed, total, promises, (&mut made, &mut work));
            return match parted {
                Some((pair, children)) => {
                    (Outcome::Parted { proven: best, pair, children: Box::new(children) }, made, work)
                }
                None => (Outcome::Unclear(best, None), made, work),
            };
        }
        (Outcome::Unclear(best, None), made, work)
    }

    /// Routes that are no columns and stand in the way of a proof.
    fn lacking(&self, case: &Case, proven: &Proven, work: &mut u64) -> Vec<(usize, Vec<u32>, i64)> {
        if !self.all.others {
            return Vec::new();
        }
        let query = Query { threshold: 0, keep: LACKING, ..self.query(case, &proven.rows, &proven.duals) };
        let priced = self.field.price(query, self.clock.stop);
        *work += priced.steps * MULTIPLICATIONS;
        priced.routes
    }

    /// The linear programme of a case at the basis of these variables, or of slacks alone where there are none.
    fn present<'p>(
        &self,
        programme: &'p Programme,
        rows: &'p Rows,
        case: &Case,
        start: &Start,
    ) -> Present<'p> {
        let n = self.field.n;
        // Columns that have come since stand behind those that the variables know.
        let new = self.all.columns.len() - start.columns;
        let moved = |at: &usize| if *at < start.columns { *at } else { *at + new };
        let variables: Vec<usize> = start.variables.iter().map(moved).collect();
        let basis = if variables.is_empty() { None } else { Basis::of(programme, n, rows, &variables) };
        let basis = basis.unwrap_or_else(|| Basis::new(programme, n, rows));
        let mut banned = vec![false; self.all.columns.len()];
        case.pairs.iter().for_each(|pair| self.all.ban(*pair, &mut banned));
        Present { rows, basis, banned }
    }

    /// What the multipliers of a linear programme prove, as far as columns tell.
    fn reached(&self, present: &Present<'_>, total: Cost) -> Proven {
        let Present { rows, basis, banned, .. } = present;
        if !self.all.exact {
            // Schedules cost whole numbers, and nobody asks for multipliers.
            return Proven { value: (basis.value() - NEARLY).ceil() as Cost, ..self.nothing() };
        }
        let mut proven = self.whole(&basis.answer(self.field.n, rows), rows, 1.0);
        // Rounding counts only where it keeps a case from being closed.
        if proven.value < total && basis.value() > total as f64 - 1.0 {
            let cuts_of = cuts_of(self.field.n, rows, &proven.duals);
            let mut met = Vec::new();
            let open =
                self.all.columns.iter().zip(banned).filter(|(_, banned)| !**banned).map(|(column, _)| column);
            let near: Vec<(&[u32], i64)> = open
                .map(|c| (&c.visits[..], Field::reduced(c, &proven.duals, rows, &cuts_of, &mut met)))
                .filter(|(_, reduced)| *reduced < self.most_gained())
                .collect();
            raise(&near, self.unscheduled, &mut proven);
        }
        proven
    }

    /// The pair whose two cases promise most, with both cases.
    fn choose(
        &self,
        present: &Present<'_>,
        case: &Case,
        weighed: &[(&Column, f64)],
        total: Cost,
        promises: &Promises,
        (made, work): (&mut Promises, &mut u64),
    ) -> Option<([u32; 2], Parts)> {
        let value = present.basis.value();
        let missing = (total as f64 - value).max(1.0);
        let looked_at = if self.all.exact { LOOKED_AT } else { GLANCED_AT };
        let pairs = candidates(weighed.iter().copied(), promises, looked_at);
        // A column that costs more than what is missing comes into no solution that matters.
        let matters = |at: &usize| !present.banned[*at] && present.basis.reduced(*at) <= missing;
        let near = (0..self.all.columns.len()).filter(matters);
        let absences = self.all.columns.len()..self.all.columns.len() + self.field.n;
        let open: Vec<u32> = near.chain(absences).map(|at| at as u32).collect();
        let mut banned = Vec::new();
        let mut rise = |pair: Pair| {
            banned.clone_from(&present.banned);
            self.all.ban(pair, &mut banned);
            let mut ahead = present.basis.clone();
            ahead.only(&open);
            let end = ahead.run(&banned, AHEAD);
            *work += ahead.work + ahead.size();
            if end == End::Infeasible { missing } else { ahead.value() - value }
        };
        let looked = pairs
            .into_iter()
            .map(|visits| (visits, [true, false].map(|together| rise(Pair { visits, together }))));
        let visits = most_promising(looked, missing, made)?;
        let children = [true, false].map(|together| {
            let pair = Pair { visits, together };
            let mut banned = present.banned.clone();
            self.all.ban(pair, &mut banned);
            let mut child = Present { rows: present.rows, basis: present.basis.clone(), banned };
            let end = child.basis.run(&child.banned, PIVOTS * present.rows.count(self.field.n));
            *work += child.basis.work + child.basis.size() + (self.all.columns.len() * LOOKING) as u64;
            if end != End::Optimal {
                return (self.nothing(), None);
            }
            let mut reached = self.reached(&child, total);
            // Other routes are looked at only where there is something to be closed.
            if self.all.others
                && (reached.value < total || !self.lacking(&case.with(pair), &reached, work).is_empty())
            {
                reached = self.nothing();
            }
            let start = (reached.value < total).then(|| Start {
                rows: present.rows.clone(),
                columns: self.all.columns.len(),
                variables: child.basis.variables().to_vec(),
            });
            (reached, start)
        });
        Some((visits, children))
    }
}

/// A start with further cuts, and without those that cost nothing.
fn with_cuts(n: usize, columns: usize, present: &Present<'_>, new: &[Triple]) -> Start {
    let others = columns + n;
    let first = others + n;
    let old = present.rows.cuts.len();
    let idle: Vec<bool> = (0..old).map(|cut| present.basis.variables().contains(&(first + cut))).collect();
    let kept: Vec<usize> = (0..old).filter(|cut| !idle[*cut]).collect();
    let mut rows = present.rows.clone();
    rows.cuts = kept.iter().map(|cut| present.rows.cuts[*cut]).chain(new.iter().copied()).collect();
    let now = rows.cuts.len();
    let mut variables: Vec<usize> = present
        .basis
        .variables()
        .iter()
        .filter(|variable| !(first..first + old).contains(variable))
        .map(|variable| if *variable >= first + old { variable - old + now } else { *variable })
        .collect();
    variables.extend((kept.len()..now).map(|cut| first + cut));
    Start { rows, columns, variables }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use serde_json::json;

    use super::*;
    use crate::routing::columns::classes::Classes;
    use crate::routing::columns::generate::{Clock, value};
    use crate::routing::columns::master;
    use crate::routing::columns::whole::proven_value;
    use crate::routing::problem::Problem;
    use crate::routing::route::Timing;
    use crate::routing::search::{Dice, Slots};

    /// Checks a proof against every route of its case, and the linear programme it comes from.
    fn check(generator: &Generator<'_>, case: &Case, proven: &Proven) -> Result<(), TestCaseError> {
        let n = generator.field.n;
        let cuts_of = cuts_of(n, &proven.rows, &proven.duals);
        let mut met = Vec::new();
        let admitted: Vec<&Column> = generator
            .all
            .columns
            .iter()
            .filter(|column| case.pairs.iter().all(|pair| pair.admits(&column.visits)))
            .collect();
        for column in &admitted {
            prop_assert!(Field::reduced(column, &proven.duals, &proven.rows, &cuts_of, &mut met) >= 0);
        }
        prop_assert_eq!(proven.value, proven_value(&proven.duals, &proven.rows));
        let answer = master::solve(n, &admitted, &proven.rows, generator.unscheduled, master::FINE);
        if let Some(answer) = answer {
            let exact = value(&answer, &proven.rows);
            let lost = (n + proven.rows.cuts.len() + 3) as f64;
            prop_assert!(proven.value as f64 <= exact + 1.0, "{} {exact}", proven.value);
            prop_assert!(proven.value as f64 >= exact - lost - 1e-4 * exact.abs(), "{} {exact}", proven.value);
        }
        Ok(())
    }

    /// Visits in a plane of which two or three fill a day: linear programmes of such problems are seldom whole.
    fn in_a_plane(places: &[(i64, i64)]) -> Problem {
        let nodes: Vec<(i64, i64)> = std::iter::once((50, 50)).chain(places.iter().copied()).collect();
        let leg = |a: &(i64, i64), b: &(i64, i64)| (a.0 - b.0).abs() + (a.1 - b.1).abs();
        let travel: Vec<Vec<i64>> = nodes.iter().map(|a| nodes.iter().map(|b| leg(a, b)).collect()).collect();
        let visits: Vec<_> =
            (0..places.len()).map(|v| json!({"id": format!("V{v}"), "service": 60 + 7 * (v % 3)})).collect();
        let text = json!({
            "format": "hecha-problem/1", "days": ["2022-03-07", "2022-03-08", "2022-03-09", "2022-03-10"],
            "shift": {"start": 0, "end": 360}, "bases": [{"id": "B"}],
            "teams": [{"id": "S", "base": "B"}, {"id": "T", "base": "B"}],
            "visits": visits, "travel": travel, "cost": {"team_day": 300, "travel": 1, "unscheduled": 5000},
        });
        Problem::from_json(text.to_string().as_bytes()).expect("a problem")
    }

    /// Something to do with the cases of such a problem.
    fn with_cases_of<T>(places: &[(i64, i64)], work: impl FnOnce(&mut Generator<'_>) -> T) -> T {
        let problem = in_a_plane(places);
        let (timing, slots) = (Timing::new(&problem), Slots::new(&problem));
        let classes = Classes::new(&problem, &slots);
        let mut field = Field::new(&timing, &classes, 2);
        field.list_routes();
        let clock = Clock::ENDLESS;
        work(&mut Generator::new(&field, &classes, u64::MAX, clock))
    }

    /// What becomes of a case at a price.
    fn part(generator: &mut Generator<'_>, case: &Case, start: Option<&Start>, price: Cost) -> Outcome {
        generator.part_all(&[(case, start)], price, &Promises::new()).remove(0).1
    }

    const DEAR: Cost = Cost::MAX / 4;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        /// What is proven of a case and of its two parts holds for every route, and is what the linear programme is worth;
        /// a part goes on from where it was left to a proof that is no worse, and is closed at a price that it is worth.
        #[test]
        fn parts_are_proven(
            places in prop::collection::vec((0..100_i64, 0..100_i64), 11),
            pairs in prop::collection::vec((prop::sample::subsequence((0..11_u32).collect::<Vec<_>>(), 2), any::<bool>()), 0..2),
            routes in 4..6_usize,
        ) {
            with_cases_of(&places, |generator| {
                prop_assert!(!generator.all.is_empty());
                let pairs = pairs.iter().map(|(pair, together)| Pair { visits: [pair[0], pair[1]], together: *together });
                let case = Case { pairs: pairs.collect(), lo: routes, hi: Some(routes), taken: Vec::new() };
                let Outcome::Parted { proven, pair, children } = part(generator, &case, None, DEAR) else { return Ok(()) };
                check(generator, &case, &proven)?;
                for (together, (proven, start)) in [true, false].into_iter().zip(*children) {
                    let child = case.with(Pair { visits: pair, together });
                    let Some(start) = start else { continue };
                    check(generator, &child, &proven)?;
                    let again = part(generator, &child, Some(&start), DEAR);
                    let (Outcome::Closed(best) | Outcome::Unclear(best, _) | Outcome::Parted { proven: best, .. }) = again;
                    let rounding = (generator.field.n + best.rows.cuts.len() + 3) as Cost;
                    prop_assert!(best.value >= proven.value - rounding, "{} {}", best.value, proven.value);
                    let again = part(generator, &child, Some(&start), best.value - rounding);
                    prop_assert!(matches!(again, Outcome::Closed(_)));
                }
                Ok(())
            })?;
        }
    }

    /// The cases of the test above are worth something: some are parted, with cuts.
    #[test]
    fn some_cases_are_parted_with_cuts() {
        let mut dice = Dice(ChaCha8Rng::seed_from_u64(1));
        let parted = (0..60).filter(|_| {
            let places: Vec<(i64, i64)> =
                (0..11).map(|_| (dice.below(100) as i64, dice.below(100) as i64)).collect();
            let case = Case { lo: 5, hi: Some(5), ..Case::default() };
            let outcome = with_cases_of(&places, |generator| part(generator, &case, None, DEAR));
            matches!(outcome, Outcome::Parted { proven, .. } if !proven.rows.cuts.is_empty())
        });
        assert!(parted.count() > 3);
    }
}
