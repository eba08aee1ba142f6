//! A dossier opened to go on with: read back, held against its check sums, and locked against a second writer.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::beside::{RECORDS, REVISIONS, Unnamed, revision_path};
use super::journal::{Event, Flaw, HEAD, JOURNAL, Journal};
use super::state::{State, Stratum, strata};
use crate::crews::Crews;
use crate::digest::sha256_hex;
use crate::dossier::{Index, SUMS, folder, listing, parse_sums};
use crate::draw::SampleRecord;
use crate::frame::CreditCode;
use crate::inputs::{Input, Inputs, Role};
use crate::plan::{self, Drawn, PlanError};
use crate::routing::problem::Problem;
use crate::routing::schedule::{RouteLine, Schedule};
use crate::settings::PlanFile;
use crate::table::Content;
use crate::text::{Lang, Say, both, display_in_english, excerpt};

/// Why a dossier cannot be gone on with.
#[derive(Debug)]
pub enum OpenError {
    /// There is none: the path.
    None(PathBuf),
    /// A file is missing, cannot be read, or is not what it was: its name.
    Changed(String),
    /// The journal.
    Journal(Flaw),
    /// No line of the journal names it, and `journal.head` does not announce it.
    Unrecorded(String),
    /// What a run left that was cut short cannot be removed: its path.
    Left(PathBuf, io::Error),
    /// Another process is at work on it.
    Locked(PathBuf),
    /// The system does not let it be read or locked.
    Io(PathBuf, io::Error),
    /// The inputs cannot be drawn from again.
    Plan(Box<PlanError>),
}

impl Say for OpenError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::None(path) => {
                let path = path.display();
                both!(lang, "{path} 不是hecha plan写出的档案目录", "{path} is no dossier written by hecha plan")
            }
            Self::Changed(name) => {
                let name = excerpt(name, 80);
                both!(
                    lang,
                    "档案中的 {name} 缺失或已被改动，不能在此基础上继续；请用 hecha verify 查看，或换用完好的副本",
                    "{name} of the dossier is missing or was changed, so nothing can be built on it; see hecha verify, or use an intact copy"
                )
            }
            Self::Journal(flaw) => flaw.say(lang),
            Self::Unrecorded(name) => {
                let name = excerpt(name, 80);
                both!(
                    lang,
                    "日志没有 {name} 的记录，{HEAD} 也没有预告：有日志行被删去，或它是后加的，不能在此基础上继续；自己放进去的文件请移走，否则请用 hecha verify 查看，并换用完好的副本",
                    "no line of the journal names {name} and {HEAD} does not announce it: lines are gone, or it was added, so nothing can be built on this; move away what you put there yourself, else see hecha verify and use an intact copy"
                )
            }
            Self::Left(path, error) => {
                let path = path.display();
                both!(
                    lang,
                    "上次中断的运行留下的 {path} 无法删除：{error}；请关闭正在使用它的程序后再运行",
                    "{path}, left by a run that was cut short, cannot be removed: {error}; close whatever uses it and run again"
                )
            }
            Self::Locked(path) => {
                let path = path.display();
                both!(
                    lang,
                    "另一个程序正在写 {path}；请等它结束后再运行",
                    "another process is writing {path}; run again when it has ended"
                )
            }
            Self::Io(path, error) => {
                let path = path.display();
                both!(lang, "无法使用 {path}：{error}", "{path} cannot be used: {error}")
            }
            Self::Plan(error) => error.say(lang),
        }
    }
}
display_in_english!(OpenError);
impl std::error::Error for OpenError {}

impl From<PlanError> for OpenError {
    fn from(error: PlanError) -> Self {
        Self::Plan(Box::new(error))
    }
}

impl Say for Flaw {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Unreadable(line) => both!(
                lang,
                "{JOURNAL} 第{line}行无法识别，或有多余的内容",
                "{JOURNAL}, line {line} cannot be read or says more than it may"
            ),
            Self::Broken(line) => both!(
                lang,
                "{JOURNAL} 第{line}行与上一行不衔接：有一行被改动、缺失或调换了次序",
                "{JOURNAL}, line {line} does not follow from the line before: one was changed, is missing or was moved"
            ),
            Self::Short(have, want) => both!(
                lang,
                "{JOURNAL} 只有{have}行，应有{want}行：末尾缺失",
                "{JOURNAL} has {have} of {want} lines: the end is missing"
            ),
            Self::Head => both!(
                lang,
                "{JOURNAL} 的最后一行与 {HEAD} 所记的不同：最后一行被改动，或 {HEAD} 被改动",
                "the last line of {JOURNAL} is not the one that {HEAD} names: one of them was changed"
            ),
            Self::Backwards(line) => both!(
                lang,
                "{JOURNAL} 第{line}行的时间早于上一行",
                "{JOURNAL}, line {line} is earlier than the line before"
            ),
        }
    }
}

/// A route that counts, with its crew.
#[derive(Debug, Clone, PartialEq)]
pub struct Going {
    /// Times and visits.
    pub line: RouteLine,
    /// Ids of the inspectors.
    pub crew: Vec<String>,
}

/// The plan as it stands: the routes that lie behind, and those of the latest revision.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// By day and team.
    pub routes: Vec<Going>,
    /// Every visit that any revision gave to an inspector: code, inspector, day, start, end.
    pub ever: BTreeMap<(String, String), (NaiveDate, i64, i64)>,
}

impl Standing {
    /// Lets a later schedule take the place of everything from a day on.
    pub fn take(&mut self, from: Option<NaiveDate>, schedule: &Schedule, crews: &Crews) {
        self.routes.retain(|route| from.is_some_and(|from| route.line.day < from));
        // What was due before and is made up for stands in one place only, or in none if it found none.
        let scheduled = schedule.routes.iter().flat_map(|route| &route.visits).map(|visit| visit.id.as_str());
        let again: BTreeSet<&str> = scheduled.chain(schedule.unscheduled.iter().map(|u| u.id.as_str())).collect();
        for route in &mut self.routes {
            route.line.visits.retain(|visit| !again.contains(visit.id.as_str()));
        }
        for (line, crew) in schedule.routes.iter().zip(&crews.routes) {
            for (visit, inspector) in line.visits.iter().flat_map(|v| crew.inspectors.iter().map(move |i| (v, i)))
            {
                self.ever.insert((visit.id.clone(), inspector.clone()), (line.day, visit.start, visit.end));
            }
            self.routes.push(Going { line: line.clone(), crew: crew.inspectors.clone() });
        }
    }

    /// Day and route of each visit.
    #[must_use]
    pub fn places(&self) -> BTreeMap<&str, &Going> {
        self.routes
            .iter()
            .flat_map(|route| route.line.visits.iter().map(move |v| (v.id.as_str(), route)))
            .collect()
    }
}

/// A dossier with all that happened to it.
#[derive(Debug)]
pub struct Opened {
    /// Its folder.
    pub path: PathBuf,
    /// The inputs, from the copies.
    pub inputs: Inputs,
    /// The draw, drawn again.
    pub drawn: Drawn,
    /// The draw record, whole.
    pub record: SampleRecord,
    /// The strata and their lines.
    pub strata: Vec<Stratum>,
    /// Those who are visited although the lot did not select them.
    pub targeted: Vec<CreditCode>,
    /// What happened.
    pub journal: Journal,
    /// The same, replayed.
    pub state: State,
    /// The plan as it stands.
    pub standing: Standing,
    /// The problem of the latest revision.
    pub problem: Problem,
    /// Its schedule.
    pub schedule: Schedule,
    /// Names of those added to the visits, whom the record does not list.
    added: BTreeMap<CreditCode, String>,
    /// Language of the documents.
    pub lang: Lang,
    /// Held while it is open; `None` for reading alone.
    _lock: Option<File>,
}

impl Opened {
    /// Opens a dossier to read it.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn read(path: &Path) -> Result<Self, OpenError> {
        Self::open(path, None)
    }

    /// Opens a dossier to write on, and clears away what a run that was cut short left.
    ///
    /// # Errors
    /// [`OpenError`]; [`OpenError::Locked`] while another process writes on it.
    pub fn write(path: &Path) -> Result<Self, OpenError> {
        if !path.join(SUMS).is_file() {
            return Err(OpenError::None(path.to_owned()));
        }
        // Everything is read after the lock was taken: what another process had appended by then is there.
        let lock = lock(path)?;
        let opened = Self::open(path, Some(lock))?;
        opened.clear()?;
        Ok(opened)
    }

    fn open(path: &Path, lock: Option<File>) -> Result<Self, OpenError> {
        let sums = fs::read(path.join(SUMS)).map_err(|_| OpenError::None(path.to_owned()))?;
        let files = intact(path, "", &sums)?;
        let file = |name: &str| files.get(name).ok_or_else(|| OpenError::Changed(name.to_owned()));
        let changed = |name: &str| OpenError::Changed(name.to_owned());
        let index = "inputs/index.json";
        let index: Index = serde_json::from_slice(file(index)?).map_err(|_| changed(index))?;
        let mut inputs = Vec::new();
        for line in &index.files {
            let content = Content::of_bytes(file(&format!("inputs/{}", line.copy))?.clone());
            inputs.push(Input { role: line.role, original: line.original.clone(), content });
        }
        let plan = inputs.iter().find(|i| i.role == Role::Plan).ok_or_else(|| changed("plan.toml"))?;
        let text = plan.bytes().map_err(PlanError::from)?;
        let plan = PlanFile::parse(&String::from_utf8_lossy(&text)).map_err(PlanError::from)?;
        let inputs = Inputs { plan, files: inputs };
        let drawn = plan::draw(&inputs)?;
        let record: SampleRecord =
            serde_json::from_slice(file("sample.json")?).map_err(|_| changed("sample.json"))?;
        let optional = |name: &str| match fs::read(path.join(name)) {
            Ok(bytes) => Ok(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(OpenError::Io(path.join(name), error)),
        };
        let journal = Journal::read(&sha256_hex(&sums), &optional(JOURNAL)?, &optional(HEAD)?)
            .map_err(OpenError::Journal)?;
        let mut standing = Standing::default();
        let (mut problem, mut schedule, crews) = result(&files, "")?;
        standing.take(None, &schedule, &crews);
        for line in &journal.lines {
            if let Event::Replan { revision, from, fingerprint, .. } = &line.event {
                let name = revision_path(*revision);
                let folder = path.join(REVISIONS).join(revision.to_string());
                let sums = fs::read(folder.join(SUMS)).map_err(|_| changed(&format!("{name}/{SUMS}")))?;
                if sha256_hex(&sums) != *fingerprint {
                    return Err(changed(&format!("{name}/{SUMS}")));
                }
                let prefix = format!("{name}/");
                let (latest, revised, crews) = result(&intact(&folder, &prefix, &sums)?, &prefix)?;
                (problem, schedule) = (latest, revised);
                standing.take(Some(*from), &schedule, &crews);
            }
        }
        let state = State::of(journal.lines.iter().map(|line| &line.event));
        let added = state.added.iter().copied().zip(drawn.names(&state.added)?).collect();
        Ok(Self {
            path: path.to_owned(),
            strata: strata(&record),
            targeted: record.selected.iter().filter(|l| l.targeted.is_some()).map(|l| l.code).collect(),
            state,
            added,
            inputs,
            drawn,
            record,
            journal,
            standing,
            problem,
            schedule,
            lang: index.language,
            _lock: lock,
        })
    }

    /// Puts right what a run left that was cut short: a revision or a table of results that it announced and did not put on
    /// record, a file half written, a head that announces a line. Refuses what nobody announced.
    fn clear(&self) -> Result<(), OpenError> {
        let mut beside = Vec::new();
        for part in [RECORDS, REVISIONS] {
            let folder = self.path.join(part);
            match listing(&folder) {
                Ok(listed) => beside.extend(listed.into_iter().map(|l| format!("{part}/{}", l.name))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(OpenError::Io(folder, error)),
            }
        }
        let unnamed = Unnamed::of(beside.iter().map(String::as_str), &self.journal);
        if let Some(first) = unnamed.foreign.into_iter().next() {
            return Err(OpenError::Unrecorded(first));
        }
        for entry in unnamed.announced {
            let path = self.path.join(entry);
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(|error| OpenError::Left(path, error))?;
        }
        // These are written anew by whatever comes next.
        for name in [JOURNAL, HEAD] {
            let _ = fs::remove_file(self.path.join(folder::partial(name)));
        }
        let head = self.journal.to_head();
        let stated = fs::read(self.path.join(HEAD)).unwrap_or_default();
        if !stated.is_empty() && stated != head.as_bytes() {
            let _ = folder::write_file(&self.path.join(HEAD), head.as_bytes());
        }
        Ok(())
    }

    /// Everybody who is to be visited, done or not.
    #[must_use]
    pub fn visited(&self) -> Vec<CreditCode> {
        self.state.visited(&self.strata, &self.targeted)
    }

    /// Name of an enterprise that the record lists or that was added to the visits; else its code.
    #[must_use]
    pub fn name(&self, code: CreditCode) -> String {
        let selected = self.record.selected.iter().map(|l| (l.code, &l.name));
        let reserves = self.record.reserves.iter().map(|l| (l.code, &l.name));
        let added = self.added.get(&code).map(String::as_str);
        let listed = selected.chain(reserves).find(|(c, _)| *c == code).map(|(_, name)| &**name);
        listed.or(added).unwrap_or(code.as_str()).to_owned()
    }

    /// Announces what an event names, before that is written; then [`Opened::append`] puts the event on record.
    ///
    /// # Errors
    /// [`folder::FolderError`].
    pub fn announce(&self, event: &Event) -> Result<(), folder::FolderError> {
        let Some(beside) = event.beside() else { return Ok(()) };
        folder::write_file(&self.path.join(HEAD), self.journal.to_head_expecting(&beside).as_bytes())
    }

    /// Appends to the journal. Files that the event names are written before; both files of the journal take their place
    /// by renaming, so that a run which is cut short leaves the journal as it was or with the whole event.
    ///
    /// # Errors
    /// [`folder::FolderError`].
    pub fn append(
        &mut self,
        at: chrono::DateTime<chrono::FixedOffset>,
        who: &str,
        event: Event,
    ) -> Result<(), folder::FolderError> {
        self.journal.push(at, who, event);
        folder::write_file(&self.path.join(HEAD), self.journal.to_head_announced().as_bytes())?;
        folder::write_file(&self.path.join(JOURNAL), self.journal.to_text().as_bytes())?;
        folder::write_file(&self.path.join(HEAD), self.journal.to_head().as_bytes())?;
        if let Some(line) = self.journal.lines.last() {
            self.state.take(&line.event);
        }
        Ok(())
    }
}

/// Takes the lock of a dossier: a file beside it, so that the dossier itself stays as it is. The system lets go of it when
/// the process ends, however it ends.
///
/// The name is that of the folder itself, whatever it was called: two processes that come by a link and by `.` must meet at
/// one lock. Messages keep the path that was typed.
fn lock(path: &Path) -> Result<File, OpenError> {
    let whole = fs::canonicalize(path).map_err(|e| OpenError::Io(path.to_owned(), e))?;
    let mut name = whole.file_name().ok_or_else(|| OpenError::None(path.to_owned()))?.to_owned();
    name.push(".hecha-lock");
    let at = whole.with_file_name(name);
    let file = File::create(&at).map_err(|e| OpenError::Io(at.clone(), e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(OpenError::Locked(path.to_owned())),
        Err(fs::TryLockError::Error(error)) => Err(OpenError::Io(at, error)),
    }
}

/// The files that `SHA256SUMS` lists, each as it was written.
fn intact(folder: &Path, prefix: &str, sums: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, OpenError> {
    let listed =
        parse_sums(&String::from_utf8_lossy(sums)).map_err(|_| OpenError::Changed(format!("{prefix}{SUMS}")))?;
    let mut out = BTreeMap::new();
    for sum in listed {
        let path = sum.path.split('/').fold(folder.to_owned(), |path, part| path.join(part));
        match fs::read(path) {
            Ok(bytes) if sha256_hex(&bytes) == sum.sha256 => out.insert(sum.path, bytes),
            _ => return Err(OpenError::Changed(format!("{prefix}{}", sum.path))),
        };
    }
    Ok(out)
}

fn result(files: &BTreeMap<String, Vec<u8>>, prefix: &str) -> Result<(Problem, Schedule, Crews), OpenError> {
    let file = |name: &str| files.get(name).ok_or_else(|| OpenError::Changed(format!("{prefix}{name}")));
    let problem = Problem::from_json(file("problem.json")?)
        .map_err(|_| OpenError::Changed(format!("{prefix}problem.json")))?;
    let schedule = Schedule::from_json(file("schedule.json")?)
        .map_err(|_| OpenError::Changed(format!("{prefix}schedule.json")))?;
    let crews =
        Crews::from_json(file("crews.json")?).map_err(|_| OpenError::Changed(format!("{prefix}crews.json")))?;
    Ok((problem, schedule, crews))
}
