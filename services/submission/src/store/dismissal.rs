//! What people decided about the proofreader's findings, by rule and words, over all revisions of a submission.

use std::collections::BTreeMap;

use sea_orm::{IntoActiveModel, entity::prelude::*, sea_query::OnConflict};
use zhijian_platform::Error;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_dismissal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub submission_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub fingerprint: String,
    pub wants_review: bool,
    pub reason: String,
    pub account_id: String,
    pub account_name: String,
    pub time: DateTimeUtc,
    pub overruled: bool,
    pub overruled_reason: String,
    pub overruled_by: String,
    pub overruled_time: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Every decision of a submission, by the finding's fingerprint.
///
/// # Errors
/// The database's own.
pub async fn load(
    conn: &impl ConnectionTrait,
    submission_id: &str,
) -> Result<BTreeMap<String, Model>, Error> {
    let rows = Entity::find().filter(Column::SubmissionId.eq(submission_id)).all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.fingerprint.clone(), row)).collect())
}

/// Writes a decision in place of what was there.
///
/// # Errors
/// The database's own.
pub async fn put(conn: &impl ConnectionTrait, row: Model) -> Result<(), Error> {
    Entity::insert(row.into_active_model().reset_all())
        .on_conflict(
            OnConflict::columns([Column::SubmissionId, Column::Fingerprint])
                .update_columns([
                    Column::WantsReview,
                    Column::Reason,
                    Column::AccountId,
                    Column::AccountName,
                    Column::Time,
                    Column::Overruled,
                    Column::OverruledReason,
                    Column::OverruledBy,
                    Column::OverruledTime,
                ])
                .to_owned(),
        )
        .exec_without_returning(conn)
        .await?;
    Ok(())
}

/// Forgets a decision.
///
/// # Errors
/// The database's own.
pub async fn delete(
    conn: &impl ConnectionTrait,
    submission_id: &str,
    fingerprint: &str,
) -> Result<(), Error> {
    Entity::delete_by_id((submission_id.to_owned(), fingerprint.to_owned())).exec(conn).await?;
    Ok(())
}
