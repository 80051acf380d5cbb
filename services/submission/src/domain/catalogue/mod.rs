//! The rules of a year: which indicators and sections each kind of report has, and which checks it must pass.
//!
//! They are data: `catalogue/YEAR/{indicators,kinds,rules}.toml`, shipped in the binary and overridable from the rules
//! directory. A file may say `extends = YEAR` to start from an earlier year; its own entries then replace those of the
//! same code or come after them, and `remove` names codes that fall away.

mod build;
mod build_indicators;
mod build_kinds;
mod build_rules;
mod draft;
mod file;
mod indicator;
mod kind;
mod load;
mod rule;

use zhijian_platform::Text;

use super::units::Units;

pub use draft::{DraftError, MAX_DRAFT, STACK, draft, rules_text};
pub use indicator::{Aggregation, Choice, Indicator, IndicatorKind, Level, Source};
pub use kind::{Annex, OrganisationKind, ReportKind, SectionKind, Subject};
pub use load::Catalogues;
pub use rule::{Missing, Pair, Rule, Scope, Severity, Stage, Standing, Test};

/// The rules of one year.
#[derive(Debug)]
pub struct Catalogue {
    /// The year they are for.
    pub year: i32,
    /// The units of measurement.
    pub units: Units,
    /// The tables in which indicators are asked for, in order.
    pub groups: Vec<Group>,
    /// Every indicator, in order.
    pub indicators: Vec<Indicator>,
    /// The kinds of report.
    pub kinds: Vec<ReportKind>,
    /// The checks, in the order of their stages.
    pub rules: Vec<Rule>,
}

impl Catalogue {
    /// The kind of report of this code.
    pub fn kind(&self, code: &str) -> Option<&ReportKind> {
        self.kinds.iter().find(|kind| kind.code == code)
    }

    /// The indicators that a kind of report asks for, in order, derived ones included.
    pub fn indicators_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Indicator> {
        self.indicators.iter().filter(move |indicator| indicator.report_kinds.iter().any(|code| code == kind))
    }

    /// The indicators that a report of this kind can fill in: all but the derived ones.
    pub fn reported_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Indicator> {
        self.indicators_of(kind).filter(|indicator| indicator.formula.is_none())
    }

    /// The indicators that a report of this kind must fill in.
    pub fn required_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Indicator> {
        self.indicators_of(kind).filter(|indicator| indicator.required)
    }

    /// The checks for a kind of report.
    pub fn rules_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Rule> {
        self.rules.iter().filter(move |rule| rule.report_kinds.iter().any(|code| code == kind))
    }
}

/// A table in which indicators are asked for.
#[derive(Debug, Clone)]
pub struct Group {
    /// The prefix of its indicators' codes.
    pub code: String,
    /// What it is called.
    pub name: Text,
}

#[cfg(test)]
mod shape_tests;
#[cfg(test)]
mod tests;
