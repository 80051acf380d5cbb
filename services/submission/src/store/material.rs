//! What revisions carry beside cells and sections. Rows are added and never changed.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ActiveValue::Set, FromQueryResult, IntoActiveModel, QuerySelect, RelationDef, entity::prelude::*,
};
use zhijian_platform::Error;

use super::report;
use crate::domain::{case::Case, material::Material};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_revision_material")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub submission_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub attachments: String,
    pub cases: String,
    pub dismissals: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

mod object {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "submission_revision_object")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub submission_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub sha256: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a working copy carries now.
///
/// # Errors
/// The database's own.
pub async fn working(conn: &impl ConnectionTrait, submission_id: &str) -> Result<Material, Error> {
    let attachments = super::attachment::load(conn, submission_id).await?;
    let cases = super::case::load(conn, submission_id).await?;
    let dismissals = super::dismissal::load(conn, submission_id).await?;
    let standing = dismissals.into_iter().filter(|(_, row)| !row.overruled);
    Ok(Material {
        attachments: attachments.iter().map(super::attachment::Model::frozen).collect::<Result<_, _>>()?,
        cases: cases.iter().map(super::case::Model::case).collect::<Result<_, _>>()?,
        dismissals: standing.map(|(fingerprint, row)| (fingerprint, row.reason)).collect(),
    })
}

/// Freezes what a revision carries.
///
/// # Errors
/// The database's own.
pub async fn insert(
    conn: &impl ConnectionTrait,
    submission_id: &str,
    number: i32,
    material: &Material,
) -> Result<(), Error> {
    let row = Model {
        submission_id: submission_id.to_owned(),
        number,
        attachments: serde_json::to_string(&material.attachments).map_err(Error::internal)?,
        cases: serde_json::to_string(&material.cases).map_err(Error::internal)?,
        dismissals: serde_json::to_string(&material.dismissals).map_err(Error::internal)?,
    };
    Entity::insert(row.into_active_model().reset_all()).exec_without_returning(conn).await?;
    let objects: BTreeSet<&str> =
        material.attachments.iter().map(|attachment| attachment.sha256.as_str()).collect();
    if objects.is_empty() {
        return Ok(());
    }
    let rows = objects.into_iter().map(|sha256| object::ActiveModel {
        submission_id: Set(submission_id.to_owned()),
        number: Set(number),
        sha256: Set(sha256.to_owned()),
    });
    object::Entity::insert_many(rows).exec_without_returning(conn).await?;
    Ok(())
}

/// What a revision carries; nothing for one that was frozen before there were attachments.
///
/// # Errors
/// INTERNAL if the row is not ours; the database's own.
pub async fn revision(
    conn: &impl ConnectionTrait,
    submission_id: &str,
    number: i32,
) -> Result<Material, Error> {
    let found = Entity::find_by_id((submission_id.to_owned(), number)).one(conn).await?;
    let Some(row) = found else { return Ok(Material::default()) };
    let dismissals: BTreeMap<String, String> =
        serde_json::from_str(&row.dismissals).map_err(Error::internal)?;
    Ok(Material {
        attachments: serde_json::from_str(&row.attachments).map_err(Error::internal)?,
        cases: serde_json::from_str(&row.cases).map_err(Error::internal)?,
        dismissals,
    })
}

/// The cases of an accepted submission, in its order.
#[derive(Debug)]
pub struct AcceptedCases {
    pub submission_id: String,
    pub revision_number: i32,
    pub report_kind: String,
    pub organisation_code: String,
    pub subject_code: String,
    pub cases: Vec<Case>,
}

#[derive(Debug, FromQueryResult)]
struct AcceptedRow {
    submission_id: String,
    number: i32,
    report_kind: String,
    organisation_code: String,
    subject_code: String,
    cases: String,
}

/// The cases of the submissions of these kinds that are in the results of a year, after a place in their order, at most
/// `limit` submissions; and the place of the last. No kind means every kind.
///
/// # Errors
/// INTERNAL if a row is not ours; the database's own.
pub async fn accepted_page(
    conn: &impl ConnectionTrait,
    cycle_year: i32,
    report_kinds: &[String],
    after: Option<&str>,
    limit: u64,
) -> Result<(Vec<AcceptedCases>, Option<String>), Error> {
    let standing: RelationDef = Entity::belongs_to(report::Entity)
        .from((Column::SubmissionId, Column::Number))
        .to((report::Column::SubmissionId, report::Column::AcceptedRevision))
        .into();
    let query = Entity::find().select_only().columns([Column::SubmissionId, Column::Number, Column::Cases]);
    let mut query = report::page(report::in_results(query, standing, cycle_year), after, limit)?;
    if !report_kinds.is_empty() {
        query = query.filter(report::Column::ReportKind.is_in(report_kinds));
    }
    let rows = query.into_model::<AcceptedRow>().all(conn).await?;
    let last =
        rows.last().map(|row| report::list_key(&row.organisation_code, &row.report_kind, &row.submission_id));
    let rows = rows.into_iter().map(|row| {
        Ok(AcceptedCases {
            cases: serde_json::from_str(&row.cases).map_err(Error::internal)?,
            submission_id: row.submission_id,
            revision_number: row.number,
            report_kind: row.report_kind,
            organisation_code: row.organisation_code,
            subject_code: row.subject_code,
        })
    });
    Ok((rows.collect::<Result<_, Error>>()?, last))
}

/// Whether a stored object is named by any working copy or revision.
///
/// # Errors
/// The database's own.
pub async fn names_object(conn: &impl ConnectionTrait, sha256: &str) -> Result<bool, Error> {
    if super::attachment::names_object(conn, sha256).await? {
        return Ok(true);
    }
    let found = object::Entity::find().filter(object::Column::Sha256.eq(sha256)).limit(1).all(conn).await?;
    Ok(!found.is_empty())
}
