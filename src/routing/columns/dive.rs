//! Diving: from a fractional solution to a whole one, by taking route after route (Sadykov, Vanderbeck, Pessoa, Tahiri and
//! Uchoa 2019, "Primal heuristics for branch and price: the assets of diving methods", section 3).

use super::generate::{Case, Generator, Relaxed};

/// Columns as good as whole.
const WHOLE: f64 = 0.98;

/// Takes routes until none is left to take: indices in the pool. `shun` is a column that is not to be taken first, so that
/// another dive differs.
pub(crate) fn dive(
    generator: &mut Generator<'_>,
    case: &Case,
    root: &Relaxed,
    patience: usize,
    shun: &[usize],
) -> Vec<usize> {
    let mut case = case.clone();
    let mut support = root.support.clone();
    loop {
        let before = case.taken.len();
        support.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut done = vec![false; generator.field.n];
        for at in &case.taken {
            generator.pool.columns[*at].visits.iter().for_each(|v| done[*v as usize] = true);
        }
        for (at, weight) in &support {
            if *weight < WHOLE && case.taken.len() > before {
                break;
            }
            let visits = &generator.pool.columns[*at].visits;
            if *weight < 0.01 || shun.contains(at) && *weight < WHOLE || visits.iter().any(|v| done[*v as usize]) {
                continue;
            }
            visits.iter().for_each(|v| done[*v as usize] = true);
            case.taken.push(*at);
        }
        if case.taken.len() == before || generator.over() {
            return case.taken;
        }
        match generator.relax(&case, patience) {
            Some(relaxed) => support = relaxed.support,
            None => return case.taken,
        }
    }
}
