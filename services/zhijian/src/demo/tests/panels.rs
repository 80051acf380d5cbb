//! Whether the experts can carry the rounds.

use std::collections::BTreeSet;

use zhijian_grading::{Entry, Plan, Reviewer, assign};

use super::region;
use crate::demo::{Programme, Region};

/// Seats three reviewers for each programme, as the review service does.
fn plan(region: &Region, selected: impl Fn(&Programme) -> bool) -> Plan {
    let concerned = |school: &str| -> BTreeSet<String> {
        let worked = |one: &&crate::demo::Reviewer| {
            one.employer == school || one.past_employers.iter().any(|past| past == school)
        };
        region.reviewers.iter().filter(worked).map(|one| one.sign_in_name.clone()).collect()
    };
    let entries: Vec<Entry> = region
        .programmes
        .iter()
        .filter(|programme| selected(programme))
        .map(|programme| Entry {
            key: format!("{} {}", programme.school, programme.code),
            field: programme.code[..2].to_owned(),
            seats: 3,
            conflicts: concerned(&programme.school),
            seated: BTreeSet::new(),
            experts_only: false,
        })
        .collect();
    let reviewers: Vec<Reviewer> = region
        .reviewers
        .iter()
        .map(|reviewer| Reviewer {
            key: reviewer.sign_in_name.clone(),
            organisation: reviewer.employer.clone(),
            expertise: reviewer.expertise.iter().cloned().collect(),
            max_load: reviewer.max_load.unsigned_abs(),
            load: 0,
        })
        .collect();
    assign(&entries, &reviewers).expect("every panel can be formed")
}

#[test]
fn every_round_finds_its_panels() {
    let region = region();
    let new = |years: std::ops::RangeInclusive<i32>| {
        plan(&region, |programme| !programme.pilot && years.contains(&programme.opened_year))
    };
    for plan in [new(2022..=2024), new(2023..=2025), plan(&region, |programme| programme.pilot)] {
        let expert = plan.seats.iter().filter(|seat| seat.expert).count();
        assert!(expert * 10 >= plan.seats.len() * 9, "{expert} of {} know the field", plan.seats.len());
        assert!(plan.conflicts > 0, "conflicts must occur to be avoided");
    }
}

#[test]
fn the_visitors_reviewer_has_work_in_the_running_round() {
    let region = region();
    let running =
        plan(&region, |programme| !programme.pilot && (2023..=2025).contains(&programme.opened_year));
    // One of three each is handed in, begun and untouched.
    assert!(running.seats.iter().filter(|seat| seat.reviewer == "reviewer").count() >= 6);
}
