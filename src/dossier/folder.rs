//! A folder or a file written whole or not at all.
//!
//! Everything goes into a sibling `OUT.hecha-partial`, which takes OUT's place by renaming when it is complete. With
//! `replace` the old folder becomes `OUT.previous`, in this order:
//!
//! 1. the mark `OUT.hecha-replacing` is made,
//! 2. an older `OUT.previous` becomes `OUT.hecha-older`,
//! 3. OUT becomes `OUT.previous`, 4. `OUT.hecha-partial` becomes OUT,
//! 5. `OUT.hecha-older` and the mark are removed.
//!
//! Where the mark still stands, an earlier run was cut short, and what else stands tells where: [`recover`] puts things
//! right. Only siblings with this program's own endings are ever removed.

use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::disk::{Disk, System, Written};
use super::{Document, Sum};
use crate::digest::{Hashing, hex};
use crate::text::{Lang, Say, both, display_in_english};

/// Why a folder or file was not written. What was there before is still there, or the next command restores it.
#[derive(Debug)]
pub enum FolderError {
    /// It exists and is not empty.
    Exists(PathBuf),
    /// The path cannot be an output folder.
    NoName(PathBuf),
    /// It holds a file that this run reads, or the current folder: the output folder and that path.
    HoldsInputs(PathBuf, PathBuf),
    /// There is a file already, and not one that the command writes.
    Foreign(PathBuf),
    /// The older folder that would be removed holds results that nothing else has.
    HoldsResults(PathBuf),
    /// Writing or renaming failed.
    Io(PathBuf, io::Error),
    /// The old folder was moved aside, the new one could not take its place, and the old one could not be moved back: the
    /// folder, and where the old one is.
    Halfway(PathBuf, PathBuf, io::Error),
}

impl Say for FolderError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Exists(path) => {
                let path = path.display();
                both!(
                    lang,
                    "{path} 已存在且不为空；请换一个输出目录，或加 --force（旧的会保留为 {path}.previous）",
                    "{path} exists and is not empty; choose another folder, or --force, which keeps the old one as {path}.previous"
                )
            }
            Self::HoldsInputs(path, input) => {
                let (path, input) = (path.display(), input.display());
                both!(
                    lang,
                    "{path} 里有本次要用的 {input}，不能被替换；请换一个输出目录",
                    "{path} holds {input}, which this run uses, and cannot be replaced; choose another folder"
                )
            }
            Self::Foreign(path) => {
                let path = path.display();
                both!(
                    lang,
                    "{path} 已存在，且不是本命令写的文件，不能覆盖；请换一个文件名",
                    "{path} exists and is no file that this command writes; choose another name"
                )
            }
            Self::HoldsResults(path) => {
                let path = path.display();
                both!(
                    lang,
                    "{path} 中有登记的核查结果（{JOURNAL}），再替换一次就会被删去；请先把它改名或移走",
                    "{path} holds results that were recorded ({JOURNAL}) and would be removed now; rename it or move it away first"
                )
            }
            Self::NoName(path) => {
                let path = path.display();
                both!(lang, "{path} 不能作为输出目录", "{path} cannot be an output folder")
            }
            Self::Halfway(path, previous, error) => {
                let (path, previous) = (path.display(), previous.display());
                both!(
                    lang,
                    "无法替换 {path}：{error}。原有内容完好，现在名为 {previous}；关闭占用该目录的程序后再运行一次，会自动恢复",
                    "{path} cannot be replaced: {error}. Its old content is safe in {previous}; close whatever uses the folder and run again, which restores it"
                )
            }
            Self::Io(path, error) => {
                let path = path.display();
                match error.kind() {
                    io::ErrorKind::PermissionDenied => both!(
                        lang,
                        "无法写入 {path}：没有权限，或有文件正在Excel、WPS中打开；请关闭后重试。原有内容没有改动",
                        "{path} cannot be written: permission denied, or Excel or WPS has a file open; close it and try again. What was there is unchanged"
                    ),
                    io::ErrorKind::StorageFull => both!(
                        lang,
                        "无法写入 {path}：磁盘已满。原有内容没有改动",
                        "{path} cannot be written: the disk is full. What was there is unchanged"
                    ),
                    io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => both!(
                        lang,
                        "{path} 是文件而不是目录；请换一个输出目录",
                        "{path} is a file, not a folder; choose another one"
                    ),
                    _ => both!(
                        lang,
                        "无法写入 {path}：{error}。原有内容没有改动",
                        "{path} cannot be written: {error}. What was there is unchanged"
                    ),
                }
            }
        }
    }
}
display_in_english!(FolderError);
impl std::error::Error for FolderError {}

fn io_at(path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    let path = path.to_owned();
    move |error| FolderError::Io(path, error)
}

/// The file that grows in a folder after it was written, and that nothing else can make again.
pub const JOURNAL: &str = "journal.jsonl";

/// Ending of what is under construction.
const PARTIAL: &str = ".hecha-partial";
/// Ending of the mark that stands while a folder is being replaced.
const REPLACING: &str = ".hecha-replacing";
/// Ending of an older `OUT.previous` until the new one has taken its place.
const OLDER: &str = ".hecha-older";
/// Ending of the folder that was replaced.
const PREVIOUS: &str = ".previous";

/// The sibling `OUT.ending`.
fn sibling(out: &Path, ending: &str) -> Result<PathBuf, FolderError> {
    let mut name: OsString = out.file_name().ok_or_else(|| FolderError::NoName(out.to_owned()))?.to_owned();
    name.push(ending);
    Ok(out.with_file_name(name))
}

/// Name of a file or folder of that name while it is being written.
#[must_use]
pub fn partial(name: &str) -> String {
    format!("{name}{PARTIAL}")
}

/// Whether a name is that of a file or folder that is being written.
#[must_use]
pub fn is_partial(name: &str) -> bool {
    name.ends_with(PARTIAL)
}

/// Whether OUT exists and has something in it.
fn occupied(out: &Path) -> Result<bool, FolderError> {
    match fs::read_dir(out) {
        Ok(mut entries) => Ok(entries.next().is_some()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(FolderError::Io(out.to_owned(), error)),
    }
}

/// The folder that [`write()`] keeps the old one as.
#[must_use]
pub fn previous(out: &Path) -> PathBuf {
    sibling(out, PREVIOUS).unwrap_or_default()
}

/// Puts right what a run that was cut short while replacing OUT left behind; true if it restored the old folder.
///
/// # Errors
/// [`FolderError::Io`] if it cannot be renamed back.
pub fn recover(out: &Path) -> Result<bool, FolderError> {
    recover_on(&System, out)
}

fn recover_on(disk: &dyn Disk, out: &Path) -> Result<bool, FolderError> {
    let (mark, previous, older) = (sibling(out, REPLACING)?, sibling(out, PREVIOUS)?, sibling(out, OLDER)?);
    if !mark.exists() {
        return Ok(false);
    }
    let restored = !out.exists() && previous.exists();
    if restored {
        disk.rename(&previous, out).map_err(io_at(out))?;
    }
    if older.exists() && !previous.exists() {
        disk.rename(&older, &previous).map_err(io_at(&older))?;
    }
    // What cannot be removed now is removed by the next run; the mark goes last.
    let partial = sibling(out, PARTIAL)?;
    let cleared = [older, partial].iter().filter(|path| path.exists()).all(|path| disk.remove_tree(path).is_ok());
    if cleared {
        let _ = disk.remove_file(&mark);
    }
    Ok(restored)
}

/// Refuses, before any work is done, an output folder that could not be written.
///
/// `inputs` are files and folders that this run reads: a folder that holds one of them, or the current folder, is never
/// replaced.
///
/// # Errors
/// [`FolderError::Exists`], [`FolderError::NoName`], [`FolderError::HoldsInputs`], [`FolderError::HoldsResults`].
pub fn check(out: &Path, replace: bool, inputs: &[PathBuf]) -> Result<(), FolderError> {
    sibling(out, "")?;
    if !occupied(out)? {
        return Ok(());
    }
    if !replace {
        return Err(FolderError::Exists(out.to_owned()));
    }
    let whole = fs::canonicalize(out).map_err(io_at(out))?;
    let here = std::env::current_dir().ok();
    for input in inputs.iter().chain(&here) {
        if fs::canonicalize(input).is_ok_and(|input| input.starts_with(&whole)) {
            return Err(FolderError::HoldsInputs(out.to_owned(), input.clone()));
        }
    }
    let older = previous(out);
    if older.join(JOURNAL).is_file() { Err(FolderError::HoldsResults(older)) } else { Ok(()) }
}

/// A folder that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The folder's fingerprint: the SHA-256 of its `SHA256SUMS`.
    pub fingerprint: String,
    /// Whether there was an old folder, which is now [`previous`].
    pub replaced: bool,
}

/// Writes the documents as the whole content of `out`; true if there was an old folder, which is now [`previous`].
///
/// # Errors
/// [`FolderError`]; then `out` is as it was.
pub fn write(
    out: &Path,
    documents: &[Document<'_>],
    replace: bool,
    inputs: &[PathBuf],
) -> Result<bool, FolderError> {
    ready(out, replace, inputs)?;
    write_on(&System, out, documents)
}

/// Writes the documents and their `SHA256SUMS` as the whole content of `out`.
///
/// # Errors
/// [`FolderError`]; then `out` is as it was.
pub fn write_with_sums(
    out: &Path,
    documents: &[Document<'_>],
    replace: bool,
    inputs: &[PathBuf],
) -> Result<Placed, FolderError> {
    ready(out, replace, inputs)?;
    write_with_sums_on(&System, out, documents)
}

fn ready(out: &Path, replace: bool, inputs: &[PathBuf]) -> Result<(), FolderError> {
    // First of all: after a crash the old folder may stand under another name.
    recover(out)?;
    check(out, replace, inputs)
}

fn write_on(disk: &dyn Disk, out: &Path, documents: &[Document<'_>]) -> Result<bool, FolderError> {
    let (_, replaced) = place(disk, out, |partial| fill(disk, partial, documents))?;
    Ok(replaced)
}

fn write_with_sums_on(disk: &dyn Disk, out: &Path, documents: &[Document<'_>]) -> Result<Placed, FolderError> {
    let (fingerprint, replaced) = place(disk, out, |partial| {
        let sums = fill(disk, partial, documents)?;
        Ok(put_document(disk, partial, &super::sums(sums))?.sha256)
    })?;
    Ok(Placed { fingerprint, replaced })
}

/// Fills the folder under construction and lets it take the place of `out`; true if that keeps an old one.
fn place<T>(
    disk: &dyn Disk,
    out: &Path,
    fill: impl FnOnce(&Path) -> Result<T, FolderError>,
) -> Result<(T, bool), FolderError> {
    recover_on(disk, out)?;
    let partial = sibling(out, PARTIAL)?;
    let result = fill(&partial).and_then(|filled| Ok((filled, take_place(disk, out, &partial)?)));
    if result.is_err() {
        let _ = disk.remove_tree(&partial);
    }
    result
}

fn fill(disk: &dyn Disk, partial: &Path, documents: &[Document<'_>]) -> Result<Vec<Sum>, FolderError> {
    if partial.exists() {
        disk.remove_tree(partial).map_err(io_at(partial))?;
    }
    disk.create_folder(partial).map_err(io_at(partial))?;
    documents.iter().map(|document| put_document(disk, partial, document)).collect()
}

/// Writes one document; its SHA-256 is taken on the way.
fn put_document(disk: &dyn Disk, partial: &Path, document: &Document<'_>) -> Result<Sum, FolderError> {
    let path = document.path.split('/').fold(partial.to_owned(), |path, part| path.join(part));
    if let Some(parent) = path.parent().filter(|parent| !parent.exists()) {
        disk.create_folder(parent).map_err(io_at(parent))?;
    }
    let write = |file: &mut Written<'_>| {
        if let Some(told) = &document.sha256 {
            document.write_to(file)?;
            return Ok(told());
        }
        let mut hashing = Hashing::new(file);
        document.write_to(&mut hashing)?;
        Ok(hex(&hashing.finish()))
    };
    let sha256 = put(disk, &path, write).map_err(io_at(&path))?;
    Ok(Sum { sha256, path: document.path.clone() })
}

/// A file with what `write` writes, on the disk and not only on its way there.
fn put<T>(disk: &dyn Disk, path: &Path, write: impl FnOnce(&mut Written<'_>) -> io::Result<T>) -> io::Result<T> {
    let mut file = Written::create(disk, path)?;
    let told = write(&mut file)?;
    file.sync()?;
    Ok(told)
}

/// Lets the complete folder take the place of `out`; true if that keeps an old one.
fn take_place(disk: &dyn Disk, out: &Path, partial: &Path) -> Result<bool, FolderError> {
    if !occupied(out)? {
        if out.exists() {
            disk.remove_folder(out).map_err(io_at(out))?;
        }
        disk.rename(partial, out).map_err(io_at(out))?;
        return Ok(false);
    }
    let (mark, previous, older) = (sibling(out, REPLACING)?, sibling(out, PREVIOUS)?, sibling(out, OLDER)?);
    put(disk, &mark, |_| Ok(())).map_err(io_at(&mark))?;
    let replaced = swap(disk, out, partial, &previous, &older);
    // A new folder in its place is a success, whatever cannot be tidied up behind it: the mark says what is left to do.
    let tidy = match &replaced {
        Ok(()) => !older.exists() || disk.remove_tree(&older).is_ok(),
        Err(error) => !matches!(error, FolderError::Halfway(..)) && !older.exists(),
    };
    if tidy {
        let _ = disk.remove_file(&mark);
    }
    replaced.map(|()| true)
}

/// The renames. If one fails, those before it are taken back.
fn swap(disk: &dyn Disk, out: &Path, partial: &Path, previous: &Path, older: &Path) -> Result<(), FolderError> {
    // An older one beside a previous one is left over from a run that had done its work.
    if older.exists() {
        disk.remove_tree(older).map_err(io_at(older))?;
    }
    if previous.exists() {
        disk.rename(previous, older).map_err(io_at(previous))?;
    }
    let mut result = disk.rename(out, previous).map_err(io_at(out));
    if result.is_ok()
        && let Err(error) = disk.rename(partial, out)
    {
        if disk.rename(previous, out).is_err() {
            return Err(FolderError::Halfway(out.to_owned(), previous.to_owned(), error));
        }
        result = Err(FolderError::Io(out.to_owned(), error));
    }
    if result.is_err() && older.exists() {
        let _ = disk.rename(older, previous);
    }
    result
}

/// Writes a single file: beside it first, so that a failed write leaves an earlier file as it was.
///
/// # Errors
/// [`FolderError::Io`]; then the file is as it was.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), FolderError> {
    // A device or a pipe is written to; a file in its place would be no device any more.
    if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return fs::write(path, bytes).map_err(io_at(path));
    }
    // Where a link stands, what it leads to is replaced.
    let target = fs::canonicalize(path).ok().filter(|_| path.is_symlink());
    let path = target.as_deref().unwrap_or(path);
    write_file_on(&System, path, bytes)
}

/// Refuses a file that could be written only over one of another kind: an earlier one begins with `beginning`, or is empty.
///
/// # Errors
/// [`FolderError::Foreign`].
pub fn check_file(path: &Path, beginning: &str) -> Result<(), FolderError> {
    if !path.is_file() {
        return Ok(());
    }
    let mut found = vec![0; beginning.len()];
    // Whatever else is wrong with it shows when it is written.
    let Ok(read) = fs::File::open(path).and_then(|mut file| file.read(&mut found)) else { return Ok(()) };
    let own = read == 0 || found[..read] == *beginning.as_bytes();
    if own { Ok(()) } else { Err(FolderError::Foreign(path.to_owned())) }
}

fn write_file_on(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<(), FolderError> {
    let partial = sibling(path, PARTIAL)?;
    let result = put(disk, &partial, |file| file.write_all(bytes)).and_then(|()| disk.rename(&partial, path));
    if result.is_err() && partial.is_file() {
        let _ = disk.remove_file(&partial);
    }
    result.map_err(io_at(path))
}

#[cfg(test)]
mod faults;

#[cfg(test)]
mod tests {
    use super::*;

    fn text(out: &Path, name: &str) -> String {
        fs::read_to_string(out.join(name)).unwrap()
    }

    #[test]
    fn results_are_not_removed_with_an_older_folder() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        write(&out, &[Document::new("a.txt", "1")], false, &[]).unwrap();
        fs::write(out.join(JOURNAL), "{}\n").unwrap();
        write(&out, &[Document::new("a.txt", "2")], true, &[]).unwrap();
        assert!(matches!(
            write(&out, &[Document::new("a.txt", "3")], true, &[]),
            Err(FolderError::HoldsResults(_))
        ));
        assert_eq!((text(&out, "a.txt"), text(&previous(&out), JOURNAL)), ("2".to_owned(), "{}\n".to_owned()));
        fs::rename(previous(&out), dir.path().join("kept")).unwrap();
        write(&out, &[Document::new("a.txt", "3")], true, &[]).unwrap();
    }

    #[test]
    fn a_file_of_another_kind_is_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        for (content, fits) in
            [("", true), ("{\"a\":1}", true), ("{\"b\":1}", false), ("{", false), ("code,name", false)]
        {
            fs::write(&path, content).unwrap();
            assert_eq!(check_file(&path, "{\"a\"").is_ok(), fits, "{content}");
        }
        assert!(check_file(&dir.path().join("new.json"), "{").is_ok());
    }

    #[test]
    fn an_occupied_folder_is_refused_or_kept_as_previous() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        write(&out, &[Document::new("a/b.txt", "1")], false, &[]).unwrap();
        assert_eq!(text(&out, "a/b.txt"), "1");
        assert!(matches!(write(&out, &[], false, &[]), Err(FolderError::Exists(_))));
        write(&out, &[Document::new("c.txt", "2")], true, &[]).unwrap();
        assert_eq!(text(&out, "c.txt"), "2");
        assert_eq!(text(&dir.path().join("out.previous"), "a/b.txt"), "1");
        assert!(!dir.path().join("out.hecha-partial").exists());
    }

    #[test]
    fn a_large_file_is_written_whole_whatever_its_length_and_the_lengths_of_its_pieces() {
        let dir = tempfile::tempdir().unwrap();
        for (length, piece) in
            [(12_287, 12_287), (12_288, 4_096), (12_289, 1), (20_480, 5_000), (40_000, 40_000), (77_777, 333)]
        {
            let bytes: Vec<u8> = (0..length).map(|at: u32| (at % 251) as u8).collect();
            let out = dir.path().join(format!("{length}"));
            let document =
                Document::written("a", |out| bytes.chunks(piece).try_for_each(|part| out.write_all(part)));
            let placed = write_with_sums(&out, &[document], false, &[]).unwrap();
            assert!(fs::read(out.join("a")).unwrap() == bytes, "{length} {piece}");
            let sums = format!("{}  a\n", crate::digest::sha256_hex(&bytes));
            assert_eq!(placed.fingerprint, crate::digest::sha256_hex(sums.as_bytes()));
        }
    }

    #[test]
    fn a_folder_with_inputs_is_never_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        write(&out, &[Document::new("plan.toml", "1")], false, &[]).unwrap();
        let refused = write(&out, &[], true, &[out.join("plan.toml")]);
        assert!(matches!(refused, Err(FolderError::HoldsInputs(..))));
        write(&out, &[Document::new("a", "1")], true, &[dir.path().to_owned()]).unwrap();
        write(&out, &[Document::new("a", "2")], true, &[]).unwrap();
        assert_eq!(text(&dir.path().join("out.previous"), "a"), "1");
        assert_eq!(files_in(dir.path()), ["out", "out.previous"]);
        assert_eq!(files_in(&out), ["a"]);
    }

    fn files_in(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_failed_write_leaves_the_old_folder() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        write(&out, &[Document::new("a", "1")], false, &[]).unwrap();
        // A file cannot be a folder as well: the second document fails.
        let broken = [Document::new("x", "2"), Document::new("x/y", "3")];
        assert!(matches!(write(&out, &broken, true, &[]), Err(FolderError::Io(..))));
        assert_eq!(text(&out, "a"), "1");
        assert!(!dir.path().join("out.hecha-partial").exists());
    }
}
