//! What publishing still owes: the grades that schools are to see, recorded with the version that shows them.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use zhijian_platform::{Error, Text};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "publication_reveal")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub year: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        pub rounds: String,
        pub create_time: DateTimeUtc,
        pub done_time: Option<DateTimeUtc>,
        pub attempts: i32,
        pub fault_zh: Option<String>,
        pub fault_en: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A reveal that has not succeeded yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    pub year: i32,
    /// The version that was published.
    pub version: u32,
    /// The rounds whose grades are to be shown.
    pub rounds: Vec<String>,
    /// When the version was published.
    pub create_time: DateTime<Utc>,
    /// How often it was tried.
    pub attempts: u32,
    /// Why the last try failed; nothing before one has.
    pub fault: Option<Text>,
}

/// Records that publishing `version` of the release of `year` owes these rounds' reveal, in the transaction that publishes.
///
/// # Errors
/// The database's own.
pub async fn owe(
    conn: &impl ConnectionTrait,
    year: i32,
    version: u32,
    rounds: &[String],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let row = row::ActiveModel {
        year: Set(year),
        version: Set(version.cast_signed()),
        rounds: Set(serde_json::to_string(rounds).map_err(Error::internal)?),
        create_time: Set(now),
        done_time: Set(None),
        attempts: Set(0),
        fault_zh: Set(None),
        fault_en: Set(None),
    };
    row::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// Forgets what is still owed for `year`; answers how many versions that were.
///
/// # Errors
/// The database's own.
pub async fn forget(conn: &impl ConnectionTrait, year: i32) -> Result<u64, Error> {
    let owed =
        row::Entity::delete_many().filter(row::Column::Year.eq(year)).filter(row::Column::DoneTime.is_null());
    Ok(owed.exec(conn).await?.rows_affected)
}

/// What is still owed: of every year, or of one; oldest first.
///
/// # Errors
/// The database's own.
pub async fn owed(conn: &impl ConnectionTrait, year: Option<i32>) -> Result<Vec<Owed>, Error> {
    let mut query = row::Entity::find().filter(row::Column::DoneTime.is_null());
    if let Some(year) = year {
        query = query.filter(row::Column::Year.eq(year));
    }
    let rows = query.order_by_asc(row::Column::Year).order_by_asc(row::Column::Version).all(conn).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Records that what is owed for `version` was done. Nothing changes if it was forgotten or done before; answers whether
/// it did.
///
/// # Errors
/// The database's own.
pub async fn done(
    conn: &impl ConnectionTrait,
    year: i32,
    version: u32,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    Ok(tried(conn, year, version, Some(now), None).await? == 1)
}

/// Records a try that failed.
///
/// # Errors
/// The database's own.
pub async fn failed(conn: &impl ConnectionTrait, year: i32, version: u32, fault: Text) -> Result<(), Error> {
    tried(conn, year, version, None, Some(fault)).await?;
    Ok(())
}

async fn tried(
    conn: &impl ConnectionTrait,
    year: i32,
    version: u32,
    done_time: Option<DateTime<Utc>>,
    fault: Option<Text>,
) -> Result<u64, Error> {
    let (fault_zh, fault_en) = fault.map(|fault| (fault.zh, fault.en)).unzip();
    let changed = row::Entity::update_many()
        .col_expr(row::Column::Attempts, Expr::col(row::Column::Attempts).add(1))
        .col_expr(row::Column::DoneTime, Expr::value(done_time))
        .col_expr(row::Column::FaultZh, Expr::value(fault_zh))
        .col_expr(row::Column::FaultEn, Expr::value(fault_en))
        .filter(row::Column::Year.eq(year))
        .filter(row::Column::Version.eq(version.cast_signed()))
        .filter(row::Column::DoneTime.is_null())
        .exec(conn)
        .await?;
    Ok(changed.rows_affected)
}

impl TryFrom<row::Model> for Owed {
    type Error = Error;

    fn try_from(row: row::Model) -> Result<Self, Error> {
        Ok(Self {
            year: row.year,
            version: row.version.unsigned_abs(),
            rounds: serde_json::from_str(&row.rounds).map_err(Error::internal)?,
            create_time: row.create_time,
            attempts: row.attempts.unsigned_abs(),
            fault: row.fault_zh.zip(row.fault_en).map(|(zh, en)| Text::new(zh, en)),
        })
    }
}
