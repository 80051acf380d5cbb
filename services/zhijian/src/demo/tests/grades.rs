//! The printed grades, through the grading library.

use proptest::prelude::*;
use zhijian_grading::{Distribution, Rubric, grade};

use super::*;
use crate::demo::{Band, Element, Grading};

/// The bands of the schemes, over elements of these weights.
fn grading(weights: &[u32]) -> (Grading, Rubric) {
    let total: u32 = weights.iter().sum();
    let mut left = Decimal::ONE;
    let mut elements = Vec::new();
    for (index, weight) in weights.iter().enumerate() {
        let weight = if index + 1 == weights.len() {
            left
        } else {
            (Decimal::from(*weight) / Decimal::from(total)).round_dp(3)
        };
        left -= weight;
        elements.push((format!("e{index}"), weight));
    }
    let bands = [
        ("A+", 95),
        ("A", 90),
        ("A-", 85),
        ("B+", 80),
        ("B", 75),
        ("B-", 70),
        ("C+", 65),
        ("C", 60),
        ("C-", 0),
    ];
    let rubric = Rubric::new(
        elements
            .iter()
            .map(|(code, weight)| zhijian_grading::Element { code: code.clone(), weight: *weight })
            .collect(),
        bands
            .iter()
            .map(|(name, cut_off)| zhijian_grading::Band {
                grade: (*name).into(),
                group: name[..1].into(),
                cut_off: Decimal::from(*cut_off),
            })
            .collect(),
    )
    .expect("sound");
    let grading = Grading {
        elements: elements.into_iter().map(|(code, weight)| Element { code, weight }).collect(),
        bands: bands
            .iter()
            .map(|(name, cut_off)| Band { grade: (*name).into(), cut_off: Decimal::from(*cut_off) })
            .collect(),
    };
    (grading, rubric)
}

#[test]
fn the_scores_give_tables_2_2_and_2_3() {
    let region = region();
    let (grading, rubric) = grading(&[1; 10]);
    let rounds = [
        (NEW_PROGRAMMES, false, &region.printed().new_programme_grades),
        (PILOTS, true, &region.printed().pilot_grades),
    ];
    for (scheme, pilot, printed) in rounds {
        let entries = region
            .programmes
            .iter()
            .filter(|one| one.pilot == pilot && (pilot || (2022..=2024).contains(&one.opened_year)));
        let bands = entries.map(|one| {
            let target = region.grade(2025, scheme, &one.school, &one.code).expect("every entry has a grade");
            let label = format!("2025 {scheme} {} {}", one.school, one.code);
            let sheets = reviews::scores(&grading, &target, &label).expect("a grade of the scheme");
            let result = grade(&rubric, &sheets).expect("sound sheets");
            assert!(result.spread <= Decimal::TEN);
            result.band
        });
        let counted = Distribution::new(&rubric, bands);
        for count in &counted.grades {
            let expected =
                printed.iter().find(|(grade, _)| *grade == count.name).map_or(0, |(_, count)| *count);
            assert_eq!(count.count, expected, "{scheme} {}", count.name);
        }
    }
    let must_mend = region.programmes.iter().any(|one| {
        one.school == region.featured_school
            && region.grade(2025, NEW_PROGRAMMES, &one.school, &one.code).as_deref() == Some("C")
    });
    assert!(must_mend);
}

proptest! {
    #[test]
    fn scores_lead_to_the_grade_whatever_the_weights(
        weights in prop::collection::vec(1_u32..20, 1..14),
        band in 0_usize..9,
        label in "[a-z]{8}",
    ) {
        let (grading, rubric) = grading(&weights);
        let sheets = reviews::scores(&grading, &grading.bands[band].grade, &label).expect("a grade of the scheme");
        let result = grade(&rubric, &sheets).expect("sound sheets");
        prop_assert_eq!(result.band, band);
        prop_assert!(result.spread <= Decimal::from(6));
        // Reviewers give points with at most one digit after the point.
        prop_assert!(sheets.iter().flatten().all(|score| score.scale() <= 1));
    }
}
