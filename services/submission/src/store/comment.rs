//! The commission's remarks on reports, and the schools' answers.

use sea_orm::{ActiveValue::Set, IntoActiveModel, QueryOrder, entity::prelude::*, sea_query::ExprTrait};
use zhijian_platform::Error;

use crate::domain::{comment::State, text::is_storable};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_comment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub comment_id: String,
    pub submission_id: String,
    pub revision_number: i32,
    pub indicator_code: String,
    pub section_code: String,
    pub body: String,
    pub answer: String,
    pub state: String,
    pub author_id: String,
    pub author_name: String,
    pub create_time: DateTimeUtc,
    pub answerer_name: String,
    pub answer_time: Option<DateTimeUtc>,
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
        State::parse(&self.state).ok_or_else(|| super::unreadable("comment", &self.comment_id, &self.state))
    }
}

/// The remark of this id on this submission.
///
/// # Errors
/// NOT_FOUND if there is none; the database's own.
pub async fn get(conn: &impl ConnectionTrait, submission_id: &str, comment_id: &str) -> Result<Model, Error> {
    let missing = || Error::not_found("comment", comment_id);
    if !is_storable(comment_id) {
        return Err(missing());
    }
    let found = Entity::find_by_id(comment_id).one(conn).await?;
    found.filter(|row| row.submission_id == submission_id).ok_or_else(missing)
}

/// Every remark on a submission, oldest first.
///
/// # Errors
/// The database's own.
pub async fn list(conn: &impl ConnectionTrait, submission_id: &str) -> Result<Vec<Model>, Error> {
    Ok(Entity::find()
        .filter(Column::SubmissionId.eq(submission_id))
        .order_by_asc(Column::CommentId)
        .all(conn)
        .await?)
}

/// The remarks of a submission that wait for the school's answer, oldest first.
///
/// # Errors
/// The database's own.
pub async fn open(conn: &impl ConnectionTrait, submission_id: &str) -> Result<Vec<Model>, Error> {
    Ok(Entity::find()
        .filter(Column::SubmissionId.eq(submission_id))
        .filter(Column::State.eq(State::Open.as_str()))
        .order_by_asc(Column::CommentId)
        .all(conn)
        .await?)
}

/// Adds a remark.
///
/// # Errors
/// The database's own.
pub async fn insert(conn: &impl ConnectionTrait, row: &Model) -> Result<(), Error> {
    Entity::insert(row.clone().into_active_model().reset_all()).exec_without_returning(conn).await?;
    Ok(())
}

/// Stores a changed remark under its next version.
///
/// # Errors
/// The database's own.
pub async fn save(conn: &impl ConnectionTrait, mut row: Model) -> Result<Model, Error> {
    row.version += 1;
    let stored = row.clone().into_active_model().reset_all();
    Entity::update_many().set(stored).filter(Column::CommentId.eq(&row.comment_id)).exec(conn).await?;
    Ok(row)
}

/// Takes a remark away.
///
/// # Errors
/// The database's own.
pub async fn delete(conn: &impl ConnectionTrait, comment_id: &str) -> Result<(), Error> {
    Entity::delete_many().filter(Column::CommentId.eq(comment_id)).exec(conn).await?;
    Ok(())
}

/// Sends the remarks on a submission that were only noted down; answers how many.
///
/// # Errors
/// The database's own.
pub async fn send(conn: &impl ConnectionTrait, submission_id: &str) -> Result<u64, Error> {
    let change = ActiveModel { state: Set(State::Open.as_str().to_owned()), ..Default::default() };
    let sent = Entity::update_many()
        .set(change)
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::SubmissionId.eq(submission_id))
        .filter(Column::State.eq(State::Unsent.as_str()))
        .exec(conn)
        .await?;
    Ok(sent.rows_affected)
}

/// Settles every remark on a submission.
///
/// # Errors
/// The database's own.
pub async fn settle(conn: &impl ConnectionTrait, submission_id: &str) -> Result<(), Error> {
    let change = ActiveModel { state: Set(State::Resolved.as_str().to_owned()), ..Default::default() };
    Entity::update_many()
        .set(change)
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::SubmissionId.eq(submission_id))
        .filter(Column::State.ne(State::Resolved.as_str()))
        .exec(conn)
        .await?;
    Ok(())
}
