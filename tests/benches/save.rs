//! A cell saved through the product against a bare durable one-row insert behind an empty RPC, in one run and over the same
//! transport.
//!
//! `cargo bench -p zhijian-tests --bench save` measures SQLite and, if `ZHIJIAN_TEST_POSTGRES_URL` names a server,
//! PostgreSQL, with one request in flight and with fifty. The two take turns, so that what else the machine does falls on
//! both. It fails if a save is below half of the insert's rate. `ZHIJIAN_BENCH_SECONDS` is how long each turn lasts.

#[allow(dead_code, reason = "the load driver uses the rest of it")]
#[path = "../load/bare.rs"]
mod bare;
#[allow(dead_code, reason = "the load driver uses the rest of it")]
#[path = "../load/drive.rs"]
mod drive;
#[path = "../load/prepare.rs"]
mod prepare;

use std::time::Duration;

use zhijian_platform::testing::{drop_postgres, fresh_postgres};
use zhijian_tests::House;

use drive::{Work, turn};

/// How often the two take turns.
const TURNS: usize = 3;
/// How many requests are kept in flight.
const IN_FLIGHT: [usize; 2] = [1, 50];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let seconds = std::env::var("ZHIJIAN_BENCH_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let duration = Duration::from_secs(seconds);
    let server = std::env::var("ZHIJIAN_TEST_POSTGRES_URL").ok();
    if server.is_none() {
        eprintln!(
            "NOT RUN on PostgreSQL: set ZHIJIAN_TEST_POSTGRES_URL to a server where databases may be made"
        );
    }
    println!(
        "{:<10}{:>10}{:>14}{:>14}{:>8}{:>22}",
        "", "in flight", "inserts/s", "saves/s", "ratio", "ratios of the turns"
    );
    let mut faults = vec![];
    for name in ["SQLite", "PostgreSQL"] {
        let url = match (name, &server) {
            ("PostgreSQL", None) => continue,
            ("PostgreSQL", Some(server)) => Some(fresh_postgres(server).await),
            _ => None,
        };
        let house = House::start(url.clone()).await?;
        let most = IN_FLIGHT.into_iter().max().unwrap_or(1);
        let mut saves = prepare::cells(&house, most).await?;
        let mut inserts = bare::insert(&house, url.as_deref(), most).await?;
        for in_flight in IN_FLIGHT {
            let ratio = turns(&mut inserts, &mut saves, in_flight, duration, name).await?;
            if ratio < 0.5 {
                faults.push(format!("{name}, {in_flight} in flight: {ratio:.2} of the inserts, wanted 0.50"));
            }
        }
        house.stop().await?;
        if let Some(url) = url {
            drop_postgres(&url).await;
        }
    }
    // Unoptimised code says nothing about rates.
    if !faults.is_empty() && !cfg!(debug_assertions) {
        anyhow::bail!(faults.join("\n"));
    }
    Ok(())
}

/// Drives inserts and saves in turn; answers the ratio over all turns.
async fn turns(
    inserts: &mut Vec<Work>,
    saves: &mut Vec<Work>,
    in_flight: usize,
    duration: Duration,
    name: &str,
) -> anyhow::Result<f64> {
    let (mut bare, mut product, mut ratios) = (0.0, 0.0, vec![]);
    for _ in 0..TURNS {
        let insert = measure(inserts, in_flight, duration).await?;
        let save = measure(saves, in_flight, duration).await?;
        ratios.push(format!("{:.2}", save / insert));
        bare += insert / TURNS as f64;
        product += save / TURNS as f64;
    }
    let ratio = product / bare;
    println!("{name:<10}{in_flight:>10}{bare:>14.0}{product:>14.0}{ratio:>8.2}{:>22}", ratios.join(" "));
    Ok(ratio)
}

/// The rate of the first workers.
async fn measure(workers: &mut Vec<Work>, in_flight: usize, duration: Duration) -> anyhow::Result<f64> {
    let (driven, outcome) = turn(workers.drain(..in_flight).collect(), duration).await?;
    workers.splice(0..0, driven);
    Ok(outcome.per_second())
}
