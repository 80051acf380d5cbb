//! Derived indicators: computed from a report's own cells, never typed.

use std::collections::BTreeMap;

use rust_decimal::RoundingStrategy;

use super::{
    catalogue::Catalogue,
    expression::{Bindings, Operand},
    value::Value,
};

/// The values of a report's cells, by indicator code. An empty cell is absent.
pub type Cells = BTreeMap<String, Value>;

/// The derived values of a report of this kind, each rounded half up to its indicator's decimals.
///
/// One that lacks a value it needs, or would divide by zero, is absent.
pub fn derived(catalogue: &Catalogue, kind: &str, cells: &Cells) -> Cells {
    let bindings = bindings(cells, "");
    catalogue
        .indicators_of(kind)
        .filter_map(|indicator| {
            let formula = indicator.formula.as_ref()?;
            if !formula.missing(&bindings).is_empty() {
                return None;
            }
            let Ok(Operand::Number(number)) = formula.evaluate(&bindings) else { return None };
            let rounded =
                number.round_dp_with_strategy(indicator.decimals, RoundingStrategy::MidpointAwayFromZero);
            Some((indicator.code.clone(), Value::Number(rounded.normalize())))
        })
        .collect()
}

/// The values of a report's cells, derived ones included.
pub fn complete(catalogue: &Catalogue, kind: &str, cells: &Cells) -> Cells {
    let mut complete = cells.clone();
    complete.extend(derived(catalogue, kind, cells));
    complete
}

/// The cells' values under the names `prefix` + code, as expressions see them; 不适用 is no value.
pub(super) fn bindings(cells: &Cells, prefix: &str) -> Bindings<'static> {
    let mut bindings = Bindings::new();
    for (code, value) in cells {
        if let Some(operand) = operand(value) {
            bindings.set(format!("{prefix}{code}"), operand);
        }
    }
    bindings
}

/// A value as expressions see it.
pub(super) fn operand(value: &Value) -> Option<Operand> {
    match value {
        Value::Number(number) => Some(Operand::Number(*number)),
        Value::Text(text) => Some(Operand::Text(text.clone())),
        Value::NotApplicable(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    use super::*;
    use crate::domain::catalogue::Catalogues;

    fn cells(values: &[(&str, i64)]) -> Cells {
        values
            .iter()
            .map(|(code, number)| ((*code).to_owned(), Value::Number(Decimal::from(*number))))
            .collect()
    }

    fn rate(graduates: i64, placed: i64) -> Option<Value> {
        let catalogue = Catalogues::shipped().get(2025).expect("2025 is shipped");
        derived(catalogue, "higher", &cells(&[("SC01", graduates), ("SC02", placed)])).remove("SC04")
    }

    #[test]
    fn rates_are_rounded_half_up_to_two_decimals() {
        assert_eq!(rate(9797, 4903), Some(Value::Number("50.05".parse().unwrap())));
        assert_eq!(rate(800, 1), Some(Value::Number("0.13".parse().unwrap())));
    }

    #[test]
    fn nothing_is_computed_from_nothing() {
        assert_eq!(rate(0, 0), None);
        let catalogue = Catalogues::shipped().get(2025).expect("2025 is shipped");
        let mut cells = cells(&[("SC01", 10)]);
        cells.insert("SC02".into(), Value::NotApplicable("无".into()));
        assert!(derived(catalogue, "higher", &cells).is_empty());
    }

    proptest! {
        #[test]
        fn a_rate_is_within_its_printed_precision(graduates in 1_i64..100_000, share in 0.0_f64..=1.0) {
            let placed = (graduates as f64 * share) as i64;
            let Some(Value::Number(printed)) = rate(graduates, placed) else { panic!("computed") };
            let error = (printed * Decimal::from(graduates) - Decimal::from(placed * 100)).abs();
            prop_assert!(error <= Decimal::new(5, 3) * Decimal::from(graduates));
        }
    }
}
