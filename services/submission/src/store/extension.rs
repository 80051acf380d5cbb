//! Later deadlines for single schools.

use chrono::{DateTime, Utc};
use sea_orm::{IntoActiveModel, QueryOrder, QuerySelect, entity::prelude::*};
use zhijian_platform::{Error, Page, Visibility};

use crate::domain::{request::State, text::is_storable};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_extension")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub extension_id: String,
    pub cycle_year: i32,
    pub organisation_code: String,
    pub reason: String,
    pub wanted_time: DateTimeUtc,
    pub state: String,
    pub granted_time: Option<DateTimeUtc>,
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
            .ok_or_else(|| super::unreadable("extension", &self.extension_id, &self.state))
    }
}

/// Which extensions are asked for; the default is all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub cycle_year: Option<i32>,
    pub organisation_code: Option<String>,
    /// Empty means all.
    pub states: Vec<State>,
}

/// The extension of this id, if there is one.
///
/// # Errors
/// The database's own.
pub async fn find(conn: &impl ConnectionTrait, extension_id: &str) -> Result<Option<Model>, Error> {
    if !is_storable(extension_id) {
        return Ok(None);
    }
    Ok(Entity::find_by_id(extension_id).one(conn).await?)
}

/// The extension of this id.
///
/// # Errors
/// NOT_FOUND if there is none; the database's own.
pub async fn get(conn: &impl ConnectionTrait, extension_id: &str) -> Result<Model, Error> {
    find(conn, extension_id).await?.ok_or_else(|| Error::not_found("extension", extension_id))
}

/// The latest deadline that a school was given in a year.
///
/// # Errors
/// The database's own.
pub async fn latest(
    conn: &impl ConnectionTrait,
    cycle_year: i32,
    organisation_code: &str,
) -> Result<Option<DateTime<Utc>>, Error> {
    let granted = Entity::find()
        .filter(Column::CycleYear.eq(cycle_year))
        .filter(Column::OrganisationCode.eq(organisation_code))
        .filter(Column::State.eq(State::Granted.as_str()))
        .order_by_desc(Column::GrantedTime)
        .limit(1)
        .one(conn)
        .await?;
    Ok(granted.and_then(|row| row.granted_time))
}

/// Whether a school's request in a year waits for a decision.
///
/// # Errors
/// The database's own.
pub async fn is_requested(
    conn: &impl ConnectionTrait,
    cycle_year: i32,
    organisation_code: &str,
) -> Result<bool, Error> {
    let waiting = Entity::find()
        .filter(Column::CycleYear.eq(cycle_year))
        .filter(Column::OrganisationCode.eq(organisation_code))
        .filter(Column::State.eq(State::Requested.as_str()))
        .count(conn)
        .await?;
    Ok(waiting > 0)
}

/// The extensions of a page that the caller may see, newest first.
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
    let mut query = Entity::find().order_by_desc(Column::ExtensionId).limit(page.limit());
    if let Some(key) = page.after() {
        if !is_storable(key) {
            return Err(super::bad_token());
        }
        query = query.filter(Column::ExtensionId.lt(key));
    }
    if let Visibility::Only(codes) = visible {
        query = query.filter(Column::OrganisationCode.is_in(codes));
    }
    if let Some(year) = filter.cycle_year {
        query = query.filter(Column::CycleYear.eq(year));
    }
    if let Some(code) = &filter.organisation_code {
        query = query.filter(Column::OrganisationCode.eq(code));
    }
    if !filter.states.is_empty() {
        query = query.filter(Column::State.is_in(filter.states.iter().map(|state| state.as_str())));
    }
    Ok(query.all(conn).await?)
}

/// Adds an extension.
///
/// # Errors
/// The database's own.
pub async fn insert(conn: &impl ConnectionTrait, row: &Model) -> Result<(), Error> {
    Entity::insert(row.clone().into_active_model().reset_all()).exec_without_returning(conn).await?;
    Ok(())
}

/// Stores a changed extension under its next version.
///
/// # Errors
/// The database's own.
pub async fn save(conn: &impl ConnectionTrait, mut row: Model) -> Result<Model, Error> {
    row.version += 1;
    let stored = row.clone().into_active_model().reset_all();
    Entity::update_many().set(stored).filter(Column::ExtensionId.eq(&row.extension_id)).exec(conn).await?;
    Ok(row)
}
