//! What can be wrong with a problem file, in words.

use super::{MAX_ITEMS, MAX_SLOTS};
use crate::text::{Lang, Say, both, display_in_english, excerpt};

/// A malformed problem: the path of the field and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemError {
    /// Such as `visits[3].service`.
    pub path: String,
    /// What is wrong.
    pub what: ProblemFault,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemFault {
    /// Not JSON, a wrong type, a missing or unknown field: the parser's words.
    Json(String),
    /// Of another format: which one is expected, and what it is.
    Format(&'static str, String),
    /// More items than [`MAX_ITEMS`].
    TooMany(usize),
    /// More teams times days than [`MAX_SLOTS`].
    TooManySlots(usize, usize),
    /// An id that occurs twice.
    Twice(String),
    /// An id that nothing has.
    Unknown(String),
    /// A number outside its range: the number, from, to.
    Range(i64, i64, i64),
    /// End before start.
    Reversed(i64, i64),
    /// A list of the wrong length: expected, found.
    Length(usize, usize),
    /// `pinned` without `planned`.
    PinnedUnplanned,
    /// Costs so large that sums overflow.
    Overflow,
}

impl Say for ProblemError {
    fn say(&self, lang: Lang) -> String {
        // What no field leads to: the file as a whole, or where it is no JSON.
        let path = match self.path.as_str() {
            "." | "?" => lang.pick("文件整体", "the file as a whole"),
            path => path,
        };
        let what = match &self.what {
            ProblemFault::Json(why) => both!(lang, "格式不符（{why}）", "{why}"),
            ProblemFault::Format(expected, found) => {
                let found = excerpt(found, 40);
                both!(lang, "格式应为“{expected}”，现为“{found}”", "expected \"{expected}\", found \"{found}\"")
            }
            ProblemFault::TooMany(n) => {
                both!(lang, "共{n}项，超过上限{MAX_ITEMS}", "{n} items, more than {MAX_ITEMS}")
            }
            ProblemFault::TooManySlots(teams, days) => both!(
                lang,
                "{teams}个小组×{days}天，超过上限{MAX_SLOTS}个组日",
                "{teams} teams × {days} days is more than {MAX_SLOTS} team-days"
            ),
            ProblemFault::Twice(id) => {
                let id = excerpt(id, 40);
                both!(lang, "“{id}”重复出现", "\"{id}\" occurs twice")
            }
            ProblemFault::Unknown(id) => {
                let id = excerpt(id, 40);
                both!(lang, "没有“{id}”", "there is no \"{id}\"")
            }
            ProblemFault::Range(n, from, to) => {
                both!(lang, "{n}超出范围{from}至{to}", "{n} is outside {from} to {to}")
            }
            ProblemFault::Reversed(from, to) => {
                both!(lang, "结束{to}不晚于开始{from}", "the end {to} is not after the start {from}")
            }
            ProblemFault::Length(expected, found) => {
                both!(lang, "应有{expected}项，现有{found}项", "expected {expected} items, found {found}")
            }
            ProblemFault::PinnedUnplanned => {
                both!(lang, "固定的核查必须给出planned", "a pinned visit needs \"planned\"")
            }
            ProblemFault::Overflow => {
                both!(lang, "成本过大，合计会溢出", "costs so large that their sum overflows")
            }
        };
        both!(lang, "{path}：{what}", "{path}: {what}")
    }
}
display_in_english!(ProblemError);
impl std::error::Error for ProblemError {}
