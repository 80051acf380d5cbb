//! The states of a release: draft → compiled → notice → published.

use std::fmt;

use chrono::NaiveDate;
use zhijian_platform::{Error, Text};

use zhijian_platform::{Calendar, written};

/// The longest public notice, in working days.
pub const MAX_WORKING_DAYS: u32 = 60;

/// How far a release is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    Draft,
    Compiled,
    Notice,
    Published,
}

impl State {
    /// Every state, in order.
    pub const ALL: [Self; 4] = [Self::Draft, Self::Compiled, Self::Notice, Self::Published];

    /// How the database spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Compiled => "compiled",
            Self::Notice => "notice",
            Self::Published => "published",
        }
    }

    /// The state that the database spells so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether everyone may read the release.
    pub fn is_public(self) -> bool {
        matches!(self, Self::Notice | Self::Published)
    }

    /// The name for people.
    pub fn name(self) -> Text {
        match self {
            Self::Draft => Text::new("草稿", "a draft"),
            Self::Compiled => Text::new("已编制", "compiled"),
            Self::Notice => Text::new("公示中", "under public notice"),
            Self::Published => Text::new("已发布", "published"),
        }
    }

    /// Whether the tables may be computed, for the first time or again.
    ///
    /// # Errors
    /// [`Refusal::Shown`] once the public has seen them.
    pub fn check_compile(self) -> Result<(), Refusal> {
        match self {
            Self::Draft | Self::Compiled => Ok(()),
            state => Err(Refusal::Shown(state)),
        }
    }

    /// Opens the public notice on `today`.
    ///
    /// # Errors
    /// [`Refusal::NotCompiled`] before there are tables, [`Refusal::Shown`] if it was opened already.
    pub fn open_notice(
        self,
        today: NaiveDate,
        working_days: u32,
        calendar: &Calendar,
    ) -> Result<Notice, Refusal> {
        match self {
            Self::Draft => Err(Refusal::NotCompiled),
            Self::Compiled if working_days > MAX_WORKING_DAYS => Err(Refusal::TooLong),
            Self::Compiled => {
                let end = calendar.working_days_after(today, working_days).ok_or(Refusal::TooLong)?;
                Ok(Notice { start: today, end, working_days })
            }
            state => Err(Refusal::Shown(state)),
        }
    }

    /// Whether the release may become final on `today`.
    ///
    /// # Errors
    /// [`Refusal::NoNotice`] before the notice, [`Refusal::NoticeRuns`] before it has ended, [`Refusal::Shown`] if it
    /// is final already.
    pub fn check_publish(self, notice: Option<&Notice>, today: NaiveDate) -> Result<(), Refusal> {
        match (self, notice) {
            (Self::Notice, Some(notice)) if notice.has_ended(today) => Ok(()),
            (Self::Notice, Some(notice)) => Err(Refusal::NoticeRuns(*notice)),
            (Self::Published, _) => Err(Refusal::Shown(self)),
            _ => Err(Refusal::NoNotice(self)),
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A public notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// The day on which it was opened; not counted.
    pub start: NaiveDate,
    /// Its last working day, counted whole.
    pub end: NaiveDate,
    pub working_days: u32,
}

impl Notice {
    /// Whether it is over on `today`. A notice of no working days is over at once.
    pub fn has_ended(&self, today: NaiveDate) -> bool {
        self.working_days == 0 || today > self.end
    }
}

/// Why a release cannot make a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The public has seen the tables.
    #[error("the release is {0}")]
    Shown(State),
    /// There are no tables yet.
    #[error("the release has not been compiled")]
    NotCompiled,
    /// The notice is over the limit.
    #[error("a notice lasts at most {MAX_WORKING_DAYS} working days")]
    TooLong,
    /// The release has not been under notice.
    #[error("the release is {0}, not under notice")]
    NoNotice(State),
    /// The notice has not ended.
    #[error("the notice runs until {}", .0.end)]
    NoticeRuns(Notice),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let (zh, en) = match refusal {
            Refusal::Shown(state) => {
                let name = state.name();
                (
                    format!("发布{}，内容不能再改动。", name.zh),
                    format!("The release is {}; it can no longer be changed.", name.en),
                )
            }
            Refusal::NotCompiled => (
                "发布还没有编制表格：请先编制，完成后再开始公示。".to_owned(),
                "The release has no tables yet: compile it first, then open the notice.".to_owned(),
            ),
            Refusal::TooLong => {
                return Self::invalid(
                    "working_days",
                    format!("公示期须为 0–{MAX_WORKING_DAYS} 个工作日。"),
                    format!("A notice lasts 0–{MAX_WORKING_DAYS} working days."),
                );
            }
            Refusal::NoNotice(state) => {
                let name = state.name();
                (
                    format!("发布{}，尚未公示：请先公示，期满后再发布。", name.zh),
                    format!(
                        "The release is {}: open the public notice first and publish when it has ended.",
                        name.en
                    ),
                )
            }
            Refusal::NoticeRuns(notice) => {
                let end = written(notice.end);
                (
                    format!("公示期到{}为止：请在期满后发布。", end.zh),
                    format!("The public notice runs through {}: publish after that.", end.en),
                )
            }
        };
        Self::illegal_state("release", zh, en)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn only_what_the_public_has_not_seen_may_be_compiled() {
        assert_eq!(State::Draft.check_compile(), Ok(()));
        assert_eq!(State::Compiled.check_compile(), Ok(()));
        assert_eq!(State::Notice.check_compile(), Err(Refusal::Shown(State::Notice)));
        assert_eq!(State::Published.check_compile(), Err(Refusal::Shown(State::Published)));
    }

    #[test]
    fn a_notice_wants_tables_and_at_most_sixty_days() {
        let calendar = Calendar::default();
        let today = day("2031-11-24");
        assert_eq!(State::Draft.open_notice(today, 5, &calendar), Err(Refusal::NotCompiled));
        assert_eq!(State::Compiled.open_notice(today, 61, &calendar), Err(Refusal::TooLong));
        assert_eq!(State::Notice.open_notice(today, 5, &calendar), Err(Refusal::Shown(State::Notice)));
        let notice = State::Compiled.open_notice(today, 5, &calendar).expect("compiled");
        assert_eq!(notice, Notice { start: today, end: day("2031-12-01"), working_days: 5 });
    }

    #[test]
    fn nothing_is_published_before_its_notice_has_ended() {
        let notice = Notice { start: day("2026-11-23"), end: day("2026-11-30"), working_days: 5 };
        let publish = |today| State::Notice.check_publish(Some(&notice), day(today));
        assert_eq!(publish("2026-11-23"), Err(Refusal::NoticeRuns(notice)));
        assert_eq!(publish("2026-11-30"), Err(Refusal::NoticeRuns(notice)));
        assert_eq!(publish("2026-12-01"), Ok(()));
        let none = Notice { start: notice.start, end: notice.start, working_days: 0 };
        assert_eq!(State::Notice.check_publish(Some(&none), notice.start), Ok(()));
        assert_eq!(
            State::Compiled.check_publish(None, notice.start),
            Err(Refusal::NoNotice(State::Compiled))
        );
        assert_eq!(
            State::Published.check_publish(Some(&none), notice.start),
            Err(Refusal::Shown(State::Published))
        );
    }

    #[test]
    fn states_survive_the_database() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
        }
        assert_eq!(State::parse("gone"), None);
    }
}
