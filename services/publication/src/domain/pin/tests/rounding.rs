//! Counts that are rounded instead of withheld.

use std::fs;

use ed25519_compact::{KeyPair, Seed};
use zhijian_platform::rules::RulesError;

use super::*;
use crate::{
    bundle,
    domain::{derivation, figure::Figure},
};

const RULES: &str = r#"
year = 2027
minimum = 5
institutions = 2
indicators = ["SC01", "SC02", "SC03", "SAT01N"]
method = "round"
base = 5
"#;

fn load(file: &str) -> Result<Disclosures, RulesError> {
    let dir = tempfile::tempdir().expect("a directory");
    fs::create_dir_all(dir.path().join("publication/disclosure")).expect("a folder");
    fs::write(dir.path().join("publication/disclosure/2027.toml"), file).expect("a file");
    Disclosures::load(&RulesDir::new(Some(dir.path().to_owned())))
}

fn rounding(base: u32) -> Disclosure {
    let file = RULES.replace("base = 5", &format!("base = {base}"));
    load(&file).expect("sound").of(2027).expect("there").clone()
}

fn disclosed(full: &Pinned, base: u32) -> Pinned {
    rounding(base).disclosed(full, &plan(full)).expect("small numbers")
}

fn cell(pinned: &Pinned, place: usize, code: &str) -> Reading {
    pinned.years[&2027].reports[place].cells[code]
}

#[test]
fn the_rules_are_read_strictly() {
    assert_eq!(rounding(5).base(), Some(5));
    for (from, to, words) in [
        ("base = 5", "", "base: must be between 2 and 100"),
        ("base = 5", "base = 1", "base: must be between 2 and 100"),
        ("base = 5", "base = 101", "base: must be between 2 and 100"),
        ("method = \"round\"", "", "base: means nothing without method = \"round\""),
        ("method = \"round\"", "method = \"withhold\"", "base: means nothing"),
        ("method = \"round\"", "method = \"cut\"", "cut"),
    ] {
        let error = load(&RULES.replace(from, to)).expect_err(to).to_string();
        assert!(error.starts_with("publication/disclosure/2027.toml"), "{error}");
        assert!(error.contains(words), "{to}: {error}");
    }
    assert_eq!(rules().base(), None, "the shipped rules withhold");
}

/// Four schools: one of three graduates; none of them has a count at an edge of its interval.
fn four() -> Pinned {
    pinned(&[
        [Some(4), Some(1), Some(90), Some(50)],
        [Some(40), Some(30), Some(80), Some(150)],
        [Some(300), Some(241), Some(85), Some(91)],
        [Some(0), Some(0), Some(70), Some(90)],
    ])
}

#[test]
fn one_small_count_rounds_those_of_every_institution_and_the_totals_stand() {
    let full = four();
    let public = disclosed(&full, 5);
    let told: Vec<[Reading; 2]> =
        (0..4).map(|place| ["SC01", "SC03"].map(|code| cell(&public, place, code))).collect();
    let around = |number: i64| Reading::Rounded(number.into());
    assert_eq!(
        told,
        [
            [around(5), around(0)],
            [around(40), around(30)],
            [around(300), around(240)],
            [around(0), around(0)]
        ],
        "zero is told as one and two are"
    );
    assert_eq!(public.years[&2027].rounded_to, [5].into());
    // The survey has no small count: its numbers are told.
    assert_eq!(cell(&public, 0, "SAT01"), Reading::Number(90.into()));
    assert_eq!(recompute(&public).expect("sound"), recompute(&full).expect("sound"));
    let json = serde_json::to_string(&public).expect("plain data");
    assert!(json.contains(r#""SC01":"≈5""#) && json.contains(r#""rounded_to":[5]"#), "{json}");
    assert_eq!(serde_json::from_str::<Pinned>(&json).expect("our own"), public);

    let nothing_small = pinned(&[[Some(50), Some(9), Some(90), Some(50)]]);
    assert_eq!(disclosed(&nothing_small, 5), nothing_small);
}

#[test]
fn what_a_rate_would_tell_is_withheld_where_counts_are_small() {
    let mut full = four();
    let pins = full.years.get_mut(&2027).expect("there");
    let rate = PinnedIndicator { formula: "SC03 / SC01 * 100".to_owned(), ..pins.indicators["SC01"].clone() };
    pins.indicators.insert("SC04".to_owned(), rate);
    for report in &mut pins.reports {
        report.cells.insert("SC04".to_owned(), Reading::Number(25.into()));
    }
    let public = disclosed(&full, 5);
    assert_eq!(cell(&public, 0, "SC04"), Reading::Withheld);
    assert_eq!(cell(&public, 1, "SC04"), Reading::Withheld, "another hides it");
    assert_eq!(cell(&public, 2, "SC04"), Reading::Number(25.into()));
    assert!(matches!(cell(&public, 2, "SC01"), Reading::Rounded(_)));
}

#[test]
fn where_the_total_would_give_it_away_counts_are_withheld() {
    // Four may be three, if the other's forty are forty-one.
    let with_room = [[Some(4), Some(0), Some(90), Some(50)], [Some(40), Some(0), Some(80), Some(150)]];
    let hides = |rows: &[[Option<i64>; 4]], base: u32| -> Vec<Reading> {
        let public = disclosed(&pinned(rows), base);
        (0..rows.len()).map(|place| cell(&public, place, "SC01")).collect()
    };
    assert_eq!(hides(&with_room, 5), [Reading::Rounded(5.into()), Reading::Rounded(40.into())]);
    let mut edge = with_room;
    // Three may be four alone, if the other has one less; but then it would be told as thirty-five.
    (edge[0][0], edge[1][0]) = (Some(3), Some(38));
    assert_eq!(hides(&edge, 5), [Reading::Withheld; 2]);
    // A third who has room lets both be told.
    let more = [edge[0], edge[1], [Some(60), Some(0), Some(80), Some(150)]];
    assert!(hides(&more, 5).iter().all(|reading| matches!(reading, Reading::Rounded(_))));
    // With one institution alone the total is its number; so it is not told twice.
    assert_eq!(hides(&[[Some(3), Some(0), Some(90), Some(50)]], 5), [Reading::Withheld]);
}

#[test]
fn what_is_known_to_be_less_gives_nothing_away() {
    // Whoever went on to study has graduated: 4 + 8 graduates, 4 + 7 of whom went on. With 5, 10 and 5, 5 told, the totals
    // 12 and 11 leave one possibility: the second school's are at least 8 and at most 7.
    let full = pinned(&[[Some(4), Some(4), Some(90), Some(50)], [Some(8), Some(7), Some(80), Some(150)]]);
    let public = disclosed(&full, 5);
    for code in ["SC01", "SC03"] {
        assert_eq!([0, 1].map(|place| cell(&public, place, code)), [Reading::Withheld; 2], "{code}");
    }
}

#[test]
fn a_derivation_tells_rounded_cells_and_the_exact_sum() {
    let public = disclosed(&four(), 5);
    let figure = Figure { report_kinds: vec!["higher".to_owned()], measure: Measure::Sum("SC01".to_owned()) };
    let sum = derivation::figure(&public, 2027, &figure, None).expect("there");
    assert_eq!((sum.value, sum.is_rounded), (Some(Decimal::from(344)), false));
    assert_eq!((sum.withheld, sum.rounded), (0, 4));
    let cells: Vec<String> =
        sum.reports.iter().flat_map(|report| derivation::cells(report, &sum.terms)).collect();
    assert_eq!(cells, ["≈5", "≈40", "≈300", "≈0"]);
    let own = derivation::figure(&public, 2027, &figure, Some("0")).expect("there");
    assert_eq!((own.value, own.is_rounded, own.terms[0].sum), (Some(Decimal::from(5)), true, None));
}

#[test]
fn a_bundle_of_rounded_counts_is_computed_again() {
    let pinned = disclosed(&four(), 5);
    let made = recompute(&pinned).expect("sound");
    let about = bundle::About {
        format: bundle::FORMAT.to_owned(),
        region: text("市"),
        year: 2027,
        version: 1,
        kind: "original".to_owned(),
        title: text("年报"),
        text: None,
        publish_time: "2028-01-01T00:00:00Z".to_owned(),
        demonstration: true,
        note: None,
        tables: made.tables.iter().map(|one| one.table.number.clone()).collect(),
    };
    let content = bundle::Content {
        about,
        tables: made.tables.into_iter().map(|one| (one.table, one.csv)).collect(),
        editions: vec![],
        pins: serde_json::to_vec(&pinned).expect("plain data"),
    };
    let key = bundle::SigningKey::new(KeyPair::from_seed(Seed::new([7; 32])));
    let files = bundle::seal(bundle::content(&content).expect("writable"), &key, "test");
    let verified = bundle::verify(&files, None).unwrap_or_else(|faults| panic!("{faults:?}"));
    assert_eq!((verified.tables, verified.pinned), (2, pinned));
    let pins = String::from_utf8(files[bundle::PINS].clone()).expect("text");
    assert!(pins.contains("≈") && !pins.contains(r#""SC01":"4""#), "{pins}");
}

/// Every way in which `places` reports can share totals, each count within what is told of it and what one count may be of
/// the other.
fn worlds(told: &[[i64; 2]], base: i64, totals: [i64; 2]) -> Vec<Vec<[i64; 2]>> {
    let Some((first, rest)) = told.split_first() else {
        return if totals == [0, 0] { vec![vec![]] } else { vec![] };
    };
    let range = |around: i64| {
        let candidates = (around - base).max(0)..=around + base;
        candidates.filter(move |count| (2 * count + base).div_euclid(2 * base) * base == around)
    };
    let mut found = Vec::new();
    for graduates in range(first[0]) {
        for went_on in range(first[1]).filter(|went_on| *went_on <= graduates) {
            for mut world in worlds(rest, base, [totals[0] - graduates, totals[1] - went_on]) {
                world.push([graduates, went_on]);
                found.push(world);
            }
        }
    }
    found
}

fn small_region() -> impl Strategy<Value = Vec<[i64; 2]>> {
    let count = prop_oneof![2 => Just(0_i64), 6 => 1_i64..9, 3 => 9_i64..60];
    let school = (count, 0_i64..=100).prop_map(|(graduates, share)| [graduates, graduates * share / 100]);
    proptest::collection::vec(school, 2..5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    /// Readers who know the totals, what is told rounded, that nobody went on who has not graduated, that some count is
    /// small, and the counts of every school that withholds no rate, are left with more than one number for each small one.
    #[test]
    fn subtraction_leaves_more_than_one_candidate(schools in small_region(), base in 2_u32..8) {
        let rows: Vec<[Option<i64>; 4]> =
            schools.iter().map(|[of, to]| [Some(*of), Some(*to), None, None]).collect();
        let mut full = pinned(&rows);
        let pins = full.years.get_mut(&2027).expect("there");
        let rate = PinnedIndicator { formula: "SC03 / SC01 * 100".to_owned(), unit: text("%"), ..pins.indicators["SC01"].clone() };
        pins.indicators.insert("SC04".to_owned(), rate);
        for report in &mut pins.reports {
            report.cells.insert("SC04".to_owned(), Reading::Number(50.into()));
        }
        let public = disclosed(&full, base);
        if public.years[&2027].rounded_to.is_empty() {
            return Ok(());
        }
        let withheld: Vec<usize> =
            (0..rows.len()).filter(|place| cell(&public, *place, "SC04") == Reading::Withheld).collect();
        let around = |place: usize| ["SC01", "SC03"].map(|code| match cell(&public, place, code) {
            Reading::Rounded(number) => i64::try_from(number).expect("whole"),
            other => panic!("{other:?}"),
        });
        let told: Vec<[i64; 2]> = withheld.iter().map(|place| around(*place)).collect();
        let total = |code: usize| withheld.iter().map(|place| schools[*place][code]).sum();
        let mut worlds = worlds(&told, base.into(), [total(0), total(1)]);
        worlds.iter_mut().for_each(|world| world.reverse());
        worlds.retain(|world| world.iter().flatten().any(|count| (1..5).contains(count)));
        for (index, place) in withheld.iter().enumerate() {
            for code in 0..2 {
                if (1..5).contains(&schools[*place][code]) {
                    let candidates: std::collections::BTreeSet<i64> =
                        worlds.iter().map(|world| world[index][code]).collect();
                    prop_assert!(candidates.len() > 1, "{schools:?}: {code} of {place} is {candidates:?}");
                }
            }
        }
    }

    #[test]
    fn rounding_changes_no_published_number_and_tells_no_small_one(
        rows in proptest::collection::vec([any_cell(), any_cell(), any_cell(), any_cell()], 1..12),
        base in 2_u32..12,
    ) {
        let full = pinned(&rows);
        let public = disclosed(&full, base);
        let figures = |pinned: &Pinned| {
            let facts = facts(pinned, plan(pinned)).expect("small numbers");
            let figures = plan(pinned).figures[&2027].clone();
            figures.into_iter().map(|figure| facts.years[&2027].outcome(&figure).ok()).collect::<Vec<_>>()
        };
        prop_assert_eq!(figures(&public), figures(&full));
        let half = Decimal::from(base) / Decimal::TWO;
        for (place, row) in rows.iter().enumerate() {
            for (code, exact) in CODES.iter().zip(row) {
                let told = cell(&public, place, code);
                let Some(exact) = exact.map(Decimal::from) else {
                    prop_assert_eq!(told, Reading::NotApplicable);
                    continue;
                };
                let listed = *code != "SAT01";
                match told {
                    Reading::Rounded(number) => {
                        prop_assert!(listed && (number - exact).abs() <= half, "{} for {}", number, exact);
                        prop_assert!((number % Decimal::from(base)).is_zero());
                    }
                    Reading::Number(number) => {
                        prop_assert_eq!(number, exact);
                        prop_assert!(!listed || exact.is_zero() || exact >= Decimal::from(5));
                    }
                    _ => {}
                }
            }
        }
        // Where one count is rounded, so is that of every institution.
        for code in ["SC01", "SC03", "SAT01N"] {
            let of = |hidden: fn(&Reading) -> bool| {
                (0..rows.len()).filter(|place| hidden(&cell(&public, *place, code))).count()
            };
            let rounded = of(|reading| matches!(reading, Reading::Rounded(_)));
            prop_assert!(rounded == 0 || of(|reading| matches!(reading, Reading::Number(_))) == 0);
        }
    }
}
