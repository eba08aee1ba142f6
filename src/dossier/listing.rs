//! What lies in a folder.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// Something that is no folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Relative path with forward slashes; an arrow at its end where it is no plain file, such as a link: no dossier has
    /// one, whatever it points to.
    pub name: String,
    /// Where it is; `None` where it is no plain file.
    pub file: Option<PathBuf>,
}

/// Everything below a folder, but for what systems and office programs leave beside files. No links are followed.
///
/// # Errors
/// Of the system.
pub fn listing(folder: &Path) -> io::Result<Vec<Listed>> {
    let mut out = Vec::new();
    let mut stack = vec![(folder.to_owned(), String::new())];
    while let Some((path, prefix)) = stack.pop() {
        for entry in fs::read_dir(&path)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                stack.push((entry.path(), format!("{name}/")));
            } else if !kind.is_file() {
                out.push(Listed { name: format!("{name} →"), file: None });
            } else if !is_litter(&name) {
                out.push(Listed { name, file: Some(entry.path()) });
            }
        }
    }
    Ok(out)
}

/// What systems and office programs leave beside files.
fn is_litter(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(name, ".DS_Store" | "Thumbs.db" | "desktop.ini") || name.starts_with("~$") || name.starts_with(".~")
}
