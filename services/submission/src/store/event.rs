//! What happened to submissions.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::Query,
};
use zhijian_platform::Error;

use super::report;
use crate::domain::submission::State;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_event")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub event_id: i64,
    pub submission_id: String,
    pub time: DateTimeUtc,
    pub action: String,
    pub account_id: String,
    pub account_name: String,
    pub state: String,
    pub comment: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The state that it led to.
    ///
    /// # Errors
    /// INTERNAL if the row is not ours.
    pub fn state(&self) -> Result<State, Error> {
        State::parse(&self.state)
            .ok_or_else(|| super::unreadable("event", &self.event_id.to_string(), &self.state))
    }
}

/// Who did what.
#[derive(Debug, Clone)]
pub struct Deed {
    /// The declared action.
    pub action: String,
    /// The account's id, or "service:NAME".
    pub account_id: String,
    /// What the account is called.
    pub account_name: String,
    /// When.
    pub time: DateTime<Utc>,
}

/// Adds what happened to one submission.
///
/// # Errors
/// The database's own.
pub async fn insert(
    conn: &impl ConnectionTrait,
    deed: &Deed,
    submission_id: &str,
    state: State,
    comment: &str,
) -> Result<(), Error> {
    let row = ActiveModel {
        event_id: NotSet,
        submission_id: Set(submission_id.to_owned()),
        time: Set(deed.time),
        action: Set(deed.action.clone()),
        account_id: Set(deed.account_id.clone()),
        account_name: Set(deed.account_name.clone()),
        state: Set(state.as_str().to_owned()),
        comment: Set(comment.to_owned()),
    };
    Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// Adds the publication of every accepted submission of a year. Call it before they are published.
///
/// # Errors
/// The database's own.
pub async fn insert_publications(
    conn: &impl ConnectionTrait,
    deed: &Deed,
    cycle_year: i32,
) -> Result<(), Error> {
    let accepted = Query::select()
        .column(report::Column::SubmissionId)
        .expr(Expr::val(deed.time))
        .expr(Expr::val(&deed.action))
        .expr(Expr::val(&deed.account_id))
        .expr(Expr::val(&deed.account_name))
        .expr(Expr::val(State::Published.as_str()))
        .expr(Expr::val(""))
        .from(report::Entity)
        .and_where(report::Column::CycleYear.eq(cycle_year))
        .and_where(report::Column::State.eq(State::Accepted.as_str()))
        .to_owned();
    let mut insert = Query::insert();
    insert
        .into_table(Entity)
        .columns([
            Column::SubmissionId,
            Column::Time,
            Column::Action,
            Column::AccountId,
            Column::AccountName,
            Column::State,
            Column::Comment,
        ])
        .select_from(accepted)
        .map_err(Error::internal)?;
    conn.execute(&insert).await?;
    Ok(())
}

/// What happened to a submission, oldest first.
///
/// # Errors
/// The database's own.
pub async fn list(conn: &impl ConnectionTrait, submission_id: &str) -> Result<Vec<Model>, Error> {
    Ok(Entity::find()
        .filter(Column::SubmissionId.eq(submission_id))
        .order_by_asc(Column::EventId)
        .all(conn)
        .await?)
}

/// When each of these submissions was last taken into the results; one that never was is absent.
///
/// # Errors
/// The database's own.
pub async fn accept_times(
    conn: &impl ConnectionTrait,
    submission_ids: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, DateTime<Utc>>, Error> {
    let rows: Vec<(String, DateTime<Utc>)> = Entity::find()
        .select_only()
        .columns([Column::SubmissionId, Column::Time])
        .filter(Column::SubmissionId.is_in(submission_ids))
        .filter(Column::State.is_in([State::Accepted.as_str(), State::Corrected.as_str()]))
        .order_by_asc(Column::EventId)
        .into_tuple()
        .all(conn)
        .await?;
    // Later ones take the place of earlier ones.
    Ok(rows.into_iter().collect())
}
