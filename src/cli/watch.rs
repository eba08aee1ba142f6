//! The only place that reads the clock: time limits, Ctrl-C and progress of a search.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use crate::routing::Cost;
use crate::routing::schedule::Stopped;
use crate::routing::solve::Watch;
use crate::text::{Lang, both};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Watches a search for a person at a terminal.
#[derive(Debug)]
pub(super) struct Clock {
    until: Option<Instant>,
    bar: ProgressBar,
    lang: Lang,
}

impl Clock {
    /// Starts the clock. Ctrl-C ends the search with the best schedule so far; a second one ends the program.
    pub(super) fn start(limit: Option<Duration>, bar: ProgressBar, lang: Lang) -> Self {
        // Where no handler can be set, Ctrl-C ends the program as usual.
        let _ = ctrlc::set_handler(|| {
            if INTERRUPTED.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
        });
        Self { until: limit.map(|limit| Instant::now() + limit), bar, lang }
    }

    /// Ends the progress bar.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Watch for Clock {
    fn stop(&self) -> Option<Stopped> {
        if INTERRUPTED.load(Ordering::Relaxed) {
            return Some(Stopped::Interrupted);
        }
        self.until.filter(|until| Instant::now() >= *until).map(|_| Stopped::TimeLimit)
    }

    fn progress(&self, done: f64, cost: Cost) {
        self.bar.set_position((done * 1000.0) as u64);
        self.bar.set_message(both!(self.lang, "成本 {cost}", "cost {cost}"));
    }
}
