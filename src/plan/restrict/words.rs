//! What is said of routes that found no crew.

use std::collections::{BTreeMap, BTreeSet};

use crate::compile::team_number;
use crate::crews::{Bar, Rules, Shortage, Task};
use crate::frame::Applicant;
use crate::roster::Inspector;
use crate::text::{Lang, both, natural};

/// Says which routes found no crew, and for each inspector of the base why not.
#[must_use]
pub fn shortage_lines(
    shortage: &Shortage,
    tasks: &[Task<'_>],
    visits: &[Applicant],
    inspectors: &[Inspector],
    rules: Rules,
    lang: Lang,
) -> Vec<String> {
    let names: BTreeMap<&str, &str> = visits.iter().map(|a| (a.code.as_str(), a.name.as_str())).collect();
    let Some(first) = shortage.routes.first().map(|at| &tasks[*at]) else { return Vec::new() };
    let (day, base, crew) = (first.day, first.base, rules.crew);
    let n = shortage.routes.len();
    let mut lines = vec![both!(
        lang,
        "{day} {base}有{n}条路线凑不齐人员（每组{crew}人）：",
        "{day}, {base}: {n} routes find no crews of {crew}:"
    )];
    let separator = lang.pick("、", ", ");
    let mut routes: Vec<&Task<'_>> = shortage.routes.iter().map(|at| &tasks[*at]).collect();
    routes.sort_by(|a, b| natural(a.team, b.team));
    for task in routes {
        let list: Vec<&str> =
            task.visits.iter().map(|(c, _)| names.get(c.as_str()).copied().unwrap_or("")).collect();
        let (list, team) = (list.join(separator), team_number(task.team));
        let mut barred: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        let mut free = 0;
        for inspector in inspectors.iter().filter(|i| i.base == base) {
            let why = match rules.bar(inspector, task) {
                None => {
                    free += 1;
                    continue;
                }
                Some(Bar::OtherBase) => continue,
                Some(Bar::Away) => lang.pick("当天不在", "away").to_owned(),
                Some(Bar::OwnCounty(code)) => {
                    let name = names.get(code.as_str()).copied().unwrap_or("");
                    both!(lang, "{name}在本县（市、区）", "{name} lies in the own county")
                }
                Some(Bar::Recused(code)) => {
                    let name = names.get(code.as_str()).copied().unwrap_or("");
                    both!(lang, "回避{name}", "recused from {name}")
                }
            };
            barred.entry(why).or_default().insert(&inspector.name);
        }
        let barred: Vec<String> = barred
            .into_iter()
            .map(|(why, who)| {
                let who = who.into_iter().collect::<Vec<_>>().join(separator);
                both!(lang, "{who}（{why}）", "{who} ({why})")
            })
            .collect();
        let barred =
            if barred.is_empty() { lang.pick("无", "nobody").to_owned() } else { barred.join(separator) };
        let expert = if task.expert { lang.pick("，须有专家", ", an expert is needed") } else { "" };
        lines.push(both!(
            lang,
            "  {team}：{list}（{free}人可去{expert}；不能去的：{barred}）",
            "  {team}: {list} ({free} may go{expert}; barred: {barred})"
        ));
    }
    lines
}
