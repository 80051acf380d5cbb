//! What calibration changed, and how far the reviewers of a round agree.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Calibration;

impl MigrationName for Calibration {
    fn name(&self) -> &str {
        "review_calibration"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Calibration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One column a statement: SQLite takes no more.
        for column in [string_null("plain_grade"), string_null("plain_total")] {
            manager.alter_table(Table::alter().table("review_result").add_column(column).to_owned()).await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("review_agreement")
                    .col(string("round_id").primary_key())
                    .col(text("content"))
                    .to_owned(),
            )
            .await
    }
}
