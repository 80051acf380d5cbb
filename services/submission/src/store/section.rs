//! The sections of working copies.

use std::collections::BTreeMap;

use sea_orm::{IntoActiveModel, entity::prelude::*, sea_query::OnConflict};
use zhijian_platform::Error;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_section")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub submission_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub section_code: String,
    pub body: String,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Every section of a submission that was ever saved, by code.
///
/// # Errors
/// The database's own.
pub async fn load(
    conn: &impl ConnectionTrait,
    submission_id: &str,
) -> Result<BTreeMap<String, Model>, Error> {
    let rows = Entity::find().filter(Column::SubmissionId.eq(submission_id)).all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.section_code.clone(), row)).collect())
}

/// One section, if it was ever saved.
///
/// # Errors
/// The database's own.
pub async fn find(
    conn: &impl ConnectionTrait,
    submission_id: &str,
    section_code: &str,
) -> Result<Option<Model>, Error> {
    Ok(Entity::find_by_id((submission_id.to_owned(), section_code.to_owned())).one(conn).await?)
}

/// Writes a section in place of what was there.
///
/// # Errors
/// The database's own.
pub async fn put(conn: &impl ConnectionTrait, row: &Model) -> Result<(), Error> {
    Entity::insert(row.clone().into_active_model().reset_all())
        .on_conflict(
            OnConflict::columns([Column::SubmissionId, Column::SectionCode])
                .update_columns([Column::Body, Column::Version])
                .to_owned(),
        )
        .exec_without_returning(conn)
        .await?;
    Ok(())
}
