//! A service on a fresh database, a register of organisations beside it, and callers in every role.

mod cycle;
mod refusals;
mod register;
mod report;
mod steps;

use tonic::service::Routes;
use zhijian_platform::{Clients, server::Services, testing::TestContext};
use zhijian_proto::{
    common::v1::{Value, value::Kind},
    identity::v1::organisation_service_server::OrganisationServiceServer,
    submission::v1::*,
};

use register::Register;

pub use refusals::{metadata, preconditions, reason, violations};
pub use register::{FORMER_NAME, enterprise};

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
}
