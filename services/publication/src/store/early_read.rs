//! Who looked at what was not public yet.

use sea_orm::{
    ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, entity::prelude::*,
};
use zhijian_platform::{Error, Page};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "publication_early_read")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub read_id: String,
    pub year: i32,
    pub time: DateTimeUtc,
    pub account_id: String,
    pub account_name: String,
    pub action: String,
    pub what: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Records a look.
///
/// # Errors
/// The database's own.
pub async fn record(conn: &impl ConnectionTrait, read: Model) -> Result<(), Error> {
    Entity::insert(read.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// Some looks at the release of a year, newest first.
///
/// # Errors
/// The database's own.
pub async fn page(
    conn: &impl ConnectionTrait,
    page: &Page,
    year: i32,
) -> Result<(Vec<Model>, String), Error> {
    let mut query =
        Entity::find().filter(Column::Year.eq(year)).order_by_desc(Column::ReadId).limit(page.limit());
    if let Some(after) = page.after() {
        query = query.filter(Column::ReadId.lt(after));
    }
    Ok(page.finish(query.all(conn).await?, |row| row.read_id.clone()))
}
