//! A small region with every service in one process, driven through its RPCs.

use sea_orm::ConnectionTrait;
use tokio::task::JoinHandle;
use tonic::service::Routes;
use uuid::Uuid;
use zhijian_platform::{Clients, Context, server::Services, testing::TestContext};
use zhijian_proto::{
    common::v1::{Level, Operation, Text, WatchOperationRequest},
    identity::v1::{
        Account, CreateAccountRequest, CreateOrganisationRequest, Organisation, Region as RegionInfo, Role,
        RoleGrant, SetUpRequest, organisation::Kind,
    },
};

use crate::embargo::Outage;

pub const COMMISSION: &str = "9011000001";
const PASSWORD: &str = "a long enough password";

/// Two schools of each level.
pub const SCHOOLS: [(&str, Kind, &str); 4] = [
    ("4111000001", Kind::HigherVocational, "甲职业学院（演示）"),
    ("4111000002", Kind::HigherVocational, "乙职业学院（演示）"),
    ("3611000001", Kind::SpecialisedSecondary, "丙中等专业学校（演示）"),
    ("3611000002", Kind::VocationalHigh, "丁职业高中（演示）"),
];
/// Three bodies, each of which employs a reviewer.
pub const BODIES: [&str; 3] = ["9311000001", "9311000002", "9311000003"];

/// The services of a region, and who calls them.
pub struct Region {
    pub test: TestContext,
    pub commission: Clients,
    pub publisher: Clients,
    /// Another one, who confirms.
    pub second: Clients,
    pub chair: Clients,
    pub anybody: Clients,
    /// One of each body, in the order of [`BODIES`]: the account and its clients.
    pub reviewers: Vec<(String, Clients)>,
    /// Stands before the review service.
    pub outage: Outage,
    /// The process of the publication service.
    publication: Context,
    worker: JoinHandle<()>,
}

pub fn request_id() -> String {
    Uuid::now_v7().to_string()
}

pub fn text(zh: &str) -> Option<Text> {
    Some(Text { zh: zh.to_owned(), en: "Demonstration".to_owned() })
}

impl Region {
    /// Starts every service and registers everybody.
    pub async fn start(test: TestContext) -> Self {
        let ctx = &test.ctx;
        let mut services = Services::default();
        let identity = zhijian_identity::build(&ctx.for_service("identity")).await.expect("identity builds");
        services.add(ctx, "identity", identity);
        let submission =
            zhijian_submission::build(&ctx.for_service("submission")).await.expect("submission builds");
        services.add(ctx, "submission", submission);
        let review = zhijian_review::build(&ctx.for_service("review")).await.expect("review builds");
        let outage = Outage::before(ctx.clients.clone());
        services.add(ctx, "review", Routes::from(outage.stand_before(review.into_axum_router())));
        let publication = serve_publication(ctx).await;
        let worker = tokio::spawn(ctx.operations.clone().work_until(ctx.shutdown.clone()));

        let anybody = ctx.clients.clone();
        let set_up = SetUpRequest {
            request_id: request_id(),
            set_up_code: ctx.set_up_code().to_owned(),
            sign_in_name: "commission".to_owned(),
            display_name: "市教委（演示）".to_owned(),
            password: PASSWORD.to_owned(),
            organisation: Some(organisation(COMMISSION, Kind::Commission, "市教委（演示）")),
            region: Some(RegionInfo {
                name: text("演示市"),
                demonstration: true,
                note: text("机构均为虚构（演示）。"),
                ..Default::default()
            }),
        };
        let account =
            anybody.sessions().set_up(set_up).await.expect("set up").into_inner().account.expect("there");
        let commission = test.as_account(&account.account_id, &[("commission", COMMISSION)]);
        let mut region = Self {
            publisher: commission.clone(),
            second: commission.clone(),
            chair: commission.clone(),
            commission,
            anybody,
            reviewers: vec![],
            outage,
            publication,
            worker,
            test,
        };
        region.register().await;
        region
    }

    async fn register(&mut self) {
        for (code, kind, name) in SCHOOLS {
            self.create_organisation(organisation(code, kind, name)).await;
        }
        self.publisher = self.create_account("publisher", Role::Publisher, COMMISSION).await.1;
        self.second = self.create_account("publisher-2", Role::Publisher, COMMISSION).await.1;
        self.chair = self.create_account("chair", Role::Chair, COMMISSION).await.1;
        for (index, code) in BODIES.into_iter().enumerate() {
            self.create_organisation(organisation(
                code,
                Kind::EvaluationBody,
                &format!("评价机构{index}（演示）"),
            ))
            .await;
            let reviewer = self.create_account(&format!("reviewer-{index}"), Role::Reviewer, code).await;
            self.reviewers.push(reviewer);
        }
    }

    async fn create_organisation(&self, organisation: Organisation) {
        let request =
            CreateOrganisationRequest { request_id: request_id(), organisation: Some(organisation) };
        self.commission.organisations().create_organisation(request).await.expect("registered");
    }

    async fn create_account(&self, name: &str, role: Role, code: &str) -> (String, Clients) {
        let account = Account {
            sign_in_name: name.to_owned(),
            display_name: format!("{name}（演示）"),
            roles: vec![RoleGrant { role: role.into(), organisation_code: code.to_owned() }],
            ..Default::default()
        };
        let request = CreateAccountRequest {
            request_id: request_id(),
            account: Some(account),
            password: PASSWORD.to_owned(),
        };
        let account =
            self.commission.accounts().create_account(request).await.expect("opened").into_inner().account;
        let account_id = account.expect("there").account_id;
        let role = zhijian_platform::role_name(role).expect("a role");
        let clients = self.test.as_account(&account_id, &[(role, code)]);
        (account_id, clients)
    }

    /// Clients of the school with this code.
    pub fn school(&self, code: &str) -> Clients {
        self.test.as_account(&format!("acc_{code}"), &[("school", code)])
    }

    /// Follows an operation to its end.
    pub async fn end_of(&self, operation: Operation) -> Operation {
        let request = WatchOperationRequest { operation_id: operation.operation_id };
        let mut changes =
            self.publisher.operations().watch_operation(request).await.expect("watched").into_inner();
        let mut last = None;
        while let Some(change) = changes.message().await.expect("a change") {
            last = change.operation;
        }
        last.expect("at least one")
    }

    /// Puts an operation back as it was before any worker took it.
    pub async fn queue_again(&self, operation_id: &str) -> Operation {
        let sql = format!(
            "UPDATE platform_operation SET state = 'queued', end_time = NULL WHERE operation_id = '{operation_id}'"
        );
        let requeue = self.test.ctx.db.mutate_as_system("test.queue_again", "test", move |tx| {
            Box::pin(async move {
                tx.conn().execute_unprepared(&sql).await?;
                tx.unchanged();
                Ok(())
            })
        });
        requeue.await.expect("queued again");
        self.test.ctx.operations.wake();
        Operation { operation_id: operation_id.to_owned(), ..Default::default() }
    }

    /// Ends the process of the publication service, and starts another one on the same database.
    pub async fn restart_publication(&mut self) {
        self.publication.shutdown.cancel();
        self.publication.tasks.close();
        self.publication.tasks.wait().await;
        self.publication = serve_publication(&self.test.ctx).await;
    }

    /// Stops the worker and the services.
    pub async fn stop(self) {
        self.test.ctx.shutdown.cancel();
        self.worker.await.expect("the worker ends");
        self.test.ctx.db.close().await;
    }
}

/// The publication service in a process of its own, as far as its tasks and their end.
async fn serve_publication(ctx: &Context) -> Context {
    let mut ctx = ctx.clone();
    (ctx.shutdown, ctx.tasks) = (ctx.shutdown.child_token(), Default::default());
    let routes =
        zhijian_publication::build(&ctx.for_service("publication")).await.expect("publication builds");
    Services::default().add(&ctx, "publication", routes);
    ctx
}

fn organisation(code: &str, kind: Kind, name: &str) -> Organisation {
    let level = match kind {
        Kind::HigherVocational => Level::Higher,
        Kind::SpecialisedSecondary | Kind::VocationalHigh => Level::Secondary,
        _ => Level::Unspecified,
    };
    Organisation {
        code: code.to_owned(),
        kind: kind.into(),
        name: text(name),
        level: level.into(),
        demonstration: true,
        ..Default::default()
    }
}
