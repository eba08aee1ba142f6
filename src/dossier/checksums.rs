//! `SHA256SUMS`, as `sha256sum -c` reads it.

use super::Document;

/// Name of the file.
pub const SUMS: &str = "SHA256SUMS";

/// One line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// 64 lower-case hex digits.
    pub sha256: String,
    /// Relative path with forward slashes.
    pub path: String,
}

/// The file for these sums, ascending by path.
#[must_use]
pub fn sums(mut of: Vec<Sum>) -> Document<'static> {
    of.sort_by(|a, b| a.path.cmp(&b.path));
    let lines: Vec<String> = of.iter().map(|sum| format!("{}  {}\n", sum.sha256, sum.path)).collect();
    Document::new(SUMS, lines.concat())
}

/// Reads the file; the error is the number of the first line that cannot be read.
///
/// # Errors
/// Line number from 1.
pub fn parse_sums(text: &str) -> Result<Vec<Sum>, usize> {
    text.lines()
        .enumerate()
        .map(|(at, line)| {
            let (sha256, path) = line.split_at_checked(64).ok_or(at + 1)?;
            let path = path.strip_prefix("  ").or_else(|| path.strip_prefix(" *")).ok_or(at + 1)?;
            let hex = sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
            let inside = !path.is_empty()
                && !path.starts_with('/')
                && !path.contains(['\\', ':'])
                && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
            if hex && inside { Ok(Sum { sha256: sha256.to_owned(), path: path.to_owned() }) } else { Err(at + 1) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_read_back_and_paths_stay_inside() {
        let sum = |path: &str| Sum { sha256: crate::digest::sha256_hex(b""), path: path.to_owned() };
        let file = sums(vec![sum("b/ä.csv"), sum("a.csv")]);
        let text = String::from_utf8(file.to_bytes().unwrap()).unwrap();
        let read = parse_sums(&text).unwrap();
        assert_eq!(read.iter().map(|s| s.path.as_str()).collect::<Vec<_>>(), ["a.csv", "b/ä.csv"]);
        let digest = "0".repeat(64);
        for path in ["../x", "/etc/passwd", "a/../b", "C:\\x", "a//b", ""] {
            assert_eq!(parse_sums(&format!("{digest}  {path}\n")), Err(1), "{path}");
        }
        assert_eq!(parse_sums("abc"), Err(1));
    }
}
