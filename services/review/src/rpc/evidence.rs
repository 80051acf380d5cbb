//! EvidenceService: what a school reported, at the reviewer's desk.

use std::collections::HashMap;

use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Clients, Error};
use zhijian_proto::{
    review::v1::{
        EvidenceCase, EvidenceSection, EvidenceValue, GetEvidenceRequest, GetEvidenceResponse,
        evidence_service_server::EvidenceService,
    },
    submission::v1::{
        Catalogue, GetCatalogueRequest, GetCellsRequest, GetCycleRequest, ListCasesRequest,
        ListSectionsRequest, ListSubmissionsRequest, Submission,
    },
};

use super::Review;
use crate::{
    domain::{scheme::Scheme, scheme_review::Evidence},
    store,
};

/// No school has more reports in a year.
const REPORTS: i32 = 100;

#[tonic::async_trait]
impl EvidenceService for Review {
    async fn get_evidence(
        &self,
        request: Request<GetEvidenceRequest>,
    ) -> Result<Response<GetEvidenceResponse>, Status> {
        let call = Call::of(&request)?;
        let id = request.into_inner().assignment_id;
        let (assignment, round) = self.seen_assignment(&call, &id).await?;
        let entries = store::entry::by_ids(self.ctx.db.reader(), [assignment.entry_id.clone()]).await?;
        let school = entries.get(&assignment.entry_id).map(|entry| entry.organisation_code.clone());
        let school = school.ok_or_else(|| Error::not_found("assignment", &id))?;
        let answer = gather(&self.ctx.clients, &round.scheme, round.cycle_year, &school).await?;
        Ok(Response::new(answer))
    }
}

/// Puts together what the scheme wants of a school's accepted reports; each from the revision that is in the results.
pub(super) async fn gather(
    clients: &Clients,
    scheme: &Scheme,
    year: i32,
    school: &str,
) -> Result<GetEvidenceResponse, Error> {
    let wanted = &scheme.definition().review.evidence;
    let mut answer = GetEvidenceResponse::default();
    let reports = accepted(clients, year, school).await?;
    if reports.is_empty() || (wanted.values.is_empty() && wanted.sections.is_empty() && !wanted.cases) {
        return Ok(answer);
    }
    let cycle = clients.cycles().get_cycle(GetCycleRequest { year }).await?.into_inner().cycle;
    let rules = GetCatalogueRequest { year: cycle.map_or(year, |cycle| cycle.catalogue_year) };
    let catalogue = clients.catalogues().get_catalogue(rules).await?.into_inner().catalogue;
    let catalogue = catalogue.unwrap_or_default();
    for report in reports {
        let (submission_id, revision_number) = (report.submission_id.clone(), report.accepted_revision);
        let request = GetCellsRequest { submission_id: submission_id.clone(), revision_number };
        let cells = clients.submissions().get_cells(request).await?.into_inner().cells;
        answer.values.extend(values(scheme, wanted, &catalogue, cells));
        if !wanted.sections.is_empty() {
            let request = ListSectionsRequest { submission_id: submission_id.clone(), revision_number };
            let sections = clients.submissions().list_sections(request).await?.into_inner().sections;
            let kinds = catalogue.report_kinds.iter().filter(|kind| kind.code == report.report_kind);
            let names: HashMap<&str, _> = kinds
                .flat_map(|kind| &kind.sections)
                .map(|section| (section.code.as_str(), section.name.clone()))
                .collect();
            answer.sections.extend(
                sections
                    .into_iter()
                    .filter(|section| {
                        wanted.sections.contains(&section.section_code) && !section.body.trim().is_empty()
                    })
                    .map(|section| EvidenceSection {
                        name: names.get(section.section_code.as_str()).cloned().flatten(),
                        section_code: section.section_code,
                        body: section.body,
                    }),
            );
        }
        if wanted.cases {
            let request = ListCasesRequest { submission_id, revision_number };
            let cases = clients.cases().list_cases(request).await?.into_inner().cases;
            answer
                .cases
                .extend(cases.into_iter().map(|case| EvidenceCase { title: case.title, body: case.body }));
        }
    }
    Ok(answer)
}

/// The school's own reports that are in the year's results.
pub(super) async fn accepted(clients: &Clients, year: i32, school: &str) -> Result<Vec<Submission>, Error> {
    let request = ListSubmissionsRequest {
        page_size: REPORTS,
        cycle_year: year,
        organisation_code: school.to_owned(),
        ..ListSubmissionsRequest::default()
    };
    let mut reports = clients.submissions().list_submissions(request).await?.into_inner().submissions;
    reports.retain(|report| report.accepted_revision > 0 && report.subject_code == school);
    Ok(reports)
}

fn values(
    scheme: &Scheme,
    wanted: &Evidence,
    catalogue: &Catalogue,
    cells: Vec<zhijian_proto::submission::v1::Cell>,
) -> Vec<EvidenceValue> {
    let cells: HashMap<&str, _> = cells.iter().map(|cell| (cell.indicator_code.as_str(), cell)).collect();
    let indicators: HashMap<&str, _> =
        catalogue.indicators.iter().map(|indicator| (indicator.code.as_str(), indicator)).collect();
    let pairs = scheme.elements().iter().flat_map(|element| {
        let codes = wanted.values.get(&element.code).map(Vec::as_slice).unwrap_or_default();
        codes.iter().map(|code| (element.code.as_str(), code.as_str()))
    });
    pairs
        .filter_map(|(element, code)| {
            let (cell, indicator) = (cells.get(code)?, indicators.get(code)?);
            Some(EvidenceValue {
                element_code: element.to_owned(),
                indicator_code: code.to_owned(),
                name: indicator.name.clone(),
                unit: indicator.unit.clone(),
                value: Some(cell.value.clone()?),
                last_value: cell.last_value.clone(),
            })
        })
        .collect()
}
