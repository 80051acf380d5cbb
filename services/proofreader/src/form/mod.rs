//! Form: dates, punctuation, stray text, units and null marks, personal identifiers.

pub(crate) mod dates;
mod privacy;
mod punctuation;
mod section;
mod units;
mod words;

use crate::context::Context;
use crate::report::Report;

/// All checks of form.
pub(crate) fn check(context: &Context<'_, '_>, report: &mut Report) {
    dates::check(context, report);
    punctuation::check(context, report);
    words::check(context, report);
    units::check(context, report);
    privacy::check(context, report);
    section::check(context, report);
}
