//! Help in Chinese: the declarations are English, this table replaces their texts.

use clap::{Command, CommandFactory};

use super::args::Args;
use crate::text::Lang;

/// Chinese help of commands and arguments, by id.
const ZH: &[(&str, &str)] = &[
    ("hecha", "双随机现场核查：可复算的抽取、日程编排、可核验的档案"),
    ("plan", "一次办完：读表、检查、抽取、排程、写出档案"),
    ("check", "读取申报表并对照通知检查，按行和规则列出问题"),
    ("seal", "种子产生之前封存抽样框和规则，并生成公告"),
    ("seal.draw", "抽签编号：小写字母、数字、连字符"),
    ("draw.seal", "封存文件 seal.json（frame.csv 须在同一目录）"),
    ("changes", "与封存内容的差异及原因：代码、变更、原因"),
    ("coverage", "任何一份核查名单的覆盖情况：是否达到通知要求，还缺几家"),
    ("coverage.sample", "sample.json，或有统一社会信用代码列的名单"),
    ("draw", "只抽取：frame.csv、sample.json、sample.csv、SHA256SUMS"),
    ("solve", "只排程：由问题文件得出日程"),
    ("verify", "重新推导并核验档案，或对照问题文件核验日程"),
    ("replace", "替换：企业退出样本，由同层下一名备选企业递补"),
    ("record", "登记核查结果：一张结果表，或逐家填写"),
    ("replan", "从某日起重新编排余下的核查，尽量少改动"),
    ("assess", "由核查结果推断全部申报企业：达标情况与精确置信上限"),
    ("status", "进度：已完成、今日应查、逾期，余下的能否在截止日前完成"),
    ("dossier", "档案目录"),
    ("code", "统一社会信用代码"),
    ("kind", "ineligible：封存时就不应在抽样框内；lost：在框内但无法核查（拒查、失联、撤回）"),
    ("reason", "原因"),
    ("evidence", "证明材料；文件名和SHA-256记入日志"),
    ("who", "登记人；默认为电脑的用户名"),
    ("at", "登记时间，如2022-03-09T09:30（北京时间）；默认为现在"),
    ("results", "结果表：代码、核查日期、结论、发现问题、核查人员"),
    ("date", "核查日期"),
    ("conclusion", "通过、不通过或未核查"),
    ("findings", "发现的问题"),
    ("inspectors", "核查人员工号，用逗号分隔；默认为计划中的人员"),
    ("correction", "更正已登记结果的原因"),
    ("from", "从这一天起重新编排"),
    ("absent", "请假人员——工号:日期，如H003:2022-03-09..2022-03-11"),
    ("unavailable", "企业不便日期——代码:日期"),
    ("pin", "日期和小组都不变的企业"),
    ("add", "增加核查的申报企业"),
    ("unfinished_fail", "未完成的核查按不符合计"),
    ("simulate", "推演：加入超时、路况、缺勤、退出等随机情况，看计划按时完成的可能性"),
    ("runs", "推演次数"),
    ("simulate.out", "写入的图（SVG）"),
    ("today", "以这一天为今天"),
    ("new", "新建一份带说明的空白 plan.toml 和待填写的Excel模板"),
    ("example", "生成一个虚构的城市供试用"),
    ("completions", "在标准输出给出命令行补全脚本"),
    ("shell", "命令行环境"),
    ("man", "在标准输出给出使用手册页，或将各命令的手册页写入目录"),
    ("man.out", "写入的目录；已有的其他文件不受影响"),
    ("help", "显示帮助"),
    ("plan.plan", "plan.toml，或其所在目录"),
    ("plan.example", "使用程序自带的虚构城市"),
    ("out", "输出目录；默认 ./<抽签编号>"),
    ("force", "覆盖已有输出，旧的保留为“.previous”"),
    ("threads", "线程数，不影响结果"),
    ("lang", "屏幕和文书的语言"),
    ("json", "在标准输出给出机器可读的结果"),
    ("applicants", "plan.toml、其所在目录，或一张以上申报表"),
    ("notice", "内置通知的编号，或规则文件路径"),
    ("city", "设区市"),
    ("sheet", "工作簿有几张表时，指定工作表"),
    ("rate", "抽查比例，带百分号的小数"),
    ("scope", "比例的适用范围：city全市，county各县区"),
    ("minimum", "每层至少抽取家数"),
    ("reserves", "备选占各层抽取数的比例"),
    ("exclude", "不参加抽取的企业名单：代码、原因"),
    ("draw.draw", "抽签编号：小写字母、数字、连字符"),
    ("draw.seed", "随机种子：数字、字母、连字符，12至128位"),
    ("seed_source", "种子的来源说明"),
    ("problem", "问题文件（hecha-problem/1）"),
    ("solve.seed", "搜索的种子"),
    ("effort", "搜索力度：0只构造，10默认，100十倍时间（限时求解时的默认值）"),
    ("time_limit", "到这么多秒就停，给出当时最好的日程"),
    ("solve.out", "写入的文件；默认标准输出"),
    ("first", "档案目录，或问题文件"),
    ("schedule", "该问题的日程文件"),
    ("dir", "输出目录"),
    ("example.applicants", "申报企业家数"),
    ("example.seed", "换一个数，换一个城市样例"),
];

fn zh(command: &str, id: &str) -> Option<&'static str> {
    let full = format!("{command}.{id}");
    [full.as_str(), id].iter().find_map(|key| ZH.iter().find(|(k, _)| k == key)).map(|(_, text)| *text)
}

/// The declarations, in a language.
pub(super) fn command(lang: Lang) -> Command {
    let command = Args::command().disable_help_subcommand(true);
    match lang {
        Lang::En => command,
        Lang::Zh => translate(command, "hecha"),
    }
}

fn translate(command: Command, name: &str) -> Command {
    let template = "{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}";
    let own = name.to_owned();
    let mut command = command
        .help_template(template)
        .subcommand_help_heading("命令")
        .disable_help_flag(true)
        .arg(clap::Arg::new("help").short('h').long("help").action(clap::ArgAction::Help).help("显示帮助"))
        .mut_args(|arg| {
            let heading = if arg.is_positional() { "参数" } else { "选项" };
            let text = zh(&own, arg.get_id().as_str());
            let arg = arg.help_heading(heading);
            match text {
                Some(text) => arg.help(text).hide_default_value(false),
                None => arg,
            }
        });
    if name == "hecha" {
        command = command.disable_version_flag(true).arg(
            clap::Arg::new("version")
                .short('V')
                .long("version")
                .action(clap::ArgAction::Version)
                .help("显示版本")
                .help_heading("选项"),
        );
    }
    if let Some(text) = zh("", name) {
        command = command.about(text).long_about(text);
    }
    if let Some(example) = command.get_after_help().map(ToString::to_string) {
        command = command.after_help(format!("示例：\n{example}"));
    }
    let names: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    for name in names {
        command = command.mut_subcommand(&name, |sub| translate(sub, &name));
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_argument_has_help_in_both_languages() {
        command(Lang::En).debug_assert();
        command(Lang::Zh).debug_assert();
        for sub in command(Lang::Zh).get_subcommands() {
            assert!(zh("", sub.get_name()).is_some(), "{}", sub.get_name());
            for arg in sub.get_arguments().filter(|a| a.get_id() != "help") {
                assert!(
                    zh(sub.get_name(), arg.get_id().as_str()).is_some(),
                    "{} {}",
                    sub.get_name(),
                    arg.get_id()
                );
            }
        }
    }
}
