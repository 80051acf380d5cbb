//! What an indicator and a kind of report say, in the shipped years; and mistakes in what they share.

use std::path::Path;

use zhijian_platform::rules::RulesDir;

use super::{
    tests::{error_of_entry, put},
    *,
};

/// The codes of DOMAIN.md §1: every row of the eight groups, whatever else is asked besides.
#[test]
fn the_whole_catalogue_is_there_for_2025_and_2026() {
    for year in [2025, 2026] {
        let catalogue = Catalogues::shipped().get(year).unwrap();
        for (group, rows) in [
            ("SC", 14),
            ("SAT", 11),
            ("RES", 21),
            ("SVC", 21),
            ("INT", 18),
            ("POL", 20),
            ("BAS", 18),
            ("COP", 12),
        ] {
            for row in 1..=rows {
                let code = format!("{group}{row:02}");
                assert!(catalogue.indicators.iter().any(|one| one.code == code), "{code} in {year}");
            }
        }
        let levels = |code: &str| {
            let indicator = catalogue.indicators.iter().find(|one| one.code == code).unwrap();
            (indicator.level, indicator.report_kinds.join(","))
        };
        assert_eq!(levels("SC07"), (Level::Higher, "higher".to_owned()));
        assert_eq!(levels("SVC18"), (Level::Secondary, "secondary".to_owned()));
        assert_eq!(levels("SC01"), (Level::Both, "higher,secondary".to_owned()));
        for survey in
            catalogue.indicators.iter().filter(|one| one.group == "SAT" && one.kind == IndicatorKind::Rate)
        {
            assert_eq!(survey.aggregation, Aggregation::WeightedMean(format!("{}N", survey.code)));
            assert_eq!(survey.source, Source::Survey);
            for companion in ["N", "M"] {
                let code = format!("{}{companion}", survey.code);
                let companion = catalogue.indicators.iter().find(|one| one.code == code).unwrap();
                assert_eq!(companion.required, survey.required, "{code}");
            }
        }
    }
}

#[test]
fn derived_indicators_say_how_they_are_computed() {
    let catalogue = Catalogues::shipped().get(2025).unwrap();
    let words = |code: &str| {
        let indicator = catalogue.indicators.iter().find(|one| one.code == code).unwrap();
        assert_eq!((indicator.required, &indicator.aggregation), (false, &Aggregation::Formula));
        indicator.formula_words.clone().unwrap()
    };
    assert_eq!(words("SC04").zh, "去向落实人数 ÷ 毕业生人数 × 100");
    assert_eq!(words("RES01").zh, "折合在校生数 ÷ (专任教师数 + 0.5 × 校外兼课教师数)");
    assert_eq!(words("RES02").en, "Double-qualified full-time teachers ÷ Full-time teachers × 100");
}

#[test]
fn kinds_say_what_goes_with_a_report() {
    let kind = |year: i32, code: &str| {
        let catalogue = Catalogues::shipped().get(year).unwrap().clone();
        let kind = catalogue.kind(code).unwrap();
        let signed: Vec<String> = kind
            .annexes
            .iter()
            .filter(|annex| annex.signed && annex.required)
            .map(|annex| annex.code.clone())
            .collect();
        let cases: u32 = kind.sections.iter().map(|section| section.min_cases).sum();
        (kind.subject, signed, cases, kind.max_case_characters)
    };
    let declaration = vec!["declaration".to_owned()];
    assert_eq!(kind(2025, "higher"), (Subject::Submitter, vec![], 0, 1000));
    assert_eq!(kind(2026, "secondary"), (Subject::Submitter, declaration.clone(), 6, 1000));
    assert_eq!(kind(2026, "enterprise"), (Subject::Enterprise, declaration, 0, 1000));
    assert_eq!(kind(2024, "higher"), (Subject::Submitter, vec![], 0, 0));
    let district = Catalogues::shipped().get(2025).unwrap().kind("district").unwrap().level;
    assert_eq!(district, Level::Secondary, "a district reports on its secondary schools");
}

#[test]
fn mistakes_in_units_and_options_are_named() {
    for (text, wanted) in [
        ("[units]\nteu = { zh = \"箱\", en = \"\" }", ["units.teu", "en"]),
        (
            "[units]\nteu = { zh = \"箱\", en = \"TEU\", base = \"ell\", factor = \"2\" }",
            ["units.teu.base", "ell"],
        ),
        (
            "[units]\nteu = { zh = \"箱\", en = \"TEU\", base = \"wan\", factor = \"2\" }",
            ["units.teu.base", "wan"],
        ),
        ("[units]\nteu = { zh = \"箱\", en = \"TEU\", base = \"yuan\" }", ["units.teu", "factor"]),
        ("[units]\nteu = { zh = \"箱\", en = \"TEU\", factor = \"2\" }", ["units.teu", "base"]),
        (
            "[units]\nteu = { zh = \"箱\", en = \"TEU\", base = \"yuan\", factor = \"0\" }",
            ["units.teu.factor", "above zero"],
        ),
        (
            "[units]\nteu = { zh = \"箱\", en = \"TEU\", base = \"yuan\", factor = \"ten\" }",
            ["indicators.toml", "factor"],
        ),
        (
            "[units]\nzz = { zh = \"箱\", en = \"TEU\", base = \"yuan\", factor = \"2\", spellings = [\"万\"] }",
            ["units.zz.spellings", "wan"],
        ),
        (
            "[[options.mood]]\ncode = \"good\"\nname = { zh = \"好\", en = \"\" }",
            ["options.mood good.name", "en"],
        ),
        (
            "[[options.mood]]\ncode = \"a\"\nname = { zh = \"好\", en = \"good\" }\n[[options.mood]]\ncode = \"a\"\nname = { zh = \"坏\", en = \"bad\" }",
            ["options.mood a", "twice"],
        ),
    ] {
        let error = error_of_entry("indicators.toml", text);
        assert!(wanted.iter().all(|part| error.contains(part)), "{text}: {error}");
    }
}

#[test]
fn mistakes_in_sections_and_annexes_are_named() {
    let section = |more: &str| {
        format!("[[sections.x]]\ncode = \"talent\"\nname = {{ zh = \"某\", en = \"some\" }}\n{more}")
    };
    let annex = |code: &str, more: &str| {
        format!(
            "[[annexes.x]]\ncode = \"{code}\"\nname = {{ zh = \"某\", en = \"some\" }}\nnote = {{ zh = \"某\", en = \"some\" }}\nrequired = true\n{more}"
        )
    };
    let pdf = "media_types = [\"application/pdf\"]\n";
    for (text, wanted) in [
        (section("min_characters = 9\nmax_characters = 8"), ["sections.x talent.max_characters", "below"]),
        (section("min_cases = 1"), ["sections.x talent.min_cases", "left out"]),
        (section("min_characters = 9\nmin_cases = 51"), ["sections.x talent.min_cases", "50"]),
        (
            annex("declaration", "media_types = []\nmax_bytes = 1"),
            ["annexes.x declaration.media_types", "pdf"],
        ),
        (
            annex("declaration", "media_types = [\"PDF\"]\nmax_bytes = 1"),
            ["annexes.x declaration.media_types", "pdf"],
        ),
        (annex("declaration", &format!("{pdf}max_bytes = 0")), ["annexes.x declaration.max_bytes", "1–"]),
        (
            annex("declaration", &format!("{pdf}max_bytes = 999999999")),
            ["annexes.x declaration.max_bytes", "1–"],
        ),
        (
            annex("declaration", &format!("{pdf}max_bytes = 1\nmax_files = 0")),
            ["annexes.x declaration.max_files", "1–50"],
        ),
        (annex("声明", &format!("{pdf}max_bytes = 1")), ["annexes.x 声明", "small letters"]),
        (annex("declaration", pdf), ["kinds.toml", "max_bytes"]),
        (
            [annex("a", &format!("{pdf}max_bytes = 1\n")), annex("a", &format!("{pdf}max_bytes = 1"))]
                .concat(),
            ["annexes.x a", "twice"],
        ),
    ] {
        let error = error_of_entry("kinds.toml", &text);
        assert!(wanted.iter().all(|part| error.contains(part)), "{text}: {error}");
    }
}

#[test]
fn a_kind_that_carries_an_empty_table_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let root: &Path = directory.path();
    put(
        root,
        2026,
        "indicators.toml",
        "extends = 2025\n[[group]]\ncode = \"ZZ\"\nname = { zh = \"空\", en = \"empty\" }",
    );
    put(
        root,
        2026,
        "kinds.toml",
        r#"
        extends = 2025
        [[kind]]
        code = "college"
        name = { zh = "某", en = "some" }
        signatory = { zh = "某", en = "some" }
        subject = "submitter"
        submitters = ["higher_vocational"]
        sections = "district"
        groups = ["ZZ"]
        "#,
    );
    let error = Catalogues::load(&RulesDir::new(Some(root.to_owned()))).unwrap_err().to_string();
    assert!(error.contains("2026/kinds.toml: kind college.groups") && error.contains("ZZ"), "{error}");
}
