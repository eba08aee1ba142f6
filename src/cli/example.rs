//! `hecha example`: a fictitious city.

use super::args::ExampleArgs;
use super::console::Console;
use super::{Answer, Refusal};
use crate::county::Gazetteer;
use crate::dossier::folder;
use crate::example;
use crate::text::both;

pub(super) fn run(args: &ExampleArgs, console: Console) -> Result<Answer, Refusal> {
    let gazetteer = Gazetteer::embedded();
    let city = gazetteer.city(&args.city).map_err(|e| Box::new(e) as Refusal)?;
    folder::check(&args.dir, args.force, &[]).map_err(|e| Box::new(e) as Refusal)?;
    let documents = example::documents(city, args.applicants as usize, args.seed);
    folder::write(&args.dir, &documents, args.force, &[]).map_err(|e| Box::new(e) as Refusal)?;
    let (dir, n, name) = (args.dir.display(), args.applicants, &city.name);
    console.line(&both!(
        console.lang,
        "已在 {dir} 生成{name}的虚构样例（{n}家申报企业，全部为虚构）；下一步：hecha plan {dir} -o out",
        "a fictitious {name} with {n} invented applicants is in {dir}; next: hecha plan {dir} -o out"
    ));
    Ok(Answer::Yes)
}
