//! Which entries are monitored again because they had to be mended, and which programmes will be.

use std::collections::{BTreeSet, HashSet};

use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    QueryTrait, entity::prelude::*,
};
use zhijian_platform::Error;

use super::{entry, insert_all, rectification, round};
use crate::domain::rectification::{Outcome, State};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_compulsory")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry_id: String,
    pub rectification_id: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The programmes that a round of this scheme in this year must hold, each with its rectification: those that had to be
/// mended after last year's round, and those of earlier rounds that still are. Who gave the programme up, or won an appeal,
/// is left out.
pub async fn programmes(
    conn: &impl ConnectionTrait,
    scheme: &str,
    year: i32,
) -> Result<Vec<(String, String)>, Error> {
    let rounds = |of_year: sea_orm::sea_query::SimpleExpr| {
        round::Entity::find()
            .select_only()
            .column(round::Column::RoundId)
            .filter(round::Column::SchemeCode.eq(scheme))
            .filter(of_year)
            .into_query()
    };
    let last = rectification::Column::RoundId.in_subquery(rounds(round::Column::CycleYear.eq(year - 1)));
    let before = rectification::Column::RoundId.in_subquery(rounds(round::Column::CycleYear.lt(year)));
    let running = rectification::Column::State.ne(State::Closed.as_str());
    let mended = rectification::Column::Outcome.eq(Outcome::Mended.as_str());
    let rows = rectification::Entity::find()
        .filter(
            Condition::any()
                .add(Condition::all().add(before).add(running))
                .add(Condition::all().add(last).add(mended)),
        )
        .all(conn)
        .await?;
    let entries = entry::by_ids(conn, rows.iter().map(|row| row.entry_id.clone())).await?;
    let mut found: Vec<(String, String)> = rows
        .into_iter()
        .filter_map(|row| Some((entries.get(&row.entry_id)?.subject.id.clone(), row.rectification_id)))
        .collect();
    found.sort();
    found.dedup_by(|later, earlier| later.0 == earlier.0);
    Ok(found)
}

/// Marks entries: pairs of entry and rectification.
pub async fn insert(
    conn: &impl ConnectionTrait,
    marks: impl IntoIterator<Item = (String, String)>,
) -> Result<(), Error> {
    let rows = marks.into_iter().map(|(entry_id, rectification_id)| ActiveModel {
        entry_id: Set(entry_id),
        rectification_id: Set(rectification_id),
    });
    insert_all(conn, rows.collect::<Vec<_>>()).await
}

/// Which of these entries are marked.
pub async fn among(
    conn: &impl ConnectionTrait,
    entry_ids: impl IntoIterator<Item = String>,
) -> Result<HashSet<String>, Error> {
    let ids: BTreeSet<String> = entry_ids.into_iter().collect();
    let rows = Entity::find().filter(Column::EntryId.is_in(ids)).all(conn).await?;
    Ok(rows.into_iter().map(|row| row.entry_id).collect())
}
