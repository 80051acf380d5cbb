//! The tables of this service. Nothing else knows them.

pub mod account;
pub mod attempt;
pub mod change;
pub mod former_name;
pub mod organisation;
pub mod region;
pub mod role;

use sea_orm::{DbErr, SqlErr};
use zhijian_platform::Error;

use crate::domain::date::Date;

/// Tells a taken key from other failures of an insert.
fn unless_taken(error: DbErr, taken: impl FnOnce() -> Error) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => taken(),
        _ => error.into(),
    }
}

/// A date as it was kept.
fn date(text: Option<&str>) -> Result<Option<Date>, Error> {
    text.map(Date::parse).transpose().map_err(Error::internal)
}
