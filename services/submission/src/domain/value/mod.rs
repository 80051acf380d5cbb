//! What a cell holds, and how it is read from what people type.

mod digits;
mod error;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use zhijian_platform::Text;

use super::{
    catalogue::{Choice, Indicator, IndicatorKind},
    text::is_filled,
    units::{self, Conversion, ConvertError, Unit, Units},
};
use digits::{decimal, half_width};

pub use error::ValueError;
pub(super) use error::shorten;

/// How many characters a reason for 不适用 may have.
const MAX_REASON: usize = 200;

/// A cell's value. A cell without one is empty, which is neither zero nor not applicable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A number, without trailing zeros.
    Number(Decimal),
    /// The code of the chosen option.
    Text(String),
    /// The reason why the indicator does not apply (不适用).
    NotApplicable(String),
}

/// Reads a number for `indicator`, given in `unit` – by code or as people write it – or in the unit written behind it
/// ("1.2亿元"); without either it is in the indicator's own. The answer says how it was converted, if it was.
///
/// # Errors
/// [`ValueError`]; nothing is guessed or rounded.
pub fn read(
    units: &Units,
    indicator: &Indicator,
    given: &str,
    unit: &str,
) -> Result<(Value, Option<Conversion>), ValueError> {
    let (digits, written) = split_unit(given);
    let unit = unit.trim();
    if written.is_empty() && unit.is_empty() {
        return Ok((number(indicator, given)?, None));
    }
    if indicator.kind == IndicatorKind::Choice {
        return Err(ValueError::OptionWanted { options: indicator.options.clone() });
    }
    let find = |text: &str| unit_of(units, indicator, text);
    let from = match (written, unit) {
        (written, "") => find(written)?,
        ("", unit) => find(unit)?,
        (written, unit) => {
            let (inside, beside) = (find(written)?, find(unit)?);
            if inside.code != beside.code {
                return Err(ValueError::TwoUnits { written: written.to_owned(), chosen: unit.to_owned() });
            }
            inside
        }
    };
    if from.code == indicator.unit.code {
        return Ok((number(indicator, digits)?, None));
    }
    let given = decimal(digits)?;
    let kept = units::convert(given, from, &indicator.unit).map_err(|error| match error {
        ConvertError::Dimension { .. } => {
            ValueError::WrongDimension { given: from.name.zh.clone(), known: usable(units, indicator) }
        }
        ConvertError::Inexact => ValueError::TooLong,
    })?;
    let conversion = Conversion { given, from: from.clone(), kept, to: indicator.unit.clone() };
    match fitting(indicator, kept) {
        Ok(value) => Ok((value, Some(conversion))),
        Err(ValueError::TooManyDecimals { allowed }) => {
            Err(ValueError::TooManyDecimalsConverted { conversion: Box::new(conversion), allowed })
        }
        Err(error) => Err(error),
    }
}

fn unit_of<'a>(units: &'a Units, indicator: &'a Indicator, text: &str) -> Result<&'a Unit, ValueError> {
    match units.find(text, &indicator.unit) {
        Some(unit) if unit.same_dimension(&indicator.unit) => Ok(unit),
        Some(_) => {
            Err(ValueError::WrongDimension { given: text.to_owned(), known: usable(units, indicator) })
        }
        None => Err(ValueError::UnknownUnit { given: text.to_owned(), known: usable(units, indicator) }),
    }
}

/// The names of the units in which the indicator may be given.
fn usable(units: &Units, indicator: &Indicator) -> Vec<Text> {
    units.alike(&indicator.unit).map(|unit| unit.name.clone()).collect()
}

/// The number and the unit behind it, or "". What looks like no unit, such as an exponent, stays with the number, for its
/// reader to judge.
fn split_unit(given: &str) -> (&str, &str) {
    let given = given.trim();
    let belongs = |c: char| matches!(half_width(c), '0'..='9' | '.' | ',' | '-' | '+') || c.is_whitespace();
    let start = given.find(|c| !belongs(c)).unwrap_or(given.len());
    let (digits, unit) = given.split_at(start);
    let has_digits = digits.chars().any(|c| half_width(c).is_ascii_digit());
    let is_unit = !unit.is_empty()
        && unit != "%"
        && unit != "％"
        && !unit.chars().any(|c| half_width(c).is_ascii_digit());
    if has_digits && is_unit { (digits.trim_end(), unit) } else { (given, "") }
}

/// Reads a number for `indicator`, in its own unit.
///
/// Full-width digits and signs, thousands separators in groups of three and, for a percentage, a percent sign at the
/// end are accepted and normalised, as are zeros that say nothing.
///
/// # Errors
/// [`ValueError`]; nothing is guessed.
pub fn number(indicator: &Indicator, given: &str) -> Result<Value, ValueError> {
    if indicator.kind == IndicatorKind::Choice {
        return Err(ValueError::OptionWanted { options: indicator.options.clone() });
    }
    let plain = given.trim();
    let plain = match plain.strip_suffix(['%', '％']) {
        Some(_) if indicator.kind != IndicatorKind::Rate => return Err(ValueError::NotAPercentage),
        Some(rest) => rest,
        None => plain,
    };
    fitting(indicator, decimal(plain)?)
}

/// The number as the indicator keeps it.
fn fitting(indicator: &Indicator, number: Decimal) -> Result<Value, ValueError> {
    if number.scale() > indicator.decimals {
        return Err(ValueError::TooManyDecimals { allowed: indicator.decimals });
    }
    if number.is_sign_negative() && indicator.kind == IndicatorKind::Count {
        return Err(ValueError::Negative);
    }
    Ok(Value::Number(number))
}

/// Reads the choice of an option, by its code or by its name in either language.
///
/// # Errors
/// [`ValueError::NumberWanted`] if the indicator is no choice, [`ValueError::OptionWanted`] if it is not offered.
pub fn option(indicator: &Indicator, given: &str) -> Result<Value, ValueError> {
    if indicator.kind != IndicatorKind::Choice {
        return Err(ValueError::NumberWanted);
    }
    let given = given.trim();
    let named = |option: &&Choice| {
        option.code == given || option.name.zh == given || option.name.en.eq_ignore_ascii_case(given)
    };
    match indicator.options.iter().find(named) {
        Some(option) => Ok(Value::Text(option.code.clone())),
        None => Err(ValueError::OptionWanted { options: indicator.options.clone() }),
    }
}

/// Reads the reason of 不适用.
///
/// # Errors
/// [`ValueError::ReasonWanted`] unless it has 1–200 characters.
pub fn not_applicable(given: &str) -> Result<Value, ValueError> {
    if is_filled(given, MAX_REASON) {
        Ok(Value::NotApplicable(given.trim().to_owned()))
    } else {
        Err(ValueError::ReasonWanted)
    }
}

#[cfg(test)]
mod tests;
