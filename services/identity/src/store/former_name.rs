//! Names that organisations used to carry.

use std::collections::HashMap;

use sea_orm::{ActiveValue::Set, ConnectionTrait, QueryFilter, QueryOrder, entity::prelude::*};
use zhijian_platform::Error;

use crate::domain::{date::Date, organisation::Organisation, particulars::FormerName};

/// How many rows one statement writes or asks for.
const ROWS_A_STATEMENT: usize = 1000;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_organisation_name")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub place: i32,
    pub name_zh: String,
    pub name_en: String,
    pub from_date: Option<String>,
    pub to_date: Option<String>,
    pub mistaken: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The former names of these organisations, oldest first.
///
/// # Errors
/// The database's own.
pub async fn of<'c>(
    conn: &impl ConnectionTrait,
    codes: impl IntoIterator<Item = &'c str>,
) -> Result<HashMap<String, Vec<FormerName>>, Error> {
    let codes: Vec<&str> = codes.into_iter().collect();
    let mut rows = Vec::new();
    for codes in codes.chunks(ROWS_A_STATEMENT) {
        let query = Entity::find().filter(Column::Code.is_in(codes.iter().copied()));
        rows.extend(query.order_by_asc(Column::Place).all(conn).await?);
    }
    by_code(rows)
}

/// All former names, oldest first.
///
/// # Errors
/// The database's own.
pub async fn all(conn: &impl ConnectionTrait) -> Result<HashMap<String, Vec<FormerName>>, Error> {
    by_code(Entity::find().order_by_asc(Column::Place).all(conn).await?)
}

/// Writes the former names of these entries in place of those before.
///
/// # Errors
/// The database's own.
pub async fn put(conn: &impl ConnectionTrait, entries: &[&Organisation]) -> Result<(), Error> {
    for entries in entries.chunks(ROWS_A_STATEMENT) {
        let codes = entries.iter().map(|entry| entry.code.as_str());
        Entity::delete_many().filter(Column::Code.is_in(codes)).exec(conn).await?;
    }
    let rows: Vec<ActiveModel> = entries
        .iter()
        .flat_map(|entry| {
            (0..).zip(&entry.particulars.former_names).map(|(place, name)| row(entry, place, name))
        })
        .collect();
    for rows in rows.chunks(ROWS_A_STATEMENT) {
        Entity::insert_many(rows.to_vec()).exec_without_returning(conn).await?;
    }
    Ok(())
}

fn row(entry: &Organisation, place: i32, name: &FormerName) -> ActiveModel {
    ActiveModel {
        code: Set(entry.code.to_string()),
        place: Set(place),
        name_zh: Set(name.zh.clone()),
        name_en: Set(name.en.clone()),
        from_date: Set(name.from.as_ref().map(Date::to_string)),
        to_date: Set(name.to.as_ref().map(Date::to_string)),
        mistaken: Set(name.mistaken),
    }
}

fn by_code(rows: Vec<Model>) -> Result<HashMap<String, Vec<FormerName>>, Error> {
    let mut names: HashMap<String, Vec<FormerName>> = HashMap::new();
    for row in rows {
        let name = FormerName {
            zh: row.name_zh,
            en: row.name_en,
            from: super::date(row.from_date.as_deref())?,
            to: super::date(row.to_date.as_deref())?,
            mistaken: row.mistaken,
        };
        names.entry(row.code).or_default().push(name);
    }
    Ok(names)
}
