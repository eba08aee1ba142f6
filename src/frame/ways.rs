//! How tables write city and county, and which city that means.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::read::{CITY, COUNTY};
use crate::county::{City, Gazetteer, Resolution};
use crate::table::{RowView, TableError, TableReader, Visit, clean};

/// Most ways of writing a city or a county that are told apart: a table of many thousand rows has a few dozen.
const MOST_WAYS: usize = 100_000;

/// The ways of writing city and county that were seen, and how often.
#[derive(Default)]
pub struct Ways {
    rows: usize,
    cities: BTreeSet<String>,
    /// Counties as written and their rows.
    counties: Vec<(String, usize)>,
    /// Position among the counties; never iterated.
    places: HashMap<String, usize>,
    recent: Recent,
}

impl std::fmt::Debug for Ways {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ways").field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl Ways {
    /// Those of the first rows of each table.
    ///
    /// # Errors
    /// [`TableError`] for a file that cannot be read.
    pub fn of_first(tables: &[TableReader], rows: usize) -> Result<Self, TableError> {
        let mut out = Self::default();
        for table in tables {
            table.each_of_first(rows, |visit| {
                if let Visit::Row(row) = visit {
                    out.see(row);
                }
            })?;
        }
        Ok(out)
    }

    /// Takes note of a row.
    pub(super) fn see(&mut self, row: RowView<'_>) {
        self.rows += 1;
        let city = row.text(CITY);
        if !city.is_empty() && !self.cities.contains(city) && self.cities.len() < MOST_WAYS {
            self.cities.insert(city.to_owned());
        }
        let bytes = row.bytes(COUNTY);
        if let Some(at) = self.recent.get(bytes) {
            self.counties[at].1 += 1;
            return;
        }
        let county = row.text(COUNTY);
        let at = match self.places.get(county) {
            Some(at) => *at,
            None if self.counties.len() == MOST_WAYS => return,
            None => {
                self.counties.push((county.to_owned(), 0));
                self.places.insert(county.to_owned(), self.counties.len() - 1);
                self.counties.len() - 1
            }
        };
        self.recent.put(bytes, at);
        self.counties[at].1 += 1;
    }

    /// The city that the rows speak of: the only one that they name by their city column, else the only one in which more
    /// than half of the counties are found.
    #[must_use]
    pub fn city<'a>(&self, gazetteer: &'a Gazetteer) -> Option<&'a City> {
        let named: BTreeMap<&str, &City> = self
            .cities
            .iter()
            .filter_map(|text| gazetteer.city(&clean::squeeze(text)).ok())
            .map(|city| (city.name.as_str(), city))
            .collect();
        if let (Some((_, city)), 1) = (named.first_key_value(), named.len()) {
            return Some(city);
        }
        let fits = |city: &City| -> usize {
            let known =
                |raw: &str| matches!(gazetteer.resolve(city, raw), Resolution::Exact(_) | Resolution::Alias(_));
            self.counties.iter().filter(|(raw, _)| known(raw)).map(|(_, n)| n).sum()
        };
        let mut fitting: Vec<(usize, &City)> = gazetteer.cities().iter().map(|c| (fits(c), c)).collect();
        fitting.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        let (best, city) = *fitting.first()?;
        let second = fitting.get(1).map_or(0, |(count, _)| *count);
        (best > second && best * 2 > self.rows).then_some(city)
    }
}

/// Ways of writing a county that came lately: a glance that spares most rows the search.
#[derive(Default)]
pub(super) struct Recent(Vec<([u8; Self::LONGEST], usize, usize)>);

impl Recent {
    const PLACES: usize = 256;
    const LONGEST: usize = 24;

    fn place(bytes: &[u8]) -> usize {
        // Counties of one city differ in their first two characters; 苏州工业园区 and 苏州高新区 in their length, too.
        let Some(first) = bytes.first_chunk::<6>() else { return bytes.len() % Self::PLACES };
        let mixed: usize = first.iter().zip([1, 1, 3, 7, 13, 29]).map(|(b, n)| usize::from(*b) * n).sum();
        (mixed + 31 * bytes.len()) % Self::PLACES
    }

    pub(super) fn get(&self, bytes: &[u8]) -> Option<usize> {
        let (key, length, at) = self.0.get(Self::place(bytes))?;
        (key.get(..*length)? == bytes).then_some(*at)
    }

    pub(super) fn put(&mut self, bytes: &[u8], at: usize) {
        if bytes.is_empty() || bytes.len() > Self::LONGEST {
            return;
        }
        // A length that no key has marks a free place.
        self.0.resize(Self::PLACES, ([0; Self::LONGEST], usize::MAX, 0));
        let (key, length, place) = &mut self.0[Self::place(bytes)];
        key[..bytes.len()].copy_from_slice(bytes);
        (*length, *place) = (bytes.len(), at);
    }
}
