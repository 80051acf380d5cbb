//! How far suggestions agree with people.

use rust_decimal::Decimal;

/// Digits after the point of differences and shares.
const DIGITS: u32 = 2;

/// Agreement of pairs of points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concord {
    /// How many pairs there are.
    pub pairs: usize,
    /// How many differ by no more than the tolerance.
    pub within: usize,
    /// The mean of suggestion less human, in points; above 0 where the machine is the more lenient.
    pub mean_difference: Decimal,
    /// The mean size of the difference.
    pub mean_distance: Decimal,
    /// Cohen's kappa over the bands, weighted by the square of how many bands apart; `None` where chance alone would agree.
    pub kappa: Option<Decimal>,
}

/// Compares pairs of human's and machine's points; `None` without any. `cut_offs` are those of the bands, from the highest.
pub fn concord(pairs: &[(Decimal, Decimal)], cut_offs: &[Decimal], tolerance: Decimal) -> Option<Concord> {
    if pairs.is_empty() {
        return None;
    }
    let count = Decimal::from(pairs.len());
    let differences = || pairs.iter().map(|(human, machine)| machine - human);
    Some(Concord {
        pairs: pairs.len(),
        within: differences().filter(|difference| difference.abs() <= tolerance).count(),
        mean_difference: (differences().sum::<Decimal>() / count).round_dp(DIGITS).normalize(),
        mean_distance: (differences().map(|one| one.abs()).sum::<Decimal>() / count)
            .round_dp(DIGITS)
            .normalize(),
        kappa: kappa(pairs, cut_offs),
    })
}

fn kappa(pairs: &[(Decimal, Decimal)], cut_offs: &[Decimal]) -> Option<Decimal> {
    let last = cut_offs.len().saturating_sub(1);
    let band = |points: Decimal| cut_offs.iter().position(|cut_off| points >= *cut_off).unwrap_or(last);
    let bands: Vec<(usize, usize)> =
        pairs.iter().map(|(human, machine)| (band(*human), band(*machine))).collect();
    let apart = |a: usize, b: usize| Decimal::from(a.abs_diff(b) * a.abs_diff(b));
    let observed: Decimal = bands.iter().map(|(human, machine)| apart(*human, *machine)).sum();
    // By chance any human's band meets any machine's.
    let by_chance: Decimal = bands
        .iter()
        .flat_map(|(human, _)| bands.iter().map(move |(_, machine)| apart(*human, *machine)))
        .sum();
    let by_chance = by_chance / Decimal::from(pairs.len());
    let ratio = observed.checked_div(by_chance)?;
    Some((Decimal::ONE - ratio).round_dp(DIGITS).normalize())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(pairs: &[(i64, i64)]) -> Option<Concord> {
        let pairs: Vec<_> = pairs.iter().map(|(a, b)| (Decimal::from(*a), Decimal::from(*b))).collect();
        let cut_offs = [90, 80, 70, 0].map(Decimal::from);
        concord(&pairs, &cut_offs, Decimal::from(5))
    }

    #[test]
    fn differences_are_counted_and_kappa_takes_chance_off() {
        assert_eq!(of(&[]), None);
        let found = of(&[(80, 84), (70, 76), (95, 94), (60, 60)]).expect("pairs");
        assert_eq!((found.pairs, found.within), (4, 3));
        assert_eq!(found.mean_difference.to_string(), "2.25");
        assert_eq!(found.mean_distance.to_string(), "2.75");
        // Bands 1-1, 2-2, 0-0, 3-3.
        assert_eq!(found.kappa, Some(Decimal::ONE));
        // Observed 1+1 of bands (0,1), (1,0); by chance (0+1+1+0+1+... )/2 is 1.
        assert_eq!(of(&[(90, 80), (80, 90)]).expect("pairs").kappa, Some(-Decimal::ONE));
        assert_eq!(of(&[(85, 82)]).expect("pairs").kappa, None, "one band throughout");
    }

    proptest! {
        #[test]
        fn perfect_agreement_is_one_and_nothing_is_above(
            pairs in prop::collection::vec((0..=100_i64, 0..=100_i64), 1..30),
        ) {
            let found = of(&pairs).expect("pairs");
            prop_assert!(found.kappa.is_none_or(|kappa| kappa <= Decimal::ONE && kappa >= -Decimal::ONE));
            prop_assert!(found.within <= found.pairs && found.mean_difference.abs() <= found.mean_distance);
            let same: Vec<_> = pairs.iter().map(|(human, _)| (*human, *human)).collect();
            let same = of(&same).expect("pairs");
            prop_assert!(same.kappa.is_none_or(|kappa| kappa == Decimal::ONE));
            prop_assert_eq!(same.within, same.pairs);
        }
    }
}
