//! Panels are mended with the least disturbance.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use zhijian_grading::{AssignError, Entry, Present, Readjusted, Reviewer, assign, readjust};

fn entry(key: &str, seats: u32, conflicts: &[&str]) -> Entry {
    Entry {
        key: key.into(),
        field: "71".into(),
        seats,
        conflicts: conflicts.iter().map(|&one| one.to_owned()).collect(),
        seated: BTreeSet::new(),
        experts_only: false,
    }
}

fn reviewer(key: &str, max_load: u32) -> Reviewer {
    Reviewer {
        key: key.into(),
        organisation: format!("of {key}"),
        expertise: BTreeSet::from(["71".to_owned()]),
        max_load,
        load: 0,
    }
}

fn present(entry: &str, reviewer: &str, fixed: bool) -> Present {
    Present { entry: entry.into(), reviewer: reviewer.into(), organisation: format!("of {reviewer}"), fixed }
}

/// Entries with reviewers.
type Pairs<'a> = Vec<(&'a str, &'a str)>;

fn moves(done: &Readjusted) -> (Pairs<'_>, Pairs<'_>) {
    (
        done.removed.iter().map(|seat| (seat.entry.as_str(), seat.reviewer.as_str())).collect(),
        done.added.iter().map(|seat| (seat.entry.as_str(), seat.reviewer.as_str())).collect(),
    )
}

#[test]
fn only_the_seats_of_who_drops_out_change() {
    let entries: Vec<_> = (0..4).map(|n| entry(&format!("e{n}"), 2, &[])).collect();
    let reviewers: Vec<_> = ["a", "b", "c", "d"].map(|key| reviewer(key, 4)).into();
    let plan = assign(&entries, &reviewers).unwrap();
    let seats: Vec<_> = plan.seats.iter().map(|seat| present(&seat.entry, &seat.reviewer, false)).collect();
    let mended = readjust(&entries, &reviewers[1..], &seats).unwrap();
    let (removed, added) = moves(&mended);
    assert_eq!(removed.len(), 2);
    assert!(removed.iter().all(|(_, reviewer)| *reviewer == "a"));
    assert_eq!(
        removed.iter().map(|(entry, _)| entry).collect::<Vec<_>>(),
        added.iter().map(|(entry, _)| entry).collect::<Vec<_>>()
    );
    assert_eq!(readjust(&entries, &reviewers, &seats), Ok(Readjusted::default()), "nothing to mend");
}

#[test]
fn what_is_handed_in_stays_though_the_reviewer_has_gone() {
    let entries = [entry("e", 2, &[])];
    let seats = [present("e", "gone", true), present("e", "a", false)];
    assert_eq!(readjust(&entries, &[reviewer("a", 1)], &seats), Ok(Readjusted::default()));
}

#[test]
fn one_moves_where_nothing_else_helps() {
    // b drops out of e1; only a could go there, and sits on e2 with no room left; c could take a's place.
    let entries = [entry("e1", 1, &["c"]), entry("e2", 1, &[])];
    let reviewers = [reviewer("a", 1), reviewer("c", 1)];
    let seats = [present("e1", "b", false), present("e2", "a", false)];
    let mended = readjust(&entries, &reviewers, &seats).unwrap();
    let (removed, added) = moves(&mended);
    assert_eq!((removed, added), (vec![("e1", "b"), ("e2", "a")], vec![("e1", "a"), ("e2", "c")]));
    // Had a handed in, nothing would help.
    let seats = [present("e1", "b", false), present("e2", "a", true)];
    assert!(matches!(readjust(&entries, &reviewers, &seats), Err(AssignError::Impossible(_))));
}

#[test]
fn a_conflict_found_late_and_a_lower_load_free_seats() {
    let mut entries: Vec<_> = (0..3).map(|n| entry(&format!("e{n}"), 1, &[])).collect();
    let seats = ["e0", "e1", "e2"].map(|key| present(key, "a", false));
    entries[1].conflicts.insert("a".into());
    let mended = readjust(&entries, &[reviewer("a", 9), reviewer("b", 9)], &seats).unwrap();
    assert_eq!(moves(&mended), (vec![("e1", "a")], vec![("e1", "b")]));
    let mended = readjust(&entries, &[reviewer("a", 1), reviewer("b", 9)], &seats).unwrap();
    assert_eq!(mended.removed.len(), 2, "a keeps one");
}

fn name(kind: char, n: usize) -> String {
    format!("{kind}{n}")
}

/// A few entries and reviewers, of whom some share an organisation, with seats that may break every rule.
fn rounds() -> impl Strategy<Value = (Vec<Entry>, Vec<Reviewer>, Vec<Present>)> {
    let entries = prop::collection::vec((0..3_u32, prop::collection::btree_set(0..5_usize, 0..3)), 1..4);
    let reviewers = prop::collection::vec((0..4_usize, 0..3_u32), 1..5);
    let seats = prop::collection::btree_map((0..3_usize, 0..5_usize), prop::bool::weighted(0.25), 0..7);
    (entries, reviewers, seats).prop_map(|(entries, reviewers, seats)| {
        let entries: Vec<Entry> = entries
            .into_iter()
            .enumerate()
            .map(|(n, (seats, conflicts))| Entry {
                conflicts: conflicts.into_iter().map(|one| name('r', one)).collect(),
                ..entry(&name('e', n), seats, &[])
            })
            .collect();
        let reviewers: Vec<Reviewer> = reviewers
            .into_iter()
            .enumerate()
            .map(|(n, (organisation, max_load))| Reviewer {
                organisation: name('o', organisation),
                ..reviewer(&name('r', n), max_load)
            })
            .collect();
        let seats = seats.into_iter().filter(|((entry, _), _)| *entry < entries.len());
        let seats = seats.map(|((entry, one), fixed)| Present {
            organisation: reviewers.get(one).map_or_else(|| name('x', one), |one| one.organisation.clone()),
            ..present(&name('e', entry), &name('r', one), fixed)
        });
        let seats = seats.collect();
        (entries, reviewers, seats)
    })
}

/// How many loose seats stay at most, by trying all; `None` if there is no way.
fn most_kept(entries: &[Entry], reviewers: &[Reviewer], seats: &[Present]) -> Option<usize> {
    fn search(
        entries: &[Entry],
        from: usize,
        panel: &mut Vec<String>,
        left: &mut Vec<u32>,
        reviewers: &[Reviewer],
        seats: &[Present],
    ) -> Option<usize> {
        let Some((entry, rest)) = entries.split_first() else { return Some(0) };
        let fixed: Vec<&Present> =
            seats.iter().filter(|seat| seat.fixed && seat.entry == entry.key).collect();
        if panel.len() >= (entry.seats as usize).saturating_sub(fixed.len()) {
            return search(rest, 0, &mut Vec::new(), left, reviewers, seats);
        }
        let mut best = None;
        for place in from..reviewers.len() {
            let one = &reviewers[place];
            let fits = left[place] > 0
                && !entry.conflicts.contains(&one.key)
                && !panel.contains(&one.organisation)
                && fixed.iter().all(|seat| seat.organisation != one.organisation);
            if fits {
                let stays = seats.iter().any(|seat| seat.entry == entry.key && seat.reviewer == one.key);
                panel.push(one.organisation.clone());
                left[place] -= 1;
                let found = search(entries, place + 1, panel, left, reviewers, seats);
                left[place] += 1;
                panel.pop();
                best = best.max(found.map(|kept| kept + usize::from(stays)));
            }
        }
        best
    }
    let mut left: Vec<u32> = reviewers
        .iter()
        .map(|one| {
            let fixed = seats.iter().filter(|seat| seat.fixed && seat.reviewer == one.key).count() as u32;
            one.max_load.saturating_sub(fixed)
        })
        .collect();
    search(entries, 0, &mut Vec::new(), &mut left, reviewers, seats)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn every_seat_that_can_stay_stays_and_the_rules_hold((entries, reviewers, seats) in rounds()) {
        let most = most_kept(&entries, &reviewers, &seats);
        let done = match readjust(&entries, &reviewers, &seats) {
            Ok(done) => done,
            Err(AssignError::Impossible(obstacles)) => {
                prop_assert!(!obstacles.is_empty());
                prop_assert_eq!(most, None, "but {:?}", obstacles);
                return Ok(());
            }
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        };
        prop_assert!(done.removed.iter().all(|seat| !seat.fixed && seats.contains(seat)));
        let loose = seats.iter().filter(|seat| !seat.fixed).count();
        prop_assert_eq!(Some(loose - done.removed.len()), most);

        let mut loads: BTreeMap<&str, u32> = BTreeMap::new();
        for entry in &entries {
            let own = |seat: &&Present| seat.entry == entry.key;
            let fixed: Vec<&Present> = seats.iter().filter(own).filter(|seat| seat.fixed).collect();
            let stayed = seats.iter().filter(own).filter(|seat| !seat.fixed && !done.removed.contains(seat));
            let added = done.added.iter().filter(|seat| seat.entry == entry.key);
            let sitting: Vec<&str> = stayed
                .map(|seat| seat.reviewer.as_str())
                .chain(added.map(|seat| seat.reviewer.as_str()))
                .collect();
            prop_assert_eq!(sitting.len(), (entry.seats as usize).saturating_sub(fixed.len()), "exact size");
            let mut organisations: BTreeSet<&str> =
                fixed.iter().map(|seat| seat.organisation.as_str()).collect();
            for key in sitting {
                let one = reviewers.iter().find(|one| one.key == key);
                let one = one.ok_or_else(|| TestCaseError::fail("who has gone sits"))?;
                prop_assert!(!entry.conflicts.contains(key), "{key} is in conflict");
                prop_assert!(organisations.insert(&one.organisation), "two of {}", one.organisation);
                *loads.entry(&one.key).or_default() += 1;
            }
        }
        for one in &reviewers {
            let fixed = seats.iter().filter(|seat| seat.fixed && seat.reviewer == one.key).count() as u32;
            let load = loads.get(one.key.as_str()).copied().unwrap_or_default();
            prop_assert!(load == 0 || load + fixed <= one.max_load, "{} is overloaded", one.key);
        }
    }
}
