//! The cases of working copies.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, IntoActiveModel, QueryOrder, entity::prelude::*};
use zhijian_platform::Error;

use crate::domain::{case::Case, text::is_storable};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_case")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: String,
    pub submission_id: String,
    pub section_code: String,
    pub place: i32,
    pub title: String,
    pub body: String,
    pub pictures: String,
    pub update_time: DateTimeUtc,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// A case at its place.
    ///
    /// # Errors
    /// None in practice.
    pub fn of(
        case: Case,
        submission_id: &str,
        place: i32,
        version: i64,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        Ok(Self {
            pictures: serde_json::to_string(&case.pictures).map_err(Error::internal)?,
            case_id: case.case_id,
            submission_id: submission_id.to_owned(),
            section_code: case.section_code,
            place,
            title: case.title,
            body: case.body,
            update_time: now,
            version,
        })
    }

    /// The case.
    ///
    /// # Errors
    /// INTERNAL if the row is not ours.
    pub fn case(&self) -> Result<Case, Error> {
        Ok(Case {
            body: self.body.clone(),
            case_id: self.case_id.clone(),
            pictures: serde_json::from_str(&self.pictures).map_err(Error::internal)?,
            section_code: self.section_code.clone(),
            title: self.title.clone(),
        })
    }
}

/// Every case of a working copy, in order.
///
/// # Errors
/// The database's own.
pub async fn load(conn: &impl ConnectionTrait, submission_id: &str) -> Result<Vec<Model>, Error> {
    Ok(Entity::find()
        .filter(Column::SubmissionId.eq(submission_id))
        .order_by_asc(Column::Place)
        .order_by_asc(Column::CaseId)
        .all(conn)
        .await?)
}

/// One case of a working copy.
///
/// # Errors
/// NOT_FOUND if it has none of this id; the database's own.
pub async fn get(conn: &impl ConnectionTrait, submission_id: &str, case_id: &str) -> Result<Model, Error> {
    let found = match is_storable(case_id) {
        true => Entity::find_by_id(case_id).filter(Column::SubmissionId.eq(submission_id)).one(conn).await?,
        false => None,
    };
    found.ok_or_else(|| Error::not_found("case", case_id))
}

/// Adds a case.
///
/// # Errors
/// The database's own.
pub async fn insert(conn: &impl ConnectionTrait, row: Model) -> Result<(), Error> {
    Entity::insert(row.into_active_model().reset_all()).exec_without_returning(conn).await?;
    Ok(())
}

/// Stores a changed case.
///
/// # Errors
/// The database's own.
pub async fn save(conn: &impl ConnectionTrait, row: Model) -> Result<(), Error> {
    let change = ActiveModel {
        section_code: Set(row.section_code),
        place: Set(row.place),
        title: Set(row.title),
        body: Set(row.body),
        pictures: Set(row.pictures),
        update_time: Set(row.update_time),
        version: Set(row.version),
        ..Default::default()
    };
    Entity::update_many().set(change).filter(Column::CaseId.eq(row.case_id)).exec(conn).await?;
    Ok(())
}

/// Removes a case.
///
/// # Errors
/// The database's own.
pub async fn delete(conn: &impl ConnectionTrait, case_id: &str) -> Result<(), Error> {
    Entity::delete_by_id(case_id).exec(conn).await?;
    Ok(())
}
