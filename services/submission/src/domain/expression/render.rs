//! The arithmetic behind a failed check, in numbers that a person can follow.

use cel::{
    Context,
    common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators},
};
use rust_decimal::{Decimal, RoundingStrategy};

use super::{Operand, evaluate, number::LITERAL};

/// How many digits after the point a computed number shows; "≈" marks one that was cut.
const SHOWN_DECIMALS: u32 = 6;

/// Why `expression` is false, as a statement that is true: "120 > 100" for a failed `SC02 <= SC01`.
pub(super) fn failure(expression: &IdedExpr, context: &Context<'_, '_>) -> String {
    let mut statements = Vec::new();
    collect(expression, context, false, &mut statements);
    statements.join("; ")
}

/// The smallest part of `expression` that has no result, in numbers; "" if every part has one.
pub(super) fn fault(expression: &IdedExpr, context: &Context<'_, '_>) -> String {
    if evaluate(expression, context).is_ok() {
        return String::new();
    }
    if let Expr::Call(call) = &expression.expr {
        let inner = call.args.iter().map(|part| fault(part, context)).find(|text| !text.is_empty());
        if let Some(inner) = inner {
            return inner;
        }
    }
    arithmetic(expression, context).0
}

/// Collects the comparisons that decide why `expression` is `outcome`.
fn collect(expression: &IdedExpr, context: &Context<'_, '_>, outcome: bool, into: &mut Vec<String>) {
    let Expr::Call(call) = &expression.expr else { return };
    match (call.func_name.as_str(), call.args.as_slice()) {
        (operators::LOGICAL_NOT, [inner]) => collect(inner, context, !outcome, into),
        (operators::LOGICAL_AND | operators::LOGICAL_OR, [left, right]) => {
            for side in [left, right] {
                if evaluate(side, context) == Ok(Operand::Bool(outcome)) {
                    collect(side, context, outcome, into);
                }
            }
        }
        (operators::CONDITIONAL, [condition, yes, no]) => {
            let branch = if evaluate(condition, context) == Ok(Operand::Bool(true)) { yes } else { no };
            collect(branch, context, outcome, into);
        }
        (operator, [left, right]) => {
            if let Some(sign) = sign(operator, outcome) {
                into.push(format!("{} {sign} {}", side(left, context), side(right, context)));
            }
        }
        _ => {}
    }
}

/// The sign of a comparison that is true, or of the opposite of one that is false.
fn sign(operator: &str, holds: bool) -> Option<&'static str> {
    Some(match (operator, holds) {
        (operators::LESS, true) | (operators::GREATER_EQUALS, false) => "<",
        (operators::LESS_EQUALS, true) | (operators::GREATER, false) => "≤",
        (operators::GREATER, true) | (operators::LESS_EQUALS, false) => ">",
        (operators::GREATER_EQUALS, true) | (operators::LESS, false) => "≥",
        (operators::EQUALS, true) | (operators::NOT_EQUALS, false) => "=",
        (operators::NOT_EQUALS, true) | (operators::EQUALS, false) => "≠",
        _ => return None,
    })
}

/// One side of a comparison: its numbers and, where there is something to compute, the result.
fn side(expression: &IdedExpr, context: &Context<'_, '_>) -> String {
    let (text, binding) = arithmetic(expression, context);
    match evaluate(expression, context) {
        Ok(Operand::Number(number)) if binding != Binding::Value => match shown(number) {
            (number, true) => format!("{text} = {number}"),
            (number, false) => format!("{text} ≈ {number}"),
        },
        _ => text,
    }
}

/// How tightly a rendered part holds together, loosest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Sum,
    Product,
    Closed,
    Value,
}

fn arithmetic(expression: &IdedExpr, context: &Context<'_, '_>) -> (String, Binding) {
    match &expression.expr {
        Expr::Call(call) => call_arithmetic(call, expression, context),
        _ => (plain(expression, context), Binding::Value),
    }
}

fn call_arithmetic(call: &CallExpr, whole: &IdedExpr, context: &Context<'_, '_>) -> (String, Binding) {
    let at_least = |part: &IdedExpr, wanted: Binding| {
        let (text, binding) = arithmetic(part, context);
        let negative = text.starts_with('-') || text.starts_with('−');
        if binding < wanted || negative { format!("({text})") } else { text }
    };
    match (call.func_name.as_str(), call.args.as_slice()) {
        (LITERAL, [argument]) => (literal(argument), Binding::Value),
        (operators::ADD, [left, right]) => {
            (format!("{} + {}", at_least(left, Binding::Sum), at_least(right, Binding::Sum)), Binding::Sum)
        }
        (operators::SUBSTRACT, [left, right]) => (
            format!("{} − {}", at_least(left, Binding::Sum), at_least(right, Binding::Product)),
            Binding::Sum,
        ),
        (operators::MULTIPLY, [left, right]) => (
            format!("{} × {}", at_least(left, Binding::Product), at_least(right, Binding::Product)),
            Binding::Product,
        ),
        (operators::DIVIDE, [left, right]) => (
            format!("{} ÷ {}", at_least(left, Binding::Product), at_least(right, Binding::Closed)),
            Binding::Product,
        ),
        (operators::NEGATE, [inner]) => (format!("−{}", at_least(inner, Binding::Closed)), Binding::Product),
        ("abs", [inner]) => (format!("|{}|", arithmetic(inner, context).0), Binding::Closed),
        (name @ ("min" | "max"), [left, right]) => (
            format!("{name}({}, {})", arithmetic(left, context).0, arithmetic(right, context).0),
            Binding::Closed,
        ),
        ("round", [inner, _]) => match arithmetic(inner, context) {
            (text, Binding::Value) => (format!("round({text})"), Binding::Closed),
            computed => computed,
        },
        (operators::CONDITIONAL, [condition, yes, no]) => {
            let chosen = evaluate(condition, context) == Ok(Operand::Bool(true));
            arithmetic(if chosen { yes } else { no }, context)
        }
        _ => (plain(whole, context), Binding::Value),
    }
}

fn literal(argument: &IdedExpr) -> String {
    match &argument.expr {
        Expr::Literal(LiteralValue::String(text)) => text.inner().to_owned(),
        _ => "?".to_owned(),
    }
}

fn plain(expression: &IdedExpr, context: &Context<'_, '_>) -> String {
    match evaluate(expression, context) {
        Ok(Operand::Number(number)) => number.normalize().to_string(),
        Ok(Operand::Text(text)) => text,
        Ok(Operand::Bool(flag)) => flag.to_string(),
        Ok(Operand::Date(day)) => day.to_string(),
        Err(_) => "?".to_owned(),
    }
}

/// A number as shown, and whether that is all of it.
fn shown(number: Decimal) -> (Decimal, bool) {
    let rounded =
        number.round_dp_with_strategy(SHOWN_DECIMALS, RoundingStrategy::MidpointAwayFromZero).normalize();
    (rounded, rounded == number)
}
