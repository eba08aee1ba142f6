//! What the notice wants seen on site, for one applicant.
//!
//! Every day, number of months, star and form of cloud comes from the notice.

use chrono::NaiveDate;

use crate::frame::Applicant;
use crate::notice::Notice;
use crate::text::{Lang, Say, both};

/// One thing to see.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// Its name.
    pub(super) subject: String,
    /// What the notice asks.
    pub(super) asks: String,
    /// What the applicant declared.
    pub(super) declared: String,
    /// What is written down: boxes and blanks to fill.
    pub(super) fill: String,
}

/// Everything to see at an applicant, in the order of the notice's rules.
pub(super) fn items(applicant: &Applicant, notice: &Notice, lang: Lang) -> Vec<Item> {
    let mut out = Vec::new();
    let details = &applicant.details;
    let silent = || lang.pick("未申报", "not stated").to_owned();
    if let Some(rule) = notice.star(applicant.star) {
        let (star, held) = (star_name(rule.star, lang), held_stars(&rule.holds, lang));
        out.push(Item {
            subject: lang.pick("星级阶梯", "Ladder of stars").into(),
            asks: both!(lang, "申报{star}的企业应{held}", "An applicant for {star} {held}"),
            declared: match details.held_star {
                None => silent(),
                Some(0) => lang.pick("未获星级", "holds no star").into(),
                Some(n) => lang.pick("已获", "holds ").to_owned() + &star_name(n, lang),
            },
            fill: lang.pick("现持星级：", "Holds now:").into(),
        });
        let admitted: Vec<&str> = rule.cloud_forms.iter().map(|form| form_name(form, lang)).collect();
        let admitted = admitted.join(lang.pick("、", ", "));
        let boxes: Vec<String> =
            all_forms(notice).iter().map(|form| format!("□{}", form_name(form, lang))).collect();
        out.push(Item {
            subject: lang.pick("上云形式", "Form of cloud").into(),
            asks: both!(lang, "{star}可为：{admitted}", "{star}: {admitted}"),
            declared: if details.cloud_form.is_empty() {
                silent()
            } else {
                form_name(&details.cloud_form, lang).to_owned()
            },
            fill: boxes.join(" "),
        });
    }
    let evidence = &notice.evidence;
    let (months, until) = (evidence.use_months, date(evidence.use_until, lang));
    out.push(Item {
        subject: lang.pick("连续使用", "Continuous use").into(),
        asks: both!(
            lang,
            "所申报的每项云服务截至{until}连续使用满{months}个月",
            "Every declared service in continuous use for at least {months} months up to {until}"
        ),
        declared: match details.in_use_since {
            None => silent(),
            Some(day) => {
                let day = date(day, lang);
                both!(lang, "{day}起使用", "in use since {day}")
            }
        },
        fill: lang.pick("起用：　　　年　　月　　日", "In use since:").into(),
    });
    out.push(Item {
        subject: lang.pick("仍在使用", "Still in use").into(),
        asks: lang.pick("核查时所申报的云服务仍在使用", "The declared services are in use at the check").into(),
        declared: match details.in_use {
            None => silent(),
            Some(true) => lang.pick("在用", "in use").into(),
            Some(false) => lang.pick("已停用", "no longer in use").into(),
        },
        fill: lang.pick("查看的服务：", "Services seen:").into(),
    });
    let (from, to) = (date(evidence.paid_from, lang), date(evidence.paid_until, lang));
    out.push(Item {
        subject: lang.pick("上云投入", "Payments").into(),
        asks: both!(lang, "{from}至{to}实际支付的费用", "Payments actually made from {from} to {to}"),
        declared: match details.paid_on {
            None => silent(),
            Some(day) => {
                let day = date(day, lang);
                both!(lang, "{day}付款", "paid on {day}")
            }
        },
        fill: lang.pick("核实金额：　　　　　万元", "Amount proven (CNY 10,000):").into(),
    });
    out.extend(notice.check.see.iter().map(|clause| Item {
        subject: lang.pick("现场查看", "Seen on site").into(),
        asks: clause.say(lang),
        declared: "—".into(),
        fill: lang.pick("查看的业务、设备：", "Seen:").into(),
    }));
    out
}

/// The stars of a rule's `holds`.
fn held_stars(holds: &[u8], lang: Lang) -> String {
    let held: Vec<String> = holds.iter().filter(|n| **n > 0).map(|n| star_name(*n, lang)).collect();
    let held = held.join(lang.pick("或", " or "));
    match (holds.contains(&0), held.is_empty()) {
        (true, true) => both!(lang, "未获星级", "holds no star"),
        (true, false) => both!(lang, "未获星级或已获{held}", "holds no star or {held}"),
        (false, _) => both!(lang, "已获{held}", "holds {held}"),
    }
}

/// The forms of cloud that the notice knows, each once, in its order.
fn all_forms(notice: &Notice) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::new();
    for form in notice.stars.iter().flat_map(|rule| &rule.cloud_forms) {
        if !out.contains(&form.as_str()) {
            out.push(form);
        }
    }
    out
}

/// A form of cloud; those that notices know have English names.
fn form_name(form: &str, lang: Lang) -> &str {
    match (form, lang) {
        ("公有云", Lang::En) => "public cloud",
        ("私有云", Lang::En) => "private cloud",
        ("混合云", Lang::En) => "hybrid cloud",
        _ => form,
    }
}

/// 三星级; 3 stars.
pub(super) fn star_name(star: u8, lang: Lang) -> String {
    match lang {
        Lang::Zh => {
            let digit = "零一二三四五六七八九".chars().nth(usize::from(star));
            digit.map_or_else(|| format!("{star}星级"), |digit| format!("{digit}星级"))
        }
        Lang::En if star == 1 => "1 star".into(),
        Lang::En => format!("{star} stars"),
    }
}

/// 2022年1月31日; 2022-01-31.
pub(super) fn date(day: NaiveDate, lang: Lang) -> String {
    day.format(lang.pick("%Y年%-m月%-d日", "%Y-%m-%d")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::test_support::applicant;

    fn asks(notice: &str, star: u8, lang: Lang) -> String {
        let notice = Notice::parse("x", notice).unwrap();
        let items = items(&applicant("91320583MAC1JJUW8D", star, "昆山市"), &notice, lang);
        let lines: Vec<String> = items.iter().map(|i| format!("{}|{}|{}", i.asks, i.declared, i.fill)).collect();
        lines.join("\n")
    }

    #[test]
    fn what_is_asked_is_what_the_notice_says() {
        let text = crate::notice::EMBEDDED[0].1;
        let three = asks(text, 3, Lang::Zh);
        for said in [
            "申报三星级的企业应未获星级|",
            "三星级可为：公有云|",
            "截至2022年1月31日连续使用满3个月",
            "2021年1月1日至2022年1月31日实际支付",
            "□公有云 □私有云 □混合云",
            "业务或设备",
        ] {
            assert!(three.contains(said), "{said}\n{three}");
        }
        assert!(asks(text, 4, Lang::Zh).contains("应未获星级或已获三星级|"));
        assert!(asks(text, 5, Lang::En).contains("for 5 stars holds 4 stars|not stated"));
        // Another notice asks otherwise.
        let other = text
            .replace("use_months = 3 ", "use_months = 6 ")
            .replace("use_until = 2022-01-31", "use_until = 2023-06-30")
            .replace("cloud_forms = [\"公有云\"]", "cloud_forms = [\"行业云\"]");
        let three = asks(&other, 3, Lang::Zh);
        assert!(three.contains("截至2023年6月30日连续使用满6个月"), "{three}");
        assert!(three.contains("三星级可为：行业云|"), "{three}");
        assert!(three.contains("□行业云 □公有云"), "{three}");
    }

    #[test]
    fn what_was_declared_stands_beside_it() {
        let notice = Notice::parse("x", crate::notice::EMBEDDED[0].1).unwrap();
        let mut applicant = applicant("91320583MAC1JJUW8D", 4, "昆山市");
        applicant.details.held_star = Some(3);
        applicant.details.cloud_form = "私有<云>".into();
        applicant.details.in_use_since = "2021-09-01".parse().ok();
        applicant.details.in_use = Some(false);
        applicant.details.paid_on = "2021-05-06".parse().ok();
        let declared: Vec<String> = items(&applicant, &notice, Lang::Zh).into_iter().map(|i| i.declared).collect();
        assert_eq!(declared, ["已获三星级", "私有<云>", "2021年9月1日起使用", "已停用", "2021年5月6日付款", "—"]);
    }
}
