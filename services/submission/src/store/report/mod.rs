//! Submissions, without their cells and sections.

mod accepted;
mod due;
mod list;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, IntoActiveModel, entity::prelude::*, sea_query::ExprTrait};
use zhijian_platform::Error;

use crate::domain::{
    parts::{self, LastEdit, Part, Plan},
    submission::{Declaration, State},
    text::is_storable,
};

pub(super) use accepted::{in_results, page};
pub use due::{extend, give_until};
pub use list::{Filter, count, list};
pub(super) use list::{after, list_key};

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
    /// The revision in the results; 0 if none is.
    pub accepted_revision: i32,
    /// The correction under way; "" if there is none.
    pub correction_id: String,
    /// The state that the correction under way began from; "" if there is none.
    pub correction_from: String,
    /// A deadline of its own.
    pub own_due_time: Option<DateTimeUtc>,
    /// Who edits what, as JSON; "" for everybody everything.
    pub editing_plan: String,
    /// Who changed which part last, as JSON; "" for nobody.
    pub last_edits: String,
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

    /// Whether it is a report in the results that is being put right.
    pub fn correcting(&self) -> bool {
        !self.correction_id.is_empty()
    }

    /// The state that the correction under way began from.
    ///
    /// # Errors
    /// INTERNAL if the row is not ours.
    pub fn correction_from(&self) -> Result<Option<State>, Error> {
        if self.correction_from.is_empty() {
            return Ok(None);
        }
        let state = State::parse(&self.correction_from);
        state
            .map(Some)
            .ok_or_else(|| super::unreadable("submission", &self.submission_id, &self.correction_from))
    }

    /// Ends the correction under way, if there is one.
    pub fn end_correction(&mut self) {
        self.correction_id.clear();
        self.correction_from.clear();
    }

    /// Who edits what.
    ///
    /// # Errors
    /// INTERNAL if the row is not ours.
    pub fn plan(&self) -> Result<Plan, Error> {
        read(&self.editing_plan)
    }

    /// Sets who edits what.
    ///
    /// # Errors
    /// None in practice.
    pub fn set_plan(&mut self, plan: &Plan) -> Result<(), Error> {
        self.editing_plan = if plan.editors.is_empty() {
            String::new()
        } else {
            serde_json::to_string(plan).map_err(Error::internal)?
        };
        Ok(())
    }

    /// Who changed which part last.
    ///
    /// # Errors
    /// INTERNAL if the row is not ours.
    pub fn last_edits(&self) -> Result<Vec<LastEdit>, Error> {
        read(&self.last_edits)
    }

    /// Notes that somebody changed these parts.
    ///
    /// # Errors
    /// INTERNAL if the row is not ours.
    pub fn note_edit(
        &mut self,
        parts: &BTreeSet<Part>,
        by: (&str, &str),
        time: DateTime<Utc>,
    ) -> Result<(), Error> {
        let mut edits = self.last_edits()?;
        parts::note(&mut edits, parts, by, time);
        self.last_edits = serde_json::to_string(&edits).map_err(Error::internal)?;
        Ok(())
    }

    /// Its place in the order of lists, as a page token's key.
    pub fn list_key(&self) -> String {
        list_key(&self.organisation_code, &self.report_kind, &self.submission_id)
    }
}

/// What a column holds as JSON; the default if it is empty.
fn read<T: serde::de::DeserializeOwned + Default>(column: &str) -> Result<T, Error> {
    if column.is_empty() { Ok(T::default()) } else { serde_json::from_str(column).map_err(Error::internal) }
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
        accepted_revision: Set(row.accepted_revision),
        correction_id: Set(row.correction_id.clone()),
        correction_from: Set(row.correction_from.clone()),
        editing_plan: Set(row.editing_plan.clone()),
        last_edits: Set(row.last_edits.clone()),
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
    // What is being corrected just now is published as it was accepted.
    Entity::update_many()
        .col_expr(Column::CorrectionFrom, Expr::val(State::Published.as_str()))
        .filter(Column::CycleYear.eq(cycle_year))
        .filter(Column::CorrectionFrom.eq(State::Accepted.as_str()))
        .exec(conn)
        .await?;
    Ok(published.rows_affected)
}

/// The reports of an organisation in a year.
///
/// # Errors
/// The database's own.
pub async fn of_organisation(
    conn: &impl ConnectionTrait,
    cycle_year: i32,
    organisation_code: &str,
) -> Result<Vec<Model>, Error> {
    Ok(Entity::find()
        .filter(Column::CycleYear.eq(cycle_year))
        .filter(Column::OrganisationCode.eq(organisation_code))
        .all(conn)
        .await?)
}
