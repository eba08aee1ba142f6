//! A dossier → a list of claims, each re-derived: holds, or what differs.
//!
//! It shares with what wrote the dossier only the reading of tables, the definition of the draw and the compiler. Whether
//! a schedule is feasible and costs what it says is for the referee; nothing of the search is known here.

mod crews;
mod diagnosis;
mod difference;
mod documents;
mod followup;
mod inputs;
mod restrictions;
mod sample;
mod travel;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, io};

use self::inputs::INDEX;
use chrono::NaiveDate;
use serde_json::Value;

use crate::crews::Crews;
use crate::digest::sha256_hex;
use crate::dossier::{Listed, SUMS, listing, parse_sums};
use crate::draw::stream;
use crate::followup::beside::is_later;
use crate::followup::revise::Base;
use crate::followup::state::State;
use crate::inputs::{InputError, Role};
use crate::plan::{self, Drawn, Planned, Prepared};
use crate::routing::check;
use crate::routing::problem::Problem;
use crate::routing::proof::{self, Verdict};
use crate::routing::schedule::Schedule;
use crate::text::{Lang, Say, both, excerpt};
use crate::travel::Matrix;

/// Most differences listed under one claim.
const MOST_LISTED: usize = 20;

/// What is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Every file is as listed in `SHA256SUMS`, and none is missing or added.
    Checksums,
    /// The copies of the inputs are those of the index.
    Inputs,
    /// `frame.csv` follows from the inputs.
    Frame,
    /// `sample.json` follows from frame, rules and seed.
    Sample,
    /// `sample.csv` says what `sample.json` says.
    SampleTable,
    /// `travel.csv` follows from the places.
    Travel,
    /// `problem.json` follows from sample, inspectors, calendar and travel.
    Problem,
    /// The schedule is feasible and costs what it says.
    Schedule,
    /// The schedule was made as the plan asks, and no route could stand on a better day.
    Placement,
    /// Every selected enterprise is visited once or listed with its reason.
    Coverage,
    /// What the solver was told to leave out had no crews.
    Restrictions,
    /// Every crew keeps the rules and is the one that the lot gives.
    Crews,
    /// `schedule.csv` says what `schedule.json` says.
    ScheduleTable,
    /// The documents for people say what the records say.
    Documents,
    /// The diagnosis of what does not fit is right where it can be derived, and its cures work.
    Diagnosis,
    /// The stated bound is proven.
    Bound,
    /// The journal is whole, and each of its lines follows from those before.
    Journal,
    /// Every revision follows from the plan and the journal.
    Revisions,
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was derived again and holds.
    Holds,
    /// What differs, in both languages.
    Differs(Vec<Remark>),
    /// It could not be examined, and why.
    NotVerified(Remark),
}

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Remark {
    fn of(what: &dyn Say) -> Self {
        Self { zh: what.say(Lang::Zh), en: what.say(Lang::En) }
    }

    fn new(text: impl Fn(Lang) -> String) -> Self {
        Self { zh: text(Lang::Zh), en: text(Lang::En) }
    }
}

impl Say for Remark {
    fn say(&self, lang: Lang) -> String {
        lang.pick(&self.zh, &self.en).to_owned()
    }
}

/// One claim and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What is claimed.
    pub subject: Subject,
    /// What became of it.
    pub outcome: Outcome,
}

/// Everything that was examined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// In the order of derivation.
    pub claims: Vec<Claim>,
    /// SHA-256 of `SHA256SUMS`, where there is one.
    pub fingerprint: Option<String>,
    /// What cannot be shown from the dossier alone.
    pub notes: Vec<Remark>,
}

impl Report {
    /// Whether every claim holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.claims.iter().all(|c| c.outcome == Outcome::Holds)
    }

    fn add(&mut self, subject: Subject, differences: Vec<Remark>) {
        let outcome = if differences.is_empty() { Outcome::Holds } else { Outcome::Differs(differences) };
        self.claims.push(Claim { subject, outcome });
    }

    fn unexamined(&mut self, subjects: &[Subject], why: &Remark) {
        for subject in subjects {
            self.claims.push(Claim { subject: *subject, outcome: Outcome::NotVerified(why.clone()) });
        }
    }
}

impl Say for Subject {
    fn say(&self, lang: Lang) -> String {
        let (zh, en) = match self {
            Self::Checksums => {
                ("文件与SHA256SUMS一致，没有缺少或多出", "files are those of SHA256SUMS, none missing or added")
            }
            Self::Inputs => ("输入文件副本与登记一致", "the copies of the inputs are those of the index"),
            Self::Frame => ("抽样框由输入文件得出", "the frame follows from the inputs"),
            Self::Sample => ("抽取结果由抽样框、规则和种子得出", "the sample follows from frame, rules and seed"),
            Self::SampleTable => ("sample.csv与抽取记录一致", "sample.csv says what sample.json says"),
            Self::Travel => ("行车时间由位置得出", "travel times follow from the places"),
            Self::Problem => (
                "排程问题由样本、人员、工作日历和行车时间得出",
                "the problem follows from sample, inspectors, calendar and travel",
            ),
            Self::Schedule => ("日程可行，成本与所写一致", "the schedule is feasible and costs what it says"),
            Self::Placement => (
                "日程按计划的要求编排，没有路线可以排得更早（或更均匀）",
                "the schedule was made as the plan asks, and no route could stand on a better day",
            ),
            Self::Coverage => (
                "每家选中企业恰好安排一次，或列明未安排原因",
                "every selected enterprise is visited once or listed with its reason",
            ),
            Self::Restrictions => {
                ("因凑不齐人员而排除的安排确实凑不齐", "what was ruled out for want of a crew did want one")
            }
            Self::Crews => {
                ("各组人员符合规则，且由抽签得出", "every crew keeps the rules and is the one that the lot gives")
            }
            Self::Documents => (
                "工作簿、日历、方案等文件与各项记录一致，没有多出文件",
                "the documents for people say what the records say, and nothing was added",
            ),
            Self::ScheduleTable => ("schedule.csv与日程一致", "schedule.csv says what schedule.json says"),
            Self::Diagnosis => (
                "未排入的原因可由日程得出，所列办法经校核确能排入",
                "the diagnosis follows from the schedule, and its cures do make room",
            ),
            Self::Journal => (
                "日志逐行衔接，没有缺失、改动或调换，每一行都与此前的记录相符",
                "the journal is whole, and each of its lines agrees with those before",
            ),
            Self::Revisions => (
                "各次修订由原计划和日志得出，日程、人员和文件与重新推导的一致",
                "every revision follows from plan and journal; schedule, crews and documents are those derived again",
            ),
            Self::Bound => ("所写的最优性下界成立", "the stated bound is proven"),
        };
        lang.pick(zh, en).to_owned()
    }
}

/// Examines a schedule against its problem.
///
/// # Errors
/// A sentence about the file that cannot be read.
pub fn schedule(problem: &[u8], schedule: &[u8]) -> Result<Report, Remark> {
    let problem = Problem::from_json(problem).map_err(|e| Remark::of(&e))?;
    let schedule = Schedule::from_json(schedule).map_err(|e| Remark::of(&e))?;
    Ok(schedule_of(&problem, &schedule))
}

/// The same of a problem and a schedule that are read already.
#[must_use]
pub fn schedule_of(problem: &Problem, schedule: &Schedule) -> Report {
    let mut report = Report { claims: Vec::new(), fingerprint: None, notes: Vec::new() };
    examine_schedule(&mut report, problem, schedule);
    report
}

fn examine_schedule(report: &mut Report, problem: &Problem, schedule: &Schedule) {
    let found = check::check(problem, schedule);
    report.add(Subject::Schedule, shorten(found.iter().map(|v| Remark::of(v)).collect()));
    match &schedule.bound {
        None => report.notes.push(Remark::new(|lang| {
            both!(
                lang,
                "日程没有给出最优性下界：只核实可行与成本，不说明离最优多远",
                "the schedule states no bound: it is feasible and costs what it says, but nothing shows how far from optimal"
            )
        })),
        Some(bound) => match proof::check(problem, bound, schedule.cost.total) {
            Verdict::Proven(_) => {
                report.add(Subject::Bound, Vec::new());
                let (value, percent) = (bound.value, bound.gap as f64 / 10_000.0);
                let left_out = problem.must_stay_out(bound.value);
                report.notes.push(Remark::new(|lang| {
                    let mut said = both!(
                        lang,
                        "已逐一重算证书：任何日程的成本都不低于{value}，本日程与最优的差距不超过{percent:.4}%",
                        "every leaf was recomputed: no schedule costs less than {value}, this one is at most {percent:.4} % from optimal"
                    );
                    if left_out > 0 {
                        said += &both!(
                            lang,
                            "，至少有{left_out}家无论如何排不进",
                            ", and at least {left_out} visits must stay out"
                        );
                    }
                    said
                }));
            }
            Verdict::Flawed(flaw) => report.add(Subject::Bound, vec![Remark::of(&flaw)]),
            Verdict::Unfinished => report.unexamined(
                &[Subject::Bound],
                &Remark::new(|lang| {
                    both!(
                        lang,
                        "证书未能在限定的计算量内重算完毕，既未证实也未否定",
                        "the certificate could not be recomputed within the limit on work: neither shown nor refuted"
                    )
                }),
            ),
        },
    }
}

fn shorten(mut all: Vec<Remark>) -> Vec<Remark> {
    let more = all.len().saturating_sub(MOST_LISTED);
    all.truncate(MOST_LISTED);
    if more > 0 {
        all.push(Remark::new(|lang| both!(lang, "……另有{more}处", "… and {more} more")));
    }
    all
}

/// Examines a dossier, or the folder of a draw alone.
///
/// # Errors
/// A sentence where the folder is no dossier.
pub fn dossier(folder: &Path) -> Result<Report, Remark> {
    let files = read_folder(folder).map_err(|error| Remark::of(&InputError::Read(folder.to_owned(), error)))?;
    let sums = files.get(SUMS);
    let draw_alone = !files.contains_key(INDEX);
    // One that has lost its list of checksums is a dossier all the same, and not as it was written.
    if sums.is_none() && draw_alone && !files.contains_key("sample.json") {
        let path = folder.display().to_string();
        return Err(Remark::new(|lang| {
            both!(lang, "{path} 中没有{SUMS}，不是核查档案", "{path} has no {SUMS}: it is no dossier")
        }));
    }
    let without_sums = || difference::lines(None, &[], SUMS);
    let fingerprint = sums.map(|sums| sha256_hex(sums));
    let mut report = Report { claims: Vec::new(), fingerprint, notes: Vec::new() };
    report.add(
        Subject::Checksums,
        shorten(sums.map_or_else(without_sums, |sums| checksums(&files, sums, draw_alone))),
    );
    let sealed = files.get("seal.json").map(|bytes| sha256_hex(bytes));
    report.notes.push(match sealed {
        Some(digest) => Remark::new(|lang| {
            both!(
                lang,
                "本档案在封存（seal.json，SHA-256 {digest}）下抽取；请核对封存内容或其抽样框指纹确已在种子产生之前公布，程序无法证明公布的时间",
                "the draw stands under a seal (seal.json, SHA-256 {digest}); see that it, or its frame digest, was published before the seed was known: no file can show when"
            )
        }),
        None => Remark::new(|lang| {
            both!(
                lang,
                "整套重做的档案（连同输入）只能靠事先封存，或与已公布的指纹比对来识别；本档案没有封存记录，不能证明抽样框、抽签编号和种子的先后",
                "a dossier wholly made anew, inputs included, can be told only by a seal or by its fingerprint if that was published; this one has no seal, so nothing shows in which order frame, draw id and seed were fixed"
            )
        }),
    });
    if draw_alone {
        sample::examine(&mut report, &files);
    } else {
        examine_dossier(&mut report, &files);
    }
    Ok(report)
}

type Files = BTreeMap<String, Vec<u8>>;

/// Everything that a dossier holds beside `inputs/` and `SHA256SUMS`.
const DOCUMENTS: [&str; 11] = [
    "frame.csv",
    "seal.json",
    "sample.json",
    "sample.csv",
    "travel.csv",
    "problem.json",
    "schedule.json",
    "crews.json",
    "restrictions.json",
    "schedule.csv",
    "diagnosis.json",
];

/// Every file of the folder by its relative path with forward slashes.
fn read_folder(folder: &Path) -> io::Result<Files> {
    let read = |listed: Listed| {
        let bytes = listed.file.map_or(Ok(Vec::new()), fs::read)?;
        Ok((listed.name, bytes))
    };
    listing(folder)?.into_iter().map(read).collect()
}

/// Compares files with their sums. Of the folder of a draw it also knows which files there may be; what else may stand in
/// a dossier is for its documents to tell.
fn checksums(files: &Files, sums: &[u8], draw_alone: bool) -> Vec<Remark> {
    let text = String::from_utf8_lossy(sums);
    let listed = match parse_sums(&text) {
        Ok(listed) => listed,
        Err(line) => {
            return vec![Remark::new(|lang| {
                both!(lang, "{SUMS}第{line}行无法识别", "{SUMS}, line {line} cannot be read")
            })];
        }
    };
    let mut out = Vec::new();
    let mut seen = BTreeSet::new();
    for sum in &listed {
        let path = excerpt(&sum.path, 80);
        seen.insert(sum.path.as_str());
        match files.get(&sum.path) {
            None => out.push(Remark::new(|lang| both!(lang, "缺少文件 {path}", "{path} is missing"))),
            Some(bytes) if sha256_hex(bytes) != sum.sha256 => {
                out.push(Remark::new(|lang| both!(lang, "{path} 已被改动", "{path} was changed")));
            }
            Some(_) => {}
        }
    }
    let known = |path: &str| path == SUMS || !draw_alone || DOCUMENTS.contains(&path);
    // What came after the plan has its own proof of being whole.
    let listed = |path: &str| path == SUMS || seen.contains(path) || (!draw_alone && is_later(path));
    for path in files.keys().filter(|p| !known(p) || !listed(p)) {
        let path = excerpt(path, 80);
        out.push(Remark::new(|lang| both!(lang, "多出文件 {path}", "{path} was added")));
    }
    out
}

fn examine_dossier(report: &mut Report, files: &Files) {
    use Subject as S;
    let everything = [
        S::Frame,
        S::Sample,
        S::SampleTable,
        S::Travel,
        S::Problem,
        S::Schedule,
        S::Placement,
        S::Coverage,
        S::Crews,
        S::ScheduleTable,
        S::Documents,
    ];
    let (inputs, language) = match inputs::read(report, files) {
        Ok(found) => found,
        Err(why) => return report.unexamined(&everything, &why),
    };
    let drawn = match plan::draw(&inputs) {
        Ok(drawn) => drawn,
        Err(why) => return report.unexamined(&everything, &Remark::of(&why)),
    };
    report.add(S::Frame, difference::lines(files.get("frame.csv"), &drawn.read.frame.to_csv(), "frame.csv"));
    let stated = json(files, "sample.json");
    let derived = serde_json::to_value(drawn.whole_record()).unwrap_or(Value::Null);
    let mut wrong = difference::json("sample.json", stated, &derived);
    if wrong.is_empty() {
        wrong = difference::lines(files.get("sample.json"), &drawn.whole_record().to_json(), "sample.json");
    }
    let copy = inputs.of(Role::Seal).next().map(|f| f.content.sha256().to_owned());
    if files.get("seal.json").map(|bytes| sha256_hex(bytes)) != copy {
        wrong.push(Remark::new(|lang| {
            both!(lang, "seal.json 与输入副本不一致", "seal.json is not the copy among the inputs")
        }));
    }
    report.add(S::Sample, shorten(wrong));
    let mut table = Vec::new();
    let written = drawn.write_sample_csv(&mut table, language);
    debug_assert!(written.is_ok(), "memory");
    report.add(S::SampleTable, difference::lines(files.get("sample.csv"), &table, "sample.csv"));
    let prepared = match plan::prepare(&inputs, &drawn) {
        Ok(mut prepared) => {
            let differences = restrictions::examine(files, &mut prepared);
            if !differences.is_empty() {
                report.add(S::Restrictions, shorten(differences));
            }
            prepared
        }
        Err(why) => return report.unexamined(&everything[3..], &Remark::of(&why)),
    };
    let Some(travel) = travel::examine(report, files, &inputs, &prepared) else {
        let why = Remark::new(|lang| both!(lang, "行车时间无法核验", "travel times cannot be examined"));
        return report.unexamined(&everything[4..], &why);
    };
    match plan::problem_json(&drawn, &prepared, &travel) {
        Ok(bytes) => {
            report.add(S::Problem, shorten(difference::problem(files.get("problem.json"), &bytes)));
        }
        Err(why) => report.unexamined(&[S::Problem], &Remark::of(&why)),
    }
    let case = Case { drawn: &drawn, prepared: &prepared, travel: &travel, language, revision: None };
    examine_result(report, files, case);
    followup::examine(report, files, &inputs, &drawn, &prepared.roster, language);
}

/// A plan or a revision whose result is examined.
#[derive(Clone, Copy)]
struct Case<'a> {
    drawn: &'a Drawn,
    prepared: &'a Prepared,
    travel: &'a Matrix,
    language: Lang,
    /// Where the case is a revision: what it starts from, the journal replayed, and the first day planned anew.
    revision: Option<(Base<'a>, &'a State, NaiveDate)>,
}

fn examine_result(report: &mut Report, files: &Files, case: Case<'_>) {
    use Subject as S;
    const AFTER_PROBLEM: [S; 6] =
        [S::Schedule, S::Placement, S::Coverage, S::Crews, S::ScheduleTable, S::Documents];
    let Case { drawn, prepared, travel, language, revision } = case;
    if let Some(name) = ["problem.json", "schedule.json"].into_iter().find(|name| !files.contains_key(*name)) {
        return report.unexamined(&AFTER_PROBLEM, &difference::missing(name));
    }
    let bytes = |name: &str| files.get(name).map_or(&[][..], Vec::as_slice);
    let problem = Problem::from_json(bytes("problem.json"));
    let schedule = Schedule::from_json(bytes("schedule.json"));
    let (problem, schedule) = match (problem, schedule) {
        (Ok(problem), Ok(schedule)) => (problem, schedule),
        (Err(why), _) => {
            let why = Remark::new(|lang| format!("problem.json: {}", why.say(lang)));
            return report.unexamined(&AFTER_PROBLEM, &why);
        }
        (_, Err(why)) => {
            let why = Remark::new(|lang| format!("schedule.json: {}", why.say(lang)));
            return report.unexamined(&AFTER_PROBLEM, &why);
        }
    };
    examine_schedule(report, &problem, &schedule);
    let mut wrong = difference::lines(files.get("schedule.json"), schedule.to_json().as_bytes(), "schedule.json");
    for (field, stated, derived) in [
        ("run.seed", schedule.run.seed.clone(), drawn.record.seed.clone()),
        ("run.effort", schedule.run.effort.to_string(), prepared.settings.effort.to_string()),
    ] {
        if stated != derived {
            let stated = excerpt(&stated, 80);
            wrong.push(Remark::new(|lang| {
                both!(
                    lang,
                    "schedule.json 的 {field} 写为{stated}，计划要求{derived}",
                    "schedule.json: {field} is stated as {stated}, the plan asks for {derived}"
                )
            }));
        }
    }
    // Where days were found to be without crews, a better place for a route may be one of them.
    if prepared.restrictions.is_empty() {
        wrong.extend(check::misplaced(&problem, &schedule).iter().map(|v| Remark::of(v)));
    }
    report.add(S::Placement, shorten(wrong));
    let demanded = match revision {
        None => drawn.whole_record().selected.lines().map(|line| line.code.to_string()).collect(),
        Some((base, state, from)) => base.left(state, from).iter().map(ToString::to_string).collect(),
    };
    report.add(S::Coverage, shorten(coverage(demanded, &schedule)));
    let key = stream::Key::of(&drawn.record.draw, &drawn.record.seed);
    let tasks = plan::tasks(&prepared.visits, &problem, &schedule);
    let lot = crews::Lot {
        salt: &key.salt(stream::CREWS),
        tasks: &tasks,
        inspectors: &prepared.roster.inspectors,
        rules: plan::rules(&prepared.settings),
        kept: &plan::kept(prepared, &tasks),
        before: prepared.standing.as_ref().map_or(&[][..], |standing| &standing.before),
    };
    crews::examine(report, files, "crews.json", lot);
    // Without crews that can be read, the claim about them fails; the table needs them for the names of teams alone.
    let crews = Crews::from_json(bytes("crews.json")).map_or_else(|_| Vec::new(), |crews| crews.routes);
    let table = plan::schedule_csv(&problem, &schedule, &crews, prepared, language);
    report.add(S::ScheduleTable, difference::lines(files.get("schedule.csv"), &table, "schedule.csv"));
    let planned = Planned { drawn, prepared, travel, problem_json: bytes("problem.json"), schedule: &schedule };
    if revision.is_none() {
        diagnosis::examine(report, files, &planned);
    }
    documents::examine(report, files, &planned, &problem, case);
}

fn json(files: &Files, name: &str) -> Option<Value> {
    serde_json::from_slice(files.get(name)?).ok()
}

/// Whether the schedule names exactly the enterprises that the record selects.
fn coverage(demanded: Vec<String>, schedule: &Schedule) -> Vec<Remark> {
    let mut times: BTreeMap<String, u32> = demanded.into_iter().map(|code| (code, 0)).collect();
    let mut wrong = Vec::new();
    let visited = schedule.routes.iter().flat_map(|r| r.visits.iter().map(|v| &v.id));
    for id in visited.chain(schedule.unscheduled.iter().map(|u| &u.id)) {
        match times.get_mut(id) {
            Some(count) => *count += 1,
            None => wrong.push(Remark::new(|lang| {
                both!(lang, "{id}未被抽中却出现在日程中", "{id} was not selected but stands in the schedule")
            })),
        }
    }
    for (id, count) in times.iter().filter(|(_, count)| **count != 1) {
        wrong.push(Remark::new(|lang| {
            both!(lang, "{id}在日程中出现{count}次", "{id} stands {count} times in the schedule")
        }));
    }
    wrong
}
