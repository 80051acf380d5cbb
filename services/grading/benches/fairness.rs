//! How fair calibration is and how long it takes, as tables: `cargo bench -p zhijian-grading`. Fails where a bound is missed.

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "common/watch.rs"]
mod watch;

use std::process::ExitCode;

use common::{Dice, Misgraded, misgraded, points, round, rubric};
use watch::Watch;
use zhijian_grading::{Method, Rules, Sheet, grade_round};

const CRITERIA: usize = 40;
const ROUNDS: usize = 2000;

fn main() -> ExitCode {
    let fair = fairness();
    let fast = speed();
    if fair && fast { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn fairness() -> bool {
    println!(
        "Misgraded of 182 programmes (quality SD 9 around 77, nine grades five points apart, three of 60 reviewers,"
    );
    println!("noise SD 5; mean of {ROUNDS} rounds; anchored: the quality of ten programmes is known)\n");
    println!("| severity SD | plain mean | calibrated | anchored | oracle | gap closed |");
    println!("|---:|---:|---:|---:|---:|---:|");
    let mut fair = true;
    for severity in [0.0, 2.0, 4.0, 8.0, 12.0] {
        let wrong = misgraded(ROUNDS, severity, 11);
        let Misgraded { plain, calibrated, anchored, oracle } = wrong;
        let closed = if severity > 0.0 { format!("{:.3}", wrong.closed()) } else { "–".to_owned() };
        println!("| {severity} | {plain:.3} | {calibrated:.3} | {anchored:.3} | {oracle:.3} | {closed} |");
        fair &= severity != 8.0 || wrong.closed() >= 0.75;
        fair &= severity != 0.0 || calibrated - plain < 0.01;
    }
    fair
}

fn speed() -> bool {
    println!("\nCalibrate and grade, three reviewers a programme, {CRITERIA} criteria, medians, one core\n");
    println!("| programmes | reviewers | seconds on the core | seconds by the clock | µs a programme |");
    println!("|---:|---:|---:|---:|---:|");
    let rubric = rubric(CRITERIA, Method::Median);
    let rules = Rules { calibrate: true, ..Rules::default() };
    let mut fast = true;
    for entries in [1_200, 12_000, 120_000] {
        let reviewers = entries / 10;
        let mut dice = Dice(5);
        let drawn = round(&mut dice, entries, reviewers, 8.0, 5.0);
        let sheets: Vec<Sheet> = drawn
            .scores
            .iter()
            .map(|&(entry, reviewer, score)| Sheet {
                entry,
                reviewer,
                scores: (0..CRITERIA).map(|_| points(score + dice.normal(0.0, 6.0))).collect(),
            })
            .collect();
        let watch = Watch::start();
        let result = grade_round(&rubric, entries, &sheets, &rules).expect("sound sheets");
        let (seconds, clock) = watch.seconds();
        assert_eq!(result.grades.iter().flatten().count(), entries);
        println!(
            "| {entries} | {reviewers} | {seconds:.3} | {clock:.3} | {:.1} |",
            seconds * 1e6 / entries as f64
        );
        fast &= seconds < 2.0;
    }
    fast
}
