//! Whole rounds through the public interface: calibration, ranks, agreement.

mod common;

use std::collections::BTreeMap;

use common::{Dice, misgraded, round, rubric};
use proptest::prelude::*;
use rust_decimal::Decimal;
use zhijian_grading::{Bounds, GradeError, Method, Rules, Sheet, Ties, allot, grade_round, places};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn sheet(entry: usize, reviewer: usize, score: i64) -> Sheet {
    Sheet { entry, reviewer, scores: vec![Decimal::from(score)] }
}

fn calibrated() -> Rules {
    Rules { calibrate: true, ..Rules::default() }
}

/// Three reviewers see all of twenty programmes; one takes ten points off each.
fn one_harsh() -> Vec<Sheet> {
    (0..20)
        .flat_map(|entry| {
            let quality = 70 + entry as i64;
            let noise = |reviewer: usize| ((entry * 7 + reviewer * 5) % 3) as i64 - 1;
            [
                sheet(entry, 0, quality + noise(0)),
                sheet(entry, 1, quality + noise(1)),
                sheet(entry, 2, quality - 10 + noise(2)),
            ]
        })
        .collect()
}

#[test]
fn a_harsh_reviewer_is_found_and_what_changed_is_told() {
    let rubric = rubric(1, Method::Mean);
    let result = grade_round(&rubric, 20, &one_harsh(), &calibrated()).unwrap();
    let calibration = result.calibration.unwrap();
    let severities = &calibration.severities;
    // Only differences show: two at a third of ten above, one at two thirds below.
    assert!((severities[0] - severities[2] - Decimal::TEN).abs() < Decimal::ONE, "{severities:?}");
    assert!((severities[0] + severities[1] + severities[2]).abs() < decimal("0.001"), "{severities:?}");
    assert_eq!(calibration.part_count, 1);
    assert!(calibration.severity_variance > calibration.noise_variance);
    let complete = result.grades[0].as_ref().unwrap();
    // Everybody saw everything: the mean stays what it was.
    assert!((complete.plain.unwrap().1 - complete.grade.total).abs() < decimal("0.001"));
}

#[test]
fn an_entry_that_met_the_harsh_reviewer_is_not_punished_for_it() {
    let rubric = rubric(1, Method::Mean);
    let mut sheets = one_harsh();
    sheets.extend([sheet(20, 0, 84), sheet(20, 1, 84), sheet(21, 1, 84), sheet(21, 2, 74)]);
    let result = grade_round(&rubric, 22, &sheets, &calibrated()).unwrap();
    let of = |entry: usize| result.grades[entry].clone().unwrap();
    assert_eq!(of(21).plain.unwrap().1, Decimal::from(79));
    assert!((of(20).grade.total - of(21).grade.total).abs() < Decimal::ONE);
    assert_ne!(of(21).plain.unwrap().0, of(21).grade.band);
}

#[test]
fn an_anchor_ties_reviewers_to_its_scale() {
    let rubric = rubric(1, Method::Mean);
    let mut rules = calibrated();
    rules.anchors = (0..20).map(|entry| (entry, Decimal::from(70 + entry))).collect();
    let result = grade_round(&rubric, 20, &one_harsh(), &rules).unwrap();
    let severities = result.calibration.unwrap().severities;
    assert!(severities[0].abs() < Decimal::ONE, "{severities:?}");
    assert!((severities[2] + Decimal::TEN).abs() < Decimal::ONE, "{severities:?}");
    rules.anchors = BTreeMap::from([(3, Decimal::from(101))]);
    let refused = grade_round(&rubric, 20, &one_harsh(), &rules);
    assert_eq!(refused, Err(GradeError::Anchor { entry: 3, total: Decimal::from(101) }));
}

#[test]
fn a_design_in_two_parts_says_so() {
    let rubric = rubric(1, Method::Mean);
    let sheets = [sheet(0, 0, 80), sheet(0, 1, 90), sheet(1, 2, 70), sheet(1, 3, 75), sheet(1, 5, 71)];
    let calibration = grade_round(&rubric, 2, &sheets, &calibrated()).unwrap().calibration.unwrap();
    assert_eq!(calibration.part_count, 2);
    assert_eq!(calibration.parts, [Some(0), Some(0), Some(1), Some(1), None, Some(1)]);
}

#[test]
fn alike_reviewers_are_left_alone() {
    let rubric = rubric(1, Method::Mean);
    let sheets: Vec<Sheet> = (0..30)
        .flat_map(|entry| (0..3).map(move |reviewer| sheet(entry, (entry + reviewer) % 9, 60 + entry as i64)))
        .collect();
    let result = grade_round(&rubric, 30, &sheets, &calibrated()).unwrap();
    assert!(result.calibration.unwrap().severities.iter().all(Decimal::is_zero));
    assert_eq!(result.reliability.total, Some(decimal("1.0000")));
}

/// Interval alpha of the four-observer example in Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011): 0.849.
#[test]
fn agreement_is_krippendorffs() {
    let rubric = rubric(1, Method::Mean);
    let observers: [&[Option<i64>]; 4] = [
        &[Some(1), Some(2), Some(3), Some(3), Some(2), Some(1), Some(4), Some(1), Some(2), None, None, None],
        &[
            Some(1),
            Some(2),
            Some(3),
            Some(3),
            Some(2),
            Some(2),
            Some(4),
            Some(1),
            Some(2),
            Some(5),
            None,
            Some(3),
        ],
        &[
            None,
            Some(3),
            Some(3),
            Some(3),
            Some(2),
            Some(3),
            Some(4),
            Some(2),
            Some(2),
            Some(5),
            Some(1),
            None,
        ],
        &[
            Some(1),
            Some(2),
            Some(3),
            Some(3),
            Some(2),
            Some(4),
            Some(4),
            Some(1),
            Some(2),
            Some(5),
            Some(1),
            None,
        ],
    ];
    let sheets: Vec<Sheet> = observers
        .iter()
        .enumerate()
        .flat_map(|(reviewer, scores)| {
            let own = scores.iter().enumerate();
            own.filter_map(move |(entry, score)| score.map(|score| sheet(entry, reviewer, score)))
        })
        .collect();
    let result = grade_round(&rubric, 12, &sheets, &Rules::default()).unwrap();
    assert_eq!(result.reliability.total.unwrap().round_dp(3), decimal("0.849"));
    assert_eq!(result.reliability.elements[0], result.reliability.total);
    let one = grade_round(&rubric, 1, &[sheet(0, 0, 3)], &Rules::default()).unwrap();
    assert_eq!(one.reliability.total, None);
}

#[test]
fn methods_join_scores_as_they_say() {
    let total = |method: Method, scores: &[i64]| {
        let sheets: Vec<Sheet> =
            scores.iter().enumerate().map(|(place, &score)| sheet(0, place, score)).collect();
        let result = grade_round(&rubric(1, method), 1, &sheets, &Rules::default()).unwrap();
        result.grades[0].clone().unwrap().grade.total.round_dp(4).normalize().to_string()
    };
    assert_eq!(total(Method::Median, &[10, 80, 90]), "80");
    assert_eq!(total(Method::Mean, &[10, 80, 91]), "60.3333");
    let trimmed = Method::TrimmedMean { each_end: 1 };
    assert_eq!(total(trimmed, &[10, 80, 90, 100]), "85");
    assert_eq!(total(trimmed, &[10, 80]), "45");
}

#[test]
fn a_mean_just_under_a_cut_off_stays_under_it() {
    let rubric = rubric(1, Method::Mean);
    let sheets: Vec<Sheet> = ["89.999999", "90", "90"]
        .iter()
        .enumerate()
        .map(|(reviewer, score)| Sheet { entry: 0, reviewer, scores: vec![decimal(score)] })
        .collect();
    let result = grade_round(&rubric, 1, &sheets, &Rules::default()).unwrap();
    assert_eq!(result.grades[0].clone().unwrap().grade.band, 2);
}

#[test]
fn bad_rounds_are_refused_by_name() {
    let rubric = rubric(1, Method::Mean);
    let refused = |sheets: &[Sheet], rules: &Rules| grade_round(&rubric, 2, sheets, rules).unwrap_err();
    let plain = Rules::default();
    assert_eq!(refused(&[sheet(0, 0, 1), sheet(2, 0, 1)], &plain), GradeError::Entry { sheet: 1, entry: 2 });
    assert_eq!(
        refused(&[sheet(1, 4, 1), sheet(0, 4, 1), sheet(1, 4, 2)], &plain),
        GradeError::Repeated { entry: 1, reviewer: 4 }
    );
    let short = Rules { bounds: Bounds::Places(vec![1], Ties::Up), ..Rules::default() };
    assert_eq!(refused(&[sheet(0, 0, 1)], &short), GradeError::Bounds { found: 1, expected: 8 });
    let falling = ["2", "1", "3", "4", "5", "6", "7", "8"].map(decimal).to_vec();
    let falling = Rules { bounds: Bounds::Percentiles(falling, Ties::Up), ..Rules::default() };
    assert_eq!(refused(&[sheet(0, 0, 1)], &falling), GradeError::Percentile(decimal("1")));
}

#[test]
fn ties_are_never_split_and_are_told() {
    let totals = [90, 85, 85, 85, 70].map(Decimal::from);
    let up = allot(&totals, &[2, 1], Ties::Up);
    assert_eq!(up.bands, [0, 0, 0, 0, 2]);
    assert_eq!((up.ties.len(), up.ties[0].bound, &up.ties[0].entries[..]), (1, 0, &[1, 2, 3][..]));
    let down = allot(&totals, &[2, 2], Ties::Down);
    assert_eq!(down.bands, [0, 1, 1, 1, 2]);
    assert_eq!(allot(&[], &[2, 1], Ties::Up).bands, Vec::<usize>::new());
}

#[test]
fn percentiles_give_whole_places() {
    let shares = ["2", "7", "12", "20", "30", "40", "50", "60"].map(decimal);
    assert_eq!(places(&shares, 182).unwrap(), [3, 9, 9, 15, 18, 18, 19, 18]);
    assert_eq!(places(&shares, 0).unwrap(), [0; 8]);
    assert!(places(&[decimal("101")], 5).is_err());
}

#[test]
fn by_rank_the_next_band_and_the_one_who_decided_are_told() {
    let rubric = rubric(1, Method::Mean);
    let sheets: Vec<Sheet> = [[90, 90], [80, 82], [60, 96], [50, 50]]
        .iter()
        .enumerate()
        .flat_map(|(entry, scores)| (0..2).map(move |reviewer| sheet(entry, reviewer, scores[reviewer])))
        .collect();
    let bounds = Bounds::Places(vec![1, 1, 1, 0, 0, 0, 0, 0], Ties::Up);
    let result = grade_round(&rubric, 4, &sheets, &Rules { bounds, ..Rules::default() }).unwrap();
    let grades: Vec<_> = result.grades.into_iter().map(|grade| grade.unwrap().grade).collect();
    assert_eq!(grades.iter().map(|grade| grade.band).collect::<Vec<_>>(), [0, 1, 2, 8]);
    assert_eq!(grades[1].to_next, Some(Decimal::from(9)));
    // Without its low sheet, the third would be first.
    assert_eq!(
        grades.iter().map(|grade| grade.decided_by_one).collect::<Vec<_>>(),
        [false, false, true, false]
    );
}

#[test]
fn calibration_mends_most_of_what_severity_spoils_and_costs_little_where_there_is_none() {
    let severe = misgraded(200, 8.0, 1);
    assert!((severe.plain - 0.64).abs() < 0.02 && (severe.oracle - 0.43).abs() < 0.02, "{severe:?}");
    assert!(severe.closed() > 0.7, "{severe:?}");
    assert!(severe.anchored <= severe.calibrated + 0.005, "{severe:?}");
    let even = misgraded(100, 0.0, 2);
    assert!(even.calibrated - even.plain < 0.01, "{even:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_sheets_leaves_no_trace(seed in any::<u64>(), entries in 2..40_usize, reviewers in 3..12_usize) {
        let mut dice = Dice(seed);
        let mut sheets = round(&mut dice, entries, reviewers, 6.0, 4.0).sheets();
        let rubric = rubric(1, Method::Median);
        let before = grade_round(&rubric, entries, &sheets, &calibrated()).unwrap();
        for place in (1..sheets.len()).rev() {
            sheets.swap(place, dice.below(place + 1));
        }
        prop_assert_eq!(before, grade_round(&rubric, entries, &sheets, &calibrated()).unwrap());
    }

    #[test]
    fn ranks_never_invert_totals(
        totals in prop::collection::vec(0..30_i64, 0..60), counts in prop::collection::vec(0..20_usize, 1..9), up in any::<bool>()
    ) {
        let totals: Vec<Decimal> = totals.into_iter().map(Decimal::from).collect();
        let result = allot(&totals, &counts, if up { Ties::Up } else { Ties::Down });
        for a in 0..totals.len() {
            for b in 0..totals.len() {
                if totals[a] == totals[b] {
                    prop_assert_eq!(result.bands[a], result.bands[b]);
                } else if totals[a] > totals[b] {
                    prop_assert!(result.bands[a] <= result.bands[b]);
                }
            }
        }
        let held = |band: usize| result.bands.iter().filter(|own| **own <= band).count();
        let mut wanted = 0;
        for (band, count) in counts.iter().enumerate() {
            wanted = (wanted + count).min(totals.len());
            if result.ties.iter().all(|tie| tie.bound != band) {
                let fits = if up { held(band) >= wanted } else { held(band) <= wanted };
                prop_assert!(fits);
            }
        }
    }
}
