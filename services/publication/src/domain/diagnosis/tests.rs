//! The diagnosis over invented institutions.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use proptest::prelude::*;
use rust_decimal::Decimal;
use zhijian_platform::rules::RulesDir;

use super::{
    institution::{self, Measure, Reason, Standing, diagnose, first},
    region,
    rules::{Library, Rules},
    values::{Answer, YearValues},
};
use crate::domain::figure::{Reading, Report};

fn rules() -> Rules {
    Library::load(&RulesDir::default()).expect("sound").of(2025).expect("rules").clone()
}

fn code(index: usize) -> String {
    format!("41110900{index:02}")
}

/// One value of an indicator for each institution; a year without a value has no cell.
fn year(rules: &Rules, indicator: &str, values: &[Option<i64>]) -> YearValues {
    let mut year = YearValues::of("higher");
    for (index, value) in values.iter().enumerate() {
        let reading = value.map(|value| (indicator.to_owned(), Reading::Number(Decimal::new(value, 1))));
        let readings: HashMap<String, Reading> = reading.into_iter().collect();
        year.add(rules, &Report { kind: "higher".to_owned(), subject: code(index), readings });
    }
    year
}

fn members(count: usize) -> BTreeSet<String> {
    (0..count).map(code).collect()
}

/// Looks at the first institution's indicator in the last of the years.
fn look<T>(indicator: &str, years: &[(i32, &[Option<i64>])], then: impl FnOnce(&Measure<'_>) -> T) -> T {
    let rules = rules();
    let group = rules.group("higher").expect("a group").clone();
    let members = members(years.iter().map(|(_, values)| values.len()).max().unwrap_or(0));
    let values: BTreeMap<i32, Arc<YearValues>> =
        years.iter().map(|(of, values)| (*of, Arc::new(year(&rules, indicator, values)))).collect();
    let ground = institution::Ground {
        rules: &rules,
        group: &group,
        organisation: &code(0),
        year: years.last().expect("a year").0,
        members: &members,
        years: &values,
    };
    let measures = diagnose(&ground);
    then(measures.iter().find(|one| one.indicator.code == indicator).expect("asked"))
}

fn some(values: &[i64]) -> Vec<Option<i64>> {
    values.iter().copied().map(Some).collect()
}

#[test]
fn an_institution_stands_among_the_others() {
    look("SC04", &[(2025, &some(&[990, 900, 910, 920, 930, 940]))], |one| {
        assert_eq!((one.peer_count, one.percentile), (5, Some(Decimal::ONE_HUNDRED)));
        assert_eq!(one.peers.as_ref().expect("enough").median(), Decimal::from(92));
        assert!(one.strength && one.standing == Standing::None, "{one:?}");
    });
}

#[test]
fn where_less_is_better_the_lowest_is_the_strength() {
    look("RES01", &[(2025, &some(&[120, 150, 160, 170, 175, 178]))], |one| {
        assert_eq!((one.percentile, one.favourable), (Some(Decimal::ZERO), Some(Decimal::ONE_HUNDRED)));
        assert!(one.strength && one.standing == Standing::Met);
    });
    look("RES01", &[(2025, &some(&[181, 150, 160, 170, 175, 178]))], |one| {
        assert_eq!(one.standing, Standing::NotMet);
        assert_eq!(one.reasons, [Reason::Threshold, Reason::Gap]);
        assert_eq!(one.priority, 5 * (5 + 3));
    });
}

#[test]
fn with_too_few_peers_nothing_is_compared() {
    look("SC04", &[(2025, &some(&[990, 900, 910, 920, 930]))], |one| {
        assert_eq!((one.peer_count, &one.peers, one.percentile), (4, &None, None));
        assert!(!one.strength && one.reasons.is_empty());
        assert!(one.trend.iter().all(|point| point.peer_median.is_none()));
    });
}

#[test]
fn what_depends_on_the_type_is_neither_met_nor_missed() {
    let values: HashMap<&str, i64> = HashMap::from([("BAS07", 15_000), ("BAS19", 1_000)]);
    let rules = rules();
    let mut year = YearValues::of("higher");
    let readings =
        values.iter().map(|(code, value)| ((*code).to_owned(), Reading::Number(Decimal::from(*value))));
    year.add(&rules, &Report { kind: "higher".into(), subject: code(0), readings: readings.collect() });
    let group = rules.group("higher").expect("a group").clone();
    let (members, years) = (members(1), BTreeMap::from([(2025, Arc::new(year))]));
    let ground = institution::Ground {
        rules: &rules,
        group: &group,
        organisation: &code(0),
        year: 2025,
        members: &members,
        years: &years,
    };
    let measures = diagnose(&ground);
    let room = measures.iter().find(|one| one.indicator.code == "ROOM").expect("asked");
    assert_eq!((room.answer, room.standing), (Answer::Value(Decimal::from(15)), Standing::ByType));
}

#[test]
fn a_fall_and_a_decline_are_warned_of() {
    look("SC04", &[(2023, &some(&[960])), (2024, &some(&[950])), (2025, &some(&[800]))], |one| {
        assert_eq!(one.change, Some(Decimal::from(-15)));
        assert_eq!(one.reasons, [Reason::Fall, Reason::Decline]);
        assert_eq!(one.priority, 5 * 4);
    });
    look("SC04", &[(2024, &some(&[950])), (2025, &some(&[949]))], |one| {
        assert!(one.reasons.is_empty(), "{one:?}")
    });
    // A gap between the years is no decline.
    look("SC04", &[(2023, &some(&[960])), (2024, &[None]), (2025, &some(&[800]))], |one| {
        assert!(one.reasons.is_empty() && one.change.is_none(), "{one:?}");
    });
    // Neither way is better: no warning.
    look("SC05", &[(2024, &some(&[950])), (2025, &some(&[100]))], |one| assert!(one.reasons.is_empty()));
}

#[test]
fn what_grows_with_size_is_compared_with_itself_alone() {
    let years =
        [(2024, &some(&[990, 10, 10, 11, 11, 12])[..]), (2025, &some(&[500, 10, 10, 11, 11, 12])[..])];
    look("SVC17", &years, |one| {
        assert_eq!((one.percentile, one.favourable), (Some(Decimal::ONE_HUNDRED), None));
        assert!(!one.strength && one.reasons == [Reason::Fall], "{one:?}");
    });
}

#[test]
fn a_region_names_who_is_far_off_and_who_is_missing() {
    let rules = rules();
    let group = rules.group("higher").expect("a group").clone();
    let mut given = some(&[900, 910, 920, 930, 940, 100]);
    given.push(None);
    let values = year(&rules, "SC04", &given);
    let members = members(9);
    let ground = region::Ground { rules: &rules, group: &group, members: &members, values: &values };
    assert_eq!(ground.not_reported(), [code(7), code(8)]);
    let all = ground.distributions();
    let one = all.iter().find(|one| one.indicator.code == "SC04").expect("asked");
    assert_eq!((one.outliers.as_slice(), one.empty), (&[code(5).as_str()][..], 1));
    let ranking = ground.ranking("SC04");
    assert_eq!(ranking.len(), 7);
    assert_eq!((ranking[0].organisation, ranking[5].organisation), (code(4).as_str(), code(5).as_str()));
    assert!(ranking[5].outlier && ranking[6].answer == Answer::Missing);
    assert!(ground.ranking("NONE").is_empty());
}

proptest! {
    #[test]
    fn who_the_peers_are_does_not_matter_only_what_they_report(
        own in 0_i64..1000,
        (peers, shuffled) in proptest::collection::vec(0_i64..1000, 0..20)
            .prop_flat_map(|peers| (Just(peers.clone()), Just(peers).prop_shuffle()))
    ) {
        let with = |peers: &[i64]| {
            let mut all = vec![Some(own)];
            all.extend(some(peers));
            look("SC04", &[(2025, &all)], |one| {
                (one.percentile, one.favourable, one.peers.clone(), one.reasons.clone(), one.strength)
            })
        };
        let first = with(&peers);
        prop_assert_eq!(&first, &with(&shuffled));
        let (percentile, _, spread, reasons, strength) = first;
        prop_assert_eq!(spread.is_some(), peers.len() >= 5);
        prop_assert!(percentile.is_none_or(|place| Decimal::ZERO <= place && place <= Decimal::ONE_HUNDRED));
        prop_assert!(!(strength && reasons.contains(&Reason::Gap)));
    }

    #[test]
    fn what_comes_first_has_the_most_points(values in proptest::collection::vec(0_i64..1000, 6..12)) {
        let rules = rules();
        let group = rules.group("higher").expect("a group").clone();
        let mut year = YearValues::of("higher");
        for (index, value) in values.iter().enumerate() {
            let terms = super::values::terms(&rules);
            let readings = terms.into_iter().enumerate().map(|(place, term)| {
                (term, Reading::Number(Decimal::from(value * (place as i64 % 7 + 1) % 997 + 1)))
            });
            year.add(&rules, &Report { kind: "higher".into(), subject: code(index), readings: readings.collect() });
        }
        let (members, years) = (members(values.len()), BTreeMap::from([(2025, Arc::new(year))]));
        let ground = institution::Ground {
            rules: &rules, group: &group, organisation: &code(0), year: 2025, members: &members, years: &years,
        };
        let measures = diagnose(&ground);
        let ranked = first(&rules, &measures);
        prop_assert!(ranked.len() <= rules.first);
        prop_assert!(ranked.windows(2).all(|pair| pair[0].priority >= pair[1].priority));
        let least = ranked.last().map_or(0, |one| one.priority);
        if ranked.len() == rules.first {
            prop_assert!(measures.iter().filter(|one| one.priority > least).count() < rules.first);
        } else {
            prop_assert_eq!(ranked.len(), measures.iter().filter(|one| one.priority > 0).count());
        }
    }
}
