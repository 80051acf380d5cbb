//! A service on a fresh database, a register of organisations beside it, and callers in every role.

use std::collections::BTreeMap;

use tonic::{Code, Request, Response, Status, service::Routes};
use tonic_types::StatusExt;
use zhijian_platform::{Call, Clients, Resource, server::Services, testing::TestContext};
use zhijian_proto::{
    common::v1::{Text, Value, value::Kind},
    identity::v1::{
        CreateOrganisationRequest, CreateOrganisationResponse, FormerName, GetOrganisationRequest,
        GetOrganisationResponse, ListOrganisationsRequest, ListOrganisationsResponse, Organisation,
        UpdateOrganisationRequest, UpdateOrganisationResponse,
        organisation::Kind as OrganisationKind,
        organisation_service_server::{OrganisationService, OrganisationServiceServer},
    },
    submission::v1::*,
};

pub const COLLEGE: &str = "4111000001";
pub const OTHER_COLLEGE: &str = "4111000002";
pub const SCHOOL: &str = "3611000001";
pub const DISTRICT: &str = "9111000001";
pub const COMMISSION: &str = "9011000001";
/// The first of [`ENTERPRISES`] enterprises.
pub const ENTERPRISE: &str = "9211000001";
pub const ENTERPRISES: u32 = 70;
/// A text that says nothing a reader could doubt.
pub const PROSE: &str = "学校坚持立德树人根本任务，深化产教融合，稳步提高人才培养质量。";

/// The register of organisations, as the identity service would answer.
struct Register(BTreeMap<String, Organisation>);

impl Register {
    fn new() -> Self {
        let mut kinds = vec![
            (COLLEGE.to_owned(), OrganisationKind::HigherVocational),
            (OTHER_COLLEGE.to_owned(), OrganisationKind::HigherVocational),
            (SCHOOL.to_owned(), OrganisationKind::SpecialisedSecondary),
            (DISTRICT.to_owned(), OrganisationKind::DistrictCommission),
            (COMMISSION.to_owned(), OrganisationKind::Commission),
        ];
        kinds.extend((0..ENTERPRISES).map(|number| (enterprise(number), OrganisationKind::Enterprise)));
        let organisation = |(code, kind): (String, OrganisationKind)| {
            let school = [COLLEGE, OTHER_COLLEGE, SCHOOL].contains(&code.as_str());
            let organisation = Organisation {
                former_names: if code == COLLEGE { vec![former_name()] } else { vec![] },
                parent_code: if kind == OrganisationKind::Enterprise {
                    COLLEGE.to_owned()
                } else {
                    String::new()
                },
                kind: kind.into(),
                name: Some(Text { zh: format!("演示机构{code}"), en: format!("Demo {code}") }),
                district: if school { "东城区".to_owned() } else { String::new() },
                code: code.clone(),
                ..Default::default()
            };
            (code, organisation)
        };
        Self(kinds.into_iter().map(organisation).collect())
    }
}

/// The name that the college carried until 2019.
pub const FORMER_NAME: &str = "演示松石职业技术学校";

fn former_name() -> FormerName {
    FormerName {
        name: Some(Text { zh: FORMER_NAME.to_owned(), en: String::new() }),
        to_date: "2019-06".to_owned(),
        ..Default::default()
    }
}

pub fn enterprise(number: u32) -> String {
    (ENTERPRISE.parse::<u64>().unwrap() + u64::from(number)).to_string()
}

#[tonic::async_trait]
impl OrganisationService for Register {
    async fn create_organisation(
        &self,
        _: Request<CreateOrganisationRequest>,
    ) -> Result<Response<CreateOrganisationResponse>, Status> {
        Err(Status::unimplemented("the register of these tests is fixed"))
    }

    async fn update_organisation(
        &self,
        _: Request<UpdateOrganisationRequest>,
    ) -> Result<Response<UpdateOrganisationResponse>, Status> {
        Err(Status::unimplemented("the register of these tests is fixed"))
    }

    async fn get_organisation(
        &self,
        _: Request<GetOrganisationRequest>,
    ) -> Result<Response<GetOrganisationResponse>, Status> {
        Err(Status::unimplemented("the register of these tests is read by list"))
    }

    async fn list_organisations(
        &self,
        request: Request<ListOrganisationsRequest>,
    ) -> Result<Response<ListOrganisationsResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::region())?;
        let codes = request.into_inner().codes;
        let wanted = |organisation: &&Organisation| codes.is_empty() || codes.contains(&organisation.code);
        let organisations = self.0.values().filter(wanted).cloned().collect();
        Ok(Response::new(ListOrganisationsResponse { organisations, next_page_token: String::new() }))
    }
}

/// The service on one fresh database.
pub struct World {
    pub test: TestContext,
}

/// Runs a test on each database.
pub async fn each<F: Future<Output = ()>>(run: impl Fn(std::sync::Arc<World>) -> F) {
    each_with_rules(None, run).await;
}

/// Runs a test on each database, with rule files that come before the shipped ones.
pub async fn each_with_rules<F: Future<Output = ()>>(
    rules: Option<&std::path::Path>,
    run: impl Fn(std::sync::Arc<World>) -> F,
) {
    for test in zhijian_platform::testing::contexts_with_rules(rules).await {
        eprintln!("on {}", test.database);
        run(std::sync::Arc::new(World::on(test).await)).await;
    }
}

impl World {
    /// The service on this context.
    pub async fn on(test: TestContext) -> Self {
        let mut services = Services::default();
        let identity = Routes::new(OrganisationServiceServer::new(Register::new()))
            .add_service(crate::accounts::service(&[COLLEGE, OTHER_COLLEGE, SCHOOL]));
        services.add(&test.ctx, "identity", identity);
        let routes = zhijian_submission::build(&test.ctx.for_service("submission"))
            .await
            .expect("the rules are sound");
        services.add(&test.ctx, "submission", routes);
        Self { test }
    }
}

pub fn id() -> String {
    uuid::Uuid::now_v7().to_string()
}

pub fn number(text: &str) -> Option<Value> {
    Some(Value { kind: Some(Kind::Number(text.to_owned())) })
}

/// Whether an indicator is the way in which a survey was made.
pub fn is_choice(code: &str) -> bool {
    code.starts_with("SAT") && code.ends_with('M')
}

pub fn option(code: &str) -> Option<Value> {
    Some(Value { kind: Some(Kind::Text(code.to_owned())) })
}

pub fn not_applicable(reason: &str) -> Option<Value> {
    Some(Value { kind: Some(Kind::NotApplicable(reason.to_owned())) })
}

pub fn cell(code: &str, value: Option<Value>, etag: &str) -> Cell {
    Cell { indicator_code: code.to_owned(), value, etag: etag.to_owned(), ..Default::default() }
}

/// The stable reason of an error.
pub fn reason(status: &Status) -> String {
    status.get_details_error_info().expect("every error says why").reason
}

/// What an error's details say under `key`.
pub fn metadata(status: &Status, key: &str) -> String {
    status.get_details_error_info().expect("every error says why").metadata.remove(key).unwrap_or_default()
}

/// The fields that an INVALID_ARGUMENT names, with what it says about each.
pub fn violations(status: &Status) -> Vec<(String, String)> {
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    let details = status.get_details_bad_request().expect("the fields at fault");
    details.field_violations.into_iter().map(|violation| (violation.field, violation.description)).collect()
}

/// The subjects that a FAILED_PRECONDITION names, with what it says about each.
pub fn preconditions(status: &Status) -> Vec<(String, String)> {
    assert_eq!(status.code(), Code::FailedPrecondition, "{status:?}");
    let details = status.get_details_precondition_failure().expect("what is in the way");
    details.violations.into_iter().map(|violation| (violation.subject, violation.description)).collect()
}

impl World {
    pub fn commission(&self) -> Clients {
        self.test.as_account("acc_commission", &[("commission", COMMISSION)])
    }

    pub fn school(&self, code: &str) -> Clients {
        self.test.as_account(&format!("acc_{code}"), &[("school", code)])
    }

    /// The publication service, which compiles what was accepted.
    pub fn publication(&self) -> Clients {
        self.test.ctx.for_service("publication").clients
    }

    /// A cycle that collects, due at `due` if given.
    pub async fn collecting(&self, year: i32, due: Option<prost_types::Timestamp>) -> Cycle {
        let cycle = Cycle {
            year,
            name: Some(Text { zh: format!("{year} 年度"), en: format!("The {year} edition") }),
            window_start: format!("{}-09-01", year - 1),
            window_end: format!("{year}-08-31"),
            due_time: due,
            ..Default::default()
        };
        let mut cycles = self.commission().cycles();
        let request = CreateCycleRequest { request_id: id(), cycle: Some(cycle) };
        let cycle = cycles.create_cycle(request).await.expect("created").into_inner().cycle.expect("a cycle");
        let request = OpenCycleRequest { request_id: id(), year, etag: cycle.etag };
        cycles.open_cycle(request).await.expect("opened").into_inner().cycle.expect("a cycle")
    }

    pub async fn close(&self, year: i32) {
        let mut cycles = self.commission().cycles();
        let cycle = cycles.get_cycle(GetCycleRequest { year }).await.unwrap().into_inner().cycle.unwrap();
        cycles
            .close_cycle(CloseCycleRequest { request_id: id(), year, etag: cycle.etag })
            .await
            .expect("closed");
    }

    pub async fn release(&self, year: i32) -> Cycle {
        let request = ReleaseCycleRequest { request_id: id(), year };
        self.publication()
            .cycles()
            .release_cycle(request)
            .await
            .expect("released")
            .into_inner()
            .cycle
            .unwrap()
    }

    pub async fn try_create(
        &self,
        year: i32,
        kind: &str,
        code: &str,
        subject: &str,
    ) -> Result<Submission, Status> {
        let request = CreateSubmissionRequest {
            request_id: id(),
            cycle_year: year,
            report_kind: kind.to_owned(),
            organisation_code: code.to_owned(),
            subject_code: subject.to_owned(),
        };
        let answer = self.school(code).submissions().create_submission(request).await?;
        Ok(answer.into_inner().submission.expect("a submission"))
    }

    pub async fn create(&self, year: i32, kind: &str, code: &str, subject: &str) -> Submission {
        self.try_create(year, kind, code, subject).await.expect("created")
    }

    pub async fn get(&self, submission: &Submission) -> Submission {
        let request = GetSubmissionRequest { submission_id: submission.submission_id.clone() };
        let mut client = self.school(&submission.organisation_code).submissions();
        client.get_submission(request).await.expect("read").into_inner().submission.expect("a submission")
    }

    pub async fn cells(&self, submission: &Submission, revision_number: i32) -> BTreeMap<String, Cell> {
        let request = GetCellsRequest { submission_id: submission.submission_id.clone(), revision_number };
        let mut client = self.school(&submission.organisation_code).submissions();
        let cells = client.get_cells(request).await.expect("read").into_inner().cells;
        cells.into_iter().map(|cell| (cell.indicator_code.clone(), cell)).collect()
    }

    /// The report that last year's values come from.
    pub async fn last_year(&self, submission: &Submission) -> Option<LastYear> {
        let request = GetCellsRequest { submission_id: submission.submission_id.clone(), revision_number: 0 };
        let mut client = self.school(&submission.organisation_code).submissions();
        client.get_cells(request).await.expect("read").into_inner().last_year
    }

    pub async fn catalogue(&self, year: i32) -> Catalogue {
        let answer = self.school(COLLEGE).catalogues().get_catalogue(GetCatalogueRequest { year }).await;
        answer.expect("read").into_inner().catalogue.expect("a catalogue")
    }

    pub async fn save(&self, submission: &Submission, cells: Vec<Cell>) -> Result<SaveCellsResponse, Status> {
        let request =
            SaveCellsRequest { request_id: id(), submission_id: submission.submission_id.clone(), cells };
        let mut client = self.school(&submission.organisation_code).submissions();
        Ok(client.save_cells(request).await?.into_inner())
    }

    /// Puts numbers into cells, whatever they held.
    pub async fn put(&self, submission: &Submission, values: &[(&str, &str)]) -> SaveCellsResponse {
        let current = self.cells(submission, 0).await;
        let cells =
            values.iter().map(|(code, value)| cell(code, number(value), &current[*code].etag)).collect();
        self.save(submission, cells).await.expect("saved")
    }

    pub async fn write(
        &self,
        submission: &Submission,
        code: &str,
        body: &str,
        etag: &str,
    ) -> Result<Section, Status> {
        let section = Section { section_code: code.to_owned(), body: body.to_owned(), etag: etag.to_owned() };
        let request = SaveSectionRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            section: Some(section),
        };
        let mut client = self.school(&submission.organisation_code).submissions();
        Ok(client.save_section(request).await?.into_inner().section.expect("a section"))
    }

    /// Fills in every cell with a number that the rules are content with, and every section with a text.
    pub async fn fill(&self, submission: &Submission) {
        let cells = self.cells(submission, 0).await.into_values().filter(|cell| !cell.derived);
        let cells = cells.map(|empty| {
            let value = match empty.indicator_code.as_str() {
                "SC01" => "1000",
                "SC02" => "950",
                "SC03" => "200",
                "SC07N" | "SC08N" | "SC12" => "500",
                "SC10" => "50",
                "SC11" => "200",
                "SVC01" => "750",
                "SVC02" => "300",
                "BAS02" | "BAS19" | "POL01" => "900",
                "POL06" => "100",
                "BAS05" => "60",
                "BAS04" => "70",
                "RES13" => "20",
                "POL05" => "120",
                // A school that meets the standards.
                "BAS06" => "41000",
                "BAS07" => "25000",
                "BAS08" => "1000",
                "BAS09" => "90000",
                "BAS14" => "80",
                "POL02" => "30000",
                code if is_choice(code) => "online",
                code if code.starts_with("SAT") => "95",
                _ => "10",
            };
            let value = if is_choice(&empty.indicator_code) { option(value) } else { number(value) };
            cell(&empty.indicator_code, value, &empty.etag)
        });
        self.save(submission, cells.collect()).await.expect("saved");
        for section in self.sections(submission, 0).await {
            self.write(submission, &section.section_code, PROSE, &section.etag).await.expect("saved");
        }
        self.bring_annexes(submission).await;
    }

    /// Uploads what cannot be missing.
    async fn bring_annexes(&self, submission: &Submission) {
        let school = self.school(&submission.organisation_code);
        let listed = crate::attachments::list(&school, submission, 0).await;
        for limit in listed.limits.into_iter().filter(|limit| limit.required) {
            if listed.attachments.iter().all(|file| file.annex_code != limit.annex_code) {
                let content = crate::files::pdf(&limit.annex_code);
                let header = AttachmentHeader {
                    annex_code: limit.annex_code,
                    ..crate::attachments::header(submission, attachment::Purpose::Annex, "声明.pdf", &content)
                };
                crate::attachments::send(&school, header, &content).await.expect("kept");
            }
        }
    }

    pub async fn sections(&self, submission: &Submission, revision_number: i32) -> Vec<Section> {
        let request =
            ListSectionsRequest { submission_id: submission.submission_id.clone(), revision_number };
        let mut client = self.school(&submission.organisation_code).submissions();
        client.list_sections(request).await.expect("read").into_inner().sections
    }

    pub async fn check(&self, submission: &Submission) -> CheckSubmissionResponse {
        let request = CheckSubmissionRequest { submission_id: submission.submission_id.clone() };
        let mut client = self.school(&submission.organisation_code).submissions();
        client.check_submission(request).await.expect("checked").into_inner()
    }

    pub async fn explain(
        &self,
        submission: &Submission,
        finding_id: &str,
        explanation: &str,
    ) -> Result<Finding, Status> {
        let request = ExplainFindingRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            finding_id: finding_id.to_owned(),
            explanation: explanation.to_owned(),
        };
        let mut client = self.school(&submission.organisation_code).submissions();
        Ok(client.explain_finding(request).await?.into_inner().finding.expect("a finding"))
    }

    pub async fn approve(&self, submission: &Submission) -> Result<Submission, Status> {
        let request = ApproveSubmissionRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            etag: self.get(submission).await.etag,
            declaration: Some(Declaration {
                name: "演示校长".into(), office: "校长".into(), time: None
            }),
        };
        let mut client = self.school(&submission.organisation_code).submissions();
        Ok(client.approve_submission(request).await?.into_inner().submission.expect("a submission"))
    }

    pub async fn submit(&self, submission: &Submission) -> Result<SubmitSubmissionResponse, Status> {
        let request = SubmitSubmissionRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            etag: self.get(submission).await.etag,
        };
        let mut client = self.school(&submission.organisation_code).submissions();
        Ok(client.submit_submission(request).await?.into_inner())
    }

    /// Explains what stands open, approves and hands in.
    pub async fn hand_in(&self, submission: &Submission) -> Receipt {
        for finding in self.check(submission).await.findings {
            if finding.severity() == Severity::Warning && finding.explanation.is_empty() {
                self.explain(submission, &finding.finding_id, "情况属实").await.expect("explained");
            }
        }
        self.approve(submission).await.expect("approved");
        self.submit(submission).await.expect("submitted").receipt.expect("a receipt")
    }

    /// A filled-in report, handed in; warnings are explained.
    pub async fn submitted(&self, year: i32, kind: &str, code: &str, subject: &str) -> Submission {
        let submission = self.create(year, kind, code, subject).await;
        self.fill(&submission).await;
        for finding in self.check(&submission).await.findings {
            self.explain(&submission, &finding.finding_id, "情况属实").await.expect("no errors are left");
        }
        self.approve(&submission).await.expect("approved");
        self.submit(&submission).await.expect("submitted").submission.expect("a submission")
    }

    pub async fn accept(&self, submission: &Submission) -> Result<Submission, Status> {
        let request = AcceptSubmissionRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            etag: self.get(submission).await.etag,
        };
        let mut client = self.commission().submissions();
        Ok(client.accept_submission(request).await?.into_inner().submission.expect("a submission"))
    }

    pub async fn send_back(&self, submission: &Submission, comment: &str) -> Result<Submission, Status> {
        let request = ReturnSubmissionRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            etag: self.get(submission).await.etag,
            comment: comment.to_owned(),
            mend_due_time: None,
        };
        let mut client = self.commission().submissions();
        Ok(client.return_submission(request).await?.into_inner().submission.expect("a submission"))
    }

    /// What happened to a submission: the actions, each with the state it led to.
    pub async fn history(&self, submission: &Submission) -> Vec<(String, submission::State)> {
        let request = ListEventsRequest { submission_id: submission.submission_id.clone() };
        let mut client = self.school(&submission.organisation_code).submissions();
        let events = client.list_events(request).await.expect("read").into_inner().events;
        events.into_iter().map(|event| (event.action.clone(), event.state())).collect()
    }
}
