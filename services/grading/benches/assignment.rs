//! How long assignments take, as a table: `cargo bench -p zhijian-grading --bench assignment`. Fails where a bound is missed.

#[path = "../tests/common/region.rs"]
mod region;
#[path = "common/watch.rs"]
mod watch;

use std::process::ExitCode;

use region::region;
use watch::Watch;
use zhijian_grading::{Present, assign, readjust};

fn main() -> ExitCode {
    println!(
        "Three reviewers an entry, loads of at most 40, conflicts through schools and past employers; then a tenth of the reviewers drops out\n"
    );
    println!(
        "| entries | reviewers | seats | assign, s on the core | by the clock | at most | experts | a tenth drops out, s | seats moved |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    let mut fast = true;
    for (schools, entries, reviewers, bound) in
        [(76, 182, 60, 1.0), (100, 360, 300, 1.0), (900, 3_000, 600, 20.0)]
    {
        let (entries, mut reviewers) = region(schools, entries, reviewers);
        for reviewer in &mut reviewers {
            reviewer.max_load = 40;
        }
        let watch = Watch::start();
        let plan = assign(&entries, &reviewers).expect("possible");
        let (took, clock) = watch.seconds();
        let experts = plan.seats.iter().filter(|seat| seat.expert).count();
        let organisation = |key: &str| {
            reviewers
                .iter()
                .find(|one| one.key == key)
                .map(|one| one.organisation.clone())
                .unwrap_or_default()
        };
        let present: Vec<Present> = plan
            .seats
            .iter()
            .enumerate()
            .map(|(nth, seat)| Present {
                entry: seat.entry.clone(),
                reviewer: seat.reviewer.clone(),
                organisation: organisation(&seat.reviewer),
                fixed: nth % 3 == 0,
            })
            .collect();
        let rest: Vec<_> = reviewers
            .iter()
            .enumerate()
            .filter(|(nth, _)| nth % 10 != 0)
            .map(|(_, one)| one.clone())
            .collect();
        let watch = Watch::start();
        let mended = readjust(&entries, &rest, &present).expect("possible");
        let (mending, _) = watch.seconds();
        println!(
            "| {} | {} | {} | {took:.3} | {clock:.3} | {bound} | {:.1} % | {mending:.3} | {} |",
            entries.len(),
            reviewers.len(),
            plan.seats.len(),
            100.0 * experts as f64 / plan.seats.len() as f64,
            mended.removed.len(),
        );
        fast &= took < bound && mending < bound;
    }
    if fast { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
