//! The register as a table: its columns, one entry as cells, what a change changes, and what an import would do.

mod columns;
mod names;
mod plan;
mod row;

pub use columns::{COLUMNS, cells};
pub use plan::{Outcome, Plan, Planned, Register, plan};

use super::{organisation::Organisation, particulars::Particulars};

/// How many rows one import may have.
pub const MOST_ROWS: usize = 20_000;

/// One field that changes, in people's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The contract's name of the field.
    pub field: &'static str,
    pub heading_zh: &'static str,
    pub heading_en: &'static str,
    pub old: String,
    pub new: String,
}

/// What differs between two states of an entry.
pub fn changes(before: &Organisation, after: &Organisation) -> Vec<Change> {
    let (before, after) = (cells(before), cells(after));
    COLUMNS
        .iter()
        .zip(before.into_iter().zip(after))
        .filter(|(_, (old, new))| old != new)
        .map(|(column, (old, new))| Change {
            field: column.key,
            heading_zh: column.zh,
            heading_en: column.en,
            old,
            new,
        })
        .collect()
}

/// What a new entry says, as a change from nothing.
pub fn beginnings(entry: &Organisation) -> Vec<Change> {
    COLUMNS
        .iter()
        .zip(cells(entry))
        .filter(|(_, new)| !new.is_empty())
        .map(|(column, new)| Change {
            field: column.key,
            heading_zh: column.zh,
            heading_en: column.en,
            old: String::new(),
            new,
        })
        .collect()
}

/// Whether a name is or was an organisation's: its name, or a former name that was not entered by mistake.
fn carried(particulars: &Particulars) -> impl Iterator<Item = &str> {
    particulars.former_names.iter().filter(|name| !name.mistaken).map(|name| name.zh.as_str())
}
