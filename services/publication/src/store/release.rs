//! Releases.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, SqlErr,
};
use zhijian_platform::{Error, Page, Text};

use crate::domain::release::{Correction, Kind, Life, Notice, Signature, State};

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
        pub current_version: i32,
        pub proposer_id: Option<String>,
        pub proposer_name: Option<String>,
        pub propose_time: Option<DateTimeUtc>,
        pub correction_kind: Option<String>,
        pub correction_text_zh: Option<String>,
        pub correction_text_en: Option<String>,
        pub corrector_id: Option<String>,
        pub corrector_name: Option<String>,
        pub correction_time: Option<DateTimeUtc>,
        pub correction_compiled: bool,
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
    pub life: Life,
    /// When the version that the public reads was published.
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
            life: Life::new(),
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
        current_version: Set(row.current_version),
        proposer_id: Set(row.proposer_id),
        proposer_name: Set(row.proposer_name),
        propose_time: Set(row.propose_time),
        correction_kind: Set(row.correction_kind),
        correction_text_zh: Set(row.correction_text_zh),
        correction_text_en: Set(row.correction_text_en),
        corrector_id: Set(row.corrector_id),
        corrector_name: Set(row.corrector_name),
        correction_time: Set(row.correction_time),
        correction_compiled: Set(row.correction_compiled),
        ..Default::default()
    };
    row::Entity::update_many().set(change).filter(row::Column::Year.eq(release.year)).exec(conn).await?;
    Ok(release)
}

impl From<Release> for row::Model {
    fn from(release: Release) -> Self {
        let (note_zh, note_en) = release.note.map(|note| (note.zh, note.en)).unzip();
        let Life { state, notice, proposal, correction, version: current_version } = release.life;
        let mut row = Self {
            year: release.year,
            title_zh: release.title.zh,
            title_en: release.title.en,
            state: state.as_str().to_owned(),
            notice_start: notice.map(|notice| notice.start),
            notice_end: notice.map(|notice| notice.end),
            notice_working_days: notice.map(|notice| notice.working_days.cast_signed()),
            publish_time: release.publish_time,
            demonstration: release.demonstration,
            note_zh,
            note_en,
            create_time: release.create_time,
            compile_operation_id: release.compile_operation_id,
            tables_operation_id: release.tables_operation_id,
            version: release.version,
            current_version: current_version.cast_signed(),
            proposer_id: None,
            proposer_name: None,
            propose_time: None,
            correction_kind: None,
            correction_text_zh: None,
            correction_text_en: None,
            corrector_id: None,
            corrector_name: None,
            correction_time: None,
            correction_compiled: false,
        };
        if let Some(proposal) = proposal {
            row.proposer_id = Some(proposal.account_id);
            row.proposer_name = Some(proposal.name);
            row.propose_time = Some(proposal.time);
        }
        if let Some(correction) = correction {
            row.correction_kind = Some(correction.kind.as_str().to_owned());
            row.correction_text_zh = Some(correction.text.zh);
            row.correction_text_en = Some(correction.text.en);
            row.corrector_id = Some(correction.opened.account_id);
            row.corrector_name = Some(correction.opened.name);
            row.correction_time = Some(correction.opened.time);
            row.correction_compiled = correction.compiled;
        }
        row
    }
}

fn signature(
    account_id: Option<String>,
    name: Option<String>,
    time: Option<DateTime<Utc>>,
) -> Option<Signature> {
    Some(Signature { account_id: account_id?, name: name.unwrap_or_default(), time: time? })
}

impl TryFrom<row::Model> for Release {
    type Error = Error;

    fn try_from(row: row::Model) -> Result<Self, Error> {
        let unknown = |what: &str, word: &str| {
            Error::internal(format!("release {} has an unknown {what} {word:?}", row.year))
        };
        let state = State::parse(&row.state).ok_or_else(|| unknown("state", &row.state))?;
        let notice = match (row.notice_start, row.notice_end, row.notice_working_days) {
            (Some(start), Some(end), Some(days)) => {
                Some(Notice { start, end, working_days: days.unsigned_abs() })
            }
            _ => None,
        };
        let kind = row.correction_kind.as_deref();
        let kind =
            kind.map(|word| Kind::parse(word).ok_or_else(|| unknown("correction", word))).transpose()?;
        let opened = signature(row.corrector_id, row.corrector_name, row.correction_time);
        let correction = kind.zip(opened).map(|(kind, opened)| Correction {
            kind,
            text: Text::new(
                row.correction_text_zh.unwrap_or_default(),
                row.correction_text_en.unwrap_or_default(),
            ),
            opened,
            compiled: row.correction_compiled,
        });
        let proposal = signature(row.proposer_id, row.proposer_name, row.propose_time);
        let version = row.current_version.unsigned_abs();
        Ok(Self {
            year: row.year,
            title: Text::new(row.title_zh, row.title_en),
            life: Life { state, notice, proposal, correction, version },
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
