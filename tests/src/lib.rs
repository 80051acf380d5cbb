//! What end-to-end tests and the load driver start from: the whole product in one process, reached over the network.

use std::{net::SocketAddr, path::Path};

use tempfile::TempDir;
use tokio::task::JoinHandle;
use zhijian::{
    cli::{Place, Upstreams},
    run,
};
use zhijian_platform::{Clients, Context};
use zhijian_proto::{
    common::v1::{Level, Text},
    identity::v1::{
        Account, CreateAccountRequest, CreateOrganisationRequest, Organisation, Region, Role, RoleGrant,
        SetUpRequest, SignInRequest, organisation,
    },
};

/// The code of the region's commission in tests.
pub const COMMISSION: &str = "9011000001";
const SET_UP_CODE: &str = "set-up-code-of-tests";
const PASSWORD: &str = "a long enough password";

/// A running product.
pub struct House {
    /// The web pages.
    pub pages: SocketAddr,
    /// The gRPC services.
    pub grpc: SocketAddr,
    /// Clients that reach the gRPC port, as anybody.
    pub clients: Clients,
    /// What the services received.
    pub ctx: Context,
    serving: JoinHandle<anyhow::Result<()>>,
    directory: TempDir,
}

impl House {
    /// Starts it on free ports: on SQLite in a directory of its own, or on this PostgreSQL database.
    ///
    /// # Errors
    /// Those of starting.
    pub async fn start(database_url: Option<String>) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let house = run::House::open(&place(directory.path(), database_url)).await?;
        let (pages, grpc) = house.addresses()?;
        let ctx = house.ctx.clone();
        let serving = tokio::spawn(house.serve());
        let services = ["identity", "submission", "review", "publication"];
        let clients = Clients::at(services.map(|service| (service, format!("http://{grpc}"))))?;
        Ok(Self { pages, grpc, clients, ctx, serving, directory })
    }

    /// The data directory.
    pub fn data(&self) -> &Path {
        self.directory.path()
    }

    /// Opens the first account, a commission's; answers clients that call as it.
    ///
    /// # Errors
    /// If the identity service refuses.
    pub async fn set_up(&self) -> anyhow::Result<Clients> {
        let request = SetUpRequest {
            request_id: request_id(),
            set_up_code: SET_UP_CODE.into(),
            sign_in_name: "commission".into(),
            display_name: "Commission".into(),
            password: PASSWORD.into(),
            organisation: Some(Organisation {
                code: COMMISSION.into(),
                kind: organisation::Kind::Commission.into(),
                name: Some(text("测试市教育委员会", "Test Commission")),
                ..Default::default()
            }),
            region: Some(Region {
                name: Some(text("测试市", "Test City")),
                note: Some(text("测试数据", "Test data")),
                ..Default::default()
            }),
        };
        self.clients.sessions().set_up(request).await?;
        self.sign_in("commission").await
    }

    /// Clients that call as the account with this sign-in name.
    ///
    /// # Errors
    /// If the identity service refuses.
    pub async fn sign_in(&self, name: &str) -> anyhow::Result<Clients> {
        let request = SignInRequest { sign_in_name: name.into(), password: PASSWORD.into() };
        let token = self.clients.sessions().sign_in(request).await?.into_inner().token;
        Ok(self.clients.with_token(&token))
    }

    /// Stops it, letting what is in flight end.
    ///
    /// # Errors
    /// If it did not end well.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.ctx.shutdown.cancel();
        self.serving.await?
    }
}

/// Registers a higher vocational school.
///
/// # Errors
/// If the identity service refuses.
pub async fn create_school(commission: &Clients, code: &str) -> anyhow::Result<()> {
    let organisation = Organisation {
        code: code.into(),
        kind: organisation::Kind::HigherVocational.into(),
        name: Some(text(&format!("测试学院{code}"), &format!("Test College {code}"))),
        level: Level::Higher.into(),
        district: "测试区".into(),
        ..Default::default()
    };
    let request = CreateOrganisationRequest { request_id: request_id(), organisation: Some(organisation) };
    commission.organisations().create_organisation(request).await?;
    Ok(())
}

/// Opens an account with one role.
///
/// # Errors
/// If the identity service refuses.
pub async fn create_account(
    commission: &Clients,
    name: &str,
    role: Role,
    organisation: &str,
) -> anyhow::Result<String> {
    let account = Account {
        sign_in_name: name.into(),
        display_name: name.into(),
        roles: vec![RoleGrant { role: role.into(), organisation_code: organisation.into() }],
        ..Default::default()
    };
    let request =
        CreateAccountRequest { request_id: request_id(), account: Some(account), password: PASSWORD.into() };
    let created = commission.accounts().create_account(request).await?.into_inner();
    Ok(created.account.unwrap_or_default().account_id)
}

/// A fresh request id.
pub fn request_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// A text in both languages.
pub fn text(zh: &str, en: &str) -> Text {
    Text { zh: zh.into(), en: en.into() }
}

fn place(data: &Path, database_url: Option<String>) -> Place {
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    Place {
        data: data.to_owned(),
        listen: anywhere,
        grpc_listen: anywhere,
        database_url,
        objects: None,
        smtp: None,
        assistant: None,
        assistant_model: None,
        assistant_key: None,
        smtp_from: None,
        rules: None,
        service_key_file: None,
        set_up_code: Some(SET_UP_CODE.into()),
        upstreams: Upstreams {
            identity_url: None,
            submission_url: None,
            review_url: None,
            publication_url: None,
        },
    }
}
