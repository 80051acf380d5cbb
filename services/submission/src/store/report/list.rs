//! Submissions as lists: which of them, in what order, and how many.

use sea_orm::{Condition, QueryOrder, QuerySelect, entity::prelude::*, sea_query::ExprTrait};
use zhijian_platform::{Error, Page, Visibility};

use super::{Column, Entity, Model};
use crate::{domain::submission::State, store};

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
                State::parse(&state).ok_or_else(|| store::unreadable("submission", &report_kind, &state))?;
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

/// A place in the order of lists: organisation, kind, id.
pub(in crate::store) fn list_key(organisation_code: &str, report_kind: &str, submission_id: &str) -> String {
    format!("{organisation_code}/{report_kind}/{submission_id}")
}

/// What comes after a place in the order of lists.
///
/// # Errors
/// INVALID_ARGUMENT if the key is not of such a list.
pub(in crate::store) fn after(key: &str) -> Result<Expr, Error> {
    let [organisation, kind, id] = store::key_parts(key)?;
    let columns = [Column::OrganisationCode, Column::ReportKind, Column::SubmissionId];
    let columns = columns.map(|column| Expr::col((Entity, column)));
    Ok(Expr::tuple(columns.map(Into::into)).gt(Expr::tuple([organisation, kind, id].map(Expr::val))))
}
