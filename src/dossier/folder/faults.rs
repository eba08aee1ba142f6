//! A disk on which the nth operation fails, or at which the program dies: at every n, nothing is lost.

use std::cell::Cell;
use std::fs::File;
use std::io;

use super::*;
use crate::digest::sha256_hex;

/// What happens at the chosen operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// That operation fails, as on a full disk; a write gets half of its bytes down.
    Fails,
    /// That operation is cut short in the middle, and nothing is done after it.
    Dies,
    /// From that operation on nothing works, but the program goes on.
    Never,
}

struct Faulty {
    at: usize,
    fate: Fate,
    done: Cell<usize>,
}

impl Faulty {
    fn new(at: usize, fate: Fate) -> Self {
        Self { at, fate, done: Cell::new(0) }
    }

    /// Whether the chosen operation was reached.
    fn reached(&self) -> bool {
        self.done.get() > self.at
    }

    /// Does an operation, or what a fault leaves of it.
    fn step<T>(&self, whole: impl FnOnce() -> io::Result<T>, half: impl FnOnce()) -> io::Result<T> {
        let now = self.done.replace(self.done.get() + 1);
        if now < self.at || (now > self.at && self.fate == Fate::Fails) {
            return whole();
        }
        if now == self.at {
            half();
        }
        Err(io::ErrorKind::StorageFull.into())
    }
}

impl Disk for Faulty {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.step(|| System.create_folder(path), || {})
    }

    fn create_file(&self, path: &Path) -> io::Result<File> {
        self.step(|| System.create_file(path), || drop(System.create_file(path)))
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        let mut copy = file.try_clone()?;
        self.step(|| System.write(file, bytes), || drop(System.write(&mut copy, &bytes[..bytes.len() / 2])))
    }

    fn open_uncached(&self, path: &Path) -> io::Result<File> {
        System.open_uncached(path)
    }

    fn set_length(&self, file: &File, length: u64) -> io::Result<()> {
        self.step(|| System.set_length(file, length), || {})
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        self.step(|| System.sync(file), || {})
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(|| System.rename(from, to), || {})
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.step(|| System.remove_file(path), || {})
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.step(|| System.remove_folder(path), || {})
    }

    fn remove_tree(&self, path: &Path) -> io::Result<()> {
        let half = || {
            let mut entries = fs::read_dir(path).into_iter().flatten().flatten();
            if let Some(entry) = entries.find(|entry| entry.path().is_file()) {
                fs::remove_file(entry.path()).unwrap();
            }
        };
        self.step(|| System.remove_tree(path), half)
    }
}

/// The content of a folder, if it stands: relative paths and texts, ascending.
fn content(folder: &Path) -> Option<Vec<(String, String)>> {
    let mut out = Vec::new();
    let mut stack = vec![folder.to_owned()];
    while let Some(path) = stack.pop() {
        for entry in fs::read_dir(&path).ok()? {
            let path = entry.unwrap().path();
            if path.is_dir() {
                stack.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
                out.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    out.sort();
    Some(out)
}

/// The documents of a version: short ones, one that is written bit by bit and knows its digest, and one so long that its end
/// goes past the cache.
fn version(n: usize) -> Vec<Document<'static>> {
    let long = move |out: &mut dyn io::Write| (0..3).try_for_each(|line| writeln!(out, "{n}, line {line}"));
    let digest = move || sha256_hex(format!("{n}, line 0\n{n}, line 1\n{n}, line 2\n").as_bytes());
    vec![
        Document::new("a.txt", format!("version {n}")),
        Document::new("b/c.txt", format!("{n} and more")),
        Document::written("d.txt", long).with_sha256(digest),
        Document::written("e.txt", long),
        Document::written("f.txt", move |out| {
            (0..3).try_for_each(|_| out.write_all(n.to_string().repeat(9_000).as_bytes()))
        }),
    ]
}

/// What a folder with that version holds.
fn expected(n: usize) -> Vec<(String, String)> {
    let text = |d: &Document<'_>| String::from_utf8(d.to_bytes().unwrap()).unwrap();
    let mut out: Vec<(String, String)> = version(n).iter().map(|d| (d.path.clone(), text(d))).collect();
    let lines: Vec<String> =
        out.iter().map(|(path, text)| format!("{}  {path}\n", sha256_hex(text.as_bytes()))).collect();
    out.insert(0, (super::super::SUMS.to_owned(), lines.concat()));
    out
}

fn write_version(disk: &dyn Disk, out: &Path, n: usize) -> Result<bool, FolderError> {
    let placed = write_with_sums_on(disk, out, &version(n))?;
    assert_eq!(placed.fingerprint, sha256_hex(expected(n)[0].1.as_bytes()));
    Ok(placed.replaced)
}

/// The names in a folder, ascending.
fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Writes versions 1 to `before`, then `before + 1` with a fault at every operation in turn.
fn every_fault(before: usize) {
    for fate in [Fate::Fails, Fate::Dies, Fate::Never] {
        for at in 0.. {
            let dir = tempfile::tempdir().unwrap();
            let out = dir.path().join("out");
            for n in 1..=before {
                write_version(&System, &out, n).unwrap();
            }
            let disk = Faulty::new(at, fate);
            let result = write_version(&disk, &out, before + 1);
            let place = format!("{before} before, {fate:?} at {at}: {result:?}, {:?}", names(dir.path()));
            if !disk.reached() {
                assert!(result.is_ok() && at > 5, "{place}");
                break;
            }
            let old = (before > 0).then(|| expected(before));
            let older = (before > 1).then(|| expected(before - 1));
            if fate == Fate::Fails && result.is_err() {
                // What was there is there at once, and nothing else but what the next run removes.
                assert_eq!(content(&out), old, "{place}");
                assert_eq!(content(&previous(&out)), older, "{place}");
            }
            if fate == Fate::Fails && !matches!(result, Err(FolderError::Halfway(..))) {
                let left: Vec<String> = names(dir.path()).into_iter().filter(|n| n.contains(".hecha-")).collect();
                assert!(left.len() <= 2, "{place}");
            }
            // The next command puts right what is left: the old state, or the new one, and never anything between.
            recover_on(&System, &out).unwrap();
            let now = (content(&out), content(&previous(&out)));
            let new = (Some(expected(before + 1)), old.clone());
            assert!(now == (old.clone(), older) || now == new, "{place}: {now:?}");
            if result.is_ok() {
                assert!(now == new, "{place}");
            }
            // A later run that succeeds leaves the two folders and nothing else.
            let standing = content(&out);
            write_version(&System, &out, 9).unwrap();
            assert_eq!(content(&out), Some(expected(9)), "{place}");
            assert_eq!(content(&previous(&out)), standing, "{place}");
            let all = if standing.is_some() { vec!["out", "out.previous"] } else { vec!["out"] };
            assert_eq!(names(dir.path()), all, "{place}");
        }
    }
}

#[test]
fn a_fault_in_the_first_write_leaves_nothing_or_all() {
    every_fault(0);
}

#[test]
fn a_fault_in_a_replacement_leaves_the_old_folder_or_the_new_one() {
    every_fault(1);
}

#[test]
fn a_fault_in_a_second_replacement_keeps_the_previous_folder_too() {
    every_fault(2);
    every_fault(3);
}

#[test]
fn a_fault_while_recovering_is_recovered_from() {
    for crash in 0..30 {
        for at in 0..6 {
            let dir = tempfile::tempdir().unwrap();
            let out = dir.path().join("out");
            for n in 1..=2 {
                write_version(&System, &out, n).unwrap();
            }
            let _ = write_version(&Faulty::new(crash, Fate::Dies), &out, 3);
            let _ = recover_on(&Faulty::new(at, Fate::Dies), &out);
            recover_on(&System, &out).unwrap();
            let now = (content(&out), content(&previous(&out)));
            let place = format!("died at {crash}, then at {at}: {now:?}");
            let state = |n: usize| (Some(expected(n)), Some(expected(n - 1)));
            assert!(now == state(2) || now == state(3), "{place}");
        }
    }
}

#[test]
fn a_fault_in_writing_a_file_leaves_the_old_one() {
    for fate in [Fate::Fails, Fate::Dies] {
        for at in 0..4 {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("schedule.json");
            write_file(&path, b"the old schedule").unwrap();
            assert!(write_file_on(&Faulty::new(at, fate), &path, b"the new schedule").is_err());
            assert_eq!(fs::read(&path).unwrap(), b"the old schedule");
            if fate == Fate::Fails {
                assert_eq!(names(dir.path()), ["schedule.json"]);
            }
            write_file(&path, b"the new schedule").unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"the new schedule");
            assert_eq!(names(dir.path()), ["schedule.json"]);
        }
    }
}
