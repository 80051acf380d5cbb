//! What this service asks of the identity service.

use std::collections::{BTreeMap, BTreeSet};

use zhijian_platform::{Clients, Error};
use zhijian_proto::identity::v1::{
    ListAccountsRequest, ListOrganisationsRequest, Organisation, Role, organisation,
};

use crate::domain::{catalogue::OrganisationKind, text::is_organisation_code};

/// How many codes one question may name.
const CODES_A_CALL: usize = 1000;

/// Those of the organisations with these codes that are registered, by code.
pub async fn organisations(
    clients: &Clients,
    codes: BTreeSet<String>,
) -> Result<BTreeMap<String, Organisation>, Error> {
    let codes: Vec<String> = codes.into_iter().filter(|code| is_organisation_code(code)).collect();
    let mut found = BTreeMap::new();
    for codes in codes.chunks(CODES_A_CALL) {
        let request = ListOrganisationsRequest {
            page_size: i32::try_from(CODES_A_CALL).unwrap_or(i32::MAX),
            codes: codes.to_vec(),
            ..Default::default()
        };
        let answer = clients.organisations().list_organisations(request).await?.into_inner();
        found.extend(
            answer.organisations.into_iter().map(|organisation| (organisation.code.clone(), organisation)),
        );
    }
    Ok(found)
}

/// The accounts that act for a school: their names, by id.
pub async fn accounts(clients: &Clients, organisation_code: &str) -> Result<BTreeMap<String, String>, Error> {
    let mut request = ListAccountsRequest {
        page_size: i32::try_from(CODES_A_CALL).unwrap_or(i32::MAX),
        role: Role::School.into(),
        ..Default::default()
    };
    let mut found = BTreeMap::new();
    loop {
        let answer = clients.accounts().list_accounts(request.clone()).await?.into_inner();
        let own = answer.accounts.into_iter().filter(|account| {
            let mut roles = account.roles.iter();
            roles.any(|grant| grant.role() == Role::School && grant.organisation_code == organisation_code)
        });
        found.extend(own.map(|account| (account.account_id, account.display_name)));
        if answer.next_page_token.is_empty() {
            return Ok(found);
        }
        request.page_token = answer.next_page_token;
    }
}

/// The kind of an organisation, as far as it takes part in reporting.
pub fn kind(organisation: &Organisation) -> Option<OrganisationKind> {
    match organisation.kind() {
        organisation::Kind::HigherVocational => Some(OrganisationKind::HigherVocational),
        organisation::Kind::SpecialisedSecondary => Some(OrganisationKind::SpecialisedSecondary),
        organisation::Kind::VocationalHigh => Some(OrganisationKind::VocationalHigh),
        organisation::Kind::DistrictCommission => Some(OrganisationKind::DistrictCommission),
        organisation::Kind::Enterprise => Some(OrganisationKind::Enterprise),
        organisation::Kind::Commission
        | organisation::Kind::EvaluationBody
        | organisation::Kind::Unspecified => None,
    }
}
