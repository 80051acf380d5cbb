//! What a school asks of the commission: more time, or a report in the results to be opened again.

use chrono::{DateTime, Utc};
use zhijian_platform::{Text, Violation};

use super::{
    deadline::{Deadline, moment},
    text::is_filled,
};

/// How many characters a reason or a decision may have.
const MAX_REASON: usize = 500;

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The commission is to decide.
    Requested,
    /// Given: for a correction, the report is open.
    Granted,
    /// Not given.
    Refused,
    /// Taken back by who asked.
    Withdrawn,
    /// A correction given up before it was submitted.
    Cancelled,
    /// A correction whose new revision is in the results.
    Done,
}

impl State {
    const ALL: [Self; 6] =
        [Self::Requested, Self::Granted, Self::Refused, Self::Withdrawn, Self::Cancelled, Self::Done];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Cancelled => "cancelled",
            Self::Done => "done",
        }
    }

    /// The state of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    fn text(self) -> Text {
        match self {
            Self::Requested => Text::new("待决定", "waiting for a decision"),
            Self::Granted => Text::new("已同意", "granted"),
            Self::Refused => Text::new("未同意", "refused"),
            Self::Withdrawn => Text::new("已撤回", "withdrawn"),
            Self::Cancelled => Text::new("已取消", "cancelled"),
            Self::Done => Text::new("已完成", "done"),
        }
    }

    /// Decides a request, or takes it back.
    ///
    /// # Errors
    /// [`Settled`] unless it waits for a decision.
    pub fn settle(self, next: Self) -> Result<Self, Settled> {
        if self == Self::Requested { Ok(next) } else { Err(Settled(self)) }
    }

    /// Gives up a correction under way.
    ///
    /// # Errors
    /// [`Settled`] unless it is open.
    pub fn cancel(self) -> Result<Self, Settled> {
        if self == Self::Granted { Ok(Self::Cancelled) } else { Err(Settled(self)) }
    }
}

/// The request does not stand where the step wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled(State);

impl Settled {
    /// What is in the way.
    pub fn text(self) -> Text {
        let state = self.0.text();
        Text::new(
            format!("这项申请现在“{}”，不能再这样处理。请刷新页面查看。", state.zh),
            format!("This request is {} and cannot be handled like this. Read it again.", state.en),
        )
    }
}

/// Checks the words of a reason; a decision may be empty.
///
/// # Errors
/// What is wrong with them.
pub fn reason(field: &str, text: &str) -> Result<(), Violation> {
    if is_filled(text, MAX_REASON) {
        return Ok(());
    }
    Err(Violation::new(field, "请写明理由，1–500 字。", "Give a reason, in 1–500 characters."))
}

/// Checks a date that a deadline is to be moved to.
///
/// # Errors
/// Why it cannot be.
pub fn later(
    field: &str,
    wanted: DateTime<Utc>,
    deadline: &Deadline,
    now: DateTime<Utc>,
) -> Result<(), Violation> {
    if wanted <= now {
        return Err(Violation::new(
            field,
            "新的截止时间必须在现在之后。",
            "The new deadline lies in the future.",
        ));
    }
    match deadline.due {
        Some(due) if wanted <= due => {
            let due = moment(due);
            Err(Violation::new(
                field,
                format!("新的截止时间必须晚于现在的截止时间（{}）。", due.zh),
                format!("The new deadline lies after the present one ({}).", due.en),
            ))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::deadline::Grace;

    #[test]
    fn a_request_is_settled_once() {
        assert!(State::ALL.into_iter().all(|state| State::parse(state.as_str()) == Some(state)));
        let granted = State::Requested.settle(State::Granted).expect("granted");
        assert!(granted.settle(State::Refused).is_err());
        assert_eq!(granted.cancel(), Ok(State::Cancelled));
        assert!(State::Requested.cancel().is_err() && State::Done.cancel().is_err());
        assert!(Settled(State::Withdrawn).text().zh.contains("已撤回"));
    }

    #[test]
    fn a_new_deadline_lies_ahead_of_now_and_of_the_old_one() {
        let now: DateTime<Utc> = "2026-11-20T00:00:00Z".parse().expect("a moment");
        let due = now + TimeDelta::days(10);
        let deadline = Deadline::of(Some(due), None, Grace::default());
        assert!(later("wanted_time", due + TimeDelta::seconds(1), &deadline, now).is_ok());
        assert!(later("wanted_time", due, &deadline, now).unwrap_err().description.zh.contains("11月30日"));
        assert!(later("wanted_time", now, &Deadline::of(None, None, Grace::default()), now).is_err());
        assert!(reason("reason", " ").is_err() && reason("reason", "台风停课").is_ok());
    }
}
