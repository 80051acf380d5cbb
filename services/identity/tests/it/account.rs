//! Accounts and the roles they hold.

use tonic::{Code, Status};
use zhijian_proto::identity::v1::{
    Account, GetAccountRequest, GrantRoleRequest, ListAccountsRequest, RevokeRoleRequest, Role, RoleGrant,
};

use crate::support::{COMMISSION, Identity, PASSWORD, SCHOOL, account, fields, refused, request_id, role};

async fn grant(
    identity: &Identity,
    name: &str,
    account_id: &str,
    grant: RoleGrant,
) -> Result<Account, Status> {
    let request = GrantRoleRequest {
        request_id: request_id(name),
        account_id: account_id.to_owned(),
        grant: Some(grant),
    };
    let response = identity.commission().accounts().grant_role(request).await?;
    Ok(response.into_inner().account.expect("answered"))
}

async fn revoke(
    identity: &Identity,
    name: &str,
    account_id: &str,
    grant: RoleGrant,
) -> Result<Account, Status> {
    let request = RevokeRoleRequest {
        request_id: request_id(name),
        account_id: account_id.to_owned(),
        grant: Some(grant),
    };
    let response = identity.commission().accounts().revoke_role(request).await?;
    Ok(response.into_inner().account.expect("answered"))
}

async fn get(identity: &Identity, account_id: &str) -> Result<Account, Status> {
    let request = GetAccountRequest { account_id: account_id.to_owned() };
    let response = identity.commission().accounts().get_account(request).await?;
    Ok(response.into_inner().account.expect("answered"))
}

#[tokio::test]
async fn an_account_is_opened_once_and_signs_in() {
    for identity in Identity::each_set_up().await {
        identity.register_school().await;
        let roles = [(Role::School, SCHOOL), (Role::Reviewer, SCHOOL), (Role::School, SCHOOL)];
        let opened = identity.open_account("teacher", &roles).await.expect("opened");
        assert_eq!(identity.open_account("teacher", &roles).await.expect("repeated"), opened);
        assert!(opened.account_id.starts_with("acc_"));
        assert_eq!(opened.roles, [role(Role::School, SCHOOL), role(Role::Reviewer, SCHOOL)]);
        assert_eq!(get(&identity, &opened.account_id).await.expect("there"), opened);
        let signed_in = identity.sign_in("teacher", PASSWORD).await.expect("signed in");
        assert_eq!(signed_in.account, Some(opened));

        let mut taken = account("teacher", &[]);
        taken.request_id = request_id("another teacher");
        let status = identity.commission().accounts().create_account(taken).await;
        refused(status, Code::AlreadyExists, "ALREADY_EXISTS");
        refused(identity.open_account("teacher", &[]).await, Code::InvalidArgument, "REQUEST_REUSED");
        refused(get(&identity, "acc_nobody").await, Code::NotFound, "NOT_FOUND");
    }
}

#[tokio::test]
async fn roles_need_a_registered_organisation_of_a_fitting_kind() {
    for identity in Identity::each_set_up().await {
        identity.register_school().await;
        let unfit = [
            (Role::Reviewer, SCHOOL),
            (Role::School, COMMISSION),
            (Role::Chair, SCHOOL),
            (Role::Reviewer, "3611999999"),
        ];
        let status = identity.open_account("teacher", &unfit).await;
        let mut named = fields(&refused(status, Code::InvalidArgument, "INVALID_FIELD"));
        named.sort();
        assert_eq!(named, [1, 2, 3].map(|index| format!("account.roles[{index}].organisation_code")));

        let mut bad = account("teacher", &[(Role::Unspecified, SCHOOL), (Role::School, "36")]);
        bad.password = "short".to_owned();
        let status = identity.commission().accounts().create_account(bad).await;
        assert_eq!(
            fields(&refused(status, Code::InvalidArgument, "INVALID_FIELD")),
            ["password", "account.roles[0].role", "account.roles[1].organisation_code"],
        );
        let many = vec![(Role::School, SCHOOL); 33];
        let status = identity.open_account("teacher", &many).await;
        assert_eq!(fields(&refused(status, Code::InvalidArgument, "INVALID_FIELD")), ["account.roles"]);

        let opened = identity.open_account("teacher", &[]).await.expect("nothing was half-made");
        for (name, wanted) in
            [("unfit", role(Role::Publisher, SCHOOL)), ("unknown", role(Role::School, "3611999999"))]
        {
            let status = grant(&identity, name, &opened.account_id, wanted).await;
            let named = fields(&refused(status, Code::InvalidArgument, "INVALID_FIELD"));
            assert_eq!(named, ["grant.organisation_code"]);
        }
        let status = grant(&identity, "nobody", "acc_nobody", role(Role::School, SCHOOL)).await;
        refused(status, Code::NotFound, "NOT_FOUND");
        assert_eq!(get(&identity, &opened.account_id).await.expect("there"), opened);
    }
}

#[tokio::test]
async fn granting_and_revoking_twice_changes_nothing() {
    for identity in Identity::each_set_up().await {
        identity.register_school().await;
        let opened = identity.open_account("teacher", &[]).await.expect("opened");
        let id = &opened.account_id;
        let wanted = role(Role::School, SCHOOL);
        let granted = grant(&identity, "one", id, wanted.clone()).await.expect("granted");
        assert_eq!(granted.roles, std::slice::from_ref(&wanted));
        assert_ne!(granted.etag, opened.etag);
        assert_eq!(grant(&identity, "two", id, wanted.clone()).await.expect("held"), granted);

        let revoked = revoke(&identity, "three", id, wanted.clone()).await.expect("revoked");
        assert!(revoked.roles.is_empty());
        assert_ne!(revoked.etag, granted.etag);
        assert_eq!(revoke(&identity, "four", id, wanted.clone()).await.expect("not held"), revoked);
        assert_eq!(get(&identity, id).await.expect("there"), revoked);
        // A late repeat of the first grant is answered as it was then, and grants nothing anew.
        assert_eq!(grant(&identity, "one", id, wanted).await.expect("repeated"), granted);
        assert_eq!(get(&identity, id).await.expect("there"), revoked);
    }
}

#[tokio::test]
async fn the_last_commission_role_cannot_be_revoked() {
    for identity in Identity::each_set_up().await {
        let commission = role(Role::Commission, COMMISSION);
        let admin =
            identity.sign_in("admin", PASSWORD).await.expect("signed in").account.expect("an account");
        let status = revoke(&identity, "last", &admin.account_id, commission.clone()).await;
        refused(status, Code::FailedPrecondition, "ILLEGAL_STATE");

        let roles = [(Role::Commission, COMMISSION)];
        let other = identity.open_account("deputy", &roles).await.expect("opened");
        // Both at once: each would leave the other, together they would leave nobody.
        for round in 0..5 {
            let names = ["one", "two", "again"].map(|name| format!("{name} {round}"));
            let (one, two) = futures::join!(
                revoke(&identity, &names[0], &admin.account_id, commission.clone()),
                revoke(&identity, &names[1], &other.account_id, commission.clone()),
            );
            assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
            let revoked = if one.is_ok() { &admin } else { &other };
            refused(one.and(two), Code::FailedPrecondition, "ILLEGAL_STATE");
            let again = grant(&identity, &names[2], &revoked.account_id, commission.clone()).await;
            again.expect("granted again");
        }
    }
}

#[tokio::test]
async fn accounts_page_in_order_of_name_with_their_roles() {
    for identity in Identity::each_set_up().await {
        identity.register_school().await;
        for (name, roles) in [
            ("clerk", &[(Role::School, SCHOOL)][..]),
            ("beata", &[(Role::Reviewer, SCHOOL), (Role::School, SCHOOL)]),
            ("dario", &[]),
        ] {
            identity.open_account(name, roles).await.expect("opened");
        }
        let list = async |page_size, page_token: &str, held: Role| {
            let request =
                ListAccountsRequest { page_size, page_token: page_token.to_owned(), role: held.into() };
            identity.commission().accounts().list_accounts(request).await.expect("listed").into_inner()
        };
        let names = |accounts: &[Account]| -> Vec<String> {
            accounts.iter().map(|account| account.sign_in_name.clone()).collect()
        };
        let first = list(3, "", Role::Unspecified).await;
        assert_eq!(names(&first.accounts), ["admin", "beata", "clerk"]);
        assert_eq!(first.accounts[1].roles, [role(Role::School, SCHOOL), role(Role::Reviewer, SCHOOL)]);
        let rest = list(3, &first.next_page_token, Role::Unspecified).await;
        assert_eq!(names(&rest.accounts), ["dario"]);
        assert!(rest.accounts[0].roles.is_empty() && rest.next_page_token.is_empty());

        let schools = list(1, "", Role::School).await;
        assert_eq!(names(&schools.accounts), ["beata"]);
        let schools = list(1, &schools.next_page_token, Role::School).await;
        assert_eq!(names(&schools.accounts), ["clerk"]);
        assert!(schools.next_page_token.is_empty());

        let unknown = ListAccountsRequest { role: 99, ..Default::default() };
        let status = identity.commission().accounts().list_accounts(unknown).await;
        assert_eq!(fields(&refused(status, Code::InvalidArgument, "INVALID_FIELD")), ["role"]);
    }
}
