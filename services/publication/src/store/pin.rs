//! What releases were computed from: the names of stored files.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, IntoActiveModel, sea_query::OnConflict,
};
use zhijian_platform::Error;

use super::table::Source;

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "publication_pin")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub year: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        pub operation_id: String,
        pub full_hash: String,
        pub public_hash: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The pins of a release, by the SHA-256 of their JSON in the service's folder of the object store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// With every cell: for those who may see institutions' own numbers.
    pub full_hash: String,
    /// As everybody may have them; what the tables were computed from.
    pub public_hash: String,
}

/// The pins of the release of `year`: those compiled last, or those of a version.
///
/// # Errors
/// NOT_FOUND if it has not been compiled; the database's own.
pub async fn find(conn: &impl ConnectionTrait, year: i32, source: Source) -> Result<Pin, Error> {
    let row = row::Entity::find_by_id((year, source.version())).one(conn).await?;
    let row = row.ok_or_else(|| Error::not_found("pins", year))?;
    Ok(Pin { full_hash: row.full_hash, public_hash: row.public_hash })
}

/// Puts pins in the place of those that the release had, within the caller's transaction.
///
/// # Errors
/// The database's own.
pub async fn replace(
    conn: &impl ConnectionTrait,
    year: i32,
    operation_id: &str,
    pin: Pin,
) -> Result<(), Error> {
    let row = row::ActiveModel {
        year: Set(year),
        version: Set(Source::Working.version()),
        operation_id: Set(operation_id.to_owned()),
        full_hash: Set(pin.full_hash),
        public_hash: Set(pin.public_hash),
    };
    let columns = [row::Column::OperationId, row::Column::FullHash, row::Column::PublicHash];
    let newest =
        OnConflict::columns([row::Column::Year, row::Column::Version]).update_columns(columns).to_owned();
    row::Entity::insert(row).on_conflict(newest).exec_without_returning(conn).await?;
    Ok(())
}

/// Keeps the pins that were compiled last as those of `version`, within the caller's transaction. A release compiled before
/// there were pins has none.
///
/// # Errors
/// The database's own.
pub async fn freeze(conn: &impl ConnectionTrait, year: i32, version: u32) -> Result<(), Error> {
    if let Some(row) = row::Entity::find_by_id((year, Source::Working.version())).one(conn).await? {
        let row = row::Model { version: version.cast_signed(), ..row };
        row::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(conn).await?;
    }
    Ok(())
}
