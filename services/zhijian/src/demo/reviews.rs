//! Grades as Tables 2-2 and 2-3 print them, and scores of three reviewers that lead to each.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{dice::Dice, programmes::Programme};

/// How a scheme grades.
#[derive(Debug, Clone)]
pub struct Grading {
    /// What is scored, in order.
    pub elements: Vec<Element>,
    /// The grades, from the highest.
    pub bands: Vec<Band>,
}

/// One thing that is scored.
#[derive(Debug, Clone)]
pub struct Element {
    pub code: String,
    /// The weights add up to 1.
    pub weight: Decimal,
}

/// A grade.
#[derive(Debug, Clone)]
pub struct Band {
    pub grade: String,
    /// The least total, inclusive.
    pub cut_off: Decimal,
}

/// Reviewers in a panel.
pub const PANEL: usize = 3;

/// How far two reviewers' scores of an element stray from the middle one, in half points; far below the spread that
/// calls for an arbiter.
const STRAY: i64 = 6;
/// How far a target total keeps from the cut-offs: more than rounding to half points can move it.
const MARGIN: Decimal = Decimal::from_parts(6, 0, 0, false, 1);
/// The lowest band goes down to 0, the highest up to 100; nobody is graded at those ends.
const LOWEST_WIDTH: Decimal = Decimal::from_parts(8, 0, 0, false, 0);
const HIGHEST: Decimal = Decimal::from_parts(985, 0, 0, false, 1);

/// The scores of a panel, one sheet a reviewer, in the order of the elements: the weighted medians fall into the band of
/// `grade`, and no two reviewers' totals differ by more than six. `label` names the entry. Points are multiples of one
/// half. `None` if the scheme has no such grade.
pub fn scores(grading: &Grading, grade: &str, label: &str) -> Option<[Vec<Decimal>; PANEL]> {
    let band = grading.bands.iter().position(|band| band.grade == grade)?;
    let top = band.checked_sub(1).map_or(HIGHEST, |above| grading.bands[above].cut_off);
    let bottom = grading.bands[band].cut_off.max(top - LOWEST_WIDTH);
    let mut dice = Dice::of(&format!("scores {label}"));
    let share = Decimal::new(dice.between(0, 1000), 3);
    let target = bottom + MARGIN + (top - bottom - MARGIN - MARGIN) * share;

    // Elements differ in strength around the target; near 100 there is less room to.
    let room = ((HIGHEST + Decimal::ONE - target) / Decimal::TWO).min(Decimal::from(5));
    let strengths: Vec<Decimal> =
        grading.elements.iter().map(|_| Decimal::new(dice.between(-1000, 1000), 3) * room).collect();
    let mean: Decimal = grading.elements.iter().zip(&strengths).map(|(element, s)| element.weight * s).sum();

    let mut sheets = [const { Vec::new() }; PANEL];
    for strength in strengths {
        let middle = half_points(target + strength - mean);
        let mut marks = [middle - dice.between(0, STRAY), middle, middle + dice.between(0, STRAY)];
        dice.shuffle(&mut marks);
        for (sheet, mark) in sheets.iter_mut().zip(marks) {
            sheet.push(Decimal::new(mark.clamp(0, 200) * 5, 1).normalize());
        }
    }
    Some(sheets)
}

/// A score in half points, rounded.
fn half_points(score: Decimal) -> i64 {
    use rust_decimal::prelude::ToPrimitive;
    (score * Decimal::TWO).round().to_i64().unwrap_or_default().clamp(0, 200)
}

/// Deals the printed grades to programmes, one each: by school and code. `featured` is a school that gets a `low` one.
pub(crate) fn deal(
    label: &str,
    programmes: &[&Programme],
    counts: &[(String, usize)],
    featured: Option<(&str, &str)>,
) -> BTreeMap<(String, String), String> {
    let mut grades: Vec<&String> =
        counts.iter().flat_map(|(grade, count)| std::iter::repeat_n(grade, *count)).collect();
    Dice::of(&format!("grades {label}")).shuffle(&mut grades);
    if let Some((school, low)) = featured {
        let mine = programmes.iter().position(|programme| programme.school == school);
        let lowest = grades.iter().position(|grade| *grade == low);
        if let (Some(mine), Some(lowest)) = (mine, lowest) {
            grades.swap(mine, lowest);
        }
    }
    programmes
        .iter()
        .zip(grades)
        .map(|(programme, grade)| ((programme.school.clone(), programme.code.clone()), grade.clone()))
        .collect()
}

/// A grade drawn as often as the counts say, for rounds that are not printed.
pub(crate) fn draw(label: &str, counts: &[(String, usize)]) -> Option<String> {
    let weights: Vec<u64> = counts.iter().map(|(_, count)| *count as u64).collect();
    let index = Dice::of(&format!("drawn grade {label}")).weighted(&weights)?;
    Some(counts[index].0.clone())
}
