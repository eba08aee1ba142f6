//! The seal, `hecha-seal/1`: frame and rules fixed and published before the seed is known.
//!
//! A draw under a seal must use the sealed frame and rules, or give a reason for each difference.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::changes::{self, Kind};
use super::record::{ChangeLine, ExcludedLine, FileLine};
use super::{DrawId, Rules, Scope};
use crate::frame::{CreditCode, Entry, Exclusion, Frame};
use crate::table::{Content, Field, Table, clean};
use crate::text::{Lang, Say, both, display_in_english, excerpt};

/// Name of the format.
pub const FORMAT: &str = "hecha-seal/1";

/// `seal.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// [`FORMAT`].
    pub format: String,
    /// Draw id.
    pub draw: String,
    /// Notice id.
    pub notice: String,
    /// City.
    pub city: String,
    /// Rate as given.
    pub rate: String,
    /// Where it holds.
    pub scope: Scope,
    /// Least of every stratum.
    pub minimum: usize,
    /// Share of reserves as given.
    pub reserves: String,
    /// Applicants in the frame.
    pub applicants: usize,
    /// Applicants of each stratum.
    pub strata: Vec<SealedStratum>,
    /// SHA-256 of `frame.csv`.
    pub frame_digest: String,
    /// Must-inspect enterprises, ascending.
    pub must_inspect: Vec<CreditCode>,
    /// Excluded enterprises, ascending.
    pub excluded: Vec<ExcludedLine>,
    /// Where the seed will come from.
    pub seed_source: Option<String>,
    /// The tables.
    pub files: Vec<FileLine>,
}

/// Applicants of one stratum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedStratum {
    /// County under scope `county`.
    pub county: Option<String>,
    /// Star.
    pub star: u8,
    /// N_h.
    pub applicants: usize,
}

/// What a draw or a seal is about.
#[derive(Debug, Clone, Copy)]
pub struct Matter<'a> {
    /// Draw id.
    pub draw: &'a DrawId,
    /// Notice id.
    pub notice: &'a str,
    /// Stars of the notice, ascending.
    pub stars: &'a [u8],
    /// The frame.
    pub frame: &'a Frame,
    /// Rules of sampling.
    pub rules: &'a Rules,
    /// Exclusions, ascending by code.
    pub exclusions: &'a [Exclusion],
}

/// Why a draw does not stand under a seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealError {
    /// Not a seal: the parser's words.
    Malformed(String),
    /// Made for another draw: sealed id, id asked for.
    OtherDraw(String, String),
    /// The frame beside the seal is not the sealed one.
    FrameDigest,
    /// Differences without a reason: what, in both languages.
    Unexplained(Vec<(String, String)>),
    /// Reasons for what does not differ.
    Superfluous(Vec<String>),
    /// A reason that cannot be read: row.
    BadChange(u32),
    /// Two rows of the changes for one code: the first, the second, the code.
    ChangeTwice(u32, u32, String),
    /// Words that say something else than what differs: code, words, and what differs in both languages.
    Contradicted(Vec<(String, String, (String, String))>),
}

impl Say for SealError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Malformed(why) => both!(lang, "封存文件无法读取（{why}）", "the seal cannot be read ({why})"),
            Self::OtherDraw(sealed, asked) => both!(
                lang,
                "封存的抽签编号是{sealed}，本次是{asked}；不能用于本次抽取",
                "the seal is for draw {sealed}, not for {asked}"
            ),
            Self::FrameDigest => both!(
                lang,
                "封存文件旁边的 frame.csv 与封存的指纹不符；请使用封存时生成的原件",
                "frame.csv beside the seal does not have the sealed digest; use the original"
            ),
            Self::Unexplained(all) => {
                let n = all.len();
                let list: Vec<&str> = all.iter().map(|(zh, en)| lang.pick(zh, en)).take(30).collect();
                let list = list.join("\n");
                both!(
                    lang,
                    "与封存内容有{n}处不同而未说明原因；请逐条写入变更表（代码,变更,原因），规则的变更在“代码”列写规则名：\n{list}",
                    "{n} differences from the seal have no reason; give each in the changes (code,change,reason; for a rule its name as code):\n{list}"
                )
            }
            Self::Superfluous(codes) => {
                let list = codes.join(lang.pick("、", ", "));
                both!(
                    lang,
                    "变更表中的{list}与封存内容并无不同；请删去",
                    "the changes explain {list}, which do not differ from the seal; delete them"
                )
            }
            Self::BadChange(row) => both!(
                lang,
                "变更表第{row}行：代码和原因都要填写",
                "changes, row {row}: both code and reason are needed"
            ),
            Self::ChangeTwice(first, row, code) => {
                let code = excerpt(code, 40);
                both!(
                    lang,
                    "变更表第{row}行：{code}在第{first}行已经写过；同一代码的变更和原因请合写在一行",
                    "changes, row {row}: {code} stands in row {first} already; put change and reason of a code into one row"
                )
            }
            Self::Contradicted(all) => {
                let line = |(code, words, (zh, en)): &(String, String, (String, String))| {
                    let words = excerpt(words, 40);
                    both!(
                        lang,
                        "变更表中{code}写的是“{words}”，实际变化却是——{zh}；请核对后更正",
                        "the changes say \"{words}\" of {code}, but what differs is: {en}; correct it"
                    )
                };
                all.iter().take(30).map(line).collect::<Vec<_>>().join("\n")
            }
        }
    }
}
display_in_english!(SealError);
impl std::error::Error for SealError {}

/// The columns of the changes.
pub const CHANGE_FIELDS: &[Field] = &[
    Field { key: "code", needed: true, headers: &["代码", "统一社会信用代码", "信用代码"] },
    Field { key: "change", needed: true, headers: &["变更", "变更内容"] },
    Field { key: "reason", needed: true, headers: &["原因", "变更原因", "理由"] },
];

/// Reads the changes.
///
/// # Errors
/// [`SealError::BadChange`] with the first row that lacks code or reason, [`SealError::ChangeTwice`].
pub fn read_changes(table: &Table) -> Result<Vec<ChangeLine>, SealError> {
    let mut rows: BTreeMap<String, u32> = BTreeMap::new();
    table
        .rows
        .iter()
        .map(|row| {
            let code = clean::squeeze(row.text(0));
            let code = CreditCode::parse(&code).map_or(code, |(code, _)| code.to_string());
            let (change, reason) = (clean::tidy(row.text(1)), clean::tidy(row.text(2)));
            if code.is_empty() || reason.is_empty() {
                return Err(SealError::BadChange(row.number));
            }
            if let Some(first) = rows.insert(code.clone(), row.number) {
                return Err(SealError::ChangeTwice(first, row.number, code));
            }
            Ok(ChangeLine { code: Some(code), change, reason })
        })
        .collect()
}

impl Seal {
    /// Seals frame and rules.
    #[must_use]
    pub fn new(matter: Matter<'_>, seed_source: Option<&str>, files: &[FileLine]) -> Self {
        let Matter { frame, rules, .. } = matter;
        let mut strata: BTreeMap<(Option<String>, u8), usize> = BTreeMap::new();
        if rules.scope == Scope::City {
            strata.extend(matter.stars.iter().map(|star| ((None, *star), 0)));
        }
        let mut counts: BTreeMap<(Option<&str>, u8), usize> = BTreeMap::new();
        for entry in frame.iter() {
            let county = (rules.scope == Scope::County).then_some(entry.county());
            *counts.entry((county, entry.star())).or_insert(0) += 1;
        }
        for ((county, star), n) in counts {
            *strata.entry((county.map(str::to_owned), star)).or_insert(0) += n;
        }
        Self {
            format: FORMAT.to_owned(),
            draw: matter.draw.as_str().to_owned(),
            notice: matter.notice.to_owned(),
            city: frame.city.clone(),
            rate: rules.rate.to_string(),
            scope: rules.scope,
            minimum: rules.minimum,
            reserves: rules.reserves.to_string(),
            applicants: frame.len(),
            strata: strata
                .into_iter()
                .map(|((county, star), applicants)| SealedStratum { county, star, applicants })
                .collect(),
            frame_digest: frame.digest(),
            must_inspect: frame.iter().filter(Entry::must_inspect).map(|a| a.code()).collect(),
            excluded: matter
                .exclusions
                .iter()
                .map(|e| ExcludedLine { code: e.code, reason: e.reason.clone() })
                .collect(),
            seed_source: seed_source.map(str::to_owned),
            files: files.to_vec(),
        }
    }

    /// Pretty-printed JSON with a final line break.
    ///
    /// # Panics
    /// Never: a seal has string keys only.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("string keys") + "\n"
    }

    /// Reads `seal.json`.
    ///
    /// # Errors
    /// [`SealError::Malformed`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, SealError> {
        let seal: Self = serde_json::from_slice(bytes).map_err(|e| SealError::Malformed(e.to_string()))?;
        if seal.format == FORMAT { Ok(seal) } else { Err(SealError::Malformed(excerpt(&seal.format, 40))) }
    }

    /// Refuses a draw that differs from this seal without a reason. `sealed_frame` is the `frame.csv` beside the seal.
    ///
    /// # Errors
    /// [`SealError`], with every difference that is not explained.
    pub fn admit(
        &self,
        matter: Matter<'_>,
        seed_source: Option<&str>,
        sealed_frame: &Content,
        changes: &[ChangeLine],
    ) -> Result<(), SealError> {
        if self.draw != matter.draw.as_str() {
            return Err(SealError::OtherDraw(self.draw.clone(), matter.draw.as_str().to_owned()));
        }
        if sealed_frame.sha256() != self.frame_digest {
            return Err(SealError::FrameDigest);
        }
        let now = Self::new(matter, seed_source, &[]);
        // Most draws are made from the very frame that was sealed: then there is nothing to compare line by line.
        let differences = if now.frame_digest == self.frame_digest {
            self.differences(&now, &[], &[])
        } else {
            let sealed = sealed_frame.bytes().map_err(|e| SealError::Malformed(e.to_string()))?;
            self.differences(&now, &sealed, &matter.frame.to_csv())
        };
        let explained: BTreeSet<&str> = changes.iter().filter_map(|c| c.code.as_deref()).collect();
        let unexplained: Vec<(String, String)> = differences
            .iter()
            .filter(|(key, _)| !explained.contains(key.as_str()))
            .flat_map(|(_, difference)| difference.texts.clone())
            .collect();
        if !unexplained.is_empty() {
            return Err(SealError::Unexplained(unexplained));
        }
        let superfluous: Vec<String> =
            explained.into_iter().filter(|key| !differences.contains_key(*key)).map(str::to_owned).collect();
        if !superfluous.is_empty() {
            return Err(SealError::Superfluous(superfluous));
        }
        let contradicted: Vec<_> = changes
            .iter()
            .filter_map(|line| {
                let code = line.code.as_ref()?;
                let Difference { kinds, texts } = differences.get(code)?;
                let texts = || texts.iter().cloned().reduce(|a, b| (a.0 + "；" + &b.0, a.1 + "; " + &b.1));
                changes::contradict(&line.change, kinds)
                    .then(|| Some((code.clone(), line.change.clone(), texts()?)))?
            })
            .collect();
        if contradicted.is_empty() { Ok(()) } else { Err(SealError::Contradicted(contradicted)) }
    }

    /// What differs, by rule name or credit code.
    fn differences(&self, now: &Self, sealed: &[u8], current: &[u8]) -> BTreeMap<String, Difference> {
        let mut out: BTreeMap<String, Difference> = BTreeMap::new();
        let scope = |s: Scope| if s == Scope::City { "city" } else { "county" };
        let minimum = (self.minimum.to_string(), now.minimum.to_string());
        let none = String::new();
        let (source, source_now) =
            (self.seed_source.as_ref().unwrap_or(&none), now.seed_source.as_ref().unwrap_or(&none));
        for (rule, before, after) in [
            ("notice", self.notice.as_str(), now.notice.as_str()),
            ("city", &self.city, &now.city),
            ("rate", &self.rate, &now.rate),
            ("scope", scope(self.scope), scope(now.scope)),
            ("minimum", &minimum.0, &minimum.1),
            ("reserves", &self.reserves, &now.reserves),
            ("seed_source", source, source_now),
        ] {
            if before != after {
                let text = (
                    format!("规则 {rule}：封存为“{before}”，现为“{after}”"),
                    format!("rule {rule}: sealed \"{before}\", now \"{after}\""),
                );
                let difference = out.entry(rule.to_owned()).or_default();
                difference.kinds.insert(Kind::Rule);
                difference.texts.push(text);
            }
        }
        let excluded = |list: &[ExcludedLine]| -> BTreeMap<String, String> {
            list.iter().map(|l| (l.code.to_string(), l.reason.clone())).collect()
        };
        let must = |list: &[CreditCode]| -> BTreeMap<String, String> {
            list.iter().map(|code| (code.to_string(), "✓".to_owned())).collect()
        };
        for (kind, zh, en, before, after) in [
            (None, "抽样框", "frame", lines(sealed), lines(current)),
            (Some(Kind::Excluded), "排除", "excluded", excluded(&self.excluded), excluded(&now.excluded)),
            (Some(Kind::Must), "必查", "must inspect", must(&self.must_inspect), must(&now.must_inspect)),
        ] {
            let codes: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for code in codes.into_iter().filter(|code| before.get(*code) != after.get(*code)) {
                let show =
                    |side: &BTreeMap<String, String>| side.get(code).map_or("—".to_owned(), |v| excerpt(v, 40));
                let (was, is) = (show(&before), show(&after));
                let text = (
                    format!("{code} {zh}：封存为“{was}”，现为“{is}”"),
                    format!("{code} {en}: sealed \"{was}\", now \"{is}\""),
                );
                let line = |side: &BTreeMap<String, String>| side.get(code).cloned();
                let difference = out.entry(code.clone()).or_default();
                difference.kinds.extend(match kind {
                    Some(kind) => [kind].into(),
                    None => changes::of_lines(line(&before).as_deref(), line(&after).as_deref()),
                });
                difference.texts.push(text);
            }
        }
        out
    }
}

/// What differs for one rule or code: its kinds, and how that is said in both languages.
#[derive(Debug, Default)]
struct Difference {
    kinds: BTreeSet<Kind>,
    texts: Vec<(String, String)>,
}

/// The lines of a frame by code.
fn lines(frame: &[u8]) -> BTreeMap<String, String> {
    String::from_utf8_lossy(frame)
        .lines()
        .filter_map(|line| line.split_once(','))
        .map(|(code, rest)| (code.to_owned(), rest.to_owned()))
        .collect()
}
