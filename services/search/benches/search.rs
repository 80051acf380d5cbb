//! How long a search takes on 100, 1,000 and 10,000 reports of seven sections and two cases each, with the five passages of what
//! is published of each.
//!
//! `cargo bench -p zhijian-search`. The reports are invented out of a list of words; searches ask for frequent and rare words,
//! one to four at a time, every fifth with a filter.

mod words;

use std::time::{Duration, Instant};

use words::Dice;
use zhijian_search::{Builder, Document, Index, Query};

fn build(reports: usize) -> Index {
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let mut builder = Builder::new(3);
    for report in 0..reports {
        for part in 0..14 {
            builder.add(Document {
                key: format!("{report}/{part}"),
                title: dice.word().to_owned(),
                name: format!("演示职业学院{}", report % 200),
                body: dice.text(if part < 7 { 120 } else { 60 }),
                facets: vec![(2020 + report % 6).to_string(), (report % 17).to_string(), part.to_string()],
            });
        }
    }
    builder.finish()
}

fn main() {
    println!(
        "{:>8}{:>10}{:>12}{:>12}{:>10}{:>10}{:>10}{:>10}",
        "reports", "parts", "built s", "index MB", "found", "p50 ms", "p99 ms", "max ms"
    );
    for reports in [100, 1_000, 10_000] {
        let begun = Instant::now();
        let index = build(reports);
        let built = begun.elapsed();
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
        let mut answered = 0;
        let mut took: Vec<Duration> = (0..1000)
            .map(|round| {
                let text = dice.query(round);
                let filters = [(round % 5 == 0).then_some("2025")];
                let begun = Instant::now();
                let found = index.search(&Query { text: &text, filters: &filters, offset: 0, limit: 20 });
                let took = begun.elapsed();
                // Several rare words need not stand together in one passage, least of all of one year.
                assert!(found.total > 0 || text.contains(' ') || filters[0].is_some(), "{text} is found");
                answered += usize::from(found.total > 0);
                took
            })
            .collect();
        took.sort();
        let ms = |at: usize| took[at].as_secs_f64() * 1000.0;
        println!(
            "{reports:>8}{:>10}{:>12.2}{:>12.1}{answered:>10}{:>10.2}{:>10.2}{:>10.2}",
            index.len(),
            built.as_secs_f64(),
            index.bytes() as f64 / 1e6,
            ms(500),
            ms(990),
            ms(999),
        );
    }
}
