//! The dossier: one folder with everything that was decided and what it was decided from (contract, section 8).
//!
//! One file per document. A document is a pure function of results; [`folder`] writes all of them at once or nothing.

mod announcement;
mod calendar;
pub mod changes;
mod checksums;
pub(crate) mod clock;
mod daily;
mod disk;
pub mod folder;
mod geojson;
mod index;
pub mod listed;
mod listing;
mod name;
mod people;
mod public;
pub mod report;
pub mod view;
mod workbook;

pub use announcement::announcement;
pub use checksums::{SUMS, Sum, parse_sums, sums};
pub use index::{INDEX_FORMAT, Index, IndexLine, copies};
pub use listing::{Listed, listing};
pub use people::{ScheduleRow, people_order, sample_csv, schedule_csv, unscheduled_text};

use std::io;

use self::view::View;
use crate::simulate::plot;
use crate::table::Content;
use crate::text::Say;

/// One file of a folder: path with forward slashes, and what writes it.
pub struct Document<'a> {
    /// Relative path with forward slashes.
    pub path: String,
    body: Body<'a>,
    /// Tells the SHA-256 of what was written, where writing it tells.
    sha256: Option<Box<dyn Fn() -> String + 'a>>,
}

enum Body<'a> {
    Bytes(Vec<u8>),
    Written(Box<Writing<'a>>),
}

/// Writes a document from its beginning to its end, the same every time.
type Writing<'a> = dyn Fn(&mut dyn io::Write) -> io::Result<()> + 'a;

impl std::fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document").field("path", &self.path).finish_non_exhaustive()
    }
}

impl<'a> Document<'a> {
    /// A document of text or bytes.
    #[must_use]
    pub fn new(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), body: Body::Bytes(bytes.into()), sha256: None }
    }

    /// A document that is never in memory as a whole.
    #[must_use]
    pub fn written(path: impl Into<String>, write: impl Fn(&mut dyn io::Write) -> io::Result<()> + 'a) -> Self {
        Self { path: path.into(), body: Body::Written(Box::new(write)), sha256: None }
    }

    /// The same, with what tells its SHA-256 once it has been written, so that it need not be taken twice.
    #[must_use]
    pub fn with_sha256(self, sha256: impl Fn() -> String + 'a) -> Self {
        Self { sha256: Some(Box::new(sha256)), ..self }
    }

    /// A copy of an input.
    #[must_use]
    pub fn copy(path: impl Into<String>, content: &'a Content) -> Self {
        Self::written(path, |out| io::copy(&mut content.open()?, out).map(drop))
    }

    /// Whether it is text in lines.
    #[must_use]
    pub fn is_text(&self) -> bool {
        [".csv", ".ics", ".html", ".json", ".geojson", ".txt"].iter().any(|end| self.path.ends_with(end))
    }

    /// Writes it.
    ///
    /// # Errors
    /// The writer's, or that of an input that is copied.
    pub fn write_to(&self, out: &mut dyn io::Write) -> io::Result<()> {
        match &self.body {
            Body::Bytes(bytes) => out.write_all(bytes),
            Body::Written(write) => write(out),
        }
    }

    /// All of it in memory.
    ///
    /// # Errors
    /// That of an input that is copied.
    pub fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        self.write_to(&mut out)?;
        Ok(out)
    }
}

/// The documents for people: all that is not a record to recompute.
#[must_use]
pub fn for_people(view: &View<'_>) -> Vec<Document<'static>> {
    let mut out = vec![workbook::document(view), public::document(view), geojson::document(view)];
    out.extend(calendar::documents(view));
    out.extend(daily::packs(view));
    out.push(report::report(view, &[simulated(view)]));
    out
}

/// What the simulation says, as a part of the report.
fn simulated(view: &View<'_>) -> report::Section {
    let lang = view.lang;
    let title = lang.pick("按期完成的可能性", "How likely the plan holds");
    let lead = lang.pick(
        "把计划重放许多遍，每遍随机加入超时、路况、缺勤和企业退出；比率在plan.toml的[simulate]中设定，只是估计。",
        "The plan replayed many times, each time with random overruns, slow roads, absences and withdrawals; their rates are guesses, set under [simulate] in plan.toml.",
    );
    let said = view.simulation.say(lang);
    // A picture within a page needs no namespace, and a page that reaches out to nobody should name no address.
    let picture = plot(&view.simulation, lang).replace(" xmlns=\"http://www.w3.org/2000/svg\"", "");
    report::Section::plot("simulation", title, lead, &picture, &said)
}
