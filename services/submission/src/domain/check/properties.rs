//! What rules do whatever the numbers are: missing values, tolerances, pairs, stages.

use std::sync::Arc;

use proptest::prelude::*;
use zhijian_platform::rules::RulesDir;

use super::*;
use crate::domain::{
    catalogue::{Catalogues, Missing},
    value::Value,
};

/// The indicators and kinds of 2025 with these rules, as a file of a later year would give them.
pub(in crate::domain) fn drafted(rules: &str) -> Arc<Catalogue> {
    load(rules).unwrap_or_else(|error| panic!("{error}"))
}

fn load(rules: &str) -> Result<Arc<Catalogue>, String> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let folder = directory.path().join("submission/catalogue/2030");
    std::fs::create_dir_all(&folder).expect("a folder");
    for name in ["indicators.toml", "kinds.toml"] {
        std::fs::write(folder.join(name), "extends = 2025").expect("written");
    }
    std::fs::write(folder.join("rules.toml"), rules).expect("written");
    let catalogues = Catalogues::load(&RulesDir::new(Some(directory.path().to_owned())));
    Ok(catalogues.map_err(|error| error.to_string())?.get(2030).expect("it is there").clone())
}

/// A rule of these lines.
fn rule(lines: &str) -> String {
    format!(
        "[[rule]]\ncode = \"T\"\nstage = \"values\"\nreport_kinds = [\"enterprise\"]\nseverity = \"error\"\n{lines}\n\
         message = {{ zh = \"错\", en = \"wrong\" }}\nhint = {{ zh = \"改\", en = \"mend\" }}\n"
    )
}

/// Whether the only rule applied, and what it found.
fn outcome(catalogue: &Catalogue, values: &[(&str, Option<Value>)]) -> (bool, Option<String>) {
    let given = values.iter().filter_map(|(code, value)| Some(((*code).to_owned(), value.clone()?)));
    let report = Report {
        catalogue,
        kind: catalogue.kind("enterprise").expect("a kind"),
        cells: &given.collect(),
        last: &Cells::new(),
        sections: &BTreeMap::new(),
        beside: &Beside::default(),
    };
    let mut outcome = run(report);
    (outcome.rules_run == 1, outcome.findings.pop().map(|finding| finding.computation))
}

fn number(value: Option<i64>) -> Option<Value> {
    value.map(|value| Value::Number(value.into()))
}

/// A cell that is empty, a small number, or left out with a reason.
fn any_cell() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        Just(None),
        (0_i64..4).prop_map(|value| number(Some(value))),
        Just(Some(Value::NotApplicable("不适用".to_owned()))),
    ]
}

fn with_strategy(missing: &str) -> Arc<Catalogue> {
    drafted(&rule(&format!(
        "left = \"ENT02\"\noperator = \"<=\"\nright = \"ENT03 + ENT04\"\nmissing = \"{missing}\""
    )))
}

proptest! {
    #[test]
    fn a_missing_value_is_never_a_number(cells in [any_cell(), any_cell(), any_cell()]) {
        static RULES: std::sync::LazyLock<[(Missing, Arc<Catalogue>); 3]> = std::sync::LazyLock::new(|| [
            (Missing::SkipIfAny, with_strategy("skip_if_any")),
            (Missing::SkipIfAll, with_strategy("skip_if_all")),
            (Missing::Never, with_strategy("never")),
        ]);
        let left_out = cells.iter().any(|cell| matches!(cell, Some(Value::NotApplicable(_))));
        let empty = cells.iter().filter(|cell| cell.is_none()).count();
        let [one, two, three] = cells.clone();
        let values = [("ENT02", one), ("ENT03", two), ("ENT04", three)];
        for (strategy, catalogue) in RULES.iter() {
            let (applied, found) = outcome(catalogue, &values);
            let numbers: Option<Vec<Decimal>> = cells.iter().map(|cell| match cell {
                Some(Value::Number(number)) => Some(*number),
                _ => None,
            }).collect();
            match numbers {
                Some(numbers) => {
                    prop_assert!(applied);
                    prop_assert_eq!(found.is_none(), numbers[0] <= numbers[1] + numbers[2]);
                }
                None if left_out => prop_assert!(!applied, "what does not apply asks nothing"),
                None => {
                    let skipped = match strategy {
                        Missing::SkipIfAny => true,
                        Missing::SkipIfAll => empty == 3,
                        Missing::Never => false,
                    };
                    prop_assert_eq!(applied, !skipped, "{:?}", strategy);
                    prop_assert_eq!(found.map(|computation| computation.contains("= ?")), (!skipped).then_some(true));
                }
            }
        }
    }

    #[test]
    fn a_tolerance_holds_to_its_last_digit(value in 0_i64..10_000, off in -20_i64..=20) {
        static RULES: std::sync::LazyLock<[(&str, Arc<Catalogue>); 3]> = std::sync::LazyLock::new(|| {
            ["==", "<=", ">="].map(|operator| {
                let lines = format!("left = \"ENT01\"\noperator = \"{operator}\"\nright = \"ENT05\"\ntolerance = \"0.10\"");
                (operator, drafted(&rule(&lines)))
            })
        });
        let left = Value::Number(Decimal::new(value * 100 + off, 2));
        let values = [("ENT01", Some(left)), ("ENT05", number(Some(value)))];
        for (operator, catalogue) in RULES.iter() {
            let holds = match *operator {
                "==" => off.abs() <= 10,
                "<=" => off <= 10,
                _ => off >= -10,
            };
            prop_assert_eq!(outcome(catalogue, &values), (true, (!holds).then(|| outcome(catalogue, &values).1.unwrap_or_default())));
            prop_assert_eq!(outcome(catalogue, &values).1.is_none(), holds, "{} by {}", operator, off);
        }
    }

    #[test]
    fn pairs_are_about_what_is_given(one in any_cell(), other in any_cell()) {
        static RULES: std::sync::LazyLock<[Arc<Catalogue>; 2]> = std::sync::LazyLock::new(|| {
            ["both_or_neither", "not_both"].map(|operator| {
                drafted(&rule(&format!("left = \"ENT02\"\noperator = \"{operator}\"\nright = \"ENT03\"")))
            })
        });
        let left_out = [&one, &other].iter().any(|cell| matches!(cell, Some(Value::NotApplicable(_))));
        let given = (one.is_some(), other.is_some());
        let values = [("ENT02", one), ("ENT03", other)];
        let [together, apart] = &*RULES;
        prop_assert_eq!(outcome(together, &values).1.is_some(), !left_out && given.0 != given.1);
        prop_assert_eq!(outcome(apart, &values).1.is_some(), !left_out && given == (true, true));
    }
}

#[test]
fn sides_are_of_any_type() {
    let date = drafted(
        &rule("left = \"due\"\noperator = \"<\"\nright = \"day('2025-12-31')\"")
            .replace("\"enterprise\"", "\"higher\""),
    );
    let kind = date.kind("higher").expect("a kind");
    let found = |due: &str| {
        let beside = Beside { due: due.parse().ok(), ..Beside::default() };
        let (cells, sections) = (Cells::new(), BTreeMap::new());
        run(Report {
            catalogue: &date,
            kind,
            cells: &cells,
            last: &cells,
            sections: &sections,
            beside: &beside,
        })
        .findings
    };
    assert!(found("2025-12-30").is_empty());
    assert_eq!(found("2025-12-31")[0].computation, "2025-12-31 ≥ 2025-12-31");

    let choice = drafted(
        &rule("left = \"SAT01M\"\noperator = \"!=\"\nright = \"'paper'\"")
            .replace("\"enterprise\"", "\"higher\""),
    );
    let kind = choice.kind("higher").expect("a kind");
    let found = |option: &str| {
        let cells = Cells::from([("SAT01M".to_owned(), Value::Text(option.to_owned()))]);
        let (last, sections) = (Cells::new(), BTreeMap::new());
        let report = Report {
            catalogue: &choice,
            kind,
            cells: &cells,
            last: &last,
            sections: &sections,
            beside: &Beside::default(),
        };
        run(report).findings.len()
    };
    assert_eq!((found("online"), found("paper")), (0, 1));

    let truth = drafted(
        &rule("left = \"has_last\"\noperator = \"==\"\nright = \"ENT02 > 3\"")
            .replace("\"values\"", "\"last_year\""),
    );
    assert_eq!(outcome(&truth, &[("ENT02", number(Some(3)))]).1, None);
    assert!(outcome(&truth, &[("ENT02", number(Some(4)))]).1.is_some());
}

#[test]
fn mistakes_in_rules_are_named_by_file_and_key() {
    let file = "submission/catalogue/2030/rules.toml";
    for (lines, key) in [
        ("left = \"ENT02\"\noperator = \"<=\"", "rule T.expression"),
        ("expression = \"ENT02 > 0\"\nleft = \"ENT02\"", "rule T.expression"),
        ("left = \"ENT02\"\noperator = \"<=\"\nright = \"ENT99\"", "rule T.right"),
        ("left = \"ENT02\"\noperator = \"<=\"\nright = \"'text'\"", "rule T.right"),
        ("left = \"'a'\"\noperator = \"<\"\nright = \"'b'\"", "rule T.operator"),
        ("left = \"'a'\"\noperator = \"==\"\nright = \"'b'\"\ntolerance = \"1\"", "rule T.tolerance"),
        ("left = \"ENT02\"\noperator = \"==\"\nright = \"1\"\ntolerance = \"-1\"", "rule T.tolerance"),
        ("left = \"ENT02\"\noperator = \"not_both\"\nright = \"1\"", "rule T.operator"),
        (
            "left = \"ENT02\"\noperator = \"not_both\"\nright = \"ENT03\"\nmissing = \"never\"",
            "rule T.operator",
        ),
        ("left = \"due\"\noperator = \"<\"\nright = \"day('2025-02-30')\"", "rule T.right"),
        ("expression = \"has_last\"", "rule T.stage"),
        ("expression = \"last.ENT02 > 0\"", "rule T.stage"),
        ("expression = \"ENT02 > 0\"\nover = [\"ENT02\"]", "rule T"),
    ] {
        let error = load(&rule(lines)).expect_err(lines);
        assert!(error.contains(file) && error.contains(key), "{lines}: {error}");
    }
    let error = load(
        &rule("expression = \"ENT02 > 0\"")
            .replace("\"T\"", "\"T-{it}\"")
            .replace("stage", "over = [\"ENT02\", \"ENT02\"]\nstage"),
    );
    assert!(error.expect_err("twice").contains("rule T-ENT02"));
    let error =
        load(&rule("operator = \"~\"\nleft = \"ENT02\"\nright = \"1\"")).expect_err("no such operator");
    assert!(error.contains(file) && error.contains("operator"), "{error}");
}

#[test]
fn every_rule_says_how_it_stands_to_the_year_before() {
    use crate::domain::catalogue::Standing::{self, Carried, Changed, New};
    let catalogue = drafted(
        r#"
        extends = 2026
        [[rule]]
        code = "V09"
        stage = "last_year"
        report_kinds = ["higher"]
        severity = "error"
        expression = "BAS02 < last.BAS02 * 2"
        message = { zh = "错", en = "wrong" }
        hint = { zh = "改", en = "mend" }
        [[rule]]
        code = "X01"
        stage = "form"
        report_kinds = ["higher"]
        severity = "info"
        expression = "BAS02 > 0"
        message = { zh = "错", en = "wrong" }
        hint = { zh = "改", en = "mend" }
        "#,
    );
    let standing = |catalogue: &Catalogue, code: &str| -> Option<Standing> {
        catalogue.rules.iter().find(|rule| rule.code == code).map(|rule| rule.standing)
    };
    assert_eq!(
        ["V09", "X01", "C02"].map(|code| standing(&catalogue, code)),
        [Some(Changed), Some(New), Some(Carried)]
    );
    let shipped = |year, code| standing(Catalogues::shipped().get(year).expect("shipped"), code);
    assert_eq!(shipped(2024, "C02"), Some(New), "nothing came before");
    assert_eq!((shipped(2025, "C02"), shipped(2025, "V16")), (Some(Changed), Some(New)), "for more kinds");
    assert_eq!((shipped(2026, "V16"), shipped(2026, "C11")), (Some(Carried), Some(New)));
}

#[test]
fn rules_run_stage_by_stage() {
    for year in [2024, 2025, 2026] {
        let rules = &Catalogues::shipped().get(year).expect("shipped").rules;
        assert!(rules.is_sorted_by_key(|rule| rule.stage), "{year}");
        let stages: std::collections::BTreeSet<Stage> = rules.iter().map(|rule| rule.stage).collect();
        assert!(year == 2024 || stages.len() == Stage::ALL.len(), "{year}: {stages:?}");
    }
}
