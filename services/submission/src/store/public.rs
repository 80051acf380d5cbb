//! The reports in the results of released years.

use sea_orm::{
    Condition, FromQueryResult, JoinType, QueryOrder, QuerySelect, RelationDef, Select, entity::prelude::*,
};
use zhijian_platform::{Error, Page};

use super::{bad_token, cycle, report, report::Column};
use crate::domain::{cycle::State, text::is_storable};

/// Which of them are asked for; the default is all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The year.
    pub cycle_year: Option<i32>,
    /// The kind of report.
    pub report_kind: Option<String>,
    /// Who submitted it.
    pub submitters: Option<Vec<String>>,
    /// Who submitted it, or whom it is about.
    pub parties: Option<Vec<String>>,
}

/// A public report.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Listed {
    /// Its id.
    pub submission_id: String,
    /// Its year.
    pub cycle_year: i32,
    /// The year of the catalogue that was in force.
    pub catalogue_year: i32,
    /// Its kind.
    pub report_kind: String,
    /// Who submitted it.
    pub organisation_code: String,
    /// Whom it is about.
    pub subject_code: String,
    /// The revision in the results.
    pub accepted_revision: i32,
    /// When the report was last changed.
    pub update_time: DateTimeUtc,
}

impl Listed {
    /// Its place in the order of lists, as a page token's key.
    pub fn list_key(&self) -> String {
        let Self { cycle_year, organisation_code, report_kind, submission_id, .. } = self;
        format!("{cycle_year}/{organisation_code}/{report_kind}/{submission_id}")
    }
}

/// How many reports of a kind are public for a year.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Count {
    /// The year.
    pub cycle_year: i32,
    /// The year of the catalogue that was in force.
    pub catalogue_year: i32,
    /// The kind of report.
    pub report_kind: String,
    /// How many.
    pub count: i64,
    /// The sum of their revisions' numbers, which grows with every correction.
    pub revisions: i64,
}

fn public() -> Select<report::Entity> {
    let year: RelationDef =
        report::Entity::belongs_to(cycle::Entity).from(Column::CycleYear).to(cycle::Column::Year).into();
    report::Entity::find()
        .select_only()
        .columns([Column::CycleYear, Column::ReportKind])
        .column_as(cycle::Column::CatalogueYear, "catalogue_year")
        .join(JoinType::InnerJoin, year)
        .filter(cycle::Column::State.eq(State::Released.as_str()))
        .filter(Column::AcceptedRevision.gt(0))
}

fn listed() -> Select<report::Entity> {
    public().columns([
        Column::SubmissionId,
        Column::OrganisationCode,
        Column::SubjectCode,
        Column::AcceptedRevision,
        Column::UpdateTime,
    ])
}

/// The public report of this id, if there is one.
///
/// # Errors
/// The database's own.
pub async fn find(conn: &impl ConnectionTrait, submission_id: &str) -> Result<Option<Listed>, Error> {
    if !is_storable(submission_id) {
        return Ok(None);
    }
    Ok(listed().filter(Column::SubmissionId.eq(submission_id)).into_model().one(conn).await?)
}

/// The public reports of a page, newest year first, then in order of organisation and kind.
///
/// # Errors
/// INVALID_ARGUMENT if the page's key is not of this list; the database's own.
pub async fn list(conn: &impl ConnectionTrait, page: &Page, filter: &Filter) -> Result<Vec<Listed>, Error> {
    let mut query = listed()
        .order_by_desc(Column::CycleYear)
        .order_by_asc(Column::OrganisationCode)
        .order_by_asc(Column::ReportKind)
        .order_by_asc(Column::SubmissionId)
        .limit(page.limit());
    if let Some(key) = page.after() {
        let (year, rest) = key.split_once('/').ok_or_else(bad_token)?;
        let year: i32 = year.parse().map_err(|_| bad_token())?;
        let same_year = Condition::all().add(Column::CycleYear.eq(year)).add(report::after(rest)?);
        query = query.filter(Condition::any().add(Column::CycleYear.lt(year)).add(same_year));
    }
    if let Some(year) = filter.cycle_year {
        query = query.filter(Column::CycleYear.eq(year));
    }
    if let Some(kind) = &filter.report_kind {
        query = query.filter(Column::ReportKind.eq(kind));
    }
    if let Some(codes) = &filter.submitters {
        query = query.filter(Column::OrganisationCode.is_in(codes));
    }
    if let Some(codes) = &filter.parties {
        let of =
            Condition::any().add(Column::OrganisationCode.is_in(codes)).add(Column::SubjectCode.is_in(codes));
        query = query.filter(of);
    }
    Ok(query.into_model().all(conn).await?)
}

/// Counts the public reports by year and kind, newest year first.
///
/// # Errors
/// The database's own.
pub async fn count(conn: &impl ConnectionTrait) -> Result<Vec<Count>, Error> {
    Ok(public()
        .column_as(Column::SubmissionId.count(), "count")
        .column_as(Column::AcceptedRevision.sum(), "revisions")
        .group_by(Column::CycleYear)
        .group_by(Column::ReportKind)
        .group_by(cycle::Column::CatalogueYear)
        .order_by_desc(Column::CycleYear)
        .order_by_asc(Column::ReportKind)
        .into_model()
        .all(conn)
        .await?)
}
