//! The conductor: inputs → frame → draw → travel → problem → schedule.
//!
//! Each stage is a pure function of what stands before it, so that `verify` can run the same stages over a dossier's own
//! copies of the inputs and compare.

pub mod diagnosis;

use std::collections::BTreeMap;

use self::diagnosis::Diagnosis;
use crate::calendar::{Calendar, CalendarError};
use crate::compile::{self, Site, Sources};
use crate::county::{City, CountyError, Gazetteer};
use crate::digest::sha256_hex;
use crate::dossier::{self, Document, ScheduleRow};
use crate::draw::seal::{CHANGE_FIELDS, Matter, Seal, SealError, read_changes};
use crate::draw::{self, Draw, DrawError, DrawId, Heading, Rules, SampleRecord, stream};
use crate::frame::{self, Applicant, EXCLUSION_FIELDS, Exclusion, Finding, Frame, Level, Reading, What};
use crate::inputs::{InputError, Inputs, Role};
use crate::notice::{Notice, NoticeError};
use crate::roster::{self, Roster};
use crate::routing::check::Violation;
use crate::routing::problem::{Problem, ProblemError, ProblemFile};
use crate::routing::schedule::Schedule;
use crate::routing::solve::{self, Settings as SolveSettings, Watch};
use crate::settings::{ScheduleSettings, SettingsError, TravelSource};
use crate::table::{self, Source, TableError};
use crate::text::{Detail, Lang, Say, both, display_in_english};
use crate::travel::{Datum, Matrix, MatrixError, Reach};

/// Why a run cannot go on. Nothing has been written.
#[derive(Debug)]
pub enum PlanError {
    /// Files.
    Input(InputError),
    /// `plan.toml`.
    Settings(SettingsError),
    /// Draw id or seed.
    Seed(String, String),
    /// The notice.
    Notice(NoticeError),
    /// Cities and counties.
    County(CountyError),
    /// Working days.
    Calendar(CalendarError),
    /// Tables that cannot be read; all of them.
    Tables(Vec<TableError>),
    /// No city is named and the tables do not tell.
    NoCity,
    /// Tables with a header and nothing below it: their names.
    NoApplicants(Vec<String>),
    /// Findings that make the draw wrong; all of them.
    Fatal(Vec<Finding>),
    /// The draw is refused.
    Draw(DrawError),
    /// The draw does not stand under its seal.
    Seal(SealError),
    /// The travel matrix.
    Matrix(MatrixError),
    /// No inspectors to go.
    NoInspectors,
    /// The compiled problem is refused.
    Problem(ProblemError),
    /// The referee found a mistake in a schedule of this program's own.
    Refereed(Violation),
    /// Something this version cannot do: zh and en.
    Unsupported(&'static str, &'static str),
}

impl Say for PlanError {
    fn say(&self, lang: Lang) -> String {
        let lines = |texts: Vec<String>| texts.join("\n");
        match self {
            Self::Input(e) => e.say(lang),
            Self::Settings(e) => e.say(lang),
            Self::Seed(zh, en) => lang.pick(zh, en).to_owned(),
            Self::Notice(e) => e.say(lang),
            Self::County(e) => e.say(lang),
            Self::Calendar(e) => e.say(lang),
            Self::Tables(all) => lines(all.iter().map(|e| e.say(lang)).collect()),
            Self::NoCity => both!(
                lang,
                "看不出是哪个设区市；请在 plan.toml 中写 city，或用 --city 指定",
                "the tables do not tell the city; give city in plan.toml or --city"
            ),
            Self::NoApplicants(names) => {
                let names = names.join(lang.pick("、", ", "));
                both!(
                    lang,
                    "{names} 还是空表，没有一家申报企业；请从表头下一行起填写，保存后再运行",
                    "{names} is still empty, without a single applicant; fill it in below the header, save it and run again"
                )
            }
            Self::Fatal(all) => {
                let n = all.len();
                let list = lines(all.iter().map(|f| f.say(lang)).collect());
                both!(lang, "有{n}处必须更正：\n{list}", "{n} problems must be corrected:\n{list}")
            }
            Self::Draw(e) => e.say(lang),
            Self::Seal(e) => e.say(lang),
            Self::Matrix(e) => e.say(lang),
            Self::NoInspectors => both!(
                lang,
                "核查人员名单是空的；请至少填写一个小组的人数",
                "the inspectors' list is empty; it needs at least one crew"
            ),
            Self::Problem(e) => e.say(lang),
            Self::Refereed(violation) => {
                let violation = violation.say(lang);
                both!(
                    lang,
                    "程序内部错误：排出的日程未通过校核（{violation}），没有写出任何文件；请把输入文件报告给开发者",
                    "internal error: the schedule found fails its own check ({violation}); nothing was written, please report the inputs"
                )
            }
            Self::Unsupported(zh, en) => lang.pick(zh, en).to_owned(),
        }
    }

    fn details(&self) -> Vec<Detail> {
        match self {
            Self::Tables(all) => all.iter().flat_map(Say::details).collect(),
            Self::Fatal(all) => all.iter().flat_map(Say::details).collect(),
            Self::Input(error) => error.details(),
            _ => Vec::new(),
        }
    }
}
display_in_english!(PlanError);
impl std::error::Error for PlanError {}

macro_rules! from {
    ($($error:ty => $variant:ident),+ $(,)?) => {$(
        impl From<$error> for PlanError {
            fn from(error: $error) -> Self {
                Self::$variant(error)
            }
        }
    )+};
}
from!(
    InputError => Input, SettingsError => Settings, NoticeError => Notice, CountyError => County,
    CalendarError => Calendar, DrawError => Draw, MatrixError => Matrix, ProblemError => Problem,
    SealError => Seal,
);

/// Tables read and checked.
#[derive(Debug)]
pub struct Read {
    /// Rules of the year.
    pub notice: Notice,
    /// Cities and counties.
    pub gazetteer: Gazetteer,
    /// Applicants.
    pub frame: Frame,
    /// Exclusions, ascending by code.
    pub exclusions: Vec<Exclusion>,
    /// Sampling rules.
    pub rules: Rules,
}

/// Reads notice, counties, applicants and exclusions. Fatal findings are kept; [`Read::refuse_fatal`] acts on them.
///
/// # Errors
/// [`PlanError`] for files that cannot be read at all.
pub fn read(inputs: &Inputs) -> Result<Read, PlanError> {
    let name = inputs.of(Role::Notice).next().map_or("", |f| f.file_name());
    let notice = Notice::parse(name, &inputs.text(Role::Notice))?;
    let gazetteer =
        Gazetteer::from_csv(&inputs.text(Role::Cities), &inputs.text(Role::Counties), &inputs.text(Role::Zones))?;
    let rules = inputs.plan.rules(&notice)?;
    let tables = tables(inputs, Role::Applicants, frame::APPLICANT_FIELDS)?;
    if tables.iter().all(|table| table.rows.is_empty()) {
        return Err(PlanError::NoApplicants(tables.iter().map(|table| table.file.to_string()).collect()));
    }
    let city = match &inputs.plan.city {
        Some(city) => gazetteer.city(city)?,
        None => frame::city_of(&tables, &gazetteer).ok_or(PlanError::NoCity)?,
    };
    let reading = Reading {
        notice: &notice,
        gazetteer: &gazetteer,
        city,
        county_decides: rules.scope == draw::Scope::County,
    };
    let mut frame = frame::read(&tables, reading);
    let far = far_away(&frame, city, inputs.plan.travel.datum);
    frame.findings.extend(far);
    let mut exclusions = Vec::new();
    for table in self::tables(inputs, Role::Exclude, EXCLUSION_FIELDS)? {
        let (list, findings) = Exclusion::read(&table, &frame);
        exclusions.extend(list);
        frame.findings.extend(findings);
    }
    Ok(Read { notice, gazetteer, frame, exclusions, rules })
}

/// Applicants whose point lies outside the city.
fn far_away(frame: &Frame, city: &City, datum: Datum) -> Vec<Finding> {
    let reach = Reach::of(city);
    let finding = |a: &Applicant| {
        let (lon, lat) = a.point?;
        let what = What::FarAway(reach.outside_km(datum.to_wgs84(lon, lat))?);
        let (code, place) = (Some(a.code), a.place.clone());
        Some(Finding { what, level: Level::Note, place, code, value: format!("{lon}, {lat}") })
    };
    frame.applicants.iter().filter_map(finding).collect()
}

fn tables(inputs: &Inputs, role: Role, fields: &[table::Field]) -> Result<Vec<table::Table>, PlanError> {
    let mut out = Vec::new();
    let mut refused = Vec::new();
    for input in inputs.of(role) {
        let name = input.file_name();
        // Two tables of one name in different folders are told apart by their paths.
        let alone = inputs.files.iter().filter(|f| f.file_name() == name).count() < 2;
        let name = if alone { name } else { input.original.as_str() };
        let sheet = inputs.plan.sheet.clone().filter(|_| role == Role::Applicants);
        let source = Source { name: name.to_owned(), bytes: input.bytes.clone(), sheet };
        match table::read(&source, fields) {
            Ok(table) => out.push(table),
            Err(error) => refused.push(error),
        }
    }
    if refused.is_empty() { Ok(out) } else { Err(PlanError::Tables(refused)) }
}

impl Read {
    /// Refuses what would make the draw wrong.
    ///
    /// # Errors
    /// [`PlanError::Fatal`] with every fatal finding.
    pub fn refuse_fatal(&self) -> Result<(), PlanError> {
        let fatal: Vec<Finding> = self.frame.fatal().cloned().collect();
        if fatal.is_empty() { Ok(()) } else { Err(PlanError::Fatal(fatal)) }
    }

    /// The stars of the notice, ascending.
    #[must_use]
    pub fn stars(&self) -> Vec<u8> {
        self.notice.stars.iter().map(|rule| rule.star).collect()
    }
}

/// Tables and what was drawn from them.
#[derive(Debug)]
pub struct Drawn {
    /// Tables.
    pub read: Read,
    /// The draw.
    pub draw: Draw,
    /// The record.
    pub record: SampleRecord,
}

/// Draws the sample that the inputs ask for.
///
/// # Errors
/// [`PlanError`] for what would make the draw wrong.
pub fn draw(inputs: &Inputs) -> Result<Drawn, PlanError> {
    let read = read(inputs)?;
    read.refuse_fatal()?;
    let (id, seed) = inputs.plan.randomness().map_err(|e| PlanError::Seed(e.say(Lang::Zh), e.say(Lang::En)))?;
    let key = stream::Key::new(&id, &seed);
    let draw = draw::draw(&read.frame, &read.stars(), &read.rules, &read.exclusions, key)?;
    let files: Vec<_> = inputs.of(Role::Applicants).map(crate::inputs::Input::line).collect();
    let heading = Heading {
        draw: &id,
        seed: &seed,
        seed_source: inputs.plan.seed_source.as_deref(),
        notice: &read.notice.id,
        files: &files,
    };
    let mut record = SampleRecord::new(heading, &read.frame, &read.rules, &read.exclusions, &draw);
    under_seal(inputs, &read, &id, &mut record)?;
    Ok(Drawn { read, draw, record })
}

fn matter<'a>(read: &'a Read, draw: &'a DrawId, stars: &'a [u8]) -> Matter<'a> {
    Matter {
        draw,
        notice: &read.notice.id,
        stars,
        frame: &read.frame,
        rules: &read.rules,
        exclusions: &read.exclusions,
    }
}

/// Checks a draw against the seal that the plan names and puts both into the record.
fn under_seal(inputs: &Inputs, read: &Read, id: &DrawId, record: &mut SampleRecord) -> Result<(), PlanError> {
    let Some(file) = inputs.of(Role::Seal).next() else {
        return match inputs.plan.changes {
            Some(_) => Err(SettingsError::Missing("seal").into()),
            None => Ok(()),
        };
    };
    let seal = Seal::from_json(&file.bytes)?;
    let mut changes = Vec::new();
    for table in tables(inputs, Role::Changes, CHANGE_FIELDS)? {
        changes.extend(read_changes(&table)?);
    }
    let sealed = inputs.of(Role::SealedFrame).next().map_or(&[][..], |f| f.bytes.as_slice());
    let stars = read.stars();
    seal.admit(matter(read, id, &stars), inputs.plan.seed_source.as_deref(), sealed, &changes)?;
    record.seal = Some(sha256_hex(&file.bytes));
    record.changes = changes;
    Ok(())
}

/// Seals frame and rules before the seed is known.
///
/// # Errors
/// [`PlanError`] for what would make a draw wrong.
pub fn seal(inputs: &Inputs) -> Result<(Read, Seal), PlanError> {
    let read = read(inputs)?;
    read.refuse_fatal()?;
    let id = inputs.plan.draw.as_deref().ok_or(SettingsError::Missing("draw"))?;
    let id = DrawId::new(id).map_err(|e| PlanError::Seed(e.say(Lang::Zh), e.say(Lang::En)))?;
    let files: Vec<_> = inputs.of(Role::Applicants).map(crate::inputs::Input::line).collect();
    let stars = read.stars();
    let seal = Seal::new(matter(&read, &id, &stars), inputs.plan.seed_source.as_deref(), &files);
    Ok((read, seal))
}

/// The documents of a seal: frame, seal, the text to publish, checksums.
#[must_use]
pub fn seal_documents(read: &Read, seal: &Seal, lang: Lang) -> Vec<Document> {
    let name = lang.pick("公告.txt", "announcement.txt");
    let mut out = vec![
        Document::new("frame.csv", read.frame.to_csv()),
        Document::new("seal.json", seal.to_json()),
        // Windows' Notepad tells UTF-8 by its mark.
        Document::new(name, format!("\u{feff}{}", dossier::announcement(seal, &read.notice, lang))),
    ];
    out.push(dossier::sums(&out));
    out
}

impl Drawn {
    /// The enterprises to visit, in the order of the record.
    #[must_use]
    pub fn visits(&self) -> Vec<&Applicant> {
        self.draw.visited().into_iter().map(|at| &self.read.frame.applicants[at]).collect()
    }
}

/// Everything between the sample and the schedule.
#[derive(Debug)]
pub struct Prepared {
    /// Inspectors and bases.
    pub roster: Roster,
    /// Working days.
    pub calendar: Calendar,
    /// `[schedule]`.
    pub settings: ScheduleSettings,
    /// Bases, then enterprises.
    pub sites: Vec<Site>,
}

/// Refuses, before anything is drawn, a plan whose `[schedule]` or inspectors cannot be used.
///
/// # Errors
/// [`PlanError`].
pub fn check_schedule(inputs: &Inputs) -> Result<(), PlanError> {
    let name = inputs.of(Role::Notice).next().map_or("", |f| f.file_name());
    let notice = Notice::parse(name, &inputs.text(Role::Notice))?;
    let settings = inputs.plan.schedule(&notice)?;
    let calendar = Calendar::from_csv(&inputs.text(Role::Workdays))?;
    calendar.is_workday(settings.first_day)?;
    compile::last_visit_days(&notice, &calendar, &settings)?;
    if inputs.of(Role::Inspectors).next().is_none() {
        return Err(SettingsError::Missing("inspectors").into());
    }
    tables(inputs, Role::Inspectors, roster::INSPECTOR_FIELDS)?;
    Ok(())
}

/// Reads inspectors and calendar and finds everybody's place.
///
/// # Errors
/// [`PlanError`].
pub fn prepare(inputs: &Inputs, drawn: &Drawn) -> Result<Prepared, PlanError> {
    let settings = inputs.plan.schedule(&drawn.read.notice)?;
    let calendar = Calendar::from_csv(&inputs.text(Role::Workdays))?;
    let city = drawn.read.gazetteer.city(&drawn.read.frame.city)?;
    let datum = inputs.plan.travel.datum;
    let table = tables(inputs, Role::Inspectors, roster::INSPECTOR_FIELDS)?
        .pop()
        .ok_or(PlanError::Settings(SettingsError::Missing("inspectors")))?;
    let roster = roster::read(&table, &drawn.read.gazetteer, city, datum);
    let fatal: Vec<Finding> = roster.findings.iter().filter(|f| f.level == Level::Fatal).cloned().collect();
    if !fatal.is_empty() {
        return Err(PlanError::Fatal(fatal));
    }
    if roster.inspectors.is_empty() {
        return Err(PlanError::NoInspectors);
    }
    let sites = compile::sites(&drawn.visits(), &roster, &drawn.read.gazetteer, city, datum);
    Ok(Prepared { roster, calendar, settings, sites })
}

/// Travel between all sites, from the source that the plan names.
///
/// # Errors
/// [`PlanError::Matrix`] where a pair is missing.
pub fn travel(inputs: &Inputs, prepared: &Prepared) -> Result<Matrix, PlanError> {
    let ids: Vec<String> = prepared.sites.iter().map(|s| s.id.clone()).collect();
    if inputs.plan.travel.source == TravelSource::Matrix {
        let table = inputs.of(Role::Travel).next().ok_or(SettingsError::Missing("travel.file"))?;
        let rows = table::grid(table.file_name(), &table.bytes).map_err(|e| PlanError::Tables(vec![e]))?;
        return Ok(Matrix::from_rows(&rows, &ids)?);
    }
    let estimate = &inputs.plan.travel.estimate;
    Ok(Matrix::of(ids, |a, b| estimate.seconds(prepared.sites[a].point, prepared.sites[b].point)))
}

/// `problem.json` as bytes.
///
/// # Errors
/// [`PlanError`].
///
/// # Panics
/// Never: a problem has string keys only.
pub fn problem_json(drawn: &Drawn, prepared: &Prepared, travel: &Matrix) -> Result<Vec<u8>, PlanError> {
    problem_under(drawn, prepared, travel, &prepared.settings)
}

/// `problem.json` under other settings than the plan's.
fn problem_under(
    drawn: &Drawn,
    prepared: &Prepared,
    travel: &Matrix,
    settings: &ScheduleSettings,
) -> Result<Vec<u8>, PlanError> {
    let visits = drawn.visits();
    let sources = Sources {
        name: &drawn.record.draw,
        visits: &visits,
        roster: &prepared.roster,
        notice: &drawn.read.notice,
        calendar: &prepared.calendar,
        settings,
    };
    let file = compile::compile(sources, &prepared.sites, travel)?;
    Ok(file_bytes(&file))
}

fn file_bytes(file: &ProblemFile) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(file).expect("string keys");
    bytes.push(b'\n');
    bytes
}

/// Solves a problem with the search stream of (name, seed), as `plan` and `solve` both do.
pub fn solve(problem: &Problem, settings: &SolveSettings, watch: &dyn Watch) -> Schedule {
    let key = stream::Key::of(problem.name.as_deref().unwrap_or(""), &settings.seed);
    solve::solve(problem, settings, &mut key.generator(stream::SEARCH), watch)
}

/// What people may want to know about each visit, by id.
#[must_use]
pub fn schedule_rows<'a>(drawn: &'a Drawn, prepared: &Prepared) -> BTreeMap<String, ScheduleRow<'a>> {
    let approximate: BTreeMap<&str, bool> =
        prepared.sites.iter().map(|s| (s.id.as_str(), s.approximate)).collect();
    let targeted: Vec<_> = drawn.record.selected.iter().filter(|l| l.targeted.is_some()).map(|l| l.code).collect();
    drawn
        .visits()
        .into_iter()
        .map(|applicant| {
            let id = applicant.code.to_string();
            let row = ScheduleRow {
                applicant,
                approximate: approximate.get(id.as_str()).copied().unwrap_or(false),
                targeted: targeted.contains(&applicant.code),
            };
            (id, row)
        })
        .collect()
}

/// The documents of a draw alone, with its checksums.
#[must_use]
pub fn draw_documents(inputs: &Inputs, drawn: &Drawn, lang: Lang) -> Vec<Document> {
    let mut out = sample_documents(drawn, lang);
    out.extend(inputs.of(Role::Seal).map(|f| Document::new("seal.json", f.bytes.clone())));
    out.push(dossier::sums(&out));
    out
}

fn sample_documents(drawn: &Drawn, lang: Lang) -> Vec<Document> {
    vec![
        Document::new("frame.csv", drawn.read.frame.to_csv()),
        Document::new("sample.json", drawn.record.to_json()),
        Document::new("sample.csv", dossier::sample_csv(&drawn.record, lang)),
    ]
}

/// Everything between sample and dossier.
#[derive(Debug, Clone, Copy)]
pub struct Planned<'a> {
    /// The sample.
    pub drawn: &'a Drawn,
    /// Inspectors and places.
    pub prepared: &'a Prepared,
    /// Travel.
    pub travel: &'a Matrix,
    /// `problem.json`.
    pub problem_json: &'a [u8],
    /// The schedule.
    pub schedule: &'a Schedule,
}

/// All documents of a dossier, with its checksums.
#[must_use]
pub fn dossier_documents(
    inputs: &Inputs,
    planned: &Planned<'_>,
    diagnosis: Option<&Diagnosis>,
    lang: Lang,
) -> Vec<Document> {
    let rows = schedule_rows(planned.drawn, planned.prepared);
    let mut out = dossier::copies(inputs, lang);
    out.extend(sample_documents(planned.drawn, lang));
    out.extend(inputs.of(Role::Seal).map(|f| Document::new("seal.json", f.bytes.clone())));
    out.extend([
        Document::new("travel.csv", planned.travel.to_csv()),
        Document::new("problem.json", planned.problem_json),
        Document::new("schedule.json", planned.schedule.to_json()),
        Document::new("schedule.csv", dossier::schedule_csv(planned.schedule, &rows, lang)),
    ]);
    out.extend(diagnosis.map(|diagnosis| Document::new(diagnosis::FILE, diagnosis.to_json())));
    out.push(dossier::sums(&out));
    out
}
