//! Splitting a printed total over institutions so that the parts add up to it exactly.

use std::ops::RangeInclusive;

use super::{GenerateError, dice::Dice};

/// Splits `total` in proportion to `weights` by largest remainder, each part within its bounds.
///
/// Fails if the bounds cannot hold the total.
pub(crate) fn apportion(
    total: u64,
    weights: &[u64],
    bounds: &[RangeInclusive<u64>],
) -> Result<Vec<u64>, GenerateError> {
    debug_assert_eq!(weights.len(), bounds.len());
    let low: u64 = bounds.iter().map(|bound| *bound.start()).sum();
    let high = bounds.iter().fold(0_u64, |sum, bound| sum.saturating_add(*bound.end()));
    if !(low..=high).contains(&total) || bounds.iter().any(|bound| bound.is_empty()) {
        return Err(GenerateError::DoesNotFit { total, low, high });
    }
    // The level is the common factor of all weights; parts at a bound leave the rest to the others.
    let exact_at = |level: u64| -> Vec<u128> {
        let exact = |(&weight, bound): (&u64, &RangeInclusive<u64>)| {
            (u128::from(weight) * u128::from(level))
                .clamp(u128::from(*bound.start()) << LEVEL_BITS, u128::from(*bound.end()) << LEVEL_BITS)
        };
        weights.iter().zip(bounds).map(exact).collect()
    };
    let (mut below, mut above) = (0_u64, 1 << 62);
    while above - below > 1 {
        let level = below + (above - below) / 2;
        if exact_at(level).iter().sum::<u128>() <= u128::from(total) << LEVEL_BITS {
            below = level;
        } else {
            above = level;
        }
    }
    Ok(round(total, &exact_at(below), weights, bounds))
}

/// Binary digits after the point of a level and of an exact part.
const LEVEL_BITS: u32 = 24;

/// Rounds exact parts down, then gives what is left of `total` to those with the largest remainders, one unit each, as
/// bounds allow.
fn round(total: u64, exact: &[u128], weights: &[u64], bounds: &[RangeInclusive<u64>]) -> Vec<u64> {
    let mut parts: Vec<u64> = exact.iter().map(|part| (part >> LEVEL_BITS) as u64).collect();
    let mut left = total - parts.iter().sum::<u64>();
    let remainder = |index: usize| exact[index] & ((1 << LEVEL_BITS) - 1);
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|&index| (weights[index] == 0, std::cmp::Reverse(remainder(index)), index));
    while left > 0 {
        let before = left;
        for &index in &order {
            if left > 0 && parts[index] < *bounds[index].end() {
                parts[index] += 1;
                left -= 1;
            }
        }
        debug_assert!(left < before, "the bounds were found to hold the total");
        if left == before {
            break;
        }
    }
    parts
}

/// Last year's parts of `total`, given this year's: as a rule no part changed by more than `percent` of last year's
/// value; where the totals differ too much for that, the change is left to a few of the largest.
pub(crate) fn last_year(
    total: u64,
    this_year: &[u64],
    percent: u64,
    dice: &mut Dice,
) -> Result<Vec<u64>, GenerateError> {
    let mut bounds: Vec<RangeInclusive<u64>> = this_year
        .iter()
        .map(|&part| {
            let low = (part * 100).div_ceil(100 + percent);
            low..=(part * 100 / (100 - percent)).max(low)
        })
        .collect();
    let mut movable = this_year.to_vec();
    loop {
        let low: u64 = bounds.iter().map(|bound| *bound.start()).sum();
        let high: u64 = bounds.iter().map(|bound| *bound.end()).sum();
        if (low..=high).contains(&total) {
            break;
        }
        let Some(mover) = dice.weighted(&movable) else {
            return Err(GenerateError::DoesNotFit { total, low, high });
        };
        movable[mover] = 0;
        bounds[mover] = if total < low {
            (this_year[mover] / 6).max(1)..=*bounds[mover].end()
        } else {
            *bounds[mover].start()..=this_year[mover] * 6
        };
    }
    let weights: Vec<u64> = this_year.iter().map(|&part| part * dice.between(90, 110) as u64).collect();
    apportion(total, &weights, &bounds)
}

/// Rates in units whose mean, weighted by `counts`, is `target` to within half a unit: `target` plus each one's
/// `offset`, shifted by a common amount, within bounds.
pub(crate) fn weighted_rates(
    target: i64,
    counts: &[u64],
    offsets: &[i64],
    bounds: &[RangeInclusive<i64>],
) -> Result<Vec<i64>, GenerateError> {
    let people: i64 = counts.iter().map(|&count| count as i64).sum();
    let rates_at = |shift: i64| -> Vec<i64> {
        offsets
            .iter()
            .zip(bounds)
            .map(|(&offset, bound)| (target + offset + shift).clamp(*bound.start(), *bound.end()))
            .collect()
    };
    let weigh =
        |rates: &[i64]| -> i64 { rates.iter().zip(counts).map(|(&rate, &count)| rate * count as i64).sum() };
    let (mut below, mut above) = (-20_000_i64, 20_000_i64);
    while above - below > 1 {
        let shift = (below + above) / 2;
        if weigh(&rates_at(shift)) <= target * people {
            below = shift;
        } else {
            above = shift;
        }
    }
    let mut rates = rates_at(below);
    let mut order: Vec<usize> = (0..rates.len()).collect();
    order.sort_by_key(|&index| (std::cmp::Reverse(counts[index]), index));
    let mut left = target * people - weigh(&rates);
    for index in order {
        let count = counts[index] as i64;
        if count > 0 && left >= count && rates[index] < *bounds[index].end() {
            rates[index] += 1;
            left -= count;
        }
    }
    // Half a unit either way rounds to the printed figure.
    if left * 2 >= people || left * 2 <= -people {
        return Err(GenerateError::RateMissed { target, left });
    }
    Ok(rates)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn parts_add_up_and_keep_their_bounds(
            rows in prop::collection::vec((0_u64..5_000, 0_u64..40, 0_u64..400), 1..60),
            share in 0_u64..=1000,
        ) {
            let weights: Vec<u64> = rows.iter().map(|row| row.0).collect();
            let bounds: Vec<_> = rows.iter().map(|row| row.1..=row.1 + row.2).collect();
            let low: u64 = rows.iter().map(|row| row.1).sum();
            let room: u64 = rows.iter().map(|row| row.2).sum();
            let total = low + room * share / 1000;
            let parts = apportion(total, &weights, &bounds).unwrap();
            prop_assert_eq!(parts.iter().sum::<u64>(), total);
            prop_assert!(parts.iter().zip(&bounds).all(|(part, bound)| bound.contains(part)));
        }

        #[test]
        fn without_bounds_parts_are_within_one_of_their_share(
            weights in prop::collection::vec(1_u64..5_000, 1..60),
            total in 0_u64..3_000_000,
        ) {
            let bounds = vec![0..=total; weights.len()];
            let parts = apportion(total, &weights, &bounds).unwrap();
            let all: u64 = weights.iter().sum();
            for (part, weight) in parts.iter().zip(&weights) {
                let share = total as f64 * *weight as f64 / all as f64;
                prop_assert!((*part as f64 - share).abs() <= 1.01, "{part} for {share}");
            }
        }

        #[test]
        fn few_parts_change_much_from_last_year(
            this_year in prop::collection::vec(0_u64..900, 5..60),
            ratio in 80_u64..120,
        ) {
            let total = this_year.iter().sum::<u64>() * ratio / 100;
            let parts = last_year(total, &this_year, 28, &mut Dice::of("test")).unwrap();
            prop_assert_eq!(parts.iter().sum::<u64>(), total);
            let changed = parts.iter().zip(&this_year).filter(|(last, this)| this.abs_diff(**last) * 100 > **last * 30);
            prop_assert!(changed.count() * 3 <= this_year.len());
        }

        #[test]
        fn weighted_rates_come_out_as_the_target(
            rows in prop::collection::vec((60_u64..3_000, -250_i64..250), 20..60),
            target in 9_000_i64..9_700,
        ) {
            let counts: Vec<u64> = rows.iter().map(|row| row.0).collect();
            let offsets: Vec<i64> = rows.iter().map(|row| row.1).collect();
            let rates = weighted_rates(target, &counts, &offsets, &vec![8_000..=10_000; rows.len()]).unwrap();
            let sum: i64 = rates.iter().zip(&counts).map(|(rate, count)| rate * *count as i64).sum();
            let people: i64 = counts.iter().map(|count| *count as i64).sum();
            prop_assert!((sum - target * people).abs() * 2 < people);
        }
    }

    #[test]
    fn a_total_beyond_the_bounds_is_refused() {
        assert!(matches!(apportion(7, &[1, 1], &[0..=3, 0..=3]), Err(GenerateError::DoesNotFit { .. })));
        assert!(matches!(apportion(1, &[1, 1], &[1..=3, 1..=3]), Err(GenerateError::DoesNotFit { .. })));
    }
}
