//! Rounds drawn by lot, the same on every machine.

use rust_decimal::{Decimal, prelude::FromPrimitive};
use zhijian_grading::{Band, Element, Method, Rubric, Rules, Sheet, grade_round};

/// A generator of evenly spread numbers (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to 1.
    pub fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.part() * n as f64) as usize
    }

    /// A normally distributed number (Box–Muller).
    pub fn normal(&mut self, mean: f64, deviation: f64) -> f64 {
        let (u, v) = (1.0 - self.part(), self.part());
        mean + deviation * (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }
}

/// Nine grades five points apart over as many equal elements.
pub fn rubric(elements: usize, method: Method) -> Rubric {
    let part = (Decimal::ONE / Decimal::from(elements)).trunc_with_scale(6);
    let mut elements: Vec<_> =
        (0..elements).map(|place| Element { code: format!("e{place}"), weight: part }).collect();
    let rest: Decimal = elements.iter().skip(1).map(|element| element.weight).sum();
    elements[0].weight = Decimal::ONE - rest;
    let grades = ["A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-"];
    let bands = grades.iter().enumerate().map(|(place, grade)| Band {
        grade: (*grade).into(),
        group: grade[..1].into(),
        cut_off: if place == 8 { Decimal::ZERO } else { Decimal::from(95 - 5 * place) },
    });
    Rubric::new(elements, bands.collect()).unwrap().joined_by(method)
}

/// A round of known truth.
pub struct Round {
    pub qualities: Vec<f64>,
    pub severities: Vec<f64>,
    /// Entry, reviewer, and the unbounded score.
    pub scores: Vec<(usize, usize, f64)>,
}

/// Draws a round: qualities around 77, three different reviewers an entry, loads even.
pub fn round(dice: &mut Dice, entries: usize, reviewers: usize, severity: f64, noise: f64) -> Round {
    let qualities: Vec<f64> = (0..entries).map(|_| dice.normal(77.0, 9.0)).collect();
    let severities: Vec<f64> = (0..reviewers).map(|_| dice.normal(0.0, severity)).collect();
    let mut scores = Vec::new();
    let mut deck: Vec<usize> = Vec::new();
    for (entry, quality) in qualities.iter().enumerate() {
        let mut panel = Vec::new();
        while panel.len() < 3 {
            if deck.is_empty() {
                deck = (0..reviewers).collect();
                for place in (1..reviewers).rev() {
                    deck.swap(place, dice.below(place + 1));
                }
            }
            let reviewer = deck.pop().unwrap();
            if panel.contains(&reviewer) {
                deck.insert(0, reviewer);
            } else {
                panel.push(reviewer);
            }
        }
        for reviewer in panel {
            scores.push((entry, reviewer, quality + severities[reviewer] + dice.normal(0.0, noise)));
        }
    }
    Round { qualities, severities, scores }
}

/// A score within 0–100 to two digits after the point.
pub fn points(score: f64) -> Decimal {
    Decimal::from_f64(score.clamp(0.0, 100.0)).unwrap().round_dp(2)
}

impl Round {
    pub fn sheets(&self) -> Vec<Sheet> {
        let sheet = |&(entry, reviewer, score): &(usize, usize, f64)| Sheet {
            entry,
            reviewer,
            scores: vec![points(score)],
        };
        self.scores.iter().map(sheet).collect()
    }

    /// The means of the scores with every true severity taken off.
    pub fn oracle(&self) -> Vec<f64> {
        let mut sums = vec![(0.0, 0.0); self.qualities.len()];
        for &(entry, reviewer, score) in &self.scores {
            sums[entry].0 += score - self.severities[reviewer];
            sums[entry].1 += 1.0;
        }
        sums.into_iter().map(|(sum, n)| sum / n).collect()
    }
}

/// What part of the entries is in another band than its quality deserves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Misgraded {
    /// By the plain mean.
    pub plain: f64,
    /// With severities estimated and taken off.
    pub calibrated: f64,
    /// The same, with the quality of the first ten entries known beforehand.
    pub anchored: f64,
    /// With the true severities taken off.
    pub oracle: f64,
}

impl Misgraded {
    /// How much of the way from the plain mean to the oracle calibration goes.
    pub fn closed(&self) -> f64 {
        (self.plain - self.calibrated) / (self.plain - self.oracle)
    }
}

pub fn misgraded(rounds: usize, severity: f64, seed: u64) -> Misgraded {
    let rubric = rubric(1, Method::Mean);
    let mut dice = Dice(seed);
    let mut wrong = Misgraded::default();
    for _ in 0..rounds {
        let round = round(&mut dice, 182, 60, severity, 5.0);
        let sheets = round.sheets();
        let mut rules = Rules { calibrate: true, ..Rules::default() };
        let free = grade_round(&rubric, 182, &sheets, &rules).unwrap();
        rules.anchors = (0..10).map(|entry| (entry, points(round.qualities[entry]))).collect();
        let anchored = grade_round(&rubric, 182, &sheets, &rules).unwrap();
        let oracle = round.oracle();
        for (entry, quality) in round.qualities.iter().enumerate() {
            let truth = rubric.band_of(points(*quality));
            let missed = |band: usize| f64::from(u8::from(band != truth)) / (rounds * 182) as f64;
            let grade = free.grades[entry].as_ref().unwrap();
            wrong.plain += missed(grade.plain.unwrap().0);
            wrong.calibrated += missed(grade.grade.band);
            wrong.anchored += missed(anchored.grades[entry].as_ref().unwrap().grade.band);
            wrong.oracle += missed(rubric.band_of(points(oracle[entry])));
        }
    }
    wrong
}
