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
//! The flow is computed by some 150 lines of our own. Of the crates at hand, `pathfinding` and `petgraph`
//! have greatest flows but no cheapest ones, `rs-graph` is under the GPL, `mcmf` wraps a C++ library,
//! `microlp` (behind `good_lp`) would solve a linear programme of a million variables, and `ac-library-rs`
//! searches one path per seat and does not tell the cut that explains an impossible round. Optimised, 182
//! entries and 60 reviewers take some 10 ms, 3,000 and 600 some 3 s.

mod flow;
mod mix;
mod obstacle;

use std::collections::{BTreeMap, BTreeSet};

use flow::{ArcId, Network, Node};
pub use obstacle::Obstacle;

/// What is to be reviewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Identifies the entry.
    pub key: String,
    /// The field that it is in, which reviewers know or do not.
    pub field: String,
    /// How many reviewers it wants.
    pub seats: u32,
    /// Organisations whose present and past employees have a conflict.
    pub barred: BTreeSet<String>,
    /// Organisations that sit on the panel already; their present employees cannot join them.
    pub seated: BTreeSet<String>,
}

/// Who can review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewer {
    /// Identifies the reviewer.
    pub key: String,
    /// The present employer.
    pub organisation: String,
    /// Past employers.
    pub past: BTreeSet<String>,
    /// The fields that the reviewer knows.
    pub expertise: BTreeSet<String>,
    /// How many entries the reviewer takes in all.
    pub max_load: u32,
    /// How many the reviewer has already.
    pub load: u32,
}

impl Reviewer {
    fn conflicts(&self, entry: &Entry) -> bool {
        entry.barred.contains(&self.organisation) || !self.past.is_disjoint(&entry.barred)
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
    let entries = sorted(entries, |entry| &entry.key)?;
    let reviewers = sorted(reviewers, |reviewer| &reviewer.key)?;
    let groups = groups(&entries, &reviewers);
    let obstacles = simple_obstacles(&groups, &reviewers);
    if !obstacles.is_empty() {
        return Err(AssignError::Impossible(obstacles));
    }
    let mut model = Model::new(&groups, &reviewers);
    let short = model.solve();
    if short > 0 {
        return Err(AssignError::Impossible(vec![model.bottleneck(&groups, &reviewers, short)]));
    }
    let mut seats: Vec<Seat> = groups
        .iter()
        .zip(&model.arcs)
        .flat_map(|(group, arcs)| model.deal(group, arcs, &reviewers))
        .collect();
    seats.sort_unstable();
    mix::mix(&mut seats, &entries, &reviewers);
    seats.sort_unstable();
    let conflicts = groups.iter().map(|group| group.conflicts as u64 * group.members.len() as u64).sum();
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
    /// How many reviewers a conflict bars.
    conflicts: usize,
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
        alike.entry((&entry.field, &entry.barred, &entry.seated, entry.seats)).or_default().push(entry);
    }
    alike
        .into_values()
        .map(|members| {
            let entry = members[0];
            let mut group = Group { seats: entry.seats, suitable: BTreeMap::new(), conflicts: 0, members };
            for (place, reviewer) in reviewers.iter().enumerate() {
                if reviewer.conflicts(entry) {
                    group.conflicts += 1;
                } else if !entry.seated.contains(&reviewer.organisation) {
                    let expert = reviewer.expertise.contains(&entry.field);
                    group.suitable.entry(&reviewer.organisation).or_default().push((place, expert));
                }
            }
            group
        })
        .collect()
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
                barred: group.conflicts as u32,
            })
        })
        .collect();
    let seats = groups.iter().map(Group::wanted).sum();
    let capacity = reviewers.iter().map(|reviewer| u64::from(reviewer.room())).sum();
    if capacity < seats {
        found.push(Obstacle::Load { seats, capacity });
    }
    found
}

/// The network of a round.
struct Model {
    network: Network,
    source: Node,
    sink: Node,
    wanted: u64,
    groups: Vec<Node>,
    reviewers: Vec<Node>,
    /// The arcs that seat reviewers, by group: the reviewer's place, expertise, arc.
    arcs: Vec<Vec<(usize, bool, ArcId)>>,
}

impl Model {
    fn new(groups: &[Group], reviewers: &[&Reviewer]) -> Self {
        let mut network = Network::default();
        let (source, sink) = (network.node(), network.node());
        let wanted: u64 = groups.iter().map(Group::wanted).sum();
        let reviewer_nodes: Vec<Node> = reviewers.iter().map(|_| network.node()).collect();
        let mut greatest = 0;
        for (reviewer, &node) in reviewers.iter().zip(&reviewer_nodes) {
            for one in 0..reviewer.room().min(u32::try_from(wanted).unwrap_or(u32::MAX)) {
                let nth = i64::from(reviewer.load) + i64::from(one) + 1;
                greatest = greatest.max(nth);
                network.arc(node, sink, 1, nth);
            }
        }
        // More than all loads together can ever cost, so that expertise always comes before evenness.
        let stranger = (wanted as i64).saturating_mul(greatest).saturating_add(1);
        let (mut group_nodes, mut arcs) = (Vec::new(), Vec::new());
        for group in groups {
            let node = network.node();
            network.arc(source, node, group.seats * group.size(), 0);
            let mut seating = Vec::new();
            for of_one in group.suitable.values() {
                // An organisation of one needs no node: the arc to its reviewer has the same capacity.
                let from = match of_one.as_slice() {
                    [_] => node,
                    _ => {
                        let organisation = network.node();
                        network.arc(node, organisation, group.size(), 0);
                        organisation
                    }
                };
                for &(place, expert) in of_one {
                    let cost = if expert { 0 } else { stranger };
                    let arc = network.arc(from, reviewer_nodes[place], group.size(), cost);
                    seating.push((place, expert, arc));
                }
            }
            group_nodes.push(node);
            arcs.push(seating);
        }
        Self { network, source, sink, wanted, groups: group_nodes, reviewers: reviewer_nodes, arcs }
    }

    /// Fills the seats and returns how many stay empty.
    fn solve(&mut self) -> u64 {
        self.wanted - self.network.send(self.source, self.sink)
    }

    /// The entries and reviewers on the near side of a smallest cut: they keep each other short.
    fn bottleneck(&self, groups: &[Group], reviewers: &[&Reviewer], short: u64) -> Obstacle {
        let near = self.network.reachable(self.source);
        let mut entries: Vec<String> = groups
            .iter()
            .zip(&self.groups)
            .filter(|(_, node)| near[**node])
            .flat_map(|(group, _)| group.members.iter().map(|entry| entry.key.clone()))
            .collect();
        entries.sort_unstable();
        let reviewers = reviewers.iter().zip(&self.reviewers).filter(|(_, node)| near[**node]);
        Obstacle::Bottleneck {
            entries,
            reviewers: reviewers.map(|(one, _)| one.key.clone()).collect(),
            short,
        }
    }

    /// Deals a group's seats out to its entries in turns. An organisation's seats stay together, so that no
    /// entry gets two of them; organisations with more experts come first, so that every panel gets its part
    /// of them.
    fn deal(&self, group: &Group, arcs: &[(usize, bool, ArcId)], reviewers: &[&Reviewer]) -> Vec<Seat> {
        let mut hands: BTreeMap<&str, Vec<(bool, usize)>> = BTreeMap::new();
        for &(place, expert, arc) in arcs {
            let hand = hands.entry(&reviewers[place].organisation).or_default();
            hand.extend((0..self.network.sent(arc)).map(|_| (!expert, place)));
        }
        let mut hands: Vec<_> = hands.into_values().filter(|hand| !hand.is_empty()).collect();
        for hand in &mut hands {
            hand.sort_unstable();
        }
        let strangers = |hand: &[(bool, usize)]| hand.iter().filter(|(stranger, _)| *stranger).count();
        hands.sort_by(|left, right| {
            (strangers(left) * right.len())
                .cmp(&(strangers(right) * left.len()))
                .then_with(|| left.cmp(right))
        });
        hands
            .into_iter()
            .flatten()
            .zip(group.members.iter().cycle())
            .map(|((stranger, place), entry)| Seat {
                entry: entry.key.clone(),
                reviewer: reviewers[place].key.clone(),
                expert: !stranger,
            })
            .collect()
    }
}
