//! Appeals: a school's word against a grade, heard by a panel that has not scored it.

use std::{fmt, str::FromStr};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use zhijian_platform::{Error, Violation};

use super::{UnknownWord, rectification::Regrade, scheme::Scheme};

const STATEMENT: std::ops::RangeInclusive<usize> = 20..=5000;

/// One appeal against one entry's grade.
#[derive(Debug, Clone)]
pub struct Appeal {
    /// Identifies it ("apl_…").
    pub id: String,
    /// The entry whose grade is appealed.
    pub entry_id: String,
    /// The round it was graded in.
    pub round_id: String,
    /// The school.
    pub organisation_code: String,
    /// How far it is.
    pub state: State,
    /// The grade and total that are appealed.
    pub against: Regrade,
    /// The code of its ground.
    pub ground_code: String,
    /// The elements that it is about; empty for the whole.
    pub element_codes: Vec<String>,
    /// What the school says.
    pub statement: String,
    /// When it was filed.
    pub file_time: DateTime<Utc>,
    /// By when it should be decided.
    pub decide_due_date: NaiveDate,
    /// Whether it was upheld.
    pub upheld: bool,
    /// Why it was decided so; empty before.
    pub reason: String,
    /// When it was decided.
    pub decide_time: Option<DateTime<Utc>>,
    /// The grade that it led to.
    pub regraded: Option<Regrade>,
    /// Counts its changes.
    pub version: i64,
}

/// How far an appeal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It waits for the chair.
    Filed,
    /// A fresh panel scores.
    Hearing,
    /// It was upheld or dismissed.
    Decided,
    /// The school took it back.
    Withdrawn,
}

/// What is done to an appeal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// The school takes it back.
    Withdraw,
    /// The chair seats a fresh panel, or fills its seats again.
    Appoint,
    /// The new result takes the old one's place.
    Uphold,
    /// The grade stays.
    Dismiss,
}

/// A move that the state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{mv:?} is not possible while the appeal is {state}")]
pub struct IllegalMove {
    /// What was tried.
    pub mv: Move,
    /// The state as it is.
    pub state: State,
}

impl State {
    /// Every state, in order.
    pub const ALL: [Self; 4] = [Self::Filed, Self::Hearing, Self::Decided, Self::Withdrawn];

    /// The state after a move.
    ///
    /// # Errors
    /// [`IllegalMove`] if the state does not allow it.
    pub fn after(self, mv: Move) -> Result<Self, IllegalMove> {
        match (self, mv) {
            (Self::Filed, Move::Withdraw) => Ok(Self::Withdrawn),
            (Self::Filed | Self::Hearing, Move::Appoint) => Ok(Self::Hearing),
            (Self::Hearing, Move::Uphold) | (Self::Filed | Self::Hearing, Move::Dismiss) => Ok(Self::Decided),
            (state, mv) => Err(IllegalMove { mv, state }),
        }
    }

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Hearing => "hearing",
            Self::Decided => "decided",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Reads what a school sends: the ground, the elements and its statement.
///
/// # Errors
/// Names every field at fault.
pub fn read(
    scheme: &Scheme,
    ground_code: &str,
    element_codes: &[String],
    statement: &str,
) -> Result<String, Error> {
    let mut faults = Vec::new();
    let grounds = scheme.definition().review.appeal.as_ref().map(|appeal| appeal.grounds.as_slice());
    if !grounds.unwrap_or_default().iter().any(|ground| ground.code == ground_code) {
        faults.push(Violation::new("ground_code", "请选择一项申诉理由。", "Choose one of the grounds."));
    }
    for (place, code) in element_codes.iter().enumerate() {
        let known = scheme.elements().iter().any(|element| element.code == *code);
        if !known || element_codes[..place].contains(code) {
            faults.push(Violation::new(
                format!("element_codes[{place}]"),
                "没有这个要素，或者选了两次。",
                "There is no such element, or it is named twice.",
            ));
        }
    }
    let statement = statement.trim();
    let count = statement.chars().count();
    if !STATEMENT.contains(&count) {
        let (least, most) = (STATEMENT.start(), STATEMENT.end());
        faults.push(Violation::new(
            "statement",
            format!("申诉说明有 {count} 字，须在 {least} 到 {most} 字之间。"),
            format!("The statement has {count} characters; it needs {least} to {most}."),
        ));
    }
    if faults.is_empty() { Ok(statement.to_owned()) } else { Err(Error::Invalid(faults)) }
}

/// Checks that a new total lets an appeal be upheld: it never lowers a grade.
///
/// # Errors
/// FAILED_PRECONDITION.
pub fn better(new: Decimal, old: Decimal) -> Result<(), Error> {
    if new > old {
        return Ok(());
    }
    Err(Error::illegal_state(
        "total",
        format!("复评总分 {new} 不高于原总分 {old}，不能支持申诉；请驳回并说明理由。"),
        format!("The new total {new} is not above the old {old}: dismiss the appeal with a reason."),
    ))
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let known = Self::ALL.into_iter().find(|state| state.as_str() == word);
        known.ok_or_else(|| UnknownWord { kind: "state of an appeal", word: word.to_owned() })
    }
}

impl From<IllegalMove> for Error {
    fn from(IllegalMove { mv, state }: IllegalMove) -> Self {
        let (zh, en) = match state {
            State::Filed => ("申诉还没有安排专家复评", "no panel has heard the appeal yet"),
            State::Hearing => ("申诉正在复评", "the appeal is being heard"),
            State::Decided => ("申诉已经有了结论", "the appeal is decided"),
            State::Withdrawn => ("申诉已经撤回", "the appeal was withdrawn"),
        };
        let (what_zh, what_en) = match mv {
            Move::Withdraw => ("撤回", "it cannot be withdrawn"),
            Move::Appoint => ("安排复评专家", "no panel can be appointed"),
            Move::Uphold => ("支持申诉", "it cannot be upheld"),
            Move::Dismiss => ("驳回申诉", "it cannot be dismissed"),
        };
        Self::illegal_state(
            "state",
            format!("{zh}，不能{what_zh}。"),
            format!("Not now: {en}, so {what_en}."),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decided_and_withdrawn_are_the_end() {
        const MOVES: [Move; 4] = [Move::Withdraw, Move::Appoint, Move::Uphold, Move::Dismiss];
        for state in State::ALL {
            assert_eq!(state.as_str().parse::<State>().expect("known"), state);
            let ways = MOVES.iter().filter(|mv| state.after(**mv).is_ok()).count();
            assert_eq!(ways == 0, matches!(state, State::Decided | State::Withdrawn), "{state}");
        }
        assert!(State::Filed.after(Move::Uphold).is_err(), "nothing is upheld unheard");
    }

    #[test]
    fn an_appeal_never_lowers_a_grade() {
        assert!(better(Decimal::from(71), Decimal::from(70)).is_ok());
        assert!(better(Decimal::from(70), Decimal::from(70)).is_err());
        assert!(better(Decimal::from(69), Decimal::from(70)).is_err());
    }
}
