//! The floor under load and under faults, on both databases.

mod amend;
mod audit;
mod operations;
mod writes;

use std::sync::Arc;

use serde_json::json;

use crate::{
    Call, Grant, Lang, Principal, RoleGrant, authz::Resource, testing::TestContext, token::Identity,
};

/// A grant for a commission's account to update the region.
fn grant(test: &TestContext, account_id: &str) -> Grant {
    grant_for(test, account_id, Resource::region())
}

/// A grant whose changes go one after another with those of the same resource, and beside those of others.
fn grant_for(test: &TestContext, account_id: &str, resource: Resource) -> Grant {
    let identity = Identity {
        account_id: account_id.to_owned(),
        display_name: account_id.to_owned(),
        roles: vec![RoleGrant { role: "commission".to_owned(), organisation: "9011000001".to_owned() }],
    };
    Call::new(Principal::Account(identity), "region.update", test.ctx.authority.clone(), Lang::Zh)
        .authorise(&resource)
        .expect("a commission may update the region")
}

fn request_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// Makes a change that leaves nothing but an audit entry; answers the text given.
async fn note(
    test: &TestContext,
    grant: &Grant,
    request_id: &str,
    text: &str,
) -> Result<String, crate::Error> {
    let answer = text.to_owned();
    let request = text.to_owned();
    test.ctx
        .db
        .mutate(grant, request_id, &request, move |tx| {
            Box::pin(async move {
                tx.audit("note/1", json!({ "text": answer }));
                Ok(answer)
            })
        })
        .await
}

async fn entries(test: &TestContext) -> usize {
    let page = crate::Page::parse(1000, "").expect("a page");
    crate::audit::list(&test.ctx.db, &page, "").await.expect("a list").0.len()
}

async fn each<F: Future<Output = ()>>(run: impl Fn(Arc<TestContext>) -> F) {
    for test in crate::testing::contexts().await {
        eprintln!("on {}", test.database);
        run(Arc::new(test)).await;
    }
}
