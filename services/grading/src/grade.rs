//! The sheets of a panel in, one grade with its explanation out.

use rust_decimal::Decimal;

use crate::Rubric;

/// Scores carry at most this many digits after the point, so that every median and total is exact.
const MAX_SCALE: u32 = 6;

/// A grade that explains itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grade {
    /// The band's place in the rubric, 0 being the highest.
    pub band: usize,
    /// The weighted sum of the panel's element scores, unrounded.
    pub total: Decimal,
    /// The panel's median of each element, in the rubric's order.
    pub elements: Vec<Decimal>,
    /// How far the total is from the next higher band; `None` in the highest.
    pub to_next: Option<Decimal>,
    /// Without some one reviewer the band would differ, or there would be none at all.
    pub decided_by_one: bool,
    /// The greatest difference between two reviewers' own totals.
    pub spread: Decimal,
}

/// Why sheets cannot be graded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GradeError {
    /// Nobody has scored.
    #[error("there is no sheet to grade from")]
    NoSheets,
    /// A sheet does not have one score an element.
    #[error("sheet {sheet} has {found} scores where the rubric has {expected} elements")]
    Incomplete {
        /// The sheet's place among those given.
        sheet: usize,
        /// How many scores it has.
        found: usize,
        /// How many it should have.
        expected: usize,
    },
    /// A score is outside 0–100 or has more than six digits after the point.
    #[error(
        "sheet {sheet}, element {element}: {score} is not a score from 0 to 100 of at most six digits after the point"
    )]
    Score {
        /// The sheet's place among those given.
        sheet: usize,
        /// The element's code.
        element: String,
        /// The score as given.
        score: Decimal,
    },
}

/// Grades one entry from the sheets of its panel, each holding one score an element in the rubric's order.
///
/// An element's score is the panel's median, which for an even panel is the mean of the two in the middle. A
/// total on a cut-off is in the band above it. Nothing is rounded.
pub fn grade(rubric: &Rubric, sheets: &[Vec<Decimal>]) -> Result<Grade, GradeError> {
    check(rubric, sheets)?;
    let elements = medians(rubric, sheets, None);
    let total = rubric.total(&elements);
    let band = rubric.band_of(total);
    let differs = |without| {
        let total = rubric.total(&medians(rubric, sheets, Some(without)));
        rubric.band_of(total) != band
    };
    Ok(Grade {
        band,
        to_next: band.checked_sub(1).map(|above| (rubric.bands()[above].cut_off - total).normalize()),
        decided_by_one: sheets.len() == 1 || (0..sheets.len()).any(differs),
        spread: spread_of(rubric, sheets),
        elements,
        total,
    })
}

/// The greatest difference between two sheets' own totals: what decides whether an entry wants an arbiter.
pub fn spread(rubric: &Rubric, sheets: &[Vec<Decimal>]) -> Result<Decimal, GradeError> {
    check(rubric, sheets)?;
    Ok(spread_of(rubric, sheets))
}

fn spread_of(rubric: &Rubric, sheets: &[Vec<Decimal>]) -> Decimal {
    let totals = || sheets.iter().map(|sheet| rubric.total(sheet));
    match (totals().max(), totals().min()) {
        (Some(most), Some(least)) => (most - least).normalize(),
        _ => Decimal::ZERO,
    }
}

fn check(rubric: &Rubric, sheets: &[Vec<Decimal>]) -> Result<(), GradeError> {
    if sheets.is_empty() {
        return Err(GradeError::NoSheets);
    }
    let expected = rubric.elements().len();
    for (sheet, scores) in sheets.iter().enumerate() {
        if scores.len() != expected {
            return Err(GradeError::Incomplete { sheet, found: scores.len(), expected });
        }
        for (element, &score) in rubric.elements().iter().zip(scores) {
            if score < Decimal::ZERO || score > Decimal::ONE_HUNDRED || score.scale() > MAX_SCALE {
                return Err(GradeError::Score { sheet, element: element.code.clone(), score });
            }
        }
    }
    Ok(())
}

/// The median of each element over all sheets but the one left out.
fn medians(rubric: &Rubric, sheets: &[Vec<Decimal>], without: Option<usize>) -> Vec<Decimal> {
    let counted = || sheets.iter().enumerate().filter(|(place, _)| Some(*place) != without);
    (0..rubric.elements().len())
        .map(|element| median(counted().map(|(_, scores)| scores[element]).collect()))
        .collect()
}

fn median(mut scores: Vec<Decimal>) -> Decimal {
    scores.sort_unstable();
    let middle = scores.len() / 2;
    match scores.len() {
        0 => Decimal::ZERO,
        odd if odd % 2 == 1 => scores[middle].normalize(),
        _ => ((scores[middle - 1] + scores[middle]) / Decimal::TWO).normalize(),
    }
}
