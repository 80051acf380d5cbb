//! What stands in the way of an assignment.

/// Why no assignment exists, and by how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// An entry has fewer suitable organisations than seats, and one organisation sends at most one reviewer.
    ///
    /// Reviewers of `seats - organisations` further organisations, without a conflict, would free it.
    Entry {
        /// The entry's key.
        entry: String,
        /// How many reviewers it wants.
        seats: u32,
        /// How many reviewers have no conflict and are not of an organisation that sits on the panel already.
        reviewers: u32,
        /// How many organisations those reviewers come from.
        organisations: u32,
        /// How many reviewers are barred by a conflict.
        barred: u32,
    },
    /// All reviewers together take fewer entries than there are seats.
    ///
    /// `seats - capacity` more, by higher loads or further reviewers, would free it.
    Load {
        /// How many seats there are.
        seats: u64,
        /// How many the reviewers still take.
        capacity: u64,
    },
    /// Some entries can be reviewed only by some reviewers, who cannot take them all.
    ///
    /// `short` more, by higher loads of these reviewers or by further reviewers whom these entries do not
    /// bar, would free it.
    Bottleneck {
        /// The keys of the entries, in order.
        entries: Vec<String>,
        /// The keys of the reviewers whose load is exhausted, in order.
        reviewers: Vec<String>,
        /// How many seats stay empty.
        short: u64,
    },
}
