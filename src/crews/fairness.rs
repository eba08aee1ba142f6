//! How evenly the days are spread among inspectors with the same availability.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Serialize;

use super::Crews;
use crate::roster::Inspector;

/// The days served by the inspectors of one base who are there on the same days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// Base.
    pub base: String,
    /// Ids of the inspectors, ascending.
    pub inspectors: Vec<String>,
    /// Days served by each of them, in that order.
    pub days: Vec<usize>,
    /// Most days less fewest.
    pub spread: usize,
    /// The least spread that so many days among so many inspectors can have: 0 or 1.
    pub best: usize,
}

/// Spreads by base and availability on `days`; groups of one are left out.
#[must_use]
pub fn spreads(inspectors: &[Inspector], days: &[NaiveDate], crews: &Crews) -> Vec<Spread> {
    let mut served: BTreeMap<&str, usize> = BTreeMap::new();
    for id in crews.routes.iter().flat_map(|route| &route.inspectors) {
        *served.entry(id).or_default() += 1;
    }
    let mut groups: BTreeMap<(&str, BTreeSet<NaiveDate>), Vec<&Inspector>> = BTreeMap::new();
    for inspector in inspectors {
        let away = days.iter().filter(|day| inspector.unavailable.contains(day)).copied().collect();
        groups.entry((&inspector.base, away)).or_default().push(inspector);
    }
    let spread = |((base, _), group): ((&str, BTreeSet<NaiveDate>), Vec<&Inspector>)| {
        let days: Vec<usize> = group.iter().map(|i| served.get(i.id.as_str()).copied().unwrap_or(0)).collect();
        let least = days.iter().min().copied()?;
        let total: usize = days.iter().sum();
        (group.len() > 1).then(|| Spread {
            base: base.to_owned(),
            inspectors: group.iter().map(|i| i.id.clone()).collect(),
            spread: days.iter().max().map_or(0, |most| most - least),
            best: usize::from(!total.is_multiple_of(group.len())),
            days,
        })
    };
    groups.into_iter().filter_map(spread).collect()
}
