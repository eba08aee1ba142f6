//! The list to publish: who is checked, the cut-offs, and how anyone checks its own fate.
//!
//! Nothing personal stands in it, and no free text beside the names: neither contacts nor addresses nor the reason why an
//! enterprise was named by hand.

use super::Document;
use super::people::csv_for_people;
use super::view::View;
use crate::draw::Scope;
use crate::text::{Lang, both};

/// One row of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PublicRow {
    /// What the row is.
    pub(super) kind: String,
    /// Enterprise, or nothing.
    pub(super) name: String,
    /// Star, if the row is about one.
    pub(super) star: Option<u8>,
    /// County; of a cut-off the county for which it holds, or the city.
    pub(super) county: String,
    /// Rank in the stratum.
    pub(super) rank: Option<usize>,
    /// Ticket, cut-off or salt.
    pub(super) ticket: String,
    /// Remark.
    pub(super) remark: String,
}

/// Headers in Chinese and English.
pub(super) const HEADERS: [(&str, &str); 7] = [
    ("类别", "kind"),
    ("企业名称", "enterprise"),
    ("申报星级", "star"),
    ("所属县区", "county"),
    ("层内名次", "rank"),
    ("抽签号", "ticket"),
    ("说明", "remark"),
];

/// The rows: the list, cut-offs, then how to check.
pub(super) fn rows(view: &View<'_>) -> Vec<PublicRow> {
    let (lang, record) = (view.lang, view.record);
    let mut out = Vec::new();
    for line in &view.listed {
        out.push(PublicRow {
            kind: line.chosen.word(lang).to_owned(),
            name: line.name.clone().into_owned(),
            star: Some(line.star),
            county: line.county.clone().into_owned(),
            rank: line.rank,
            ticket: line.ticket.clone(),
            remark: line.change(lang),
        });
    }
    for stratum in record.strata.iter().filter(|stratum| stratum.applicants > 0) {
        let (all, drawable, selected) = (stratum.applicants, stratum.drawable, stratum.selected);
        out.push(PublicRow {
            kind: lang.pick("截止抽签号", "cut-off").to_owned(),
            name: String::new(),
            star: Some(stratum.star),
            county: stratum.county.clone().unwrap_or_else(|| record.city.clone()),
            rank: Some(selected).filter(|n| *n > 0),
            ticket: stratum.cutoff.clone().unwrap_or_default(),
            remark: both!(
                lang,
                "申报{all}家，其中{drawable}家参加抽签，抽取{selected}家",
                "{all} applicants, {drawable} of them in the lot, {selected} selected"
            ),
        });
    }
    let how = |remark: String, ticket: String| PublicRow {
        kind: lang.pick("查验方法", "how to check").to_owned(),
        ticket,
        remark,
        ..PublicRow::default()
    };
    let (draw, seed) = (&record.draw, &record.seed);
    let source = match (&record.seed_source, lang) {
        (Some(source), Lang::Zh) => format!("（{source}）"),
        (Some(source), Lang::En) => format!(" ({source})"),
        (None, _) => String::new(),
    };
    out.push(how(
        both!(lang, "抽签编号：{draw}；种子：{seed}{source}", "draw id: {draw}; seed: {seed}{source}"),
        String::new(),
    ));
    let salt = both!(lang, "左列为盐值（64位字符）", "the column to the left holds the salt (64 characters)");
    out.push(how(salt, record.salt.clone()));
    let place = match record.scope {
        Scope::City => lang.pick("同星级", "of its star"),
        Scope::County => lang.pick("同县区、同星级", "of its county and star"),
    };
    out.push(how(
        both!(
            lang,
            "任何企业可自行查验：抽签号＝SHA-256（盐值后接本企业统一社会信用代码），以小写十六进制表示；\
             逐字符比较，不大于{place}截止抽签号的，即被抽中（不参加抽签的除外）。\
             计算命令：printf '%s%s' 盐值 统一社会信用代码 | sha256sum",
            "Any enterprise can check its own fate: ticket = SHA-256 of the salt followed by its unified social credit code, in \
             lower-case hexadecimal digits; whoever took part in the lot and has a ticket not above the cut-off {place} is \
             selected. Command: printf '%s%s' SALT CODE | sha256sum"
        ),
        String::new(),
    ));
    out
}

/// `公示名单.csv`.
pub(super) fn document(view: &View<'_>) -> Document<'static> {
    let lang = view.lang;
    let mut table: Vec<Vec<String>> = vec![HEADERS.iter().map(|(zh, en)| lang.pick(zh, en).to_owned()).collect()];
    for row in rows(view) {
        let number = |n: Option<usize>| n.map(|n| n.to_string()).unwrap_or_default();
        let star = number(row.star.map(usize::from));
        table.push(vec![row.kind, row.name, star, row.county, number(row.rank), row.ticket, row.remark]);
    }
    Document::new(lang.pick("公示名单.csv", "public-list.csv"), csv_for_people(&table))
}
