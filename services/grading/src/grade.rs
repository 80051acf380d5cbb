//! The sheets of a panel in, one grade with its explanation out.

use rust_decimal::Decimal;

use crate::{
    Rubric,
    exact::{Fraction, POINT, points, score_micros},
};

/// A grade that explains itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grade {
    /// The band's place in the rubric, 0 being the highest.
    pub band: usize,
    /// The weighted sum of the panel's element scores, unrounded.
    pub total: Decimal,
    /// The panel's score of each element, in the rubric's order.
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
    /// A sheet speaks of an entry that the round does not have.
    #[error("sheet {sheet} is about entry {entry}, which the round does not have")]
    Entry {
        /// The sheet's place among those given.
        sheet: usize,
        /// The entry as given.
        entry: usize,
    },
    /// A reviewer has two sheets about one entry.
    #[error("reviewer {reviewer} has two sheets about entry {entry}")]
    Repeated {
        /// The entry.
        entry: usize,
        /// The reviewer.
        reviewer: usize,
    },
    /// An anchor's known total is outside 0–100 or has more than six digits after the point.
    #[error("the anchor at entry {entry} has the total {total}, which is not one from 0 to 100")]
    Anchor {
        /// The entry.
        entry: usize,
        /// The total as given.
        total: Decimal,
    },
    /// The quotas or percentiles do not fit the rubric's bands.
    #[error("there are {found} bounds where the rubric has {expected} bands above the lowest")]
    Bounds {
        /// How many bounds were given.
        found: usize,
        /// How many it takes.
        expected: usize,
    },
    /// A percentile is outside 0–100 or below the one before.
    #[error("the percentiles must rise from 0 to 100; {0} does not")]
    Percentile(Decimal),
}

/// Grades one entry from the sheets of its panel, each holding one score an element in the rubric's order.
///
/// An element's score is what the rubric's [`Method`](crate::Method) makes of the panel's. A total on a cut-off is in
/// the band above it. Nothing is rounded before it is compared.
///
/// # Errors
/// Names the sheet at fault.
pub fn grade(rubric: &Rubric, sheets: &[Vec<Decimal>]) -> Result<Grade, GradeError> {
    let sheets = read(rubric, sheets)?;
    let sheets: Vec<&[i64]> = sheets.iter().map(Vec::as_slice).collect();
    Ok(Panel::new(rubric, &sheets).grade().0)
}

/// The greatest difference between two sheets' own totals: what decides whether an entry wants an arbiter.
///
/// # Errors
/// Names the sheet at fault.
pub fn spread(rubric: &Rubric, sheets: &[Vec<Decimal>]) -> Result<Decimal, GradeError> {
    let sheets = read(rubric, sheets)?;
    let sheets: Vec<&[i64]> = sheets.iter().map(Vec::as_slice).collect();
    Ok(Panel::new(rubric, &sheets).spread())
}

fn read(rubric: &Rubric, sheets: &[Vec<Decimal>]) -> Result<Vec<Vec<i64>>, GradeError> {
    if sheets.is_empty() {
        return Err(GradeError::NoSheets);
    }
    let mut read = Vec::with_capacity(sheets.len());
    for (place, scores) in sheets.iter().enumerate() {
        let mut row = Vec::with_capacity(scores.len());
        read_sheet(rubric, place, scores, &mut row)?;
        read.push(row);
    }
    Ok(read)
}

/// Appends a sheet's scores, in millionths.
pub(crate) fn read_sheet(
    rubric: &Rubric,
    sheet: usize,
    scores: &[Decimal],
    into: &mut Vec<i64>,
) -> Result<(), GradeError> {
    let expected = rubric.elements().len();
    if scores.len() != expected {
        return Err(GradeError::Incomplete { sheet, found: scores.len(), expected });
    }
    for (element, &score) in rubric.elements().iter().zip(scores) {
        let Some(micros) = score_micros(score) else {
            return Err(GradeError::Score { sheet, element: element.code.clone(), score });
        };
        into.push(micros);
    }
    Ok(())
}

/// The least and the greatest total without some one sheet; `None` of a single sheet.
pub(crate) type Without = Option<(Fraction, Fraction)>;

/// The sheets about one entry, in millionths, with what is taken off each for its reviewer's severity.
pub(crate) struct Panel<'a> {
    rubric: &'a Rubric,
    sheets: &'a [&'a [i64]],
    severities: &'a [i64],
}

impl<'a> Panel<'a> {
    /// The sheets as they are.
    pub fn new(rubric: &'a Rubric, sheets: &'a [&'a [i64]]) -> Self {
        Self { rubric, sheets, severities: &[] }
    }

    /// The sheets with each reviewer's severity, in millionths, taken off.
    pub fn calibrated(rubric: &'a Rubric, sheets: &'a [&'a [i64]], severities: &'a [i64]) -> Self {
        Self { rubric, sheets, severities }
    }

    /// The grade by the rubric's cut-offs.
    pub fn grade(&self) -> (Grade, Without) {
        let mut scratch = Vec::with_capacity(self.sheets.len());
        let mut elements = Vec::with_capacity(self.rubric.elements().len());
        let total = self.total(None, &mut scratch, Some(&mut elements)).clamped();
        let band = self.band(total);
        let mut without: Without = None;
        let mut decided_by_one = self.sheets.len() == 1;
        for sheet in (0..self.sheets.len()).filter(|_| self.sheets.len() > 1) {
            let rest = self.total(Some(sheet), &mut scratch, None).clamped();
            decided_by_one |= self.band(rest) != band;
            without = Some(match without {
                None => (rest, rest),
                Some((least, most)) => (least.min(rest), most.max(rest)),
            });
        }
        let bands = self.rubric.bands();
        let shown = total.points();
        let grade = Grade {
            band,
            to_next: band.checked_sub(1).map(|above| (bands[above].cut_off - shown).normalize()),
            decided_by_one,
            spread: self.spread(),
            elements: elements.into_iter().map(|element| element.clamped().points()).collect(),
            total: shown,
        };
        (grade, without)
    }

    /// The total, unrounded, without one sheet if asked; the elements' scores go into `elements`.
    pub fn total(
        &self,
        without: Option<usize>,
        scratch: &mut Vec<i64>,
        mut elements: Option<&mut Vec<Fraction>>,
    ) -> Fraction {
        let n = self.sheets.len() - usize::from(without.is_some());
        let method = self.rubric.method();
        let denominator = i128::from(method.denominator(n));
        let mut sum: i128 = 0;
        for (place, weight) in self.rubric.weights().iter().enumerate() {
            scratch.clear();
            for (sheet, scores) in self.sheets.iter().enumerate() {
                if Some(sheet) != without {
                    scratch.push(scores[place] - self.severities.get(sheet).copied().unwrap_or_default());
                }
            }
            let joined = i128::from(method.join(scratch));
            sum += joined * i128::from(*weight);
            if let Some(elements) = elements.as_deref_mut() {
                elements.push(Fraction { numerator: joined * i128::from(POINT), denominator });
            }
        }
        Fraction { numerator: sum, denominator }
    }

    fn band(&self, total: Fraction) -> usize {
        let bands = self.rubric.bands();
        bands.iter().position(|band| total.reaches(band.cut_off)).unwrap_or(bands.len() - 1)
    }

    /// The greatest difference between two sheets' totals.
    pub fn spread(&self) -> Decimal {
        let totals = || {
            self.sheets.iter().enumerate().map(|(place, sheet)| {
                sheet_total(self.rubric, sheet)
                    - i128::from(self.severities.get(place).copied().unwrap_or_default()) * i128::from(POINT)
            })
        };
        match (totals().max(), totals().min()) {
            (Some(most), Some(least)) => Fraction { numerator: most - least, denominator: 1 }.points(),
            _ => points(0),
        }
    }
}

/// A sheet's own total, in millionths of a millionth.
pub(crate) fn sheet_total(rubric: &Rubric, scores: &[i64]) -> i128 {
    rubric.weights().iter().zip(scores).map(|(weight, score)| i128::from(*weight) * i128::from(*score)).sum()
}
