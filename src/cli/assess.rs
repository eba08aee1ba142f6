//! `hecha assess`: what the results say of all applicants.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::args::AssessArgs;
use super::console::Console;
use super::stamp::say_more;
use super::{Answer, Refusal};
use crate::assess::{self, Bound, DEFAULT_WORK, Stratum};
use crate::draw::Rate;
use crate::draw::coverage::coverage;
use crate::followup::journal::Conclusion;
use crate::followup::opened::Opened;
use crate::frame::CreditCode;
use crate::text::{Say, both};

/// Most unfinished checks listed on the screen.
const MOST_SHOWN: usize = 20;

/// A stratum's numbers, and its checks that are not finished.
struct Found {
    star: u8,
    numbers: Stratum,
    lost: usize,
    ineligible: usize,
    unfinished: Vec<CreditCode>,
}

pub(super) fn run(args: &AssessArgs, console: Console) -> Result<Answer, Refusal> {
    let opened = Opened::read(&args.dossier).map_err(|e| Box::new(e) as Refusal)?;
    let found: Vec<Found> = opened.strata.iter().map(|s| found(&opened, s, args.unfinished_fail)).collect();
    let unfinished: Vec<CreditCode> = found.iter().flat_map(|f| f.unfinished.iter().copied()).collect();
    let checked: BTreeSet<CreditCode> =
        opened.state.results.keys().copied().filter(|code| opened.state.done(*code)).collect();
    let read = &opened.drawn.read;
    let rate = Rate::parse(&read.notice.check.rate).map_err(|e| Box::new(e) as Refusal)?;
    let reached = coverage(&read.frame, &checked, &rate, read.notice.check.every_star, read.rules.scope);
    let whole = &reached.shares[0];
    let lang = console.lang;
    let (n, all, required, missing) = (whole.checked, whole.applicants, whole.required, whole.missing);
    console.line(&both!(
        lang,
        "已完成核查{n}家，申报{all}家，按比例应查{required}家，还缺{missing}家",
        "{n} of {all} applicants were checked; the rate demands {required}, {missing} are missing"
    ));
    for share in reached.shares.iter().filter(|s| s.star.is_some() && s.county.is_none()) {
        let (star, n, all) = (share.star.unwrap_or(0), share.checked, share.applicants);
        console.line(&both!(lang, "  {star}星：{n}/{all}家", "  {star} stars: {n} of {all}"));
    }
    let lost: usize = found.iter().map(|f| f.lost).sum();
    if lost > 0 {
        console.line(&both!(
            lang,
            "抽中后无法核查的{lost}家，在推断中按不符合计",
            "{lost} could not be checked after they were drawn; the estimate counts them as non-conforming"
        ));
    }
    let by_star = |star: Option<u8>| {
        let part: Vec<Stratum> =
            found.iter().filter(|f| star.is_none_or(|star| f.star == star)).map(|f| f.numbers).collect();
        assess::bound(&part, DEFAULT_WORK).map_err(|e| Box::new(e) as Refusal)
    };
    let population: u64 = found.iter().map(|f| f.numbers.population).sum();
    let ineligible: usize = found.iter().map(|f| f.ineligible).sum();
    let excluded = (all as u64).saturating_sub(population + ineligible as u64);
    if excluded + ineligible as u64 > 0 {
        console.line(&both!(
            lang,
            "推断的总体为{population}家：申报{all}家，扣除列入排除名单的{excluded}家和查明不属于申报范围的{ineligible}家（核查面仍按{all}家计算）",
            "the estimate is about {population} applicants: {all} less {excluded} excluded from the lot and {ineligible} found ineligible (the coverage is still that of all {all})"
        ));
    }
    let mut bounds: BTreeMap<u8, Bound> = BTreeMap::new();
    let mut overall = None;
    if unfinished.is_empty() || args.unfinished_fail {
        let stars: BTreeSet<u8> = found.iter().filter(|f| f.numbers.population > 0).map(|f| f.star).collect();
        for star in stars {
            let bound = by_star(Some(star))?;
            let (text, x, n) = (bound.say(lang), bound.failed, bound.checked);
            console.line(&both!(
                lang,
                "{star}星：随机抽查{n}家，不符合{x}家；{text}",
                "{star} stars: {x} of the {n} drawn by lot do not conform; {text}"
            ));
            bounds.insert(star, bound);
        }
        let bound = by_star(None)?;
        let (text, x, n) = (bound.say(lang), bound.failed, bound.checked);
        console.line(&both!(
            lang,
            "总体：随机抽查{n}家，不符合{x}家；{text}",
            "all: {x} of the {n} drawn by lot do not conform; {text}"
        ));
        if bounds.len() > 1 {
            console.line(lang.pick(
                "各星级的上限各自成立，不是同时成立；必查企业和递补的备选企业不进入推断",
                "the bounds of the stars hold one at a time, not all at once; targeted enterprises and reserves that filled a quota do not enter",
            ));
        }
        overall = Some(bound);
    } else {
        let n = unfinished.len();
        console.line(&both!(
            lang,
            "还有{n}家随机抽中的企业没有核查结论，暂不作推断；加 --unfinished-fail 则按不符合计",
            "{n} of those drawn by lot have no result yet, so nothing is stated; --unfinished-fail counts them as non-conforming"
        ));
        for code in unfinished.iter().take(MOST_SHOWN) {
            console.line(&format!("  {code} {}", opened.name(*code)));
        }
        say_more(n.saturating_sub(MOST_SHOWN), console);
    }
    console.line(if reached.met {
        lang.pick("结论：核查面符合通知要求", "result: the notice's coverage is met")
    } else {
        lang.pick("结论：核查面尚未达到通知要求", "result: the notice's coverage is not met yet")
    });
    console.result(&json!({
        "coverage": reached, "stars": bounds, "overall": overall, "unfinished": unfinished, "lost": lost,
        "journal": {"lines": opened.journal.lines.len(), "head": opened.journal.head()},
    }));
    Ok(if reached.met && overall.is_some() { Answer::Yes } else { Answer::No })
}

/// The random sample of a stratum: lost ones count as non-conforming, those without a result where that is asked for.
fn found(opened: &Opened, stratum: &crate::followup::state::Stratum, unfinished_fail: bool) -> Found {
    let state = &opened.state;
    let sample = state.quota(stratum).sample;
    let lost = sample.iter().filter(|code| state.lost.contains(code)).count();
    let failed = |code: &&CreditCode| {
        state.results.get(code).is_some_and(|r| r.conclusion == Conclusion::Fail) && !state.lost.contains(code)
    };
    let open = |code: &&CreditCode| !state.lost.contains(code) && !state.done(**code);
    let unfinished: Vec<CreditCode> = sample.iter().filter(open).copied().collect();
    let ineligible = stratum.line.iter().filter(|code| state.ineligible.contains(code)).count();
    let mut x = lost + sample.iter().filter(failed).count();
    if unfinished_fail {
        x += unfinished.len();
    }
    Found {
        star: stratum.star,
        numbers: Stratum {
            population: (stratum.drawable - ineligible) as u64,
            checked: sample.len() as u64,
            failed: x as u64,
        },
        lost,
        ineligible,
        unfinished,
    }
}
