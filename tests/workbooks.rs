//! Workbooks of several programs, in every dress and disguise, whole and broken.
//!
//! The files in `tables/` hold one list of 30 invented enterprises as Excel's, LibreOffice's, WPS's and Java's libraries
//! write it; `tables/make.py` made them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs;
use std::io::{Read, Write};

use hecha::county::Gazetteer;
use hecha::frame::{self, APPLICANT_FIELDS, Applicant, Frame, Level, Reading};
use hecha::notice::{EMBEDDED, Notice};
use hecha::table::{self, Content, Fault, Format, Source, Table, TableError, TableReader};
use hecha::text::{Lang, Say};
use hecha::travel::Datum;
use support::{expect, folder, json, kept};
use zip::write::SimpleFileOptions;

const WORKBOOKS: [&str; 7] = [
    "excel.xlsx",
    "inline-1904.xlsx",
    "libreoffice.xlsx",
    "java.xls",
    "libreoffice.xls",
    "libreoffice.ods",
    "odfpy.ods",
];

fn bytes(name: &str) -> Vec<u8> {
    fs::read(kept("tables").join(name)).unwrap()
}

fn read(name: &str, bytes: Vec<u8>) -> Result<Table, TableError> {
    table::read(&Source { name: name.to_owned(), bytes, sheet: None }, APPLICANT_FIELDS)
}

/// The frame, and everything about its applicants in its order.
fn frame_of(name: &str) -> (Frame, Vec<Applicant>) {
    frame_in(name, bytes(name))
}

/// The same of a file that is not kept.
fn frame_in(name: &str, bytes: Vec<u8>) -> (Frame, Vec<Applicant>) {
    let tables = [TableReader::open(name, &Content::of_bytes(bytes), None, APPLICANT_FIELDS).unwrap()];
    let gazetteer = Gazetteer::embedded();
    let notice = Notice::parse("x", EMBEDDED[0].1).unwrap();
    let city = gazetteer.city("苏州市").unwrap();
    let how =
        Reading { notice: &notice, gazetteer: &gazetteer, city, county_decides: true, datum: Datum::default() };
    let frame = frame::read(&tables, how, None).unwrap();
    let all: Vec<usize> = (0..frame.len()).collect();
    let applicants = frame::details(&tables, how, &frame, &all).unwrap();
    (frame, applicants)
}

#[test]
fn one_list_in_every_dress_gives_one_sample() {
    let dir = folder();
    let write = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
    let plain = String::from_utf8(bytes("list.csv")).unwrap();
    let (head, rows) = plain.split_once('\n').unwrap();
    let dressed = format!(
        "苏州市申报汇总表,,,\r\n\r\n{}\r\n{}\r\n合计,30家,,\r\n制表人：张三,,,\r\n",
        "统一社会信用代码（18位）,企业名称,申报星级,\"所属县\n(市、区)\"",
        rows.lines().rev().collect::<Vec<_>>().join("\r\n")
    );
    write("plain.csv", plain.as_bytes());
    write("bom.csv", format!("\u{feff}{head}\r\n{}", rows.replace('\n', "\r\n")).as_bytes());
    write("gb18030.csv", &encoding_rs::GB18030.encode(&dressed).0);
    let utf16 = dressed.encode_utf16().flat_map(u16::to_le_bytes);
    write("utf16.txt", &[0xFF, 0xFE].into_iter().chain(utf16).collect::<Vec<_>>());
    write("tabs.xls", plain.replace(',', "\t").as_bytes());
    for name in WORKBOOKS {
        write(name, &bytes(name));
    }
    let texts = ["bom.csv", "gb18030.csv", "utf16.txt", "tabs.xls"];
    let draw = |table: &str| {
        let command =
            format!("draw {table} --city 苏州市 --draw a --seed a23456789012 --scope county -o out --force");
        expect(dir.path(), &command, 0);
        json(dir.path().join("out/sample.json"))
    };
    let expected = draw("plain.csv");
    for table in texts.into_iter().chain(WORKBOOKS) {
        let record = draw(table);
        assert_eq!(record["frame"]["digest"], expected["frame"]["digest"], "{table}");
        for key in ["salt", "strata", "selected", "reserves"] {
            assert_eq!(record[key], expected[key], "{table} {key}");
        }
    }
}

#[test]
fn dates_names_and_hidden_rows_are_the_same_in_every_workbook() {
    let details = |a: &Applicant| {
        let d = &a.details;
        (a.code, a.name.clone(), a.star, a.county.clone(), d.in_use_since, d.paid_on, d.in_use)
    };
    let day = |text: &str| text.parse().ok();
    for name in WORKBOOKS {
        let table = read(name, bytes(name)).unwrap();
        // The 1904 one has no blank row and its sheet is hidden, too.
        assert_eq!(table.hidden_rows, [6, 9, 10], "{name}");
        assert_eq!(table.sheet_hidden, name == "inline-1904.xlsx", "{name}");
        let (frame, applicants) = frame_of(name);
        let hidden: Vec<_> = frame.findings.iter().filter(|f| f.what.id() == "hidden-rows").collect();
        assert_eq!(
            (hidden.len(), hidden[0].level, hidden[0].value.as_str()),
            (1, Level::Note, "6, 9-10"),
            "{name}"
        );
        assert!(frame.findings.iter().all(|f| f.level >= Level::Note), "{name}");
        let (_, expected) = frame_of("list.csv");
        assert_eq!(applicants.len(), 30, "{name}");
        for (found, plain) in applicants.iter().zip(&expected) {
            let mut wanted = details(plain);
            (wanted.4, wanted.5, wanted.6) = (day("2021-03-01"), day("2021-06-15"), Some(true));
            assert_eq!(details(found), wanted, "{name}");
        }
    }
}

#[test]
fn hidden_columns_are_read_like_any_other_and_reported() {
    let headers = ["序号", "统一社会信用代码", "企业名称", "申报星级", "所属县区", "内部备注"];
    let row = ["1", "91320583MAC1JJUW8D", "甲公司", "3", "昆山市", "x"];
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, (header, cell)) in (0..).zip(headers.iter().zip(row)) {
        sheet.write(0, column, *header).unwrap();
        sheet.write(1, column, cell).unwrap();
    }
    // The last one is of no account.
    for column in [3, 4, 5] {
        sheet.set_column_hidden(column).unwrap();
    }
    let table = read("a.xlsx", book.save_to_buffer().unwrap()).unwrap();
    let findings = hecha::frame::hidden_findings(&table);
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].what.id(), findings[0].value.as_str()), ("hidden-columns", "申报星级, 所属县区"));
    assert!(findings[0].say(Lang::Zh).contains("有2列被隐藏") && findings[0].say(Lang::En).contains("2 columns"));
    assert_eq!(table.rows[0].text(3), "昆山市");

    // Whether the services are in use stands in a hidden column wherever the program that wrote the file can hide one.
    for name in WORKBOOKS {
        let findings = hecha::frame::hidden_findings(&read(name, bytes(name)).unwrap());
        let hidden: Vec<_> = findings.iter().filter(|f| f.what.id() == "hidden-columns").collect();
        if ["excel.xlsx", "libreoffice.xlsx", "libreoffice.xls", "libreoffice.ods"].contains(&name) {
            assert_eq!(
                (hidden.len(), hidden[0].value.as_str(), hidden[0].level),
                (1, "是否在用", Level::Note),
                "{name}"
            );
        } else {
            assert!(hidden.is_empty(), "{name}");
        }
    }
}

#[test]
fn merged_cells_say_the_same_of_each_of_their_rows() {
    for name in ["merged.xlsx", "merged.xls", "merged.ods"] {
        let table = read(name, bytes(name)).unwrap();
        let counties: Vec<(u32, &str)> = table.rows.iter().map(|row| (row.number, row.text(3))).collect();
        assert_eq!(counties, [(2, "昆山市"), (3, "昆山市"), (6, "昆山市"), (7, "太仓市")], "{name}");
        assert_eq!(table.skipped, [(4, "小计".to_owned())], "{name}");
        let (frame, _) = frame_of(name);
        let merged: Vec<_> = frame.findings.iter().filter(|f| f.what.id() == "merged-cells").collect();
        assert_eq!((merged.len(), merged[0].place.row, merged[0].level), (1, 2, Level::Cleaned), "{name}");
        let said = (merged[0].say(Lang::Zh), merged[0].say(Lang::En));
        assert!(said.0.contains("第2至6行") && said.1.contains("rows 2 to 6"), "{said:?}");
    }
}

/// Range, row and column of every remark on cells merged over several columns.
fn across(table: &Table) -> Vec<(String, u32, String)> {
    let findings = hecha::frame::hidden_findings(table);
    let wide = findings.iter().filter(|f| f.what.id() == "merged-across");
    wide.map(|f| {
        assert_eq!(f.level, Level::Note);
        let (zh, en) = (f.say(Lang::Zh), f.say(Lang::En));
        assert!(zh.contains(&f.value) && zh.contains("请取消合并") && en.contains("split it"), "{zh} {en}");
        let range = zh.split(['：', '是']).find(|part| part.contains(':')).unwrap_or_default().to_owned();
        (range, f.place.row, f.place.column.as_deref().unwrap_or_default().to_owned())
    })
    .collect()
}

#[test]
fn cells_merged_over_several_columns_are_remarked_in_every_format() {
    // The files of the test above, with D2:D6 made C3:D3: star and county of one row.
    let parts: Vec<(String, Vec<u8>)> = unpacked(&bytes("merged.xlsx"))
        .into_iter()
        .map(|(name, part)| match String::from_utf8(part) {
            Ok(text) => (name, text.replace("\"D2:D6\"", "\"C3:D3\"").into_bytes()),
            Err(error) => (name, error.into_bytes()),
        })
        .collect();
    let xlsx = packed(&parts.iter().map(|(name, part)| (name.as_str(), part.as_slice())).collect::<Vec<_>>());
    let mut xls = bytes("merged.xls");
    let area = |numbers: [u16; 4]| numbers.map(u16::to_le_bytes).concat();
    let at = memchr::memmem::find(&xls, &area([1, 5, 3, 3])).unwrap();
    xls[at..at + 8].copy_from_slice(&area([2, 2, 2, 3]));
    let cell = |text: &str| format!("<table:table-cell><text:p>{text}</text:p></table:table-cell>");
    let row = |cells: &str| format!("<table:table-row>{cells}</table:table-row>");
    let ods = ods(&[
        row(&["91320583MAC1JJUW8D", "甲", "3", "昆山市"].map(cell).concat()),
        row(&(["91320581MAJHYR102B", "乙"].map(cell).concat()
            + "<table:table-cell table:number-columns-spanned=\"2\"><text:p>4</text:p></table:table-cell>"
            + "<table:covered-table-cell/>")),
    ]
    .concat());
    for (name, bytes, star) in [("a.xlsx", xlsx, "申报星级"), ("a.xls", xls, "申报星级"), ("a.ods", ods, "star")]
    {
        let table = read(name, bytes).unwrap();
        assert_eq!(across(&table), [("C3:D3".to_owned(), 3, star.to_owned())], "{name}");
        assert_eq!(table.rows[1].text(3), "", "{name}");
    }
}

#[test]
fn a_caption_over_the_whole_width_is_no_applicant_and_a_block_is_remarked_once() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let format = rust_xlsxwriter::Format::new();
    sheet.merge_range(0, 0, 0, 4, "苏州市申报汇总表", &format).unwrap();
    sheet.write_row(1, 0, ["统一社会信用代码", "企业名称", "申报星级", "县区", "备注"]).unwrap();
    sheet.merge_range(2, 0, 2, 4, "一、昆山市", &format).unwrap();
    sheet.write_row(3, 0, ["91320583MAC1JJUW8D", "甲", "3", "昆山市"]).unwrap();
    sheet.write_row(4, 0, ["91320581MAJHYR102B", "乙"]).unwrap();
    sheet.write_row(5, 0, ["91320582MADR54U39J", "丙"]).unwrap();
    sheet.merge_range(4, 2, 5, 3, "同上", &format).unwrap();
    // Over the columns of nothing that is read, or of nothing at all.
    sheet.merge_range(3, 4, 3, 6, "备注若干", &format).unwrap();
    sheet.merge_range(6, 0, 6, 4, "91320507MA1MY0XQ2T 丁公司", &format).unwrap();
    sheet.merge_range(7, 0, 8, 4, "", &format).unwrap();
    sheet.merge_range(9, 0, 11, 4, "其他事项：以上企业均已公示", &format).unwrap();
    let table = read("a.xlsx", book.save_to_buffer().unwrap()).unwrap();
    let skipped = |number, text: &str| (number, text.to_owned());
    assert_eq!(table.skipped, [skipped(3, "一、昆山市"), skipped(10, "其他事项：以上企业均已公示")]);
    assert_eq!(table.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [4, 5, 6, 7]);
    let found = |range: &str, row, column: &str| (range.to_owned(), row, column.to_owned());
    // What may be an enterprise is never taken for a caption.
    assert_eq!(across(&table), [found("A7:E7", 7, "统一社会信用代码"), found("C5:D6", 5, "申报星级")]);
}

#[test]
fn a_list_that_goes_on_in_a_sheet_without_a_header_is_not_lost_in_silence() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let first = book.add_worksheet();
    first.write_row(0, 0, ["统一社会信用代码", "企业名称", "申报星级", "县区"]).unwrap();
    first.write_row(1, 0, ["91320583MAC1JJUW8D", "甲", "3", "昆山市"]).unwrap();
    let second = book.add_worksheet().set_name("续表").unwrap();
    second.write_row(0, 0, ["91320581MAJHYR102B", "乙", "4", "常熟市"]).unwrap();
    second.write_row(1, 0, ["９１３２０５８２ＭＡＤＲ５４Ｕ３９Ｊ", "丙", "4", "太仓市"]).unwrap();
    let third = book.add_worksheet().set_name("说明").unwrap();
    third.write_row(0, 0, ["填表说明", "Information Technology 2022", "0512-12345678-123456789"]).unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let table = read("a.xlsx", bytes.clone()).unwrap();
    assert_eq!(table.rows.len(), 1);
    let findings = hecha::frame::hidden_findings(&table);
    assert_eq!(
        findings.iter().map(|f| (f.what.id(), f.level)).collect::<Vec<_>>(),
        [("sheet-passed-over", Level::Note)]
    );
    let (zh, en) = (findings[0].say(Lang::Zh), findings[0].say(Lang::En));
    assert!(zh.contains("续表") && zh.contains("有2行") && en.contains("2 of its rows"), "{zh} {en}");
    // Whoever chose a sheet knows of the others.
    let source = Source { name: "a.xlsx".into(), bytes, sheet: Some("Sheet1".into()) };
    assert!(table::read(&source, APPLICANT_FIELDS).unwrap().passed_over.is_empty());
}

#[test]
fn headers_in_two_rows_merged_down_are_one_header() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let format = rust_xlsxwriter::Format::new();
    for (column, title) in (0..).zip(["序号", "统一社会信用代码", "企业名称"]) {
        sheet.merge_range(0, column, 1, column, title, &format).unwrap();
    }
    sheet.merge_range(0, 3, 0, 4, "申报情况", &format).unwrap();
    sheet.write_row(1, 3, ["申报星级", "所属县区"]).unwrap();
    sheet.write_row(2, 0, ["1", "91320583MAC1JJUW8D", "甲", "3", "昆山市"]).unwrap();
    let table = read("a.xlsx", book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(
        table.rows.iter().map(|row| (row.number, row.text(1), row.text(3))).collect::<Vec<_>>(),
        [(3, "甲", "昆山市")]
    );
}

#[test]
fn a_sheet_can_be_chosen_and_an_unknown_one_is_named() {
    for name in ["excel.xlsx", "java.xls", "libreoffice.ods"] {
        let of = |sheet: &str| {
            let source = Source { name: name.to_owned(), bytes: bytes(name), sheet: Some(sheet.to_owned()) };
            table::read(&source, APPLICANT_FIELDS)
        };
        assert_eq!(of("申报汇总").unwrap().rows.len(), 30, "{name}");
        assert_eq!(of("空表").unwrap().rows.len(), 0, "{name}");
        let error = of("汇总").unwrap_err();
        assert!(
            matches!(&error, TableError::NoSheet(_, wanted, have) if wanted == "汇总" && have.len() == 3),
            "{error}"
        );
    }
}

/// A ZIP archive of the parts.
fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, body) in parts {
        out.start_file(*name, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated))
            .unwrap();
        out.write_all(body).unwrap();
    }
    out.finish().unwrap().into_inner()
}

const WORKBOOK: &str = r#"<workbook><sheets><sheet name="S" r:id="rId1"/></sheets></workbook>"#;
const RELATIONS: &str = r#"<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
const ROOT: &str = r#"<Relationships><Relationship Id="rId1" Type="x/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const HEADER: &str = r#"<row r="1"><c t="inlineStr"><is><t>code</t></is></c><c t="inlineStr"><is><t>name</t></is></c><c t="inlineStr"><is><t>star</t></is></c><c t="inlineStr"><is><t>county</t></is></c></row>"#;

/// An XLSX with one sheet: what stands before its root, and rows below the header.
fn xlsx(before: &str, rows: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let sheet = format!("{before}<worksheet><sheetData>{HEADER}{rows}</sheetData></worksheet>");
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", ROOT.as_bytes()),
        ("xl/workbook.xml", WORKBOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ];
    parts.extend(more);
    packed(&parts)
}

fn ods(rows: &str) -> Vec<u8> {
    let cell = |text: &str| format!("<table:table-cell><text:p>{text}</text:p></table:table-cell>");
    let header: String = ["code", "name", "star", "county"].map(cell).concat();
    let content = format!(
        "<o xmlns:table='t' xmlns:text='x'><table:table table:name='S'><table:table-row>{header}</table:table-row>{rows}</table:table></o>"
    );
    packed(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", b"<m/>"),
        ("content.xml", content.as_bytes()),
    ])
}

fn fault(name: &str, bytes: Vec<u8>) -> Fault {
    match read(name, bytes).map(|t| t.rows.len()) {
        Err(error @ TableError::BadWorkbook(..)) => {
            assert!(error.say(Lang::Zh).starts_with(name) && error.say(Lang::En).starts_with(name), "{error}");
            let TableError::BadWorkbook(_, fault) = error else { unreachable!() };
            fault
        }
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn workbooks_made_to_harm_are_refused_with_the_reason() {
    let laughs = "<!DOCTYPE l [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;'>]>";
    assert!(matches!(
        fault("laughs", xlsx(laughs, "<row><c t='inlineStr'><is><t>&b;</t></is></c></row>", &[])),
        Fault::Doctype(_)
    ));
    let strings = format!("{laughs}<sst><si><t>&b;</t></si></sst>");
    assert!(matches!(
        fault("strings", xlsx("", "", &[("xl/sharedStrings.xml", strings.as_bytes())])),
        Fault::Doctype(_)
    ));
    // A number of strings that would be reserved at once.
    let lie = b"<sst uniqueCount='99999999999999'><si><t>a</t></si></sst>";
    assert!(matches!(fault("lie", xlsx("", "", &[("xl/sharedStrings.xml", lie)])), Fault::TooMany(..)));
    let hidden = format!("<sst {} uniqueCount ='99999999999999'/>", "x='1' ".repeat(200));
    assert!(matches!(
        fault("far", xlsx("", "", &[("xl/sharedStrings.xml", hidden.as_bytes())])),
        Fault::TooMany(..)
    ));
    // Places beyond 32 bits.
    for place in ["A99999999999", "ZZZZZZZZZZZ1", "A-1"] {
        let cell = format!("<row><c r='{place}'><v>1</v></c></row>");
        assert!(matches!(fault("place", xlsx("", &cell, &[])), Fault::Damaged(..)), "{place}");
    }
    assert!(matches!(fault("row", xlsx("", "<row r='99999999999'/>", &[])), Fault::Damaged(..)));
    for area in ["B5:A6", "A6:B5", "AA1:Z2", "A1:B2:C3"] {
        let sheet = format!("<worksheet><dimension ref='{area}'/><sheetData/></worksheet>");
        let parts: [(&str, &[u8]); 5] = [
            ("[Content_Types].xml", b"<Types/>"),
            ("_rels/.rels", ROOT.as_bytes()),
            ("xl/workbook.xml", WORKBOOK.as_bytes()),
            ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes()),
            ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ];
        assert!(matches!(fault("area", packed(&parts)), Fault::Damaged(..)), "{area}");
    }
    let other = "<?xml version='1.0' encoding='ISO-2022-JP'?>";
    assert!(matches!(fault("encoding", xlsx(other, "", &[])), Fault::Damaged(..)));
    // A font's name of half a megabyte, which every cell format would carry.
    let fonts =
        format!("<styleSheet><fonts><font><name val='{}'/></font></fonts></styleSheet>", "f".repeat(500_000));
    assert!(matches!(fault("fonts", xlsx("", "", &[("xl/styles.xml", fonts.as_bytes())])), Fault::LongToken(_)));
    let cell = format!("<row><c t='inlineStr'><is><t>{}</t></is></c></row>", "x".repeat(1 << 20));
    assert!(matches!(fault("cell", xlsx("", &cell, &[])), Fault::LongToken(_)));
    let rows = "<row/>".repeat(1_100_000);
    assert!(matches!(fault("rows", xlsx("", &rows, &[])), Fault::TooMany(..)));
    let manifest = b"<m:manifest xmlns:m='m'><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>";
    let kind = b"application/vnd.oasis.opendocument.spreadsheet";
    let locked = packed(&[("mimetype", kind), ("META-INF/manifest.xml", manifest), ("content.xml", b"\x01\x02")]);
    assert_eq!(fault("locked", locked), Fault::Encrypted);
    // 17 MB of relations from 17 KB.
    let relations = " ".repeat(17 << 20);
    let bomb = packed(&[("[Content_Types].xml", b"<Types/>"), ("_rels/.rels", relations.as_bytes())]);
    assert!(bomb.len() < 40_000);
    assert!(matches!(fault("bomb", bomb), Fault::Unpacks(..) | Fault::LongToken(_)));
}

#[test]
fn cells_in_opposite_corners_and_repetitions_cost_what_they_hold() {
    let cell = "<table:table-cell><text:p>x</text:p></table:table-cell>";
    let blank = "<table:table-row table:number-rows-repeated='1048576'><table:table-cell table:number-columns-repeated='16384'/></table:table-row>";
    assert_eq!(read("o", ods(&blank.repeat(50))).unwrap().rows.len(), 0);
    let down = "<table:table-row table:number-rows-repeated='1048574'><table:table-cell/></table:table-row>";
    let table = read("o", ods(&format!("{down}<table:table-row>{cell}</table:table-row>"))).unwrap();
    assert_eq!((table.rows.len(), table.rows[0].number), (1, 1_048_576));
    let below = ods(&format!("{blank}<table:table-row>{cell}</table:table-row>"));
    assert_eq!(read("o", below).unwrap_err(), TableError::TooManyCells("o".into()));
    let right = "<table:table-cell table:number-columns-repeated='16383'/>";
    let corner = ods(&format!("<table:table-row>{right}{cell}</table:table-row>"));
    assert_eq!(read("o", corner).unwrap_err(), TableError::TooWide("o".into(), 2));
    let wall = "<table:table-row table:number-rows-repeated='1048576'><table:table-cell table:number-columns-repeated='16384'><text:p>x</text:p></table:table-cell></table:table-row>";
    assert_eq!(read("o", ods(wall)).unwrap_err(), TableError::TooWide("o".into(), 2));
    let wide = format!("<row>{}</row>", "<c><v>1</v></c>".repeat(10_000));
    assert_eq!(read("x", xlsx("", &wide, &[])).unwrap_err(), TableError::TooWide("x".into(), 2));
    let long = format!("<row><c t='inlineStr'><is><t>{}</t></is></c></row>", "x".repeat(40_000));
    assert_eq!(read("x", xlsx("", &long, &[])).unwrap_err(), TableError::LongCell("x".into(), 2));
    // One long string in a hundred thousand cells.
    let strings = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(32_000));
    let many = "<row><c t='s'><v>0</v></c></row>".repeat(100_000);
    let shared = xlsx("", &many, &[("xl/sharedStrings.xml", strings.as_bytes())]);
    assert_eq!(read("x", shared).unwrap_err(), TableError::TooManyCells("x".into()));
}

#[test]
fn a_file_in_disguise_is_named_for_what_it_is() {
    let dir = folder();
    let document = packed(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>")]);
    let binary = packed(&[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.bin", b"\x83\x01\x00")]);
    let inside = packed(&[("list.xlsx", &bytes("excel.xlsx"))]);
    let text = packed(&[("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<o/>")]);
    for (name, bytes, format, words) in [
        (
            "portal.xls",
            b"<html><table><tr><td>code</td></tr></table></html>".to_vec(),
            Format::Html,
            "save it as xlsx",
        ),
        (
            "old.xls",
            b"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>".to_vec(),
            Format::Xml2003,
            "save it as xlsx",
        ),
        ("archive.xls", b"MIME-Version: 1.0\n".to_vec(), Format::WebArchive, "save it as xlsx"),
        ("list.pdf", b"%PDF-1.7\n".to_vec(), Format::Pdf, "spreadsheet"),
        ("list.docx", document, Format::Document, "spreadsheet"),
        ("list.xlsb", binary, Format::Xlsb, "save it as xlsx"),
        ("list.zip", inside, Format::Archive, "unpack"),
        ("list.odt", text, Format::Document, "spreadsheet"),
    ] {
        assert_eq!(fault(name, bytes.clone()), Fault::Other(format), "{name}");
        fs::write(dir.path().join(name), bytes).unwrap();
        let said = expect(dir.path(), &format!("check {name} --city 苏州市"), 2);
        assert!(said.contains(name) && said.contains(words), "{said}");
    }
    // A list with commas is one, whatever its name says.
    assert_eq!(read("list.xlsx", bytes("list.csv")).unwrap().rows.len(), 30);
}

/// The parts of a ZIP archive.
fn unpacked(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|at| {
            let mut part = archive.by_index(at).unwrap();
            let mut body = Vec::new();
            part.read_to_end(&mut body).unwrap();
            (part.name().unwrap().into_owned(), body)
        })
        .collect()
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

/// A few bytes changed, taken out or put in.
fn mutilated(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(out.len().max(1)).min(out.len().saturating_sub(1));
        match dice.below(6) {
            _ if out.is_empty() => {}
            0 => out[at] ^= 1 << dice.below(8),
            1 => out[at] = [0, 0xFF, 0x7F, 0x80][dice.below(4)],
            2 => out[at] = b"<>/\"'&;0129"[dice.below(11)],
            3 => drop(out.drain(at..(at + 1 + dice.below(40)).min(out.len()))),
            4 => {
                let piece = out[at..(at + 1 + dice.below(60)).min(out.len())].to_vec();
                let to = dice.below(out.len());
                out.splice(to..to, piece);
            }
            _ => out.truncate(at + 1),
        }
    }
    out
}

#[test]
fn a_mutilated_workbook_never_panics() {
    // HECHA_FUZZ=100 tries a hundred times as long, with other numbers.
    let rounds: u64 = std::env::var("HECHA_FUZZ").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let mut dice = Dice(45 + rounds);
    let mut tried = 0;
    for name in WORKBOOKS {
        let whole = bytes(name);
        for _ in 0..150 * rounds {
            tried += usize::from(read(name, mutilated(&whole, &mut dice)).is_ok());
        }
        if name.ends_with("xls") {
            continue;
        }
        // Inside the archive, where a checksum would otherwise tell at once.
        let parts = unpacked(&whole);
        for _ in 0..300 * rounds {
            let hit = dice.below(parts.len());
            let changed = mutilated(&parts[hit].1, &mut dice);
            let list: Vec<(&str, &[u8])> = parts
                .iter()
                .enumerate()
                .map(|(at, (n, body))| (n.as_str(), if at == hit { changed.as_slice() } else { body.as_slice() }))
                .collect();
            tried += usize::from(read(name, packed(&list)).is_ok());
        }
    }
    assert!(tried > 100, "some damage does no harm: {tried}");
}

#[test]
fn a_formula_that_was_never_computed_is_named_and_an_empty_result_is_blank() {
    // As openpyxl writes formulas, with and without a tag for the value; as Excel writes a text and an empty text.
    let rows = r#"<row r="2"><c r="A2"><f>E2&amp;F2</f><v></v></c><c r="B2" t="inlineStr"><is><t>甲</t></is></c>
        <c r="C2"><v>3</v></c><c r="D2"><f>G2</f><v/></c></row>
        <row r="3"><c r="A3" t="str"><f>H3</f><v>91320583MAC1JJUW8D</v></c><c r="B3"><f>H4</f></c><c r="C3"><v>4</v></c>
        <c r="D3" t="str"><f>H5</f><v>昆山市</v></c></row>
        <row r="4"><c r="A4" t="str"><f>""</f><v></v></c><c r="D4"><f>VLOOKUP(A4,G:H,2,0)</f><v></v></c></row>"#;
    let book = xlsx("", rows, &[]);
    let (frame, _) = frame_in("a.xlsx", book.clone());
    let found: Vec<_> = frame
        .findings
        .iter()
        .map(|f| (f.what.id(), f.level, f.place.row, f.place.column.as_deref().unwrap_or_default()))
        .collect();
    let id = "uncomputed-formula";
    assert_eq!(
        found,
        [(id, Level::Fatal, 2, "code"), (id, Level::Fatal, 2, "county"), (id, Level::Note, 3, "name")]
    );
    let said = frame.findings.iter().next().unwrap().say(Lang::Zh);
    assert_eq!(
        said,
        "a.xlsx 工作表“S” 第2行“code”列：单元格里是公式，文件中没有它的计算结果；请用Excel或WPS打开该文件，保存后重试"
    );
    // A small table is read whole or not at all.
    assert_eq!(
        read("a.xlsx", book).unwrap_err(),
        TableError::Uncomputed("a.xlsx [S]".into(), 2, "code".into(), 3)
    );
    // Where every formula has its result, nothing is said.
    let rows = r#"<row r="2"><c r="A2" t="str"><f>H3</f><v>91320583MAC1JJUW8D</v></c><c r="B2" t="str"><f>""</f><v></v></c></row>"#;
    assert_eq!(read("a.xlsx", xlsx("", rows, &[])).unwrap().rows.len(), 1);
}
