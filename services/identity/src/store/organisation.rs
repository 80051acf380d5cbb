//! The register of organisations.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, entity::prelude::*,
};
use zhijian_platform::{Error, Page};

use crate::domain::{
    code::Code,
    organisation::{Kind, Organisation},
    text::Bilingual,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_organisation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    pub kind: String,
    pub name_zh: String,
    pub name_en: String,
    pub level: Option<String>,
    pub district: String,
    pub demonstration: bool,
    pub parent_code: Option<String>,
    pub create_time: DateTimeUtc,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// An organisation as it is registered.
#[derive(Debug, Clone)]
pub struct Registered {
    pub organisation: Organisation,
    pub create_time: DateTime<Utc>,
    pub version: i64,
}

/// The organisation of this code, if it is registered.
///
/// # Errors
/// The database's own.
pub async fn find(conn: &impl ConnectionTrait, code: &Code) -> Result<Option<Registered>, Error> {
    Entity::find_by_id(code.as_str()).one(conn).await?.map(Registered::try_from).transpose()
}

/// The kinds of those of the organisations that are registered.
///
/// # Errors
/// The database's own.
pub async fn kinds<'c>(
    conn: &impl ConnectionTrait,
    codes: impl IntoIterator<Item = &'c Code>,
) -> Result<HashMap<String, Kind>, Error> {
    let rows: Vec<(String, String)> = Entity::find()
        .select_only()
        .column(Column::Code)
        .column(Column::Kind)
        .filter(Column::Code.is_in(codes.into_iter().map(Code::as_str)))
        .into_tuple()
        .all(conn)
        .await?;
    rows.into_iter().map(|(code, kind)| Ok((code, kind.parse().map_err(Error::internal)?))).collect()
}

/// The organisations of a page in order of code, of these kinds and codes; empty filters let everything through.
///
/// # Errors
/// The database's own.
pub async fn list(
    conn: &impl ConnectionTrait,
    page: &Page,
    kinds: &[Kind],
    codes: &[String],
) -> Result<Vec<Registered>, Error> {
    let mut query = Entity::find().order_by_asc(Column::Code).limit(page.limit());
    if let Some(after) = page.after() {
        query = query.filter(Column::Code.gt(after));
    }
    if !kinds.is_empty() {
        query = query.filter(Column::Kind.is_in(kinds.iter().map(|kind| kind.as_str())));
    }
    if !codes.is_empty() {
        query = query.filter(Column::Code.is_in(codes));
    }
    query.all(conn).await?.into_iter().map(Registered::try_from).collect()
}

/// Registers an organisation.
///
/// # Errors
/// ALREADY_EXISTS if the code is taken; the database's own.
pub async fn insert(
    conn: &impl ConnectionTrait,
    organisation: Organisation,
    now: DateTime<Utc>,
) -> Result<Registered, Error> {
    let registered = Registered { organisation, create_time: now, version: 1 };
    let organisation = &registered.organisation;
    let row = ActiveModel {
        code: Set(organisation.code.to_string()),
        kind: Set(organisation.kind.as_str().to_owned()),
        name_zh: Set(organisation.name.zh().to_owned()),
        name_en: Set(organisation.name.en().to_owned()),
        level: Set(organisation.level.map(|level| level.as_str().to_owned())),
        district: Set(organisation.district.clone()),
        demonstration: Set(organisation.demonstration),
        parent_code: Set(organisation.parent.as_ref().map(Code::to_string)),
        create_time: Set(registered.create_time),
        version: Set(registered.version),
    };
    Entity::insert(row).exec_without_returning(conn).await.map_err(|error| {
        super::unless_taken(error, || Error::already_exists("organisation", &organisation.code))
    })?;
    Ok(registered)
}

impl TryFrom<Model> for Registered {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self, Error> {
        let organisation = Organisation {
            code: Code::kept(row.code),
            kind: row.kind.parse().map_err(Error::internal)?,
            name: Bilingual::kept(row.name_zh, row.name_en),
            level: row.level.map(|level| level.parse()).transpose().map_err(Error::internal)?,
            district: row.district,
            demonstration: row.demonstration,
            parent: row.parent_code.map(Code::kept),
        };
        Ok(Self { organisation, create_time: row.create_time, version: row.version })
    }
}
