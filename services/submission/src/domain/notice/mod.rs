//! Reminders: when a rule holds, what a message says, and the states that it passes.

mod rules;
mod write;

use std::fmt;

use zhijian_platform::Text;

pub use rules::{Counted, Reminders, Rule};
pub use write::{Line, Occasion, write};

/// The name of the state of a report that nobody has begun.
pub const NOT_BEGUN: &str = "not_begun";

/// How many characters a subject may have.
pub const MAX_SUBJECT: usize = 120;
/// How many characters a body may have.
pub const MAX_BODY: usize = 4000;

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Drafted; seen by the commission alone.
    Draft,
    /// Will not be sent.
    Dropped,
    /// Shown to the organisation.
    Approved,
    /// Shown, and waits to be mailed.
    Queued,
    /// Being handed to the mail server.
    Sending,
    /// The mail server took it.
    Sent,
    /// Shown, but not mailed.
    Failed,
    /// Shown, and handed over by a person another way.
    Delivered,
}

/// What is done with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Change its words.
    Edit,
    /// Take it out.
    Drop,
    /// Show it.
    Approve,
    /// Ask for it to be mailed.
    Queue,
    /// Hand it to the mail server.
    Begin,
    /// The mail server was not reached or put us off: wait and try again.
    PutBack,
    /// The mail server took it.
    Arrive,
    /// It was not mailed.
    Fail,
    /// A person handed it over another way.
    Deliver,
}

/// A step that cannot be taken from a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongStep {
    /// Where the message stands.
    pub state: State,
    /// What was asked for.
    pub step: Step,
}

impl State {
    /// All of them, in the order in which they are passed.
    pub const ALL: [Self; 8] = [
        Self::Draft,
        Self::Dropped,
        Self::Approved,
        Self::Queued,
        Self::Sending,
        Self::Sent,
        Self::Failed,
        Self::Delivered,
    ];

    /// Those that the organisation sees.
    pub const SHOWN: [Self; 6] =
        [Self::Approved, Self::Queued, Self::Sending, Self::Sent, Self::Failed, Self::Delivered];

    /// Its name in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Dropped => "dropped",
            Self::Approved => "approved",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
        }
    }

    /// The state of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Its name for people.
    pub fn text(self) -> Text {
        match self {
            Self::Draft => Text::new("草稿", "a draft"),
            Self::Dropped => Text::new("已舍弃", "dropped"),
            Self::Approved => Text::new("已公布给单位", "shown to the organisation"),
            Self::Queued => Text::new("待发邮件", "waiting to be mailed"),
            Self::Sending => Text::new("正在发送", "being mailed"),
            Self::Sent => Text::new("已发邮件", "mailed"),
            Self::Failed => Text::new("邮件未发出", "not mailed"),
            Self::Delivered => Text::new("已另行送达", "handed over another way"),
        }
    }

    /// The state after `step`.
    ///
    /// # Errors
    /// [`WrongStep`] if the step cannot be taken from here. What was sent stays sent.
    pub fn after(self, step: Step) -> Result<Self, WrongStep> {
        match (step, self) {
            (Step::Edit, Self::Draft) => Ok(Self::Draft),
            (Step::Drop, Self::Draft) => Ok(Self::Dropped),
            (Step::Approve, Self::Draft) => Ok(Self::Approved),
            (Step::Queue, Self::Approved | Self::Failed) => Ok(Self::Queued),
            (Step::Begin, Self::Queued) => Ok(Self::Sending),
            (Step::PutBack, Self::Sending) => Ok(Self::Queued),
            (Step::Arrive, Self::Sending) => Ok(Self::Sent),
            (Step::Fail, Self::Queued | Self::Sending) => Ok(Self::Failed),
            (Step::Deliver, Self::Approved | Self::Failed) => Ok(Self::Delivered),
            _ => Err(WrongStep { state: self, step }),
        }
    }
}

impl fmt::Display for WrongStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not possible in state {:?}", self.step, self.state)
    }
}

impl std::error::Error for WrongStep {}

impl WrongStep {
    /// What stands in the way, and what to do.
    pub fn text(&self) -> Text {
        let state = self.state.text();
        let (zh, en) = match self.step {
            Step::Edit => ("只有草稿可以修改", "Only a draft can be changed"),
            Step::Drop => ("只有草稿可以舍弃", "Only a draft can be dropped"),
            Step::Approve => ("只有草稿可以批准", "Only a draft can be approved"),
            Step::Queue => (
                "只有已批准或发送失败的消息可以发邮件",
                "Only an approved message, or one that failed, can be mailed",
            ),
            Step::Deliver => (
                "只有已批准或发送失败的消息可以标为已另行送达",
                "Only an approved message, or one that failed, can be marked as handed over",
            ),
            Step::Begin | Step::PutBack | Step::Arrive | Step::Fail => {
                ("这条消息已不在发送之中", "This message is not being mailed any more")
            }
        };
        Text::new(
            format!("{zh}，而这条消息{}。请刷新后再看。", state.zh),
            format!("{en}; this one is {}. Reload and look again.", state.en),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_stays_sent_and_nothing_leaves_unapproved() {
        let steps = [
            Step::Edit,
            Step::Drop,
            Step::Approve,
            Step::Queue,
            Step::Begin,
            Step::PutBack,
            Step::Arrive,
            Step::Fail,
            Step::Deliver,
        ];
        for step in steps {
            assert!(State::Sent.after(step).is_err(), "{step:?}");
            assert!(State::Delivered.after(step).is_err(), "{step:?}");
            assert!(State::Dropped.after(step).is_err(), "{step:?}");
        }
        // The only way to the mail server leads over approval.
        let to = |target: State| -> Vec<State> {
            let leads = |state: &State| steps.iter().any(|step| state.after(*step) == Ok(target));
            State::ALL.into_iter().filter(leads).collect()
        };
        assert_eq!(to(State::Sending), [State::Queued]);
        assert_eq!(to(State::Queued), [State::Approved, State::Sending, State::Failed]);
        assert_eq!(to(State::Approved), [State::Draft]);
        assert_eq!(to(State::Delivered), [State::Approved, State::Failed]);
    }

    #[test]
    fn names_read_back() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
        }
        assert_eq!(State::parse("posted"), None);
    }
}
