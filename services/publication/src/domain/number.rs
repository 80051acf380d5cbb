//! How a decimal is written in a table.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::Deserialize;

/// The most digits after the point that a table may print.
pub const MAX_DECIMALS: u32 = 6;

/// A way of writing numbers: "379", "4767.7", "94.26%".
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberFormat {
    /// Digits after the point, at most [`MAX_DECIMALS`]; rounded half away from zero (四舍五入).
    #[serde(default)]
    pub decimals: u32,
    /// Drops zeros at the end of the fraction, as amounts are printed.
    #[serde(default)]
    pub trim: bool,
    /// What follows the digits ("%").
    #[serde(default)]
    pub suffix: String,
}

impl NumberFormat {
    /// `value` as a table shows it.
    pub fn display(&self, value: Decimal) -> String {
        let mut rounded = value.round_dp_with_strategy(self.decimals, RoundingStrategy::MidpointAwayFromZero);
        if rounded.is_zero() {
            // Rounding keeps the sign, and "-0.00" is no number that anybody reports.
            rounded = Decimal::ZERO;
        }
        if self.trim {
            rounded = rounded.normalize();
        } else {
            rounded.rescale(self.decimals);
        }
        format!("{rounded}{}", self.suffix)
    }

    /// `value` without needless zeros: how a whole ("100%") stands among fractions.
    pub fn display_trimmed(&self, value: Decimal) -> String {
        Self { trim: true, ..self.clone() }.display(value)
    }
}

/// `value` unrounded, in plain notation without needless zeros.
pub fn plain(value: Decimal) -> String {
    let value = value.normalize();
    if value.is_zero() { "0".to_owned() } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn format(decimals: u32, trim: bool, suffix: &str) -> NumberFormat {
        NumberFormat { decimals, trim, suffix: suffix.to_owned() }
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    #[test]
    fn writes_numbers_as_the_report_prints_them() {
        let amount = format(2, true, "");
        assert_eq!(amount.display(decimal("4767.70")), "4767.7");
        assert_eq!(amount.display(decimal("355.61")), "355.61");
        assert_eq!(amount.display(decimal("11184.520000")), "11184.52");
        assert_eq!(amount.display(decimal("1200.00")), "1200");
        let rate = format(2, false, "%");
        assert_eq!(rate.display(decimal("95.4")), "95.40%");
        assert_eq!(rate.display(decimal("94.2550")), "94.26%");
        assert_eq!(rate.display(decimal("94.2549999999")), "94.25%");
        assert_eq!(format(0, false, "").display(decimal("232441.0")), "232441");
        assert_eq!(format(1, false, "%").display_trimmed(decimal("100")), "100%");
    }

    #[test]
    fn never_writes_a_negative_zero() {
        assert_eq!(format(2, false, "").display(decimal("-0.001")), "0.00");
        assert_eq!(plain(decimal("-0.00")), "0");
    }

    proptest! {
        #[test]
        fn what_is_shown_is_never_further_than_half_a_unit_away(
            mantissa in -1_000_000_000_000_i64..1_000_000_000_000, scale in 0_u32..9, decimals in 0..=MAX_DECIMALS, trim: bool,
        ) {
            let value = Decimal::new(mantissa, scale);
            let shown = decimal(&format(decimals, trim, "").display(value));
            prop_assert!((shown - value).abs() * Decimal::TWO <= Decimal::new(1, decimals));
            prop_assert_eq!(decimal(&plain(value)), value);
        }
    }
}
