//! The network of a round, and how a flow through it becomes seats.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Group, Obstacle, Reviewer, Seat,
    flow::{ArcId, Network, Node},
};

/// The network of a round.
pub(super) struct Model {
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
    /// `kept` are seats, by entry and reviewer, that cost less than any number of others: all groups are of one
    /// entry then.
    pub(super) fn new(groups: &[Group], reviewers: &[&Reviewer], kept: &BTreeSet<(&str, &str)>) -> Self {
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
        let moved = match kept.is_empty() {
            true => 0,
            false => stranger.saturating_add(1).saturating_mul(wanted as i64 + 1),
        };
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
                    let seat = (group.members[0].key.as_str(), reviewers[place].key.as_str());
                    let stays = !kept.is_empty() && kept.contains(&seat);
                    let cost = if expert { 0 } else { stranger } + if stays { 0 } else { moved };
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
    pub(super) fn solve(&mut self, watch: &mut dyn FnMut(u64, u64)) -> u64 {
        let wanted = self.wanted;
        wanted - self.network.send(self.source, self.sink, &mut |sent| watch(sent, wanted))
    }

    /// Everybody's seats, in order of entry, then reviewer.
    pub(super) fn seats(&self, groups: &[Group], reviewers: &[&Reviewer]) -> Vec<Seat> {
        let dealt = groups.iter().zip(&self.arcs);
        let mut seats: Vec<Seat> =
            dealt.flat_map(|(group, arcs)| self.deal(group, arcs, reviewers)).collect();
        seats.sort_unstable();
        seats
    }

    /// The entries and reviewers on the near side of a smallest cut: they keep each other short.
    pub(super) fn bottleneck(&self, groups: &[Group], reviewers: &[&Reviewer], short: u64) -> Obstacle {
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
