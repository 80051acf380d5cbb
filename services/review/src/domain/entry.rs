//! Entries: programmes, institutions, projects, textbooks, cases and reports under review.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    str::FromStr,
};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use zhijian_platform::Text;
use zhijian_proto::{identity::v1::Organisation, submission::v1::Programme};

use super::{UnknownWord, scheme::Conflicts};

/// What kind of thing is reviewed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A programme of the register.
    #[default]
    Programme,
    /// A school as a whole.
    Institution,
    /// A project that a school has carried out.
    Project,
    /// A textbook.
    Textbook,
    /// A case.
    Case,
    /// An annual report.
    Report,
}

/// What is reviewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// What kind of thing it is.
    pub kind: Kind,
    /// Identifies it: a programme in the register, anything else as an item of its procedure.
    pub id: String,
    /// The national programme code of a programme, or of what else is about one; empty otherwise.
    pub code: String,
    /// What it is called.
    pub name: Text,
}

/// Something under review in a round, as it was when the round was created.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Identifies it ("ent_…").
    pub id: String,
    /// The round it belongs to.
    pub round_id: String,
    /// What is reviewed.
    pub subject: Subject,
    /// The school.
    pub organisation_code: String,
    /// What the school is called.
    pub organisation_name: Text,
    /// Organisations whose present and past people cannot review it, the school among them.
    pub barred: BTreeSet<String>,
    /// Points that follow from reported numbers, by criterion; every sheet has them.
    pub given: BTreeMap<String, Decimal>,
}

/// The register's facts do not suffice for an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// The programme's school is not registered.
    #[error("programme {programme}: its school {organisation} is not registered")]
    NoOrganisation {
        /// The programme's code.
        programme: String,
        /// The school's code.
        organisation: String,
    },
    /// The programme or its school has no name.
    #[error("programme {0} or its school has no name")]
    NoName(String),
}

impl Entry {
    /// Enters a programme into a round.
    ///
    /// # Errors
    /// [`EntryError`] if its school is unknown.
    pub fn new(
        id: String,
        round_id: &str,
        programme: &Programme,
        organisations: &HashMap<String, Organisation>,
        conflicts: &Conflicts,
    ) -> Result<Self, EntryError> {
        let code = &programme.organisation_code;
        let organisation = organisations.get(code).ok_or_else(|| EntryError::NoOrganisation {
            programme: programme.code.clone(),
            organisation: code.clone(),
        })?;
        let no_name = || EntryError::NoName(programme.code.clone());
        Ok(Self {
            id,
            round_id: round_id.to_owned(),
            subject: Subject {
                kind: Kind::Programme,
                id: programme.programme_id.clone(),
                code: programme.code.clone(),
                name: programme.name.clone().ok_or_else(no_name)?.into(),
            },
            organisation_code: code.clone(),
            organisation_name: organisation.name.clone().ok_or_else(no_name)?.into(),
            barred: barred(programme, organisation, conflicts),
            given: BTreeMap::new(),
        })
    }

    /// The major class: the first two digits of the programme code; empty where there is none.
    pub fn field(&self) -> &str {
        self.subject.code.get(..2).unwrap_or_default()
    }

    /// How messages call it: the school and what is reviewed.
    pub fn title(&self) -> Text {
        let (school, own) = (&self.organisation_name, &self.subject.name);
        if self.subject.kind == Kind::Institution {
            return school.clone();
        }
        Text::new(format!("{}·{}", school.zh, own.zh), format!("{}, {}", school.en, own.en))
    }
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Programme, Self::Institution, Self::Project, Self::Textbook, Self::Case, Self::Report];

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Programme => "programme",
            Self::Institution => "institution",
            Self::Project => "project",
            Self::Textbook => "textbook",
            Self::Case => "case",
            Self::Report => "report",
        }
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
        known.ok_or_else(|| UnknownWord { kind: "kind of subject", word: word.to_owned() })
    }
}

fn barred(programme: &Programme, organisation: &Organisation, conflicts: &Conflicts) -> BTreeSet<String> {
    let supervisor = Some(&organisation.parent_code).filter(|_| conflicts.supervising_organisation);
    let partner =
        programme.pathway.as_ref().map(|pathway| &pathway.partner).filter(|_| conflicts.pathway_partner);
    [Some(&programme.organisation_code), supervisor, partner]
        .into_iter()
        .flatten()
        .filter(|code| is_organisation_code(code))
        .cloned()
        .collect()
}

/// Whether a text is the ten-digit code of an organisation.
pub fn is_organisation_code(text: &str) -> bool {
    text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl From<EntryError> for zhijian_platform::Error {
    fn from(error: EntryError) -> Self {
        use zhijian_proto::common::v1::ErrorReason::DataMissing;
        let violation = match &error {
            EntryError::NoOrganisation { programme, organisation } => zhijian_platform::Violation::new(
                organisation.clone(),
                format!("专业 {programme} 所属学校 {organisation} 尚未登记，请先登记该学校。"),
                format!(
                    "Programme {programme} belongs to {organisation}, which is not registered: register it first."
                ),
            ),
            EntryError::NoName(programme) => zhijian_platform::Violation::new(
                programme.clone(),
                format!("专业 {programme} 或其学校没有名称，请先补全。"),
                format!("Programme {programme} or its school has no name: complete it first."),
            ),
        };
        Self::Precondition { reason: DataMissing, violations: vec![violation] }
    }
}

#[cfg(test)]
mod tests {
    use zhijian_proto::{common::v1::Text as WireText, submission::v1::Pathway};

    use super::*;

    fn entry(partner: &str, conflicts: &Conflicts) -> Result<Entry, EntryError> {
        let name = Some(WireText { zh: "演示".into(), en: "Demo".into() });
        let programme = Programme {
            programme_id: "prg_1".into(),
            organisation_code: "3611000001".into(),
            code: "710201".into(),
            name: name.clone(),
            pathway: Some(Pathway { partner: partner.into(), ..Pathway::default() }),
            ..Programme::default()
        };
        let school = Organisation {
            code: "3611000001".into(),
            name,
            parent_code: "9111000001".into(),
            ..Organisation::default()
        };
        let organisations = HashMap::from([(school.code.clone(), school)]);
        Entry::new("ent_1".into(), "rnd_1", &programme, &organisations, conflicts)
    }

    #[test]
    fn an_entry_bars_its_school_its_supervisor_and_a_partner_with_a_code() {
        let barred = |partner: &str, supervising_organisation, pathway_partner| {
            let conflicts = Conflicts { supervising_organisation, pathway_partner };
            entry(partner, &conflicts).expect("sound").barred.into_iter().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(barred("4111000009", true, true), "3611000001 4111000009 9111000001");
        assert_eq!(barred("演示大学", true, true), "3611000001 9111000001");
        assert_eq!(barred("4111000009", false, false), "3611000001");
    }

    #[test]
    fn the_major_class_is_the_codes_first_two_digits() {
        let conflicts = Conflicts { supervising_organisation: true, pathway_partner: true };
        assert_eq!(entry("", &conflicts).expect("sound").field(), "71");
    }

    #[test]
    fn a_programme_of_an_unregistered_school_is_named() {
        let programme = Programme {
            organisation_code: "3611000002".into(),
            code: "710201".into(),
            ..Programme::default()
        };
        let conflicts = Conflicts { supervising_organisation: true, pathway_partner: true };
        let error = Entry::new("ent_1".into(), "rnd_1", &programme, &HashMap::new(), &conflicts)
            .expect_err("refused");
        assert_eq!(
            error,
            EntryError::NoOrganisation { programme: "710201".into(), organisation: "3611000002".into() }
        );
    }
}
