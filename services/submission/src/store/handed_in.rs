//! What was handed in of a year, as it was handed in: the newest revision of each report that is with the commission or in the
//! results.

use std::collections::BTreeMap;

use sea_orm::{FromQueryResult, JoinType, QuerySelect, RelationDef, entity::prelude::*};
use zhijian_platform::Error;

use super::{ROWS_A_STATEMENT, report, revision};
use crate::domain::{content::Cell, submission::State};

/// The states of a report that the commission has.
const STATES: [State; 5] =
    [State::Submitted, State::UnderReview, State::Accepted, State::Published, State::Corrected];

/// The reports of a kind that were handed in, each with the number of its newest revision.
///
/// # Errors
/// The database's own.
pub async fn numbers(
    conn: &impl ConnectionTrait,
    cycle_year: i32,
    report_kind: &str,
) -> Result<Vec<(String, i32)>, Error> {
    Ok(report::Entity::find()
        .select_only()
        .columns([report::Column::SubmissionId, report::Column::RevisionNumber])
        .filter(report::Column::CycleYear.eq(cycle_year))
        .filter(report::Column::ReportKind.eq(report_kind))
        .filter(report::Column::State.is_in(STATES.map(State::as_str)))
        .into_tuple()
        .all(conn)
        .await?)
}

#[derive(FromQueryResult)]
struct Row {
    submission_id: String,
    number: i32,
    cells: String,
}

impl Row {
    fn cells(&self) -> Result<BTreeMap<String, Cell>, Error> {
        serde_json::from_str(&self.cells).map_err(Error::internal)
    }
}

fn newest() -> sea_orm::Select<revision::Entity> {
    let newest: RelationDef = revision::Entity::belongs_to(report::Entity)
        .from((revision::Column::SubmissionId, revision::Column::Number))
        .to((report::Column::SubmissionId, report::Column::RevisionNumber))
        .into();
    revision::Entity::find()
        .select_only()
        .columns([revision::Column::SubmissionId, revision::Column::Number, revision::Column::Cells])
        .join(JoinType::InnerJoin, newest)
        .filter(report::Column::State.is_in(STATES.map(State::as_str)))
}

/// The newest revisions of these reports: id, number, cells.
///
/// # Errors
/// The database's own.
pub async fn cells(
    conn: &impl ConnectionTrait,
    submission_ids: &[String],
) -> Result<Vec<(String, i32, BTreeMap<String, Cell>)>, Error> {
    let mut found = Vec::with_capacity(submission_ids.len());
    for ids in submission_ids.chunks(ROWS_A_STATEMENT) {
        let ids = ids.iter().map(String::as_str);
        let rows = newest().filter(revision::Column::SubmissionId.is_in(ids)).into_model::<Row>();
        for row in rows.all(conn).await? {
            let cells = row.cells()?;
            found.push((row.submission_id, row.number, cells));
        }
    }
    Ok(found)
}

/// The cells of what an organisation has handed in on others than itself.
///
/// # Errors
/// The database's own.
pub async fn of_others(
    conn: &impl ConnectionTrait,
    cycle_year: i32,
    organisation_code: &str,
) -> Result<Vec<BTreeMap<String, Cell>>, Error> {
    let rows = newest()
        .filter(report::Column::CycleYear.eq(cycle_year))
        .filter(report::Column::OrganisationCode.eq(organisation_code))
        .filter(report::Column::SubjectCode.ne(organisation_code))
        .into_model::<Row>()
        .all(conn)
        .await?;
    rows.iter().map(Row::cells).collect()
}
