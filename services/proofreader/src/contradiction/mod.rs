//! One quantity, work or model stated in two ways.

mod aligned;
mod cells;
mod enumeration;
mod figures;
mod tables;
mod wording;

pub(crate) use tables::{Printed, printed_in_tables};

use crate::context::Context;
use crate::report::Report;

/// All checks for contradictions.
pub(crate) fn check(context: &Context<'_, '_>, report: &mut Report) {
    figures::check(context, report);
    enumeration::check(context, report);
    aligned::check(context, report);
    tables::check(context, report);
    cells::check(context, report);
    wording::check(context, report);
}
