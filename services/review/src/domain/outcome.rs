//! From a panel's sheets to a grade, an arbiter, or more waiting.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use zhijian_grading::{Grade, GradeError};

use super::{
    assignment::{Assignment, State},
    scheme::Scheme,
    sheet::SheetError,
};

/// The panel's score of one element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElementScore {
    /// The element's code.
    pub code: String,
    /// The panel's, joined as the scheme says.
    pub score: Decimal,
}

/// The grade of an entry, as it is stored and shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The letter.
    pub grade: String,
    /// The letter without sign.
    pub group: String,
    /// The weighted sum, unrounded.
    pub total: Decimal,
    /// The panel's score of each element, in the scheme's order.
    pub elements: Vec<ElementScore>,
    /// How far the next higher band is; `None` at the top.
    pub to_next: Option<Decimal>,
    /// Without some one reviewer the grade would differ.
    pub decided_by_one: bool,
    /// The greatest difference between two reviewers' totals.
    pub spread: Decimal,
    /// What the sheets give without calibration; `None` where the scheme has none.
    pub plain: Option<Plain>,
}

/// A grade without calibration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plain {
    /// The letter.
    pub grade: String,
    /// The weighted sum, unrounded.
    pub total: Decimal,
}

/// Where an entry stands while reviewers score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// This many of its reviewers have not handed in.
    Waiting(usize),
    /// All have, but their totals differ by this much, which is more than the scheme allows; nobody
    /// arbitrates yet.
    WantsArbiter(Decimal),
    /// This many gave their seats back and nobody has taken them.
    Short(usize),
    /// It can be graded.
    Ready,
}

/// Scores that should be complete are not: the database was changed by hand, or the scheme of the round was.
#[derive(Debug, thiserror::Error)]
pub enum OutcomeError {
    /// A sheet that was handed in lacks elements.
    #[error("a sheet that was handed in is not complete")]
    Sheet(#[from] SheetError),
    /// The sheets cannot be graded.
    #[error("the sheets cannot be graded")]
    Grade(#[from] GradeError),
}

impl From<OutcomeError> for zhijian_platform::Error {
    fn from(error: OutcomeError) -> Self {
        Self::internal(error)
    }
}

/// Where an entry stands, from all its assignments.
///
/// An arbiter is wanted once: with an arbiter's sheet in, the grade is the panel's, however far the sheets
/// differ.
///
/// # Errors
/// [`OutcomeError`] if stored sheets do not fit the scheme.
pub fn standing(scheme: &Scheme, seats: &[&Assignment]) -> Result<Standing, OutcomeError> {
    let (gone, seats): (Vec<&Assignment>, Vec<&Assignment>) =
        seats.iter().partition(|seat| seat.state == State::Abstained);
    let seated = seats.iter().filter(|seat| !seat.arbiter).count();
    let size = usize::try_from(scheme.definition().panel_size).unwrap_or(usize::MAX);
    let gone = gone.iter().filter(|seat| !seat.arbiter).count();
    // Told first: whoever takes the seat wants time to score.
    if gone > 0 && seated < size {
        return Ok(Standing::Short(gone.min(size - seated)));
    }
    let waiting = seats.iter().filter(|seat| seat.state == State::Open).count();
    if waiting > 0 || seats.is_empty() {
        return Ok(Standing::Waiting(waiting));
    }
    let sheets: Vec<Vec<Decimal>> =
        seats.iter().map(|seat| seat.sheet.complete(scheme)).collect::<Result<_, _>>()?;
    let spread = zhijian_grading::spread(scheme.rubric(), &sheets)?;
    let disagree = spread > scheme.definition().arbitration_spread;
    if disagree && !seats.iter().any(|seat| seat.arbiter) {
        return Ok(Standing::WantsArbiter(spread));
    }
    Ok(Standing::Ready)
}

/// Names the parts of a grade.
pub fn outcome(scheme: &Scheme, grade: Grade) -> Outcome {
    let band = &scheme.bands()[grade.band];
    Outcome {
        grade: band.grade.clone(),
        group: band.group.clone(),
        total: grade.total,
        elements: scheme
            .elements()
            .iter()
            .zip(grade.elements)
            .map(|(element, score)| ElementScore { code: element.code.clone(), score })
            .collect(),
        to_next: grade.to_next,
        decided_by_one: grade.decided_by_one,
        spread: grade.spread,
        plain: None,
    }
}

/// What a grade gives to mend, weakest first: the elements under the least total that needs no rectification.
/// `None` if the grade opens no rectification.
pub fn findings(scheme: &Scheme, outcome: &Outcome) -> Option<Vec<ElementScore>> {
    scheme.bands().iter().find(|band| band.grade == outcome.grade).filter(|band| band.rectify)?;
    let line = scheme.passing_line();
    let mut weak: Vec<_> = outcome.elements.iter().filter(|element| element.score < line).cloned().collect();
    weak.sort_by_key(|element| element.score);
    Some(weak)
}

#[cfg(test)]
mod tests {
    use zhijian_platform::rules::RulesDir;

    use super::*;
    use crate::domain::{scheme::Schemes, sheet::Sheet};

    fn scheme() -> std::sync::Arc<Scheme> {
        let schemes = Schemes::load(&RulesDir::default()).expect("sound");
        schemes.get("pilot-monitoring").expect("shipped").clone()
    }

    fn seat(points: Option<&str>, arbiter: bool) -> Assignment {
        let scheme = scheme();
        let scores =
            scheme.elements().iter().map(|element| (element.code.as_str(), points.unwrap_or_default()));
        Assignment {
            id: String::new(),
            round_id: String::new(),
            entry_id: String::new(),
            account_id: String::new(),
            organisation_code: String::new(),
            arbiter,
            rectification_id: None,
            state: if points.is_some() { State::Submitted } else { State::Open },
            sheet: Sheet::parse(&scheme, scores).expect("sound"),
            comment: String::new(),
            submit_time: None,
            version: 1,
        }
    }

    fn stand(seats: &[Assignment]) -> Standing {
        standing(&scheme(), &seats.iter().collect::<Vec<_>>()).expect("complete sheets")
    }

    fn grade(seats: &[Assignment]) -> Outcome {
        assert_eq!(stand(seats), Standing::Ready);
        let scheme = scheme();
        let sheets: Vec<_> =
            seats.iter().map(|seat| seat.sheet.complete(&scheme).expect("complete")).collect();
        outcome(&scheme, zhijian_grading::grade(scheme.rubric(), &sheets).expect("sound"))
    }

    #[test]
    fn an_entry_waits_for_every_reviewer() {
        assert_eq!(stand(&[]), Standing::Waiting(0));
        assert_eq!(stand(&[seat(Some("80"), false), seat(None, false)]), Standing::Waiting(1));
    }

    #[test]
    fn a_spread_over_the_limit_wants_one_arbiter_and_only_one() {
        let panel = || vec![seat(Some("70"), false), seat(Some("75"), false), seat(Some("80.1"), false)];
        assert_eq!(stand(&panel()), Standing::WantsArbiter(Decimal::new(101, 1)));
        let mut at_the_limit = panel();
        at_the_limit[2] = seat(Some("80"), false);
        assert_eq!(grade(&at_the_limit).grade, "B");
        let mut waiting = panel();
        waiting.push(seat(None, true));
        assert_eq!(stand(&waiting), Standing::Waiting(1));
        let mut arbitrated = panel();
        arbitrated.push(seat(Some("100"), true));
        let outcome = grade(&arbitrated);
        // The median of 70, 75, 80.1 and 100.
        assert_eq!(outcome.total.to_string(), "77.55");
        assert_eq!(outcome.spread, Decimal::from(30));
    }

    #[test]
    fn findings_are_the_elements_under_the_line_weakest_first() {
        let scheme = scheme();
        let scores = ["90", "40", "64.9", "65", "70", "30", "60", "60", "60", "60"];
        let pairs =
            scheme.elements().iter().zip(scores).map(|(element, points)| (element.code.as_str(), points));
        let mut low = seat(Some("0"), false);
        low.sheet = Sheet::parse(&scheme, pairs).expect("sound");
        let outcome = grade(&[low]);
        assert_eq!(outcome.grade, "C-");
        let weak: Vec<_> = findings(&scheme, &outcome)
            .expect("a rectification")
            .into_iter()
            .map(|element| element.code)
            .collect();
        assert_eq!(
            weak,
            ["teaching", "setting", "practice", "faculty", "integration", "assurance", "course-standard"]
        );
        assert_eq!(findings(&scheme, &grade(&[seat(Some("65"), false)])), None);
    }
}
