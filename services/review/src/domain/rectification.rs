//! Rectifications: low grades, followed until they are mended.

use std::{fmt, str::FromStr};

use chrono::{DateTime, NaiveDate, Utc};
use zhijian_platform::Error;

use super::{UnknownWord, outcome::ElementScore};

const PLAN: std::ops::RangeInclusive<usize> = 20..=5000;

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
    /// Counts its changes.
    pub version: i64,
}

/// How far a rectification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The plan is awaited.
    Opened,
    /// The plan is handed in.
    Planned,
}

/// Why a plan is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// There is a plan.
    #[error("the plan was handed in before")]
    Planned,
    /// The plan is too short or too long.
    #[error("the plan has {0} characters")]
    Length(usize),
}

impl State {
    /// The state once the plan is in.
    ///
    /// # Errors
    /// [`PlanError::Planned`] if it is in already.
    pub fn plan(self) -> Result<Self, PlanError> {
        match self {
            Self::Opened => Ok(Self::Planned),
            Self::Planned => Err(PlanError::Planned),
        }
    }

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Planned => "planned",
        }
    }
}

/// Trims a plan.
///
/// # Errors
/// [`PlanError::Length`] if it has not 20–5000 characters.
pub fn plan(text: &str) -> Result<String, PlanError> {
    let text = text.trim();
    match text.chars().count() {
        count if PLAN.contains(&count) => Ok(text.to_owned()),
        count => Err(PlanError::Length(count)),
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
        match word {
            "opened" => Ok(Self::Opened),
            "planned" => Ok(Self::Planned),
            _ => Err(UnknownWord { kind: "state of a rectification", word: word.to_owned() }),
        }
    }
}

impl From<PlanError> for Error {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Planned => Self::illegal_state(
                "state",
                "整改方案已经提交，不能再次提交。",
                "The plan was handed in before; it cannot be handed in again.",
            ),
            PlanError::Length(count) => Self::invalid(
                "plan",
                format!("整改方案有 {count} 字，须在 {} 到 {} 字之间。", PLAN.start(), PLAN.end()),
                format!("The plan has {count} characters; it needs {} to {}.", PLAN.start(), PLAN.end()),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_handed_in_once_and_has_a_length() {
        assert_eq!(State::Opened.plan(), Ok(State::Planned));
        assert_eq!(State::Planned.plan(), Err(PlanError::Planned));
        assert_eq!(plan(&format!("  {}  ", "改".repeat(20))).map(|plan| plan.chars().count()), Ok(20));
        assert_eq!(plan(&"改".repeat(19)), Err(PlanError::Length(19)));
        assert_eq!(plan(&"改".repeat(5001)), Err(PlanError::Length(5001)));
    }
}
