//! `changes.csv`: how a revision differs from the plan before, as people want it: moved from, to.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::clock;
use super::people::{csv_for_people, words};
use crate::text::Lang;

/// What became of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// It is another day's.
    Moved,
    /// The day stays, the crew is another.
    Changed,
    /// It was in no plan before.
    New,
    /// It is in no plan any more.
    Dropped,
    /// It should be in the plan and did not fit.
    Unscheduled,
}

impl Became {
    /// For people.
    #[must_use]
    pub fn word(self, lang: Lang) -> &'static str {
        let (zh, en) = match self {
            Self::Moved => ("改期", "moved"),
            Self::Changed => ("换人", "other crew"),
            Self::New => ("新增", "new"),
            Self::Dropped => ("取消", "dropped"),
            Self::Unscheduled => ("未排入", "not scheduled"),
        };
        if lang == Lang::Zh { zh } else { en }
    }
}

/// When and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct When {
    /// Day.
    pub day: NaiveDate,
    /// Team.
    pub team: String,
    /// Start, seconds from midnight.
    pub start: i64,
    /// Ids of the crew.
    pub crew: Vec<String>,
}

/// One line of the difference between two plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The enterprise.
    pub code: String,
    /// What became of it.
    pub became: Became,
    /// Before.
    pub before: Option<When>,
    /// Now.
    pub now: Option<When>,
}

/// The file. Names are looked up by code and by inspector's id.
#[must_use]
pub fn changes_csv(
    differences: &[Difference],
    enterprises: &BTreeMap<String, String>,
    inspectors: &BTreeMap<String, String>,
    lang: Lang,
) -> Vec<u8> {
    let mut rows = vec![words(
        lang,
        &[
            ("变动", "change"),
            ("企业名称", "enterprise"),
            ("统一社会信用代码", "code"),
            ("原日期", "day before"),
            ("原开始时间", "start before"),
            ("原核查人员", "crew before"),
            ("新日期", "day now"),
            ("新开始时间", "start now"),
            ("新核查人员", "crew now"),
        ],
    )];
    let when = |when: &Option<When>| match when {
        None => vec![String::new(); 3],
        Some(when) => {
            let crew = when.crew.iter().map(|id| inspectors.get(id).unwrap_or(id).as_str());
            let crew = crew.collect::<Vec<_>>().join(lang.pick("、", ", "));
            vec![when.day.to_string(), clock::text(when.start), crew]
        }
    };
    for difference in differences {
        let name = enterprises.get(&difference.code).cloned().unwrap_or_default();
        let mut row = vec![difference.became.word(lang).to_owned(), name, difference.code.clone()];
        row.extend(when(&difference.before));
        row.extend(when(&difference.now));
        rows.push(row);
    }
    csv_for_people(&rows)
}
