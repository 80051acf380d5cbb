//! From text to a type-checked expression.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{LazyLock, Mutex, PoisonError},
};

use cel::{
    common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators},
    common::types::CelString,
};

use super::{
    ENVIRONMENT, Expression, Names, Type,
    day::{self, DAY},
    number::LITERAL,
};

/// Why a text is not a usable expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// It does not parse.
    #[error("not an expression: {0}")]
    Syntax(String),
    /// It names something that is not there.
    #[error("unknown name {0:?}")]
    UnknownName(String),
    /// It calls a function that is not there, or with a wrong number of arguments.
    #[error(
        "unknown function {0:?}; there are abs(x), min(x, y), max(x, y), round(x, digits), day('YYYY-MM-DD'), starts_with(x, y), ends_with(x, y), contains(x, y) and under(host, site)"
    )]
    UnknownFunction(String),
    /// A text that should name a day does not.
    #[error("{0:?} is not a day such as day('2025-12-31')")]
    NotADay(String),
    /// It uses a part of the language that formulas and rules do without.
    #[error("{0} cannot be used here")]
    Unsupported(&'static str),
    /// An operand is of the wrong type.
    #[error("{place} takes {expected:?}, not {found:?}")]
    WrongType { place: String, expected: Type, found: Type },
}

pub(super) fn compile(source: &str, names: &Names) -> Result<Expression, ExpressionError> {
    let mut root = parse(source)?;
    let mut checker = Checker { names, used: BTreeSet::new() };
    let result = checker.check(&mut root)?;
    Ok(Expression { source: source.to_owned(), root, result, names: checker.used })
}

/// A year takes most of its rules from the year before, and parsing is the dear part: what was parsed is kept.
static PARSED: LazyLock<Mutex<HashMap<String, IdedExpr>>> = LazyLock::new(Mutex::default);
/// How many texts are kept; beyond that all are forgotten, so that drafts without end fill nothing up.
const KEPT: usize = 4096;

fn parse(source: &str) -> Result<IdedExpr, ExpressionError> {
    let kept = || PARSED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(parsed) = kept().get(source) {
        return Ok(parsed.clone());
    }
    let program =
        ENVIRONMENT.compile(source).map_err(|errors| ExpressionError::Syntax(first_line(&errors)))?;
    let parsed = program.expression().clone();
    let mut kept = kept();
    if kept.len() >= KEPT {
        kept.clear();
    }
    kept.insert(source.to_owned(), parsed.clone());
    Ok(parsed)
}

fn first_line(errors: &cel::ParseErrors) -> String {
    errors.to_string().lines().next().unwrap_or_default().trim_start_matches("ERROR: <input>:").to_owned()
}

struct Checker<'a> {
    names: &'a Names,
    used: BTreeSet<String>,
}

impl Checker<'_> {
    /// The type of `expression`, whose number literals become decimals on the way.
    fn check(&mut self, expression: &mut IdedExpr) -> Result<Type, ExpressionError> {
        match &mut expression.expr {
            Expr::Literal(literal) => {
                let (kind, replacement) = check_literal(literal)?;
                if let Some(replacement) = replacement {
                    expression.expr = replacement;
                }
                Ok(kind)
            }
            Expr::Ident(name) => self.name(name.clone()),
            Expr::Select(select) if !select.test => match &select.operand.expr {
                Expr::Ident(scope) => self.name(format!("{scope}.{}", select.field)),
                _ => Err(ExpressionError::Unsupported("a field of a value")),
            },
            Expr::Call(call) => self.call(call),
            Expr::Select(_) => Err(ExpressionError::Unsupported("has()")),
            Expr::List(_) => Err(ExpressionError::Unsupported("a list")),
            Expr::Map(_) | Expr::Struct(_) => Err(ExpressionError::Unsupported("a map")),
            Expr::Comprehension(_) => Err(ExpressionError::Unsupported("a macro")),
            Expr::Unspecified => Err(ExpressionError::Unsupported("an empty expression")),
        }
    }

    fn name(&mut self, name: String) -> Result<Type, ExpressionError> {
        let kind = *self.names.get(&name).ok_or_else(|| ExpressionError::UnknownName(name.clone()))?;
        self.used.insert(name);
        Ok(kind)
    }

    fn call(&mut self, call: &mut CallExpr) -> Result<Type, ExpressionError> {
        if call.target.is_some() {
            return Err(ExpressionError::UnknownFunction(call.func_name.clone()));
        }
        let function = call.func_name.clone();
        match (function.as_str(), call.args.as_mut_slice()) {
            (DAY, [only]) => match &only.expr {
                Expr::Literal(LiteralValue::String(text)) if day::parse(text.inner()).is_some() => {
                    Ok(Type::Date)
                }
                Expr::Literal(LiteralValue::String(text)) => {
                    Err(ExpressionError::NotADay(text.inner().to_owned()))
                }
                _ => Err(ExpressionError::Unsupported("a day that is not written out")),
            },
            ("starts_with" | "ends_with" | "contains" | "under", [left, right]) => {
                self.expect(left, Type::Text, &function)?;
                self.expect(right, Type::Text, &function)?;
                Ok(Type::Bool)
            }
            (operators::SUBSTRACT, [left, right]) => {
                // Two days differ by a number of days.
                let kind = self.check(left)?;
                let wanted = if kind == Type::Date { Type::Date } else { Type::Number };
                if kind != wanted {
                    return Err(wrong(&function, wanted, kind));
                }
                self.expect(right, wanted, &function)?;
                Ok(Type::Number)
            }
            (
                operators::ADD | operators::MULTIPLY | operators::DIVIDE | "min" | "max" | "round",
                [left, right],
            ) => {
                self.expect(left, Type::Number, &function)?;
                self.expect(right, Type::Number, &function)?;
                Ok(Type::Number)
            }
            (operators::NEGATE | "abs", [only]) => {
                self.expect(only, Type::Number, &function)?;
                Ok(Type::Number)
            }
            (
                operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS,
                [left, right],
            ) => {
                let kind = self.check(left)?;
                let wanted = if kind == Type::Date { Type::Date } else { Type::Number };
                if kind != wanted {
                    return Err(wrong(&function, wanted, kind));
                }
                self.expect(right, wanted, &function)?;
                Ok(Type::Bool)
            }
            (operators::EQUALS | operators::NOT_EQUALS, [left, right]) => {
                let kind = self.check(left)?;
                self.expect(right, kind, &function)?;
                Ok(Type::Bool)
            }
            (operators::LOGICAL_AND | operators::LOGICAL_OR, [left, right]) => {
                self.expect(left, Type::Bool, &function)?;
                self.expect(right, Type::Bool, &function)?;
                Ok(Type::Bool)
            }
            (operators::LOGICAL_NOT, [only]) => {
                self.expect(only, Type::Bool, &function)?;
                Ok(Type::Bool)
            }
            (operators::CONDITIONAL, [condition, yes, no]) => {
                self.expect(condition, Type::Bool, &function)?;
                let kind = self.check(yes)?;
                self.expect(no, kind, &function)?;
                Ok(kind)
            }
            _ => Err(ExpressionError::UnknownFunction(readable(&function))),
        }
    }

    fn expect(
        &mut self,
        expression: &mut IdedExpr,
        expected: Type,
        function: &str,
    ) -> Result<(), ExpressionError> {
        let found = self.check(expression)?;
        if found == expected {
            return Ok(());
        }
        Err(wrong(function, expected, found))
    }
}

fn wrong(function: &str, expected: Type, found: Type) -> ExpressionError {
    ExpressionError::WrongType { place: readable(function), expected, found }
}

/// "_+_" as people write it: "+".
fn readable(function: &str) -> String {
    match function {
        operators::CONDITIONAL => "?:".to_owned(),
        other => other.trim_matches('_').to_owned(),
    }
}

fn check_literal(literal: &LiteralValue) -> Result<(Type, Option<Expr>), ExpressionError> {
    match literal {
        LiteralValue::Boolean(_) => Ok((Type::Bool, None)),
        LiteralValue::String(_) => Ok((Type::Text, None)),
        LiteralValue::Int(number) => Ok((Type::Number, Some(decimal_call(number.inner().to_string())))),
        LiteralValue::UInt(number) => Ok((Type::Number, Some(decimal_call(number.inner().to_string())))),
        // A double prints as the shortest text that reads back as itself: what the author typed.
        LiteralValue::Double(number) => Ok((Type::Number, Some(decimal_call(number.inner().to_string())))),
        LiteralValue::Bytes(_) | LiteralValue::Null => Err(ExpressionError::Unsupported("null or bytes")),
    }
}

fn decimal_call(text: String) -> Expr {
    let argument = IdedExpr { id: 0, expr: Expr::Literal(LiteralValue::String(CelString::from(text))) };
    Expr::Call(CallExpr { func_name: LITERAL.to_owned(), target: None, args: vec![argument] })
}
