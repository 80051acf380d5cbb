//! What an error says.

use tonic::{Code, Status};
use tonic_types::StatusExt;

/// The stable reason of an error.
pub fn reason(status: &Status) -> String {
    status.get_details_error_info().expect("every error says why").reason
}

/// What an error's details say under `key`.
pub fn metadata(status: &Status, key: &str) -> String {
    status.get_details_error_info().expect("every error says why").metadata.remove(key).unwrap_or_default()
}

/// The fields that an INVALID_ARGUMENT names, with what it says about each.
pub fn violations(status: &Status) -> Vec<(String, String)> {
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    let details = status.get_details_bad_request().expect("the fields at fault");
    details.field_violations.into_iter().map(|violation| (violation.field, violation.description)).collect()
}

/// The subjects that a FAILED_PRECONDITION names, with what it says about each.
pub fn preconditions(status: &Status) -> Vec<(String, String)> {
    assert_eq!(status.code(), Code::FailedPrecondition, "{status:?}");
    let details = status.get_details_precondition_failure().expect("what is in the way");
    details.violations.into_iter().map(|violation| (violation.subject, violation.description)).collect()
}
