//! The day as a value of the expression language: days are compared, and their difference is a number of days.

use std::{any::Any, cmp::Ordering};

use cel::{
    ExecutionError,
    common::{
        traits::{Comparer, Subtractor},
        types::{CelString, Type},
        value::{CowVal, StaticVal, Val},
    },
};
use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::number::Number;

static TYPE: Type = Type::new_unspecified_type("day");

/// The function that makes a day of a text: `day('2025-12-31')`.
pub(super) const DAY: &str = "day";

/// A day of the calendar.
#[derive(Debug, Clone, Copy)]
pub(super) struct Day(pub(super) NaiveDate);

impl Val for Day {
    fn get_type(&self) -> &Type {
        &TYPE
    }

    fn cel_type() -> &'static Type {
        &TYPE
    }

    fn as_subtractor<'b, 'v>(&'b self) -> Option<&'b (dyn Subtractor + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_comparer(&self) -> Option<&dyn Comparer> {
        Some(self)
    }

    fn equals(&self, other: &dyn Val) -> bool {
        other.downcast_ref::<Self>().is_some_and(|other| self.0 == other.0)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(*self)
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Day {}

fn operand<'a, 'v>(value: &'a (dyn Val + 'v)) -> Result<&'a Day, ExecutionError> {
    value.downcast_ref::<Day>().ok_or_else(|| ExecutionError::UnexpectedType {
        got: value.get_type().name().to_owned(),
        want: TYPE.name().to_owned(),
    })
}

impl Subtractor for Day {
    fn sub<'b, 'v>(&'b self, rhs: &(dyn Val + 'v)) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let days = (self.0 - operand(rhs)?.0).num_days();
        Ok(CowVal::owned(Number(Decimal::from(days))))
    }
}

impl Comparer for Day {
    fn compare(&self, rhs: &dyn Val) -> Result<Ordering, ExecutionError> {
        Ok(self.0.cmp(&operand(rhs)?.0))
    }
}

/// The day that a text names; its form is checked when the expression is compiled.
pub(super) fn day(text: &CelString<'_>) -> Result<Day, ExecutionError> {
    parse(text.inner()).map(Day).ok_or_else(|| ExecutionError::function_error(DAY, "not a day"))
}

/// A day as `2025-12-31`.
pub(super) fn parse(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}
