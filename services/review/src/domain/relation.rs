//! Relations that experts declare: what connects them with an organisation, or with one programme of it.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use zhijian_platform::{Error, Text, Violation};

use super::{UnknownWord, entry::is_organisation_code, when};

/// The most relations that one expert declares.
pub const MOST: usize = 200;
const MAX_NOTE: usize = 200;

/// What connects an expert with an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// Identifies it ("rel_…").
    pub id: String,
    /// Whose it is.
    pub account_id: String,
    /// What it is.
    pub kind: Kind,
    /// The organisation.
    pub organisation_code: String,
    /// One programme of it; empty for all.
    pub programme_code: String,
    /// What there is to say.
    pub note: String,
    /// When it ended, as exactly as it is known; empty while it lasts.
    pub ended_on: String,
    /// The expert declared it, not the chair.
    pub by_self: bool,
    /// When it was declared.
    pub declare_time: DateTime<Utc>,
}

/// What a relation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A relative works or studies there.
    Kin,
    /// A joint publication.
    CoAuthor,
    /// A joint project.
    ProjectPartner,
    /// Teacher and student.
    Teacher,
    /// Works for it besides: part-time, adviser, board.
    Adviser,
    /// Has money in it.
    Interest,
    /// Anything else.
    Other,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Kin,
        Self::CoAuthor,
        Self::ProjectPartner,
        Self::Teacher,
        Self::Adviser,
        Self::Interest,
        Self::Other,
    ];

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kin => "kin",
            Self::CoAuthor => "co-author",
            Self::ProjectPartner => "project-partner",
            Self::Teacher => "teacher",
            Self::Adviser => "adviser",
            Self::Interest => "interest",
            Self::Other => "other",
        }
    }

    /// What people call it; files have it by these words.
    pub fn name(self) -> Text {
        let (zh, en) = match self {
            Self::Kin => ("亲属", "Kin"),
            Self::CoAuthor => ("合著者", "Co-author"),
            Self::ProjectPartner => ("项目合作", "Project partner"),
            Self::Teacher => ("师生", "Teacher or student"),
            Self::Adviser => ("兼职顾问", "Adviser"),
            Self::Interest => ("经济利益", "Interest"),
            Self::Other => ("其他", "Other"),
        };
        Text::new(zh, en)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let known = Self::ALL.into_iter().find(|kind| kind.as_str() == word);
        known.ok_or_else(|| UnknownWord { kind: "kind of relation", word: word.to_owned() })
    }
}

/// Fields of a declaration that are wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} fields of the relation are wrong", .0.len())]
pub struct RelationError(pub Vec<Violation>);

impl From<RelationError> for Error {
    fn from(RelationError(faults): RelationError) -> Self {
        Self::Invalid(faults)
    }
}

impl Relation {
    /// Checks a declaration whose kind is known.
    ///
    /// # Errors
    /// [`RelationError`] names every field at fault.
    pub fn check(self) -> Result<Self, RelationError> {
        let mut faults = Vec::new();
        if !is_organisation_code(&self.organisation_code) {
            faults.push(Violation::new(
                "relation.organisation_code",
                format!("“{}”不是单位代码：请填十位数字。", self.organisation_code),
                format!("{:?} is no organisation code: give its ten digits.", self.organisation_code),
            ));
        }
        if !self.programme_code.is_empty() && !is_programme_code(&self.programme_code) {
            faults.push(Violation::new(
                "relation.programme_code",
                format!("“{}”不是专业代码：请填六位代码，或留空表示整个单位。", self.programme_code),
                format!(
                    "{:?} is no programme code: give its six digits, or leave it empty for the whole organisation.",
                    self.programme_code
                ),
            ));
        }
        if self.note.chars().count() > MAX_NOTE || self.note.chars().any(|c| c.is_control() && c != '\n') {
            faults.push(Violation::new(
                "relation.note",
                format!("说明最多 {MAX_NOTE} 字。"),
                format!("A note has at most {MAX_NOTE} characters."),
            ));
        }
        if !self.ended_on.is_empty() && when::last_day(&self.ended_on).is_none() {
            faults.push(not_a_day("relation.ended_on", &self.ended_on));
        }
        if self.kind == Kind::Other && self.note.is_empty() {
            faults.push(Violation::new(
                "relation.note",
                "选择“其他”时请说明是什么关系。",
                "Say what the relation is where it is another.",
            ));
        }
        if faults.is_empty() { Ok(self) } else { Err(RelationError(faults)) }
    }

    /// Whether it speaks of this programme of this organisation.
    pub fn concerns(&self, organisation_code: &str, programme_code: &str) -> bool {
        self.organisation_code == organisation_code
            && (self.programme_code.is_empty() || self.programme_code == programme_code)
    }
}

/// A text that should be a day and is none.
pub fn not_a_day(field: &str, text: &str) -> Violation {
    Violation::new(
        field,
        format!("“{text}”不是日期：知道多少写多少，例如 2023、2023-08 或 2023-08-31。"),
        format!("{text:?} is no date: be as exact as you can, such as 2023, 2023-08 or 2023-08-31."),
    )
}

fn is_programme_code(text: &str) -> bool {
    text.len() >= 6
        && text.len() <= 8
        && text.bytes().take(6).all(|byte| byte.is_ascii_digit())
        && text.bytes().skip(6).all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relation() -> Relation {
        Relation {
            id: "rel_1".into(),
            account_id: "acc_1".into(),
            kind: Kind::Kin,
            organisation_code: "3611000001".into(),
            programme_code: String::new(),
            note: String::new(),
            ended_on: String::new(),
            by_self: true,
            declare_time: DateTime::default(),
        }
    }

    #[test]
    fn every_field_at_fault_is_named() {
        assert!(relation().check().is_ok());
        let bad = Relation {
            kind: Kind::Other,
            organisation_code: "学校".into(),
            programme_code: "71".into(),
            ended_on: "去年".into(),
            ..relation()
        };
        let RelationError(faults) = bad.check().expect_err("refused");
        let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(
            fields,
            ["relation.organisation_code", "relation.programme_code", "relation.ended_on", "relation.note"]
        );
    }

    #[test]
    fn a_relation_is_to_all_of_a_school_or_to_one_programme() {
        assert!(relation().concerns("3611000001", "710201"));
        assert!(!relation().concerns("3611000002", "710201"));
        let narrow = Relation { programme_code: "710201".into(), ..relation() };
        assert!(narrow.concerns("3611000001", "710201") && !narrow.concerns("3611000001", "710202"));
    }

    #[test]
    fn the_stored_words_are_read_back() {
        for kind in Kind::ALL {
            assert_eq!(kind.as_str().parse::<Kind>().expect("known"), kind);
        }
    }
}
