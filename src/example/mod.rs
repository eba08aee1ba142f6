//! A fictitious city to try things on: everything in it is invented and says so.
//!
//! The same city, number and seed give the same files. The default one is kept in `data/example` and inside the program.

mod applicants;
mod words;

use std::fmt::Write as _;

use crate::county::{City, County, Seat};
use crate::dossier::Document;
use crate::draw::stream::{Generator, Key};
use crate::inputs::{InputError, Shelf};
use applicants::Applicants;
use rand::Rng;
pub(crate) use words::slug;

/// The default example as the program carries it.
const EMBEDDED: &[(&str, &[u8])] = &[
    ("plan.toml", include_bytes!("../../data/example/plan.toml")),
    ("applicants.xlsx", include_bytes!("../../data/example/applicants.xlsx")),
    ("inspectors.csv", include_bytes!("../../data/example/inspectors.csv")),
    ("exclude.csv", include_bytes!("../../data/example/exclude.csv")),
];

/// The files of the default example.
#[derive(Debug, Clone, Copy)]
pub struct Embedded;

impl Shelf for Embedded {
    fn read(&self, path: &str) -> Result<Vec<u8>, InputError> {
        match EMBEDDED.iter().find(|(name, _)| *name == path) {
            Some((_, bytes)) => Ok(bytes.to_vec()),
            None => Err(InputError::Read(path.into(), std::io::ErrorKind::NotFound.into())),
        }
    }
}

/// Draws of the generator, defined from raw words.
struct Fate(Generator);

impl Fate {
    /// A number in 0..n.
    fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// True in `percent` of cases.
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// Roughly normal with standard deviation 1: the sum of twelve uniform numbers less six.
    fn bell(&mut self) -> f64 {
        (0..12).map(|_| self.below(1_000_000) as f64 / 1e6).sum::<f64>() - 6.0
    }
}

/// The files of an invented city with `n` applicants.
#[must_use]
pub fn documents(city: &City, n: usize, seed: u64) -> Vec<Document<'static>> {
    let mut fate = Fate(Key::of("example", &format!("{}-{n}-{seed}", city.code)).generator(1));
    let applicants = Applicants::invent(city, n, &mut fate);
    vec![
        Document::new("plan.toml", plan(city, seed)),
        Document::new("applicants.xlsx", applicants.workbook(city, &mut fate)),
        Document::new("inspectors.csv", inspectors(city, n, &applicants, &mut fate)),
        Document::new("exclude.csv", applicants.exclusions()),
    ]
}

fn plan(city: &City, seed: u64) -> String {
    let slug = words::slug(&city.name);
    let name = &city.name;
    format!(
        r#"# 虚构样例：企业、人员、地址、电话全部为虚构，仅供试用。
# A fictitious example: every enterprise, person, address and number is invented.

notice = "jiangsu-2022-46"        # 内置的通知规则，也可写规则文件路径
city = "{name}"
applicants = "applicants.xlsx"    # 一个或多个申报表：["县区一.xlsx", "县区二.csv"]
inspectors = "inspectors.csv"
exclude = "exclude.csv"           # 有记录在案原因、不参加抽取的企业
draw = "{slug}-2022-{seed}"       # 抽签编号；补抽须换新编号、新种子
seed = "SSQ-2022025-03-07-12-18-25-31-09"
seed_source = "双色球第2022025期开奖号码（样例）"

[sample]
rate = "10%"                      # 抽查比例
scope = "city"                    # city：全市合计；county：每个县区都要达到
minimum = 1                       # 每层至少几家
reserves = "20%"                  # 备选

[schedule]
first_day = 2022-03-07
shift = "08:30-17:30"             # 离开驻地、回到驻地
lunch = "12:00-13:30"             # 午休不核查，可以行车
crew = 2                          # 每组人数
max_visits = 4                    # 每组每天最多几家
minutes = {{ 3 = 60, 4 = 90, 5 = 120 }}           # 每家核查多少分钟
wrap_up_workdays = {{ 3 = 7, 4 = 7, 5 = 3 }}      # 最后一次核查到上报截止之间至少几个工作日
crew_day_cost_minutes = 480       # 多派一组一天，折合行车分钟
placement = "early"               # early：尽早；spread：均匀
cross_county = true               # 不核查本县区企业

[travel]
source = "estimate"               # estimate：按经纬度估算；matrix：file = "行车时间表.csv"
datum = "GCJ-02"                  # 表中经纬度：GCJ-02（高德、腾讯）、BD-09（百度）、WGS-84（GPS）

[travel.estimate]
detour = 1.35                     # 道路距离与直线距离之比
parking_minutes = 5               # 每次停车、进门
speeds = [{{ to_km = 6, kmh = 26 }}, {{ to_km = 25, kmh = 48 }}, {{ kmh = 78 }}]
"#
    )
}

/// Enough inspectors for a tenth of the applicants over some four weeks, at the city bureau and two counties.
fn inspectors(city: &City, n: usize, applicants: &Applicants, fate: &mut Fate) -> Vec<u8> {
    let visits = n.div_ceil(10) + 3;
    let count = (visits / 12 + 8).next_multiple_of(2);
    let mut out = String::from("\u{feff}工号,姓名,单位,所属县区,驻地,经度,纬度,专家,请假日期,回避企业\r\n");
    let branch = branches(city);
    for i in 0..count {
        let at_branch = i >= count / 2 && !branch.is_empty();
        let (county, base, unit, lon, lat) = if at_branch {
            // Half of a branch comes from the county next to it, so that its own enterprises can be checked from there.
            let (c, next) = branch[i % branch.len()];
            let own = if i / 2 % 2 == 0 { c } else { next };
            let unit = format!("{}工业和信息化局（虚构）", own.name);
            (own.name.as_str(), format!("{}集合点", c.name), unit, c.seat.lon, c.seat.lat)
        } else {
            let unit = format!("{}工业和信息化局（虚构）", city.name);
            ("", "市局".to_owned(), unit, city.seat.lon, city.seat.lat)
        };
        let name = words::person(fate);
        let expert = if fate.chance(40) || i % 4 == 0 { "是" } else { "" };
        let off = if fate.chance(30) { words::days_off(fate) } else { String::new() };
        let recuse = if fate.chance(20) { applicants.any_code(fate) } else { String::new() };
        let id = format!("H{:03}", i + 1);
        let _ = write!(out, "{id},{name},{unit},{county},{base},{lon},{lat},{expert},{off},{recuse}\r\n");
    }
    out.into_bytes()
}

/// Two counties for the branches, each time the one farthest from every base so far, and the county nearest to each.
fn branches(city: &City) -> Vec<(&County, &County)> {
    let mut bases = vec![city.seat];
    let mut out: Vec<(&County, &County)> = Vec::new();
    let apart = |a: Seat, b: Seat| ((a.lon - b.lon) * 0.85).hypot(a.lat - b.lat);
    let counties = || city.counties.iter().filter(|c| !c.zone);
    for _ in 0..2 {
        let nearest = |c: &County| bases.iter().map(|b| apart(*b, c.seat)).fold(f64::MAX, f64::min);
        let Some(far) = counties().max_by(|a, b| nearest(a).total_cmp(&nearest(b))) else { continue };
        let others = counties().filter(|c| c.name != far.name);
        let next = others.min_by(|a, b| apart(a.seat, far.seat).total_cmp(&apart(b.seat, far.seat)));
        out.push((far, next.unwrap_or(far)));
        bases.push(far.seat);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county::Gazetteer;
    use crate::frame::APPLICANT_FIELDS;
    use crate::table::{self, Source};

    fn rows(bytes: &[u8]) -> Vec<table::Row> {
        let source = Source { name: "a.xlsx".into(), bytes: bytes.to_vec(), sheet: None };
        table::read(&source, APPLICANT_FIELDS).unwrap().rows
    }

    #[test]
    fn the_embedded_example_is_the_default_one() {
        let gazetteer = Gazetteer::embedded();
        let made = documents(gazetteer.city("苏州市").unwrap(), 412, 1);
        for (document, (name, bytes)) in made.iter().zip(EMBEDDED) {
            assert_eq!(document.path, *name);
            if *name == "applicants.xlsx" {
                let (a, b) = (rows(&document.to_bytes().unwrap()), rows(bytes));
                let of =
                    |r: &table::Row| (0..APPLICANT_FIELDS.len()).map(|f| r.cell(f).cloned()).collect::<Vec<_>>();
                let cells = |r: &[table::Row]| r.iter().map(of).collect::<Vec<_>>();
                assert_eq!(cells(&a), cells(&b));
            } else {
                assert!(
                    document.to_bytes().unwrap() == *bytes,
                    "{name} differs from data/example: run `hecha example data/example --force`"
                );
            }
        }
    }

    #[test]
    fn another_seed_gives_another_city() {
        let gazetteer = Gazetteer::embedded();
        let city = gazetteer.city("丰县").err().map_or("苏州市", |_| "南京市");
        let city = gazetteer.city(city).unwrap();
        let bytes = |seed: u64| -> Vec<Vec<u8>> {
            documents(city, 50, seed).iter().map(|document| document.to_bytes().unwrap()).collect()
        };
        assert_ne!(bytes(1)[2], bytes(2)[2]);
        assert_eq!(bytes(1), bytes(1));
    }
}
