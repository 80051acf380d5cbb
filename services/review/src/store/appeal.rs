//! Appeals.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    entity::prelude::*, sea_query::Expr,
};
use zhijian_platform::{Error, Page, Visibility, etag};

use super::{read_json, write_json};
use crate::domain::{
    appeal::{Appeal, State},
    rectification::Regrade,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_appeal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub appeal_id: String,
    pub entry_id: String,
    pub round_id: String,
    pub organisation_code: String,
    pub state: String,
    pub grade: String,
    pub total: String,
    pub ground_code: String,
    pub element_codes: String,
    pub statement: String,
    pub file_time: DateTimeUtc,
    pub decide_due_date: Date,
    pub upheld: bool,
    pub reason: String,
    pub decide_time: Option<DateTimeUtc>,
    pub new_grade: Option<String>,
    pub new_total: Option<String>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Appeal {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self, Error> {
        Ok(Self {
            state: row.state.parse().map_err(Error::internal)?,
            against: Regrade { grade: row.grade, total: row.total.parse().map_err(Error::internal)? },
            element_codes: read_json(&row.element_codes)?,
            regraded: match (row.new_grade, row.new_total) {
                (Some(grade), Some(total)) => {
                    Some(Regrade { grade, total: total.parse().map_err(Error::internal)? })
                }
                _ => None,
            },
            id: row.appeal_id,
            entry_id: row.entry_id,
            round_id: row.round_id,
            organisation_code: row.organisation_code,
            ground_code: row.ground_code,
            statement: row.statement,
            file_time: row.file_time,
            decide_due_date: row.decide_due_date,
            upheld: row.upheld,
            reason: row.reason,
            decide_time: row.decide_time,
            version: row.version,
        })
    }
}

/// Which appeals a list is about.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Of one round, if given.
    pub round_id: Option<String>,
    /// In one state, if given.
    pub state: Option<State>,
    /// Whose the caller may see.
    pub visibility: Visibility,
}

/// Stores a new appeal.
pub async fn insert(conn: &impl ConnectionTrait, one: &Appeal) -> Result<(), Error> {
    let row = ActiveModel {
        appeal_id: Set(one.id.clone()),
        entry_id: Set(one.entry_id.clone()),
        round_id: Set(one.round_id.clone()),
        organisation_code: Set(one.organisation_code.clone()),
        state: Set(one.state.to_string()),
        grade: Set(one.against.grade.clone()),
        total: Set(one.against.total.to_string()),
        ground_code: Set(one.ground_code.clone()),
        element_codes: Set(write_json(&one.element_codes)?),
        statement: Set(one.statement.clone()),
        file_time: Set(one.file_time),
        decide_due_date: Set(one.decide_due_date),
        upheld: Set(one.upheld),
        reason: Set(one.reason.clone()),
        decide_time: Set(None),
        new_grade: Set(None),
        new_total: Set(None),
        version: Set(one.version),
    };
    Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// The appeal of this id.
pub async fn find(conn: &impl ConnectionTrait, id: &str) -> Result<Option<Appeal>, Error> {
    Entity::find_by_id(id).one(conn).await?.map(Appeal::try_from).transpose()
}

/// The appeal against an entry's grade.
pub async fn of_entry(conn: &impl ConnectionTrait, entry_id: &str) -> Result<Option<Appeal>, Error> {
    let query = Entity::find().filter(Column::EntryId.eq(entry_id));
    query.one(conn).await?.map(Appeal::try_from).transpose()
}

/// Some appeals, newest first.
pub async fn page(
    conn: &impl ConnectionTrait,
    page: &Page,
    filter: &Filter,
) -> Result<(Vec<Appeal>, String), Error> {
    let mut query = Entity::find().order_by_desc(Column::AppealId).limit(page.limit());
    if let Some(round_id) = &filter.round_id {
        query = query.filter(Column::RoundId.eq(round_id));
    }
    if let Some(state) = filter.state {
        query = query.filter(Column::State.eq(state.as_str()));
    }
    if let Visibility::Only(codes) = &filter.visibility {
        query = query.filter(Column::OrganisationCode.is_in(codes));
    }
    if let Some(after) = page.after() {
        query = query.filter(Column::AppealId.lt(after));
    }
    let (rows, next) = page.finish(query.all(conn).await?, |row| row.appeal_id.clone());
    Ok((rows.into_iter().map(Appeal::try_from).collect::<Result<_, _>>()?, next))
}

/// Stores what has changed, under the next version.
///
/// # Errors
/// ABORTED if somebody else changed it meanwhile.
pub async fn write(conn: &impl ConnectionTrait, written: &Appeal) -> Result<Appeal, Error> {
    let version = written.version + 1;
    let new = written.regraded.as_ref();
    let changed = Entity::update_many()
        .col_expr(Column::State, Expr::value(written.state.as_str()))
        .col_expr(Column::Upheld, Expr::value(written.upheld))
        .col_expr(Column::Reason, Expr::value(written.reason.as_str()))
        .col_expr(Column::DecideTime, Expr::value(written.decide_time))
        .col_expr(Column::NewGrade, Expr::value(new.map(|new| new.grade.clone())))
        .col_expr(Column::NewTotal, Expr::value(new.map(|new| new.total.to_string())))
        .col_expr(Column::Version, Expr::value(version))
        .filter(Column::AppealId.eq(&written.id))
        .filter(Column::Version.eq(written.version))
        .exec(conn)
        .await?;
    if changed.rows_affected == 0 {
        return Err(Error::etag_mismatch(etag::of(version)));
    }
    Ok(Appeal { version, ..written.clone() })
}
