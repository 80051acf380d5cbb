//! Exports of a year, and what goes into them.

use chrono::{DateTime, Utc};
use sea_orm::{
    AccessMode, Condition, DatabaseTransaction, DbBackend, IntoActiveModel, IsolationLevel, QueryOrder,
    QuerySelect, TransactionTrait, entity::prelude::*,
};
use zhijian_platform::{Db, Error, Page};

use super::{report, revision};
use crate::domain::text::is_storable;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_export")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub export_id: String,
    pub cycle_year: i32,
    /// "csv" or "xlsx".
    pub format: String,
    pub operation_id: String,
    /// The file in the store; empty until it is written.
    pub object: String,
    pub size: i64,
    pub sha256: String,
    pub submissions: i32,
    pub cells: i64,
    pub create_time: DateTimeUtc,
    pub expire_time: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A view of the database as it is now, whatever is written meanwhile.
///
/// # Errors
/// The database's own.
pub async fn snapshot(db: &Db) -> Result<DatabaseTransaction, Error> {
    Ok(match db.backend() {
        DbBackend::Postgres => {
            let (isolation, access) = (IsolationLevel::RepeatableRead, AccessMode::ReadOnly);
            db.reader().begin_with_config(Some(isolation), Some(access)).await?
        }
        _ => db.reader().begin().await?,
    })
}

/// Adds an export.
///
/// # Errors
/// The database's own.
pub async fn insert(conn: &impl ConnectionTrait, row: Model) -> Result<(), Error> {
    Entity::insert(row.into_active_model().reset_all()).exec_without_returning(conn).await?;
    Ok(())
}

/// The export of this id.
///
/// # Errors
/// NOT_FOUND if there is none; the database's own.
pub async fn get(conn: &impl ConnectionTrait, export_id: &str) -> Result<Model, Error> {
    let found = if is_storable(export_id) { Entity::find_by_id(export_id).one(conn).await? } else { None };
    found.ok_or_else(|| Error::not_found("export", export_id))
}

/// The exports of a page that have not expired, newest first.
///
/// # Errors
/// The database's own.
pub async fn list(
    conn: &impl ConnectionTrait,
    page: &Page,
    cycle_year: Option<i32>,
    now: DateTime<Utc>,
) -> Result<Vec<Model>, Error> {
    let condition = Condition::all()
        .add(Column::ExpireTime.gt(now))
        .add_option(cycle_year.map(|year| Column::CycleYear.eq(year)))
        .add_option(page.after().filter(|key| is_storable(key)).map(|key| Column::ExportId.lt(key)));
    Ok(Entity::find().filter(condition).order_by_desc(Column::ExportId).limit(page.limit()).all(conn).await?)
}

/// Stores what an export came to.
///
/// # Errors
/// The database's own.
pub async fn finish(conn: &impl ConnectionTrait, row: Model) -> Result<(), Error> {
    let key = row.export_id.clone();
    let change = row.into_active_model().reset_all();
    Entity::update_many()
        .set(ActiveModel { export_id: sea_orm::ActiveValue::NotSet, ..change })
        .filter(Column::ExportId.eq(key))
        .exec(conn)
        .await?;
    Ok(())
}

/// Removes exports that have expired; answers how many.
///
/// # Errors
/// The database's own.
pub async fn remove_expired(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<u64, Error> {
    Ok(Entity::delete_many().filter(Column::ExpireTime.lte(now)).exec(conn).await?.rows_affected)
}

/// Whether an export that has not expired is kept in this file.
///
/// # Errors
/// The database's own.
pub async fn names(conn: &impl ConnectionTrait, object: &str) -> Result<bool, Error> {
    let count = Entity::find()
        .filter(Column::Object.eq(object))
        .filter(Column::ExpireTime.gt(Utc::now()))
        .count(conn)
        .await?;
    Ok(count > 0)
}

/// The submissions of a year after a place in their order, at most `limit`.
///
/// # Errors
/// The database's own.
pub async fn submissions(
    conn: &impl ConnectionTrait,
    cycle_year: i32,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<report::Model>, Error> {
    let mut query = report::Entity::find()
        .filter(report::Column::CycleYear.eq(cycle_year))
        .order_by_asc(report::Column::OrganisationCode)
        .order_by_asc(report::Column::ReportKind)
        .order_by_asc(report::Column::SubmissionId)
        .limit(limit);
    if let Some(key) = after {
        query = query.filter(report::after(key)?);
    }
    Ok(query.all(conn).await?)
}

/// The receipts of a submission: number, id, hash, declaration and time of each revision, oldest first.
///
/// # Errors
/// The database's own.
pub async fn receipts(
    conn: &impl ConnectionTrait,
    submission_id: &str,
) -> Result<Vec<(i32, String, String, DateTimeUtc)>, Error> {
    Ok(revision::Entity::find()
        .select_only()
        .columns([
            revision::Column::Number,
            revision::Column::ReceiptId,
            revision::Column::ContentHash,
            revision::Column::CreateTime,
        ])
        .filter(revision::Column::SubmissionId.eq(submission_id))
        .order_by_asc(revision::Column::Number)
        .into_tuple()
        .all(conn)
        .await?)
}

/// How many submissions a year has.
///
/// # Errors
/// The database's own.
pub async fn total(conn: &impl ConnectionTrait, cycle_year: i32) -> Result<u64, Error> {
    Ok(report::Entity::find().filter(report::Column::CycleYear.eq(cycle_year)).count(conn).await?)
}
