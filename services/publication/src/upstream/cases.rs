//! The cases of accepted reports.

use std::collections::BTreeSet;

use zhijian_platform::{Clients, Error};
use zhijian_proto::submission::v1::StreamAcceptedCasesRequest;

use super::subject;
use crate::domain::{case::Wanted, pin::PinnedCase};

/// The cases of the accepted reports of `year` that `wanted` may set, by organisation; nothing is asked where nothing is
/// wanted.
///
/// # Errors
/// Those of the submission service.
pub async fn cases(
    clients: &Clients,
    year: i32,
    wanted: &BTreeSet<Wanted>,
) -> Result<Vec<PinnedCase>, Error> {
    if wanted.is_empty() {
        return Ok(vec![]);
    }
    let kinds: BTreeSet<&String> = wanted.iter().flat_map(|wanted| &wanted.report_kinds).collect();
    let sections: Option<BTreeSet<&String>> = wanted.iter().map(|wanted| wanted.section.as_ref()).collect();
    let request = StreamAcceptedCasesRequest {
        cycle_year: year,
        report_kinds: kinds.into_iter().cloned().collect(),
        section_codes: sections.into_iter().flatten().cloned().collect(),
    };
    let mut stream = clients.cases().stream_accepted_cases(request).await?.into_inner();
    let mut cases = Vec::new();
    while let Some(accepted) = stream.message().await? {
        let case = accepted.case.unwrap_or_default();
        cases.push(PinnedCase {
            case_id: case.case_id,
            submission_id: accepted.submission_id,
            kind: accepted.report_kind,
            subject: subject(&accepted.organisation_code, accepted.subject_code),
            section: case.section_code,
            title: case.title,
            body: case.body,
        });
    }
    Ok(cases)
}
