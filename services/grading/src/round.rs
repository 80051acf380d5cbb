//! A whole round: every entry's grade, what calibration changed, and how far the reviewers agree.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::{
    Grade, GradeError, Rubric,
    allot::{self, Tie, Ties},
    calibrate::{self, Calibration, Total},
    exact::{Fraction, score_micros},
    grade::{Panel, Without, read_sheet, sheet_total},
    reliability::alpha,
};

/// What one reviewer gave one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The entry's place in the round, from 0.
    pub entry: usize,
    /// The reviewer's place in the round, from 0.
    pub reviewer: usize,
    /// One score an element, in the rubric's order.
    pub scores: Vec<Decimal>,
}

/// Where one band ends and the next begins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Bounds {
    /// By the rubric's cut-offs.
    #[default]
    CutOffs,
    /// By rank: so many places for each band but the lowest.
    Places(Vec<usize>, Ties),
    /// By rank: cumulative percentages for each band but the lowest.
    Percentiles(Vec<Decimal>, Ties),
}

/// How a round is graded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    /// Whether reviewers' severities are estimated and taken off.
    pub calibrate: bool,
    /// Entries whose total is known beforehand (scored by everybody, or agreed), which tie reviewers to one scale.
    pub anchors: BTreeMap<usize, Decimal>,
    /// Where bands end.
    pub bounds: Bounds,
}

/// An entry's grade, and what it would be without calibration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundGrade {
    /// The grade that counts.
    pub grade: Grade,
    /// The band and total of the sheets as they are, where calibration is on.
    pub plain: Option<(usize, Decimal)>,
}

/// How far the reviewers agree: Krippendorff's alpha for interval data, of the sheets as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reliability {
    /// By element, in the rubric's order; `None` where nothing can be said.
    pub elements: Vec<Option<Decimal>>,
    /// Of the totals.
    pub total: Option<Decimal>,
}

/// A graded round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundResult {
    /// By entry; `None` for an entry without sheets.
    pub grades: Vec<Option<RoundGrade>>,
    /// What the round says about its reviewers, where calibration is on.
    pub calibration: Option<Calibration>,
    /// How far they agree.
    pub reliability: Reliability,
    /// Ties across bounds, where bands go by rank.
    pub ties: Vec<Tie>,
}

/// The sheets of a round, read: their scores in one row after another, ordered by entry, then reviewer.
struct Read {
    width: usize,
    scores: Vec<i64>,
    /// Entry, reviewer, and the row.
    order: Vec<(usize, usize, usize)>,
}

impl Read {
    fn row(&self, row: usize) -> &[i64] {
        &self.scores[row * self.width..(row + 1) * self.width]
    }

    fn panels(&self) -> impl Iterator<Item = &[(usize, usize, usize)]> {
        self.order.chunk_by(|a, b| a.0 == b.0)
    }
}

/// Grades a round of `entries` entries.
///
/// # Errors
/// Names the sheet, the anchor or the bound at fault.
pub fn grade_round(
    rubric: &Rubric,
    entries: usize,
    sheets: &[Sheet],
    rules: &Rules,
) -> Result<RoundResult, GradeError> {
    let read = read(rubric, entries, sheets)?;
    let reviewers = read.order.iter().map(|(_, reviewer, _)| reviewer + 1).max().unwrap_or_default();
    let calibration = match rules.calibrate {
        true => Some(calibrate::calibrate(entries, reviewers, totals(rubric, &read), &anchors(rules)?)),
        false => None,
    };
    let mut grades: Vec<Option<RoundGrade>> = vec![None; entries];
    let mut without: Vec<Without> = vec![None; entries];
    let (mut rows, mut severities) = (Vec::new(), Vec::new());
    for panel in read.panels() {
        rows.clear();
        rows.extend(panel.iter().map(|(_, _, row)| read.row(*row)));
        let (grade, range, plain) = match &calibration {
            None => {
                let (grade, range) = Panel::new(rubric, &rows).grade();
                (grade, range, None)
            }
            Some(calibration) => {
                severities.clear();
                severities.extend(panel.iter().map(|(_, reviewer, _)| calibration.micros[*reviewer]));
                let plain = Panel::new(rubric, &rows).total(None, &mut Vec::new(), None).points();
                let (grade, range) = Panel::calibrated(rubric, &rows, &severities).grade();
                (grade, range, Some((rubric.band_of(plain), plain)))
            }
        };
        grades[panel[0].0] = Some(RoundGrade { grade, plain });
        without[panel[0].0] = range;
    }
    let ties = rank(rubric, &mut grades, &without, &rules.bounds)?;
    Ok(RoundResult { grades, calibration, reliability: reliability(rubric, &read), ties })
}

fn read(rubric: &Rubric, entries: usize, sheets: &[Sheet]) -> Result<Read, GradeError> {
    let width = rubric.elements().len();
    let mut scores = Vec::with_capacity(width * sheets.len());
    let mut order = Vec::with_capacity(sheets.len());
    for (row, sheet) in sheets.iter().enumerate() {
        if sheet.entry >= entries {
            return Err(GradeError::Entry { sheet: row, entry: sheet.entry });
        }
        read_sheet(rubric, row, &sheet.scores, &mut scores)?;
        order.push((sheet.entry, sheet.reviewer, row));
    }
    order.sort_unstable();
    if let Some(twice) = order.windows(2).find(|pair| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1)) {
        return Err(GradeError::Repeated { entry: twice[0].0, reviewer: twice[0].1 });
    }
    Ok(Read { width, scores, order })
}

fn totals(rubric: &Rubric, read: &Read) -> Vec<Total> {
    let total = |&(entry, reviewer, row): &(usize, usize, usize)| Total {
        entry,
        reviewer,
        micros: Fraction { numerator: sheet_total(rubric, read.row(row)), denominator: 1 }.micros(),
    };
    read.order.iter().map(total).collect()
}

fn anchors(rules: &Rules) -> Result<BTreeMap<usize, i64>, GradeError> {
    let known = |(&entry, &total): (&usize, &Decimal)| {
        score_micros(total).map(|micros| (entry, micros)).ok_or(GradeError::Anchor { entry, total })
    };
    rules.anchors.iter().map(known).collect()
}

fn reliability(rubric: &Rubric, read: &Read) -> Reliability {
    let mut scores = Vec::with_capacity(read.order.len());
    let sizes: Vec<usize> = read.panels().map(<[_]>::len).collect();
    let mut of = |value: &dyn Fn(usize) -> i64| {
        scores.clear();
        scores.extend(read.order.iter().map(|(_, _, row)| value(*row)));
        let mut from = 0;
        let bounds: Vec<(usize, usize)> = sizes
            .iter()
            .map(|size| {
                from += size;
                (from - size, from)
            })
            .collect();
        alpha(bounds.iter().map(|(from, to)| &scores[*from..*to]))
    };
    let elements = (0..read.width).map(|place| of(&|row| read.scores[row * read.width + place])).collect();
    let total =
        of(&|row| Fraction { numerator: sheet_total(rubric, read.row(row)), denominator: 1 }.micros());
    Reliability { elements, total }
}

/// Sets the bands by rank, where the bounds ask for it.
fn rank(
    rubric: &Rubric,
    grades: &mut [Option<RoundGrade>],
    without: &[Without],
    bounds: &Bounds,
) -> Result<Vec<Tie>, GradeError> {
    let graded: Vec<usize> = (0..grades.len()).filter(|&entry| grades[entry].is_some()).collect();
    let expected = rubric.bands().len() - 1;
    let (places, ties) = match bounds {
        Bounds::CutOffs => return Ok(Vec::new()),
        Bounds::Places(places, ties) => (places.clone(), *ties),
        Bounds::Percentiles(percentiles, ties) => (allot::places(percentiles, graded.len())?, *ties),
    };
    if places.len() != expected {
        return Err(GradeError::Bounds { found: places.len(), expected });
    }
    let by = |total: &dyn Fn(&RoundGrade) -> Decimal| {
        let totals: Vec<Decimal> =
            graded.iter().filter_map(|&entry| grades[entry].as_ref()).map(total).collect();
        allot::allot(&totals, &places, ties)
    };
    let counted = by(&|grade| grade.grade.total);
    let plain = by(&|grade| grade.plain.map_or(grade.grade.total, |(_, total)| total));
    let least: Vec<Option<Decimal>> = (0..=expected)
        .map(|band| {
            let inside = graded.iter().zip(&counted.bands).filter(|(_, own)| **own == band);
            inside.filter_map(|(&entry, _)| grades[entry].as_ref()).map(|grade| grade.grade.total).min()
        })
        .collect();
    let mut sorted: Vec<Decimal> = grades.iter().flatten().map(|grade| grade.grade.total).collect();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    for (place, &entry) in graded.iter().enumerate() {
        if let Some(RoundGrade { grade, plain: before }) = &mut grades[entry] {
            grade.band = counted.bands[place];
            // The next higher band that anybody is in.
            let above = (0..grade.band).rev().find_map(|band| least[band]);
            grade.to_next = above.map(|least| (least - grade.total).normalize());
            grade.decided_by_one = without[entry].is_none_or(|(least, most)| {
                [least, most].into_iter().any(|other| {
                    allot::band_instead(&sorted, grade.total, other.points(), &places, ties) != grade.band
                })
            });
            if let Some((band, _)) = before {
                *band = plain.bands[place];
            }
        }
    }
    let named = |tie: Tie| Tie { entries: tie.entries.iter().map(|&place| graded[place]).collect(), ..tie };
    Ok(counted.ties.into_iter().map(named).collect())
}
