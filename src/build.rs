//! Puts the commit into `--version`.
//!
//! Only in release builds, and only where the sources are a git work tree of their own: a source archive has no commit, and
//! a debug build would be made anew after each. The commit stands in `--version` alone: documents name the version.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// What the program is made of; a change in one of them makes the tree a modified one.
const MADE_OF: [&str; 4] = ["src", "data", "Cargo.toml", "Cargo.lock"];

fn main() {
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    println!("cargo::rerun-if-changed=src/build.rs");
    let text = match release.then(commit).flatten() {
        Some(commit) => format!("{version} ({commit})"),
        None => version,
    };
    println!("cargo::rustc-env=HECHA_VERSION={text}");
}

/// The commit, with a word if the sources differ from it.
fn commit() -> Option<String> {
    let here = fs::canonicalize(env::var_os("CARGO_MANIFEST_DIR")?).ok()?;
    // Sources unpacked inside another project's work tree have nothing to do with its commits.
    if fs::canonicalize(git(&["rev-parse", "--show-toplevel"])?).ok()? != here {
        return None;
    }
    let short = git(&["rev-parse", "--short=12", "HEAD"])?;
    for path in watched() {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    let changes = git(&[&["status", "--porcelain", "--"], &MADE_OF[..]].concat());
    Some(if changes.is_none_or(|list| list.is_empty()) { short } else { format!("{short}, modified") })
}

/// The files that change when the commit or the sources do. One that does not exist would be seen as changed every time.
fn watched() -> Vec<PathBuf> {
    let reference = git(&["symbolic-ref", "--quiet", "HEAD"]).unwrap_or_default();
    let names = ["HEAD", "packed-refs", reference.as_str()];
    let inside = names.iter().filter(|n| !n.is_empty()).filter_map(|name| git(&["rev-parse", "--git-path", name]));
    let own = MADE_OF.iter().map(ToString::to_string);
    inside.chain(own).map(PathBuf::from).filter(|path| Path::exists(path)).collect()
}

/// What git says; `None` where there is no git, or it fails.
fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim_end().to_owned())
}
