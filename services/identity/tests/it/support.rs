//! A served identity service, callers of it, and messages to send.

use tonic::{Code, Status};
use tonic_types::StatusExt;
use zhijian_platform::{
    Clients, id,
    server::Services,
    testing::{self, TestContext},
};
use zhijian_proto::{
    common::v1::{Level, Text},
    identity::v1::{
        Account, CreateAccountRequest, Organisation, Region, Role, RoleGrant, SetUpRequest, SetUpResponse,
        SignInRequest, SignInResponse, organisation::Kind,
    },
};

pub const COMMISSION: &str = "9011000001";
pub const SCHOOL: &str = "3611000001";
pub const PASSWORD: &str = "correct horse battery";

/// The identity service on one database, reached in process.
pub struct Identity {
    pub test: TestContext,
    _services: Services,
}

impl Identity {
    /// One for every database, each empty.
    pub async fn each() -> Vec<Self> {
        let mut each = Vec::new();
        for test in testing::contexts().await {
            eprintln!("on {}", test.database);
            each.push(Self { _services: serve(&test).await, test });
        }
        each
    }

    /// One for every database, set up, with "admin" holding the commission role.
    pub async fn each_set_up() -> Vec<Self> {
        let each = Self::each().await;
        for identity in &each {
            identity.set_up(set_up()).await.expect("an empty region is set up");
        }
        each
    }

    /// Replaces the process by another one on the same database.
    pub async fn restart(&mut self) {
        self._services = serve(&self.test).await;
    }

    pub fn anybody(&self) -> Clients {
        self.test.ctx.clients.clone()
    }

    /// Somebody who may do what a commission may.
    pub fn commission(&self) -> Clients {
        self.test.as_account("acc_commission", &[("commission", COMMISSION)])
    }

    pub async fn set_up(&self, request: SetUpRequest) -> Result<SetUpResponse, Status> {
        Ok(self.anybody().sessions().set_up(request).await?.into_inner())
    }

    pub async fn sign_in(&self, name: &str, password: &str) -> Result<SignInResponse, Status> {
        let request = SignInRequest { sign_in_name: name.to_owned(), password: password.to_owned() };
        Ok(self.anybody().sessions().sign_in(request).await?.into_inner())
    }

    /// Opens an account of this name with `PASSWORD`.
    pub async fn open_account(&self, name: &str, roles: &[(Role, &str)]) -> Result<Account, Status> {
        let response = self.commission().accounts().create_account(account(name, roles)).await?;
        Ok(response.into_inner().account.expect("an answer holds the account"))
    }

    /// Registers a school under `SCHOOL`.
    pub async fn register_school(&self) {
        let request = register(school(SCHOOL));
        self.commission().organisations().create_organisation(request).await.expect("a school is registered");
    }
}

async fn serve(test: &TestContext) -> Services {
    let mut services = Services::default();
    let routes = zhijian_identity::build(&test.ctx).await.expect("identity builds");
    services.add(&test.ctx, "identity", routes);
    services
}

/// A request id that is the same for the same name.
pub fn request_id(name: &str) -> String {
    id::derived_request_id(name)
}

pub fn text(zh: &str, en: &str) -> Option<Text> {
    Some(Text { zh: zh.to_owned(), en: en.to_owned() })
}

pub fn set_up() -> SetUpRequest {
    SetUpRequest {
        request_id: request_id("set up"),
        set_up_code: "set-up".to_owned(),
        sign_in_name: "admin".to_owned(),
        display_name: "演示教委".to_owned(),
        password: PASSWORD.to_owned(),
        organisation: Some(Organisation {
            code: COMMISSION.to_owned(),
            kind: Kind::Commission.into(),
            name: text("演示市教育委员会", "Demonstration Commission"),
            ..Organisation::default()
        }),
        region: Some(Region { name: text("演示市", "Demonstration City"), ..Region::default() }),
    }
}

pub fn school(code: &str) -> Organisation {
    Organisation {
        code: code.to_owned(),
        kind: Kind::SpecialisedSecondary.into(),
        name: text("演示中等专业学校", "Demonstration School"),
        level: Level::Secondary.into(),
        district: "演示区".to_owned(),
        demonstration: true,
        parent_code: COMMISSION.to_owned(),
        ..Organisation::default()
    }
}

pub fn register(organisation: Organisation) -> zhijian_proto::identity::v1::CreateOrganisationRequest {
    zhijian_proto::identity::v1::CreateOrganisationRequest {
        request_id: request_id(&format!("register {}", organisation.code)),
        organisation: Some(organisation),
    }
}

pub fn role(role: Role, code: &str) -> RoleGrant {
    RoleGrant { role: role.into(), organisation_code: code.to_owned() }
}

pub fn account(name: &str, roles: &[(Role, &str)]) -> CreateAccountRequest {
    CreateAccountRequest {
        request_id: request_id(&format!("account {name}")),
        account: Some(Account {
            sign_in_name: name.to_owned(),
            display_name: format!("演示 {name}"),
            roles: roles.iter().map(|(held, code)| role(*held, code)).collect(),
            ..Account::default()
        }),
        password: PASSWORD.to_owned(),
    }
}

/// Checks that a call was refused with this code and reason; answers the status.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(result: Result<T, Status>, code: Code, reason: &str) -> Status {
    let status = result.expect_err("refused");
    let info = status.get_details_error_info().expect("an error carries its reason");
    assert_eq!((status.code(), info.reason.as_str()), (code, reason), "{status:?}");
    status
}

/// The fields that a refusal names.
pub fn fields(status: &Status) -> Vec<String> {
    let details = status.get_details_bad_request().expect("an invalid request names its fields");
    details.field_violations.into_iter().map(|violation| violation.field).collect()
}
