//! What experts declared.

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    entity::prelude::*,
};
use zhijian_platform::Error;

use super::insert_all;
use crate::domain::relation::Relation as Declared;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_relation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub relation_id: String,
    pub account_id: String,
    pub kind: String,
    pub organisation_code: String,
    pub programme_code: String,
    pub note: String,
    pub ended_on: String,
    pub by_self: bool,
    pub declare_time: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Declared {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self, Error> {
        Ok(Self {
            kind: row.kind.parse().map_err(Error::internal)?,
            id: row.relation_id,
            account_id: row.account_id,
            organisation_code: row.organisation_code,
            programme_code: row.programme_code,
            note: row.note,
            ended_on: row.ended_on,
            by_self: row.by_self,
            declare_time: row.declare_time,
        })
    }
}

/// Keeps declarations.
pub async fn insert(conn: &impl ConnectionTrait, declared: &[Declared]) -> Result<(), Error> {
    let rows = declared.iter().map(|one| ActiveModel {
        relation_id: Set(one.id.clone()),
        account_id: Set(one.account_id.clone()),
        kind: Set(one.kind.to_string()),
        organisation_code: Set(one.organisation_code.clone()),
        programme_code: Set(one.programme_code.clone()),
        note: Set(one.note.clone()),
        ended_on: Set(one.ended_on.clone()),
        by_self: Set(one.by_self),
        declare_time: Set(one.declare_time),
    });
    // Collected first: the iterator borrows, and a borrow held across the wait would not be general enough.
    insert_all(conn, rows.collect::<Vec<_>>()).await
}

/// The declaration of this id.
pub async fn find(conn: &impl ConnectionTrait, id: &str) -> Result<Option<Declared>, Error> {
    Entity::find_by_id(id).one(conn).await?.map(Declared::try_from).transpose()
}

/// Takes a declaration back.
pub async fn remove(conn: &impl ConnectionTrait, id: &str) -> Result<(), Error> {
    Entity::delete_by_id(id).exec(conn).await?;
    Ok(())
}

/// An expert's declarations, oldest first.
pub async fn of_account(conn: &impl ConnectionTrait, account_id: &str) -> Result<Vec<Declared>, Error> {
    let query = Entity::find().filter(Column::AccountId.eq(account_id)).order_by_asc(Column::RelationId);
    query.all(conn).await?.into_iter().map(Declared::try_from).collect()
}

/// How many an expert has declared.
pub async fn count(conn: &impl ConnectionTrait, account_id: &str) -> Result<usize, Error> {
    let count = Entity::find().filter(Column::AccountId.eq(account_id)).count(conn).await?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Everybody's declarations, by account.
pub async fn all(conn: &impl ConnectionTrait) -> Result<HashMap<String, Vec<Declared>>, Error> {
    let mut found: HashMap<String, Vec<Declared>> = HashMap::new();
    for row in Entity::find().order_by_asc(Column::RelationId).all(conn).await? {
        found.entry(row.account_id.clone()).or_default().push(row.try_into()?);
    }
    Ok(found)
}
