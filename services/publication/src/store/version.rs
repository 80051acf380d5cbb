//! The versions of releases that were published.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use zhijian_platform::{Error, Text};

use crate::domain::release::{Kind, Made};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "publication_version")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub year: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        pub kind: String,
        pub text_zh: Option<String>,
        pub text_en: Option<String>,
        pub publish_time: DateTimeUtc,
        pub proposer_id: String,
        pub proposer_name: String,
        pub publisher_id: String,
        pub publisher_name: String,
        pub bundle_sha256: Option<String>,
        pub bundle_size: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A version that was published; it never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub year: i32,
    /// From 1.
    pub number: u32,
    pub kind: Kind,
    /// What was announced with a correction.
    pub text: Option<Text>,
    pub publish_time: DateTime<Utc>,
    /// The two who agreed, by name; empty where versions were not kept yet.
    pub proposer_name: String,
    pub publisher_name: String,
    /// The SHA-256 of its signed bundle in the object store, once that has been made.
    pub bundle: Option<String>,
}

/// Keeps a version that is being published by the account, within the caller's transaction.
///
/// # Errors
/// The database's own.
pub async fn insert(
    conn: &impl ConnectionTrait,
    year: i32,
    made: Made,
    (publisher_id, publisher_name): (String, String),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let (text_zh, text_en) = made.text.map(|text| (text.zh, text.en)).unzip();
    let row = row::ActiveModel {
        year: Set(year),
        version: Set(made.version.cast_signed()),
        kind: Set(made.kind.as_str().to_owned()),
        text_zh: Set(text_zh),
        text_en: Set(text_en),
        publish_time: Set(now),
        proposer_id: Set(made.proposed.account_id),
        proposer_name: Set(made.proposed.name),
        publisher_id: Set(publisher_id),
        publisher_name: Set(publisher_name),
        bundle_sha256: Set(None),
        bundle_size: Set(None),
    };
    row::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// The versions of a release, newest first.
///
/// # Errors
/// The database's own.
pub async fn list(conn: &impl ConnectionTrait, year: i32) -> Result<Vec<Version>, Error> {
    let rows = row::Entity::find().filter(row::Column::Year.eq(year)).order_by_desc(row::Column::Version);
    rows.all(conn).await?.into_iter().map(TryInto::try_into).collect()
}

/// One version.
///
/// # Errors
/// NOT_FOUND if the release has no such version; the database's own.
pub async fn find(conn: &impl ConnectionTrait, year: i32, number: u32) -> Result<Version, Error> {
    let row = row::Entity::find_by_id((year, number.cast_signed())).one(conn).await?;
    row.ok_or_else(|| Error::not_found("version", format_args!("{year}/{number}")))?.try_into()
}

/// Remembers the signed bundle of a version.
///
/// # Errors
/// The database's own.
pub async fn keep_bundle(
    conn: &impl ConnectionTrait,
    version: &Version,
    sha256: &str,
    size: i64,
) -> Result<(), Error> {
    let change = row::ActiveModel {
        bundle_sha256: Set(Some(sha256.to_owned())),
        bundle_size: Set(Some(size)),
        ..Default::default()
    };
    row::Entity::update_many()
        .set(change)
        .filter(row::Column::Year.eq(version.year))
        .filter(row::Column::Version.eq(version.number.cast_signed()))
        .exec(conn)
        .await?;
    Ok(())
}

impl TryFrom<row::Model> for Version {
    type Error = Error;

    fn try_from(row: row::Model) -> Result<Self, Error> {
        let kind = Kind::parse(&row.kind).ok_or_else(|| {
            Error::internal(format!(
                "version {}/{} has an unknown kind {:?}",
                row.year, row.version, row.kind
            ))
        })?;
        Ok(Self {
            year: row.year,
            number: row.version.unsigned_abs(),
            kind,
            text: row.text_zh.zip(row.text_en).map(|(zh, en)| Text::new(zh, en)),
            publish_time: row.publish_time,
            proposer_name: row.proposer_name,
            publisher_name: row.publisher_name,
            bundle: row.bundle_sha256,
        })
    }
}
