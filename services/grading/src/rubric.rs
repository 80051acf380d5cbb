//! What a scheme asks for: elements with their weights, bands with their cut-offs.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::{
    Method,
    exact::{SCALE, micros},
};

/// One thing that is scored, 0–100.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Identifies the element within its rubric.
    pub code: String,
    /// The element's part of the total; above 0. The weights of a rubric add up to 1.
    pub weight: Decimal,
}

/// A grade with its cut-off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// The letter ("A+").
    pub grade: String,
    /// The letter without its sign ("A").
    pub group: String,
    /// The least total of this band, inclusive.
    pub cut_off: Decimal,
}

/// Why elements and bands do not make a rubric.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RubricError {
    /// There is nothing to score.
    #[error("a rubric needs at least one element")]
    NoElements,
    /// Two elements share a code.
    #[error("element {0} appears twice")]
    RepeatedElement(String),
    /// A weight is not above 0, or has more than six digits after the point.
    #[error("element {code}: the weight {weight} must be above 0, with at most six digits after the point")]
    Weight {
        /// The element at fault.
        code: String,
        /// Its weight as given.
        weight: Decimal,
    },
    /// The weights do not add up to exactly 1.
    #[error("the weights add up to {0}, not to 1")]
    WeightSum(Decimal),
    /// There is no grade to give.
    #[error("a rubric needs at least one band")]
    NoBands,
    /// Two bands share a grade.
    #[error("grade {0} appears twice")]
    RepeatedGrade(String),
    /// A cut-off is not below the one before, or has more than six digits after the point.
    #[error("grade {grade}: the cut-off {cut_off} must be at most 100 and below the one before")]
    CutOff {
        /// The band at fault.
        grade: String,
        /// Its cut-off as given.
        cut_off: Decimal,
    },
    /// The lowest band does not start at 0, so that some totals would have no grade.
    #[error("the lowest grade {0} must have the cut-off 0, or some totals would have no grade")]
    NoFloor(String),
}

/// Elements and bands that fit together: weights add up to 1, cut-offs fall strictly and end at 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rubric {
    elements: Vec<Element>,
    bands: Vec<Band>,
    method: Method,
    /// In millionths; they add up to a million.
    weights: Vec<i64>,
}

impl Rubric {
    /// Checks the elements and the bands, given from the highest to the lowest. Scores are joined by their median.
    ///
    /// # Errors
    /// Names the element or the band at fault.
    pub fn new(elements: Vec<Element>, bands: Vec<Band>) -> Result<Self, RubricError> {
        check_elements(&elements)?;
        check_bands(&bands)?;
        let weights = elements.iter().filter_map(|element| micros(element.weight)).collect();
        Ok(Self { elements, bands, method: Method::default(), weights })
    }

    /// The same rubric, with scores joined in another way.
    #[must_use]
    pub fn joined_by(self, method: Method) -> Self {
        Self { method, ..self }
    }

    /// How the scores of a panel are joined.
    pub fn method(&self) -> Method {
        self.method
    }

    /// The elements' weights, in millionths.
    pub(crate) fn weights(&self) -> &[i64] {
        &self.weights
    }

    /// The elements, in the scheme's order.
    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// The bands, from the highest to the lowest.
    pub fn bands(&self) -> &[Band] {
        &self.bands
    }

    /// The place in [`Self::bands`] of the band that a total falls into. Totals below 0 fall into the lowest.
    pub fn band_of(&self, total: Decimal) -> usize {
        self.bands.iter().position(|band| total >= band.cut_off).unwrap_or(self.bands.len() - 1)
    }
}

fn check_elements(elements: &[Element]) -> Result<(), RubricError> {
    if elements.is_empty() {
        return Err(RubricError::NoElements);
    }
    let mut codes = BTreeSet::new();
    for Element { code, weight } in elements {
        if !codes.insert(code) {
            return Err(RubricError::RepeatedElement(code.clone()));
        }
        if *weight <= Decimal::ZERO || weight.scale() > SCALE {
            return Err(RubricError::Weight { code: code.clone(), weight: *weight });
        }
    }
    let sum: Decimal = elements.iter().map(|element| element.weight).sum();
    if sum == Decimal::ONE { Ok(()) } else { Err(RubricError::WeightSum(sum.normalize())) }
}

fn check_bands(bands: &[Band]) -> Result<(), RubricError> {
    let lowest = bands.last().ok_or(RubricError::NoBands)?;
    let mut grades = BTreeSet::new();
    let mut above: Option<Decimal> = None;
    for Band { grade, cut_off, .. } in bands {
        if !grades.insert(grade) {
            return Err(RubricError::RepeatedGrade(grade.clone()));
        }
        let falls = above.map_or(*cut_off <= Decimal::ONE_HUNDRED, |above| *cut_off < above);
        if !falls || cut_off.scale() > SCALE {
            return Err(RubricError::CutOff { grade: grade.clone(), cut_off: *cut_off });
        }
        above = Some(*cut_off);
    }
    if lowest.cut_off.is_zero() { Ok(()) } else { Err(RubricError::NoFloor(lowest.grade.clone())) }
}
