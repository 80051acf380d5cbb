//! How far the reviewers of a round agree, as it was computed when the round was finalised.

use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, entity::prelude::*};
use zhijian_platform::Error;

use super::{read_json, write_json};
use crate::domain::agreement::Agreement;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_agreement")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub round_id: String,
    pub content: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Keeps it.
pub async fn insert(conn: &impl ConnectionTrait, round_id: &str, agreement: &Agreement) -> Result<(), Error> {
    let row = ActiveModel { round_id: Set(round_id.to_owned()), content: Set(write_json(agreement)?) };
    Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// What was kept, if anything was.
pub async fn find(conn: &impl ConnectionTrait, round_id: &str) -> Result<Option<Agreement>, Error> {
    let row = Entity::find_by_id(round_id).one(conn).await?;
    row.map(|row| read_json(&row.content)).transpose()
}
