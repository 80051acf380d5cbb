//! Reads the table files, resolving what one takes from another.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use zhijian_platform::rules::{RulesDir, RulesError};

use super::{Edition, TableDefinition, check};

const FOLDER: &str = "publication/tables";

/// The files in the binary.
const SHIPPED: &[(&str, &str)] = &[
    ("publication/tables/2024.toml", include_str!("../../../tables/2024.toml")),
    ("publication/tables/2025.toml", include_str!("../../../tables/2025.toml")),
    ("publication/tables/2026.toml", include_str!("../../../tables/2026.toml")),
];

/// The tables of every year for which there is a file.
#[derive(Debug, Clone, Default)]
pub struct Library(BTreeMap<i32, Edition>);

/// One file as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    year: i32,
    /// The year whose tables this one takes over.
    extends: Option<i32>,
    years: Option<u32>,
    /// The tables that are kept; all if absent.
    only: Option<Vec<String>>,
    optional: Option<Vec<String>>,
    #[serde(default)]
    units: BTreeMap<String, String>,
    /// Added to what is taken over; one of the same number takes its place.
    #[serde(default)]
    tables: Vec<TableDefinition>,
}

impl Library {
    /// Reads the shipped files and those of the rules directory.
    ///
    /// # Errors
    /// Names the file and the key at fault.
    pub fn load(dir: &RulesDir) -> Result<Self, RulesError> {
        let mut names: BTreeSet<String> = SHIPPED.iter().map(|(name, _)| (*name).to_owned()).collect();
        names.extend(dir.extra(FOLDER));
        let mut texts = BTreeMap::new();
        for name in names {
            let shipped = SHIPPED.iter().find(|(shipped, _)| *shipped == name).map_or("", |(_, text)| text);
            let text = dir.text(&name, shipped)?;
            texts.insert(name, text);
        }
        Self::read(texts)
    }

    /// Reads files by name.
    ///
    /// # Errors
    /// Names the file and the key at fault.
    pub fn read(texts: BTreeMap<String, String>) -> Result<Self, RulesError> {
        let mut files = BTreeMap::new();
        for (name, text) in &texts {
            let file: File = toml::from_str(text)
                .map_err(|error| RulesError::Syntax { file: name.clone(), detail: error.to_string() })?;
            if *name != file_name(file.year) {
                let detail = format!("a file of the year {} is called {}", file.year, file_name(file.year));
                return Err(RulesError::content(name, "year", detail));
            }
            files.insert(file.year, file);
        }
        let editions = files
            .keys()
            .map(|year| Ok((*year, resolve(*year, &files, &texts)?)))
            .collect::<Result<_, RulesError>>()?;
        Ok(Self(editions))
    }

    /// The tables of `year`, if a file defines them.
    pub fn edition(&self, year: i32) -> Option<&Edition> {
        self.0.get(&year)
    }
}

fn file_name(year: i32) -> String {
    format!("{FOLDER}/{year}.toml")
}

/// The file of `year` on top of those that it extends.
fn resolve(
    year: i32,
    files: &BTreeMap<i32, File>,
    texts: &BTreeMap<String, String>,
) -> Result<Edition, RulesError> {
    let mut chain: Vec<&File> = Vec::new();
    let mut next = Some(year);
    while let Some(wanted) = next {
        let name = file_name(chain.last().map_or(year, |file| file.year));
        let Some(file) = files.get(&wanted) else {
            return Err(RulesError::content(&name, "extends", format!("there is no {}", file_name(wanted))));
        };
        if chain.iter().any(|earlier| earlier.year == wanted) {
            return Err(RulesError::content(&name, "extends", "the files extend each other in a circle"));
        }
        next = file.extends;
        chain.push(file);
    }

    let sources = chain
        .iter()
        .filter_map(|file| texts.get_key_value(&file_name(file.year)))
        .map(|(name, text)| (name.clone(), text.clone()))
        .collect();
    let mut merged = Merged::default();
    for file in chain.into_iter().rev() {
        merged.apply(file)?;
    }
    let name = file_name(year);
    let Some(years) = merged.years else {
        return Err(RulesError::content(
            &name,
            "years",
            "is missing: say how many years the tables by year show",
        ));
    };
    let mut tables: Vec<(String, TableDefinition)> = merged.tables.into_values().collect();
    tables.sort_by_key(|(_, table)| check::place(&table.number));
    for number in &merged.optional {
        // An inherited name of a table that this year leaves out is no mistake.
        if files.get(&year).is_some_and(|file| file.optional.as_ref().is_some_and(|own| own.contains(number)))
            && !tables.iter().any(|(_, table)| table.number == *number)
        {
            return Err(RulesError::content(&name, "optional", format!("there is no table {number}")));
        }
    }
    check::edition(&name, years, &merged.units, &tables)?;
    Ok(Edition {
        year,
        sources,
        years,
        tables: tables.into_iter().map(|(_, table)| table).collect(),
        optional: merged.optional,
        units: merged.units,
    })
}

/// What the files of a chain come to, each table with the file that defines it.
#[derive(Default)]
struct Merged {
    years: Option<u32>,
    optional: BTreeSet<String>,
    units: BTreeMap<String, String>,
    tables: BTreeMap<String, (String, TableDefinition)>,
}

impl Merged {
    fn apply(&mut self, file: &File) -> Result<(), RulesError> {
        let name = file_name(file.year);
        self.years = file.years.or(self.years);
        if let Some(optional) = &file.optional {
            self.optional = optional.iter().cloned().collect();
        }
        self.units.extend(file.units.clone());
        let mut own = BTreeSet::new();
        for (index, table) in file.tables.iter().enumerate() {
            if !own.insert(&table.number) {
                let key = format!("tables[{index}].number");
                return Err(RulesError::content(
                    &name,
                    key,
                    format!("table {} is defined twice", table.number),
                ));
            }
            self.tables.insert(table.number.clone(), (name.clone(), table.clone()));
        }
        if let Some(only) = &file.only {
            if let Some(unknown) = only.iter().find(|number| !self.tables.contains_key(*number)) {
                return Err(RulesError::content(&name, "only", format!("there is no table {unknown}")));
            }
            self.tables.retain(|number, _| only.contains(number));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    fn numbers(edition: &Edition) -> Vec<&str> {
        edition.tables.iter().map(|table| table.number.as_str()).collect()
    }

    fn with_files(files: &[(&str, &str)]) -> Result<Library, RulesError> {
        let dir = tempfile::tempdir().expect("a directory");
        let folder = dir.path().join(FOLDER);
        fs::create_dir_all(&folder).expect("a folder");
        for (name, text) in files {
            fs::write(folder.join(Path::new(name)), text).expect("a file");
        }
        Library::load(&RulesDir::new(Some(dir.path().to_owned())))
    }

    fn fault(files: &[(&str, &str)]) -> String {
        with_files(files).expect_err("the file is wrong").to_string()
    }

    #[test]
    fn the_shipped_files_are_sound() {
        let library = Library::load(&RulesDir::default()).expect("the shipped files are sound");
        let all = ["2-1", "2-2", "2-3", "2-4", "2-5", "3-1", "3-2", "5-1", "6-1", "6-2"];
        assert_eq!(numbers(library.edition(2025).expect("shipped")), all);
        assert_eq!(numbers(library.edition(2026).expect("shipped")), all);
        let first = library.edition(2024).expect("shipped");
        assert_eq!(numbers(first), ["3-1", "6-1", "6-2"]);
        assert_eq!(first.shown_years().collect::<Vec<_>>(), [2024]);
        assert_eq!(library.edition(2026).expect("shipped").shown_years().collect::<Vec<_>>(), [2026, 2025]);
        assert!(library.edition(2026).expect("shipped").is_optional("2-5"));
        assert!(!library.edition(2025).expect("shipped").is_optional("2-5"));
    }

    #[test]
    fn next_year_needs_a_file_and_no_programmer() {
        let library =
            with_files(&[("2027.toml", "year = 2027\nextends = 2026\nonly = [\"3-1\"]\n")]).expect("sound");
        assert_eq!(numbers(library.edition(2027).expect("added")), ["3-1"]);
    }

    #[test]
    fn errors_name_the_file_and_the_key() {
        assert!(
            fault(&[("2027.toml", "year = 2027\nextends = 2020\n")])
                .starts_with("publication/tables/2027.toml: extends: ")
        );
        assert!(
            fault(&[("2027.toml", "year = 2028\nextends = 2026\n")])
                .starts_with("publication/tables/2027.toml: year: ")
        );
        assert!(
            fault(&[("2027.toml", "year = 2027\nextends = 2026\nonly = [\"9-9\"]\n")])
                .contains("2027.toml: only: ")
        );
        assert!(fault(&[("2027.toml", "year = 2027\nyear_s = 2\n")]).contains("year_s"));
        assert!(fault(&[("2027.toml", "year = 2027\n")]).contains("2027.toml: years: "));
        let circle = fault(&[
            ("2027.toml", "year = 2027\nextends = 2028\n"),
            ("2028.toml", "year = 2028\nextends = 2027\n"),
        ]);
        assert!(circle.contains("circle"), "{circle}");
    }

    #[test]
    fn tables_are_checked_one_key_at_a_time() {
        let table = |changed: &str, to: &str| {
            let text = r#"year = 2027
years = 1
[units]
"人" = "people"
[[tables]]
number = "1-1"
title = { zh = "表", en = "Table" }
source = { zh = "据 {count} 份年报", en = "From {count} reports" }
[tables.layout.one-row]
report_kinds = ["higher"]
columns = [{ key = "graduates", zh = "毕业生", en = "Graduates", unit = "人", measure = { sum = "SC01" } }]
"#;
            assert!(text.contains(changed), "{changed}");
            text.replacen(changed, to, 1)
        };
        with_files(&[("2027.toml", &table("1-1", "1-1"))]).expect("sound");
        for (changed, to, key) in [
            ("1-1", "one", "tables[one].number"),
            ("表", "{month}", "title"),
            ("据 {count} 份年报", " ", "source"),
            ("[\"higher\"]", "[]", "report_kinds"),
            ("key = \"graduates\"", "key = \"毕业\"", "columns[0].key"),
            ("unit = \"人\"", "unit = \"头\"", "columns[0].unit"),
            ("{ sum = \"SC01\" }", "{ sum = \"\" }", "columns[0].measure"),
            ("{ sum = \"SC01\" }", "{ sums = \"SC01\" }", "sums"),
            (
                "{ sum = \"SC01\" }",
                "{ sum = \"SC01\" }, format = { decimals = 9 }",
                "columns[0].format.decimals",
            ),
            ("years = 1", "years = 0", "years"),
        ] {
            let fault = fault(&[("2027.toml", &table(changed, to))]);
            assert!(fault.contains("2027.toml") && fault.contains(key), "{to}: {fault}");
        }
    }
}
