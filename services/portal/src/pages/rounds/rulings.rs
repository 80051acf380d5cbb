//! What the chair rules on conflicts: each a post that goes back to the list.

use axum::extract::Path;
use zhijian_proto::review::v1::{AddConflictRequest, DismissConflictRequest, WithdrawRulingRequest};

use super::conflicts::{Filter, address_of, page};
use crate::{
    pages::see_other,
    web::{
        error::{Answer, Failure},
        form::{Attempt, FormData},
        link,
        session::Visitor,
    },
};

pub(super) async fn dismiss(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = DismissConflictRequest {
        request_id: form.request_id(),
        round_id: id.clone(),
        entry_id: form.get("entry_id").to_owned(),
        reviewer_account_id: form.get("reviewer_id").to_owned(),
        reason: form.get("reason").to_owned(),
    };
    let outcome = visitor.clients().conflicts().dismiss_conflict(request).await.map(|_| "dismissed");
    conclude(&visitor, &id, form, outcome).await
}

pub(super) async fn add(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = AddConflictRequest {
        request_id: form.request_id(),
        round_id: id.clone(),
        entry_id: form.get("entry_id").to_owned(),
        reviewer_account_id: form.get("reviewer_id").to_owned(),
        reason: form.get("reason").to_owned(),
    };
    let outcome = visitor.clients().conflicts().add_conflict(request).await.map(|_| "added");
    conclude(&visitor, &id, form, outcome).await
}

pub(super) async fn withdraw(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = WithdrawRulingRequest {
        request_id: form.request_id(),
        round_id: id.clone(),
        entry_id: form.get("entry_id").to_owned(),
        reviewer_account_id: form.get("reviewer_id").to_owned(),
    };
    let outcome = visitor.clients().conflicts().withdraw_ruling(request).await.map(|_| "withdrawn");
    conclude(&visitor, &id, form, outcome).await
}

/// Goes on after a ruling, or shows the page again with why it was refused.
async fn conclude(
    visitor: &Visitor,
    id: &str,
    form: FormData,
    outcome: Result<&'static str, tonic::Status>,
) -> Answer {
    let filter = Filter {
        school: form.get("school").to_owned(),
        reviewer: form.get("reviewer").to_owned(),
        show: form.get("show").to_owned(),
        ..Filter::default()
    };
    match outcome {
        Ok(done) => Ok(see_other(&link::address(&address_of(id, &filter, ""), &[("done", done)]))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            page(visitor, id, &filter, &Attempt::refused(form, failure, str::to_owned)).await
        }
    }
}
