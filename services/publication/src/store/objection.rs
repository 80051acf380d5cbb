//! Objections to releases under notice.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};
use zhijian_platform::{Error, Page};

use crate::domain::objection::{Outcome, Topic, WINDOW};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "publication_objection")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub objection_id: String,
        pub year: i32,
        pub receipt_hash: String,
        pub topic: String,
        pub reference: String,
        pub body: String,
        pub name: String,
        pub contact: String,
        pub client_key: String,
        pub create_time: DateTimeUtc,
        pub outcome: String,
        pub reasons: String,
        pub answerer_id: String,
        pub answerer_name: String,
        pub answer_time: Option<DateTimeUtc>,
        pub version: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An objection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    pub id: String,
    pub year: i32,
    /// The SHA-256 of the receipt, in hex.
    pub receipt_hash: String,
    pub topic: Topic,
    pub reference: String,
    pub body: String,
    pub name: String,
    pub contact: String,
    pub client_key: String,
    pub create_time: DateTime<Utc>,
    pub answer: Option<Answer>,
    pub version: i64,
}

/// How an objection was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub outcome: Outcome,
    pub reasons: String,
    pub account_id: String,
    pub name: String,
    pub time: DateTime<Utc>,
}

/// Keeps a new objection.
///
/// # Errors
/// The database's own.
pub async fn insert(conn: &impl ConnectionTrait, objection: &Objection) -> Result<(), Error> {
    let row = row::Model::from(objection.clone()).into_active_model();
    row::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// One objection.
///
/// # Errors
/// NOT_FOUND if there is none; the database's own.
pub async fn find(conn: &impl ConnectionTrait, id: &str) -> Result<Objection, Error> {
    let row = row::Entity::find_by_id(id.to_owned()).one(conn).await?;
    row.ok_or_else(|| Error::not_found("objection", id))?.try_into()
}

/// The objection whose receipt has this hash.
///
/// # Errors
/// The database's own.
pub async fn by_receipt(conn: &impl ConnectionTrait, hash: &str) -> Result<Option<Objection>, Error> {
    let row = row::Entity::find().filter(row::Column::ReceiptHash.eq(hash)).one(conn).await?;
    row.map(TryInto::try_into).transpose()
}

/// The objections of a page, oldest first.
///
/// # Errors
/// The database's own.
pub async fn list(
    conn: &impl ConnectionTrait,
    page: &Page,
    year: i32,
) -> Result<(Vec<Objection>, String), Error> {
    let mut query = row::Entity::find()
        .filter(row::Column::Year.eq(year))
        .order_by_asc(row::Column::ObjectionId)
        .limit(page.limit());
    if let Some(after) = page.after() {
        query = query.filter(row::Column::ObjectionId.gt(after));
    }
    let (rows, next) = page.finish(query.all(conn).await?, |row| row.objection_id.clone());
    Ok((rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?, next))
}

/// The first `most` that have been answered, oldest first.
///
/// # Errors
/// The database's own.
pub async fn answered(conn: &impl ConnectionTrait, year: i32, most: u64) -> Result<Vec<Objection>, Error> {
    let query = row::Entity::find()
        .filter(row::Column::Year.eq(year))
        .filter(row::Column::AnswerTime.is_not_null())
        .order_by_asc(row::Column::ObjectionId)
        .limit(most);
    query.all(conn).await?.into_iter().map(TryInto::try_into).collect()
}

/// How many objections to a release wait for an answer.
///
/// # Errors
/// The database's own.
pub async fn open_count(conn: &impl ConnectionTrait, year: i32) -> Result<u64, Error> {
    let open =
        row::Entity::find().filter(row::Column::Year.eq(year)).filter(row::Column::AnswerTime.is_null());
    Ok(open.count(conn).await?)
}

/// How many objections to a release there were.
///
/// # Errors
/// The database's own.
pub async fn total_count(conn: &impl ConnectionTrait, year: i32) -> Result<u64, Error> {
    Ok(row::Entity::find().filter(row::Column::Year.eq(year)).count(conn).await?)
}

/// When objections were sent within the window of the limits, with the keys of their senders.
///
/// # Errors
/// The database's own.
pub async fn lately(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<Vec<(DateTime<Utc>, String)>, Error> {
    let query = row::Entity::find()
        .select_only()
        .columns([row::Column::CreateTime, row::Column::ClientKey])
        .filter(row::Column::CreateTime.gt(now - WINDOW));
    Ok(query.into_tuple().all(conn).await?)
}

/// Replaces an objection that was read in the same transaction; answers it with its next version.
///
/// # Errors
/// The database's own.
pub async fn update(conn: &impl ConnectionTrait, mut objection: Objection) -> Result<Objection, Error> {
    objection.version += 1;
    let row = row::Model::from(objection.clone());
    let change = row::ActiveModel {
        outcome: Set(row.outcome),
        reasons: Set(row.reasons),
        answerer_id: Set(row.answerer_id),
        answerer_name: Set(row.answerer_name),
        answer_time: Set(row.answer_time),
        version: Set(row.version),
        ..Default::default()
    };
    let found = row::Entity::update_many().set(change);
    found.filter(row::Column::ObjectionId.eq(&objection.id)).exec(conn).await?;
    Ok(objection)
}

impl From<Objection> for row::Model {
    fn from(objection: Objection) -> Self {
        let answer = objection.answer;
        let of = |what: fn(&Answer) -> String| answer.as_ref().map(what).unwrap_or_default();
        Self {
            outcome: of(|answer| answer.outcome.as_str().to_owned()),
            reasons: of(|answer| answer.reasons.clone()),
            answerer_id: of(|answer| answer.account_id.clone()),
            answerer_name: of(|answer| answer.name.clone()),
            answer_time: answer.as_ref().map(|answer| answer.time),
            objection_id: objection.id,
            year: objection.year,
            receipt_hash: objection.receipt_hash,
            topic: objection.topic.as_str().to_owned(),
            reference: objection.reference,
            body: objection.body,
            name: objection.name,
            contact: objection.contact,
            client_key: objection.client_key,
            create_time: objection.create_time,
            version: objection.version,
        }
    }
}

impl TryFrom<row::Model> for Objection {
    type Error = Error;

    fn try_from(row: row::Model) -> Result<Self, Error> {
        let unknown = |word: &str| {
            Error::internal(format!("objection {} has an unknown word {word:?}", row.objection_id))
        };
        let topic = Topic::parse(&row.topic).ok_or_else(|| unknown(&row.topic))?;
        let answer = match row.answer_time {
            None => None,
            Some(time) => Some(Answer {
                outcome: Outcome::parse(&row.outcome).ok_or_else(|| unknown(&row.outcome))?,
                reasons: row.reasons,
                account_id: row.answerer_id,
                name: row.answerer_name,
                time,
            }),
        };
        Ok(Self {
            id: row.objection_id,
            year: row.year,
            receipt_hash: row.receipt_hash,
            topic,
            reference: row.reference,
            body: row.body,
            name: row.name,
            contact: row.contact,
            client_key: row.client_key,
            create_time: row.create_time,
            answer,
            version: row.version,
        })
    }
}
