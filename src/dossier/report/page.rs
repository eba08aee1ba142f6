//! The frame of the page: policy, style, table of contents, sections, script.

use super::Section;
use super::html::{Html, allowed, html, normalised};
use crate::dossier::view::View;
use crate::text::Lang;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The whole file.
pub(super) fn page(view: &View<'_>, head: &Html, sections: &[Section]) -> String {
    let lang = view.lang;
    let (style, script) = (normalised(STYLE), normalised(SCRIPT));
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        allowed(&style),
        allowed(&script)
    );
    let mut out = Html::new();
    html!(
        out,
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"generator\" content=\"hecha {}\">\n<title>{} · {} {}</title>\n<style>",
        lang.pick("zh-CN", "en"),
        policy,
        view.schedule.run.version,
        lang.pick("核查方案", "Check plan"),
        view.record.city,
        view.record.draw,
    );
    out.add(&Html::trusted(style));
    html!(
        out,
        "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">{}</a>\n",
        lang.pick("跳到正文", "Skip to the text")
    );
    out.add(head);
    html!(out, "<div class=\"columns\">\n<nav class=\"contents\" aria-label=\"{}\"><ol>\n", contents(lang));
    for (at, section) in sections.iter().enumerate() {
        html!(
            out,
            "<li><a href=\"#{}\"><span class=\"no\">{}</span>{}</a></li>\n",
            section.id,
            number(at, lang),
            section.title
        );
    }
    html!(out, "</ol></nav>\n<main id=\"main\" tabindex=\"-1\">\n");
    for (at, section) in sections.iter().enumerate() {
        html!(
            out,
            "<section id=\"{}\" aria-labelledby=\"{}-title\">\n<h2 id=\"{}-title\"><span class=\"no\">{}</span>{}</h2>\n",
            section.id,
            section.id,
            section.id,
            number(at, lang),
            section.title
        );
        out.add(&section.body);
        html!(out, "</section>\n");
    }
    html!(out, "</main>\n</div>\n<footer>{}</footer>\n<script>", footer(view));
    out.add(&Html::trusted(script));
    html!(out, "</script>\n</body>\n</html>\n");
    out.into_string()
}

fn contents(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "目录",
        Lang::En => "Contents",
    }
}

/// 一、二、三 as in official documents; 1, 2, 3.
fn number(at: usize, lang: Lang) -> String {
    const TEN: [&str; 10] = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];
    match lang {
        Lang::Zh if at < 10 => format!("{}、", TEN[at]),
        Lang::Zh => format!("十{}、", TEN[(at - 10).min(9)]),
        Lang::En => format!("{}.", at + 1),
    }
}

fn footer(view: &View<'_>) -> String {
    let version = &view.schedule.run.version;
    match view.lang {
        Lang::Zh => format!(
            "内部工作文件。由 hecha {version} 按本档案的数据生成，不含联系人和电话；以 sample.json、schedule.json、crews.json 为准，用 hecha verify 核验。"
        ),
        Lang::En => format!(
            "For internal use. Written by hecha {version} from the data of this dossier, without contacts or telephones; sample.json, schedule.json and crews.json prevail, and hecha verify checks them."
        ),
    }
}
