//! What this service asks of identity and submission, as itself.

use std::collections::{BTreeSet, HashMap};

use tonic::Code;
use zhijian_platform::{Clients, Error};
use zhijian_proto::{
    identity::v1::{Account, GetAccountRequest, ListAccountsRequest, ListOrganisationsRequest, Organisation},
    submission::v1::{
        GetCycleRequest, ListProgrammesRequest, ListSubmissionsRequest, Programme, Submission,
        submission::State as SubmissionState,
    },
};

use crate::domain::scheme::{Pilots, Selection};

/// How many things a call asks for at once.
const BATCH: i32 = 1000;

/// Checks that a cycle exists.
///
/// # Errors
/// NOT_FOUND if the year has none.
pub async fn check_cycle(clients: &Clients, year: i32) -> Result<(), Error> {
    clients.cycles().get_cycle(GetCycleRequest { year }).await?;
    Ok(())
}

/// The programmes that a scheme selects in a year, in order of school, then code.
pub async fn programmes(
    clients: &Clients,
    selection: &Selection,
    year: i32,
) -> Result<Vec<Programme>, Error> {
    let bound = |offset: Option<i32>| offset.map_or(0, |offset| year.saturating_add(offset));
    let mut client = clients.programmes();
    let mut programmes = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListProgrammesRequest {
            page_size: BATCH,
            page_token,
            opened_from: bound(selection.opened_from),
            opened_to: bound(selection.opened_to),
            pilot_only: selection.pilots == Pilots::Only,
            exclude_pilots: selection.pilots == Pilots::Exclude,
            ..Default::default()
        };
        let answer = client.list_programmes(request).await?.into_inner();
        programmes.extend(answer.programmes);
        if answer.next_page_token.is_empty() {
            return Ok(programmes);
        }
        page_token = answer.next_page_token;
    }
}

/// The reports of a year whose last revision was accepted.
pub async fn reports(clients: &Clients, year: i32) -> Result<Vec<Submission>, Error> {
    let accepted = [SubmissionState::Accepted, SubmissionState::Published, SubmissionState::Corrected];
    let mut client = clients.submissions();
    let (mut reports, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListSubmissionsRequest {
            page_size: BATCH,
            page_token,
            cycle_year: year,
            states: accepted.iter().map(|state| (*state).into()).collect(),
            ..Default::default()
        };
        let answer = client.list_submissions(request).await?.into_inner();
        reports.extend(answer.submissions);
        if answer.next_page_token.is_empty() {
            return Ok(reports);
        }
        page_token = answer.next_page_token;
    }
}

/// The organisations of these codes, by code. Codes that are not registered are absent.
pub async fn organisations<'a>(
    clients: &Clients,
    codes: impl IntoIterator<Item = &'a String>,
) -> Result<HashMap<String, Organisation>, Error> {
    let codes: Vec<String> = codes.into_iter().collect::<BTreeSet<_>>().into_iter().cloned().collect();
    let mut client = clients.organisations();
    let mut found = HashMap::with_capacity(codes.len());
    for some in codes.chunks(BATCH as usize) {
        let request =
            ListOrganisationsRequest { page_size: BATCH, codes: some.to_vec(), ..Default::default() };
        let answer = client.list_organisations(request).await?.into_inner();
        found.extend(
            answer.organisations.into_iter().map(|organisation| (organisation.code.clone(), organisation)),
        );
    }
    Ok(found)
}

/// The account of this id, if there is one.
pub async fn account(clients: &Clients, account_id: &str) -> Result<Option<Account>, Error> {
    match clients.accounts().get_account(GetAccountRequest { account_id: account_id.to_owned() }).await {
        Ok(answer) => Ok(answer.into_inner().account),
        Err(status) if matches!(status.code(), Code::NotFound | Code::InvalidArgument) => Ok(None),
        Err(status) => Err(status.into()),
    }
}

/// Every account.
pub async fn accounts(clients: &Clients) -> Result<Vec<Account>, Error> {
    let mut client = clients.accounts();
    let mut accounts = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListAccountsRequest { page_size: BATCH, page_token, ..Default::default() };
        let answer = client.list_accounts(request).await?.into_inner();
        accounts.extend(answer.accounts);
        if answer.next_page_token.is_empty() {
            return Ok(accounts);
        }
        page_token = answer.next_page_token;
    }
}
