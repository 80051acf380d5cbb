//! A region to assign, the same on every machine.

use std::collections::{BTreeMap, BTreeSet};

use zhijian_grading::{Entry, Reviewer};

/// A region: entries of schools in nineteen fields, reviewers of which most work at some school.
pub fn region(schools: usize, entries: usize, reviewers: usize) -> (Vec<Entry>, Vec<Reviewer>) {
    let school = |n: usize| format!("{:010}", 3_611_000_000_u64 + (n % schools) as u64);
    let field = |n: usize| format!("{}", 61 + n % 19);
    let employer = |n: usize| if n.is_multiple_of(4) { format!("body {}", n % 9) } else { school(n * 5) };
    let key = |n: usize| format!("r{n:05}");
    let of_school = |own: &String| {
        let concerned = |n: &usize| employer(*n) == *own || school(n * 3 + 1) == *own;
        (0..reviewers).filter(concerned).map(key).collect::<BTreeSet<_>>()
    };
    let conflicts: BTreeMap<String, BTreeSet<String>> =
        (0..schools).map(school).map(|own| (own.clone(), of_school(&own))).collect();
    let entry = |n: usize| Entry {
        key: format!("e{n:05}"),
        field: field(n * 7 + n / 11),
        seats: 3,
        conflicts: conflicts[&school(n * 13)].clone(),
        seated: BTreeSet::new(),
        experts_only: false,
    };
    let reviewer = |n: usize| Reviewer {
        key: key(n),
        organisation: employer(n),
        expertise: BTreeSet::from([field(n), field(n * 3 + 1)]),
        max_load: 20,
        load: 0,
    };
    ((0..entries).map(entry).collect(), (0..reviewers).map(reviewer).collect())
}
