//! Who reviews what.
//!
//! Rules that always hold: every entry gets exactly the seats it wants; no reviewer takes more than the
//! greatest load; a conflict is never seated; one organisation has at most one reviewer on a panel. Among all
//! assignments that keep them, the chosen one seats the most reviewers who know the entry's field, and among
//! those has the most even loads (the least sum of squares). Panels are then mixed as far as that changes none
//! of it, so that a round's reviewers can be compared with each other.
//!
//! This is a minimum-cost flow, so it is solved exactly. Entries that look alike to every reviewer (same
//! field, same conflicts) form one group of n; the network is source → group → organisation within the group
//! (at most n) → reviewer → sink, where a reviewer's k-th entry costs k and a seat without expertise costs
//! more than any difference of loads. A group's seats are dealt out to its entries in turns, an
//! organisation's seats one after the other: n at most, hence each on another entry.
//!
//! [`readjust`] does the same for a round that has its seats already, and moves as few of them as possible.
//!
//! The flow is computed by some 180 lines of our own; decision 0017 says which solvers were weighed and measured.
//! Tests hold the results against all assignments of small rounds.

mod flow;
mod mix;
mod model;
mod obstacle;
mod readjust;

use std::collections::{BTreeMap, BTreeSet};

use model::Model;
pub use obstacle::Obstacle;
pub use readjust::{Present, Readjusted, readjust};

/// What is to be reviewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Identifies the entry.
    pub key: String,
    /// The field that it is in, which reviewers know or do not.
    pub field: String,
    /// How many reviewers it wants.
    pub seats: u32,
    /// The keys of reviewers who have a conflict.
    pub conflicts: BTreeSet<String>,
    /// Organisations that sit on the panel already; their employees cannot join them.
    pub seated: BTreeSet<String>,
    /// Only reviewers who know the field may sit; otherwise they are preferred.
    pub experts_only: bool,
}

impl Entry {
    /// Whether a reviewer could sit on the panel, loads aside.
    fn takes(&self, reviewer: &Reviewer) -> bool {
        !self.conflicts.contains(&reviewer.key)
            && !self.seated.contains(&reviewer.organisation)
            && (!self.experts_only || reviewer.knows(&self.field))
    }
}

/// Who can review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewer {
    /// Identifies the reviewer.
    pub key: String,
    /// The employer.
    pub organisation: String,
    /// The fields that the reviewer knows, each with all that begin with it.
    pub expertise: BTreeSet<String>,
    /// How many entries the reviewer takes in all.
    pub max_load: u32,
    /// How many the reviewer has already.
    pub load: u32,
}

impl Reviewer {
    fn knows(&self, field: &str) -> bool {
        self.expertise.iter().any(|known| field.starts_with(known.as_str()))
    }

    fn room(&self) -> u32 {
        self.max_load.saturating_sub(self.load)
    }
}

/// One reviewer on one panel.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seat {
    /// The entry's key.
    pub entry: String,
    /// The reviewer's key.
    pub reviewer: String,
    /// The reviewer knows the entry's field.
    pub expert: bool,
}

/// A complete assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Every seat, in order of entry, then reviewer.
    pub seats: Vec<Seat>,
    /// How many pairs of entry and reviewer a conflict barred.
    pub conflicts: u64,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssignError {
    /// Two entries, or two reviewers, have the same key.
    #[error("the key {0} appears twice")]
    RepeatedKey(String),
    /// The rules cannot all be kept.
    #[error("no assignment keeps the rules: {0:?}")]
    Impossible(Vec<Obstacle>),
}

/// Gives every entry its panel.
///
/// The result does not depend on the order of entries and reviewers. An entry that wants no seat gets none.
pub fn assign(entries: &[Entry], reviewers: &[Reviewer]) -> Result<Plan, AssignError> {
    assign_watched(entries, reviewers, &mut |_, _| {})
}

/// Gives every entry its panel, and tells while it is at it: `watch` hears how many seats are filled, of how many.
pub fn assign_watched(
    entries: &[Entry],
    reviewers: &[Reviewer],
    watch: &mut dyn FnMut(u64, u64),
) -> Result<Plan, AssignError> {
    let entries = sorted(entries, |entry| &entry.key)?;
    let reviewers = sorted(reviewers, |reviewer| &reviewer.key)?;
    let groups = groups(&entries, &reviewers);
    let obstacles = simple_obstacles(&groups, &reviewers);
    if !obstacles.is_empty() {
        return Err(AssignError::Impossible(obstacles));
    }
    let mut model = Model::new(&groups, &reviewers, &BTreeSet::new());
    let short = model.solve(watch);
    if short > 0 {
        return Err(AssignError::Impossible(vec![model.bottleneck(&groups, &reviewers, short)]));
    }
    let mut seats = model.seats(&groups, &reviewers);
    mix::mix(&mut seats, &entries, &reviewers);
    seats.sort_unstable();
    let conflicts = groups.iter().map(|group| group.barred.len() as u64 * u64::from(group.size())).sum();
    Ok(Plan { seats, conflicts })
}

fn sorted<T>(all: &[T], key: impl Fn(&T) -> &String) -> Result<Vec<&T>, AssignError> {
    let mut all: Vec<&T> = all.iter().collect();
    all.sort_by(|left, right| key(left).cmp(key(right)));
    match all.windows(2).find(|pair| key(pair[0]) == key(pair[1])) {
        Some(pair) => Err(AssignError::RepeatedKey(key(pair[0]).clone())),
        None => Ok(all),
    }
}

/// Entries that look alike to every reviewer.
struct Group<'a> {
    members: Vec<&'a Entry>,
    seats: u32,
    /// Suitable reviewers by organisation: their places among all, and whether they know the field.
    suitable: BTreeMap<&'a str, Vec<(usize, bool)>>,
    /// Which reviewers a conflict bars.
    barred: Vec<usize>,
    /// How many are left out because they do not know the field, which they must.
    strangers: u32,
}

impl Group<'_> {
    fn size(&self) -> u32 {
        self.members.len() as u32
    }

    fn wanted(&self) -> u64 {
        u64::from(self.seats) * u64::from(self.size())
    }
}

fn groups<'a>(entries: &[&'a Entry], reviewers: &[&'a Reviewer]) -> Vec<Group<'a>> {
    let mut alike: BTreeMap<_, Vec<&Entry>> = BTreeMap::new();
    for &entry in entries.iter().filter(|entry| entry.seats > 0) {
        let look = (&entry.field, &entry.conflicts, &entry.seated, entry.seats, entry.experts_only);
        alike.entry(look).or_default().push(entry);
    }
    alike.into_values().map(|members| group(members, reviewers)).collect()
}

fn group<'a>(members: Vec<&'a Entry>, reviewers: &[&'a Reviewer]) -> Group<'a> {
    let entry = members[0];
    let mut group =
        Group { seats: entry.seats, suitable: BTreeMap::new(), barred: vec![], strangers: 0, members };
    for (place, reviewer) in reviewers.iter().enumerate() {
        let expert = reviewer.knows(&entry.field);
        if entry.conflicts.contains(&reviewer.key) {
            group.barred.push(place);
        } else if entry.takes(reviewer) {
            group.suitable.entry(&reviewer.organisation).or_default().push((place, expert));
        } else if entry.experts_only && !expert {
            group.strangers += 1;
        }
    }
    group
}

/// What can be told without solving: entries with too few organisations, and too little room in all.
fn simple_obstacles(groups: &[Group], reviewers: &[&Reviewer]) -> Vec<Obstacle> {
    let mut found: Vec<Obstacle> = groups
        .iter()
        .filter(|group| (group.suitable.len() as u64) < u64::from(group.seats))
        .flat_map(|group| {
            group.members.iter().map(|entry| Obstacle::Entry {
                entry: entry.key.clone(),
                seats: group.seats,
                reviewers: group.suitable.values().map(|of_one| of_one.len() as u32).sum(),
                organisations: group.suitable.len() as u32,
                barred: group.barred.iter().map(|&place| reviewers[place].key.clone()).collect(),
                strangers: group.strangers,
            })
        })
        .collect();
    let seats = groups.iter().map(Group::wanted).sum();
    let capacity = reviewers.iter().map(|reviewer| u64::from(reviewer.room())).sum();
    if capacity < seats {
        found.push(Obstacle::Load { seats, capacity, each: level(seats, reviewers) });
    }
    found
}

/// The least greatest load that, were it everybody's, would hold all seats; 0 if there is nobody.
fn level(seats: u64, reviewers: &[&Reviewer]) -> u32 {
    let room = |most: u32| -> u64 {
        reviewers.iter().map(|one| u64::from(most.max(one.max_load).saturating_sub(one.load))).sum()
    };
    if reviewers.is_empty() {
        return 0;
    }
    let (mut least, mut most) = (0_u32, u32::MAX);
    while least < most {
        let middle = least + (most - least) / 2;
        if room(middle) >= seats { most = middle } else { least = middle + 1 }
    }
    most
}
