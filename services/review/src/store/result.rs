//! Grades, as they were computed when rounds were finalised. An appeal that is upheld replaces one; the old one is kept
//! in [`super::former_result`].

use std::collections::HashMap;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, entity::prelude::*,
};
use zhijian_platform::Error;

use super::{insert_all, read_json, write_json};
use crate::domain::{
    entry::Entry,
    outcome::{Outcome, Plain},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_result")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry_id: String,
    pub round_id: String,
    pub grade: String,
    pub band_group: String,
    pub total: String,
    pub elements: String,
    pub to_next: Option<String>,
    pub decided_by_one: bool,
    pub spread: String,
    pub plain_grade: Option<String>,
    pub plain_total: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::entry::Entity",
        from = "Column::EntryId",
        to = "super::entry::Column::EntryId"
    )]
    Entry,
}

impl Related<super::entry::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Entry.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Outcome {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self, Error> {
        Ok(Self {
            total: row.total.parse().map_err(Error::internal)?,
            elements: read_json(&row.elements)?,
            to_next: row.to_next.map(|text| text.parse()).transpose().map_err(Error::internal)?,
            spread: row.spread.parse().map_err(Error::internal)?,
            plain: match (row.plain_grade, row.plain_total) {
                (Some(grade), Some(total)) => {
                    Some(Plain { grade, total: total.parse().map_err(Error::internal)? })
                }
                _ => None,
            },
            grade: row.grade,
            group: row.band_group,
            decided_by_one: row.decided_by_one,
        })
    }
}

/// Stores the grades of a round.
pub async fn insert(conn: &impl ConnectionTrait, outcomes: &[(&Entry, Outcome)]) -> Result<(), Error> {
    let rows = outcomes.iter().map(|(entry, outcome)| {
        Ok(ActiveModel {
            entry_id: Set(entry.id.clone()),
            round_id: Set(entry.round_id.clone()),
            grade: Set(outcome.grade.clone()),
            band_group: Set(outcome.group.clone()),
            total: Set(outcome.total.to_string()),
            elements: Set(write_json(&outcome.elements)?),
            to_next: Set(outcome.to_next.map(|distance| distance.to_string())),
            decided_by_one: Set(outcome.decided_by_one),
            spread: Set(outcome.spread.to_string()),
            plain_grade: Set(outcome.plain.as_ref().map(|plain| plain.grade.clone())),
            plain_total: Set(outcome.plain.as_ref().map(|plain| plain.total.to_string())),
        })
    });
    insert_all(conn, rows.collect::<Result<Vec<_>, Error>>()?).await
}

/// The result of an entry.
pub async fn find(conn: &impl ConnectionTrait, entry_id: &str) -> Result<Option<Outcome>, Error> {
    Entity::find_by_id(entry_id).one(conn).await?.map(Outcome::try_from).transpose()
}

/// Every result of a round.
pub async fn of_round(conn: &impl ConnectionTrait, round_id: &str) -> Result<Vec<Outcome>, Error> {
    let rows = Entity::find().filter(Column::RoundId.eq(round_id)).all(conn).await?;
    rows.into_iter().map(Outcome::try_from).collect()
}

/// Every result of a round, by entry.
pub async fn by_entry(
    conn: &impl ConnectionTrait,
    round_id: &str,
) -> Result<HashMap<String, Outcome>, Error> {
    let rows = Entity::find().filter(Column::RoundId.eq(round_id)).all(conn).await?;
    rows.into_iter().map(|row| Ok((row.entry_id.clone(), row.try_into()?))).collect()
}

/// Puts a new result in an entry's place of the old one. The round has another version after it, so whoever keeps its results
/// reads them again.
pub async fn replace(conn: &impl ConnectionTrait, entry: &Entry, outcome: Outcome) -> Result<(), Error> {
    Entity::delete_by_id(&entry.id).exec(conn).await?;
    insert(conn, &[(entry, outcome)]).await?;
    super::round::touch(conn, &entry.round_id).await
}

/// How many entries of a round have each grade; grades that nobody has are absent.
pub async fn counts(conn: &impl ConnectionTrait, round_id: &str) -> Result<HashMap<String, usize>, Error> {
    let rows: Vec<(String, i64)> = Entity::find()
        .select_only()
        .column(Column::Grade)
        .column_as(Column::EntryId.count(), "entries")
        .filter(Column::RoundId.eq(round_id))
        .group_by(Column::Grade)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|(grade, count)| (grade, usize::try_from(count).unwrap_or_default())).collect())
}

/// The grade of every entry of a round.
pub async fn grades(conn: &impl ConnectionTrait, round_id: &str) -> Result<HashMap<String, String>, Error> {
    let query = Entity::find().select_only().column(Column::EntryId).column(Column::Grade);
    let rows: Vec<(String, String)> =
        query.filter(Column::RoundId.eq(round_id)).into_tuple().all(conn).await?;
    Ok(rows.into_iter().collect())
}
