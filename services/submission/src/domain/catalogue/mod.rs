//! The rules of a year: which indicators and sections each kind of report has, and which checks it must pass.
//!
//! They are data: `catalogue/YEAR/{indicators,kinds,rules}.toml`, shipped in the binary and overridable from the rules
//! directory. A file may say `extends = YEAR` to start from an earlier year; its own entries then replace those of the
//! same code or come after them, and `remove` names codes that fall away.

mod build;
mod file;
mod load;

use rust_decimal::Decimal;
use serde::Deserialize;
use zhijian_platform::Text;

use super::expression::Expression;

pub use load::Catalogues;

/// The rules of one year.
#[derive(Debug)]
pub struct Catalogue {
    /// The year they are for.
    pub year: i32,
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

    /// The indicators that a report of this kind must fill in.
    pub fn required_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Indicator> {
        self.indicators_of(kind).filter(|indicator| indicator.formula.is_none())
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
    pub unit: Text,
    /// What its value is.
    pub kind: IndicatorKind,
    /// How many digits after the point are kept, 0–6.
    pub decimals: u32,
    /// The kinds of report that ask for it.
    pub report_kinds: Vec<String>,
    /// How it is computed, if it is derived.
    pub formula: Option<Expression>,
    /// Its definition or source, where the name does not say it all.
    pub note: Option<Text>,
    /// The options of a choice.
    pub options: Vec<String>,
}

#[cfg(test)]
impl Indicator {
    /// A count that no kind of report asks for.
    pub fn for_tests(code: &str) -> Self {
        Self {
            code: code.to_owned(),
            group: code.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned(),
            name: Text::new("测试", "test"),
            unit: Text::new("个", "items"),
            kind: IndicatorKind::Count,
            decimals: 0,
            report_kinds: vec![],
            formula: None,
            note: None,
            options: vec![],
        }
    }
}

/// Whom a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The organisation that submits it.
    Submitter,
    /// An enterprise.
    Enterprise,
}

/// The kinds of organisation that take part in reporting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganisationKind {
    /// A higher vocational institution (高等职业院校).
    HigherVocational,
    /// A specialised secondary school (中等专业学校).
    SpecialisedSecondary,
    /// A vocational high school (职业高中).
    VocationalHigh,
    /// A district's education commission.
    DistrictCommission,
    /// An enterprise.
    Enterprise,
}

/// A kind of report.
#[derive(Debug)]
pub struct ReportKind {
    /// Its code.
    pub code: String,
    /// What it is called.
    pub name: Text,
    /// The organisations that submit it.
    pub submitters: Vec<OrganisationKind>,
    /// Whom it is about.
    pub subject: Subject,
    /// Its sections, in order.
    pub sections: Vec<SectionKind>,
    /// The tables it carries.
    pub groups: Vec<String>,
    /// Who declares the truth of it.
    pub signatory: Text,
}

impl ReportKind {
    /// The section of this code.
    pub fn section(&self, code: &str) -> Option<&SectionKind> {
        self.sections.iter().find(|section| section.code == code)
    }
}

/// A section that a kind of report asks for.
#[derive(Debug, Clone)]
pub struct SectionKind {
    /// Its code, unique within the kind of report.
    pub code: String,
    /// Its heading.
    pub name: Text,
    /// How many characters it has at least; 0 means that it may be left out.
    pub min_characters: u32,
    /// How many characters it has at most; 0 means no bound.
    pub max_characters: u32,
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
mod tests;
