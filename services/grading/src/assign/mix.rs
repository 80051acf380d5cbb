//! Mixes panels, so that reviewers meet many others and a round holds together as one design.
//!
//! A cheapest flow is content to give one trio all entries of a school and another trio all of the next; then nobody could
//! say who is harsh and who merely met weak entries. Two seats are exchanged where that changes nothing else: loads stay,
//! every panel keeps as many who know its field, no conflict arises and no organisation sits twice.

use std::collections::BTreeMap;

use super::{Entry, Reviewer, Seat};

/// How often each seat is offered an exchange.
const PASSES: u64 = 6;

/// Exchanges seats, which are in order; the same seats always come out the same.
pub(super) fn mix(seats: &mut [Seat], entries: &[&Entry], reviewers: &[&Reviewer]) {
    let entries: BTreeMap<&str, &Entry> = entries.iter().map(|entry| (entry.key.as_str(), *entry)).collect();
    let reviewers: BTreeMap<&str, &Reviewer> = reviewers.iter().map(|one| (one.key.as_str(), *one)).collect();
    // Panels are runs of seats: an exchange changes who sits, never the entry.
    let mut panels: Vec<(usize, usize)> = Vec::with_capacity(seats.len());
    let mut start = 0;
    for panel in seats.chunk_by(|a, b| a.entry == b.entry) {
        panels.extend(panel.iter().map(|_| (start, start + panel.len())));
        start += panel.len();
    }
    let n = seats.len() as u64;
    for turn in 0..PASSES * n {
        let (one, other) = ((turn % n) as usize, (scramble(turn) % n) as usize);
        if panels[one] == panels[other] || seats[one].reviewer == seats[other].reviewer {
            continue;
        }
        let fits = |from: usize, to: usize| {
            let reviewer = reviewers[seats[from].reviewer.as_str()];
            let entry = entries[seats[to].entry.as_str()];
            let (first, end) = panels[to];
            let beside = (first..end).filter(|seat| *seat != to);
            entry.takes(reviewer)
                && reviewer.knows(&entry.field) == seats[to].expert
                && beside.into_iter().all(|seat| {
                    reviewers[seats[seat].reviewer.as_str()].organisation != reviewer.organisation
                })
        };
        if fits(one, other) && fits(other, one) {
            let sitting = std::mem::take(&mut seats[one].reviewer);
            seats[one].reviewer = std::mem::replace(&mut seats[other].reviewer, sitting);
        }
    }
}

/// Spreads numbers out evenly (splitmix64).
fn scramble(turn: u64) -> u64 {
    let mut z = turn.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
