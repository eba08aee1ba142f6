//! Odd sets of visits, where a fractional solution gains by halves what no schedule can.
//!
//! Where routes hold two visits of a set or none, an odd set leaves one over; halves of routes around an odd cycle leave none.
//! Splitting by a single pair of the set only moves the halves to another cycle in it, and the bound hardly rises before
//! all of its pairs are settled. So whoever splits by a pair of such a set had better stay in it.
//!
//! For a set of odd size, the rows of its visits, added, halved and rounded, say that routes which hold an odd number of them
//! weigh at least 1 together (Caprara and Fischetti 1996, "{0, 1/2}-Chvátal-Gomory cuts"; Edmonds 1965, "Maximum matching and a
//! polyhedron with 0,1-vertices", where routes hold two). A set for which they weigh less is found by elimination modulo 2:
//! all fractional routes but one or two at most hold an even number. Routes of weight 1 are not looked at. The certificate knows no such cuts, so they only tell
//! where to split.

/// Weights this close to 0 and 1 are whole.
const INTEGRALITY: f64 = 1e-6;
/// The routes that hold an odd number weigh less than this.
const MOST: f64 = 0.999;
/// Most fractional routes where two at a time may hold an odd number; and at all.
const FOR_PAIRS: usize = 80;
const FOR_ONE: usize = 400;

/// A set of visits or routes, a bit each.
type Bits = Vec<u64>;

/// Adds one set to another modulo 2.
fn flip(bits: &mut Bits, by: &Bits) {
    bits.iter_mut().zip(by).for_each(|(word, by)| *word ^= by);
}

/// Puts an element in, or takes it out.
fn toggle(bits: &mut Bits, at: usize) {
    bits[at / 64] ^= 1 << (at % 64);
}

fn has(bits: &Bits, at: usize) -> bool {
    bits[at / 64] >> (at % 64) & 1 == 1
}

fn count(bits: &Bits) -> u32 {
    bits.iter().map(|word| word.count_ones()).sum()
}

fn is_odd(a: &Bits, b: &Bits) -> bool {
    a.iter().zip(b).map(|(a, b)| (a & b).count_ones()).sum::<u32>() % 2 == 1
}

/// An equation modulo 2: the visits on its left and the equations it was added up from, which tell its right side.
struct Row {
    visits: Bits,
    of: Bits,
    pivot: usize,
}

/// The equations "each fractional route holds an even number, the set is odd", solved for every right side.
struct System {
    rows: Vec<Row>,
    /// Sums of equations without visits: right sides must add up to 0 there.
    conditions: Vec<Bits>,
    /// Sets that may be added to a solution.
    kernel: Vec<Bits>,
    words: usize,
}

impl System {
    fn new(visits: usize, routes: &[Vec<usize>]) -> Self {
        let (words, words_of) = (visits.div_ceil(64), (routes.len() + 1).div_ceil(64));
        let mut rows: Vec<Row> = Vec::new();
        let mut conditions = Vec::new();
        let all: Vec<usize> = (0..visits).collect();
        for (number, held) in routes.iter().chain([&all]).enumerate() {
            let mut row = Row { visits: vec![0; words], of: vec![0; words_of], pivot: 0 };
            for visit in held {
                toggle(&mut row.visits, *visit);
            }
            toggle(&mut row.of, number);
            for other in rows.iter().filter(|other| has(&row.visits, other.pivot)).collect::<Vec<_>>() {
                flip(&mut row.visits, &other.visits);
                flip(&mut row.of, &other.of);
            }
            let Some(pivot) = (0..visits).find(|visit| has(&row.visits, *visit)) else {
                conditions.push(row.of);
                continue;
            };
            row.pivot = pivot;
            for other in rows.iter_mut().filter(|other| has(&other.visits, pivot)) {
                flip(&mut other.visits, &row.visits);
                flip(&mut other.of, &row.of);
            }
            rows.push(row);
        }
        let mut free = vec![true; visits];
        for row in &rows {
            free[row.pivot] = false;
        }
        let kernel = (0..visits).filter(|visit| free[*visit]).map(|visit| {
            let mut set = vec![0; words];
            toggle(&mut set, visit);
            rows.iter().filter(|row| has(&row.visits, visit)).for_each(|row| toggle(&mut set, row.pivot));
            set
        });
        let kernel = kernel.collect();
        Self { rows, conditions, kernel, words }
    }

    /// An odd set of which just the routes on the right side hold an odd number: with few visits that are not `known`, then
    /// with few visits, as far as steps from one to the next come.
    fn solve(&self, right: &Bits, known: &Bits) -> Option<Bits> {
        if self.conditions.iter().any(|condition| is_odd(condition, right)) {
            return None;
        }
        let mut set = vec![0; self.words];
        self.rows.iter().filter(|row| is_odd(&row.of, right)).for_each(|row| toggle(&mut set, row.pivot));
        let size = |set: &Bits| {
            let new: u32 = set.iter().zip(known).map(|(set, known)| (set & !known).count_ones()).sum();
            (new, count(set))
        };
        loop {
            let before = size(&set);
            for other in &self.kernel {
                let mut less = set.clone();
                flip(&mut less, other);
                if size(&less) < size(&set) {
                    set = less;
                }
            }
            if size(&set) == before {
                return Some(set);
            }
        }
    }
}

/// What sets are compared by, the least first: whether none of its visits is known, how many are new where some are known, and
/// else what its odd routes weigh; its size.
type Rank = (bool, usize, f64, usize);

/// Of the odd sets whose odd routes weigh less than 1 in a solution (routes and their weights) the one that adds fewest visits
/// to `known`, if one has any of these; else the one that is violated most. Visits ascending.
pub(super) fn odd_set(solution: &[(&[u32], f64)], known: &[u32]) -> Option<Vec<u32>> {
    let fractional: Vec<_> =
        solution.iter().filter(|(_, weight)| *weight > INTEGRALITY && *weight < 1.0 - INTEGRALITY).collect();
    let mut visits: Vec<u32> = fractional.iter().flat_map(|(route, _)| route.iter().copied()).collect();
    visits.sort_unstable();
    visits.dedup();
    if fractional.len() > FOR_ONE || visits.is_empty() {
        return None;
    }
    let place = |visit: &u32| visits.binary_search(visit).expect("a visit of a fractional route");
    let routes: Vec<Vec<usize>> = fractional.iter().map(|(route, _)| route.iter().map(place).collect()).collect();
    let system = System::new(visits.len(), &routes);
    let mut held = vec![0; visits.len().div_ceil(64)];
    for visit in known {
        if let Ok(at) = visits.binary_search(visit) {
            toggle(&mut held, at);
        }
    }
    let mut right = vec![0; (routes.len() + 1).div_ceil(64)];
    toggle(&mut right, routes.len());
    let mut best: Option<(Rank, Vec<u32>)> = None;
    let mut look = |odd: &[usize], weight: f64| {
        if weight >= MOST {
            return;
        }
        let mut right = right.clone();
        for route in odd {
            toggle(&mut right, *route);
        }
        let Some(set) = system.solve(&right, &held) else { return };
        let set: Vec<u32> = (0..visits.len()).filter(|at| has(&set, *at)).map(|at| visits[at]).collect();
        let new = set.iter().filter(|visit| known.binary_search(visit).is_err()).count();
        let rank = if new < set.len() { (false, new, 0.0, set.len()) } else { (true, 0, weight, set.len()) };
        if best.as_ref().is_none_or(|(least, _)| rank < *least) {
            best = Some((rank, set));
        }
    };
    look(&[], 0.0);
    for (one, (_, weight)) in fractional.iter().enumerate() {
        look(&[one], *weight);
        if routes.len() <= FOR_PAIRS {
            for (other, (_, more)) in fractional.iter().enumerate().skip(one + 1) {
                look(&[one, other], weight + more);
            }
        }
    }
    best.map(|(_, set)| set)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_odd_cycle_of_halves_is_an_odd_set() {
        let half = |route: &'static [u32]| (route, 0.5);
        let cycle =
            [half(&[0, 3]), half(&[3, 5]), half(&[5, 6]), half(&[6, 9]), half(&[9, 0]), (&[1, 2][..], 1.0)];
        assert_eq!(odd_set(&cycle, &[]), Some(vec![0, 3, 5, 6, 9]));
        // An even cycle has none.
        assert_eq!(odd_set(&[half(&[0, 3]), half(&[3, 5]), half(&[5, 6]), half(&[6, 0])], &[]), None);
        // Of two cycles the one comes first that is known in part.
        let two = [half(&[0, 1]), half(&[1, 2]), half(&[2, 0]), half(&[5, 6]), half(&[6, 7]), half(&[7, 5])];
        assert_eq!(odd_set(&two, &[6]), Some(vec![5, 6, 7]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        /// Whatever the weights, a set that is found is odd, and the routes that hold an odd number of it weigh less than 1.
        #[test]
        fn what_is_found_is_violated(
            routes in prop::collection::vec((prop::sample::subsequence((0..9_u32).collect::<Vec<_>>(), 1..4), 0.05..0.95_f64), 1..14),
            known in prop::sample::subsequence((0..9_u32).collect::<Vec<_>>(), 0..4),
        ) {
            let solution: Vec<(&[u32], f64)> = routes.iter().map(|(route, weight)| (&route[..], *weight)).collect();
            if let Some(set) = odd_set(&solution, &known) {
                prop_assert!(set.len() % 2 == 1);
                let odd = |route: &[u32]| route.iter().filter(|visit| set.contains(visit)).count() % 2 == 1;
                let weight: f64 = solution.iter().filter(|(route, _)| odd(route)).map(|(_, weight)| weight).sum();
                prop_assert!(weight < 1.0, "{set:?} {weight}");
            }
        }
    }
}
