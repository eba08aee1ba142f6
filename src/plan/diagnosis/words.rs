//! The diagnosis as a clerk reads it.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::binding::{Bind, Binds};
use super::{Both, Diagnosis, Earlier, ExtraDay, Kind, LeftOut, OneLess, TeamDays};
use crate::routing::schedule::Reason;
use crate::text::{Lang, both, excerpt};

/// Most visits named in a list.
const MOST_LISTED: usize = 20;
/// Most days named.
const MOST_DAYS: usize = 12;

pub(super) fn lines(diagnosis: &Diagnosis, lang: Lang) -> Vec<String> {
    let (impossible, curable): (Vec<&LeftOut>, Vec<&LeftOut>) =
        diagnosis.left_out.iter().partition(|l| l.curable_by.is_empty() && !diagnosis.helped_by_both(l));
    let mut out = Vec::new();
    if !impossible.is_empty() {
        let n = impossible.len();
        out.push(both!(
            lang,
            "有{n}家单独也无法核查，增加组日或提前开始都不能解决，须另行处理：",
            "{n} cannot be visited even alone; neither more team-days nor an earlier start helps:"
        ));
        out.extend(named(&impossible, diagnosis.first_day, lang, alone));
    }
    if curable.is_empty() {
        return out;
    }
    let n = curable.len();
    out.push(both!(lang, "有{n}家排不进日程：", "{n} do not fit into the schedule:"));
    out.extend(named(&curable, diagnosis.first_day, lang, beside_others));
    out.push(
        lang.pick("可行的办法（已按此重新试排）：", "what would make them fit (scheduled again to see it):")
            .to_owned(),
    );
    let cures = &diagnosis.cures;
    out.push(match &cures.team_days {
        Some(cure) => format!("  {}{}", team_days(cure, lang), except(diagnosis, Kind::TeamDays, lang)),
        None => no_team_days(diagnosis, lang),
    });
    out.push(match &cures.earlier {
        Some(cure) => format!("  {}{}", earlier(cure, lang), except(diagnosis, Kind::Earlier, lang)),
        None => no_earlier(diagnosis, lang),
    });
    if let Some(cure) = &cures.both {
        out.push(format!("  {}", both(cure, lang)));
    } else if let Some(most) = diagnosis.search.most_extra_teams_with_earlier {
        out.push(no_both(diagnosis, most, lang));
    }
    out.push(
        match (&cures.team_days, &cures.earlier, &cures.both) {
            (None, None, None) => lang.pick(
                "  没有找到办法；请逐家解决上面列出的限制后再排",
                "  no cure was found; lift the conditions named above and plan again",
            ),
            _ => lang.pick(
                "  “未找到”是试排的结果，不等于证明没有；运算量按次数计，结果可以重现",
                "  \"not found\" is what the search came to, not a proof that there is none; work is counted, so the result can be repeated",
            ),
        }
        .to_owned(),
    );
    out
}

fn named(
    list: &[&LeftOut],
    first_day: NaiveDate,
    lang: Lang,
    why: fn(&LeftOut, NaiveDate, Lang) -> String,
) -> Vec<String> {
    let mut out: Vec<String> = list
        .iter()
        .take(MOST_LISTED)
        .map(|line| {
            let (name, id, why) = (excerpt(&line.name, 40), &line.id, why(line, first_day, lang));
            both!(lang, "  {name}（{id}）：{why}", "  {name} ({id}): {why}")
        })
        .collect();
    let more = list.len().saturating_sub(MOST_LISTED);
    if more > 0 {
        out.push(both!(lang, "  ……另有{more}家，见 diagnosis.json", "  … and {more} more, see diagnosis.json"));
    }
    out
}

/// Why a visit is impossible by itself, and what would make it possible.
fn alone(line: &LeftOut, first_day: NaiveDate, lang: Lang) -> String {
    let why = reason(line, first_day, lang);
    // The notice's deadline is the last thing that a city can change.
    let mut binds = line.binds.list().to_vec();
    binds.sort_by_key(|bind| *bind == Bind::Deadline);
    let remedies: Vec<&str> = binds.iter().map(|bind| remedy(*bind, lang)).collect();
    let remedy = match &line.binds {
        Binds::AnyOf(_) => remedies.join(lang.pick("，或", ", or ")),
        Binds::AllOf(list) if list.is_empty() => {
            lang.pick("几方面的条件都要调整", "several conditions must change").to_owned()
        }
        Binds::AllOf(_) => remedies.join(lang.pick("，并且", ", and ")),
    };
    both!(lang, "{why}。解决办法：{remedy}", "{why}. What would help: {remedy}")
}

/// What keeps a visit out that could be made.
fn beside_others(line: &LeftOut, first_day: NaiveDate, lang: Lang) -> String {
    let mut why = reason(line, first_day, lang);
    if line.last_day.is_some_and(|last| last < first_day) {
        return why;
    }
    let terms = line.binds.list().iter().map(|bind| term(*bind, lang)).collect::<Vec<_>>();
    let terms = terms.join(lang.pick("、", ", "));
    match &line.binds {
        Binds::AnyOf(_) => {
            why += &both!(lang, "；放宽任一项即可排入：{terms}", "; there is room without any one of: {terms}");
        }
        Binds::AllOf(list) if !list.is_empty() => {
            why += &both!(lang, "；须同时放宽：{terms}", "; there is room only without both of: {terms}");
        }
        Binds::AllOf(_) => {}
    }
    why
}

fn reason(line: &LeftOut, first_day: NaiveDate, lang: Lang) -> String {
    if let Some(last) = line.last_day.filter(|last| *last < first_day) {
        let (last, first) = (date(last, lang), date(first_day, lang));
        return both!(
            lang,
            "最迟{last}核查，而计划{first}才开始",
            "it must be visited by {last}, and the plan starts on {first}"
        );
    }
    let by = line.last_day.map_or(String::new(), |last| {
        let last = date(last, lang);
        both!(lang, "{last}（含）前", " by {last}")
    });
    match line.reason {
        Reason::Capacity => {
            let (all, used) = (line.team_days.admissible, line.team_days.used);
            both!(
                lang,
                "{by}能去的组日共{all}个，已用{used}个，排不下了",
                "of the {all} team-days{by} that would do, {used} are taken"
            )
        }
        Reason::NoTeam => no_team(&line.binds, lang),
        Reason::NoDay => both!(
            lang,
            "{by}没有企业和小组都方便的工作日",
            "no working day{by} suits both the enterprise and a team"
        ),
        Reason::NoWindow => both!(
            lang,
            "接待时段（扣除午休）容不下一次核查",
            "the check fits into none of its hours, lunch considered"
        ),
        Reason::Unreachable => {
            both!(lang, "路程太远，当日工作时间内不能往返", "too far to go and come back within the working day")
        }
    }
}

/// What takes away the teams that could make a visit.
fn no_team(binds: &Binds, lang: Lang) -> String {
    let takes = |bind: &Bind| {
        let (zh, en) = match bind {
            Bind::Experts => ("须专家带队，而没有可以去的专家", "it needs an expert, and none may go"),
            Bind::Recusal => {
                ("核查人员都须回避（回避企业或本县区企业）", "everybody is recused from it or of its own county")
            }
            Bind::TeamDaysOff => ("核查人员请假", "the inspectors are away"),
            _ => return None,
        };
        Some(lang.pick(zh, en))
    };
    let all: Vec<&str> = binds.list().iter().filter_map(takes).collect();
    let why = match binds {
        // No condition of the visit's own: there is no team, or more than two things take it away.
        _ if all.is_empty() => lang.pick(
            "扣除请假后人员凑不成小组，或同时受请假、专家、回避几方面限制",
            "with absences there are too few inspectors for a team, or absences, the expert needed and recusal leave none",
        ).to_owned(),
        Binds::AnyOf(_) => all.join(lang.pick("；或", ", or ")),
        Binds::AllOf(_) => all.join(lang.pick("；并且", ", and ")),
    };
    both!(lang, "没有可以去的小组：{why}", "there is no team that may make it: {why}")
}

fn term(bind: Bind, lang: Lang) -> &'static str {
    match bind {
        Bind::Deadline => lang.pick("截止日", "the deadline"),
        Bind::Experts => lang.pick("须专家带队", "the need of an expert"),
        Bind::VisitDaysOff => lang.pick("企业不便日期", "the enterprise's days off"),
        Bind::TeamDaysOff => lang.pick("核查人员请假", "the inspectors' days off"),
        Bind::Hours => lang.pick("接待时段", "its hours"),
        Bind::Recusal => lang.pick("回避和不查本县区", "recusal and own county"),
        Bind::MaxVisits => lang.pick("每组每天家数上限", "the most visits a day"),
        Bind::Shift => lang.pick("当日工作时间", "the working day"),
    }
}

fn remedy(bind: Bind, lang: Lang) -> &'static str {
    match bind {
        Bind::Deadline => lang.pick("报请推迟截止日", "a later deadline"),
        Bind::Experts => lang.pick("请专家参加", "an expert"),
        Bind::VisitDaysOff => lang.pick("与企业另约日期", "another day agreed with the enterprise"),
        Bind::TeamDaysOff => lang.pick("调整核查人员的请假", "inspectors who change their days off"),
        Bind::Hours => lang.pick("请企业放宽接待时段", "longer hours of the enterprise"),
        Bind::Recusal => lang.pick(
            "从其他驻地或县区调派无需回避的人员（须专家的含专家）",
            "inspectors of another base or county who need not be recused, with an expert where one is needed",
        ),
        Bind::MaxVisits => lang.pick("提高每组每天家数上限", "more visits a day"),
        Bind::Shift => {
            lang.pick("延长当日工作时间，或从较近的驻地出发", "a longer working day, or a base that is nearer")
        }
    }
}

fn team_days(cure: &TeamDays, lang: Lang) -> String {
    let (n, crew) = (cure.n, cure.crew);
    if n == 0 {
        return both!(
            lang,
            "现有人员够用：再次试排已全部排入；请在 plan.toml 的 [schedule] 中提高 effort 后重排",
            "the teams suffice: another attempt found room for all; raise effort under [schedule] in plan.toml and plan again"
        );
    }
    let (groups, days) = (groups(&cure.days, lang), days_tried(&cure.days, lang));
    let one_less = match cure.one_less {
        OneLess::NotFound { .. } if n == 1 => {
            both!(lang, "不增加则未找到排得下的日程", "without it no fitting schedule was found")
        }
        OneLess::NotFound { ways, .. } if ways == n => {
            both!(lang, "少其中任何1个，未找到排得下的日程", "with any one less no fitting schedule was found")
        }
        OneLess::NotFound { ways, .. } => both!(
            lang,
            "少1个（试了{ways}种少法），未找到排得下的日程",
            "with one less, tried in {ways} ways, no fitting schedule was found"
        ),
        OneLess::NotTried => not_tried(lang),
    };
    both!(
        lang,
        "办法一：再增加{n}个组日（每组{crew}人，不属被查企业所在县区且无需回避）：{groups}；试排日期{days}。{one_less}",
        "more team-days: {n} more ({crew} inspectors each, not of the enterprise's county, not recused): {groups}; tried on {days}; {one_less}"
    )
}

/// How many teams are needed by when, and from where.
fn groups(extra: &[ExtraDay], lang: Lang) -> String {
    let mut groups: BTreeMap<(NaiveDate, &str, bool), usize> = BTreeMap::new();
    for day in extra {
        *groups.entry((day.by, day.base.as_str(), day.expert)).or_insert(0) += 1;
    }
    let groups: Vec<String> = groups
        .iter()
        .map(|((by, base, expert), count)| {
            let (by, base) = (date(*by, lang), excerpt(base, 40));
            let expert = if *expert { lang.pick("，须有专家", ", with an expert") } else { "" };
            both!(lang, "{by}（含）前从{base}出发{count}个{expert}", "{count} from {base} by {by}{expert}")
        })
        .collect();
    groups.join(lang.pick("；", "; "))
}

/// The days on which extra teams were tried.
fn days_tried(extra: &[ExtraDay], lang: Lang) -> String {
    let mut days: Vec<NaiveDate> = extra.iter().map(|day| day.day).collect();
    days.sort_unstable();
    days.dedup();
    let more = if days.len() > MOST_DAYS { "……" } else { "" };
    let days: Vec<String> = days.into_iter().take(MOST_DAYS).map(|day| date(day, lang)).collect();
    days.join(lang.pick("、", ", ")) + more
}

fn not_tried(lang: Lang) -> String {
    both!(lang, "更少是否可行没有试（已中断）", "whether less would do was not tried: the search was stopped")
}

fn earlier(cure: &Earlier, lang: Lang) -> String {
    let (k, less, first) = (cure.workdays, cure.workdays.saturating_sub(1), date(cure.first_day, lang));
    let one_less = match cure.one_less {
        OneLess::NotFound { .. } if less == 0 => {
            both!(lang, "不提前则未找到排得下的日程", "without it no fitting schedule was found")
        }
        OneLess::NotFound { .. } => {
            both!(lang, "只提前{less}个，未找到排得下的日程", "with {less} no fitting schedule was found")
        }
        OneLess::NotTried => not_tried(lang),
    };
    both!(
        lang,
        "办法二：提前{k}个工作日，从{first}起核查。{one_less}",
        "an earlier start: by {k} working days, on {first}; {one_less}"
    )
}

fn both(cure: &Both, lang: Lang) -> String {
    let (k, n, crew, first) = (cure.workdays, cure.n, cure.crew, date(cure.first_day, lang));
    let (groups, days) = (groups(&cure.days, lang), days_tried(&cure.days, lang));
    let later = match (cure.one_workday_less, k.saturating_sub(1)) {
        (OneLess::NotTried, _) => not_tried(lang),
        (OneLess::NotFound { .. }, 0) => {
            both!(lang, "不提前则未找到排得下的日程", "without the earlier start no fitting schedule was found")
        }
        (OneLess::NotFound { .. }, less) => {
            both!(
                lang,
                "只提前{less}个，未找到排得下的日程",
                "with {less} days earlier no fitting schedule was found"
            )
        }
    };
    let fewer = match cure.one_team_day_less {
        OneLess::NotTried => not_tried(lang),
        OneLess::NotFound { ways, .. } if ways == n => {
            both!(lang, "少其中任何1个组日，也未找到", "nor with any one team-day less")
        }
        OneLess::NotFound { ways, .. } => {
            both!(
                lang,
                "少1个组日（试了{ways}种少法），也未找到",
                "nor with one team-day less, tried in {ways} ways"
            )
        }
    };
    both!(
        lang,
        "办法三：两种办法同用，提前{k}个工作日，从{first}起核查，并再增加{n}个组日（每组{crew}人，不属被查企业所在县区且无需回避）：{groups}；试排日期{days}。{later}；{fewer}",
        "both together: start {k} working days earlier, on {first}, with {n} more team-days ({crew} inspectors each, not of the enterprise's county, not recused): {groups}; tried on {days}; {later}; {fewer}"
    )
}

fn no_both(diagnosis: &Diagnosis, most: usize, lang: Lang) -> String {
    if diagnosis.search.cut_short {
        return both!(lang, "  两种办法同用：没有试完", "  both together: not tried to the end");
    }
    both!(
        lang,
        "  两种办法同用：提前到开始申报之日，并且每个驻地每天增加{most}组，仍未找到排得下的日程",
        "  both together: with the earliest start and {most} more teams at every base on every day no fitting schedule was found"
    )
}

/// Visits that this cure does not help although the other one may.
fn except(diagnosis: &Diagnosis, kind: Kind, lang: Lang) -> String {
    let helped = |line: &&LeftOut| !line.curable_by.is_empty() || diagnosis.helped_by_both(line);
    let list: Vec<&str> = diagnosis.beyond(kind).filter(helped).map(|line| line.id.as_str()).collect();
    let n = list.len();
    if n == 0 {
        return String::new();
    }
    let list = list.into_iter().take(3).collect::<Vec<_>>().join(lang.pick("、", ", "));
    both!(lang, "（对其中{n}家无效：{list}）", " (no help for {n} of them: {list})")
}

fn no_team_days(diagnosis: &Diagnosis, lang: Lang) -> String {
    let helps = diagnosis.left_out.iter().any(|line| line.curable_by.contains(&Kind::TeamDays));
    let most = diagnosis.search.most_extra_teams;
    if !helps {
        both!(lang, "  增加组日：不能解决", "  more team-days: no help")
    } else if diagnosis.search.cut_short {
        both!(lang, "  增加组日：没有试完", "  more team-days: not tried to the end")
    } else {
        both!(
            lang,
            "  增加组日：每个驻地每天增加{most}组仍未找到排得下的日程",
            "  more team-days: with {most} more teams at every base on every day no fitting schedule was found"
        )
    }
}

fn no_earlier(diagnosis: &Diagnosis, lang: Lang) -> String {
    let helps = diagnosis.left_out.iter().any(|line| line.curable_by.contains(&Kind::Earlier));
    let (most, opens) = (diagnosis.search.most_workdays_earlier, date(diagnosis.search.application_opens, lang));
    if !helps {
        both!(
            lang,
            "  提前开始：不能解决（最早{opens}，即开始申报之日）",
            "  an earlier start: no help (applications open on {opens})"
        )
    } else if diagnosis.search.cut_short {
        both!(lang, "  提前开始：没有试完", "  an earlier start: not tried to the end")
    } else {
        both!(
            lang,
            "  提前开始：提前{most}个工作日（{opens}开始申报，不能再早）仍未找到排得下的日程",
            "  an earlier start: with {most} working days (applications open on {opens}) no fitting schedule was found"
        )
    }
}

fn date(day: NaiveDate, lang: Lang) -> String {
    let (month, number) = (day.month(), day.day());
    both!(lang, "{month}月{number}日", "{day}")
}
