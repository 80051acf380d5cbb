//! Deadlines of single reports. Saving a report never touches them, so that an extension is not undone by an edit that began
//! before it.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, Condition, entity::prelude::*};
use zhijian_platform::Error;

use super::{ActiveModel, Column, Entity, Model};

/// Gives one report a deadline of its own.
///
/// # Errors
/// The database's own.
pub async fn give_until(
    conn: &impl ConnectionTrait,
    row: &mut Model,
    due: Option<DateTime<Utc>>,
) -> Result<(), Error> {
    row.own_due_time = due;
    let change = ActiveModel { own_due_time: Set(due), ..Default::default() };
    Entity::update_many().set(change).filter(Column::SubmissionId.eq(&row.submission_id)).exec(conn).await?;
    Ok(())
}

/// Gives every report of an organisation in a year a deadline of its own, where that is later than the one it has.
///
/// # Errors
/// The database's own.
pub async fn extend(
    conn: &impl ConnectionTrait,
    cycle_year: i32,
    organisation_code: &str,
    due: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<u64, Error> {
    let extended = Entity::update_many()
        .col_expr(Column::OwnDueTime, Expr::val(due))
        .col_expr(Column::UpdateTime, Expr::val(now))
        .filter(Column::CycleYear.eq(cycle_year))
        .filter(Column::OrganisationCode.eq(organisation_code))
        .filter(Condition::any().add(Column::OwnDueTime.is_null()).add(Column::OwnDueTime.lt(due)))
        .exec(conn)
        .await?;
    Ok(extended.rows_affected)
}
