use std::collections::BTreeMap;

use proptest::prelude::*;
use rust_decimal::Decimal;
use zhijian_platform::{Text, rules::RulesDir};

use super::*;
use crate::domain::{
    definition::{Library, Plan},
    disclosure::{Disclosure, Disclosures},
    figure::{Measure, Outcome},
};

mod rounding;

const DEFINITION: &str = r#"
year = 2027
years = 1
[units]
"人" = "people"
[[tables]]
number = "1-1"
title = { zh = "毕业生", en = "Graduates" }
source = { zh = "据 {count} 份", en = "From {count}" }
[tables.layout.one-row]
report_kinds = ["higher"]
columns = [
    { key = "graduates", zh = "毕业生", en = "Graduates", unit = "人", measure = { sum = "SC01" } },
    { key = "rate", zh = "升学率", en = "Rate", measure = { ratio = { of = "SC03", to = "SC01", per = 100 } }, format = { decimals = 2, suffix = "%" } },
    { key = "satisfied", zh = "满意度", en = "Satisfied", measure = { mean = { of = "SAT01", weight = "SAT01N" } }, format = { decimals = 2 } },
]
[[tables]]
number = "1-2"
title = { zh = "等级", en = "Grades" }
source = { zh = "据 {count} 个", en = "From {count}" }
[tables.layout.grades]
scheme = "monitoring"
share = { decimals = 1, suffix = "%" }
columns = [
    { key = "grade", zh = "等级", en = "Grade", field = "grade" },
    { key = "count", zh = "数量", en = "Number", field = "count" },
]
total = { zh = "合计", en = "Total" }
"#;

const CODES: [&str; 4] = ["SC01", "SC03", "SAT01", "SAT01N"];

fn text(word: &str) -> Text {
    Text::new(word, word)
}

fn round() -> PinnedRound {
    let sheet = |entry, reviewer, score: &str, hearing| PinnedSheet {
        entry,
        reviewer,
        scores: vec![score.parse().expect("a score")],
        hearing,
    };
    let band = |grade: &str, cut_off: i64| PinnedBand {
        grade: grade.to_owned(),
        group: grade.to_owned(),
        cut_off: cut_off.into(),
    };
    let entry = |grade: &str, total: i64, heard| PinnedEntry {
        grade: grade.to_owned(),
        total: total.into(),
        anchor: None,
        heard,
    };
    PinnedRound {
        round_id: "rnd_1".to_owned(),
        name: text("监测"),
        elements: vec![PinnedElement { code: "all".to_owned(), weight: Decimal::ONE }],
        bands: vec![band("A", 85), band("B", 70), band("C", 0)],
        rules: PinnedRules {
            join: PinnedJoin::Median,
            trim: 0,
            calibrate: false,
            places: vec![],
            percentiles: vec![],
            ties_up: true,
        },
        entries: vec![entry("B", 80, false), entry("A", 90, true)],
        sheets: vec![
            sheet(0, 0, "70", false),
            sheet(0, 1, "80", false),
            sheet(0, 2, "95", false),
            sheet(1, 0, "60", false),
            sheet(1, 3, "90", true),
        ],
    }
}

/// Pins with one report of a kind for each row of cells, in the order of [`CODES`].
fn pinned(rows: &[[Option<i64>; 4]]) -> Pinned {
    let indicator = || PinnedIndicator {
        name: text("指标"),
        unit: text("人"),
        decimals: 0,
        report_kinds: ["higher".to_owned()].into(),
        formula: String::new(),
    };
    let reports = rows.iter().enumerate().map(|(index, row)| PinnedReport {
        submission_id: format!("sub_{index}"),
        revision: 1,
        kind: "higher".to_owned(),
        organisation: format!("{index}"),
        subject: format!("{index}"),
        accept_time: None,
        cells: CODES
            .iter()
            .zip(row)
            .map(|(code, cell)| {
                let reading = cell.map_or(Reading::NotApplicable, |cell| Reading::Number(cell.into()));
                ((*code).to_owned(), reading)
            })
            .collect(),
    });
    Pinned {
        format: FORMAT.to_owned(),
        year: 2027,
        definitions: BTreeMap::from([("publication/tables/2027.toml".to_owned(), DEFINITION.to_owned())]),
        years: BTreeMap::from([(
            2027,
            PinnedYear {
                indicators: CODES.iter().map(|code| ((*code).to_owned(), indicator())).collect(),
                reports: reports.collect(),
                ..PinnedYear::default()
            },
        )]),
        rounds: BTreeMap::from([("monitoring".to_owned(), round())]),
        pathways: vec![],
        organisations: BTreeMap::new(),
        cases: vec![],
    }
}

fn plan(pinned: &Pinned) -> Plan {
    Library::read(pinned.definitions.clone()).expect("sound").edition(2027).expect("there").plan()
}

fn rules() -> Disclosure {
    Disclosures::load(&RulesDir::default())
        .expect("the shipped files are sound")
        .of(2027)
        .expect("there")
        .clone()
}

fn disclosed(pinned: &Pinned) -> Pinned {
    rules().disclosed(pinned, &plan(pinned)).expect("small numbers")
}

#[test]
fn pins_give_the_tables_and_the_grades() {
    let pinned =
        pinned(&[[Some(100), Some(60), Some(90), Some(50)], [Some(300), Some(240), Some(80), Some(150)]]);
    let tables = recompute(&pinned).expect("sound").tables;
    assert_eq!(tables[0].csv, "毕业生（人）,升学率,满意度\r\n400,75.00%,82.50\r\n");
    assert_eq!(tables[1].csv, "等级,数量\r\nA,1\r\nB,1\r\nC,0\r\n合计,2\r\n");
    assert_eq!(recompute_grades(&pinned).expect("sound")["monitoring"], ["B", "A"]);
    let json = serde_json::to_string(&pinned).expect("plain data");
    assert_eq!(serde_json::from_str::<Pinned>(&json).expect("our own"), pinned);
    assert!(!json.contains("cases"), "what was pinned before there were cases reads as it did: {json}");
}

#[test]
fn whatever_was_changed_is_named() {
    let sound = pinned(&[[Some(100), Some(60), Some(90), Some(50)]]);
    let mut other = sound.clone();
    other.format = "zhijian.pins/9".to_owned();
    assert!(matches!(recompute(&other), Err(RecomputeError::Format(_))));

    let mut other = sound.clone();
    other.rounds.get_mut("monitoring").expect("there").entries[0].grade = "A".to_owned();
    let error = recompute(&other).expect_err("the grade is not what the scores give");
    assert_eq!(error.to_string(), "monitoring, entry 0: recorded A (80), computed B (80)");

    let mut other = sound.clone();
    other.rounds.get_mut("monitoring").expect("there").sheets[1].scores[0] = Decimal::from(81);
    assert!(matches!(recompute(&other), Err(RecomputeError::Grade { entry: 0, .. })));

    let mut other = sound.clone();
    other.rounds.clear();
    let Err(RecomputeError::Lacking(violations)) = recompute(&other) else { panic!("no round") };
    assert!(violations[0].description.zh.contains("表1-2"), "{violations:?}");

    let mut other = sound;
    other.year = 2028;
    assert!(matches!(recompute(&other), Err(RecomputeError::NoDefinition(2028))));
}

#[test]
fn a_small_count_is_withheld_with_another_and_the_totals_stand() {
    let full = pinned(&[
        [Some(3), Some(2), Some(90), Some(50)],
        [Some(40), Some(30), Some(80), Some(150)],
        [Some(300), Some(240), Some(85), Some(90)],
    ]);
    let public = disclosed(&full);
    let cell = |report: usize, code: &str| public.years[&2027].reports[report].cells[code];
    for code in ["SC01", "SC03"] {
        assert_eq!([cell(0, code), cell(1, code)], [Reading::Withheld; 2], "{code}");
        assert!(matches!(cell(2, code), Reading::Number(_)), "{code}");
    }
    assert_eq!(cell(0, "SAT01"), Reading::Number(90.into()));
    assert_eq!(recompute(&public).expect("sound"), recompute(&full).expect("sound"));
    let json = serde_json::to_string(&public).expect("plain data");
    assert!(json.contains(r#""SC01":"*""#), "{json}");
    assert_eq!(serde_json::from_str::<Pinned>(&json).expect("our own"), public);
}

#[test]
fn zeros_and_counts_of_things_are_told() {
    let full = pinned(&[[Some(0), Some(0), Some(3), Some(50)], [Some(40), Some(30), Some(80), Some(150)]]);
    assert_eq!(disclosed(&full), full);
}

fn any_cell() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![1 => Just(None), 2 => Just(Some(0)), 6 => (1_i64..9).prop_map(Some), 6 => (9_i64..400).prop_map(Some)]
}

/// Every value that `code` may have in report `place`, given what is told: the other cells and the totals.
fn is_determined(public: &Pinned, full: &Pinned, code: &str, place: usize) -> bool {
    let withheld = public.years[&2027]
        .reports
        .iter()
        .enumerate()
        .filter(|(other, report)| *other != place && report.cells[code] == Reading::Withheld);
    // A reader who subtracts what is told from the total is left with this cell and these others.
    let others = withheld.filter(|(other, _)| {
        !matches!(full.years[&2027].reports[*other].cells[code], Reading::Number(zero) if zero.is_zero())
    });
    others.count() == 0
}

proptest! {
    #[test]
    fn no_small_count_can_be_read_or_found_by_subtraction(
        rows in proptest::collection::vec([any_cell(), any_cell(), any_cell(), any_cell()], 1..12)
    ) {
        let full = pinned(&rows);
        let public = disclosed(&full);
        let reports = &public.years[&2027].reports;
        for code in ["SC01", "SC03", "SAT01N"] {
            let number = |place: usize| match full.years[&2027].reports[place].cells[code] {
                Reading::Number(number) => Some(number),
                _ => None,
            };
            let positive = (0..rows.len()).filter(|place| number(*place).is_some_and(|n| n > Decimal::ZERO));
            let positive: Vec<usize> = positive.collect();
            for (place, report) in reports.iter().enumerate() {
                let small = number(place).is_some_and(|n| n > Decimal::ZERO && n < Decimal::from(5));
                if small {
                    prop_assert_eq!(report.cells[code], Reading::Withheld);
                    // With a single institution the region's total is its number, and totals are never withheld.
                    if positive.len() > 1 {
                        prop_assert!(!is_determined(&public, &full, code, place), "{} of {}", code, place);
                    }
                }
            }
            let withheld = positive.iter().filter(|place| reports[**place].cells[code] == Reading::Withheld);
            let sum: Decimal = withheld.filter_map(|place| number(*place)).sum();
            let total: Decimal = positive.iter().filter_map(|place| number(*place)).sum();
            prop_assert!(sum.is_zero() || sum >= Decimal::from(5) || sum == total);
        }
    }

    #[test]
    fn withholding_changes_no_published_number(
        rows in proptest::collection::vec([any_cell(), any_cell(), any_cell(), any_cell()], 1..12)
    ) {
        let full = pinned(&rows);
        let public = disclosed(&full);
        let figures = |pinned: &Pinned| {
            let facts = facts(pinned, plan(pinned)).expect("small numbers");
            let figures = plan(pinned).figures[&2027].clone();
            figures.into_iter().map(|figure| facts.years[&2027].outcome(&figure)).collect::<Vec<_>>()
        };
        let (ours, theirs) = (figures(&public), figures(&full));
        for (ours, theirs) in ours.into_iter().zip(theirs) {
            match (ours, theirs) {
                // Nothing is told of reports that withhold, not even that one of them does not apply.
                (Ok(Outcome::Value(ours)), Ok(Outcome::Value(theirs))) => prop_assert_eq!(ours, theirs),
                (ours, theirs) => prop_assert_eq!(ours.ok(), theirs.ok()),
            }
        }
    }
}

#[test]
fn indicators_of_one_rate_are_withheld_together() {
    let full = pinned(&[[Some(100), Some(3), Some(90), Some(50)], [Some(40), Some(30), Some(80), Some(150)]]);
    let measures: Vec<Measure> =
        plan(&full).figures[&2027].iter().map(|figure| figure.measure.clone()).collect();
    assert!(measures.contains(&Measure::Ratio { of: "SC03".into(), to: "SC01".into(), per: 100 }));
    let public = disclosed(&full);
    for report in &public.years[&2027].reports {
        assert_eq!(report.cells["SC01"], Reading::Withheld);
        assert_eq!(report.cells["SC03"], Reading::Withheld);
    }
}

#[test]
fn a_small_count_is_hidden_among_those_that_answer_the_same() {
    let full = pinned(&[
        [Some(3), None, Some(90), Some(50)],
        [Some(40), Some(20), Some(80), Some(150)],
        [Some(100), Some(60), Some(80), Some(150)],
        [Some(300), None, Some(80), Some(150)],
    ]);
    let public = disclosed(&full);
    let withheld = |place: usize| public.years[&2027].reports[place].cells["SC01"] == Reading::Withheld;
    // All that is withheld, less what the rate of those that answer both is made of, is more than the first one's.
    assert!(withheld(0) && withheld(3));
    assert_eq!(recompute(&public).expect("sound"), recompute(&full).expect("sound"));
}
