//! The regions whose bundles are taken in, and what was taken in of each.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::OnConflict,
};
use zhijian_platform::{Error, Text};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "publication_region")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        pub name_zh: String,
        pub name_en: String,
        pub public_key: String,
        pub create_time: DateTimeUtc,
        pub version: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod bundle_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "publication_region_bundle")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub year: i32,
        pub release_version: i32,
        pub demonstration: bool,
        pub publish_time: DateTimeUtc,
        pub import_time: DateTimeUtc,
        pub bundle_sha256: String,
        pub pins_hash: String,
        pub report_count: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use bundle_row::Model as Bundle;

/// A region whose bundles are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    pub code: String,
    pub name: Text,
    /// minisign's, in one line.
    pub public_key: String,
    pub create_time: DateTime<Utc>,
}

/// The region of this code.
///
/// # Errors
/// NOT_FOUND if it is not trusted; the database's own.
pub async fn find(conn: &impl ConnectionTrait, code: &str) -> Result<Region, Error> {
    let row = row::Entity::find_by_id(code.to_owned()).one(conn).await?;
    Ok(row.ok_or_else(|| Error::not_found("federated region", code))?.into())
}

/// Every region, in order of code.
///
/// # Errors
/// The database's own.
pub async fn list(conn: &impl ConnectionTrait) -> Result<Vec<Region>, Error> {
    let rows = row::Entity::find().order_by_asc(row::Column::Code).all(conn).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Keeps a region, or replaces its name and key.
///
/// # Errors
/// The database's own.
pub async fn keep(conn: &impl ConnectionTrait, region: &Region) -> Result<(), Error> {
    let row = row::ActiveModel {
        code: Set(region.code.clone()),
        name_zh: Set(region.name.zh.clone()),
        name_en: Set(region.name.en.clone()),
        public_key: Set(region.public_key.clone()),
        create_time: Set(region.create_time),
        version: Set(1),
    };
    let columns = [row::Column::NameZh, row::Column::NameEn, row::Column::PublicKey];
    let newest = OnConflict::column(row::Column::Code).update_columns(columns).to_owned();
    row::Entity::insert(row).on_conflict(newest).exec_without_returning(conn).await?;
    Ok(())
}

/// What was taken in of a region, newest year first.
///
/// # Errors
/// The database's own.
pub async fn bundles(conn: &impl ConnectionTrait, code: &str) -> Result<Vec<Bundle>, Error> {
    let found = bundle_row::Entity::find().filter(bundle_row::Column::Code.eq(code));
    Ok(found.order_by_desc(bundle_row::Column::Year).all(conn).await?)
}

/// What was taken in of a year, in order of the region's code.
///
/// # Errors
/// The database's own.
pub async fn of_year(conn: &impl ConnectionTrait, year: i32) -> Result<Vec<Bundle>, Error> {
    let found = bundle_row::Entity::find().filter(bundle_row::Column::Year.eq(year));
    Ok(found.order_by_asc(bundle_row::Column::Code).all(conn).await?)
}

/// Puts a bundle in the place of the one that the region had for the year, within the caller's transaction.
///
/// # Errors
/// The database's own.
pub async fn replace(conn: &impl ConnectionTrait, bundle: Bundle) -> Result<(), Error> {
    let key = (bundle.code.clone(), bundle.year);
    bundle_row::Entity::delete_by_id(key).exec(conn).await?;
    bundle_row::Entity::insert(bundle.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

impl From<row::Model> for Region {
    fn from(row: row::Model) -> Self {
        Self {
            code: row.code,
            name: Text::new(row.name_zh, row.name_en),
            public_key: row.public_key,
            create_time: row.create_time,
        }
    }
}
