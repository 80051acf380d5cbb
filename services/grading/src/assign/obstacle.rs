//! What stands in the way of an assignment.

/// Why no assignment exists, and by how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// An entry has fewer suitable organisations than seats, and one organisation sends at most one reviewer.
    ///
    /// Reviewers of `seats - organisations` further organisations, without a conflict, would free it; so would, if
    /// they are of other organisations, those of `barred` whose conflict turns out to be none.
    Entry {
        /// The entry's key.
        entry: String,
        /// How many reviewers it wants.
        seats: u32,
        /// How many reviewers have no conflict and are not of an organisation that sits on the panel already.
        reviewers: u32,
        /// How many organisations those reviewers come from.
        organisations: u32,
        /// The keys of the reviewers whom a conflict bars, in order.
        barred: Vec<String>,
        /// How many others are left out because they do not know the field, which they must.
        strangers: u32,
    },
    /// All reviewers together take fewer entries than there are seats.
    ///
    /// `seats - capacity` more, by higher loads or further reviewers, would free it. It would do, too, if everybody
    /// took up to `each`.
    Load {
        /// How many seats there are.
        seats: u64,
        /// How many the reviewers still take.
        capacity: u64,
        /// The least greatest load that, given to everybody who has less, frees it; 0 if there is nobody.
        each: u32,
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
