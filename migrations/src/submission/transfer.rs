//! How far streamed bulk saves got, and what they refused.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Transfer;

impl MigrationName for Transfer {
    fn name(&self) -> &str {
        "submission_transfer"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Transfer {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("submission_bulk")
                    .col(string("session_id").primary_key())
                    .col(string("account_id"))
                    .col(big_integer("next_row"))
                    .col(big_integer("saved"))
                    .col(big_integer("unchanged"))
                    .col(big_integer("refused"))
                    .col(timestamp_with_time_zone("create_time"))
                    .col(timestamp_with_time_zone("update_time"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("submission_bulk_refusal")
                    .col(string("session_id"))
                    .col(big_integer("row_number"))
                    .col(string("reason"))
                    .col(string("submission_id"))
                    .col(string("indicator_code"))
                    .col(text("message_zh"))
                    .col(text("message_en"))
                    .primary_key(Index::create().col("session_id").col("row_number"))
                    .to_owned(),
            )
            .await
    }
}
