//! Whole multipliers: what rounding breaks is mended one unit at a time.

/// Moves after which mending gives up.
const MOVES: usize = 4_000;
/// Moves during which a unit is not moved back.
const TABU: usize = 12;

/// Routes that must stay tight, and routes that must not become negative.
pub(super) struct Mending<'r> {
    /// Visits of each tight route. Where two hold the same visit, which a covering master may come to, what mending one
    /// breaks in the other shows when all are priced again.
    pub(super) tight: Vec<&'r [u32]>,
    /// Visits of each other route near zero, and its reduced cost.
    pub(super) near: Vec<(&'r [u32], i64)>,
}

impl Mending<'_> {
    /// Moves units between visits of one tight route until no other route's reduced cost is negative; true if that is
    /// reached. Each move takes a unit from a visit of a negative route (Minton, Johnston,
    /// Philips and Laird 1992, "Minimizing conflicts: a heuristic repair method for constraint satisfaction and scheduling
    /// problems", section 3, with a tabu list).
    pub(super) fn mend(mut self, duals: &mut [i64]) -> bool {
        let n = duals.len();
        let mut on: Vec<Vec<usize>> = vec![Vec::new(); n];
        for (at, (visits, _)) in self.near.iter().enumerate() {
            visits.iter().for_each(|v| on[*v as usize].push(at));
        }
        let mut partner: Vec<&[u32]> = vec![&[]; n];
        for tight in &self.tight {
            tight.iter().for_each(|v| partner[*v as usize] = tight);
        }
        let mut last_moved = vec![0_usize; n];
        for round in 1..=MOVES {
            let Some(broken) = self.near.iter().position(|(_, slack)| *slack < 0) else { return true };
            let mut best: Option<(i64, usize, u32, u32)> = None;
            for from in self.near[broken].0.iter().filter(|v| duals[**v as usize] > 0) {
                for to in partner[*from as usize].iter().filter(|to| *to != from) {
                    let held = |at: &usize, visit: u32| self.near[*at].0.contains(&visit);
                    // Routes of the one gain a unit, routes of the other lose one.
                    let gains =
                        on[*from as usize].iter().filter(|at| !held(at, *to) && self.near[**at].1 < 0).count();
                    let losses =
                        on[*to as usize].iter().filter(|at| !held(at, *from) && self.near[**at].1 <= 0).count();
                    let tabu = last_moved[*to as usize] + TABU > round && last_moved[*to as usize] > 0;
                    let score = losses as i64 - gains as i64 + if tabu { 1_000 } else { 0 };
                    let candidate = (score, last_moved[*from as usize], *from, *to);
                    if best.is_none_or(|best| candidate < best) {
                        best = Some(candidate);
                    }
                }
            }
            let Some((_, _, from, to)) = best else { return false };
            duals[from as usize] -= 1;
            duals[to as usize] += 1;
            last_moved[from as usize] = round;
            on[from as usize].iter().for_each(|at| self.near[*at].1 += 1);
            on[to as usize].iter().for_each(|at| self.near[*at].1 -= 1);
        }
        false
    }
}
