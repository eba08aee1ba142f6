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

/// One file of a folder: path with forward slashes, and bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Relative path with forward slashes.
    pub path: String,
    /// Content.
    pub bytes: Vec<u8>,
}

impl Document {
    /// A document of text or bytes.
    #[must_use]
    pub fn new(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), bytes: bytes.into() }
    }
}
