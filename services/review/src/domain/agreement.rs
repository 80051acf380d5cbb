//! A round graded whole, and what it says about its reviewers.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::{Decimal, MathematicalOps};
use serde::{Deserialize, Serialize};
use zhijian_grading::{RoundResult, Sheet};

use super::{
    assignment::Assignment,
    outcome::{Outcome, OutcomeError, Plain, outcome},
    scheme::Scheme,
};

/// Digits after the point of deviations and severities, in points.
const DIGITS: u32 = 2;

/// How far the reviewers of a round agree; kept as it was when the round was finalised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// Krippendorff's alpha of the totals.
    pub total: Option<Decimal>,
    /// The same by element, with its code.
    pub elements: Vec<(String, Option<Decimal>)>,
    /// Where the scheme calibrates.
    pub calibration: Option<Calibration>,
}

/// What calibration found and changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calibration {
    /// The standard deviation of reviewers' severities, in points.
    pub severity_deviation: Decimal,
    /// The standard deviation of the noise, in points.
    pub noise_deviation: Decimal,
    /// 1 where all reviewers can be compared.
    pub part_count: usize,
    /// From the harshest.
    pub reviewers: Vec<Severity>,
    /// How many entries got another grade than the sheets as they are would give.
    pub changed_grades: usize,
}

/// One reviewer's severity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Severity {
    /// Who.
    pub account_id: String,
    /// Points above the others; below zero for a harsh one.
    pub severity: Decimal,
    /// From how many sheets.
    pub sheets: usize,
}

/// Grades the panels of a round, one an entry, in their order. `anchors` are the totals of entries that are known
/// beforehand, by their places among the panels.
///
/// # Errors
/// [`OutcomeError`] if stored sheets do not fit the scheme.
pub fn grade(
    scheme: &Scheme,
    panels: &[Vec<&Assignment>],
    anchors: BTreeMap<usize, Decimal>,
) -> Result<(Vec<Outcome>, Agreement), OutcomeError> {
    let (names, sheets) = sheets(scheme, panels)?;
    let rules = zhijian_grading::Rules { anchors, ..scheme.definition().grading.rules() };
    let graded = zhijian_grading::grade_round(scheme.rubric(), panels.len(), &sheets, &rules)?;
    let agreement = agreement(scheme, &graded, &names, &sheets);
    let bands = scheme.bands();
    let outcomes = graded.grades.into_iter().map(|grade| {
        let grade = grade.ok_or(zhijian_grading::GradeError::NoSheets)?;
        let plain = grade.plain.map(|(band, total)| Plain { grade: bands[band].grade.clone(), total });
        Ok(Outcome { plain, ..outcome(scheme, grade.grade) })
    });
    Ok((outcomes.collect::<Result<_, OutcomeError>>()?, agreement))
}

/// How much higher than the others each reviewer scores, by account, from the sheets that are in so far; nobody where the scheme
/// does not calibrate.
///
/// # Errors
/// [`OutcomeError`] if stored sheets do not fit the scheme.
pub fn severities(
    scheme: &Scheme,
    panels: &[Vec<&Assignment>],
    anchors: BTreeMap<usize, Decimal>,
) -> Result<BTreeMap<String, Decimal>, OutcomeError> {
    if !scheme.definition().grading.calibrate {
        return Ok(BTreeMap::new());
    }
    let (names, sheets) = sheets(scheme, panels)?;
    // Ranks say nothing of severities, and half a round may have fewer entries than there are places.
    let rules = zhijian_grading::Rules { calibrate: true, anchors, ..zhijian_grading::Rules::default() };
    let graded = zhijian_grading::grade_round(scheme.rubric(), panels.len(), &sheets, &rules)?;
    let found = graded.calibration.map(|found| found.severities).unwrap_or_default();
    Ok(names.into_iter().map(str::to_owned).zip(found).collect())
}

/// Who sat on panels, in order, and their sheets.
fn sheets<'a>(
    scheme: &Scheme,
    panels: &[Vec<&'a Assignment>],
) -> Result<(BTreeSet<&'a str>, Vec<Sheet>), OutcomeError> {
    let names: BTreeSet<&str> = panels.iter().flatten().map(|seat| seat.account_id.as_str()).collect();
    let places: BTreeMap<&str, usize> =
        names.iter().enumerate().map(|(place, name)| (*name, place)).collect();
    let mut sheets = Vec::new();
    for (entry, panel) in panels.iter().enumerate() {
        for seat in panel {
            let reviewer = places[seat.account_id.as_str()];
            sheets.push(Sheet { entry, reviewer, scores: seat.sheet.complete(scheme)? });
        }
    }
    Ok((names, sheets))
}

fn agreement(scheme: &Scheme, graded: &RoundResult, names: &BTreeSet<&str>, sheets: &[Sheet]) -> Agreement {
    let codes = scheme.elements().iter().map(|element| element.code.clone());
    let calibration = graded.calibration.as_ref().map(|found| {
        let mut reviewers: Vec<Severity> = names
            .iter()
            .enumerate()
            .map(|(place, name)| Severity {
                account_id: (*name).to_owned(),
                severity: found
                    .severities
                    .get(place)
                    .copied()
                    .unwrap_or_default()
                    .round_dp(DIGITS)
                    .normalize(),
                sheets: sheets.iter().filter(|sheet| sheet.reviewer == place).count(),
            })
            .collect();
        reviewers.sort_by(|a, b| (a.severity, &a.account_id).cmp(&(b.severity, &b.account_id)));
        let changed = |grade: &zhijian_grading::RoundGrade| {
            grade.plain.is_some_and(|(band, _)| band != grade.grade.band)
        };
        Calibration {
            severity_deviation: deviation(found.severity_variance),
            noise_deviation: deviation(found.noise_variance),
            part_count: found.part_count,
            reviewers,
            changed_grades: graded.grades.iter().flatten().filter(|grade| changed(grade)).count(),
        }
    });
    Agreement {
        total: graded.reliability.total,
        elements: codes.zip(graded.reliability.elements.iter().copied()).collect(),
        calibration,
    }
}

fn deviation(variance: Decimal) -> Decimal {
    variance.sqrt().unwrap_or_default().round_dp(DIGITS).normalize()
}
