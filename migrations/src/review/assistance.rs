//! What a machine suggested beside what people scored.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Assistance;

impl MigrationName for Assistance {
    fn name(&self) -> &str {
        "review_assistance"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Assistance {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("review_suggestion")
            .col(string("assignment_id"))
            .col(string("mark_code"))
            .col(string("round_id"))
            .col(string("entry_id"))
            .col(string_null("points"))
            .col(string_null("absent"))
            .col(text("reason"))
            .col(string("model"))
            .col(string("human_points"))
            .col(timestamp_with_time_zone("time"))
            .primary_key(Index::create().col("assignment_id").col("mark_code"))
            .to_owned();
        manager.create_table(table).await?;
        for (name, column) in
            [("review_suggestion_round", "round_id"), ("review_suggestion_entry", "entry_id")]
        {
            let index = Index::create().name(name).table("review_suggestion").col(column).to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
