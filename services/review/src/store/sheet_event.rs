//! What sheets were before they were returned, revised or given back.

use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, entity::prelude::*};
use zhijian_platform::{Error, Tx, id};

use super::{read_json, write_json};
use crate::domain::{assignment::Assignment, sheet::Sheet};

/// The words of the column `cause`.
pub const RETURNED: &str = "returned";
pub const REVISED: &str = "revised";
pub const ABSTAINED: &str = "abstained";

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_sheet_event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: String,
    pub assignment_id: String,
    pub cause: String,
    pub reason: String,
    pub scores: String,
    pub comment: String,
    pub submit_time: Option<DateTimeUtc>,
    pub time: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The points as they stood.
    pub fn sheet(&self) -> Result<Sheet, Error> {
        read_json(&self.scores)
    }
}

/// Keeps a sheet as it stands, before something happens to it.
pub async fn keep(tx: &Tx<'_>, before: &Assignment, cause: &str, reason: &str) -> Result<(), Error> {
    let row = ActiveModel {
        event_id: Set(id::new("sev")),
        assignment_id: Set(before.id.clone()),
        cause: Set(cause.to_owned()),
        reason: Set(reason.to_owned()),
        scores: Set(write_json(&before.sheet)?),
        comment: Set(before.comment.clone()),
        submit_time: Set(before.submit_time),
        time: Set(tx.now()),
    };
    Entity::insert(row).exec_without_returning(tx.conn()).await?;
    Ok(())
}

/// What happened to some sheets, oldest first.
pub async fn of(
    conn: &impl ConnectionTrait,
    assignment_ids: impl IntoIterator<Item = String>,
) -> Result<Vec<Model>, Error> {
    let query = Entity::find().filter(Column::AssignmentId.is_in(assignment_ids));
    Ok(query.order_by_asc(Column::EventId).all(conn).await?)
}
