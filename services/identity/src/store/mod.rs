//! The tables of this service. Nothing else knows them.

pub mod account;
pub mod attempt;
pub mod organisation;
pub mod region;
pub mod role;

use sea_orm::{DbErr, SqlErr};
use zhijian_platform::Error;

/// Tells a taken key from other failures of an insert.
fn unless_taken(error: DbErr, taken: impl FnOnce() -> Error) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => taken(),
        _ => error.into(),
    }
}
