//! Rectifications are followed to their end: measures, re-checks, levels, and what happened when.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Rectification;

impl MigrationName for Rectification {
    fn name(&self) -> &str {
        "review_rectification_loop"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Rectification {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One column a statement: SQLite takes no more.
        let columns = [
            date_null("due_date"),
            text("measures").default("[]").to_owned(),
            integer("level").default(0).to_owned(),
            string_null("new_grade"),
            string_null("new_total"),
            string_null("outcome"),
        ];
        for column in columns {
            manager
                .alter_table(Table::alter().table("review_rectification").add_column(column).to_owned())
                .await?;
        }
        manager
            .alter_table(
                Table::alter()
                    .table("review_assignment")
                    .add_column(string_null("rectification_id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("review_rectification_event")
                    .col(string("event_id").primary_key())
                    .col(string("rectification_id"))
                    .col(timestamp_with_time_zone("time"))
                    .col(string("action"))
                    .col(string("state"))
                    .col(integer("level"))
                    .col(text("comment"))
                    .to_owned(),
            )
            .await?;
        for (name, table, column) in [
            ("review_rectification_event_of", "review_rectification_event", "rectification_id"),
            ("review_assignment_recheck", "review_assignment", "rectification_id"),
        ] {
            manager.create_index(Index::create().name(name).table(table).col(column).to_owned()).await?;
        }
        Ok(())
    }
}
