//! A small region on a fresh database, with the real upstream services, called as people of every role.

use std::{collections::BTreeMap, result::Result};

use tonic::{Code, Response, Status};
use tonic_types::StatusExt;
use zhijian_platform::{
    Assistant, Clients,
    server::Services,
    testing::{TestContext, contexts},
};
use zhijian_proto::{
    common::v1::{Level, Text},
    identity::v1::{
        Account, CreateAccountRequest, CreateOrganisationRequest, Organisation, Role, RoleGrant,
        organisation::Kind,
    },
    review::v1::{self as wire, *},
    submission::v1::{CreateCycleRequest, Cycle, ImportProgrammesRequest, Pathway, Programme},
};

pub const YEAR: i32 = 2025;
pub const SCHEME: &str = "pilot-monitoring";
const COMMISSION: &str = "9011000001";
pub const DISTRICT: &str = "9111000001";

/// A ten-digit code of a school.
pub fn school(n: usize) -> String {
    format!("36110{n:05}")
}

/// An organisation that an expert left; nobody knows when if the day is empty.
pub fn left(code: &str, left_on: &str) -> PastEmployer {
    PastEmployer { organisation_code: code.into(), left_on: left_on.into() }
}

/// A ten-digit code of an evaluation body.
pub fn body(n: usize) -> String {
    format!("93110{n:05}")
}

/// A region with its services.
pub struct World {
    pub test: TestContext,
    pub commission: Clients,
    pub chair: Clients,
    /// The publication service.
    pub publication: Clients,
}

/// Runs a test in a fresh region on each database.
pub async fn in_each_world<F: AsyncFn(World)>(schools: usize, bodies: usize, test: F) {
    for context in contexts().await {
        eprintln!("on {}", context.database);
        test(World::new(context, schools, bodies).await).await;
    }
}

pub fn request_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

fn text(zh: String) -> Option<Text> {
    Some(Text { en: format!("{zh} (en)"), zh })
}

/// What the services answered.
pub fn ok<T>(answer: Result<Response<T>, Status>) -> T {
    answer.unwrap_or_else(|status| panic!("{status:?}: {:?}", violations(&status))).into_inner()
}

/// The refusal, which must have this code.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(answer: Result<Response<T>, Status>, code: Code) -> Status {
    let status = answer.expect_err("refused");
    assert_eq!(status.code(), code, "{status:?}");
    status
}

/// The fields or conditions that a refusal names, with what it says about them.
pub fn violations(status: &Status) -> BTreeMap<String, String> {
    let details = status.get_error_details();
    let fields = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
    let conditions =
        details.precondition_failure().map(|failure| failure.violations.clone()).unwrap_or_default();
    fields
        .into_iter()
        .map(|field| (field.field, field.description))
        .chain(conditions.into_iter().map(|condition| (condition.subject, condition.description)))
        .collect()
}

/// The stable reason of a refusal.
pub fn reason(status: &Status) -> String {
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}

impl World {
    async fn new(test: TestContext, schools: usize, bodies: usize) -> Self {
        Self::with_assistant(test, schools, bodies, None).await
    }

    /// A region whose review service asks a language model.
    pub async fn with_assistant(
        mut test: TestContext,
        schools: usize,
        bodies: usize,
        assistant: Option<Assistant>,
    ) -> Self {
        test.ctx.assistant = assistant;
        let mut services = Services::default();
        let of = |name| test.ctx.for_service(name);
        let identity = zhijian_identity::build(&of("identity")).await.expect("identity starts");
        services.add(&test.ctx, "identity", identity);
        let submission = zhijian_submission::build(&of("submission")).await.expect("submission starts");
        services.add(&test.ctx, "submission", submission);
        let review = zhijian_review::build(&of("review")).await.expect("review starts");
        services.add(&test.ctx, "review", review);
        let world = Self {
            commission: test.as_account("acc_commission", &[("commission", COMMISSION)]),
            chair: test.as_account("acc_chair", &[("chair", COMMISSION)]),
            publication: of("publication").clients,
            test,
        };
        world.organisation(COMMISSION.into(), Kind::Commission, "").await;
        world.organisation(DISTRICT.into(), Kind::DistrictCommission, COMMISSION).await;
        for n in 0..schools {
            world.organisation(school(n), Kind::VocationalHigh, DISTRICT).await;
        }
        for n in 0..bodies {
            world.organisation(body(n), Kind::EvaluationBody, COMMISSION).await;
        }
        world.cycle(YEAR).await;
        world
    }

    /// Defines a year, which follows the catalogue of 2025.
    pub async fn cycle(&self, year: i32) {
        let cycle = Cycle {
            year,
            name: text("演示年度".into()),
            window_start: "2024-09-01".into(),
            window_end: "2025-08-31".into(),
            catalogue_year: YEAR,
            ..Cycle::default()
        };
        let request = CreateCycleRequest { request_id: request_id(), cycle: Some(cycle) };
        ok(self.commission.cycles().create_cycle(request).await);
    }

    async fn organisation(&self, code: String, kind: Kind, parent: &str) {
        let level = if kind == Kind::VocationalHigh { Level::Secondary } else { Level::Unspecified };
        let local = matches!(kind, Kind::VocationalHigh | Kind::DistrictCommission);
        let organisation = Organisation {
            district: if local { "演示区".into() } else { String::new() },
            name: text(format!("演示单位{code}")),
            code,
            kind: kind.into(),
            level: level.into(),
            demonstration: true,
            parent_code: parent.into(),
            ..Organisation::default()
        };
        let request =
            CreateOrganisationRequest { request_id: request_id(), organisation: Some(organisation) };
        ok(self.commission.organisations().create_organisation(request).await);
    }

    /// Registers pilot programmes of a school, of these codes; `partner` is the university they lead to.
    pub async fn programmes(&self, school: &str, codes: &[&str], partner: &str) {
        self.programmes_since(YEAR - 1, school, codes, partner).await;
    }

    /// Registers pilot programmes that opened in a year.
    pub async fn programmes_since(&self, opened_year: i32, school: &str, codes: &[&str], partner: &str) {
        let pathway = Pathway {
            year: YEAR,
            places: 40,
            partner: partner.into(),
            partner_programme: "演示专业".into(),
            sequence: 1,
        };
        let programme = |code: &&str| Programme {
            organisation_code: school.into(),
            code: (*code).into(),
            name: text(format!("专业{code}")),
            level: Level::Secondary.into(),
            opened_year,
            pilot: true,
            pathway: (!partner.is_empty()).then(|| pathway.clone()),
            ..Programme::default()
        };
        let request = ImportProgrammesRequest {
            request_id: request_id(),
            programmes: codes.iter().map(programme).collect(),
            dry_run: false,
        };
        ok(self.commission.programmes().import_programmes(request).await);
    }

    /// Opens an account that may review.
    pub async fn account(&self, name: &str, organisation: &str) -> String {
        let grant = RoleGrant { role: Role::Reviewer.into(), organisation_code: organisation.into() };
        let account = Account {
            sign_in_name: name.into(),
            display_name: format!("专家{name}"),
            roles: vec![grant],
            ..Account::default()
        };
        let request = CreateAccountRequest {
            request_id: request_id(),
            account: Some(account),
            password: "a long enough password".into(),
        };
        ok(self.commission.accounts().create_account(request).await).account.expect("an account").account_id
    }

    /// Enters an expert with an account into the panel.
    pub async fn reviewer(
        &self,
        name: &str,
        organisation: &str,
        past: &[String],
        expertise: &[&str],
    ) -> String {
        let past = past.iter().map(|code| left(code, "")).collect();
        self.enter(name, organisation, past, expertise).await
    }

    /// Enters an expert who left an organisation then, and knows class 71.
    pub async fn reviewer_who_left(
        &self,
        name: &str,
        organisation: &str,
        past: &str,
        left_on: &str,
    ) -> String {
        self.enter(name, organisation, vec![left(past, left_on)], &["71"]).await
    }

    async fn enter(
        &self,
        name: &str,
        organisation: &str,
        past_employers: Vec<PastEmployer>,
        expertise: &[&str],
    ) -> String {
        let account_id = self.account(name, organisation).await;
        let reviewer = wire::Reviewer {
            account_id: account_id.clone(),
            organisation_code: organisation.into(),
            past_employers,
            expertise: expertise.iter().map(|class| (*class).to_owned()).collect(),
            max_load: 100,
            ..wire::Reviewer::default()
        };
        let request = RegisterReviewerRequest { request_id: request_id(), reviewer: Some(reviewer) };
        ok(self.chair.reviewers().register_reviewer(request).await);
        account_id
    }

    /// Experts of evaluation bodies, one a body, who know class 71.
    pub async fn reviewers(&self, count: usize) -> Vec<String> {
        let mut accounts = vec![];
        for n in 0..count {
            accounts.push(self.reviewer(&format!("reviewer{n}"), &body(n), &[], &["71"]).await);
        }
        accounts
    }

    pub fn as_reviewer(&self, account_id: &str) -> Clients {
        self.test.as_account(account_id, &[("reviewer", &body(0))])
    }

    pub fn as_school(&self, code: &str) -> Clients {
        self.test.as_account(&format!("acc_school_{code}"), &[("school", code)])
    }

    pub async fn create_round(&self) -> Round {
        self.create_round_of(YEAR).await
    }

    pub async fn create_round_of(&self, cycle_year: i32) -> Round {
        self.create_round_by(SCHEME, cycle_year).await
    }

    pub async fn create_round_by(&self, scheme: &str, cycle_year: i32) -> Round {
        let scheme_code = scheme.into();
        let request =
            CreateRoundRequest { request_id: request_id(), cycle_year, scheme_code, due_time: None };
        ok(self.chair.rounds().create_round(request).await).round.expect("a round")
    }

    pub async fn round(&self, id: &str) -> Round {
        let request = GetRoundRequest { round_id: id.into() };
        ok(self.chair.rounds().get_round(request).await).round.expect("a round")
    }

    pub async fn try_assign(&self, id: &str) -> Result<Response<AssignRoundResponse>, Status> {
        let etag = self.round(id).await.etag;
        let request =
            AssignRoundRequest { request_id: request_id(), round_id: id.into(), etag, dry_run: false };
        self.chair.rounds().assign_round(request).await
    }

    pub async fn try_open(&self, id: &str) -> Result<Response<OpenRoundResponse>, Status> {
        let etag = self.round(id).await.etag;
        let request = OpenRoundRequest { request_id: request_id(), round_id: id.into(), etag };
        self.chair.rounds().open_round(request).await
    }

    pub async fn try_finalise(&self, id: &str) -> Result<Response<FinaliseRoundResponse>, Status> {
        let etag = self.round(id).await.etag;
        let request = FinaliseRoundRequest { request_id: request_id(), round_id: id.into(), etag };
        self.chair.rounds().finalise_round(request).await
    }

    pub async fn try_reveal(&self, id: &str) -> Result<Response<RevealRoundResponse>, Status> {
        let request = RevealRoundRequest { request_id: request_id(), round_id: id.into() };
        self.publication.rounds().reveal_round(request).await
    }

    /// A round that reviewers can score.
    pub async fn open_round(&self) -> Round {
        let round = self.create_round().await;
        ok(self.try_assign(&round.round_id).await);
        ok(self.try_open(&round.round_id).await).round.expect("a round")
    }

    /// A round's assignments, as the chair sees them.
    pub async fn assignments(&self, round_id: &str) -> Vec<Assignment> {
        assignments(&self.chair, round_id).await
    }

    /// A round's entries, as the caller sees them.
    pub async fn entries(&self, caller: &Clients, round_id: &str) -> Vec<Entry> {
        let request = ListEntriesRequest { page_size: 1000, round_id: round_id.into(), ..Default::default() };
        ok(caller.rounds().list_entries(request).await).entries
    }

    /// Hands in the same points for every element.
    pub async fn submit(&self, assignment: &Assignment, points: &str) -> Assignment {
        ok(self.try_submit(assignment, points).await).assignment.expect("an assignment")
    }

    pub async fn try_submit(
        &self,
        assignment: &Assignment,
        points: &str,
    ) -> Result<Response<SubmitScoresResponse>, Status> {
        let scores =
            assignment.scores.iter().map(|score| Score { points: points.into(), ..score.clone() }).collect();
        let request = SubmitScoresRequest {
            request_id: request_id(),
            assignment_id: assignment.assignment_id.clone(),
            etag: assignment.etag.clone(),
            scores,
            comment: "建议加强实践教学。".into(),
        };
        self.as_reviewer(&assignment.reviewer_account_id).assignments().submit_scores(request).await
    }

    /// Hands in whatever is open, with points by the entry.
    pub async fn submit_all(&self, round_id: &str, points: impl Fn(&Entry) -> String) {
        for assignment in self.assignments(round_id).await {
            if assignment.state() == assignment::State::Open {
                self.submit(&assignment, &points(assignment.entry.as_ref().expect("an entry"))).await;
            }
        }
    }
}

/// A round's assignments, as the caller sees them.
pub async fn assignments(caller: &Clients, round_id: &str) -> Vec<Assignment> {
    let request = ListAssignmentsRequest { page_size: 1000, round_id: round_id.into(), ..Default::default() };
    ok(caller.assignments().list_assignments(request).await).assignments
}
