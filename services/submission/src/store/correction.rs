//! Reports in the results being put right.

use sea_orm::{IntoActiveModel, QueryOrder, QuerySelect, entity::prelude::*};
use zhijian_platform::{Error, Page, Visibility};

use crate::domain::{request::State, text::is_storable};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_correction")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub correction_id: String,
    pub submission_id: String,
    pub cycle_year: i32,
    pub organisation_code: String,
    pub reason: String,
    pub state: String,
    pub old_revision: i32,
    pub new_revision: i32,
    pub decision: String,
    pub requester_name: String,
    pub create_time: DateTimeUtc,
    pub decider_name: String,
    pub decide_time: Option<DateTimeUtc>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Where it stands.
    ///
    /// # Errors
    /// INTERNAL if the row is not ours.
    pub fn state(&self) -> Result<State, Error> {
        State::parse(&self.state)
            .ok_or_else(|| super::unreadable("correction", &self.correction_id, &self.state))
    }
}

/// Which corrections are asked for; the default is all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub cycle_year: Option<i32>,
    pub submission_id: Option<String>,
    pub organisation_code: Option<String>,
    /// Empty means all.
    pub states: Vec<State>,
}

/// The correction of this id, if there is one.
///
/// # Errors
/// The database's own.
pub async fn find(conn: &impl ConnectionTrait, correction_id: &str) -> Result<Option<Model>, Error> {
    if !is_storable(correction_id) {
        return Ok(None);
    }
    Ok(Entity::find_by_id(correction_id).one(conn).await?)
}

/// The correction of this id.
///
/// # Errors
/// NOT_FOUND if there is none; the database's own.
pub async fn get(conn: &impl ConnectionTrait, correction_id: &str) -> Result<Model, Error> {
    find(conn, correction_id).await?.ok_or_else(|| Error::not_found("correction", correction_id))
}

/// Whether a correction of this submission waits for a decision.
///
/// # Errors
/// The database's own.
pub async fn is_requested(conn: &impl ConnectionTrait, submission_id: &str) -> Result<bool, Error> {
    let waiting = Entity::find()
        .filter(Column::SubmissionId.eq(submission_id))
        .filter(Column::State.eq(State::Requested.as_str()))
        .count(conn)
        .await?;
    Ok(waiting > 0)
}

/// The corrections of a page that the caller may see, newest first.
///
/// # Errors
/// The database's own.
pub async fn list(
    conn: &impl ConnectionTrait,
    page: &Page,
    filter: &Filter,
    visible: &Visibility,
) -> Result<Vec<Model>, Error> {
    // Ids begin with the time at which they were made.
    let mut query = Entity::find().order_by_desc(Column::CorrectionId).limit(page.limit());
    if let Some(key) = page.after() {
        if !is_storable(key) {
            return Err(super::bad_token());
        }
        query = query.filter(Column::CorrectionId.lt(key));
    }
    if let Visibility::Only(codes) = visible {
        query = query.filter(Column::OrganisationCode.is_in(codes));
    }
    if let Some(year) = filter.cycle_year {
        query = query.filter(Column::CycleYear.eq(year));
    }
    if let Some(id) = &filter.submission_id {
        query = query.filter(Column::SubmissionId.eq(id));
    }
    if let Some(code) = &filter.organisation_code {
        query = query.filter(Column::OrganisationCode.eq(code));
    }
    if !filter.states.is_empty() {
        query = query.filter(Column::State.is_in(filter.states.iter().map(|state| state.as_str())));
    }
    Ok(query.all(conn).await?)
}

/// Adds a correction.
///
/// # Errors
/// The database's own.
pub async fn insert(conn: &impl ConnectionTrait, row: &Model) -> Result<(), Error> {
    Entity::insert(row.clone().into_active_model().reset_all()).exec_without_returning(conn).await?;
    Ok(())
}

/// Stores a changed correction under its next version.
///
/// # Errors
/// The database's own.
pub async fn save(conn: &impl ConnectionTrait, mut row: Model) -> Result<Model, Error> {
    row.version += 1;
    let stored = row.clone().into_active_model().reset_all();
    Entity::update_many().set(stored).filter(Column::CorrectionId.eq(&row.correction_id)).exec(conn).await?;
    Ok(row)
}
