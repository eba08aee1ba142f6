//! The dossier: one folder with everything that was decided and what it was decided from (contract, section 8).
//!
//! One file per document. A document is a pure function of results; [`folder`] writes all of them at once or nothing.

mod announcement;
mod checksums;
mod disk;
pub mod folder;
mod index;
mod people;

pub use announcement::announcement;
pub use checksums::{SUMS, Sum, parse_sums, sums};
pub use index::{INDEX_FORMAT, Index, IndexLine, copies};
pub use people::{ScheduleRow, sample_csv, schedule_csv};

use std::io;

use crate::table::Content;

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
