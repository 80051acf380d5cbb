//! What the register knows of a school beyond its name: who runs it, since when, and what it was called before.

use std::collections::BTreeMap;

use super::{GenerateError, names::Name, printed::rows};

const NAME: &str = "histories.csv";
const HISTORIES: &str = include_str!("../../demo-data/names/histories.csv");

/// The history of an institution. Days are as exact as they are known: YYYY, YYYY-MM or YYYY-MM-DD; "" if unknown.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Run by others than the state.
    pub private: bool,
    /// Since when it exists.
    pub founded: String,
    /// The names it gave up, oldest first.
    pub former_names: Vec<Former>,
}

/// A name that was given up.
#[derive(Debug, Clone)]
pub struct Former {
    pub name: Name,
    /// Its first day.
    pub from: String,
    /// Its last day.
    pub to: String,
}

/// The histories by the Chinese name in force.
pub(crate) fn histories() -> Result<BTreeMap<String, History>, GenerateError> {
    let mut found: BTreeMap<String, History> = BTreeMap::new();
    for row in rows(NAME, HISTORIES)? {
        let cell = |column: usize| row.get(column).unwrap_or_default().to_owned();
        let history = found.entry(cell(0)).or_default();
        history.private = match cell(1).as_str() {
            "public" => false,
            "private" => true,
            other => {
                let reason = format!("{other:?} is neither public nor private");
                return Err(GenerateError::BadFile { name: NAME, reason });
            }
        };
        history.founded = cell(2);
        if !cell(3).is_empty() {
            let name = Name { zh: cell(3), en: cell(4) };
            history.former_names.push(Former { name, from: cell(5), to: cell(6) });
        }
    }
    Ok(found)
}
