//! Work that is shared out among threads, whose results do not tell how.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Does `work` for every number below `count` and hands back the results by number, ascending. Those that `stop` comes
/// before are missing.
pub(super) fn share_out<T: Send>(
    threads: usize,
    count: usize,
    stop: &(dyn Fn() -> bool + Sync),
    work: impl Fn(usize) -> T + Sync,
) -> Vec<(usize, T)> {
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count || stop() {
                return done;
            }
            done.push((at, work(at)));
        }
    };
    let workers = threads.min(count);
    let mut found = if workers > 1 {
        thread::scope(|scope| {
            let others: Vec<_> = (1..workers).map(|_| scope.spawn(take)).collect();
            let mut found = take();
            for other in others {
                found.extend(other.join().expect("work does not panic"));
            }
            found
        })
    } else {
        take()
    };
    found.sort_by_key(|(at, _)| *at);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_worked_on_once_and_in_order() {
        for (threads, count) in [(1, 5), (2, 5), (8, 5), (8, 0), (3, 100)] {
            let found = share_out(threads, count, &|| false, |at| at * at);
            assert_eq!(found, (0..count).map(|at| (at, at * at)).collect::<Vec<_>>());
        }
        assert!(share_out(2, 5, &|| true, |at| at).is_empty());
    }
}
