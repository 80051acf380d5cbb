//! Where reports are open to the public, as their schools say.

use sea_orm::{IntoActiveModel, entity::prelude::*, sea_query::OnConflict};
use zhijian_platform::Error;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_public_address")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub submission_id: String,
    pub address: String,
    /// A day as `2025-12-31`, or "".
    pub publish_date: String,
    pub account_id: String,
    pub time: DateTimeUtc,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What a school has said, if anything.
///
/// # Errors
/// The database's own.
pub async fn find(conn: &impl ConnectionTrait, submission_id: &str) -> Result<Option<Model>, Error> {
    Ok(Entity::find_by_id(submission_id.to_owned()).one(conn).await?)
}

/// Writes it in place of what was there.
///
/// # Errors
/// The database's own.
pub async fn put(conn: &impl ConnectionTrait, row: Model) -> Result<(), Error> {
    Entity::insert(row.into_active_model().reset_all())
        .on_conflict(
            OnConflict::column(Column::SubmissionId)
                .update_columns([
                    Column::Address,
                    Column::PublishDate,
                    Column::AccountId,
                    Column::Time,
                    Column::Version,
                ])
                .to_owned(),
        )
        .exec_without_returning(conn)
        .await?;
    Ok(())
}
