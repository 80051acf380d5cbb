//! Rows of revisions that stand in the results of a year, with whose they are.

use sea_orm::{JoinType, QueryOrder, QuerySelect, RelationDef, Select, entity::prelude::*};
use zhijian_platform::Error;

use super::{Column, after};

/// Only what stands in the results of a year: of each report the revision accepted last, whatever is being corrected. `standing`
/// leads from a row to the report whose accepted revision it is of. Each row gets the report's kind and codes.
pub fn in_results<E: EntityTrait>(query: Select<E>, standing: RelationDef, cycle_year: i32) -> Select<E> {
    query
        .column_as(Column::ReportKind, "report_kind")
        .column_as(Column::OrganisationCode, "organisation_code")
        .column_as(Column::SubjectCode, "subject_code")
        .join(JoinType::InnerJoin, standing)
        .filter(Column::CycleYear.eq(cycle_year))
        .filter(Column::AcceptedRevision.gt(0))
}

/// Of these, what comes after a place in the order of lists, at most `limit`.
///
/// # Errors
/// INVALID_ARGUMENT if the place is not one of such a list.
pub fn page<E: EntityTrait>(query: Select<E>, place: Option<&str>, limit: u64) -> Result<Select<E>, Error> {
    let query = query
        .order_by_asc(Column::OrganisationCode)
        .order_by_asc(Column::ReportKind)
        .order_by_asc(Column::SubmissionId)
        .limit(limit);
    Ok(match place {
        Some(key) => query.filter(after(key)?),
        None => query,
    })
}
