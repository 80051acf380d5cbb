//! The names of published numbers, by which they are followed back to what they were computed from.
//!
//! A name says what the number is ("2025.higher.ratio.SC02.SC01.100"), so that it stays the same from one compilation to the
//! next.

use super::figure::{Figure, Measure};

/// The name of a figure of `year`.
pub fn figure(year: i32, figure: &Figure) -> String {
    let kinds = figure.report_kinds.join("_");
    match &figure.measure {
        Measure::Sum(of) => format!("{year}.{kinds}.sum.{of}"),
        Measure::Ratio { of, to, per } => format!("{year}.{kinds}.ratio.{of}.{to}.{per}"),
        Measure::Mean { of, weight } => format!("{year}.{kinds}.mean.{of}.{weight}"),
    }
}

/// The name of a figure of one institution.
pub fn of_institution(year: i32, of: &Figure, organisation: &str) -> String {
    format!("{}@{organisation}", figure(year, of))
}

/// What of a round's grades a number counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counted<'a> {
    /// One grade.
    Grade(&'a str),
    /// The grades of one letter.
    Group(&'a str),
    /// All of them.
    All,
}

/// The name of a count of grades, and of the share that follows from it.
pub fn grades(year: i32, scheme: &str, counted: &Counted<'_>) -> String {
    match counted {
        Counted::Grade(grade) => format!("{year}.grade.{scheme}.{grade}"),
        Counted::Group(group) => format!("{year}.grade.{scheme}.group.{group}"),
        Counted::All => format!("{year}.grade.{scheme}.all"),
    }
}

/// The name of a number that follows from a table: the sum of a column by its key, or "count" for its lines.
pub fn of_table(year: i32, number: &str, what: &str) -> String {
    format!("{year}.table.{number}.{what}")
}

/// The name of a number that was published elsewhere.
pub fn published(year: i32, key: &str) -> String {
    format!("{year}.published.{key}")
}

/// The name of a count of institutions of these kinds; all of them if none is named.
pub fn institutions(year: i32, kinds: &[String]) -> String {
    let kinds = if kinds.is_empty() { "all".to_owned() } else { kinds.join("_") };
    format!("{year}.institutions.{kinds}")
}
