//! What happened to the items of procedures. Nothing here ever changes.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, entity::prelude::*,
};
use zhijian_platform::{Error, id};

use super::{insert_all, read_json, write_json};
use crate::domain::procedure::form::Form;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_item_event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: String,
    pub item_id: String,
    pub time: DateTimeUtc,
    pub step: String,
    pub outcome: String,
    pub led_to: String,
    pub comment: String,
    pub form: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Something that happened to an item.
#[derive(Debug, Clone)]
pub struct Event {
    /// The item.
    pub item_id: String,
    /// When.
    pub time: DateTime<Utc>,
    /// The step that was taken.
    pub step: String,
    /// How.
    pub outcome: String,
    /// The step or the end that it led to.
    pub to: String,
    /// What was said about it.
    pub comment: String,
    /// What was brought with it.
    pub form: Form,
}

/// Adds what has just happened.
pub async fn add(conn: &impl ConnectionTrait, events: &[Event]) -> Result<(), Error> {
    let rows = events.iter().map(|event| {
        Ok(ActiveModel {
            event_id: Set(id::new("iev")),
            item_id: Set(event.item_id.clone()),
            time: Set(event.time),
            step: Set(event.step.clone()),
            outcome: Set(event.outcome.clone()),
            led_to: Set(event.to.clone()),
            comment: Set(event.comment.clone()),
            form: Set(write_json(&event.form)?),
        })
    });
    insert_all(conn, rows.collect::<Result<Vec<_>, Error>>()?).await
}

/// What happened to an item, oldest first.
pub async fn of(conn: &impl ConnectionTrait, item_id: &str) -> Result<Vec<Event>, Error> {
    let query = Entity::find().filter(Column::ItemId.eq(item_id)).order_by_asc(Column::EventId);
    let event = |row: Model| {
        Ok(Event {
            form: read_json(&row.form)?,
            item_id: row.item_id,
            time: row.time,
            step: row.step,
            outcome: row.outcome,
            to: row.led_to,
            comment: row.comment,
        })
    };
    query.all(conn).await?.into_iter().map(event).collect()
}
