//! What a machine suggested, beside what the human gave at that time.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    entity::prelude::*, sea_query::Expr,
};
use zhijian_platform::{Error, Tx};

use super::insert_all;
use crate::domain::{
    assignment::Assignment,
    suggestion::{Absent, Suggestion},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_suggestion")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub assignment_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub mark_code: String,
    pub round_id: String,
    pub entry_id: String,
    pub points: Option<String>,
    pub absent: Option<String>,
    pub reason: String,
    pub model: String,
    pub human_points: String,
    pub time: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What was suggested.
    pub fn suggestion(&self) -> Result<Suggestion, Error> {
        let points = match (&self.points, &self.absent) {
            (Some(points), _) => Ok(points.parse().map_err(Error::internal)?),
            (None, Some(why)) => Err(why.parse().map_err(Error::internal)?),
            (None, None) => Err(Absent::Silent),
        };
        Ok(Suggestion { points, reason: self.reason.clone() })
    }

    /// What the human had given.
    pub fn human(&self) -> Result<Decimal, Error> {
        self.human_points.parse().map_err(Error::internal)
    }
}

/// Keeps what the human gave to marks that a machine is asked about; what was kept for the sheet before stays.
pub async fn begin(
    tx: &Tx<'_>,
    seat: &Assignment,
    human: &BTreeMap<String, Decimal>,
    model: &str,
) -> Result<(), Error> {
    if !of(tx.conn(), &seat.id).await?.is_empty() {
        return Ok(());
    }
    let row = |(mark, points): (&String, &Decimal)| ActiveModel {
        assignment_id: Set(seat.id.clone()),
        mark_code: Set(mark.clone()),
        round_id: Set(seat.round_id.clone()),
        entry_id: Set(seat.entry_id.clone()),
        points: Set(None),
        absent: Set(Some(Absent::Waiting.as_str().to_owned())),
        reason: Set(String::new()),
        model: Set(model.to_owned()),
        human_points: Set(points.to_string()),
        time: Set(tx.now()),
    };
    let rows: Vec<ActiveModel> = human.iter().map(row).collect();
    insert_all(tx.conn(), rows).await
}

/// Puts what was suggested beside what the human gave, wherever it is waited for.
pub async fn settle(
    tx: &Tx<'_>,
    assignment_id: &str,
    suggested: &BTreeMap<String, Suggestion>,
) -> Result<(), Error> {
    for (mark, suggestion) in suggested {
        let points = suggestion.points.ok().map(|points| points.to_string());
        let absent = suggestion.points.err().map(Absent::as_str);
        Entity::update_many()
            .col_expr(Column::Points, Expr::value(points))
            .col_expr(Column::Absent, Expr::value(absent))
            .col_expr(Column::Reason, Expr::value(suggestion.reason.as_str()))
            .col_expr(Column::Time, Expr::value(tx.now()))
            .filter(Column::AssignmentId.eq(assignment_id))
            .filter(Column::MarkCode.eq(mark))
            .filter(Column::Absent.eq(Absent::Waiting.as_str()))
            .exec(tx.conn())
            .await?;
    }
    Ok(())
}

/// The sheets for which a machine is still to be asked.
pub async fn waiting(conn: &impl ConnectionTrait) -> Result<Vec<String>, Error> {
    let query = Entity::find()
        .select_only()
        .column(Column::AssignmentId)
        .distinct()
        .filter(Column::Absent.eq(Absent::Waiting.as_str()));
    Ok(query.into_tuple().all(conn).await?)
}

/// What was suggested for a sheet, by mark.
pub async fn of(conn: &impl ConnectionTrait, assignment_id: &str) -> Result<Vec<Model>, Error> {
    let query = Entity::find().filter(Column::AssignmentId.eq(assignment_id)).order_by_asc(Column::MarkCode);
    Ok(query.all(conn).await?)
}

/// Everything that was suggested about an entry.
pub async fn of_entry(conn: &impl ConnectionTrait, entry_id: &str) -> Result<Vec<Model>, Error> {
    Ok(Entity::find().filter(Column::EntryId.eq(entry_id)).all(conn).await?)
}

/// Everything that was suggested in a round.
pub async fn of_round(conn: &impl ConnectionTrait, round_id: &str) -> Result<Vec<Model>, Error> {
    Ok(Entity::find().filter(Column::RoundId.eq(round_id)).all(conn).await?)
}
