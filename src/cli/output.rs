//! Output folders as every command treats them: repaired after a crash, refused before any work, kept as `OUT.previous`.

use std::path::{Path, PathBuf};

use super::Refusal;
use super::console::Console;
use crate::dossier::{Document, folder};
use crate::text::both;

fn refuse(error: folder::FolderError) -> Refusal {
    Box::new(error)
}

/// Puts right what a run that was cut short left of a folder, and says so.
pub(super) fn restore(path: &Path, console: Console) -> Result<(), Refusal> {
    if folder::recover(path).map_err(refuse)? {
        let shown = path.display();
        console.note(&both!(
            console.lang,
            "上次运行在替换 {shown} 时中断，已恢复原有内容",
            "an earlier run was cut short while replacing {shown}; its old content was restored"
        ));
    }
    Ok(())
}

/// Repairs what a crash left, then refuses a folder that could not be written. Before any work is done.
pub(super) fn ready(out: &Path, force: bool, inputs: &[PathBuf], console: Console) -> Result<(), Refusal> {
    restore(out, console)?;
    folder::check(out, force, inputs).map_err(refuse)
}

/// Writes a folder and says where the old one is.
pub(super) fn write(
    out: &Path,
    documents: &[Document<'_>],
    force: bool,
    inputs: &[PathBuf],
    console: Console,
) -> Result<(), Refusal> {
    let replaced = folder::write(out, documents, force, inputs).map_err(refuse)?;
    say_kept(out, replaced, console);
    Ok(())
}

/// The same with `SHA256SUMS`; gives the folder's fingerprint.
pub(super) fn write_with_sums(
    out: &Path,
    documents: &[Document<'_>],
    force: bool,
    inputs: &[PathBuf],
    console: Console,
) -> Result<String, Refusal> {
    let placed = folder::write_with_sums(out, documents, force, inputs).map_err(refuse)?;
    say_kept(out, placed.replaced, console);
    Ok(placed.fingerprint)
}

fn say_kept(out: &Path, replaced: bool, console: Console) {
    if replaced {
        let (shown, previous) = (out.display(), folder::previous(out));
        let previous = previous.display();
        console.note(&both!(
            console.lang,
            "{shown} 的原有内容已保留在 {previous}",
            "the old content of {shown} is kept in {previous}"
        ));
        if folder::previous(out).join(folder::JOURNAL).is_file() {
            let journal = folder::JOURNAL;
            console.note(&both!(
                console.lang,
                "注意：其中有登记的核查结果（{journal}），新的档案里没有；请妥善保存 {previous}",
                "note: it holds results that were recorded ({journal}), and the new dossier does not; keep {previous} safe"
            ));
        }
    }
}
