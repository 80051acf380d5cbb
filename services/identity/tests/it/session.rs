//! Setting up, signing in, and what keeps passwords from being guessed.

use pasetors::{
    Public, claims::ClaimsValidationRules, keys::AsymmetricPublicKey, public, token::UntrustedToken,
    version4::V4,
};
use sea_orm::{FromQueryResult, Statement};
use tonic::Code;
use tonic_types::StatusExt;
use zhijian_proto::identity::v1::{
    GetOrganisationRequest, GetRegionRequest, GetSessionRequest, GrantRoleRequest,
    ListVerificationKeysRequest, RenewTokenRequest, Role, organisation::Kind,
};

use crate::support::{COMMISSION, Identity, PASSWORD, account, fields, refused, request_id, role, set_up};

#[tokio::test]
async fn a_region_is_set_up_once() {
    for identity in Identity::each().await {
        let mut wrong = set_up();
        wrong.set_up_code = "set-down".to_owned();
        let status = refused(identity.set_up(wrong.clone()).await, Code::InvalidArgument, "INVALID_FIELD");
        assert_eq!(fields(&status), ["set_up_code"]);

        let first = identity.set_up(set_up()).await.expect("set up");
        assert_eq!(identity.set_up(set_up()).await.expect("repeated"), first);
        let account = first.account.expect("an account");
        assert_eq!(account.roles, [role(Role::Commission, COMMISSION)]);

        let mut again = set_up();
        again.request_id = request_id("set up again");
        again.sign_in_name = "intruder".to_owned();
        refused(identity.set_up(again).await, Code::FailedPrecondition, "ILLEGAL_STATE");
        refused(identity.set_up(wrong).await, Code::FailedPrecondition, "ILLEGAL_STATE");

        let mut clients = identity.anybody().regions();
        let region = clients.get_region(GetRegionRequest {}).await.expect("a region").into_inner().region;
        assert_eq!(region.expect("described").name, set_up().region.expect("given").name);
        let request = GetOrganisationRequest { code: COMMISSION.to_owned(), ..Default::default() };
        let organisation =
            identity.anybody().organisations().get_organisation(request).await.expect("registered");
        assert_eq!(organisation.into_inner().organisation.expect("given").kind(), Kind::Commission);
    }
}

#[tokio::test]
async fn set_up_names_every_field_at_fault_and_makes_nothing() {
    for identity in Identity::each().await {
        let mut request = set_up();
        request.sign_in_name = "Admin".to_owned();
        request.password = "short".to_owned();
        request.region = None;
        request.organisation.as_mut().expect("given").code = "3611000001".to_owned();
        let status = refused(identity.set_up(request).await, Code::InvalidArgument, "INVALID_FIELD");
        assert_eq!(fields(&status), ["sign_in_name", "password", "organisation.code", "region.name"]);
        let mut clients = identity.anybody().regions();
        refused(clients.get_region(GetRegionRequest {}).await, Code::NotFound, "NOT_FOUND");

        let mut school = set_up();
        school.organisation = Some(crate::support::school("3611000001"));
        let status = refused(identity.set_up(school).await, Code::InvalidArgument, "INVALID_FIELD");
        assert_eq!(fields(&status), ["organisation.kind"]);
        identity.set_up(set_up()).await.expect("still empty");
    }
}

#[tokio::test]
async fn of_two_who_set_up_at_once_one_succeeds() {
    for identity in Identity::each().await {
        let mut other = set_up();
        other.request_id = request_id("the other");
        other.sign_in_name = "other".to_owned();
        other.organisation.as_mut().expect("given").code = "9011000002".to_owned();
        let (one, two) = futures::join!(identity.set_up(set_up()), identity.set_up(other));
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        refused(one.and(two), Code::FailedPrecondition, "ILLEGAL_STATE");
    }
}

#[tokio::test]
async fn a_token_names_its_account_and_its_renewal_the_present_roles() {
    for identity in Identity::each_set_up().await {
        let signed_in = identity.sign_in("admin", PASSWORD).await.expect("signed in");
        let account = signed_in.account.expect("an account");
        let caller = identity.anybody().with_token(&signed_in.token);
        let session =
            caller.sessions().get_session(GetSessionRequest {}).await.expect("a session").into_inner();
        assert_eq!(session.account.as_ref(), Some(&account));
        let ends = |time: Option<prost_types::Timestamp>| time.expect("a token ends").seconds;
        assert!((ends(session.expire_time) - ends(signed_in.expire_time)).abs() <= 1);

        let grant = GrantRoleRequest {
            request_id: request_id("grant"),
            account_id: account.account_id.clone(),
            grant: Some(role(Role::Chair, COMMISSION)),
        };
        caller.accounts().grant_role(grant).await.expect("granted");
        let renewed =
            caller.sessions().renew_token(RenewTokenRequest {}).await.expect("renewed").into_inner();
        assert_eq!(roles_of(&identity, &signed_in.token).await, ["commission"]);
        assert_eq!(roles_of(&identity, &renewed.token).await, ["chair", "commission"]);
    }
}

/// The roles a token speaks of, after checking it with the published key.
async fn roles_of(identity: &Identity, token: &str) -> Vec<String> {
    let keys = identity.anybody().sessions().list_verification_keys(ListVerificationKeysRequest {}).await;
    let [key] = keys.expect("public").into_inner().keys.try_into().expect("one key");
    let untrusted = UntrustedToken::<Public, V4>::try_from(token).expect("a token");
    let footer: serde_json::Value = serde_json::from_slice(untrusted.untrusted_footer()).expect("a footer");
    assert_eq!(footer["kid"], key.key_id.as_str());
    let public_key = AsymmetricPublicKey::<V4>::from(&key.public_key).expect("an Ed25519 key");
    let trusted = public::verify(&public_key, &untrusted, &ClaimsValidationRules::new(), None, None);
    let trusted = trusted.expect("the key verifies the token");
    let claims =
        trusted.payload_claims().expect("claims").get_claim("identity").expect("whose it is").clone();
    let mut roles: Vec<String> = claims["roles"]
        .as_array()
        .expect("roles")
        .iter()
        .map(|held| held["role"].as_str().expect("a name").to_owned())
        .collect();
    roles.sort();
    roles
}

#[tokio::test]
async fn guessing_is_throttled_for_names_that_exist_and_names_that_do_not() {
    for mut identity in Identity::each_set_up().await {
        identity.open_account("bystander", &[]).await.expect("opened");
        for name in ["admin", "nobody"] {
            for _ in 0..4 {
                let guess = identity.sign_in(name, "a wrong password").await;
                refused(guess, Code::Unauthenticated, "WRONG_CREDENTIALS");
            }
            // Another process on the same database counts the same tries.
            identity.restart().await;
            refused(
                identity.sign_in(name, "a wrong password").await,
                Code::Unauthenticated,
                "WRONG_CREDENTIALS",
            );
            let status =
                refused(identity.sign_in(name, PASSWORD).await, Code::ResourceExhausted, "TOO_MANY_ATTEMPTS");
            let delay =
                status.get_details_retry_info().and_then(|info| info.retry_delay).expect("when to retry");
            assert!((840..=900).contains(&delay.as_secs()), "{delay:?}");
        }
        identity.sign_in("bystander", PASSWORD).await.expect("others are not held up");
    }
}

#[tokio::test]
async fn the_right_password_forgets_the_wrong_tries_before_it() {
    for identity in Identity::each_set_up().await {
        for _ in 0..2 {
            for _ in 0..4 {
                let guess = identity.sign_in("admin", "a wrong password").await;
                refused(guess, Code::Unauthenticated, "WRONG_CREDENTIALS");
            }
            identity.sign_in("admin", PASSWORD).await.expect("four wrong tries are let pass");
        }
    }
}

#[tokio::test]
async fn many_who_sign_in_at_once_with_the_right_password_are_all_let_in() {
    for identity in Identity::each_set_up().await {
        let all = (0..12).map(|_| identity.sign_in("admin", PASSWORD));
        for signed_in in futures::future::join_all(all).await {
            signed_in.expect("signed in");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_a_name_or_password_is_refused_as_a_wrong_one() {
    for identity in Identity::each_set_up().await {
        for (name, password) in
            [("ADMIN", PASSWORD), ("", ""), ("admin", "short"), ("admin", &"长".repeat(201))]
        {
            refused(identity.sign_in(name, password).await, Code::Unauthenticated, "WRONG_CREDENTIALS");
        }
        identity.sign_in("admin", PASSWORD).await.expect("none of that counts as a guess");
    }
}

#[derive(FromQueryResult)]
struct Row {
    text: String,
}

#[tokio::test]
async fn no_secret_is_kept_outside_its_own_column() {
    for identity in Identity::each_set_up().await {
        let mut request = account("keeper", &[]);
        request.password = "a-password-to-look-for".to_owned();
        identity.commission().accounts().create_account(request).await.expect("opened");
        let db = identity.test.ctx.db.reader();
        let backend = db.get_database_backend();
        let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
        let kept = match identity.test.database {
            "sqlite" => "SELECT lower(hex(response)) || request_hash AS text FROM platform_request",
            _ => "SELECT encode(response, 'hex') || request_hash AS text FROM platform_request",
        };
        for (sql, encode) in [
            (kept, &hex as &dyn Fn(&str) -> String),
            ("SELECT detail AS text FROM platform_audit", &str::to_owned),
        ] {
            let rows =
                Row::find_by_statement(Statement::from_string(backend, sql)).all(db).await.expect("read");
            assert_eq!(rows.len(), 2, "set-up and account");
            for secret in [PASSWORD, "a-password-to-look-for", "$argon2id$"] {
                assert!(rows.iter().all(|row| !row.text.contains(&encode(secret))), "{secret} in: {sql}");
            }
        }
        // Nor a digest from which a weak password could be guessed: with another password it is the same request.
        let mut repeat = account("keeper", &[]);
        repeat.password = "another-password-entirely".to_owned();
        identity.commission().accounts().create_account(repeat).await.expect("answered as the first");
        identity.sign_in("keeper", "a-password-to-look-for").await.expect("the first password stands");
    }
}
