//! When rounds were revealed, and who looked before.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    entity::prelude::*,
};
use zhijian_platform::{Error, Page, Tx};

pub mod reveal {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_reveal")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub round_id: String,
        pub time: DateTimeUtc,
        pub appeal_due_date: Option<Date>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "review_sealed_read")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub read_id: String,
    pub round_id: String,
    pub time: DateTimeUtc,
    pub account_id: String,
    pub account_name: String,
    pub action: String,
    pub what: String,
    pub result_count: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Remembers that a round is revealed now, and until when its grades can be appealed.
pub async fn revealed(tx: &Tx<'_>, round_id: &str, appeal_due: Option<NaiveDate>) -> Result<(), Error> {
    let row = reveal::ActiveModel {
        round_id: Set(round_id.to_owned()),
        time: Set(tx.now()),
        appeal_due_date: Set(appeal_due),
    };
    reveal::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    Ok(())
}

/// The reveals of these rounds, by round. Rounds that were revealed before reveals were remembered are absent.
pub async fn reveals(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, reveal::Model>, Error> {
    let rows = reveal::Entity::find().filter(reveal::Column::RoundId.is_in(ids)).all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.round_id.clone(), row)).collect())
}

/// Records a look at sealed results.
pub async fn record(conn: &impl ConnectionTrait, read: Model) -> Result<(), Error> {
    Entity::insert(read.into_active_model()).exec_without_returning(conn).await?;
    Ok(())
}

/// Some looks at a round's results before its reveal, newest first.
pub async fn page(
    conn: &impl ConnectionTrait,
    page: &Page,
    round_id: &str,
) -> Result<(Vec<Model>, String), Error> {
    let mut query =
        Entity::find().filter(Column::RoundId.eq(round_id)).order_by_desc(Column::ReadId).limit(page.limit());
    if let Some(after) = page.after() {
        query = query.filter(Column::ReadId.lt(after));
    }
    Ok(page.finish(query.all(conn).await?, |row| row.read_id.clone()))
}
