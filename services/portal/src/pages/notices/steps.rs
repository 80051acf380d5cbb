//! What is done with messages: drafting, approving, mailing, handing over, dropping.

use axum::{Router, extract::Path, routing::post};
use tonic::Status;
use zhijian_proto::submission::v1::{
    ApproveNoticesRequest, DeliverNoticesRequest, DraftNoticesRequest, DropNoticeRequest, NoticeVersion,
    SendNoticesRequest,
};

use super::{message, outbox};
use crate::{
    pages::see_other,
    web::{
        error::{Answer, Failure},
        form::{Attempt, FormData},
        link,
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/notices/draft", post(draft))
        .route("/notices/approve", post(approve))
        .route("/notices/send", post(send))
        .route("/notices/deliver", post(deliver))
        .route("/notices/{id}/drop", post(drop_one))
}

/// The messages that a form names, each as it was seen.
fn chosen(form: &FormData) -> Vec<NoticeVersion> {
    let values = form.pairs().iter().filter(|(name, _)| name == "notice");
    values
        .filter_map(|(_, value)| value.split_once(' '))
        .map(|(notice_id, etag)| NoticeVersion { notice_id: notice_id.to_owned(), etag: etag.to_owned() })
        .collect()
}

/// Back to where the form stood: the outbox, or the page of the one message.
async fn answered(visitor: &Visitor, form: FormData, done: &str, outcome: Result<i32, Status>) -> Answer {
    let one = form.get("one").to_owned();
    match outcome {
        Ok(_) if !one.is_empty() => Ok(see_other(&link::address(&message::address(&one), &[("done", done)]))),
        Ok(count) => {
            let count = count.to_string();
            let query = [("year", form.get("year")), ("done", done), ("count", &count)];
            Ok(see_other(&link::address("/notices", &query)))
        }
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            if !one.is_empty() {
                return message::page(visitor, &one, "", &Attempt::refused(form, failure, str::to_owned))
                    .await;
            }
            let asked = outbox::Asked {
                year: form.get("year").to_owned(),
                state: form.get("state").to_owned(),
                ..outbox::Asked::default()
            };
            outbox::page(visitor, &asked, &Attempt::refused(form, failure, |_| String::new())).await
        }
    }
}

fn size<T>(listed: &[T]) -> i32 {
    i32::try_from(listed.len()).unwrap_or(i32::MAX)
}

async fn draft(visitor: Visitor, form: FormData) -> Answer {
    let cycle_year = form.get("year").parse().unwrap_or_default();
    let request = DraftNoticesRequest { request_id: form.request_id(), cycle_year };
    let outcome = visitor.clients().notices().draft_notices(request).await;
    answered(&visitor, form, "drafted", outcome.map(|answer| answer.into_inner().drafted)).await
}

async fn approve(visitor: Visitor, form: FormData) -> Answer {
    let request = ApproveNoticesRequest { request_id: form.request_id(), notices: chosen(&form) };
    let outcome = visitor.clients().notices().approve_notices(request).await;
    answered(&visitor, form, "approved", outcome.map(|answer| size(&answer.into_inner().notices))).await
}

async fn send(visitor: Visitor, form: FormData) -> Answer {
    let request = SendNoticesRequest { request_id: form.request_id(), notices: chosen(&form) };
    let outcome = visitor.clients().notices().send_notices(request).await;
    answered(&visitor, form, "queued", outcome.map(|answer| size(&answer.into_inner().notices))).await
}

async fn deliver(visitor: Visitor, form: FormData) -> Answer {
    let request = DeliverNoticesRequest { request_id: form.request_id(), notices: chosen(&form) };
    let outcome = visitor.clients().notices().deliver_notices(request).await;
    answered(&visitor, form, "delivered", outcome.map(|answer| size(&answer.into_inner().notices))).await
}

async fn drop_one(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = DropNoticeRequest {
        request_id: form.request_id(),
        notice_id: id.clone(),
        etag: form.get("etag").to_owned(),
    };
    match visitor.clients().notices().drop_notice(request).await {
        Ok(_) => Ok(see_other(&link::address(&message::address(&id), &[("done", "dropped")]))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            message::page(&visitor, &id, "", &Attempt::failed(form, failure)).await
        }
    }
}
