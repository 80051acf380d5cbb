//! Who is refused what.

use tonic::{Code, Request, Status};
use zhijian_platform::Clients;
use zhijian_proto::identity::v1::{
    GetAccountRequest, GetSessionRequest, GrantRoleRequest, ListAccountsRequest, ListAuditEntriesRequest,
    RenewTokenRequest, RevokeRoleRequest, Role, UpdateRegionRequest,
};

use crate::support::{COMMISSION, Identity, SCHOOL, account, refused, register, request_id, role, school};

/// What each call that is the commission's alone answers to `caller`.
async fn attempts(caller: &Clients) -> Vec<(&'static str, Result<(), Status>)> {
    let grant = Some(role(Role::Commission, COMMISSION));
    let account_id = "acc_somebody".to_owned();
    let request_id = request_id("attempt");
    let region = UpdateRegionRequest { request_id: request_id.clone(), region: None };
    let granting = GrantRoleRequest {
        request_id: request_id.clone(),
        account_id: account_id.clone(),
        grant: grant.clone(),
    };
    let revoking = RevokeRoleRequest { request_id, account_id: account_id.clone(), grant };
    let (mut accounts, mut organisations) = (caller.accounts(), caller.organisations());
    vec![
        ("update_region", caller.regions().update_region(region).await.map(drop)),
        ("create_organisation", organisations.create_organisation(register(school(SCHOOL))).await.map(drop)),
        ("create_account", accounts.create_account(account("intruder", &[])).await.map(drop)),
        ("get_account", accounts.get_account(GetAccountRequest { account_id }).await.map(drop)),
        ("list_accounts", accounts.list_accounts(ListAccountsRequest::default()).await.map(drop)),
        ("grant_role", accounts.grant_role(granting).await.map(drop)),
        ("revoke_role", accounts.revoke_role(revoking).await.map(drop)),
        ("audit", caller.audit().list_audit_entries(ListAuditEntriesRequest::default()).await.map(drop)),
    ]
}

#[tokio::test]
async fn what_is_the_commissions_is_refused_to_everybody_else() {
    for identity in Identity::each_set_up().await {
        let roles = [("school", SCHOOL), ("reviewer", SCHOOL), ("publisher", COMMISSION)];
        let other = identity.test.as_account("acc_other", &roles);
        for (rpc, answer) in attempts(&other).await {
            eprintln!("{rpc}");
            refused(answer, Code::PermissionDenied, "NOT_ALLOWED");
        }
        for (rpc, answer) in attempts(&identity.anybody()).await {
            eprintln!("{rpc}");
            refused(answer, Code::Unauthenticated, "SIGN_IN_REQUIRED");
        }
    }
}

#[tokio::test]
async fn a_session_needs_a_token_of_an_account_that_is_there() {
    for identity in Identity::each_set_up().await {
        let stranger = identity.test.as_account("acc_gone", &[("commission", COMMISSION)]);
        let forged = identity.anybody().with_token("v4.public.AAAA");
        for caller in [identity.anybody(), stranger, forged] {
            let session = caller.sessions().get_session(GetSessionRequest {}).await;
            refused(session, Code::Unauthenticated, "SIGN_IN_REQUIRED");
            let renewal = caller.sessions().renew_token(RenewTokenRequest {}).await;
            refused(renewal, Code::Unauthenticated, "SIGN_IN_REQUIRED");
        }
    }
}

#[tokio::test]
async fn refusals_are_worded_in_the_callers_language() {
    for identity in Identity::each_set_up().await {
        let chinese = identity.sign_in("admin", "a wrong password").await.expect_err("refused");
        assert_eq!(chinese.message(), "用户名或密码不对。");
        let english =
            identity.anybody().with(zhijian_platform::Credential::Anonymous, zhijian_platform::Lang::En);
        let request = Request::new(zhijian_proto::identity::v1::SignInRequest {
            sign_in_name: "admin".to_owned(),
            password: "a wrong password".to_owned(),
        });
        let english = english.sessions().sign_in(request).await.expect_err("refused");
        assert_eq!(english.message(), "The name or the password is not right.");
    }
}
