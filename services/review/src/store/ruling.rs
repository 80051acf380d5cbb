//! What the chair decided about conflicts.

use std::collections::HashMap;

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, entity::prelude::*};
use zhijian_platform::{Error, date_in_china};

use super::{read_json, write_json};
use crate::domain::{
    UnknownWord,
    conflict::{Decision, Ground, Ruling},
    round::Round,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_conflict_ruling")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub round_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: String,
    pub kind: String,
    pub dismissed: String,
    pub reason: String,
    pub rule_time: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Ruling {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self, Error> {
        let decision = match row.kind.as_str() {
            "dismissed" => Decision::Dismissed(read_json(&row.dismissed)?),
            "added" => Decision::Added,
            _ => return Err(Error::internal(UnknownWord { kind: "ruling", word: row.kind })),
        };
        Ok(Self {
            decision,
            entry_id: row.entry_id,
            account_id: row.account_id,
            reason: row.reason,
            time: row.rule_time,
        })
    }
}

/// Keeps a ruling in the place of an earlier one about the same pair.
pub async fn put(conn: &impl ConnectionTrait, round_id: &str, ruling: &Ruling) -> Result<(), Error> {
    remove(conn, round_id, &ruling.entry_id, &ruling.account_id).await?;
    let (kind, dismissed) = match &ruling.decision {
        Decision::Dismissed(reasons) => ("dismissed", write_json(reasons)?),
        Decision::Added => ("added", "[]".to_owned()),
    };
    let row = ActiveModel {
        round_id: Set(round_id.to_owned()),
        entry_id: Set(ruling.entry_id.clone()),
        account_id: Set(ruling.account_id.clone()),
        kind: Set(kind.to_owned()),
        dismissed: Set(dismissed),
        reason: Set(ruling.reason.clone()),
        rule_time: Set(ruling.time),
    };
    Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// Undoes a ruling; says whether there was one.
pub async fn remove(
    conn: &impl ConnectionTrait,
    round_id: &str,
    entry_id: &str,
    account_id: &str,
) -> Result<bool, Error> {
    let key = (round_id.to_owned(), entry_id.to_owned(), account_id.to_owned());
    Ok(Entity::delete_by_id(key).exec(conn).await?.rows_affected > 0)
}

/// What conflicts of a round are found from.
pub async fn ground(
    conn: &impl ConnectionTrait,
    round: &Round,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Ground, Error> {
    let rows = Entity::find().filter(Column::RoundId.eq(&round.id)).all(conn).await?;
    let mut rulings = HashMap::with_capacity(rows.len());
    for row in rows {
        let ruling = Ruling::try_from(row)?;
        rulings.insert((ruling.entry_id.clone(), ruling.account_id.clone()), ruling);
    }
    Ok(Ground { rules: round.scheme.definition().panel.clone(), rulings, today: Some(date_in_china(now)) })
}
