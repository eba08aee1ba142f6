//! What a file is, by its first bytes rather than by its name.
//!
//! Portals hand out HTML tables named `.xls`, and clerks rename what does not open. Such a file is named for what it is,
//! so that the message can say what to do.

use crate::text::{Lang, both};

/// Bytes looked at to tell a text format.
pub(super) const LOOKED_AT: usize = 4096;

/// Formats that a table can come in, or that are mistaken for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A ZIP archive: XLSX, ODS or something else inside.
    Zip,
    /// A compound file: XLS, an encrypted workbook or an old document.
    Compound,
    /// Text with separators, as far as the first bytes tell.
    Text,
    /// A web page with a table in it.
    Html,
    /// A web archive (MHTML).
    WebArchive,
    /// An XML spreadsheet of 2003.
    Xml2003,
    /// Another XML file.
    Xml,
    /// A binary workbook (XLSB).
    Xlsb,
    /// A workbook of Excel 95 or before.
    OldExcel,
    /// A text document.
    Document,
    /// Slides.
    Slides,
    /// An archive with files inside.
    Archive,
    /// A PDF.
    Pdf,
    /// A picture.
    Picture,
    /// A database table (DBF, Access).
    Database,
}

impl Format {
    /// What the first bytes say.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        const MAGIC: &[(&[u8], Format)] = &[
            (b"PK\x03\x04", Format::Zip),
            (b"PK\x05\x06", Format::Archive),
            (b"PK\x07\x08", Format::Archive),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Format::Compound),
            (b"\x09\x00\x04\x00", Format::OldExcel),
            (b"\x09\x02\x06\x00", Format::OldExcel),
            (b"\x09\x04\x06\x00", Format::OldExcel),
            (b"\x09\x08\x08\x00", Format::OldExcel),
            (b"\x09\x08\x10\x00", Format::OldExcel),
            (b"%PDF-", Format::Pdf),
            (b"{\\rtf", Format::Document),
            (b"Rar!\x1A\x07", Format::Archive),
            (b"7z\xBC\xAF\x27\x1C", Format::Archive),
            (b"\x1F\x8B\x08", Format::Archive),
            (b"\x89PNG\r\n", Format::Picture),
            (b"\xFF\xD8\xFF", Format::Picture),
            (b"GIF8", Format::Picture),
            (b"\x00\x01\x00\x00Standard ", Format::Database),
        ];
        MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)).map_or_else(|| text_format(bytes), |(_, f)| *f)
    }

    /// The name of the format for people.
    #[must_use]
    pub fn name(self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::Zip | Self::Archive => ("压缩包", "an archive"),
            Self::Compound => ("旧版Office文件", "an old Office file"),
            Self::Text => ("文本", "text"),
            Self::Html => ("网页（HTML）", "a web page (HTML)"),
            Self::WebArchive => ("网页存档（MHTML）", "a web archive (MHTML)"),
            Self::Xml2003 => ("XML表格2003", "an XML spreadsheet of 2003"),
            Self::Xml => ("XML文件", "an XML file"),
            Self::Xlsb => ("二进制工作簿（XLSB）", "a binary workbook (XLSB)"),
            Self::OldExcel => ("Excel 95或更早的工作簿", "a workbook of Excel 95 or before"),
            Self::Document => ("文字文档", "a text document"),
            Self::Slides => ("演示文稿", "slides"),
            Self::Pdf => ("PDF", "a PDF"),
            Self::Picture => ("图片", "a picture"),
            Self::Database => ("数据库文件", "a database file"),
        };
        lang.pick(zh, en).to_owned()
    }

    /// What a clerk does about it.
    #[must_use]
    pub fn remedy(self, lang: Lang) -> String {
        match self {
            Self::Zip | Self::Archive => {
                both!(lang, "请先解压，再选用里面的表格", "unpack it and give the table inside")
            }
            Self::Document | Self::Slides | Self::Pdf | Self::Picture => both!(
                lang,
                "请把表格录入或复制到Excel、WPS表格中，另存为xlsx",
                "put the table into a spreadsheet and save it as xlsx"
            ),
            _ => both!(
                lang,
                "请用Excel或WPS打开后另存为xlsx（只改文件名后缀不行）",
                "open it in Excel or WPS and save it as xlsx (renaming is not enough)"
            ),
        }
    }
}

/// The kinds of text that are no table with separators.
fn text_format(bytes: &[u8]) -> Format {
    let head = &bytes[..bytes.len().min(LOOKED_AT)];
    // UTF-16 without its zeros, a byte-order mark and space before the first mark do not matter here.
    let plain: String = head
        .iter()
        .filter(|b| **b != 0 && b.is_ascii())
        .map(|b| char::from(b.to_ascii_lowercase()))
        .skip_while(char::is_ascii_whitespace)
        .collect();
    if plain.starts_with("mime-version:") {
        return Format::WebArchive;
    }
    if !plain.starts_with('<') {
        return Format::Text;
    }
    let page = plain.contains("<html") || plain.contains("<!doctype html");
    if plain.contains("urn:schemas-microsoft-com:office:spreadsheet") && !page {
        Format::Xml2003
    } else if plain.starts_with("<?xml") && !page {
        Format::Xml
    } else if ["<html", "<!doctype html", "<table", "<meta", "<head", "<body", "<div", "<style", "<script", "<tr"]
        .iter()
        .any(|tag| plain.contains(tag))
    {
        Format::Html
    } else {
        Format::Text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_by_its_bytes() {
        for (bytes, format) in [
            (&b"PK\x03\x04..."[..], Format::Zip),
            (b"%PDF-1.7", Format::Pdf),
            (b"\xEF\xBB\xBF\r\n<table border=1><tr>", Format::Html),
            (b"<!DOCTYPE HTML PUBLIC>", Format::Html),
            (b"\xFF\xFE<\0h\0t\0m\0l\0>\0", Format::Html),
            (b"<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\">", Format::Html),
            (
                b"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">",
                Format::Xml2003,
            ),
            (b"<?xml version=\"1.0\"?><rows/>", Format::Xml),
            (b"<?xml version=\"1.0\"?><office:document><office:meta><meta:x/>", Format::Xml),
            (b"<?xml version=\"1.0\"?><!DOCTYPE html><html>", Format::Html),
            (b"MIME-Version: 1.0\r\n", Format::WebArchive),
            (b"code,name\n<1>,2", Format::Text),
            (b"", Format::Text),
        ] {
            assert_eq!(Format::of(bytes), format, "{}", String::from_utf8_lossy(bytes));
        }
    }
}
