//! Who was taken out of a round, and the drafts that were left behind.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, entity::prelude::*,
};
use zhijian_platform::Error;

use super::{assignment, insert_all, write_json};
use crate::domain::{assignment::Assignment, reviewer::Reviewer};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_release")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub round_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: String,
    pub reason: String,
    pub release_time: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

mod vacated {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_vacated")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub assignment_id: String,
        pub round_id: String,
        pub entry_id: String,
        pub account_id: String,
        pub scores: String,
        pub comment: String,
        pub vacate_time: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Notes that somebody was taken out of a round.
pub async fn insert(
    conn: &impl ConnectionTrait,
    round_id: &str,
    account_id: &str,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let row = ActiveModel {
        round_id: Set(round_id.to_owned()),
        account_id: Set(account_id.to_owned()),
        reason: Set(reason.to_owned()),
        release_time: Set(now),
    };
    Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// Lets somebody be assigned again; says whether that was not so before.
pub async fn remove(conn: &impl ConnectionTrait, round_id: &str, account_id: &str) -> Result<bool, Error> {
    let key = (round_id.to_owned(), account_id.to_owned());
    Ok(Entity::delete_by_id(key).exec(conn).await?.rows_affected > 0)
}

/// Who was taken out of a round, oldest first.
pub async fn of_round(conn: &impl ConnectionTrait, round_id: &str) -> Result<Vec<Model>, Error> {
    let query = Entity::find().filter(Column::RoundId.eq(round_id));
    Ok(query.order_by_asc(Column::ReleaseTime).order_by_asc(Column::AccountId).all(conn).await?)
}

/// The panel without those who were taken out of a round.
pub async fn available(conn: &impl ConnectionTrait, round_id: &str) -> Result<Vec<Reviewer>, Error> {
    let gone: BTreeSet<String> =
        of_round(conn, round_id).await?.into_iter().map(|release| release.account_id).collect();
    let mut reviewers = super::reviewer::all(conn).await?;
    reviewers.retain(|reviewer| !gone.contains(&reviewer.account_id));
    Ok(reviewers)
}

/// Takes seats back, and keeps the drafts.
pub async fn vacate(
    conn: &impl ConnectionTrait,
    seats: &[Assignment],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let rows = seats.iter().map(|seat| {
        Ok(vacated::ActiveModel {
            assignment_id: Set(seat.id.clone()),
            round_id: Set(seat.round_id.clone()),
            entry_id: Set(seat.entry_id.clone()),
            account_id: Set(seat.account_id.clone()),
            scores: Set(write_json(&seat.sheet)?),
            comment: Set(seat.comment.clone()),
            vacate_time: Set(now),
        })
    });
    insert_all(conn, rows.collect::<Result<Vec<_>, Error>>()?).await?;
    let ids: Vec<&str> = seats.iter().map(|seat| seat.id.as_str()).collect();
    for some in ids.chunks(super::ROWS) {
        let some = some.iter().copied();
        assignment::Entity::delete_many()
            .filter(assignment::Column::AssignmentId.is_in(some))
            .exec(conn)
            .await?;
    }
    Ok(())
}
