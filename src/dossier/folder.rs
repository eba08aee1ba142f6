//! A folder written whole or not at all.
//!
//! Everything goes into a sibling `OUT.hecha-partial`, which takes OUT's place by renaming when it is complete. With
//! `replace` the old folder becomes `OUT.previous`. A crash between the two renames leaves no OUT but both siblings;
//! [`recover`] restores the old one. Only siblings with this program's own endings are ever removed.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::{Document, Sum};
use crate::digest::{Hashing, hex};
use crate::text::{Lang, Say, both, display_in_english};

/// Why a folder was not written. What was there before is still there.
#[derive(Debug)]
pub enum FolderError {
    /// It exists and is not empty.
    Exists(PathBuf),
    /// The path cannot be an output folder.
    NoName(PathBuf),
    /// It holds a file that this run reads, or the current folder: the output folder and that path.
    HoldsInputs(PathBuf, PathBuf),
    /// Writing or renaming failed.
    Io(PathBuf, io::Error),
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
            Self::NoName(path) => {
                let path = path.display();
                both!(lang, "{path} 不能作为输出目录", "{path} cannot be an output folder")
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

/// Ending of the folder under construction.
const PARTIAL: &str = ".hecha-partial";
/// Ending of an older `OUT.previous` until the new one has taken its place.
const OLDER: &str = ".hecha-older";
/// Ending of the folder that was replaced.
const PREVIOUS: &str = ".previous";
/// The last file to be written: a folder under construction that has it is complete.
const LAST: &str = "hecha-complete";

/// The sibling `OUT.ending`.
fn sibling(out: &Path, ending: &str) -> Result<PathBuf, FolderError> {
    let mut name: OsString = out.file_name().ok_or_else(|| FolderError::NoName(out.to_owned()))?.to_owned();
    name.push(ending);
    Ok(out.with_file_name(name))
}

/// Whether OUT exists and has something in it.
fn occupied(out: &Path) -> Result<bool, FolderError> {
    match fs::read_dir(out) {
        Ok(mut entries) => Ok(entries.next().is_some()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(FolderError::Io(out.to_owned(), error)),
    }
}

/// Restores the old folder after a crash between the two renames; true if there was something to restore.
///
/// # Errors
/// [`FolderError::Io`] if it cannot be renamed back.
pub fn recover(out: &Path) -> Result<bool, FolderError> {
    let (partial, previous) = (sibling(out, PARTIAL)?, sibling(out, PREVIOUS)?);
    // Cut short after both renames: the new folder stands, only the mark is left over.
    let mark = out.join(LAST);
    if mark.exists() {
        fs::remove_file(&mark).map_err(io_at(&mark))?;
    }
    // A folder still incomplete says that the renames had not begun: then OUT is missing for another reason.
    if out.exists() || !partial.join(LAST).exists() || !previous.exists() {
        return Ok(false);
    }
    fs::rename(&previous, out).map_err(io_at(out))?;
    let older = sibling(out, OLDER)?;
    if older.exists() {
        fs::rename(&older, &previous).map_err(io_at(&older))?;
    }
    fs::remove_dir_all(&partial).map_err(io_at(&partial))?;
    Ok(true)
}

/// Refuses, before any work is done, an output folder that could not be written.
///
/// `inputs` are files and folders that this run reads: a folder that holds one of them, or the current folder, is never
/// replaced.
///
/// # Errors
/// [`FolderError::Exists`], [`FolderError::NoName`], [`FolderError::HoldsInputs`].
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
    Ok(())
}

/// Writes the documents as the whole content of `out`.
///
/// # Errors
/// [`FolderError`]; then `out` is as it was.
pub fn write(
    out: &Path,
    documents: &[Document<'_>],
    replace: bool,
    inputs: &[PathBuf],
) -> Result<(), FolderError> {
    place(out, replace, inputs, |partial| fill(partial, documents).map(drop))
}

/// Writes the documents and their `SHA256SUMS` as the whole content of `out`; returns the folder's fingerprint, the
/// SHA-256 of `SHA256SUMS`.
///
/// # Errors
/// [`FolderError`]; then `out` is as it was.
pub fn write_with_sums(
    out: &Path,
    documents: &[Document<'_>],
    replace: bool,
    inputs: &[PathBuf],
) -> Result<String, FolderError> {
    place(out, replace, inputs, |partial| {
        let sums = fill(partial, documents)?;
        Ok(put(partial, &super::sums(sums))?.sha256)
    })
}

/// Fills the folder under construction and lets it take the place of `out`.
fn place<T>(
    out: &Path,
    replace: bool,
    inputs: &[PathBuf],
    fill: impl FnOnce(&Path) -> Result<T, FolderError>,
) -> Result<T, FolderError> {
    check(out, replace, inputs)?;
    let partial = sibling(out, PARTIAL)?;
    let result = fill(&partial).and_then(|filled| take_place(out, &partial).map(|()| filled));
    if result.is_err() {
        let _ = fs::remove_dir_all(&partial);
    }
    result
}

fn fill(partial: &Path, documents: &[Document<'_>]) -> Result<Vec<Sum>, FolderError> {
    if partial.exists() {
        fs::remove_dir_all(partial).map_err(io_at(partial))?;
    }
    fs::create_dir_all(partial).map_err(io_at(partial))?;
    documents.iter().map(|document| put(partial, document)).collect()
}

/// Writes one document; its SHA-256 is taken on the way.
fn put(partial: &Path, document: &Document<'_>) -> Result<Sum, FolderError> {
    let path = document.path.split('/').fold(partial.to_owned(), |path, part| path.join(part));
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(io_at(parent))?;
    }
    let file = fs::File::create(&path).map_err(io_at(&path))?;
    let sha256 = if let Some(told) = &document.sha256 {
        document.write_to(&mut &file).map_err(io_at(&path))?;
        told()
    } else {
        let mut hashing = Hashing::new(&file);
        document.write_to(&mut hashing).map_err(io_at(&path))?;
        hex(&hashing.finish())
    };
    file.sync_all().map_err(io_at(&path))?;
    Ok(Sum { sha256, path: document.path.clone() })
}

fn take_place(out: &Path, partial: &Path) -> Result<(), FolderError> {
    let rename = |from: &Path, to: &Path| fs::rename(from, to).map_err(io_at(from));
    let done = partial.join(LAST);
    if !occupied(out)? {
        if out.exists() {
            fs::remove_dir(out).map_err(io_at(out))?;
        }
        return rename(partial, out);
    }
    let (previous, older) = (sibling(out, PREVIOUS)?, sibling(out, OLDER)?);
    fs::write(&done, "").map_err(io_at(&done))?;
    if older.exists() {
        fs::remove_dir_all(&older).map_err(io_at(&older))?;
    }
    if previous.exists() {
        rename(&previous, &older)?;
    }
    let renamed = rename(out, &previous).and_then(|()| {
        rename(partial, out).inspect_err(|_| {
            let _ = fs::rename(&previous, out);
        })
    });
    if renamed.is_err() {
        let _ = fs::rename(&older, &previous);
        return renamed;
    }
    let done = out.join(LAST);
    fs::remove_file(&done).map_err(io_at(&done))?;
    if older.exists() {
        fs::remove_dir_all(&older).map_err(io_at(&older))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(out: &Path, name: &str) -> String {
        fs::read_to_string(out.join(name)).unwrap()
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

    #[test]
    fn a_crash_between_the_renames_is_repaired() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        fs::create_dir(dir.path().join("out.hecha-partial")).unwrap();
        fs::create_dir(dir.path().join("out.previous")).unwrap();
        fs::write(dir.path().join("out.previous/a"), "1").unwrap();
        assert!(!recover(&out).unwrap(), "an incomplete folder says that the renames had not begun");
        fs::write(dir.path().join("out.hecha-partial").join(LAST), "").unwrap();
        assert!(recover(&out).unwrap());
        assert_eq!(text(&out, "a"), "1");
        assert!(!recover(&out).unwrap());
    }
}
