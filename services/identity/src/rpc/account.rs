//! AccountService.

use std::sync::Arc;

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Context, Error, Page, Resource};
use zhijian_proto::identity::v1::{
    self as proto, CreateAccountRequest, CreateAccountResponse, GetAccountRequest, GetAccountResponse,
    GrantRoleRequest, GrantRoleResponse, ListAccountsRequest, ListAccountsResponse, RevokeRoleRequest,
    RevokeRoleResponse, account_service_server::AccountService,
};

use super::{
    Hasher,
    fields::{self, Fields},
    read,
};
use crate::{
    domain::{
        Broken,
        account::{DisplayName, SignInName},
        password::Password,
        role::{self, LastCommission, RoleError, RoleGrant},
    },
    store,
};

/// Keeps accounts and roles.
pub(crate) struct Accounts {
    ctx: Context,
    hasher: Arc<Hasher>,
}

impl Accounts {
    pub fn new(ctx: Context, hasher: Arc<Hasher>) -> Self {
        Self { ctx, hasher }
    }
}

#[tonic::async_trait]
impl AccountService for Accounts {
    async fn create_account(
        &self,
        request: Request<CreateAccountRequest>,
    ) -> Result<Response<CreateAccountResponse>, Status> {
        let call = Call::of(&request)?;
        let mut input = request.into_inner();
        let grant = call.authorise(&Resource::new("account", ""))?;
        // Taken out of the request, so that nothing of it is kept with the answer: a repeat is answered as the first,
        // whatever password it brings.
        let password = std::mem::take(&mut input.password);
        let mut fields = Fields::default();
        let account = input.account.clone().unwrap_or_default();
        let name = fields.take("account.sign_in_name", SignInName::parse(&account.sign_in_name));
        let display_name = fields.take("account.display_name", DisplayName::parse(&account.display_name));
        let password = fields.take("password", Password::parse(password));
        let roles = read::roles(&mut fields, &account.roles);
        let (((name, display_name), password), roles) =
            fields.finish(name.zip(display_name).zip(password).zip(roles))?;
        let hash = self.hasher.turn().await?.hash(password).await?;
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    check_roles(tx.conn(), &roles, &account.roles).await?;
                    let account =
                        store::account::insert(tx.conn(), &name, &display_name, &hash, roles, tx.now())
                            .await?;
                    tx.audit(
                        format!("account/{}", account.account_id),
                        json!({
                            "sign_in_name": account.sign_in_name,
                            "roles": account.roles.iter().map(described).collect::<Vec<_>>(),
                        }),
                    );
                    Ok(CreateAccountResponse { account: Some(account.into()) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn get_account(
        &self,
        request: Request<GetAccountRequest>,
    ) -> Result<Response<GetAccountResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        call.authorise(&Resource::new("account", &input.account_id).owner(&input.account_id))?;
        let account = find(self.ctx.db.reader(), &input.account_id).await?;
        Ok(Response::new(GetAccountResponse { account: Some(account.into()) }))
    }

    async fn list_accounts(
        &self,
        request: Request<ListAccountsRequest>,
    ) -> Result<Response<ListAccountsResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        call.authorise(&Resource::region())?;
        let page = Page::parse(input.page_size, &input.page_token)?;
        let held = read::optional_role(input.role).map_err(|broken| fields::invalid("role", &broken))?;
        let rows = store::account::list(self.ctx.db.reader(), &page, held).await?;
        let (rows, next_page_token) = page.finish(rows, |row| row.sign_in_name.clone());
        Ok(Response::new(ListAccountsResponse {
            accounts: rows.into_iter().map(Into::into).collect(),
            next_page_token,
        }))
    }

    async fn grant_role(
        &self,
        request: Request<GrantRoleRequest>,
    ) -> Result<Response<GrantRoleResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = call.authorise(&Resource::new("account", &input.account_id))?;
        let wanted = read_grant(input.grant.as_ref())?;
        let account_id = input.account_id.clone();
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let mut account = find(tx.conn(), &account_id).await?;
                    if account.roles.contains(&wanted) {
                        tx.unchanged();
                    } else {
                        let kinds = store::organisation::kinds(tx.conn(), [&wanted.organisation]).await?;
                        let kind = kinds.get(wanted.organisation.as_str()).copied();
                        wanted
                            .check(kind)
                            .map_err(|broken| fields::invalid("grant.organisation_code", &broken))?;
                        if account.roles.len() >= role::MOST {
                            return Err(fields::invalid("grant", &RoleError::TooMany));
                        }
                        tx.audit(format!("account/{account_id}"), json!({ "granted": described(&wanted) }));
                        account = store::account::grant(tx.conn(), account, wanted).await?;
                    }
                    Ok(GrantRoleResponse { account: Some(account.into()) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn revoke_role(
        &self,
        request: Request<RevokeRoleRequest>,
    ) -> Result<Response<RevokeRoleResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = call.authorise(&Resource::new("account", &input.account_id))?;
        let unwanted = read_grant(input.grant.as_ref())?;
        let account_id = input.account_id.clone();
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let mut account = find(tx.conn(), &account_id).await?;
                    if account.roles.contains(&unwanted) {
                        let holders = store::role::count_holders(tx.conn(), unwanted.role).await?;
                        role::check_revocation(unwanted.role, holders)?;
                        tx.audit(format!("account/{account_id}"), json!({ "revoked": described(&unwanted) }));
                        account = store::account::revoke(tx.conn(), account, &unwanted).await?;
                    } else {
                        tx.unchanged();
                    }
                    Ok(RevokeRoleResponse { account: Some(account.into()) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }
}

impl From<LastCommission> for Error {
    fn from(last: LastCommission) -> Self {
        Self::illegal_state("grant", last.zh(), last.to_string())
    }
}

async fn find(conn: &impl ConnectionTrait, account_id: &str) -> Result<store::account::Account, Error> {
    store::account::find(conn, account_id).await?.ok_or_else(|| Error::not_found("account", account_id))
}

fn read_grant(message: Option<&proto::RoleGrant>) -> Result<RoleGrant, Error> {
    let mut fields = Fields::default();
    let grant = read::role_grant(&mut fields, "grant", message.unwrap_or(&proto::RoleGrant::default()));
    fields.finish(grant)
}

/// Checks that every role can be held where it is asked for; `messages` are the roles as the request numbers them.
async fn check_roles(
    conn: &impl ConnectionTrait,
    roles: &[RoleGrant],
    messages: &[proto::RoleGrant],
) -> Result<(), Error> {
    let kinds = store::organisation::kinds(conn, roles.iter().map(|grant| &grant.organisation)).await?;
    let mut fields = Fields::default();
    for grant in roles {
        let code = grant.organisation.as_str();
        let index = messages.iter().position(|message| {
            message.organisation_code == code && message.role() == proto::Role::from(grant.role)
        });
        let path = format!("account.roles[{}].organisation_code", index.unwrap_or_default());
        fields.take(path, grant.check(kinds.get(code).copied()));
    }
    fields.finish(Some(()))
}

/// A role as the audit trail names it.
fn described(grant: &RoleGrant) -> Value {
    json!({ "role": grant.role.as_str(), "organisation": grant.organisation.as_str() })
}
