//! How many entries got which grade.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::Rubric;

/// How many entries have a grade, or a group of grades.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The grade ("A+"), or the group ("A").
    pub name: String,
    /// How many.
    pub count: usize,
}

/// The grades of a round, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// Every band of the rubric, from the highest, zeros included.
    pub grades: Vec<Count>,
    /// Every group of the rubric, from the highest, zeros included.
    pub groups: Vec<Count>,
    /// How many grades were counted.
    pub total: usize,
}

impl Distribution {
    /// Counts bands, each given by its place in the rubric. A place that the rubric does not have is not
    /// counted.
    pub fn new(rubric: &Rubric, bands: impl IntoIterator<Item = usize>) -> Self {
        let mut counts = vec![0; rubric.bands().len()];
        for band in bands {
            if let Some(count) = counts.get_mut(band) {
                *count += 1;
            }
        }
        let mut groups: Vec<Count> = Vec::new();
        for (band, count) in rubric.bands().iter().zip(&counts) {
            match groups.iter_mut().find(|group| group.name == band.group) {
                Some(group) => group.count += count,
                None => groups.push(Count { name: band.group.clone(), count: *count }),
            }
        }
        let total = counts.iter().sum();
        let grades = rubric
            .bands()
            .iter()
            .zip(counts)
            .map(|(band, count)| Count { name: band.grade.clone(), count })
            .collect();
        Self { grades, groups, total }
    }
}

/// `count` as a percentage of `total`, rounded half away from zero; `None` of nothing.
///
/// Each share is computed from its own count. Shares of one table need not add up to 100, and are not made
/// to.
pub fn share(count: usize, total: usize, decimals: u32) -> Option<Decimal> {
    let percent =
        Decimal::from(count).checked_mul(Decimal::ONE_HUNDRED)?.checked_div(Decimal::from(total))?;
    let mut rounded = percent.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(decimals);
    Some(rounded)
}
