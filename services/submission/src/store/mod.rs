//! The service's tables: the only place that knows them.

pub mod attachment;
pub mod bulk;
pub mod case;
pub mod cell;
pub mod comment;
pub mod correction;
pub mod cycle;
pub mod dismissal;
pub mod effort;
pub mod event;
pub mod explanation;
pub mod export;
pub mod extension;
pub mod handed_in;
pub mod lab;
pub mod material;
pub mod notice;
pub mod platform_value;
pub mod programme;
pub mod progress;
pub mod public;
pub mod public_address;
pub mod report;
pub mod revision;
pub mod revision_check;
pub mod saving;
pub mod section;

use sea_orm::{DbErr, SqlErr};
use zhijian_platform::Error;

use crate::domain::text::is_storable;

/// How many rows one statement writes: SQLite binds at most 32,766 values.
const ROWS_A_STATEMENT: usize = 500;

/// `taken` if a unique key is in the way, else the database's own error.
fn unless_taken(error: DbErr, taken: impl FnOnce() -> Error) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => taken(),
        _ => error.into(),
    }
}

/// A stored name that no version of the program wrote.
fn unreadable(table: &str, key: &str, value: &str) -> Error {
    Error::internal(format!("{table} {key} holds {value:?}"))
}

/// The three parts of the key in a page token.
fn key_parts(key: &str) -> Result<[&str; 3], Error> {
    let parts: Vec<&str> = key.split('/').collect();
    parts.try_into().ok().filter(|_| is_storable(key)).ok_or_else(bad_token)
}

/// A token that is well-formed and yet not of this list.
fn bad_token() -> Error {
    Error::invalid(
        "page_token",
        "page_token 不属于这个列表，请留空从头开始。",
        "The page_token is not of this list; leave it out to start over.",
    )
}
