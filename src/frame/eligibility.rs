//! The notice's rules about who may apply, as findings.

use chrono::{Months, NaiveDate};

use super::Details;
use super::finding::star_list;
use crate::notice::Notice;
use crate::text::{Lang, Say, both};

/// A rule that an applicant breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// Ladder: star applied for, star held (0: none), stars that may be held.
    Ladder(u8, u8, Vec<u8>),
    /// Form of cloud: as written, forms that count for the star.
    CloudForm(String, u8, Vec<String>),
    /// In use too briefly: since, months needed, counted to.
    TooNew(NaiveDate, u32, NaiveDate),
    /// No longer in use.
    NotInUse,
    /// Paid outside the window: day, from, to.
    PaidOutside(NaiveDate, NaiveDate, NaiveDate),
}

impl Broken {
    /// A stable English name, for `--json`.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Ladder(..) => "ladder",
            Self::CloudForm(..) => "cloud-form",
            Self::TooNew(..) => "use-months",
            Self::NotInUse => "in-use",
            Self::PaidOutside(..) => "spend-window",
        }
    }
}

impl Say for Broken {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Ladder(star, 0, _) => {
                both!(lang, "未获星级的企业不能申报{star}星", "holds no star and may not apply for {star}")
            }
            Self::Ladder(star, held, may) => {
                let may: Vec<u8> = may.iter().copied().filter(|m| *m > 0).collect();
                let may = star_list(&may, lang);
                if may.is_empty() {
                    both!(
                        lang,
                        "已获{held}星的企业不能申报{star}星",
                        "holds {held} stars and may not apply for {star}"
                    )
                } else {
                    both!(
                        lang,
                        "已获{held}星的企业不能申报{star}星（须已获{may}星）",
                        "holds {held} stars and may not apply for {star} (which needs {may})"
                    )
                }
            }
            Self::CloudForm(form, star, forms) => {
                let forms = forms.join(lang.pick("、", ", "));
                both!(
                    lang,
                    "上云形式“{form}”不符合{star}星要求（{forms}）",
                    "form of cloud \"{form}\" does not count for {star} stars ({forms} do)"
                )
            }
            Self::TooNew(since, months, until) => both!(
                lang,
                "{since}起使用，至{until}不足{months}个月",
                "in use since {since}, less than {months} months up to {until}"
            ),
            Self::NotInUse => both!(lang, "所申报的上云服务已停用", "the declared services are no longer in use"),
            Self::PaidOutside(day, from, to) => {
                both!(lang, "付款日期{day}不在{from}至{to}之间", "paid on {day}, outside {from} to {to}")
            }
        }
    }
}

/// Everything that an applicant for `star` breaks.
#[must_use]
pub fn broken_rules(star: u8, details: &Details, notice: &Notice) -> Vec<Broken> {
    let mut out = Vec::new();
    let Some(rule) = notice.star(star) else { return out };
    if let Some(held) = details.held_star
        && !rule.holds.contains(&held)
    {
        out.push(Broken::Ladder(star, held, rule.holds.clone()));
    }
    let form = &details.cloud_form;
    // 公有云、私有云: an applicant that uses several may use no other than these.
    let mut forms = form.split(['、', ',', ';', '/', '\\', '+', '和', '及', '与']).filter(|form| !form.is_empty());
    if !forms.all(|form| rule.cloud_forms.iter().any(|known| same_form(known, form))) {
        out.push(Broken::CloudForm(form.clone(), star, rule.cloud_forms.clone()));
    }
    let evidence = &notice.evidence;
    if let Some(since) = details.in_use_since {
        // In use since 31 October counts three full months on 31 January.
        let enough = since
            .checked_add_months(Months::new(evidence.use_months))
            .is_some_and(|full| full <= evidence.use_until);
        if !enough {
            out.push(Broken::TooNew(since, evidence.use_months, evidence.use_until));
        }
    }
    if details.in_use == Some(false) {
        out.push(Broken::NotInUse);
    }
    if let Some(day) = details.paid_on
        && !(evidence.paid_from..=evidence.paid_until).contains(&day)
    {
        out.push(Broken::PaidOutside(day, evidence.paid_from, evidence.paid_until));
    }
    out
}

/// 公有云 is also written 公有 or 公有云服务.
fn same_form(known: &str, written: &str) -> bool {
    let stem = known.strip_suffix('云').unwrap_or(known);
    written.starts_with(stem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Applicant, test_support::applicant};

    fn ids(change: impl FnOnce(&mut Applicant)) -> Vec<&'static str> {
        let notice = Notice::parse("x", crate::notice::EMBEDDED[0].1).unwrap();
        let mut applicant = applicant("91320583MAC1JJUW8D", 3, "昆山市");
        change(&mut applicant);
        broken_rules(applicant.star, &applicant.details, &notice).iter().map(Broken::id).collect()
    }

    #[test]
    fn the_ladder_of_the_notice() {
        for (held, star, fits) in [
            (Some(0), 3, true),
            (Some(0), 4, true),
            (Some(0), 5, false),
            (None, 5, true),
            (Some(3), 3, false),
            (Some(3), 4, true),
            (Some(3), 5, false),
            (Some(4), 4, false),
            (Some(4), 5, true),
            (Some(5), 5, false),
            (Some(4), 3, false),
        ] {
            let broken = ids(|a| (a.details.held_star, a.star) = (held, star));
            assert_eq!(broken.is_empty(), fits, "{held:?} {star}");
        }
    }

    #[test]
    fn cloud_form_use_and_payment() {
        let day = |text: &str| text.parse().ok();
        assert_eq!(ids(|a| a.details.cloud_form = "私有云".into()), ["cloud-form"]);
        assert_eq!(ids(|a| (a.details.cloud_form, a.star) = ("混合云".into(), 4)), [""; 0]);
        for several in ["公有云、私有云", "私有云、公有云", "公有云+私有云", "公有云/混合云", "公有云及私有云"]
        {
            assert_eq!(ids(|a| a.details.cloud_form = several.into()), ["cloud-form"], "{several}");
            assert_eq!(ids(|a| (a.details.cloud_form, a.star) = (several.into(), 4)), [""; 0], "{several}");
        }
        assert_eq!(ids(|a| a.details.cloud_form = "公有云服务、公有".into()), [""; 0]);
        assert_eq!(ids(|a| a.details.in_use_since = day("2021-10-31")), [""; 0]);
        assert_eq!(ids(|a| a.details.in_use_since = day("2021-11-01")), ["use-months"]);
        assert_eq!(ids(|a| a.details.in_use = Some(false)), ["in-use"]);
        assert_eq!(ids(|a| a.details.paid_on = day("2022-02-01")), ["spend-window"]);
        assert_eq!(ids(|a| a.details.paid_on = day("2021-01-01")), [""; 0]);
    }
}
