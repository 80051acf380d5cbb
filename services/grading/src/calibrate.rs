//! How severe each reviewer is, estimated from a round and taken off.
//!
//! The model is additive: what reviewer j gives entry i is the entry's quality plus the reviewer's severity plus noise.
//! Qualities are free, so that no entry is drawn towards the others; severities are drawn towards zero, the more so the less
//! they vary and the fewer sheets a reviewer has (best linear unbiased prediction; the variances are estimated by moments).

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::exact::points;

/// Solving stops when no severity moves by more than this, in billionths of a point.
const SETTLED: i64 = 100;
/// Designs so thin that they have not settled by then are not worth more.
const MAX_ROUNDS: usize = 5_000;
const NANO: i64 = 1_000;

/// What a round says about its reviewers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calibration {
    /// By reviewer, in points: how much higher (lenient, above 0) or lower (harsh, below 0) than the others this one scores.
    /// Zero for a reviewer without sheets.
    pub severities: Vec<Decimal>,
    /// The estimated variance of severities, in squared points; zero if reviewers do not differ beyond the noise.
    pub severity_variance: Decimal,
    /// The estimated variance of one score given the entry and the reviewer, in squared points.
    pub noise_variance: Decimal,
    /// The part of the design a reviewer belongs to; severities of different parts cannot be compared. `None` without sheets.
    pub parts: Vec<Option<usize>>,
    /// How many parts there are; 1 is what a design should have.
    pub part_count: usize,
    pub(crate) micros: Vec<i64>,
}

/// One sheet's total, in millionths of a point.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Total {
    pub entry: usize,
    pub reviewer: usize,
    pub micros: i64,
}

/// Estimates severities. `anchors` are entries whose total is known, in millionths.
pub(crate) fn calibrate(
    entries: usize,
    reviewers: usize,
    mut totals: Vec<Total>,
    anchors: &BTreeMap<usize, i64>,
) -> Calibration {
    totals.sort_unstable_by_key(|total| (total.entry, total.reviewer));
    let (noise, severity) = variances(entries, reviewers, &totals);
    let micros = match shrinkage(noise, severity) {
        Some(shrinkage) => solve(entries, reviewers, &totals, anchors, shrinkage),
        None => vec![0; reviewers],
    };
    let (parts, part_count) = parts(entries, reviewers, &totals, anchors);
    Calibration {
        severities: micros.iter().map(|&severity| points(severity)).collect(),
        severity_variance: rounded(severity),
        noise_variance: rounded(noise),
        parts,
        part_count,
        micros,
    }
}

/// The ratio of the variances, in millionths; `None` if reviewers do not differ.
fn shrinkage(noise: f64, severity: f64) -> Option<i64> {
    if severity <= 0.0 {
        return None;
    }
    let ratio = (noise / severity * 1e6).round();
    Some(if ratio < 1e15 { ratio as i64 } else { return None })
}

fn rounded(variance: f64) -> Decimal {
    Decimal::from_f64_retain(variance).unwrap_or_default().round_dp(4).normalize()
}

/// The variances of noise and of severities, by the method of moments: two sums of squares whose expectations are linear
/// in them. The first is of the sheets around their entry's mean; the second of each reviewer's mean difference from the
/// others on the same entries.
fn variances(entries: usize, reviewers: usize, totals: &[Total]) -> (f64, f64) {
    let mut within = 0.0;
    let mut freedom = 0.0;
    let mut difference = vec![0.0; reviewers];
    let mut sheets = vec![0.0; reviewers];
    let mut partners = vec![0.0; reviewers];
    let mut pairs: Vec<(usize, usize, f64)> = Vec::new();
    for panel in panels(entries, totals) {
        let n = panel.len() as f64;
        if panel.len() < 2 {
            continue;
        }
        let sum: i64 = panel.iter().map(|total| total.micros).sum();
        for total in panel {
            let own = total.micros as f64;
            let mean = sum as f64 / n;
            within += ((own - mean) / 1e6).powi(2);
            difference[total.reviewer] += (own - (sum as f64 - own) / (n - 1.0)) / 1e6;
            sheets[total.reviewer] += 1.0;
            partners[total.reviewer] += 1.0 / (n - 1.0);
            for other in panel {
                if other.reviewer != total.reviewer {
                    pairs.push((total.reviewer, other.reviewer, 1.0 / (n - 1.0)));
                }
            }
        }
        freedom += n - 1.0;
    }
    if freedom == 0.0 {
        return (0.0, 0.0);
    }
    let both = within / freedom;
    pairs.sort_unstable_by_key(|(one, other, _)| (*one, *other));
    let mut shared = vec![0.0; reviewers];
    for group in pairs.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let weight: f64 = group.iter().map(|(_, _, weight)| weight).sum();
        shared[group[0].0] += weight * weight;
    }
    let (mut squares, mut of_severity, mut of_noise) = (0.0, 0.0, 0.0);
    for reviewer in 0..reviewers {
        let k = sheets[reviewer];
        if k > 0.0 {
            squares += difference[reviewer] * difference[reviewer] / k;
            of_severity += k + shared[reviewer] / k;
            of_noise += 1.0 + partners[reviewer] / k;
        }
    }
    // squares = of_severity × severity + of_noise × noise, and both = severity + noise.
    let severity = (squares - of_noise * both) / (of_severity - of_noise);
    if !severity.is_finite() || severity <= 0.0 {
        return (both, 0.0);
    }
    let severity = severity.min(both);
    (both - severity, severity)
}

/// Each entry's sheets.
fn panels(entries: usize, totals: &[Total]) -> impl Iterator<Item = &[Total]> {
    debug_assert!(totals.iter().all(|total| total.entry < entries));
    totals.chunk_by(|a, b| a.entry == b.entry)
}

/// Severities in millionths: qualities and severities are set in turn, each given the other, until they stay. Whole numbers
/// throughout, so that the order of the sheets leaves no trace.
fn solve(
    entries: usize,
    reviewers: usize,
    totals: &[Total],
    anchors: &BTreeMap<usize, i64>,
    shrinkage: i64,
) -> Vec<i64> {
    let mut counts = vec![0_i64; reviewers];
    for total in totals {
        counts[total.reviewer] += 1;
    }
    let mut severities = vec![0_i64; reviewers];
    let mut residuals = vec![0_i64; reviewers];
    for _ in 0..MAX_ROUNDS {
        residuals.fill(0);
        for panel in panels(entries, totals) {
            let quality = match anchors.get(&panel[0].entry) {
                Some(known) => known * NANO,
                None => {
                    let sum: i64 =
                        panel.iter().map(|total| total.micros * NANO - severities[total.reviewer]).sum();
                    divide(i128::from(sum), panel.len() as i128)
                }
            };
            for total in panel {
                residuals[total.reviewer] += total.micros * NANO - quality;
            }
        }
        let mut moved = 0;
        for reviewer in 0..reviewers {
            if counts[reviewer] > 0 {
                let pull = i128::from(counts[reviewer]) * 1_000_000 + i128::from(shrinkage);
                let next = divide(i128::from(residuals[reviewer]) * 1_000_000, pull);
                moved = moved.max((next - severities[reviewer]).abs());
                severities[reviewer] = next;
            }
        }
        if moved <= SETTLED {
            break;
        }
    }
    severities.iter().map(|&nanos| divide(i128::from(nanos), i128::from(NANO))).collect()
}

/// Rounded half away from zero, the same for either sign.
fn divide(numerator: i128, denominator: i128) -> i64 {
    let half = denominator / 2;
    let shifted = if numerator < 0 { numerator - half } else { numerator + half };
    i64::try_from(shifted / denominator).unwrap_or_default()
}

/// Which reviewers are linked by entries they share, directly or through others. Anchors link as well: their total is known.
fn parts(
    entries: usize,
    reviewers: usize,
    totals: &[Total],
    anchors: &BTreeMap<usize, i64>,
) -> (Vec<Option<usize>>, usize) {
    let mut parent: Vec<usize> = (0..=reviewers).collect();
    for panel in panels(entries, totals) {
        let anchored = anchors.contains_key(&panel[0].entry);
        for total in panel {
            let first = find(&mut parent, if anchored { reviewers } else { panel[0].reviewer });
            let own = find(&mut parent, total.reviewer);
            parent[own.max(first)] = own.min(first);
        }
    }
    let mut seen = vec![false; reviewers];
    for total in totals {
        seen[total.reviewer] = true;
    }
    let mut names = BTreeMap::new();
    let parts = (0..reviewers)
        .map(|reviewer| {
            seen[reviewer].then(|| {
                let root = find(&mut parent, reviewer);
                let next = names.len();
                *names.entry(root).or_insert(next)
            })
        })
        .collect();
    (parts, names.len())
}

fn find(parent: &mut [usize], mut node: usize) -> usize {
    while parent[node] != node {
        parent[node] = parent[parent[node]];
        node = parent[node];
    }
    node
}
