//! What each kind of report consists of.

use serde::Deserialize;
use zhijian_platform::Text;

use super::Level;

/// Whom a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The organisation that submits it.
    Submitter,
    /// An enterprise that is registered as bound to the school that submits it.
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
    /// The level of education that it speaks of.
    pub level: Level,
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
    /// The files that go with it, in order.
    pub annexes: Vec<Annex>,
    /// How many characters the text of a case (案例) has at most; 0 means no bound.
    pub max_case_characters: u32,
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
    /// How many cases (案例) it carries at least.
    pub min_cases: u32,
}

impl SectionKind {
    /// Whether it cannot be left out.
    pub fn required(&self) -> bool {
        self.min_characters > 0
    }
}

/// A file that goes with a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annex {
    /// Its code, unique within the kind of report.
    pub code: String,
    /// What it is called.
    pub name: Text,
    /// What it must contain and how to make it.
    pub note: Text,
    /// Whether the report cannot be handed in without it.
    pub required: bool,
    /// The types of file that are taken, such as `application/pdf`.
    pub media_types: Vec<String>,
    /// The size of one file at most, in bytes.
    pub max_bytes: u64,
    /// How many files it may be at most, 1–50.
    pub max_files: u32,
    /// Whether it bears the signatory's signature and the seal.
    pub signed: bool,
}
