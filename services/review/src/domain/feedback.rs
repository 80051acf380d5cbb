//! Feedback: what the chair makes of the reviewers' comments for the school.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use zhijian_platform::{Error, Violation};

use super::{UnknownWord, scheme::Scheme};

const MAX_OVERALL: usize = 2000;
const MAX_REMARK: usize = 1000;

/// The words for a school about one entry.
#[derive(Debug, Clone)]
pub struct Feedback {
    /// What it is about.
    pub entry_id: String,
    /// Whether the school may read it.
    pub state: State,
    /// About the programme as a whole.
    pub overall: String,
    /// About elements, in the scheme's order.
    pub remarks: Vec<Remark>,
    /// Counts its changes; 0 before it was ever kept.
    pub version: i64,
}

/// What is said about one element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// The element's code.
    pub element_code: String,
    /// The words.
    pub body: String,
}

/// Whether a school may read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The chair still words it.
    Draft,
    /// The school reads it once the grades are revealed.
    Approved,
}

impl Feedback {
    /// Nothing yet.
    pub fn none(entry_id: &str) -> Self {
        Self {
            entry_id: entry_id.to_owned(),
            state: State::Draft,
            overall: String::new(),
            remarks: vec![],
            version: 0,
        }
    }

    /// Checks that the words may still change.
    ///
    /// # Errors
    /// FAILED_PRECONDITION once they are approved.
    pub fn edit(&self) -> Result<(), Error> {
        match self.state {
            State::Draft => Ok(()),
            State::Approved => Err(Error::illegal_state(
                "state",
                "反馈意见已经审定，不能再改。",
                "The feedback is approved and cannot change any more.",
            )),
        }
    }
}

/// Reads the words as they were sent.
///
/// # Errors
/// Names every field at fault.
pub fn read(
    scheme: &Scheme,
    overall: &str,
    given: &[(String, String)],
) -> Result<(String, Vec<Remark>), Error> {
    let mut faults = Vec::new();
    let long = |text: &str, most: usize| text.trim().chars().count() > most;
    if long(overall, MAX_OVERALL) {
        faults.push(Violation::new("overall", "总体意见最多 2000 字。", "At most 2000 characters."));
    }
    for (place, (code, body)) in given.iter().enumerate() {
        if !scheme.elements().iter().any(|element| element.code == *code)
            || given[..place].iter().any(|(before, _)| before == code)
        {
            faults.push(Violation::new(
                format!("remarks[{place}].element_code"),
                "没有这个要素，或者写了两次。",
                "There is no such element, or it is named twice.",
            ));
        }
        if long(body, MAX_REMARK) {
            faults.push(Violation::new(
                format!("remarks[{place}].body"),
                "每个要素最多 1000 字。",
                "At most 1000 characters an element.",
            ));
        }
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let remarks = scheme.elements().iter().filter_map(|element| {
        let (_, body) = given.iter().find(|(code, body)| *code == element.code && !body.trim().is_empty())?;
        Some(Remark { element_code: element.code.clone(), body: body.trim().to_owned() })
    });
    Ok((overall.trim().to_owned(), remarks.collect()))
}

impl State {
    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Approved => "approved",
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
            "draft" => Ok(Self::Draft),
            "approved" => Ok(Self::Approved),
            _ => Err(UnknownWord { kind: "state of feedback", word: word.to_owned() }),
        }
    }
}
