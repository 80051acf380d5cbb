//! What a check returns: findings that explain themselves.

use std::fmt;

use serde::Serialize;

/// The family a finding belongs to; serialised in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// A share, sum, growth, difference or ratio that does not follow from the figures beside it.
    Arithmetic,
    /// One quantity, work or model stated in two ways.
    Contradiction,
    /// Numbering, lists, captions and the references to them.
    Reference,
    /// Institutions, contests and other names that vary or are out of date.
    Name,
    /// Passages and slogans that appear more than once.
    Duplication,
    /// Dates, punctuation, units, stray text, personal identifiers.
    Form,
    /// Figures without a source or a scope note.
    Source,
}

/// How much a finding matters; serialised in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The text is wrong or contradicts itself.
    Error,
    /// Very likely wrong, or right and misleading.
    Warning,
    /// Worth a look; never blocks anything.
    Info,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Arithmetic => "arithmetic",
            Self::Contradiction => "contradiction",
            Self::Reference => "reference",
            Self::Name => "name",
            Self::Duplication => "duplication",
            Self::Form => "form",
            Self::Source => "source",
        })
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        })
    }
}

/// A place in the text as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Location {
    /// Line, counted from 1.
    pub line: usize,
    /// The words there, quoted from the line.
    pub excerpt: String,
}

/// One thing to look at, with the reasoning that led to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Made of the rule and the words concerned, never of the line: it stays the same when text is added elsewhere, so
    /// that a dismissal is remembered in the next revision.
    pub id: String,
    /// Family.
    pub class: Class,
    /// Weight.
    pub severity: Severity,
    /// Dotted name of the rule, such as `arithmetic.sum`.
    pub rule: &'static str,
    /// What is wrong and what to do, in Chinese.
    pub message_zh: String,
    /// The same in English.
    pub message_en: String,
    /// Line of the main place, counted from 1.
    pub line: usize,
    /// The words at the main place.
    pub excerpt: String,
    /// Every place concerned, the main one first.
    pub locations: Vec<Location>,
    /// What the text should say, empty where the proofreader cannot know.
    pub expected: String,
    /// What the text says.
    pub actual: String,
    /// The calculation or comparison in words, in Chinese.
    pub computation: String,
    /// The same in English.
    pub computation_en: String,
}
