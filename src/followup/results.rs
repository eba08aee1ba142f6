//! Results of checks: how a table of them is read, and which of its rows go on record.
//!
//! `record` enters what [`Ground::admit`] lets through; `verify` reads the kept copy of the table once more and expects the
//! same of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::journal::{Conclusion, ResultLine};
use super::opened::Standing;
use super::state::State;
use crate::frame::{CODE_FIELD, CreditCode, Finding, Level, What, hidden_findings};
use crate::roster::Roster;
use crate::table::{self, Field, Place, Row, Source, Table, clean};
use crate::text::{Detail, Lang, Say, excerpt};

const CODE: usize = 0;
const DATE: usize = 1;
const CONCLUSION: usize = 2;
const FINDINGS: usize = 3;
const INSPECTORS: usize = 4;
const CORRECTION: usize = 5;

const FIELDS: &[Field] = &[
    CODE_FIELD,
    Field { key: "date", needed: true, headers: &["核查日期", "日期", "核查时间"] },
    Field { key: "conclusion", needed: true, headers: &["核查结论", "结论", "核查结果", "结果"] },
    Field {
        key: "findings", needed: false, headers: &["发现问题", "发现的问题", "问题", "核查情况", "备注"]
    },
    Field {
        key: "inspectors", needed: false, headers: &["核查人员", "人员", "工号", "核查人员工号"]
    },
    Field { key: "correction", needed: false, headers: &["更正原因", "更正说明"] },
];

/// Everything that is wrong with results.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<Detail>);

impl Faults {
    fn add(&mut self, place: Option<&Place>, zh: &str, en: &str) {
        self.0.push(Detail {
            kind: "result",
            file: place.map_or_else(String::new, |p| p.file.to_string()),
            sheet: place.and_then(|p| p.sheet.as_deref()).map(str::to_owned),
            row: place.map(|p| p.row),
            column: place.and_then(|p| p.column.as_deref()).map(str::to_owned),
            value: None,
            zh: place.map_or_else(String::new, |p| p.say(Lang::Zh) + "：") + zh,
            en: place.map_or_else(String::new, |p| p.say(Lang::En) + ": ") + en,
        });
    }

    fn none_or<T>(self, what: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(what) } else { Err(self) }
    }
}

impl Say for Faults {
    fn say(&self, lang: Lang) -> String {
        self.0.iter().map(|fault| lang.pick(&fault.zh, &fault.en)).collect::<Vec<_>>().join("\n")
    }

    fn details(&self) -> Vec<Detail> {
        self.0.clone()
    }
}

/// A result as it was typed, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// Its row, of a table.
    pub place: Option<Place>,
    /// What it says.
    pub line: ResultLine,
}

/// Ids of the inspectors by id and by name; a name that two of them share is none.
#[derive(Debug, Clone, Default)]
pub struct Ids(BTreeMap<String, Option<String>>);

impl Ids {
    /// Those of a list.
    #[must_use]
    pub fn of(roster: &Roster) -> Self {
        let mut ids: BTreeMap<String, Option<String>> = BTreeMap::new();
        for inspector in &roster.inspectors {
            let name = clean::squeeze(&inspector.name);
            ids.entry(name).and_modify(|id| *id = None).or_insert(Some(inspector.id.clone()));
        }
        for inspector in &roster.inspectors {
            ids.insert(clean::squeeze(&inspector.id), Some(inspector.id.clone()));
        }
        Self(ids)
    }

    /// The id of an inspector of the list, by id or name as typed.
    #[must_use]
    pub fn one(&self, text: &str) -> Option<&str> {
        self.0.get(&clean::squeeze(text))?.as_deref()
    }

    /// Inspectors as typed: ids or names with any separator. Who is not on the list stays as typed.
    ///
    /// # Errors
    /// A name that two inspectors share.
    pub fn crew(&self, text: &str) -> Result<Vec<String>, String> {
        let known = |text: &str| self.0.get(&clean::squeeze(text));
        let mut out = Vec::new();
        for part in text.split([';', '；', '、', ',', '，', '\n', '/', '|']) {
            // A name of two characters is often written with a space between them.
            let parts: Vec<&str> =
                if known(part).is_some() { vec![part] } else { part.split_whitespace().collect() };
            for part in parts {
                let id = match known(part) {
                    Some(Some(id)) => id.clone(),
                    Some(None) => return Err(clean::tidy(part)),
                    None => clean::tidy(part),
                };
                if !id.is_empty() && !out.contains(&id) {
                    out.push(id);
                }
            }
        }
        Ok(out)
    }
}

/// A conclusion in the words of tables.
#[must_use]
pub fn conclusion(text: &str) -> Option<Conclusion> {
    match clean::squeeze(text).to_lowercase().as_str() {
        "通过" | "合格" | "符合" | "pass" | "passed" => Some(Conclusion::Pass),
        "不通过" | "未通过" | "不合格" | "不符合" | "fail" | "failed" => Some(Conclusion::Fail),
        "未核查" | "未查" | "未完成" | "unchecked" => Some(Conclusion::Unchecked),
        _ => None,
    }
}

/// Reads a table of results, with what the workbook shows otherwise than it is read, such as rows that a filter hides.
///
/// # Errors
/// Everything that cannot be read, by file, row and column.
pub fn read(name: &str, bytes: &[u8], ids: &Ids) -> Result<(Vec<Typed>, Vec<Finding>), Faults> {
    let source = Source { name: name.to_owned(), bytes: bytes.to_vec(), sheet: None };
    let table = table::read(&source, FIELDS).map_err(|error| Faults(error.details()))?;
    let mut faults = Faults::default();
    let mut out = Vec::new();
    for row in &table.rows {
        match typed(&table, row, ids) {
            Ok(line) => out.push(Typed { place: Some(table.place(row.number, CODE)), line }),
            Err((field, what)) => {
                let place = table.place(row.number, field);
                let value = excerpt(row.text(field), 40);
                faults.0.extend(Finding { what, level: Level::Fatal, place, code: None, value }.details());
            }
        }
    }
    faults.none_or((out, hidden_findings(&table)))
}

fn typed(table: &Table, row: &Row, ids: &Ids) -> Result<ResultLine, (usize, What)> {
    let cell = row.cell(CODE).cloned().unwrap_or_default();
    let (code, _) = CreditCode::from_cell(&cell).map_err(|why| (CODE, What::Code(why)))?;
    let needed = |field, zh, en| (field, What::Needed(zh, en));
    let date = row.cell(DATE).and_then(clean::cell_date);
    let date = date.ok_or(needed(DATE, "年月日俱全的日期，如2022-03-08", "a date such as 2022-03-08"))?;
    let conclusion = conclusion(row.text(CONCLUSION));
    let conclusion = conclusion.ok_or(needed(CONCLUSION, "通过、不通过或未核查", "pass, fail or unchecked"))?;
    let typed = if table.has(INSPECTORS) { row.text(INSPECTORS) } else { "" };
    let inspectors = ids.crew(typed).map_err(|_| {
        needed(INSPECTORS, "工号，或不重名的姓名（有重名的请写工号）", "ids, or names that only one inspector has")
    })?;
    let correction = clean::tidy(row.text(CORRECTION));
    Ok(ResultLine {
        code,
        date,
        conclusion,
        findings: clean::tidy(row.text(FINDINGS)),
        inspectors,
        correction: (!clean::is_nothing(&correction)).then_some(correction),
    })
}

/// What results are held against.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// Everybody who is to be visited.
    pub visited: &'a [CreditCode],
    /// The plan as it stands.
    pub standing: &'a Standing,
    /// What is on record.
    pub state: &'a State,
    /// When applications opened: nothing was checked before.
    pub opens: NaiveDate,
    /// The day of the entry: nothing was checked after.
    pub today: NaiveDate,
}

impl Ground<'_> {
    /// The results to enter, and how many more are on record word for word. Where nobody is named the planned crew was there.
    ///
    /// # Errors
    /// Everything that cannot have been so, or contradicts the record without saying why; then none goes on record.
    pub fn admit(
        &self,
        typed: Vec<Typed>,
        name: &dyn Fn(CreditCode) -> String,
    ) -> Result<(Vec<Typed>, usize), Faults> {
        let visited: BTreeSet<CreditCode> = self.visited.iter().copied().collect();
        let places = self.standing.places();
        let mut faults = Faults::default();
        let mut repeated = 0;
        let mut out: Vec<Typed> = Vec::new();
        let mut seen: BTreeMap<CreditCode, ResultLine> = BTreeMap::new();
        for Typed { place, mut line } in typed {
            if line.inspectors.is_empty()
                && line.conclusion != Conclusion::Unchecked
                && let Some(route) = places.get(line.code.as_str())
            {
                line.inspectors.clone_from(&route.crew);
            }
            let verdict = match seen.get(&line.code) {
                _ if !visited.contains(&line.code) => {
                    Err(("不在核查之列".to_owned(), "is not among those to check".to_owned()))
                }
                Some(other) if *other == line => Ok(false),
                Some(_) => Err(("在表中有两个不同的结果".to_owned(), "has two different results".to_owned())),
                None => self.judge(&line),
            };
            match verdict {
                Ok(true) => {
                    seen.insert(line.code, line.clone());
                    out.push(Typed { place, line });
                }
                Ok(false) => repeated += 1,
                Err((zh, en)) => {
                    let name = name(line.code);
                    faults.add(place.as_ref(), &format!("{name}{zh}"), &format!("{name} {en}"));
                }
            }
        }
        faults.none_or((out, repeated))
    }

    /// Whether a result is new; what is wrong with it, to be read after the enterprise's name.
    fn judge(&self, line: &ResultLine) -> Result<bool, (String, String)> {
        let (date, opens) = (line.date, self.opens);
        if date > self.today {
            return Err((
                format!("的核查日期{date}尚未到来"),
                format!("cannot have been checked on {date}: that day lies in the future"),
            ));
        }
        if date < opens {
            return Err((
                format!("的核查日期{date}早于申报开始的{opens}"),
                format!("cannot have been checked on {date}, before applications opened on {opens}"),
            ));
        }
        let Some(known) = self.state.results.get(&line.code) else { return Ok(true) };
        let plain = |line: &ResultLine| ResultLine { correction: None, ..line.clone() };
        if plain(known) == plain(line) {
            return Ok(false);
        }
        // What was not checked may be checked later; anything else must be explained.
        if known.conclusion != Conclusion::Unchecked && line.correction.is_none() {
            let date = known.date;
            return Err((
                format!(
                    "已于{date}登记了不同的结果；确需更正的，请写明更正原因（--correction，或表中“更正原因”列）"
                ),
                format!(
                    "has another result on record, of {date}; to correct it say why (--correction, or the column correction)"
                ),
            ));
        }
        Ok(true)
    }
}

/// What a result says, fact by fact, each with its name.
#[must_use]
pub fn facts(line: &ResultLine, lang: Lang) -> [(&'static str, String); 5] {
    let conclusion = match line.conclusion {
        Conclusion::Pass => ("通过", "pass"),
        Conclusion::Fail => ("不通过", "fail"),
        Conclusion::Unchecked => ("未核查", "unchecked"),
    };
    [
        (lang.pick("核查日期", "date"), line.date.to_string()),
        (lang.pick("核查结论", "conclusion"), lang.pick(conclusion.0, conclusion.1).to_owned()),
        (lang.pick("发现问题", "findings"), line.findings.clone()),
        (lang.pick("核查人员", "inspectors"), line.inspectors.join(lang.pick("、", ", "))),
        (lang.pick("更正原因", "correction"), line.correction.clone().unwrap_or_default()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crews_are_read_as_people_type_them() {
        let known = |id: &str| (id.to_owned(), Some(id.to_owned()));
        let names = [("张三", Some("H001")), ("李四光", Some("H002")), ("王五", None)];
        let names = names.map(|(name, id)| (name.to_owned(), id.map(str::to_owned)));
        let ids = Ids(names.into_iter().chain(["H001", "H002"].map(known)).collect());
        let crew = |text: &str| ids.crew(text);
        let both = || Ok(vec!["H001".to_owned(), "H002".to_owned()]);
        for text in
            ["H001;H002", "张三、李四光", "张　三，李四光", "张 三 / Ｈ００２", "H001 H002", "H001\nH002；H001"]
        {
            assert_eq!(crew(text), both(), "{text}");
        }
        assert_eq!(crew("张三、赵六"), Ok(vec!["H001".to_owned(), "赵六".to_owned()]));
        assert_eq!(crew("王 五"), Err("王 五".to_owned()));
        assert_eq!(crew(" 、"), Ok(Vec::new()));
        assert_eq!((ids.one("李 四光"), ids.one("王五"), ids.one("赵六")), (Some("H002"), None, None));
    }
}
