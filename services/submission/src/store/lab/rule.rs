//! How the rules of replays did.

use sea_orm::{Condition, IntoActiveModel, QueryOrder, QuerySelect, entity::prelude::*};
use zhijian_platform::{Error, Page};

use crate::store::{ROWS_A_STATEMENT, bad_token};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_lab_rule")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub replay_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    pub rule_code: String,
    pub standing: String,
    pub severity: String,
    /// "" if it is not in force.
    pub severity_in_force: String,
    pub message_zh: String,
    pub message_en: String,
    pub expression: String,
    pub reports: i32,
    pub reports_fired: i32,
    pub reports_fired_in_force: i32,
    pub organisations_fired: i32,
    pub fires_new: i64,
    pub fires_same: i64,
    pub fires_gone: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Adds the rules of a replay.
///
/// # Errors
/// The database's own.
pub async fn insert(conn: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), Error> {
    for chunk in rows.chunks(ROWS_A_STATEMENT) {
        let rows = chunk.iter().cloned().map(|row| row.into_active_model().reset_all());
        Entity::insert_many(rows).exec_without_returning(conn).await?;
    }
    Ok(())
}

/// The rules of a page, in the order of the draft.
///
/// # Errors
/// INVALID_ARGUMENT if the page's token is not of this list; the database's own.
pub async fn list(conn: &impl ConnectionTrait, page: &Page, replay_id: &str) -> Result<Vec<Model>, Error> {
    let after = page.after().map(|key| key.parse::<i32>().map_err(|_| bad_token())).transpose()?;
    let condition = Condition::all()
        .add(Column::ReplayId.eq(replay_id))
        .add_option(after.map(|after| Column::Position.gt(after)));
    Ok(Entity::find().filter(condition).order_by_asc(Column::Position).limit(page.limit()).all(conn).await?)
}
