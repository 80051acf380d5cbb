//! How much work reports take: sums by report and place, and how far the trail has been read. No account is kept.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Effort;

impl MigrationName for Effort {
    fn name(&self) -> &str {
        "submission_effort"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Effort {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("submission_effort")
                    .col(string("submission_id"))
                    .col(string("place"))
                    .col(big_integer("seconds"))
                    .col(big_integer("edits"))
                    .primary_key(Index::create().col("submission_id").col("place"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("submission_effort_report")
                    .col(string("submission_id").primary_key())
                    .col(big_integer("seconds"))
                    .col(big_integer("edits"))
                    .col(big_integer("sessions"))
                    .col(big_integer("rejected"))
                    .col(big_integer("checks"))
                    .col(timestamp_with_time_zone_null("last_time"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("submission_effort_mark")
                    .col(integer("mark_id").primary_key())
                    .col(big_integer("seal_number"))
                    .to_owned(),
            )
            .await
    }
}
