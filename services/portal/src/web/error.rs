//! Why a page cannot be shown or a form was not taken: a gRPC status, read once.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::form::Fault;

/// What a handler answers.
pub type Answer = Result<Response, Failure>;

/// A refused or failed call, with the details the contracts promise.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The gRPC code.
    pub code: Code,
    /// The stable reason ("ETAG_MISMATCH"); empty if the status carries none.
    pub reason: String,
    /// What the service says, in the reader's language.
    pub message: String,
    /// Fields at fault, by their path in the request.
    pub fields: Vec<Fault>,
    /// Conditions that are not met; `field` is the subject.
    pub conditions: Vec<Fault>,
    /// When to try again.
    pub retry_after: Option<Duration>,
    /// The number under which the server's log tells more.
    pub incident: Option<String>,
}

impl Failure {
    /// There is no such page.
    pub fn not_found() -> Self {
        Self::plain(Code::NotFound, "NOT_FOUND")
    }

    /// The request cannot be read, or comes from another site.
    pub fn refused(code: Code) -> Self {
        Self::plain(code, "")
    }

    fn plain(code: Code, reason: &str) -> Self {
        Self {
            code,
            reason: reason.to_owned(),
            message: String::new(),
            fields: vec![],
            conditions: vec![],
            retry_after: None,
            incident: None,
        }
    }

    /// Whether the visitor has to sign in first. A wrong password is something else.
    pub fn wants_sign_in(&self) -> bool {
        self.code == Code::Unauthenticated && self.reason != "WRONG_CREDENTIALS"
    }

    /// Passes failures that belong on the form; one that wants a sign-in goes to the sign-in page, which keeps the form.
    ///
    /// # Errors
    /// The failure itself, if the visitor has to sign in first.
    pub fn on_form(self) -> Result<Self, Self> {
        if self.wants_sign_in() { Err(self) } else { Ok(self) }
    }

    /// Whether somebody else changed the same thing meanwhile.
    pub fn is_conflict(&self) -> bool {
        self.code == Code::Aborted
    }

    /// Whether the call may have been carried out although no answer came.
    pub fn outcome_unknown(&self) -> bool {
        matches!(
            self.code,
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Internal | Code::Unknown
        )
    }

    /// The HTTP status that says the same.
    pub fn status(&self) -> StatusCode {
        match self.code {
            Code::InvalidArgument | Code::OutOfRange => StatusCode::UNPROCESSABLE_ENTITY,
            Code::FailedPrecondition | Code::Aborted | Code::AlreadyExists => StatusCode::CONFLICT,
            Code::NotFound => StatusCode::NOT_FOUND,
            Code::PermissionDenied => StatusCode::FORBIDDEN,
            Code::Unauthenticated => StatusCode::UNAUTHORIZED,
            Code::ResourceExhausted if self.reason == "STORAGE_FULL" => StatusCode::INSUFFICIENT_STORAGE,
            Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info();
        let message = match details.localized_message() {
            Some(localized) => localized.message.clone(),
            None => status.message().to_owned(),
        };
        let fields = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
        let conditions =
            details.precondition_failure().map(|failure| failure.violations.as_slice()).unwrap_or_default();
        Self {
            code: status.code(),
            reason: info.map(|info| info.reason.clone()).unwrap_or_default(),
            message,
            fields: fields
                .iter()
                .map(|violation| Fault {
                    field: violation.field.clone(),
                    message: violation.description.clone(),
                })
                .collect(),
            conditions: conditions
                .iter()
                .map(|violation| Fault {
                    field: violation.subject.clone(),
                    message: violation.description.clone(),
                })
                .collect(),
            retry_after: details.retry_info().and_then(|retry| retry.retry_delay),
            incident: info.and_then(|info| info.metadata.get("incident").cloned()),
        }
    }
}

/// The bare answer; the pages' outer layer, which knows the visitor, turns it into a page.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use tonic_types::ErrorDetails;

    use super::*;

    #[test]
    fn rich_details_are_read_from_a_status() {
        let mut details = ErrorDetails::new();
        details.set_error_info("INVALID_FIELD", "zhijian", [("incident".into(), "inc_1".into())]);
        details.add_bad_request_violation("cells[0].value", "应为整数。");
        details.add_precondition_failure_violation("ILLEGAL_STATE", "cycle/2026", "年度还没有开放。");
        details.set_localized_message("zh-CN", "有 1 处需要修改。");
        let failure = Failure::from(Status::with_error_details(Code::InvalidArgument, "other", details));
        assert_eq!(failure.reason, "INVALID_FIELD");
        assert_eq!(failure.message, "有 1 处需要修改。");
        assert_eq!(failure.fields, [Fault { field: "cells[0].value".into(), message: "应为整数。".into() }]);
        assert_eq!(failure.conditions[0].field, "cycle/2026");
        assert_eq!(failure.incident.as_deref(), Some("inc_1"));
        assert_eq!(failure.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }

    #[test]
    fn a_wrong_password_does_not_send_to_the_sign_in_page_again() {
        let mut details = ErrorDetails::new();
        details.set_error_info("WRONG_CREDENTIALS", "zhijian", []);
        let failure = Failure::from(Status::with_error_details(Code::Unauthenticated, "no", details));
        assert!(!failure.wants_sign_in());
        assert!(Failure::from(Status::unauthenticated("expired")).wants_sign_in());
    }
}
