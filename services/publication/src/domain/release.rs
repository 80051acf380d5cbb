//! The states of a release: draft → compiled → notice → published → corrected | withdrawn, and who moves it.
//!
//! Two people publish: one proposes, another one confirms. What has been published is never changed: a correction is
//! prepared beside it and becomes the next version when two people agree again.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use zhijian_platform::{Calendar, Text};

mod refusal;
#[cfg(test)]
mod tests;

pub use refusal::Refusal;

/// The longest public notice, in working days.
pub const MAX_WORKING_DAYS: u32 = 60;

/// How far a release is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    Draft,
    Compiled,
    Notice,
    Published,
    /// Published, and corrected since.
    Corrected,
    /// Taken back; what was published stays at the addresses of its versions.
    Withdrawn,
}

impl State {
    /// Every state, in order.
    pub const ALL: [Self; 6] =
        [Self::Draft, Self::Compiled, Self::Notice, Self::Published, Self::Corrected, Self::Withdrawn];

    /// How the database spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Compiled => "compiled",
            Self::Notice => "notice",
            Self::Published => "published",
            Self::Corrected => "corrected",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state that the database spells so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether everyone may read the release.
    pub fn is_public(self) -> bool {
        !matches!(self, Self::Draft | Self::Compiled)
    }

    /// Whether it has been published, whatever became of it.
    pub fn is_published(self) -> bool {
        matches!(self, Self::Published | Self::Corrected | Self::Withdrawn)
    }

    /// The name for people.
    pub fn name(self) -> Text {
        match self {
            Self::Draft => Text::new("是草稿", "a draft"),
            Self::Compiled => Text::new("已编制", "compiled"),
            Self::Notice => Text::new("正在公示", "under public notice"),
            Self::Published => Text::new("已发布", "published"),
            Self::Corrected => Text::new("已更正", "corrected"),
            Self::Withdrawn => Text::new("已撤回", "withdrawn"),
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

/// What sort of version this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The first one.
    Original,
    /// A slip is mended (勘误).
    Erratum,
    /// Data or method changed (修订).
    Revision,
    /// Something is added (补充).
    Addition,
    /// The release is taken back (撤回).
    Withdrawal,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Original, Self::Erratum, Self::Revision, Self::Addition, Self::Withdrawal];

    /// How the database and the bundles spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Erratum => "erratum",
            Self::Revision => "revision",
            Self::Addition => "addition",
            Self::Withdrawal => "withdrawal",
        }
    }

    /// The kind that is spelt so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The name for people.
    pub fn name(self) -> Text {
        match self {
            Self::Original => Text::new("首次发布", "original"),
            Self::Erratum => Text::new("勘误", "erratum"),
            Self::Revision => Text::new("修订", "revision"),
            Self::Addition => Text::new("补充", "addition"),
            Self::Withdrawal => Text::new("撤回", "withdrawal"),
        }
    }
}

/// Somebody, at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    pub account_id: String,
    pub name: String,
    pub time: DateTime<Utc>,
}

/// A correction that is being prepared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    pub kind: Kind,
    /// What is announced.
    pub text: Text,
    pub opened: Signature,
    /// Whether its tables have been computed; a withdrawal has none.
    pub compiled: bool,
}

/// The life of a release so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    pub state: State,
    /// Set once the notice has been opened.
    pub notice: Option<Notice>,
    /// Who has proposed to publish, until it is published or taken back.
    pub proposal: Option<Signature>,
    /// What is being prepared beside what is published.
    pub correction: Option<Correction>,
    /// The version that the public reads; 0 before the first.
    pub version: u32,
}

/// What a publication makes: the version and what it is announced with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub version: u32,
    pub kind: Kind,
    /// Of a correction.
    pub text: Option<Text>,
    pub proposed: Signature,
}

impl Life {
    /// A draft's.
    pub fn new() -> Self {
        Self { state: State::Draft, notice: None, proposal: None, correction: None, version: 0 }
    }

    /// Whether the tables may be computed, for the first time or again.
    ///
    /// # Errors
    /// [`Refusal::Shown`] once the public has seen them, unless a correction is being prepared; [`Refusal::Proposed`]
    /// while somebody has proposed to publish them.
    pub fn check_compile(&self) -> Result<(), Refusal> {
        if self.proposal.is_some() {
            return Err(Refusal::Proposed);
        }
        match (self.state, &self.correction) {
            (State::Draft | State::Compiled, _) => Ok(()),
            (_, Some(correction)) if correction.kind == Kind::Withdrawal => Err(Refusal::NothingToCompile),
            (_, Some(_)) => Ok(()),
            (state, None) => Err(Refusal::Shown(state)),
        }
    }

    /// Notes that the tables have been computed.
    ///
    /// # Errors
    /// As [`Self::check_compile`].
    pub fn compiled(&mut self) -> Result<(), Refusal> {
        self.check_compile()?;
        match &mut self.correction {
            Some(correction) => correction.compiled = true,
            None => self.state = State::Compiled,
        }
        Ok(())
    }

    /// Opens the public notice on `today`.
    ///
    /// # Errors
    /// [`Refusal::NotCompiled`] before there are tables, [`Refusal::Shown`] if it was opened already.
    pub fn open_notice(
        &mut self,
        today: NaiveDate,
        working_days: u32,
        calendar: &Calendar,
    ) -> Result<Notice, Refusal> {
        match self.state {
            State::Draft => Err(Refusal::NotCompiled),
            State::Compiled if working_days > MAX_WORKING_DAYS => Err(Refusal::TooLong),
            State::Compiled => {
                let end = calendar.working_days_after(today, working_days).ok_or(Refusal::TooLong)?;
                let notice = Notice { start: today, end, working_days };
                self.state = State::Notice;
                self.notice = Some(notice);
                Ok(notice)
            }
            state => Err(Refusal::Shown(state)),
        }
    }

    /// Whether there is something to publish on `today`. `open` counts the objections that nobody has answered.
    ///
    /// # Errors
    /// Says what stands in the way.
    pub fn check_ready(&self, today: NaiveDate, open: u64) -> Result<(), Refusal> {
        match (self.state, self.notice, &self.correction) {
            (State::Draft | State::Compiled, _, _) | (State::Notice, None, _) => {
                Err(Refusal::NoNotice(self.state))
            }
            (State::Notice, Some(notice), _) if !notice.has_ended(today) => Err(Refusal::NoticeRuns(notice)),
            (State::Notice, Some(_), _) if open > 0 => Err(Refusal::ObjectionsOpen(open)),
            (State::Notice, Some(_), _) => Ok(()),
            (state, _, None) => Err(Refusal::Shown(state)),
            (_, _, Some(correction)) if correction.compiled || correction.kind == Kind::Withdrawal => Ok(()),
            (_, _, Some(_)) => Err(Refusal::CorrectionNotCompiled),
        }
    }

    /// Proposes to publish.
    ///
    /// # Errors
    /// As [`Self::check_ready`]; [`Refusal::Proposed`] if somebody has proposed it already.
    pub fn propose(&mut self, by: Signature, today: NaiveDate, open: u64) -> Result<(), Refusal> {
        self.check_ready(today, open)?;
        if self.proposal.is_some() {
            return Err(Refusal::Proposed);
        }
        self.proposal = Some(by);
        Ok(())
    }

    /// Takes a proposal back.
    ///
    /// # Errors
    /// [`Refusal::NotProposed`] if there is none.
    pub fn take_back(&mut self) -> Result<Signature, Refusal> {
        self.proposal.take().ok_or(Refusal::NotProposed)
    }

    /// Whether the account may confirm the proposal on `today`.
    ///
    /// # Errors
    /// As [`Self::check_ready`]; [`Refusal::NotProposed`] before anybody has proposed it, [`Refusal::SamePerson`] if
    /// this account has.
    pub fn check_confirm(&self, account_id: &str, today: NaiveDate, open: u64) -> Result<(), Refusal> {
        self.check_ready(today, open)?;
        match &self.proposal {
            None => Err(Refusal::NotProposed),
            Some(proposal) if proposal.account_id == account_id => Err(Refusal::SamePerson),
            Some(_) => Ok(()),
        }
    }

    /// Publishes what was proposed.
    ///
    /// # Errors
    /// As [`Self::check_confirm`].
    pub fn confirm(&mut self, account_id: &str, today: NaiveDate, open: u64) -> Result<Made, Refusal> {
        self.check_confirm(account_id, today, open)?;
        let proposed = self.take_back()?;
        let correction = self.correction.take();
        self.version += 1;
        let kind = correction.as_ref().map_or(Kind::Original, |correction| correction.kind);
        self.state = match kind {
            Kind::Original => State::Published,
            Kind::Erratum | Kind::Revision | Kind::Addition => State::Corrected,
            Kind::Withdrawal => State::Withdrawn,
        };
        Ok(Made { version: self.version, kind, text: correction.map(|correction| correction.text), proposed })
    }

    /// Begins a correction beside what is published.
    ///
    /// # Errors
    /// [`Refusal::NotPublished`] before there is anything to correct, [`Refusal::Shown`] once it was withdrawn,
    /// [`Refusal::CorrectionOpen`] while another is being prepared.
    pub fn open_correction(&mut self, kind: Kind, text: Text, by: Signature) -> Result<(), Refusal> {
        match (self.state, &self.correction) {
            (State::Published | State::Corrected, None) => {
                self.correction = Some(Correction { kind, text, opened: by, compiled: false });
                Ok(())
            }
            (State::Published | State::Corrected, Some(_)) => Err(Refusal::CorrectionOpen),
            (State::Withdrawn, _) => Err(Refusal::Shown(State::Withdrawn)),
            (state, _) => Err(Refusal::NotPublished(state)),
        }
    }

    /// Gives a correction up; a proposal to publish it goes with it.
    ///
    /// # Errors
    /// [`Refusal::NoCorrection`] if none is being prepared.
    pub fn drop_correction(&mut self) -> Result<Correction, Refusal> {
        let dropped = self.correction.take().ok_or(Refusal::NoCorrection)?;
        self.proposal = None;
        Ok(dropped)
    }
}

impl Default for Life {
    fn default() -> Self {
        Self::new()
    }
}
