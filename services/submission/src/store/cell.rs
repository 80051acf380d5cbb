//! The cells of working copies.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use sea_orm::entity::prelude::*;
use zhijian_platform::Error;

use crate::domain::{
    edit::{StoredCell, StoredCells},
    value::Value,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_cell")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub submission_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub indicator_code: String,
    pub kind: String,
    pub value: String,
    pub note: String,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

const EMPTY: &str = "empty";
const NUMBER: &str = "number";
const TEXT: &str = "text";
const NOT_APPLICABLE: &str = "not_applicable";

/// Every cell of a submission that was ever saved.
///
/// # Errors
/// The database's own.
pub async fn load(conn: &impl ConnectionTrait, submission_id: &str) -> Result<StoredCells, Error> {
    let rows = Entity::find().filter(Column::SubmissionId.eq(submission_id)).all(conn).await?;
    rows.into_iter().map(|row| Ok((row.indicator_code.clone(), stored(row)?))).collect()
}

/// Writes cells, each in place of what was there.
///
/// # Errors
/// The database's own.
pub async fn put(conn: &impl ConnectionTrait, submission_id: &str, cells: StoredCells) -> Result<(), Error> {
    super::bulk::put(conn, &BTreeMap::from([(submission_id.to_owned(), cells)])).await
}

/// A cell as a row.
pub(super) fn model(submission_id: &str, code: &str, cell: &StoredCell) -> Model {
    let (kind, value) = match &cell.value {
        None => (EMPTY, String::new()),
        Some(Value::Number(number)) => (NUMBER, number.to_string()),
        Some(Value::Text(text)) => (TEXT, text.clone()),
        Some(Value::NotApplicable(reason)) => (NOT_APPLICABLE, reason.clone()),
    };
    Model {
        submission_id: submission_id.to_owned(),
        indicator_code: code.to_owned(),
        kind: kind.to_owned(),
        value,
        note: cell.note.clone(),
        version: cell.version,
    }
}

/// A row as a cell.
pub(super) fn stored(row: Model) -> Result<StoredCell, Error> {
    let unreadable = |row: &Model| super::unreadable("cell", &row.indicator_code, &row.value);
    let value = match row.kind.as_str() {
        EMPTY => None,
        NUMBER => Some(Value::Number(Decimal::from_str_exact(&row.value).map_err(|_| unreadable(&row))?)),
        TEXT => Some(Value::Text(row.value)),
        NOT_APPLICABLE => Some(Value::NotApplicable(row.value)),
        _ => return Err(unreadable(&row)),
    };
    Ok(StoredCell { value, note: row.note, version: row.version })
}
