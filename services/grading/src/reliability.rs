//! How far the reviewers of a round agree.

use rust_decimal::Decimal;

/// Digits after the point of a coefficient.
const DIGITS: u32 = 4;

/// Krippendorff's alpha for interval data: 1 where reviewers agree wholly, 0 where they agree as if by chance, below 0 where
/// worse. `None` where nothing can be said: no entry with two scores, or all scores the same.
///
/// Each unit holds the scores of one entry, in millionths; units of fewer than two do not count.
pub(crate) fn alpha<'a>(units: impl Iterator<Item = &'a [i64]> + Clone) -> Option<Decimal> {
    let usable = units.filter(|unit| unit.len() > 1);
    // Differences do not change when every score is shifted; sums stay small around a middle one.
    let origin = usable.clone().next()?[0];
    let (mut n, mut sum, mut squares) = (0_i128, 0_i128, 0_i128);
    // Over a common denominator: within an entry of m scores, the squared differences count m − 1 times less.
    let mut observed = Decimal::ZERO;
    let mut by_size: Vec<(i128, i128)> = Vec::new();
    for unit in usable {
        let m = unit.len() as i128;
        let (mut own_sum, mut own_squares) = (0_i128, 0_i128);
        for &score in unit {
            let score = i128::from(score - origin);
            own_sum += score;
            own_squares += score * score;
        }
        n += m;
        sum += own_sum;
        squares += own_squares;
        let differences = 2 * (m * own_squares - own_sum * own_sum);
        match by_size.iter_mut().find(|(size, _)| *size == m) {
            Some((_, total)) => *total += differences,
            None => by_size.push((m, differences)),
        }
    }
    by_size.sort_unstable();
    let expected = 2 * (n * squares - sum * sum);
    if expected == 0 {
        return None;
    }
    for (m, differences) in by_size {
        observed += ratio(differences * (n - 1), expected * (m - 1));
    }
    let mut alpha = (Decimal::ONE - observed).round_dp(DIGITS);
    alpha.rescale(DIGITS);
    Some(alpha)
}

/// A quotient to some 18 digits, of numbers far beyond what a [`Decimal`] holds.
fn ratio(numerator: i128, denominator: i128) -> Decimal {
    let (mut numerator, mut denominator) = (numerator, denominator);
    while numerator > i128::MAX / 1_000_000_000_000 || denominator > i128::MAX / 1_000_000_000_000 {
        numerator /= 1_000;
        denominator /= 1_000;
    }
    let scaled = numerator * 1_000_000_000_000 / denominator.max(1);
    Decimal::from_i128_with_scale(scaled, 12)
}
