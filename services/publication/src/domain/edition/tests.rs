use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
};

use rust_decimal::Decimal;
use zhijian_platform::{
    Text,
    rules::{RulesDir, RulesError},
};
use zhijian_typeset::model::{Block as SetBlock, Document, Inline};

use super::*;
use crate::domain::{
    facts::Facts,
    figure::Reading,
    pin::{self, FORMAT, Pinned, PinnedIndicator, PinnedOrganisation, PinnedReport, PinnedYear},
    table::{Cell, Column, Row, Table},
};

mod cases;
mod rounded;

const INSTITUTION: &str =
    "[institution]\ntitle = { zh = \"{name}报告\", en = \"{name}\" }\nchapters = [\"2027/own.md\"]\n";

const MANIFEST: &str = r#"year = 2027
issuer = "编委会"
[scopes]
all = ["higher", "secondary"]
higher = ["higher"]
[[editions]]
code = "integrated"
title = { zh = "年报（{year}年）", en = "Report, {year}" }
chapters = ["2027/one.md"]
"#;

fn load(files: &[(&str, &str)]) -> Result<Editions, RulesError> {
    let dir = tempfile::tempdir().expect("a directory");
    let folder = dir.path().join("publication/editions");
    fs::create_dir_all(folder.join("2027")).expect("a folder");
    for (name, text) in files {
        fs::write(folder.join(name), text).expect("a file");
    }
    Editions::load(&RulesDir::new(Some(dir.path().to_owned())))
}

fn templates(chapter: &str) -> Templates {
    let found = load(&[("2027.toml", MANIFEST), ("2027/one.md", chapter)]).expect("sound");
    found.of(2027).expect("there").clone()
}

fn fault(chapter: &str) -> String {
    load(&[("2027.toml", MANIFEST), ("2027/one.md", chapter)]).expect_err("the chapter is wrong").to_string()
}

/// One report a school and year: the values of SC01 and SVC06.
fn pinned(reports: &[(i32, &str, &str, Option<&str>, &str)]) -> Pinned {
    let indicator = |unit: &str, decimals| PinnedIndicator {
        name: Text::new("指标", "Indicator"),
        unit: Text::new(unit, unit),
        decimals,
        report_kinds: ["higher".to_owned(), "secondary".to_owned()].into(),
        formula: String::new(),
    };
    let mut years: BTreeMap<i32, PinnedYear> = BTreeMap::new();
    for (year, school, kind, people, money) in reports {
        let pins = years.entry(*year).or_default();
        pins.indicators.insert("SC01".to_owned(), indicator("人", 0));
        pins.indicators.insert("SVC06".to_owned(), indicator("万元", 2));
        let number = |text: &str| Reading::Number(text.parse().expect("a decimal"));
        let people = people.map_or(Reading::NotApplicable, number);
        pins.reports.push(PinnedReport {
            submission_id: format!("sub_{year}_{school}"),
            revision: 1,
            kind: (*kind).to_owned(),
            organisation: (*school).to_owned(),
            subject: (*school).to_owned(),
            accept_time: None,
            cells: BTreeMap::from([("SC01".to_owned(), people), ("SVC06".to_owned(), number(money))]),
        });
    }
    let organisation = |code: &str| {
        let name = Text::new(format!("{code}学校"), format!("School {code}"));
        (code.to_owned(), PinnedOrganisation { name, kind: "VOCATIONAL_HIGH".to_owned() })
    };
    Pinned {
        format: FORMAT.to_owned(),
        year: 2027,
        definitions: BTreeMap::new(),
        years,
        rounds: BTreeMap::new(),
        pathways: vec![],
        organisations: ["1", "2"].map(organisation).into(),
        cases: vec![],
    }
}

fn two_years() -> Pinned {
    pinned(&[
        (2027, "1", "higher", Some("1000"), "379.5"),
        (2027, "2", "secondary", Some("200"), "0"),
        (2026, "1", "higher", Some("1883"), "355"),
        (2026, "2", "secondary", Some("0"), "0"),
    ])
}

fn table(number: &str, counts: &[&str]) -> Table {
    let column =
        |key: &str, numeric| Column { key: key.to_owned(), name: Text::new(key, key), unit: None, numeric };
    let cell =
        |count: &&str| Cell { display: (*count).to_owned(), value: (*count).to_owned(), ..Cell::default() };
    Table {
        number: number.to_owned(),
        title: Text::new("表", "Table"),
        source: Text::new("源", "Source"),
        columns: vec![column("name", false), column("count", true)],
        rows: counts
            .iter()
            .map(|count| Row { cells: vec![Cell::word(format!("行{count}")), cell(count)], total: false })
            .collect(),
    }
}

fn set(chapter: &str, pinned: &Pinned, tables: &[Table]) -> Result<Vec<Built>, Vec<Fault>> {
    let templates = templates(chapter);
    let mut plan = Plan::default();
    templates.want(&mut plan);
    let facts: Facts = pin::facts(pinned, plan).expect("small numbers");
    let tables = tables.iter().map(|table| (table.number.clone(), table.clone())).collect();
    let cover = Cover { demonstration: true, note: String::new() };
    let (built, left_out) = build(&templates, pinned, &facts, &tables, &cover);
    if left_out.is_empty() {
        return Ok(built);
    }
    let mut faults: Vec<Fault> = left_out.into_iter().flat_map(|one| one.faults).collect();
    faults.sort();
    faults.dedup();
    Err(faults)
}

/// The words of a document's paragraphs.
fn words(document: &Document) -> String {
    let blocks = document.chapters.iter().flat_map(|chapter| &chapter.blocks);
    let mut said = String::new();
    for block in blocks {
        if let SetBlock::Paragraph(line) = block {
            for piece in line {
                match piece {
                    Inline::Text(text) | Inline::Strong(text) => said.push_str(text),
                    Inline::Bound { display, .. } => said.push_str(display),
                    Inline::Reference { kind, number, .. } => {
                        said.push_str(&kind.label(document.lang, number));
                    }
                    _ => {}
                }
            }
        }
    }
    said
}

fn said(line: &str) -> String {
    let built = set(&format!("# 章\n\n{line}\n"), &two_years(), &[table("1-1", &["3", "4"])]).expect("bound");
    words(&built[0].document)
}

fn faults(line: &str, pinned: &Pinned, tables: &[Table]) -> Vec<String> {
    let found = set(&format!("# 章\n\n{line}\n"), pinned, tables).expect_err("something is not there");
    found.iter().map(|fault| fault.violation().description.en).collect()
}

#[test]
fn bound_values_know_unit_decimals_scope_and_last_year() {
    for (line, expected) in [
        ("{{ value indicator=\"SC01\" }}", "1200人"),
        ("{{ value indicator=\"SC01\" scope=\"higher\" }}", "1000人"),
        ("{{ value indicator=\"SC01\" scope=\"higher\" back=\"1\" }}", "1883人"),
        ("{{ value indicator=\"SVC06\" }}", "379.5万元"),
        ("{{ value indicator=\"SVC06\" decimals=\"2\" unit=\"\" }}", "379.50"),
        ("{{ value indicator=\"SVC06\" per=\"SC01\" scope=\"higher\" }}", "37.95%"),
        ("{{ change indicator=\"SVC06\" }}", "升6.90%"),
        ("{{ change indicator=\"SC01\" scope=\"higher\" as=\"count\" }}", "减少883人"),
        ("{{ change indicator=\"SC01\" scope=\"higher\" }}", "降46.89%"),
        ("{{ change indicator=\"SVC06\" per=\"SC01\" scope=\"higher\" as=\"points\" }}", "提高19.10个百分点"),
        ("{{ institutions }}，{year}年", "2所，2027年"),
        ("{{ count table=\"1-1\" unit=\"行\" }}、{{ total table=\"1-1\" column=\"count\" }}", "2行、7"),
        ("{{ cell table=\"1-1\" row=\"行4\" column=\"count\" }}，见{{ table 1-1 }}", "4，见表1-1"),
    ] {
        assert_eq!(said(line), expected, "{line}");
    }
}

#[test]
fn what_is_not_there_is_named_with_its_file_and_line() {
    let begins = |faults: Vec<String>, words: &str| {
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].starts_with("publication/editions/2027/one.md:3: "), "{faults:?}");
        assert!(faults[0].contains(words), "{faults:?}");
    };
    let two = two_years();
    begins(faults("{{ value indicator=\"SC99\" }}", &two, &[]), "the catalogue of 2027 has no SC99");
    let secondary = "{{ change indicator=\"SC01\" scope=\"all\" }}";
    let nothing = pinned(&[(2027, "1", "higher", Some("5"), "1"), (2026, "1", "higher", Some("0"), "1")]);
    begins(faults(secondary, &nothing, &[]), "zero in 2026");
    begins(
        faults("{{ value indicator=\"SC01\" per=\"SC01\" back=\"1\" }}", &nothing, &[]),
        "divided by nothing",
    );
    let first = pinned(&[(2027, "1", "higher", Some("5"), "1")]);
    begins(faults(secondary, &first, &[]), "no data of 2026");
    begins(faults("{{ table 9-9 }}", &two, &[]), "no table 9-9");
    begins(faults("{{ table 1-1 }}", &two, &[table("1-1", &[])]), "table 1-1 has no line");
    begins(faults("见{{ table 1-1 }}", &two, &[table("1-1", &[])]), "table 1-1 has no line");
    begins(
        faults("{{ cell table=\"1-1\" row=\"无\" column=\"count\" }}", &two, &[table("1-1", &["3"])]),
        "no such row or column",
    );
    begins(faults("{{ chart 1-1 }}", &two, &[]), "figure 1-1 is not defined");
    let mut nameless = two.clone();
    nameless.organisations.remove("2");
    begins(faults("{{ institutions }}", &nameless, &[]), "the register has no school 2");
    begins(faults("{{ institutions kinds=\"OTHER\" }}", &two, &[]), "no school's report has been accepted");
    let silent = pinned(&[(2027, "1", "secondary", Some("5"), "1")]);
    begins(
        faults("{{ value indicator=\"SC01\" scope=\"higher\" }}", &silent, &[]),
        "no accepted report of 2027",
    );
}

#[test]
fn every_fault_is_told_at_once() {
    let lines = "{{ value indicator=\"SC98\" }}，{{ value indicator=\"SC99\" }}";
    assert_eq!(faults(lines, &two_years(), &[]).len(), 2);
}

#[test]
fn a_chapter_is_read_strictly() {
    for (chapter, words) in [
        ("正文\n", "begin with"),
        ("# 章\n\n# 又一章\n", "line 3: a file is one chapter"),
        ("# 章\n\n共有 76 所\n", "line 3: the number at \"76 所\" is typed"),
        ("# 章\n\n- 占９５%\n", "line 3: the number at"),
        ("# 第 1 章\n", "line 1: the number at"),
        ("# 章\n\n**共 5 项**\n", "line 3: the number at"),
        ("# 章\n\n注^[见第 3 页]\n", "line 3: the number at"),
        ("# 章\n\n{{ value indicator=\"SC01\"\n", "line 3: \"{{\" is not closed"),
        ("# 章\n\n共{{ value }}\n", "line 3: {{ value }}: indicator is missing"),
        ("# 章\n\n{{ value indicator=\"sc\" }}\n", "is not an indicator's code"),
        ("# 章\n\n{{ value indicator=\"SC01\" scope=\"none\" }}\n", "there is no scope \"none\""),
        (
            "# 章\n\n{{ value indicator=\"SC01\" scope=\"institution\" }}\n",
            "only a report of one institution",
        ),
        ("# 章\n\n{{ value indicator=\"SC01\" colour=\"red\" }}\n", "colour means nothing here"),
        ("# 章\n\n{{ change indicator=\"SC01\" as=\"much\" }}\n", "as=\"much\" is not"),
        ("# 章\n\n{{ published key=\"none\" }}\n", "no published figure \"none\""),
        ("# 章\n\n{{ name }}\n", "\"name\" is not a binding"),
        ("# 章\n\n{month}月\n", "{month} means nothing here"),
    ] {
        let fault = fault(chapter);
        assert!(fault.starts_with("publication/editions/2027/one.md: "), "{chapter}: {fault}");
        assert!(fault.contains(words), "{chapter}: {fault}");
    }
}

#[test]
fn a_manifest_is_read_strictly() {
    let sound = [("2027/one.md", "# 章\n\n正文。\n")];
    for (changed, to, words) in [
        ("year = 2027", "year = 2028", "2027.toml: year: "),
        ("all = [\"higher\", \"secondary\"]\n", "", "scopes.all: "),
        ("\"integrated\"", "\"Institution\"", "editions[0].code: "),
        ("2027/one.md", "2027/two.md", "there is no publication/editions/2027/two.md"),
        ("年报（{year}年）", "年报 5", "editions[0].title.zh: the number at"),
        ("[scopes]", "colour = 1\n[scopes]", "colour"),
    ] {
        assert!(MANIFEST.contains(changed), "{changed}");
        let manifest = MANIFEST.replace(changed, to);
        let files = [("2027.toml", manifest.as_str()), sound[0]];
        let fault = load(&files).expect_err("the manifest is wrong").to_string();
        assert!(fault.contains(words), "{to}: {fault}");
    }
    let chart = |values: &str| {
        format!(
            "{MANIFEST}[[charts]]\nnumber = \"1-1\"\ntitle = \"图\"\nkind = \"bars\"\nsource = \"源\"\ncategories = [\"甲\"]\nseries = [{{ name = \"乙\", values = {values} }}]\n"
        )
    };
    for (values, words) in
        [("[]", "there are 0 values for 1 categories"), ("['value']", "values[0]: indicator is missing")]
    {
        let manifest = chart(values);
        let fault = load(&[("2027.toml", &manifest), sound[0]]).expect_err("the chart is wrong").to_string();
        assert!(fault.contains("charts[1-1]") && fault.contains(words), "{fault}");
    }
}

/// The edition of the region and that of every institution, whose one chapter is `own`, over these pins.
fn with_own(own: &str, pinned: &Pinned) -> Vec<Built> {
    let manifest = format!("{MANIFEST}{INSTITUTION}");
    let files = [("2027.toml", manifest.as_str()), ("2027/one.md", "# 章\n\n正文。\n"), ("2027/own.md", own)];
    let found = load(&files).expect("sound");
    let templates = found.of(2027).expect("there");
    let mut plan = Plan::default();
    templates.want(&mut plan);
    let facts = pin::facts(pinned, plan).expect("small numbers");
    let cover = Cover { demonstration: false, note: String::new() };
    let (built, left_out) = build(templates, pinned, &facts, &BTreeMap::new(), &cover);
    assert!(left_out.is_empty(), "{left_out:?}");
    built
}

#[test]
fn an_institution_is_told_its_own_numbers_and_none_that_are_withheld() {
    let own = "# 数据\n\n{{ name }}：{{ value indicator=\"SC01\" }}，全市{{ value indicator=\"SC01\" scope=\"all\" }}。\n\n{{ indicators title=\"自有\" codes=\"SC01 SVC06\" }}\n";
    let mut pinned = two_years();
    let reports = &mut pinned.years.get_mut(&2027).expect("there").reports;
    reports[1].cells.insert("SC01".to_owned(), Reading::Withheld);
    let built = with_own(own, &pinned);
    let codes: Vec<&str> = built.iter().map(|edition| edition.code.as_str()).collect();
    assert_eq!(codes, ["integrated", "institution-1", "institution-2"]);
    assert_eq!(built[1].title, Text::new("1学校报告", "School 1"));
    assert!(words(&built[1].document).starts_with("1学校：1000人"), "{}", words(&built[1].document));
    assert!(words(&built[2].document).starts_with("2学校：（不单列）"), "{}", words(&built[2].document));
    let Some(SetBlock::Table(table)) = built[2].document.chapters[0].blocks.last() else { panic!("a table") };
    assert_eq!(table.rows[0].cells[2].display, "*");
    assert_eq!(table.notes.len(), 1);
    let json = serde_json::to_string(&built[2].document).expect("plain data");
    assert!(!json.contains("200"), "{json}");
}

#[test]
fn the_shipped_templates_are_sound_and_hold_every_table_and_chart() {
    let editions = Editions::load(&RulesDir::default()).expect("the shipped templates are sound");
    let templates = editions.of(2025).expect("shipped");
    let codes: Vec<&str> = templates.editions.iter().map(|edition| edition.code.as_str()).collect();
    assert_eq!(codes, ["integrated", "secondary", "higher"]);
    let placed = |chapters: &[Chapter]| -> BTreeSet<String> {
        let blocks = chapters.iter().flat_map(|chapter| &chapter.blocks);
        blocks
            .filter_map(|block| match block {
                Block::Table(_, number) | Block::Chart(_, number) => Some(number.clone()),
                _ => None,
            })
            .collect()
    };
    let wanted = [
        "1-1", "1-2", "2-1", "2-2", "2-26", "2-3", "2-32", "2-37", "2-38", "2-4", "2-5", "3-1", "3-2", "5-1",
        "6-1", "6-2", "7-17",
    ];
    assert_eq!(placed(&templates.editions[0].chapters), wanted.map(str::to_owned).into());
    // Figures in words are decimals, and each says where it was published.
    let published: HashMap<&String, Decimal> =
        templates.published.iter().map(|(key, found)| (key, found.value)).collect();
    assert_eq!(published.len(), 10);
    assert!(
        templates.published.values().all(|found| !found.source.zh.is_empty() && !found.source.en.is_empty())
    );
}
