//! What releases are computed from, and the editions that are made of them.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Editions;

impl MigrationName for Editions {
    fn name(&self) -> &str {
        "publication_0002_editions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Editions {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("publication_pin")
                    .col(integer("year"))
                    // 0 while it is being prepared, else the version that was published with it.
                    .col(integer("version"))
                    // The compilation that read them.
                    .col(string("operation_id"))
                    // SHA-256 of files in the object store.
                    .col(string("full_hash"))
                    .col(string("public_hash"))
                    .primary_key(Index::create().col("year").col("version"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("publication_pin_release")
                            .from("publication_pin", "year")
                            .to("publication_release", "year"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("publication_edition")
                    .col(integer("year"))
                    // 0 while it is being prepared, else the version that was published with it.
                    .col(integer("version"))
                    // "integrated", or "institution-" and an organisation's code.
                    .col(string("code"))
                    .col(integer("place"))
                    // Empty for the region's own editions.
                    .col(string("organisation_code"))
                    .col(text("title_zh"))
                    .col(text("title_en"))
                    // How many figures and tables, and numbers that are bound.
                    .col(integer("figure_count"))
                    .col(integer("table_count"))
                    .col(integer("value_count"))
                    // The document as JSON, by its SHA-256 in the object store.
                    .col(string("document_hash"))
                    .primary_key(Index::create().col("year").col("version").col("code"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("publication_edition_release")
                            .from("publication_edition", "year")
                            .to("publication_release", "year"),
                    )
                    .to_owned(),
            )
            .await
    }
}
