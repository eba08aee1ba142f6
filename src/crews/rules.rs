//! Who may go where: the rules of a crew, apart from the lot.

use chrono::NaiveDate;

use crate::frame::CreditCode;
use crate::roster::Inspector;

/// What a route asks of its crew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task<'a> {
    /// Day.
    pub day: NaiveDate,
    /// Team id.
    pub team: &'a str,
    /// Base that the team leaves from.
    pub base: &'a str,
    /// Whether the crew needs an expert.
    pub expert: bool,
    /// The enterprises with their counties, in the order of the route.
    pub visits: Vec<(CreditCode, &'a str)>,
}

/// What the plan asks of every crew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Inspectors of a crew, at least 2.
    pub crew: usize,
    /// Whether nobody checks an enterprise of the own county.
    pub cross_county: bool,
}

/// Why an inspector may not go on a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bar {
    /// Leaves from another base.
    OtherBase,
    /// Not there that day.
    Away,
    /// The enterprise lies in the own county.
    OwnCounty(CreditCode),
    /// Recused from the enterprise.
    Recused(CreditCode),
}

impl Rules {
    /// Why an inspector may not go on a route; `None` if it may.
    #[must_use]
    pub fn bar(&self, inspector: &Inspector, task: &Task<'_>) -> Option<Bar> {
        if inspector.base != task.base {
            return Some(Bar::OtherBase);
        }
        if inspector.unavailable.contains(&task.day) {
            return Some(Bar::Away);
        }
        task.visits.iter().find_map(|(code, county)| {
            if inspector.recuse.contains(code) {
                Some(Bar::Recused(*code))
            } else if self.cross_county && inspector.county.as_deref() == Some(*county) {
                Some(Bar::OwnCounty(*code))
            } else {
                None
            }
        })
    }
}
