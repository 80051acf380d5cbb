//! The files of working copies, without their contents.

use sea_orm::{ActiveValue::Set, IntoActiveModel, QueryOrder, QuerySelect, entity::prelude::*};
use zhijian_platform::Error;

use crate::domain::{
    attachment::{Attachment, Purpose},
    text::is_storable,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_attachment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub attachment_id: String,
    pub submission_id: String,
    pub purpose: String,
    pub annex_code: String,
    pub section_code: String,
    pub file_name: String,
    pub media_type: String,
    pub size: i64,
    pub sha256: String,
    pub caption: String,
    pub alt_text: String,
    pub account_id: String,
    pub account_name: String,
    pub create_time: DateTimeUtc,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What it is for.
    ///
    /// # Errors
    /// INTERNAL if the row is not ours.
    pub fn purpose(&self) -> Result<Purpose, Error> {
        Purpose::parse(&self.purpose)
            .ok_or_else(|| super::unreadable("attachment", &self.attachment_id, &self.purpose))
    }

    /// As a revision freezes it.
    ///
    /// # Errors
    /// INTERNAL if the row is not ours.
    pub fn frozen(&self) -> Result<Attachment, Error> {
        let row = self.clone();
        Ok(Attachment {
            purpose: self.purpose()?,
            alt_text: row.alt_text,
            annex_code: row.annex_code,
            attachment_id: row.attachment_id,
            caption: row.caption,
            file_name: row.file_name,
            media_type: row.media_type,
            section_code: row.section_code,
            sha256: row.sha256,
            size: u64::try_from(row.size).unwrap_or_default(),
        })
    }
}

/// Every file of a working copy, oldest first.
///
/// # Errors
/// The database's own.
pub async fn load(conn: &impl ConnectionTrait, submission_id: &str) -> Result<Vec<Model>, Error> {
    Ok(Entity::find()
        .filter(Column::SubmissionId.eq(submission_id))
        .order_by_asc(Column::AttachmentId)
        .all(conn)
        .await?)
}

/// One file of a working copy.
///
/// # Errors
/// NOT_FOUND if it has none of this id; the database's own.
pub async fn get(
    conn: &impl ConnectionTrait,
    submission_id: &str,
    attachment_id: &str,
) -> Result<Model, Error> {
    let found = match is_storable(attachment_id) {
        true => {
            Entity::find_by_id(attachment_id).filter(Column::SubmissionId.eq(submission_id)).one(conn).await?
        }
        false => None,
    };
    found.ok_or_else(|| Error::not_found("attachment", attachment_id))
}

/// Adds a file.
///
/// # Errors
/// The database's own.
pub async fn insert(conn: &impl ConnectionTrait, row: Model) -> Result<(), Error> {
    Entity::insert(row.into_active_model().reset_all()).exec_without_returning(conn).await?;
    Ok(())
}

/// Stores what is said about a file under its next version.
///
/// # Errors
/// The database's own.
pub async fn describe(conn: &impl ConnectionTrait, mut row: Model) -> Result<Model, Error> {
    row.version += 1;
    let change = ActiveModel {
        caption: Set(row.caption.clone()),
        alt_text: Set(row.alt_text.clone()),
        section_code: Set(row.section_code.clone()),
        version: Set(row.version),
        ..Default::default()
    };
    Entity::update_many().set(change).filter(Column::AttachmentId.eq(&row.attachment_id)).exec(conn).await?;
    Ok(row)
}

/// Takes a file out of the working copy.
///
/// # Errors
/// The database's own.
pub async fn delete(conn: &impl ConnectionTrait, attachment_id: &str) -> Result<(), Error> {
    Entity::delete_by_id(attachment_id).exec(conn).await?;
    Ok(())
}

/// Whether a working copy has a file of this content.
///
/// # Errors
/// The database's own.
pub async fn names_object(conn: &impl ConnectionTrait, sha256: &str) -> Result<bool, Error> {
    let found = Entity::find().filter(Column::Sha256.eq(sha256)).limit(1).all(conn).await?;
    Ok(!found.is_empty())
}
