//! The list of those to check: how each came onto it, and who has left it since.
//!
//! A list stays true to the draw: whoever was drawn stands on it for good, and whoever takes its place stands there as what
//! it is, a reserve.

use std::borrow::Cow;

use super::view::View;
use crate::draw::DrawnLine;
use crate::frame::CreditCode;
use crate::text::{Lang, both};

/// How an enterprise came to be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen {
    /// The lot selected it.
    Lot,
    /// It must be inspected.
    Targeted,
    /// It was a reserve, and its turn came.
    Called,
    /// It was added after the draw.
    Added,
}

impl Chosen {
    /// For people.
    #[must_use]
    pub fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::Lot => lang.pick("随机抽取", "selected by lot"),
            Self::Targeted => lang.pick("必查", "targeted"),
            Self::Called => lang.pick("递补", "reserve called"),
            Self::Added => lang.pick("增加核查", "added"),
        }
    }

    /// The same where most are selected by lot, and only what is special needs a word.
    #[must_use]
    pub fn special(self, lang: Lang) -> Option<&'static str> {
        (self != Self::Lot).then(|| self.word(lang))
    }

    /// Whether it is checked outside the lot.
    #[must_use]
    pub fn beside_the_lot(self) -> bool {
        matches!(self, Self::Targeted | Self::Added)
    }
}

/// How an enterprise left the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Whether it did not belong to the applicants drawn from; else it could not be checked.
    pub ineligible: bool,
    /// The reserve that was called in its place.
    pub follower: Option<String>,
}

/// An enterprise of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<'a> {
    /// Credit code.
    pub code: CreditCode,
    /// Name.
    pub name: Cow<'a, str>,
    /// Star.
    pub star: u8,
    /// County.
    pub county: Cow<'a, str>,
    /// Ticket, hex.
    pub ticket: String,
    /// Rank in the stratum; not known of one that the record does not list.
    pub rank: Option<usize>,
    /// How it came onto the list.
    pub chosen: Chosen,
    /// Why it must be inspected.
    pub reason: Option<Cow<'a, str>>,
    /// Whether its turn as a reserve came, too, while it stood on the list already.
    pub turn: bool,
    /// In whose place it was called.
    pub replaces: Option<String>,
    /// How it left.
    pub left: Option<Left>,
}

impl<'a> From<DrawnLine<'a>> for Listed<'a> {
    fn from(line: DrawnLine<'a>) -> Self {
        Self {
            code: line.code,
            name: line.name,
            star: line.star,
            county: line.county,
            ticket: line.ticket,
            rank: Some(line.rank),
            chosen: if line.targeted.is_some() { Chosen::Targeted } else { Chosen::Lot },
            reason: line.targeted,
            turn: false,
            replaces: None,
            left: None,
        }
    }
}

impl Listed<'_> {
    /// What changed since the draw. Nothing personal, and no free text: the list is published.
    #[must_use]
    pub fn change(&self, lang: Lang) -> String {
        let mut said = Vec::new();
        if let Some(name) = &self.replaces {
            said.push(both!(lang, "递补“{name}”", "takes the place of {name}"));
        } else if self.turn {
            said.push(lang.pick("按名次计入递补", "counts as a reserve called, too").to_owned());
        }
        if self.chosen == Chosen::Added {
            said.push(lang.pick("随机抽取之外增加", "outside the lot").to_owned());
        }
        if let Some(left) = &self.left {
            said.push(match (left.ineligible, &left.follower) {
                (true, None) => lang.pick("经核实不具备申报资格，已退出", "found ineligible, has left").to_owned(),
                (true, Some(name)) => both!(
                    lang,
                    "经核实不具备申报资格，已退出，由“{name}”递补",
                    "found ineligible, has left; {name} takes its place"
                ),
                (false, None) => lang.pick("因故无法实施现场核查", "cannot be checked").to_owned(),
                (false, Some(name)) => both!(
                    lang,
                    "因故无法实施现场核查，由“{name}”递补",
                    "cannot be checked; {name} takes its place"
                ),
            });
        }
        said.join(lang.pick("；", "; "))
    }
}

/// How many came onto the list in which way, and how many left.
#[must_use]
pub fn counts(view: &View<'_>) -> String {
    let lang = view.lang;
    let of = |chosen| view.listed.iter().filter(|line| line.chosen == chosen).count();
    let [random, targeted, called, added] = [Chosen::Lot, Chosen::Targeted, Chosen::Called, Chosen::Added].map(of);
    let left = view.listed.iter().filter(|line| line.left.is_some()).count();
    let mut said =
        both!(lang, "随机抽取{random}家，必查{targeted}家", "{random} selected by lot, {targeted} targeted");
    let since = [
        (left, both!(lang, "退出{left}家", "{left} left")),
        (called, both!(lang, "递补{called}家", "{called} reserves called")),
        (added, both!(lang, "增加核查{added}家", "{added} added")),
    ];
    let since: Vec<String> = since.into_iter().filter(|(n, _)| *n > 0).map(|(_, text)| text).collect();
    if !since.is_empty() {
        said += lang.pick("；抽取后", "; since then ");
        said += &since.join(lang.pick("，", ", "));
    }
    said
}
