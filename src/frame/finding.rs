//! What was noticed in the tables: a result, not an error.
//!
//! A finding never silently removes an applicant. Only [`Level::Fatal`] ones stop a draw.

use serde::Serialize;

use super::code::CodeError;
use super::{CreditCode, eligibility::Broken};
use crate::notice::{Clause, Notice};
use crate::table::Place;
use crate::text::{Detail, Lang, Say, both, excerpt};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The draw would be wrong: it is refused.
    Fatal,
    /// An applicant breaks a rule of the notice.
    Broken,
    /// Worth knowing.
    Note,
    /// A cell was cleaned without doubt about its meaning.
    Cleaned,
}

impl Level {
    /// All, the heaviest first.
    pub const ALL: [Self; 4] = [Self::Fatal, Self::Broken, Self::Note, Self::Cleaned];

    /// A stable English name, for `--json`.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Fatal => "fatal",
            Self::Broken => "broken",
            Self::Note => "note",
            Self::Cleaned => "cleaned",
        }
    }
}

/// One thing noticed.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What was noticed.
    pub what: What,
    /// Whether it stops a draw.
    pub level: Level,
    /// Where.
    pub place: Place,
    /// The applicant, where its code could be read.
    pub code: Option<CreditCode>,
    /// The cell as written.
    pub value: String,
}

/// The kinds of findings.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// No credit code in the cell.
    Code(CodeError),
    /// The code had spaces, full-width or lower-case letters.
    CodeCleaned,
    /// The last character is not the check character.
    CheckCharacter,
    /// The code was given out in another province.
    OtherProvince,
    /// Another row has the same code: that row.
    Duplicate(Box<Place>),
    /// Not a star of the notice: the stars it knows.
    Star(Vec<u8>),
    /// No county or zone of the city.
    County,
    /// A county of other cities of the province: which cities.
    CountyElsewhere(Vec<String>),
    /// The city column names another city than this one.
    OtherCity(String),
    /// The county was written otherwise: its full name.
    CountyCleaned(String),
    /// No name.
    NameMissing,
    /// A formula that failed, where what the cell was to say decides about the draw.
    FailedFormula,
    /// A formula whose result the file does not have.
    Uncomputed,
    /// A cell that cannot be read and was left out: what was expected, zh and en.
    Unreadable(&'static str, &'static str),
    /// A row that is a total or a repeated header.
    RowSkipped,
    /// The text was not UTF-8: its encoding.
    Encoding(&'static str),
    /// Rows that the workbook hides, which count like any other: how many. The value lists them.
    HiddenRows(usize),
    /// Columns that the workbook hides, which are read like any other: how many. The value lists their headers.
    HiddenColumns(usize),
    /// Another sheet has no header and was not read, but credit codes: in how many rows. The value is its name.
    SheetPassedOver(usize),
    /// The workbook hides the sheet that was read.
    HiddenSheet,
    /// Merged cells of a column, each of whose rows was given what the first says: last row, and the text.
    Merged(u32),
    /// Cells merged over several columns, which count for the first of them alone: their range, and the text.
    MergedAcross(String),
    /// Longitude and latitude stand in each other's columns and were taken the right way round.
    Swapped,
    /// The point lies outside the city: kilometres to the nearest seat of the city's counties.
    FarAway(u32),
    /// A code that no applicant has.
    UnknownCode,
    /// An inspector without a number.
    InspectorMissing,
    /// An inspector without a name.
    InspectorNameless,
    /// Two inspectors with one number: the other row.
    InspectorTwice(Box<Place>),
    /// A base with two places: the other row.
    BaseMoved(Box<Place>),
    /// A team fixed by hand with members at two bases: a row of the other.
    TeamOfTwoBases(Box<Place>),
    /// A cell that must be readable and is not: what was expected, zh and en.
    Needed(&'static str, &'static str),
    /// An applicant breaks a rule.
    Rule(Broken),
}

impl What {
    /// A stable English name, for `--json`.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Code(_) => "code",
            Self::CodeCleaned => "code-cleaned",
            Self::CheckCharacter => "check-character",
            Self::OtherProvince => "other-province",
            Self::Duplicate(_) => "duplicate",
            Self::Star(_) => "star",
            Self::County => "county",
            Self::CountyElsewhere(_) => "county-elsewhere",
            Self::OtherCity(_) => "city",
            Self::CountyCleaned(_) => "county-cleaned",
            Self::NameMissing => "name-missing",
            Self::FailedFormula => "failed-formula",
            Self::Uncomputed => "uncomputed-formula",
            Self::Unreadable(..) => "unreadable",
            Self::RowSkipped => "row-skipped",
            Self::Encoding(_) => "encoding",
            Self::HiddenRows(_) => "hidden-rows",
            Self::HiddenColumns(_) => "hidden-columns",
            Self::SheetPassedOver(_) => "sheet-passed-over",
            Self::HiddenSheet => "hidden-sheet",
            Self::Merged(_) => "merged-cells",
            Self::MergedAcross(_) => "merged-across",
            Self::Swapped => "coordinates-swapped",
            Self::FarAway(_) => "coordinates-outside",
            Self::UnknownCode => "unknown-code",
            Self::InspectorMissing => "inspector-missing",
            Self::InspectorNameless => "inspector-nameless",
            Self::InspectorTwice(_) => "inspector-twice",
            Self::BaseMoved(_) => "base-moved",
            Self::TeamOfTwoBases(_) => "team-of-two-bases",
            Self::Needed(..) => "needed",
            Self::Rule(broken) => broken.id(),
        }
    }
}

impl Finding {
    /// The clause of the notice that the finding rests on, where it rests on one and the notice quotes it.
    #[must_use]
    pub fn clause<'n>(&self, notice: &'n Notice) -> Option<&'n Clause> {
        let clauses = &notice.clauses;
        let clause = match &self.what {
            What::County | What::OtherProvince => &clauses.registered,
            What::Star(_) => &clauses.star,
            What::Rule(Broken::Ladder(..)) => &clauses.ladder,
            What::Rule(Broken::CloudForm(..)) => &clauses.cloud_form,
            What::Rule(Broken::TooNew(..) | Broken::NotInUse) => &clauses.in_use,
            What::Rule(Broken::PaidOutside(..)) => &clauses.spend,
            _ => &None,
        };
        clause.as_ref()
    }
}

/// A list of stars for people: 3、4、5.
#[must_use]
pub fn star_list(stars: &[u8], lang: Lang) -> String {
    stars.iter().map(ToString::to_string).collect::<Vec<_>>().join(lang.pick("、", ", "))
}

impl Say for Finding {
    fn say(&self, lang: Lang) -> String {
        let place = self.place.say(lang);
        let value = excerpt(&self.value, 40);
        let what = match &self.what {
            What::Code(CodeError::Missing) => both!(
                lang,
                "没有统一社会信用代码；请补填18位代码，或删去此行",
                "no credit code; fill in its 18 characters or delete the row"
            ),
            What::Code(CodeError::StoredAsNumber) => both!(
                lang,
                "代码“{value}”被存成了数字，后几位已丢失；请把该列设为文本格式后重新填写",
                "code \"{value}\" was stored as a number and has lost its last digits; format the column as text and enter it again"
            ),
            What::Code(CodeError::Length(n)) => both!(
                lang,
                "代码“{value}”有{n}位；统一社会信用代码应为18位",
                "code \"{value}\" has {n} characters; a credit code has 18"
            ),
            What::Code(CodeError::Character(c)) => {
                let c = excerpt(&c.to_string(), 1);
                both!(
                    lang,
                    "代码“{value}”含有不允许的字符“{c}”（不用字母I、O、S、V、Z）；请核对营业执照",
                    "code \"{value}\" has the character \"{c}\", which credit codes never use; compare it with the licence"
                )
            }
            What::CodeCleaned => both!(
                lang,
                "代码“{value}”含空格、全角或小写字母，已规整",
                "code \"{value}\" had spaces, full-width or lower-case letters; cleaned"
            ),
            What::CheckCharacter => both!(
                lang,
                "代码“{value}”的校验位不符；个别在用代码确有此情况，请核对营业执照",
                "the check character of code \"{value}\" does not fit; some codes in force fail it, so compare it with the licence"
            ),
            What::OtherProvince => both!(
                lang,
                "代码“{value}”的登记地在省外；是否本省企业以所属县区为准",
                "code \"{value}\" was given out in another province; the county column decides"
            ),
            What::Duplicate(other) => {
                let other = other.say(lang);
                both!(
                    lang,
                    "代码“{value}”与{other}重复；请保留一行",
                    "code \"{value}\" stands in {other} too; keep one of the rows"
                )
            }
            What::Star(stars) if value.is_empty() => {
                let stars = star_list(stars, lang);
                both!(
                    lang,
                    "没有填写申报星级；本次通知有{stars}星，请补填",
                    "no star; fill in which of {stars} stars it applies for"
                )
            }
            What::Star(stars) => {
                let stars = star_list(stars, lang);
                both!(
                    lang,
                    "申报星级“{value}”无法识别；本次通知只有{stars}星",
                    "expected one of {stars} stars, found \"{value}\""
                )
            }
            What::County if value.is_empty() => {
                both!(lang, "没有填写所属县区；请补填全称", "no county; fill in its full name")
            }
            What::County => both!(
                lang,
                "所属县区“{value}”不是本市的县（市、区）或功能区；请改用全称",
                "\"{value}\" is no county or zone of the city; write its full name"
            ),
            What::CountyElsewhere(cities) => {
                let cities = cities.join(lang.pick("或", " or "));
                both!(
                    lang,
                    "所属县区“{value}”属于{cities}，不是本市",
                    "\"{value}\" belongs to {cities}, not to this city"
                )
            }
            What::OtherCity(own) => both!(
                lang,
                "设区市“{value}”不是本次核查的{own}；请核对该企业是否应由本市受理（是否计入以所属县区为准）",
                "city \"{value}\" is not {own}, which is checked here; see whether the applicant belongs here (the county column decides)"
            ),
            What::CountyCleaned(name) => {
                both!(lang, "所属县区“{value}”按“{name}”处理", "county \"{value}\" is taken as {name}")
            }
            What::NameMissing => both!(lang, "没有企业名称", "no name"),
            What::FailedFormula => both!(
                lang,
                "“{value}”是公式出错的结果，看不出原来的内容；请改正公式，或直接填写内容（没有则留空）",
                "\"{value}\" is what a failed formula leaves, and nothing tells what it was to say; mend the formula, or write the value itself (nothing if there is none)"
            ),
            What::Uncomputed => both!(
                lang,
                "单元格里是公式，文件中没有它的计算结果；请用Excel或WPS打开该文件，保存后重试",
                "the cell holds a formula whose result was never computed; open the file in Excel or WPS, save it and try again"
            ),
            What::Unreadable(zh, en) => both!(
                lang,
                "“{value}”无法识别，未采用；应为{zh}",
                "\"{value}\" cannot be read and was left out; expected {en}"
            ),
            What::RowSkipped => both!(
                lang,
                "“{value}”一行是合计、备注或重复表头，已略过",
                "the row \"{value}\" is a total, a note or a repeated header and was skipped"
            ),
            What::Encoding(name) => both!(lang, "文件按{name}编码读取", "the file was read as {name}"),
            What::HiddenRows(n) => {
                // The rows are the message: they are listed as far as a line goes.
                let rows = excerpt(&self.value, 120);
                both!(
                    lang,
                    "有{n}行被隐藏（手工隐藏或筛选），已照常计入：第{rows}行；如不应计入，请删除后重新提交",
                    "{n} rows are hidden, by hand or by a filter, and were counted like any other: {rows}; delete them if they do not belong"
                )
            }
            What::HiddenColumns(n) => {
                let columns = excerpt(&self.value, 120);
                both!(
                    lang,
                    "有{n}列被隐藏，已照常采用：{columns}；如内容有误或已过时，请更正或删除后重新提交",
                    "{n} columns are hidden and were read like any other: {columns}; correct or delete them if they are out of date"
                )
            }
            What::SheetPassedOver(n) => both!(
                lang,
                "另一张工作表“{value}”没有可以识别的表头，没有读取，但其中有{n}行含统一社会信用代码；如果也是申报企业，请并入本表或补上表头",
                "another sheet, \"{value}\", has no header that is known and was not read, but {n} of its rows hold credit codes; if they are applicants, too, move them into this sheet or give it a header"
            ),
            What::HiddenSheet => both!(
                lang,
                "所读的工作表是隐藏的；请核对是否应读这一张，或用 sheet = \"工作表名\" 指定",
                "the sheet that was read is hidden; check that it is the right one, or choose with sheet = \"NAME\""
            ),
            What::Merged(to) => {
                let from = self.place.row;
                both!(
                    lang,
                    "第{from}至{to}行是合并的单元格，各行均按“{value}”处理；如不是这个意思，请取消合并后逐行填写",
                    "rows {from} to {to} are one merged cell, and each was taken to say \"{value}\"; if that is not meant, split the cell and fill in every row"
                )
            }
            What::MergedAcross(range) => both!(
                lang,
                "{range}是跨列合并的单元格，其内容“{value}”只算在第一格，合并进去的其余各格按空白处理；请取消合并后逐格填写",
                "{range} is one cell merged over several columns; \"{value}\" counts for the first of them alone, and the others are taken as blank; split it and fill in every cell"
            ),
            What::Swapped => both!(
                lang,
                "经度和纬度填反了（{value}），已按对调后的位置处理；请更正",
                "longitude and latitude are swapped ({value}); taken the right way round, please correct"
            ),
            What::FarAway(km) => both!(
                lang,
                "经纬度（{value}）不在本市范围内，离最近的县（市、区）驻地约{km}公里；请核对坐标，并核对坐标系设置（datum）",
                "the point ({value}) lies outside the city, some {km} km from the nearest county seat; check the coordinates and the datum set"
            ),
            What::UnknownCode => both!(
                lang,
                "代码“{value}”不在申报企业名单中；请核对",
                "no applicant has the code \"{value}\"; correct or delete it"
            ),
            What::InspectorMissing => {
                both!(lang, "核查人员没有工号；请补填", "an inspector without a number; fill it in")
            }
            What::InspectorNameless => both!(
                lang,
                "核查人员“{value}”没有填写姓名，各项文件中以工号代替；请补填后重新生成",
                "inspector \"{value}\" has no name, so the documents show the number; fill it in and run again"
            ),
            What::InspectorTwice(other) => {
                let other = other.say(lang);
                both!(
                    lang,
                    "工号“{value}”与{other}重复；请更正",
                    "number \"{value}\" stands in {other} too; correct one"
                )
            }
            What::BaseMoved(other) => {
                let other = other.say(lang);
                both!(
                    lang,
                    "驻地“{value}”的经纬度与{other}不一致；请统一",
                    "base \"{value}\" has another place in {other}; make them agree"
                )
            }
            What::TeamOfTwoBases(other) => {
                let other = other.say(lang);
                both!(
                    lang,
                    "小组“{value}”的人员分属两个驻地（另见{other}），不能同车出发；请统一驻地，或改用不同的小组名称",
                    "team \"{value}\" has members at two bases (see {other}), who cannot leave together; give them one base, or two names"
                )
            }
            What::Needed(zh, en) if value.is_empty() => {
                both!(lang, "未填写；应为{zh}，请补填", "nothing here; expected {en}")
            }
            What::Needed(zh, en) => {
                both!(lang, "“{value}”无法识别；应为{zh}，请更正", "\"{value}\" cannot be read; expected {en}")
            }
            What::Rule(broken) => {
                let broken = broken.say(lang);
                both!(lang, "{broken}", "{broken}")
            }
        };
        both!(lang, "{place}：{what}", "{place}: {what}")
    }

    fn details(&self) -> Vec<Detail> {
        vec![Detail {
            kind: self.what.id(),
            file: self.place.file.to_string(),
            sheet: self.place.sheet.as_deref().map(str::to_owned),
            row: (self.place.row > 0).then_some(self.place.row),
            column: self.place.column.as_deref().map(str::to_owned),
            value: Some(self.value.clone()),
            zh: self.say(Lang::Zh),
            en: self.say(Lang::En),
        }]
    }
}
