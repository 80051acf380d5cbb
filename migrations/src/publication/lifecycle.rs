//! Two people publish, versions stay, objections are answered, early reads are remembered, regions are rolled up.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Lifecycle;

impl MigrationName for Lifecycle {
    fn name(&self) -> &str {
        "publication_lifecycle"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Lifecycle {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            // The version that the public reads; 0 before the first.
            integer("current_version").default(0).take(),
            string_null("proposer_id"),
            text_null("proposer_name"),
            timestamp_with_time_zone_null("propose_time"),
            // What is being prepared beside what is published.
            string_null("correction_kind"),
            text_null("correction_text_zh"),
            text_null("correction_text_en"),
            string_null("corrector_id"),
            text_null("corrector_name"),
            timestamp_with_time_zone_null("correction_time"),
            boolean("correction_compiled").default(false).take(),
        ] {
            let table = Table::alter().table("publication_release").add_column(column).to_owned();
            manager.alter_table(table).await?;
        }
        for table in [version(), version_table(), early_read(), objection(), region(), region_bundle()] {
            manager.create_table(table).await?;
        }
        for (name, table, columns) in [
            ("publication_early_read_of", "publication_early_read", ["year", "read_id"]),
            ("publication_objection_of", "publication_objection", ["year", "objection_id"]),
            ("publication_objection_lately", "publication_objection", ["create_time", "client_key"]),
        ] {
            let [first, second] = columns;
            manager
                .create_index(Index::create().name(name).table(table).col(first).col(second).to_owned())
                .await?;
        }
        keep_what_is_published(manager).await
    }
}

/// What was published before versions were kept becomes the first version.
async fn keep_what_is_published(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    for statement in [
        "INSERT INTO publication_version (year, version, kind, publish_time, proposer_id, proposer_name, publisher_id, publisher_name) \
         SELECT year, 1, 'original', publish_time, '', '', '', '' FROM publication_release WHERE state = 'published'",
        "INSERT INTO publication_version_table (year, version, number, place, head, body, csv, content_hash) \
         SELECT t.year, 1, t.number, t.place, t.head, t.body, t.csv, t.content_hash FROM publication_table t \
         JOIN publication_release r ON r.year = t.year WHERE r.state = 'published'",
        "UPDATE publication_release SET current_version = 1 WHERE state = 'published'",
    ] {
        connection.execute_unprepared(statement).await?;
    }
    Ok(())
}

fn version() -> TableCreateStatement {
    Table::create()
        .table("publication_version")
        .col(integer("year"))
        .col(integer("version"))
        .col(string("kind"))
        // What is announced with a correction.
        .col(text_null("text_zh"))
        .col(text_null("text_en"))
        .col(timestamp_with_time_zone("publish_time"))
        .col(string("proposer_id"))
        .col(text("proposer_name"))
        .col(string("publisher_id"))
        .col(text("publisher_name"))
        // The signed bundle in the object store, once it has been made.
        .col(string_null("bundle_sha256"))
        .col(big_integer_null("bundle_size"))
        .primary_key(Index::create().col("year").col("version"))
        .to_owned()
}

fn version_table() -> TableCreateStatement {
    Table::create()
        .table("publication_version_table")
        .col(integer("year"))
        .col(integer("version"))
        .col(string("number"))
        .col(integer("place"))
        .col(text("head"))
        .col(text("body"))
        .col(text("csv"))
        .col(string("content_hash"))
        .primary_key(Index::create().col("year").col("version").col("number"))
        .to_owned()
}

fn early_read() -> TableCreateStatement {
    Table::create()
        .table("publication_early_read")
        .col(string("read_id").primary_key())
        .col(integer("year"))
        .col(timestamp_with_time_zone("time"))
        .col(string("account_id"))
        .col(text("account_name"))
        .col(string("action"))
        // What was looked at: the number of a table.
        .col(text("what"))
        .to_owned()
}

fn objection() -> TableCreateStatement {
    Table::create()
        .table("publication_objection")
        .col(string("objection_id").primary_key())
        .col(integer("year"))
        // The SHA-256 of the receipt; the receipt itself is known to the objector alone.
        .col(string_uniq("receipt_hash"))
        .col(string("topic"))
        .col(text("reference"))
        .col(text("body"))
        .col(text("name"))
        .col(text("contact"))
        // Whoever sends many has one key; it says nothing else.
        .col(string("client_key"))
        .col(timestamp_with_time_zone("create_time"))
        // Of the answer; empty and null while there is none.
        .col(string("outcome"))
        .col(text("reasons"))
        .col(string("answerer_id"))
        .col(text("answerer_name"))
        .col(timestamp_with_time_zone_null("answer_time"))
        .col(big_integer("version"))
        .to_owned()
}

fn region() -> TableCreateStatement {
    Table::create()
        .table("publication_region")
        .col(string("code").primary_key())
        .col(text("name_zh"))
        .col(text("name_en"))
        // The minisign public key whose bundles are taken.
        .col(text("public_key"))
        .col(timestamp_with_time_zone("create_time"))
        .col(big_integer("version"))
        .to_owned()
}

fn region_bundle() -> TableCreateStatement {
    Table::create()
        .table("publication_region_bundle")
        .col(string("code"))
        .col(integer("year"))
        // The version that the region gives it.
        .col(integer("release_version"))
        .col(boolean("demonstration"))
        .col(timestamp_with_time_zone("publish_time"))
        .col(timestamp_with_time_zone("import_time"))
        .col(string("bundle_sha256"))
        // What the tables are computed from, by its SHA-256 in the object store.
        .col(string("pins_hash"))
        .col(integer("report_count"))
        .primary_key(Index::create().col("code").col("year"))
        .to_owned()
}
