//! Replays of draft rules, and the reports that they read.

pub mod firing;
pub mod rule;

use std::collections::BTreeMap;

use sea_orm::{Condition, IntoActiveModel, QueryOrder, QuerySelect, entity::prelude::*};
use zhijian_platform::{Error, Page};

use super::{report, revision};
use crate::domain::text::is_storable;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_lab_replay")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub replay_id: String,
    pub name: String,
    pub catalogue_year: i32,
    /// Years with commas in between, ascending.
    pub cycle_years: String,
    pub all_revisions: bool,
    pub rules_toml: String,
    pub operation_id: String,
    pub account_id: String,
    pub account_name: String,
    pub create_time: DateTimeUtc,
    pub end_time: Option<DateTimeUtc>,
    /// Where the work stands: the year, and the place in the order of its reports ("" at its beginning).
    pub place_year: i32,
    pub place_after: String,
    pub reports: i32,
    pub revisions: i32,
    pub left_out: i32,
    /// How many reports of each kind were replayed, as JSON.
    pub reports_by_kind: String,
    pub fires_new: i64,
    pub fires_same: i64,
    pub fires_gone: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The years whose reports are replayed, ascending.
    pub fn years(&self) -> Vec<i32> {
        self.cycle_years.split(',').filter_map(|year| year.parse().ok()).collect()
    }

    /// How many reports of each kind were replayed.
    ///
    /// # Errors
    /// INTERNAL if the row is not ours.
    pub fn by_kind(&self) -> Result<BTreeMap<String, i32>, Error> {
        serde_json::from_str(&self.reports_by_kind).map_err(Error::internal)
    }

    /// How many firings are stored.
    pub fn stored(&self) -> i64 {
        self.fires_new + self.fires_same + self.fires_gone
    }
}

/// Adds a replay.
///
/// # Errors
/// The database's own.
pub async fn insert(conn: &impl ConnectionTrait, row: Model) -> Result<(), Error> {
    Entity::insert(row.into_active_model().reset_all()).exec_without_returning(conn).await?;
    Ok(())
}

/// Stores how far a replay is.
///
/// # Errors
/// The database's own.
pub async fn save(conn: &impl ConnectionTrait, row: Model) -> Result<(), Error> {
    let key = row.replay_id.clone();
    let change = ActiveModel {
        replay_id: sea_orm::ActiveValue::NotSet,
        rules_toml: sea_orm::ActiveValue::NotSet,
        ..row.into_active_model().reset_all()
    };
    Entity::update_many().set(change).filter(Column::ReplayId.eq(key)).exec(conn).await?;
    Ok(())
}

/// The replay of this id.
///
/// # Errors
/// NOT_FOUND if there is none; the database's own.
pub async fn get(conn: &impl ConnectionTrait, replay_id: &str) -> Result<Model, Error> {
    let found = if is_storable(replay_id) { Entity::find_by_id(replay_id).one(conn).await? } else { None };
    found.ok_or_else(|| Error::not_found("replay", replay_id))
}

/// The replays of a page, newest first.
///
/// # Errors
/// The database's own.
pub async fn list(conn: &impl ConnectionTrait, page: &Page) -> Result<Vec<Model>, Error> {
    let condition = Condition::all()
        .add_option(page.after().filter(|key| is_storable(key)).map(|key| Column::ReplayId.lt(key)));
    Ok(Entity::find().filter(condition).order_by_desc(Column::ReplayId).limit(page.limit()).all(conn).await?)
}

/// The reports of a year that were ever handed in.
fn handed_in(cycle_year: i32) -> sea_orm::Select<report::Entity> {
    report::Entity::find()
        .filter(report::Column::CycleYear.eq(cycle_year))
        .filter(report::Column::RevisionNumber.gt(0))
}

/// How many reports of a year were ever handed in.
///
/// # Errors
/// The database's own.
pub async fn total(conn: &impl ConnectionTrait, cycle_year: i32) -> Result<u64, Error> {
    Ok(handed_in(cycle_year).count(conn).await?)
}

/// The reports of a year that were ever handed in, after a place in their order, at most `limit`.
///
/// # Errors
/// The database's own.
pub async fn reports(
    conn: &impl ConnectionTrait,
    cycle_year: i32,
    after: &str,
    limit: u64,
) -> Result<Vec<report::Model>, Error> {
    let mut query = handed_in(cycle_year)
        .order_by_asc(report::Column::OrganisationCode)
        .order_by_asc(report::Column::ReportKind)
        .order_by_asc(report::Column::SubmissionId)
        .limit(limit);
    if !after.is_empty() {
        query = query.filter(report::after(after)?);
    }
    Ok(query.all(conn).await?)
}

/// The revisions of a report that are replayed, oldest first: all of them, or the one that counts.
///
/// # Errors
/// The database's own.
pub async fn revisions(
    conn: &impl ConnectionTrait,
    row: &report::Model,
    all: bool,
) -> Result<Vec<revision::Model>, Error> {
    let counts = if row.accepted_revision > 0 { row.accepted_revision } else { row.revision_number };
    let numbers = if all { 1..=row.revision_number } else { counts..=counts };
    Ok(revision::Entity::find()
        .filter(revision::Column::SubmissionId.eq(&row.submission_id))
        .filter(revision::Column::Number.between(*numbers.start(), *numbers.end()))
        .order_by_asc(revision::Column::Number)
        .all(conn)
        .await?)
}
