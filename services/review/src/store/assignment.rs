//! Who scores what, and the scores.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, entity::prelude::*, sea_query::Expr,
};
use zhijian_platform::{Error, Page, etag};

use super::{entry, insert_all, read_json, round, round::Progress, write_json};
use crate::domain::{
    assignment::{Assignment, State},
    round::State as RoundState,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_assignment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub assignment_id: String,
    pub round_id: String,
    pub entry_id: String,
    pub account_id: String,
    pub organisation_code: String,
    pub arbiter: bool,
    pub rectification_id: Option<String>,
    pub state: String,
    /// One sheet is always read and written as a whole, so it is one column: a JSON object of points by
    /// element.
    pub scores: String,
    pub comment: String,
    pub submit_time: Option<DateTimeUtc>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Assignment {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self, Error> {
        Ok(Self {
            sheet: read_json(&row.scores)?,
            state: row.state.parse().map_err(Error::internal)?,
            id: row.assignment_id,
            round_id: row.round_id,
            entry_id: row.entry_id,
            account_id: row.account_id,
            organisation_code: row.organisation_code,
            arbiter: row.arbiter,
            rectification_id: row.rectification_id,
            comment: row.comment,
            submit_time: row.submit_time,
            version: row.version,
        })
    }
}

/// Which assignments a list is about.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of one round, if given.
    pub round_id: Option<String>,
    /// In one state, if given.
    pub state: Option<State>,
    /// Of one reviewer, if given: then only those of rounds that show them.
    pub account_id: Option<String>,
}

/// Stores new assignments. Their sheets begin with the points that follow from their entries' reported numbers.
pub async fn insert(conn: &impl ConnectionTrait, assignments: &[Assignment]) -> Result<(), Error> {
    let rounds: BTreeSet<String> = assignments.iter().map(|assignment| assignment.round_id.clone()).collect();
    let given = entry::given(conn, rounds).await?;
    let none = BTreeMap::new();
    let rows = assignments.iter().map(|assignment| {
        Ok(ActiveModel {
            assignment_id: Set(assignment.id.clone()),
            round_id: Set(assignment.round_id.clone()),
            entry_id: Set(assignment.entry_id.clone()),
            account_id: Set(assignment.account_id.clone()),
            organisation_code: Set(assignment.organisation_code.clone()),
            arbiter: Set(assignment.arbiter),
            rectification_id: Set(assignment.rectification_id.clone()),
            state: Set(assignment.state.to_string()),
            scores: Set(write_json(
                &assignment.sheet.clone().with_given(given.get(&assignment.entry_id).unwrap_or(&none)),
            )?),
            comment: Set(assignment.comment.clone()),
            submit_time: Set(assignment.submit_time),
            version: Set(assignment.version),
        })
    });
    insert_all(conn, rows.collect::<Result<Vec<_>, Error>>()?).await
}

/// Takes back all assignments of a round that is not open yet.
pub async fn clear(conn: &impl ConnectionTrait, round_id: &str) -> Result<(), Error> {
    Entity::delete_many().filter(Column::RoundId.eq(round_id)).exec(conn).await?;
    Ok(())
}

/// The assignment of this id.
pub async fn find(conn: &impl ConnectionTrait, id: &str) -> Result<Option<Assignment>, Error> {
    Entity::find_by_id(id).one(conn).await?.map(Assignment::try_from).transpose()
}

/// Every assignment of a round's own panels, re-checks left out.
pub async fn of_round(conn: &impl ConnectionTrait, round_id: &str) -> Result<Vec<Assignment>, Error> {
    let query = Entity::find()
        .filter(Column::RoundId.eq(round_id))
        .filter(Column::RectificationId.is_null())
        .order_by_asc(Column::AssignmentId);
    query.all(conn).await?.into_iter().map(Assignment::try_from).collect()
}

/// Everybody who ever sat on an entry's panel, re-checks included.
pub async fn of_entry(conn: &impl ConnectionTrait, entry_id: &str) -> Result<Vec<Assignment>, Error> {
    let query = Entity::find().filter(Column::EntryId.eq(entry_id)).order_by_asc(Column::AssignmentId);
    query.all(conn).await?.into_iter().map(Assignment::try_from).collect()
}

/// Everything that is open for a reviewer in rounds that show it, in the order in which it was made.
pub async fn open_of(conn: &impl ConnectionTrait, account_id: &str) -> Result<Vec<Assignment>, Error> {
    let shown = RoundState::ALL.into_iter().filter(|state| state.shows_assignments()).map(RoundState::as_str);
    let rounds = round::Entity::find()
        .select_only()
        .column(round::Column::RoundId)
        .filter(round::Column::State.is_in(shown))
        .into_query();
    let query = Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::State.eq(State::Open.as_str()))
        .filter(Column::RoundId.in_subquery(rounds))
        .order_by_asc(Column::AssignmentId);
    query.all(conn).await?.into_iter().map(Assignment::try_from).collect()
}

/// Some assignments, in the order in which they were made: by school, then programme.
pub async fn page(
    conn: &impl ConnectionTrait,
    page: &Page,
    filter: &Filter,
) -> Result<(Vec<Assignment>, String), Error> {
    let mut query = Entity::find().order_by_asc(Column::AssignmentId).limit(page.limit());
    if let Some(round_id) = &filter.round_id {
        query = query.filter(Column::RoundId.eq(round_id));
    }
    if let Some(state) = filter.state {
        query = query.filter(Column::State.eq(state.as_str()));
    }
    if let Some(account_id) = &filter.account_id {
        let shown =
            RoundState::ALL.into_iter().filter(|state| state.shows_assignments()).map(RoundState::as_str);
        let rounds = round::Entity::find()
            .select_only()
            .column(round::Column::RoundId)
            .filter(round::Column::State.is_in(shown))
            .into_query();
        query = query.filter(Column::AccountId.eq(account_id)).filter(Column::RoundId.in_subquery(rounds));
    }
    if let Some(after) = page.after() {
        query = query.filter(Column::AssignmentId.gt(after));
    }
    let (rows, next) = page.finish(query.all(conn).await?, |row| row.assignment_id.clone());
    Ok((rows.into_iter().map(Assignment::try_from).collect::<Result<_, _>>()?, next))
}

/// Stores what a reviewer wrote, under the next version.
///
/// # Errors
/// ABORTED if somebody else changed it meanwhile.
pub async fn write(conn: &impl ConnectionTrait, written: &Assignment) -> Result<Assignment, Error> {
    let version = written.version + 1;
    let submit_time: Option<DateTime<Utc>> = written.submit_time;
    let changed = Entity::update_many()
        .col_expr(Column::Scores, Expr::value(write_json(&written.sheet)?))
        .col_expr(Column::Comment, Expr::value(written.comment.as_str()))
        .col_expr(Column::State, Expr::value(written.state.as_str()))
        .col_expr(Column::SubmitTime, Expr::value(submit_time))
        .col_expr(Column::Version, Expr::value(version))
        .filter(Column::AssignmentId.eq(&written.id))
        .filter(Column::Version.eq(written.version))
        .exec(conn)
        .await?;
    if changed.rows_affected == 0 {
        return Err(Error::etag_mismatch(etag::of(version)));
    }
    Ok(Assignment { version, ..written.clone() })
}

/// How far the panels of these entries are.
pub async fn progress(
    conn: &impl ConnectionTrait,
    entry_ids: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, Progress>, Error> {
    let rows: Vec<(String, String)> = Entity::find()
        .select_only()
        .column(Column::EntryId)
        .column(Column::State)
        .filter(Column::EntryId.is_in(entry_ids))
        .filter(Column::RectificationId.is_null())
        .filter(Column::State.ne(State::Abstained.as_str()))
        .into_tuple()
        .all(conn)
        .await?;
    let mut progress: HashMap<String, Progress> = HashMap::new();
    for (entry, state) in rows {
        let of_entry = progress.entry(entry).or_default();
        of_entry.assignments += 1;
        of_entry.submitted += i32::from(state == State::Submitted.as_str());
    }
    Ok(progress)
}
