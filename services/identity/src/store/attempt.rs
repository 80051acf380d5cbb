//! Wrong tries at signing in, kept here so that every replica counts the same ones.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, entity::prelude::*,
};
use zhijian_platform::Error;

use crate::domain::{
    account::SignInName,
    throttle::{TRIES, WINDOW},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_attempt")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub attempt_id: i64,
    pub sign_in_name: String,
    pub time: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// When the last wrong tries at a name were, newest first; as many as matter.
///
/// # Errors
/// The database's own.
pub async fn recent(
    conn: &impl ConnectionTrait,
    name: &SignInName,
    now: DateTime<Utc>,
) -> Result<Vec<DateTime<Utc>>, Error> {
    Ok(Entity::find()
        .select_only()
        .column(Column::Time)
        .filter(Column::SignInName.eq(name.as_str()))
        .filter(Column::Time.gt(now - WINDOW))
        .order_by_desc(Column::Time)
        .limit(TRIES as u64)
        .into_tuple()
        .all(conn)
        .await?)
}

/// Counts a wrong try, and drops those, at whatever name, that no longer count.
///
/// # Errors
/// The database's own.
pub async fn count(conn: &impl ConnectionTrait, name: &SignInName, now: DateTime<Utc>) -> Result<(), Error> {
    Entity::delete_many().filter(Column::Time.lte(now - WINDOW)).exec(conn).await?;
    let row = ActiveModel { sign_in_name: Set(name.to_string()), time: Set(now), ..Default::default() };
    Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// Forgets the wrong tries at a name.
///
/// # Errors
/// The database's own.
pub async fn forget(conn: &impl ConnectionTrait, name: &SignInName) -> Result<(), Error> {
    Entity::delete_many().filter(Column::SignInName.eq(name.as_str())).exec(conn).await?;
    Ok(())
}
