//! Invented applicants, and a workbook that is as untidy as real ones.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, XlsxError};

use super::{Fate, words};
use crate::county::{City, County};
use crate::frame::check_character;

const CODE_LETTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// One invented applicant.
struct Applicant {
    code: String,
    name: String,
    star: u8,
    county: String,
    address: String,
    contact: String,
    phone: String,
    point: Option<(f64, f64)>,
    held: Option<u8>,
    form: &'static str,
    since: (u16, u8, u8),
    unavailable: String,
    hours: &'static str,
    must: &'static str,
    withdrawn: &'static str,
}

/// All of them.
pub(super) struct Applicants(Vec<Applicant>);

/// An industrial park: its name and centre.
struct Park {
    name: String,
    lon: f64,
    lat: f64,
}

fn parks(county: &County, fate: &mut Fate) -> Vec<Park> {
    (0..=fate.below(3))
        .map(|_| Park {
            name: format!("{}{}", county.name, words::park(fate)),
            lon: county.seat.lon + 0.05 * fate.bell(),
            lat: county.seat.lat + 0.04 * fate.bell(),
        })
        .collect()
}

fn code(city: &City, seen: &mut BTreeSet<String>, fate: &mut Fate) -> String {
    loop {
        let mut body = format!("91{}{:02}MA", &city.code[..4], 1 + fate.below(85));
        for _ in 0..7 {
            body.push(char::from(fate.pick(CODE_LETTERS)));
        }
        body.push(char::from(check_character(body.as_bytes())));
        if seen.insert(body.clone()) {
            return body;
        }
    }
}

impl Applicants {
    pub(super) fn invent(city: &City, n: usize, fate: &mut Fate) -> Self {
        let counties: Vec<(&County, Vec<Park>, usize)> =
            city.counties.iter().map(|c| (c, parks(c, fate), 1 + fate.below(9))).collect();
        let weights: usize = counties.iter().map(|(_, _, w)| w).sum();
        let mut codes = BTreeSet::new();
        let mut names = BTreeSet::new();
        let list = (0..n)
            .map(|i| {
                let mut at = fate.below(weights);
                let (county, parks, _) = counties
                    .iter()
                    .find(|(_, _, w)| {
                        let here = at < *w;
                        at = at.saturating_sub(*w);
                        here
                    })
                    .unwrap_or(&counties[0]);
                let star = match fate.below(100) {
                    0..70 => 3,
                    70..92 => 4,
                    _ => 5,
                };
                let mut name = words::enterprise(&city.name, fate);
                while !names.insert(name.clone()) {
                    let _ = write!(name, "{}", i + 1);
                }
                let (site, point) = if fate.chance(75) {
                    let park = &parks[fate.below(parks.len())];
                    let point = (park.lon + 0.006 * fate.bell(), park.lat + 0.005 * fate.bell());
                    (park.name.clone(), point)
                } else {
                    let seat = county.seat;
                    let point = (seat.lon + 0.07 * fate.bell(), seat.lat + 0.06 * fate.bell());
                    (county.name.clone(), point)
                };
                let round = |degrees: f64| (degrees * 1e6).round() / 1e6;
                let untidy = i % 103 == 41;
                Applicant {
                    code: code(city, &mut codes, fate),
                    name,
                    star,
                    county: county.name.clone(),
                    address: format!("{}{site}{}{}号（虚构）", city.name, words::road(fate), 1 + fate.below(299)),
                    contact: words::person(fate),
                    phone: format!("000-0000{:04}", fate.below(10_000)),
                    point: (!fate.chance(3)).then(|| (round(point.0), round(point.1))),
                    held: match star {
                        _ if untidy => Some(star),
                        3 => None,
                        4 => fate.chance(60).then_some(3),
                        _ => Some(4),
                    },
                    form: if star == 3 {
                        "公有云"
                    } else {
                        fate.pick(&["公有云", "私有云", "混合云"])
                    },
                    since: (2020 + fate.below(2) as u16, 1 + fate.below(10) as u8, 1 + fate.below(28) as u8),
                    unavailable: if fate.chance(8) { words::days_off(fate) } else { String::new() },
                    hours: if fate.chance(10) {
                        fate.pick(&["上午", "下午", "09:00-11:30", "13:30-16:00"])
                    } else {
                        ""
                    },
                    must: if i % 197 == 29 {
                        "上年度抽查发现问题，本年必查（虚构）"
                    } else {
                        ""
                    },
                    withdrawn: if i % 205 == 77 { "企业申请撤回" } else { "" },
                }
            })
            .collect();
        Self(list)
    }

    pub(super) fn any_code(&self, fate: &mut Fate) -> String {
        self.0[fate.below(self.0.len())].code.clone()
    }

    /// One enterprise in two hundred may not be drawn.
    pub(super) fn exclusions(&self) -> String {
        let mut out = String::from("\u{feff}统一社会信用代码,原因\r\n");
        let drawable =
            |(i, a): &(usize, &Applicant)| i % 211 == 150 && a.must.is_empty() && a.withdrawn.is_empty();
        for (_, applicant) in self.0.iter().enumerate().filter(drawable) {
            let _ = write!(out, "{},上月已由省厅现场核查（虚构）\r\n", applicant.code);
        }
        out
    }

    /// The workbook of a clerk in a hurry: a merged title, headers with line breaks, mixed ways of writing.
    ///
    /// # Panics
    /// Never with the sizes that the command line allows.
    pub(super) fn workbook(&self, city: &City, fate: &mut Fate) -> Vec<u8> {
        self.try_workbook(city, fate).expect("the sheet is far below Excel's limits")
    }

    fn try_workbook(&self, city: &City, fate: &mut Fate) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        // A fixed date: the same example has the same bytes.
        let created = ExcelDateTime::from_ymd(2022, 3, 1)?;
        book.set_properties(&DocProperties::new().set_title("虚构样例").set_creation_datetime(&created));
        let title = Format::new().set_bold().set_font_size(16).set_align(FormatAlign::Center);
        let bold = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Center);
        let text = Format::new().set_num_format("@");
        let date = Format::new().set_num_format("yyyy-mm-dd");
        let guide = book.add_worksheet().set_name("填报说明")?;
        guide.write(0, 0, "本工作簿为虚构样例，企业、人员、地址、电话均为虚构。")?;
        let sheet = book.add_worksheet().set_name("申报汇总")?;
        let headers = [
            "序号",
            "企业名称",
            "统一社会信用代码\n（18位）",
            "申报\n星级",
            "所属县(市、区)",
            "企业地址",
            "联系人",
            "联系电话",
            "经度",
            "纬度",
            "已评定星级",
            "上云形式",
            "上云时间",
            "是否在用",
            "不便日期",
            "接待时段",
            "必查原因",
            "撤回",
        ];
        let last = headers.len() as u16 - 1;
        sheet.merge_range(
            0,
            0,
            0,
            last,
            &format!("{}2022年第一批星级上云企业申报汇总表（虚构样例）", city.name),
            &title,
        )?;
        for (column, header) in (0..).zip(headers) {
            sheet.write_with_format(1, column, header, &bold)?;
        }
        sheet.set_column_width(1, 34)?.set_column_width(2, 22)?.set_column_width(5, 44)?;
        sheet.set_freeze_panes(2, 2)?;
        for (row, applicant) in (2..).zip(&self.0) {
            sheet.write(row, 0, row - 1)?;
            sheet.write(row, 1, &applicant.name)?;
            sheet.write_with_format(row, 2, untidy_code(&applicant.code, fate), &text)?;
            match fate.below(10) {
                0..7 => sheet.write(row, 3, applicant.star)?,
                7 => sheet.write(row, 3, "★".repeat(usize::from(applicant.star)))?,
                8 => sheet.write(row, 3, format!("{}星", applicant.star))?,
                _ => {
                    sheet.write(row, 3, format!("{}星级", ["三", "四", "五"][usize::from(applicant.star) - 3]))?
                }
            };
            sheet.write(row, 4, untidy_county(&applicant.county, fate))?;
            sheet.write(row, 5, &applicant.address)?;
            sheet.write(row, 6, &applicant.contact)?;
            sheet.write(row, 7, &applicant.phone)?;
            if let Some((lon, lat)) = applicant.point {
                sheet.write(row, 8, lon)?;
                sheet.write(row, 9, lat)?;
            }
            match applicant.held {
                Some(star) => {
                    sheet.write(row, 10, format!("{}星级", ["三", "四", "五"][usize::from(star) - 3]))?
                }
                None => sheet.write(row, 10, fate.pick(&["", "无"]))?,
            };
            sheet.write(row, 11, applicant.form)?;
            let (year, month, day) = applicant.since;
            match fate.below(3) {
                0 => sheet.write_with_format(row, 12, ExcelDateTime::from_ymd(year, month, day)?, &date)?,
                1 => sheet.write(row, 12, format!("{year}.{month}.{day}"))?,
                _ => sheet.write(row, 12, format!("{year}年{month}月{day}日"))?,
            };
            sheet.write(row, 13, "是")?;
            for (column, value) in [
                (14, applicant.unavailable.as_str()),
                (15, applicant.hours),
                (16, applicant.must),
                (17, applicant.withdrawn),
            ] {
                if !value.is_empty() {
                    sheet.write(row, column, value)?;
                }
            }
        }
        let end = self.0.len() as u32 + 2;
        sheet.write(end, 0, "合计")?;
        sheet.write(end, 1, format!("共{}家", self.0.len()))?;
        book.save_to_buffer()
    }
}

fn untidy_code(code: &str, fate: &mut Fate) -> String {
    match fate.below(40) {
        0 => format!("{} {}", &code[..8], &code[8..]),
        1 => code.to_lowercase(),
        2 => code.chars().map(|c| char::from_u32(c as u32 + 0xFEE0).unwrap_or(c)).collect(),
        3 => format!("{code}\n"),
        _ => code.to_owned(),
    }
}

fn untidy_county(county: &str, fate: &mut Fate) -> String {
    match (fate.below(12), county) {
        (0..4, "虎丘区") => "苏州高新区".to_owned(),
        (0, _) if county.chars().count() > 2 && !county.ends_with("新区") => {
            county.trim_end_matches(['区', '县', '市']).to_owned()
        }
        _ => county.to_owned(),
    }
}
