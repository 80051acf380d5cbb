//! The decimal as a value of the expression language: exact, where the language's own numbers are binary.

use std::{any::Any, cmp::Ordering};

use cel::{
    Env, ExecutionError, Value,
    common::{
        traits::{Adder, Comparer, Divider, Multiplier, Negator, Subtractor},
        types::{CelBool, CelString, Type},
        value::{CowVal, StaticVal, Val},
    },
};
use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};

use super::day::{Day, day};

static TYPE: Type = Type::new_unspecified_type("decimal");

/// The function that a rewritten number literal calls.
pub(super) const LITERAL: &str = "decimal";

/// A decimal with up to 28 significant digits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number(pub(super) Decimal);

impl Val for Number {
    fn get_type(&self) -> &Type {
        &TYPE
    }

    fn cel_type() -> &'static Type {
        &TYPE
    }

    fn as_adder<'b, 'v>(&'b self) -> Option<&'b (dyn Adder + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_subtractor<'b, 'v>(&'b self) -> Option<&'b (dyn Subtractor + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_multiplier<'b, 'v>(&'b self) -> Option<&'b (dyn Multiplier + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_divider<'b, 'v>(&'b self) -> Option<&'b (dyn Divider + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_negator<'b, 'v>(&'b self) -> Option<&'b (dyn Negator + 'v)>
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

impl StaticVal for Number {}

/// Applies `operation` to two decimals; no result means that it does not fit 28 digits.
fn combine<'b, 'v>(
    name: &'static str,
    left: &Number,
    right: &(dyn Val + 'v),
    operation: impl FnOnce(Decimal, Decimal) -> Option<Decimal>,
) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let right = operand(right)?;
    operation(left.0, right.0).map(|result| CowVal::owned(Number(result))).ok_or(ExecutionError::Overflow(
        name,
        Value::Null,
        Value::Null,
    ))
}

fn operand<'a, 'v>(value: &'a (dyn Val + 'v)) -> Result<&'a Number, ExecutionError> {
    value.downcast_ref::<Number>().ok_or_else(|| ExecutionError::UnexpectedType {
        got: value.get_type().name().to_owned(),
        want: TYPE.name().to_owned(),
    })
}

impl Adder for Number {
    fn add<'b, 'v>(&'b self, rhs: &(dyn Val + 'v)) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        combine("add", self, rhs, Decimal::checked_add)
    }
}

impl Subtractor for Number {
    fn sub<'b, 'v>(&'b self, rhs: &(dyn Val + 'v)) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        combine("sub", self, rhs, Decimal::checked_sub)
    }
}

impl Multiplier for Number {
    fn mul<'b, 'v>(&'b self, rhs: &(dyn Val + 'v)) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        combine("mul", self, rhs, Decimal::checked_mul)
    }
}

impl Divider for Number {
    fn div<'b, 'v>(&'b self, rhs: &(dyn Val + 'v)) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        if operand(rhs)?.0.is_zero() {
            return Err(ExecutionError::DivisionByZero(Value::Null));
        }
        combine("div", self, rhs, Decimal::checked_div)
    }
}

impl Negator for Number {
    fn negate<'v>(&self) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        Ok(Box::new(Number(-self.0)))
    }
}

impl Comparer for Number {
    fn compare(&self, rhs: &dyn Val) -> Result<Ordering, ExecutionError> {
        Ok(self.0.cmp(&operand(rhs)?.0))
    }
}

fn literal(text: &CelString<'_>) -> Result<Number, ExecutionError> {
    text.inner().parse().map(Number).map_err(|error| ExecutionError::function_error(LITERAL, error))
}

fn abs(value: &Number) -> Number {
    Number(value.0.abs())
}

fn min(left: &Number, right: &Number) -> Number {
    Number(left.0.min(right.0))
}

fn max(left: &Number, right: &Number) -> Number {
    Number(left.0.max(right.0))
}

fn round(value: &Number, decimals: &Number) -> Result<Number, ExecutionError> {
    let digits = decimals
        .0
        .to_u32()
        .filter(|digits| *digits <= 28 && Decimal::from(*digits) == decimals.0)
        .ok_or_else(|| {
        ExecutionError::function_error("round", "the second argument is a whole number, 0–28")
    })?;
    Ok(Number(value.0.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)))
}

fn starts_with(text: &CelString<'_>, start: &CelString<'_>) -> CelBool {
    CelBool::from(text.inner().starts_with(start.inner()))
}

fn ends_with(text: &CelString<'_>, end: &CelString<'_>) -> CelBool {
    CelBool::from(text.inner().ends_with(end.inner()))
}

fn contains(text: &CelString<'_>, part: &CelString<'_>) -> CelBool {
    CelBool::from(text.inner().contains(part.inner()))
}

/// Whether a host is a site's or one below it.
fn under(host: &CelString<'_>, site: &CelString<'_>) -> CelBool {
    let (host, site) = (host.inner(), site.inner());
    let below = |rest: &str| !site.is_empty() && (rest.is_empty() || rest.ends_with('.'));
    CelBool::from(host.strip_suffix(site).is_some_and(below))
}

/// The environment of every expression: the language's own, with decimals and their functions.
pub(super) fn environment() -> Result<Env, cel::DeclarationError> {
    let mut env = Env::stdlib();
    env.add_type(TYPE.to_owned())?;
    env.add_type(Day::cel_type().to_owned())?;
    cel::add_overload!(env, fn literal: (CelString) -> Result<Number>, name = "decimal")?;
    cel::add_overload!(env, fn abs: (Number) -> Number, name = "abs")?;
    cel::add_overload!(env, fn min: (Number, Number) -> Number, name = "min")?;
    cel::add_overload!(env, fn max: (Number, Number) -> Number, name = "max")?;
    cel::add_overload!(env, fn round: (Number, Number) -> Result<Number>, name = "round")?;
    cel::add_overload!(env, fn day: (CelString) -> Result<Day>, name = "day")?;
    cel::add_overload!(env, fn starts_with: (CelString, CelString) -> CelBool, name = "starts_with")?;
    cel::add_overload!(env, fn ends_with: (CelString, CelString) -> CelBool, name = "ends_with")?;
    cel::add_overload!(env, fn contains: (CelString, CelString) -> CelBool, name = "contains")?;
    cel::add_overload!(env, fn under: (CelString, CelString) -> CelBool, name = "under")?;
    Ok(env)
}
