//! What was drawn and how anyone can check it.

use super::Section;
use super::html::{Html, html};
use super::words;
use crate::dossier::listed::counts;
use crate::dossier::view::View;
use crate::draw::Scope;
use crate::text::{Lang, both};

/// The draw, its strata, its recipe, its seal, its lists.
pub(super) fn section(view: &View<'_>) -> Section {
    let lang = view.lang;
    let mut out = Html::new();
    let (applicants, drawable) = (view.record.frame.applicants, view.record.frame.drawable);
    let rate = &view.record.rate;
    let scope = match view.record.scope {
        Scope::City => lang.pick("全市按星级分层", "the strata are the stars of the whole city"),
        Scope::County => lang.pick("按县（市、区）和星级分层", "the strata are county × star"),
    };
    html!(
        out,
        "<p class=\"lead\">{}</p>\n",
        both!(
            lang,
            "从{applicants}家申报企业（可抽取{drawable}家）中按{rate}的比例随机抽取，{scope}。谁被抽中只取决于下列抽签编号、种子和企业自己的统一社会信用代码，任何人都可以用常见工具重算。",
            "Drawn at {rate} from {applicants} applicants, of whom {drawable} may be drawn; {scope}. Who is drawn follows from draw id, seed and the enterprise's own credit code alone, and anyone can recompute it with common tools."
        )
    );
    facts(view, &mut out);
    strata(view, &mut out);
    recipe(view, &mut out);
    seal(view, &mut out);
    lists(view, &mut out);
    Section {
        id: "draw",
        title: lang.pick("抽取结果与核对办法", "The draw, and how to check it").to_owned(),
        body: out,
    }
}

fn facts(view: &View<'_>, out: &mut Html) {
    let lang = view.lang;
    let record = view.record;
    let none = lang.pick("（未注明）", "(not stated)");
    html!(out, "<dl class=\"facts\">\n");
    for (term, value, code) in [
        (lang.pick("抽签编号", "draw id"), record.draw.as_str(), true),
        (lang.pick("种子", "seed"), &record.seed, true),
        (lang.pick("种子来源", "source of the seed"), record.seed_source.as_deref().unwrap_or(none), false),
        (lang.pick("密钥 K", "key K"), &record.key, true),
        (lang.pick("盐值", "salt"), &record.salt, true),
        (
            lang.pick("抽样框指纹（frame.csv 的 SHA-256）", "frame digest (SHA-256 of frame.csv)"),
            &view.frame_digest,
            true,
        ),
    ] {
        if code {
            html!(out, "<div><dt>{}</dt><dd><code>{}</code></dd></div>\n", term, value);
        } else {
            html!(out, "<div><dt>{}</dt><dd>{}</dd></div>\n", term, value);
        }
    }
    for file in &record.frame.files {
        html!(
            out,
            "<div><dt>{}</dt><dd>{} <code>{}</code></dd></div>\n",
            lang.pick("申报表", "applicants' table"),
            file.name,
            file.sha256
        );
    }
    html!(out, "</dl>\n");
}

fn strata(view: &View<'_>, out: &mut Html) {
    let lang = view.lang;
    let by_county = view.record.scope == Scope::County;
    html!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table class=\"strata\">\n<caption>{}</caption>\n<thead><tr>",
        lang.pick("分层抽取结果", "strata"),
        lang.pick("分层抽取结果", "What was drawn from each stratum")
    );
    if by_county {
        html!(out, "<th scope=\"col\">{}</th>", lang.pick("县区", "county"));
    }
    for (label, numeric) in [
        (lang.pick("星级", "star"), false),
        (lang.pick("申报", "applicants"), true),
        (lang.pick("可抽取", "drawable"), true),
        (lang.pick("抽中", "selected"), true),
        (lang.pick("备选", "reserves"), true),
        (lang.pick("入选概率", "probability"), true),
        (lang.pick("截止抽签号（最后一名的抽签号）", "cut-off (ticket of the last selected)"), false),
    ] {
        let class = if numeric { " class=\"n\"" } else { "" };
        out.add(&Html::trusted(format!("<th scope=\"col\"{class}>")));
        html!(out, "{}</th>", label);
    }
    html!(out, "</tr></thead>\n<tbody>\n");
    for line in &view.record.strata {
        html!(out, "<tr>");
        if by_county {
            html!(out, "<th scope=\"row\">{}</th>", line.county.as_deref().unwrap_or_default());
        }
        html!(
            out,
            "<th scope=\"row\"><span class=\"star s{}\">{}</span></th><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\"><b>{}</b></td><td class=\"n\">{}</td><td class=\"n\">{}</td>",
            line.star,
            words::stars(line.star, lang),
            line.applicants,
            line.drawable,
            line.selected,
            line.reserves,
            line.inclusion_probability.as_deref().unwrap_or("–")
        );
        match &line.cutoff {
            Some(cutoff) => html!(out, "<td><code class=\"hash\">{}</code></td></tr>\n", cutoff),
            None => {
                html!(out, "<td>{}</td></tr>\n", lang.pick("没有可抽取的申报企业", "no applicant to draw from"));
            }
        }
    }
    html!(out, "</tbody></table></div>\n");
}

fn recipe(view: &View<'_>, out: &mut Html) {
    let lang = view.lang;
    html!(
        out,
        "<h3>{}</h3>\n<p>{}</p>\n",
        lang.pick("怎样核对一家企业", "How to check one enterprise"),
        lang.pick(
            "抽签号＝SHA-256（盐值＋统一社会信用代码）。同一层内抽签号由小到大排序，不大于截止抽签号的即抽中。把代码换成要核对的企业，运行一行命令即可：",
            "Ticket = SHA-256 (salt followed by credit code). Within a stratum the lowest tickets are selected: all up to the cut-off. Put in the code of any enterprise and run one line:"
        )
    );
    let line = view.listed.first();
    let code = line.map_or("91XXXXXXXXXXXXXXXX", |line| line.code.as_str());
    html!(out, "<pre tabindex=\"0\"><code>printf '%s%s' {} {} | sha256sum</code></pre>\n", view.record.salt, code);
    if let Some(line) = line {
        html!(
            out,
            "<p class=\"result\">{} <code>{}</code> <span>{}</span></p>\n",
            lang.pick("结果应为", "which gives"),
            line.ticket,
            line.name
        );
    }
    html!(
        out,
        "<p class=\"note\">{} <code>{}</code></p>\n",
        lang.pick("Windows（PowerShell）：", "On Windows (PowerShell):"),
        "Set-Content -NoNewline t.txt \"盐值代码\"; certutil -hashfile t.txt SHA256"
            .replace("盐值代码", lang.pick("盐值代码", "SALTCODE"))
    );
    html!(
        out,
        "<h3>{}</h3>\n<p>{} <code>hecha verify {}</code></p>\n<ul>\n",
        lang.pick("核验整份档案", "Checking the whole dossier"),
        lang.pick("在档案文件夹的上一级目录运行", "Run, beside the folder of this file,"),
        lang.pick("文件夹", "FOLDER")
    );
    for claim in match lang {
        Lang::Zh => [
            "文件与 SHA256SUMS 一致，没有缺少、多出或改动；",
            "抽样框由输入的申报表得出，抽取结果由抽样框、规则和种子得出；",
            "每家选中企业恰好安排一次，或列明未排入日程的原因；时间、行车、截止日、回避均符合要求；",
            "核查人员由抽签产生，可以重算；",
            "最优性差距的证明成立。",
        ],
        Lang::En => [
            "the files are those of SHA256SUMS, none missing, added or changed;",
            "the frame follows from the applicants' tables, and the sample from frame, rules and seed;",
            "every selected enterprise is visited once or listed with its reason, and times, travel, deadlines and recusals are kept;",
            "the crews follow from the lot;",
            "the proof of how far the schedule is from optimal holds.",
        ],
    } {
        html!(out, "<li>{}</li>\n", claim);
    }
    html!(
        out,
        "</ul>\n<p class=\"note\">{}</p>\n",
        lang.pick(
            "核验还会给出档案指纹（SHA256SUMS 的 SHA-256）。本文件也列在 SHA256SUMS 内，因此不能写出指纹本身；指纹宜在归档或公示时另行公布。",
            "It also prints the dossier's fingerprint, the SHA-256 of SHA256SUMS. This file is listed there too and so cannot state it; publish it elsewhere when the dossier is filed."
        )
    );
}

fn seal(view: &View<'_>, out: &mut Html) {
    let lang = view.lang;
    html!(out, "<h3>{}</h3>\n", lang.pick("封存", "Seal"));
    match &view.record.seal {
        Some(digest) => html!(
            out,
            "<p>{} <code>{}</code>{}</p>\n",
            lang.pick(
                "抽样框和规则在种子产生之前已封存（seal.json），其 SHA-256 为",
                "Frame and rules were sealed before the seed was known (seal.json); its SHA-256 is"
            ),
            digest,
            lang.pick(
                "。请核对封存内容或其抽样框指纹确已在种子产生之前公布；程序无法证明公布的时间。",
                ". See that it, or its frame digest, was published before the seed was known: no file can show when."
            )
        ),
        None => html!(
            out,
            "<p class=\"warn\">{}</p>\n",
            lang.pick(
                "本次抽取没有封存记录，因此不能证明抽样框、抽签编号和种子确定的先后。",
                "This draw has no seal, so nothing shows in which order frame, draw id and seed were fixed."
            )
        ),
    }
    if !view.record.changes.is_empty() {
        html!(
            out,
            "<p>{}</p>\n<ul>\n",
            lang.pick("与封存内容的差异及理由：", "Differences from the seal, with reasons:")
        );
        for change in &view.record.changes {
            html!(
                out,
                "<li><code>{}</code> {}{}{}</li>\n",
                change.code.as_deref().unwrap_or_default(),
                change.change,
                lang.pick("：", ": "),
                change.reason
            );
        }
        html!(out, "</ul>\n");
    }
}

/// Who was drawn with which ticket, who is next in line, who was excluded.
fn lists(view: &View<'_>, out: &mut Html) {
    let lang = view.lang;
    let listed = view.listed.iter().map(|l| {
        let special = l.chosen.special(lang).map(str::to_owned);
        let special = match (special, l.reason.as_deref()) {
            (Some(word), Some(why)) => Some(both!(lang, "{word}：{why}", "{word}: {why}")),
            (special, _) => special,
        };
        let (tag, change) = (special, l.change(lang));
        Line { star: l.star, rank: l.rank, name: &l.name, code: l.code.as_str(), ticket: &l.ticket, tag, change }
    });
    let n = counts(view);
    lines(out, lang, &both!(lang, "核查名单与抽签号（{n}）", "The list, with tickets ({n})"), listed);
    let n = view.reserves.len();
    let reserves = view.reserves.iter().map(|l| Line {
        star: l.star,
        rank: Some(l.rank),
        name: &l.name,
        code: l.code.as_str(),
        ticket: &l.ticket,
        tag: None,
        change: String::new(),
    });
    if n > 0 {
        lines(out, lang, &both!(lang, "备选名单（{n}家，按名次递补）", "Reserves, in order ({n})"), reserves);
    }
    let excluded = &view.record.excluded;
    if !excluded.is_empty() {
        let n = excluded.len();
        html!(
            out,
            "<details><summary>{}</summary>\n<ul>\n",
            both!(lang, "因记录在案的原因不参加抽取（{n}家）", "Excluded for a recorded reason ({n})")
        );
        for line in excluded {
            html!(out, "<li><code>{}</code> {}</li>\n", line.code, line.reason);
        }
        html!(out, "</ul></details>\n");
    }
}

/// A line of a list of drawn enterprises.
struct Line<'a> {
    star: u8,
    rank: Option<usize>,
    name: &'a str,
    code: &'a str,
    ticket: &'a str,
    tag: Option<String>,
    change: String,
}

fn lines<'a>(out: &mut Html, lang: Lang, title: &str, lines: impl Iterator<Item = Line<'a>>) {
    html!(
        out,
        "<details><summary>{}</summary>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table class=\"tickets\">\n<thead><tr><th scope=\"col\">{}</th><th scope=\"col\" class=\"n\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr></thead>\n<tbody>\n",
        title,
        title,
        lang.pick("星级", "star"),
        lang.pick("名次", "rank"),
        lang.pick("企业", "enterprise"),
        lang.pick("抽签号", "ticket")
    );
    for line in lines {
        html!(
            out,
            "<tr><td><span class=\"star s{}\">{}</span></td><td class=\"n\">{}</td><th scope=\"row\">{} <code>{}</code>",
            line.star,
            words::stars(line.star, lang),
            line.rank.map(|rank| rank.to_string()).unwrap_or_default(),
            line.name,
            line.code
        );
        if let Some(tag) = &line.tag {
            html!(out, " <span class=\"tag\">{}</span>", tag);
        }
        if !line.change.is_empty() {
            html!(out, " <small class=\"dim\">{}</small>", line.change);
        }
        html!(out, "</th><td><code class=\"hash\">{}</code></td></tr>\n", line.ticket);
    }
    html!(out, "</tbody></table></div></details>\n");
}
