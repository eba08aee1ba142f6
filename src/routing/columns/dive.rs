//! Diving: from a fractional solution to a whole one, by taking route after route.
//!
//! Strong diving (Sadykov, Vanderbeck, Pessoa, Tahiri and Uchoa 2019, "Primal heuristics for branch and price: the assets of
//! diving methods", sections 3 and 4.3): of the columns of most weight the one is taken whose taking raises the linear
//! programme least. Routes are priced anew on the way, as what is left may need others.

use super::generate::{Case, Generator, Relaxed};

/// Columns as good as whole.
const WHOLE: f64 = 0.97;
/// Columns of less weight are never taken.
const LEAST: f64 = 0.05;

/// How a dive goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// Prices between two takings.
    pub(crate) patience: usize,
    /// Columns compared at each taking.
    pub(crate) candidates: usize,
}

/// Takes routes until none is left to take: indices in the pool. Columns of `shun` are not taken before they are whole, so
/// that one dive differs from another.
pub(crate) fn dive(
    generator: &mut Generator<'_>,
    case: &Case,
    root: &Relaxed,
    style: Style,
    shun: &[usize],
) -> Vec<usize> {
    let mut case = case.clone();
    let mut support = root.support.clone();
    loop {
        let before = case.taken.len();
        support.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut done = vec![false; generator.field.n];
        let mut take = |generator: &Generator<'_>, at: usize| {
            let visits = &generator.pool.columns[at].visits;
            // A walk that comes back to a visit is no route.
            let twice = |(at, visit): (usize, &u32)| visits[at + 1..].contains(visit);
            let free = visits.iter().all(|v| !done[*v as usize]) && !visits.iter().enumerate().any(twice);
            if free {
                visits.iter().for_each(|v| done[*v as usize] = true);
            }
            free
        };
        for at in &case.taken {
            take(generator, *at);
        }
        let whole: Vec<usize> = support.iter().take_while(|(_, w)| *w >= WHOLE).map(|(at, _)| *at).collect();
        case.taken.extend(whole.into_iter().filter(|at| take(generator, *at)));
        let doubtful: Vec<usize> = support
            .iter()
            .filter(|(at, w)| *w >= LEAST && *w < WHOLE && !shun.contains(at) && take(generator, *at))
            .map(|(at, _)| *at)
            .take(style.candidates)
            .collect();
        let best = match doubtful[..] {
            [] => None,
            [only] => Some(only),
            _ => least_raising(generator, &mut case, &doubtful),
        };
        case.taken.extend(best);
        if case.taken.len() == before || generator.over() {
            return case.taken;
        }
        match generator.relax(&case, style.patience) {
            Some(relaxed) => support = relaxed.support,
            None => return case.taken,
        }
    }
}

/// The candidate whose taking raises the value of the linear programme over the present columns least.
fn least_raising(generator: &mut Generator<'_>, case: &mut Case, candidates: &[usize]) -> Option<usize> {
    let mut best: Option<(f64, usize)> = None;
    for at in candidates {
        case.taken.push(*at);
        let value = generator.glance(case).map(|value| value + generator.pool.columns[*at].cost as f64);
        case.taken.pop();
        if let Some(value) = value
            && best.is_none_or(|(least, _)| value < least - 1e-3)
        {
            best = Some((value, *at));
        }
    }
    best.map(|(_, at)| at).or(candidates.first().copied())
}
