//! What goes to standard output and standard error.

use std::io::{BufWriter, ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::text::Lang;

/// Whether something could not be put on standard output.
static FAILED: AtomicBool = AtomicBool::new(false);

/// Puts bytes on standard output. A closed pipe is no error; whatever else goes wrong [`has_failed`] tells.
pub(super) fn put(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    keep_error(out.write_all(bytes).and_then(|()| out.flush()));
}

/// Whether something could not be put on standard output.
pub(super) fn has_failed() -> bool {
    FAILED.load(Ordering::Relaxed)
}

fn keep_error(result: std::io::Result<()>) {
    if result.is_err_and(|error| error.kind() != ErrorKind::BrokenPipe) {
        FAILED.store(true, Ordering::Relaxed);
    }
}

/// Standard output and error, in a language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Console {
    pub(super) lang: Lang,
    pub(super) json: bool,
}

impl Console {
    pub(super) fn new(lang: Lang, json: bool) -> Self {
        Self { lang, json }
    }

    /// A line for people; nothing with `--json`.
    pub(super) fn line(self, text: &str) {
        if !self.json {
            put(format!("{text}\n").as_bytes());
        }
    }

    /// A result for machines; nothing without `--json`.
    pub(super) fn result(self, value: &impl Serialize) {
        if !self.json {
            return;
        }
        let mut out = BufWriter::new(std::io::stdout().lock());
        keep_error(serde_json::to_writer_pretty(&mut out, value).map_err(std::io::Error::from));
        keep_error(writeln!(out).and_then(|()| out.flush()));
    }

    /// A line on standard error.
    pub(super) fn error(self, text: &str) {
        let label = self.lang.pick("错误：", "error: ");
        let _ = writeln!(std::io::stderr(), "{label}{text}");
    }

    /// A remark on standard error.
    pub(super) fn note(self, text: &str) {
        if !self.json {
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }

    /// A progress bar on standard error, hidden where that is no terminal.
    pub(super) fn bar(self, what: &str) -> ProgressBar {
        if self.json || !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(1000);
        if let Ok(style) = ProgressStyle::with_template("{prefix} [{bar:30}] {percent}% {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }
}

/// A table with columns aligned for a fixed-width font in which Chinese characters take two places.
pub(super) fn table(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> =
        (0..columns).map(|c| rows.iter().filter_map(|r| r.get(c)).map(|t| t.width()).max().unwrap_or(0)).collect();
    rows.iter()
        .map(|row| {
            let cells = row.iter().zip(&widths).map(|(text, width)| {
                let space = " ".repeat(width - text.width());
                // Numbers stand to the right.
                let number = text.chars().next().is_some_and(|c| c.is_ascii_digit());
                if number { format!("{space}{text}") } else { format!("{text}{space}") }
            });
            format!("  {}", cells.collect::<Vec<_>>().join("  ")).trim_end().to_owned()
        })
        .collect()
}
