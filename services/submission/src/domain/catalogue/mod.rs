//! The rules of a year: which indicators and sections each kind of report has, and which checks it must pass.
//!
//! They are data: `catalogue/YEAR/{indicators,kinds,rules}.toml`, shipped in the binary and overridable from the rules
//! directory. A file may say `extends = YEAR` to start from an earlier year; its own entries then replace those of the
//! same code or come after them, and `remove` names codes that fall away.

mod build;
mod build_indicators;
mod build_kinds;
mod draft;
mod file;
mod indicator;
mod kind;
mod load;

use rust_decimal::Decimal;
use serde::Deserialize;
use zhijian_platform::Text;

use super::{expression::Expression, units::Units};

pub use draft::{DraftError, MAX_DRAFT, STACK, draft, rules_text};
pub use indicator::{Aggregation, Choice, Indicator, IndicatorKind, Level, Source};
pub use kind::{Annex, OrganisationKind, ReportKind, SectionKind, Subject};
pub use load::Catalogues;

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
    /// The checks.
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

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It blocks submission.
    Error,
    /// It wants an explanation.
    Warning,
    /// It is worth knowing.
    Info,
}

/// What a rule is applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The report as a whole, once.
    #[default]
    Report,
    /// Each cell that must be filled in.
    Cell,
    /// Each section.
    Section,
}

/// What becomes of a rule some of whose values are missing. A value that is 不适用 always makes a rule not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// It does not apply.
    #[default]
    Skip,
    /// It fails.
    Fail,
}

/// One check.
#[derive(Debug)]
pub struct Rule {
    /// Its code, stable over the years.
    pub code: String,
    /// The kinds of report it is for.
    pub report_kinds: Vec<String>,
    /// How much a finding weighs.
    pub severity: Severity,
    /// What it is applied to.
    pub scope: Scope,
    /// The cells it is applied to, in scope `cell`; empty means all.
    pub indicators: Vec<String>,
    /// It applies only where this holds.
    pub when: Option<Expression>,
    /// What must hold.
    pub expression: Expression,
    /// The value of the name `tolerance` in the expressions.
    pub tolerance: Option<Decimal>,
    /// What becomes of it where values are missing.
    pub missing: Missing,
    /// What is wrong where it does not hold.
    pub message: Text,
    /// How to mend it.
    pub hint: Text,
}

#[cfg(test)]
mod shape_tests;
#[cfg(test)]
mod tests;
