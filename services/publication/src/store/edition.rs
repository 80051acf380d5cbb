//! The editions of releases; their documents are in the object store.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use zhijian_platform::{Error, Page, Text};

use super::table::Source;

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "publication_edition")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub year: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        pub place: i32,
        pub organisation_code: String,
        pub title_zh: String,
        pub title_en: String,
        pub figure_count: i32,
        pub table_count: i32,
        pub value_count: i32,
        pub document_hash: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// How many rows one statement inserts.
const BATCH: usize = 500;

/// An edition without its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    pub code: String,
    /// Empty for the region's own.
    pub organisation_code: String,
    pub title: Text,
    pub figures: i32,
    pub tables: i32,
    pub values: i32,
    /// The SHA-256 of the document's JSON, in hex.
    pub document_hash: String,
    /// Its place among the release's editions, from 1.
    pub place: i32,
}

/// The editions of a page, in order; with a query those of institutions whose title or code holds it.
///
/// # Errors
/// INVALID_ARGUMENT if the page's key is no number; the database's own.
pub async fn list(
    conn: &impl ConnectionTrait,
    year: i32,
    source: Source,
    page: &Page,
    query: &str,
) -> Result<Vec<Edition>, Error> {
    let mut select = row::Entity::find()
        .filter(row::Column::Year.eq(year))
        .filter(row::Column::Version.eq(source.version()))
        .order_by_asc(row::Column::Place)
        .limit(page.limit());
    if let Some(after) = page.after() {
        let place: i32 = after.parse().map_err(|_| {
            Error::invalid(
                "page_token",
                "page_token 无效：请留空从头开始。",
                "The page_token is not valid: start over.",
            )
        })?;
        select = select.filter(row::Column::Place.gt(place));
    }
    if !query.is_empty() {
        let named = Condition::any()
            .add(row::Column::TitleZh.contains(query))
            .add(row::Column::TitleEn.contains(query))
            .add(row::Column::OrganisationCode.contains(query));
        select = select.filter(row::Column::OrganisationCode.ne("")).filter(named);
    }
    Ok(select.all(conn).await?.into_iter().map(Into::into).collect())
}

/// Every edition, in order.
///
/// # Errors
/// The database's own.
pub async fn all(conn: &impl ConnectionTrait, year: i32, source: Source) -> Result<Vec<Edition>, Error> {
    let select = row::Entity::find()
        .filter(row::Column::Year.eq(year))
        .filter(row::Column::Version.eq(source.version()))
        .order_by_asc(row::Column::Place);
    Ok(select.all(conn).await?.into_iter().map(Into::into).collect())
}

/// One edition.
///
/// # Errors
/// NOT_FOUND if the release has none of that code; the database's own.
pub async fn find(
    conn: &impl ConnectionTrait,
    year: i32,
    source: Source,
    code: &str,
) -> Result<Edition, Error> {
    let row = row::Entity::find_by_id((year, source.version(), code.to_owned())).one(conn).await?;
    Ok(row.ok_or_else(|| Error::not_found("edition", format_args!("{year}/{code}")))?.into())
}

/// Puts `editions` in the place of those that the release had, within the caller's transaction.
///
/// # Errors
/// The database's own.
pub async fn replace(conn: &impl ConnectionTrait, year: i32, editions: Vec<Edition>) -> Result<(), Error> {
    let working = Source::Working.version();
    row::Entity::delete_many()
        .filter(row::Column::Year.eq(year))
        .filter(row::Column::Version.eq(working))
        .exec(conn)
        .await?;
    let rows: Vec<row::ActiveModel> = editions
        .into_iter()
        .map(|edition| row::ActiveModel {
            year: Set(year),
            version: Set(working),
            code: Set(edition.code),
            place: Set(edition.place),
            organisation_code: Set(edition.organisation_code),
            title_zh: Set(edition.title.zh),
            title_en: Set(edition.title.en),
            figure_count: Set(edition.figures),
            table_count: Set(edition.tables),
            value_count: Set(edition.values),
            document_hash: Set(edition.document_hash),
        })
        .collect();
    insert(conn, &rows).await
}

async fn insert(conn: &impl ConnectionTrait, rows: &[row::ActiveModel]) -> Result<(), Error> {
    for rows in rows.chunks(BATCH) {
        row::Entity::insert_many(rows.to_vec()).exec_without_returning(conn).await?;
    }
    Ok(())
}

/// Keeps the editions that were compiled last as those of `version`, within the caller's transaction.
///
/// # Errors
/// The database's own.
pub async fn freeze(conn: &impl ConnectionTrait, year: i32, version: u32) -> Result<(), Error> {
    let rows = row::Entity::find()
        .filter(row::Column::Year.eq(year))
        .filter(row::Column::Version.eq(Source::Working.version()))
        .all(conn)
        .await?;
    let rows: Vec<row::ActiveModel> = rows
        .into_iter()
        .map(|row| row::Model { version: version.cast_signed(), ..row }.into_active_model().reset_all())
        .collect();
    insert(conn, &rows).await
}

impl From<row::Model> for Edition {
    fn from(row: row::Model) -> Self {
        Self {
            code: row.code,
            organisation_code: row.organisation_code,
            title: Text::new(row.title_zh, row.title_en),
            figures: row.figure_count,
            tables: row.table_count,
            values: row.value_count,
            document_hash: row.document_hash,
            place: row.place,
        }
    }
}
