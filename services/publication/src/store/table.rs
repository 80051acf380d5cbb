//! The tables of releases: those being prepared, and those of each version that was published.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use zhijian_platform::{Error, Text};

use crate::domain::table::{Column, Row, Table};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "publication_table")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub year: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: String,
        pub place: i32,
        pub head: String,
        pub body: String,
        pub csv: String,
        pub content_hash: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod version_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "publication_version_table")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub year: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: String,
        pub place: i32,
        pub head: String,
        pub body: String,
        pub csv: String,
        pub content_hash: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Which tables of a release are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Those that were compiled last; the public has not seen them unless there is no version yet.
    Working,
    /// Those of a version that was published.
    Version(u32),
}

impl Source {
    /// How the database numbers it; 0 is what is being prepared.
    pub fn version(self) -> i32 {
        match self {
            Self::Working => 0,
            Self::Version(version) => version.cast_signed(),
        }
    }
}

/// What is kept of a table apart from its rows.
#[derive(Serialize, Deserialize)]
struct Head {
    title: Text,
    source: Text,
    columns: Vec<Column>,
}

/// A table with what the open data serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The table; without rows where only captions were asked for.
    pub table: Table,
    /// The whole table as CSV; empty where only captions were asked for.
    pub csv: String,
    /// The SHA-256 of the CSV, in hex.
    pub content_hash: String,
}

/// The captions of a release's tables, in order of number.
///
/// # Errors
/// The database's own.
pub async fn captions(conn: &impl ConnectionTrait, year: i32, source: Source) -> Result<Vec<Kept>, Error> {
    let rows: Vec<(String, String, String)> = match source {
        Source::Working => {
            row::Entity::find()
                .select_only()
                .columns([row::Column::Number, row::Column::Head, row::Column::ContentHash])
                .filter(row::Column::Year.eq(year))
                .order_by_asc(row::Column::Place)
                .into_tuple()
                .all(conn)
                .await?
        }
        Source::Version(version) => {
            use version_row::Column;
            version_row::Entity::find()
                .select_only()
                .columns([Column::Number, Column::Head, Column::ContentHash])
                .filter(Column::Year.eq(year))
                .filter(Column::Version.eq(version.cast_signed()))
                .order_by_asc(Column::Place)
                .into_tuple()
                .all(conn)
                .await?
        }
    };
    rows.into_iter()
        .map(|(number, head, content_hash)| {
            Ok(Kept { table: assemble(number, &head, vec![])?, csv: String::new(), content_hash })
        })
        .collect()
}

/// One whole table.
///
/// # Errors
/// NOT_FOUND if the release has none of that number; the database's own.
pub async fn find(
    conn: &impl ConnectionTrait,
    year: i32,
    source: Source,
    number: &str,
) -> Result<Kept, Error> {
    let row = match source {
        Source::Working => row::Entity::find_by_id((year, number.to_owned())).one(conn).await?,
        Source::Version(version) => {
            let key = (year, version.cast_signed(), number.to_owned());
            version_row::Entity::find_by_id(key).one(conn).await?.map(Into::into)
        }
    };
    whole(row.ok_or_else(|| Error::not_found("table", format_args!("{year}/{number}")))?)
}

/// Every table, whole, in order of number.
///
/// # Errors
/// The database's own.
pub async fn all(conn: &impl ConnectionTrait, year: i32, source: Source) -> Result<Vec<Kept>, Error> {
    let rows: Vec<row::Model> = match source {
        Source::Working => {
            let rows = row::Entity::find().filter(row::Column::Year.eq(year));
            rows.order_by_asc(row::Column::Place).all(conn).await?
        }
        Source::Version(version) => {
            use version_row::Column;
            let rows = version_row::Entity::find()
                .filter(Column::Year.eq(year))
                .filter(Column::Version.eq(version.cast_signed()));
            let rows = rows.order_by_asc(Column::Place).all(conn).await?;
            rows.into_iter().map(Into::into).collect()
        }
    };
    rows.into_iter().map(whole).collect()
}

fn whole(row: row::Model) -> Result<Kept, Error> {
    let rows: Vec<Row> = serde_json::from_str(&row.body).map_err(Error::internal)?;
    Ok(Kept { table: assemble(row.number, &row.head, rows)?, csv: row.csv, content_hash: row.content_hash })
}

impl From<version_row::Model> for row::Model {
    fn from(row: version_row::Model) -> Self {
        Self {
            year: row.year,
            number: row.number,
            place: row.place,
            head: row.head,
            body: row.body,
            csv: row.csv,
            content_hash: row.content_hash,
        }
    }
}

/// Keeps the tables that were compiled last as those of `version`, within the caller's transaction.
///
/// # Errors
/// The database's own.
pub async fn freeze(conn: &impl ConnectionTrait, year: i32, version: u32) -> Result<(), Error> {
    let rows = row::Entity::find().filter(row::Column::Year.eq(year)).all(conn).await?;
    let rows = rows.into_iter().map(|row| version_row::ActiveModel {
        year: Set(year),
        version: Set(version.cast_signed()),
        number: Set(row.number),
        place: Set(row.place),
        head: Set(row.head),
        body: Set(row.body),
        csv: Set(row.csv),
        content_hash: Set(row.content_hash),
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        version_row::Entity::insert_many(rows).exec_without_returning(conn).await?;
    }
    Ok(())
}

fn assemble(number: String, head: &str, rows: Vec<Row>) -> Result<Table, Error> {
    let head: Head = serde_json::from_str(head).map_err(Error::internal)?;
    Ok(Table { number, title: head.title, source: head.source, columns: head.columns, rows })
}

/// Puts `tables` in the place of those that the release had, within the caller's transaction.
///
/// # Errors
/// The database's own.
pub async fn replace(conn: &impl ConnectionTrait, year: i32, tables: Vec<Kept>) -> Result<(), Error> {
    row::Entity::delete_many().filter(row::Column::Year.eq(year)).exec(conn).await?;
    let mut rows = Vec::with_capacity(tables.len());
    for (place, Kept { table, csv, content_hash }) in (1..).zip(tables) {
        let head = Head { title: table.title, source: table.source, columns: table.columns };
        rows.push(row::ActiveModel {
            year: Set(year),
            number: Set(table.number),
            place: Set(place),
            head: Set(serde_json::to_string(&head).map_err(Error::internal)?),
            body: Set(serde_json::to_string(&table.rows).map_err(Error::internal)?),
            csv: Set(csv),
            content_hash: Set(content_hash),
        });
    }
    if !rows.is_empty() {
        row::Entity::insert_many(rows).exec_without_returning(conn).await?;
    }
    Ok(())
}
