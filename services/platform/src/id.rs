//! Identifiers: a prefix that says what they identify, and a UUID that sorts by time.

use uuid::Uuid;

/// A new identifier such as `sub_0192f3c47a9e7c3e8a4d5b6c7d8e9f01`.
pub fn new(prefix: &str) -> String {
    format!("{prefix}_{}", Uuid::now_v7().simple())
}

/// The same UUID for the same name, for calls that must be repeatable across restarts.
pub fn derived_request_id(name: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string()
}
