//! What was changed in the register's entries, when and by whom.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ConnectionTrait, QueryFilter, QueryOrder, QuerySelect,
    entity::prelude::*,
};
use serde_json::{Value, json};
use zhijian_platform::{Error, Page};

use crate::domain::{code::Code, register::Change};

/// How many rows one statement writes.
const ROWS_A_STATEMENT: usize = 1000;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_organisation_change")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub change_id: i64,
    pub code: String,
    pub time: DateTimeUtc,
    pub account_name: String,
    pub action: String,
    /// A JSON array of `{field, zh, en, old, new}`.
    pub changes: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Who changes something, and when.
#[derive(Debug, Clone)]
pub struct Deed {
    pub time: DateTime<Utc>,
    pub account_name: String,
    pub action: String,
}

/// A change of one field, as it was kept.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    pub field: String,
    pub zh: String,
    pub en: String,
    pub old: String,
    pub new: String,
}

/// Records what was changed in these entries.
///
/// # Errors
/// The database's own.
pub async fn record(
    conn: &impl ConnectionTrait,
    deed: &Deed,
    changed: &[(Code, Vec<Change>)],
) -> Result<(), Error> {
    let rows: Vec<ActiveModel> = changed
        .iter()
        .map(|(code, changes)| ActiveModel {
            change_id: NotSet,
            code: Set(code.to_string()),
            time: Set(deed.time),
            account_name: Set(deed.account_name.clone()),
            action: Set(deed.action.clone()),
            changes: Set(Value::from(changes.iter().map(written).collect::<Vec<_>>()).to_string()),
        })
        .collect();
    for rows in rows.chunks(ROWS_A_STATEMENT) {
        Entity::insert_many(rows.to_vec()).exec_without_returning(conn).await?;
    }
    Ok(())
}

/// The changes of one entry, newest first.
///
/// # Errors
/// INVALID_ARGUMENT if the page's key is not of this list; the database's own.
pub async fn list(conn: &impl ConnectionTrait, page: &Page, code: &Code) -> Result<Vec<Model>, Error> {
    let mut query = Entity::find()
        .filter(Column::Code.eq(code.as_str()))
        .order_by_desc(Column::ChangeId)
        .limit(page.limit());
    if let Some(after) = page.after() {
        let after: i64 = after.parse().map_err(|_| {
            Error::invalid(
                "page_token",
                "page_token 无效：请从头开始。",
                "The page_token is not of this list: start over.",
            )
        })?;
        query = query.filter(Column::ChangeId.lt(after));
    }
    Ok(query.all(conn).await?)
}

impl Model {
    /// The changes of the fields.
    pub fn fields(&self) -> Vec<Kept> {
        let Ok(Value::Array(fields)) = serde_json::from_str::<Value>(&self.changes) else {
            return Vec::new();
        };
        let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
        fields
            .iter()
            .map(|field| Kept {
                field: text(field, "field"),
                zh: text(field, "zh"),
                en: text(field, "en"),
                old: text(field, "old"),
                new: text(field, "new"),
            })
            .collect()
    }
}

fn written(change: &Change) -> Value {
    json!({
        "field": change.field,
        "zh": change.heading_zh,
        "en": change.heading_en,
        "old": change.old,
        "new": change.new,
    })
}
