//! What can be wrong with a schedule, in words.

use crate::routing::Seconds;
use crate::routing::schedule::Reason;
use crate::text::{Lang, Say, both};

/// One thing that is wrong with a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where: `routes[3]`, a visit's id, `cost`.
    pub place: String,
    /// What.
    pub what: Fault,
}

/// The kinds of violations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Made for another problem file.
    ProblemDigest,
    /// A team that the problem does not have.
    UnknownTeam(String),
    /// A day that the problem does not have.
    UnknownDay(String),
    /// A visit that the problem does not have.
    UnknownVisit(String),
    /// A route without visits.
    EmptyRoute,
    /// A second route of the team that day.
    SecondRoute,
    /// Routes are not sorted by day and team.
    Order,
    /// The team does not work that day.
    TeamOff,
    /// The visit is impossible that day.
    VisitOff(String),
    /// The day is after the visit's deadline.
    Late(String),
    /// The team lacks a skill.
    Skill(String, String),
    /// The visit avoids the team.
    Avoided(String),
    /// More visits than the team may make.
    TooManyVisits(usize, usize),
    /// The visit fits no window, shift and lunch considered, at the time it is reached.
    NoTime(String),
    /// Back after the end of the shift.
    BackLate(Seconds),
    /// A stated time or sum differs: field, stated, computed.
    Differs(String, i64, i64),
    /// Stands twice.
    Twice,
    /// Stands nowhere.
    Missing,
    /// Pinned, but not on its planned day with its planned team.
    Pinned(String),
    /// Could stand on a better day with a team that is idle then: team and day.
    Misplaced(String, String),
    /// Listed as left out for another reason than the computed one.
    Reason(Reason, Reason),
}

impl Say for Violation {
    fn say(&self, lang: Lang) -> String {
        let place = &self.place;
        let what = match &self.what {
            Fault::ProblemDigest => {
                both!(lang, "不是为这份问题文件排的", "was made for another problem file")
            }
            Fault::UnknownTeam(id) => both!(lang, "没有小组“{id}”", "there is no team \"{id}\""),
            Fault::UnknownDay(day) => both!(lang, "{day}不在可核查日期内", "{day} is not among the days"),
            Fault::UnknownVisit(id) => both!(lang, "没有核查对象“{id}”", "there is no visit \"{id}\""),
            Fault::EmptyRoute => both!(lang, "路线为空", "the route is empty"),
            Fault::SecondRoute => both!(lang, "同一小组一天有两条路线", "a second route of the team that day"),
            Fault::Order => both!(lang, "路线未按日期、小组排序", "routes are not sorted by day and team"),
            Fault::TeamOff => both!(lang, "该小组当天不出勤", "the team does not work that day"),
            Fault::VisitOff(id) => both!(lang, "{id}当天不便接待", "visit {id} is impossible that day"),
            Fault::Late(id) => both!(lang, "{id}安排在截止日之后", "visit {id} is after its deadline"),
            Fault::Skill(id, skill) => {
                both!(lang, "{id}需要“{skill}”，该小组没有", "visit {id} needs \"{skill}\", which the team lacks")
            }
            Fault::Avoided(id) => both!(lang, "{id}须回避该小组", "visit {id} avoids the team"),
            Fault::TooManyVisits(n, most) => {
                both!(lang, "一天{n}家，超过上限{most}家", "{n} visits, more than {most}")
            }
            Fault::NoTime(id) => {
                both!(lang, "{id}到达后已没有可用时段", "visit {id} fits no window when it is reached")
            }
            Fault::BackLate(t) => {
                let t = crate::text::clock(*t);
                both!(lang, "{t}才返回，晚于下班时间", "back at {t}, after the shift")
            }
            Fault::Differs(field, stated, computed) => {
                both!(
                    lang,
                    "{field}写为{stated}，重算为{computed}",
                    "{field} is stated as {stated}, computed as {computed}"
                )
            }
            Fault::Twice => both!(lang, "重复出现", "stands twice"),
            Fault::Missing => {
                both!(lang, "既未排入路线也未列为未安排", "stands neither in a route nor in unscheduled")
            }
            Fault::Pinned(id) => {
                both!(
                    lang,
                    "{id}已固定，却不在原定日期和小组",
                    "visit {id} is pinned but not on its planned day and team"
                )
            }
            Fault::Misplaced(team, day) => both!(
                lang,
                "可以改排在更合适的{day}，由当天空闲的{team}承担，成本不变",
                "could stand on {day}, a better day, with {team}, which is idle then, at the same cost"
            ),
            Fault::Reason(stated, computed) => {
                // As the file has it.
                let word = |reason: &Reason| serde_json::to_string(reason).unwrap_or_default();
                let (stated, computed) = (word(stated), word(computed));
                both!(
                    lang,
                    "未安排的原因写为{stated}，重算为{computed}",
                    "left out for {stated}, computed {computed}"
                )
            }
        };
        both!(lang, "{place}：{what}", "{place}: {what}")
    }
}
