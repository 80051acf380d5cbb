//! The life of a submission: which moves are possible from which state.

use std::fmt;

use chrono::{DateTime, Utc};
use zhijian_platform::{Text, Violation};

use super::text::is_filled;

/// How long the name and the office of a declaration may be.
const MAX_NAME: usize = 60;

/// Where a submission stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Being filled in.
    Draft,
    /// Declared true by the head; not yet handed in.
    Approved,
    /// Handed in; its revision is frozen.
    Submitted,
    /// Taken up by the commission.
    UnderReview,
    /// Sent back to be mended.
    Returned,
    /// Taken into the year's results.
    Accepted,
    /// Part of the released results.
    Published,
    /// Part of the released results, and put right since.
    Corrected,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Draft,
        Self::Approved,
        Self::Submitted,
        Self::UnderReview,
        Self::Returned,
        Self::Accepted,
        Self::Published,
        Self::Corrected,
    ];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Approved => "approved",
            Self::Submitted => "submitted",
            Self::UnderReview => "under_review",
            Self::Returned => "returned",
            Self::Accepted => "accepted",
            Self::Published => "published",
            Self::Corrected => "corrected",
        }
    }

    /// The state of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Its name for people.
    pub fn text(self) -> Text {
        match self {
            Self::Draft => Text::new("草稿", "draft"),
            Self::Approved => Text::new("已审定", "approved"),
            Self::Submitted => Text::new("已提交", "submitted"),
            Self::UnderReview => Text::new("审核中", "under review"),
            Self::Returned => Text::new("已退回", "returned"),
            Self::Accepted => Text::new("已接收", "accepted"),
            Self::Published => Text::new("已发布", "published"),
            Self::Corrected => Text::new("已更正", "corrected"),
        }
    }

    /// The state after `step`.
    ///
    /// # Errors
    /// [`IllegalMove`] if the step cannot be taken from here.
    pub fn after(self, step: Move) -> Result<Self, IllegalMove> {
        match (step, self) {
            // What was declared true, or sent back, is neither any more once it is changed.
            (Move::Edit, Self::Draft | Self::Approved | Self::Returned) => Ok(Self::Draft),
            // An explanation changes nothing that was declared, but it may be all that was asked for.
            (Move::Explain, Self::Draft | Self::Returned) => Ok(Self::Draft),
            (Move::Explain, Self::Approved) => Ok(Self::Approved),
            (Move::Approve, Self::Draft) => Ok(Self::Approved),
            (Move::Submit, Self::Approved) => Ok(Self::Submitted),
            (Move::StartReview, Self::Submitted) => Ok(Self::UnderReview),
            (Move::Return, Self::Submitted | Self::UnderReview) => Ok(Self::Returned),
            (Move::Accept, Self::Submitted | Self::UnderReview) => Ok(Self::Accepted),
            (Move::Publish, Self::Accepted) => Ok(Self::Published),
            (Move::Correct, Self::Accepted | Self::Published | Self::Corrected) => Ok(Self::Draft),
            _ => Err(IllegalMove { step, state: self }),
        }
    }
}

/// Where a report goes when it is accepted: one put right after its release is corrected.
pub fn accepted(corrected_from: Option<State>) -> State {
    match corrected_from {
        Some(State::Published | State::Corrected) => State::Corrected,
        _ => State::Accepted,
    }
}

/// What can be done to a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Move {
    /// Change a cell or a section.
    Edit,
    /// Answer a warning.
    Explain,
    /// Declare the content true.
    Approve,
    /// Hand it in.
    Submit,
    /// Take it up.
    StartReview,
    /// Send it back.
    Return,
    /// Take it into the results.
    Accept,
    /// Release it with the year's results.
    Publish,
    /// Open it again although it is in the results.
    Correct,
}

impl Move {
    /// Every move.
    pub const ALL: [Self; 9] = [
        Self::Edit,
        Self::Explain,
        Self::Approve,
        Self::Submit,
        Self::StartReview,
        Self::Return,
        Self::Accept,
        Self::Publish,
        Self::Correct,
    ];

    /// Whether the school makes it, so that deadlines hold for it.
    pub fn is_schools(self) -> bool {
        matches!(self, Self::Edit | Self::Explain | Self::Approve | Self::Submit)
    }

    fn text(self) -> Text {
        match self {
            Self::Edit => Text::new("修改", "changed"),
            Self::Explain => Text::new("作说明", "explained"),
            Self::Approve => Text::new("审定", "approved"),
            Self::Submit => Text::new("提交", "submitted"),
            Self::StartReview => Text::new("开始审核", "taken up"),
            Self::Return => Text::new("退回", "returned"),
            Self::Accept => Text::new("接收", "accepted"),
            Self::Publish => Text::new("发布", "published"),
            Self::Correct => Text::new("更正", "corrected"),
        }
    }
}

/// A move that the state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{step:?} is not possible from {state:?}")]
pub struct IllegalMove {
    /// What was to be done.
    pub step: Move,
    /// Where the submission stands.
    pub state: State,
}

impl IllegalMove {
    /// Whether asking somebody would help.
    pub fn wants_contact(&self) -> bool {
        self.step.is_schools() && !matches!(self.state, State::Draft | State::Approved | State::Returned)
    }

    /// What is in the way and what to do.
    pub fn text(&self) -> Text {
        let (state, step) = (self.state.text(), self.step.text());
        let (zh, en) = self.advice();
        Text::new(
            format!("年报现在是“{}”，不能{}。{zh}", state.zh, step.zh),
            format!("The report is {} and cannot be {}. {en}", state.en, step.en),
        )
    }

    fn advice(&self) -> (&'static str, &'static str) {
        match (self.step, self.state) {
            (Move::Submit, State::Draft | State::Returned) => {
                ("请先由负责人审定。", "Have the head approve it first.")
            }
            (Move::Approve, State::Returned) => {
                ("请先按退回意见修改。", "Mend what the comment asks for first.")
            }
            (Move::Edit | Move::Explain, State::Submitted | State::UnderReview) => {
                ("如需修改，请联系退回。", "Ask for its return if it must be changed.")
            }
            (Move::Correct, _) => {
                ("只有已进入结果的年报才能更正。", "Only what is in the results can be corrected.")
            }
            (_, State::Accepted | State::Published | State::Corrected) => (
                "已进入结果的年报不再变动；确需修改，请申请更正。",
                "What is in the results does not change any more; ask for a correction if it must.",
            ),
            _ => ("请刷新页面查看最新状态。", "Read it again to see where it stands."),
        }
    }
}

/// The head's word that the content is true (内容真实性责任声明).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// Who declares.
    pub name: String,
    /// In what office.
    pub office: String,
    /// When.
    pub time: DateTime<Utc>,
}

impl Declaration {
    /// Reads the declaration of a name and an office.
    ///
    /// # Errors
    /// Names the parts that are missing or too long.
    pub fn new(name: &str, office: &str, time: DateTime<Utc>) -> Result<Self, Vec<Violation>> {
        let parts = [
            ("declaration.name", name, "声明人姓名应为 1–60 字。", "The name has 1–60 characters."),
            ("declaration.office", office, "声明人职务应为 1–60 字。", "The office has 1–60 characters."),
        ];
        let violations: Vec<Violation> = parts
            .into_iter()
            .filter(|(_, given, ..)| !is_filled(given, MAX_NAME))
            .map(|(field, _, zh, en)| Violation::new(field, zh, en))
            .collect();
        if !violations.is_empty() {
            return Err(violations);
        }
        Ok(Self { name: name.trim().to_owned(), office: office.trim().to_owned(), time })
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::select};

    use super::*;

    /// What must be true of a submission, told by its history alone.
    #[derive(Debug, Clone, Copy, Default)]
    struct History {
        declared: bool,
        handed_in: bool,
        accepted: bool,
        published: bool,
    }

    impl History {
        fn take(&mut self, step: Move) {
            match step {
                Move::Edit => *self = Self::default(),
                Move::Explain => {}
                Move::Approve => self.declared = true,
                Move::Submit => self.handed_in = true,
                Move::StartReview => {}
                Move::Return => (self.handed_in, self.declared) = (false, false),
                Move::Accept => self.accepted = true,
                Move::Publish => self.published = true,
                Move::Correct => *self = Self::default(),
            }
        }
    }

    proptest! {
        #[test]
        fn a_submission_is_what_its_history_says(steps in prop::collection::vec(select(&Move::ALL[..]), 0..60)) {
            let mut state = State::Draft;
            let mut history = History::default();
            for step in steps {
                match state.after(step) {
                    Ok(next) => {
                        history.take(step);
                        state = next;
                    }
                    Err(refused) => prop_assert_eq!(refused, IllegalMove { step, state }),
                }
                prop_assert_eq!(history.published, state == State::Published);
                prop_assert_eq!(history.accepted, matches!(state, State::Accepted | State::Published));
                prop_assert_eq!(
                    history.handed_in,
                    matches!(state, State::Submitted | State::UnderReview | State::Accepted | State::Published)
                );
                // Nothing is handed in, let alone accepted, that was not declared true as it is.
                prop_assert_eq!(history.declared, !matches!(state, State::Draft | State::Returned));
            }
        }
    }

    #[test]
    fn every_state_is_reached_and_none_ends_the_life() {
        let mut reached = vec![State::Draft];
        let mut at = 0;
        while let Some(state) = reached.get(at).copied() {
            for next in Move::ALL.into_iter().filter_map(|step| state.after(step).ok()) {
                if !reached.contains(&next) {
                    reached.push(next);
                }
            }
            at += 1;
        }
        // A report that is put right after its release is accepted as corrected.
        reached.push(accepted(Some(State::Published)));
        assert_eq!(reached.len(), State::ALL.len());
        assert!(State::ALL.iter().all(|state| Move::ALL.iter().any(|step| state.after(*step).is_ok())));
        assert_eq!([None, Some(State::Accepted)].map(accepted), [State::Accepted; 2]);
    }

    #[test]
    fn names_read_back() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
        }
        assert_eq!(State::parse("lost"), None);
    }

    #[test]
    fn a_declaration_wants_a_name_and_an_office() {
        let now = Utc::now();
        let violations = Declaration::new(" ", &"长".repeat(61), now).unwrap_err();
        let fields: Vec<&str> = violations.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(fields, ["declaration.name", "declaration.office"]);
        assert!(Declaration::new("张三", "校长", now).is_ok());
    }
}
