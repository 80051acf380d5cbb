//! A remark on a place of a report: noted down, sent, answered, resolved.

use zhijian_platform::{Text, Violation};

use super::{
    catalogue::{Catalogue, ReportKind},
    text::is_filled,
};

/// How many characters a remark or an answer may have.
const MAX_BODY: usize = 1000;

/// Where a remark stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Noted down; the school does not see it.
    Unsent,
    /// The school is to answer.
    Open,
    /// The school has answered.
    Answered,
    /// Settled.
    Resolved,
}

impl State {
    const ALL: [Self; 4] = [Self::Unsent, Self::Open, Self::Answered, Self::Resolved];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unsent => "unsent",
            Self::Open => "open",
            Self::Answered => "answered",
            Self::Resolved => "resolved",
        }
    }

    /// The state of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Takes it back before the school has seen it.
    ///
    /// # Errors
    /// [`Misstep`] once it was sent.
    pub fn delete(self) -> Result<(), Misstep> {
        if self == Self::Unsent { Ok(()) } else { Err(Misstep::Sent) }
    }

    /// The school answers.
    ///
    /// # Errors
    /// [`Misstep`] if it was never sent, or is settled.
    pub fn answer(self) -> Result<Self, Misstep> {
        match self {
            Self::Open | Self::Answered => Ok(Self::Answered),
            Self::Unsent => Err(Misstep::Unsent),
            Self::Resolved => Err(Misstep::Resolved),
        }
    }

    /// The commission settles it, or asks again.
    ///
    /// # Errors
    /// [`Misstep`] if it was never sent, or is as asked already.
    pub fn resolve(self, reopen: bool) -> Result<Self, Misstep> {
        match (self, reopen) {
            (Self::Unsent, _) => Err(Misstep::Unsent),
            (Self::Open | Self::Answered, false) => Ok(Self::Resolved),
            (Self::Resolved, false) => Err(Misstep::Resolved),
            (Self::Resolved | Self::Answered, true) => Ok(Self::Open),
            (Self::Open, true) => Err(Misstep::Open),
        }
    }
}

/// What cannot be done to a remark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misstep {
    /// It was not sent yet.
    Unsent,
    /// It was sent.
    Sent,
    /// It waits for an answer already.
    Open,
    /// It is settled.
    Resolved,
}

impl Misstep {
    /// What is in the way.
    pub fn text(self) -> Text {
        match self {
            Self::Unsent => Text::new("这条意见还没有发出。", "This remark was not sent yet."),
            Self::Sent => Text::new(
                "这条意见已经发给学校，不能删除；可以改为“已解决”。",
                "This remark was sent to the school and cannot be deleted; resolve it instead.",
            ),
            Self::Open => Text::new("这条意见正等待学校答复。", "This remark waits for the school's answer."),
            Self::Resolved => Text::new(
                "这条意见已经解决，不能再答复。",
                "This remark is resolved; it cannot be answered any more.",
            ),
        }
    }
}

/// Checks a remark's place and words.
///
/// # Errors
/// Names every field at fault.
pub fn check(
    catalogue: &Catalogue,
    kind: &ReportKind,
    (indicator_code, section_code): (&str, &str),
    body: &str,
) -> Result<(), Vec<Violation>> {
    let mut violations = Vec::new();
    if !indicator_code.is_empty()
        && !catalogue.indicators_of(&kind.code).any(|indicator| indicator.code == indicator_code)
    {
        violations.push(Violation::new(
            "indicator_code",
            format!("这类年报没有指标 {indicator_code:?}。"),
            format!("This kind of report has no indicator {indicator_code:?}."),
        ));
    }
    if !section_code.is_empty() && kind.section(section_code).is_none() {
        violations.push(Violation::new(
            "section_code",
            format!("这类年报没有 {section_code:?} 这一节。"),
            format!("This kind of report has no section {section_code:?}."),
        ));
    }
    if !indicator_code.is_empty() && !section_code.is_empty() {
        violations.push(Violation::new(
            "section_code",
            "一条意见只能针对一处：指标或章节。",
            "A remark has one place: an indicator or a section.",
        ));
    }
    violations.extend(words("body", body).err());
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}

/// Checks the words of a remark or an answer.
///
/// # Errors
/// What is wrong with them.
pub fn words(field: &str, text: &str) -> Result<(), Violation> {
    if is_filled(text, MAX_BODY) {
        return Ok(());
    }
    Err(Violation::new(field, "请写 1–1000 字。", "Write 1–1000 characters."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::Catalogues;

    #[test]
    fn a_remark_is_answered_after_it_was_sent_and_until_it_is_settled() {
        assert!(State::ALL.into_iter().all(|state| State::parse(state.as_str()) == Some(state)));
        assert_eq!(State::Unsent.delete(), Ok(()));
        assert_eq!(State::Open.delete(), Err(Misstep::Sent));
        assert_eq!(State::Unsent.answer(), Err(Misstep::Unsent));
        let answered = State::Open.answer().and_then(State::answer).expect("answers can be replaced");
        let resolved = answered.resolve(false).expect("settled");
        assert_eq!(resolved.answer(), Err(Misstep::Resolved));
        assert_eq!(resolved.resolve(true), Ok(State::Open));
        assert_eq!(State::Open.resolve(true), Err(Misstep::Open));
    }

    #[test]
    fn a_remark_has_one_place_of_this_report() {
        let catalogue = Catalogues::shipped().get(2025).expect("2025 is shipped");
        let kind = catalogue.kind("higher").expect("a kind");
        let fields = |place, body: &str| -> Vec<String> {
            let violations = check(catalogue, kind, place, body).err().unwrap_or_default();
            violations.into_iter().map(|violation| violation.field).collect()
        };
        assert!(fields(("SC01", ""), "请核对").is_empty() && fields(("", "talent"), "请核对").is_empty());
        assert!(fields(("", ""), "总体不错").is_empty());
        assert_eq!(fields(("ENT01", ""), " "), ["indicator_code", "body"]);
        assert_eq!(fields(("SC01", "talent"), "请核对"), ["section_code"]);
    }
}
