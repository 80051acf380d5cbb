//! What a check may know beyond the text.

use chrono::NaiveDate;
use rust_decimal::Decimal;

/// An institution as the registry knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegisteredName {
    /// The name in force.
    pub name: String,
    /// Accepted short forms.
    pub short: Vec<String>,
    /// Names it used to carry.
    pub former: Vec<FormerName>,
}

/// A name an institution used to carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerName {
    /// The name as it was.
    pub name: String,
    /// Last day it was in force, where known.
    pub until: Option<NaiveDate>,
}

/// The days a report observes, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

/// Another report to compare with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OtherText {
    /// How to call it in a finding, such as a school's name or a file name.
    pub title: String,
    /// Its text.
    pub text: String,
}

/// A figure that is known from elsewhere, such as a cell of the data tables submitted with a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figure {
    /// What it measures, in the words of the indicator: `毕业生人数`. Its kind of school (高职, 中职) may be part of them.
    pub name: String,
    /// Its value for the year the report is about.
    pub value: Decimal,
    /// Its unit with scale, as a text prints it: `人`, `万元`, `%`. Empty where unknown.
    pub unit: String,
    /// Where it stands, for messages: `计分卡!C7`.
    pub place: String,
}

/// What a check may know beyond the text; `Options::default()` is a check of the text alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Institutions; empty: names are compared with each other only.
    pub registry: Vec<RegisteredName>,
    /// Observation window; `None`: taken from the text where it states one.
    pub window: Option<Window>,
    /// The same institution's earlier reports.
    pub previous: Vec<OtherText>,
    /// Other institutions' reports of the same year.
    pub others: Vec<OtherText>,
    /// Figures that the text must not contradict.
    pub figures: Vec<Figure>,
}
