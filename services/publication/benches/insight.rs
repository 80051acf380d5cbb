//! Diagnosis and map at 1×, 10× and 100× the institutions of the demonstration region: `cargo bench -p zhijian-publication
//! --bench insight`. It prints the time of one run and of one institution, and fails if an institution costs more than twice as much
//! at 10× as at 1×, or at 100× as at 10×: sorting alone grows by a fifth.

use std::{hint::black_box, process::ExitCode, time::Instant};

use zhijian_publication::measure::InventedRegion;

/// The institutions of the demonstration region.
const INSTITUTIONS: usize = 76;
/// How often each is measured; the least counts.
const ROUNDS: usize = 5;
/// What an institution may cost more in a region ten times as large.
const WORST: f64 = 2.0;

type Run = fn(&InventedRegion) -> usize;

fn main() -> ExitCode {
    println!("{:<24}{:>14}{:>12}{:>18}{:>8}", "what", "institutions", "ms", "µs / institution", "×");
    let mut linear = true;
    let runs: [(&str, Run); 3] = [
        ("diagnosis of a region", InventedRegion::diagnose_region),
        ("diagnosis of one school", InventedRegion::diagnose_institution),
        ("map", InventedRegion::count_map),
    ];
    for (name, run) in runs {
        let mut before: Option<f64> = None;
        for times in [1, 10, 100] {
            let institutions = INSTITUTIONS * times;
            let region = InventedRegion::of(institutions);
            let seconds = (0..ROUNDS).map(|_| timed(|| run(&region))).fold(f64::INFINITY, f64::min);
            let each = seconds * 1e6 / institutions as f64;
            let growth = before.map_or(1.0, |before| each / before);
            println!("{name:<24}{institutions:>14}{:>12.3}{each:>18.2}{growth:>8.2}", seconds * 1e3);
            linear &= growth <= WORST;
            before = Some(each);
        }
    }
    if linear { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn timed(run: impl Fn() -> usize) -> f64 {
    let started = Instant::now();
    black_box(run());
    started.elapsed().as_secs_f64()
}
