//! The certificate in plain words.

use super::Section;
use super::html::{Html, html};
use super::words;
use crate::dossier::view::View;
use crate::routing::certificate::Tree;
use crate::routing::schedule::{Bound, Stopped};
use crate::text::both;

/// Cost, bound, gap; what they mean; how to recompute them.
pub(super) fn section(view: &View<'_>) -> Section {
    let lang = view.lang;
    let mut out = Html::new();
    let cost = view.schedule.cost;
    let day = words::duration(view.problem.cost.team_day, lang);
    html!(
        out,
        "<p class=\"lead\">{}</p>\n",
        both!(
            lang,
            "排日程要同时节省人手和路上时间。程序把一个小组外出一天折合{day}行车，加上实际行车时间，合计为“成本”；成本越低越好。",
            "A schedule should spare both crews and hours on the road. A team's day out counts as {day} of driving; with the driving itself that makes the cost, and less is better."
        )
    );
    html!(out, "<dl class=\"facts sums\">\n");
    let mut line = |term: &str, value: String, note: String| {
        html!(out, "<div><dt>{}</dt><dd><b>{}</b> <small>{}</small></dd></div>\n", term, value, note);
    };
    let (team_days, left_out) = (cost.team_days, cost.unscheduled);
    line(
        lang.pick("本日程的成本", "cost of this schedule"),
        words::grouped(cost.total),
        lang.pick("秒", "seconds").to_owned(),
    );
    let travel = words::duration(cost.travel, lang);
    let mut parts = both!(lang, "{team_days}个组日，行车{travel}", "{team_days} team-days, {travel} of travel");
    if left_out > 0 {
        parts += &both!(
            lang,
            "，{left_out}家未排入（计价极高，故优先于一切）",
            ", {left_out} visits left out (at a price that comes before all else)"
        );
    }
    if cost.change > 0 {
        parts += &lang
            .pick("，调整原计划的代价{}", ", {} for changes of the earlier plan")
            .replace("{}", &words::grouped(cost.change));
    }
    line(lang.pick("其中", "made of"), parts, String::new());
    if let Some(bound) = &view.schedule.bound {
        line(
            lang.pick("已证明的下界", "proven bound"),
            words::grouped(bound.value),
            lang.pick("秒：任何日程都不会更低", "seconds: no schedule costs less").to_owned(),
        );
        line(lang.pick("差距至多", "gap, at most"), words::millionths(bound.gap), String::new());
    }
    html!(out, "</dl>\n");
    match &view.schedule.bound {
        Some(bound) => proven(view, bound, &mut out),
        None => html!(
            out,
            "<p class=\"warn\">{}</p>\n",
            lang.pick(
                "本次没有计算下界：日程可行、成本属实，但不能说明离最优还有多远。",
                "No bound was computed: the schedule is feasible and costs what it says, but nothing shows how far from optimal it is."
            )
        ),
    }
    if let Some(stopped) = view.schedule.run.stopped {
        html!(
            out,
            "<p class=\"note\">{}</p>\n",
            match stopped {
                Stopped::TimeLimit => lang.pick("计算到时限为止。", "The search was ended by its time limit."),
                Stopped::Interrupted => lang.pick("计算由人工中止。", "The search was stopped by a person."),
            }
        );
    }
    Section {
        id: "certificate",
        title: lang.pick("日程优化程度", "How far from the best possible").to_owned(),
        body: out,
    }
}

fn proven(view: &View<'_>, bound: &Bound, out: &mut Html) {
    let lang = view.lang;
    let over = view.schedule.cost.total - bound.value;
    let percent = words::millionths(bound.gap);
    let meaning = if over == 0 {
        lang.pick(
            "已经证明：在同样的企业、人员、时限和行车时间下，没有比它成本更低的日程。",
            "It is proven that with the same enterprises, inspectors, deadlines and travel times no schedule costs less."
        )
        .to_owned()
    } else {
        let saved = words::duration(over, lang);
        both!(
            lang,
            "也就是说：在同样的企业、人员、时限和行车时间下，成本最多只能再降{percent}，即合计{saved}行车。",
            "That is: with the same enterprises, inspectors, deadlines and travel times the cost cannot fall by more than {percent}, or {saved} of driving in all."
        )
    };
    html!(out, "<p>{}</p>\n", meaning);
    let must = view.problem.must_stay_out(bound.value);
    if must > 0 {
        html!(
            out,
            "<p>{}</p>\n",
            both!(
                lang,
                "同一证书还说明：按现有条件，至少有{must}家无论怎样都排不进去。",
                "The same proof shows that at least {must} visits cannot be scheduled at all as things stand."
            )
        );
    }
    let leaves = leaves(&bound.tree);
    html!(
        out,
        "<h3>{}</h3>\n<p>{} <code>hecha verify</code>{}</p>\n",
        lang.pick("审计人员如何重算", "How an auditor recomputes it"),
        lang.pick(
            "证书写在 schedule.json 的 bound 中，运行",
            "The proof stands in schedule.json under bound. Run"
        ),
        both!(
            lang,
            "：程序用与排程无关的整数算法，把证书所分的{leaves}种情形逐一重算，每一种都须证明成本不低于上面的下界；所列下界如有高估，核验即判定不符。证明全程只用整数，不用浮点数。",
            ": an exact integer search that shares nothing with the solver recomputes each of the {leaves} cases that the proof tells apart, and each must show that no schedule costs less than the bound; a bound stated too high is found to differ. No floating point enters the proof."
        )
    );
}

/// The cases that a proof tells apart.
fn leaves(tree: &Tree) -> usize {
    match tree {
        Tree::Leaf(_) => 1,
        Tree::Routes(branch) => leaves(&branch.at_most) + leaves(&branch.at_least),
        Tree::Pair(branch) => leaves(&branch.together) + leaves(&branch.apart),
    }
}
