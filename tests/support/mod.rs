//! What the integration tests share: the binary, folders, tables.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses its part; a test that cannot go on has failed"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// Runs the binary in English; `args` are split at spaces.
pub(crate) fn hecha(dir: &Path, args: &str) -> Output {
    let mut command = Command::cargo_bin("hecha").unwrap();
    command.current_dir(dir).arg("--lang").arg("en").args(args.split(' '));
    command.output().unwrap()
}

/// Runs the binary and expects an exit code; returns what it printed on both streams.
pub(crate) fn expect(dir: &Path, args: &str, code: i32) -> String {
    let output = hecha(dir, args);
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args}\n{text}");
    text
}

/// A temporary folder.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A JSON file.
pub(crate) fn json(path: impl AsRef<Path>) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The path of a file kept with the tests.
pub(crate) fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// Every file below a folder: relative path with forward slashes, and bytes; ascending.
pub(crate) fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut out = Vec::new();
    let mut stack = vec![dir.to_owned()];
    while let Some(path) = stack.pop() {
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                stack.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().to_string_lossy().replace('\\', "/");
                out.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    out.sort();
    out
}

/// Rewrites `SHA256SUMS` to match whatever is in the folder now, as a forger would.
pub(crate) fn forge_sums(dir: &Path) {
    let lines: Vec<String> = files(dir)
        .into_iter()
        .filter(|(name, _)| name != "SHA256SUMS")
        .map(|(name, bytes)| format!("{}  {name}\n", hecha::digest::sha256_hex(&bytes)))
        .collect();
    fs::write(dir.join("SHA256SUMS"), lines.concat()).unwrap();
}
