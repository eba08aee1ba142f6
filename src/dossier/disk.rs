//! The few things that writing asks of a disk, so that a test can make each of them fail.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

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
pub(super) struct Written<'a> {
    disk: &'a dyn Disk,
    file: File,
}

impl<'a> Written<'a> {
    /// Makes an empty file.
    ///
    /// # Errors
    /// Of the disk; so for all of these.
    pub(super) fn create(disk: &'a dyn Disk, path: &Path) -> io::Result<Self> {
        Ok(Self { disk, file: disk.create_file(path)? })
    }

    /// Waits until the content is on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.disk.sync(&self.file)
    }
}

impl io::Write for Written<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.disk.write(&mut self.file, bytes)?;
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
