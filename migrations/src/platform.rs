//! Tables that every service shares: repeated requests, the audit trail, long-running operations.

use sea_orm_migration::{prelude::*, schema::*};

/// The migrations of this module, oldest first. Append; never change one that has been released.
pub fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(M0001)]
}

struct M0001;

impl MigrationName for M0001 {
    fn name(&self) -> &str {
        "platform_0001"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M0001 {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("platform_request")
                    .col(string("account_id"))
                    .col(string("request_id"))
                    .col(string("action"))
                    .col(string("request_hash"))
                    .col(binary("response"))
                    .col(timestamp_with_time_zone("create_time"))
                    .primary_key(Index::create().col("account_id").col("request_id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("platform_audit")
                    .col(big_integer("entry_id").auto_increment().primary_key())
                    .col(timestamp_with_time_zone("time"))
                    .col(string("account_id"))
                    .col(string("action"))
                    .col(string("resource"))
                    .col(text("detail"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("platform_audit_resource")
                    .table("platform_audit")
                    .col("resource")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("platform_seal")
                    .col(big_integer("seal_number").primary_key())
                    .col(big_integer("entry_id").unique_key())
                    .col(string("hash"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("platform_checkpoint")
                    .col(big_integer("seal_number").primary_key())
                    .col(string("hash"))
                    .col(string("key_id"))
                    .col(string("signature"))
                    .col(timestamp_with_time_zone("time"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("platform_operation")
                    .col(string("operation_id").primary_key())
                    .col(string("kind"))
                    .col(string("resource"))
                    .col(binary("payload"))
                    .col(string("state"))
                    .col(integer("done"))
                    .col(integer("total"))
                    .col(string("note_zh"))
                    .col(string("note_en"))
                    .col(timestamp_with_time_zone("create_time"))
                    .col(timestamp_with_time_zone_null("lease_until"))
                    .col(timestamp_with_time_zone_null("end_time"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("platform_operation_queue")
                    .table("platform_operation")
                    .col("state")
                    .col("kind")
                    .to_owned(),
            )
            .await
    }
}
