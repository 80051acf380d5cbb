//! The catalogue's files as they are written.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::Deserialize;
use zhijian_platform::Text;

use super::{IndicatorKind, Missing, OrganisationKind, Scope, Severity, Subject};

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
    #[serde(default)]
    pub units: BTreeMap<String, Text>,
    #[serde(default, rename = "group")]
    pub groups: Vec<GroupEntry>,
    #[serde(default, rename = "indicator")]
    pub indicators: Vec<IndicatorEntry>,
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
    pub report_kinds: Vec<String>,
    pub formula: Option<String>,
    pub note: Option<Text>,
    #[serde(default)]
    pub options: Vec<String>,
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
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KindEntry {
    pub code: String,
    pub name: Text,
    pub submitters: Vec<OrganisationKind>,
    pub subject: Subject,
    /// A key of `sections`.
    pub sections: String,
    pub groups: Vec<String>,
    pub signatory: Text,
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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleEntry {
    pub code: String,
    pub report_kinds: Vec<String>,
    pub severity: Severity,
    #[serde(default)]
    pub scope: Scope,
    #[serde(default)]
    pub indicators: Vec<String>,
    pub when: Option<String>,
    pub expression: String,
    pub tolerance: Option<Decimal>,
    #[serde(default)]
    pub missing: Missing,
    pub message: Text,
    pub hint: Text,
}

/// Something with a code.
trait Coded {
    fn code(&self) -> &str;
}

macro_rules! coded {
    ($($entry:ty),*) => { $(impl Coded for $entry { fn code(&self) -> &str { &self.code } })* };
}
coded!(GroupEntry, IndicatorEntry, SectionEntry, KindEntry, RuleEntry);

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
        repeated("group", &self.groups).or_else(|| repeated("indicator", &self.indicators))
    }

    fn over(self, mut base: Self) -> Result<Self, String> {
        remove(&mut base.indicators, &self.remove)?;
        base.units.extend(self.units);
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
        let in_lists = || {
            self.sections.iter().find_map(|(list, sections)| repeated(&format!("sections.{list}"), sections))
        };
        repeated("kind", &self.kinds).or_else(in_lists)
    }

    fn over(self, mut base: Self) -> Result<Self, String> {
        remove(&mut base.kinds, &self.remove)?;
        base.sections.extend(self.sections);
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
