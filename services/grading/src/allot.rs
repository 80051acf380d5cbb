//! Grades and choices by rank: so many places, or such a share, instead of cut-offs.

use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::GradeError;

/// What becomes of entries with equal totals on both sides of a bound. They are never split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ties {
    /// All go up: the better band may hold more than its places.
    #[default]
    Up,
    /// All go down: the better band may hold fewer.
    Down,
}

/// Entries that tie across a bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tie {
    /// The better band of the two, 0 being the highest.
    pub bound: usize,
    /// The total they share.
    pub total: Decimal,
    /// The entries, by their places among those given.
    pub entries: Vec<usize>,
}

/// Who is in which band.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allotment {
    /// By entry, the band, 0 being the highest.
    pub bands: Vec<usize>,
    /// Where a tie moved a bound.
    pub ties: Vec<Tie>,
}

/// Gives the best `places[0]` entries band 0, the next `places[1]` band 1, and so on; the rest the band after the last.
///
/// Equal totals are always in one band: a tie across a bound goes as `ties` says, and is reported.
pub fn allot(totals: &[Decimal], places: &[usize], ties: Ties) -> Allotment {
    let mut order: Vec<usize> = (0..totals.len()).collect();
    order.sort_by(|&a, &b| totals[b].cmp(&totals[a]).then(a.cmp(&b)));
    let total_at = |rank: usize| totals[order[rank]];
    let mut bands = vec![places.len(); totals.len()];
    let mut moved = Vec::new();
    let (mut from, mut wanted) = (0, 0_usize);
    for (band, &count) in places.iter().enumerate() {
        wanted = wanted.saturating_add(count);
        let mut to = wanted.clamp(from, order.len());
        if to > from && to < order.len() && total_at(to - 1) == total_at(to) {
            let total = total_at(to);
            let first = (0..to).rev().take_while(|&rank| total_at(rank) == total).last().unwrap_or(to);
            let end = (to..order.len()).take_while(|&rank| total_at(rank) == total).last().unwrap_or(to) + 1;
            let mut entries = order[first..end].to_vec();
            entries.sort_unstable();
            moved.push(Tie { bound: band, total, entries });
            to = match ties {
                Ties::Up => end,
                Ties::Down => first.max(from),
            };
        }
        for &entry in &order[from..to] {
            bands[entry] = band;
        }
        from = to;
    }
    Allotment { bands, ties: moved }
}

/// The band that a total would get if it stood in `own`'s stead, the other totals staying.
pub(crate) fn band_instead(
    sorted: &[Decimal],
    own: Decimal,
    total: Decimal,
    places: &[usize],
    ties: Ties,
) -> usize {
    // `sorted` falls. How many of the others come first.
    let before = match ties {
        Ties::Up => sorted.partition_point(|other| *other > total) - usize::from(own > total),
        Ties::Down => sorted.partition_point(|other| *other >= total) - usize::from(own >= total),
    };
    let mut up_to = 0_usize;
    let band = places.iter().position(|count| {
        up_to = up_to.saturating_add(*count);
        before < up_to
    });
    band.unwrap_or(places.len())
}

/// How many of `n` entries each band holds, from the cumulative percentages of all bands but the lowest ("the top 2 %, 7 % …").
/// A part of an entry is none.
///
/// # Errors
/// [`GradeError::Percentile`] if they do not rise from 0 to 100.
pub fn places(percentiles: &[Decimal], n: usize) -> Result<Vec<usize>, GradeError> {
    let mut places = Vec::with_capacity(percentiles.len());
    let (mut before, mut counted) = (Decimal::ZERO, 0);
    for &percentile in percentiles {
        if percentile < before || percentile > Decimal::ONE_HUNDRED {
            return Err(GradeError::Percentile(percentile));
        }
        let up_to = percentile
            .checked_mul(Decimal::from(n))
            .and_then(|product| (product / Decimal::ONE_HUNDRED).floor().to_usize())
            .ok_or(GradeError::Percentile(percentile))?;
        places.push(up_to - counted);
        (before, counted) = (percentile, up_to);
    }
    Ok(places)
}
