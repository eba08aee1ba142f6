//! What is wrong with a command line, in Chinese; clap knows English only.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// The sentence for the kinds of errors that a clerk comes by; `None` for what only a programmer can cause.
pub(super) fn zh(error: &Error) -> Option<String> {
    let texts = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(list)) => list.clone(),
        Some(ContextValue::StyledStrs(list)) => list.iter().map(ToString::to_string).collect(),
        Some(ContextValue::StyledStr(text)) => vec![text.to_string()],
        _ => Vec::new(),
    };
    let one = |kind| texts(kind).into_iter().next().unwrap_or_default();
    let list = |kind| texts(kind).join("、");
    let argument = one(ContextKind::InvalidArg);
    let value = one(ContextKind::InvalidValue);
    let allowed = list(ContextKind::ValidValue);
    let said = match error.kind() {
        ErrorKind::UnknownArgument if argument.starts_with('-') => format!("没有 {argument} 这个选项"),
        ErrorKind::UnknownArgument => format!("多出了参数“{argument}”"),
        ErrorKind::InvalidSubcommand => format!("没有 {} 这个命令", one(ContextKind::InvalidSubcommand)),
        ErrorKind::InvalidValue if value.is_empty() => format!("{argument} 后面缺少取值"),
        ErrorKind::InvalidValue => format!("{argument} 的值“{value}”无法采用"),
        ErrorKind::ValueValidation => {
            let expected = std::error::Error::source(error).map_or("", |why| expected(&why.to_string()));
            format!("{argument} 的值“{value}”无法采用{expected}")
        }
        ErrorKind::MissingRequiredArgument => format!("缺少必填的 {}", list(ContextKind::InvalidArg)),
        ErrorKind::MissingSubcommand => "缺少命令".to_owned(),
        ErrorKind::ArgumentConflict => match list(ContextKind::PriorArg) {
            prior if prior == argument || prior.is_empty() => format!("{argument} 只能给出一次"),
            prior => format!("{argument} 不能与 {prior} 同时使用"),
        },
        ErrorKind::TooManyValues => format!("{argument} 的值给多了（“{value}”）"),
        ErrorKind::InvalidUtf8 => "命令行中有无法识别的字符".to_owned(),
        _ => return None,
    };
    let allowed = if allowed.is_empty() { allowed } else { format!("；可用：{allowed}") };
    let similar = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    let similar = similar.into_iter().map(list).find(|text| !text.is_empty());
    let similar = similar.map_or_else(String::new, |similar| format!("；是不是 {similar}？"));
    let usage = one(ContextKind::Usage);
    let usage = usage
        .trim()
        .trim_start_matches("Usage:")
        .trim()
        .replace("[OPTIONS]", "[选项]")
        .replace("<COMMAND>", "<命令>");
    let usage = if usage.is_empty() { usage } else { format!("\n用法：{usage}") };
    Some(format!("{said}{allowed}{similar}{usage}\n加 --help 可看说明"))
}

/// What a value should have been, by what its parser says of it.
fn expected(why: &str) -> &'static str {
    let known = [
        ("zh / en", "；应为 zh 或 en"),
        ("number too large", "；数太大"),
        ("is not in", "；超出范围"),
        ("invalid digit", "；应为整数"),
        ("empty string", "；应为数"),
        ("float", "；应为数"),
    ];
    known.into_iter().find(|(part, _)| why.contains(part)).map_or("", |(_, said)| said)
}

#[cfg(test)]
mod tests {
    use super::super::help::command;
    use super::*;
    use crate::text::Lang;

    fn said(line: &str) -> String {
        zh(&command(Lang::Zh).try_get_matches_from(line.split(' ')).unwrap_err()).unwrap()
    }

    #[test]
    fn wrong_command_lines_are_explained_in_chinese() {
        for (line, words) in [
            ("hecha draw a.csv --ratee 10%", "没有 --ratee 这个选项；是不是 --rate？"),
            ("hecha verify a b c", "多出了参数“c”"),
            ("hecha pln", "没有 pln 这个命令；是不是 plan？"),
            ("hecha check a.csv --scope town", "--scope <SCOPE> 的值“town”无法采用；可用：city、county"),
            ("hecha check a.csv --city", "--city <CITY> 后面缺少取值"),
            ("hecha check a.csv --minimum many", "--minimum <N> 的值“many”无法采用；应为整数"),
            ("hecha solve p.json --effort 101", "的值“101”无法采用；超出范围"),
            ("hecha check", "缺少必填的 <APPLICANTS>"),
            ("hecha replace out --kind lost", "缺少必填的 --code <CODE>、--reason <TEXT>"),
            ("hecha plan out --example", "不能与"),
            ("hecha check a.csv --city x --city y", "--city <CITY> 只能给出一次"),
        ] {
            let said = said(line);
            assert!(said.contains(words), "{line}: {said}");
            assert!(!said.contains("Usage") && !said.contains("error"), "{line}: {said}");
        }
        let said = said("hecha pln");
        assert!(said.contains("\n用法：hecha [选项] <命令>"), "{said}");
    }
}
