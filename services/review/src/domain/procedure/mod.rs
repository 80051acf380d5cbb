//! Procedures under way: items that move through the steps of a scheme.

pub mod form;
pub mod item;

use std::{fmt, str::FromStr, sync::Arc};

use chrono::{DateTime, NaiveDate, Utc};
use zhijian_platform::{Error, Text, date_in_china};

use super::{
    UnknownWord,
    scheme::{self, Scheme},
};

/// One exercise of a scheme's steps in a cycle.
#[derive(Debug, Clone)]
pub struct Procedure {
    /// Identifies it ("prc_…").
    pub id: String,
    /// The cycle's year.
    pub cycle_year: i32,
    /// The scheme as it was when the procedure was created.
    pub scheme: Arc<Scheme>,
    /// What it is called.
    pub name: Text,
    /// Whether it is over.
    pub state: State,
    /// The round of review, once it has begun.
    pub round_id: Option<String>,
    /// By when schools apply, if they do and there is a date.
    pub apply_due_date: Option<NaiveDate>,
    /// When it was created.
    pub create_time: DateTime<Utc>,
    /// Counts its changes.
    pub version: i64,
}

/// Whether a procedure is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Items move.
    Open,
    /// All items have ended, and none come any more.
    Closed,
}

/// Why a procedure does not do what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProcedureError {
    /// It is over.
    #[error("the procedure is closed")]
    Closed,
    /// Its items were gathered.
    #[error("nobody applies in this procedure")]
    NoApplications,
    /// The time for applications is over.
    #[error("applications were due on {0}")]
    TooLate(NaiveDate),
    /// The review has begun.
    #[error("the review has begun")]
    ReviewBegun,
    /// The review has not begun.
    #[error("the review has not begun")]
    ReviewNotBegun,
    /// The school has brought as many items as it may.
    #[error("the school has {0} items")]
    Enough(u32),
    /// Items are on their way.
    #[error("{0} items are on their way")]
    UnderWay(u64),
}

impl Procedure {
    /// The steps it follows.
    ///
    /// # Errors
    /// INTERNAL if the stored scheme has none: the database was changed by hand.
    pub fn steps(&self) -> Result<&scheme::Procedure, Error> {
        self.scheme.procedure().ok_or_else(|| Error::internal("a procedure's scheme has no steps"))
    }

    /// Checks that it is not over.
    ///
    /// # Errors
    /// [`ProcedureError::Closed`].
    pub fn is_open(&self) -> Result<(), ProcedureError> {
        match self.state {
            State::Open => Ok(()),
            State::Closed => Err(ProcedureError::Closed),
        }
    }

    /// Checks that a school which has brought `so_far` items may bring another now.
    ///
    /// # Errors
    /// [`ProcedureError`] says why not.
    pub fn takes(&self, so_far: u64, now: DateTime<Utc>) -> Result<(), ProcedureError> {
        self.is_open()?;
        let steps = self.scheme.procedure().filter(|steps| steps.gather == scheme::Gather::Applications);
        let steps = steps.ok_or(ProcedureError::NoApplications)?;
        if self.round_id.is_some() {
            return Err(ProcedureError::ReviewBegun);
        }
        if let Some(due) = self.apply_due_date.filter(|due| date_in_china(now) > *due) {
            return Err(ProcedureError::TooLate(due));
        }
        match steps.most_per_school.filter(|most| so_far >= u64::from(*most)) {
            Some(most) => Err(ProcedureError::Enough(most)),
            None => Ok(()),
        }
    }
}

impl State {
    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
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
            "closed" => Ok(Self::Closed),
            _ => Err(UnknownWord { kind: "state of a procedure", word: word.to_owned() }),
        }
    }
}

impl From<ProcedureError> for Error {
    fn from(error: ProcedureError) -> Self {
        let (zh, en) = match error {
            ProcedureError::Closed => {
                ("这项工作已经结束。".to_owned(), "The procedure is closed.".to_owned())
            }
            ProcedureError::NoApplications => (
                "这项工作的对象由系统汇集，不需要申报。".to_owned(),
                "What this procedure is about was gathered: nobody applies.".to_owned(),
            ),
            ProcedureError::TooLate(due) => {
                (format!("申报截止日期是 {due}，已经过了。"), format!("Applications were due on {due}."))
            }
            ProcedureError::ReviewBegun => (
                "专家评审已经开始，不能再申报或重新发起。".to_owned(),
                "The review has begun: nobody can apply, and it cannot begin again.".to_owned(),
            ),
            ProcedureError::ReviewNotBegun => (
                "专家评审还没有开始，请先发起评审。".to_owned(),
                "The review has not begun: start it first.".to_owned(),
            ),
            ProcedureError::Enough(most) => (
                format!("每所学校最多申报 {most} 项，本校已经报满。"),
                format!("A school brings at most {most}, and this one has."),
            ),
            ProcedureError::UnderWay(count) => (
                format!("还有 {count} 项没有办结，不能结束。"),
                format!("{count} items are still on their way."),
            ),
        };
        Self::illegal_state("procedure", zh, en)
    }
}
