//! Checks the files of a year against each other and compiles their expressions.

use std::collections::BTreeMap;

use zhijian_platform::{Text, rules::RulesError};

use super::{
    Catalogue, Group, Indicator, IndicatorKind, ReportKind, Rule, Scope, SectionKind,
    file::{
        CatalogueFile, IndicatorEntry, IndicatorsFile, KindEntry, KindsFile, RuleEntry, RulesFile,
        SectionEntry,
    },
    load::file_name,
};
use crate::domain::expression::{Expression, Names, Type};

/// The digits after the point that an indicator may keep.
const MAX_DECIMALS: u32 = 6;

pub(super) fn build(
    year: i32,
    indicators: IndicatorsFile,
    kinds: KindsFile,
    rules: RulesFile,
) -> Result<Catalogue, RulesError> {
    let kinds = build_kinds(year, kinds, &indicators)?;
    let indicators_at = Place { file: file_name(year, IndicatorsFile::NAME) };
    let groups: Vec<Group> =
        indicators.groups.into_iter().map(|group| Group { code: group.code, name: group.name }).collect();
    let reported = names_by_kind(&indicators.indicators, &kinds, |entry| entry.formula.is_none());
    let all = names_by_kind(&indicators.indicators, &kinds, |_| true);
    let mut built = Vec::with_capacity(indicators.indicators.len());
    for entry in indicators.indicators {
        built.push(build_indicator(&indicators_at, entry, &indicators.units, &groups, &kinds, &reported)?);
    }
    let rules = build_rules(year, rules, &kinds, &all)?;
    Ok(Catalogue { year, groups, indicators: built, kinds, rules })
}

/// The names of the indicators of each kind of report, with their types.
type NamesByKind = BTreeMap<String, Names>;

fn names_by_kind(
    entries: &[IndicatorEntry],
    kinds: &[ReportKind],
    wanted: impl Fn(&IndicatorEntry) -> bool,
) -> NamesByKind {
    let names_of = |kind: &ReportKind| -> Names {
        entries
            .iter()
            .filter(|entry| wanted(entry) && entry.report_kinds.contains(&kind.code))
            .map(|entry| {
                let text = entry.kind == IndicatorKind::Choice;
                (entry.code.clone(), if text { Type::Text } else { Type::Number })
            })
            .collect()
    };
    kinds.iter().map(|kind| (kind.code.clone(), names_of(kind))).collect()
}

/// The names that every one of `kinds` has.
fn common_names(by_kind: &NamesByKind, kinds: &[String]) -> Names {
    let mut sets = kinds.iter().filter_map(|kind| by_kind.get(kind));
    let mut common = sets.next().cloned().unwrap_or_default();
    for set in sets {
        common.retain(|name, _| set.contains_key(name));
    }
    common
}

/// A file in which an entry may be at fault.
struct Place {
    file: String,
}

impl Place {
    fn error(&self, key: impl Into<String>, detail: impl Into<String>) -> RulesError {
        RulesError::content(&self.file, key, detail)
    }

    fn text(&self, key: &str, text: &Text) -> Result<(), RulesError> {
        if text.zh.trim().is_empty() || text.en.trim().is_empty() {
            return Err(self.error(key, "both zh and en are wanted"));
        }
        Ok(())
    }

    fn report_kinds(&self, key: &str, named: &[String], kinds: &[ReportKind]) -> Result<(), RulesError> {
        let key = format!("{key}.report_kinds");
        if named.is_empty() {
            return Err(self.error(key, "at least one kind of report is wanted"));
        }
        match named.iter().find(|code| !kinds.iter().any(|kind| kind.code == **code)) {
            Some(code) => Err(self.error(key, format!("there is no kind of report {code:?}"))),
            None => Ok(()),
        }
    }

    fn expression(
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

fn build_kinds(
    year: i32,
    file: KindsFile,
    indicators: &IndicatorsFile,
) -> Result<Vec<ReportKind>, RulesError> {
    let at = Place { file: file_name(year, KindsFile::NAME) };
    if file.kinds.is_empty() {
        return Err(at.error("kind", "at least one kind of report is wanted"));
    }
    for (set, sections) in &file.sections {
        check_sections(&at, set, sections)?;
    }
    file.kinds.into_iter().map(|entry| build_kind(&at, entry, &file.sections, indicators)).collect()
}

fn check_sections(at: &Place, set: &str, sections: &[SectionEntry]) -> Result<(), RulesError> {
    for section in sections {
        let key = format!("sections.{set} {}", section.code);
        at.text(&format!("{key}.name"), &section.name)?;
        if section.max_characters != 0 && section.max_characters < section.min_characters {
            return Err(at.error(format!("{key}.max_characters"), "it is below min_characters"));
        }
    }
    Ok(())
}

fn build_kind(
    at: &Place,
    entry: KindEntry,
    sets: &BTreeMap<String, Vec<SectionEntry>>,
    indicators: &IndicatorsFile,
) -> Result<ReportKind, RulesError> {
    let key = format!("kind {}", entry.code);
    at.text(&format!("{key}.name"), &entry.name)?;
    at.text(&format!("{key}.signatory"), &entry.signatory)?;
    if entry.submitters.is_empty() {
        return Err(at.error(format!("{key}.submitters"), "at least one kind of organisation is wanted"));
    }
    let sections = sets.get(&entry.sections).ok_or_else(|| {
        at.error(format!("{key}.sections"), format!("there is no list of sections {:?}", entry.sections))
    })?;
    for group in &entry.groups {
        if !indicators.groups.iter().any(|known| known.code == *group) {
            return Err(at.error(format!("{key}.groups"), format!("there is no group {group:?}")));
        }
    }
    let sections = sections
        .iter()
        .map(|section| SectionKind {
            code: section.code.clone(),
            name: section.name.clone(),
            min_characters: section.min_characters,
            max_characters: section.max_characters,
        })
        .collect();
    Ok(ReportKind {
        code: entry.code,
        name: entry.name,
        submitters: entry.submitters,
        subject: entry.subject,
        sections,
        groups: entry.groups,
        signatory: entry.signatory,
    })
}

fn build_indicator(
    at: &Place,
    entry: IndicatorEntry,
    units: &BTreeMap<String, Text>,
    groups: &[Group],
    kinds: &[ReportKind],
    reported: &NamesByKind,
) -> Result<Indicator, RulesError> {
    let key = format!("indicator {}", entry.code);
    let group = group_of(&entry.code).ok_or_else(|| {
        at.error(key.clone(), "a code is the group's capital letters, then a number: \"SC01\", \"SAT01N\"")
    })?;
    if !groups.iter().any(|known| known.code == group) {
        return Err(at.error(key, format!("there is no group {group:?}")));
    }
    at.text(&format!("{key}.name"), &entry.name)?;
    at.report_kinds(&key, &entry.report_kinds, kinds)?;
    if let Some(kind) =
        kinds.iter().find(|kind| entry.report_kinds.contains(&kind.code) && !kind.groups.contains(&group))
    {
        let detail = format!("the kind {:?} does not carry the group {group:?}", kind.code);
        return Err(at.error(format!("{key}.report_kinds"), detail));
    }
    let unit = units
        .get(&entry.unit)
        .ok_or_else(|| at.error(format!("{key}.unit"), format!("there is no unit {:?}", entry.unit)))?;
    let whole = matches!(entry.kind, IndicatorKind::Count | IndicatorKind::Choice);
    let decimals = entry.decimals.unwrap_or(if whole { 0 } else { 2 });
    if decimals > MAX_DECIMALS || (whole && decimals != 0) {
        return Err(at.error(format!("{key}.decimals"), "0–6, and 0 for a count or a choice"));
    }
    if (entry.kind == IndicatorKind::Choice) == entry.options.is_empty() {
        return Err(at.error(format!("{key}.options"), "a choice has options, and nothing else has"));
    }
    let formula = entry
        .formula
        .map(|source| {
            let names = common_names(reported, &entry.report_kinds);
            at.expression(format!("{key}.formula"), &source, &names, Type::Number)
        })
        .transpose()?;
    Ok(Indicator {
        code: entry.code,
        group,
        name: entry.name,
        unit: unit.clone(),
        kind: entry.kind,
        decimals,
        report_kinds: entry.report_kinds,
        formula,
        note: entry.note,
        options: entry.options,
    })
}

/// The group's code at the start of an indicator's; nothing if that is no code.
fn group_of(code: &str) -> Option<String> {
    let letters = code.bytes().take_while(u8::is_ascii_uppercase).count();
    let sound = letters > 0
        && code.len() > letters
        && code.as_bytes()[letters].is_ascii_digit()
        && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    sound.then(|| code[..letters].to_owned())
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
