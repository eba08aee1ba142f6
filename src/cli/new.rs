//! `hecha new`: an empty plan and templates to fill in.

use super::args::NewArgs;
use super::console::Console;
use super::{Answer, Refusal, output};
use crate::calendar::Calendar;
use crate::county::Gazetteer;
use crate::notice::{EMBEDDED, Notice};
use crate::template;
use crate::text::both;

pub(super) fn run(args: &NewArgs, console: Console) -> Result<Answer, Refusal> {
    let gazetteer = Gazetteer::embedded();
    let city = gazetteer.city(&args.city).map_err(|e| Box::new(e) as Refusal)?;
    // The newest notice stands last.
    let (id, text) = EMBEDDED[EMBEDDED.len() - 1];
    let notice = Notice::parse(id, text).map_err(|e| Box::new(e) as Refusal)?;
    output::ready(&args.dir, args.force, &[], console)?;
    let documents =
        template::documents(city, &notice, &Calendar::embedded()).map_err(|e| Box::new(e) as Refusal)?;
    output::write(&args.dir, &documents, args.force, &[], console)?;
    console.result(&serde_json::json!({
        "out": args.dir, "city": city.name, "notice": notice.id,
        "files": documents.iter().map(|d| &d.path).collect::<Vec<_>>(),
    }));
    let (dir, name) = (args.dir.display(), &city.name);
    console.line(&both!(
        console.lang,
        "已在 {dir} 新建{name}的 plan.toml 和三张空表：applicants.xlsx（申报企业）、inspectors.xlsx（核查人员）、exclude.xlsx（不参加抽取，可为空）\n请用Excel或WPS填写，各表的“填写说明”逐列解释；下一步：hecha check {dir}",
        "a plan.toml for {name} and three empty tables are in {dir}: applicants.xlsx, inspectors.xlsx and exclude.xlsx (may stay empty)\nfill them in with Excel or WPS, their second sheet explains every column; next: hecha check {dir}"
    ));
    Ok(Answer::Yes)
}
