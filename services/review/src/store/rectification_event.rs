//! What happened to rectifications.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryOrder, entity::prelude::*};
use zhijian_platform::{Error, id};

use crate::domain::rectification::{Move, Rectification};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_rectification_event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: String,
    pub rectification_id: String,
    pub time: DateTimeUtc,
    pub action: String,
    pub state: String,
    pub level: i32,
    pub comment: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Adds what has just happened.
pub async fn add(
    conn: &impl ConnectionTrait,
    of: &Rectification,
    mv: Move,
    comment: &str,
    time: DateTime<Utc>,
) -> Result<(), Error> {
    let row = ActiveModel {
        event_id: Set(id::new("rev")),
        rectification_id: Set(of.id.clone()),
        time: Set(time),
        action: Set(mv.as_str().to_owned()),
        state: Set(of.state.to_string()),
        level: Set(i32::try_from(of.level).unwrap_or(i32::MAX)),
        comment: Set(comment.to_owned()),
    };
    Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// What happened to one, oldest first.
pub async fn of(conn: &impl ConnectionTrait, rectification_id: &str) -> Result<Vec<Model>, Error> {
    let query = Entity::find().filter(Column::RectificationId.eq(rectification_id));
    Ok(query.order_by_asc(Column::EventId).all(conn).await?)
}
