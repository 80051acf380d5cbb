//! Entries: programmes under review.

use std::collections::{BTreeSet, HashMap};

use zhijian_platform::Text;
use zhijian_proto::{identity::v1::Organisation, submission::v1::Programme};

use super::scheme::Conflicts;

/// A programme under review in a round, as it was when the round was created.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Identifies it ("ent_…").
    pub id: String,
    /// The round it belongs to.
    pub round_id: String,
    /// The programme in the register.
    pub programme_id: String,
    /// The national programme code.
    pub programme_code: String,
    /// What the programme is called.
    pub programme_name: Text,
    /// The school.
    pub organisation_code: String,
    /// What the school is called.
    pub organisation_name: Text,
    /// Organisations whose present and past people cannot review it, the school among them.
    pub barred: BTreeSet<String>,
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
            programme_id: programme.programme_id.clone(),
            programme_code: programme.code.clone(),
            programme_name: programme.name.clone().ok_or_else(no_name)?.into(),
            organisation_code: code.clone(),
            organisation_name: organisation.name.clone().ok_or_else(no_name)?.into(),
            barred: barred(programme, organisation, conflicts),
        })
    }

    /// The major class: the first two digits of the programme code.
    pub fn field(&self) -> &str {
        self.programme_code.get(..2).unwrap_or_default()
    }

    /// How messages call it: school and programme.
    pub fn title(&self) -> Text {
        Text::new(
            format!("{}·{}", self.organisation_name.zh, self.programme_name.zh),
            format!("{}, {}", self.organisation_name.en, self.programme_name.en),
        )
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
