//! Etags: opaque to callers, the row's version to us.

use crate::Error;

/// The etag of a row at `version`.
pub fn of(version: i64) -> String {
    format!("v{version}")
}

/// Compares the caller's etag with the row's.
///
/// # Errors
/// INVALID_ARGUMENT if the caller gave none, ABORTED if it is not the current one.
pub fn check(given: &str, version: i64) -> Result<(), Error> {
    if given.is_empty() {
        return Err(Error::invalid(
            "etag",
            "缺少 etag：请带上读取时得到的 etag。",
            "The etag is missing: send the one you read.",
        ));
    }
    if given != of(version) {
        return Err(Error::etag_mismatch(of(version)));
    }
    Ok(())
}
