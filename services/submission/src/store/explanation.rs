//! The submitter's answers to warnings.

use std::collections::BTreeMap;

use sea_orm::{IntoActiveModel, entity::prelude::*, sea_query::OnConflict};
use zhijian_platform::Error;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_explanation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub submission_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub finding_id: String,
    pub explanation: String,
    pub account_id: String,
    pub time: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Every answer of a submission, by finding.
///
/// # Errors
/// The database's own.
pub async fn load(
    conn: &impl ConnectionTrait,
    submission_id: &str,
) -> Result<BTreeMap<String, String>, Error> {
    let rows = Entity::find().filter(Column::SubmissionId.eq(submission_id)).all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.finding_id, row.explanation)).collect())
}

/// Writes an answer in place of what was there.
///
/// # Errors
/// The database's own.
pub async fn put(conn: &impl ConnectionTrait, row: Model) -> Result<(), Error> {
    Entity::insert(row.into_active_model().reset_all())
        .on_conflict(
            OnConflict::columns([Column::SubmissionId, Column::FindingId])
                .update_columns([Column::Explanation, Column::AccountId, Column::Time])
                .to_owned(),
        )
        .exec_without_returning(conn)
        .await?;
    Ok(())
}
