//! Assignments keep their rules, are the best there is, or name what is in the way.

#[path = "common/region.rs"]
mod region;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use proptest::prelude::*;
use region::region;
use zhijian_grading::{AssignError, Entry, Obstacle, Plan, Reviewer, assign, assign_watched};

fn set(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|&one| one.to_owned()).collect()
}

fn entry(key: &str, field: &str, seats: u32, conflicts: &[&str]) -> Entry {
    Entry {
        key: key.into(),
        field: field.into(),
        seats,
        conflicts: set(conflicts),
        seated: set(&[]),
        experts_only: false,
    }
}

fn reviewer(key: &str, organisation: &str, expertise: &[&str], max_load: u32) -> Reviewer {
    Reviewer {
        key: key.into(),
        organisation: organisation.into(),
        expertise: set(expertise),
        max_load,
        load: 0,
    }
}

fn obstacles(entries: &[Entry], reviewers: &[Reviewer]) -> Vec<Obstacle> {
    match assign(entries, reviewers) {
        Err(AssignError::Impossible(obstacles)) => obstacles,
        other => panic!("expected obstacles, got {other:?}"),
    }
}

/// What makes a plan good: experts first, then the sum of squared loads.
fn quality(plan: &Plan, reviewers: &[Reviewer]) -> (usize, u32) {
    let experts = plan.seats.iter().filter(|seat| seat.expert).count();
    let mut loads: BTreeMap<&str, u32> =
        reviewers.iter().map(|reviewer| (reviewer.key.as_str(), reviewer.load)).collect();
    for seat in &plan.seats {
        *loads.get_mut(seat.reviewer.as_str()).unwrap() += 1;
    }
    (experts, loads.values().map(|load| load * load).sum())
}

fn knows(reviewer: &Reviewer, entry: &Entry) -> bool {
    reviewer.expertise.iter().any(|known| entry.field.starts_with(known.as_str()))
}

/// Panics with the first rule that a plan breaks.
fn check_rules(plan: &Plan, entries: &[Entry], reviewers: &[Reviewer]) {
    let reviewers: BTreeMap<_, _> = reviewers.iter().map(|one| (one.key.as_str(), one)).collect();
    let mut loads: BTreeMap<&str, u32> = BTreeMap::new();
    for entry in entries {
        let panel: Vec<_> = plan.seats.iter().filter(|seat| seat.entry == entry.key).collect();
        assert_eq!(panel.len(), entry.seats as usize, "exact size of {}", entry.key);
        let mut organisations = entry.seated.clone();
        for seat in panel {
            let one = reviewers[seat.reviewer.as_str()];
            assert!(!entry.conflicts.contains(&one.key), "{seat:?} is in conflict");
            assert!(!entry.experts_only || seat.expert, "{seat:?} does not know the field");
            assert!(organisations.insert(one.organisation.clone()), "{seat:?} shares the organisation");
            assert_eq!(seat.expert, knows(one, entry), "{seat:?} tells its expertise");
            *loads.entry(&seat.reviewer).or_default() += 1;
        }
    }
    for (key, load) in loads {
        assert!(reviewers[key].load + load <= reviewers[key].max_load, "{key} is overloaded");
    }
    assert_eq!(plan.seats.len(), entries.iter().map(|entry| entry.seats as usize).sum::<usize>());
}

#[test]
fn experts_come_first_and_loads_are_even() {
    let entries: Vec<_> =
        (0..6).map(|n| entry(&format!("e{n}"), if n < 2 { "71" } else { "61" }, 2, &[])).collect();
    let reviewers: Vec<_> = (0..6)
        .map(|n| reviewer(&format!("r{n}"), &format!("o{n}"), if n < 2 { &["71"] } else { &["61"] }, 9))
        .collect();
    let plan = assign(&entries, &reviewers).unwrap();
    check_rules(&plan, &entries, &reviewers);
    assert_eq!(quality(&plan, &reviewers), (12, 6 * 4));
}

#[test]
fn every_panel_gets_its_part_of_the_experts() {
    let entries: Vec<_> = (0..4).map(|n| entry(&format!("e{n}"), "71", 2, &[])).collect();
    let mut reviewers = vec![reviewer("expert", "o", &["71"], 4)];
    reviewers.extend((0..4).map(|n| reviewer(&format!("r{n}"), &format!("o{n}"), &[], 4)));
    let plan = assign(&entries, &reviewers).unwrap();
    for entry in &entries {
        assert!(plan.seats.iter().any(|seat| seat.entry == entry.key && seat.expert));
    }
}

#[test]
fn an_arbiter_comes_from_outside_the_panel() {
    let mut wanted = entry("e", "71", 1, &["former"]);
    wanted.seated = set(&["o1", "o2"]);
    let former = reviewer("former", "o4", &["71"], 9);
    let mut loaded = reviewer("loaded", "o5", &["71"], 3);
    loaded.load = 3;
    let reviewers = [
        reviewer("on the panel", "o1", &["71"], 9),
        reviewer("colleague", "o2", &["71"], 9),
        former,
        loaded,
        reviewer("free", "o6", &[], 9),
    ];
    let plan = assign(&[wanted], &reviewers).unwrap();
    assert_eq!(plan.seats.len(), 1);
    assert_eq!(plan.seats[0].reviewer, "free");
    assert_eq!(plan.conflicts, 1);
}

#[test]
fn an_entry_without_enough_organisations_is_named() {
    let reviewers = [
        reviewer("a", "o1", &[], 9),
        reviewer("b", "o1", &[], 9),
        reviewer("c", "o2", &[], 9),
        reviewer("d", "school", &[], 9),
    ];
    assert_eq!(
        obstacles(&[entry("e", "71", 3, &["d"])], &reviewers),
        [Obstacle::Entry {
            entry: "e".into(),
            seats: 3,
            reviewers: 3,
            organisations: 2,
            barred: vec!["d".into()],
            strangers: 0
        }]
    );
}

#[test]
fn a_lack_of_room_is_counted() {
    let entries: Vec<_> = (0..5).map(|n| entry(&format!("e{n}"), "71", 2, &[])).collect();
    let reviewers = [reviewer("a", "o1", &[], 3), reviewer("b", "o2", &[], 4)];
    assert_eq!(obstacles(&entries, &reviewers), [Obstacle::Load { seats: 10, capacity: 7, each: 5 }]);
    // With what it says would free it, it is freed.
    let reviewers = [reviewer("a", "o1", &[], 5), reviewer("b", "o2", &[], 5)];
    check_rules(&assign(&entries, &reviewers).unwrap(), &entries, &reviewers);
    assert_eq!(obstacles(&entries[..1], &[])[1], Obstacle::Load { seats: 2, capacity: 0, each: 0 });
}

#[test]
fn where_only_experts_may_sit_nobody_else_does() {
    let mut wanted = entry("e", "7102", 2, &[]);
    wanted.experts_only = true;
    let mut reviewers = vec![
        reviewer("class", "o1", &["7102"], 9),
        reviewer("major", "o2", &["71"], 9),
        reviewer("other class", "o3", &["7103"], 9),
    ];
    let plan = assign(std::slice::from_ref(&wanted), &reviewers).unwrap();
    check_rules(&plan, std::slice::from_ref(&wanted), &reviewers);
    assert_eq!(plan.seats.iter().map(|seat| seat.reviewer.as_str()).collect::<Vec<_>>(), ["class", "major"]);
    reviewers.remove(1);
    assert_eq!(
        obstacles(&[wanted], &reviewers),
        [Obstacle::Entry {
            entry: "e".into(),
            seats: 2,
            reviewers: 1,
            organisations: 1,
            barred: vec![],
            strangers: 1
        }]
    );
}

#[test]
fn who_watches_hears_every_seat_filled() {
    let (entries, reviewers) = region(76, 60, 60);
    let mut heard = Vec::new();
    let plan = assign_watched(&entries, &reviewers, &mut |done, total| heard.push((done, total))).unwrap();
    assert_eq!(plan, assign(&entries, &reviewers).unwrap());
    assert_eq!(heard, (1..=180).map(|done| (done, 180)).collect::<Vec<_>>());
}

#[test]
fn a_bottleneck_names_the_entries_and_the_reviewers_who_cannot_take_them_all() {
    // Three entries of one school shut out c and d, so a and b must take six seats with a load of five.
    let mut entries: Vec<_> = (0..3).map(|n| entry(&format!("e{n}"), "71", 2, &["c", "d"])).collect();
    entries.push(entry("free", "71", 2, &[]));
    let reviewers = [
        reviewer("a", "o1", &[], 3),
        reviewer("b", "o2", &[], 2),
        reviewer("c", "o3", &[], 9),
        reviewer("d", "o4", &[], 9),
    ];
    assert_eq!(
        obstacles(&entries, &reviewers),
        [Obstacle::Bottleneck {
            entries: vec!["e0".into(), "e1".into(), "e2".into()],
            reviewers: vec!["b".into()],
            short: 1
        }]
    );
}

#[test]
fn repeated_keys_are_refused() {
    let twice = [entry("e", "71", 1, &[]), entry("e", "61", 1, &[])];
    assert_eq!(assign(&twice, &[]), Err(AssignError::RepeatedKey("e".into())));
}

#[test]
fn nothing_wanted_is_nothing_seated() {
    assert_eq!(assign(&[], &[]).unwrap(), Plan { seats: vec![], conflicts: 0 });
}

#[test]
fn a_region_and_a_nation_are_assigned_quickly() {
    // Unoptimised builds on a busy machine get generous bounds; an optimised build takes a tenth of them.
    for (schools, entries, reviewers, bound) in [(76, 182, 60, 2), (100, 360, 300, 5), (900, 3000, 600, 60)] {
        let (entries, reviewers) = region(schools, entries, reviewers);
        let start = Instant::now();
        let plan = assign(&entries, &reviewers).unwrap();
        let took = start.elapsed();
        check_rules(&plan, &entries, &reviewers);
        println!(
            "{} entries, {} reviewers: {took:?}, {:?}",
            entries.len(),
            reviewers.len(),
            quality(&plan, &reviewers)
        );
        assert!(took < Duration::from_secs(bound), "{} entries took {took:?}", entries.len());
    }
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let one = (
        0..3u8,
        0..3u32,
        prop::collection::btree_set(0..6u8, 0..3),
        prop::collection::btree_set(0..5u8, 0..2),
        prop::bool::weighted(0.2),
    );
    prop::collection::vec(one, 0..5).prop_map(|all| {
        let name = |kind: char, set: BTreeSet<u8>| set.into_iter().map(|n| format!("{kind}{n}")).collect();
        all.into_iter()
            .enumerate()
            .map(|(n, (field, seats, conflicts, seated, experts_only))| Entry {
                key: format!("e{n}"),
                field: format!("f{field}"),
                seats,
                conflicts: name('r', conflicts),
                seated: name('o', seated),
                experts_only,
            })
            .collect()
    })
}

fn reviewers() -> impl Strategy<Value = Vec<Reviewer>> {
    let one = (0..5u8, prop::collection::btree_set(0..3u8, 0..3), 0..4u32, 0..2u32);
    prop::collection::vec(one, 0..6).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(|(n, (organisation, expertise, max_load, load))| Reviewer {
                key: format!("r{n}"),
                organisation: format!("o{organisation}"),
                expertise: expertise.into_iter().map(|n| format!("f{n}")).collect(),
                max_load,
                load,
            })
            .collect()
    })
}

/// The best quality of any plan, by trying all; `None` if there is none.
fn best(entries: &[Entry], reviewers: &[Reviewer]) -> Option<(usize, u32)> {
    fn search(
        open: &[(&Entry, u32)],
        from: usize,
        reviewers: &mut Vec<Reviewer>,
        panel: &mut Vec<String>,
        experts: usize,
    ) -> Option<(usize, u32)> {
        let Some(((entry, seats), rest)) = open.split_first() else {
            return Some((experts, reviewers.iter().map(|one| one.load * one.load).sum()));
        };
        if panel.len() == *seats as usize {
            return search(rest, 0, reviewers, &mut Vec::new(), experts);
        }
        let mut best: Option<(usize, u32)> = None;
        for place in from..reviewers.len() {
            let one = &reviewers[place];
            let fits = one.load < one.max_load
                && !entry.conflicts.contains(&one.key)
                && !entry.seated.contains(&one.organisation)
                && !panel.contains(&one.organisation)
                && (!entry.experts_only || knows(one, entry));
            if !fits {
                continue;
            }
            let expert = usize::from(knows(one, entry));
            panel.push(one.organisation.clone());
            reviewers[place].load += 1;
            let found = search(open, place + 1, reviewers, panel, experts + expert);
            reviewers[place].load -= 1;
            panel.pop();
            let better = |(experts, squares): (usize, u32)| (std::cmp::Reverse(experts), squares);
            best = [best, found].into_iter().flatten().min_by_key(|&quality| better(quality));
        }
        best
    }
    let open: Vec<_> = entries.iter().map(|entry| (entry, entry.seats)).collect();
    search(&open, 0, &mut reviewers.to_vec(), &mut Vec::new(), 0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_plan_keeps_the_rules_and_is_the_best_or_does_not_exist(entries in entries(), reviewers in reviewers()) {
        match assign(&entries, &reviewers) {
            Ok(plan) => {
                check_rules(&plan, &entries, &reviewers);
                prop_assert_eq!(Some(quality(&plan, &reviewers)), best(&entries, &reviewers));
            }
            Err(AssignError::Impossible(obstacles)) => {
                prop_assert!(!obstacles.is_empty());
                prop_assert_eq!(best(&entries, &reviewers), None, "but {:?}", obstacles);
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn the_order_given_does_not_matter(
        (entries, mixed_entries) in entries().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        (reviewers, mixed_reviewers) in reviewers().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        prop_assert_eq!(assign(&entries, &reviewers), assign(&mixed_entries, &mixed_reviewers));
    }

    #[test]
    fn freeing_a_bottleneck_as_told_gets_further(entries in entries(), reviewers in reviewers()) {
        let Err(AssignError::Impossible(before)) = assign(&entries, &reviewers) else { return Ok(()) };
        let [Obstacle::Bottleneck { entries: stuck, reviewers: exhausted, short }] = before.as_slice() else {
            return Ok(());
        };
        prop_assert!(!stuck.is_empty());
        // Outsiders from organisations of their own, one seat each, are what the message asks for.
        let mut more = reviewers.clone();
        for n in 0..*short {
            let name = format!("new{n}");
            more.push(reviewer(&name, &name, &["f0", "f1", "f2"], stuck.len() as u32));
        }
        prop_assert!(assign(&entries, &more).is_ok(), "{:?} were exhausted", exhausted);
    }
}

/// How many parts a plan falls into: reviewers are together who share an entry, directly or through others.
fn parts(plan: &Plan) -> usize {
    let mut part: BTreeMap<&str, &str> =
        plan.seats.iter().map(|seat| (&*seat.reviewer, &*seat.reviewer)).collect();
    for panel in plan.seats.chunk_by(|a, b| a.entry == b.entry) {
        let together: BTreeSet<&str> = panel.iter().map(|seat| part[&*seat.reviewer]).collect();
        let least = *together.first().unwrap();
        for name in part.values_mut().filter(|name| together.contains(*name)) {
            *name = least;
        }
    }
    part.into_values().collect::<BTreeSet<_>>().len()
}

#[test]
fn panels_are_mixed_so_that_a_round_holds_together() {
    for (schools, each, bodies) in [(2, 6, 6), (10, 4, 12), (61, 3, 60)] {
        let entries: Vec<Entry> = (0..schools * each)
            .map(|n| entry(&format!("e{n:04}"), "71", 3, &[&format!("own{}", n / each)]))
            .collect();
        let reviewers: Vec<Reviewer> =
            (0..bodies).map(|n| reviewer(&format!("r{n:03}"), &format!("body{n}"), &["71"], 100)).collect();
        let plan = assign(&entries, &reviewers).unwrap();
        check_rules(&plan, &entries, &reviewers);
        assert_eq!(parts(&plan), 1, "{schools} schools of {each}, {bodies} reviewers");
    }
}
