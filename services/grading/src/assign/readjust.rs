//! Mends the panels of a round that has begun, and disturbs as little as possible.
//!
//! Seats whose sheets are handed in stay whatever happens. Of the others as many stay as can, then as many as possible of
//! the new ones know the field, then loads are even. Mostly every seat that may stay at all can stay, and then only the
//! empty ones are filled, among groups as in [`assign`](super::assign). Where that is impossible (the only reviewer left
//! without a conflict here sits elsewhere, and could be replaced there), the flow is computed entry by entry, with a
//! seat that moves costing more than all else together.

use std::collections::{BTreeMap, BTreeSet};

use super::{AssignError, Entry, Reviewer, Seat, assign, group, model::Model, simple_obstacles, sorted};

/// A seat as it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Present {
    /// The entry's key.
    pub entry: String,
    /// The reviewer's key; who is not among the reviewers given has dropped out.
    pub reviewer: String,
    /// Whose employee the reviewer was when seated.
    pub organisation: String,
    /// It cannot be taken back: the sheet is handed in.
    pub fixed: bool,
}

/// Panels mended. The seats that are neither removed nor new stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Readjusted {
    /// Seats taken back, in order of entry, then reviewer.
    pub removed: Vec<Present>,
    /// New seats, in order of entry, then reviewer.
    pub added: Vec<Seat>,
}

/// Gives every entry its panel again. `load` of a reviewer counts what is not among the present seats; `seats` and
/// `seated` of an entry are of the whole panel and of what is not among the present seats.
///
/// # Errors
/// [`AssignError::Impossible`] with what is in the way if only the fixed seats stay.
pub fn readjust(
    entries: &[Entry],
    reviewers: &[Reviewer],
    present: &[Present],
) -> Result<Readjusted, AssignError> {
    let mut present: Vec<&Present> = present.iter().collect();
    present.sort_unstable();
    let (fixed, loose): (Vec<&Present>, Vec<&Present>) = present.iter().partition(|seat| seat.fixed);
    let (entries, reviewers) = seated(entries, reviewers, &fixed);
    let by_entry: BTreeMap<&str, &Entry> = entries.iter().map(|entry| (entry.key.as_str(), entry)).collect();
    let by_reviewer: BTreeMap<&str, &Reviewer> =
        reviewers.iter().map(|one| (one.key.as_str(), one)).collect();
    let may_stay: Vec<&Present> = loose
        .iter()
        .copied()
        .filter(|seat| {
            let entry = by_entry.get(seat.entry.as_str()).filter(|entry| entry.seats > 0);
            let reviewer = by_reviewer.get(seat.reviewer.as_str());
            entry.zip(reviewer).is_some_and(|(entry, reviewer)| entry.takes(reviewer))
        })
        .collect();
    if all_can_stay(&by_entry, &by_reviewer, &may_stay) {
        let (open, rest) = seated(&entries, &reviewers, &may_stay);
        if let Ok(plan) = assign(&open, &rest) {
            let stay: BTreeSet<&Present> = may_stay.into_iter().collect();
            let removed = loose.into_iter().filter(|seat| !stay.contains(seat)).cloned().collect();
            return Ok(Readjusted { removed, added: plan.seats });
        }
    }
    entry_by_entry(&entries, &reviewers, &loose, &may_stay)
}

/// The entries and reviewers with some seats taken.
fn seated(entries: &[Entry], reviewers: &[Reviewer], taken: &[&Present]) -> (Vec<Entry>, Vec<Reviewer>) {
    let mut by_entry: BTreeMap<&str, Vec<&Present>> = BTreeMap::new();
    let mut loads: BTreeMap<&str, u32> = BTreeMap::new();
    for seat in taken {
        by_entry.entry(&seat.entry).or_default().push(seat);
        *loads.entry(&seat.reviewer).or_default() += 1;
    }
    let employer: BTreeMap<&str, &str> =
        reviewers.iter().map(|one| (one.key.as_str(), one.organisation.as_str())).collect();
    let entries = entries.iter().map(|entry| {
        let mut entry = entry.clone();
        for seat in by_entry.get(entry.key.as_str()).into_iter().flatten() {
            entry.seats = entry.seats.saturating_sub(1);
            entry.seated.insert(seat.organisation.clone());
            entry.seated.extend(employer.get(seat.reviewer.as_str()).map(|one| (*one).to_owned()));
        }
        entry
    });
    let reviewers = reviewers.iter().map(|reviewer| {
        let more = loads.get(reviewer.key.as_str()).copied().unwrap_or_default();
        Reviewer { load: reviewer.load.saturating_add(more), ..reviewer.clone() }
    });
    (entries.collect(), reviewers.collect())
}

/// Whether the seats fit together: no panel too large, no organisation twice, nobody overloaded.
fn all_can_stay(
    entries: &BTreeMap<&str, &Entry>,
    reviewers: &BTreeMap<&str, &Reviewer>,
    seats: &[&Present],
) -> bool {
    let mut panels: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut loads: BTreeMap<&str, u32> = BTreeMap::new();
    seats.iter().all(|seat| {
        let (entry, reviewer) = (entries[seat.entry.as_str()], reviewers[seat.reviewer.as_str()]);
        let panel = panels.entry(&seat.entry).or_default();
        let load = loads.entry(&seat.reviewer).or_default();
        *load += 1;
        panel.insert(&reviewer.organisation)
            && panel.len() <= entry.seats as usize
            && *load <= reviewer.room()
    })
}

/// The exact way: one group an entry, so that the network knows which seat is whose.
fn entry_by_entry(
    entries: &[Entry],
    reviewers: &[Reviewer],
    loose: &[&Present],
    may_stay: &[&Present],
) -> Result<Readjusted, AssignError> {
    let entries = sorted(entries, |entry| &entry.key)?;
    let reviewers = sorted(reviewers, |reviewer| &reviewer.key)?;
    let groups: Vec<_> =
        entries.iter().filter(|entry| entry.seats > 0).map(|&entry| group(vec![entry], &reviewers)).collect();
    let obstacles = simple_obstacles(&groups, &reviewers);
    if !obstacles.is_empty() {
        return Err(AssignError::Impossible(obstacles));
    }
    let pair = |seat: &&'_ Present| (seat.entry.clone(), seat.reviewer.clone());
    let wished: BTreeSet<(String, String)> = may_stay.iter().map(pair).collect();
    let wished: BTreeSet<(&str, &str)> = wished.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let mut model = Model::new(&groups, &reviewers, &wished);
    let short = model.solve(&mut |_, _| {});
    if short > 0 {
        return Err(AssignError::Impossible(vec![model.bottleneck(&groups, &reviewers, short)]));
    }
    let seats = model.seats(&groups, &reviewers);
    let now: BTreeSet<(&str, &str)> =
        seats.iter().map(|seat| (seat.entry.as_str(), seat.reviewer.as_str())).collect();
    let before: BTreeSet<(&str, &str)> =
        loose.iter().map(|seat| (seat.entry.as_str(), seat.reviewer.as_str())).collect();
    let stays = |seat: &Present| now.contains(&(seat.entry.as_str(), seat.reviewer.as_str()));
    let removed = loose.iter().filter(|seat| !stays(seat)).map(|seat| (*seat).clone()).collect();
    let is_new = |seat: &&Seat| !before.contains(&(seat.entry.as_str(), seat.reviewer.as_str()));
    let added = seats.iter().filter(is_new).cloned().collect();
    Ok(Readjusted { removed, added })
}
