//! The panels of a round that has begun, mended with the least disturbance.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use zhijian_grading::{AssignError, Present};

use super::{
    assignment::Assignment,
    conflict::{Ground, Index},
    entry::Entry,
    panel,
    reviewer::Reviewer,
};

/// What mending changes. Seats that are neither stay.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Assignments taken back, none of them handed in.
    pub removed: Vec<Assignment>,
    /// New seats: entry and reviewer.
    pub added: Vec<(String, String)>,
    /// Handed in by somebody who is in conflict now. They stay.
    pub disputed: Vec<Assignment>,
}

/// Finds what to change, so that every panel is whole again. An entry keeps as many seats as it has, an arbiter's
/// included, and at least `panel_size`.
///
/// # Errors
/// What stands in the way.
pub fn readjust(
    ground: &Ground,
    entries: &[Entry],
    reviewers: &[Reviewer],
    present: &[Assignment],
    panel_size: u32,
) -> Result<Change, AssignError> {
    let index = Index::new(reviewers, ground);
    let mut sitting: HashMap<&str, u32> = HashMap::new();
    for seat in present {
        *sitting.entry(&seat.entry_id).or_default() += 1;
    }
    let wanted: Vec<_> = entries
        .iter()
        .map(|entry| {
            let seats = sitting.get(entry.id.as_str()).copied().unwrap_or_default().max(panel_size);
            panel::to_seat(ground, &index, entry, seats, BTreeSet::new())
        })
        .collect();
    let people: Vec<_> = reviewers.iter().map(|one| panel::who_sits(one, &HashMap::new())).collect();
    let seats: Vec<Present> = present
        .iter()
        .map(|seat| Present {
            entry: seat.entry_id.clone(),
            reviewer: seat.account_id.clone(),
            organisation: seat.organisation_code.clone(),
            fixed: seat.is_submitted(),
        })
        .collect();
    let mended = zhijian_grading::readjust(&wanted, &people, &seats)?;
    let by_seat: BTreeMap<(&str, &str), &Assignment> =
        present.iter().map(|seat| ((seat.entry_id.as_str(), seat.account_id.as_str()), seat)).collect();
    let removed = mended
        .removed
        .iter()
        .filter_map(|seat| by_seat.get(&(seat.entry.as_str(), seat.reviewer.as_str())))
        .map(|seat| (*seat).clone());
    let barred: BTreeMap<&str, &BTreeSet<String>> =
        wanted.iter().map(|entry| (entry.key.as_str(), &entry.conflicts)).collect();
    let disputed = present
        .iter()
        .filter(|seat| seat.is_submitted())
        .filter(|seat| barred.get(seat.entry_id.as_str()).is_some_and(|who| who.contains(&seat.account_id)));
    Ok(Change {
        removed: removed.collect(),
        added: mended.added.into_iter().map(|seat| (seat.entry, seat.reviewer)).collect(),
        disputed: disputed.cloned().collect(),
    })
}
