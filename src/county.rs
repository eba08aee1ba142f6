//! Cities, counties and development zones of the province: names, aliases, seats.
//!
//! County names come with and without 区/县/市, with the city or the province before them, and as development zones.
//! They are resolved within one city, since 鼓楼区 exists in Nanjing and in Xuzhou. A zone counts as a county of its
//! own unless the table calls it an alias. Data: `data/counties.csv`, `data/cities.csv`, `data/zones.csv`.

use serde::Deserialize;

use crate::text::{Lang, Say, both, display_in_english};

/// Embedded tables: cities, counties, zones.
pub const EMBEDDED: [(&str, &str); 3] = [
    ("cities.csv", include_str!("../data/cities.csv")),
    ("counties.csv", include_str!("../data/counties.csv")),
    ("zones.csv", include_str!("../data/zones.csv")),
];

/// A point in GCJ-02 degrees, as the tables hold it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seat {
    /// Longitude, degrees.
    pub lon: f64,
    /// Latitude, degrees.
    pub lat: f64,
}

/// A county, or a zone that counts as one.
#[derive(Debug, Clone, PartialEq)]
pub struct County {
    /// Full name, as it is written into the frame.
    pub name: String,
    /// Seat of government (of a zone: its administration), for travel only.
    pub seat: Seat,
    /// Whether it is a development zone.
    pub zone: bool,
}

/// A prefecture-level city with its counties.
#[derive(Debug, Clone, PartialEq)]
pub struct City {
    /// Region code, six digits (GB/T 2260).
    pub code: String,
    /// Full name, 苏州市.
    pub name: String,
    /// Seat of government.
    pub seat: Seat,
    /// Counties and zones, in the order of the tables.
    pub counties: Vec<County>,
    /// Other names: normalised name and position in `counties`.
    aliases: Vec<(String, usize)>,
}

/// All cities of the tables.
#[derive(Debug, Clone)]
pub struct Gazetteer {
    cities: Vec<City>,
}

/// What became of a county name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Resolution<'a> {
    /// A county of the city, written out in full.
    Exact(&'a County),
    /// A county of the city under another or a shortened name.
    Alias(&'a County),
    /// A county of another city of the province: city and county.
    Elsewhere(&'a City, &'a County),
    /// No county of the province.
    Unknown,
}

/// Why the tables cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CountyError {
    /// A table has a line that cannot be read: table and the parser's words.
    BadTable(String, String),
    /// The city is not in the tables: the name asked for and the known ones.
    UnknownCity(String, Vec<String>),
}

impl Say for CountyError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::BadTable(table, why) => {
                both!(lang, "区划表 {table} 无法读取：{why}", "table {table} cannot be read: {why}")
            }
            Self::UnknownCity(city, known) => {
                let known = known.join("、");
                both!(lang, "不认识的设区市“{city}”；可用：{known}", "unknown city \"{city}\"; known are {known}")
            }
        }
    }
}
display_in_english!(CountyError);
impl std::error::Error for CountyError {}

#[derive(Deserialize)]
struct CityRow {
    code: String,
    city: String,
    lon: f64,
    lat: f64,
}

#[derive(Deserialize)]
struct CountyRow {
    city: String,
    county: String,
    lon: f64,
    lat: f64,
}

#[derive(Deserialize)]
struct ZoneRow {
    city: String,
    zone: String,
    other_names: String,
    alias_of: String,
    lon: Option<f64>,
    lat: Option<f64>,
}

fn rows<T: serde::de::DeserializeOwned>(table: &str, text: &str) -> Result<Vec<T>, CountyError> {
    csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|e| CountyError::BadTable(table.to_owned(), e.to_string()))
}

/// Letters and digits only, so that dashes, brackets and spaces do not matter.
fn normal(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    name.nfkc().filter(|c| c.is_alphanumeric()).collect()
}

/// The name without its rank, if something of two characters or more is left: 吴中区 → 吴中, but not 丰县 → 丰.
fn stem(name: &str) -> Option<&str> {
    ["自治县", "区", "县", "市"]
        .iter()
        .find_map(|rank| name.strip_suffix(rank))
        .filter(|stem| stem.chars().count() >= 2)
}

impl Gazetteer {
    /// The tables that come with the program.
    ///
    /// # Panics
    /// Never: a test reads the embedded tables.
    #[must_use]
    pub fn embedded() -> Self {
        let [(_, cities), (_, counties), (_, zones)] = EMBEDDED;
        Self::from_csv(cities, counties, zones).expect("the embedded tables are tested")
    }

    /// Reads the three tables.
    ///
    /// # Errors
    /// [`CountyError::BadTable`] for a line that cannot be read, or a city or county that another table does not have.
    pub fn from_csv(cities: &str, counties: &str, zones: &str) -> Result<Self, CountyError> {
        let mut result: Vec<City> = rows::<CityRow>("cities.csv", cities)?
            .into_iter()
            .map(|row| City {
                code: row.code,
                name: row.city,
                seat: Seat { lon: row.lon, lat: row.lat },
                counties: Vec::new(),
                aliases: Vec::new(),
            })
            .collect();
        let missing = |table: &str, name: &str| CountyError::BadTable(table.to_owned(), format!("\"{name}\"?"));
        for row in rows::<CountyRow>("counties.csv", counties)? {
            let city = result
                .iter_mut()
                .find(|c| c.name == row.city)
                .ok_or_else(|| missing("counties.csv", &row.city))?;
            city.counties.push(County {
                name: row.county,
                seat: Seat { lon: row.lon, lat: row.lat },
                zone: false,
            });
        }
        for row in rows::<ZoneRow>("zones.csv", zones)? {
            let city =
                result.iter_mut().find(|c| c.name == row.city).ok_or_else(|| missing("zones.csv", &row.city))?;
            let position = if row.alias_of.is_empty() {
                let (Some(lon), Some(lat)) = (row.lon, row.lat) else {
                    return Err(missing("zones.csv", &row.zone));
                };
                city.counties.push(County { name: row.zone.clone(), seat: Seat { lon, lat }, zone: true });
                city.counties.len() - 1
            } else {
                city.counties
                    .iter()
                    .position(|c| c.name == row.alias_of)
                    .ok_or_else(|| missing("zones.csv", &row.alias_of))?
            };
            for name in row.other_names.split(';').chain([row.zone.as_str()]).filter(|n| !n.is_empty()) {
                city.aliases.push((normal(name), position));
            }
        }
        Ok(Self { cities: result })
    }

    /// A city by its name, with or without 市 or the province before it.
    ///
    /// # Errors
    /// [`CountyError::UnknownCity`] with the known ones.
    pub fn city(&self, name: &str) -> Result<&City, CountyError> {
        let wanted = normal(name);
        let wanted = wanted.strip_prefix("江苏省").unwrap_or(&wanted);
        self.cities.iter().find(|c| c.name == wanted || c.name.strip_suffix('市') == Some(wanted)).ok_or_else(
            || CountyError::UnknownCity(name.to_owned(), self.cities.iter().map(|c| c.name.clone()).collect()),
        )
    }

    /// All cities.
    #[must_use]
    pub fn cities(&self) -> &[City] {
        &self.cities
    }

    /// Finds the county that `raw` names, first within `city`, then in the province.
    #[must_use]
    pub fn resolve<'a>(&'a self, city: &'a City, raw: &str) -> Resolution<'a> {
        let name = normal(raw);
        if let Some(county) = city.counties.iter().find(|c| c.name == name) {
            return Resolution::Exact(county);
        }
        if let Some(county) = city.find(&name) {
            return Resolution::Alias(county);
        }
        self.elsewhere(city, raw)
            .next()
            .map_or(Resolution::Unknown, |(city, county)| Resolution::Elsewhere(city, county))
    }

    /// The other cities of the province that have such a county, and that county.
    pub fn elsewhere<'a>(&'a self, city: &'a City, raw: &str) -> impl Iterator<Item = (&'a City, &'a County)> {
        let name = normal(raw);
        // 开发区 alone means one in each of several cities: elsewhere only a full name or one with its city counts.
        self.cities.iter().filter(|other| other.name != city.name).filter_map(move |other| {
            let own = other.counties.iter().find(|c| c.name == name);
            let named = || other.find(&name).filter(|_| name.contains(other.short_name()));
            Some((other, own.or_else(named)?))
        })
    }
}

impl City {
    /// The county of this city that the normalised `name` means, if exactly one fits.
    fn find(&self, name: &str) -> Option<&County> {
        let short = self.short_name();
        let bare = name.strip_prefix("江苏省").or_else(|| name.strip_prefix("江苏")).unwrap_or(name);
        let local = bare
            .strip_prefix(self.name.as_str())
            .or_else(|| bare.strip_prefix(&format!("{short}市")))
            .filter(|rest| !rest.is_empty());
        // 苏州高新区 is a name of its own; 苏州吴中区 is a city and a county: the full name is tried first.
        let shortened = bare.strip_prefix(short).filter(|rest| !rest.is_empty());
        [Some(name), Some(bare), local, shortened].into_iter().flatten().find_map(|n| self.find_plain(n))
    }

    fn find_plain(&self, name: &str) -> Option<&County> {
        if let Some(county) = self.counties.iter().find(|c| normal(&c.name) == name) {
            return Some(county);
        }
        if let Some((_, position)) = self.aliases.iter().find(|(alias, _)| alias == name) {
            return Some(&self.counties[*position]);
        }
        let wanted = stem(name).unwrap_or(name);
        if wanted.chars().count() < 2 {
            return None;
        }
        let mut fits = self.counties.iter().filter(|c| stem(&c.name) == Some(wanted));
        fits.next().filter(|_| fits.next().is_none())
    }

    /// The name without 市.
    fn short_name(&self) -> &str {
        self.name.strip_suffix('市').unwrap_or(&self.name)
    }

    /// A county of this city by its full name.
    #[must_use]
    pub fn county(&self, name: &str) -> Option<&County> {
        self.counties.iter().find(|c| c.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(city: &str, raw: &str) -> Option<String> {
        let gazetteer = Gazetteer::embedded();
        let city = gazetteer.city(city).unwrap();
        match gazetteer.resolve(city, raw) {
            Resolution::Exact(county) | Resolution::Alias(county) => Some(county.name.clone()),
            Resolution::Elsewhere(..) | Resolution::Unknown => None,
        }
    }

    #[test]
    fn the_tables_hold_13_cities_and_95_counties() {
        let gazetteer = Gazetteer::embedded();
        assert_eq!(gazetteer.cities().len(), 13);
        let counties = gazetteer.cities().iter().flat_map(|c| &c.counties);
        assert_eq!(counties.filter(|c| !c.zone).count(), 95);
    }

    #[test]
    fn names_are_resolved_within_the_city() {
        for (city, raw, expected) in [
            ("苏州市", "昆山", "昆山市"),
            ("苏州", "昆山市", "昆山市"),
            ("苏州市", "江苏省苏州市吴中区", "吴中区"),
            ("苏州市", "苏州吴中", "吴中区"),
            ("苏州市", "苏州高新区", "虎丘区"),
            ("苏州市", "工业园区", "苏州工业园区"),
            ("苏州市", "苏州工业园区", "苏州工业园区"),
            ("苏州市", "吴江市", "吴江区"),
            ("南京市", "鼓楼", "鼓楼区"),
            ("徐州市", "鼓楼区", "鼓楼区"),
            ("徐州市", "丰县", "丰县"),
            ("南通市", "港闸区", "崇川区"),
            ("南通市", "海门市", "海门区"),
            ("南通市", "通州", "通州区"),
            ("泰州市", "医药高新区", "泰州医药高新区"),
            ("南京市", "江北新区", "江北新区"),
            ("淮安市", "淮安区", "淮安区"),
        ] {
            assert_eq!(resolved(city, raw).as_deref(), Some(expected), "{city} {raw}");
        }
    }

    #[test]
    fn a_county_of_another_city_is_told_from_nonsense() {
        let gazetteer = Gazetteer::embedded();
        let city = gazetteer.city("苏州市").unwrap();
        assert!(matches!(gazetteer.resolve(city, "江阴市"), Resolution::Elsewhere(c, _) if c.name == "无锡市"));
        assert_eq!(gazetteer.resolve(city, "浦东新区"), Resolution::Unknown);
        assert_eq!(gazetteer.resolve(city, ""), Resolution::Unknown);
    }
}
