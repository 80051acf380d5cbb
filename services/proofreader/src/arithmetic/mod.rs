//! Recomputes what the text and its tables say in numbers.

mod average;
mod growth;
mod listing;
mod parts;
mod rate;
mod ratio;
mod share;
mod slip;
mod table;
mod total;
mod weighted;

use rust_decimal::Decimal;

use crate::claim::Claim;
use crate::context::Context;
use crate::entry::Facts;
use crate::interval::{Interval, show};
use crate::quantity::Quantity;
use crate::report::Report;

/// All checks of arithmetic.
pub(crate) fn check(context: &Context<'_, '_>, report: &mut Report) {
    parts::check(context, report);
    share::check(context, report);
    growth::check(context, report);
    rate::check(context, report);
    ratio::check(context, report);
    average::check(context, report);
    total::check(context, report);
    weighted::check(context, report);
    listing::check(context, report);
    table::check(context, report);
}

/// How a printed value relates to what the figures give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It follows, rounding allowed.
    Follows,
    /// It was cut off where it should be rounded.
    Truncated,
    /// It does not follow.
    Differs,
}

/// Compares a printed value with the values the figures allow.
pub(crate) fn judge(printed: &Quantity, computed: Interval) -> Verdict {
    if printed.interval.meets(computed) {
        Verdict::Follows
    } else if !printed.approximate && printed.truncated().meets(computed) {
        Verdict::Truncated
    } else {
        Verdict::Differs
    }
}

/// Whether a claim stands in the sentence of another, and counts in the same unit.
pub(crate) fn stands_beside(claim: &Claim, other: &Claim) -> bool {
    claim.paragraph == other.paragraph
        && claim.sentence == other.sentence
        && claim.quantity.family() == other.quantity.family()
}

/// The sums of an entry with the ones right before it, one more at a time, as long as `beside` says that the next belongs to
/// them: the entry that came last, and the sum so far. At most `reach` are looked at.
pub(crate) fn sums_with_neighbours<'f>(
    facts: &'f Facts,
    entry: usize,
    reach: usize,
    mut beside: impl FnMut(usize, &Claim) -> bool + 'f,
) -> impl Iterator<Item = (usize, Interval)> + 'f {
    let mut sum = facts.claim_of(entry).quantity.interval;
    (0..entry).rev().take(reach).map_while(move |other| {
        let claim = facts.claim_of(other);
        if !beside(other, claim) {
            return None;
        }
        sum = sum.plus(claim.quantity.interval)?;
        Some((other, sum))
    })
}

/// A computed interval for people: one number where its ends agree to `scale` places.
pub(crate) fn shown(interval: Interval, scale: u32) -> String {
    let (lo, hi) = (show(interval.lo, scale), show(interval.hi, scale));
    if lo == hi { lo } else { format!("{lo}～{hi}") }
}

/// A value with enough digits to see how it was rounded.
pub(crate) fn shown_fine(value: Decimal, decimals: u32) -> String {
    show(value, decimals + 2)
}
