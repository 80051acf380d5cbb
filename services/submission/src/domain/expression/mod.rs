//! Expressions over indicators: the formulas of derived indicators and the check rules.
//!
//! They are written in CEL. An indicator is named by its code (`SC02`), last year's by `last.SC02`. Every number is a
//! decimal with 28 significant digits, literals included, so that sums, products and comparisons are exact and a
//! tolerance means what its rule says; a quotient is correct to 28 digits. `abs(x)`, `min(x, y)`, `max(x, y)` and
//! `round(x, digits)` are there. What has no value is never zero: [`Expression::missing`] names it, and its user decides.
//! A division by zero is an [`EvaluationError`], never a number. Days are compared and subtracted; `day('2025-12-31')` is one.
//! Of texts, `starts_with(x, y)`, `ends_with(x, y)` and `contains(x, y)` tell what they hold.
//!
//! An expression is compiled and type-checked once, when the catalogue is loaded.

mod bounds;
mod compile;
mod day;
mod number;
mod render;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, LazyLock},
};

use cel::{Context, Env, ExecutionError, Value, common::types::CelBool, common::types::CelString, parser};
use chrono::NaiveDate;
use rust_decimal::Decimal;

use day::Day;
use number::Number;

pub use bounds::Bound;
#[cfg(test)]
pub use bounds::{MAX_DEPTH, MAX_OPERATORS};
pub use compile::ExpressionError;

static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| {
    // The declarations are constants of this module; a test evaluates each of them.
    Arc::new(number::environment().expect("every function is declared once"))
});

/// What an operand or a result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A decimal.
    Number,
    /// True or false.
    Bool,
    /// A text, such as the option of a choice.
    Text,
    /// A day of the calendar.
    Date,
}

/// A value that an expression works with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// A decimal.
    Number(Decimal),
    /// True or false.
    Bool(bool),
    /// A text.
    Text(String),
    /// A day of the calendar.
    Date(NaiveDate),
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.normalize().fmt(f),
            Self::Bool(flag) => flag.fmt(f),
            Self::Text(text) => text.fmt(f),
            Self::Date(day) => day.fmt(f),
        }
    }
}

/// The names an expression may use, with their types.
pub type Names = BTreeMap<String, Type>;

/// The values of names; `outer` answers for those that `own` lacks.
#[derive(Debug, Default)]
pub struct Bindings<'a> {
    outer: Option<&'a Bindings<'a>>,
    own: BTreeMap<String, Operand>,
}

impl<'a> Bindings<'a> {
    /// No values.
    pub fn new() -> Self {
        Self::default()
    }

    /// More values around those of `outer`.
    pub fn within(outer: &'a Bindings<'a>) -> Self {
        Self { outer: Some(outer), own: BTreeMap::new() }
    }

    /// Gives `name` a value.
    pub fn set(&mut self, name: impl Into<String>, value: Operand) {
        self.own.insert(name.into(), value);
    }

    /// The value of `name`, if it has one.
    pub fn get(&self, name: &str) -> Option<&Operand> {
        self.own.get(name).or_else(|| self.outer.and_then(|outer| outer.get(name)))
    }
}

/// Why a well-typed expression has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// A divisor is zero.
    #[error("division by zero")]
    DivisionByZero,
    /// A result does not fit 28 digits.
    #[error("a result has too many digits")]
    Overflow,
    /// A name has no value. Ask [`Expression::missing`] first.
    #[error("{0} has no value")]
    Missing(String),
    /// Anything else, which type-checking should have prevented.
    #[error("{0}")]
    Other(String),
}

impl From<ExecutionError> for EvaluationError {
    fn from(error: ExecutionError) -> Self {
        match error {
            ExecutionError::DivisionByZero(_) => Self::DivisionByZero,
            ExecutionError::Overflow(..) => Self::Overflow,
            ExecutionError::UndeclaredReference(name) => Self::Missing(name.to_string()),
            other => Self::Other(other.to_string()),
        }
    }
}

/// A compiled expression.
#[derive(Debug)]
pub struct Expression {
    source: String,
    root: parser::Expression,
    result: Type,
    names: BTreeSet<String>,
}

impl Expression {
    /// Compiles `source`, which may use `names`.
    ///
    /// # Errors
    /// The text is not an expression, uses an unknown name or function, or mixes types.
    pub fn compile(source: &str, names: &Names) -> Result<Self, ExpressionError> {
        compile::compile(source, names)
    }

    /// The text it was compiled from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What it evaluates to.
    pub fn result(&self) -> Type {
        self.result
    }

    /// The names it uses; last year's begin with "last.".
    pub fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// The names it uses that have no value.
    pub fn missing<'a>(&'a self, bindings: &Bindings<'_>) -> Vec<&'a str> {
        self.names.iter().filter(|name| bindings.get(name).is_none()).map(String::as_str).collect()
    }

    /// Whether every name it uses has a value.
    pub fn has_all(&self, bindings: &Bindings<'_>) -> bool {
        self.names.iter().all(|name| bindings.get(name).is_some())
    }

    /// Its value.
    ///
    /// # Errors
    /// [`EvaluationError`]; a missing name where the value depends on it.
    pub fn evaluate(&self, bindings: &Bindings<'_>) -> Result<Operand, EvaluationError> {
        evaluate(&self.root, &self.context(bindings))
    }

    /// The numbers that make it false ("120 > 100"), as a statement that is true.
    pub fn explain_failure(&self, bindings: &Bindings<'_>) -> String {
        render::failure(&self.root, &self.context(bindings))
    }

    /// The smallest part that has no result, in numbers ("4903 ÷ 0"); "" if every part has one.
    pub fn explain_fault(&self, bindings: &Bindings<'_>) -> String {
        render::fault(&self.root, &self.context(bindings))
    }

    fn context(&self, bindings: &Bindings<'_>) -> Context<'static, 'static> {
        let mut context = Context::with_env(Arc::clone(&ENVIRONMENT));
        for name in &self.names {
            match bindings.get(name) {
                Some(Operand::Number(number)) => context.add_variable_as_val(name, Box::new(Number(*number))),
                Some(Operand::Bool(flag)) => {
                    context.add_variable_as_val(name, Box::new(CelBool::from(*flag)))
                }
                Some(Operand::Text(text)) => {
                    context.add_variable_as_val(name, Box::new(CelString::from(text.clone())));
                }
                Some(Operand::Date(day)) => context.add_variable_as_val(name, Box::new(Day(*day))),
                None => {}
            }
        }
        context
    }
}

fn evaluate(expression: &parser::Expression, context: &Context<'_, '_>) -> Result<Operand, EvaluationError> {
    let value = Value::resolve_val(expression, context)?;
    if let Some(number) = value.downcast_ref::<Number>() {
        Ok(Operand::Number(number.0))
    } else if let Some(flag) = value.downcast_ref::<CelBool>() {
        Ok(Operand::Bool(*flag.inner()))
    } else if let Some(text) = value.downcast_ref::<CelString<'_>>() {
        Ok(Operand::Text(text.inner().to_owned()))
    } else if let Some(day) = value.downcast_ref::<Day>() {
        Ok(Operand::Date(day.0))
    } else {
        Err(EvaluationError::Other(format!("a value of type {}", value.get_type().name())))
    }
}

#[cfg(test)]
mod tests;
