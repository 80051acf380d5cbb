//! The tables of this service: the only place that knows them.

pub mod agreement;
pub mod anchor;
pub mod appeal;
pub mod assigning;
pub mod assignment;
pub mod compulsory;
pub mod discussion;
pub mod entry;
pub mod feedback;
pub mod former_result;
pub mod funding;
pub mod item;
pub mod item_event;
pub mod procedure;
pub mod rectification;
pub mod rectification_event;
pub mod relation;
pub mod release;
pub mod result;
pub mod reviewer;
pub mod round;
pub mod ruling;
pub mod seal;
pub mod sheet_event;
pub mod suggestion;

use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait};
use serde::{Serialize, de::DeserializeOwned};
use zhijian_platform::Error;

/// How many rows one statement inserts: well within the parameters that either database takes.
const ROWS: usize = 1000;

/// Inserts any number of rows, many a statement.
async fn insert_all<A>(conn: &impl ConnectionTrait, rows: impl IntoIterator<Item = A>) -> Result<(), Error>
where
    A: ActiveModelTrait,
{
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some: Vec<A> = rows.by_ref().take(ROWS).collect();
        A::Entity::insert_many(some).exec_without_returning(conn).await?;
    }
    Ok(())
}

/// A value as JSON text.
fn write_json(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(Error::internal)
}

/// A value from stored JSON text.
fn read_json<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(Error::internal)
}

/// The two parts of a page key that were joined by [`join_key`].
fn split_key(key: &str) -> Result<(&str, &str), Error> {
    key.rsplit_once('\u{1f}').ok_or_else(bad_token)
}

/// A page key of two parts.
fn join_key(first: &str, second: &str) -> String {
    format!("{first}\u{1f}{second}")
}

/// A page token that is not of this list.
fn bad_token() -> Error {
    Error::invalid(
        "page_token",
        "page_token 无效：请使用上一页返回的值，或留空从头开始。",
        "The page_token is not valid: use the one the last page returned, or none to start over.",
    )
}
