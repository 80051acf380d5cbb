//! Rounds: one exercise of a scheme in a cycle, and how it moves.

use std::{fmt, str::FromStr, sync::Arc};

use chrono::{DateTime, Utc};
use zhijian_platform::{Error, Text};

use super::{UnknownWord, scheme::Scheme};

/// One exercise of a scheme in a cycle.
#[derive(Debug, Clone)]
pub struct Round {
    /// Identifies it ("rnd_…").
    pub id: String,
    /// The cycle's year.
    pub cycle_year: i32,
    /// The scheme as it was when the round was created.
    pub scheme: Arc<Scheme>,
    /// What it is called.
    pub name: Text,
    /// How far it is.
    pub state: State,
    /// How many programmes are under review.
    pub entry_count: i32,
    /// When scores are due.
    pub due_time: Option<DateTime<Utc>>,
    /// When it was created.
    pub create_time: DateTime<Utc>,
    /// Counts its changes.
    pub version: i64,
}

/// How far a round is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// The programmes are gathered.
    Draft,
    /// Every entry has its panel; reviewers see nothing yet.
    Assigned,
    /// Reviewers score.
    Scoring,
    /// Grades are computed.
    Finalised,
    /// Schools see their grades.
    Revealed,
}

/// What is done to a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Give entries their panels; while reviewers score, give arbiters to entries that want one.
    Assign,
    /// Show reviewers their assignments.
    Open,
    /// Compute the grades.
    Finalise,
    /// Show schools their grades.
    Reveal,
}

/// A move that the state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{wanted:?} is not possible in state {state}")]
pub struct IllegalMove {
    /// The round's state.
    pub state: State,
    /// What was asked for.
    pub wanted: Move,
}

impl State {
    /// Every state, in order.
    pub const ALL: [Self; 5] = [Self::Draft, Self::Assigned, Self::Scoring, Self::Finalised, Self::Revealed];

    /// The state after a move.
    ///
    /// # Errors
    /// [`IllegalMove`] if the state does not allow it.
    pub fn after(self, wanted: Move) -> Result<Self, IllegalMove> {
        match (wanted, self) {
            (Move::Assign, Self::Draft | Self::Assigned) => Ok(Self::Assigned),
            (Move::Assign, Self::Scoring) => Ok(Self::Scoring),
            (Move::Open, Self::Assigned) => Ok(Self::Scoring),
            (Move::Finalise, Self::Scoring) => Ok(Self::Finalised),
            (Move::Reveal, Self::Finalised | Self::Revealed) => Ok(Self::Revealed),
            (wanted, state) => Err(IllegalMove { state, wanted }),
        }
    }

    /// Whether reviewers see their assignments.
    pub fn shows_assignments(self) -> bool {
        self >= Self::Scoring
    }

    /// Whether there are grades.
    pub fn has_grades(self) -> bool {
        self >= Self::Finalised
    }

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Assigned => "assigned",
            Self::Scoring => "scoring",
            Self::Finalised => "finalised",
            Self::Revealed => "revealed",
        }
    }

    fn zh(self) -> &'static str {
        match self {
            Self::Draft => "草稿",
            Self::Assigned => "已分配",
            Self::Scoring => "评分中",
            Self::Finalised => "已定级",
            Self::Revealed => "已公布",
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
        let known = Self::ALL.into_iter().find(|state| state.as_str() == word);
        known.ok_or_else(|| UnknownWord { kind: "state of a round", word: word.to_owned() })
    }
}

impl From<IllegalMove> for Error {
    fn from(IllegalMove { state, wanted }: IllegalMove) -> Self {
        let (zh, en, first_zh, first_en) = match wanted {
            Move::Assign => ("分配评审专家", "reviewers cannot be assigned", "", ""),
            Move::Open => {
                ("开放评分", "it cannot be opened", "请先分配评审专家。", " Assign reviewers first.")
            }
            Move::Finalise => {
                ("定级", "it cannot be finalised", "请先开放评分。", " Open it for scoring first.")
            }
            Move::Reveal => ("公布结果", "it cannot be revealed", "请先定级。", " Finalise it first."),
        };
        let over =
            wanted == Move::Assign || state.has_grades() || (wanted == Move::Open && state > State::Assigned);
        let (then_zh, then_en) =
            if over { ("这一步已经过去。", " That step is over.") } else { (first_zh, first_en) };
        Self::illegal_state(
            "state",
            format!("本轮评审处于“{}”状态，不能{zh}。{then_zh}", state.zh()),
            format!("The round is in state {state}: {en}.{then_en}"),
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MOVES: [Move; 4] = [Move::Assign, Move::Open, Move::Finalise, Move::Reveal];

    /// Every legal move, written out once more as a table.
    const TABLE: [(&str, Move, &str); 7] = [
        ("draft", Move::Assign, "assigned"),
        ("assigned", Move::Assign, "assigned"),
        ("assigned", Move::Open, "scoring"),
        ("scoring", Move::Assign, "scoring"),
        ("scoring", Move::Finalise, "finalised"),
        ("finalised", Move::Reveal, "revealed"),
        ("revealed", Move::Reveal, "revealed"),
    ];

    #[test]
    fn the_stored_words_are_read_back() {
        for state in State::ALL {
            assert_eq!(state.as_str().parse::<State>().expect("known"), state);
        }
        assert!("graded".parse::<State>().is_err());
    }

    proptest! {
        #[test]
        fn any_walk_follows_the_table_and_never_goes_back(walk in prop::collection::vec(0..MOVES.len(), 0..40)) {
            let mut state = State::Draft;
            let mut done = vec![];
            for wanted in walk.into_iter().map(|place| MOVES[place]) {
                let row = TABLE.iter().find(|(from, with, _)| *from == state.as_str() && *with == wanted);
                match (state.after(wanted), row) {
                    (Ok(next), Some((_, _, to))) => {
                        prop_assert_eq!(next.as_str(), *to);
                        prop_assert!(next >= state);
                        done.push(wanted);
                        state = next;
                    }
                    (Err(error), None) => prop_assert_eq!(error, IllegalMove { state, wanted }),
                    (found, row) => prop_assert!(false, "{state}, {wanted:?}: {found:?}, but the table has {row:?}"),
                }
            }
            prop_assert_eq!(state.shows_assignments(), done.contains(&Move::Open));
            prop_assert_eq!(state.has_grades(), done.contains(&Move::Finalise));
        }
    }
}
