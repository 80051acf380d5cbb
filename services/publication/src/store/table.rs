//! The tables of releases.

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
pub async fn captions(conn: &impl ConnectionTrait, year: i32) -> Result<Vec<Kept>, Error> {
    let rows: Vec<(String, String, String)> = row::Entity::find()
        .select_only()
        .columns([row::Column::Number, row::Column::Head, row::Column::ContentHash])
        .filter(row::Column::Year.eq(year))
        .order_by_asc(row::Column::Place)
        .into_tuple()
        .all(conn)
        .await?;
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
pub async fn find(conn: &impl ConnectionTrait, year: i32, number: &str) -> Result<Kept, Error> {
    let row = row::Entity::find_by_id((year, number.to_owned()))
        .one(conn)
        .await?
        .ok_or_else(|| Error::not_found("table", format_args!("{year}/{number}")))?;
    let rows: Vec<Row> = serde_json::from_str(&row.body).map_err(Error::internal)?;
    Ok(Kept { table: assemble(row.number, &row.head, rows)?, csv: row.csv, content_hash: row.content_hash })
}

/// The numbers of the release's tables that print the number of this name.
///
/// # Errors
/// The database's own.
pub async fn printing(conn: &impl ConnectionTrait, year: i32, trace: &str) -> Result<Vec<String>, Error> {
    let quoted = serde_json::to_string(trace).map_err(Error::internal)?;
    let rows = row::Entity::find()
        .select_only()
        .column(row::Column::Number)
        .filter(row::Column::Year.eq(year))
        .filter(row::Column::Body.contains(format!("\"trace\":{quoted}")))
        .order_by_asc(row::Column::Place)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows)
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
