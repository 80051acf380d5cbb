//! A stopwatch for one thread.

use std::time::Instant;

/// Runs from when it is made.
pub struct Watch {
    start: Instant,
    worked: Option<f64>,
}

impl Watch {
    pub fn start() -> Self {
        Self { start: Instant::now(), worked: on_core() }
    }

    /// Seconds on the core, which other work on the machine does not lengthen, and by the clock. Where the system does not
    /// tell the first, it is the second.
    pub fn seconds(&self) -> (f64, f64) {
        let clock = self.start.elapsed().as_secs_f64();
        (on_core().zip(self.worked).map_or(clock, |(now, before)| now - before), clock)
    }
}

/// For how many seconds this thread has had a core.
fn on_core() -> Option<f64> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = told.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}
