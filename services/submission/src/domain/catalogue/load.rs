//! Finds, reads and joins the files of every year.

use std::{collections::BTreeMap, sync::Arc};

use serde::de::DeserializeOwned;
use zhijian_platform::rules::{self, RulesDir, RulesError};

use super::{
    Catalogue, build,
    file::{CatalogueFile, IndicatorsFile, KindsFile, RulesFile},
};

/// What the binary ships: `catalogue/YEAR/{indicators,kinds,rules}.toml`.
const SHIPPED: &[(i32, [&str; 3])] = &[
    (
        2024,
        [
            include_str!("../../../catalogue/2024/indicators.toml"),
            include_str!("../../../catalogue/2024/kinds.toml"),
            include_str!("../../../catalogue/2024/rules.toml"),
        ],
    ),
    (
        2025,
        [
            include_str!("../../../catalogue/2025/indicators.toml"),
            include_str!("../../../catalogue/2025/kinds.toml"),
            include_str!("../../../catalogue/2025/rules.toml"),
        ],
    ),
    (
        2026,
        [
            include_str!("../../../catalogue/2026/indicators.toml"),
            include_str!("../../../catalogue/2026/kinds.toml"),
            include_str!("../../../catalogue/2026/rules.toml"),
        ],
    ),
];

/// The years a catalogue may be for.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

/// The catalogues of every year, shipped or given.
#[derive(Debug)]
pub struct Catalogues {
    by_year: BTreeMap<i32, Arc<Catalogue>>,
}

impl Catalogues {
    /// Reads and checks every catalogue: the shipped years, and those that the rules directory has besides under
    /// `submission/catalogue/YEAR/`.
    ///
    /// # Errors
    /// Names the file and the key at fault.
    pub fn load(dir: &RulesDir) -> Result<Self, RulesError> {
        let source = Source { dir };
        let mut by_year: BTreeMap<i32, Arc<Catalogue>> = BTreeMap::new();
        for year in YEARS.filter(|year| source.has(*year)) {
            let mut catalogue =
                build::build(year, source.file(year)?, source.file(year)?, source.file(year)?)?;
            if let Some((_, earlier)) = by_year.last_key_value() {
                catalogue.rules.iter_mut().for_each(|rule| rule.compare(&earlier.rules));
            }
            by_year.insert(year, Arc::new(catalogue));
        }
        Ok(Self { by_year })
    }

    /// The shipped catalogues, read once for all tests.
    #[cfg(test)]
    pub fn shipped() -> &'static Self {
        static SHIPPED: std::sync::OnceLock<Catalogues> = std::sync::OnceLock::new();
        SHIPPED.get_or_init(|| Self::load(&RulesDir::default()).expect("the shipped catalogues are sound"))
    }

    /// The catalogue of a year.
    pub fn get(&self, year: i32) -> Option<&Arc<Catalogue>> {
        self.by_year.get(&year)
    }

    /// The years that have one, in order.
    pub fn years(&self) -> impl Iterator<Item = i32> {
        self.by_year.keys().copied()
    }
}

/// The name of a year's file, as errors and the rules directory spell it.
pub(super) fn file_name(year: i32, name: &str) -> String {
    format!("submission/catalogue/{year}/{name}")
}

pub(super) struct Source<'a> {
    pub dir: &'a RulesDir,
}

impl Source<'_> {
    pub fn has(&self, year: i32) -> bool {
        shipped(year).is_some() || !self.dir.extra(&format!("submission/catalogue/{year}")).is_empty()
    }

    /// The file of a year, joined with the earlier ones that it extends.
    pub fn file<T: CatalogueFile + DeserializeOwned>(&self, year: i32) -> Result<T, RulesError> {
        let name = file_name(year, T::NAME);
        let shipped = shipped_text::<T>(year);
        if self.dir.text(&name, shipped)?.trim().is_empty() {
            return Err(RulesError::content(
                &name,
                "extends",
                "the file is missing or empty; to keep an earlier year's rules, write `extends = YEAR`",
            ));
        }
        let file: T = rules::load(self.dir, &name, shipped)?;
        if let Some(entry) = file.repeated() {
            return Err(RulesError::content(&name, entry, "the code is used twice"));
        }
        let Some(base) = file.extends() else { return Ok(file) };
        if base >= year || !self.has(base) {
            return Err(RulesError::content(
                &name,
                "extends",
                format!("there is no earlier catalogue of {base}"),
            ));
        }
        file.over(self.file(base)?)
            .map_err(|code| RulesError::content(&name, "remove", format!("{base} has no entry {code:?}")))
    }
}

/// What the binary ships as this file of a year; "" if it ships none.
pub(super) fn shipped_text<T: CatalogueFile>(year: i32) -> &'static str {
    shipped(year).map_or("", |files| match T::NAME {
        IndicatorsFile::NAME => files[0],
        KindsFile::NAME => files[1],
        RulesFile::NAME => files[2],
        _ => "",
    })
}

fn shipped(year: i32) -> Option<&'static [&'static str; 3]> {
    SHIPPED.iter().find(|(shipped, _)| *shipped == year).map(|(_, files)| files)
}
