//! What the sheets say, by the example inside the program.

use super::*;
use crate::example::Embedded;
use crate::inputs::Inputs;
use crate::plan;
use crate::routing::problem::Problem;
use crate::routing::solve::{Settings, Unwatched};

/// The packs of the example in a language, after a change of the view.
fn example(lang: Lang, change: impl FnOnce(&mut View<'_>)) -> Vec<(String, String)> {
    let inputs = Inputs::gather(&Embedded, "plan.toml").unwrap();
    let drawn = plan::draw(&inputs).unwrap();
    let prepared = plan::prepare(&inputs, &drawn).unwrap();
    let travel = plan::travel(&inputs, &prepared).unwrap();
    let problem = Problem::from_json(&plan::problem_json(&drawn, &prepared, &travel).unwrap()).unwrap();
    let settings = Settings { seed: "daily".into(), effort: 0, threads: 1, prove: false };
    let schedule = plan::solve(&problem, &settings, &Unwatched);
    let (crews, _) = plan::crews(&drawn, &prepared, &problem, &schedule);
    let mut view = plan::view(&drawn, &prepared, &problem, &schedule, &crews, lang).unwrap();
    change(&mut view);
    let text =
        |document: Document<'_>| (document.path.clone(), String::from_utf8(document.to_bytes().unwrap()).unwrap());
    packs(&view).into_iter().map(text).collect()
}

#[test]
fn a_pack_a_day_with_a_sheet_a_crew_and_a_form_a_visit() {
    let mut expected = Vec::new();
    let made = example(Lang::Zh, |view| {
        for day in view.days() {
            let routes = view.routes.iter().filter(|route| route.line.day == day);
            let visits: usize = routes.clone().map(|route| route.visits.len()).sum();
            expected.push((format!("每日/{day}.html"), routes.count(), visits));
        }
    });
    let count = |html: &str, what: &str| html.matches(what).count();
    let found: Vec<(String, usize, usize)> = made
        .iter()
        .map(|(path, html)| {
            (path.clone(), count(html, "class=\"sheet route\""), count(html, "class=\"sheet form"))
        })
        .collect();
    assert!(!found.is_empty());
    assert_eq!(found, expected);
    for (path, html) in &made {
        assert_eq!(count(html, "□ 不通过"), count(html, "class=\"sheet form"), "{path}");
        assert!(html.contains("苏工信融合〔2022〕46号"), "{path}");
        for id in html.split("href=\"#").skip(1).map(|link| link.split('"').next().unwrap()) {
            assert!(html.contains(&format!("id=\"{id}\"")), "{path}: {id}");
        }
    }
    assert_eq!(made, example(Lang::Zh, |_| {}));
}

#[test]
fn the_first_of_a_crew_leads_and_a_crew_that_is_missing_is_said() {
    let mut leader = String::new();
    let made = example(Lang::Zh, |view| {
        leader = view.routes[0].crew[0].name.clone();
        let last = view.routes.len() - 1;
        view.routes[last].crew.clear();
        view.revision = 2;
    });
    let (first, last) = (&made[0].1, &made[made.len() - 1].1);
    let named = |role: &str| first.contains(&format!("<small>{role}</small> <b>{leader}</b>"));
    assert!(named("组长") || named("组长（专家）"));
    assert!(last.contains("无符合条件的核查人员") && last.contains("计划第2次修订"));
}

#[test]
fn english_speaks_english() {
    let made = example(Lang::En, |_| {});
    let (path, html) = &made[0];
    assert!(path.starts_with("daily/") && html.contains("lang=\"en\""));
    for said in ["Route sheet", "Record of an on-site check", "not met", "failed", "Monday, 2022-03-07"] {
        assert!(html.contains(said), "{said}");
    }
    assert!(!html.contains("现场核查") && !html.contains("星级") && !html.contains("申报"));
}
