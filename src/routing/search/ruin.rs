//! Ruin: removal of strings of visits near a seed visit.
//!
//! Slack Induction by String Removals, Christiaens and Vanden Berghe (2020), Transportation Science 54(2), section 5.2:
//! adjacent strings from several routes free both capacity and space, so that a recreate step can regroup them. Split strings
//! are left out: in routes of a few visits they are hardly longer than whole ones.

use rand::Rng;

use super::state::State;
use crate::routing::dice::Dice;
use crate::routing::problem::Problem;

/// Average number of visits removed (c̄ in the paper).
const AVERAGE_REMOVED: f64 = 10.0;
/// Longest string (L^max).
const LONGEST_STRING: f64 = 10.0;

/// For each visit the nearest ones, itself first.
#[derive(Debug)]
pub(super) struct Neighbours(Vec<Vec<u32>>);

impl Neighbours {
    /// Nearness is travel there and back; ties go to the lower index.
    pub(super) fn new(problem: &Problem) -> Self {
        let n = problem.visits.len();
        let list = |visit: usize| {
            let node = problem.node(visit);
            let mut near: Vec<(i64, u32)> = (0..n)
                .map(|other| {
                    let there = problem.node(other);
                    let both_ways = problem.travel(node, there) + problem.travel(there, node);
                    (if other == visit { -1 } else { both_ways }, other as u32)
                })
                .collect();
            near.sort_unstable();
            // A ruin reaches a few dozen visits; more would only cost memory.
            near.into_iter().take(400).map(|(_, other)| other).collect()
        };
        Self((0..n).map(list).collect())
    }

    /// The visits nearest to one, itself first.
    pub(super) fn of(&self, visit: usize) -> &[u32] {
        &self.0[visit]
    }
}

/// Removes strings around a random visit.
pub(super) fn strings<R: Rng>(state: &mut State<'_>, near: &Neighbours, dice: &mut Dice<R>) {
    let n = state.route_of.len();
    let (routes, visits) = (state.count(), n - state.absent.len());
    if routes == 0 {
        return;
    }
    let longest = LONGEST_STRING.min(visits as f64 / routes as f64).max(1.0);
    let most = (4.0 * AVERAGE_REMOVED / (1.0 + longest) - 1.0).max(1.0);
    let strings = (dice.unit() * most + 1.0).floor() as usize;
    let seed = dice.below(n);
    let mut ruined: Vec<u32> = Vec::with_capacity(strings);
    for visit in near.of(seed) {
        if ruined.len() == strings {
            break;
        }
        let Some(index) = state.route_of[*visit as usize] else { continue };
        if ruined.contains(&index) {
            continue;
        }
        ruined.push(index);
        let Some(placed) = &state.routes[index as usize] else { continue };
        let length = placed.route.visits.len();
        let Some(at) = placed.route.visits.iter().position(|v| v == visit) else { continue };
        let string = (dice.unit() * longest.min(length as f64) + 1.0).floor() as usize;
        let string = string.min(length);
        // Any window of that length which holds the visit.
        let first = (at + 1).saturating_sub(string);
        let last = at.min(length - string);
        let from = first + dice.below(last - first + 1);
        state.take_out(index as usize, from, from + string);
    }
}
