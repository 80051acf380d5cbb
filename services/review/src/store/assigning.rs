//! The newest operation that assigns a round.

use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, entity::prelude::*};
use zhijian_platform::Error;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_assigning")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub round_id: String,
    pub operation_id: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Notes the newest.
pub async fn put(conn: &impl ConnectionTrait, round_id: &str, operation_id: &str) -> Result<(), Error> {
    Entity::delete_by_id(round_id).exec(conn).await?;
    let row = ActiveModel { round_id: Set(round_id.to_owned()), operation_id: Set(operation_id.to_owned()) };
    Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// The newest, if there has been one.
pub async fn find(conn: &impl ConnectionTrait, round_id: &str) -> Result<Option<String>, Error> {
    Ok(Entity::find_by_id(round_id).one(conn).await?.map(|row| row.operation_id))
}
