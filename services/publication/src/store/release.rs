//! Releases.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, SqlErr,
};
use zhijian_platform::{Error, Page, Text};

use crate::domain::release::{Notice, State};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "publication_release")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub year: i32,
        pub title_zh: String,
        pub title_en: String,
        pub state: String,
        pub notice_start: Option<Date>,
        pub notice_end: Option<Date>,
        pub notice_working_days: Option<i32>,
        pub publish_time: Option<DateTimeUtc>,
        pub demonstration: bool,
        pub note_zh: Option<String>,
        pub note_en: Option<String>,
        pub create_time: DateTimeUtc,
        pub compile_operation_id: String,
        pub tables_operation_id: String,
        pub version: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A release as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The cycle's year; it names the release.
    pub year: i32,
    pub title: Text,
    pub state: State,
    /// Set once the notice has been opened.
    pub notice: Option<Notice>,
    pub publish_time: Option<DateTime<Utc>>,
    /// Whether the institutions are invented.
    pub demonstration: bool,
    /// Where the figures come from.
    pub note: Option<Text>,
    pub create_time: DateTime<Utc>,
    /// The newest compilation; empty before the first.
    pub compile_operation_id: String,
    /// The compilation that made the tables; empty before the first has ended.
    pub tables_operation_id: String,
    pub version: i64,
}

impl Release {
    /// A draft, not yet kept.
    pub fn draft(
        year: i32,
        title: Text,
        demonstration: bool,
        note: Option<Text>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            year,
            title,
            state: State::Draft,
            notice: None,
            publish_time: None,
            demonstration,
            note,
            create_time: now,
            compile_operation_id: String::new(),
            tables_operation_id: String::new(),
            version: 1,
        }
    }
}

/// The release of `year`.
///
/// # Errors
/// NOT_FOUND if the year has none; the database's own.
pub async fn find(conn: &impl ConnectionTrait, year: i32) -> Result<Release, Error> {
    let row = row::Entity::find_by_id(year).one(conn).await?;
    row.ok_or_else(|| Error::not_found("release", year))?.try_into()
}

/// The releases of a page, newest year first: all, or those that everyone may read.
///
/// # Errors
/// INVALID_ARGUMENT if the page's key is no year; the database's own.
pub async fn list(conn: &impl ConnectionTrait, page: &Page, all: bool) -> Result<Vec<Release>, Error> {
    let mut query = row::Entity::find().order_by_desc(row::Column::Year).limit(page.limit());
    if let Some(after) = page.after() {
        let year: i32 = after.parse().map_err(|_| {
            Error::invalid(
                "page_token",
                "page_token 无效：请留空从头开始。",
                "The page_token is not valid: start over.",
            )
        })?;
        query = query.filter(row::Column::Year.lt(year));
    }
    if !all {
        let public = State::ALL.into_iter().filter(|state| state.is_public()).map(State::as_str);
        query = query.filter(row::Column::State.is_in(public));
    }
    query.all(conn).await?.into_iter().map(TryInto::try_into).collect()
}

/// Keeps a new release.
///
/// # Errors
/// ALREADY_EXISTS if the year has one; the database's own.
pub async fn insert(conn: &impl ConnectionTrait, release: &Release) -> Result<(), Error> {
    let row = row::Model::from(release.clone()).into_active_model();
    match row::Entity::insert(row).exec_without_returning(conn).await {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            Err(Error::already_exists("release", release.year))
        }
        Err(error) => Err(error.into()),
    }
}

/// Replaces a release that was read in the same transaction; answers it with its next version.
///
/// # Errors
/// The database's own.
pub async fn update(conn: &impl ConnectionTrait, mut release: Release) -> Result<Release, Error> {
    release.version += 1;
    let row = row::Model::from(release.clone());
    let change = row::ActiveModel {
        title_zh: Set(row.title_zh),
        title_en: Set(row.title_en),
        state: Set(row.state),
        notice_start: Set(row.notice_start),
        notice_end: Set(row.notice_end),
        notice_working_days: Set(row.notice_working_days),
        publish_time: Set(row.publish_time),
        demonstration: Set(row.demonstration),
        note_zh: Set(row.note_zh),
        note_en: Set(row.note_en),
        compile_operation_id: Set(row.compile_operation_id),
        tables_operation_id: Set(row.tables_operation_id),
        version: Set(row.version),
        ..Default::default()
    };
    row::Entity::update_many().set(change).filter(row::Column::Year.eq(release.year)).exec(conn).await?;
    Ok(release)
}

impl From<Release> for row::Model {
    fn from(release: Release) -> Self {
        let (note_zh, note_en) = release.note.map(|note| (note.zh, note.en)).unzip();
        Self {
            year: release.year,
            title_zh: release.title.zh,
            title_en: release.title.en,
            state: release.state.as_str().to_owned(),
            notice_start: release.notice.map(|notice| notice.start),
            notice_end: release.notice.map(|notice| notice.end),
            notice_working_days: release.notice.map(|notice| notice.working_days.cast_signed()),
            publish_time: release.publish_time,
            demonstration: release.demonstration,
            note_zh,
            note_en,
            create_time: release.create_time,
            compile_operation_id: release.compile_operation_id,
            tables_operation_id: release.tables_operation_id,
            version: release.version,
        }
    }
}

impl TryFrom<row::Model> for Release {
    type Error = Error;

    fn try_from(row: row::Model) -> Result<Self, Error> {
        let state = State::parse(&row.state).ok_or_else(|| {
            Error::internal(format!("release {} is in an unknown state {:?}", row.year, row.state))
        })?;
        let notice = match (row.notice_start, row.notice_end, row.notice_working_days) {
            (Some(start), Some(end), Some(days)) => {
                Some(Notice { start, end, working_days: days.unsigned_abs() })
            }
            _ => None,
        };
        Ok(Self {
            year: row.year,
            title: Text::new(row.title_zh, row.title_en),
            state,
            notice,
            publish_time: row.publish_time,
            demonstration: row.demonstration,
            note: row.note_zh.zip(row.note_en).map(|(zh, en)| Text::new(zh, en)),
            create_time: row.create_time,
            compile_operation_id: row.compile_operation_id,
            tables_operation_id: row.tables_operation_id,
            version: row.version,
        })
    }
}
