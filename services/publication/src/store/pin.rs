//! What releases were computed from: the names of stored files.

use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, sea_query::OnConflict};
use zhijian_platform::Error;

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "publication_pin")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub year: i32,
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

/// The pins of the release of `year`.
///
/// # Errors
/// NOT_FOUND if it has not been compiled; the database's own.
pub async fn find(conn: &impl ConnectionTrait, year: i32) -> Result<Pin, Error> {
    let row = row::Entity::find_by_id(year).one(conn).await?;
    let row = row.ok_or_else(|| Error::not_found("pins", year))?;
    Ok(Pin { full_hash: row.full_hash, public_hash: row.public_hash })
}

/// Forgets the pins of a release, within the caller's transaction.
///
/// # Errors
/// The database's own.
pub async fn forget(conn: &impl ConnectionTrait, year: i32) -> Result<(), Error> {
    row::Entity::delete_by_id(year).exec(conn).await?;
    Ok(())
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
        operation_id: Set(operation_id.to_owned()),
        full_hash: Set(pin.full_hash),
        public_hash: Set(pin.public_hash),
    };
    let columns = [row::Column::OperationId, row::Column::FullHash, row::Column::PublicHash];
    let newest = OnConflict::column(row::Column::Year).update_columns(columns).to_owned();
    row::Entity::insert(row).on_conflict(newest).exec_without_returning(conn).await?;
    Ok(())
}
