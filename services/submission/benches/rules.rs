//! All rules of a year over one full report, against the bare limit of two milliseconds of CPU.
//!
//! `cargo bench -p zhijian-submission --bench rules`. It prints the time of one check of each kind of report, with everything
//! that rules compare with (last year, a platform, peers, enterprises), and beside it the time of the same arithmetic without
//! rules: a pass over the cells in decimals. It fails if a check takes more than two milliseconds.

use std::{hint::black_box, time::Instant};

use zhijian_submission::measure::FullReport;

/// The limit for one check, in seconds of CPU.
const LIMIT: f64 = 0.002;
/// How often each is measured; the best counts, as on a machine that does nothing else.
const ROUNDS: usize = 10;
/// How long one round takes at least, in seconds: the system tells CPU time in ticks.
const ROUND: f64 = 0.05;

fn main() {
    // Unoptimised code says nothing about times.
    let optimised = !cfg!(debug_assertions);
    println!(
        "{:<12}{:>8}{:>10}{:>10}{:>12}{:>12}{:>12}",
        "report", "cells", "rules", "findings", "check/ms", "of limit", "× bare pass"
    );
    let mut faults = Vec::new();
    for kind in ["higher", "secondary", "district", "enterprise"] {
        let report = FullReport::of(2026, kind);
        let (rules, findings) = report.check();
        let check = best(|| black_box(report.check()).1);
        let bare = best(|| black_box(report.bare_pass()));
        println!(
            "{kind:<12}{:>8}{rules:>10}{findings:>10}{:>12.3}{:>12.2}{:>12.0}",
            report.cells(),
            check * 1e3,
            check / LIMIT,
            check / bare
        );
        if optimised && check > LIMIT {
            faults.push(format!("{kind}: {:.3} ms, wanted at most {:.0} ms", check * 1e3, LIMIT * 1e3));
        }
    }
    for fault in &faults {
        eprintln!("{fault}");
    }
    std::process::exit(i32::from(!faults.is_empty()));
}

/// The least CPU time of one run, in seconds.
fn best(mut run: impl FnMut() -> usize) -> f64 {
    let begin = Instant::now();
    let mut least = f64::INFINITY;
    for _ in 0..ROUNDS {
        let (started, mut runs) = (on_cpu(begin), 0_u32);
        loop {
            for _ in 0..16 {
                black_box(run());
            }
            runs += 16;
            let spent = on_cpu(begin) - started;
            if spent >= ROUND {
                least = least.min(spent / f64::from(runs));
                break;
            }
        }
    }
    least
}

/// How long this thread has been on a CPU, in seconds, where the system tells (Linux); else how long it is since `begin`.
fn on_cpu(begin: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| begin.elapsed().as_secs_f64(), |nanoseconds| nanoseconds * 1e-9)
}
