//! Rounds, and how far their assignments are.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    entity::prelude::*, sea_query::Expr,
};
use zhijian_platform::{Error, Page, Text, etag};

use super::{assignment, read_json, write_json};
use crate::domain::{
    assignment::State as AssignmentState,
    round::{Round, State},
    scheme::{Definition, Scheme},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_round")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub round_id: String,
    pub cycle_year: i32,
    pub scheme_code: String,
    pub scheme: String,
    pub name_zh: String,
    pub name_en: String,
    pub state: String,
    pub entry_count: i32,
    pub due_time: Option<DateTimeUtc>,
    pub create_time: DateTimeUtc,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Round {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self, Error> {
        let definition: Definition = read_json(&row.scheme)?;
        Ok(Self {
            id: row.round_id,
            cycle_year: row.cycle_year,
            scheme: Arc::new(Scheme::new(definition).map_err(Error::internal)?),
            name: Text::new(row.name_zh, row.name_en),
            state: row.state.parse().map_err(Error::internal)?,
            entry_count: row.entry_count,
            due_time: row.due_time,
            create_time: row.create_time,
            version: row.version,
        })
    }
}

/// How many assignments a round has, and how many are handed in.
#[derive(Debug, Clone, Copy, Default)]
pub struct Progress {
    pub assignments: i32,
    pub submitted: i32,
    /// Seats of the panels themselves that are held, arbiters' left out.
    pub seated: i32,
}

/// Stores a new round.
pub async fn insert(conn: &impl ConnectionTrait, round: &Round) -> Result<(), Error> {
    let row = ActiveModel {
        round_id: Set(round.id.clone()),
        cycle_year: Set(round.cycle_year),
        scheme_code: Set(round.scheme.code().to_owned()),
        scheme: Set(write_json(round.scheme.definition())?),
        name_zh: Set(round.name.zh.clone()),
        name_en: Set(round.name.en.clone()),
        state: Set(round.state.to_string()),
        entry_count: Set(round.entry_count),
        due_time: Set(round.due_time),
        create_time: Set(round.create_time),
        version: Set(round.version),
    };
    Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// The id of the round of a scheme in a cycle.
pub async fn of_exercise(
    conn: &impl ConnectionTrait,
    year: i32,
    scheme: &str,
) -> Result<Option<String>, Error> {
    let query = Entity::find().select_only().column(Column::RoundId);
    let query = query.filter(Column::CycleYear.eq(year)).filter(Column::SchemeCode.eq(scheme));
    Ok(query.into_tuple().one(conn).await?)
}

/// The round of this id.
///
/// # Errors
/// NOT_FOUND if there is none.
pub async fn get(conn: &impl ConnectionTrait, id: &str) -> Result<Round, Error> {
    let row = Entity::find_by_id(id).one(conn).await?;
    row.ok_or_else(|| Error::not_found("round", id))?.try_into()
}

/// The rounds of these ids.
pub async fn by_ids(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, Round>, Error> {
    let ids: BTreeSet<String> = ids.into_iter().collect();
    let rows = Entity::find().filter(Column::RoundId.is_in(ids)).all(conn).await?;
    rows.into_iter().map(|row| Ok((row.round_id.clone(), row.try_into()?))).collect()
}

/// Some rounds, newest first; of one cycle if `year` is given.
pub async fn page(
    conn: &impl ConnectionTrait,
    page: &Page,
    year: Option<i32>,
) -> Result<(Vec<Round>, String), Error> {
    let mut query = Entity::find().order_by_desc(Column::RoundId).limit(page.limit());
    if let Some(year) = year {
        query = query.filter(Column::CycleYear.eq(year));
    }
    if let Some(after) = page.after() {
        query = query.filter(Column::RoundId.lt(after));
    }
    let (rows, next) = page.finish(query.all(conn).await?, |row| row.round_id.clone());
    Ok((rows.into_iter().map(Round::try_from).collect::<Result<_, _>>()?, next))
}

/// Moves a round to a state.
///
/// # Errors
/// ABORTED if somebody else changed it meanwhile.
pub async fn set_state(conn: &impl ConnectionTrait, round: &Round, state: State) -> Result<Round, Error> {
    let version = round.version + 1;
    let changed = Entity::update_many()
        .col_expr(Column::State, Expr::value(state.as_str()))
        .col_expr(Column::Version, Expr::value(version))
        .filter(Column::RoundId.eq(&round.id))
        .filter(Column::Version.eq(round.version))
        .exec(conn)
        .await?;
    if changed.rows_affected == 0 {
        return Err(Error::etag_mismatch(etag::of(version)));
    }
    Ok(Round { state, version, ..round.clone() })
}

/// Gives a round another version: what it says has changed, though its state has not.
///
/// # Errors
/// The database's own.
pub async fn touch(conn: &impl ConnectionTrait, id: &str) -> Result<(), Error> {
    use sea_orm::ExprTrait;
    Entity::update_many()
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::RoundId.eq(id))
        .exec(conn)
        .await?;
    Ok(())
}

/// How far the assignments of these rounds are.
pub async fn progress(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, Progress>, Error> {
    let rows: Vec<(String, String, bool, i64)> = assignment::Entity::find()
        .select_only()
        .column(assignment::Column::RoundId)
        .column(assignment::Column::State)
        .column(assignment::Column::Arbiter)
        .column_as(assignment::Column::AssignmentId.count(), "assignments")
        .filter(assignment::Column::RoundId.is_in(ids))
        .filter(assignment::Column::RectificationId.is_null())
        .filter(assignment::Column::State.ne(AssignmentState::Abstained.as_str()))
        .group_by(assignment::Column::RoundId)
        .group_by(assignment::Column::State)
        .group_by(assignment::Column::Arbiter)
        .into_tuple()
        .all(conn)
        .await?;
    let mut progress: HashMap<String, Progress> = HashMap::new();
    for (round, state, arbiter, count) in rows {
        let count = i32::try_from(count).unwrap_or(i32::MAX);
        let of_round = progress.entry(round).or_default();
        of_round.assignments += count;
        of_round.seated += if arbiter { 0 } else { count };
        if state == AssignmentState::Submitted.as_str() {
            of_round.submitted += count;
        }
    }
    Ok(progress)
}
