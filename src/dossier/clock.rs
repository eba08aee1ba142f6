//! Times of day as people read them: whole minutes, the same in every document.

/// Rounded up to the minute: an end that lies within the lunch break's or the shift's limit stays within it. Seconds.
pub(super) fn up(seconds: i64) -> i64 {
    minutes(seconds) * 60
}

/// Rounded down to the minute, for leaving. Seconds.
pub(super) fn down(seconds: i64) -> i64 {
    seconds.div_euclid(60) * 60
}

/// Whole minutes, rounded up.
pub(super) fn minutes(seconds: i64) -> i64 {
    (seconds + 59).div_euclid(60)
}

/// 09:05, rounded up.
pub(crate) fn text(seconds: i64) -> String {
    let minutes = minutes(seconds);
    format!("{:02}:{:02}", minutes.div_euclid(60), minutes.rem_euclid(60))
}

/// The same rounded down, for leaving.
pub(super) fn text_down(seconds: i64) -> String {
    text(down(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_whole() {
        assert_eq!((text(43_200), text(43_141), text(43_139)), ("12:00".into(), "12:00".into(), "11:59".into()));
        assert_eq!((text_down(43_199), up(61), down(119)), ("11:59".into(), 120, 60));
    }
}
