//! The tree's view of whoever keeps the best schedule: routes go out, better schedules and the routes seen on the way come back.

use crate::routing::Cost;

/// A schedule as the tree hands it out and takes it back: base and visits of each route.
pub(crate) type Routes = Vec<(usize, Vec<u32>)>;

/// Whoever turns routes into schedules, improves them and keeps the best.
pub(crate) trait Incumbent {
    /// Takes routes, however good, and tells the cost of the best schedule so far, routes seen on the way, and the steps that
    /// took.
    fn offer(&mut self, routes: Routes) -> (Cost, Routes, u64);
    /// Searches on from the best schedule, hot at first, and tells the same; `None` where there is nothing to search with.
    fn search_anew(&mut self) -> Option<(Cost, Routes, u64)> {
        None
    }
    /// How many routes the best schedule has.
    fn count(&self) -> usize;
    /// The routes of the best schedule.
    fn best(&self) -> Routes;
    /// Makes the shortest schedule of fewer routes than the best one has, which is dearer, shorter still, and tells the same;
    /// `None` where there is none.
    fn shorten(&mut self) -> Option<(Cost, Routes, u64)> {
        None
    }
    /// Told when a bound is better than before.
    fn bounded(&mut self, bound: Cost);
}
