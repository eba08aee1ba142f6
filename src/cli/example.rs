//! `hecha example`: a fictitious city.

use super::args::ExampleArgs;
use super::console::Console;
use super::{Answer, Refusal, output};
use crate::county::Gazetteer;
use crate::example;
use crate::text::both;

pub(super) fn run(args: &ExampleArgs, console: Console) -> Result<Answer, Refusal> {
    let gazetteer = Gazetteer::embedded();
    let city = gazetteer.city(&args.city).map_err(|e| Box::new(e) as Refusal)?;
    output::ready(&args.dir, args.force, &[], console)?;
    let documents = example::documents(city, args.applicants as usize, args.seed);
    output::write(&args.dir, &documents, args.force, &[], console)?;
    let (dir, n, name) = (args.dir.display(), args.applicants, &city.name);
    console.line(&both!(
        console.lang,
        "已在 {dir} 生成{name}的虚构样例（{n}家申报企业，全部为虚构）；下一步：hecha plan {dir} -o out",
        "a fictitious {name} with {n} invented applicants is in {dir}; next: hecha plan {dir} -o out"
    ));
    Ok(Answer::Yes)
}
