//! The conductor: inputs → frame → draw → travel → problem → schedule.
//!
//! Each stage is a pure function of what stands before it, so that `verify` can run the same stages over a dossier's own
//! copies of the inputs and compare.

pub mod diagnosis;
mod documents;
mod manning;
pub mod restrict;

use std::collections::{BTreeMap, BTreeSet};
use std::io;

pub use self::documents::{Planned, dossier_documents, draw_documents, schedule_csv, seal_documents, view};
pub use self::manning::{crews, kept, rules, tasks};
use self::restrict::Restriction;
use chrono::NaiveDate;

use crate::calendar::{Calendar, CalendarError};
use crate::compile::{self, Site, Sources};
use crate::county::{CountyError, Gazetteer};
use crate::dossier::{self, listed::Chosen};
use crate::draw::coverage::{Coverage, coverage, demanded};
use crate::draw::seal::{CHANGE_FIELDS, Matter, Seal, SealError, read_changes};
use crate::draw::{
    self, Draw, DrawError, DrawId, Heading, Names, Reserves, Rules, SampleRecord, Selected, stream,
};
use crate::frame::{self, Applicant, CreditCode, EXCLUSION_FIELDS, Exclusion, Findings, Frame, Level, Reading};
use crate::inputs::{InputError, Inputs, Role};
use crate::notice::{Notice, NoticeError};
use crate::roster::{self, Roster};
use crate::routing::check::{self, Violation};
use crate::routing::problem::{PlannedFile, Problem, ProblemError, ProblemFault, ProblemFile};
use crate::routing::schedule::Schedule;
use crate::routing::solve::{self, Settings as SolveSettings, Watch};
use crate::settings::{ScheduleSettings, SettingsError, TravelSource};
use crate::simulate::Rates;
use crate::table::{self, Content, Table, TableError, TableReader};
use crate::text::{Detail, Lang, Say, both, display_in_english};
use crate::travel::{Datum, Matrix, MatrixError};

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
    /// Findings that make the draw wrong.
    Fatal(Findings),
    /// The draw is refused.
    Draw(DrawError),
    /// The draw does not stand under its seal.
    Seal(SealError),
    /// The travel matrix: its file, and what is wrong with it.
    Matrix(String, MatrixError),
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
                let n = all.count(Level::Fatal);
                let mut list: Vec<String> = all.iter().map(|f| f.say(lang)).collect();
                let more = all.left_out(Level::Fatal);
                if more > 0 {
                    list.push(both!(lang, "……另有{more}处", "… and {more} more"));
                }
                let list = lines(list);
                both!(lang, "有{n}处必须更正：\n{list}", "{n} problems must be corrected:\n{list}")
            }
            Self::Draw(e) => e.say(lang),
            Self::Seal(e) => e.say(lang),
            Self::Matrix(file, e) => {
                let why = e.say(lang);
                both!(lang, "{file}：{why}", "{file}: {why}")
            }
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

impl From<TableError> for PlanError {
    fn from(error: TableError) -> Self {
        Self::Tables(vec![error])
    }
}

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
    CalendarError => Calendar, DrawError => Draw, ProblemError => Problem,
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
    /// The applicants' tables, for what else they say of those who are drawn.
    tables: Vec<TableReader>,
}

/// Rows of each table from which the city is guessed.
const FIRST_ROWS: usize = 10_000;

/// Reads notice, counties, applicants and exclusions. Fatal findings are kept; [`Read::refuse_fatal`] acts on them.
///
/// # Errors
/// [`PlanError`] for files that cannot be read at all.
pub fn read(inputs: &Inputs) -> Result<Read, PlanError> {
    let name = inputs.of(Role::Notice).next().map_or("", |f| f.file_name());
    let notice = Notice::parse(name, &inputs.text(Role::Notice)?)?;
    let [cities, counties, zones] = [Role::Cities, Role::Counties, Role::Zones].map(|role| inputs.text(role));
    let gazetteer = Gazetteer::from_csv(&cities?, &counties?, &zones?)?;
    let rules = inputs.plan.rules(&notice)?;
    let tables = readers(inputs, Role::Applicants, frame::APPLICANT_FIELDS)?;
    let empty: Result<Vec<bool>, TableError> = tables.iter().map(TableReader::is_empty).collect();
    if empty?.into_iter().all(|empty| empty) {
        let names = tables.iter().map(|reader| reader.table().file.to_string()).collect();
        return Err(PlanError::NoApplicants(names));
    }
    let city = if let Some(city) = &inputs.plan.city {
        gazetteer.city(city)?
    } else {
        // The first rows nearly always tell the city; all of them decide, below.
        let first = frame::Ways::of_first(&tables, FIRST_ROWS)?;
        first.city(&gazetteer).or(gazetteer.cities().first()).ok_or(PlanError::NoCity)?
    };
    let county_decides = rules.scope == draw::Scope::County;
    let datum = inputs.plan.travel.datum;
    let reading = |city| Reading { notice: &notice, gazetteer: &gazetteer, city, county_decides, datum };
    let mut ways = inputs.plan.city.is_none().then(frame::Ways::default);
    let mut frame = frame::read(&tables, reading(city), ways.as_mut())?;
    if let Some(ways) = ways {
        let told = ways.city(&gazetteer).ok_or(PlanError::NoCity)?;
        if told.name != city.name {
            frame = frame::read(&tables, reading(told), None)?;
        }
    }
    let mut exclusions = Vec::new();
    for table in self::tables(inputs, Role::Exclude, EXCLUSION_FIELDS)? {
        let (list, findings) = Exclusion::read(&table, &frame);
        exclusions.extend(list);
        frame.findings.extend(findings);
    }
    Ok(Read { notice, gazetteer, frame, exclusions, rules, tables })
}

/// The tables of a role that are not large, in memory.
fn tables(inputs: &Inputs, role: Role, fields: &[table::Field]) -> Result<Vec<Table>, PlanError> {
    let readers = readers(inputs, role, fields)?;
    readers.into_iter().map(|reader| reader.collect().map_err(PlanError::from)).collect()
}

fn readers(inputs: &Inputs, role: Role, fields: &[table::Field]) -> Result<Vec<TableReader>, PlanError> {
    let mut out = Vec::new();
    let mut refused = Vec::new();
    for input in inputs.of(role) {
        let name = input.file_name();
        // Two tables of one name in different folders are told apart by their paths.
        let alone = inputs.files.iter().filter(|f| f.file_name() == name).count() < 2;
        let name = if alone { name } else { input.original.as_str() };
        let sheet = inputs.plan.sheet.as_deref().filter(|_| role == Role::Applicants);
        match TableReader::open(name, &input.content, sheet, fields) {
            Ok(table) => out.push(table),
            Err(error) => refused.push(error),
        }
    }
    if refused.is_empty() { Ok(out) } else { Err(PlanError::Tables(refused)) }
}

impl Read {
    /// What a list covers of the applicants: judged by the notice's rate where the round's own is lower.
    #[must_use]
    pub fn coverage(&self, checked: &BTreeSet<CreditCode>) -> Coverage {
        let check = &self.notice.check;
        let rate = demanded(&self.rules.rate, &check.rate);
        coverage(&self.frame, checked, &rate, check.every_star, self.rules.scope)
    }

    /// Refuses what would make the draw wrong.
    ///
    /// # Errors
    /// [`PlanError::Fatal`] with every fatal finding.
    pub fn refuse_fatal(&self) -> Result<(), PlanError> {
        let fatal = self.frame.findings.fatal();
        if fatal.count(Level::Fatal) == 0 { Ok(()) } else { Err(PlanError::Fatal(fatal)) }
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
    /// The record without its two long lists.
    pub record: SampleRecord<(), ()>,
    /// Names of everybody whom the record lists.
    names: Names,
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
    let mut names = Names::room(&draw);
    let line = draw.line_up(&read.frame);
    frame::names(&read.tables, &read.frame, &line, |place, name, why| names.put(place, name, why))?;
    Ok(Drawn { read, draw, record, names: names.of(line) })
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
fn under_seal(
    inputs: &Inputs,
    read: &Read,
    id: &DrawId,
    record: &mut SampleRecord<(), ()>,
) -> Result<(), PlanError> {
    let Some(file) = inputs.of(Role::Seal).next() else {
        return match inputs.plan.changes {
            Some(_) => Err(SettingsError::Missing("seal").into()),
            None => Ok(()),
        };
    };
    let seal = Seal::from_json(&file.bytes()?)?;
    let mut changes = Vec::new();
    for table in tables(inputs, Role::Changes, CHANGE_FIELDS)? {
        changes.extend(read_changes(&table)?);
    }
    let sealed = inputs.of(Role::SealedFrame).next().map_or(Content::of_bytes(Vec::new()), |f| f.content.clone());
    let stars = read.stars();
    seal.admit(matter(read, id, &stars), inputs.plan.seed_source.as_deref(), &sealed, &changes)?;
    record.seal = Some(file.content.sha256().to_owned());
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

impl Drawn {
    /// The whole record, as `sample.json` has it.
    #[must_use]
    pub fn whole_record(&self) -> SampleRecord<Selected<'_>, Reserves<'_>> {
        self.record.whole(&self.read.frame, &self.draw, &self.names)
    }

    /// Writes `sample.csv`.
    ///
    /// # Errors
    /// The writer's.
    pub fn write_sample_csv(&self, out: &mut dyn io::Write, lang: Lang) -> io::Result<()> {
        let record = self.whole_record();
        dossier::sample_csv(out, record.selected.lines(), record.reserves.lines(), lang)
    }

    /// Names of applicants, in their order; of one that the frame has not, its code.
    ///
    /// # Errors
    /// [`PlanError::Tables`] for a table that was changed since the frame was read.
    pub fn names(&self, codes: &[CreditCode]) -> Result<Vec<String>, PlanError> {
        let mut out: Vec<String> = codes.iter().map(ToString::to_string).collect();
        let known: Vec<(usize, usize)> =
            (0..).zip(codes).filter_map(|(slot, code)| Some((slot, self.read.frame.position(*code)?))).collect();
        let line = self.read.frame.line_up(known.len(), known.iter().map(|(_, at)| *at));
        frame::names(&self.read.tables, &self.read.frame, &line, |nth, name, _| {
            name.clone_into(&mut out[known[nth].0]);
        })?;
        Ok(out)
    }

    /// All that the tables say of these applicants, in their order.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn details(&self, codes: &[CreditCode], datum: Datum) -> Result<Vec<Applicant>, PlanError> {
        let positions: Vec<usize> = codes.iter().filter_map(|code| self.read.frame.position(*code)).collect();
        self.applicants(&positions, datum)
    }

    /// All that the tables say of the applicants at these positions of the frame, in their order.
    fn applicants(&self, positions: &[usize], datum: Datum) -> Result<Vec<Applicant>, PlanError> {
        let Read { notice, gazetteer, frame, tables, rules, .. } = &self.read;
        let county_decides = rules.scope == draw::Scope::County;
        let reading = Reading { notice, gazetteer, city: gazetteer.city(&frame.city)?, county_decides, datum };
        Ok(frame::details(tables, reading, frame, positions)?)
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
    /// The enterprises to visit, in the order of the record.
    pub visits: Vec<Applicant>,
    /// Bases, then enterprises.
    pub sites: Vec<Site>,
    /// What a simulation assumes, and how many runs it makes.
    pub simulation: (Rates, u32),
    /// Stars whose checks an expert leads.
    pub experts: BTreeSet<u8>,
    /// How each of those to visit came to be checked; those it does not name were selected by lot.
    pub chosen: BTreeMap<CreditCode, Chosen>,
    /// What an earlier plan says of this one.
    pub standing: Option<Standing>,
    /// What was learned from days without crews.
    pub restrictions: Vec<Restriction>,
}

/// What an earlier plan says of the one that takes its place.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Number of the revision, from 1.
    pub revision: u32,
    /// Day and team of each visit in the earlier plan.
    pub planned: BTreeMap<CreditCode, (NaiveDate, String)>,
    /// Visits that stay there.
    pub pinned: BTreeSet<CreditCode>,
    /// Crews of the routes that lie behind, in their order.
    pub before: Vec<Vec<String>>,
    /// Day, visits and crew of each route of the earlier plan that takes its place.
    pub crews: Vec<(NaiveDate, BTreeSet<CreditCode>, Vec<String>)>,
}

impl Prepared {
    /// Puts other enterprises in the place of those to visit.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn replace_visits(
        &mut self,
        inputs: &Inputs,
        drawn: &Drawn,
        codes: &[CreditCode],
    ) -> Result<(), PlanError> {
        let datum = inputs.plan.travel.datum;
        self.visits = drawn.details(codes, datum)?;
        let gazetteer = &drawn.read.gazetteer;
        let city = gazetteer.city(&drawn.read.frame.city)?;
        self.sites = compile::sites(&self.visits.iter().collect::<Vec<_>>(), &self.roster, gazetteer, city, datum);
        Ok(())
    }
}

/// Refuses, before anything is drawn, a plan whose `[schedule]` or inspectors cannot be used.
///
/// # Errors
/// [`PlanError`].
pub fn check_schedule(inputs: &Inputs) -> Result<(), PlanError> {
    let name = inputs.of(Role::Notice).next().map_or("", |f| f.file_name());
    let notice = Notice::parse(name, &inputs.text(Role::Notice)?)?;
    let settings = inputs.plan.schedule(&notice)?;
    inputs.plan.simulation()?;
    let calendar = Calendar::from_csv(&inputs.text(Role::Workdays)?)?;
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
    let simulation = inputs.plan.simulation()?;
    let calendar = Calendar::from_csv(&inputs.text(Role::Workdays)?)?;
    let city = drawn.read.gazetteer.city(&drawn.read.frame.city)?;
    let datum = inputs.plan.travel.datum;
    let roster = roster(inputs, &drawn.read)?.ok_or(SettingsError::Missing("inspectors"))?;
    let fatal: Findings = roster.findings.iter().filter(|f| f.level == Level::Fatal).cloned().collect();
    if fatal.count(Level::Fatal) > 0 {
        return Err(PlanError::Fatal(fatal));
    }
    if roster.inspectors.is_empty() {
        return Err(PlanError::NoInspectors);
    }
    let visits = drawn.applicants(&drawn.draw.visited(), datum)?;
    let chosen = {
        let (visited, targeted) = drawn.draw.counts();
        visits[visited - targeted..].iter().map(|a| (a.code, Chosen::Targeted)).collect()
    };
    let sites = compile::sites(&visits.iter().collect::<Vec<_>>(), &roster, &drawn.read.gazetteer, city, datum);
    let experts = drawn.read.notice.stars.iter().filter(|rule| rule.expert).map(|rule| rule.star).collect();
    Ok(Prepared {
        roster,
        calendar,
        settings,
        visits,
        sites,
        experts,
        chosen,
        simulation,
        standing: None,
        restrictions: Vec::new(),
    })
}

/// The inspectors' list with what was noticed in it, if the plan names one.
///
/// # Errors
/// [`PlanError`] where the table cannot be read.
pub fn roster(inputs: &Inputs, read: &Read) -> Result<Option<Roster>, PlanError> {
    let city = read.gazetteer.city(&read.frame.city)?;
    let table = tables(inputs, Role::Inspectors, roster::INSPECTOR_FIELDS)?.pop();
    Ok(table.map(|table| roster::read(&table, &read.gazetteer, city, inputs.plan.travel.datum)))
}

/// Travel between all sites, from the source that the plan names.
///
/// # Errors
/// [`PlanError::Matrix`] where a pair is missing.
pub fn travel(inputs: &Inputs, prepared: &Prepared) -> Result<Matrix, PlanError> {
    let ids: Vec<String> = prepared.sites.iter().map(|s| s.id.clone()).collect();
    if inputs.plan.travel.source == TravelSource::Matrix {
        let table = inputs.of(Role::Travel).next().ok_or(SettingsError::Missing("travel.file"))?;
        let rows = table::grid(table.file_name(), &table.bytes()?).map_err(|e| PlanError::Tables(vec![e]))?;
        return Matrix::from_rows(&rows, &ids).map_err(|e| PlanError::Matrix(table.file_name().to_owned(), e));
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
    let visits: Vec<&Applicant> = prepared.visits.iter().collect();
    let name = match &prepared.standing {
        Some(standing) => format!("{}-r{}", drawn.record.draw, standing.revision),
        None => drawn.record.draw.clone(),
    };
    let sources = Sources {
        name: &name,
        visits: &visits,
        roster: &prepared.roster,
        notice: &drawn.read.notice,
        calendar: &prepared.calendar,
        settings,
    };
    let mut file = compile::compile(sources, &prepared.sites, travel)?;
    if let Some(standing) = &prepared.standing {
        standing.apply(&mut file);
    }
    restrict::apply(&mut file, &prepared.restrictions);
    Ok(file_bytes(&file))
}

impl Standing {
    /// Tells the problem where the earlier plan had each visit, and what it costs to change that: a visit that moves to
    /// another day costs as much as a team-day, so that nothing moves only to save a little.
    fn apply(&self, file: &mut ProblemFile) {
        let teams: BTreeSet<&str> = file.teams.iter().map(|team| team.id.as_str()).collect();
        for visit in &mut file.visits {
            let Ok((code, _)) = CreditCode::parse(&visit.id) else { continue };
            let Some((day, team)) = self.planned.get(&code).filter(|(_, team)| teams.contains(team.as_str()))
            else {
                continue;
            };
            visit.planned = Some(PlannedFile {
                day: *day,
                team: team.clone(),
                price_day: file.cost.team_day,
                price_team: file.cost.team_day / 4,
            });
            visit.pinned = self.pinned.contains(&code);
        }
    }
}

/// A problem as it stands in its file.
///
/// # Errors
/// [`PlanError::Problem`].
pub fn problem_file(bytes: &[u8]) -> Result<ProblemFile, PlanError> {
    // Whatever is wrong with it, the reader of problems says it better.
    Problem::from_json(bytes)?;
    serde_json::from_slice(bytes).map_err(|e| {
        PlanError::Problem(ProblemError { path: ".".to_owned(), what: ProblemFault::Json(e.to_string()) })
    })
}

/// The bytes of `problem.json`.
pub(crate) fn file_bytes(file: &ProblemFile) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(file).expect("string keys");
    bytes.push(b'\n');
    bytes
}

/// Solves a problem with the search stream of (name, seed), as `plan` and `solve` both do.
pub fn solve(problem: &Problem, settings: &SolveSettings, watch: &dyn Watch) -> Schedule {
    let key = stream::Key::of(problem.name.as_deref().unwrap_or(""), &settings.seed);
    solve::solve(problem, settings, &mut key.generator(stream::SEARCH), watch)
}

/// Has the referee look at a schedule before anything is written.
///
/// # Errors
/// [`PlanError::Refereed`] with the first thing that is wrong.
pub fn referee(problem: &Problem, schedule: &Schedule) -> Result<(), PlanError> {
    match check::check(problem, schedule).into_iter().next() {
        Some(violation) => Err(PlanError::Refereed(violation)),
        None => Ok(()),
    }
}
