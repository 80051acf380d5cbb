//! The first tables: releases and what they print.

use sea_orm_migration::{prelude::*, schema::*};

pub struct M0001;

impl MigrationName for M0001 {
    fn name(&self) -> &str {
        "publication_0001"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M0001 {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("publication_release")
                    .col(integer("year").primary_key())
                    .col(text("title_zh"))
                    .col(text("title_en"))
                    .col(string("state"))
                    .col(date_null("notice_start"))
                    .col(date_null("notice_end"))
                    .col(integer_null("notice_working_days"))
                    .col(timestamp_with_time_zone_null("publish_time"))
                    .col(boolean("demonstration"))
                    .col(text_null("note_zh"))
                    .col(text_null("note_en"))
                    .col(timestamp_with_time_zone("create_time"))
                    // The newest compilation that was asked for, and the one that made the tables.
                    .col(string("compile_operation_id"))
                    .col(string("tables_operation_id"))
                    .col(big_integer("version"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("publication_table")
                    .col(integer("year"))
                    .col(string("number"))
                    // The place among the release's tables, from 1.
                    .col(integer("place"))
                    // Caption, source and headings, and apart from them the rows, as JSON.
                    .col(text("head"))
                    .col(text("body"))
                    .col(text("csv"))
                    .col(string("content_hash"))
                    .primary_key(Index::create().col("year").col("number"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("publication_table_release")
                            .from("publication_table", "year")
                            .to("publication_release", "year"),
                    )
                    .to_owned(),
            )
            .await
    }
}
