//! How much work went into reports: sums by report and place, and how far the trail has been read.

use std::collections::BTreeMap;

use sea_orm::{
    ActiveValue::Set,
    QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{ExprTrait, OnConflict},
};
use zhijian_platform::{Error, Page, Visibility};

use super::{event, report as reports};
use crate::domain::{effort::Effort, text::is_storable};

/// Sums by report.
pub mod report {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, Default, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "submission_effort_report")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub submission_id: String,
        pub seconds: i64,
        pub edits: i64,
        pub sessions: i64,
        pub rejected: i64,
        pub checks: i64,
        pub last_time: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Sums by report and place.
pub mod place {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "submission_effort")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub submission_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub place: String,
        pub seconds: i64,
        pub edits: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod mark {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "submission_effort_mark")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mark_id: i32,
        pub seal_number: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// How far the trail has been read: the last place in its chain; -1 before the first.
///
/// # Errors
/// The database's own.
pub async fn mark(conn: &impl ConnectionTrait) -> Result<i64, Error> {
    Ok(mark::Entity::find_by_id(1).one(conn).await?.map_or(-1, |row| row.seal_number))
}

/// Notes how far the trail has been read.
///
/// # Errors
/// The database's own.
pub async fn set_mark(conn: &impl ConnectionTrait, seal_number: i64) -> Result<(), Error> {
    mark::Entity::insert(mark::ActiveModel { mark_id: Set(1), seal_number: Set(seal_number) })
        .on_conflict(
            OnConflict::column(mark::Column::MarkId).update_column(mark::Column::SealNumber).to_owned(),
        )
        .exec_without_returning(conn)
        .await?;
    Ok(())
}

/// The work in one report so far, without its places: those are only ever added to.
///
/// # Errors
/// The database's own.
pub async fn load(conn: &impl ConnectionTrait, submission_id: &str) -> Result<Effort, Error> {
    let row = report::Entity::find_by_id(submission_id).one(conn).await?.unwrap_or_default();
    Ok(Effort {
        seconds: row.seconds,
        edits: row.edits,
        sessions: row.sessions,
        last: row.last_time,
        places: BTreeMap::new(),
    })
}

/// Stores the work in a report, and adds to its places.
///
/// # Errors
/// The database's own.
pub async fn save(conn: &impl ConnectionTrait, submission_id: &str, effort: &Effort) -> Result<(), Error> {
    let row = report::ActiveModel {
        submission_id: Set(submission_id.to_owned()),
        seconds: Set(effort.seconds),
        edits: Set(effort.edits),
        sessions: Set(effort.sessions),
        rejected: Set(0),
        checks: Set(0),
        last_time: Set(effort.last),
    };
    let own =
        [report::Column::Seconds, report::Column::Edits, report::Column::Sessions, report::Column::LastTime];
    report::Entity::insert(row)
        .on_conflict(OnConflict::column(report::Column::SubmissionId).update_columns(own).to_owned())
        .exec_without_returning(conn)
        .await?;
    for (place, (seconds, edits)) in &effort.places {
        let row = place::ActiveModel {
            submission_id: Set(submission_id.to_owned()),
            place: Set(place.clone()),
            seconds: Set(*seconds),
            edits: Set(*edits),
        };
        let more = |column: place::Column, more: i64| Expr::col((place::Entity, column)).add(more);
        place::Entity::insert(row)
            .on_conflict(
                OnConflict::columns([place::Column::SubmissionId, place::Column::Place])
                    .value(place::Column::Seconds, more(place::Column::Seconds, *seconds))
                    .value(place::Column::Edits, more(place::Column::Edits, *edits))
                    .to_owned(),
            )
            .exec_without_returning(conn)
            .await?;
    }
    Ok(())
}

/// Adds rejected saves and runs of the checks to a report.
///
/// # Errors
/// The database's own.
pub async fn add_counts(
    conn: &impl ConnectionTrait,
    submission_id: &str,
    rejected: i64,
    checks: i64,
) -> Result<(), Error> {
    let row = report::ActiveModel {
        submission_id: Set(submission_id.to_owned()),
        seconds: Set(0),
        edits: Set(0),
        sessions: Set(0),
        rejected: Set(rejected),
        checks: Set(checks),
        last_time: Set(None),
    };
    let more = |column: report::Column, more: i64| Expr::col((report::Entity, column)).add(more);
    report::Entity::insert(row)
        .on_conflict(
            OnConflict::column(report::Column::SubmissionId)
                .value(report::Column::Rejected, more(report::Column::Rejected, rejected))
                .value(report::Column::Checks, more(report::Column::Checks, checks))
                .to_owned(),
        )
        .exec_without_returning(conn)
        .await?;
    Ok(())
}

/// The sums of a year's reports, each with the report's kind.
///
/// # Errors
/// The database's own.
pub async fn of_year(
    conn: &impl ConnectionTrait,
    cycle_year: i32,
) -> Result<Vec<(report::Model, reports::Model)>, Error> {
    let rows = report::Entity::find()
        .filter(report::Column::SubmissionId.in_subquery(of(cycle_year)))
        .all(conn)
        .await?;
    let mut known: BTreeMap<String, reports::Model> = reports::Entity::find()
        .filter(reports::Column::CycleYear.eq(cycle_year))
        .all(conn)
        .await?
        .into_iter()
        .map(|row| (row.submission_id.clone(), row))
        .collect();
    Ok(rows.into_iter().filter_map(|row| known.remove(&row.submission_id).map(|of| (row, of))).collect())
}

/// The sums of a year's reports by place, each with the report's kind: (kind, place, seconds, edits).
///
/// # Errors
/// The database's own.
pub async fn places_of_year(
    conn: &impl ConnectionTrait,
    cycle_year: i32,
) -> Result<Vec<(String, String, i64, i64)>, Error> {
    let kind = place::Entity::belongs_to(reports::Entity)
        .from(place::Column::SubmissionId)
        .to(reports::Column::SubmissionId)
        .into();
    Ok(place::Entity::find()
        .select_only()
        .column(reports::Column::ReportKind)
        .columns([place::Column::Place, place::Column::Seconds, place::Column::Edits])
        .join(sea_orm::JoinType::InnerJoin, kind)
        .filter(reports::Column::CycleYear.eq(cycle_year))
        .into_tuple()
        .all(conn)
        .await?)
}

/// The sums of one report, all zero while nothing was counted, and its places.
///
/// # Errors
/// The database's own.
pub async fn of_report(
    conn: &impl ConnectionTrait,
    submission_id: &str,
) -> Result<(report::Model, Vec<place::Model>), Error> {
    let sums = report::Entity::find_by_id(submission_id).one(conn).await?;
    let places =
        place::Entity::find().filter(place::Column::SubmissionId.eq(submission_id)).all(conn).await?;
    Ok((sums.unwrap_or_default(), places))
}

/// When reports of a year were first submitted, by submission.
///
/// # Errors
/// The database's own.
pub async fn first_submissions(
    conn: &impl ConnectionTrait,
    cycle_year: i32,
) -> Result<BTreeMap<String, DateTimeUtc>, Error> {
    let rows: Vec<(String, DateTimeUtc)> = event::Entity::find()
        .select_only()
        .column(event::Column::SubmissionId)
        .column_as(event::Column::Time.min(), "first")
        .filter(event::Column::Action.eq("submission.submit"))
        .filter(event::Column::SubmissionId.in_subquery(of(cycle_year)))
        .group_by(event::Column::SubmissionId)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

fn of(cycle_year: i32) -> sea_orm::sea_query::SelectStatement {
    sea_orm::sea_query::Query::select()
        .column(reports::Column::SubmissionId)
        .from(reports::Entity)
        .and_where(reports::Column::CycleYear.eq(cycle_year))
        .to_owned()
}

/// The reports of a page with their sums, those with most work first.
///
/// # Errors
/// INVALID_ARGUMENT if the page's key is not of this list; the database's own.
pub async fn list(
    conn: &impl ConnectionTrait,
    cycle_year: i32,
    page: &Page,
    visible: &Visibility,
) -> Result<Vec<(report::Model, reports::Model)>, Error> {
    let mut mine = of(cycle_year);
    if let Visibility::Only(codes) = visible {
        mine.and_where(reports::Column::OrganisationCode.is_in(codes));
    }
    let mut query = report::Entity::find()
        .filter(report::Column::SubmissionId.in_subquery(mine))
        .order_by_desc(report::Column::Seconds)
        .order_by_desc(report::Column::SubmissionId)
        .limit(page.limit());
    if let Some(after) = page.after() {
        let (seconds, id) =
            after.split_once('/').filter(|_| is_storable(after)).ok_or_else(super::bad_token)?;
        let seconds: i64 = seconds.parse().map_err(|_| super::bad_token())?;
        let columns = [report::Column::Seconds, report::Column::SubmissionId];
        let columns = columns.map(|column| Expr::col((report::Entity, column)));
        query = query.filter(
            Expr::tuple(columns.map(Into::into)).lt(Expr::tuple([Expr::val(seconds), Expr::val(id)])),
        );
    }
    let rows = query.all(conn).await?;
    let ids: Vec<&String> = rows.iter().map(|row| &row.submission_id).collect();
    let known = reports::Entity::find().filter(reports::Column::SubmissionId.is_in(ids)).all(conn).await?;
    let mut known: BTreeMap<String, reports::Model> =
        known.into_iter().map(|row| (row.submission_id.clone(), row)).collect();
    Ok(rows.into_iter().filter_map(|row| known.remove(&row.submission_id).map(|of| (row, of))).collect())
}
