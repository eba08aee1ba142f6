//! The inspectors' list: who can go, from where, on which days, and whom they may not check.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::county::{City, Gazetteer, Resolution};
use crate::frame::{CreditCode, Finding, Level, What};
use crate::table::{Field, Place, Row, Table, clean};
use crate::travel::{Datum, Wgs84};

const ID: usize = 0;
const NAME: usize = 1;
const UNIT: usize = 2;
const COUNTY: usize = 3;
const BASE: usize = 4;
const LON: usize = 5;
const LAT: usize = 6;
const EXPERT: usize = 7;
const UNAVAILABLE: usize = 8;
const RECUSE: usize = 9;
const TEAM: usize = 10;

/// The columns of an inspectors' table.
pub const INSPECTOR_FIELDS: &[Field] = &[
    Field { key: "id", needed: true, headers: &["工号", "编号", "人员编号", "证件号"] },
    Field { key: "name", needed: true, headers: &["姓名", "人员姓名", "核查人员"] },
    Field { key: "unit", needed: false, headers: &["单位", "所在单位", "工作单位"] },
    Field {
        key: "county", needed: false, headers: &["所属县区", "县区", "区县", "所属县(市、区)", "所在县区"]
    },
    Field { key: "base", needed: false, headers: &["驻地", "出发地", "集合地点"] },
    Field { key: "lon", needed: false, headers: &["经度", "longitude", "lng"] },
    Field { key: "lat", needed: false, headers: &["纬度", "latitude"] },
    Field { key: "expert", needed: false, headers: &["专家", "是否专家"] },
    Field { key: "unavailable", needed: false, headers: &["不便日期", "请假日期", "不可用日期"] },
    Field { key: "recuse", needed: false, headers: &["回避企业", "回避", "回避企业代码"] },
    Field { key: "team", needed: false, headers: &["小组", "组别", "分组"] },
];

/// One inspector.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspector {
    /// Number; identifies the inspector.
    pub id: String,
    /// Name.
    pub name: String,
    /// Where it works.
    pub unit: String,
    /// Own county; `None`: the city bureau.
    pub county: Option<String>,
    /// Id of the base.
    pub base: String,
    /// Whether it may lead a check that needs an expert.
    pub expert: bool,
    /// Days off.
    pub unavailable: BTreeSet<NaiveDate>,
    /// Enterprises it may not check.
    pub recuse: BTreeSet<CreditCode>,
    /// Team fixed by hand.
    pub team: Option<String>,
}

/// A base.
#[derive(Debug, Clone, PartialEq)]
pub struct Base {
    /// Name; identifies the base.
    pub id: String,
    /// Where it is.
    pub point: Wgs84,
    /// Whether that is only a seat of government.
    pub approximate: bool,
}

/// The inspectors and their bases.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    /// Ascending by id, so that the order of rows does not matter.
    pub inspectors: Vec<Inspector>,
    /// Ascending by id.
    pub bases: Vec<Base>,
    /// What was noticed; fatal ones make the list unusable.
    pub findings: Vec<Finding>,
}

/// Reads the inspectors' table. Coordinates are in `datum`.
#[must_use]
pub fn read(table: &Table, gazetteer: &Gazetteer, city: &City, datum: Datum) -> Roster {
    let mut reader = Reader { table, gazetteer, city, findings: crate::frame::hidden_findings(table) };
    let mut inspectors: BTreeMap<String, (Inspector, Place)> = BTreeMap::new();
    let mut points: BTreeMap<String, ((f64, f64), Place)> = BTreeMap::new();
    for row in &table.rows {
        let Some(inspector) = reader.inspector(row) else { continue };
        let place = Place { column: None, ..table.place(row.number, ID) };
        if let Some(point) = reader.point(row) {
            match points.get(&inspector.base) {
                Some((other, at)) if *other != point => {
                    let what = What::BaseMoved(Box::new(at.clone()));
                    reader.fatal(what, row, BASE, &inspector.base);
                }
                Some(_) => {}
                None => {
                    points.insert(inspector.base.clone(), (point, place.clone()));
                }
            }
        }
        if let Some((_, at)) = inspectors.get(&inspector.id) {
            let what = What::InspectorTwice(Box::new(at.clone()));
            reader.fatal(what, row, ID, &inspector.id);
        } else {
            inspectors.insert(inspector.id.clone(), (inspector, place));
        }
    }
    // Teams fixed by hand go as they are: whoever is in none could never be drawn.
    let fixed: BTreeSet<&str> =
        inspectors.values().filter(|(i, _)| i.team.is_some()).map(|(i, _)| i.base.as_str()).collect();
    for (inspector, place) in inspectors.values() {
        if inspector.team.is_none() && fixed.contains(inspector.base.as_str()) {
            let what = What::Needed(
                "小组名称：同一驻地的人员要么都填小组，要么都不填",
                "the name of a team: of one base either all inspectors have a team or none",
            );
            let place = Place { column: table.headers[TEAM].clone(), ..place.clone() };
            reader.findings.push(Finding { what, level: Level::Fatal, place, code: None, value: String::new() });
        }
    }
    let mut first_of: BTreeMap<&str, (&str, &Place)> = BTreeMap::new();
    for (inspector, place) in inspectors.values() {
        let Some(team) = &inspector.team else { continue };
        let (base, first) = *first_of.entry(team).or_insert((&inspector.base, place));
        if base != inspector.base {
            let what = What::TeamOfTwoBases(Box::new(first.clone()));
            let place = Place { column: table.headers[BASE].clone(), ..place.clone() };
            reader.findings.push(Finding { what, level: Level::Fatal, place, code: None, value: team.clone() });
        }
    }
    let inspectors: Vec<Inspector> = inspectors.into_values().map(|(inspector, _)| inspector).collect();
    let names: BTreeSet<&str> = inspectors.iter().map(|i| i.base.as_str()).collect();
    let bases = names
        .into_iter()
        .map(|id| match points.get(id) {
            Some(((lon, lat), _)) => {
                Base { id: id.to_owned(), point: datum.to_wgs84(*lon, *lat), approximate: false }
            }
            None => Base { id: id.to_owned(), point: seat(id, &inspectors, gazetteer, city), approximate: true },
        })
        .collect();
    Roster { inspectors, bases, findings: reader.findings }
}

/// The seat that stands in for a base without coordinates: of the county it is called after, else of its inspectors'
/// only county, else of the city.
fn seat(base: &str, inspectors: &[Inspector], gazetteer: &Gazetteer, city: &City) -> Wgs84 {
    let own: BTreeSet<Option<&str>> =
        inspectors.iter().filter(|i| i.base == base).map(|i| i.county.as_deref()).collect();
    let seat = match gazetteer.resolve(city, base) {
        Resolution::Exact(county) | Resolution::Alias(county) => county.seat,
        _ => match (own.first().copied().flatten(), own.len()) {
            (Some(name), 1) => city.county(name).map_or(city.seat, |c| c.seat),
            _ => city.seat,
        },
    };
    Datum::Gcj02.to_wgs84(seat.lon, seat.lat)
}

struct Reader<'a> {
    table: &'a Table,
    gazetteer: &'a Gazetteer,
    city: &'a City,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn find(&mut self, what: What, level: Level, row: &Row, field: usize, value: &str) {
        let place = self.table.place(row.number, field);
        self.findings.push(Finding { what, level, place, code: None, value: value.to_owned() });
    }

    fn fatal(&mut self, what: What, row: &Row, field: usize, value: &str) {
        self.find(what, Level::Fatal, row, field, value);
    }

    fn inspector(&mut self, row: &Row) -> Option<Inspector> {
        let id = clean::squeeze(row.text(ID));
        // An Excel number such as 101.0 is the number 101.
        let id = id.strip_suffix(".0").unwrap_or(&id).to_owned();
        if id.is_empty() {
            self.fatal(What::InspectorMissing, row, ID, row.text(NAME));
            return None;
        }
        let mut name = clean::tidy(row.text(NAME));
        if name.is_empty() {
            self.find(What::InspectorNameless, Level::Note, row, NAME, &id);
            name.clone_from(&id);
        }
        let county_text = row.text(COUNTY);
        let bureau = clean::is_nothing(county_text)
            || self.gazetteer.city(&clean::squeeze(county_text)).is_ok_and(|c| c.name == self.city.name);
        let county = if bureau {
            None
        } else {
            match self.gazetteer.resolve(self.city, county_text) {
                Resolution::Exact(county) | Resolution::Alias(county) => Some(county.name.clone()),
                _ => {
                    let what = What::Needed(
                        "本市的县（市、区）或功能区，市局人员留空",
                        "a county of the city, or blank for the city bureau",
                    );
                    self.fatal(what, row, COUNTY, county_text);
                    None
                }
            }
        };
        let base = clean::tidy(row.text(BASE));
        let base =
            if clean::is_nothing(&base) { county.clone().unwrap_or_else(|| self.city.name.clone()) } else { base };
        if CreditCode::parse(&base).is_ok() {
            let what = What::Needed("地点名称，不能是企业代码", "the name of a place, not a credit code");
            self.fatal(what, row, BASE, &base);
        }
        let expert = clean::yes_no(row.text(EXPERT)).unwrap_or_else(|| {
            self.fatal(What::Needed("“是”或“否”", "yes or no"), row, EXPERT, row.text(EXPERT));
            false
        });
        let unavailable = match row.cell(UNAVAILABLE).map(clean::dates) {
            None => BTreeSet::new(),
            Some(Ok(days)) => days,
            Some(Err(part)) => {
                let what = What::Needed(
                    "日期或起止日期，如2022-03-14;2022-03-21..2022-03-25",
                    "days such as 2022-03-14;2022-03-21..2022-03-25",
                );
                self.fatal(what, row, UNAVAILABLE, &part);
                BTreeSet::new()
            }
        };
        let recuse = self.codes(row);
        let team = clean::tidy(row.text(TEAM));
        Some(Inspector {
            id,
            name,
            unit: clean::tidy(row.text(UNIT)),
            county,
            base,
            expert,
            unavailable,
            recuse,
            team: (!clean::is_nothing(&team)).then_some(team),
        })
    }

    fn codes(&mut self, row: &Row) -> BTreeSet<CreditCode> {
        let text = row.text(RECUSE).to_owned();
        if clean::is_nothing(&text) {
            return BTreeSet::new();
        }
        let mut out = BTreeSet::new();
        for part in text.split([';', '；', '、', ',', '，', '\n', ' ']).map(str::trim).filter(|p| !p.is_empty())
        {
            match CreditCode::parse(part) {
                Ok((code, _)) => {
                    out.insert(code);
                }
                Err(error) => {
                    // A name is no code that was mistyped.
                    let name = !part.contains(|c: char| c.is_ascii_digit());
                    let code = What::Needed("统一社会信用代码（不能写企业名称）", "a credit code, not a name");
                    self.fatal(if name { code } else { What::Code(error) }, row, RECUSE, part);
                }
            }
        }
        out
    }

    fn point(&mut self, row: &Row) -> Option<(f64, f64)> {
        let (lon, lat) = (row.text(LON).to_owned(), row.text(LAT).to_owned());
        if clean::is_nothing(&lon) && clean::is_nothing(&lat) {
            return None;
        }
        let read = |text: &str, from: f64, to: f64| clean::degrees(text).filter(|d| (from..=to).contains(d));
        let point = read(&lon, 70.0, 140.0).zip(read(&lat, 0.0, 60.0));
        if point.is_none() {
            let what = What::Needed(
                "经度与纬度，如120.6213和31.3245",
                "longitude and latitude such as 120.6213 and 31.3245",
            );
            self.fatal(what, row, LON, &format!("{lon},{lat}"));
        }
        point
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{self, Source};

    fn roster(text: &str) -> Roster {
        let source = Source { name: "i.csv".into(), bytes: text.as_bytes().to_vec(), sheet: None };
        let table = table::read(&source, INSPECTOR_FIELDS).unwrap();
        let gazetteer = Gazetteer::embedded();
        read(&table, &gazetteer, gazetteer.city("苏州市").unwrap(), Datum::Gcj02)
    }

    #[test]
    fn bases_without_coordinates_stand_at_a_seat() {
        let roster = roster(
            "工号,姓名,所属县区,驻地,经度,纬度,专家,请假日期,回避企业\n\
             B2,乙,昆山,昆山市,,,是,2022-03-14..2022-03-15,91320583MAC1JJUW8D\n\
             A1,甲,,市局,120.62,31.30,否,,\n\
             A3,丙,,市局,,,,无,无\n",
        );
        assert_eq!(roster.findings, vec![]);
        let ids: Vec<&str> = roster.inspectors.iter().map(|i| i.id.as_str()).collect();
        assert_eq!(ids, ["A1", "A3", "B2"]);
        assert_eq!(roster.bases.len(), 2);
        assert!(roster.bases[1].approximate != roster.bases[0].approximate);
        assert_eq!(roster.inspectors[2].county.as_deref(), Some("昆山市"));
        assert_eq!(roster.inspectors[2].unavailable.len(), 2);
        assert_eq!(roster.inspectors[2].recuse.len(), 1);
    }

    #[test]
    fn an_inspector_without_a_name_is_called_by_number_and_that_is_noted() {
        let roster = roster("工号,姓名\nA1,甲\nA2,\nA3, 　\n");
        let names: Vec<&str> = roster.inspectors.iter().map(|i| i.name.as_str()).collect();
        assert_eq!(names, ["甲", "A2", "A3"]);
        let noted: Vec<_> = roster.findings.iter().map(|f| (f.level, f.what.id(), f.place.row)).collect();
        assert_eq!(noted, [(Level::Note, "inspector-nameless", 3), (Level::Note, "inspector-nameless", 4)]);
    }

    #[test]
    fn what_cannot_be_read_is_fatal_and_named() {
        let roster = roster(
            "工号,姓名,所属县区,驻地,经度,专家,请假日期,回避企业\n\
             1,甲,浦东新区,x,,,,\n\
             1,乙,,x,,也许,明天,123\n\
             ,丙,,x,,,,\n",
        );
        let ids: Vec<&str> = roster.findings.iter().map(|f| f.what.id()).collect();
        assert_eq!(ids, ["needed", "needed", "needed", "code", "inspector-twice", "inspector-missing"]);
    }
}
