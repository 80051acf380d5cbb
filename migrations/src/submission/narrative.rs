//! Attachments, cases, and the dismissals of the proofreader's findings.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Narrative;

impl MigrationName for Narrative {
    fn name(&self) -> &str {
        "submission_narrative"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Narrative {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [attachment(), case(), dismissal(), revision_material(), revision_object()] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn attachment() -> TableCreateStatement {
    Table::create()
        .table("submission_attachment")
        .col(string("attachment_id").primary_key())
        .col(string("submission_id"))
        .col(string("purpose"))
        .col(string("annex_code"))
        .col(string("section_code"))
        .col(string("file_name"))
        .col(string("media_type"))
        .col(big_integer("size"))
        .col(string("sha256"))
        .col(string("caption"))
        .col(text("alt_text"))
        .col(string("account_id"))
        .col(string("account_name"))
        .col(timestamp_with_time_zone("create_time"))
        .col(big_integer("version"))
        .to_owned()
}

fn case() -> TableCreateStatement {
    Table::create()
        .table("submission_case")
        .col(string("case_id").primary_key())
        .col(string("submission_id"))
        .col(string("section_code"))
        .col(integer("place"))
        .col(string("title"))
        .col(text("body"))
        .col(text("pictures"))
        .col(timestamp_with_time_zone("update_time"))
        .col(big_integer("version"))
        .to_owned()
}

fn dismissal() -> TableCreateStatement {
    Table::create()
        .table("submission_dismissal")
        .col(string("submission_id"))
        .col(string("fingerprint"))
        .col(boolean("wants_review"))
        .col(text("reason"))
        .col(string("account_id"))
        .col(string("account_name"))
        .col(timestamp_with_time_zone("time"))
        .col(boolean("overruled"))
        .col(text("overruled_reason"))
        .col(string("overruled_by"))
        .col(timestamp_with_time_zone_null("overruled_time"))
        .primary_key(Index::create().col("submission_id").col("fingerprint"))
        .to_owned()
}

/// What a revision carries beside its cells and sections, as canonical JSON.
fn revision_material() -> TableCreateStatement {
    Table::create()
        .table("submission_revision_material")
        .col(string("submission_id"))
        .col(integer("number"))
        .col(text("attachments"))
        .col(text("cases"))
        .col(text("dismissals"))
        .primary_key(Index::create().col("submission_id").col("number"))
        .to_owned()
}

/// The stored objects that a revision keeps alive.
fn revision_object() -> TableCreateStatement {
    Table::create()
        .table("submission_revision_object")
        .col(string("submission_id"))
        .col(integer("number"))
        .col(string("sha256"))
        .primary_key(Index::create().col("submission_id").col("number").col("sha256"))
        .to_owned()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &'static str, table: &'static str, columns: &[&'static str]| {
        let mut index = Index::create();
        index.name(name).table(table);
        for column in columns {
            index.col(*column);
        }
        index
    };
    vec![
        index(
            "submission_attachment_submission",
            "submission_attachment",
            &["submission_id", "attachment_id"],
        ),
        // Whether a stored object is still wanted.
        index("submission_attachment_sha256", "submission_attachment", &["sha256"]),
        index("submission_revision_object_sha256", "submission_revision_object", &["sha256"]),
        index("submission_case_submission", "submission_case", &["submission_id", "place"]),
    ]
}
