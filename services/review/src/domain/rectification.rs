//! Rectifications: low grades, followed until they are mended or the programme is given up.

use std::{fmt, str::FromStr};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use zhijian_platform::{Error, date_in_china};

use super::{UnknownWord, measure::Measure, outcome::ElementScore, scheme::Level};

const PLAN: std::ops::RangeInclusive<usize> = 20..=5000;
const WORDS: std::ops::RangeInclusive<usize> = 1..=2000;

/// One low grade that a school has to mend.
#[derive(Debug, Clone)]
pub struct Rectification {
    /// Identifies it ("rct_…").
    pub id: String,
    /// The entry that was graded low.
    pub entry_id: String,
    /// The round it was graded in.
    pub round_id: String,
    /// The school.
    pub organisation_code: String,
    /// The grade.
    pub grade: String,
    /// How far it is.
    pub state: State,
    /// The elements to mend, weakest first.
    pub findings: Vec<ElementScore>,
    /// When the plan is due.
    pub plan_due_date: NaiveDate,
    /// The school's plan; empty until planned.
    pub plan: String,
    /// When it was opened.
    pub create_time: DateTime<Utc>,
    /// When the plan was handed in.
    pub plan_time: Option<DateTime<Utc>>,
    /// When the present step of the school is due, if it has one other than the plan.
    pub due_date: Option<NaiveDate>,
    /// What the school does.
    pub measures: Vec<Measure>,
    /// How many levels it has been escalated.
    pub level: usize,
    /// What the re-check found, once it has passed.
    pub regraded: Option<Regrade>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Counts its changes.
    pub version: i64,
}

/// A grade given afresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regrade {
    /// The letter.
    pub grade: String,
    /// The weighted sum, unrounded.
    pub total: Decimal,
}

/// How far a rectification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// The plan is awaited.
    Opened,
    /// The plan is handed in and waits to be taken.
    Planned,
    /// The school does what it planned.
    Mending,
    /// The school says that it has mended.
    Claimed,
    /// Fresh reviewers score.
    Rechecking,
    /// It has ended.
    Closed,
}

/// How a rectification ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A re-check found a grade that needs no rectification.
    Mended,
    /// The programme is given up.
    Withdrawn,
    /// An appeal was upheld, and the new grade needs no rectification.
    Lifted,
}

/// What is done to a rectification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// The school hands in its plan.
    Plan,
    /// The commission takes the plan.
    AcceptPlan,
    /// The commission returns the plan.
    ReturnPlan,
    /// The school reports how far its measures are.
    Report,
    /// The school says that it has mended.
    Claim,
    /// The chair asks fresh reviewers.
    Appoint,
    /// The re-check finds it mended.
    Pass,
    /// The re-check does not.
    Fail,
    /// A date has passed.
    Escalate,
    /// The programme is given up.
    Withdraw,
    /// An appeal took away its cause.
    Lift,
}

/// A move that the state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{mv:?} is not possible while it is {state}")]
pub struct IllegalMove {
    /// What was tried.
    pub mv: Move,
    /// The state as it is.
    pub state: State,
}

/// Why words are not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    /// The plan is too short or too long.
    #[error("the plan has {0} characters")]
    Plan(usize),
    /// A comment or a reason is empty or too long.
    #[error("the field {0} has {1} characters")]
    Words(&'static str, usize),
}

impl State {
    /// Every state, in order.
    pub const ALL: [Self; 6] =
        [Self::Opened, Self::Planned, Self::Mending, Self::Claimed, Self::Rechecking, Self::Closed];

    /// The state after a move.
    ///
    /// # Errors
    /// [`IllegalMove`] if the state does not allow it.
    pub fn after(self, mv: Move) -> Result<Self, IllegalMove> {
        match (self, mv) {
            (Self::Opened, Move::Plan) => Ok(Self::Planned),
            (Self::Planned, Move::AcceptPlan) => Ok(Self::Mending),
            (Self::Planned, Move::ReturnPlan) | (Self::Opened, Move::Escalate) => Ok(Self::Opened),
            (Self::Mending, Move::Report | Move::Escalate) | (Self::Rechecking, Move::Fail) => {
                Ok(Self::Mending)
            }
            (Self::Mending, Move::Claim) => Ok(Self::Claimed),
            (Self::Claimed | Self::Rechecking, Move::Appoint) => Ok(Self::Rechecking),
            (Self::Rechecking, Move::Pass) => Ok(Self::Closed),
            (Self::Opened | Self::Planned | Self::Mending | Self::Claimed, Move::Withdraw) => {
                Ok(Self::Closed)
            }
            (state, Move::Lift) if state != Self::Closed => Ok(Self::Closed),
            (state, mv) => Err(IllegalMove { mv, state }),
        }
    }

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Planned => "planned",
            Self::Mending => "mending",
            Self::Claimed => "claimed",
            Self::Rechecking => "rechecking",
            Self::Closed => "closed",
        }
    }
}

impl Move {
    /// The word in the history.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::AcceptPlan => "accept-plan",
            Self::ReturnPlan => "return-plan",
            Self::Report => "report",
            Self::Claim => "claim",
            Self::Appoint => "appoint",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Escalate => "escalate",
            Self::Withdraw => "withdraw",
            Self::Lift => "lift",
        }
    }
}

impl Outcome {
    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mended => "mended",
            Self::Withdrawn => "withdrawn",
            Self::Lifted => "lifted",
        }
    }
}

impl Rectification {
    /// When the school's present step is due; `None` while others are at work.
    pub fn due(&self) -> Option<NaiveDate> {
        match self.state {
            State::Opened => Some(self.due_date.unwrap_or(self.plan_due_date)),
            State::Mending => self.due_date,
            _ => None,
        }
    }

    /// Whether the school's present step is late.
    pub fn overdue(&self, now: DateTime<Utc>) -> bool {
        self.due().is_some_and(|due| date_in_china(now) > due)
    }

    /// The level it is on, of the scheme's.
    pub fn on<'s>(&self, levels: &'s [Level]) -> Option<&'s Level> {
        levels.get(self.level.checked_sub(1)?)
    }

    /// The level after that, of the scheme's.
    pub fn next<'s>(&self, levels: &'s [Level]) -> Option<&'s Level> {
        levels.get(self.level)
    }
}

/// Trims a plan.
///
/// # Errors
/// [`WordsError::Plan`] if it has not 20–5000 characters.
pub fn plan(text: &str) -> Result<String, WordsError> {
    let text = text.trim();
    match text.chars().count() {
        count if PLAN.contains(&count) => Ok(text.to_owned()),
        count => Err(WordsError::Plan(count)),
    }
}

/// Trims a comment or a reason.
///
/// # Errors
/// [`WordsError::Words`] if it has not 1–2000 characters.
pub fn words(field: &'static str, text: &str) -> Result<String, WordsError> {
    let text = text.trim();
    match text.chars().count() {
        count if WORDS.contains(&count) => Ok(text.to_owned()),
        count => Err(WordsError::Words(field, count)),
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or_else(|| UnknownWord { kind: "state of a rectification", word: word.to_owned() })
    }
}

impl FromStr for Outcome {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        [Self::Mended, Self::Withdrawn, Self::Lifted]
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
            .ok_or_else(|| UnknownWord { kind: "outcome of a rectification", word: word.to_owned() })
    }
}

impl From<IllegalMove> for Error {
    fn from(IllegalMove { mv, state }: IllegalMove) -> Self {
        let (zh, en) = match state {
            State::Opened => ("学校还没有提交整改方案", "the school has not handed in its plan"),
            State::Planned => ("整改方案已经提交，正等待审定", "the plan is handed in and waits to be taken"),
            State::Mending => ("学校正在整改", "the school is mending"),
            State::Claimed => {
                ("学校已报告整改完成，正等待复查", "the school says it has mended; a re-check is awaited")
            }
            State::Rechecking => ("正在复查", "it is being re-checked"),
            State::Closed => ("整改已经结束", "it is closed"),
        };
        let (what_zh, what_en) = match mv {
            Move::Plan => ("再次提交方案", "the plan cannot be handed in"),
            Move::AcceptPlan | Move::ReturnPlan => ("审定方案", "no plan can be decided on"),
            Move::Report => ("填报进展", "no progress can be reported"),
            Move::Claim => ("报告整改完成", "it cannot be claimed as mended"),
            Move::Appoint => ("安排复查", "no re-check can be appointed"),
            Move::Pass | Move::Fail => ("作出复查结论", "no re-check can be concluded"),
            Move::Escalate => ("升级处理", "it cannot be escalated"),
            Move::Withdraw => ("撤销专业", "the programme cannot be withdrawn"),
            Move::Lift => ("解除", "it cannot be lifted"),
        };
        Self::illegal_state(
            "state",
            format!("{zh}，不能{what_zh}。"),
            format!("Not now: {en}, so {what_en}."),
        )
    }
}

impl From<WordsError> for Error {
    fn from(error: WordsError) -> Self {
        match error {
            WordsError::Plan(count) => Self::invalid(
                "plan",
                format!("整改方案有 {count} 字，须在 {} 到 {} 字之间。", PLAN.start(), PLAN.end()),
                format!("The plan has {count} characters; it needs {} to {}.", PLAN.start(), PLAN.end()),
            ),
            WordsError::Words(field, count) => Self::invalid(
                field,
                format!("这里写了 {count} 字，须在 {} 到 {} 字之间。", WORDS.start(), WORDS.end()),
                format!("It has {count} characters; it needs {} to {}.", WORDS.start(), WORDS.end()),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_a_length() {
        assert_eq!(plan(&format!("  {}  ", "改".repeat(20))).map(|plan| plan.chars().count()), Ok(20));
        assert_eq!(plan(&"改".repeat(19)), Err(WordsError::Plan(19)));
        assert_eq!(plan(&"改".repeat(5001)), Err(WordsError::Plan(5001)));
        assert_eq!(words("reason", "  "), Err(WordsError::Words("reason", 0)));
    }

    #[test]
    fn every_open_state_has_a_way_on_and_a_closed_one_has_none() {
        let moves = [
            Move::Plan,
            Move::AcceptPlan,
            Move::ReturnPlan,
            Move::Claim,
            Move::Appoint,
            Move::Pass,
            Move::Fail,
            Move::Escalate,
            Move::Withdraw,
            Move::Lift,
        ];
        for state in State::ALL {
            let ways = moves.iter().filter(|mv| state.after(**mv).is_ok_and(|next| next != state)).count();
            assert_eq!(ways == 0, state == State::Closed, "{state}");
        }
        assert_eq!(
            State::Planned.after(Move::Plan),
            Err(IllegalMove { mv: Move::Plan, state: State::Planned })
        );
    }
}
