//! PublicReportService.

use sha2::{Digest, Sha256};
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Page, Resource, Text, time::timestamp};
use zhijian_proto::submission::v1::{
    CountPublicReportsRequest, CountPublicReportsResponse, GetPublicReportRequest, GetPublicReportResponse,
    ListPublicReportsRequest, ListPublicReportsResponse, PublicCase, PublicReport, PublicReportCount,
    PublicSection, PublicValue, public_report_service_server::PublicReportService,
};

use super::{
    Rpc, convert,
    directory::{Directory, Parties},
};
use crate::{
    domain::{case::Case, catalogue::Indicator, redact::redact, text::is_storable, value::Value},
    store::{
        material,
        public::{self, Filter, Listed},
        public_address, revision,
    },
};

/// The longest text that names are looked through for, in characters.
const MAX_QUERY: usize = 100;

/// Shows reports to anybody.
#[derive(Clone)]
pub struct Public {
    pub rpc: Rpc,
    pub directory: Directory,
}

#[tonic::async_trait]
impl PublicReportService for Public {
    async fn list_public_reports(
        &self,
        request: Request<ListPublicReportsRequest>,
    ) -> Result<Response<ListPublicReportsResponse>, Status> {
        let call = Call::of(&request)?;
        call.authorise(&Resource::new("report", "").public(true))?;
        Ok(Response::new(self.list(request.into_inner()).await?))
    }

    async fn count_public_reports(
        &self,
        request: Request<CountPublicReportsRequest>,
    ) -> Result<Response<CountPublicReportsResponse>, Status> {
        let call = Call::of(&request)?;
        call.authorise(&Resource::new("report", "").public(true))?;
        Ok(Response::new(self.count().await?))
    }

    async fn get_public_report(
        &self,
        request: Request<GetPublicReportRequest>,
    ) -> Result<Response<GetPublicReportResponse>, Status> {
        let call = Call::of(&request)?;
        let id = request.into_inner().submission_id;
        let found = public::find(self.rpc.ctx.db.reader(), &id).await?;
        // Whatever is not public is not there, whoever asks.
        call.authorise(&Resource::new("report", id.clone()).public(found.is_some()))
            .map_err(|_| Error::not_found("report", &id))?;
        let listed = found.ok_or_else(|| Error::not_found("report", &id))?;
        Ok(Response::new(self.get(listed).await?))
    }
}

impl Public {
    async fn list(&self, input: ListPublicReportsRequest) -> Result<ListPublicReportsResponse, Error> {
        let page = Page::parse(input.page_size, &input.page_token)?;
        if input.query.chars().count() > MAX_QUERY {
            return Err(Error::invalid(
                "query",
                format!("查找的文字最多 {MAX_QUERY} 个字。"),
                format!("The text looked for has at most {MAX_QUERY} characters."),
            ));
        }
        if [&input.report_kind, &input.district, &input.query].into_iter().any(|text| !is_storable(text)) {
            return Ok(ListPublicReportsResponse::default());
        }
        let parties = self.directory.parties().await?;
        let filter = Filter {
            cycle_year: (input.cycle_year != 0).then_some(input.cycle_year),
            report_kind: (!input.report_kind.is_empty()).then_some(input.report_kind),
            submitters: (!input.district.is_empty()).then(|| {
                let there = parties.all().iter().filter(|party| party.district == input.district);
                there.map(|party| party.code.clone()).collect()
            }),
            parties: (!input.query.trim().is_empty()).then(|| named(&parties, input.query.trim())),
        };
        let rows = public::list(self.rpc.ctx.db.reader(), &page, &filter).await?;
        let (rows, next_page_token) = page.finish(rows, Listed::list_key);
        let reports = rows.into_iter().map(|row| self.shown(row, &parties)).collect();
        Ok(ListPublicReportsResponse { reports, next_page_token })
    }

    async fn count(&self) -> Result<CountPublicReportsResponse, Error> {
        let counts = public::count(self.rpc.ctx.db.reader()).await?;
        let mut version = Sha256::new();
        for one in &counts {
            version
                .update(format!("{}/{}/{}/{};", one.cycle_year, one.report_kind, one.count, one.revisions));
        }
        let counts = counts.into_iter().map(|one| PublicReportCount {
            kind_name: self.kind_name(one.catalogue_year, &one.report_kind).map(Into::into),
            cycle_year: one.cycle_year,
            report_kind: one.report_kind,
            count: i32::try_from(one.count).unwrap_or(i32::MAX),
        });
        let version = format!("{:x}", version.finalize());
        Ok(CountPublicReportsResponse { counts: counts.collect(), version })
    }

    async fn get(&self, listed: Listed) -> Result<GetPublicReportResponse, Error> {
        let conn = self.rpc.ctx.db.reader();
        let id = listed.submission_id.clone();
        let frozen = revision::get(conn, &id, listed.accepted_revision).await?;
        let material = material::revision(conn, &id, frozen.number).await?;
        let address = public_address::find(conn, &id).await?.map(|row| row.address).unwrap_or_default();
        let parties = self.directory.parties().await?;
        let catalogue = self.rpc.catalogue_of_year(listed.cycle_year, listed.catalogue_year)?;
        let (mut texts, cells) = (frozen.sections()?, frozen.cells()?);
        let mut sections = vec![];
        for kind in catalogue.kind(&listed.report_kind).into_iter().flat_map(|kind| &kind.sections) {
            let body = texts.remove(&kind.code).filter(|body| !body.trim().is_empty());
            sections.extend(body.map(|body| PublicSection {
                section_code: kind.code.clone(),
                name: Some(kind.name.clone().into()),
                body: redact(&body),
            }));
        }
        let cases = material.cases.into_iter().map(public_case);
        let values = catalogue.indicators_of(&listed.report_kind).filter_map(|indicator| {
            let cell = cells.get(&indicator.code)?;
            let group = catalogue.groups.iter().find(|group| group.code == indicator.group);
            Some(PublicValue {
                indicator_code: indicator.code.clone(),
                name: Some(indicator.name.clone().into()),
                group_name: group.map(|group| group.name.clone().into()),
                unit: Some(indicator.unit.name.clone().into()),
                option: option(indicator, &cell.value).map(Into::into),
                value: Some(convert::value(without_persons(cell.value.clone()))),
            })
        });
        let values = values.collect();
        Ok(GetPublicReportResponse {
            report: Some(self.shown(listed, &parties)),
            sections,
            cases: cases.collect(),
            values,
            content_hash: frozen.content_hash,
            public_address: address,
        })
    }

    fn shown(&self, row: Listed, parties: &Parties) -> PublicReport {
        let party = parties.get(&row.organisation_code);
        let subject = parties.get(&row.subject_code);
        PublicReport {
            kind_name: self.kind_name(row.catalogue_year, &row.report_kind).map(Into::into),
            organisation_name: Some(parties.name(&row.organisation_code).into()),
            subject_name: Some(parties.name(&row.subject_code).into()),
            district: party.map(|party| party.district.clone()).unwrap_or_default(),
            demonstration: party.is_some_and(|party| party.demonstration)
                || subject.is_some_and(|party| party.demonstration),
            submission_id: row.submission_id,
            cycle_year: row.cycle_year,
            report_kind: row.report_kind,
            organisation_code: row.organisation_code,
            subject_code: row.subject_code,
            revision_number: row.accepted_revision,
            update_time: Some(timestamp(row.update_time)),
        }
    }

    fn kind_name(&self, catalogue_year: i32, kind: &str) -> Option<Text> {
        let catalogue = self.rpc.catalogues.get(catalogue_year)?;
        catalogue.kind(kind).map(|kind| kind.name.clone())
    }
}

/// The codes of those whose code or name contains a text.
fn named(parties: &Parties, text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let has = |name: &str| name.to_lowercase().contains(&text);
    let found = parties.all().iter().filter(|one| has(&one.code) || has(&one.name.zh) || has(&one.name.en));
    found.map(|party| party.code.clone()).collect()
}

/// What the chosen option is called.
fn option(indicator: &Indicator, value: &Value) -> Option<Text> {
    let Value::Text(code) = value else { return None };
    indicator.options.iter().find(|option| option.code == *code).map(|option| option.name.clone())
}

/// A case as everybody may read it.
pub(super) fn public_case(case: Case) -> PublicCase {
    PublicCase {
        case_id: case.case_id,
        section_code: case.section_code,
        title: redact(&case.title),
        body: redact(&case.body),
    }
}

/// A reason is a text that people wrote.
fn without_persons(value: Value) -> Value {
    match value {
        Value::NotApplicable(reason) => Value::NotApplicable(redact(&reason)),
        other => other,
    }
}
