//! What becomes of explanations, where reports are public, and what the two platforms hold.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Checks;

impl MigrationName for Checks {
    fn name(&self) -> &str {
        "submission_checks"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Checks {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = "submission_explanation";
        // One column a statement: SQLite adds no more.
        for column in [
            string("verdict").default("").to_owned(),
            string("verdict_reason").default("").to_owned(),
            string("decided_by").default("").to_owned(),
            string("decided_by_name").default("").to_owned(),
            timestamp_with_time_zone_null("decided_time").to_owned(),
            string("low").default("").to_owned(),
            string("high").default("").to_owned(),
            integer("expires_year").default(0).to_owned(),
            integer("carried_from").default(0).to_owned(),
        ] {
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("submission_public_address")
                    .col(string("submission_id").primary_key())
                    .col(string("address"))
                    .col(string("publish_date"))
                    .col(string("account_id"))
                    .col(timestamp_with_time_zone("time"))
                    .col(big_integer("version"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("submission_platform_value")
                    .col(integer("cycle_year"))
                    .col(string("organisation_code"))
                    .col(string("indicator_code"))
                    .col(string("platform"))
                    .col(string("value"))
                    .col(string("scope"))
                    .col(string("date"))
                    .primary_key(
                        Index::create().col("cycle_year").col("organisation_code").col("indicator_code"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("submission_platform_load")
                    .col(string("load_id").primary_key())
                    .col(integer("cycle_year"))
                    .col(string("platform"))
                    .col(string("file_name"))
                    .col(integer("created"))
                    .col(integer("updated"))
                    .col(string("account_id"))
                    .col(string("account_name"))
                    .col(timestamp_with_time_zone("time"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("submission_platform_load_year")
                    .table("submission_platform_load")
                    .col("cycle_year")
                    .to_owned(),
            )
            .await
    }
}
