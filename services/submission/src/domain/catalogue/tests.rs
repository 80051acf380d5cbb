use std::{fs, path::Path};

use zhijian_platform::rules::RulesDir;

use super::*;

/// The error of loading with one file put in place of, or besides, the shipped ones.
pub(super) fn error_with(year: i32, name: &str, text: &str) -> String {
    let directory = tempfile::tempdir().expect("a temporary directory");
    put(directory.path(), year, name, text);
    let result = Catalogues::load(&RulesDir::new(Some(directory.path().to_owned())));
    result.map(|_| ()).expect_err("the file is at fault").to_string()
}

pub(super) fn put(root: &Path, year: i32, name: &str, text: &str) {
    let folder = root.join(format!("submission/catalogue/{year}"));
    fs::create_dir_all(&folder).expect("made");
    fs::write(folder.join(name), text).expect("written");
}

#[test]
fn the_shipped_years_have_what_the_report_prints() {
    let catalogues = Catalogues::shipped();
    assert_eq!(catalogues.years().collect::<Vec<_>>(), [2024, 2025, 2026]);
    let catalogue = catalogues.get(2025).unwrap();
    let codes =
        |kind: &str| catalogue.required_of(kind).map(|indicator| indicator.code.clone()).collect::<Vec<_>>();
    for code in ["RES05", "BAS11", "COP10", "SAT01", "SVC10", "INT18", "COP08", "TBK01"] {
        assert!(codes("higher").contains(&code.to_owned()), "{code}");
    }
    for code in ["RES05", "COP09", "COP12", "SVC21", "INT01", "SVC11", "TBK01"] {
        assert!(codes("secondary").contains(&code.to_owned()), "{code}");
    }
    assert!(!codes("secondary").contains(&"BAS11".to_owned()));
    assert!(!codes("higher").contains(&"SC04".to_owned()), "a derived indicator is not asked for");
    assert_eq!(codes("district").len(), 4);
    assert_eq!(codes("enterprise").len(), 5);
    assert_eq!(catalogue.indicators.len(), 175);
    assert_eq!((codes("higher").len(), codes("secondary").len()), (136, 125));
    let earlier = catalogues.get(2024).unwrap();
    assert_eq!(earlier.required_of("higher").count(), 13);
    assert_eq!(earlier.required_of("secondary").count(), 6);
    for kind in ["higher", "secondary"] {
        assert!(catalogue.rules_of(kind).count() >= 16, "{kind}");
        assert_eq!(catalogue.kind(kind).unwrap().sections.len(), 9);
    }
}

#[test]
fn a_year_that_extends_another_has_its_rules() {
    let catalogues = Catalogues::shipped();
    let (earlier, later) = (catalogues.get(2025).unwrap(), catalogues.get(2026).unwrap());
    assert_eq!(later.year, 2026);
    assert_eq!(later.indicators.len(), earlier.indicators.len());
    let has = |code: &str| later.rules.iter().any(|rule| rule.code == code);
    assert!(earlier.rules.iter().all(|rule| has(&rule.code)));
}

#[test]
fn a_new_year_needs_files_alone() {
    let directory = tempfile::tempdir().unwrap();
    put(
        directory.path(),
        2027,
        "indicators.toml",
        r#"
        extends = 2026
        remove = ["BAS11"]
        [units]
        teu = { zh = "箱", en = "containers" }
        [[indicator]]
        code = "SVC30"
        name = { zh = "新指标", en = "A new one" }
        unit = "teu"
        kind = "ratio"
        decimals = 4
        aggregation = "mean"
        report_kinds = ["higher"]
        "#,
    );
    put(directory.path(), 2027, "kinds.toml", "extends = 2025");
    put(
        directory.path(),
        2027,
        "rules.toml",
        r#"
        extends = 2025
        remove = ["V10"]
        [[rule]]
        code = "V03-SC02"
        stage = "values"
        report_kinds = ["higher"]
        severity = "warning"
        expression = "SC02 <= SC01 && SVC30 < 2"
        message = { zh = "不对", en = "wrong" }
        hint = { zh = "请改", en = "mend it" }
        "#,
    );
    let catalogues = Catalogues::load(&RulesDir::new(Some(directory.path().to_owned()))).unwrap();
    let catalogue = catalogues.get(2027).unwrap();
    let find = |code: &str| catalogue.indicators.iter().find(|indicator| indicator.code == code);
    assert!(find("BAS11").is_none());
    assert_eq!(find("SVC30").unwrap().unit.name.zh, "箱");
    assert!(catalogue.rules.iter().all(|rule| rule.code != "V10"));
    let replaced = catalogue.rules.iter().find(|rule| rule.code == "V03-SC02").unwrap();
    assert_eq!((replaced.severity, replaced.report_kinds.len()), (Severity::Warning, 1));
    assert!(catalogues.get(2028).is_none());
}

#[test]
fn mistakes_are_named_by_file_and_key() {
    let kinds = "extends = 2025";
    for (year, file, text, wanted) in [
        (2025, "rules.toml", "colour = 1", ["2025/rules.toml", "colour"]),
        (2025, "kinds.toml", "[[kind]]\ncode = \"higher\"", ["2025/kinds.toml", "name"]),
        (2027, "kinds.toml", kinds, ["2027/indicators.toml", "missing"]),
        (2026, "kinds.toml", "extends = 2026", ["2026/kinds.toml", "extends"]),
        (2026, "rules.toml", "extends = 2025\nremove = [\"V99\"]", ["2026/rules.toml", "V99"]),
        (2026, "indicators.toml", "extends = 2025\nremove = [\"SC01\"]", ["indicator SC04.formula", "SC01"]),
    ] {
        let error = error_with(year, file, text);
        assert!(wanted.iter().all(|part| error.contains(part)), "{file} {text:?}: {error}");
    }
}

/// The error of one more entry in a file of 2026.
pub(super) fn error_of_entry(file: &str, entry: &str) -> String {
    error_with(2026, file, &format!("extends = 2025\n{entry}"))
}

#[test]
fn mistakes_in_indicators_are_named() {
    let entry = |code: &str, more: &str| {
        format!(
            "[[indicator]]\ncode = \"{code}\"\nname = {{ zh = \"某\", en = \"some\" }}\nreport_kinds = [\"higher\"]\n{more}"
        )
    };
    let count = "unit = \"item\"\nkind = \"count\"\n";
    for (text, wanted) in [
        (entry("SC90", "unit = \"ell\"\nkind = \"count\""), ["SC90.unit", "ell"]),
        (entry("ZZ01", count), ["ZZ01", "group"]),
        (entry("DIS09", count), ["DIS09.report_kinds", "higher"]),
        (entry("sc01", count), ["sc01", "capital"]),
        (entry("SC90", "unit = \"item\"\nkind = \"count\"\ndecimals = 2"), ["SC90.decimals", "count"]),
        (entry("SC90", "unit = \"item\"\nkind = \"guess\""), ["indicators.toml", "guess"]),
        (entry("SC90", "unit = \"item\"\nkind = \"choice\""), ["SC90.options", "choice"]),
        (entry("SC90", &format!("{count}formula = \"SC01 / SC99\"")), ["SC90.formula", "SC99"]),
        (entry("SC90", &format!("{count}formula = \"SC04 * 2\"")), ["SC90.formula", "SC04"]),
        (entry("SC90", &format!("{count}formula = \"SC01 > 2\"")), ["SC90.formula", "Bool"]),
        (entry("SC90", &format!("{count}options = \"survey\"")), ["SC90.options", "choice"]),
        (
            entry("SC90", "unit = \"choice\"\nkind = \"choice\"\noptions = \"moods\""),
            ["SC90.options", "moods"],
        ),
        (
            entry(
                "SC90",
                "unit = \"choice\"\nkind = \"choice\"\noptions = \"survey\"\naggregation = \"mean\"",
            ),
            ["SC90.aggregation", "mean"],
        ),
        (entry("SC90", "unit = \"percent\"\nkind = \"rate\""), ["SC90.aggregation", "weighted_mean"]),
        (
            entry("SC90", "unit = \"percent\"\nkind = \"rate\"\naggregation = \"sum\""),
            ["SC90.aggregation", "adds up"],
        ),
        (
            entry("SC90", "unit = \"percent\"\nkind = \"rate\"\naggregation = \"weighted_mean\""),
            ["SC90.weight", "weight"],
        ),
        (
            entry(
                "SC90",
                "unit = \"percent\"\nkind = \"rate\"\naggregation = \"weighted_mean\"\nweight = \"SVC18\"",
            ),
            ["SC90.weight", "SVC18"],
        ),
        (
            entry(
                "SC90",
                "unit = \"percent\"\nkind = \"rate\"\naggregation = \"weighted_mean\"\nweight = \"SAT01M\"",
            ),
            ["SC90.weight", "SAT01M"],
        ),
        (entry("SC90", &format!("{count}weight = \"SC01\"")), ["SC90.weight", "nothing else"]),
        (entry("SC90", &format!("{count}aggregation = \"formula\"")), ["SC90.aggregation", "derived"]),
        (entry("SC90", &format!("{count}aggregation = \"most\"")), ["indicators.toml", "most"]),
        (entry("SC90", &format!("{count}source = \"formula\"")), ["SC90.source", "derived"]),
        (
            entry("SC90", &format!("{count}formula = \"SC01\"\nsource = \"school\"")),
            ["SC90.source", "derived"],
        ),
        (entry("SC90", &format!("{count}formula = \"SC01\"\nrequired = true")), ["SC90.required", "derived"]),
        (entry("SC90", &format!("{count}level = \"secondary\"")), ["SC90.report_kinds", "higher"]),
        (entry("SC90", &format!("{count}tables = [\" \"]")), ["SC90.tables", "number"]),
        (
            entry("DIS09", count).replace("report_kinds = [\"higher\"]", "level = \"higher\""),
            ["DIS09.level", "carries"],
        ),
        (format!("{}{}", entry("SC90", count), entry("SC90", count)), ["SC90", "twice"]),
    ] {
        let error = error_of_entry("indicators.toml", &text);
        assert!(wanted.iter().all(|part| error.contains(part)), "{text}: {error}");
    }
}

#[test]
fn mistakes_in_rules_are_named() {
    let entry = |more: &str| {
        format!(
            "[[rule]]\ncode = \"X1\"\nstage = \"values\"\nreport_kinds = [\"higher\", \"secondary\"]\nseverity = \"error\"\nmessage = {{ zh = \"不对\", en = \"wrong\" }}\nhint = {{ zh = \"请改\", en = \"mend\" }}\n{more}"
        )
    };
    for (text, wanted) in [
        (entry("expression = \"SC01 <= SC99\""), ["rule X1.expression", "SC99"]),
        (entry("expression = \"BAS11 > 0\""), ["rule X1.expression", "BAS11"]),
        (entry("expression = \"SC01 + 1\""), ["rule X1.expression", "Number"]),
        (entry("expression = \"value > 0\""), ["rule X1.expression", "value"]),
        (entry("expression = \"SC01 > tolerance\""), ["rule X1.expression", "tolerance"]),
        (entry("expression = \"SC01 >\""), ["rule X1.expression", "not an expression"]),
        (entry("expression = \"SC01 > 0\"\nwhen = \"last.XX > 0\""), ["rule X1.when", "last.XX"]),
        (entry("expression = \"SC01 > 0\"\nindicators = [\"SC01\"]"), ["rule X1.indicators", "cell"]),
        (
            entry("expression = \"filled\"\nscope = \"cell\"\nindicators = [\"SC77\"]"),
            ["rule X1.indicators", "SC77"],
        ),
        (entry("expression = \"filled\"\nscope = \"page\""), ["rules.toml", "page"]),
        (entry("expression = \"SC01 > 0\"\ntolerance = \"a bit\""), ["rules.toml", "tolerance"]),
        (
            entry("expression = \"SC01 > 0\"").replace("wrong", "{name} is wrong"),
            ["rule X1.message", "{name}"],
        ),
        (
            entry("expression = \"SC01 > 0\"").replace("\"secondary\"", "\"tertiary\""),
            ["rule X1.report_kinds", "tertiary"],
        ),
    ] {
        let error = error_of_entry("rules.toml", &text);
        assert!(wanted.iter().all(|part| error.contains(part)), "{text}: {error}");
    }
}

#[test]
fn mistakes_in_kinds_are_named() {
    let entry = |more: &str| {
        format!(
            "[[kind]]\ncode = \"college\"\nname = {{ zh = \"某\", en = \"some\" }}\nsignatory = {{ zh = \"某\", en = \"some\" }}\nsubject = \"submitter\"\n{more}"
        )
    };
    let college = "submitters = [\"higher_vocational\"]\nsections = \"school\"\n";
    for (text, wanted) in [
        (
            entry("submitters = [\"higher_vocational\"]\nsections = \"x\"\ngroups = []"),
            ["kind college.sections", "x"],
        ),
        (
            entry("submitters = [\"higher_vocational\"]\nsections = \"school\"\ngroups = [\"XX\"]"),
            ["kind college.groups", "XX"],
        ),
        (
            entry("submitters = []\nsections = \"school\"\ngroups = []"),
            ["kind college.submitters", "organisation"],
        ),
        (entry("submitters = [\"bank\"]\nsections = \"school\"\ngroups = []"), ["kinds.toml", "bank"]),
        (entry(&format!("{college}groups = [\"SC\", \"SC\"]")), ["kind college.groups", "twice"]),
        (entry(&format!("{college}groups = []\nannexes = \"x\"")), ["kind college.annexes", "x"]),
        (
            entry(&format!("{college}groups = []\nlevel = \"secondary\"")),
            ["kind college.submitters", "level"],
        ),
        (entry(&format!("{college}groups = []\nlevel = \"some\"")), ["kinds.toml", "some"]),
        (
            entry("submitters = [\"district_commission\"]\nsections = \"school\"\ngroups = []")
                .replace("\"submitter\"", "\"enterprise\""),
            ["kind college.submitters", "school"],
        ),
        (
            format!(
                "{}\n[[sections.x]]\ncode = \"talent\"\nname = {{ zh = \"某\", en = \"some\" }}\nmin_characters = 1\nmin_cases = 1",
                entry("submitters = [\"higher_vocational\"]\nsections = \"x\"\ngroups = []")
            ),
            ["kind college.max_case_characters", "cases"],
        ),
    ] {
        let error = error_of_entry("kinds.toml", &text);
        assert!(wanted.iter().all(|part| error.contains(part)), "{text}: {error}");
    }
}
