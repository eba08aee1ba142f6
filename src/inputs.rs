//! Every input of a run, by what it is for, so that a dossier can keep them and `verify` can read them back.
//!
//! Tables of any size stay where they are; what is small by nature is read at once.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::{Deserialize, Serialize};

use crate::draw::FileLine;
use crate::settings::{OneOrMore, PlanFile, SettingsError, TravelSource};
use crate::table::Content;
use crate::text::{Detail, Lang, Say, both, display_in_english};
use crate::{calendar, county, notice};

/// What an input is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// `plan.toml`.
    Plan,
    /// An applicants' table.
    Applicants,
    /// The inspectors' table.
    Inspectors,
    /// The exclusions.
    Exclude,
    /// The seal.
    Seal,
    /// The frame beside the seal.
    SealedFrame,
    /// The differences from the seal.
    Changes,
    /// The travel matrix.
    Travel,
    /// The notice.
    Notice,
    /// Working days.
    Workdays,
    /// Cities.
    Cities,
    /// Counties.
    Counties,
    /// Zones.
    Zones,
}

/// One input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// What it is for.
    pub role: Role,
    /// Path as the plan names it; `embedded:…` for tables of the program.
    pub original: String,
    /// Its bytes, wherever they are.
    pub content: Content,
}

impl Input {
    /// The last part of the path, whichever way its separators lean.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.original.rsplit(['/', '\\', ':']).next().unwrap_or("")
    }

    /// All its bytes at once.
    ///
    /// # Errors
    /// [`InputError::Read`] where it stays in a file that cannot be read any more.
    pub fn bytes(&self) -> Result<Cow<'_, [u8]>, InputError> {
        self.content.bytes().map_err(|e| InputError::Read(self.original.clone().into(), e))
    }

    /// Name and digest, for the record.
    #[must_use]
    pub fn line(&self) -> FileLine {
        FileLine { name: self.file_name().to_owned(), sha256: self.content.sha256().to_owned() }
    }
}

/// All inputs of a run.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// The plan, parsed.
    pub plan: PlanFile,
    /// In the order of [`Role`], applicants in the order of the plan.
    pub files: Vec<Input>,
}

/// Why the inputs cannot be gathered.
#[derive(Debug)]
pub enum InputError {
    /// A file cannot be read: path and the system's words.
    Read(PathBuf, io::Error),
    /// A file is larger than any table: path.
    TooLarge(PathBuf),
    /// The plan cannot be used.
    Settings(SettingsError),
    /// Not an embedded notice and not a file: the name and the embedded ones.
    UnknownNotice(String, String),
    /// The plan is not UTF-8.
    PlanEncoding(PathBuf),
}

impl Say for InputError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Read(path, error) => {
                let path = path.display();
                match error.kind() {
                    io::ErrorKind::NotFound => both!(
                        lang,
                        "找不到文件 {path}；请检查路径和文件名",
                        "{path}: no such file; check path and name"
                    ),
                    io::ErrorKind::PermissionDenied => both!(
                        lang,
                        "没有权限读取 {path}；若正在Excel或WPS中打开，请先关闭",
                        "{path}: permission denied; if Excel or WPS has it open, close it first"
                    ),
                    io::ErrorKind::IsADirectory | io::ErrorKind::NotADirectory => both!(
                        lang,
                        "{path} 的路径中把文件当成了目录，或把目录当成了文件；请检查",
                        "{path} is a folder where a file is needed, or the other way round"
                    ),
                    _ if Content::changed(error) => both!(
                        lang,
                        "{path} 在读取过程中被改动；请关闭正在编辑它的程序后重试",
                        "{path} was changed while it was being read; close what edits it and try again"
                    ),
                    _ => both!(lang, "无法读取 {path}：{error}", "{path}: {error}"),
                }
            }
            Self::TooLarge(path) => {
                let path = path.display();
                both!(lang, "{path}：文件超过2 GB", "{path}: larger than 2 GB")
            }
            Self::Settings(error) => error.say(lang),
            Self::UnknownNotice(name, known) => both!(
                lang,
                "没有名为“{name}”的通知规则，也没有这个文件；内置的有：{known}",
                "\"{name}\" is neither an embedded notice ({known}) nor a file"
            ),
            Self::PlanEncoding(path) => {
                let path = path.display();
                both!(
                    lang,
                    "{path} 不是 plan.toml，或不是UTF-8编码；请给出 plan.toml 或它所在的目录，plan.toml 用记事本另存为UTF-8",
                    "{path} is no plan.toml, or is not UTF-8; name a plan.toml or its folder, saved as UTF-8"
                )
            }
        }
    }

    fn details(&self) -> Vec<Detail> {
        let (kind, path) = match self {
            Self::Read(path, error) if error.kind() == io::ErrorKind::NotFound => ("no-file", path),
            Self::Read(path, error) if Content::changed(error) => ("changed-file", path),
            Self::Read(path, _) => ("unreadable-file", path),
            Self::TooLarge(path) => ("file-too-large", path),
            Self::PlanEncoding(path) => ("bad-encoding", path),
            Self::Settings(_) | Self::UnknownNotice(..) => return Vec::new(),
        };
        vec![Detail {
            kind,
            file: path.display().to_string(),
            sheet: None,
            row: None,
            column: None,
            value: None,
            zh: self.say(Lang::Zh),
            en: self.say(Lang::En),
        }]
    }
}
display_in_english!(InputError);
impl std::error::Error for InputError {}

impl From<SettingsError> for InputError {
    fn from(error: SettingsError) -> Self {
        Self::Settings(error)
    }
}

/// Where files come from: a folder, or the example inside the program.
pub trait Shelf {
    /// The bytes of a file named by the plan.
    ///
    /// # Errors
    /// [`InputError::Read`] or [`InputError::TooLarge`].
    fn read(&self, path: &str) -> Result<Vec<u8>, InputError>;

    /// The same for a file of any size, which may stay where it is.
    ///
    /// # Errors
    /// [`InputError::Read`] or [`InputError::TooLarge`].
    fn content(&self, path: &str) -> Result<Content, InputError> {
        self.read(path).map(Content::of_bytes)
    }
}

/// Files relative to a folder.
#[derive(Debug, Clone)]
pub struct Folder(pub PathBuf);

impl Shelf for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, InputError> {
        read_file(&self.0.join(path))
    }

    fn content(&self, path: &str) -> Result<Content, InputError> {
        let path = self.0.join(path);
        let fail = |e| InputError::Read(path.clone(), e);
        if fs::metadata(&path).map_err(fail)?.len() > crate::table::MAX_BYTES {
            return Err(InputError::TooLarge(path));
        }
        Content::of_file(&path).map_err(fail)
    }
}

/// Reads a file of at most 2 GiB.
///
/// # Errors
/// [`InputError::Read`] or [`InputError::TooLarge`].
pub fn read_file(path: &Path) -> Result<Vec<u8>, InputError> {
    let fail = |e| InputError::Read(path.to_owned(), e);
    if fs::metadata(path).map_err(fail)?.len() > crate::table::MAX_BYTES {
        return Err(InputError::TooLarge(path.to_owned()));
    }
    fs::read(path).map_err(fail)
}

impl Inputs {
    /// Gathers everything a `plan.toml` names.
    ///
    /// # Errors
    /// [`InputError`].
    pub fn gather(shelf: &dyn Shelf, plan_name: &str) -> Result<Self, InputError> {
        let bytes = shelf.read(plan_name)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| InputError::PlanEncoding(plan_name.into()))?;
        let plan = PlanFile::parse(text)?;
        let content = Content::of_bytes(bytes.clone());
        let own = Input { role: Role::Plan, original: plan_name.to_owned(), content };
        Self::complete(plan, Some(own), shelf)
    }

    /// Gathers the files of a plan that stands in no file.
    ///
    /// # Errors
    /// [`InputError`].
    pub fn of_plan(plan: PlanFile, shelf: &dyn Shelf) -> Result<Self, InputError> {
        Self::complete(plan, None, shelf)
    }

    fn complete(plan: PlanFile, own: Option<Input>, shelf: &dyn Shelf) -> Result<Self, InputError> {
        if plan.travel.source == TravelSource::Osrm {
            return Err(SettingsError::NoOsrm.into());
        }
        if plan.travel.source == TravelSource::Matrix && plan.travel.file.is_none() {
            return Err(SettingsError::Missing("travel.file").into());
        }
        let applicants = plan.applicants.list();
        if applicants.is_empty() || applicants.iter().any(|path| path.trim().is_empty()) {
            let (zh, en) = (
                "至少一个申报表的文件名，如 [\"applicants.xlsx\"]",
                "the names of one or more tables, such as [\"applicants.xlsx\"]",
            );
            return Err(SettingsError::Value("applicants".to_owned(), applicants.join("、"), zh, en).into());
        }
        let mut files: Vec<Input> = own.into_iter().collect();
        for (role, original) in wanted(&plan) {
            let content = match embedded(&original) {
                Some(text) => Content::of_bytes(text.as_bytes().to_vec()),
                None if role == Role::Notice => Content::of_bytes(notice_file(&original, shelf)?),
                None => shelf.content(&original)?,
            };
            files.push(Input { role, original, content });
        }
        Ok(Self { plan, files })
    }

    /// Adds a seal, the frame beside it and the changes, given outside of the plan.
    ///
    /// # Errors
    /// [`InputError`].
    pub fn put_under_seal(
        &mut self,
        seal: &str,
        changes: Option<String>,
        shelf: &dyn Shelf,
    ) -> Result<(), InputError> {
        let replaced = [Role::Seal, Role::SealedFrame, Role::Changes];
        self.files.retain(|f| !replaced.contains(&f.role));
        self.plan.seal = Some(seal.to_owned());
        self.plan.changes = changes;
        for (role, original) in wanted(&self.plan).into_iter().filter(|(role, _)| replaced.contains(role)) {
            let content = shelf.content(&original)?;
            self.files.push(Input { role, original, content });
        }
        Ok(())
    }

    /// All inputs of a role.
    pub fn of(&self, role: Role) -> impl Iterator<Item = &Input> {
        self.files.iter().filter(move |f| f.role == role)
    }

    /// The text of the only input of a role, damaged bytes replaced; empty where there is none.
    ///
    /// # Errors
    /// [`InputError::Read`].
    pub fn text(&self, role: Role) -> Result<String, InputError> {
        let Some(file) = self.of(role).next() else { return Ok(String::new()) };
        Ok(String::from_utf8_lossy(&file.bytes()?).into_owned())
    }
}

/// Everything that a plan names, and the embedded tables it relies on, in the order of a dossier's copies.
#[must_use]
pub fn wanted(plan: &PlanFile) -> Vec<(Role, String)> {
    let matrix = plan.travel.file.clone().filter(|_| plan.travel.source == TravelSource::Matrix);
    let notice = match notice::Notice::embedded_text(&plan.notice) {
        Some(_) => format!("{EMBEDDED}{}.toml", plan.notice),
        None => plan.notice.clone(),
    };
    let table =
        |path: &Option<String>, name: &str| Some(path.clone().unwrap_or_else(|| format!("{EMBEDDED}{name}")));
    let single = [
        (Role::Inspectors, plan.inspectors.clone()),
        (Role::Exclude, plan.exclude.clone()),
        (Role::Seal, plan.seal.clone()),
        (Role::SealedFrame, plan.seal.as_deref().map(beside)),
        (Role::Changes, plan.changes.clone()),
        (Role::Travel, matrix),
        (Role::Notice, Some(notice)),
        (Role::Workdays, table(&plan.tables.workdays, "workdays.csv")),
        (Role::Cities, table(&plan.tables.cities, county::EMBEDDED[0].0)),
        (Role::Counties, table(&plan.tables.counties, county::EMBEDDED[1].0)),
        (Role::Zones, table(&plan.tables.zones, county::EMBEDDED[2].0)),
    ];
    let applicants = plan.applicants.list().into_iter().map(|path| (Role::Applicants, path));
    applicants.chain(single.into_iter().filter_map(|(role, path)| path.map(|path| (role, path)))).collect()
}

/// The path of `frame.csv` in the folder of the seal.
fn beside(seal: &str) -> String {
    let folder = seal.rfind(['/', '\\']).map_or("", |at| &seal[..=at]);
    format!("{folder}frame.csv")
}

/// Mark of a table that is part of the program.
const EMBEDDED: &str = "embedded:";

/// The text of a table of the program by its original path.
#[must_use]
pub fn embedded(original: &str) -> Option<&'static str> {
    let name = original.strip_prefix(EMBEDDED)?;
    let tables = county::EMBEDDED.into_iter().chain([("workdays.csv", calendar::EMBEDDED)]);
    tables
        .into_iter()
        .find(|(table, _)| *table == name)
        .map(|(_, text)| text)
        .or_else(|| notice::Notice::embedded_text(name.strip_suffix(".toml")?))
}

fn notice_file(name: &str, shelf: &dyn Shelf) -> Result<Vec<u8>, InputError> {
    match shelf.read(name) {
        Err(InputError::Read(_, error)) if error.kind() == io::ErrorKind::NotFound => {
            let known: Vec<&str> = notice::EMBEDDED.iter().map(|(id, _)| *id).collect();
            Err(InputError::UnknownNotice(name.to_owned(), known.join(", ")))
        }
        result => result,
    }
}

/// A plan for tables given on the command line.
#[must_use]
pub fn plan_of_tables(notice: &str, applicants: Vec<String>) -> PlanFile {
    PlanFile {
        notice: notice.to_owned(),
        city: None,
        applicants: OneOrMore::More(applicants),
        sheet: None,
        inspectors: None,
        exclude: None,
        draw: None,
        seed: None,
        seed_source: None,
        seal: None,
        changes: None,
        tables: crate::settings::TablePaths::default(),
        sample: crate::settings::SampleFile::default(),
        schedule: None,
        travel: crate::settings::TravelFile::default(),
        simulate: crate::settings::SimulateFile::default(),
    }
}
