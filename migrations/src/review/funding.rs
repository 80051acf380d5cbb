//! What differentiated funding is worked out from.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Funding;

impl MigrationName for Funding {
    fn name(&self) -> &str {
        "review_funding"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Funding {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("review_funding_input")
                    .col(integer("year"))
                    .col(string("organisation_code"))
                    .col(text("headcounts"))
                    .col(text("performance"))
                    .col(boolean("demonstration"))
                    .col(big_integer("version"))
                    .primary_key(Index::create().col("year").col("organisation_code"))
                    .to_owned(),
            )
            .await
    }
}
