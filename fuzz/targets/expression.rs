#![no_main]
#![expect(dead_code, reason = "the module serves more than this target")]

//! Formulas and check rules: the first line is an expression, the lines below are the values of its names.

// As source: a build of the whole service with its database drivers would make a fuzzer of minutes one of hours.
#[path = "../../services/submission/src/domain/expression/mod.rs"]
mod expression;

use std::thread;

use expression::{Bindings, Bound, EvaluationError, Expression, Names, Operand, Type};
use libfuzzer_sys::fuzz_target;

const NAMES: [(&str, Type); 7] = [
    ("SC01", Type::Number),
    ("SC02", Type::Number),
    ("last.SC01", Type::Number),
    ("filled", Type::Bool),
    ("choice", Type::Text),
    ("host", Type::Text),
    ("start", Type::Date),
];

/// Four times what the service gives it, since the sanitizer's frames are that much larger.
const STACK: usize = 256 << 20;

fn operand(kind: Type, text: &str) -> Option<Operand> {
    match kind {
        Type::Number => text.parse().ok().map(Operand::Number),
        Type::Bool => text.parse().ok().map(Operand::Bool),
        Type::Date => text.parse().ok().map(Operand::Date),
        Type::Text => (!text.is_empty()).then(|| Operand::Text(text.to_owned())),
    }
}

fn run(text: &str) {
    let mut lines = text.split('\n');
    let source = lines.next().unwrap_or_default();
    if Bound::exceeded_by(source).is_some() {
        return;
    }
    let names: Names = NAMES.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
    let expression = match Expression::compile(source, &names) {
        Ok(expression) => expression,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let mut values = Bindings::new();
    for ((name, kind), line) in NAMES.iter().zip(lines) {
        if let Some(value) = operand(*kind, line) {
            values.set(*name, value);
        }
    }
    assert_eq!(expression.has_all(&values), expression.missing(&values).is_empty());
    match expression.evaluate(&values) {
        Ok(value) => {
            let kind = match value {
                Operand::Number(_) => Type::Number,
                Operand::Bool(_) => Type::Bool,
                Operand::Text(_) => Type::Text,
                Operand::Date(_) => Type::Date,
            };
            assert_eq!(kind, expression.result(), "{source}");
            assert_eq!(expression.evaluate(&values), Ok(value), "{source}");
        }
        Err(EvaluationError::Missing(name)) => assert!(values.get(&name).is_none(), "{source}: {name}"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    let _ = (expression.explain_failure(&values), expression.explain_fault(&values));
}

fuzz_target!(|text: &str| {
    thread::scope(|scope| {
        let run = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || run(text));
        run.expect("a thread").join().expect("no panic");
    });
});
