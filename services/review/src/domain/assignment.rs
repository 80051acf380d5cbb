//! Assignments: one reviewer's work on one entry.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use zhijian_platform::Error;

use super::{UnknownWord, sheet::Sheet};

/// One reviewer's work on one entry.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// Identifies it ("asg_…").
    pub id: String,
    /// The round it belongs to.
    pub round_id: String,
    /// What is scored.
    pub entry_id: String,
    /// Who scores.
    pub account_id: String,
    /// The reviewer's employer when the panel was formed.
    pub organisation_code: String,
    /// Added because the panel disagreed.
    pub arbiter: bool,
    /// The rectification that it re-checks; `None` in the panel's own.
    pub rectification_id: Option<String>,
    /// Whether it is handed in.
    pub state: State,
    /// The points so far.
    pub sheet: Sheet,
    /// What the reviewer tells the school.
    pub comment: String,
    /// When it was handed in.
    pub submit_time: Option<DateTime<Utc>>,
    /// Counts its changes.
    pub version: i64,
}

impl Assignment {
    /// Whether it is handed in.
    pub fn is_submitted(&self) -> bool {
        self.state == State::Submitted
    }
}

/// Whether an assignment is handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The reviewer still works on it.
    Open,
    /// It is handed in and does not change any more.
    Submitted,
}

/// Scores were handed in before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the scores were handed in and cannot change any more")]
pub struct AlreadySubmitted;

impl State {
    /// Checks that scores may still change.
    ///
    /// # Errors
    /// [`AlreadySubmitted`].
    pub fn edit(self) -> Result<(), AlreadySubmitted> {
        match self {
            Self::Open => Ok(()),
            Self::Submitted => Err(AlreadySubmitted),
        }
    }

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Submitted => "submitted",
        }
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
            "open" => Ok(Self::Open),
            "submitted" => Ok(Self::Submitted),
            _ => Err(UnknownWord { kind: "state of an assignment", word: word.to_owned() }),
        }
    }
}

impl From<AlreadySubmitted> for Error {
    fn from(_: AlreadySubmitted) -> Self {
        Self::illegal_state(
            "state",
            "这份评分已经提交，不能再修改。如有问题，请联系评审组长。",
            "These scores were handed in and cannot change any more. If something is wrong, tell the chair.",
        )
    }
}
