//! What lies beside the journal and that no line of it names.
//!
//! A table of results or a revision is written before the line that names it, and `journal.head` announces it before it is
//! written. So what nobody announced is not what a run left that was cut short: a line is gone, or somebody added it.

use std::collections::BTreeSet;

use super::journal::{HEAD, JOURNAL, Journal};
use crate::dossier::folder;
use crate::draw::FileLine;

/// Folder of the revisions.
pub const REVISIONS: &str = "revisions";
/// Folder of the tables that results were read from.
pub const RECORDS: &str = "records";

/// Where the copy of a table of results stands: named by its digest, so that the same table stands once.
#[must_use]
pub fn record_path(file: &FileLine) -> String {
    let ending = file.name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let plain = is_ending(ending);
    format!("{RECORDS}/{}{}{}", file.sha256, if plain { "." } else { "" }, if plain { ending } else { "" })
}

fn is_ending(text: &str) -> bool {
    (1..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Where a revision stands.
#[must_use]
pub fn revision_path(number: u32) -> String {
    format!("{REVISIONS}/{number}")
}

/// Whether a path is one that a line after `revisions` revisions may name. Nothing else is ever announced, nor cleared away.
pub(super) fn may_be_announced(path: &str, revisions: u32) -> bool {
    let is_record = || {
        let name = path.strip_prefix(RECORDS)?.strip_prefix('/')?;
        let (digest, ending) =
            name.split_once('.').map_or((name, None), |(digest, ending)| (digest, Some(ending)));
        let hex = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        Some(hex && ending.is_none_or(is_ending))
    };
    path == revision_path(revisions + 1) || is_record() == Some(true)
}

/// Whether a file of a dossier came after the plan.
#[must_use]
pub fn is_later(path: &str) -> bool {
    let inside = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    inside(REVISIONS)
        || inside(RECORDS)
        || [JOURNAL, HEAD].iter().any(|f| path == *f || path == folder::partial(f))
}

/// What no line of the journal names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unnamed {
    /// A table or revision that was announced, whole or in part: what a run left that was cut short.
    pub announced: BTreeSet<String>,
    /// The others: files of `records/`, and entries of `revisions/`.
    pub foreign: BTreeSet<String>,
}

impl Unnamed {
    /// Looks at the files of a dossier, of which only those that came after the plan count.
    #[must_use]
    pub fn of<'a>(files: impl IntoIterator<Item = &'a str>, journal: &Journal) -> Self {
        let named: BTreeSet<String> = journal.lines.iter().filter_map(|line| line.event.beside()).collect();
        let announced = journal.announced.iter().filter_map(|next| next.beside.as_deref());
        let mut announced: BTreeSet<String> = announced.flat_map(|p| [p.to_owned(), folder::partial(p)]).collect();
        // The same table can be entered twice.
        announced.retain(|path| !named.contains(path));
        let mut out = Self::default();
        for path in files.into_iter().filter(|path| is_later(path)) {
            // A revision is a folder, and what stands in it is for its check sums to tell.
            let parts = if path.starts_with(REVISIONS) { 2 } else { usize::MAX };
            let inside = path.split('/').count() > parts;
            let entry = path.split('/').take(parts).collect::<Vec<_>>().join("/");
            if announced.contains(&entry) {
                out.announced.insert(entry);
            } else if path.contains('/') && !(named.contains(&entry) && inside == (parts == 2)) {
                out.foreign.insert(entry);
            }
        }
        out
    }
}
