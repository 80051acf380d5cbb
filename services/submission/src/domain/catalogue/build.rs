//! Checks the files of a year against each other and compiles their expressions.

use std::collections::BTreeMap;

use zhijian_platform::{Text, rules::RulesError};

use super::{
    Catalogue, Group, Indicator, IndicatorKind, ReportKind, Rule, Scope,
    build_indicators::build_indicators,
    build_kinds::{build_kinds, check_carried},
    file::{CatalogueFile, IndicatorsFile, KindsFile, RuleEntry, RulesFile},
    load::file_name,
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
    let rules = build_rules(year, rules, &kinds, &names_by_kind(&kinds, &indicators))?;
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

fn build_rules(
    year: i32,
    file: RulesFile,
    kinds: &[ReportKind],
    names: &NamesByKind,
) -> Result<Vec<Rule>, RulesError> {
    let at = Place { file: file_name(year, RulesFile::NAME) };
    file.rules.into_iter().map(|entry| build_rule(&at, entry, kinds, names)).collect()
}

fn build_rule(
    at: &Place,
    entry: RuleEntry,
    kinds: &[ReportKind],
    by_kind: &NamesByKind,
) -> Result<Rule, RulesError> {
    let key = format!("rule {}", entry.code);
    at.report_kinds(&key, &entry.report_kinds, kinds)?;
    let common = common_names(by_kind, &entry.report_kinds);
    if entry.scope != Scope::Cell && !entry.indicators.is_empty() {
        return Err(at.error(format!("{key}.indicators"), "only a rule of scope \"cell\" has them"));
    }
    if let Some(unknown) = entry.indicators.iter().find(|code| !common.contains_key(*code)) {
        return Err(at.error(format!("{key}.indicators"), format!("unknown indicator {unknown:?}")));
    }
    for (part, text) in [("message", &entry.message), ("hint", &entry.hint)] {
        at.text(&format!("{key}.{part}"), text)?;
        check_placeholders(at, &format!("{key}.{part}"), text, entry.scope)?;
    }
    let names = names_in_scope(common, entry.scope, entry.tolerance.is_some());
    let expression = at.expression(format!("{key}.expression"), &entry.expression, &names, Type::Bool)?;
    let when = entry
        .when
        .map(|source| at.expression(format!("{key}.when"), &source, &names, Type::Bool))
        .transpose()?;
    Ok(Rule {
        code: entry.code,
        report_kinds: entry.report_kinds,
        severity: entry.severity,
        scope: entry.scope,
        indicators: entry.indicators,
        when,
        expression,
        tolerance: entry.tolerance,
        missing: entry.missing,
        message: entry.message,
        hint: entry.hint,
    })
}

/// The names that the expressions of a rule may use.
fn names_in_scope(indicators: Names, scope: Scope, tolerance: bool) -> Names {
    let mut names: Names = indicators
        .iter()
        .map(|(code, kind)| (format!("last.{code}"), *kind))
        .chain(indicators.clone())
        .collect();
    let more: &[(&str, Type)] = match scope {
        Scope::Report => &[],
        Scope::Cell => &[
            ("value", Type::Number),
            ("previous", Type::Number),
            ("filled", Type::Bool),
            ("required", Type::Bool),
            ("not_applicable", Type::Bool),
            ("reason_characters", Type::Number),
            ("kind", Type::Text),
        ],
        Scope::Section => &[
            ("section", Type::Text),
            ("characters", Type::Number),
            ("min_characters", Type::Number),
            ("max_characters", Type::Number),
        ],
    };
    names.extend(more.iter().map(|(name, kind)| ((*name).to_owned(), *kind)));
    if tolerance {
        names.insert("tolerance".to_owned(), Type::Number);
    }
    names
}

fn check_placeholders(at: &Place, key: &str, text: &Text, scope: Scope) -> Result<(), RulesError> {
    let allowed: &[&str] = match scope {
        Scope::Report => &[],
        Scope::Cell => &["code", "name"],
        Scope::Section => &["section"],
    };
    for language in [&text.zh, &text.en] {
        for part in language.split('{').skip(1) {
            let name = part.split('}').next().unwrap_or_default();
            if !allowed.contains(&name) {
                return Err(at.error(key, format!("{{{name}}} is not known here; there are {allowed:?}")));
            }
        }
    }
    Ok(())
}
