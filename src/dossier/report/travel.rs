//! How long the drives are.

use super::Section;
use super::html::{Html, Percent, html};
use super::words;
use crate::dossier::clock;
use crate::dossier::view::View;
use crate::text::both;

/// Most bars of the histogram.
const MOST_BARS: i64 = 14;

/// Every drive of the plan in seconds: from the base, between visits, back to the base.
fn legs(view: &View<'_>) -> Vec<i64> {
    let mut legs = Vec::new();
    for route in &view.routes {
        let mut left = route.line.depart;
        for line in &route.line.visits {
            legs.push(line.arrive - left);
            left = line.end;
        }
        legs.push(route.line.back - left);
    }
    legs.sort_unstable();
    legs
}

/// Width of a bar in minutes, so that no more than [`MOST_BARS`] reach the longest drive.
fn step(longest: i64) -> i64 {
    [5, 10, 15, 30, 60]
        .into_iter()
        .find(|step| longest / 60 / step < MOST_BARS)
        .unwrap_or(longest / 60 / MOST_BARS + 1)
}

/// The histogram, and its figures in words.
pub(super) fn section(view: &View<'_>) -> Section {
    let lang = view.lang;
    let legs = legs(view);
    let mut out = Html::new();
    let title = lang.pick("行车时间", "Travel").to_owned();
    let Some(longest) = legs.last().copied() else {
        html!(out, "<p>{}</p>\n", lang.pick("没有行车。", "There is no travel."));
        return Section { id: "travel", title, body: out };
    };
    let (n, routes) = (legs.len(), view.routes.len().max(1) as i64);
    let total = words::duration(view.schedule.cost.travel, lang);
    let each = words::duration(view.schedule.cost.travel / routes, lang);
    let (median, most) = (clock::minutes(legs[n / 2]), clock::minutes(longest));
    html!(
        out,
        "<p class=\"lead\">{}</p>\n",
        both!(
            lang,
            "共{n}段行车（含从驻地出发和返回），合计{total}，每个组日平均{each}；一段的中位数{median}分钟，最长{most}分钟。",
            "{n} drives, those from and to the base included: {total} in all, {each} for a team-day on average; the median drive takes {median} min, the longest {most} min."
        )
    );
    let step = step(longest);
    let mut bars = vec![0_i64; (longest / 60 / step + 1) as usize];
    for leg in &legs {
        bars[(leg / 60 / step) as usize] += 1;
    }
    histogram(view, &bars, step, &mut out);
    Section { id: "travel", title, body: out }
}

fn histogram(view: &View<'_>, bars: &[i64], step: i64, out: &mut Html) {
    const HEIGHT: i64 = 150;
    let lang = view.lang;
    let (count, most) = (bars.len() as i64, bars.iter().max().copied().unwrap_or(1).max(1));
    html!(
        out,
        "<figure class=\"histogram\"><svg height=\"{}\" role=\"img\" aria-label=\"{}\">",
        HEIGHT + 40,
        lang.pick("行车时间分布", "how long the drives are")
    );
    for (at, bar) in (0..).zip(bars) {
        let height = bar * HEIGHT / most;
        let (from, to) = (at * step, at * step + step);
        html!(
            out,
            "<svg x=\"{}\" width=\"{}\" height=\"{}\"><title>{}</title><rect class=\"drive\" x=\"6%\" width=\"88%\" y=\"{}\" height=\"{}\"/>",
            Percent(at, count),
            Percent(1, count),
            HEIGHT + 40,
            both!(lang, "{from}至{to}分钟：{bar}段", "{from} to {to} min: {bar}"),
            HEIGHT + 18 - height,
            height
        );
        if *bar > 0 {
            html!(out, "<text class=\"middle\" x=\"50%\" y=\"{}\">{}</text>", HEIGHT + 12 - height, bar);
        }
        html!(out, "<text class=\"faint\" x=\"0\" y=\"{}\">{}</text></svg>", HEIGHT + 34, from);
    }
    html!(
        out,
        "<line class=\"ink\" x1=\"0\" x2=\"100%\" y1=\"{}\" y2=\"{}\"/></svg><figcaption>{}</figcaption></figure>\n",
        HEIGHT + 18,
        HEIGHT + 18,
        both!(
            lang,
            "横轴：一段行车的分钟数（每格{step}分钟）；柱上为段数。",
            "Across: minutes of a drive, {step} a bar; above each bar the number of drives."
        )
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_never_too_many_bars() {
        for longest in [0, 59, 4199, 4200, 20_000, 60_000, 1_000_000] {
            assert!(longest / 60 / step(longest) < MOST_BARS + 1, "{longest}");
        }
        assert_eq!([step(4000), step(5000), step(60_000)], [5, 10, 72]);
    }
}
