//! Applicants' tables → the frame.

use std::collections::HashMap;

use super::hidden::hidden_findings;
use super::order::sort;
use super::ways::{Recent, Ways};
use super::{
    Counties, CreditCode, Details, Finding, Findings, Frame, Hours, Level, MOST_KEPT, Member, What,
    applicant::parse_star, eligibility,
};
use crate::county::{City, Gazetteer, Resolution};
use crate::notice::Notice;
use crate::table::{Cell, CellKind, Field, MAX_BYTES, Place, RowView, TableError, TableReader, Visit, clean};
use crate::text::is_format_character;
use crate::travel::{Datum, Reach};

macro_rules! fields {
    ($($name:ident = $at:literal: $key:literal $needed:literal [$($header:literal),+];)+) => {
        $(pub(super) const $name: usize = $at;)+
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
    /// Datum of the tables' coordinates.
    pub datum: Datum,
}

/// Reads the tables into a frame. Problems of single cells are findings; the frame is complete all the same. `ways` learns
/// on the way how the rows write their city and county.
///
/// # Errors
/// [`TableError`] for a file that cannot be read to its end.
pub fn read(tables: &[TableReader], how: Reading<'_>, mut ways: Option<&mut Ways>) -> Result<Frame, TableError> {
    let mut reader = Reader::new(how);
    let mut findings = Findings::default();
    let (mut members, mut withdrawn, mut rows_before) = (Vec::new(), Vec::new(), Vec::new());
    let mut rows = 0_u64;
    for table in tables {
        let whole = Place { column: None, ..table.place(0, usize::MAX) };
        if let Some(encoding) = table.encoding().filter(|e| *e != "UTF-8") {
            let what = What::Encoding(encoding);
            findings.push(Finding {
                what,
                level: Level::Cleaned,
                place: whole.clone(),
                code: None,
                value: String::new(),
            });
        }
        findings.extend(hidden_findings(table.table()));
        let before = rows;
        rows_before.push(before as u32);
        let mut skipped = Findings::default();
        reader.detailed = DETAILS.into_iter().any(|field| table.has(field));
        reader.workbook = table.table().sheet.is_some();
        reader.asides = [CITY, MUST, WITHDRAWN].into_iter().any(|field| table.has(field));
        let may_leave = table.has(WITHDRAWN);
        table.each(|visit| match visit {
            Visit::Skipped(number, text) => {
                let place = Place { row: number, ..whole.clone() };
                let (what, level) = (What::RowSkipped, Level::Cleaned);
                skipped.push(Finding { what, level, place, code: None, value: text.to_owned() });
            }
            Visit::Row(row) => {
                if let Some(ways) = &mut ways {
                    ways.see(row);
                }
                rows = before + u64::from(row.number);
                let at = rows as u32;
                if !(may_leave && has_withdrawn(row)) {
                    if let Some(member) = reader.member(table, row, at) {
                        members.push(member);
                    }
                } else if let Some(code) = reader.code(table, row, Level::Note) {
                    withdrawn.push(Member::new(code, 0, 0, false, at));
                }
            }
        })?;
        // Rows are numbered through all tables with 32 bits: more than four thousand million are no table.
        if rows > u64::from(u32::MAX) {
            return Err(TableError::TooLarge(whole.file.to_string(), MAX_BYTES >> 20));
        }
        // Skipped rows are said before what was noticed in the others.
        findings.append(skipped);
        findings.append(std::mem::take(&mut reader.findings));
    }
    let twice = sort(&mut members);
    sort(&mut withdrawn);
    let counties = reader.counties;
    let mut frame = Frame::new(&how.city.name, members, withdrawn, counties, rows_before, findings);
    if twice || !frame.withdrawn.is_empty() {
        duplicates(&mut frame, tables);
    }
    Ok(frame)
}

/// Whether a character leaves a mark on paper.
pub(super) fn is_seen(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !is_format_character(c)
}

/// What to say of a field that holds a formula without a result, or what a failed one leaves.
fn formula_fault(row: RowView<'_>, field: usize) -> Option<What> {
    let (text, kind) = row.raw(field)?;
    if kind == CellKind::Uncomputed {
        return Some(What::Uncomputed);
    }
    let text = text.trim();
    let failed = !text.is_empty() && (kind == CellKind::Error || clean::is_failed_formula(text));
    failed.then_some(What::FailedFormula)
}

/// What is normal or goes on has not been withdrawn.
const GOES_ON: [&str; 6] = ["正常", "有效", "申报中", "在报", "正常申报", "继续申报"];

/// Whether the row says that the applicant has withdrawn. A failed formula says nothing.
fn has_withdrawn(row: RowView<'_>) -> bool {
    let left = row.text(WITHDRAWN);
    if left.is_empty() || formula_fault(row, WITHDRAWN).is_some() {
        return false;
    }
    !clean::is_denied(left, '撤') && !GOES_ON.contains(&clean::squeeze(left).as_str())
}

/// Why the applicant must be inspected, if the row says so.
pub(super) fn must_inspect(row: RowView<'_>) -> Option<String> {
    let must = row.text(MUST);
    if must.is_empty() || formula_fault(row, MUST).is_some() {
        return None;
    }
    (!clean::is_denied(must, '查')).then(|| clean::tidy(must))
}

/// A row whose code stands before: whether it has withdrawn, its number, the code, and the same of the first such row.
type Twice = (bool, u32, CreditCode, bool, u32);

/// Two rows with one code make the draw wrong, also where one of them has withdrawn.
fn duplicates(frame: &mut Frame, tables: &[TableReader]) {
    let mut found: Vec<Twice> = Vec::new();
    let mut all = 0;
    let mut note = |late: bool, member: Member, first_left: bool, first: Member| {
        all += 1;
        found.push((late, member.row(), member.code(), first_left, first.row()));
        // The first in the order of rows are wanted; the rest is only counted.
        if found.len() >= 2 * MOST_KEPT {
            found.select_nth_unstable(MOST_KEPT);
            found.truncate(MOST_KEPT);
        }
    };
    for group in frame.members.chunk_by(|a, b| a.same_code(*b)) {
        group[1..].iter().for_each(|member| note(false, *member, false, group[0]));
    }
    for group in frame.withdrawn.chunk_by(|a, b| a.same_code(*b)) {
        let at = frame.members.partition_point(|m| m.packed_code() < group[0].packed_code());
        match frame.members.get(at).filter(|m| m.same_code(group[0])) {
            Some(first) => group.iter().for_each(|member| note(true, *member, false, *first)),
            None => group[1..].iter().for_each(|member| note(true, *member, true, group[0])),
        }
    }
    found.sort_unstable();
    found.truncate(MOST_KEPT);
    let more = all - found.len();
    for (left, row, code, first_left, first) in found {
        let what = What::Duplicate(Box::new(place_of(frame, tables, first, first_left)));
        let place = place_of(frame, tables, row, left);
        let value = code.to_string();
        frame.findings.push(Finding { what, level: Level::Fatal, place, code: Some(code), value });
    }
    frame.findings.count_more(Level::Fatal, more);
}

/// The place of a row that is numbered through all tables; of one that has withdrawn with the column of codes.
fn place_of(frame: &Frame, tables: &[TableReader], row: u32, withdrawn: bool) -> Place {
    let table = frame.rows_before.partition_point(|before| *before < row).saturating_sub(1);
    let place = tables[table].place(row - frame.rows_before[table], CODE);
    if withdrawn { place } else { Place { column: None, ..place } }
}

/// Most ways of writing a star that are remembered.
const MOST_STARS: usize = 256;

/// Understands rows, one after another.
pub(super) struct Reader<'a> {
    how: Reading<'a>,
    /// What became of each way of writing a county; never iterated.
    known: HashMap<String, usize>,
    resolved: Vec<Resolved>,
    counties: Counties,
    /// What became of ways of writing a star; never iterated.
    stars: HashMap<String, Option<u8>>,
    /// The county of the last row and what became of it.
    recent: Recent,
    /// Ways of writing the city that came lately, and whether they mean this one.
    cities: Recent,
    /// Whether the table has any of [`DETAILS`].
    detailed: bool,
    /// Whether the table is of a workbook.
    workbook: bool,
    /// Whether the table has a column of cities, of reasons to inspect or of withdrawals.
    asides: bool,
    /// How far from its seats a place of the city can lie.
    reach: Reach,
    findings: Findings,
}

/// Fields that have to be understood to be used.
const DETAILS: [usize; 9] = [LON, LAT, HELD, FORM, SINCE, IN_USE, PAID_ON, UNAVAILABLE, HOURS];

/// What became of a county as written.
struct Resolved {
    number: u32,
    known: bool,
    what: Option<What>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(how: Reading<'a>) -> Self {
        Self {
            how,
            known: HashMap::new(),
            resolved: Vec::new(),
            counties: Counties::default(),
            stars: HashMap::new(),
            recent: Recent::default(),
            cities: Recent::default(),
            detailed: true,
            workbook: true,
            asides: true,
            reach: Reach::of(how.city),
            findings: Findings::default(),
        }
    }

    fn push(&mut self, what: What, level: Level, place: Place, code: Option<CreditCode>, value: &str) {
        self.findings.push(Finding { what, level, place, code, value: value.to_owned() });
    }

    fn code(&mut self, table: &TableReader, row: RowView<'_>, otherwise: Level) -> Option<CreditCode> {
        // Most codes are plain, of this province and right.
        if let Some((code, true)) = CreditCode::plain(row.bytes(CODE))
            && code.as_bytes()[2..4] == *self.how.notice.province_code.as_bytes()
            && matches!(row.kind(CODE), CellKind::Text)
        {
            return Some(code);
        }
        let (text, kind) = row.raw(CODE).unwrap_or_default();
        let place = || table.place(row.number, CODE);
        match CreditCode::from_raw(text, kind) {
            Ok((code, cleaned)) => {
                if cleaned {
                    self.push(What::CodeCleaned, Level::Cleaned, place(), Some(code), text);
                }
                if !code.check_character_fits() {
                    self.push(What::CheckCharacter, Level::Note, place(), Some(code), code.as_str());
                }
                if code.province() != self.how.notice.province_code {
                    self.push(What::OtherProvince, Level::Note, place(), Some(code), code.as_str());
                }
                Some(code)
            }
            Err(error) => {
                let what = formula_fault(row, CODE).unwrap_or(What::Code(error));
                self.push(what, otherwise, place(), None, row.text(CODE));
                None
            }
        }
    }

    /// The row as a line of the frame; `None`, with a fatal finding, where code or star cannot be read.
    fn member(&mut self, table: &TableReader, row: RowView<'_>, at: u32) -> Option<Member> {
        let code = self.code(table, row, Level::Fatal);
        let star = self.star(table, row, code);
        let county = self.county(table, row, code).number;
        if self.asides {
            self.city(table, row, code);
            for field in [MUST, WITHDRAWN] {
                if let Some(what) = formula_fault(row, field) {
                    self.push(what, Level::Fatal, table.place(row.number, field), code, row.text(field));
                }
            }
        }
        let (code, star) = (code?, star?);
        // Chinese characters begin with one of these bytes.
        let chinese = matches!(row.bytes(NAME), [0xE4..=0xE9, ..]);
        if !chinese && !row.text(NAME).contains(is_seen) {
            let what = formula_fault(row, NAME).unwrap_or(What::NameMissing);
            self.push(what, Level::Note, table.place(row.number, NAME), Some(code), "");
        }
        // Of a text table no cell has a formula.
        if self.workbook {
            for field in [CITY, ADDRESS, CONTACT, PHONE, FORM] {
                if row.kind(field) == CellKind::Uncomputed {
                    self.push(What::Uncomputed, Level::Note, table.place(row.number, field), Some(code), "");
                }
            }
        }
        // Without these columns there is nothing to understand and nothing to break.
        if self.detailed {
            let details = self.details(table, row, code);
            self.far_away(table, row, code, details.point);
            for broken in eligibility::broken_rules(star, &details, self.how.notice) {
                let place = Place { column: None, ..table.place(row.number, CODE) };
                self.push(What::Rule(broken), Level::Broken, place, Some(code), &clean::tidy(row.text(NAME)));
            }
        }
        let must = self.asides && must_inspect(row).is_some();
        Some(Member::new(code, star, county, must, at))
    }

    pub(super) fn details(&mut self, table: &TableReader, row: RowView<'_>, code: CreditCode) -> Details {
        let held_star = match row.raw(HELD) {
            Some((text, _)) if clean::is_nothing(text) => Some(0),
            _ => self.optional(table, row, HELD, code, ("星级或“无”", "a star or none"), |c| {
                parse_star(&c.text).filter(|s| *s > 0)
            }),
        };
        let day = ("日期，如2022-03-14", "a day such as 2022-03-14");
        let in_use_since = self.optional(table, row, SINCE, code, day, clean::cell_date);
        let paid_on = self.optional(table, row, PAID_ON, code, day, clean::cell_date);
        // 无 and 0 are a no here, not a blank.
        let in_use = match clean::squeeze(row.text(IN_USE)).as_str() {
            "无" | "没有" | "0" => Some(false),
            _ => self.optional(table, row, IN_USE, code, ("“是”或“否”", "yes or no"), |c| {
                clean::yes_no(&c.text)
            }),
        };
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
        Details {
            point: self.point(table, row, code),
            held_star,
            cloud_form: clean::squeeze(row.text(FORM)),
            in_use_since,
            in_use,
            paid_on,
            unavailable: unavailable.unwrap_or_default(),
            hours: hours.unwrap_or_default(),
        }
    }

    fn star(&mut self, table: &TableReader, row: RowView<'_>, code: Option<CreditCode>) -> Option<u8> {
        let parsed = match row.bytes(STAR) {
            [digit @ b'0'..=b'9'] => Some(digit - b'0'),
            _ => self.parsed_star(row.text(STAR)),
        };
        let star = parsed.filter(|s| self.how.notice.star(*s).is_some());
        if star.is_none() {
            let stars = || What::Star(self.how.notice.stars.iter().map(|s| s.star).collect());
            let what = formula_fault(row, STAR).unwrap_or_else(stars);
            self.push(what, Level::Fatal, table.place(row.number, STAR), code, row.text(STAR));
        }
        star
    }

    /// Of ten million rows each writes its star in one of a few ways.
    fn parsed_star(&mut self, text: &str) -> Option<u8> {
        if let Some(star) = self.stars.get(text) {
            return *star;
        }
        let star = parse_star(text);
        if self.stars.len() < MOST_STARS {
            self.stars.insert(text.to_owned(), star);
        }
        star
    }

    fn county(&mut self, table: &TableReader, row: RowView<'_>, code: Option<CreditCode>) -> &Resolved {
        let bytes = row.bytes(COUNTY);
        let at = self.recent.get(bytes).unwrap_or_else(|| {
            let text = row.text(COUNTY);
            let at = self.known.get(text).copied().unwrap_or_else(|| self.resolve(text));
            self.recent.put(bytes, at);
            at
        });
        let Resolved { known, what, .. } = &self.resolved[at];
        if let Some(what) = what {
            let level = match (what, known, self.how.county_decides) {
                (_, true, _) => Level::Cleaned,
                (_, false, true) => Level::Fatal,
                (What::County, false, false) => Level::Broken,
                _ => Level::Note,
            };
            let fault = matches!(what, What::County).then(|| formula_fault(row, COUNTY)).flatten();
            let what = fault.unwrap_or_else(|| what.clone());
            self.push(what, level, table.place(row.number, COUNTY), code, row.text(COUNTY));
        }
        &self.resolved[at]
    }

    /// Notes an applicant whose row names another city.
    fn city(&mut self, table: &TableReader, row: RowView<'_>, code: Option<CreditCode>) {
        let bytes = row.bytes(CITY);
        if bytes.is_empty() {
            return;
        }
        let own = self.cities.get(bytes).unwrap_or_else(|| {
            let text = clean::squeeze(row.text(CITY));
            let own = &self.how.city.name;
            // 江苏苏州 and 苏州市本级 mean the city, too.
            let short = own.strip_suffix('市').unwrap_or(own);
            let fits = match self.how.gazetteer.city(&text) {
                Ok(city) => city.name == *own,
                Err(_) => clean::is_nothing(&text) || text.contains(short),
            };
            self.cities.put(bytes, usize::from(fits));
            usize::from(fits)
        });
        if own == 0 {
            let what = What::OtherCity(self.how.city.name.clone());
            self.push(what, Level::Note, table.place(row.number, CITY), code, row.text(CITY));
        }
    }

    fn resolve(&mut self, text: &str) -> usize {
        let cleaned = |name: &str| Some(What::CountyCleaned(name.to_owned()));
        let (name, known, what) = match self.how.gazetteer.resolve(self.how.city, text) {
            Resolution::Exact(county) => {
                let as_written = county.name == text;
                (county.name.clone(), true, if as_written { None } else { cleaned(&county.name) })
            }
            Resolution::Alias(county) => (county.name.clone(), true, cleaned(&county.name)),
            Resolution::Elsewhere(_, county) => {
                let cities = self.how.gazetteer.elsewhere(self.how.city, text);
                let cities = cities.map(|(city, _)| city.name.clone()).collect();
                (county.name.clone(), false, Some(What::CountyElsewhere(cities)))
            }
            Resolution::Unknown => (clean::squeeze(text), false, Some(What::County)),
        };
        self.resolved.push(Resolved { number: self.counties.number(&name), known, what });
        self.known.insert(text.to_owned(), self.resolved.len() - 1);
        self.resolved.len() - 1
    }

    /// The county of a row that is in the frame, and whether it is one of the city.
    pub(super) fn county_again(&mut self, table: &TableReader, row: RowView<'_>) -> (String, bool) {
        let Resolved { number, known, .. } = *self.county(table, row, None);
        (self.counties.names[number as usize].clone(), known)
    }

    fn optional<T>(
        &mut self,
        table: &TableReader,
        row: RowView<'_>,
        field: usize,
        code: CreditCode,
        expected: (&'static str, &'static str),
        parse: impl Fn(&Cell) -> Option<T>,
    ) -> Option<T> {
        let cell = row.cell(field).filter(|c| !clean::is_nothing(&c.text))?;
        if cell.kind == CellKind::Uncomputed {
            self.push(What::Uncomputed, Level::Note, table.place(row.number, field), Some(code), "");
            return None;
        }
        let value = parse(&cell);
        if value.is_none() {
            let place = table.place(row.number, field);
            self.push(What::Unreadable(expected.0, expected.1), Level::Note, place, Some(code), cell.text.trim());
        }
        value
    }

    fn point(&mut self, table: &TableReader, row: RowView<'_>, code: CreditCode) -> Option<(f64, f64)> {
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

    /// Notes a point that lies outside the city.
    fn far_away(&mut self, table: &TableReader, row: RowView<'_>, code: CreditCode, point: Option<(f64, f64)>) {
        let Some((lon, lat)) = point else { return };
        if let Some(km) = self.reach.outside_km(self.how.datum.to_wgs84(lon, lat)) {
            let place = Place { column: None, ..table.place(row.number, CODE) };
            self.push(What::FarAway(km), Level::Note, place, Some(code), &format!("{lon}, {lat}"));
        }
    }
}

/// The column of credit codes, for lists that have no more.
pub const CODE_FIELD: Field = APPLICANT_FIELDS[CODE];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Content;
    use crate::text::Say;

    fn reader_of(text: &str) -> TableReader {
        let content = Content::of_bytes(text.as_bytes().to_vec());
        TableReader::open("a.csv", &content, None, APPLICANT_FIELDS).unwrap()
    }

    fn frame_of(text: &str, county_decides: bool) -> Frame {
        let tables = [reader_of(text)];
        let gazetteer = Gazetteer::embedded();
        let notice = Notice::parse("x", crate::notice::EMBEDDED[0].1).unwrap();
        read(&tables, how(&notice, &gazetteer, county_decides), None).unwrap()
    }

    fn how<'a>(notice: &'a Notice, gazetteer: &'a Gazetteer, county_decides: bool) -> Reading<'a> {
        let city = gazetteer.city("苏州市").unwrap();
        Reading { notice, gazetteer, city, county_decides, datum: Datum::Gcj02 }
    }

    /// Everything about the applicant at this position of the frame of a table.
    fn details_of(text: &str, frame: &Frame, at: usize) -> crate::frame::Applicant {
        let (gazetteer, notice) =
            (Gazetteer::embedded(), Notice::parse("x", crate::notice::EMBEDDED[0].1).unwrap());
        let how = how(&notice, &gazetteer, true);
        crate::frame::details(&[reader_of(text)], how, frame, &[at]).unwrap().remove(0)
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
        assert_eq!(frame.withdrawn(), 1);
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
    fn a_failed_formula_neither_withdraws_nor_targets_anybody() {
        let text = "code,name,star,county,撤回,必查原因\n\
                    91320583MAC1JJUW8D,甲,3,昆山市,#N/A,\n\
                    91320581MAJHYR102B,乙,4,常熟市,,#REF!\n\
                    91320582MADR54U39J,丙,#VALUE!,太仓市,,\n";
        let frame = frame_of(text, false);
        assert_eq!(kinds(&frame, Level::Fatal), ["failed-formula"; 3]);
        let said: Vec<String> = frame.findings.fatal().iter().map(|f| f.say(crate::text::Lang::Zh)).collect();
        assert!(said[0].starts_with("a.csv 第2行“撤回”列：“#N/A”是公式出错"), "{said:?}");
        assert_eq!((frame.withdrawn(), frame.len()), (0, 2));
        assert!(frame.iter().all(|entry| !entry.must_inspect()));
    }

    #[test]
    fn unreadable_details_are_notes_and_the_applicant_stays() {
        let text = "code,name,star,county,lon,lat,不便日期,接待时段\n\
                    91320583MAC1JJUW8D,甲,3,昆山市,120°,31.3,下周,上午\n";
        let frame = frame_of(text, true);
        assert_eq!(frame.len(), 1);
        assert_eq!(kinds(&frame, Level::Note), ["unreadable"]);
        let applicant = details_of(text, &frame, 0);
        assert_eq!((applicant.name.as_str(), applicant.place.row), ("甲", 2));
        assert_eq!(applicant.details.hours, [Hours::Morning]);
        assert_eq!(applicant.details.point, Some((120.0, 31.3)));
    }

    #[test]
    fn swapped_coordinates_are_turned_round_and_said_to_be() {
        let text = "code,name,star,county,lon,lat\n\
                    91320583MAC1JJUW8D,甲,3,昆山市,31.3,120.9\n\
                    91320581MAJHYR102B,乙,3,常熟市,31.3,31.3\n";
        let frame = frame_of(text, true);
        assert_eq!(kinds(&frame, Level::Note), ["coordinates-swapped", "unreadable"]);
        assert_eq!(details_of(text, &frame, 1).details.point, Some((120.9, 31.3)));
    }

    #[test]
    fn a_point_outside_the_city_is_noted_with_its_distance() {
        let text = "code,name,star,county,lon,lat\n\
                    91320583MAC1JJUW8D,甲,3,昆山市,120.9,31.3\n\
                    91320581MAJHYR102B,乙,3,常熟市,116.39,39.91\n";
        let frame = frame_of(text, true);
        let far: Vec<_> = frame.findings.iter().filter(|f| f.what.id() == "coordinates-outside").collect();
        assert_eq!(far.len(), 1);
        assert_eq!((far[0].place.row, far[0].level, far[0].value.as_str()), (3, Level::Note, "116.39, 39.91"));
    }

    #[test]
    fn an_applicant_of_another_city_is_noted() {
        let text = "code,name,star,county,设区市\n\
                    91320583MAC1JJUW8D,甲,3,昆山市,苏州市\n\
                    91320581MAJHYR102B,乙,3,常熟市,无锡\n\
                    91320582MADR54U39J,丙,3,,江苏省苏州市\n\
                    913205827ABCDEF015,丁,3,鼓楼区,\n";
        let frame = frame_of(text, false);
        let cities: Vec<_> = frame.findings.iter().filter(|f| f.what.id() == "city").collect();
        assert_eq!(cities.len(), 1, "{cities:?}");
        assert_eq!((cities[0].place.row, cities[0].level, cities[0].value.as_str()), (3, Level::Note, "无锡"));
        let said: Vec<String> = frame.findings.iter().map(|f| f.say(crate::text::Lang::Zh)).collect();
        assert!(said.iter().any(|s| s.contains("没有填写所属县区")), "{said:?}");
        assert!(said.iter().any(|s| s.contains("“鼓楼区”属于南京市或徐州市")), "{said:?}");
    }

    #[test]
    fn the_city_is_told_by_its_counties() {
        let table = reader_of("code,name,star,county\n1,a,3,昆山市\n2,b,3,鼓楼区\n3,c,3,太仓\n");
        assert_eq!(Ways::of_first(&[table], 9).unwrap().city(&Gazetteer::embedded()).unwrap().name, "苏州市");
    }

    #[test]
    fn every_row_of_a_code_that_stands_more_than_once_is_named_with_the_first() {
        let text = "code,name,star,county,撤回\n\
                    91320583MAC1JJUW8D,甲,5,昆山市,\n\
                    91320581MAJHYR102B,乙,3,常熟市,撤\n\
                    91320583MAC1JJUW8D,丙,3,太仓市,撤\n\
                    91320583MAC1JJUW8D,丁,3,太仓市,\n\
                    91320581MAJHYR102B,戊,3,常熟市,撤\n";
        let frame = frame_of(text, false);
        let rows: Vec<(u32, u32)> = frame
            .findings
            .iter()
            .filter_map(|f| match &f.what {
                What::Duplicate(first) => Some((f.place.row, first.row)),
                _ => None,
            })
            .collect();
        assert_eq!(rows, [(5, 2), (4, 2), (6, 3)]);
    }
}
