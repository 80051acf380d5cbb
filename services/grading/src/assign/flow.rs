//! A network with capacities and costs, and the cheapest greatest flow through it.
//!
//! The primal-dual method: find the distance to the sink under the present prices, then send all that fits
//! along shortest paths at once, and raise the prices. One round serves every path of the same cost, so the
//! number of rounds grows with the number of different path costs (a few loads) and not with the flow.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};

const FAR: i64 = i64::MAX;

/// A node of a [`Network`].
pub(super) type Node = usize;

/// An arc of a [`Network`]: the node that it leaves, and its place there.
#[derive(Debug, Clone, Copy)]
pub(super) struct ArcId(Node, usize);

struct Arc {
    to: Node,
    /// The place of the reverse arc among those that leave `to`.
    reverse: usize,
    /// How much more can be sent. An arc and its reverse share the capacity.
    room: u32,
    /// Never negative on an arc that was added; its reverse gives the cost back.
    cost: i64,
}

/// A directed network. Flow is sent once, by [`Self::send`].
#[derive(Default)]
pub(super) struct Network {
    /// The arcs that leave each node, reverses included.
    leaving: Vec<Vec<Arc>>,
}

impl Network {
    pub(super) fn node(&mut self) -> Node {
        self.leaving.push(Vec::new());
        self.leaving.len() - 1
    }

    /// Adds an arc between two nodes; `cost` is at least 0.
    pub(super) fn arc(&mut self, from: Node, to: Node, capacity: u32, cost: i64) -> ArcId {
        let (place, reverse) = (self.leaving[from].len(), self.leaving[to].len());
        self.leaving[from].push(Arc { to, reverse, room: capacity, cost });
        self.leaving[to].push(Arc { to: from, reverse: place, room: 0, cost: -cost });
        ArcId(from, place)
    }

    /// How much was sent through an arc.
    pub(super) fn sent(&self, ArcId(from, place): ArcId) -> u32 {
        let Arc { to, reverse, .. } = self.leaving[from][place];
        self.leaving[to][reverse].room
    }

    /// Sends as much as fits from source to sink at the least cost, and returns how much that is. `watch` hears
    /// after each unit how much has been sent.
    pub(super) fn send(&mut self, source: Node, sink: Node, watch: &mut dyn FnMut(u64)) -> u64 {
        let mut prices = vec![0; self.leaving.len()];
        let mut sent = 0;
        while self.reprice(source, sink, &mut prices) {
            self.fill(source, sink, &prices, &mut || {
                sent += 1;
                watch(sent);
            });
        }
        sent
    }

    /// Which nodes can still be reached from the source: after [`Self::send`], the near side of a smallest
    /// cut.
    pub(super) fn reachable(&self, source: Node) -> Vec<bool> {
        let mut reached = vec![false; self.leaving.len()];
        reached[source] = true;
        let mut queue = VecDeque::from([source]);
        while let Some(node) = queue.pop_front() {
            for arc in &self.leaving[node] {
                if arc.room > 0 && !reached[arc.to] {
                    reached[arc.to] = true;
                    queue.push_back(arc.to);
                }
            }
        }
        reached
    }

    /// Raises the prices by the distances from the source (Dijkstra), so that arcs of shortest paths cost
    /// nothing and no arc costs less. False if the sink cannot be reached any more.
    fn reprice(&self, source: Node, sink: Node, prices: &mut [i64]) -> bool {
        let mut distances = vec![FAR; self.leaving.len()];
        distances[source] = 0;
        let mut queue = BinaryHeap::from([Reverse((0, source))]);
        while let Some(Reverse((distance, node))) = queue.pop() {
            if node == sink {
                break;
            }
            if distance > distances[node] {
                continue;
            }
            for arc in self.leaving[node].iter().filter(|arc| arc.room > 0) {
                let through = distance + arc.cost + prices[node] - prices[arc.to];
                if through < distances[arc.to] {
                    distances[arc.to] = through;
                    queue.push(Reverse((through, arc.to)));
                }
            }
        }
        let to_sink = distances[sink];
        if to_sink == FAR {
            return false;
        }
        for (price, distance) in prices.iter_mut().zip(distances) {
            *price += distance.min(to_sink);
        }
        true
    }

    /// Sends all that fits along arcs that cost nothing under the prices (Dinic).
    fn fill(&mut self, source: Node, sink: Node, prices: &[i64], sent: &mut dyn FnMut()) {
        while let Some(levels) = self.levels(source, sink, prices) {
            let mut next = vec![0; self.leaving.len()];
            while self.augment(source, sink, prices, &levels, &mut next) {
                sent();
            }
        }
    }

    /// The number of free arcs from the source to each node; `None` if the sink is out of their reach.
    fn levels(&self, source: Node, sink: Node, prices: &[i64]) -> Option<Vec<u32>> {
        let mut levels = vec![u32::MAX; self.leaving.len()];
        levels[source] = 0;
        let mut queue = VecDeque::from([source]);
        while let Some(node) = queue.pop_front() {
            for arc in self.leaving[node].iter().filter(|arc| arc.room > 0) {
                if levels[arc.to] == u32::MAX && arc.cost + prices[node] == prices[arc.to] {
                    levels[arc.to] = levels[node] + 1;
                    if arc.to == sink {
                        return Some(levels);
                    }
                    queue.push_back(arc.to);
                }
            }
        }
        None
    }

    /// Sends one unit along free arcs, each one level up. `next` is each node's first arc not yet found
    /// useless.
    fn augment(
        &mut self,
        source: Node,
        sink: Node,
        prices: &[i64],
        levels: &[u32],
        next: &mut [usize],
    ) -> bool {
        let mut path: Vec<ArcId> = Vec::new();
        let mut node = source;
        while node != sink {
            let step = self.leaving[node][next[node]..].iter().position(|arc| {
                arc.room > 0
                    && levels[node].checked_add(1) == Some(levels[arc.to])
                    && arc.cost + prices[node] == prices[arc.to]
            });
            if let Some(skipped) = step {
                next[node] += skipped;
                path.push(ArcId(node, next[node]));
                node = self.leaving[node][next[node]].to;
            } else {
                next[node] = self.leaving[node].len();
                let Some(ArcId(from, _)) = path.pop() else { return false };
                node = from;
                next[node] += 1;
            }
        }
        for ArcId(from, place) in path {
            let arc = &mut self.leaving[from][place];
            arc.room -= 1;
            let (to, reverse) = (arc.to, arc.reverse);
            self.leaving[to][reverse].room += 1;
        }
        true
    }
}
