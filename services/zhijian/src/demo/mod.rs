//! The demonstration region: invented institutions whose figures add up to the real ones of 2025.
//!
//! [`Region::generate`] makes the region without any I/O, the same at every call; [`load`] brings it into a running
//! server through the services' own RPCs, as the people of the region would.

mod apportion;
mod dice;
mod districts;
mod enterprises;
mod figures;
mod histories;
mod loader;
mod material;
mod names;
mod people;
mod printed;
mod programmes;
mod prose;
mod region;
mod reports;
mod reviews;
mod satisfaction;
mod schools;
mod specs;
mod unprinted;
mod years;

#[cfg(test)]
mod tests;

pub use histories::{Former, History};
pub use loader::{PASSWORD, Progress, Report, SIGN_INS, load, sign_ins};
pub use people::{Account, Reviewer, Role};
pub use printed::Printed;
pub use programmes::{Pathway, Programme};
pub use prose::explanation;
pub use region::{Organisation, OrganisationKind, REGION_NAME, REGION_NOTE, Region};
pub use reports::{Fate, Figure, ReportKind, YearReport};
pub use reviews::{Band, Element, Grading, scores};
pub use schools::{School, SchoolKind};

/// The level of vocational education.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    Secondary,
    Higher,
}

/// Why the region could not be generated: its data files or its tables of rules are wrong.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    #[error("demo-data: {name}: {reason}")]
    BadFile { name: &'static str, reason: String },
    #[error("{total} cannot be split into parts that hold between {low} and {high}")]
    DoesNotFit { total: u64, low: u64, high: u64 },
    #[error("{code}: {source}")]
    Indicator { code: &'static str, source: Box<GenerateError> },
    #[error("a weighted mean misses its target of {target} by {left} in all")]
    RateMissed { target: i64, left: i64 },
    #[error("nothing is printed for {code}")]
    NotPrinted { code: &'static str },
}

impl GenerateError {
    /// Says which indicator the error is about.
    fn of(code: &'static str) -> impl FnOnce(Self) -> Self {
        move |source| Self::Indicator { code, source: Box::new(source) }
    }
}
