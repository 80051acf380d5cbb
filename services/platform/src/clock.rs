//! The time that changes are made at.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, SubsecRound, Utc};

/// No moment that anybody holds a clock at: the system's time runs.
const RUNNING: i64 = i64::MIN;

/// Tells the time, in whole milliseconds, so that both databases give back the same. Clones tell the same time.
///
/// It is the system's, unless a test holds it: what happens at the second of a deadline is tried without waiting for it.
#[derive(Debug, Clone)]
pub struct Clock(Arc<AtomicI64>);

impl Default for Clock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(RUNNING)))
    }
}

impl Clock {
    /// The present moment.
    pub fn now(&self) -> DateTime<Utc> {
        match self.0.load(Ordering::Relaxed) {
            RUNNING => Utc::now().trunc_subsecs(3),
            held => DateTime::from_timestamp_millis(held).unwrap_or_default(),
        }
    }

    /// Holds the clock at a moment. For tests.
    pub fn hold(&self, at: DateTime<Utc>) {
        self.0.store(at.timestamp_millis(), Ordering::Relaxed);
    }

    /// Lets the system's time run again.
    pub fn release(&self) {
        self.0.store(RUNNING, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_clock_stands_still_and_a_released_one_runs() {
        let clock = Clock::default();
        let moment: DateTime<Utc> = "2026-11-30T15:59:59.999Z".parse().expect("a moment");
        clock.clone().hold(moment);
        assert_eq!(clock.now(), moment);
        clock.release();
        assert!((Utc::now() - clock.now()).num_seconds().abs() < 5);
    }
}
