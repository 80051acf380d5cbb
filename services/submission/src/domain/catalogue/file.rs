//! The catalogue's files as they are written.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::Deserialize;
use zhijian_platform::Text;

use super::{
    Choice, IndicatorKind, Level, Missing, OrganisationKind, Scope, Severity, Source, Stage, Subject,
};

/// A file of coded entries that may start from an earlier year's.
pub(super) trait CatalogueFile: Sized {
    /// The file's name within the year's directory.
    const NAME: &'static str;

    /// The year it starts from.
    fn extends(&self) -> Option<i32>;

    /// The first entry whose code an earlier one of the same file has ("rule V10").
    fn repeated(&self) -> Option<String>;

    /// Puts `self`'s entries over those of `base`. The error is a code that `remove` names in vain.
    fn over(self, base: Self) -> Result<Self, String>;
}

/// `indicators.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IndicatorsFile {
    extends: Option<i32>,
    #[serde(default)]
    remove: Vec<String>,
    /// Units of measurement, by code.
    #[serde(default)]
    pub units: BTreeMap<String, UnitEntry>,
    /// Lists of the options of choices, so that indicators can share one.
    #[serde(default)]
    pub options: BTreeMap<String, Vec<Choice>>,
    #[serde(default, rename = "group")]
    pub groups: Vec<GroupEntry>,
    #[serde(default, rename = "indicator")]
    pub indicators: Vec<IndicatorEntry>,
}

/// A base unit has neither `base` nor `factor`; any other has both.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnitEntry {
    pub zh: String,
    pub en: String,
    pub base: Option<String>,
    pub factor: Option<Decimal>,
    #[serde(default)]
    pub spellings: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupEntry {
    pub code: String,
    pub name: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IndicatorEntry {
    pub code: String,
    pub name: Text,
    /// A key of `units`.
    pub unit: String,
    pub kind: IndicatorKind,
    /// 0 for a count or a choice, else 2, unless given.
    pub decimals: Option<u32>,
    #[serde(default)]
    pub level: Level,
    /// Every kind of that level that carries the group, unless given.
    pub report_kinds: Option<Vec<String>>,
    /// True for a reported indicator unless given; a derived one is never required.
    pub required: Option<bool>,
    pub formula: Option<String>,
    /// The sum of a count or an amount, the formula of a derived indicator, none of a choice; others give it.
    pub aggregation: Option<AggregationEntry>,
    /// The indicator that weighs a weighted mean.
    pub weight: Option<String>,
    /// The school's records unless given; the formula for a derived indicator.
    pub source: Option<Source>,
    /// The numbers of the published tables that print it.
    #[serde(default)]
    pub tables: Vec<String>,
    pub note: Option<Text>,
    /// A key of `options`, for a choice.
    pub options: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AggregationEntry {
    None,
    Sum,
    Mean,
    WeightedMean,
    Formula,
}

/// `kinds.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KindsFile {
    extends: Option<i32>,
    #[serde(default)]
    remove: Vec<String>,
    /// Lists of sections, so that kinds of report can share one.
    #[serde(default)]
    pub sections: BTreeMap<String, Vec<SectionEntry>>,
    /// Lists of annexes, so that kinds of report can share one.
    #[serde(default)]
    pub annexes: BTreeMap<String, Vec<AnnexEntry>>,
    #[serde(default, rename = "kind")]
    pub kinds: Vec<KindEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SectionEntry {
    pub code: String,
    pub name: Text,
    #[serde(default)]
    pub min_characters: u32,
    #[serde(default)]
    pub max_characters: u32,
    #[serde(default)]
    pub min_cases: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnnexEntry {
    pub code: String,
    pub name: Text,
    pub note: Text,
    pub required: bool,
    pub media_types: Vec<String>,
    pub max_bytes: u64,
    #[serde(default = "one")]
    pub max_files: u32,
    #[serde(default)]
    pub signed: bool,
}

fn one() -> u32 {
    1
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KindEntry {
    pub code: String,
    pub name: Text,
    #[serde(default)]
    pub level: Level,
    pub submitters: Vec<OrganisationKind>,
    pub subject: Subject,
    /// A key of `sections`.
    pub sections: String,
    pub groups: Vec<String>,
    pub signatory: Text,
    /// A key of `annexes`; no files go with the report without it.
    pub annexes: Option<String>,
    #[serde(default)]
    pub max_case_characters: u32,
}

/// `rules.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RulesFile {
    extends: Option<i32>,
    #[serde(default)]
    remove: Vec<String>,
    #[serde(default, rename = "rule")]
    pub rules: Vec<RuleEntry>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleEntry {
    pub code: String,
    pub stage: Stage,
    /// Indicators for each of which the rule is written once: `{it}` is its code, `{it_name}` its name.
    #[serde(default)]
    pub over: Vec<String>,
    pub report_kinds: Vec<String>,
    pub severity: Severity,
    #[serde(default)]
    pub scope: Scope,
    #[serde(default)]
    pub indicators: Vec<String>,
    pub when: Option<String>,
    /// What must hold; or else `left`, `operator` and `right`.
    pub expression: Option<String>,
    pub left: Option<String>,
    pub operator: Option<Operator>,
    pub right: Option<String>,
    pub tolerance: Option<Decimal>,
    /// The tolerance unless given where that is below 1, else a tenth.
    pub range: Option<Decimal>,
    #[serde(default)]
    pub missing: Missing,
    pub message: Text,
    pub hint: Text,
}

/// How two sides compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Operator {
    #[serde(rename = "==")]
    Equal,
    #[serde(rename = "!=")]
    NotEqual,
    #[serde(rename = "<")]
    Less,
    #[serde(rename = "<=")]
    AtMost,
    #[serde(rename = ">")]
    More,
    #[serde(rename = ">=")]
    AtLeast,
    /// Both are given or neither.
    #[serde(rename = "both_or_neither")]
    BothOrNeither,
    /// At most one is given.
    #[serde(rename = "not_both")]
    NotBoth,
}

/// Something with a code.
trait Coded {
    fn code(&self) -> &str;
}

macro_rules! coded {
    ($($entry:ty),*) => { $(impl Coded for $entry { fn code(&self) -> &str { &self.code } })* };
}
coded!(GroupEntry, IndicatorEntry, SectionEntry, AnnexEntry, Choice, KindEntry, RuleEntry);

/// `base` with the entries of `own` in place of those of the same code, the others at the end.
fn merge<E: Coded>(mut base: Vec<E>, own: Vec<E>) -> Vec<E> {
    for entry in own {
        match base.iter_mut().find(|earlier| earlier.code() == entry.code()) {
            Some(earlier) => *earlier = entry,
            None => base.push(entry),
        }
    }
    base
}

fn repeated<E: Coded>(entry: &str, entries: &[E]) -> Option<String> {
    let mut seen = BTreeSet::new();
    let code = entries.iter().map(Coded::code).find(|code| !seen.insert(*code))?;
    Some(format!("{entry} {code}"))
}

fn remove<E: Coded>(entries: &mut Vec<E>, codes: &[String]) -> Result<(), String> {
    for code in codes {
        let index = entries.iter().position(|entry| entry.code() == code).ok_or_else(|| code.clone())?;
        entries.remove(index);
    }
    Ok(())
}

impl CatalogueFile for IndicatorsFile {
    const NAME: &'static str = "indicators.toml";

    fn extends(&self) -> Option<i32> {
        self.extends
    }

    fn repeated(&self) -> Option<String> {
        let in_lists =
            || self.options.iter().find_map(|(list, options)| repeated(&format!("options.{list}"), options));
        repeated("group", &self.groups).or_else(|| repeated("indicator", &self.indicators)).or_else(in_lists)
    }

    fn over(self, mut base: Self) -> Result<Self, String> {
        remove(&mut base.indicators, &self.remove)?;
        base.units.extend(self.units);
        base.options.extend(self.options);
        base.groups = merge(base.groups, self.groups);
        base.indicators = merge(base.indicators, self.indicators);
        Ok(base)
    }
}

impl CatalogueFile for KindsFile {
    const NAME: &'static str = "kinds.toml";

    fn extends(&self) -> Option<i32> {
        self.extends
    }

    fn repeated(&self) -> Option<String> {
        let in_sections = || {
            self.sections.iter().find_map(|(list, sections)| repeated(&format!("sections.{list}"), sections))
        };
        let in_annexes =
            || self.annexes.iter().find_map(|(list, annexes)| repeated(&format!("annexes.{list}"), annexes));
        repeated("kind", &self.kinds).or_else(in_sections).or_else(in_annexes)
    }

    fn over(self, mut base: Self) -> Result<Self, String> {
        remove(&mut base.kinds, &self.remove)?;
        base.sections.extend(self.sections);
        base.annexes.extend(self.annexes);
        base.kinds = merge(base.kinds, self.kinds);
        Ok(base)
    }
}

impl CatalogueFile for RulesFile {
    const NAME: &'static str = "rules.toml";

    fn extends(&self) -> Option<i32> {
        self.extends
    }

    fn repeated(&self) -> Option<String> {
        repeated("rule", &self.rules)
    }

    fn over(self, mut base: Self) -> Result<Self, String> {
        remove(&mut base.rules, &self.remove)?;
        base.rules = merge(base.rules, self.rules);
        Ok(base)
    }
}
