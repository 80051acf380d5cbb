//! How values lie: quartiles, median absolute deviation, percentiles. Exact decimals; the order of the values never matters.

use rust_decimal::Decimal;

/// 1 / Φ⁻¹(3/4): makes the median absolute deviation comparable with a standard deviation.
const MAD_SCALE: Decimal = Decimal::from_parts(14826, 0, 0, false, 4);

/// Values in rising order, and where their middle lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spread {
    sorted: Vec<Decimal>,
    lower: Decimal,
    median: Decimal,
    upper: Decimal,
    mad: Decimal,
}

impl Spread {
    /// The spread of some values; nothing of none.
    pub fn of(values: impl IntoIterator<Item = Decimal>) -> Option<Self> {
        let mut sorted: Vec<Decimal> = values.into_iter().collect();
        sorted.sort_unstable();
        let median = quantile(&sorted, 2)?;
        let (lower, upper) = (quantile(&sorted, 1)?, quantile(&sorted, 3)?);
        let mut distances: Vec<Decimal> = sorted.iter().map(|value| (value - median).abs()).collect();
        distances.sort_unstable();
        let mad = quantile(&distances, 2)?;
        Some(Self { sorted, lower, median, upper, mad })
    }

    /// The values in rising order; never empty.
    pub fn sorted(&self) -> &[Decimal] {
        &self.sorted
    }

    /// The first quartile: a quarter of the way through the sorted values, interpolated as spreadsheets do.
    pub fn lower(&self) -> Decimal {
        self.lower
    }

    /// The median.
    pub fn median(&self) -> Decimal {
        self.median
    }

    /// The third quartile.
    pub fn upper(&self) -> Decimal {
        self.upper
    }

    /// The median distance from the median.
    pub fn mad(&self) -> Decimal {
        self.mad
    }

    /// The least value.
    pub fn least(&self) -> Decimal {
        self.sorted.first().copied().unwrap_or_default()
    }

    /// The greatest value.
    pub fn most(&self) -> Decimal {
        self.sorted.last().copied().unwrap_or_default()
    }

    /// How many of the values, in percent, lie below `value`; those that equal it count half.
    pub fn percentile(&self, value: Decimal) -> Decimal {
        let below = self.sorted.partition_point(|one| *one < value);
        let up_to = self.sorted.partition_point(|one| *one <= value);
        Decimal::from(below + up_to) * Decimal::from(50) / Decimal::from(self.sorted.len())
    }

    /// How far `value` is from the median, in robust standard deviations. Nothing where at least half of the values are the
    /// same, for then any other would be infinitely far.
    pub fn robust_z(&self, value: Decimal) -> Option<Decimal> {
        let scale = self.mad.checked_mul(MAD_SCALE).filter(|scale| !scale.is_zero())?;
        (value - self.median).abs().checked_div(scale)
    }
}

/// The `quarter`-th quartile of sorted values: linear between the neighbours of place (n − 1) · quarter / 4.
fn quantile(sorted: &[Decimal], quarter: usize) -> Option<Decimal> {
    let last = sorted.len().checked_sub(1)?;
    let place = last * quarter;
    let (below, part) = (sorted[place / 4], place % 4);
    if part == 0 {
        return Some(below);
    }
    let above = sorted[place / 4 + 1];
    Some(below + (above - below) * Decimal::from(part) / Decimal::from(4))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimals(values: &[i64]) -> Vec<Decimal> {
        values.iter().map(|value| Decimal::new(*value, 2)).collect()
    }

    fn spread(values: &[i64]) -> Spread {
        Spread::of(decimals(values)).expect("some values")
    }

    #[test]
    fn quartiles_are_those_of_spreadsheets() {
        let of = spread(&[400, 100, 300, 200]);
        assert_eq!(
            [of.lower(), of.median(), of.upper()],
            [Decimal::new(175, 2), Decimal::new(250, 2), Decimal::new(325, 2)]
        );
        assert_eq!(spread(&[700]).upper(), Decimal::new(7, 0));
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn ties_count_half() {
        let of = spread(&[100, 200, 200, 300]);
        assert_eq!(of.percentile(Decimal::new(200, 2)), Decimal::from(50));
        assert_eq!(of.percentile(Decimal::new(50, 2)), Decimal::ZERO);
        assert_eq!(of.percentile(Decimal::new(900, 2)), Decimal::ONE_HUNDRED);
    }

    #[test]
    fn where_most_are_alike_nothing_is_called_far() {
        assert_eq!(spread(&[500, 500, 500, 900]).robust_z(Decimal::from(9)), None);
        let far = spread(&[100, 110, 120, 130, 140]).robust_z(Decimal::from(9)).expect("they differ");
        assert!(far > Decimal::from(3), "{far}");
    }

    proptest! {
        #[test]
        fn the_order_of_the_values_does_not_matter(
            (values, shuffled) in proptest::collection::vec(-100_000_i64..100_000, 1..40)
                .prop_flat_map(|values| (Just(values.clone()), Just(values).prop_shuffle()))
        ) {
            prop_assert_eq!(spread(&values), spread(&shuffled));
        }

        #[test]
        fn the_parts_lie_in_order(values in proptest::collection::vec(-100_000_i64..100_000, 1..40)) {
            let of = spread(&values);
            let parts = [of.least(), of.lower(), of.median(), of.upper(), of.most()];
            prop_assert!(parts.is_sorted(), "{parts:?}");
            prop_assert!(of.mad() >= Decimal::ZERO && of.mad() <= of.most() - of.least());
        }

        #[test]
        fn percentiles_are_bounded_rise_with_the_value_and_mirror(
            values in proptest::collection::vec(-50_i64..50, 1..40), a in -60_i64..60, b in -60_i64..60,
        ) {
            let of = spread(&values);
            let (low, high) = (of.percentile(Decimal::new(a.min(b), 2)), of.percentile(Decimal::new(a.max(b), 2)));
            prop_assert!(Decimal::ZERO <= low && low <= high && high <= Decimal::ONE_HUNDRED);
            let mirrored = Spread::of(values.iter().map(|value| Decimal::new(-value, 2))).expect("some");
            // Quotients have 28 digits: the mirror may differ in the last.
            let off = of.percentile(Decimal::new(a, 2)) + mirrored.percentile(Decimal::new(-a, 2)) - Decimal::ONE_HUNDRED;
            prop_assert!(off.abs() < Decimal::new(1, 20));
        }

        #[test]
        fn a_value_among_its_equals_stands_in_the_middle(value in -50_i64..50, count in 1_usize..40) {
            let of = spread(&vec![value; count]);
            prop_assert_eq!(of.percentile(Decimal::new(value, 2)), Decimal::from(50));
            prop_assert_eq!(of.robust_z(Decimal::new(value, 2)), None);
        }
    }
}
