//! The only place that reads the clock: time limits, Ctrl-C and progress of a search.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use crate::routing::Cost;
use crate::routing::schedule::{Stopped, gap};
use crate::routing::solve::Watch;
use crate::text::{Lang, both};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Watches a search for a person at a terminal.
#[derive(Debug)]
pub(super) struct Clock {
    started: Instant,
    limit: Option<Duration>,
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
        Self { started: Instant::now(), limit, bar, lang }
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
        self.limit.filter(|limit| self.started.elapsed() >= *limit).map(|_| Stopped::TimeLimit)
    }

    fn spent(&self) -> Option<f64> {
        self.limit.map(|limit| self.started.elapsed().as_secs_f64() / limit.as_secs_f64().max(1e-9))
    }

    fn left(&self) -> Option<Duration> {
        self.limit.map(|limit| limit.saturating_sub(self.started.elapsed()))
    }

    fn progress(&self, done: f64, cost: Cost, bound: Option<Cost>) {
        self.bar.set_position((done * 1000.0) as u64);
        self.bar.set_message(match bound {
            None => both!(self.lang, "成本 {cost}", "cost {cost}"),
            Some(bound) => {
                let percent = gap(bound, cost) as f64 / 10_000.0;
                both!(
                    self.lang,
                    "成本 {cost}，下界 {bound}，差距不超过 {percent:.2}%",
                    "cost {cost}, bound {bound}, gap at most {percent:.2} %"
                )
            }
        });
    }
}
