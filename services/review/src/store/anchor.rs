//! Entries whose total is known beforehand.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, entity::prelude::*};
use zhijian_platform::Error;

use super::insert_all;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_anchor")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub round_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry_id: String,
    pub total: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Sets a round's anchors in the place of those there were.
pub async fn replace(
    conn: &impl ConnectionTrait,
    round_id: &str,
    anchors: &BTreeMap<String, Decimal>,
) -> Result<(), Error> {
    Entity::delete_many().filter(Column::RoundId.eq(round_id)).exec(conn).await?;
    let rows = anchors.iter().map(|(entry_id, total)| ActiveModel {
        round_id: Set(round_id.to_owned()),
        entry_id: Set(entry_id.clone()),
        total: Set(total.to_string()),
    });
    insert_all(conn, rows.collect::<Vec<_>>()).await
}

/// A round's anchors, by entry.
pub async fn of_round(
    conn: &impl ConnectionTrait,
    round_id: &str,
) -> Result<BTreeMap<String, Decimal>, Error> {
    let rows = Entity::find().filter(Column::RoundId.eq(round_id)).all(conn).await?;
    rows.into_iter().map(|row| Ok((row.entry_id, row.total.parse().map_err(Error::internal)?))).collect()
}
