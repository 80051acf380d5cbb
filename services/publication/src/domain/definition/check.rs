//! Whether a year's tables make sense: every text, key, unit and code.

use std::collections::{BTreeMap, BTreeSet};

use zhijian_platform::{Text, rules::RulesError};

use super::{Heading, Layout, MeasureColumn, TableDefinition};
use crate::domain::{
    figure::Measure,
    number::{MAX_DECIMALS, NumberFormat},
    template::Values,
};

/// How many years a table may show.
const MAX_YEARS: u32 = 20;

/// Chapter and place of a table's number; `None` unless it is two numbers joined by a hyphen.
pub(super) fn place(number: &str) -> Option<(u32, u32)> {
    let (chapter, place) = number.split_once('-')?;
    Some((chapter.parse().ok()?, place.parse().ok()?))
}

/// Checks the tables of one year, each named with the file that defines it.
pub(super) fn edition(
    file: &str,
    years: u32,
    units: &BTreeMap<String, String>,
    tables: &[(String, TableDefinition)],
) -> Result<(), RulesError> {
    if !(1..=MAX_YEARS).contains(&years) {
        return Err(RulesError::content(file, "years", format!("must be between 1 and {MAX_YEARS}")));
    }
    for (zh, en) in units {
        if zh.trim().is_empty() || en.trim().is_empty() {
            return Err(RulesError::content(file, format!("units.{zh}"), "must not be empty"));
        }
    }
    if tables.is_empty() {
        return Err(RulesError::content(file, "tables", "there must be at least one"));
    }
    for (file, table) in tables {
        Check { file, units, path: format!("tables[{}]", table.number), keys: BTreeSet::new() }
            .table(table)?;
    }
    Ok(())
}

struct Check<'a> {
    file: &'a str,
    units: &'a BTreeMap<String, String>,
    path: String,
    /// The column keys met so far.
    keys: BTreeSet<String>,
}

impl Check<'_> {
    fn fault(&self, key: impl AsRef<str>, detail: impl Into<String>) -> RulesError {
        RulesError::content(self.file, format!("{}.{}", self.path, key.as_ref()), detail)
    }

    fn table(&mut self, table: &TableDefinition) -> Result<(), RulesError> {
        if place(&table.number).is_none() {
            return Err(self.fault("number", "must be chapter and place, such as \"2-1\""));
        }
        self.text("title", &table.title, false)?;
        self.text("source", &table.source, true)?;
        if table.not_asked.trim().is_empty() {
            return Err(self.fault("not_asked", "must not be empty"));
        }
        self.path.push_str(".layout");
        match &table.layout {
            Layout::IndicatorsByLevel(layout) => {
                self.path.push_str(".indicators-by-level");
                self.heading("label", &layout.label)?;
                layout.unit.iter().try_for_each(|unit| self.heading("unit", unit))?;
                self.filled("columns", &layout.columns)?;
                for (index, column) in layout.columns.iter().enumerate() {
                    self.column(&format!("columns[{index}]"), &column.key, &column.zh, &column.en, None)?;
                    self.filled(&format!("columns[{index}].report_kinds"), &column.report_kinds)?;
                }
                self.filled("rows", &layout.rows)?;
                for (index, row) in layout.rows.iter().enumerate() {
                    let key = format!("rows[{index}]");
                    self.text(&key, &Text::new(row.zh.clone(), row.en.clone()), false)?;
                    self.unit(&key, row.unit.as_deref())?;
                    self.number(&key, &row.measure, &row.format)?;
                }
            }
            Layout::Years(layout) => {
                self.path.push_str(".years");
                self.heading("label", &layout.label)?;
                self.text("row", &layout.row, false)?;
                self.filled("report_kinds", &layout.report_kinds)?;
                self.measures(&layout.columns)?;
            }
            Layout::OneRow(layout) => {
                self.path.push_str(".one-row");
                self.filled("report_kinds", &layout.report_kinds)?;
                self.measures(&layout.columns)?;
            }
            Layout::Grades(layout) => {
                self.path.push_str(".grades");
                self.filled("scheme", layout.scheme.as_bytes())?;
                self.format("share", &layout.share)?;
                self.text("total", &layout.total, false)?;
                self.filled("columns", &layout.columns)?;
                for (index, column) in layout.columns.iter().enumerate() {
                    self.column(&format!("columns[{index}]"), &column.key, &column.zh, &column.en, None)?;
                }
            }
            Layout::Institutions(layout) => {
                self.path.push_str(".institutions");
                self.filled("report_kinds", &layout.report_kinds)?;
                self.measure("measure", &layout.measure)?;
                self.format("format", &layout.format)?;
                self.heading("sequence", &layout.sequence)?;
                self.heading("name", &layout.name)?;
                self.heading("value", &layout.value)?;
            }
            Layout::Programmes(layout) => {
                self.path.push_str(".programmes");
                self.filled("columns", &layout.columns)?;
                for (index, column) in layout.columns.iter().enumerate() {
                    self.column(&format!("columns[{index}]"), &column.key, &column.zh, &column.en, None)?;
                }
            }
        }
        Ok(())
    }

    fn measures(&mut self, columns: &[MeasureColumn]) -> Result<(), RulesError> {
        self.filled("columns", columns)?;
        for (index, column) in columns.iter().enumerate() {
            let key = format!("columns[{index}]");
            self.column(&key, &column.key, &column.zh, &column.en, column.unit.as_deref())?;
            self.number(&key, &column.measure, &column.format)?;
        }
        Ok(())
    }

    fn heading(&mut self, key: &str, heading: &Heading) -> Result<(), RulesError> {
        self.column(key, &heading.key, &heading.zh, &heading.en, heading.unit.as_deref())
    }

    fn column(
        &mut self,
        path: &str,
        key: &str,
        zh: &str,
        en: &str,
        unit: Option<&str>,
    ) -> Result<(), RulesError> {
        let is_name = key.starts_with(|c: char| c.is_ascii_lowercase())
            && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !is_name {
            return Err(self.fault(format!("{path}.key"), "must be a–z, 0–9 and _, beginning with a letter"));
        }
        if !self.keys.insert(key.to_owned()) {
            return Err(self.fault(format!("{path}.key"), format!("\"{key}\" names another column already")));
        }
        self.text(path, &Text::new(zh, en), false)?;
        self.unit(path, unit)
    }

    fn text(&self, key: &str, text: &Text, counts: bool) -> Result<(), RulesError> {
        let values = Values { year: 2000, count: counts.then_some(1) };
        for (lang, text) in [("zh", &text.zh), ("en", &text.en)] {
            if text.trim().is_empty() {
                return Err(self.fault(format!("{key}.{lang}"), "must not be empty"));
            }
            if let Some(unknown) = values.unknown(text) {
                return Err(self.fault(format!("{key}.{lang}"), format!("{{{unknown}}} means nothing here")));
            }
        }
        Ok(())
    }

    fn unit(&self, key: &str, unit: Option<&str>) -> Result<(), RulesError> {
        match unit {
            Some(unit) if !self.units.contains_key(unit) => {
                Err(self.fault(format!("{key}.unit"), format!("\"{unit}\" is not listed under [units]")))
            }
            _ => Ok(()),
        }
    }

    fn number(&self, key: &str, measure: &Measure, format: &NumberFormat) -> Result<(), RulesError> {
        self.measure(&format!("{key}.measure"), measure)?;
        self.format(&format!("{key}.format"), format)
    }

    fn measure(&self, key: &str, measure: &Measure) -> Result<(), RulesError> {
        let is_code = |code: &&str| {
            !code.is_empty() && code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        };
        match measure.indicators().iter().find(|code| !is_code(code)) {
            Some(code) => {
                Err(self.fault(key, format!("\"{code}\" is not an indicator's code, such as \"SC01\"")))
            }
            None => Ok(()),
        }
    }

    fn format(&self, key: &str, format: &NumberFormat) -> Result<(), RulesError> {
        if format.decimals > MAX_DECIMALS {
            return Err(self.fault(format!("{key}.decimals"), format!("must be at most {MAX_DECIMALS}")));
        }
        Ok(())
    }

    fn filled<T>(&self, key: &str, items: &[T]) -> Result<(), RulesError> {
        if items.is_empty() { Err(self.fault(key, "must not be empty")) } else { Ok(()) }
    }
}
