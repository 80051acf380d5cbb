//! Slips of the finger: a number that is right but for one digit or for two digits that changed places.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::interval::Interval;
use crate::quantity::Quantity;

/// Digits a number must have for a slip to tell: with fewer, chance alone would often look like one.
const DIGITS: usize = 3;

/// Whether the printed number is the computed one, rounded as printed, with one slip of the finger.
pub(super) fn slipped(printed: &Quantity, computed: Interval) -> bool {
    if printed.approximate || printed.scale <= Decimal::ZERO {
        return false;
    }
    let digits = |value: Decimal| -> Option<Vec<u8>> {
        let rounded = value.checked_div(printed.scale)?;
        let rounded =
            rounded.round_dp_with_strategy(printed.decimals, RoundingStrategy::MidpointAwayFromZero);
        let shown = format!("{rounded:.*}", printed.decimals as usize);
        Some(shown.bytes().filter(u8::is_ascii_digit).collect())
    };
    let Some(said) = digits(printed.value) else { return false };
    [computed.lo, computed.mid(), computed.hi]
        .into_iter()
        .filter_map(digits)
        .any(|right| said.len() >= DIGITS && one_slip(&said, &right))
}

fn one_slip(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let apart: Vec<usize> = (0..a.len()).filter(|&i| a[i] != b[i]).collect();
    match apart[..] {
        [_] => true,
        [i, j] => (j == i + 1 || a.len() > DIGITS) && a[i] == b[j] && a[j] == b[i],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::slipped;
    use crate::interval::Interval;
    use crate::quantity::quantities;

    #[test]
    fn one_digit_or_two_neighbours() {
        let slip = |printed: &str, right: &str| {
            let printed = quantities(printed).remove(0);
            slipped(&printed, Interval::exact(right.parse().expect("decimal")))
        };
        assert!(slip("41.14%", "40.1399") && slip("26.18%", "21.684") && slip("361项", "316"));
        assert!(!slip("41.14%", "50.14") && !slip("13%", "12") && !slip("45.12%", "44.31"));
    }
}
