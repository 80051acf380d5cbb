//! A closed loop: every worker sends its next request when the last one is answered.

use std::time::{Duration, Instant};

use futures::future::BoxFuture;

/// One worker: sends one request each time it is called, and waits for the answer.
pub type Work = Box<dyn FnMut() -> BoxFuture<'static, anyhow::Result<()>> + Send>;

/// What a drive measured.
pub struct Outcome {
    elapsed: Duration,
    latencies: Vec<Duration>,
}

impl Outcome {
    /// Requests answered a second.
    pub fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// The latency in milliseconds that `percent` of the requests stay under.
    pub fn percentile(&self, percent: usize) -> f64 {
        let index = (self.latencies.len() * percent / 100).min(self.latencies.len().saturating_sub(1));
        self.latencies.get(index).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1000.0)
    }
}

/// Drives all workers for `duration`, after a fifth of it to warm up. The first failure ends the drive.
///
/// # Errors
/// That of the first request that failed.
pub async fn drive(workers: Vec<Work>, duration: Duration) -> anyhow::Result<Outcome> {
    let start = Instant::now() + duration / 5;
    let end = start + duration;
    let tasks = workers.into_iter().map(|mut work| {
        tokio::spawn(async move {
            let mut latencies = Vec::new();
            loop {
                let sent = Instant::now();
                if sent >= end {
                    return anyhow::Ok(latencies);
                }
                work().await?;
                if sent >= start {
                    latencies.push(sent.elapsed());
                }
            }
        })
    });
    let mut latencies = Vec::new();
    for task in futures::future::try_join_all(tasks).await? {
        latencies.extend(task?);
    }
    latencies.sort();
    Ok(Outcome { elapsed: duration, latencies })
}
