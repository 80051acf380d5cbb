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
    /// The rectification that it re-checks or the appeal that it hears, by id; `None` in the panel's own.
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
    /// It is handed in.
    Submitted,
    /// The reviewer gave the seat back.
    Abstained,
}

/// What is done to an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// The reviewer hands the sheet in.
    Submit,
    /// The reviewer gives the seat back.
    Abstain,
    /// The chair gives the sheet back.
    Return,
    /// The reviewer replaces what was handed in.
    Revise,
}

/// The state does not allow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("that is not possible while the sheet is {0}")]
pub struct IllegalMove(pub State);

impl State {
    /// The state after a move.
    ///
    /// # Errors
    /// [`IllegalMove`] if the state does not allow it.
    pub fn after(self, mv: Move) -> Result<Self, IllegalMove> {
        match (self, mv) {
            (Self::Open, Move::Submit) | (Self::Submitted, Move::Revise) => Ok(Self::Submitted),
            (Self::Open, Move::Abstain) => Ok(Self::Abstained),
            (Self::Submitted, Move::Return) => Ok(Self::Open),
            (state, _) => Err(IllegalMove(state)),
        }
    }

    /// Checks that scores may still change.
    ///
    /// # Errors
    /// [`IllegalMove`].
    pub fn edit(self) -> Result<(), IllegalMove> {
        match self {
            Self::Open => Ok(()),
            other => Err(IllegalMove(other)),
        }
    }

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Submitted => "submitted",
            Self::Abstained => "abstained",
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
            "abstained" => Ok(Self::Abstained),
            _ => Err(UnknownWord { kind: "state of an assignment", word: word.to_owned() }),
        }
    }
}

impl From<IllegalMove> for Error {
    fn from(IllegalMove(state): IllegalMove) -> Self {
        let (zh, en) = match state {
            State::Open => (
                "这份评分还没有提交，不能这样处理。",
                "These scores were not handed in yet, so this cannot be done.",
            ),
            State::Submitted => (
                "这份评分已经提交，不能再修改。如有问题，请联系评审组长。",
                "These scores were handed in and cannot change any more. If something is wrong, tell the chair.",
            ),
            State::Abstained => (
                "这份评审任务已经退出，不能再评分。",
                "This seat was given back, so it cannot be scored any more.",
            ),
        };
        Self::illegal_state("state", zh, en)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_abstained_seat_is_left_for_good() {
        for mv in [Move::Submit, Move::Abstain, Move::Return, Move::Revise] {
            assert_eq!(State::Abstained.after(mv), Err(IllegalMove(State::Abstained)));
        }
        assert_eq!(State::Submitted.after(Move::Return), Ok(State::Open));
        assert!(State::Open.after(Move::Revise).is_err() && State::Submitted.after(Move::Submit).is_err());
    }
}
