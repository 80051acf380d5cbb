//! Low grades, followed until they are mended.

use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, entity::prelude::*, sea_query::Expr,
};
use zhijian_platform::{Error, Page, Visibility, etag};

use super::{bad_token, insert_all, join_key, read_json, round, split_key, write_json};
use crate::domain::{
    rectification::{Outcome, Rectification, Regrade, State},
    round::State as RoundState,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_rectification")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub rectification_id: String,
    pub entry_id: String,
    pub round_id: String,
    pub organisation_code: String,
    pub grade: String,
    pub state: String,
    pub findings: String,
    pub plan_due_date: Date,
    pub plan: String,
    pub create_time: DateTimeUtc,
    pub plan_time: Option<DateTimeUtc>,
    pub due_date: Option<Date>,
    pub measures: String,
    pub level: i32,
    pub new_grade: Option<String>,
    pub new_total: Option<String>,
    pub outcome: Option<String>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Rectification {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self, Error> {
        Ok(Self {
            findings: read_json(&row.findings)?,
            state: row.state.parse().map_err(Error::internal)?,
            due_date: row.due_date,
            measures: read_json(&row.measures)?,
            level: usize::try_from(row.level).map_err(Error::internal)?,
            regraded: match (row.new_grade, row.new_total) {
                (Some(grade), Some(total)) => {
                    Some(Regrade { grade, total: total.parse().map_err(Error::internal)? })
                }
                _ => None,
            },
            outcome: row.outcome.map(|word| word.parse()).transpose().map_err(Error::internal)?,
            id: row.rectification_id,
            entry_id: row.entry_id,
            round_id: row.round_id,
            organisation_code: row.organisation_code,
            grade: row.grade,
            plan_due_date: row.plan_due_date,
            plan: row.plan,
            create_time: row.create_time,
            plan_time: row.plan_time,
            version: row.version,
        })
    }
}

/// Which rectifications a list is about.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Of one round, if given.
    pub round_id: Option<String>,
    /// Of one organisation, if given.
    pub organisation_code: Option<String>,
    /// Whose the caller may see. Who sees only some organisations' sees them once the grades are revealed.
    pub visibility: Visibility,
}

/// Stores new rectifications.
pub async fn insert(conn: &impl ConnectionTrait, all: &[Rectification]) -> Result<(), Error> {
    let rows = all.iter().map(|one| {
        Ok(ActiveModel {
            rectification_id: Set(one.id.clone()),
            entry_id: Set(one.entry_id.clone()),
            round_id: Set(one.round_id.clone()),
            organisation_code: Set(one.organisation_code.clone()),
            grade: Set(one.grade.clone()),
            state: Set(one.state.to_string()),
            findings: Set(write_json(&one.findings)?),
            plan_due_date: Set(one.plan_due_date),
            plan: Set(one.plan.clone()),
            create_time: Set(one.create_time),
            plan_time: Set(one.plan_time),
            due_date: Set(one.due_date),
            measures: Set(write_json(&one.measures)?),
            level: Set(level(one)),
            new_grade: Set(None),
            new_total: Set(None),
            outcome: Set(None),
            version: Set(one.version),
        })
    });
    insert_all(conn, rows.collect::<Result<Vec<_>, Error>>()?).await
}

/// The rectification of this id.
pub async fn find(conn: &impl ConnectionTrait, id: &str) -> Result<Option<Rectification>, Error> {
    Entity::find_by_id(id).one(conn).await?.map(Rectification::try_from).transpose()
}

/// The rectification of an entry.
pub async fn of_entry(conn: &impl ConnectionTrait, entry_id: &str) -> Result<Option<Rectification>, Error> {
    let query = Entity::find().filter(Column::EntryId.eq(entry_id));
    query.one(conn).await?.map(Rectification::try_from).transpose()
}

/// Some rectifications, those due first coming first.
pub async fn page(
    conn: &impl ConnectionTrait,
    page: &Page,
    filter: &Filter,
) -> Result<(Vec<Rectification>, String), Error> {
    let mut query = Entity::find()
        .order_by_asc(Column::PlanDueDate)
        .order_by_asc(Column::RectificationId)
        .limit(page.limit());
    if let Some(round_id) = &filter.round_id {
        query = query.filter(Column::RoundId.eq(round_id));
    }
    if let Some(code) = &filter.organisation_code {
        query = query.filter(Column::OrganisationCode.eq(code));
    }
    if let Visibility::Only(codes) = &filter.visibility {
        let revealed = round::Entity::find()
            .select_only()
            .column(round::Column::RoundId)
            .filter(round::Column::State.eq(RoundState::Revealed.as_str()))
            .into_query();
        query =
            query.filter(Column::OrganisationCode.is_in(codes)).filter(Column::RoundId.in_subquery(revealed));
    }
    if let Some(after) = page.after() {
        let (due, id) = split_key(after)?;
        let due: NaiveDate = due.parse().map_err(|_| bad_token())?;
        let same_day = Condition::all().add(Column::PlanDueDate.eq(due)).add(Column::RectificationId.gt(id));
        query = query.filter(Condition::any().add(Column::PlanDueDate.gt(due)).add(same_day));
    }
    let rows = query.all(conn).await?;
    let (rows, next) =
        page.finish(rows, |row| join_key(&row.plan_due_date.to_string(), &row.rectification_id));
    Ok((rows.into_iter().map(Rectification::try_from).collect::<Result<_, _>>()?, next))
}

/// Those of revealed rounds in which something is awaited from a school.
pub async fn awaited(conn: &impl ConnectionTrait) -> Result<Vec<Rectification>, Error> {
    let revealed = round::Entity::find()
        .select_only()
        .column(round::Column::RoundId)
        .filter(round::Column::State.eq(RoundState::Revealed.as_str()))
        .into_query();
    let query = Entity::find()
        .filter(Column::State.is_in([State::Opened.as_str(), State::Mending.as_str()]))
        .filter(Column::RoundId.in_subquery(revealed))
        .order_by_asc(Column::RectificationId);
    query.all(conn).await?.into_iter().map(Rectification::try_from).collect()
}

/// Sets the day on which a round's plans are due.
pub async fn set_due(conn: &impl ConnectionTrait, round_id: &str, due: NaiveDate) -> Result<(), Error> {
    Entity::update_many()
        .col_expr(Column::PlanDueDate, Expr::value(due))
        .filter(Column::RoundId.eq(round_id))
        .exec(conn)
        .await?;
    Ok(())
}

fn level(one: &Rectification) -> i32 {
    i32::try_from(one.level).unwrap_or(i32::MAX)
}

/// Stores what has changed, under the next version.
///
/// # Errors
/// ABORTED if somebody else changed it meanwhile.
pub async fn write(conn: &impl ConnectionTrait, written: &Rectification) -> Result<Rectification, Error> {
    let version = written.version + 1;
    let changed = Entity::update_many()
        .col_expr(Column::State, Expr::value(written.state.as_str()))
        .col_expr(Column::Plan, Expr::value(written.plan.as_str()))
        .col_expr(Column::PlanTime, Expr::value(written.plan_time))
        .col_expr(Column::DueDate, Expr::value(written.due_date))
        .col_expr(Column::Measures, Expr::value(write_json(&written.measures)?))
        .col_expr(Column::Level, Expr::value(level(written)))
        .col_expr(Column::NewGrade, Expr::value(written.regraded.as_ref().map(|new| new.grade.clone())))
        .col_expr(Column::NewTotal, Expr::value(written.regraded.as_ref().map(|new| new.total.to_string())))
        .col_expr(Column::Outcome, Expr::value(written.outcome.map(Outcome::as_str)))
        .col_expr(Column::Version, Expr::value(version))
        .filter(Column::RectificationId.eq(&written.id))
        .filter(Column::Version.eq(written.version))
        .exec(conn)
        .await?;
    if changed.rows_affected == 0 {
        return Err(Error::etag_mismatch(etag::of(version)));
    }
    Ok(Rectification { version, ..written.clone() })
}
