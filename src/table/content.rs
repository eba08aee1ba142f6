//! The bytes of an input, in memory or in a file, which is read as often as needed and never held as a whole.
//!
//! One pass surveys them: length, SHA-256, whether they are UTF-8, whether there is a NUL byte. Every later pass over a
//! file sees that it is still the same one: a table that is changed while it is read would give a record that nobody can
//! derive again.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use encoding_rs::Encoding;
use sha2::{Digest, Sha256};

use super::format::LOOKED_AT;
use crate::digest::hex;

/// Bytes read at a time.
const CHUNK: usize = 256 << 10;

/// The bytes of one input. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Content(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    body: Body,
    survey: Survey,
}

#[derive(Debug)]
enum Body {
    Memory(Vec<u8>),
    File(PathBuf, Stamp),
}

/// What tells a file that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(file: &File) -> io::Result<Self> {
        let found = file.metadata()?;
        Ok(Self { length: found.len(), modified: found.modified().ok() })
    }
}

/// What one pass tells.
#[derive(Debug, Default)]
struct Survey {
    sha256: String,
    /// The first bytes.
    head: Vec<u8>,
    utf8: bool,
    nul: bool,
}

/// Mark of the error for a file that changed between two passes or during one.
const CHANGED: io::ErrorKind = io::ErrorKind::InvalidData;

impl Content {
    /// Bytes in memory.
    ///
    /// # Panics
    /// Never: reading memory cannot fail.
    #[must_use]
    pub fn of_bytes(bytes: Vec<u8>) -> Self {
        let survey = survey(&mut bytes.as_slice()).expect("memory");
        Self(Arc::new(Inner { body: Body::Memory(bytes), survey }))
    }

    /// A file, left where it is. What is no plain file, such as a pipe, can be read only once and is held in memory.
    ///
    /// # Errors
    /// The system's.
    pub fn of_file(path: &Path) -> io::Result<Self> {
        if !fs::metadata(path)?.is_file() {
            return Ok(Self::of_bytes(fs::read(path)?));
        }
        let file = File::open(path)?;
        let stamp = Stamp::of(&file)?;
        let survey = survey(&mut Watched { file, stamp: stamp.clone() })?;
        Ok(Self(Arc::new(Inner { body: Body::File(path.to_owned(), stamp), survey })))
    }

    /// Whether the error says that the file was changed.
    #[must_use]
    pub fn changed(error: &io::Error) -> bool {
        error.kind() == CHANGED
    }

    /// Length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        match &self.0.body {
            Body::Memory(bytes) => bytes.len() as u64,
            Body::File(_, stamp) => stamp.length,
        }
    }

    /// SHA-256, 64 lower-case hex digits.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.0.survey.sha256
    }

    /// The first bytes, as far as they tell the format.
    pub(super) fn head(&self) -> &[u8] {
        &self.0.survey.head
    }

    /// Whether all of it is valid UTF-8.
    pub(super) fn is_utf8(&self) -> bool {
        self.0.survey.utf8
    }

    /// Whether there is a NUL byte; said only of what is UTF-8.
    pub(super) fn has_nul(&self) -> bool {
        self.0.survey.nul
    }

    /// Starts a pass over the bytes.
    ///
    /// # Errors
    /// The system's, or [`Content::changed`].
    pub fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        match &self.0.body {
            Body::Memory(bytes) => Ok(Box::new(bytes.as_slice())),
            Body::File(path, stamp) => {
                let file = File::open(path)?;
                let file = Watched { file, stamp: stamp.clone() };
                file.compare()?;
                Ok(Box::new(file))
            }
        }
    }

    /// All bytes at once.
    ///
    /// # Errors
    /// The system's, or [`Content::changed`].
    pub fn bytes(&self) -> io::Result<Cow<'_, [u8]>> {
        if let Body::Memory(bytes) = &self.0.body {
            return Ok(Cow::Borrowed(bytes));
        }
        let mut bytes = Vec::new();
        self.open()?.read_to_end(&mut bytes)?;
        Ok(Cow::Owned(bytes))
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        self.length() == other.length() && self.sha256() == other.sha256()
    }
}
impl Eq for Content {}

/// A file that must stay as it was.
struct Watched {
    file: File,
    stamp: Stamp,
}

impl Watched {
    fn compare(&self) -> io::Result<()> {
        if Stamp::of(&self.file)? == self.stamp { Ok(()) } else { Err(CHANGED.into()) }
    }
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buffer)?;
        if n == 0 && !buffer.is_empty() {
            self.compare()?;
        }
        Ok(n)
    }
}

fn survey(source: &mut dyn Read) -> io::Result<Survey> {
    let mut out = Survey { utf8: true, ..Survey::default() };
    let mut hash = Sha256::new();
    let mut buffer = vec![0; CHUNK];
    // Bytes of a character that the last chunk cut in two stand at the beginning of the buffer.
    let mut kept = 0;
    loop {
        let n = match source.read(&mut buffer[kept..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            result => result?,
        };
        if n == 0 {
            break;
        }
        let fresh = &buffer[kept..kept + n];
        hash.update(fresh);
        if out.head.len() < LOOKED_AT {
            out.head.extend(fresh.iter().take(LOOKED_AT - out.head.len()));
        }
        if !out.utf8 {
            continue;
        }
        out.nul |= memchr::memchr(0, fresh).is_some();
        let text = &buffer[..kept + n];
        let valid = Encoding::utf8_valid_up_to(text);
        out.utf8 = match std::str::from_utf8(&text[valid..]) {
            Ok(_) => true,
            Err(error) => error.error_len().is_none(),
        };
        let end = kept + n;
        kept = 0;
        if out.utf8 {
            kept = end - valid;
            buffer.copy_within(valid..end, 0);
        }
    }
    out.utf8 &= kept == 0;
    out.sha256 = hex(&hash.finalize());
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::sha256_hex;

    #[test]
    fn a_survey_sees_characters_that_a_chunk_cuts_in_two() {
        for shift in 0..4 {
            let text = "x".repeat(shift) + &"企业😀".repeat(CHUNK / 5);
            let content = Content::of_bytes(text.clone().into_bytes());
            assert!(content.is_utf8() && !content.has_nul());
            assert_eq!(content.sha256(), sha256_hex(text.as_bytes()));
            let cut = Content::of_bytes(text.as_bytes()[..text.len() - 1].to_vec());
            assert!(!cut.is_utf8());
        }
        assert!(Content::of_bytes(b"a\0b".to_vec()).has_nul());
        assert!(Content::of_bytes(vec![]).is_utf8());
    }

    #[test]
    fn a_file_that_changes_between_passes_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.csv");
        fs::write(&path, "code").unwrap();
        let content = Content::of_file(&path).unwrap();
        assert_eq!(&*content.bytes().unwrap(), b"code");
        fs::write(&path, "codes").unwrap();
        assert!(Content::changed(&content.bytes().unwrap_err()));
    }
}
