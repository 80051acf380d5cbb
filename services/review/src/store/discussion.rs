//! What panels say.

use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, entity::prelude::*};
use zhijian_platform::{Error, Tx, id};

use crate::domain::assignment::Assignment;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_discussion")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub comment_id: String,
    pub entry_id: String,
    /// The re-check or appeal that the panel sits on; empty for the entry's own panel.
    pub occasion: String,
    pub assignment_id: String,
    pub body: String,
    pub time: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Adds what the holder of a seat says.
pub async fn add(tx: &Tx<'_>, by: &Assignment, body: &str) -> Result<Model, Error> {
    let row = Model {
        comment_id: id::new("dsc"),
        entry_id: by.entry_id.clone(),
        occasion: by.rectification_id.clone().unwrap_or_default(),
        assignment_id: by.id.clone(),
        body: body.to_owned(),
        time: tx.now(),
    };
    let inserted = ActiveModel {
        comment_id: Set(row.comment_id.clone()),
        entry_id: Set(row.entry_id.clone()),
        occasion: Set(row.occasion.clone()),
        assignment_id: Set(row.assignment_id.clone()),
        body: Set(row.body.clone()),
        time: Set(row.time),
    };
    Entity::insert(inserted).exec_without_returning(tx.conn()).await?;
    Ok(row)
}

/// What the panel that a seat belongs to has said, oldest first.
pub async fn of(conn: &impl ConnectionTrait, seat: &Assignment) -> Result<Vec<Model>, Error> {
    let query = Entity::find()
        .filter(Column::EntryId.eq(&seat.entry_id))
        .filter(Column::Occasion.eq(seat.rectification_id.clone().unwrap_or_default()))
        .order_by_asc(Column::CommentId);
    Ok(query.all(conn).await?)
}
