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

use crate::context::Context;
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

/// A computed interval for people: one number where its ends agree to `scale` places.
pub(crate) fn shown(interval: Interval, scale: u32) -> String {
    let (lo, hi) = (show(interval.lo, scale), show(interval.hi, scale));
    if lo == hi { lo } else { format!("{lo}～{hi}") }
}

/// A value with enough digits to see how it was rounded.
pub(crate) fn shown_fine(value: Decimal, decimals: u32) -> String {
    show(value, decimals + 2)
}
