//! The rules of review, without I/O.

pub mod agreement;
pub mod appeal;
pub mod assignment;
pub mod concord;
pub mod conflict;
pub mod discussion;
pub mod entry;
pub mod evidence;
pub mod feedback;
pub mod funding;
pub mod grading;
pub mod measure;
pub mod outcome;
pub mod outlier;
pub mod panel;
pub mod panel_cells;
pub mod panel_columns;
pub mod panel_table;
pub mod passages;
pub mod procedure;
pub mod readjust;
pub mod rectification;
pub mod redact;
pub mod relation;
pub mod reminder;
pub mod reviewer;
pub mod round;
pub mod scheme;
pub mod scheme_panel;
pub mod scheme_review;
pub mod sheet;
pub mod suggestion;
pub mod when;

/// A stored word that this version does not know: the database was written by another.
#[derive(Debug, thiserror::Error)]
#[error("{word:?} is not a {kind} this version knows")]
pub struct UnknownWord {
    /// What the word should say.
    pub kind: &'static str,
    /// The word as stored.
    pub word: String,
}
