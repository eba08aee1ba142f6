//! Every route seen, each set of visits once for each view, in its cheapest order.

use std::collections::HashMap;

use super::classes::{Classes, Mask};
use crate::routing::Cost;
use crate::routing::problem::Problem;
use crate::routing::route::{Route, Timing};

/// Weights of columns below are numerical noise.
pub(super) const NOISE: f64 = 1e-6;

/// A route as the master sees it.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) view: usize,
    /// In the order of the route.
    pub(super) visits: Box<[u32]>,
    /// Team-day, travel, prices of change.
    pub(super) cost: Cost,
    /// Classes it may stand in.
    pub(super) mask: Mask,
}

/// Columns by view and set of visits.
#[derive(Debug, Default)]
pub(super) struct Pool {
    pub(super) columns: Vec<Column>,
    index: HashMap<(usize, Box<[u32]>), u32>,
}

impl Pool {
    /// The column of these visits in this order from a view, if it is feasible there.
    pub(super) fn column(timing: &Timing<'_>, classes: &Classes, view: usize, visits: &[u32]) -> Option<Column> {
        let mask = classes.of_route(view, visits);
        if mask.iter().all(|word| *word == 0) || visits.is_empty() {
            return None;
        }
        let route = Route::new(timing, classes.views[view].base, visits.to_vec())?;
        Some(Column { view, cost: cost(timing.problem, classes, view, &route), visits: visits.into(), mask })
    }

    /// Takes a column in and says where it stands; a dearer order of the same visits is replaced.
    pub(super) fn insert(&mut self, column: Column) -> usize {
        let mut set = column.visits.clone();
        set.sort_unstable();
        match self.index.entry((column.view, set)) {
            std::collections::hash_map::Entry::Occupied(at) => {
                let at = *at.get() as usize;
                if column.cost < self.columns[at].cost {
                    self.columns[at] = column;
                }
                at
            }
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(self.columns.len() as u32);
                self.columns.push(column);
                self.columns.len() - 1
            }
        }
    }
}

/// What a route costs in a view.
pub(super) fn cost(problem: &Problem, classes: &Classes, view: usize, route: &Route) -> Cost {
    let prices = &classes.views[view].prices;
    problem.cost.team_day
        + problem.cost.travel * route.travel
        + route.visits.iter().map(|v| prices[*v as usize]).sum::<Cost>()
}
