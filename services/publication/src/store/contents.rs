//! What the versions of releases hold beside their tables: pins and editions.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict,
};
use zhijian_platform::{Error, Page};

use super::{edition::Edition, pin::Pin};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "publication_version_contents")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub year: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        pub full_hash: Option<String>,
        pub public_hash: Option<String>,
        pub editions: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a version holds beside its tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// Absent where the version was compiled before anything was pinned.
    pub pins: Option<Pin>,
    pub editions: Vec<Edition>,
}

/// What a version holds; nothing if it was published before contents were kept.
///
/// # Errors
/// The database's own.
pub async fn find(conn: &impl ConnectionTrait, year: i32, version: u32) -> Result<Contents, Error> {
    let Some(row) = row::Entity::find_by_id((year, version.cast_signed())).one(conn).await? else {
        return Ok(Contents::default());
    };
    let pins = row.full_hash.zip(row.public_hash);
    Ok(Contents {
        pins: pins.map(|(full_hash, public_hash)| Pin { full_hash, public_hash }),
        editions: serde_json::from_str(&row.editions).map_err(Error::internal)?,
    })
}

/// Puts `contents` in the place of what the version held, within the caller's transaction.
///
/// # Errors
/// The database's own.
pub async fn prepare(
    conn: &impl ConnectionTrait,
    year: i32,
    version: u32,
    contents: Contents,
) -> Result<(), Error> {
    let (full_hash, public_hash) = contents.pins.map(|pins| (pins.full_hash, pins.public_hash)).unzip();
    let row = row::ActiveModel {
        year: Set(year),
        version: Set(version.cast_signed()),
        full_hash: Set(full_hash),
        public_hash: Set(public_hash),
        editions: Set(serde_json::to_string(&contents.editions).map_err(Error::internal)?),
    };
    let columns = [row::Column::FullHash, row::Column::PublicHash, row::Column::Editions];
    let newest =
        OnConflict::columns([row::Column::Year, row::Column::Version]).update_columns(columns).to_owned();
    row::Entity::insert(row).on_conflict(newest).exec_without_returning(conn).await?;
    Ok(())
}

/// Keeps what stands as what `version` holds, within the caller's transaction.
///
/// # Errors
/// The database's own.
pub async fn freeze(conn: &impl ConnectionTrait, year: i32, version: u32) -> Result<(), Error> {
    let pins = match super::pin::find(conn, year).await {
        Ok(pins) => Some(pins),
        Err(Error::NotFound { .. }) => None,
        Err(error) => return Err(error),
    };
    let mut editions = Vec::new();
    let mut page_token = String::new();
    loop {
        let page = Page::parse(1000, &page_token)?;
        let found = super::edition::list(conn, year, &page, "").await?;
        let (found, next) = page.finish(found, |edition| edition.place.to_string());
        editions.extend(found);
        if next.is_empty() {
            return prepare(conn, year, version, Contents { pins, editions }).await;
        }
        page_token = next;
    }
}

/// Forgets what a version in preparation held, within the caller's transaction.
///
/// # Errors
/// The database's own.
pub async fn forget(conn: &impl ConnectionTrait, year: i32, version: u32) -> Result<(), Error> {
    row::Entity::delete_many()
        .filter(row::Column::Year.eq(year))
        .filter(row::Column::Version.eq(version.cast_signed()))
        .exec(conn)
        .await?;
    Ok(())
}
