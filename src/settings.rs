//! `plan.toml`: what a run is asked to do (contract, section 3).

mod simulate;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};

pub use simulate::SimulateFile;

use crate::draw::{DrawId, Rate, Rules, Scope, Seed};
use crate::notice::{Notice, toml_date};
use crate::routing::problem::{Placement, SpanFile};
use crate::table::clean;
use crate::text::{Lang, Say, both, display_in_english};
use crate::travel::{Datum, Estimate};

/// `plan.toml` as it stands in the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// An embedded id, or a path.
    pub notice: String,
    /// City; told by the tables where it is left out.
    pub city: Option<String>,
    /// Path or paths of the applicants' tables.
    pub applicants: OneOrMore,
    /// The sheet of a workbook that has several.
    pub sheet: Option<String>,
    /// Path of the inspectors' table.
    pub inspectors: Option<String>,
    /// Path of the exclusions.
    pub exclude: Option<String>,
    /// Draw id.
    pub draw: Option<String>,
    /// Seed.
    pub seed: Option<String>,
    /// Where the seed comes from.
    pub seed_source: Option<String>,
    /// Path of the seal.
    pub seal: Option<String>,
    /// Path of the differences from the seal.
    pub changes: Option<String>,
    /// Paths that replace the embedded tables.
    #[serde(default)]
    pub tables: TablePaths,
    /// Sampling rules; the notice's rate where left out.
    #[serde(default)]
    pub sample: SampleFile,
    /// Schedule.
    pub schedule: Option<ScheduleFile>,
    /// Travel.
    #[serde(default)]
    pub travel: TravelFile,
    /// What a simulation assumes.
    #[serde(default)]
    pub simulate: SimulateFile,
}

/// One path or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum OneOrMore {
    /// One.
    One(String),
    /// Several.
    More(Vec<String>),
}

impl OneOrMore {
    /// All of them.
    #[must_use]
    pub fn list(&self) -> Vec<String> {
        match self {
            Self::One(path) => vec![path.clone()],
            Self::More(paths) => paths.clone(),
        }
    }
}

/// Paths of tables that replace the embedded ones.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TablePaths {
    /// `date,kind,name`.
    pub workdays: Option<String>,
    /// `code,city,lon,lat`.
    pub cities: Option<String>,
    /// `code,city,county,lon,lat`.
    pub counties: Option<String>,
    /// `city,zone,other_names,alias_of,lon,lat`.
    pub zones: Option<String>,
}

/// `[sample]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SampleFile {
    /// An exact decimal with %; the notice's where left out.
    #[serde(deserialize_with = "text_or_number")]
    pub rate: Option<String>,
    /// `city` where left out.
    pub scope: Option<Scope>,
    /// 1 where left out.
    pub minimum: Option<usize>,
    /// 20% where left out.
    #[serde(deserialize_with = "text_or_number")]
    pub reserves: Option<String>,
}

/// A text; also a bare number, so that whoever reads it as a share can say what is wrong with it.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Raw {
        Text(String),
        Whole(i64),
        Part(f64),
    }
    Ok(Some(match Raw::deserialize(deserializer)? {
        Raw::Text(text) => text,
        Raw::Whole(number) => number.to_string(),
        Raw::Part(number) => number.to_string(),
    }))
}

/// `[schedule]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleFile {
    /// First possible day of a visit.
    #[serde(deserialize_with = "toml_date")]
    pub first_day: NaiveDate,
    /// `08:30-17:30`.
    pub shift: String,
    /// `12:00-13:30`.
    pub lunch: Option<String>,
    /// Inspectors a visit.
    #[serde(default = "two")]
    pub crew: usize,
    /// Most visits a day and team.
    pub max_visits: Option<u32>,
    /// Length of a check by star.
    pub minutes: BTreeMap<String, u32>,
    /// Working days after the last visit by star.
    pub wrap_up_workdays: BTreeMap<String, u32>,
    /// What a crew's day is worth, in minutes of travel.
    #[serde(default = "eight_hours")]
    pub crew_day_cost_minutes: u32,
    /// Which of equally good days.
    #[serde(default)]
    pub placement: Placement,
    /// Whether nobody checks an enterprise of its own county.
    #[serde(default = "yes")]
    pub cross_county: bool,
    /// Effort of the search; 10 where left out.
    pub effort: Option<u32>,
}

fn two() -> usize {
    2
}

fn eight_hours() -> u32 {
    480
}

fn yes() -> bool {
    true
}

/// `[travel]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TravelFile {
    /// Where travel times come from.
    pub source: TravelSource,
    /// Path of a matrix.
    pub file: Option<String>,
    /// Address of a routing server.
    pub url: Option<String>,
    /// Datum of the tables' coordinates.
    pub datum: Datum,
    /// Parameters of the estimate.
    pub estimate: Estimate,
}

/// Where travel times come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TravelSource {
    /// Computed from coordinates.
    #[default]
    Estimate,
    /// A table measured elsewhere.
    Matrix,
    /// A routing server.
    Osrm,
}

/// `[schedule]`, checked.
#[derive(Debug, Clone)]
pub struct ScheduleSettings {
    /// First possible day of a visit.
    pub first_day: NaiveDate,
    /// Seconds from midnight.
    pub shift: SpanFile,
    /// Seconds from midnight.
    pub lunch: Option<SpanFile>,
    /// Inspectors a visit.
    pub crew: usize,
    /// Most visits a day and team.
    pub max_visits: Option<u32>,
    /// Seconds of a check by star.
    pub service: BTreeMap<u8, i64>,
    /// Working days after the last visit by star.
    pub wrap_up: BTreeMap<u8, u32>,
    /// Cost of a crew's day, seconds of travel.
    pub team_day: i64,
    /// Which of equally good days.
    pub placement: Placement,
    /// Whether nobody checks an enterprise of its own county.
    pub cross_county: bool,
    /// Effort of the search.
    pub effort: u32,
}

/// Why `plan.toml` cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingsError {
    /// Not TOML, or of another shape.
    Malformed {
        /// Row from 1.
        row: usize,
        /// What stands there.
        line: String,
        /// The parser's words.
        why: String,
    },
    /// A field that is needed for what was asked.
    Missing(&'static str),
    /// A value that makes no sense: field of the plan or option of the command line, value, what is expected in Chinese and
    /// English.
    Value(String, String, &'static str, &'static str),
    /// A travel source that this version does not have.
    NoOsrm,
}

impl Say for SettingsError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Malformed { row, line, why } => {
                let line = crate::text::excerpt(line, 60);
                both!(
                    lang,
                    "plan.toml 第{row}行“{line}”无法采用；请对照样例检查字段名、引号（须用半角）和写法（解析提示：{why}）",
                    "plan.toml, row {row}, \"{line}\" cannot be used: {why}; compare it with the example"
                )
            }
            Self::Missing(field) if OPTIONS.contains(field) => both!(
                lang,
                "没有给出 {field}；请写在 plan.toml 中，seal、draw 命令也可用 --{field} 指定",
                "no {field} is given; add --{field} (seal and draw), or {field} in plan.toml"
            ),
            Self::Missing(field) => {
                both!(lang, "plan.toml 缺少 {field}；请补填", "plan.toml lacks {field}; add it")
            }
            Self::Value(option, value, zh, en) if option.starts_with("--") => {
                let value = crate::text::excerpt(value, 40);
                both!(
                    lang,
                    "选项 {option} 的值“{value}”无法采用；应为{zh}",
                    "option {option}: \"{value}\": expected {en}"
                )
            }
            Self::Value(field, value, zh, en) => {
                let value = crate::text::excerpt(value, 40);
                both!(
                    lang,
                    "plan.toml 的 {field} = “{value}”无法采用；应为{zh}",
                    "plan.toml: {field} = \"{value}\": expected {en}"
                )
            }
            Self::NoOsrm => both!(
                lang,
                "暂不支持 travel.source = \"osrm\"；请用 \"estimate\"，或用 \"matrix\" 提供行车时间表",
                "travel.source = \"osrm\" is not supported yet; use \"estimate\", or \"matrix\" with a table"
            ),
        }
    }
}
display_in_english!(SettingsError);
impl std::error::Error for SettingsError {}

/// Fields that can also be given as options.
const OPTIONS: [&str; 3] = ["draw", "seed", "seal"];

/// A share as it stands in a field of the plan or in an option.
///
/// # Errors
/// [`SettingsError::Value`] naming the field or option.
pub fn share(field: &str, text: &str) -> Result<Rate, SettingsError> {
    let (zh, en) = if field.starts_with("--") {
        ("0%至100%的小数加百分号，如 10%", "a decimal with %, such as 10%")
    } else {
        ("加引号的百分数，如 \"10%\"（0%至100%）", "a decimal with %, in quotes, such as \"10%\"")
    };
    Rate::parse(text).map_err(|_| value(field, text, zh, en))
}

fn value(field: &str, value: impl std::fmt::Display, zh: &'static str, en: &'static str) -> SettingsError {
    SettingsError::Value(field.to_owned(), value.to_string(), zh, en)
}

impl PlanFile {
    /// Reads `plan.toml`.
    ///
    /// # Errors
    /// [`SettingsError::Malformed`] with the row.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let text = text.trim_start_matches('\u{feff}');
        toml::from_str(text).map_err(|e| {
            let at = e.span().map_or(0, |span| span.start).min(text.len());
            let row = text.get(..at).unwrap_or("").matches('\n').count();
            let line = text.lines().nth(row).unwrap_or("").trim().to_owned();
            SettingsError::Malformed { row: row + 1, line, why: e.message().replace('\n', " ") }
        })
    }

    /// The rules of sampling.
    ///
    /// # Errors
    /// [`SettingsError`] for a rate that cannot be read.
    pub fn rules(&self, notice: &Notice) -> Result<Rules, SettingsError> {
        let wanted = match &self.sample.rate {
            Some(text) => share("sample.rate", text)?,
            None => share("check.rate", &notice.check.rate)?,
        };
        Ok(Rules {
            rate: wanted,
            scope: self.sample.scope.unwrap_or(Scope::City),
            minimum: self.sample.minimum.unwrap_or(1),
            reserves: share("sample.reserves", self.sample.reserves.as_deref().unwrap_or("20%"))?,
        })
    }

    /// Draw id and seed.
    ///
    /// # Errors
    /// [`SettingsError`] where one is missing; [`SeedError`](crate::draw::SeedError) where one is refused.
    pub fn randomness(&self) -> Result<(DrawId, Seed), Box<dyn Say + Send + Sync>> {
        let draw = self.draw.as_deref().ok_or_else(|| Box::new(SettingsError::Missing("draw")) as Box<_>)?;
        let seed = self.seed.as_deref().ok_or_else(|| Box::new(SettingsError::Missing("seed")) as Box<_>)?;
        Ok((
            DrawId::new(draw).map_err(|e| Box::new(e) as Box<_>)?,
            Seed::new(seed).map_err(|e| Box::new(e) as Box<_>)?,
        ))
    }

    /// `[schedule]`, checked against the stars of the notice.
    ///
    /// # Errors
    /// [`SettingsError`] with the field.
    pub fn schedule(&self, notice: &Notice) -> Result<ScheduleSettings, SettingsError> {
        let file = self.schedule.as_ref().ok_or(SettingsError::Missing("[schedule]"))?;
        let span = |field: &str, text: &str| {
            clean::span(text).map(|(start, end)| SpanFile { start, end }).ok_or_else(|| {
                value(
                    field,
                    text,
                    "起止时间且先早后晚，如08:30-17:30",
                    "a span that ends after it starts, such as 08:30-17:30",
                )
            })
        };
        let by_star = |field: &'static str,
                       map: &BTreeMap<String, u32>,
                       least: u32,
                       most: u32,
                       range: (&'static str, &'static str)| {
            notice
                .stars
                .iter()
                .map(|rule| {
                    let named = format!("{field}.{}", rule.star);
                    let n = map
                        .get(&rule.star.to_string())
                        .copied()
                        .ok_or_else(|| value(&named, "", "每个星级都要给出", "a number for every star"))?;
                    if (least..=most).contains(&n) {
                        Ok((rule.star, n))
                    } else {
                        Err(value(&named, n, range.0, range.1))
                    }
                })
                .collect::<Result<BTreeMap<u8, u32>, _>>()
        };
        for (field, map) in
            [("schedule.minutes", &file.minutes), ("schedule.wrap_up_workdays", &file.wrap_up_workdays)]
        {
            let known = |star: &String| notice.stars.iter().any(|rule| rule.star.to_string() == *star);
            if let Some((star, n)) = map.iter().find(|(star, _)| !known(star)) {
                return Err(value(&format!("{field}.{star}"), n, "通知规定的星级", "a star of the notice"));
            }
        }
        if file.first_day < notice.application_opens {
            return Err(value(
                "schedule.first_day",
                file.first_day,
                "不早于通知规定的申报开始日",
                "no day before applications open under the notice",
            ));
        }
        let shift = span("schedule.shift", &file.shift)?;
        let lunch = file.lunch.as_deref().map(|text| span("schedule.lunch", text)).transpose()?;
        if let (Some(break_), Some(text)) = (&lunch, &file.lunch)
            && (break_.start < shift.start
                || break_.end > shift.end
                || (break_.start, break_.end) == (shift.start, shift.end))
        {
            return Err(value(
                "schedule.lunch",
                text,
                "在工作时间之内且短于工作时间",
                "a span within the shift and shorter than it",
            ));
        }
        let minutes = by_star("schedule.minutes", &file.minutes, 1, 1440, ("1至1440分钟", "1 to 1440 minutes"))?;
        if !(1..=20).contains(&file.crew) {
            return Err(value("schedule.crew", file.crew, "1至20", "1 to 20"));
        }
        if let Some(0) = file.max_visits {
            return Err(value("schedule.max_visits", 0, "至少1", "at least 1"));
        }
        let effort = file.effort.unwrap_or(crate::routing::solve::DEFAULT_EFFORT);
        if effort > crate::routing::solve::MAX_EFFORT {
            return Err(value("schedule.effort", effort, "0至100", "0 to 100"));
        }
        if let Some(fault) = self.travel.estimate.fault() {
            return Err(value("travel.estimate", fault, "合理的参数", "sensible parameters"));
        }
        Ok(ScheduleSettings {
            first_day: file.first_day,
            shift,
            lunch,
            crew: file.crew,
            max_visits: file.max_visits,
            service: minutes.into_iter().map(|(star, n)| (star, i64::from(n) * 60)).collect(),
            wrap_up: by_star(
                "schedule.wrap_up_workdays",
                &file.wrap_up_workdays,
                0,
                250,
                ("0至250个工作日", "0 to 250 working days"),
            )?,
            team_day: i64::from(file.crew_day_cost_minutes) * 60,
            placement: file.placement,
            cross_county: file.cross_county,
            effort,
        })
    }
}
