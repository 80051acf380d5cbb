//! Whether one rule holds of one thing.

use super::{Report, Rule};
use crate::domain::{
    catalogue::{Missing, Pair, Test},
    expression::{Bindings, EvaluationError, Expression, Operand},
    value::Value,
};

pub(super) enum Verdict {
    NotApplied,
    Holds,
    Fails { computation: String },
}

pub(super) fn apply(report: Report<'_>, rule: &Rule, bindings: &Bindings<'_>) -> Verdict {
    if let Some(when) = &rule.when {
        if !when.has_all(bindings) {
            return Verdict::NotApplied;
        }
        match when.evaluate(bindings) {
            Ok(Operand::Bool(true)) => {}
            Ok(_) => return Verdict::NotApplied,
            Err(error) => return Verdict::Fails { computation: fault(when, bindings, &error) },
        }
    }
    match &rule.test {
        Test::Holds(expression) => holds(report, rule.missing, expression, bindings),
        Test::Given { pair, left, right } => given(report, *pair, [left, right], bindings),
    }
}

fn holds(report: Report<'_>, strategy: Missing, expression: &Expression, bindings: &Bindings<'_>) -> Verdict {
    if !expression.has_all(bindings) {
        if strategy == Missing::SkipIfAny {
            return Verdict::NotApplied;
        }
        let missing = expression.missing(bindings);
        let asked = expression.names().iter().filter(|name| *name != "tolerance").count();
        if missing.iter().any(|name| left_out(report, name))
            || strategy == Missing::SkipIfAll && missing.len() == asked
        {
            return Verdict::NotApplied;
        }
        return Verdict::Fails { computation: unknown(&missing) };
    }
    match expression.evaluate(bindings) {
        Ok(Operand::Bool(true)) => Verdict::Holds,
        Ok(_) => Verdict::Fails { computation: expression.explain_failure(bindings) },
        Err(error) => Verdict::Fails { computation: fault(expression, bindings, &error) },
    }
}

/// A side is given if every value that it names is. What does not apply is neither given nor missing.
fn given(report: Report<'_>, pair: Pair, sides: [&Expression; 2], bindings: &Bindings<'_>) -> Verdict {
    let missing = sides.map(|side| side.missing(bindings));
    if missing.iter().flatten().any(|name| left_out(report, name)) {
        return Verdict::NotApplied;
    }
    match (pair, missing.each_ref().map(Vec::is_empty)) {
        (Pair::Compulsory, [true, false] | [false, true]) => {
            Verdict::Fails { computation: unknown(&missing.concat()) }
        }
        (Pair::Exclusive, [true, true]) => {
            let computation: Vec<String> = sides
                .iter()
                .flat_map(|side| side.names())
                .filter_map(|name| Some(format!("{name} = {}", bindings.get(name)?)))
                .collect();
            Verdict::Fails { computation: computation.join("; ") }
        }
        (_, [false, false]) => Verdict::NotApplied,
        _ => Verdict::Holds,
    }
}

fn left_out(report: Report<'_>, name: &str) -> bool {
    matches!(report.cells.get(name), Some(Value::NotApplicable(_)))
}

fn unknown(missing: &[&str]) -> String {
    let unknown: Vec<String> = missing.iter().map(|name| format!("{name} = ?")).collect();
    unknown.join("; ")
}

/// A computation that has no result is a finding too: nobody can tell whether the rule holds.
fn fault(expression: &Expression, bindings: &Bindings<'_>, error: &EvaluationError) -> String {
    let attempted = expression.explain_fault(bindings);
    if attempted.is_empty() { error.to_string() } else { attempted }
}
