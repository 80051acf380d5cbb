//! The units and indicators of a year, checked.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use zhijian_platform::{Text, rules::RulesError};

use super::{
    Aggregation, Choice, Group, Indicator, IndicatorKind, ReportKind, Source,
    build::{NamesByKind, Place, common_names, type_of},
    file::{AggregationEntry, CatalogueFile, IndicatorEntry, IndicatorsFile, UnitEntry},
    load::file_name,
};
use crate::domain::{
    expression::{Expression, Names, Type},
    units::{Unit, Units},
};

/// The digits after the point that an indicator may keep.
const MAX_DECIMALS: u32 = 6;

pub(super) fn build_indicators(
    year: i32,
    file: IndicatorsFile,
    groups: &[Group],
    kinds: &[ReportKind],
) -> Result<(Units, Vec<Indicator>), RulesError> {
    let at = Place { file: file_name(year, IndicatorsFile::NAME) };
    let units = build_units(&at, &file.units)?;
    for (list, options) in &file.options {
        for option in options {
            at.text(&format!("options.{list} {}.name", option.code), &option.name)?;
        }
    }
    let asked: Vec<Asked> =
        file.indicators.iter().map(|entry| Asked::of(&at, entry, groups, kinds)).collect::<Result<_, _>>()?;
    let around = Around {
        at: &at,
        units: &units,
        options: &file.options,
        reported: names_by_kind(&file.indicators, &asked, kinds),
        names: file.indicators.iter().map(|entry| (entry.code.clone(), entry.name.clone())).collect(),
    };
    let indicators =
        file.indicators.into_iter().zip(asked).map(|(entry, asked)| build_indicator(&around, entry, asked));
    let indicators = indicators.collect::<Result<_, _>>()?;
    Ok((units, indicators))
}

fn build_units(at: &Place, entries: &BTreeMap<String, UnitEntry>) -> Result<Units, RulesError> {
    let mut units: Vec<Unit> = Vec::with_capacity(entries.len());
    for (code, entry) in entries {
        let key = format!("units.{code}");
        let name = Text::new(entry.zh.clone(), entry.en.clone());
        at.text(&key, &name)?;
        let (base, factor) = match (&entry.base, entry.factor) {
            (None, None) => (code, Decimal::ONE),
            (Some(base), Some(factor)) => (base, factor),
            _ => return Err(at.error(key, "a unit has both base and factor, or neither")),
        };
        if entries.get(base).is_none_or(|known| known.base.is_some()) {
            return Err(at.error(format!("{key}.base"), format!("{base:?} is not the base of a dimension")));
        }
        if factor <= Decimal::ZERO {
            return Err(at.error(format!("{key}.factor"), "above zero"));
        }
        let unit =
            Unit { code: code.clone(), name, base: base.clone(), factor, spellings: entry.spellings.clone() };
        let twin = units.iter().filter(|other| other.same_dimension(&unit)).find_map(|other| {
            let shared =
                other.written().find(|text| unit.written().any(|own| own.eq_ignore_ascii_case(text)));
            shared.map(|text| format!("{text:?} is also {:?}", other.code))
        });
        if let Some(detail) = twin {
            return Err(at.error(format!("{key}.spellings"), detail));
        }
        units.push(unit);
    }
    Ok(Units::new(units))
}

/// Who asks for an indicator.
struct Asked {
    group: String,
    report_kinds: Vec<String>,
}

impl Asked {
    fn of(
        at: &Place,
        entry: &IndicatorEntry,
        groups: &[Group],
        kinds: &[ReportKind],
    ) -> Result<Self, RulesError> {
        let key = format!("indicator {}", entry.code);
        let group = group_of(&entry.code).ok_or_else(|| {
            at.error(
                key.clone(),
                "a code is the group's capital letters, then a number: \"SC01\", \"SAT01N\"",
            )
        })?;
        if !groups.iter().any(|known| known.code == group) {
            return Err(at.error(key, format!("there is no group {group:?}")));
        }
        let fits = |kind: &&ReportKind| kind.groups.contains(&group) && kind.level.meets(entry.level);
        let Some(named) = &entry.report_kinds else {
            let report_kinds: Vec<String> = kinds.iter().filter(fits).map(|kind| kind.code.clone()).collect();
            if report_kinds.is_empty() {
                let detail =
                    format!("no kind of report of the level {:?} carries the group {group:?}", entry.level);
                return Err(at.error(format!("{key}.level"), detail));
            }
            return Ok(Self { group, report_kinds });
        };
        at.report_kinds(&key, named, kinds)?;
        if let Some(kind) = kinds.iter().find(|kind| named.contains(&kind.code) && !fits(kind)) {
            let detail = if kind.groups.contains(&group) {
                format!("the kind {:?} is not of the level {:?}", kind.code, entry.level)
            } else {
                format!("the kind {:?} does not carry the group {group:?}", kind.code)
            };
            return Err(at.error(format!("{key}.report_kinds"), detail));
        }
        Ok(Self { group, report_kinds: named.clone() })
    }
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

/// The names of the reported indicators of each kind of report, with their types.
fn names_by_kind(entries: &[IndicatorEntry], asked: &[Asked], kinds: &[ReportKind]) -> NamesByKind {
    let names_of = |kind: &ReportKind| -> Names {
        let reported = entries
            .iter()
            .zip(asked)
            .filter(|(entry, asked)| entry.formula.is_none() && asked.report_kinds.contains(&kind.code));
        reported.map(|(entry, _)| (entry.code.clone(), type_of(entry.kind))).collect()
    };
    kinds.iter().map(|kind| (kind.code.clone(), names_of(kind))).collect()
}

/// What an indicator is checked against.
struct Around<'a> {
    at: &'a Place,
    units: &'a Units,
    options: &'a BTreeMap<String, Vec<Choice>>,
    reported: NamesByKind,
    names: BTreeMap<String, Text>,
}

fn build_indicator(
    around: &Around<'_>,
    entry: IndicatorEntry,
    asked: Asked,
) -> Result<Indicator, RulesError> {
    let at = around.at;
    let key = format!("indicator {}", entry.code);
    at.text(&format!("{key}.name"), &entry.name)?;
    if let Some(note) = &entry.note {
        at.text(&format!("{key}.note"), note)?;
    }
    let unit = around
        .units
        .get(&entry.unit)
        .ok_or_else(|| at.error(format!("{key}.unit"), format!("there is no unit {:?}", entry.unit)))?;
    let whole = matches!(entry.kind, IndicatorKind::Count | IndicatorKind::Choice);
    let decimals = entry.decimals.unwrap_or(if whole { 0 } else { 2 });
    if decimals > MAX_DECIMALS || (whole && decimals != 0) {
        return Err(at.error(format!("{key}.decimals"), "0–6, and 0 for a count or a choice"));
    }
    if entry.tables.iter().any(|table| table.trim().is_empty()) {
        return Err(at.error(format!("{key}.tables"), "a table's number is wanted, such as \"2-1\""));
    }
    let common = common_names(&around.reported, &asked.report_kinds);
    let formula = entry
        .formula
        .as_ref()
        .map(|source| at.expression(format!("{key}.formula"), source, &common, Type::Number))
        .transpose()?;
    let derived = formula.is_some();
    if derived && entry.required == Some(true) {
        return Err(at.error(format!("{key}.required"), "a derived indicator is computed, never filled in"));
    }
    if derived && entry.kind == IndicatorKind::Choice {
        return Err(at.error(format!("{key}.formula"), "a choice is not computed"));
    }
    let source = entry.source.unwrap_or(if derived { Source::Formula } else { Source::School });
    if (source == Source::Formula) != derived {
        return Err(
            at.error(format!("{key}.source"), "\"formula\" is the source of derived indicators alone")
        );
    }
    Ok(Indicator {
        options: options(around, &key, &entry)?,
        aggregation: aggregation(at, &key, &entry, &common)?,
        formula_words: formula.as_ref().map(|formula| in_words(formula, &around.names)),
        group: asked.group,
        unit: unit.clone(),
        decimals,
        level: entry.level,
        report_kinds: asked.report_kinds,
        required: entry.required.unwrap_or(!derived),
        code: entry.code,
        name: entry.name,
        kind: entry.kind,
        formula,
        source,
        tables: entry.tables,
        note: entry.note,
    })
}

fn options(around: &Around<'_>, key: &str, entry: &IndicatorEntry) -> Result<Vec<Choice>, RulesError> {
    let key = format!("{key}.options");
    match &entry.options {
        None if entry.kind != IndicatorKind::Choice => Ok(vec![]),
        Some(list) if entry.kind == IndicatorKind::Choice => match around.options.get(list) {
            Some(options) if !options.is_empty() => Ok(options.clone()),
            _ => Err(around.at.error(key, format!("there is no list of options {list:?}"))),
        },
        _ => Err(around.at.error(key, "a choice has options, and nothing else has")),
    }
}

fn aggregation(
    at: &Place,
    key: &str,
    entry: &IndicatorEntry,
    common: &Names,
) -> Result<Aggregation, RulesError> {
    let derived = entry.formula.is_some();
    let natural = match entry.kind {
        _ if derived => Some(AggregationEntry::Formula),
        IndicatorKind::Count | IndicatorKind::Amount => Some(AggregationEntry::Sum),
        IndicatorKind::Choice => Some(AggregationEntry::None),
        IndicatorKind::Ratio | IndicatorKind::Rate => None,
    };
    let wrong = |detail: &str| Err(at.error(format!("{key}.aggregation"), detail));
    let Some(chosen) = entry.aggregation.or(natural) else {
        return wrong(
            "a rate or ratio does not add up: say \"weighted_mean\" with a weight, \"mean\" or \"none\"",
        );
    };
    let adds_up = matches!(entry.kind, IndicatorKind::Count | IndicatorKind::Amount);
    match chosen {
        AggregationEntry::Sum if !adds_up => return wrong("only a count or an amount adds up"),
        AggregationEntry::Formula if !derived => return wrong("only a derived indicator has a formula"),
        AggregationEntry::Mean | AggregationEntry::WeightedMean if entry.kind == IndicatorKind::Choice => {
            return wrong("a choice has no mean");
        }
        _ => {}
    }
    match (&entry.weight, chosen == AggregationEntry::WeightedMean) {
        (None, true) | (Some(_), false) => {
            return Err(
                at.error(format!("{key}.weight"), "a weighted mean has a weight, and nothing else has")
            );
        }
        (Some(weight), true) if common.get(weight) != Some(&Type::Number) || *weight == entry.code => {
            let detail = format!("{weight:?} is not another number that the same reports give");
            return Err(at.error(format!("{key}.weight"), detail));
        }
        _ => {}
    }
    Ok(match (chosen, &entry.weight) {
        (AggregationEntry::None, _) => Aggregation::None,
        (AggregationEntry::Sum, _) => Aggregation::Sum,
        (AggregationEntry::Formula, _) => Aggregation::Formula,
        (AggregationEntry::WeightedMean, Some(weight)) => Aggregation::WeightedMean(weight.clone()),
        (AggregationEntry::Mean | AggregationEntry::WeightedMean, _) => Aggregation::Mean,
    })
}

/// A formula with names in place of codes, and the signs that people write.
fn in_words(formula: &Expression, names: &BTreeMap<String, Text>) -> Text {
    let words = |name_of: fn(&Text) -> &str| {
        let mut said = String::new();
        let mut rest = formula.source();
        while let Some(first) = rest.chars().next() {
            let length =
                rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'.').count();
            if length > 0 {
                let (word, after) = rest.split_at(length);
                said.push_str(names.get(word).map_or(word, name_of));
                rest = after;
                continue;
            }
            said.push(match first {
                '*' => '×',
                '/' => '÷',
                '-' => '−',
                other => other,
            });
            rest = &rest[first.len_utf8()..];
        }
        said
    };
    Text::new(words(|text| &text.zh), words(|text| &text.en))
}
