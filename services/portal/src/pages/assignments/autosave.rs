//! What a reviewer types, saved while it is typed. The page's script posts the form here; without script nobody comes.

use axum::{
    Json,
    extract::Path,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde_json::json;
use zhijian_proto::review::v1::SaveScoresRequest;

use super::hand_in::{field_of, scores};
use crate::web::{
    error::{Answer, Failure},
    form::FormData,
    session::Visitor,
};

pub async fn save(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let sent = scores(&form);
    let request = SaveScoresRequest {
        request_id: form.request_id(),
        assignment_id: id,
        etag: form.get("etag").to_owned(),
        scores: sent.clone(),
        comment: form.lines("comment"),
    };
    match visitor.clients().assignments().save_scores(request).await {
        Ok(answer) => {
            let etag = answer.into_inner().assignment.unwrap_or_default().etag;
            Ok(Json(json!({"etag": etag})).into_response())
        }
        Err(status) => {
            let failure = Failure::from(status);
            let fields: Vec<String> =
                failure.fields.iter().map(|fault| field_of(&fault.field, &sent)).collect();
            let body = json!({
                "message": failure.fields.first().map_or(&failure.message, |fault| &fault.message),
                "fields": fields,
                "conflict": failure.is_conflict(),
                "signIn": failure.wants_sign_in(),
                "again": failure.outcome_unknown(),
            });
            Ok(answer(failure.status(), body))
        }
    }
}

fn answer(status: StatusCode, body: serde_json::Value) -> Response {
    (status, Json(body)).into_response()
}
