//! Exact arithmetic on scores: whole millionths of a point, and fractions of them.

use rust_decimal::Decimal;

/// Digits after the point that scores, weights and cut-offs may carry.
pub(crate) const SCALE: u32 = 6;
/// A point in millionths.
pub(crate) const POINT: i64 = 1_000_000;

/// A score in millionths; `None` if it is outside 0–100 or carries more than six digits after the point.
pub(crate) fn score_micros(score: Decimal) -> Option<i64> {
    let micros = micros(score)?;
    (0..=100 * POINT).contains(&micros).then_some(micros)
}

/// A number in millionths; `None` if it carries more than six digits after the point.
pub(crate) fn micros(number: Decimal) -> Option<i64> {
    let scale = number.scale();
    if scale > SCALE {
        return None;
    }
    let whole = number.mantissa().checked_mul(10_i128.pow(SCALE - scale))?;
    i64::try_from(whole).ok()
}

/// A number without zeros at its end. Much quicker on a machine word than [`Decimal::normalize`].
fn shortest(mut mantissa: i64, mut scale: u32) -> Decimal {
    if mantissa == 0 {
        return Decimal::ZERO;
    }
    while scale > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    Decimal::new(mantissa, scale)
}

/// Millionths as a number.
pub(crate) fn points(micros: i64) -> Decimal {
    shortest(micros, SCALE)
}

/// `numerator` millionths of a millionth, divided by `denominator`: what a weighted sum of averages is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fraction {
    pub numerator: i128,
    pub denominator: i128,
}

impl Fraction {
    /// Whether it is at least `cut_off` points, a number of at most six digits after the point.
    pub fn reaches(self, cut_off: Decimal) -> bool {
        let micros = micros(cut_off).unwrap_or(i64::MAX);
        self.numerator >= i128::from(micros) * i128::from(POINT) * self.denominator
    }

    /// The smaller of two.
    pub fn min(self, other: Self) -> Self {
        if self.numerator * other.denominator <= other.numerator * self.denominator { self } else { other }
    }

    /// The greater of two.
    pub fn max(self, other: Self) -> Self {
        if self.numerator * other.denominator >= other.numerator * self.denominator { self } else { other }
    }

    /// Held within 0–100 points.
    pub fn clamped(self) -> Self {
        let most = 100 * i128::from(POINT) * i128::from(POINT) * self.denominator;
        Self { numerator: self.numerator.clamp(0, most), ..self }
    }

    /// In points, to as many digits as a [`Decimal`] holds.
    pub fn points(self) -> Decimal {
        if let (Ok(numerator), Ok(denominator)) =
            (i64::try_from(self.numerator), i64::try_from(self.denominator))
            && numerator % denominator == 0
        {
            return shortest(numerator / denominator, 2 * SCALE);
        }
        (Decimal::from_i128_with_scale(self.numerator, 2 * SCALE) / Decimal::from(self.denominator))
            .normalize()
    }

    /// In whole millionths, rounded half away from zero.
    pub fn micros(self) -> i64 {
        let unit = i128::from(POINT) * self.denominator;
        let half = unit / 2;
        let shifted = if self.numerator < 0 { self.numerator - half } else { self.numerator + half };
        i64::try_from(shifted / unit).unwrap_or(i64::MAX)
    }
}
