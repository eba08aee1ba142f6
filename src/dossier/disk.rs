//! The few things that writing asks of a disk, so that a test can make each of them fail.

use std::fs::{self, File};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// What can be done to a disk.
pub(super) trait Disk {
    /// Makes a folder and those above it.
    ///
    /// # Errors
    /// Of the system; so for all of these.
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    /// Makes an empty file, or empties one.
    fn create_file(&self, path: &Path) -> io::Result<File>;
    /// Writes the next bytes of a file, all of them.
    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()>;
    /// Opens a file that is there for writing past the system's cache.
    fn open_uncached(&self, path: &Path) -> io::Result<File>;
    /// Cuts a file to a length.
    fn set_length(&self, file: &File, length: u64) -> io::Result<()>;
    /// Waits until the content is on the disk, where a lack of space shows at the latest.
    fn sync(&self, file: &File) -> io::Result<()>;
    /// Gives a file or folder another name. A file of that name is replaced.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes an empty folder.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
    /// Removes a folder and everything in it.
    fn remove_tree(&self, path: &Path) -> io::Result<()>;
}

/// A file that is being written: every write of whatever writes it is one of the disk's.
///
/// What a large file has beyond its beginning goes past the system's cache where the system allows that: it is waited for in
/// the end anyway, and copying hundreds of megabytes into fresh memory takes longer than hashing them.
pub(super) struct Written<'a> {
    disk: &'a dyn Disk,
    path: PathBuf,
    file: File,
    length: u64,
    past: Past,
}

/// Where a file stands with the cache.
enum Past {
    /// Too short so far.
    NotYet,
    /// The system does not allow it.
    Never,
    /// On its way.
    Cache(Uncached),
}

/// A file past the cache: whole blocks from memory and to places that are multiples of a block.
struct Uncached {
    file: File,
    buffer: Vec<u8>,
    /// Where in the buffer memory is aligned.
    from: usize,
    filled: usize,
    /// Whether a write has shown that the system does allow it.
    proven: bool,
}

/// Length from which a file is large; tests have none that are.
const LARGE: u64 = if cfg!(test) { 12 << 10 } else { 8 << 20 };
/// A multiple of the blocks of every disk.
const ALIGNED: usize = 4 << 10;
/// Bytes written past the cache at a time.
const CHUNK: usize = if cfg!(test) { 8 << 10 } else { 512 << 10 };

impl<'a> Written<'a> {
    /// Makes an empty file.
    ///
    /// # Errors
    /// Of the disk; so for all of these.
    pub(super) fn create(disk: &'a dyn Disk, path: &Path) -> io::Result<Self> {
        let file = disk.create_file(path)?;
        Ok(Self { disk, path: path.to_owned(), file, length: 0, past: Past::NotYet })
    }

    /// Waits until the content is on the disk.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        if let Past::Cache(uncached) = &mut self.past {
            let filled = uncached.filled.next_multiple_of(ALIGNED);
            let used = uncached.from + uncached.filled;
            uncached.buffer[used..uncached.from + filled].fill(0);
            uncached.filled = filled;
            uncached.put(self.disk, &mut self.file)?;
            self.disk.set_length(&self.file, self.length)?;
            self.past = Past::Never;
        }
        self.disk.sync(&self.file)
    }

    /// Writes through the cache; from a length on, to a place where the rest can go past it.
    fn begin(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.length < LARGE || matches!(self.past, Past::Never) {
            self.disk.write(&mut self.file, bytes)?;
            return Ok(bytes.len());
        }
        let begun = (self.length % ALIGNED as u64) as usize;
        if begun > 0 {
            let rest = bytes.len().min(ALIGNED - begun);
            self.disk.write(&mut self.file, &bytes[..rest])?;
            return Ok(rest);
        }
        self.past = match self.disk.open_uncached(&self.path) {
            Ok(mut file) => {
                file.seek(SeekFrom::Start(self.length))?;
                let buffer = vec![0; CHUNK + ALIGNED];
                let from = buffer.as_ptr().align_offset(ALIGNED).min(ALIGNED);
                Past::Cache(Uncached { file, buffer, from, filled: 0, proven: false })
            }
            Err(_) => Past::Never,
        };
        Ok(0)
    }
}

impl Uncached {
    /// Writes what is in the buffer; through the cache where it turns out that the system allows nothing else, which is false.
    fn put(&mut self, disk: &dyn Disk, cached: &mut File) -> io::Result<bool> {
        let chunk = &self.buffer[self.from..self.from + self.filled];
        match disk.write(&mut self.file, chunk) {
            Err(error) if error.kind() == io::ErrorKind::InvalidInput && !self.proven => {
                disk.write(cached, chunk)?;
            }
            result => {
                result?;
                self.proven = true;
            }
        }
        self.filled = 0;
        Ok(self.proven)
    }
}

impl io::Write for Written<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let done = match &mut self.past {
                Past::Cache(uncached) => {
                    let room = rest.len().min(CHUNK - uncached.filled);
                    let at = uncached.from + uncached.filled;
                    uncached.buffer[at..at + room].copy_from_slice(&rest[..room]);
                    uncached.filled += room;
                    if uncached.filled == CHUNK && !uncached.put(self.disk, &mut self.file)? {
                        self.past = Past::Never;
                    }
                    room
                }
                Past::NotYet | Past::Never => self.begin(rest)?,
            };
            self.length += done as u64;
            rest = &rest[done..];
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The system's disk.
#[derive(Debug, Clone, Copy)]
pub(super) struct System;

/// In builds with debug assertions alone, the environment variable `HECHA_DIES_AT=n` ends the process in the middle of
/// its nth disk operation, counted from 0, without another word: so tests see what a crash leaves behind.
#[cfg(debug_assertions)]
fn mortal(half: impl FnOnce()) {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicUsize, Ordering};
    static DONE: AtomicUsize = AtomicUsize::new(0);
    static FATE: LazyLock<Option<usize>> = LazyLock::new(|| std::env::var("HECHA_DIES_AT").ok()?.parse().ok());
    if FATE.is_some_and(|at| DONE.fetch_add(1, Ordering::Relaxed) == at) {
        half();
        std::process::exit(137);
    }
}

#[cfg(not(debug_assertions))]
#[inline]
fn mortal(_: impl FnOnce()) {}

/// Linux knows a flag for it, whose number depends on the processor.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")))]
fn open_uncached(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    const DIRECT: i32 = if cfg!(target_arch = "aarch64") { 0o200_000 } else { 0o40_000 };
    fs::OpenOptions::new().write(true).custom_flags(DIRECT).open(path)
}

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")
)))]
fn open_uncached(_: &Path) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

impl Disk for System {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        mortal(|| {});
        fs::create_dir_all(path)
    }

    fn create_file(&self, path: &Path) -> io::Result<File> {
        mortal(|| drop(File::create(path)));
        File::create(path)
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        mortal(|| drop(file.write_all(&bytes[..bytes.len() / 2])));
        file.write_all(bytes)
    }

    fn open_uncached(&self, path: &Path) -> io::Result<File> {
        open_uncached(path)
    }

    fn set_length(&self, file: &File, length: u64) -> io::Result<()> {
        mortal(|| {});
        file.set_len(length)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        mortal(|| {});
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        mortal(|| {});
        fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        mortal(|| {});
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        mortal(|| {});
        fs::remove_dir(path)
    }

    fn remove_tree(&self, path: &Path) -> io::Result<()> {
        mortal(|| {});
        fs::remove_dir_all(path)
    }
}
