//! Checks the files of a year against each other and compiles their expressions.

use std::collections::BTreeMap;

use zhijian_platform::{Text, rules::RulesError};

use super::{
    Catalogue, Group, Indicator, IndicatorKind, ReportKind,
    build_indicators::build_indicators,
    build_kinds::{build_kinds, check_carried},
    build_rules::build_rules,
    file::{IndicatorsFile, KindsFile, RulesFile},
};
use crate::domain::expression::{Expression, Names, Type};

pub(super) fn build(
    year: i32,
    indicators: IndicatorsFile,
    kinds: KindsFile,
    rules: RulesFile,
) -> Result<Catalogue, RulesError> {
    let kinds = build_kinds(year, kinds, &indicators)?;
    let groups: Vec<Group> = indicators
        .groups
        .iter()
        .map(|group| Group { code: group.code.clone(), name: group.name.clone() })
        .collect();
    let (units, indicators) = build_indicators(year, indicators, &groups, &kinds)?;
    check_carried(year, &kinds, &indicators)?;
    let rules = build_rules(year, rules, &kinds, &indicators, &names_by_kind(&kinds, &indicators))?;
    Ok(Catalogue { year, units, groups, indicators, kinds, rules })
}

/// The names of the indicators of each kind of report, with their types.
pub(super) type NamesByKind = BTreeMap<String, Names>;

fn names_by_kind(kinds: &[ReportKind], indicators: &[Indicator]) -> NamesByKind {
    let names_of = |kind: &ReportKind| -> Names {
        let asked = indicators.iter().filter(|indicator| indicator.report_kinds.contains(&kind.code));
        asked.map(|indicator| (indicator.code.clone(), type_of(indicator.kind))).collect()
    };
    kinds.iter().map(|kind| (kind.code.clone(), names_of(kind))).collect()
}

/// What an indicator's value is in an expression.
pub(super) fn type_of(kind: IndicatorKind) -> Type {
    if kind == IndicatorKind::Choice { Type::Text } else { Type::Number }
}

/// The names that every one of `kinds` has.
pub(super) fn common_names(by_kind: &NamesByKind, kinds: &[String]) -> Names {
    let mut sets = kinds.iter().filter_map(|kind| by_kind.get(kind));
    let mut common = sets.next().cloned().unwrap_or_default();
    for set in sets {
        common.retain(|name, _| set.contains_key(name));
    }
    common
}

/// A file in which an entry may be at fault.
pub(super) struct Place {
    pub file: String,
}

impl Place {
    pub(super) fn error(&self, key: impl Into<String>, detail: impl Into<String>) -> RulesError {
        RulesError::content(&self.file, key, detail)
    }

    pub(super) fn text(&self, key: &str, text: &Text) -> Result<(), RulesError> {
        if text.zh.trim().is_empty() || text.en.trim().is_empty() {
            return Err(self.error(key, "both zh and en are wanted"));
        }
        Ok(())
    }

    pub(super) fn report_kinds(
        &self,
        key: &str,
        named: &[String],
        kinds: &[ReportKind],
    ) -> Result<(), RulesError> {
        let key = format!("{key}.report_kinds");
        if named.is_empty() {
            return Err(self.error(key, "at least one kind of report is wanted"));
        }
        match named.iter().find(|code| !kinds.iter().any(|kind| kind.code == **code)) {
            Some(code) => Err(self.error(key, format!("there is no kind of report {code:?}"))),
            None => Ok(()),
        }
    }

    pub(super) fn expression(
        &self,
        key: String,
        source: &str,
        names: &Names,
        wanted: Type,
    ) -> Result<Expression, RulesError> {
        let expression =
            Expression::compile(source, names).map_err(|error| self.error(key.clone(), error.to_string()))?;
        if expression.result() != wanted {
            return Err(self.error(key, format!("it is a {:?}, not a {wanted:?}", expression.result())));
        }
        Ok(expression)
    }
}
