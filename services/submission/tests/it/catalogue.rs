//! The catalogue through its own RPC, and what it means for cells: units, choices, optional cells, and the difference
//! between nothing, zero and 不适用.

use std::collections::BTreeMap;

use zhijian_proto::{common::v1::Level, identity::v1::organisation, submission::v1::*};

use crate::harness::*;

fn in_unit(code: &str, text: &str, unit: &str) -> Cell {
    Cell { unit: unit.to_owned(), ..cell(code, number(text), "") }
}

#[tokio::test]
async fn the_catalogue_says_everything_about_a_row_and_a_kind() {
    each(|world| async move {
        let catalogue = world.catalogue(2025).await;
        let indicators: BTreeMap<&str, &Indicator> =
            catalogue.indicators.iter().map(|one| (one.code.as_str(), one)).collect();
        let rate = indicators["SC04"];
        assert_eq!(rate.formula_words.as_ref().unwrap().zh, "去向落实人数 ÷ 毕业生人数 × 100");
        assert_eq!(
            (rate.aggregation(), rate.source()),
            (indicator::Aggregation::Formula, indicator::Source::Formula)
        );
        assert_eq!((rate.required, rate.tables.as_slice()), (false, ["2-1".to_owned()].as_slice()));
        let satisfaction = indicators["SAT01"];
        assert_eq!(satisfaction.aggregation(), indicator::Aggregation::WeightedMean);
        assert_eq!(
            (satisfaction.weight_code.as_str(), satisfaction.source()),
            ("SAT01N", indicator::Source::Survey)
        );
        assert_eq!(satisfaction.levels().collect::<Vec<_>>(), [Level::Secondary, Level::Higher]);
        let method = indicators["SAT01M"];
        let choices: Vec<&str> = method.choices.iter().map(|choice| choice.code.as_str()).collect();
        assert_eq!(choices, method.options);
        assert_eq!(method.choices[0].name.as_ref().unwrap().zh, "网络问卷");
        assert!(!indicators["SAT11"].required);

        let unit = |code: &str| catalogue.units.iter().find(|unit| unit.code == code).unwrap();
        assert_eq!((unit("yi").base_code.as_str(), unit("yi").factor.as_str()), ("yuan", "100000000"));
        assert!(
            catalogue
                .indicators
                .iter()
                .all(|one| catalogue.units.iter().any(|unit| unit.code == one.unit_code))
        );

        let kind = |code: &str| catalogue.report_kinds.iter().find(|kind| kind.code == code).unwrap();
        let enterprise = kind("enterprise");
        assert_eq!(enterprise.subject(), report_kind::Subject::Enterprise);
        assert!(enterprise.submitter_kinds().all(|kind| kind != organisation::Kind::Enterprise));
        let higher = kind("higher");
        let declaration = &higher.annexes[0];
        assert!(!declaration.required && declaration.signed && declaration.code == "declaration");
        assert_eq!(declaration.media_types, ["application/pdf"]);
        assert_eq!(
            (higher.max_case_characters, higher.levels().collect::<Vec<_>>()),
            (1000, vec![Level::Higher])
        );
        let required: Vec<bool> = higher.sections.iter().map(|section| section.required).collect();
        assert_eq!(required, [false, true, true, true, true, true, true, true, true], "all but the preface");
        let later = world.catalogue(2026).await;
        assert!(later.report_kinds[0].annexes[0].required, "it is handed in here from 2026 on");
        let cases: i32 = later.report_kinds[0].sections.iter().map(|section| section.min_cases).sum();
        assert_eq!(cases, 6);
    })
    .await;
}

#[tokio::test]
async fn every_row_of_the_official_tables_is_in_the_catalogue() {
    each(|world| async move {
        let catalogue = world.catalogue(2025).await;
        // A row's own number; what goes with it (its responses, its method, its parts) carries a letter behind it.
        let numbers = |group: &str| -> Vec<u32> {
            let of = catalogue.indicators.iter().filter(|one| one.group_code == group);
            of.filter_map(|one| one.code.strip_prefix(group)?.parse().ok()).collect()
        };
        let rows = [("SC", 14), ("SAT", 11), ("RES", 21), ("SVC", 21), ("INT", 18), ("POL", 20), ("COP", 12)];
        for (group, last) in rows {
            assert_eq!(numbers(group), (1..=last).collect::<Vec<u32>>(), "{group}");
        }
        // The eighteen rows of the basic table, and the full-time equivalents that three formulae divide by.
        assert_eq!(numbers("BAS"), (1..=19).collect::<Vec<u32>>());
        for one in &catalogue.indicators {
            let name = one.name.as_ref().expect("a name");
            assert!(!name.zh.is_empty() && !name.en.is_empty() && !one.unit_code.is_empty(), "{}", one.code);
            assert_ne!(one.source(), indicator::Source::Unspecified, "{}", one.code);
            assert_ne!(one.aggregation(), indicator::Aggregation::Unspecified, "{}", one.code);
        }
    })
    .await;
}

#[tokio::test]
async fn a_value_in_another_unit_is_converted_exactly_and_says_so() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        let saved = world
            .save(
                &submission,
                vec![
                    in_unit("BAS16", "1.2", "yi"),
                    in_unit("BAS06", "70.182", "万平方米"),
                    cell("BAS08", number("3.05亿元"), ""),
                    cell("SVC01", number("0.12万人"), ""),
                    cell("SVC06", number("88.5万元"), ""),
                    in_unit("BAS02", "4000", ""),
                ],
            )
            .await
            .unwrap();
        let said: BTreeMap<&str, (Option<String>, Option<String>)> = saved
            .cells
            .iter()
            .filter(|cell| !cell.derived)
            .map(|cell| {
                let conversion = cell.conversion.clone();
                let text = conversion.map(|conversion| conversion.text.unwrap().zh);
                let value = match cell.value.clone().unwrap().kind.unwrap() {
                    zhijian_proto::common::v1::value::Kind::Number(number) => Some(number),
                    _ => None,
                };
                (cell.indicator_code.as_str(), (value, text))
            })
            .collect();
        let kept =
            |value: &str, text: &str| (Some(value.to_owned()), (!text.is_empty()).then(|| text.to_owned()));
        assert_eq!(
            said,
            BTreeMap::from([
                ("BAS16", kept("12000", "1.2 亿元 = 12000 万元")),
                ("BAS06", kept("701820", "70.182 万㎡ = 701820 ㎡")),
                ("BAS08", kept("30500", "3.05 亿元 = 30500 万元")),
                ("SVC01", kept("1200", "0.12 万人 = 1200 人")),
                ("SVC06", kept("88.5", "")),
                ("BAS02", kept("4000", "")),
            ])
        );
        // What is read later is the kept value, in the indicator's own unit.
        let cells = world.cells(&submission, 0).await;
        assert_eq!(
            (cells["BAS16"].value.clone(), cells["BAS16"].conversion.clone()),
            (number("12000"), None)
        );

        let refused = world
            .save(
                &submission,
                vec![
                    in_unit("SVC08", "1.2", "万人"),
                    cell("SVC15", number("12345元"), ""),
                    in_unit("SC01", "3", "箱"),
                    in_unit("SVC07", "1.2亿元", "万元"),
                ],
            )
            .await
            .unwrap_err();
        let named: Vec<(String, bool)> = violations(&refused)
            .into_iter()
            .zip(["可用：元、万元、亿元", "12345 元 = 1.2345 万元", "可用：人、万人", "只留一个单位"])
            .map(|((field, text), part)| (field, text.contains(part)))
            .collect();
        assert_eq!(named, [0, 1, 2, 3].map(|place| (format!("cells[{place}].value"), true)));
    })
    .await;
}

#[tokio::test]
async fn nothing_zero_and_not_applicable_stay_three_things() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "secondary", SCHOOL, "").await;
        world
            .save(
                &submission,
                vec![
                    cell("SC01", number("0"), ""),
                    cell("SC02", not_applicable("本学年没有毕业生"), ""),
                    cell("POL06", number("40"), ""),
                    cell("BAS05", number("0"), ""),
                    cell("SAT01M", option("网络问卷"), ""),
                ],
            )
            .await
            .unwrap();
        let cells = world.cells(&submission, 0).await;
        assert_eq!(cells["SC01"].value, number("0"));
        assert_eq!(cells["SC02"].value, not_applicable("本学年没有毕业生"));
        assert_eq!(cells["SC03"].value, None);
        assert_eq!(cells["SAT01M"].value, option("online"), "a choice is kept by its code");
        // A rate of zero is a number; one without graduates, or with a term that is missing or does not apply, is none.
        assert_eq!(cells["RES02"].value, number("0"));
        for code in ["SC04", "SC05", "RES03"] {
            assert_eq!((cells[code].derived, cells[code].value.clone()), (true, None), "{code}");
        }
        let findings = world.check(&submission).await.findings;
        let empty: Vec<&str> = findings
            .iter()
            .filter(|finding| finding.rule_code == "C03")
            .flat_map(|finding| finding.indicator_codes.iter().map(String::as_str))
            .collect();
        assert!(empty.contains(&"SC03") && !empty.contains(&"SC01") && !empty.contains(&"SC02"));
        assert!(!empty.contains(&"SAT11"), "an optional cell may stay empty");
        assert_eq!(world.get(&submission).await.filled_cells, 5);
    })
    .await;
}

#[tokio::test]
async fn an_enterprise_is_reported_on_by_the_school_that_it_is_bound_to() {
    each(|world| async move {
        world.collecting(2025, None).await;
        world.create(2025, "enterprise", COLLEGE, ENTERPRISE).await;
        let refused = world.try_create(2025, "enterprise", OTHER_COLLEGE, ENTERPRISE).await.unwrap_err();
        let named = violations(&refused);
        assert_eq!(named[0].0, "subject_code");
        assert!(named[0].1.contains(ENTERPRISE) && named[0].1.contains("合作企业"), "{named:?}");
        let unknown = world.try_create(2025, "enterprise", COLLEGE, "9211999999").await.unwrap_err();
        assert_eq!(violations(&unknown)[0].0, "subject_code");
    })
    .await;
}
