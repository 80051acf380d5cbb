use proptest::prelude::*;

use super::*;

fn names() -> Names {
    let mut names = Names::new();
    for code in ["A", "B", "C", "last.A"] {
        names.insert(code.to_owned(), Type::Number);
    }
    names.insert("filled".to_owned(), Type::Bool);
    names.insert("choice".to_owned(), Type::Text);
    names
}

fn number(text: &str) -> Operand {
    Operand::Number(text.parse().expect("a decimal"))
}

fn bindings(values: &[(&str, &str)]) -> Bindings<'static> {
    let mut bindings = Bindings::new();
    for (name, value) in values {
        bindings.set(*name, number(value));
    }
    bindings
}

fn compile(source: &str) -> Expression {
    Expression::compile(source, &names()).unwrap_or_else(|error| panic!("{source}: {error}"))
}

fn value(source: &str, values: &[(&str, &str)]) -> Result<Operand, EvaluationError> {
    compile(source).evaluate(&bindings(values))
}

#[test]
fn sums_of_decimals_are_exact_where_binary_floats_are_not() {
    assert_eq!(value("0.1 + 0.2 == 0.3", &[]), Ok(Operand::Bool(true)));
    assert_eq!(
        value("A + B == C", &[("A", "7.23"), ("B", "0.0484"), ("C", "7.2784")]),
        Ok(Operand::Bool(true))
    );
    assert_eq!(
        value("abs(A - 100.0 * B / C) <= 0.005", &[("A", "50.03"), ("B", "4903"), ("C", "9800")]),
        Ok(Operand::Bool(true))
    );
}

#[test]
fn functions_work_on_decimals() {
    assert_eq!(value("abs(-A)", &[("A", "2.5")]), Ok(number("2.5")));
    assert_eq!(value("min(A, 2) + max(A, 2)", &[("A", "2.5")]), Ok(number("4.5")));
    assert_eq!(value("round(A / 3, 2)", &[("A", "2")]), Ok(number("0.67")));
    assert_eq!(value("round(A, 2)", &[("A", "0.125")]), Ok(number("0.13")));
    assert!(matches!(value("round(A, 0.5)", &[("A", "1")]), Err(EvaluationError::Other(_))));
}

#[test]
fn last_year_is_named_with_a_prefix() {
    let expression = compile("A > last.A");
    assert_eq!(expression.names().iter().map(String::as_str).collect::<Vec<_>>(), ["A", "last.A"]);
    assert_eq!(expression.evaluate(&bindings(&[("A", "2"), ("last.A", "1")])), Ok(Operand::Bool(true)));
}

#[test]
fn what_has_no_value_is_named_and_never_zero() {
    let expression = compile("A > 0 && last.A > 0");
    let bindings = bindings(&[("A", "1")]);
    assert_eq!(expression.missing(&bindings), ["last.A"]);
    assert_eq!(expression.evaluate(&bindings), Err(EvaluationError::Missing("last".to_owned())));
}

#[test]
fn dividing_by_zero_is_an_error_and_not_a_number() {
    assert_eq!(value("A / B", &[("A", "1"), ("B", "0")]), Err(EvaluationError::DivisionByZero));
    let huge = Decimal::MAX.to_string();
    assert_eq!(value("A * B", &[("A", &huge), ("B", "10")]), Err(EvaluationError::Overflow));
}

#[test]
fn inner_values_hide_nothing_of_the_outer_ones() {
    let outer = bindings(&[("A", "1")]);
    let mut inner = Bindings::within(&outer);
    inner.set("B", number("2"));
    assert_eq!(compile("A + B").evaluate(&inner), Ok(number("3")));
}

#[test]
fn mistakes_are_found_when_compiling() {
    let error = |source: &str| Expression::compile(source, &names()).expect_err(source);
    assert_eq!(error("A > X9"), ExpressionError::UnknownName("X9".to_owned()));
    assert_eq!(error("last.B > 1"), ExpressionError::UnknownName("last.B".to_owned()));
    assert_eq!(error("sqrt(A) > 1"), ExpressionError::UnknownFunction("sqrt".to_owned()));
    assert_eq!(error("abs(A, B) > 1"), ExpressionError::UnknownFunction("abs".to_owned()));
    assert_eq!(
        error("A + filled > 1"),
        ExpressionError::WrongType { place: "+".to_owned(), expected: Type::Number, found: Type::Bool }
    );
    assert!(matches!(error("choice == 1"), ExpressionError::WrongType { .. }));
    assert!(matches!(error("A >"), ExpressionError::Syntax(_)));
    assert!(matches!(error("[1, 2].all(x, x > 1)"), ExpressionError::Unsupported(_)));
    assert!(matches!(error("has(last.A)"), ExpressionError::Unsupported(_)));
}

#[test]
fn a_failure_shows_the_numbers_that_make_it() {
    let explain = |source: &str, values: &[(&str, &str)]| compile(source).explain_failure(&bindings(values));
    assert_eq!(explain("A <= B", &[("A", "120"), ("B", "100")]), "120 > 100");
    assert_eq!(
        explain("abs(A - B / C * 100) <= 0.005", &[("A", "50.05"), ("B", "4903"), ("C", "9800")]),
        "|50.05 − 4903 ÷ 9800 × 100| ≈ 0.019388 > 0.005"
    );
    assert_eq!(explain("A <= B && B <= C", &[("A", "1"), ("B", "5"), ("C", "3")]), "5 > 3");
    assert_eq!(explain("A > B || B > C", &[("A", "1"), ("B", "2"), ("C", "3")]), "1 ≤ 2; 2 ≤ 3");
    assert_eq!(
        explain("!(A == 0) && B - (C - A) > 0", &[("A", "0"), ("B", "1"), ("C", "3")]),
        "0 = 0; 1 − (3 − 0) = -2 ≤ 0"
    );
    assert_eq!(
        explain("A / (B * C) > 1", &[("A", "1"), ("B", "2"), ("C", "-3")]),
        "1 ÷ (2 × (-3)) ≈ -0.166667 ≤ 1"
    );
}

proptest! {
    #[test]
    fn comparisons_agree_with_decimals(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000, scale in 0_u32..6) {
        let (a, b) = (Decimal::new(a, scale), Decimal::new(b, scale));
        let values = [("A", a.to_string()), ("B", b.to_string())];
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        prop_assert_eq!(value("A <= B", &values), Ok(Operand::Bool(a <= b)));
        prop_assert_eq!(value("A == B", &values), Ok(Operand::Bool(a == b)));
        prop_assert_eq!(value("A + B - B == A", &values), Ok(Operand::Bool(true)));
        prop_assert_eq!(value("A - B", &values), Ok(Operand::Number(a - b)));
        prop_assert_eq!(value("A * B", &values), Ok(Operand::Number(a * b)));
    }

    #[test]
    fn any_text_is_refused_or_compiled_without_a_panic(source in "[A-C0-9.+*/<>=()!&| -]{0,40}") {
        if let Ok(expression) = Expression::compile(&source, &names()) {
            let bindings = bindings(&[("A", "1"), ("B", "2"), ("C", "3"), ("last.A", "4")]);
            let _ = expression.evaluate(&bindings);
            let _ = expression.explain_failure(&bindings);
        }
    }
}
