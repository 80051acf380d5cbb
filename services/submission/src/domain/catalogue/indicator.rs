//! One row of the tables.

use serde::Deserialize;
use zhijian_platform::Text;

use crate::domain::{expression::Expression, units::Unit};

/// What an indicator's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndicatorKind {
    /// A whole number, never negative.
    Count,
    /// A decimal with a unit.
    Amount,
    /// A quotient that may exceed 1.
    Ratio,
    /// A percentage.
    Rate,
    /// One of several options.
    Choice,
}

impl IndicatorKind {
    /// Its name in the catalogue files and in rules.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Amount => "amount",
            Self::Ratio => "ratio",
            Self::Rate => "rate",
            Self::Choice => "choice",
        }
    }
}

/// The level of education that an indicator or a kind of report speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Higher vocational education (高职).
    Higher,
    /// Secondary vocational education (中职).
    Secondary,
    /// Both.
    #[default]
    Both,
}

impl Level {
    /// Whether something of this level concerns something of `other`.
    pub fn meets(self, other: Self) -> bool {
        self == Self::Both || other == Self::Both || self == other
    }
}

/// How the values of several reports become one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aggregation {
    /// They do not.
    None,
    /// They are added up.
    Sum,
    /// Their plain mean.
    Mean,
    /// Their mean weighted by the indicator of this code.
    WeightedMean(String),
    /// The formula, computed from the aggregates of its terms.
    Formula,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The status-data platform or the secondary MIS.
    Platform,
    /// The school's own records.
    School,
    /// A survey.
    Survey,
    /// The accounts.
    Finance,
    /// Other indicators of the same report.
    Formula,
}

/// One of the answers of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Its code, which is what a cell holds.
    pub code: String,
    /// What it is called.
    pub name: Text,
}

/// One row of the tables.
#[derive(Debug)]
pub struct Indicator {
    /// Its code, unique within the year.
    pub code: String,
    /// The code of its group.
    pub group: String,
    /// What it is called.
    pub name: Text,
    /// The unit of its value.
    pub unit: Unit,
    /// What its value is.
    pub kind: IndicatorKind,
    /// How many digits after the point are kept, 0–6.
    pub decimals: u32,
    /// The level of education that it is asked of.
    pub level: Level,
    /// The kinds of report that ask for it.
    pub report_kinds: Vec<String>,
    /// Whether a report must give a value, or say why it does not apply.
    pub required: bool,
    /// How it is computed, if it is derived.
    pub formula: Option<Expression>,
    /// The formula in words, with the names of the indicators.
    pub formula_words: Option<Text>,
    /// How the values of several reports become one.
    pub aggregation: Aggregation,
    /// Where its value comes from.
    pub source: Source,
    /// The numbers of the published tables that print it.
    pub tables: Vec<String>,
    /// Its definition, where the name does not say it all.
    pub note: Option<Text>,
    /// The options of a choice.
    pub options: Vec<Choice>,
}

#[cfg(test)]
impl Indicator {
    /// A count that no kind of report asks for.
    pub fn for_tests(code: &str) -> Self {
        Self {
            code: code.to_owned(),
            group: code.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned(),
            name: Text::new("测试", "test"),
            unit: Unit::base("item", Text::new("个", "items")),
            kind: IndicatorKind::Count,
            decimals: 0,
            level: Level::Both,
            report_kinds: vec![],
            required: true,
            formula: None,
            formula_words: None,
            aggregation: Aggregation::Sum,
            source: Source::School,
            tables: vec![],
            note: None,
            options: vec![],
        }
    }
}
