//! The words for schools.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, entity::prelude::*,
    sea_query::Expr,
};
use zhijian_platform::{Error, etag};

use super::{read_json, write_json};
use crate::domain::feedback::Feedback;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_feedback")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry_id: String,
    pub state: String,
    pub overall: String,
    pub remarks: String,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The words about an entry; none of them before any were kept.
pub async fn get(conn: &impl ConnectionTrait, entry_id: &str) -> Result<Feedback, Error> {
    let Some(row) = Entity::find_by_id(entry_id).one(conn).await? else {
        return Ok(Feedback::none(entry_id));
    };
    Ok(Feedback {
        state: row.state.parse().map_err(Error::internal)?,
        remarks: read_json(&row.remarks)?,
        entry_id: row.entry_id,
        overall: row.overall,
        version: row.version,
    })
}

/// Stores the words under the next version.
///
/// # Errors
/// ABORTED if somebody else changed them meanwhile.
pub async fn write(conn: &impl ConnectionTrait, written: &Feedback) -> Result<Feedback, Error> {
    let version = written.version + 1;
    let remarks = write_json(&written.remarks)?;
    if written.version == 0 {
        let row = ActiveModel {
            entry_id: Set(written.entry_id.clone()),
            state: Set(written.state.to_string()),
            overall: Set(written.overall.clone()),
            remarks: Set(remarks),
            version: Set(version),
        };
        Entity::insert(row).exec_without_returning(conn).await?;
    } else {
        let changed = Entity::update_many()
            .col_expr(Column::State, Expr::value(written.state.as_str()))
            .col_expr(Column::Overall, Expr::value(written.overall.as_str()))
            .col_expr(Column::Remarks, Expr::value(remarks))
            .col_expr(Column::Version, Expr::value(version))
            .filter(Column::EntryId.eq(&written.entry_id))
            .filter(Column::Version.eq(written.version))
            .exec(conn)
            .await?;
        if changed.rows_affected == 0 {
            return Err(Error::etag_mismatch(etag::of(version)));
        }
    }
    Ok(Feedback { version, ..written.clone() })
}
