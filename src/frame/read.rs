//! Applicants' tables → the frame.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    Applicant, CreditCode, Exclusion, Finding, Frame, Hours, Level, What, applicant::parse_star, eligibility,
};
use crate::county::{City, Gazetteer, Resolution};
use crate::notice::Notice;
use crate::table::{Cell, Field, Row, Table, clean};

macro_rules! fields {
    ($($name:ident = $at:literal: $key:literal $needed:literal [$($header:literal),+];)+) => {
        $(const $name: usize = $at;)+
        /// The columns of an applicants' table.
        pub const APPLICANT_FIELDS: &[Field] = &[$(Field { key: $key, needed: $needed, headers: &[$($header),+] }),+];
    };
}

fields! {
    CODE = 0: "code" true ["统一社会信用代码", "社会信用代码", "信用代码", "统一信用代码", "企业代码", "credit code", "uscc"];
    NAME = 1: "name" true ["企业名称", "单位名称", "申报单位", "申报企业", "公司名称", "企业全称", "名称", "company", "enterprise"];
    STAR = 2: "star" true ["申报星级", "申报等级", "星级", "拟申报星级", "申报类别", "等级", "stars"];
    COUNTY = 3: "county" true ["所属县(市、区)", "县区", "所属地区", "区县", "所属县区", "所属区县", "所在县区", "所在区县", "县市区", "县(市、区)", "所属区域", "所属板块", "板块", "district"];
    CITY = 4: "city" false ["设区市", "所属设区市", "地市", "城市", "所属市"];
    ADDRESS = 5: "address" false ["企业地址", "地址", "注册地址", "详细地址", "通讯地址", "经营地址", "单位地址"];
    CONTACT = 6: "contact" false ["联系人", "企业联系人", "联系人姓名", "contact person"];
    PHONE = 7: "phone" false ["联系电话", "电话", "手机", "手机号", "手机号码", "联系方式", "联系人电话", "telephone", "mobile"];
    LON = 8: "lon" false ["经度", "longitude", "lng"];
    LAT = 9: "lat" false ["纬度", "latitude"];
    HELD = 10: "held_star" false ["已评定星级", "已获星级", "现有星级", "原星级", "held star"];
    FORM = 11: "cloud_form" false ["上云形式", "上云方式", "上云类型", "cloud form"];
    SINCE = 12: "in_use_since" false ["上云时间", "开始使用时间", "上云日期", "in use since"];
    IN_USE = 13: "in_use" false ["是否在用", "目前是否在用", "in use"];
    PAID_ON = 14: "paid_on" false ["付款日期", "支付日期", "付款时间", "支付时间", "paid on"];
    UNAVAILABLE = 15: "unavailable" false ["不便日期", "不便接待日期", "不可用日期"];
    HOURS = 16: "hours" false ["接待时段", "接待时间", "可接待时段"];
    MUST = 17: "must_inspect" false ["必查原因", "必查", "must inspect"];
    WITHDRAWN = 18: "withdrawn" false ["撤回", "是否撤回", "撤回原因", "撤回申报"];
}

/// How tables are read.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// Rules of the year.
    pub notice: &'a Notice,
    /// Names of cities and counties.
    pub gazetteer: &'a Gazetteer,
    /// The city whose applicants these are.
    pub city: &'a City,
    /// Whether an applicant without a county of the city makes the draw wrong (scope `county`).
    pub county_decides: bool,
}

/// Reads the tables into a frame. Problems of single cells are findings; the frame is complete all the same.
#[must_use]
pub fn read(tables: &[Table], how: Reading<'_>) -> Frame {
    let mut reader = Reader { how, counties: HashMap::new(), findings: Vec::new() };
    let mut applicants = Vec::new();
    let mut withdrawn = Vec::new();
    for table in tables {
        if let Some(encoding) = table.encoding.filter(|e| *e != "UTF-8") {
            let mut place = table.place(0, usize::MAX);
            place.column = None;
            reader.push(What::Encoding(encoding), Level::Cleaned, place, None, "");
        }
        reader.findings.extend(hidden_findings(table));
        for (row, text) in &table.skipped {
            reader.push(What::RowSkipped, Level::Cleaned, table.place(*row, usize::MAX), None, text);
        }
        for row in &table.rows {
            let left = clean::tidy(row.text(WITHDRAWN));
            if clean::is_nothing(&left) || clean::yes_no(&left) == Some(false) {
                applicants.extend(reader.applicant(table, row));
            } else if let Some(code) = reader.code(table, row, Level::Note) {
                withdrawn.push((code, left, table.place(row.number, CODE)));
            }
        }
    }
    reader.duplicates(&applicants, &withdrawn);
    applicants.sort_by_key(|a| a.code);
    let mut withdrawn: Vec<_> = withdrawn.into_iter().map(|(code, reason, _)| (code, reason)).collect();
    withdrawn.sort();
    Frame { city: how.city.name.clone(), applicants, withdrawn, findings: reader.findings }
}

struct Reader<'a> {
    how: Reading<'a>,
    /// What became of each way of writing a county; never iterated.
    counties: HashMap<String, (String, bool, Option<What>)>,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn push(
        &mut self,
        what: What,
        level: Level,
        place: crate::table::Place,
        code: Option<CreditCode>,
        value: &str,
    ) {
        self.findings.push(Finding { what, level, place, code, value: value.to_owned() });
    }

    fn code(&mut self, table: &Table, row: &Row, otherwise: Level) -> Option<CreditCode> {
        let place = table.place(row.number, CODE);
        let cell = row.cells[CODE].clone().unwrap_or_default();
        match CreditCode::from_cell(&cell) {
            Ok((code, cleaned)) => {
                if cleaned {
                    self.push(What::CodeCleaned, Level::Cleaned, place.clone(), Some(code), &cell.text);
                }
                if !code.check_character_fits() {
                    self.push(What::CheckCharacter, Level::Note, place.clone(), Some(code), code.as_str());
                }
                if code.province() != self.how.notice.province_code {
                    self.push(What::OtherProvince, Level::Note, place, Some(code), code.as_str());
                }
                Some(code)
            }
            Err(error) => {
                self.push(What::Code(error), otherwise, place, None, cell.text.trim());
                None
            }
        }
    }

    /// The row as an applicant; `None`, with a fatal finding, where code or star cannot be read.
    fn applicant(&mut self, table: &Table, row: &Row) -> Option<Applicant> {
        let code = self.code(table, row, Level::Fatal);
        let star = self.star(table, row, code);
        let (county, county_known) = self.county(table, row, code);
        let (code, star) = (code?, star?);
        let name = clean::tidy(row.text(NAME));
        if name.is_empty() {
            self.push(What::NameMissing, Level::Note, table.place(row.number, NAME), Some(code), "");
        }
        let held_star = match &row.cells[HELD] {
            Some(cell) if clean::is_nothing(&cell.text) => Some(0),
            _ => self.optional(table, row, HELD, code, ("星级或“无”", "a star or none"), |c| {
                parse_star(&c.text).filter(|s| *s > 0)
            }),
        };
        let day = ("日期，如2022-03-14", "a day such as 2022-03-14");
        let in_use_since = self.optional(table, row, SINCE, code, day, clean::cell_date);
        let paid_on = self.optional(table, row, PAID_ON, code, day, clean::cell_date);
        let in_use = self.optional(table, row, IN_USE, code, ("“是”或“否”", "yes or no"), |c| {
            clean::yes_no(&c.text)
        });
        let unavailable = self.optional(
            table,
            row,
            UNAVAILABLE,
            code,
            (
                "日期或起止日期，如2022-03-14;2022-03-21..2022-03-25",
                "days such as 2022-03-14;2022-03-21..2022-03-25",
            ),
            |c| clean::dates(c).ok(),
        );
        let hours = self.optional(
            table,
            row,
            HOURS,
            code,
            ("上午、下午或起止时间，如09:00-11:30", "上午, 下午 or a span such as 09:00-11:30"),
            |c| Hours::parse(&c.text).ok(),
        );
        let must = clean::tidy(row.text(MUST));
        let applicant = Applicant {
            code,
            name,
            star,
            county,
            county_known,
            place: crate::table::Place { column: None, ..table.place(row.number, CODE) },
            address: clean::tidy(row.text(ADDRESS)),
            contact: clean::tidy(row.text(CONTACT)),
            phone: clean::tidy(row.text(PHONE)),
            point: self.point(table, row, code),
            held_star,
            cloud_form: clean::squeeze(row.text(FORM)),
            in_use_since,
            in_use,
            paid_on,
            unavailable: unavailable.unwrap_or_default(),
            hours: hours.unwrap_or_default(),
            must_inspect: (!clean::is_nothing(&must) && clean::yes_no(&must) != Some(false)).then_some(must),
        };
        self.findings.extend(eligibility::findings(&applicant, self.how.notice));
        Some(applicant)
    }

    fn star(&mut self, table: &Table, row: &Row, code: Option<CreditCode>) -> Option<u8> {
        let text = row.text(STAR);
        let star = parse_star(text).filter(|s| self.how.notice.star(*s).is_some());
        if star.is_none() {
            let stars = self.how.notice.stars.iter().map(|s| s.star).collect();
            self.push(What::Star(stars), Level::Fatal, table.place(row.number, STAR), code, text);
        }
        star
    }

    fn county(&mut self, table: &Table, row: &Row, code: Option<CreditCode>) -> (String, bool) {
        let text = row.text(COUNTY);
        if !self.counties.contains_key(text) {
            let resolved = match self.how.gazetteer.resolve(self.how.city, text) {
                Resolution::Exact(county) => {
                    let as_written = county.name == text;
                    (county.name.clone(), true, (!as_written).then(|| What::CountyCleaned(county.name.clone())))
                }
                Resolution::Alias(county) => {
                    (county.name.clone(), true, Some(What::CountyCleaned(county.name.clone())))
                }
                Resolution::Elsewhere(city, county) => {
                    (county.name.clone(), false, Some(What::CountyElsewhere(city.name.clone())))
                }
                Resolution::Unknown => (clean::squeeze(text), false, Some(What::County)),
            };
            self.counties.insert(text.to_owned(), resolved);
        }
        let (name, known, what) = self.counties[text].clone();
        if let Some(what) = what {
            let level = match (&what, known, self.how.county_decides) {
                (_, true, _) => Level::Cleaned,
                (_, false, true) => Level::Fatal,
                (What::County, false, false) => Level::Broken,
                _ => Level::Note,
            };
            self.push(what, level, table.place(row.number, COUNTY), code, text);
        }
        (name, known)
    }

    fn optional<T>(
        &mut self,
        table: &Table,
        row: &Row,
        field: usize,
        code: CreditCode,
        expected: (&'static str, &'static str),
        parse: impl Fn(&Cell) -> Option<T>,
    ) -> Option<T> {
        let cell = row.cells[field].as_ref().filter(|c| !clean::is_nothing(&c.text))?;
        let value = parse(cell);
        if value.is_none() {
            let place = table.place(row.number, field);
            self.push(What::Unreadable(expected.0, expected.1), Level::Note, place, Some(code), cell.text.trim());
        }
        value
    }

    fn point(&mut self, table: &Table, row: &Row, code: CreditCode) -> Option<(f64, f64)> {
        const EAST: std::ops::RangeInclusive<f64> = 70.0..=140.0;
        const NORTH: std::ops::RangeInclusive<f64> = 0.0..=60.0;
        // China's longitudes are no latitudes: swapped columns leave no doubt.
        let (first, second) = (clean::degrees(row.text(LON)), clean::degrees(row.text(LAT)));
        if let (Some(lat), Some(lon)) = (first, second)
            && EAST.contains(&lon)
            && NORTH.contains(&lat)
        {
            let place = table.place(row.number, LON);
            self.push(What::Swapped, Level::Note, place, Some(code), &format!("{lat}, {lon}"));
            return Some((lon, lat));
        }
        let lon = ("东经度数，如120.6213", "degrees east such as 120.6213");
        let lat = ("北纬度数，如31.3245", "degrees north such as 31.3245");
        let lon =
            self.optional(table, row, LON, code, lon, |c| clean::degrees(&c.text).filter(|d| EAST.contains(d)));
        let lat =
            self.optional(table, row, LAT, code, lat, |c| clean::degrees(&c.text).filter(|d| NORTH.contains(d)));
        lon.zip(lat)
    }

    /// Two rows with one code make the draw wrong, also where one of them has withdrawn.
    fn duplicates(&mut self, applicants: &[Applicant], withdrawn: &[(CreditCode, String, crate::table::Place)]) {
        let mut first: BTreeMap<CreditCode, &crate::table::Place> = BTreeMap::new();
        let rows = applicants.iter().map(|a| (a.code, &a.place)).chain(withdrawn.iter().map(|w| (w.0, &w.2)));
        for (code, place) in rows {
            if let Some(other) = first.get(&code) {
                let what = What::Duplicate(Box::new((*other).clone()));
                self.push(what, Level::Fatal, place.clone(), Some(code), code.as_str());
            } else {
                first.insert(code, place);
            }
        }
    }
}

/// What a workbook hides and the program counts all the same.
#[must_use]
pub fn hidden_findings(table: &Table) -> Vec<Finding> {
    let mut out = Vec::new();
    let mut note = |what, value| {
        let place = crate::table::Place { column: None, ..table.place(0, usize::MAX) };
        out.push(Finding { what, level: Level::Note, place, code: None, value });
    };
    if table.sheet_hidden {
        note(What::HiddenSheet, table.sheet.as_deref().unwrap_or("").to_owned());
    }
    if !table.hidden_rows.is_empty() {
        note(What::HiddenRows(table.hidden_rows.len()), ranges(&table.hidden_rows));
    }
    out
}

/// Row numbers as people write them: 6, 9-12, 15.
fn ranges(rows: &[u32]) -> String {
    rows.chunk_by(|a, b| a + 1 == *b)
        .filter_map(|run| Some((*run.first()?, *run.last()?)))
        .map(|(from, to)| if from == to { from.to_string() } else { format!("{from}-{to}") })
        .collect::<Vec<_>>()
        .join(", ")
}

/// The city that the tables speak of: the one that most rows name by their city column, else the only one in which
/// more than half of the counties are found.
#[must_use]
pub fn city_of<'a>(tables: &[Table], gazetteer: &'a Gazetteer) -> Option<&'a City> {
    let rows = || tables.iter().flat_map(|t| &t.rows);
    // A table of many thousand rows has a few dozen ways to write a city or a county.
    let written = |field: usize| {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        rows().for_each(|row| *counts.entry(row.text(field)).or_insert(0) += 1);
        counts
    };
    let cities = written(CITY);
    let named: BTreeSet<&str> = cities
        .keys()
        .filter_map(|text| gazetteer.city(&clean::squeeze(text)).ok())
        .map(|c| c.name.as_str())
        .collect();
    if let (Some(one), 1) = (named.first(), named.len()) {
        return gazetteer.city(one).ok();
    }
    let counties = written(COUNTY);
    let all: usize = counties.values().sum();
    let fits = |city: &City| -> usize {
        let known =
            |raw: &str| matches!(gazetteer.resolve(city, raw), Resolution::Exact(_) | Resolution::Alias(_));
        counties.iter().filter(|(raw, _)| known(raw)).map(|(_, n)| n).sum()
    };
    let mut fitting: Vec<(usize, &City)> = gazetteer.cities().iter().map(|c| (fits(c), c)).collect();
    fitting.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let (best, city) = *fitting.first()?;
    let second = fitting.get(1).map_or(0, |(count, _)| *count);
    (best > second && best * 2 > all).then_some(city)
}

/// The column of credit codes, for lists that have no more.
pub const CODE_FIELD: Field = APPLICANT_FIELDS[CODE];

/// The columns of a list of exclusions.
pub const EXCLUSION_FIELDS: &[Field] = &[
    APPLICANT_FIELDS[CODE],
    Field {
        key: "reason", needed: true, headers: &["原因", "排除原因", "不参加抽取原因", "理由", "事由"]
    },
];

impl Exclusion {
    /// Reads a list of exclusions; what is wrong with it is a fatal finding.
    #[must_use]
    pub fn read(table: &Table, frame: &Frame) -> (Vec<Self>, Vec<Finding>) {
        let mut out: BTreeMap<CreditCode, Self> = BTreeMap::new();
        let mut findings = hidden_findings(table);
        for row in &table.rows {
            let place = table.place(row.number, 0);
            let cell = row.cells[0].clone().unwrap_or_default();
            let mut fatal = |what, place, code| {
                let value = cell.text.trim().to_owned();
                findings.push(Finding { what, level: Level::Fatal, place, code, value });
            };
            let reason = clean::tidy(row.text(1));
            match CreditCode::from_cell(&cell) {
                Err(error) => fatal(What::Code(error), place, None),
                Ok((code, _)) if frame.withdrawn.iter().any(|w| w.0 == code) => {}
                Ok((code, _)) if frame.get(code).is_none() => fatal(What::UnknownCode, place, Some(code)),
                Ok((code, _)) if reason.is_empty() => {
                    let what = What::Unreadable("记录在案的原因", "the reason on record");
                    fatal(what, table.place(row.number, 1), Some(code));
                }
                Ok((code, _)) => {
                    if let Some(before) = out.get(&code) {
                        fatal(What::Duplicate(Box::new(before.place.clone())), place, Some(code));
                    } else {
                        out.insert(code, Self { code, reason, place });
                    }
                }
            }
        }
        (out.into_values().collect(), findings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{self, Source};

    fn frame_of(text: &str, county_decides: bool) -> Frame {
        let source = Source { name: "a.csv".into(), bytes: text.as_bytes().to_vec(), sheet: None };
        let table = table::read(&source, APPLICANT_FIELDS).unwrap();
        let gazetteer = Gazetteer::embedded();
        let notice = Notice::parse("x", crate::notice::EMBEDDED[0].1).unwrap();
        let city = gazetteer.city("苏州市").unwrap();
        read(&[table], Reading { notice: &notice, gazetteer: &gazetteer, city, county_decides })
    }

    fn kinds(frame: &Frame, level: Level) -> Vec<&'static str> {
        frame.findings.iter().filter(|f| f.level == level).map(|f| f.what.id()).collect()
    }

    #[test]
    fn cells_are_cleaned_and_said_to_be() {
        let frame = frame_of(
            "序号,企业名称,信用代码,申报星级,县区,撤回\n\
             1,甲,９１320583MAC1JJUW8d,三星级,昆山,\n\
             2,乙,91320581MAJHYR102B,★★★★,苏州高新区,\n\
             3,丙,91320582MADR54U39J,5,太仓市,企业申请撤回\n\
             合计,,,,,\n",
            true,
        );
        assert_eq!(kinds(&frame, Level::Fatal), [""; 0]);
        let lines = String::from_utf8(frame.to_csv()).unwrap();
        assert_eq!(lines, "91320581MAJHYR102B,4,虎丘区\n91320583MAC1JJUW8D,3,昆山市\n");
        assert_eq!(frame.withdrawn.len(), 1);
        assert_eq!(
            kinds(&frame, Level::Cleaned),
            ["row-skipped", "code-cleaned", "county-cleaned", "county-cleaned"]
        );
    }

    #[test]
    fn what_would_make_the_draw_wrong_is_fatal() {
        let text = "code,name,star,county\n\
                    91320583MAC1JJUW8D,甲,3,昆山市\n\
                    91320583MAC1JJUW8D,乙,4,昆山市\n\
                    9132,丙,4,昆山市\n\
                    91320581MAJHYR102B,丁,六星,浦东新区\n";
        assert_eq!(kinds(&frame_of(text, false), Level::Fatal), ["code", "star", "duplicate"]);
        assert_eq!(kinds(&frame_of(text, true), Level::Fatal), ["code", "star", "county", "duplicate"]);
    }

    #[test]
    fn unreadable_details_are_notes_and_the_applicant_stays() {
        let text = "code,name,star,county,lon,lat,不便日期,接待时段\n\
                    91320583MAC1JJUW8D,甲,3,昆山市,120°,31.3,下周,上午\n";
        let frame = frame_of(text, true);
        assert_eq!(frame.applicants.len(), 1);
        assert_eq!(kinds(&frame, Level::Note), ["unreadable"]);
        assert_eq!(frame.applicants[0].hours, [Hours::Morning]);
        assert_eq!(frame.applicants[0].point, Some((120.0, 31.3)));
    }

    #[test]
    fn swapped_coordinates_are_turned_round_and_said_to_be() {
        let text = "code,name,star,county,lon,lat\n\
                    91320583MAC1JJUW8D,甲,3,昆山市,31.3,120.9\n\
                    91320581MAJHYR102B,乙,3,常熟市,31.3,31.3\n";
        let frame = frame_of(text, true);
        assert_eq!(kinds(&frame, Level::Note), ["coordinates-swapped", "unreadable"]);
        assert_eq!(frame.get(frame.applicants[1].code).unwrap().point, Some((120.9, 31.3)));
    }

    #[test]
    fn the_city_is_told_by_its_counties() {
        let source = Source {
            name: "a.csv".into(),
            bytes: "code,name,star,county\n1,a,3,昆山市\n2,b,3,鼓楼区\n3,c,3,太仓\n".as_bytes().to_vec(),
            sheet: None,
        };
        let table = table::read(&source, APPLICANT_FIELDS).unwrap();
        assert_eq!(city_of(&[table], &Gazetteer::embedded()).unwrap().name, "苏州市");
    }
}
