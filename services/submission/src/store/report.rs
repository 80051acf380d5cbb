//! Submissions, without their cells and sections.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, Condition, IntoActiveModel, QueryOrder, QuerySelect, entity::prelude::*,
    sea_query::ExprTrait,
};
use zhijian_platform::{Error, Page, Visibility};

use crate::domain::{
    submission::{Declaration, State},
    text::is_storable,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_report")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub submission_id: String,
    pub cycle_year: i32,
    pub report_kind: String,
    pub organisation_code: String,
    pub subject_code: String,
    pub state: String,
    pub revision_number: i32,
    pub filled_cells: i32,
    pub required_cells: i32,
    pub declaration_name: String,
    pub declaration_office: String,
    pub declaration_time: Option<DateTimeUtc>,
    pub return_comment: String,
    pub create_time: DateTimeUtc,
    pub update_time: DateTimeUtc,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Where it stands.
    ///
    /// # Errors
    /// INTERNAL if the row is not ours.
    pub fn state(&self) -> Result<State, Error> {
        State::parse(&self.state)
            .ok_or_else(|| super::unreadable("submission", &self.submission_id, &self.state))
    }

    /// The declaration in force, if there is one.
    pub fn declaration(&self) -> Option<Declaration> {
        self.declaration_time.map(|time| Declaration {
            name: self.declaration_name.clone(),
            office: self.declaration_office.clone(),
            time,
        })
    }

    /// Puts a declaration in force, or takes it away.
    pub fn set_declaration(&mut self, declaration: Option<Declaration>) {
        let (name, office, time) = match declaration {
            Some(declaration) => (declaration.name, declaration.office, Some(declaration.time)),
            None => (String::new(), String::new(), None),
        };
        self.declaration_name = name;
        self.declaration_office = office;
        self.declaration_time = time;
    }

    /// Its place in the order of lists, as a page token's key.
    pub fn list_key(&self) -> String {
        list_key(&self.organisation_code, &self.report_kind, &self.submission_id)
    }
}

/// A place in the order of lists: organisation, kind, id.
pub(super) fn list_key(organisation_code: &str, report_kind: &str, submission_id: &str) -> String {
    format!("{organisation_code}/{report_kind}/{submission_id}")
}

/// What comes after a place in the order of lists.
///
/// # Errors
/// INVALID_ARGUMENT if the key is not of such a list.
pub(super) fn after(key: &str) -> Result<Expr, Error> {
    let [organisation, kind, id] = super::key_parts(key)?;
    let columns = [Column::OrganisationCode, Column::ReportKind, Column::SubmissionId];
    let columns = columns.map(|column| Expr::col((Entity, column)));
    Ok(Expr::tuple(columns.map(Into::into)).gt(Expr::tuple([organisation, kind, id].map(Expr::val))))
}

/// Which submissions are asked for; the default is all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub cycle_year: Option<i32>,
    /// Empty means all.
    pub states: Vec<State>,
    pub report_kind: Option<String>,
    pub organisation_code: Option<String>,
}

/// How many submissions of a kind are in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    pub report_kind: String,
    pub state: State,
    pub count: i64,
}

/// The submission of this id, if there is one.
///
/// # Errors
/// The database's own.
pub async fn find(conn: &impl ConnectionTrait, submission_id: &str) -> Result<Option<Model>, Error> {
    if !is_storable(submission_id) {
        return Ok(None);
    }
    Ok(Entity::find_by_id(submission_id).one(conn).await?)
}

/// The submission of this id.
///
/// # Errors
/// NOT_FOUND if there is none; the database's own.
pub async fn get(conn: &impl ConnectionTrait, submission_id: &str) -> Result<Model, Error> {
    find(conn, submission_id).await?.ok_or_else(|| Error::not_found("submission", submission_id))
}

/// The submissions of a page that the caller may see, in order of organisation and kind.
///
/// # Errors
/// INVALID_ARGUMENT if the page's key is not of this list; the database's own.
pub async fn list(
    conn: &impl ConnectionTrait,
    page: &Page,
    filter: &Filter,
    visible: &Visibility,
) -> Result<Vec<Model>, Error> {
    let mut query = Entity::find()
        .filter(seen(visible))
        .order_by_asc(Column::OrganisationCode)
        .order_by_asc(Column::ReportKind)
        .order_by_asc(Column::SubmissionId)
        .limit(page.limit());
    if let Some(key) = page.after() {
        query = query.filter(after(key)?);
    }
    if let Some(year) = filter.cycle_year {
        query = query.filter(Column::CycleYear.eq(year));
    }
    if !filter.states.is_empty() {
        query = query.filter(Column::State.is_in(filter.states.iter().map(|state| state.as_str())));
    }
    if let Some(kind) = &filter.report_kind {
        query = query.filter(Column::ReportKind.eq(kind));
    }
    if let Some(code) = &filter.organisation_code {
        query = query.filter(Column::OrganisationCode.eq(code));
    }
    Ok(query.all(conn).await?)
}

/// Counts what the caller may see of a year, by kind and state.
///
/// # Errors
/// The database's own.
pub async fn count(
    conn: &impl ConnectionTrait,
    cycle_year: i32,
    visible: &Visibility,
) -> Result<Vec<Count>, Error> {
    let rows: Vec<(String, String, i64)> = Entity::find()
        .select_only()
        .column(Column::ReportKind)
        .column(Column::State)
        .column_as(Column::SubmissionId.count(), "count")
        .filter(Column::CycleYear.eq(cycle_year))
        .filter(seen(visible))
        .group_by(Column::ReportKind)
        .group_by(Column::State)
        .order_by_asc(Column::ReportKind)
        .order_by_asc(Column::State)
        .into_tuple()
        .all(conn)
        .await?;
    rows.into_iter()
        .map(|(report_kind, state, count)| {
            let state =
                State::parse(&state).ok_or_else(|| super::unreadable("submission", &report_kind, &state))?;
            Ok(Count { report_kind, state, count })
        })
        .collect()
}

fn seen(visible: &Visibility) -> Condition {
    match visible {
        Visibility::All => Condition::all(),
        Visibility::Only(codes) => Condition::all().add(Column::OrganisationCode.is_in(codes)),
    }
}

/// Adds a submission.
///
/// # Errors
/// ALREADY_EXISTS if the organisation has one of that kind and subject in the cycle; the database's own.
pub async fn insert(conn: &impl ConnectionTrait, row: &Model) -> Result<(), Error> {
    let taken = || {
        let Model { cycle_year, report_kind, organisation_code, subject_code, .. } = row;
        let key = format!("{cycle_year}/{report_kind}/{organisation_code}/{subject_code}");
        Error::already_exists("submission", key)
    };
    Entity::insert(row.clone().into_active_model().reset_all())
        .exec_without_returning(conn)
        .await
        .map_err(|error| super::unless_taken(error, taken))?;
    Ok(())
}

/// Stores a changed submission under its next version.
///
/// # Errors
/// The database's own.
pub async fn save(conn: &impl ConnectionTrait, mut row: Model, now: DateTime<Utc>) -> Result<Model, Error> {
    row.version += 1;
    row.update_time = now;
    let change = ActiveModel {
        state: Set(row.state.clone()),
        revision_number: Set(row.revision_number),
        filled_cells: Set(row.filled_cells),
        declaration_name: Set(row.declaration_name.clone()),
        declaration_office: Set(row.declaration_office.clone()),
        declaration_time: Set(row.declaration_time),
        return_comment: Set(row.return_comment.clone()),
        update_time: Set(row.update_time),
        version: Set(row.version),
        ..Default::default()
    };
    Entity::update_many().set(change).filter(Column::SubmissionId.eq(&row.submission_id)).exec(conn).await?;
    Ok(row)
}

/// Moves every accepted submission of a year to published, and says how many.
///
/// # Errors
/// The database's own.
pub async fn publish_accepted(
    conn: &impl ConnectionTrait,
    cycle_year: i32,
    now: DateTime<Utc>,
) -> Result<u64, Error> {
    let published = Entity::update_many()
        .col_expr(Column::State, Expr::val(State::Published.as_str()))
        .col_expr(Column::UpdateTime, Expr::val(now))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::CycleYear.eq(cycle_year))
        .filter(Column::State.eq(State::Accepted.as_str()))
        .exec(conn)
        .await?;
    Ok(published.rows_affected)
}
