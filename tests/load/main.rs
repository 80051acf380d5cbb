//! The load driver: what the product does a second, beside the limit of this machine taken in the same run.
//!
//! `cargo run --release -p zhijian-tests --bin load` starts the product on SQLite (or on the PostgreSQL database at
//! `--database-url`), keeps fifty requests in flight against it over loopback, and prints a line a kind of work.

mod bare;
mod drive;
mod prepare;

use std::time::Duration;

use clap::Parser;
use zhijian_tests::House;

use drive::{Outcome, drive};

/// As in the product.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures the product under load, with bare limits beside it.
#[derive(Parser)]
struct Arguments {
    /// How many requests are in flight
    #[arg(long, default_value_t = 50)]
    in_flight: usize,
    /// How long each kind of work is driven, in seconds
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// An empty PostgreSQL database to run on; SQLite in a temporary directory if absent
    #[arg(long)]
    database_url: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let duration = Duration::from_secs(arguments.seconds);
    let house = House::start(arguments.database_url.clone()).await?;
    let cells = prepare::cells(&house, arguments.in_flight).await?;

    let echo = drive(bare::echo(&house, arguments.in_flight).await?, duration).await?;
    let insert =
        drive(bare::insert(&house, arguments.database_url.as_deref(), arguments.in_flight).await?, duration)
            .await?;
    let save = drive(cells, duration).await?;
    let file = bare::static_file(&house).await?;
    let served = drive(bare::pages(file.address, "/", arguments.in_flight), duration).await?;
    let page = drive(bare::pages(house.pages, "/releases", arguments.in_flight), duration).await?;

    println!(
        "{} in flight, {} s each, {}",
        arguments.in_flight,
        arguments.seconds,
        if arguments.database_url.is_some() { "PostgreSQL" } else { "SQLite, WAL, synchronous=FULL" },
    );
    println!("{:<30}{:>10}{:>10}{:>10}   against", "", "per s", "p50 ms", "p99 ms");
    print("empty RPC (limit)", &echo, None);
    print("bare insert in an RPC (limit)", &insert, None);
    print("cell save", &save, Some(("insert", &insert)));
    print("static file (limit)", &served, None);
    print("public page", &page, Some(("static file", &served)));
    house.stop().await
}

fn print(name: &str, outcome: &Outcome, limit: Option<(&str, &Outcome)>) {
    let against = limit
        .map(|(name, limit)| format!("{:.2} × {name}", outcome.per_second() / limit.per_second()))
        .unwrap_or_default();
    println!(
        "{name:<30}{:>10.0}{:>10.2}{:>10.2}   {against}",
        outcome.per_second(),
        outcome.percentile(50),
        outcome.percentile(99),
    );
}
