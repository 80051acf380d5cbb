//! SessionService.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};
use tonic::{Request, Response, Status};
use zhijian_platform::{
    Call, Context, Error, Principal, Resource, RoleGrant, time::timestamp, token::Identity,
};
use zhijian_proto::identity::v1::{
    GetSessionRequest, GetSessionResponse, ListVerificationKeysRequest, ListVerificationKeysResponse,
    RenewTokenRequest, RenewTokenResponse, SetUpRequest, SetUpResponse, SignInRequest, SignInResponse,
    VerificationKey, session_service_server::SessionService,
};

use super::{
    Hasher,
    fields::{self, Fields},
    read,
};
use crate::{
    domain::{
        account::{DisplayName, SignInName},
        organisation::Kind,
        password::Password,
        role::{Role, RoleGrant as Held},
        throttle,
    },
    store::{self, account::Account},
};

/// Signs people in.
pub(crate) struct Sessions {
    ctx: Context,
    hasher: Arc<Hasher>,
}

impl Sessions {
    pub fn new(ctx: Context, hasher: Arc<Hasher>) -> Self {
        Self { ctx, hasher }
    }

    /// The account of whoever holds the caller's token.
    async fn caller(&self, call: &Call) -> Result<Account, Error> {
        let Principal::Account(identity) = call.principal() else {
            return Err(Error::SignInRequired);
        };
        store::account::find(self.ctx.db.reader(), &identity.account_id).await?.ok_or(Error::SignInRequired)
    }

    /// A token that says what the account may do now.
    fn issue(&self, account: &Account) -> Result<(String, DateTime<Utc>), Error> {
        let role = |held: &Held| RoleGrant {
            role: held.role.as_str().to_owned(),
            organisation: held.organisation.to_string(),
        };
        self.ctx.tokens.issue(&Identity {
            account_id: account.account_id.clone(),
            display_name: account.display_name.clone(),
            roles: account.roles.iter().map(role).collect(),
        })
    }

    /// Compares a password with the account's, if it is not being guessed too often.
    async fn check_password(&self, name: &SignInName, password: String) -> Result<Account, Error> {
        // Tries are counted within the turn: however many guess at once, no more get past the limit than there are
        // turns.
        let turn = self.hasher.turn().await?;
        let wrong = store::attempt::recent(self.ctx.db.reader(), name, Utc::now()).await?;
        if let Some(retry_after) = throttle::wait(&wrong, Utc::now()) {
            return Err(Error::TooManyAttempts { retry_after });
        }
        let (account_id, hash) = store::account::find_hash(self.ctx.db.reader(), name).await?.unzip();
        let (matches, _turn) = turn.matches(hash, password).await?;
        let account_id = account_id.filter(|_| matches);
        if account_id.is_none() || !wrong.is_empty() {
            self.count(name, account_id.is_none()).await?;
        }
        let account_id = account_id.ok_or(Error::WrongCredentials)?;
        store::account::find(self.ctx.db.reader(), &account_id).await?.ok_or(Error::WrongCredentials)
    }

    /// Counts a wrong try, or forgets those before a right one. Neither is a change that the audit trail knows. One lock
    /// for all names, because counting also drops what other names left behind.
    async fn count(&self, name: &SignInName, wrong: bool) -> Result<(), Error> {
        let name = name.clone();
        self.ctx
            .db
            .mutate_as_system("session.sign_in", "sign_in", move |tx| {
                Box::pin(async move {
                    tx.unchanged();
                    if wrong {
                        store::attempt::count(tx.conn(), &name, tx.now()).await
                    } else {
                        store::attempt::forget(tx.conn(), &name).await
                    }
                })
            })
            .await
    }

    /// Compares the code with the one written down at the first start.
    async fn check_set_up_code(&self, given: &str) -> Result<(), Error> {
        let expected = self.ctx.set_up_code();
        if !expected.is_empty() && equal(given, expected) {
            return Ok(());
        }
        if store::account::any(self.ctx.db.reader()).await? {
            return Err(already_set_up());
        }
        Err(Error::invalid(
            "set_up_code",
            "初始化代码不对，请使用服务器首次启动时写下的代码。",
            "This is not the set-up code; use the one that the server wrote down at its first start.",
        ))
    }
}

#[tonic::async_trait]
impl SessionService for Sessions {
    async fn set_up(&self, request: Request<SetUpRequest>) -> Result<Response<SetUpResponse>, Status> {
        let call = Call::of(&request)?;
        let mut input = request.into_inner();
        let grant = call.authorise(&Resource::region())?;
        self.check_set_up_code(&std::mem::take(&mut input.set_up_code)).await?;
        let mut fields = Fields::default();
        let name = fields.take("sign_in_name", SignInName::parse(&input.sign_in_name));
        let display_name = fields.take("display_name", DisplayName::parse(&input.display_name));
        let password = fields.take("password", Password::parse(std::mem::take(&mut input.password)));
        let organisation = read::organisation(&mut fields, input.organisation.clone());
        let region = read::region(&mut fields, input.region.clone());
        let ((((name, display_name), password), organisation), region) =
            fields.finish(name.zip(display_name).zip(password).zip(organisation).zip(region))?;
        if organisation.kind != Kind::Commission {
            return Err(fields::invalid("organisation.kind", &NotCommission).into());
        }
        let hash = self.hasher.turn().await?.hash(password).await?;
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    if store::account::any(tx.conn()).await? {
                        return Err(already_set_up());
                    }
                    let code = organisation.code.clone();
                    let detail = json!({
                        "region": region.name.zh(),
                        "organisation": code.as_str(),
                        "sign_in_name": name.as_str(),
                    });
                    store::region::insert(tx.conn(), region).await?;
                    store::organisation::insert(tx.conn(), organisation, tx.now()).await?;
                    let roles = vec![Held { role: Role::Commission, organisation: code }];
                    let account =
                        store::account::insert(tx.conn(), &name, &display_name, &hash, roles, tx.now())
                            .await?;
                    tx.audit(format!("account/{}", account.account_id), detail);
                    Ok(SetUpResponse { account: Some(account.into()) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn sign_in(&self, request: Request<SignInRequest>) -> Result<Response<SignInResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        call.authorise(&Resource::region())?;
        // What cannot be a name or a password is nobody's, and the rules are no secret: nothing to compare or count.
        let name = SignInName::parse(&input.sign_in_name).map_err(|_| Error::WrongCredentials)?;
        Password::parse(input.password.clone()).map_err(|_| Error::WrongCredentials)?;
        let account = self.check_password(&name, input.password).await?;
        let (token, expire_time) = self.issue(&account)?;
        tracing::info!(account.id = account.account_id, "account {} signed in", account.account_id);
        Ok(Response::new(SignInResponse {
            token,
            expire_time: Some(timestamp(expire_time)),
            account: Some(account.into()),
        }))
    }

    async fn renew_token(
        &self,
        request: Request<RenewTokenRequest>,
    ) -> Result<Response<RenewTokenResponse>, Status> {
        let call = Call::of(&request)?;
        call.authorise(&Resource::region())?;
        let (token, expire_time) = self.issue(&self.caller(&call).await?)?;
        Ok(Response::new(RenewTokenResponse { token, expire_time: Some(timestamp(expire_time)) }))
    }

    async fn get_session(
        &self,
        request: Request<GetSessionRequest>,
    ) -> Result<Response<GetSessionResponse>, Status> {
        let call = Call::of(&request)?;
        call.authorise(&Resource::region())?;
        let account = self.caller(&call).await?;
        Ok(Response::new(GetSessionResponse {
            account: Some(account.into()),
            expire_time: call.expiry().map(timestamp),
        }))
    }

    async fn list_verification_keys(
        &self,
        request: Request<ListVerificationKeysRequest>,
    ) -> Result<Response<ListVerificationKeysResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::region())?;
        let keys = self.ctx.tokens.verification_keys().into_iter();
        let keys = keys.map(|(key_id, public_key)| VerificationKey { key_id, public_key }).collect();
        Ok(Response::new(ListVerificationKeysResponse { keys }))
    }
}

/// A set-up whose organisation is not the region's commission.
#[derive(Debug, thiserror::Error)]
#[error("The first organisation is the region's commission; choose that kind.")]
struct NotCommission;

impl crate::domain::Broken for NotCommission {
    fn zh(&self) -> String {
        "首个机构应为地区教育委员会，请选择该类别。".to_owned()
    }
}

fn already_set_up() -> Error {
    Error::illegal_state(
        "account",
        "系统已经初始化，请直接登录。",
        "The region is set up already; sign in instead.",
    )
}

/// Compares two secrets in a time that tells nothing of either, their lengths included.
fn equal(a: &str, b: &str) -> bool {
    let (a, b) = (Sha256::digest(a), Sha256::digest(b));
    a.iter().zip(&b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}
