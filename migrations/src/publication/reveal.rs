//! What publishing a version still owes: schools are to see their grades.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Reveals;

impl MigrationName for Reveals {
    fn name(&self) -> &str {
        "publication_reveal"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Reveals {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let reveal = Table::create()
            .table("publication_reveal")
            .col(integer("year"))
            .col(integer("version"))
            // A JSON array of the ids of the rounds whose grades the version shows.
            .col(text("rounds"))
            .col(timestamp_with_time_zone("create_time"))
            // Null while it is owed.
            .col(timestamp_with_time_zone_null("done_time"))
            .col(integer("attempts"))
            // Why the last try failed.
            .col(text_null("fault_zh"))
            .col(text_null("fault_en"))
            .primary_key(Index::create().col("year").col("version"))
            .foreign_key(
                ForeignKey::create().from("publication_reveal", "year").to("publication_release", "year"),
            )
            .to_owned();
        manager.create_table(reveal).await
    }
}
