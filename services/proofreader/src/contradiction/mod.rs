//! One quantity, work or model stated in two ways.

mod aligned;
mod enumeration;
mod figures;
mod tables;
mod wording;

use crate::context::Context;
use crate::report::Report;

/// All checks for contradictions.
pub(crate) fn check(context: &Context<'_, '_>, report: &mut Report) {
    figures::check(context, report);
    enumeration::check(context, report);
    aligned::check(context, report);
    tables::check(context, report);
    wording::check(context, report);
}
