//! The figures against the shipped catalogue, and the catalogue against the published tables.

use std::collections::{BTreeMap, BTreeSet};

use super::{ReportKind, of, region};

const INDICATORS: &str = include_str!("../../../../submission/catalogue/2025/indicators.toml");
const TABLES: &str = include_str!("../../../../publication/tables/2025.toml");

fn parse(text: &str) -> toml::Table {
    text.parse().expect("TOML")
}

/// The indicators of the catalogue by code, as they are written.
fn indicators() -> BTreeMap<String, toml::Table> {
    let catalogue = parse(INDICATORS);
    let entries = catalogue["indicator"].as_array().expect("a list").iter();
    entries
        .map(|entry| {
            let entry = entry.as_table().expect("a table").clone();
            (entry["code"].as_str().expect("a code").to_owned(), entry)
        })
        .collect()
}

fn text<'a>(entry: &'a toml::Table, key: &str) -> Option<&'a str> {
    entry.get(key).and_then(toml::Value::as_str)
}

#[test]
fn every_school_gives_what_the_catalogue_requires_and_nothing_else() {
    let (region, indicators) = (region(), indicators());
    for (kind, level) in [(ReportKind::Higher, "higher"), (ReportKind::Secondary, "secondary")] {
        let asked: Vec<(&String, &toml::Table)> = indicators
            .iter()
            .filter(|(code, _)| !["DIS", "ENT"].iter().any(|group| code.starts_with(group)))
            .filter(|(_, entry)| text(entry, "level").is_none_or(|own| own == level))
            .filter(|(_, entry)| !entry.contains_key("formula"))
            .collect();
        let all: BTreeSet<&str> = asked.iter().map(|(code, _)| code.as_str()).collect();
        let required: BTreeSet<&str> = asked
            .iter()
            .filter(|(_, entry)| entry.get("required").and_then(toml::Value::as_bool) != Some(false))
            .map(|(code, _)| code.as_str())
            .collect();
        assert!(required.len() > 120, "{}", required.len());
        for report in [2025, 2026].into_iter().flat_map(|year| of(&region, year, kind)) {
            let given: BTreeSet<&str> = report.cells.keys().copied().collect();
            let lacking: Vec<_> = required.difference(&given).collect();
            let beyond: Vec<_> = given.difference(&all).collect();
            assert!(lacking.is_empty() && beyond.is_empty(), "{}: {lacking:?} {beyond:?}", report.label());
        }
    }
}

/// Every indicator that a measure of the tables names, with the numbers of the tables.
fn published() -> BTreeMap<String, BTreeSet<String>> {
    fn measures(value: &toml::Value, into: &mut Vec<String>) {
        match value {
            toml::Value::Table(table) => {
                for (key, value) in table {
                    if key == "measure" { codes(value, into) } else { measures(value, into) }
                }
            }
            toml::Value::Array(values) => values.iter().for_each(|value| measures(value, into)),
            _ => {}
        }
    }
    fn codes(value: &toml::Value, into: &mut Vec<String>) {
        match value {
            toml::Value::String(code) => into.push(code.clone()),
            toml::Value::Table(table) => table.values().for_each(|value| codes(value, into)),
            _ => {}
        }
    }
    let mut published: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for table in parse(TABLES)["tables"].as_array().expect("a list") {
        let number = table["number"].as_str().expect("a number").to_owned();
        let mut named = Vec::new();
        measures(table, &mut named);
        named.into_iter().for_each(|code| {
            published.entry(code).or_default().insert(number.clone());
        });
    }
    published
}

#[test]
fn the_catalogue_names_the_tables_that_print_each_indicator() {
    let (indicators, mut published) = (indicators(), published());
    // The tables compute both rates themselves, from the same numbers.
    for (rate, term) in [("SC04", "SC02"), ("SC05", "SC03")] {
        let tables = published[term].clone();
        published.insert(rate.to_owned(), tables);
    }
    for (code, entry) in &indicators {
        let named: BTreeSet<String> = entry
            .get("tables")
            .and_then(toml::Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|table| table.as_str().map(str::to_owned))
            .collect();
        assert_eq!(named, published.remove(code).unwrap_or_default(), "{code}");
    }
    assert!(published.is_empty(), "printed and not in the catalogue: {published:?}");
}
