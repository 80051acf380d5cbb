//! Cycles, by year.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, IntoActiveModel, QueryOrder, QuerySelect, entity::prelude::*};
use zhijian_platform::{Error, Page};

use crate::domain::{
    cycle::{Change, Contact, Definition, State},
    deadline::Grace,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_cycle")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub year: i32,
    pub name_zh: String,
    pub name_en: String,
    pub window_start: String,
    pub window_end: String,
    pub due_time: Option<DateTimeUtc>,
    pub catalogue_year: i32,
    pub state: String,
    pub create_time: DateTimeUtc,
    pub version: i64,
    pub grace_hours: i32,
    pub grace_editing: bool,
    pub contact_name: String,
    pub contact_phone: String,
    pub contact_email: String,
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
            .ok_or_else(|| super::unreadable("cycle", &self.year.to_string(), &self.state))
    }

    /// What is still possible after the deadline.
    pub fn grace(&self) -> Grace {
        Grace { hours: self.grace_hours, editing: self.grace_editing }
    }

    /// Whom schools ask.
    pub fn contact(&self) -> Option<Contact> {
        (!self.contact_name.is_empty()).then(|| Contact {
            name: self.contact_name.clone(),
            phone: self.contact_phone.clone(),
            email: self.contact_email.clone(),
        })
    }

    fn set_contact(&mut self, contact: Option<Contact>) {
        let contact = contact.unwrap_or_else(|| Contact {
            name: String::new(),
            phone: String::new(),
            email: String::new(),
        });
        (self.contact_name, self.contact_phone, self.contact_email) =
            (contact.name, contact.phone, contact.email);
    }
}

/// The cycle of a year, if there is one.
///
/// # Errors
/// The database's own.
pub async fn find(conn: &impl ConnectionTrait, year: i32) -> Result<Option<Model>, Error> {
    Ok(Entity::find_by_id(year).one(conn).await?)
}

/// The cycle of a year, which keeps its state until the transaction ends.
///
/// # Errors
/// NOT_FOUND if the year has none; the database's own.
pub async fn hold(conn: &impl ConnectionTrait, year: i32) -> Result<Model, Error> {
    let found = Entity::find_by_id(year).lock_shared().one(conn).await?;
    found.ok_or_else(|| Error::not_found("cycle", year))
}

/// The cycles of a page, newest year first.
///
/// # Errors
/// INVALID_ARGUMENT if the page's key is no year; the database's own.
pub async fn list(conn: &impl ConnectionTrait, page: &Page) -> Result<Vec<Model>, Error> {
    let mut query = Entity::find().order_by_desc(Column::Year).limit(page.limit());
    if let Some(after) = page.after() {
        let year: i32 = after.parse().map_err(|_| super::bad_token())?;
        query = query.filter(Column::Year.lt(year));
    }
    Ok(query.all(conn).await?)
}

/// Defines a cycle in draft.
///
/// # Errors
/// ALREADY_EXISTS if the year has one; the database's own.
pub async fn insert(
    conn: &impl ConnectionTrait,
    definition: Definition,
    now: DateTime<Utc>,
) -> Result<Model, Error> {
    let mut row = Model {
        year: definition.year,
        name_zh: definition.name.zh,
        name_en: definition.name.en,
        window_start: definition.window_start.to_string(),
        window_end: definition.window_end.to_string(),
        due_time: definition.due,
        catalogue_year: definition.catalogue_year,
        state: State::Draft.as_str().to_owned(),
        create_time: now,
        version: 1,
        grace_hours: definition.grace.hours,
        grace_editing: definition.grace.editing,
        contact_name: String::new(),
        contact_phone: String::new(),
        contact_email: String::new(),
    };
    row.set_contact(definition.contact);
    Entity::insert(row.clone().into_active_model().reset_all())
        .exec_without_returning(conn)
        .await
        .map_err(|error| super::unless_taken(error, || Error::already_exists("cycle", row.year)))?;
    Ok(row)
}

/// Changes a cycle's name, deadline, grace and contact.
///
/// # Errors
/// The database's own.
pub async fn change(conn: &impl ConnectionTrait, mut row: Model, change: Change) -> Result<Model, Error> {
    row.name_zh = change.name.zh;
    row.name_en = change.name.en;
    row.due_time = change.due;
    row.grace_hours = change.grace.hours;
    row.grace_editing = change.grace.editing;
    row.set_contact(change.contact);
    row.version += 1;
    let stored = row.clone().into_active_model().reset_all();
    Entity::update_many().set(stored).filter(Column::Year.eq(row.year)).exec(conn).await?;
    Ok(row)
}

/// Moves a cycle to another state.
///
/// # Errors
/// The database's own.
pub async fn set_state(conn: &impl ConnectionTrait, mut row: Model, state: State) -> Result<Model, Error> {
    row.state = state.as_str().to_owned();
    row.version += 1;
    let change =
        ActiveModel { state: Set(row.state.clone()), version: Set(row.version), ..Default::default() };
    Entity::update_many().set(change).filter(Column::Year.eq(row.year)).exec(conn).await?;
    Ok(row)
}
