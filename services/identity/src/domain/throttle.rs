//! How often a password may be guessed.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// How many wrong tries at one sign-in name are answered within a [`WINDOW`].
pub const TRIES: usize = 5;
/// How long a wrong try counts.
pub const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// How long a caller has to wait before the next try at a sign-in name, given when the wrong ones were.
/// `None` means that it may be tried now.
pub fn wait(wrong: &[DateTime<Utc>], now: DateTime<Utc>) -> Option<Duration> {
    let mut counting: Vec<_> = wrong.iter().copied().filter(|time| *time > now - WINDOW).collect();
    counting.sort_unstable_by(|a, b| b.cmp(a));
    // The next try is free as soon as the fifth last wrong one no longer counts.
    let fifth_last = counting.get(TRIES - 1)?;
    (*fifth_last + WINDOW - now).to_std().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_750_000_000 + second, 0).unwrap()
    }

    #[test]
    fn the_sixth_try_waits_until_the_first_no_longer_counts() {
        let wrong: Vec<_> = (0..5).map(|minute| at(minute * 60)).collect();
        assert_eq!(wait(&wrong[..4], at(300)), None);
        assert_eq!(wait(&wrong, at(300)), Some(Duration::from_secs(600)));
        assert_eq!(wait(&wrong, at(899)), Some(Duration::from_secs(1)));
        assert_eq!(wait(&wrong, at(900)), None);
    }

    proptest! {
        #[test]
        fn whoever_waits_as_told_never_guesses_more_often(gaps in prop::collection::vec(0_i64..1000, 1..80)) {
            let mut wrong: Vec<DateTime<Utc>> = Vec::new();
            let mut now = 0;
            for gap in gaps {
                now += gap;
                match wait(&wrong, at(now)) {
                    None => wrong.push(at(now)),
                    Some(delay) => {
                        prop_assert!(delay > Duration::ZERO && delay <= WINDOW.to_std().unwrap());
                        let then = at(now) + TimeDelta::from_std(delay).unwrap();
                        prop_assert_eq!(wait(&wrong, then), None);
                    }
                }
            }
            for window in wrong.windows(TRIES + 1) {
                prop_assert!(window[TRIES] - window[0] >= WINDOW);
            }
        }
    }
}
