//! The submitter's answers to warnings, with what the commission said of them.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use sea_orm::{
    FromQueryResult, IntoActiveModel, JoinType, QuerySelect, RelationDef, entity::prelude::*,
    sea_query::OnConflict,
};
use zhijian_platform::Error;

use super::report;
use crate::domain::answer::{Bounds, Earlier, Standing, Verdict};

#[derive(Clone, Debug, Default, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_explanation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub submission_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub finding_id: String,
    pub explanation: String,
    pub account_id: String,
    pub time: DateTimeUtc,
    /// "" while the commission has said nothing.
    pub verdict: String,
    pub verdict_reason: String,
    pub decided_by: String,
    pub decided_by_name: String,
    pub decided_time: Option<DateTimeUtc>,
    /// Decimals; both "" where the finding is about no number.
    pub low: String,
    pub high: String,
    pub expires_year: i32,
    /// The year it was taken over from; 0 if it was written for this report.
    pub carried_from: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Where it stands.
    pub fn standing(&self) -> Standing {
        Standing { verdict: Verdict::parse(&self.verdict), bounds: bounds(&self.low, &self.high) }
    }
}

fn bounds(low: &str, high: &str) -> Option<Bounds> {
    let number = |text: &str| text.parse::<Decimal>().ok();
    Some(Bounds { low: number(low)?, high: number(high)? })
}

/// Every answer of a submission, by finding.
///
/// # Errors
/// The database's own.
pub async fn load(
    conn: &impl ConnectionTrait,
    submission_id: &str,
) -> Result<BTreeMap<String, Model>, Error> {
    let rows = Entity::find().filter(Column::SubmissionId.eq(submission_id)).all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.finding_id.clone(), row)).collect())
}

/// The answer to one finding, if there is one.
///
/// # Errors
/// The database's own.
pub async fn find(
    conn: &impl ConnectionTrait,
    submission_id: &str,
    finding_id: &str,
) -> Result<Option<Model>, Error> {
    Ok(Entity::find_by_id((submission_id.to_owned(), finding_id.to_owned())).one(conn).await?)
}

/// The findings of a submission whose answers were rejected.
///
/// # Errors
/// The database's own.
pub async fn rejected(conn: &impl ConnectionTrait, submission_id: &str) -> Result<Vec<String>, Error> {
    Ok(Entity::find()
        .select_only()
        .column(Column::FindingId)
        .filter(Column::SubmissionId.eq(submission_id))
        .filter(Column::Verdict.eq(Verdict::Rejected.as_str()))
        .into_tuple()
        .all(conn)
        .await?)
}

/// Forgets the answers of a submission that were rejected.
///
/// # Errors
/// The database's own.
pub async fn forget_rejected(conn: &impl ConnectionTrait, submission_id: &str) -> Result<(), Error> {
    Entity::delete_many()
        .filter(Column::SubmissionId.eq(submission_id))
        .filter(Column::Verdict.eq(Verdict::Rejected.as_str()))
        .exec(conn)
        .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct EarlierRow {
    cycle_year: i32,
    finding_id: String,
    explanation: String,
    low: String,
    high: String,
    expires_year: i32,
    decided_by: String,
    decided_by_name: String,
}

/// What was accepted in earlier years' reports of the same kind by the same organisation on the same subject, and has not
/// expired.
///
/// # Errors
/// The database's own.
pub async fn earlier(conn: &impl ConnectionTrait, row: &report::Model) -> Result<Vec<Earlier>, Error> {
    let of: RelationDef =
        Entity::belongs_to(report::Entity).from(Column::SubmissionId).to(report::Column::SubmissionId).into();
    let rows = Entity::find()
        .select_only()
        .columns([
            Column::FindingId,
            Column::Explanation,
            Column::Low,
            Column::High,
            Column::ExpiresYear,
            Column::DecidedBy,
            Column::DecidedByName,
        ])
        .column_as(report::Column::CycleYear, "cycle_year")
        .join(JoinType::InnerJoin, of)
        .filter(report::Column::OrganisationCode.eq(&row.organisation_code))
        .filter(report::Column::SubjectCode.eq(&row.subject_code))
        .filter(report::Column::ReportKind.eq(&row.report_kind))
        .filter(report::Column::CycleYear.lt(row.cycle_year))
        .filter(Column::Verdict.eq(Verdict::Accepted.as_str()))
        .filter(Column::ExpiresYear.gte(row.cycle_year))
        .into_model::<EarlierRow>()
        .all(conn)
        .await?;
    let earlier = |row: EarlierRow| Earlier {
        year: row.cycle_year,
        bounds: bounds(&row.low, &row.high),
        finding_id: row.finding_id,
        text: row.explanation,
        expires_year: row.expires_year,
        decided_by: (row.decided_by, row.decided_by_name),
    };
    Ok(rows.into_iter().map(earlier).collect())
}

/// Writes an answer in place of what was there.
///
/// # Errors
/// The database's own.
pub async fn put(conn: &impl ConnectionTrait, row: Model) -> Result<(), Error> {
    Entity::insert(row.into_active_model().reset_all())
        .on_conflict(
            OnConflict::columns([Column::SubmissionId, Column::FindingId])
                .update_columns([
                    Column::Explanation,
                    Column::AccountId,
                    Column::Time,
                    Column::Verdict,
                    Column::VerdictReason,
                    Column::DecidedBy,
                    Column::DecidedByName,
                    Column::DecidedTime,
                    Column::Low,
                    Column::High,
                    Column::ExpiresYear,
                    Column::CarriedFrom,
                ])
                .to_owned(),
        )
        .exec_without_returning(conn)
        .await?;
    Ok(())
}
