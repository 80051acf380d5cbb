//! Results that an appeal has replaced: they stay readable.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, entity::prelude::*};
use zhijian_platform::{Error, Tx, id};

use super::{read_json, write_json};
use crate::domain::outcome::{ElementScore, Outcome};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_former_result")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub former_id: String,
    pub entry_id: String,
    pub grade: String,
    pub total: String,
    pub elements: String,
    pub reason: String,
    pub until_time: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The panel's scores as they stood.
    pub fn element_scores(&self) -> Result<Vec<ElementScore>, Error> {
        read_json(&self.elements)
    }
}

/// Keeps a result that is about to be replaced.
pub async fn keep(tx: &Tx<'_>, entry_id: &str, old: &Outcome, reason: &str) -> Result<(), Error> {
    let row = ActiveModel {
        former_id: Set(id::new("frs")),
        entry_id: Set(entry_id.to_owned()),
        grade: Set(old.grade.clone()),
        total: Set(old.total.to_string()),
        elements: Set(write_json(&old.elements)?),
        reason: Set(reason.to_owned()),
        until_time: Set(tx.now()),
    };
    Entity::insert(row).exec_without_returning(tx.conn()).await?;
    Ok(())
}

/// The former results of these entries, oldest first.
pub async fn of(
    conn: &impl ConnectionTrait,
    entry_ids: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, Vec<Model>>, Error> {
    let ids: BTreeSet<String> = entry_ids.into_iter().collect();
    let query = Entity::find().filter(Column::EntryId.is_in(ids)).order_by_asc(Column::FormerId);
    let mut found: HashMap<String, Vec<Model>> = HashMap::new();
    for row in query.all(conn).await? {
        found.entry(row.entry_id.clone()).or_default().push(row);
    }
    Ok(found)
}
