//! A round's grades, computed again from its sheets.

use std::collections::BTreeMap;

use zhijian_grading::{Band, Bounds, Element, Grade, GradeError, Method, Rubric, Rules, Sheet, Ties};

use super::{PinnedJoin, PinnedRound, RecomputeError};
use crate::domain::facts::{GradeCount, Grading};

/// The grade of each entry, in order.
///
/// # Errors
/// Says what of the round does not fit together, or which recorded grade or total is not what the sheets give.
pub fn grades(scheme: &str, round: &PinnedRound) -> Result<Vec<String>, RecomputeError> {
    let fault = |detail: String| RecomputeError::Round { scheme: scheme.to_owned(), detail };
    let rubric = rubric(round).map_err(|error| fault(error.to_string()))?;
    let name = |band: usize| round.bands[band].grade.clone();
    let panels = panels(&rubric, round).map_err(|error| fault(error.to_string()))?;
    let mut computed = Vec::with_capacity(round.entries.len());
    for (place, entry) in round.entries.iter().enumerate() {
        let panel = panels[place].as_ref();
        let (grade, total) = if entry.heard {
            let heard = hearing(&rubric, round, place).map_err(|error| fault(error.to_string()))?;
            let others = panels.iter().enumerate().filter(|(other, _)| *other != place);
            let ranked = is_ranked(round).then(|| {
                let no_more = others.filter_map(|(_, other)| other.as_ref());
                no_more.filter(|other| other.total <= heard.total).map(|other| other.band).min()
            });
            (name(ranked.flatten().unwrap_or(heard.band)), heard.total)
        } else {
            let grade = panel.ok_or_else(|| fault(format!("entry {place} has no sheet")))?;
            (name(grade.band), grade.total)
        };
        if grade != entry.grade || total != entry.total {
            return Err(RecomputeError::Grade {
                scheme: scheme.to_owned(),
                entry: place,
                recorded: format!("{} ({})", entry.grade, entry.total),
                computed: format!("{grade} ({total})"),
            });
        }
        computed.push(grade);
    }
    Ok(computed)
}

/// How many entries have each grade, from the highest.
pub fn counts(round: &PinnedRound, grades: &[String]) -> Grading {
    let counts = round.bands.iter().map(|band| GradeCount {
        grade: band.grade.clone(),
        group: band.group.clone(),
        count: grades.iter().filter(|grade| **grade == band.grade).count() as u64,
    });
    Grading { counts: counts.collect() }
}

fn is_ranked(round: &PinnedRound) -> bool {
    !round.rules.places.is_empty() || !round.rules.percentiles.is_empty()
}

fn rubric(round: &PinnedRound) -> Result<Rubric, zhijian_grading::RubricError> {
    let elements = round.elements.iter();
    let bands = round.bands.iter();
    let method = match round.rules.join {
        PinnedJoin::Median => Method::Median,
        PinnedJoin::Mean => Method::Mean,
        PinnedJoin::TrimmedMean => Method::TrimmedMean { each_end: round.rules.trim },
    };
    let rubric = Rubric::new(
        elements.map(|element| Element { code: element.code.clone(), weight: element.weight }).collect(),
        bands
            .map(|band| Band { grade: band.grade.clone(), group: band.group.clone(), cut_off: band.cut_off })
            .collect(),
    )?;
    Ok(rubric.joined_by(method))
}

/// What the panels give each entry, whatever an appeal has made of it since.
fn panels(rubric: &Rubric, round: &PinnedRound) -> Result<Vec<Option<Grade>>, GradeError> {
    let sheets: Vec<Sheet> = round
        .sheets
        .iter()
        .filter(|sheet| !sheet.hearing)
        .map(|sheet| Sheet { entry: sheet.entry, reviewer: sheet.reviewer, scores: sheet.scores.clone() })
        .collect();
    let anchors: BTreeMap<usize, _> =
        round.entries.iter().enumerate().filter_map(|(place, entry)| Some((place, entry.anchor?))).collect();
    let ties = if round.rules.ties_up { Ties::Up } else { Ties::Down };
    let bounds = if !round.rules.places.is_empty() {
        Bounds::Places(round.rules.places.clone(), ties)
    } else if !round.rules.percentiles.is_empty() {
        Bounds::Percentiles(round.rules.percentiles.clone(), ties)
    } else {
        Bounds::CutOffs
    };
    let rules = Rules { calibrate: round.rules.calibrate, anchors, bounds };
    let result = zhijian_grading::grade_round(rubric, round.entries.len(), &sheets, &rules)?;
    Ok(result.grades.into_iter().map(|grade| grade.map(|grade| grade.grade)).collect())
}

fn hearing(rubric: &Rubric, round: &PinnedRound, entry: usize) -> Result<Grade, GradeError> {
    let sheets: Vec<Vec<_>> = round
        .sheets
        .iter()
        .filter(|sheet| sheet.hearing && sheet.entry == entry)
        .map(|sheet| sheet.scores.clone())
        .collect();
    zhijian_grading::grade(rubric, &sheets)
}
