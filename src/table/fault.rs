//! What is wrong with a workbook that cannot be read, and what a clerk does about it.

use super::Format;
use crate::text::{Lang, Say, both, excerpt};

/// Why a workbook cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Damaged or cut short: the part, and the parser's words.
    Damaged(String, String),
    /// A part is missing.
    Missing(String),
    /// Opens with a password only.
    Encrypted,
    /// Something else under a workbook's name.
    Other(Format),
    /// A part unpacks to more than a limit, in MiB.
    Unpacks(String, u64),
    /// A part has text or a tag longer than any cell.
    LongToken(String),
    /// More of something than any spreadsheet program writes: of what, and the limit.
    TooMany(Many, usize),
    /// A part defines entities, as no spreadsheet program does.
    Doctype(String),
}

/// What a workbook can have too many of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Many {
    /// Files in the archive.
    Parts,
    /// XML tags.
    Tags,
    /// Distinct texts.
    Strings,
    /// Cell formats.
    Formats,
    /// Rows of a sheet, blank ones too.
    Rows,
    /// Cells of a sheet, blank ones too.
    Cells,
}

impl Many {
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Parts => ("内部文件", "parts"),
            Self::Tags => ("内部标记", "XML tags"),
            Self::Strings => ("不同文字", "distinct texts"),
            Self::Formats => ("单元格格式", "cell formats"),
            Self::Rows => ("行（含空行）", "rows, blank ones included"),
            Self::Cells => ("单元格（含空白单元格）", "cells, blank ones included"),
        }
    }
}

impl Fault {
    /// A stable English name, for `--json`.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Damaged(..) | Self::Missing(_) => "damaged-workbook",
            Self::Encrypted => "encrypted-workbook",
            Self::Other(_) => "other-format",
            Self::Unpacks(..) | Self::LongToken(_) | Self::TooMany(..) => "oversized-workbook",
            Self::Doctype(_) => "document-type",
        }
    }
}

impl Say for Fault {
    fn say(&self, lang: Lang) -> String {
        let part = |part: &str| excerpt(part, 60);
        match self {
            Self::Damaged(at, why) => {
                let (at, why) = (part(at), excerpt(why, 120));
                both!(
                    lang,
                    "工作簿已损坏或不完整（{at}：{why}）；请重新获取该文件，或用Excel、WPS打开后另存为xlsx",
                    "the workbook is damaged or incomplete ({at}: {why}); fetch it again, or open it in Excel or WPS and save it as xlsx"
                )
            }
            Self::Missing(at) => {
                let at = part(at);
                both!(
                    lang,
                    "工作簿不完整，缺少“{at}”；请重新获取该文件，或用Excel、WPS打开后另存为xlsx",
                    "the workbook is incomplete, \"{at}\" is missing; fetch it again, or open it in Excel or WPS and save it as xlsx"
                )
            }
            Self::Encrypted => both!(
                lang,
                "工作簿设有打开密码；请在Excel或WPS中取消密码后重新保存",
                "the workbook needs a password; remove it in Excel or WPS and save again"
            ),
            Self::Other(format) => {
                let (name, remedy) = (format.name(lang), format.remedy(lang));
                both!(
                    lang,
                    "这个文件实际上是{name}，不是可以读取的表格；{remedy}",
                    "the file is {name}, not a table that can be read; {remedy}"
                )
            }
            Self::Unpacks(at, limit) => {
                let at = part(at);
                both!(
                    lang,
                    "工作簿中的“{at}”解压后超过{limit} MB，不是正常的申报表；请把数据复制到新工作簿，或另存为CSV",
                    "\"{at}\" in the workbook unpacks to more than {limit} MB, which no list of applicants does; copy the data to a new workbook, or save it as CSV"
                )
            }
            Self::LongToken(at) => {
                let at = part(at);
                both!(
                    lang,
                    "工作簿中的“{at}”有超长内容，超出单元格的上限；请把数据复制到新工作簿，或另存为CSV",
                    "\"{at}\" in the workbook has text longer than any cell; copy the data to a new workbook, or save it as CSV"
                )
            }
            Self::TooMany(what, limit) => {
                let (zh, en) = what.names();
                let name = lang.pick(zh, en);
                both!(
                    lang,
                    "工作簿中的{name}超过{limit}个，不是正常的申报表；请把数据复制到新工作簿，或另存为CSV",
                    "the workbook has more than {limit} {name}, which no list of applicants has; copy the data to a new workbook, or save it as CSV"
                )
            }
            Self::Doctype(at) => {
                let at = part(at);
                both!(
                    lang,
                    "工作簿中的“{at}”含有表格软件不会写入的定义（DOCTYPE），可能被人改动过；请用Excel或WPS打开核实后另存为xlsx",
                    "\"{at}\" in the workbook has a document type definition, which no spreadsheet program writes; open it in Excel or WPS, check it and save it as xlsx"
                )
            }
        }
    }
}
