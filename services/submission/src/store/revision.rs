//! Submissions as they were submitted. Rows are added and never changed.

use std::collections::BTreeMap;

use sea_orm::{
    FromQueryResult, IntoActiveModel, JoinType, QueryOrder, QuerySelect, RelationDef, Select,
    entity::prelude::*,
};
use zhijian_platform::Error;

use super::report;
use crate::domain::{content::Cell, derive::Cells, submission::State};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_revision")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub submission_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub receipt_id: String,
    pub content_hash: String,
    pub cells: String,
    pub sections: String,
    pub explanations: String,
    pub declaration_name: String,
    pub declaration_office: String,
    pub declaration_time: DateTimeUtc,
    pub create_time: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Its cells, by indicator code.
    ///
    /// # Errors
    /// INTERNAL if the row is not ours.
    pub fn cells(&self) -> Result<BTreeMap<String, Cell>, Error> {
        parse(&self.cells)
    }

    /// Its sections' texts, by code.
    ///
    /// # Errors
    /// INTERNAL if the row is not ours.
    pub fn sections(&self) -> Result<BTreeMap<String, String>, Error> {
        parse(&self.sections)
    }
}

/// A revision without its content.
#[derive(Debug, FromQueryResult)]
pub struct Summary {
    pub number: i32,
    pub receipt_id: String,
    pub content_hash: String,
    pub declaration_name: String,
    pub declaration_office: String,
    pub declaration_time: DateTimeUtc,
    pub create_time: DateTimeUtc,
}

/// The cells of an accepted submission.
#[derive(Debug)]
pub struct Accepted {
    pub submission_id: String,
    pub revision_number: i32,
    pub report_kind: String,
    pub organisation_code: String,
    pub subject_code: String,
    pub cells: BTreeMap<String, Cell>,
}

#[derive(Debug, FromQueryResult)]
struct AcceptedRow {
    submission_id: String,
    number: i32,
    report_kind: String,
    organisation_code: String,
    subject_code: String,
    cells: String,
}

/// Adds a revision.
///
/// # Errors
/// The database's own.
pub async fn insert(conn: &impl ConnectionTrait, row: Model) -> Result<(), Error> {
    Entity::insert(row.into_active_model().reset_all()).exec_without_returning(conn).await?;
    Ok(())
}

/// One revision.
///
/// # Errors
/// NOT_FOUND if the submission has none of that number; the database's own.
pub async fn get(conn: &impl ConnectionTrait, submission_id: &str, number: i32) -> Result<Model, Error> {
    let found = Entity::find_by_id((submission_id.to_owned(), number)).one(conn).await?;
    found.ok_or_else(|| Error::not_found("revision", format!("{submission_id}/{number}")))
}

/// The revisions of a submission, oldest first.
///
/// # Errors
/// The database's own.
pub async fn list(conn: &impl ConnectionTrait, submission_id: &str) -> Result<Vec<Summary>, Error> {
    Ok(Entity::find()
        .select_only()
        .columns([
            Column::Number,
            Column::ReceiptId,
            Column::ContentHash,
            Column::DeclarationName,
            Column::DeclarationOffice,
            Column::DeclarationTime,
            Column::CreateTime,
        ])
        .filter(Column::SubmissionId.eq(submission_id))
        .order_by_asc(Column::Number)
        .into_model()
        .all(conn)
        .await?)
}

/// The revision of each submission that is in the results of a year: the one accepted last, whatever is being corrected.
fn accepted(cycle_year: i32) -> Select<Entity> {
    let newest: RelationDef = Entity::belongs_to(report::Entity)
        .from((Column::SubmissionId, Column::Number))
        .to((report::Column::SubmissionId, report::Column::AcceptedRevision))
        .into();
    let query = Entity::find().select_only().columns([Column::SubmissionId, Column::Number, Column::Cells]);
    report::in_results(query, newest, cycle_year)
}

/// The accepted submissions of a year after a place in their order, at most `limit`; and the place of the last.
///
/// # Errors
/// The database's own.
pub async fn accepted_page(
    conn: &impl ConnectionTrait,
    cycle_year: i32,
    after: Option<&str>,
    limit: u64,
) -> Result<(Vec<Accepted>, Option<String>), Error> {
    let query = report::page(accepted(cycle_year), after, limit)?;
    let rows = query.into_model::<AcceptedRow>().all(conn).await?;
    let last =
        rows.last().map(|row| report::list_key(&row.organisation_code, &row.report_kind, &row.submission_id));
    let rows = rows.into_iter().map(|row| {
        Ok(Accepted {
            cells: parse(&row.cells)?,
            submission_id: row.submission_id,
            revision_number: row.number,
            report_kind: row.report_kind,
            organisation_code: row.organisation_code,
            subject_code: row.subject_code,
        })
    });
    Ok((rows.collect::<Result<_, Error>>()?, last))
}

/// What changes with the results of a year: how many reports were accepted, and the sum of their revisions. A report is never
/// taken out again and its accepted revision only grows, so every change makes it another pair.
///
/// # Errors
/// The database's own.
pub async fn accepted_version(conn: &impl ConnectionTrait, cycle_year: i32) -> Result<(i64, i64), Error> {
    let row: Option<(i64, Option<i64>)> = report::Entity::find()
        .select_only()
        .column_as(report::Column::SubmissionId.count(), "reports")
        .column_as(report::Column::AcceptedRevision.sum(), "revisions")
        .filter(report::Column::CycleYear.eq(cycle_year))
        .filter(report::Column::AcceptedRevision.gt(0))
        .into_tuple()
        .one(conn)
        .await?;
    let (reports, revisions) = row.unwrap_or_default();
    Ok((reports, revisions.unwrap_or_default()))
}

/// A submission that was handed in, in its newest revision.
#[derive(Debug, FromQueryResult)]
pub struct HandedIn {
    pub submission_id: String,
    pub number: i32,
    pub organisation_code: String,
}

/// What was handed in of a year, whatever became of it since.
///
/// # Errors
/// The database's own.
pub async fn handed_in(conn: &impl ConnectionTrait, cycle_year: i32) -> Result<Vec<HandedIn>, Error> {
    Ok(report::Entity::find()
        .select_only()
        .columns([report::Column::SubmissionId, report::Column::OrganisationCode])
        .column_as(report::Column::RevisionNumber, "number")
        .filter(report::Column::CycleYear.eq(cycle_year))
        .filter(report::Column::RevisionNumber.gt(0))
        .order_by_asc(report::Column::SubmissionId)
        .into_model()
        .all(conn)
        .await?)
}

#[derive(Debug, FromQueryResult)]
struct SectionsRow {
    submission_id: String,
    number: i32,
    sections: String,
}

/// The texts of one revision: of which submission, its number, and the sections by code.
pub type Texts = ((String, i32), BTreeMap<String, String>);

/// The texts of the newest revision of each of these submissions, in the order of their ids.
///
/// # Errors
/// The database's own.
pub async fn newest_sections(
    conn: &impl ConnectionTrait,
    submission_ids: &[String],
) -> Result<Vec<Texts>, Error> {
    let newest: RelationDef = Entity::belongs_to(report::Entity)
        .from((Column::SubmissionId, Column::Number))
        .to((report::Column::SubmissionId, report::Column::RevisionNumber))
        .into();
    let rows = Entity::find()
        .select_only()
        .columns([Column::SubmissionId, Column::Number, Column::Sections])
        .join(JoinType::InnerJoin, newest)
        .filter(Column::SubmissionId.is_in(submission_ids))
        .order_by_asc(Column::SubmissionId)
        .into_model::<SectionsRow>()
        .all(conn)
        .await?;
    rows.into_iter().map(|row| Ok(((row.submission_id, row.number), parse(&row.sections)?))).collect()
}

/// The report whose values stand beside this year's.
#[derive(Debug, Default)]
pub struct LastYear {
    pub submission_id: String,
    pub revision_number: i32,
    pub organisation_code: String,
    /// Whether the results of that year were released.
    pub released: bool,
    /// When the revision was submitted.
    pub submit_time: DateTimeUtc,
    /// Its values, by indicator code; derived ones included.
    pub cells: Cells,
    /// Its sections' texts, by code.
    pub sections: BTreeMap<String, String>,
}

#[derive(Debug, FromQueryResult)]
struct LastYearRow {
    submission_id: String,
    number: i32,
    organisation_code: String,
    state: String,
    create_time: DateTimeUtc,
    cells: String,
    sections: String,
}

/// The report of the year before, of the same kind and subject, as it was released; as it was accepted, if that year is
/// not released yet. The same organisation's where several reported on the subject. Nothing if there is none.
///
/// # Errors
/// The database's own.
pub async fn last_year_report(
    conn: &impl ConnectionTrait,
    row: &report::Model,
) -> Result<Option<LastYear>, Error> {
    let mut found = accepted(row.cycle_year - 1)
        .columns([Column::CreateTime, Column::Sections])
        .column_as(report::Column::State, "state")
        .filter(report::Column::ReportKind.eq(&row.report_kind))
        .filter(report::Column::SubjectCode.eq(&row.subject_code))
        .order_by_asc(report::Column::OrganisationCode)
        .into_model::<LastYearRow>()
        .all(conn)
        .await?;
    let own =
        found.iter().position(|earlier| earlier.organisation_code == row.organisation_code).unwrap_or(0);
    if found.is_empty() {
        return Ok(None);
    }
    let earlier = found.swap_remove(own);
    let cells: BTreeMap<String, Cell> = parse(&earlier.cells)?;
    Ok(Some(LastYear {
        submission_id: earlier.submission_id,
        revision_number: earlier.number,
        organisation_code: earlier.organisation_code,
        released: earlier.state == State::Published.as_str(),
        submit_time: earlier.create_time,
        cells: cells.into_iter().map(|(code, cell)| (code, cell.value)).collect(),
        sections: parse(&earlier.sections)?,
    }))
}

/// The values of [`last_year_report`]; empty if there is none.
///
/// # Errors
/// The database's own.
pub async fn last_year(conn: &impl ConnectionTrait, row: &report::Model) -> Result<Cells, Error> {
    Ok(last_year_report(conn, row).await?.map(|report| report.cells).unwrap_or_default())
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(Error::internal)
}
