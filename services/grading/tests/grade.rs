//! Grades and their distribution, through the public interface.

use proptest::{prelude::*, sample::Index};
use rust_decimal::Decimal;
use zhijian_grading::{
    Band, Count, Distribution, Element, GradeError, Rubric, RubricError, grade, share, spread,
};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn element(code: &str, weight: &str) -> Element {
    Element { code: code.into(), weight: decimal(weight) }
}

const CUT_OFFS: [(&str, i64); 9] =
    [("A+", 95), ("A", 90), ("A-", 85), ("B+", 80), ("B", 75), ("B-", 70), ("C+", 65), ("C", 60), ("C-", 0)];

fn bands() -> Vec<Band> {
    let band = |(grade, cut_off): (&str, i64)| Band {
        grade: grade.into(),
        group: grade[..1].into(),
        cut_off: Decimal::from(cut_off),
    };
    CUT_OFFS.map(band).to_vec()
}

fn rubric() -> Rubric {
    Rubric::new(
        vec![element("setting", "0.2"), element("teaching", "0.5"), element("faculty", "0.3")],
        bands(),
    )
    .unwrap()
}

fn sheet(scores: [&str; 3]) -> Vec<Decimal> {
    scores.map(decimal).to_vec()
}

fn letter(rubric: &Rubric, band: usize) -> &str {
    &rubric.bands()[band].grade
}

#[test]
fn a_grade_explains_itself() {
    let rubric = rubric();
    let sheets = [sheet(["90", "80.5", "70"]), sheet(["88.5", "84", "91"]), sheet(["60", "83", "85.5"])];
    let result = grade(&rubric, &sheets).unwrap();
    assert_eq!(result.elements, sheet(["88.5", "83", "85.5"]));
    // 0.2 × 88.5 + 0.5 × 83 + 0.3 × 85.5
    assert_eq!(result.total.to_string(), "84.85");
    assert_eq!(letter(&rubric, result.band), "B+");
    assert_eq!(result.to_next.unwrap().to_string(), "0.15");
    // Own totals: 79.25, 87, 79.15.
    assert_eq!(result.spread.to_string(), "7.85");
    // Without the last, the medians of two are 89.25, 82.25, 80.5: 83.125, still B+. Without the first:
    // 74.25, 83.5, 88.25: 83.075, B+. Without the second: 75, 81.75, 77.75: 79.2, B.
    assert!(result.decided_by_one);
}

#[test]
fn cut_offs_are_inclusive_and_totals_are_never_rounded() {
    let rubric = rubric();
    let at = |score: &str| {
        let result = grade(&rubric, &vec![sheet([score; 3]); 3]).unwrap();
        (letter(&rubric, result.band).to_owned(), result.to_next)
    };
    assert_eq!(at("95"), ("A+".into(), None));
    assert_eq!(at("94.999999"), ("A".into(), Some(decimal("0.000001"))));
    assert_eq!(at("60"), ("C".into(), Some(decimal("5"))));
    assert_eq!(at("0"), ("C-".into(), Some(decimal("60"))));
    assert_eq!(at("100"), ("A+".into(), None));
}

#[test]
fn an_even_panel_takes_the_mean_of_the_middle_two() {
    let sheets = ["80", "80.1", "90", "99"].map(|score| sheet([score; 3]));
    let result = grade(&rubric(), &sheets).unwrap();
    assert_eq!(result.total.to_string(), "85.05");
}

#[test]
fn one_reviewer_decides_alone_and_a_unanimous_panel_does_not() {
    let rubric = rubric();
    assert!(grade(&rubric, &[sheet(["77", "77", "77"])]).unwrap().decided_by_one);
    assert!(!grade(&rubric, &vec![sheet(["77", "77", "77"]); 3]).unwrap().decided_by_one);
}

#[test]
fn bad_sheets_are_named() {
    let rubric = rubric();
    assert_eq!(grade(&rubric, &[]), Err(GradeError::NoSheets));
    assert_eq!(
        grade(&rubric, &[sheet(["1", "2", "3"]), vec![Decimal::ONE]]),
        Err(GradeError::Incomplete { sheet: 1, found: 1, expected: 3 })
    );
    for score in ["100.1", "-0.1", "50.1234567"] {
        assert_eq!(
            spread(&rubric, &[sheet(["1", score, "3"])]),
            Err(GradeError::Score { sheet: 0, element: "teaching".into(), score: decimal(score) })
        );
    }
}

#[test]
fn rubrics_that_cannot_grade_are_refused() {
    let whole = || vec![element("setting", "1")];
    let changed = |change: fn(&mut Vec<Band>)| {
        let mut bands = bands();
        change(&mut bands);
        Rubric::new(whole(), bands).unwrap_err()
    };
    assert_eq!(Rubric::new(vec![], bands()), Err(RubricError::NoElements));
    assert_eq!(Rubric::new(whole(), vec![]), Err(RubricError::NoBands));
    assert_eq!(
        Rubric::new(vec![element("a", "0.5"), element("a", "0.5")], bands()),
        Err(RubricError::RepeatedElement("a".into()))
    );
    assert_eq!(
        Rubric::new(vec![element("a", "0.5"), element("b", "0.4")], bands()),
        Err(RubricError::WeightSum(decimal("0.9")))
    );
    assert!(matches!(
        Rubric::new(vec![element("a", "0"), element("b", "1")], bands()),
        Err(RubricError::Weight { code, .. }) if code == "a"
    ));
    assert!(matches!(changed(|bands| bands[1].grade = "A+".into()), RubricError::RepeatedGrade(_)));
    assert!(matches!(changed(|bands| bands[1].cut_off = bands[0].cut_off), RubricError::CutOff { .. }));
    assert!(matches!(changed(|bands| bands[0].cut_off = Decimal::from(101)), RubricError::CutOff { .. }));
    assert!(matches!(
        changed(|bands| {
            bands.pop();
        }),
        RubricError::NoFloor(_)
    ));
}

/// Counts and one-decimal shares as the region printed them for 182 new programmes.
#[test]
fn published_shares_come_out_and_are_not_forced_to_100() {
    let rubric = rubric();
    let printed = [
        (19, "10.4"),
        (18, "9.9"),
        (22, "12.1"),
        (25, "13.7"),
        (19, "10.4"),
        (24, "13.2"),
        (27, "14.8"),
        (20, "11.0"),
        (8, "4.4"),
    ];
    let grades = printed.iter().enumerate().flat_map(|(band, (count, _))| vec![band; *count]);
    let distribution = Distribution::new(&rubric, grades);
    assert_eq!(distribution.total, 182);
    let mut sum = Decimal::ZERO;
    for ((found, (count, printed)), (grade, _)) in distribution.grades.iter().zip(printed).zip(CUT_OFFS) {
        assert_eq!(*found, Count { name: grade.into(), count });
        let share = share(found.count, distribution.total, 1).unwrap();
        assert_eq!(share.to_string(), printed);
        sum += share;
    }
    assert_eq!(sum.to_string(), "99.9");
    let groups: Vec<_> = distribution.groups.iter().map(|group| (group.name.as_str(), group.count)).collect();
    assert_eq!(groups, [("A", 59), ("B", 68), ("C", 55)]);
}

#[test]
fn bands_without_entries_are_counted_as_zero() {
    let distribution = Distribution::new(&rubric(), [0, 0, 8]);
    assert_eq!(distribution.grades.len(), 9);
    assert_eq!(distribution.grades[4], Count { name: "B".into(), count: 0 });
    assert_eq!(distribution.groups[1], Count { name: "B".into(), count: 0 });
}

#[test]
fn shares_round_half_away_from_zero_to_the_digits_asked_for() {
    assert_eq!(share(31, 44, 2).unwrap().to_string(), "70.45");
    assert_eq!(share(1, 8, 2).unwrap().to_string(), "12.50");
    assert_eq!(share(1, 8, 0).unwrap().to_string(), "13");
    assert_eq!(share(0, 44, 1).unwrap().to_string(), "0.0");
    assert_eq!(share(0, 0, 1), None);
}

fn score() -> impl Strategy<Value = Decimal> {
    (0..=1000i64).prop_map(|tenths| Decimal::new(tenths, 1))
}

fn panel() -> impl Strategy<Value = Vec<Vec<Decimal>>> {
    prop::collection::vec(prop::collection::vec(score(), 3), 1..6)
}

proptest! {
    #[test]
    fn the_order_of_reviewers_does_not_matter(panel in panel(), seed in any::<Index>()) {
        let rubric = rubric();
        let mut turned = panel.clone();
        turned.rotate_left(seed.index(panel.len()));
        turned.reverse();
        prop_assert_eq!(grade(&rubric, &panel), grade(&rubric, &turned));
    }

    #[test]
    fn a_higher_score_never_lowers_the_grade(
        panel in panel(), reviewer in any::<Index>(), element in any::<Index>(), score in score()
    ) {
        let rubric = rubric();
        let mut better = panel.clone();
        let sheet = reviewer.get_mut(&mut better);
        let place = element.index(3);
        sheet[place] = sheet[place].max(score);
        let (before, after) = (grade(&rubric, &panel).unwrap(), grade(&rubric, &better).unwrap());
        prop_assert!(after.total >= before.total);
        prop_assert!(after.band <= before.band);
    }

    #[test]
    fn the_band_is_the_one_whose_cut_offs_enclose_the_total(panel in panel()) {
        let rubric = rubric();
        let result = grade(&rubric, &panel).unwrap();
        prop_assert!(result.total >= rubric.bands()[result.band].cut_off);
        match result.to_next {
            None => prop_assert_eq!(result.band, 0),
            Some(distance) => {
                prop_assert!(distance > Decimal::ZERO);
                prop_assert_eq!(result.total + distance, rubric.bands()[result.band - 1].cut_off);
            }
        }
    }

    #[test]
    fn decided_by_one_means_just_that(panel in prop::collection::vec(prop::collection::vec(score(), 3), 2..6)) {
        let rubric = rubric();
        let result = grade(&rubric, &panel).unwrap();
        let someone_decides = (0..panel.len()).any(|without| {
            let mut rest = panel.clone();
            rest.remove(without);
            grade(&rubric, &rest).unwrap().band != result.band
        });
        prop_assert_eq!(result.decided_by_one, someone_decides);
    }
}
