//! What the checks found in revisions.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{IntoActiveModel, entity::prelude::*, sea_query::OnConflict};
use zhijian_platform::Error;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_revision_check")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub submission_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub state: String,
    pub errors: i32,
    pub open_warnings: i32,
    pub end_time: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The check is not done yet.
pub const RUNNING: &str = "running";
/// The outcome is there.
pub const DONE: &str = "done";
/// The report moved on before the check ended.
pub const SUPERSEDED: &str = "superseded";

/// An outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Findings that are errors.
    pub errors: usize,
    /// Warnings without an explanation.
    pub open_warnings: usize,
}

/// Writes where the check of a revision stands: the outcome, if it is there.
///
/// # Errors
/// The database's own.
pub async fn put(
    conn: &impl ConnectionTrait,
    submission_id: &str,
    number: i32,
    outcome: Option<Outcome>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let found = outcome.unwrap_or_default();
    let row = Model {
        submission_id: submission_id.to_owned(),
        number,
        state: if outcome.is_some() { DONE } else { RUNNING }.to_owned(),
        errors: count(found.errors),
        open_warnings: count(found.open_warnings),
        end_time: outcome.map(|_| now),
    };
    write(conn, row).await
}

/// Notes that nobody waits for the check of a revision any more.
///
/// # Errors
/// The database's own.
pub async fn supersede(
    conn: &impl ConnectionTrait,
    submission_id: &str,
    number: i32,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let row = Model {
        submission_id: submission_id.to_owned(),
        number,
        state: SUPERSEDED.to_owned(),
        errors: 0,
        open_warnings: 0,
        end_time: Some(now),
    };
    write(conn, row).await
}

async fn write(conn: &impl ConnectionTrait, row: Model) -> Result<(), Error> {
    Entity::insert(row.into_active_model().reset_all())
        .on_conflict(
            OnConflict::columns([Column::SubmissionId, Column::Number])
                .update_columns([Column::State, Column::Errors, Column::OpenWarnings, Column::EndTime])
                .to_owned(),
        )
        .exec_without_returning(conn)
        .await?;
    Ok(())
}

/// The checks of a submission's revisions, by number. Revisions from before there were any have none.
///
/// # Errors
/// The database's own.
pub async fn load(conn: &impl ConnectionTrait, submission_id: &str) -> Result<BTreeMap<i32, Model>, Error> {
    let rows = Entity::find().filter(Column::SubmissionId.eq(submission_id)).all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.number, row)).collect())
}
