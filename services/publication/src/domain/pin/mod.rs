//! What a compilation read, kept so that a stranger can compute the same tables again.
//!
//! The JSON of [`Pinned`] is public as it stands after [`disclosed`](crate::domain::disclosure): field names are part of
//! the bundle's format, and decimals are strings.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use zhijian_platform::Text;

use super::{
    facts::PathwayRow,
    figure::{Figure, Reading, Report, Tally},
};

mod grades;
mod recompute;
#[cfg(test)]
mod tests;

pub use recompute::{RecomputeError, Recomputed, Tables, edition, facts, recompute, recompute_grades, table};

/// The format that this version writes and reads.
pub const FORMAT: &str = "zhijian.pins/1";

/// Everything that the tables of one release are computed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pinned {
    /// [`FORMAT`].
    pub format: String,
    /// The release's year.
    pub year: i32,
    /// The TOML files that define the tables, by name: the year's own and those that it extends.
    pub definitions: BTreeMap<String, String>,
    /// The accepted reports of the release's year and of the earlier years that are shown.
    pub years: BTreeMap<i32, PinnedYear>,
    /// The newest finalised round of each scheme whose grades are counted, by the scheme's code.
    pub rounds: BTreeMap<String, PinnedRound>,
    /// The programmes with a pathway in the year, in the plan's order.
    pub pathways: Vec<PathwayRow>,
    /// The organisations that are named anywhere above, by code.
    pub organisations: BTreeMap<String, PinnedOrganisation>,
    /// The cases of the year's accepted reports that editions set, by organisation and in the order of each report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<PinnedCase>,
}

/// A case of an accepted report, in the school's own words but for what leads to persons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedCase {
    pub case_id: String,
    pub submission_id: String,
    /// The code of the report's kind.
    pub kind: String,
    /// The organisation that the report is about.
    pub subject: String,
    /// The section of the report that it belongs to.
    pub section: String,
    pub title: String,
    /// Plain text or Markdown.
    pub body: String,
}

/// An organisation as the register had it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedOrganisation {
    pub name: Text,
    /// The register's word for what it is ("HIGHER_VOCATIONAL").
    pub kind: String,
}

/// The accepted reports of one year.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedYear {
    /// The indicators that were read, by code, as the year's catalogue defines them.
    pub indicators: BTreeMap<String, PinnedIndicator>,
    pub reports: Vec<PinnedReport>,
    /// What the withheld and rounded cells add to the figures, together and exactly; empty where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<PinnedSum>,
    /// What rounded cells are multiples of; empty where none is rounded.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub rounded_to: BTreeSet<u32>,
}

/// An indicator's definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedIndicator {
    pub name: Text,
    /// As headings show it ("人", "万元", "%").
    pub unit: Text,
    /// How many digits after the point are kept.
    pub decimals: u32,
    /// The kinds of report that are asked for it.
    pub report_kinds: BTreeSet<String>,
    /// The expression of a derived indicator; empty for one that is reported.
    pub formula: String,
}

/// One accepted report, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedReport {
    pub submission_id: String,
    /// The revision that is in the results.
    pub revision: i32,
    /// The code of the report's kind.
    pub kind: String,
    /// The organisation that handed it in.
    pub organisation: String,
    /// The organisation that it is about.
    pub subject: String,
    /// When the commission took the revision into the results.
    pub accept_time: Option<DateTime<Utc>>,
    /// The cells by indicator: a decimal, null where it does not apply, "*" where it is withheld, "≈15" where it is rounded.
    pub cells: BTreeMap<String, Reading>,
}

impl PinnedReport {
    /// For the figures.
    pub fn report(&self) -> Report {
        let readings = self.cells.iter().map(|(code, reading)| (code.clone(), *reading)).collect();
        Report { kind: self.kind.clone(), subject: self.subject.clone(), readings }
    }
}

/// The part of a figure's sums that comes from reports with withheld or rounded cells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedSum {
    pub figure: Figure,
    pub tally: Tally,
}

/// A graded round, without names: entries and reviewers are numbers that mean nothing outside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedRound {
    pub round_id: String,
    pub name: Text,
    pub elements: Vec<PinnedElement>,
    /// From the highest to the lowest.
    pub bands: Vec<PinnedBand>,
    pub rules: PinnedRules,
    pub entries: Vec<PinnedEntry>,
    pub sheets: Vec<PinnedSheet>,
}

/// An element of the rubric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedElement {
    pub code: String,
    pub weight: Decimal,
}

/// A grade with its cut-off, which is inclusive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedBand {
    pub grade: String,
    pub group: String,
    pub cut_off: Decimal,
}

/// How the scores of a panel become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PinnedJoin {
    Median,
    Mean,
    TrimmedMean,
}

/// How scores become grades.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedRules {
    pub join: PinnedJoin,
    /// How many scores a trimmed mean leaves out at each end.
    pub trim: usize,
    /// Whether reviewers' severities are estimated and taken off.
    pub calibrate: bool,
    /// By rank: a number of entries for every band but the lowest; else empty.
    pub places: Vec<usize>,
    /// By rank: a cumulative percentage for every band but the lowest; else empty.
    pub percentiles: Vec<Decimal>,
    /// Whether entries that tie across a bound go into the better band.
    pub ties_up: bool,
}

/// Something that was graded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedEntry {
    pub grade: String,
    /// Unrounded.
    pub total: Decimal,
    /// The total that was known beforehand.
    pub anchor: Option<Decimal>,
    /// Whether the grade comes from the hearing of an appeal.
    pub heard: bool,
}

/// What one reviewer gave one entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedSheet {
    pub entry: usize,
    pub reviewer: usize,
    /// One an element, in order.
    pub scores: Vec<Decimal>,
    /// Whether it is of the hearing of an appeal.
    pub hearing: bool,
}
