//! Names: institutions against the registry and against each other, contests, undefined short forms.

mod contest;
pub(crate) mod institution;
mod organisation;
mod quoted;
mod registry;
mod short;
mod variant;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::context::Context;
use crate::report::Report;
use crate::unit::UnitKind;
use institution::mentions;
pub(crate) use variant::{inserted, same_institution, shortened};

/// Where a name stands: the unit and the bytes within it.
#[derive(Debug, Clone)]
pub(crate) struct Occurrence {
    pub unit: usize,
    pub range: std::ops::Range<usize>,
}

/// Every institution the report names, with all places.
#[derive(Debug, Default)]
pub(crate) struct Institutions {
    pub by_name: BTreeMap<String, Vec<Occurrence>>,
    /// Shorter and longer names that stand in one table: different institutions, however alike.
    apart: HashSet<(String, String)>,
}

impl Institutions {
    pub fn of(context: &Context<'_, '_>) -> Self {
        let mut found = Self::default();
        let mut table_names: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        for (unit, piece) in context.units.iter().enumerate() {
            for mention in mentions(piece.text()) {
                if let UnitKind::Row(table, _) = piece.kind {
                    table_names.entry(table).or_default().insert(mention.name.clone());
                }
                found
                    .by_name
                    .entry(mention.name)
                    .or_default()
                    .push(Occurrence { unit, range: mention.range });
            }
        }
        for names in table_names.values() {
            for long in names {
                for short in variant::shortened(long).filter(|s| names.contains(s)) {
                    found.apart.insert((short, long.clone()));
                }
            }
        }
        found
    }

    /// Whether a shorter and a longer name are two institutions of one table.
    fn are_apart(&self, short: &str, long: &str) -> bool {
        self.apart.contains(&(short.to_owned(), long.to_owned()))
    }
}

/// All checks of names.
pub(crate) fn check(context: &Context<'_, '_>, report: &mut Report) {
    let covered = registry::check(context, report);
    variant::check(context, &covered, report);
    contest::check(context, report);
    quoted::check(context, report);
    organisation::check(context, report);
    short::check(context, report);
}
