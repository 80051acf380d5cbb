//! Which reports a year expects: of every organisation the kinds that organisations like it submit.

use serde::Serialize;
use zhijian_platform::Text;

use super::catalogue::{Catalogue, OrganisationKind, Subject};

/// An organisation, as far as the roster wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Its ten-digit code.
    pub code: String,
    /// What it is; nothing for those that take no part.
    pub kind: Option<OrganisationKind>,
    /// What it is called.
    pub name: Text,
    /// Its district's Chinese name; may be empty.
    pub district: String,
    /// The school that an enterprise is bound to; may be empty.
    pub parent: String,
    /// Whether it is invented.
    pub demonstration: bool,
}

/// A report that is expected. Its names are those of the query that joins it with what was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Duty {
    /// The kind of report.
    #[serde(rename = "k")]
    pub kind: String,
    /// Who submits it.
    #[serde(rename = "o")]
    pub organisation: String,
    /// Whom it is about.
    #[serde(rename = "s")]
    pub subject: String,
    /// The submitter's district.
    #[serde(rename = "d")]
    pub district: String,
    /// Names and codes in small letters: what a search looks in.
    #[serde(rename = "t")]
    pub names: String,
}

/// The reports that a year expects of these organisations, which stand in order of code.
pub fn duties(catalogue: &Catalogue, parties: &[Party]) -> Vec<Duty> {
    let find = |code: &str| {
        parties.binary_search_by(|party| party.code.as_str().cmp(code)).ok().map(|at| &parties[at])
    };
    let mut duties = vec![];
    for kind in &catalogue.kinds {
        let submits = |party: &Party| party.kind.is_some_and(|of| kind.submitters.contains(&of));
        for party in parties {
            match kind.subject {
                Subject::Submitter if submits(party) => duties.push(duty(&kind.code, party, party)),
                Subject::Enterprise if party.kind == Some(OrganisationKind::Enterprise) => {
                    if let Some(school) = find(&party.parent).filter(|school| submits(school)) {
                        duties.push(duty(&kind.code, school, party));
                    }
                }
                Subject::Submitter | Subject::Enterprise => {}
            }
        }
    }
    duties
}

fn duty(kind: &str, organisation: &Party, subject: &Party) -> Duty {
    let mut names = vec![];
    for party in [organisation, subject] {
        names.extend([party.name.zh.as_str(), &party.name.en, &party.code]);
    }
    Duty {
        kind: kind.to_owned(),
        organisation: organisation.code.clone(),
        subject: subject.code.clone(),
        district: organisation.district.clone(),
        names: names.join(" ").to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(code: &str, kind: OrganisationKind, parent: &str) -> Party {
        Party {
            code: code.to_owned(),
            kind: Some(kind),
            name: Text::new(format!("校{code}"), format!("School {code}")),
            district: "东城区".to_owned(),
            parent: parent.to_owned(),
            demonstration: false,
        }
    }

    #[test]
    fn every_organisation_owes_its_own_kind_and_one_for_each_partner() {
        let catalogues =
            crate::domain::catalogue::Catalogues::load(&zhijian_platform::rules::RulesDir::default())
                .expect("the shipped catalogues are sound");
        let catalogue = catalogues.get(2025).expect("2025");
        let parties = [
            party("3611000001", OrganisationKind::VocationalHigh, ""),
            party("4111000001", OrganisationKind::HigherVocational, ""),
            party("9111000001", OrganisationKind::DistrictCommission, ""),
            party("9211000001", OrganisationKind::Enterprise, "4111000001"),
            // Bound to nobody that is registered: nobody reports on it.
            party("9211000002", OrganisationKind::Enterprise, "4111000009"),
        ];
        let duties = duties(catalogue, &parties);
        let mut seen: Vec<(&str, &str, &str)> = duties
            .iter()
            .map(|duty| (duty.kind.as_str(), duty.organisation.as_str(), duty.subject.as_str()))
            .collect();
        seen.sort_unstable();
        assert_eq!(
            seen,
            [
                ("district", "9111000001", "9111000001"),
                ("enterprise", "4111000001", "9211000001"),
                ("higher", "4111000001", "4111000001"),
                ("secondary", "3611000001", "3611000001"),
            ]
        );
        let enterprise = duties.iter().find(|duty| duty.kind == "enterprise").expect("there");
        assert!(enterprise.names.contains("school 9211000001"), "{}", enterprise.names);
    }
}
