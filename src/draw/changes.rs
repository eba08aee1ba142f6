//! What a change from the seal is, and what the words of a clerk say that it is.

use std::collections::BTreeSet;

/// A kind of difference between a seal and a draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// The code was not in the sealed frame.
    Added,
    /// The code is no longer in the frame.
    Removed,
    /// Another star.
    Star,
    /// Another county.
    County,
    /// Excluded now, no longer, or for another reason.
    Excluded,
    /// Must be inspected now, or no longer.
    Must,
    /// A rule of the draw.
    Rule,
}

/// Words by which a clerk names a kind.
const WORDS: [(Kind, &[&str]); 6] = [
    (Kind::Added, &["新增", "增加", "增补", "补报", "补录", "新申报", "added", "add", "new"]),
    (
        Kind::Removed,
        &[
            "撤回",
            "撤销",
            "退出",
            "移出",
            "移除",
            "删除",
            "删去",
            "减少",
            "注销",
            "withdrawn",
            "withdrew",
            "withdrawal",
            "removed",
            "deleted",
        ],
    ),
    (Kind::Star, &["星级", "等级", "星", "star", "stars"]),
    (Kind::County, &["县区", "区县", "县（市、区）", "县(市、区)", "所属地区", "county", "district"]),
    (Kind::Excluded, &["排除", "不参加抽取", "excluded", "exclusion"]),
    (Kind::Must, &["必查", "must inspect", "must-inspect", "targeted"]),
];

/// The kinds of frame lines `star,county` before and after.
pub(super) fn of_lines(before: Option<&str>, after: Option<&str>) -> BTreeSet<Kind> {
    let (Some(before), Some(after)) = (before, after) else {
        return [if before.is_none() { Kind::Added } else { Kind::Removed }].into();
    };
    let part = |line: &str| line.split_once(',').map(|(star, county)| (star.to_owned(), county.to_owned()));
    match (part(before), part(after)) {
        (Some(a), Some(b)) => {
            let kinds = [(Kind::Star, a.0 != b.0), (Kind::County, a.1 != b.1)];
            kinds.into_iter().filter(|(_, differs)| *differs).map(|(kind, _)| kind).collect()
        }
        _ => BTreeSet::new(),
    }
}

/// Whether the words name kinds, and none of those that the change is. Words that name no kind contradict nothing.
pub(super) fn contradict(words: &str, kinds: &BTreeSet<Kind>) -> bool {
    let lower = words.to_lowercase();
    let latin: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphabetic()).collect();
    let says = |word: &&str| {
        if word.is_ascii() && !word.contains([' ', '-']) { latin.contains(word) } else { lower.contains(*word) }
    };
    let named: BTreeSet<Kind> =
        WORDS.iter().filter(|(_, words)| words.iter().any(says)).map(|(kind, _)| *kind).collect();
    !named.is_empty() && !kinds.contains(&Kind::Rule) && named.is_disjoint(kinds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_contradict_only_what_they_name_otherwise() {
        let (added, removed) = (of_lines(None, Some("3,昆山市")), of_lines(Some("3,昆山市"), None));
        let star = of_lines(Some("3,昆山市"), Some("4,昆山市"));
        let both = of_lines(Some("3,昆山市"), Some("4,太仓市"));
        for (words, kinds, wrong) in [
            ("新增", &added, false),
            ("新增", &removed, true),
            ("added", &removed, true),
            ("address", &removed, false),
            ("企业撤回申报", &removed, false),
            ("撤回", &star, true),
            ("星级由3改为4", &star, false),
            ("county", &star, true),
            ("县区更正", &both, false),
            ("", &both, false),
            ("更正", &both, false),
            ("取消必查", &[Kind::Must].into(), false),
            ("减少", &[Kind::Rule].into(), false),
        ] {
            assert_eq!(contradict(words, kinds), wrong, "{words} {kinds:?}");
        }
    }
}
