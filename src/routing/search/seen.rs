//! Every route of an accepted schedule, each set of visits once for each length of travel: raw material for the columns.

use std::collections::HashSet;

use crate::routing::route::Route;

/// Routes kept between two calls of [`Seen::take`].
const MOST: usize = 60_000;

/// Routes seen: base and visits in order.
#[derive(Debug, Default)]
pub(super) struct Seen {
    routes: Vec<(usize, Vec<u32>)>,
    /// Fingerprints of routes seen. Of two routes with the same one the second is not noted, which loses a column at most.
    known: HashSet<u64>,
}

impl Seen {
    /// Notes a route unless its visits and travel are known.
    pub(super) fn note(&mut self, route: &Route) {
        if self.routes.len() < MOST && self.known.insert(fingerprint(route)) {
            self.routes.push((route.base, route.visits.clone()));
        }
    }

    /// Hands over what was noted since the last time.
    pub(super) fn take(&mut self) -> Vec<(usize, Vec<u32>)> {
        std::mem::take(&mut self.routes)
    }
}

/// The same for any order of visits with the same travel.
fn fingerprint(route: &Route) -> u64 {
    let mix = |x: u64| {
        let x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ x >> 31
    };
    let set = route.visits.iter().fold(0_u64, |sum, v| sum.wrapping_add(mix(u64::from(*v) + 1)));
    mix(set ^ (route.base as u64) << 48 ^ (route.travel as u64).rotate_left(17))
}
